"""From readings to joules: the area under watts, or the way of an energy counter.

Nothing is filled in: where readings are missing for longer than a moment, where a counter went back
or stood still, the joules are unknown, with that reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from landfall.core.energy.power import COMPARED_SECONDS, DISAGREEMENT_SHARE, MAX_GAP_SECONDS
from landfall.core.events import PowerSample
from landfall.core.provenance import Unknown

COUNTER_EDGE_SECONDS = 0.3
"""A counter must have moved this near to both edges of a window; NVIDIA's tick each 0.1 s."""

MIN_COUNTER_STEPS = 3
STANDS_STILL_SECONDS = 1.0
"""A counter that did not move for this long while something ran does not count."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """What one source drew up to any moment of a window.

    Attributes:
        times: Of the readings that bear it, both edges of the window among them.
        joules: Since the first of the times.
        watts: At the times; empty where a counter was read, which rises straight between readings.
        note: Why the other way of counting was not taken, or "".
    """

    times: tuple[float, ...]
    joules: tuple[float, ...]
    watts: tuple[float, ...]
    note: str = ""

    def between(self, start: float, end: float) -> float:
        """Joules between two moments. Parts of a window add up to the whole of it."""
        return self._until(end) - self._until(start)

    def _until(self, at: float) -> float:
        at = min(max(at, self.times[0]), self.times[-1])
        i = max(1, min(bisect_right(self.times, at), len(self.times) - 1))
        before, after = self.times[i - 1], self.times[i]
        share = (at - before) / (after - before)
        if not self.watts:
            return self.joules[i - 1] + share * (self.joules[i] - self.joules[i - 1])
        watts = self.watts[i - 1] + share * (self.watts[i] - self.watts[i - 1])
        return self.joules[i - 1] + (at - before) * (self.watts[i - 1] + watts) / 2


def curve(samples: Sequence[PowerSample], start: float, end: float) -> Curve | Unknown:
    """What the samples of one source say of a window: by its counter where that can be trusted,
    by its watts where not; or why nothing is known."""
    if not end > start:
        return Unknown("the window has no length")
    by_watts = _by_watts(samples, start, end)
    by_counter = _by_counter(samples, start, end)
    if isinstance(by_counter, Unknown):
        if isinstance(by_watts, Unknown):
            return by_watts
        return Curve(by_watts.times, by_watts.joules, by_watts.watts, by_counter.reason)
    if isinstance(by_watts, Unknown) or end - start < COMPARED_SECONDS:
        return by_counter
    counted, summed = by_counter.between(start, end), by_watts.between(start, end)
    if abs(counted - summed) > DISAGREEMENT_SHARE * summed:
        note = "the energy counter disagrees with the watts, so the watts are counted"
        return Curve(by_watts.times, by_watts.joules, by_watts.watts, note)
    return by_counter


def _by_watts(samples: Sequence[PowerSample], start: float, end: float) -> Curve | Unknown:
    points = _forward((s.at, s.watts) for s in samples if s.watts is not None)
    if not points:
        reasons = [s.reason for s in samples if s.reason]
        return Unknown(reasons[-1] if reasons else "no reading")
    around = _window(points, start, end)
    if around is None:
        return Unknown(f"readings are missing for more than {MAX_GAP_SECONDS:g} s")
    steps = ((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(around))
    return Curve(
        tuple(at for at, _ in around),
        tuple(accumulate(steps, initial=0.0)),
        tuple(watts for _, watts in around),
    )


def _by_counter(samples: Sequence[PowerSample], start: float, end: float) -> Curve | Unknown:
    """Joules between the edges, read at the moments at which the counter moved."""
    points = _forward((s.at, s.joules) for s in samples if s.joules is not None)
    if not points:
        return Unknown("")
    if any(b[1] < a[1] for a, b in pairwise(points)):
        return Unknown("the energy counter went back: the driver was loaded again")
    moved = [points[0], *(b for a, b in pairwise(points) if b[1] != a[1])]
    inside = [at for at, _ in moved[1:] if start <= at <= end]
    if len(inside) < MIN_COUNTER_STEPS:
        still = end - start >= STANDS_STILL_SECONDS
        return Unknown("the energy counter stands still" if still else "")
    if start < moved[0][0] - COUNTER_EDGE_SECONDS or end > moved[-1][0] + COUNTER_EDGE_SECONDS:
        return Unknown("the energy counter was not read up to the edges")
    around = _window([_before(moved), *moved, _after(moved)], start, end)
    if around is None:
        return Unknown(f"the energy counter was not read for more than {MAX_GAP_SECONDS:g} s")
    origin = around[0][1]
    return Curve(tuple(at for at, _ in around), tuple(joules - origin for _, joules in around), ())


def _before(points: Sequence[Point]) -> Point:
    """A point just before the first, on the line through the first two."""
    return _on_line(points[0], points[1], points[0][0] - 2 * COUNTER_EDGE_SECONDS)


def _after(points: Sequence[Point]) -> Point:
    """A point just after the last, on the line through the last two."""
    return _on_line(points[-2], points[-1], points[-1][0] + 2 * COUNTER_EDGE_SECONDS)


def _on_line(a: Point, b: Point, at: float) -> Point:
    return at, a[1] + (b[1] - a[1]) * (at - a[0]) / (b[0] - a[0])


def _forward(points: Iterable[Point]) -> list[Point]:
    """Readings whose time goes forward: a second one of the same moment, or a clock stepping
    back, is left out."""
    kept: list[Point] = []
    for point in points:
        if not kept or point[0] > kept[-1][0]:
            kept.append(point)
    return kept


def _window(points: Sequence[Point], start: float, end: float) -> list[Point] | None:
    """The readings inside, with the values at both edges; None where a hole is too long.

    Between two readings the value is on the line through them; before the first and after the last
    it is theirs, for no longer than the longest hole that is allowed.
    """
    first, last = points[0][0], points[-1][0]
    if start < first - MAX_GAP_SECONDS or end > last + MAX_GAP_SECONDS:
        return None
    near = [(a, b) for a, b in pairwise(points) if b[0] > start and a[0] < end]
    if any(b[0] - a[0] > MAX_GAP_SECONDS for a, b in near):
        return None
    inside = [point for point in points if start < point[0] < end]
    return [(start, _at(points, start)), *inside, (end, _at(points, end))]


def _at(points: Sequence[Point], at: float) -> float:
    if at <= points[0][0]:
        return points[0][1]
    for a, b in pairwise(points):
        if a[0] <= at <= b[0]:
            return _on_line(a, b, at)[1]
    return points[-1][1]


def mean_watts(
    samples: Iterable[PowerSample], source: str, *, start: float, end: float
) -> float | None:
    """Mean draw of a source between two times, for a baseline; None where it is not covered."""
    if not end > start:
        return None
    found = _by_watts([s for s in samples if s.source == source], start, end)
    return None if isinstance(found, Unknown) else found.between(start, end) / (end - start)


def step_seconds(samples: Sequence[PowerSample]) -> float:
    """The usual time from one reading to the next; 0 of fewer than two."""
    steps = sorted(b.at - a.at for a, b in pairwise(samples) if b.at > a.at)
    return steps[len(steps) // 2] if steps else 0.0
