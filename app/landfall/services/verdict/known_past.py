"""What the history knows beside runs and votes: how servers served, and what usage was assigned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import BenchmarkRecord, LoadRecord

if TYPE_CHECKING:
    from landfall.core.routing.reading_back import Split
    from landfall.core.usage.series import SeriesSummary
    from landfall.services.history.history import History

BENCHMARKS = 50
LOADS = 200
"""Of the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Values only: it may cross to another process.

    Attributes:
        benchmarks, loads: Kept ones, newest first.
        usage: Workload to what the usage says that was assigned to it.
        probes: The newest whole probe of each model of a provider: how soon it answers.
        routed: Workload to what a router's log says of the aliases that were exported for it.
    """

    benchmarks: Sequence[BenchmarkRecord] = ()
    loads: Sequence[LoadRecord] = ()
    usage: Mapping[str, SeriesSummary] = field(default_factory=dict)
    probes: Sequence[ProbeRecord] = ()
    routed: Mapping[str, tuple[Split, ...]] = field(default_factory=dict)


NO_PAST = Past()


async def past_of(history: History) -> Past:
    """What a history knows; days and hours of usage are those of this machine's time zone.

    Raises:
        AppError: the history cannot be read.
    """
    return Past(
        benchmarks=await history.benchmarks(limit=BENCHMARKS),
        loads=await history.loads(limit=LOADS),
        usage=await history.assigned_usage(datetime.astimezone),
        probes=await history.latest_probes(),
        routed=await history.routed_splits(),
    )
