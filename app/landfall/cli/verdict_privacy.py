"""`landfall verdict --check-privacy`: where each step of a locked workload leads now."""

from __future__ import annotations

from typing import Any

from landfall.core.workload.privacy_check import PrivacyCheck


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
