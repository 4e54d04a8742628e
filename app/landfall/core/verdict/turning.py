"""Where along one number a verdict turns: the value nearest to the present one.

A changed workload takes a tenth of a millisecond to read, and most of what the table compares runs
straight along a number (a bill along its price, a month along its calls). So only a few values are
read; between them the numbers are interpolated, the table is asked there on a fine ladder, and a
turn that it shows is closed in on by reading again. A turn that is returned was read on both sides;
one that turns back within a short way may be passed over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from landfall.core.settings import Thresholds
from landfall.core.verdict.quick_table import Lead, lead, unasked
from landfall.core.verdict.table_numbers import (
    EXTREMES,
    NO_HOST,
    RENTS,
    HostNumbers,
    Numbers,
    Reading,
)
from landfall.core.workload.privacy import Option

_STEP = 1.3
"""Ratio of the steps in which a turn is looked for before it is closed in on."""
_COARSE = 3.0
"""Intervals are no longer split for straightness below this ratio."""
_LONG = 20.0
"""Above this ratio the value by ratio and the one halfway lie far apart."""
_STRAIGHT = 0.1
"""Numbers that run straighter than this are interpolated."""
_WIDEST = 1e15
"""Ends that are further apart, one of them next to nothing, have no ladder of equal ratios."""
_ARITHMETIC_STEPS = 4
"""Between ends that are too far apart for a ladder of ratios."""
_OTHERS: dict[str, tuple[dict[str, Any], ...]] = {
    "own": tuple({"own": host} for host in EXTREMES),
    "buy": tuple({"buy": host} for host in EXTREMES),
    "rent": tuple({"rent": usd, "rented": board} for usd, board in RENTS),
}
"""What other numbers can be at their ends, to tell whether they decide at all."""
_STANDS = {"own": "own", "buy": "buy", "rent": "renting"}
_NOTHING: dict[str, Any] = {"own": NO_HOST, "buy": NO_HOST, "rent": None}


@dataclass(frozen=True, slots=True)
class Turn:
    """The last value read with the old verdict, and the first with another one."""

    same: float
    other: float


@dataclass(frozen=True, slots=True)
class Path:
    """One number of a workload, and what the table says along it.

    Attributes:
        read: What the table looks at when the number has a value.
        whole: Only whole values count.
        base: The verdict of the present value.
        straight: The numbers are known to run straight along it.
    """

    read: Callable[[float], Reading]
    limits: Thresholds
    whole: bool
    base: Option
    straight: bool = False
    _known: dict[float, Reading] = field(default_factory=dict)
    _leads: dict[float, Lead] = field(default_factory=dict)
    _unused: dict[tuple[float, str], bool] = field(default_factory=dict)

    def know(self, value: float, found: Reading) -> None:
        """What is looked at there is known already."""
        self._known[value] = found

    def at(self, value: float) -> Reading:
        """What the table looks at."""
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = self.read(value)
        return found

    def quicker(self, read: Callable[[float], Reading], *known: float) -> Path:
        """The same path read in another way, but for values that are read already."""
        return replace(
            self,
            read=read,
            _known={value: self.at(value) for value in known},
            _leads={},
            _unused={},
        )

    def option(self, value: float) -> Option:
        """The verdict."""
        return self._lead(value).option

    def _lead(self, value: float) -> Lead:
        found = self._leads.get(value)
        if found is None:
            standing, numbers = self.at(value)
            found = self._leads[value] = lead(standing, numbers, self.limits)
        return found

    def turned(self, value: float) -> bool:
        """Whether the verdict is another one."""
        return self.option(value) is not self.base

    # Looking for a turn ----------------------------------------------------------------------

    def first(self, near: float, far: float) -> Turn | None:
        """The turn nearest to `near`, of which the old verdict is known to hold."""
        between = self._between(near, far)
        if between is None:
            return Turn(near, far) if far != near and self.turned(far) else None
        start, end = self._in_play(near, far)
        if alike(start, end):
            if start.numbers == end.numbers:
                return None
            plain = self.straight or _ratio(near, far) <= _COARSE
            if plain or self._plainly_straight(near, between, far):
                return self._walk(near, far, start, end)
        if self.turned(between):
            return self.first(near, between)
        return self.first(near, between) or self.first(between, far)

    def _in_play(self, near: float, far: float, *more: float) -> list[Reading]:
        """Readings without the machines and the rent that change nothing at any of these values,
        whatever they cost: what bends there need not be followed."""
        found = [self.at(value) for value in (near, far, *more)]
        idle = self.idle(near, far, *more)
        if not idle:
            return found
        nothing = {name: _NOTHING[name] for name in idle}
        if "rent" in idle:
            nothing["rented"] = NO_HOST
        if "buy" in idle:
            nothing["growth"] = 1.0
        stands: dict[str, Any] = {name: False for name in idle if name != "rent"}
        return [
            Reading(one.standing._replace(**stands), one.numbers._replace(**nothing))
            for one in found
        ]

    def idle(self, *values: float) -> frozenset[str]:
        """What changes nothing at any of these values: "own", "buy", "rent"."""
        return frozenset(
            [name for name in _OTHERS if all(self._indifferent(value, name) for value in values)]
        )

    def _indifferent(self, value: float, name: str) -> bool:
        found = self._unused.get((value, name))
        if found is None:
            found = self._unused[value, name] = self._changes_nothing(value, name)
        return found

    def _changes_nothing(self, value: float, name: str) -> bool:
        led, (standing, numbers) = self._lead(value), self.at(value)
        if name in unasked(led) or not getattr(standing, _STANDS[name]):
            return True
        others = (numbers._replace(**one) for one in _OTHERS[name])
        return all(lead(standing, other, self.limits).option is led.option for other in others)

    def _between(self, near: float, far: float) -> float | None:
        """A value between two, by ratio where there is one; None where they are close."""
        if near > 0 and far > 0:
            if _ratio(near, far) <= _STEP:
                return None
            value = math.sqrt(near * far)
        else:
            value = (near + far) / 2
            if abs(far - near) < 1e-3 * max(1.0, abs(near), abs(far)):
                return None
        if self.whole:
            value = float(round(value))
        return value if min(near, far) < value < max(near, far) else None

    def _plainly_straight(self, near: float, between: float, far: float) -> bool:
        """Whether the numbers run straight, also past the middle of a long way: the value by ratio
        lies close to one end, and a tier of prices beyond it would not be seen."""
        if self.turned(between) or not self._straight(near, between, far):
            return False
        if _ratio(near, far) <= _LONG:
            return True
        halfway = self.rounded((near + far) / 2)
        return self._straight(near, halfway, far)

    def _straight(self, near: float, between: float, far: float) -> bool:
        """Whether the numbers between run straight from one end to the other."""
        start, end, real = self._in_play(near, far, between)
        share = (between - near) / (far - near)
        told = way_between(start.numbers, end.numbers)(share)
        return alike(start, real) and alike(start, end) and close(told, real.numbers)

    def _walk(self, near: float, far: float, start: Reading, end: Reading) -> Turn | None:
        """Ask the table on the fine ladder, with numbers between those in play at both ends."""
        numbers, last = way_between(start.numbers, end.numbers), near
        for value in self._ladder(near, far):
            if value == last:  # a whole number that the step does not reach beyond
                continue
            share = (value - near) / (far - near)
            told = lead(start.standing, numbers(share), self.limits)
            if told.option is not self.base:
                if not self.turned(value):
                    return self.first(value, far) if value != far else None
                if self.turned(last):
                    return self.first(near, last)
                return Turn(last, value)
            last = value
        return Turn(last, far) if self.turned(far) else None

    def _ladder(self, near: float, far: float) -> Iterator[float]:
        ratio = _ratio(near, far)
        if ratio > _WIDEST:
            for step in range(1, _ARITHMETIC_STEPS):
                yield self.rounded(near + (far - near) * step / _ARITHMETIC_STEPS)
        else:
            steps = max(1, math.ceil(math.log(ratio) / math.log(_STEP)))
            for step in range(1, steps):
                yield self.rounded(near * (far / near) ** (step / steps))
        yield far

    def rounded(self, value: float) -> float:
        """A value that counts."""
        return float(round(value)) if self.whole else value


def _ratio(first: float, second: float) -> float:
    return max(first, second) / min(first, second) if first > 0 and second > 0 else math.inf


# Between two readings ----------------------------------------------------------------------------


def alike(first: Reading, second: Reading) -> bool:
    """Whether two readings differ in nothing but the size of their numbers."""
    return first.standing == second.standing and _shape(first.numbers) == _shape(second.numbers)


def _shape(numbers: Numbers) -> tuple[bool, ...]:
    hosts = (numbers.own, numbers.buy, numbers.rented)
    flat = (*numbers[:3], *numbers.own, *numbers.buy, numbers.calls, numbers.days)
    known = [one is None for one in flat]
    return (*known, *(host.overflows for host in hosts), *(_endless(host) for host in hosts))


def _endless(host: HostNumbers) -> bool:
    return host.lateness is not None and math.isinf(host.lateness)


_HOSTS = tuple(Numbers._fields.index(name) for name in ("own", "buy", "rented"))
_SUMS = tuple(
    Numbers._fields.index(name) for name in ("frontier", "hosted", "rent", "growth", "calls")
)
_DAYS = Numbers._fields.index("days")
_OVERFLOWS = HostNumbers._fields.index("overflows")
_LATENESS = HostNumbers._fields.index("lateness")


def way_between(first: Numbers, second: Numbers) -> Callable[[float], Numbers]:
    """Numbers at a share of the straight way from the first to the second; both have the same
    shape. Asked hundreds of times for a turn: what stays the same on the way is left alone."""
    start: tuple[Any, ...] = first
    end: tuple[Any, ...] = second
    hosts = [
        (place, *moved(start[place], end[place])) for place in _HOSTS if start[place] != end[place]
    ]
    moving = [
        (place, start[place], end[place] - start[place])
        for place in _SUMS
        if start[place] != end[place] and start[place] is not None and end[place] is not None
    ]
    if start[_DAYS] == end[_DAYS] or start[_DAYS] is None or end[_DAYS] is None:
        days = None
    else:
        days = end[_DAYS] - start[_DAYS]

    def at(share: float) -> Numbers:
        found = list(start)
        for place, value, more in moving:
            found[place] = value + more * share
        for place, host, changes in hosts:
            found[place] = host_at(host, changes, share)
        if days is not None:
            found[_DAYS] = math.floor(start[_DAYS] + days * share)
        return tuple.__new__(Numbers, found)

    return at


Moved = tuple[tuple[int, float, float], ...]
"""Numbers of a machine that change on that way: their places, where they start, how far they go."""


def moved(first: HostNumbers, second: HostNumbers) -> tuple[HostNumbers, Moved]:
    """Where a machine starts, and what of it moves; what is not known or endless in both stays."""
    both = enumerate(zip(first[:_OVERFLOWS], second[:_OVERFLOWS], strict=True))
    return first, tuple(
        [
            (place, start, end - start)
            for place, (start, end) in both
            if start is not None and end is not None and start != end
        ]
    )


def host_at(host: HostNumbers, changes: Moved, share: float) -> HostNumbers:
    """The numbers of a machine at a share of the way on which these change."""
    if not changes:
        return host
    found: list[Any] = list(host)
    for place, start, way in changes:
        found[place] = start + way * share
    return tuple.__new__(HostNumbers, found)


def close(first: Numbers, second: Numbers) -> bool:
    """Whether all numbers nearly agree."""
    ours = (*first[:3], *_sized(first.own), *_sized(first.buy), first.growth, first.calls)
    theirs = (*second[:3], *_sized(second.own), *_sized(second.buy), second.growth, second.calls)
    return all(
        a is None or b is None or abs(a - b) <= _STRAIGHT * max(abs(a), abs(b))
        for a, b in zip(ours, theirs, strict=True)
    ) and all(
        _same_side(one.lateness, other.lateness)
        for one, other in (
            (first.own, second.own),
            (first.buy, second.buy),
            (first.rented, second.rented),
        )
    )


def _sized(host: HostNumbers) -> tuple[float | None, ...]:
    """What of a machine is compared by its size."""
    return (*host[:_LATENESS], host.part)


def _same_side(first: float | None, second: float | None) -> bool:
    return first is None or second is None or (first > 0) == (second > 0)
