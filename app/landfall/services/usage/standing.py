"""What was imported and what it comes to, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from landfall.core.dollars import usd
from landfall.core.usage.bill import bill_of, reasons
from landfall.core.usage.buckets import UsageTotals, totals
from landfall.core.usage.proposal import Grouping, Proposal
from landfall.core.usage.sums import (
    By,
    Measure,
    UsageStep,
    UsageSum,
    logged_days,
    over_time,
    sums_by,
)
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.usage.buckets import UsageBucket
    from landfall.core.usage.rows import CostRow
    from landfall.services.history.history import History
    from landfall.services.usage.kept import KeptImport


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageStanding:
    """All usage that is kept.

    Attributes:
        imports: The newest first.
        buckets: A day each at least.
        totals: Of everything.
        reasons: Why the bill and what the tokens come to differ, in amounts as the window has them.
        first_day, last_day: ISO dates, UTC; "" where there is no usage.
        logged_days: Days that have a log, days off among them, as in `UsageStep`.
    """

    imports: tuple[KeptImport, ...]
    buckets: tuple[UsageBucket, ...]
    costs: tuple[CostRow, ...]
    totals: UsageTotals
    reasons: tuple[str, ...]
    first_day: str
    last_day: str
    logged_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What usage suggests, and the names of the workloads that there are."""

    by: Grouping
    proposals: tuple[Proposal, ...]
    names: frozenset[str]


async def suggested(history: History, by: Grouping) -> Suggested:
    """Proposals of all usage that is kept; hours of the day are this machine's."""
    proposals = await history.usage.proposals(by, local=datetime.astimezone)
    names = frozenset(one.name for one in await history.workloads())
    return Suggested(by=by, proposals=proposals, names=names)


async def usage_standing(history: History) -> UsageStanding:
    """Read and add up.

    Raises:
        Unavailable, DatabaseDamaged: the history cannot be read.
    """
    imports = await history.usage.imports()
    buckets = await history.usage.daily()
    costs = await history.usage.costs()
    return await in_thread(_standing, imports, buckets, costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldApart:
    """Usage told apart by something, and a measure of it over time."""

    by: By
    measure: Measure
    sums: tuple[UsageSum, ...]
    steps: tuple[UsageStep, ...]


async def told_apart(standing: UsageStanding, by: By, measure: Measure) -> ToldApart:
    """Told apart on a thread: a year of hours is much to add up."""
    return await in_thread(_told_apart, standing, by, measure)


def _standing(
    imports: tuple[KeptImport, ...],
    buckets: tuple[UsageBucket, ...],
    costs: tuple[CostRow, ...],
) -> UsageStanding:
    days = {one.at[:10] for one in buckets} | {one.at[:10] for one in costs}
    return UsageStanding(
        imports=imports,
        buckets=buckets,
        costs=costs,
        totals=totals(buckets, costs),
        reasons=reasons(bill_of(buckets, costs), usd),
        first_day=min(days, default=""),
        last_day=max(days, default=""),
        logged_days=len(logged_days([*buckets, *costs])),
    )


def _told_apart(standing: UsageStanding, by: By, measure: Measure) -> ToldApart:
    buckets, costs = standing.buckets, standing.costs
    return ToldApart(
        by=by,
        measure=measure,
        sums=sums_by(buckets, costs, by),
        steps=over_time(buckets, costs, measure),
    )
