"""Curves while something runs: tokens a second out of stamped pieces, watts out of samples.

What is drawn live is a view of what has come so far. The figures that are kept come from
`metrics.measure` and `run_energy.run_energy`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise

from landfall.core.energy.power import MAX_GAP_SECONDS, Scope, outermost
from landfall.core.events import PowerSample

STEP_SECONDS = 0.25
"""From point to point of the rate's curve."""

WINDOW_SECONDS = 1.0
"""A point's rate is that of so long before it."""

HOLE_STEPS = 3.0
"""Samples that lie further apart than so many of their usual steps leave a hole."""

Point = tuple[float, float]

PowerPoint = tuple[float, float | None]
"""Seconds and watts; None where a source did not answer: the line ends there and begins anew."""


class RateCurve:
    """Pieces a second since the prompt was sent; a local server sends about one a token.

    The curve lies on zero until the first piece. A point covers the second before it, and less at
    the beginning, where a second has not passed since the first piece.

    Args:
        sent_at: When the prompt was sent, on the clock of the stamps.
    """

    def __init__(self, sent_at: float) -> None:
        self._sent_at = sent_at
        self._first: float | None = None
        self._recent: deque[float] = deque()
        self._next = 0.0
        self.pieces = 0

    def add(self, stamps: Iterable[float]) -> list[Point]:
        """Pieces came at these times; the points that are complete now."""
        points: list[Point] = []
        for at in stamps:
            if self._first is None:
                points += self._begin(at)
            points += self._until(at)
            self.pieces += 1
            self._recent.append(at)
        return points

    def finish(self, at: float) -> list[Point]:
        """Nothing comes after this time: the points up to it, the last one at the last piece."""
        if self._first is None:
            return []
        points = self._until(at)
        last = self._recent[-1] if self._recent else None
        if last is not None and last > self._next - STEP_SECONDS:
            points += self._point(last)
        return points

    @property
    def now(self) -> float | None:
        """The rate of the last second that has pieces, or None before there is one."""
        if self._first is None or not self._recent:
            return None
        return next((rate for _, rate in self._point(self._recent[-1])), None)

    def _begin(self, at: float) -> list[Point]:
        self._first = at
        self._next = at + STEP_SECONDS
        return [(0.0, 0.0), (at - self._sent_at, 0.0)] if at > self._sent_at else [(0.0, 0.0)]

    def _until(self, at: float) -> list[Point]:
        points: list[Point] = []
        while self._next <= at:
            points += self._point(self._next)
            self._next += STEP_SECONDS
        return points

    def _point(self, at: float) -> list[Point]:
        """The rate of the window that ends here; none where it has no length."""
        assert self._first is not None
        begin = max(self._first, at - WINDOW_SECONDS)
        if at <= begin:
            return []
        while self._recent and self._recent[0] <= at - WINDOW_SECONDS:
            self._recent.popleft()
        # The first piece opens the window and is not made in it.
        came = bisect_right(self._recent, at) - (begin == self._first and self._holds_first())
        return [(at - self._sent_at, came / (at - begin))]

    def _holds_first(self) -> bool:
        return bool(self._recent) and self._recent[0] == self._first


class PowerCurve:
    """Watts of the machine: the sources of one tick added, where none lies inside another.

    A tick in which a source that counts does not answer has no watts, and so has a hole between two
    ticks: a gap is not filled.

    Args:
        sent_at: When the prompt was sent, on the clock of the samples.
        hole_seconds: From tick to tick at most; what is longer is a hole.
    """

    def __init__(self, sent_at: float, *, hole_seconds: float = MAX_GAP_SECONDS) -> None:
        self._sent_at, self._hole_seconds = sent_at, hole_seconds
        self._tick: dict[str, PowerSample] = {}
        self._last_at: float | None = None
        self.scopes: frozenset[Scope] = frozenset()
        self.reason = ""

    def add(self, samples: Iterable[PowerSample]) -> list[PowerPoint]:
        """Readings came; the points of the ticks that are whole now."""
        points: list[PowerPoint] = []
        for sample in samples:
            if sample.source in self._tick:
                points += self.finish()
            self._tick[sample.source] = sample
        return points

    def finish(self) -> list[PowerPoint]:
        """The point of the last tick, if it has one, after the hole before it, if there is one."""
        tick, self._tick = list(self._tick.values()), {}
        if not tick:
            return []
        self.scopes = outermost(Scope(sample.scope) for sample in tick)
        counted = [sample for sample in tick if sample.scope in self.scopes]
        at = sum(sample.at for sample in counted) / len(counted) - self._sent_at
        silent = next((sample for sample in counted if sample.watts is None), None)
        watts = None if silent else sum(sample.watts or 0.0 for sample in counted)
        if silent is not None:
            self.reason = silent.reason
        hole: list[PowerPoint] = []
        if self._last_at is not None and at - self._last_at > self._hole_seconds:
            hole = [((self._last_at + at) / 2, None)]
        self._last_at = at
        return [*hole, (at, watts)]


def curve_of(samples: Sequence[PowerSample]) -> tuple[list[PowerPoint], frozenset[Scope]]:
    """The watts of a run in the past, whose samples may be thinned: and what they include.

    Times are those of the samples. A hole is longer than that of a live curve where the samples lie
    further apart.
    """
    by_source: dict[str, list[float]] = {}
    for sample in samples:
        by_source.setdefault(sample.source, []).append(sample.at)
    steps = sorted(b - a for times in by_source.values() for a, b in pairwise(times))
    usual = steps[len(steps) // 2] if steps else 0.0
    curve = PowerCurve(0.0, hole_seconds=max(MAX_GAP_SECONDS, HOLE_STEPS * usual))
    return [*curve.add(samples), *curve.finish()], curve.scopes
