"""One price row made ready for millions of calls: numbers alone, nothing looked up again."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.pricing.pricing import MTOK, PriceRow, Rate, Rates, rates_of

Band = tuple[float, float, float, float, float, float]
"""(mean prompt tokens above which, then USD per token: input, cached, write, write 1 h, output)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPricer:
    """The price of calls by one row, for one kind of call.

    Attributes:
        row: Where the price comes from, with source and date.
        notes: What has to be said where the rates are not of the kind that was asked for.
        bands: The long-context tiers, longest first; the last holds for every call.
        input_listed, output_listed: Whether there is a price at all for a token of that kind. What
            is missing for the cache costs what `core.pricing.pricing.Rates` says.
        per_call_usd: What every call costs besides.
    """

    row: PriceRow
    notes: tuple[str, ...]
    bands: tuple[Band, ...]
    input_listed: bool
    output_listed: bool
    per_call_usd: float

    def usd(
        self,
        uncached: float,
        cached: float = 0.0,
        cache_write: float = 0.0,
        cache_write_1h: float = 0.0,
        output: float = 0.0,
        *,
        requests: float | None = 1.0,
    ) -> float | None:
        """USD of one call, or of several that are added up; None where a price is missing.

        Token counts are sums and never overlap: `cache_write` does not hold `cache_write_1h`, and
        `output` holds reasoning. The tier goes by the mean prompt of the calls, never by their
        sum; where nobody tells how many they were (None) they count as short ones, so the price is
        the least that it can be.
        """
        prompt = uncached + cached + cache_write + cache_write_1h
        if (prompt and not self.input_listed) or (output and not self.output_listed):
            return None
        band = self.bands[-1]
        if len(self.bands) > 1 and requests:
            mean = prompt / requests
            for higher in self.bands:
                if mean > higher[0]:
                    band = higher
                    break
        usd = uncached * band[1] + output * band[5]
        if cached:
            usd += cached * band[2]
        if cache_write:
            usd += cache_write * band[3]
        if cache_write_1h:
            usd += cache_write_1h * band[4]
        if self.per_call_usd and requests:
            usd += self.per_call_usd * requests
        return usd


def row_pricer(row: PriceRow, *, batch: bool = False, service: str = "") -> RowPricer:
    """The row for one kind of call; `batch` and `service` as of `CallShape`."""
    rates, notes = rates_of(row, batch=batch, service=service)
    return RowPricer(
        row=row,
        notes=notes,
        bands=_bands(rates),
        input_listed=rates.input is not None,
        output_listed=rates.output is not None,
        per_call_usd=rates.per_call_usd,
    )


def _bands(rates: Rates) -> tuple[Band, ...]:
    kinds = (
        rates.input,
        rates.cached_read,
        rates.five_minute_write,
        rates.one_hour_write,
        rates.output,
    )
    starts = {above for rate in kinds if rate is not None for above, _ in rate.tiers}
    # The last band, above -1, holds for every call.
    return tuple(
        (
            float(above),
            _at(kinds[0], above),
            _at(kinds[1], above),
            _at(kinds[2], above),
            _at(kinds[3], above),
            _at(kinds[4], above),
        )
        for above in (*sorted(starts, reverse=True), -1)
    )


def _at(rate: Rate | None, above: int) -> float:
    """USD per token of a call whose prompt is one token longer than a threshold."""
    return 0.0 if rate is None else rate.at(above + 1) / MTOK
