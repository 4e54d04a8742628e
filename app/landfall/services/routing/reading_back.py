"""The router's log in the history against what was exported to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.core.routing.reading_back import Expected, Split, splits
from landfall.services.routing import kept

if TYPE_CHECKING:
    from landfall.services.history.history import History


def by_workload(connection: sqlite3.Connection) -> Mapping[str, tuple[Split, ...]]:
    """Workload to what came of its aliases; leaks first. Without calls of any there is nothing."""
    exported = [one for export in kept.exports(connection) for one in kept.expected(export)]
    found: dict[str, tuple[Split, ...]] = {}
    for split in splits(exported, kept.routed(connection)):
        name = split.expected.workload
        found[name] = (*found.get(name, ()), split)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRows:
    """Rows of an import that a workload's export explains.

    Attributes:
        alias: The name that was asked for. calls: how many of the new ones did.
        exported_at: Of the newest export that has the name, ISO, UTC.
    """

    alias: str
    workload: str
    exported_at: str
    calls: float

    @property
    def words(self) -> str:
        """For people."""
        return (
            f"{self.calls:,.0f} calls of {self.alias} are those of the workload {self.workload!r},"
            f" exported on {self.exported_at[:10]}: `landfall verdict` says whether the split went"
            " as planned"
        )


async def exported_rows(history: History, aliases: Mapping[str, float]) -> tuple[ExportedRows, ...]:
    """Which of the aliases that were asked for were exported, and for which workload."""
    if not aliases:
        return ()
    newest: dict[str, Expected] = {}
    for export in await history.transact(kept.exports):
        for one in kept.expected(export):
            newest |= {name: one for name in (one.alias, one.overflow_alias) if name}
    return tuple(
        ExportedRows(
            alias=alias,
            workload=newest[alias].workload,
            exported_at=newest[alias].exported_at,
            calls=calls,
        )
        for alias, calls in aliases.items()
        if alias in newest
    )
