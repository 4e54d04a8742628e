"""Two runs or two benchmarks, figure by figure: is a difference more than noise?

What is measured twice differs twice. A difference counts only where both sides were repeated at
least three times and where chance would seldom part them so: the exact rank-sum test (Mann and
Whitney, Annals of Mathematical Statistics 18, 1947, pages 50 to 60) with midranks for ties, two
sided. It asks nothing of how the values are spread, which three repetitions could not tell. Three
against three that do not overlap at all is what chance does in one of ten cases, and the most that
three can show: so one in ten is the bound, and the chance is told with each figure. Where only the
ends of the repetitions are known, ranges that do not overlap are the same test at its extreme.

One run against one run is never more than noise by itself: other runs under the same conditions
say how far such runs lie apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.benchmark.benchmark import Spread, spread

FEWEST = 3
"""Repetitions of each side below which nothing can be told."""

MOST_CHANCE = 0.1
"""What chance does more often than this is noise."""

MOST_COMPARED = 10
"""Of each side so many values are looked at, the first ones given: more hardly say more."""

_SAME = 1e-9


class Noise(StrEnum):
    """Whether a difference is more than what repetitions differ by themselves."""

    BEYOND = "beyond"
    WITHIN = "within"
    UNKNOWN = "unknown"
    EXACT = "exact"
    """Counted, not measured: there is no noise."""


class Doubt(StrEnum):
    """Why a difference is not more than noise, or why that cannot be told."""

    NONE = ""
    MISSING = "missing"
    """One side is not known."""
    APART = "apart"
    """What was measured is not the same thing: another scope, another currency, a shared meter."""
    ONE_EACH = "one_each"
    """One run each, and nothing under the same conditions to judge them by."""
    FEW = "few"
    """One side has fewer than three repetitions."""
    NOISE = "noise"
    """Repetitions differ as much by themselves."""
    METER = "meter"
    """It lies within the error of the meters."""
    METER_UNKNOWN = "meter_unknown"
    """The error of a meter is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A figure of one side.

    Attributes:
        value: The one that is shown; None where it is not known.
        repeated: All values that were measured under these conditions, `value` among them or, of a
            benchmark, its middle.
        spread: The same where only the ends were kept.
        error_share: What the meter may be wrong by, as a share of the value; 0 for clocks and
            counters, None where it is not known.
    """

    value: float | None
    repeated: tuple[float, ...] = ()
    spread: Spread | None = None
    error_share: float | None = 0.0

    @property
    def count(self) -> int:
        """How often it was measured."""
        if self.value is None:
            return 0
        return max(1, len(self.repeated), self.spread.count if self.spread else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The second against the first.

    Attributes:
        change: Second less first, in the unit of both; None where one is not known.
        ratio: Second over first; None where that has no meaning.
        doubt: Why it is not beyond the noise; `NONE` where it is.
        chance: How often chance alone parts the two so far; None where that was not reckoned.
        counts: How often each side was measured.
    """

    first: float | None
    second: float | None
    change: float | None
    ratio: float | None
    noise: Noise
    doubt: Doubt = Doubt.NONE
    chance: float | None = None
    counts: tuple[int, int] = (0, 0)


# The difference of two sides


def difference(first: Observed, second: Observed) -> Difference:
    """Each side with its own repetitions."""
    if (early := _untold(first, second)) is not None:
        return early
    if min(first.count, second.count) < FEWEST:
        few = Doubt.ONE_EACH if max(first.count, second.count) == 1 else Doubt.FEW
        return _of(first, second, Noise.UNKNOWN, few)
    chance = _chance(first, second)
    if chance is None or chance > MOST_CHANCE or _contradicts(first, second):
        return _of(first, second, Noise.WITHIN, Doubt.NOISE, chance)
    return _metered(first, second, chance)


def difference_of_alike(first: Observed, second: Observed, others: Sequence[float]) -> Difference:
    """Two runs under the same conditions, judged by other runs under these conditions.

    They differ by more than noise where they lie further apart than any two of the others. No
    chance is told: who compares two runs has chosen them, perhaps because they differ.
    """
    if (early := _untold(first, second)) is not None:
        return early
    if len(others) < FEWEST:
        return _of(first, second, Noise.UNKNOWN, Doubt.ONE_EACH)
    apart = abs((second.value or 0.0) - (first.value or 0.0))
    if apart <= max(others) - min(others):
        return _of(first, second, Noise.WITHIN, Doubt.NOISE)
    return _metered(first, second, None)


def counted(first: float | None, second: float | None) -> Difference:
    """Two counts: what differs does differ."""
    a, b = Observed(value=first), Observed(value=second)
    if first is None or second is None:
        return _of(a, b, Noise.UNKNOWN, Doubt.MISSING)
    return _of(a, b, Noise.EXACT)


def apart(first: float | None, second: float | None) -> Difference:
    """Two figures that do not measure the same thing: both are told and nothing is reckoned."""
    doubt = Doubt.MISSING if first is None or second is None else Doubt.APART
    return Difference(
        first=first, second=second, change=None, ratio=None, noise=Noise.UNKNOWN, doubt=doubt
    )


def _untold(first: Observed, second: Observed) -> Difference | None:
    if first.value is None or second.value is None:
        return _of(first, second, Noise.UNKNOWN, Doubt.MISSING)
    return None


def _metered(first: Observed, second: Observed, chance: float | None) -> Difference:
    """Beyond the noise; and beyond what the meters may be wrong by?

    The errors are added in full: two readings of one meter err alike, those of two meters may err
    to opposite sides.
    """
    if first.error_share is None or second.error_share is None:
        return _of(first, second, Noise.UNKNOWN, Doubt.METER_UNKNOWN, chance)
    a, b = first.value or 0.0, second.value or 0.0
    if abs(b - a) <= first.error_share * abs(a) + second.error_share * abs(b):
        return _of(first, second, Noise.WITHIN, Doubt.METER, chance)
    return _of(first, second, Noise.BEYOND, Doubt.NONE, chance)


def _of(
    first: Observed,
    second: Observed,
    noise: Noise,
    doubt: Doubt = Doubt.NONE,
    chance: float | None = None,
) -> Difference:
    a, b = first.value, second.value
    known = a is not None and b is not None
    return Difference(
        first=a,
        second=b,
        change=b - a if a is not None and b is not None else None,
        ratio=b / a if known and a and b is not None and a * b >= 0 else None,
        noise=noise,
        doubt=doubt,
        chance=chance,
        counts=(first.count, second.count),
    )


# Chance


def _chance(first: Observed, second: Observed) -> float | None:
    """How often chance parts them so; None where only ends are known and they overlap."""
    if len(first.repeated) >= FEWEST and len(second.repeated) >= FEWEST:
        return rank_sum_chance(first.repeated[:MOST_COMPARED], second.repeated[:MOST_COMPARED])
    a, b = ends(first), ends(second)
    if a is None or b is None or (a.low <= b.high and b.low <= a.high):
        return None
    return 2 / math.comb(a.count + b.count, a.count)


def _contradicts(first: Observed, second: Observed) -> bool:
    """Whether the two values differ the other way round than the middles of their repetitions."""
    change = (second.value or 0.0) - (first.value or 0.0)
    a, b = ends(first), ends(second)
    return a is not None and b is not None and change * (b.median - a.median) < 0


def ends(of: Observed) -> Spread | None:
    """Middle, lowest and highest of what was repeated."""
    return spread(of.repeated) if of.repeated else of.spread


def rank_sum_chance(first: Sequence[float], second: Sequence[float]) -> float:
    """How often chance gives a sum of ranks as far from its middle as this one, or further.

    Exact: all ways of dealing the values out to two sides are counted. Equal values share the mean
    of their ranks.

    Raises:
        ValueError: one side is empty.
    """
    if not first or not second:
        raise ValueError("both sides need a value")
    ranks = _doubled_ranks([*first, *second])
    size, total = len(first), sum(ranks)
    ways: list[dict[int, int]] = [defaultdict(int) for _ in range(size + 1)]
    ways[0][0] = 1
    for rank in ranks:
        for taken in range(size - 1, -1, -1):
            for so_far, count in ways[taken].items():
                ways[taken + 1][so_far + rank] += count
    # The middle is size / (both sizes) of all ranks; times the number of ranks it is whole.
    number = len(ranks)
    away = abs(sum(ranks[:size]) * number - size * total)
    as_far = sum(n for s, n in ways[size].items() if abs(s * number - size * total) >= away)
    return as_far / math.comb(number, size)


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Twice the midrank of each value, so that it is a whole number."""
    ordered = sorted(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
        last[value] = place
    return [first[value] + last[value] for value in values]


# Conditions


def differing(first: Mapping[str, object], second: Mapping[str, object]) -> tuple[str, ...]:
    """Names of conditions that are known of both and differ, in the order of the first."""
    return tuple(
        name
        for name, value in first.items()
        if value is not None and second.get(name) is not None and not _equal(value, second[name])
    )


def untold(first: Mapping[str, object], second: Mapping[str, object]) -> tuple[str, ...]:
    """Names of conditions that are known of one side alone: nobody knows whether they differ."""
    names = dict.fromkeys((*first, *second))
    return tuple(n for n in names if (first.get(n) is None) != (second.get(n) is None))


def alike(first: Mapping[str, object], second: Mapping[str, object]) -> bool:
    """Whether all that is known is the same, and the same is known of both."""
    return not differing(first, second) and not untold(first, second)


def _equal(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=_SAME, abs_tol=_SAME)
    return a == b
