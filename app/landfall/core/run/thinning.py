"""Long curves in few points that keep every peak."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from landfall.core.run.live_curves import PowerPoint

POINTS = 2400
"""A curve holds so many at most: the newer half as they came, the older ones thinned."""


def thinned(points: Sequence[PowerPoint], limit: int) -> list[PowerPoint]:
    """About `limit` points at most: the lowest and the highest of each stretch, in their order.

    A gap (None) stays a gap.
    """
    if len(points) <= max(limit, 2):
        return list(points)
    each = -(-len(points) // max(1, limit // 2))
    kept: list[PowerPoint] = []
    for start in range(0, len(points), each):
        kept += _ends(points[start : start + each])
    return kept


def _ends(stretch: Sequence[PowerPoint]) -> list[PowerPoint]:
    values = [value for _, value in stretch]
    known = [value for value in values if value is not None]
    places = {values.index(None)} if len(known) < len(values) else set()
    if known:
        places |= {values.index(min(known)), values.index(max(known))}
    return [stretch[place] for place in sorted(places)]


def _at(point: PowerPoint) -> float:
    return point[0]


class LongCurve:
    """A curve that goes on for hours in a bounded number of points."""

    def __init__(self) -> None:
        self._points: list[PowerPoint] = []

    def add(self, points: Iterable[PowerPoint]) -> None:
        """More of it; times go forward."""
        self._points += points
        if len(self._points) > POINTS:
            half = len(self._points) // 2
            self._points[:half] = thinned(self._points[:half], half // 2)

    @property
    def points(self) -> tuple[PowerPoint, ...]:
        """What it holds."""
        return tuple(self._points)

    @property
    def last(self) -> PowerPoint | None:
        """The newest point."""
        return self._points[-1] if self._points else None

    def between(self, start: float, end: float) -> list[PowerPoint]:
        """The points of a stretch, and one beyond each end, so that a line leaves the picture."""
        low = bisect_left(self._points, start, key=_at)
        high = bisect_right(self._points, end, key=_at)
        return self._points[max(0, low - 1) : high + 1]

    def within(self, start: float, end: float) -> list[PowerPoint]:
        """The points of a stretch alone."""
        return [point for point in self.between(start, end) if start <= point[0] <= end]

    def value_at(self, seconds: float, *, within: float) -> float | None:
        """The value on the line between the points around; None in a gap, and further than `within`
        seconds outside the curve."""
        place = bisect_left(self._points, seconds, key=_at)
        after = self._points[place] if place < len(self._points) else None
        before = self._points[place - 1] if place > 0 else None
        if after is not None and after[0] == seconds:
            return after[1]
        if before is None or after is None:
            near = before or after
            return near[1] if near is not None and abs(near[0] - seconds) <= within else None
        if before[1] is None or after[1] is None:
            return None
        share = (seconds - before[0]) / (after[0] - before[0])
        return before[1] + (after[1] - before[1]) * share
