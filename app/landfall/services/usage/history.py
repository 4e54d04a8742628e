"""The usage that is kept, as `History.usage` gives it. Each method is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Protocol, TypeVar

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.proposal import DayUse, Grouping, Proposal
from landfall.core.usage.rows import CostRow
from landfall.core.usage.series import SeriesSummary
from landfall.core.usage.workloads import Local, days_of, in_utc, propose
from landfall.services.usage import assigned as usage_assigned
from landfall.services.usage import daily as usage_daily
from landfall.services.usage import kept as usage_kept
from landfall.services.usage import taking_back as usage_taking_back
from landfall.services.usage.kept import KeptImport, NewImport

T = TypeVar("T")

_COLUMNS = {
    Grouping.MODEL: "model",
    Grouping.KEY: "key_name",
    Grouping.PROJECT: "project",
    Grouping.TAG: "tag",
}


class Running(Protocol):
    """What runs on the connection of the history, as `Database.run`."""

    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]:
        """Run in one transaction."""
        ...


class UsageHistory:
    """What was used at providers: imports, their buckets and costs, mappings of columns."""

    def __init__(self, run: Running) -> None:
        self._run = run

    async def is_empty(self) -> bool:
        """Whether no row of usage is kept."""
        return await self._run(usage_kept.is_empty)

    async def known(self, fingerprints: Sequence[int]) -> frozenset[int]:
        """Which of these rows are kept."""
        return await self._run(lambda c: usage_kept.known(c, fingerprints))

    async def add(self, imports: Iterable[NewImport]) -> tuple[int, ...]:
        """Keep imports, all or none; their row numbers."""
        return await self._run(lambda c: usage_kept.add(c, imports))

    async def imports(self) -> tuple[KeptImport, ...]:
        """Every import with its sums, newest first."""
        return await self._run(usage_kept.imports)

    async def delete(self, import_id: int) -> bool:
        """Take an import back whole: the same file can be imported again then."""
        return await self._run(lambda c: usage_kept.delete(c, import_id))

    async def take_back(self, import_id: int) -> NewImport | None:
        """Take an import back whole; what it was, so that `add` brings it again. None if gone."""
        return await self._run(lambda c: usage_taking_back.take_back(c, import_id))

    async def buckets(
        self,
        *,
        since: str = "",
        until: str = "",
        workload: str | None = None,
        import_id: int | None = None,
    ) -> tuple[UsageBucket, ...]:
        """By time, from `since` (inclusive) to `until` (exclusive): ISO 8601 UTC or a date.

        Args:
            workload: Only those that were assigned to it.
            import_id: Only those of one import.
        """
        return await self._run(
            lambda c: usage_kept.buckets(
                c, since=since, until=until, workload=workload, import_id=import_id
            )
        )

    async def daily(self) -> tuple[UsageBucket, ...]:
        """All usage by the day, see `usage.daily`."""
        return await self._run(usage_daily.daily)

    async def costs(self, *, since: str = "", until: str = "") -> tuple[CostRow, ...]:
        """Cost rows of a period, as of `buckets`."""
        return await self._run(lambda c: usage_kept.costs(c, since=since, until=until))

    async def proposals(self, by: Grouping, *, local: Local = in_utc) -> tuple[Proposal, ...]:
        """What all kept usage suggests."""
        return await self._run(lambda c: propose(usage_kept.stream(c), by=by, local=local))

    async def proposals_with(
        self, new: Callable[[], Iterable[UsageBucket]], by: Grouping, *, local: Local = in_utc
    ) -> tuple[Proposal, ...]:
        """What usage that is not kept yet suggests, together with what is kept of its groups.

        Args:
            new: Gives it anew at each call, of which there are two where usage is kept.
        """

        def work(connection: sqlite3.Connection) -> tuple[Proposal, ...]:
            alone = propose(new(), by=by, local=local)
            if usage_kept.is_empty(connection):
                return alone
            touched = {one.parts[0].value for one in alone}
            both = propose(chain(usage_kept.stream(connection), new()), by=by, local=local)
            return tuple(one for one in both if one.parts[0].value in touched)

        return await self._run(work)

    async def summaries(self, *, local: Local = in_utc) -> Mapping[str, SeriesSummary]:
        """Workload to what the usage says that was assigned to it, with days and hours in local
        time; those of which a source counts no calls are missing."""
        return await self._run(lambda c: usage_assigned.summaries(c, local))

    async def days(self, workload: str) -> tuple[DayUse, ...]:
        """The observed days of what was assigned to a workload."""
        return await self._run(lambda c: _days(c, workload))

    async def assign(self, proposal: Proposal) -> int:
        """Say that the buckets of a proposal are of the workload of its name; how many there are.

        Those of a proposal by hours stay nobody's: hours overlap with every other grouping.
        """
        column = _COLUMNS.get(proposal.grouped_by)
        if column is None:
            return 0
        parts = [(column, part.value, part.provider, part.model) for part in proposal.parts]
        return await self._run(lambda c: usage_kept.assign(c, proposal.name, parts))

    async def save_mapping(self, header: str, mapping: str) -> None:
        """Remember what the columns of a file mean.

        Args:
            header: `usage_files.mapping.header_key` of its header.
            mapping: As JSON.
        """
        await self._run(lambda c: usage_kept.save_mapping(c, header, mapping))

    async def mapping(self, header: str) -> str | None:
        """What was remembered for a header, or None."""
        return await self._run(lambda c: usage_kept.mapping(c, header))


def _days(connection: sqlite3.Connection, workload: str) -> tuple[DayUse, ...]:
    """With days of zero on which only others are in the log of its providers."""
    return days_of(usage_kept.stream(connection), workload)
