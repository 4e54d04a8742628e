"""Everything that an export writes, as texts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from landfall.core.routing import config_text, folder_text, guard_text, plan_document
from landfall.core.routing.folder_text import NewFile
from landfall.core.routing.plan import RoutingPlan
from landfall.core.routing.subjects import Engine

PLAN = "landfall-routing.json"


def files(
    plan: RoutingPlan, engine: Engine, *, callbacks: Mapping[str, NewFile]
) -> tuple[NewFile, ...]:
    """The files of a plan.

    Args:
        callbacks: Further callbacks, as the router names them, each with its file.
    """
    named = tuple(callbacks)
    found = [NewFile(name=config_text.GATEWAY, text=config_text.gateway(plan, named))]
    if plan.sealed:
        found.append(NewFile(name=config_text.PRIVATE, text=config_text.private(plan, named)))
    if plan.private:
        guard = guard_text.text(
            guard_text.listed(plan), guard_text.also(plan), guard_text.overflows(plan)
        )
        found.append(NewFile(name=guard_text.FILE, text=guard))
    document = json.dumps(plan_document.to_json(plan), indent=2, ensure_ascii=False) + "\n"
    return (
        *found,
        *callbacks.values(),
        NewFile(name=".env.example", text=folder_text.env_example(plan)),
        NewFile(
            name="start.sh", text=folder_text.start_sh(plan, engine.variables), executable=True
        ),
        NewFile(name="start.ps1", text=folder_text.start_ps1(plan, engine.variables)),
        NewFile(name="README.md", text=folder_text.readme(plan)),
        NewFile(name=PLAN, text=document),
    )
