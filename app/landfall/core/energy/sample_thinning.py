"""Fewer power samples that tell the same: what is old is kept coarser, never wrong.

Between two holes the readings are a curve of straight lines. It is drawn anew through fewer points,
each the mean of the curve over the stretch of time that it stands for (half-way to its neighbours).
That stretch is as long as the point's weight in the trapezoidal rule, so the area under the new
curve is that under the old one, whatever the readings are.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from landfall.core.energy.power import MAX_GAP_SECONDS
from landfall.core.events import PowerSample

NO_READING = "no reading"


def thinned(samples: Sequence[PowerSample], period_seconds: float) -> tuple[PowerSample, ...]:
    """The samples of a run about `period_seconds` apart, by time; never more than there were.

    The first and the last reading before and after each gap keep their times. A gap stays a gap:
    the first and the last sample of each one are kept, and a hole longer than `MAX_GAP_SECONDS`,
    which could not be told from the new distance, gets a sample without watts in its middle.
    An energy counter shows at each time what it showed last, so a reset of it stays one.
    """
    by_source: dict[tuple[str, str], list[PowerSample]] = {}
    for sample in samples:
        mine = by_source.setdefault((sample.source, sample.scope), [])
        if not mine or sample.at > mine[-1].at:
            mine.append(sample)
    kept = [one for mine in by_source.values() for one in _thin(mine, period_seconds)]
    return tuple(sorted(kept, key=_time))


def _time(sample: PowerSample) -> float:
    return sample.at


def _thin(samples: Sequence[PowerSample], period_seconds: float) -> Iterator[PowerSample]:
    last: PowerSample | None = None
    for stretch in _stretches(samples):
        first = stretch[0]
        if last is not None and last.watts is not None and first.watts is not None:
            yield _hole(last, first)
        last = stretch[-1]
        if first.watts is not None:
            yield from _redrawn(stretch, period_seconds)
        else:
            yield from (first, last) if len(stretch) > 1 else (first,)


def _hole(before: PowerSample, after: PowerSample) -> PowerSample:
    at = (before.at + after.at) / 2
    return replace(before, at=at, watts=None, reason=NO_READING, joules=None)


def _stretches(samples: Sequence[PowerSample]) -> Iterator[list[PowerSample]]:
    """Readings without a hole, and gaps of one reason, in turn."""
    current: list[PowerSample] = []
    for sample in samples:
        if current and not _goes_on(current[-1], sample):
            yield current
            current = []
        current.append(sample)
    yield current


def _goes_on(a: PowerSample, b: PowerSample) -> bool:
    if a.watts is None or b.watts is None:
        return a.watts is b.watts and a.reason == b.reason
    return b.at - a.at <= MAX_GAP_SECONDS


def _redrawn(stretch: Sequence[PowerSample], period_seconds: float) -> Iterator[PowerSample]:
    """The curve through fewer points, with the same area."""
    times = [sample.at for sample in stretch]
    nodes = _nodes(times[0], times[-1], period_seconds)
    if len(nodes) >= len(stretch):
        yield from stretch
        return
    watts = [sample.watts or 0.0 for sample in stretch]
    lines = zip(pairwise(times), pairwise(watts), strict=True)
    areas = [(b - a) * (v + w) / 2 for (a, b), (v, w) in lines]
    sums = list(accumulate(areas, initial=0.0))

    def area(until: float) -> float:
        i = min(bisect_right(times, until), len(times) - 1) - 1
        share = (until - times[i]) / (times[i + 1] - times[i])
        there = watts[i] + (watts[i + 1] - watts[i]) * share
        return sums[i] + (until - times[i]) * (watts[i] + there) / 2

    edges = [nodes[0], *((a + b) / 2 for a, b in pairwise(nodes)), nodes[-1]]
    for node, (begin, end) in zip(nodes, pairwise(edges), strict=True):
        shown = stretch[bisect_right(times, node) - 1]
        yield replace(shown, at=node, watts=(area(end) - area(begin)) / (end - begin))


def _nodes(first: float, last: float, period_seconds: float) -> list[float]:
    """Both ends, and between them the multiples of the period that do not crowd the ends."""
    inner = math.ceil(first / period_seconds + 0.5)
    beyond = math.ceil(last / period_seconds - 0.5)
    return [first, *(n * period_seconds for n in range(inner, beyond)), last]
