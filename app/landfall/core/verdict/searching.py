"""The way along one number of a workload file to the next value at which the verdict turns.

What changes nothing at either end of a stretch is not made out anew between them; that it changes
nothing at the turn itself is proved there by whatever it could lead to, else by reading it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from landfall.core.verdict.closing_in import closed_in
from landfall.core.verdict.parts import Part
from landfall.core.verdict.quick_changes import Probe
from landfall.core.verdict.table_numbers import Reading
from landfall.core.verdict.turning import Path, Turn
from landfall.core.workload.keys import Key, Kind, put
from landfall.core.workload.privacy import Option


def typed(key: Key, value: float) -> float:
    """A value as the file writes it."""
    return round(value) if key.kind is Kind.WHOLE else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a workload with another value under one key, as far as some parts of it."""

    tried: Probe
    key: Key
    parts: frozenset[Part]

    def read(self, value: float) -> Reading:
        """What the table looks at there."""
        changed = put(self.tried.workload, self.key, typed(self.key, value))
        return self.tried.read(changed, self.parts)


_IDLE = {"own": Part.OWN, "buy": Part.BUY, "rent": Part.RENT}
_HAIR = 5e-7
"""Share of itself before a flip at which the old verdict must hold: half of what is promised."""


@dataclass(frozen=True, slots=True)
class Search:
    """The way along one number, and the same way read without a purchase and rent where those
    change nothing at its start."""

    way: Path
    reader: Reader
    slim: Path
    slim_reader: Reader

    def nearest(self, now: float, stops: tuple[float, ...]) -> tuple[float, Option] | None:
        """The first value on the way from stop to stop at which the verdict is another one, and
        that verdict."""
        near = now
        for far in stops:
            if far == near:
                continue
            found = self._between(near, far, now)
            if found is not None:
                return found
            near = far
        return None

    def _between(self, near: float, far: float, now: float) -> tuple[float, Option] | None:
        quick, parts = self._quicker(near, far)
        turn = quick.first(near, far)
        if turn is None:
            return None
        turn = closed_in(quick, turn)
        if self._surely(quick, self.reader.parts - parts, turn, now):
            return turn.other, quick.option(turn.other)
        if not _holds(self.way, turn, now):
            again = self.way.first(near, far)
            if again is None:
                return None
            turn = closed_in(self.way, again)
        return turn.other, self.way.option(turn.other)

    def _quicker(self, near: float, far: float) -> tuple[Path, frozenset[Part]]:
        """A way on which nothing is made out anew that changes nothing at either end, and what
        still is."""
        way, reader = self.way, self.reader
        left = reader.parts - self.slim_reader.parts
        tried = reader.tried
        if left and all(tried.spares(self.slim.at(end), left) for end in (near, far)):
            way, reader = self.slim, self.slim_reader
        idle = {_IDLE[name] for name in way.idle(near, far)} & reader.parts
        if not idle:
            return way, reader.parts
        less = replace(reader, parts=reader.parts - idle)
        return way.quicker(less.read, near, far), less.parts

    def _surely(self, quick: Path, left: frozenset[Part], turn: Turn, now: float) -> bool:
        """Whether the verdict turns there whatever was left out."""
        tried, ends = self.reader.tried, (turn.other, _before(quick, turn, now))
        return _holds(quick, turn, now) and all(tried.spares(quick.at(end), left) for end in ends)


def _holds(way: Path, turn: Turn, now: float) -> bool:
    """Whether the verdict turns there, as the way is read."""
    return way.turned(turn.other) and not way.turned(_before(way, turn, now))


def _before(way: Path, turn: Turn, now: float) -> float:
    """A value before a flip, near it, at which the old verdict must hold: the last one that was
    read, where that is near enough."""
    at, hair = turn.other, 1.0 if way.whole else _HAIR * max(abs(turn.other), abs(now))
    return turn.same if abs(at - turn.same) <= hair else at + math.copysign(hair, now - at)
