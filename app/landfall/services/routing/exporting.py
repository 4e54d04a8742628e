"""The routes of decided workloads for the window: a plan with its check, then the folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landfall.core.routing.findings import Finding
from landfall.core.routing.plan import RoutingPlan
from landfall.core.settings import Settings
from landfall.services.decided import Decided
from landfall.services.routing import gathering, kept, writing
from landfall.services.routing.writing import Written

if TYPE_CHECKING:
    from landfall.services.history import History

FOLDER = "landfall-routes"
"""Made inside the folder that the user chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan before it is written: findings are empty where it has no alias."""

    plan: RoutingPlan
    findings: tuple[Finding, ...]


async def preview(decided: Sequence[Decided], settings: Settings) -> Preview:
    """The plan, with the hosts asked what they serve.

    Raises:
        BadInput: two workloads come to one alias; the address of Ollama is none.
    """
    hosts = await gathering.hosts_at_hand(settings, os.environ)
    plan = await gathering.planned(decided, hosts)
    findings = await writing.checked(plan) if plan.aliases else ()
    return Preview(plan=plan, findings=findings)


async def export(plan: RoutingPlan, chosen: Path, *, history: History | None = None) -> Written:
    """Write the plan into a new folder inside the chosen one, and remember it.

    Args:
        history: Where it is remembered, so that the router's log can be read back against it.

    Raises:
        AppError: as of `writing.write`; or it was written and cannot be remembered.
    """
    written = await writing.write(plan, chosen / FOLDER)
    if history is not None:
        await kept.keep(history, plan, written.directory)
    return written
