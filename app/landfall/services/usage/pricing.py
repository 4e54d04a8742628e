"""Prices many rows of one bucket at once, each by the price of its moment and its own length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from landfall.core.pricing.row_pricer import RowPricer
from landfall.core.provenance import Unknown
from landfall.core.usage.adding import (
    CACHED,
    INPUT,
    OUTPUT,
    REQUESTS,
    WRITE,
    WRITE_1H,
    Numbers,
    Price,
    Texts,
    tokens_of,
)
from landfall.core.usage.fingerprint import TEXTS
from landfall.core.usage.rows import REQUEST_SECONDS
from landfall.services.pricing.lookup import PriceLookup

MOST_REASONS = 20
_HOUR_STEPS = ("00:00", "29:59", "30:00", "59:59")
"""Prices change by the half hour where they change by the hour."""

_PROVIDER, _MODEL, _TIER, _BATCH, _SPAN = (
    TEXTS.index(name) for name in ("provider", "model", "tier", "batch", "span_seconds")
)


@dataclass(frozen=True, slots=True)
class Known:
    """The price of all rows of a bucket."""

    pricer: RowPricer

    def __call__(self, rows: Sequence[Numbers], sums: Numbers) -> tuple[float | None, int]:
        """As `usage.adding.Price`. A sum of calls has no tier: with tiers each row is priced."""
        if len(self.pricer.bands) > 1:
            return _summed([usd_of(self.pricer, row) for row in rows], rows)
        requests, fresh, cached, write, hour, output = (
            sums[at] or 0.0 for at in (REQUESTS, INPUT, CACHED, WRITE, WRITE_1H, OUTPUT)
        )
        usd = self.pricer.usd(
            fresh, cached, max(0.0, write - hour), hour, output, requests=requests
        )
        if usd is None or not (fresh or cached or write or output):
            return _summed([usd_of(self.pricer, row) for row in rows], rows)
        return usd, 0


class Pricing:
    """The prices of one import.

    Attributes:
        why_unpriced: By model, why it has no price; some of them.
    """

    def __init__(self, lookup: PriceLookup) -> None:
        self._lookup = lookup
        self.why_unpriced: dict[str, str] = {}

    def of(self, texts: Texts, hour: str, ats: Sequence[str]) -> Price:
        """The price of rows of one bucket.

        Args:
            hour: "2026-11-26T13", UTC.
            ats: When each of the rows was.
        """
        if texts[_SPAN] == REQUEST_SECONDS:
            moments = [f"{hour}:{step}+00:00" for step in _HOUR_STEPS]
        else:
            moments = [ats[0]]
        found = [self._find(texts, at) for at in moments]
        first = found[0]
        if any(one is not first for one in found) and not isinstance(first, Unknown):
            return partial(self._each, texts, ats)
        if isinstance(first, Unknown):
            if len(self.why_unpriced) < MOST_REASONS:
                self.why_unpriced.setdefault(texts[_MODEL], first.reason)
            return no_price
        return Known(first)

    def _each(
        self, texts: Texts, ats: Sequence[str], rows: Sequence[Numbers], _sums: Numbers
    ) -> tuple[float | None, int]:
        """Where the price changes inside the hour."""
        prices: list[float | None] = []
        for at, row in zip(ats, rows, strict=True):
            found = self._find(texts, at)
            prices.append(None if isinstance(found, Unknown) else usd_of(found, row))
        return _summed(prices, rows)

    def _find(self, texts: Texts, at: str) -> RowPricer | Unknown:
        return self._lookup.find(
            texts[_PROVIDER],
            texts[_MODEL],
            at=at,
            batch=bool(texts[_BATCH]),
            service=texts[_TIER],
            span_seconds=texts[_SPAN],
        )


def usd_of(pricer: RowPricer, row: Numbers) -> float | None:
    """USD of one row by its tokens, or None where a price is missing or no tokens are told."""
    fresh, cached, write, output = row[INPUT], row[CACHED], row[WRITE], row[OUTPUT]
    if fresh is None and cached is None and write is None and output is None:
        return None
    hour = row[WRITE_1H] or 0.0
    return pricer.usd(
        fresh or 0.0,
        cached or 0.0,
        max(0.0, (write or 0.0) - hour),
        hour,
        output or 0.0,
        requests=row[REQUESTS],
    )


def no_price(rows: Sequence[Numbers], _sums: Numbers) -> tuple[float | None, int]:
    """Of rows whose price nobody knows."""
    return None, sum(1 for row in rows if tokens_of(row))


def _summed(prices: Sequence[float | None], rows: Sequence[Numbers]) -> tuple[float | None, int]:
    told = [usd for usd in prices if usd is not None]
    unpriced = sum(
        1 for usd, row in zip(prices, rows, strict=True) if usd is None and tokens_of(row)
    )
    return math.fsum(told) if told else None, unpriced
