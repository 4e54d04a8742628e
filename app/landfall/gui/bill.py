"""The monthly bill of all workloads, before and after their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landfall.core.provenance import Estimated, Figure, band
from landfall.gui.app_values import WorkloadSummary


@dataclass(frozen=True, slots=True)
class Sum:
    """USD a month: the ends of the band are the sums of the ends, as if all erred one way."""

    low: float
    mid: float
    high: float

    @property
    def figure(self) -> Estimated:
        """As a figure to show."""
        return Estimated(self.low, self.mid, self.high, "sum of the workloads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is paid now and what would be paid, of those workloads for which both are known.

    Attributes:
        counted: How many those are. total: of how many workloads.
        now_by_place, after_by_place: Middle values by verdict name, the largest first.
    """

    counted: int
    total: int
    now: Sum
    after: Sum
    saving: Sum
    now_by_place: tuple[tuple[str, float], ...]
    after_by_place: tuple[tuple[str, float], ...]


def bill(workloads: Sequence[WorkloadSummary]) -> Bill | None:
    """The bill, or None where no workload has both sums. Samples do not count: nobody pays them."""
    own = [workload for workload in workloads if not workload.sample]
    known = [w for w in own if band(w.now_usd_month) and band(w.after_usd_month)]
    if not known:
        return None
    now = _sum(w.now_usd_month for w in known)
    after = _sum(w.after_usd_month for w in known)
    return Bill(
        counted=len(known),
        total=len(own),
        now=now,
        after=after,
        saving=_sum(w.saving_usd_month for w in known),
        now_by_place=_by_place((w.today, w.now_usd_month) for w in known),
        after_by_place=_by_place((w.verdict, w.after_usd_month) for w in known),
    )


def _sum(figures: Iterable[Figure]) -> Sum:
    low = mid = high = 0.0
    for figure in figures:
        ends = band(figure)
        if ends is not None:
            low, mid, high = low + ends[0], mid + ends[1], high + ends[2]
    return Sum(low, mid, high)


def _by_place(costs: Iterable[tuple[str, Figure]]) -> tuple[tuple[str, float], ...]:
    places: dict[str, float] = {}
    for place, figure in costs:
        ends = band(figure)
        if ends is not None:
            places[place] = places.get(place, 0.0) + ends[1]
    return tuple(sorted(places.items(), key=lambda item: -item[1]))
