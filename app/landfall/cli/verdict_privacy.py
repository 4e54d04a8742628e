"""`landfall verdict --check-privacy`: where each step of a locked workload leads now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from landfall.cli.session import Session
from landfall.core.runtime import InstalledModel
from landfall.core.workload.privacy import Option
from landfall.core.workload.privacy_check import PrivacyCheck
from landfall.services.decided import Decided
from landfall.services.late_imports import late
from landfall.services.privacy_checks import check_privacy
from landfall.services.threads import in_thread

_OWN = (
    Option.LOCAL_THIS_MACHINE,
    Option.LOCAL_BUY,
    Option.LOCAL_REQUIRED_NOT_FEASIBLE,
)


async def checked(decided: Decided, session: Session) -> PrivacyCheck:
    """Resolve the hosts of its steps and ask the model server what it forwards."""
    address = (await in_thread(late, "landfall.services.ollama.address")).chosen(
        session.settings.ollama_url, os.environ
    )
    return await check_privacy(
        decided.loaded.workload,
        local=decided.verdict.option in _OWN,
        server=address.url,
        tags=_tags,
        now=datetime.now().astimezone(),
    )


async def _tags(url: str) -> Sequence[InstalledModel]:
    """What the server holds.

    Raises:
        AppError: it does not answer.
    """
    probe = await in_thread(late, "landfall.services.ollama.probe")
    listing = await in_thread(late, "landfall.services.ollama.listing")
    http = await probe.asker(url)
    try:
        found: Sequence[InstalledModel] = await listing.tags(http)
    finally:
        await http.aclose()
    return found


def lines(found: PrivacyCheck) -> tuple[str, ...]:
    """The check for people."""
    steps = [f"step {one.step}: {one.place.value} ({one.why})" for one in found.steps]
    notes = [f"note: {one}" for one in found.notes]
    return (*steps, found.sentence, *notes)


def document(found: PrivacyCheck) -> dict[str, Any]:
    """The check as a document."""
    return {
        "steps": [
            {"step": one.step, "host": one.host, "place": one.place.value, "why": one.why}
            for one in found.steps
        ],
        "inside": found.inside,
        "here": found.here,
        "sentence": found.sentence,
        "findings": list(found.findings),
        "notes": list(found.notes),
    }
