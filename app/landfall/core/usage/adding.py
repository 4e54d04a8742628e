"""Adds rows of usage up to buckets while they stream by, many rows of one bucket at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.fingerprint import NUMBERS, TEXTS
from landfall.core.usage.rows import HOUR_SECONDS, REQUEST_SECONDS

Texts = tuple[Any, ...]
"""As `usage.fingerprint.texts_of` a row."""

Numbers = tuple[float | None, ...]
"""As `usage.fingerprint.numbers_of` a row."""

Price = Callable[[Sequence[Numbers], Numbers], tuple[float | None, int]]
"""USD of rows by their tokens, None where it is not known; of how many of them it is not known.

Of the rows and `sum_of` each of their columns."""

(
    REQUESTS,
    INPUT,
    CACHED,
    WRITE,
    WRITE_1H,
    OUTPUT,
    REASONING,
    BILLED,
    LATENCY,
    TTFT,
) = range(len(NUMBERS))
TOKENS = (INPUT, CACHED, WRITE, OUTPUT)
"""Prompt and answer; the rest is part of them."""

_SPAN = TEXTS.index("span_seconds")


class Sums:
    """The rows of one bucket so far.

    Attributes:
        values: In the order of `NUMBERS`; None as long as no row tells.
    """

    __slots__ = ("latency_rows", "longest", "rows", "ttft_rows", "unpriced", "usd", "values")

    def __init__(self) -> None:
        self.values: list[float | None] = [None] * len(NUMBERS)
        self.usd: float | None = None
        self.rows = 0
        self.unpriced = 0
        self.longest: float | None = None
        self.latency_rows = 0
        self.ttft_rows = 0


class Adder:
    """The buckets of one source, by what they have in common and their hour."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[str, Texts], Sums] = {}

    def add(self, hour: str, texts: Texts, rows: Sequence[Numbers], price: Price) -> None:
        """Add rows of one bucket.

        Args:
            hour: "2026-11-26T13", UTC.
        """
        sums = self.buckets.get((hour, texts))
        if sums is None:
            sums = self.buckets[hour, texts] = Sums()
        sums.rows += len(rows)
        columns = list(zip(*rows, strict=True))
        added = tuple(map(sum_of, columns))
        sums.values = list(map(_plus, sums.values, added))
        usd, unpriced = price(rows, added)
        sums.usd = _plus(sums.usd, usd)
        sums.unpriced += unpriced
        if texts[_SPAN] == REQUEST_SECONDS:
            told = [_told(columns[at]) for at in TOKENS if added[at] is not None]
            longest = max(map(sum, zip(*told, strict=True)), default=0)
            if longest and (sums.longest is None or longest > sums.longest):
                sums.longest = longest
            sums.latency_rows += len(rows) - columns[LATENCY].count(None)
            sums.ttft_rows += len(rows) - columns[TTFT].count(None)

    def drain(self) -> Iterator[UsageBucket]:
        """Every bucket so far; they are forgotten."""
        buckets, self.buckets = self.buckets, {}
        for (hour, texts), sums in buckets.items():
            yield _bucket(hour, texts, sums)


def tokens_of(row: Numbers) -> float:
    """Prompt and answer of a row, as far as it tells."""
    return (row[INPUT] or 0) + (row[CACHED] or 0) + (row[WRITE] or 0) + (row[OUTPUT] or 0)


def sum_of(column: Sequence[float | None]) -> float | None:
    """Of those that are told; None where none is."""
    unsaid = column.count(None)
    return None if unsaid == len(column) else math.fsum(_told(column) if unsaid else column)  # type: ignore[arg-type]


def _told(column: Sequence[float | None]) -> Sequence[float]:
    """With 0 for those that are not told."""
    return [one or 0 for one in column]


def _plus(one: float | None, other: float | None) -> float | None:
    if other is None:
        return one
    return other if one is None else one + other


def _bucket(hour: str, texts: Texts, sums: Sums) -> UsageBucket:
    named = dict(zip(TEXTS, texts, strict=True))
    named |= zip(NUMBERS, sums.values, strict=True)
    span = max(named.pop("span_seconds"), HOUR_SECONDS)
    single = texts[_SPAN] == REQUEST_SECONDS
    if not single:
        named |= {"latency_seconds": None, "ttft_seconds": None}
    return UsageBucket(
        at=f"{hour}:00:00+00:00",
        span_seconds=span,
        rows=sums.rows,
        recomputed_usd=sums.usd,
        unpriced_rows=sums.unpriced,
        longest_tokens=sums.longest,
        latency_rows=sums.latency_rows,
        ttft_rows=sums.ttft_rows,
        **named,
    )
