"""Closing in on a turn of a verdict along one number: the value itself, as short as it is written.

Between two values whose numbers differ in nothing but their size the table is asked where it turns
on the straight way from one to the other; there two values are read, one to each side. The one
beyond is a short one at once, so that no other has to be read to be written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from landfall.core.verdict.quick_table import lead
from landfall.core.verdict.turning import Path, Turn, alike, way_between

TOLERANCE = 2e-8
"""Relative width at which closing in ends: well inside the 1e-6 that a flip promises."""
NEAR = 10 * TOLERANCE
"""A number so near to another one may be written for it."""
_MOST_ROUNDS = 100
"""More do not come nearer: twenty-seven halve a turn as far as it is asked for."""


def closed_in(way: Path, turn: Turn) -> Turn:
    """The same turn between neighbours: the first value with another verdict, as short as it can be
    written, and one before it, nearer than `TOLERANCE` and `NEAR` together, with the old verdict.

    Whole values are closed in on to 1; towards 0, where no relative width is ever reached, it ends
    after a hundred rounds.
    """
    missed = 0
    for _ in range(_MOST_ROUNDS):
        if _closed(way, turn):
            break
        narrower = _jumped(way, turn)
        if not _closed(way, narrower) and _width(narrower) > _width(turn) / 2:
            missed += 1
            narrower = _missed(way, narrower, _inside(turn, narrower, missed))
        turn = narrower
    return turn if way.whole else _short(way, turn)


def _width(turn: Turn) -> float:
    return abs(turn.other - turn.same)


def _closed(way: Path, turn: Turn) -> bool:
    width, size = _width(turn), max(abs(turn.other), abs(turn.same))
    if way.whole:
        return width <= 1
    if width <= TOLERANCE * size:
        return True
    return width <= (TOLERANCE + NEAR) * size and next(_written(turn), None) == turn.other


def _parted(way: Path, turn: Turn, value: float) -> Turn:
    """The part with the turn in it; the whole where the value does not lie between its ends."""
    if not min(turn.same, turn.other) < value < max(turn.same, turn.other):
        return turn
    return Turn(turn.same, value) if way.turned(value) else Turn(value, turn.other)


def _jumped(way: Path, turn: Turn) -> Turn:
    """Close in by where the interpolated numbers turn, a hair to each side of it."""
    guess = _guess(way, turn)
    if guess is None:
        return turn
    onwards = turn.other - turn.same
    hair = math.copysign(1.0 if way.whole else _hair(turn), onwards)
    if way.whole:
        turn = _parted(way, turn, guess)
        return _parted(way, turn, guess - hair if guess == turn.other else guess + hair)
    before = Turn(guess - hair, guess + hair)
    for value in (next(_written(before), before.other), before.other):
        turn = _parted(way, turn, value)
        if value == turn.other:
            break
    return _parted(way, turn, before.same)


def _inside(before: Turn, turn: Turn, missed: int) -> float:
    """A value between the ends after a jump that missed: near the end that it moved, since it does
    not miss by much, and with each miss nearer to the middle.

    Args:
        before: The turn before the jump.
        missed: How often one has missed.
    """
    width, part = _width(turn), 2.0**-missed
    near = math.copysign(_hair(turn) ** part * width ** (1 - part), turn.other - turn.same)
    if abs(near) < width / 2:
        if turn.same == before.same and turn.other != before.other:
            return turn.other - near
        if turn.other == before.other and turn.same != before.same:
            return turn.same + near
    return (turn.same + turn.other) / 2


def _missed(way: Path, turn: Turn, value: float) -> Turn:
    """Part at about this value. What leaps mostly does where tokens are counted whole: whole values
    are taken while there are some between, and then what lies next to those."""
    least, most = min(turn.same, turn.other), max(turn.same, turn.other)
    wholes = (float(whole) for whole in (round(value), math.floor(value), math.ceil(value)))
    turn = _parted(way, turn, next((one for one in wholes if least < one < most), value))
    if way.whole or _width(turn) > 1:
        return turn
    onwards = turn.other - turn.same
    for end, to in ((turn.same, 1.0), (turn.other, -1.0)):
        if end.is_integer():
            turn = _parted(way, turn, end + to * math.copysign(abs(end) * TOLERANCE / 2, onwards))
    return turn


def _hair(turn: Turn) -> float:
    return max(abs(turn.same), abs(turn.other)) * TOLERANCE / 3


def _guess(way: Path, turn: Turn) -> float | None:
    """Where the table turns on the straight way between what is read at both ends; None where they
    differ in more than numbers."""
    start, end = way.at(turn.same), way.at(turn.other)
    if not alike(start, end):
        return None
    onwards, least = turn.other - turn.same, (1.0 if way.whole else _hair(turn)) / 8
    numbers, low, high = way_between(start.numbers, end.numbers), 0.0, 1.0
    while (high - low) * abs(onwards) > least:
        share = (low + high) / 2
        if lead(start.standing, numbers(share), way.limits).option is way.base:
            low = share
        else:
            high = share
    return way.rounded(turn.same + onwards * high)


def _short(way: Path, turn: Turn) -> Turn:
    """With the shortest number close by that has the same verdict: 1000, not 1000.00002."""
    wanted = way.option(turn.other)
    for value in _written(turn):
        if way.option(value) is wanted:
            return Turn(turn.same, value)
    return turn


def _written(turn: Turn) -> Iterator[float]:
    """Numbers that may be written for the first value after a turn, the shortest first: near it,
    and beyond the last value before the turn."""
    same, other = turn.same, turn.other
    near = NEAR * max(abs(other), 1e-12)
    for digits in range(1, 13):
        short = float(f"{other:.{digits}g}")
        if abs(short - other) <= near and (short > same) == (other > same) and short != same:
            yield short
