"""The routes of decided workloads for the window: a plan with its check, then the folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from landfall.core.errors import DiskFull, Unavailable
from landfall.core.routing.findings import Finding
from landfall.core.routing.plan import RoutingPlan
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.keys.system_keyring import SystemKeyring
from landfall.services.routing import gathering, kept, writing
from landfall.services.routing.writing import Written
from landfall.services.verdict.decided import Decided

FOLDER = "landfall-routes"
"""Made inside the folder that the user chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan before it is written: findings are empty where it has no alias."""

    plan: RoutingPlan
    findings: tuple[Finding, ...]


async def planned(
    decided: Sequence[Decided], settings: Settings, *, look: bool = True
) -> RoutingPlan:
    """The plan of decided workloads.

    Args:
        decided: Workloads with their verdicts.
        settings: Whose hosts are meant.
        look: Whether the hosts are asked what they serve; else the present address alone is named.

    Raises:
        BadInput: two workloads come to one alias; the address of Ollama is none.
    """
    if not look:
        return await gathering.planned(decided, await gathering.unasked(settings, os.environ))
    with closing(SystemKeyring()) as keys:
        hosts = await gathering.hosts_at_hand(settings, os.environ, keys)
    return await gathering.planned(decided, hosts)


async def preview(decided: Sequence[Decided], settings: Settings) -> Preview:
    """The plan with its check.

    Raises:
        BadInput: as of `planned`. DiskFull, Unavailable: the check has no room for a copy.
    """
    plan = await planned(decided, settings)
    findings = await writing.checked(plan) if plan.aliases else ()
    return Preview(plan=plan, findings=findings)


async def export(plan: RoutingPlan, directory: Path, history: History | None) -> Written:
    """Write the plan into a new or empty folder, and remember it, so that the router's log can be
    read back against it.

    Args:
        plan: Of `preview`.
        directory: Where.
        history: None where nothing can be kept: then the files are written all the same.

    Raises:
        AppError: as of `writing.write`.
    """
    written = await writing.write(plan, directory)
    if history is None:
        return written
    try:
        await kept.keep(history, plan, written.directory)
    except (Unavailable, DiskFull) as error:
        return replace(written, unkept=str(error))
    return written
