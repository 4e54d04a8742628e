"""The routes of decided workloads for the window: a plan with its check, then the folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from landfall.core.routing.findings import Finding
from landfall.core.routing.plan import RoutingPlan
from landfall.core.settings import Settings
from landfall.services.decided import Decided
from landfall.services.routing import gathering, writing
from landfall.services.routing.writing import Written

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


async def export(plan: RoutingPlan, chosen: Path) -> Written:
    """Write the plan into a new folder inside the chosen one.

    Raises:
        AppError: as of `writing.write`.
    """
    return await writing.write(plan, chosen / FOLDER)
