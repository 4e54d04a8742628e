"""Exports to a router in the history, so that the router's log can be read back against them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.core import json_text
from landfall.core.routing import plan_document
from landfall.core.routing.plan import Place
from landfall.core.routing.reading_back import Expected, Routed
from landfall.services.history.records import new_uid

if TYPE_CHECKING:
    from landfall.core.routing.plan import RoutingPlan
    from landfall.services.history.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptExport:
    """An export as it is kept.

    Attributes:
        exported_at: ISO time, UTC.
        engine: The router with its version. directory: where its files were written.
        plan: As `plan_document.to_json` made it.
    """

    exported_at: str
    engine: str
    directory: str
    plan: Mapping[str, Any]


async def keep(history: History, plan: RoutingPlan, directory: Path) -> None:
    """Remember an export whose files were written."""
    export = KeptExport(
        exported_at=plan.made_at,
        engine=f"{plan.engine} {plan.engine_version}".strip(),
        directory=str(directory),
        plan=plan_document.to_json(plan),
    )
    await history.transact(lambda c: insert(c, export))


def insert(connection: sqlite3.Connection, export: KeptExport) -> None:
    """Store an export with its aliases."""
    cursor = connection.execute(
        "INSERT INTO routing_exports (uid, exported_at, engine, directory, plan)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            new_uid(),
            export.exported_at,
            export.engine,
            export.directory,
            json.dumps(export.plan, ensure_ascii=False),
        ),
    )
    connection.executemany(
        "INSERT INTO routing_aliases VALUES (?, ?, ?, ?, ?)",
        [
            (cursor.lastrowid, one["alias"], one["workload"], one["verdict"], _mid(one))
            for one in export.plan["aliases"]
        ],
    )


def exports(connection: sqlite3.Connection) -> tuple[KeptExport, ...]:
    """Every export, oldest first."""
    found = connection.execute(
        "SELECT exported_at, engine, directory, plan FROM routing_exports ORDER BY exported_at, id"
    )
    return tuple(
        KeptExport(exported_at=at, engine=engine, directory=directory, plan=json_text.read(plan))
        for at, engine, directory, plan in found
    )


def routed(connection: sqlite3.Connection) -> tuple[Routed, ...]:
    """The calls that routers logged, of aliases alone, by hour."""
    found = connection.execute(
        "SELECT at, alias, deployment, provider, model, SUM(requests) FROM usage_buckets"
        " WHERE alias != '' AND requests > 0 GROUP BY at, alias, deployment, provider, model"
    )
    return tuple(
        Routed(at=at, alias=alias, deployment=name, provider=provider, model=model, calls=calls)
        for at, alias, name, provider, model, calls in found
    )


def expected(export: KeptExport) -> tuple[Expected, ...]:
    """What an export expected of each of its aliases."""
    return tuple(_expected(export, one) for one in export.plan.get("aliases", ()))


def _expected(export: KeptExport, one: Mapping[str, Any]) -> Expected:
    deployments = [*one["deployments"], *one["overflow"]]
    return Expected(
        alias=one["alias"],
        workload=one["workload"],
        exported_at=export.exported_at,
        step=one["step"],
        private=one["private"],
        allowed=frozenset(one["allowed"]),
        overflow_alias=one["overflow_alias"],
        share=_band(one),
        calls_per_day=one["calls_per_day"],
        places={each["id"]: Place(each["place"]) for each in deployments},
        providers={each["id"]: each["provider"] for each in deployments},
    )


def _band(one: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Low, mid and high of the share that was planned; None where it was not known."""
    share = one["local_share"]
    return None if share is None else (share["low"], share["mid"], share["high"])


def _mid(one: Mapping[str, Any]) -> float | None:
    band = _band(one)
    return None if band is None else band[1]
