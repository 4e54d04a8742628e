"""Which price row belongs to each of many calls: looked up once for all calls that share it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from landfall.core.pricing.pricing import parse_moment
from landfall.core.pricing.row_pricer import RowPricer, row_pricer
from landfall.core.provenance import Unknown
from landfall.core.usage.rows import DAY_SECONDS
from landfall.services.pricing.bundled import Changes

if TYPE_CHECKING:
    from landfall.services.pricing.prices import Prices

LOCAL = "local"
"""What a source calls the provider of answers that were made on a machine of the user's."""
ENTRIES_MAX = 50_000
"""Kinds of calls that are remembered; files with more names than this are looked up anew."""

_Kind = tuple[str, str, bool, str]


class PriceLookup:
    """Finds the price of a call as fast as a dictionary does. Belongs to one thread.

    Meant to live as long as one import or one reckoning.
    """

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._kinds: dict[_Kind, RowPricer | Unknown | _Changing] = {}

    def find(
        self,
        provider: str,
        model: str,
        *,
        at: str,
        batch: bool = False,
        service: str = "",
        span_seconds: int = 0,
    ) -> RowPricer | Unknown:
        """Whose `usd` prices the calls of a provider's model; or why there is no price.

        A model without a provider has no price, and neither has one on a machine of the user's:
        nothing is priced by the likeness of a name.

        Args:
            provider: Its id, or a spelling that the price tables know.
            model: As the provider or the source spells it.
            at: ISO 8601, UTC, to the second, as of `core.usage.rows.UsageRow.at`.
            batch: Whether the calls went through a batch interface.
            service: Service tier, as of `core.pricing.call_shape.CallShape.service`.
            span_seconds: How much time the call stands for: where it is a day or more, a price
                that depends on the hour is the mean over an evenly loaded week.
        """
        kind = (provider, model, batch, service)
        known = self._kinds.get(kind)
        if known is None:
            if len(self._kinds) >= ENTRIES_MAX:
                self._kinds.clear()
            known = self._kinds[kind] = self._new(kind, at)
        if isinstance(known, _Changing):
            return known.find(at, whole_day=span_seconds >= DAY_SECONDS)
        return known

    def _new(self, kind: _Kind, at: str) -> RowPricer | Unknown | _Changing:
        provider, model, *_ = kind
        if not provider:
            return Unknown(f"no provider is named for {model!r}")
        if provider == LOCAL:
            return Unknown(f"{model!r} ran on a machine of the user's")
        known = self._prices.provider_id(provider)
        changes = self._prices.table.changes(known, model) if known is not None else Changes()
        changing = _Changing(self._prices, kind, changes)
        return changing if changes.days or changes.times else changing.find(at, whole_day=False)


class _Changing:
    """A model whose price depends on the day or on the hour."""

    def __init__(self, prices: Prices, kind: _Kind, changes: Changes) -> None:
        self._prices = prices
        self._kind = kind
        self._days = list(changes.days)
        self._times = list(changes.times)
        self._known: dict[tuple[int, int, bool], RowPricer | Unknown] = {}

    def find(self, at: str, *, whole_day: bool) -> RowPricer | Unknown:
        """The price of a moment."""
        mean = whole_day and bool(self._times)
        days = bisect_right(self._days, at[:10]) if self._days else 0
        times = bisect_right(self._times, at[11:19]) if self._times and not mean else 0
        key = (days, times, mean)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._price(parse_moment(at), mean=mean)
        return found

    def _price(self, at: datetime, *, mean: bool) -> RowPricer | Unknown:
        provider, model, batch, service = self._kind
        row = self._prices.row(provider, model, at=at)
        if row is None:
            return Unknown(f"no price table knows {model!r} at {provider}")
        if mean:
            factor = row.mean_factor
            row = replace(
                row,
                rates=row.rates.times(factor),
                batch=row.batch and row.batch.times(factor),
                mean_factor=1.0,
            )
        return row_pricer(row, batch=batch, service=service)
