"""The price of a call: what the user typed in, else the overlay, else the bundled table.

Prices are asked for one call at a time, never for a month's sum, because tiers go by the call.
A model that no table knows has no price: a note says so and names what was perhaps meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import genai_prices

from landfall.core.errors import BadInput
from landfall.core.pricing import CallShape, PriceRow, Quote, Rate, Rates, quote, unknown_quote
from landfall.core.settings import Settings
from landfall.services import prices_bundled, prices_overlay
from landfall.services.price_lookup import PriceLookup
from landfall.services.prices_overlay import Overlay

MAIN_PROVIDERS = (
    "openai",
    "anthropic",
    "google",
    "together",
    "groq",
    "fireworks",
    "openrouter",
    "deepinfra",
    "mistral",
    "deepseek",
)
"""The providers that the program knows how to call, in the order in which they are offered."""
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class ProviderName:
    """A provider in a picker."""

    id: str
    name: str


class Prices:
    """The price tables with the user's own prices on top. Reads no clock: the time is asked for.

    Args:
        settings: Whose `prices` win over every table.
        overlay: For tests; the one that ships by default.
    """

    def __init__(self, settings: Settings, *, overlay: Overlay | None = None) -> None:
        self._typed_in = settings.prices
        self._stale_days = settings.thresholds.price_stale_days
        self._overlay = overlay or prices_overlay.load()
        self._table_date = self._overlay.table_dates.get(prices_bundled.version()) or _table_date()

    def quote(self, provider: str, model: str, shape: CallShape, *, at: datetime) -> Quote:
        """What a call costs; `usd` is None with a note where that is not known."""
        row = self.row(provider, model, at=at)
        if row is not None:
            return quote(row, shape, at=at, stale_days=self._stale_days)
        if self.provider_id(provider) is None:
            names = self._close(provider, [known.id for known in self.providers()])
            return unknown_quote(
                provider,
                model,
                at=at,
                note=f"No price table knows a provider {provider!r}." + _perhaps(names),
                suggestions=names,
                provider_known=False,
            )
        names = self.suggest(provider, model)
        return unknown_quote(
            provider,
            model,
            at=at,
            note=f"No price table knows {model!r} at {provider}." + _perhaps(names),
            suggestions=names,
        )

    def row(self, provider: str, model: str, *, at: datetime) -> PriceRow | None:
        """The price row of a model on a date, or None where no table knows it."""
        known = self.provider_id(provider)
        if known is None:
            return self._typed_row(provider.strip().lower(), model)
        row = (
            self._typed_row(known, model)
            or self._overlay.rows.get((known, model.lower()))
            or prices_bundled.find(known, model, at=at, as_of=self._table_date)
        )
        return None if row is None else self._completed(row)

    def lookup(self) -> PriceLookup:
        """A fast way to the prices of many calls; see `PriceLookup.find`."""
        return PriceLookup(self)

    def _completed(self, row: PriceRow) -> PriceRow:
        """The row with the overlay's batch discount and retirement."""
        retirement = self._overlay.retirements.get((row.provider, row.model.lower()))
        if retirement is not None:
            row = replace(row, retired_on=retirement.on)
        discount = self._overlay.batch.get(row.provider)
        if row.batch is not None or discount is None or discount.multiplier is None:
            return row
        return replace(
            row,
            batch=discounted(row.rates, discount.multiplier),
            batch_note=(
                f"Batch price: {discount.multiplier:g} of the ordinary one"
                f" ({discount.source}, {discount.as_of})."
            ),
        )

    def _typed_row(self, provider: str, model: str) -> PriceRow | None:
        for key, usd in self._typed_in.items():
            owner, _, name = key.partition("/")
            owner = owner.strip().lower()
            same = provider in {owner, self.provider_id(owner)}
            if same and name.strip().lower() == model.strip().lower():
                return _typed(provider, model, key=key, usd=usd)
        return None

    def provider_id(self, name: str) -> str | None:
        """The id by which the tables know a provider, or None."""
        wanted = name.strip().lower()
        wanted = self._overlay.spellings.get(wanted, wanted)
        if wanted in self._overlay.providers:
            return wanted
        return prices_bundled.provider_id(wanted)

    def providers(self) -> tuple[ProviderName, ...]:
        """Every provider with prices: those that can be called first, the rest by name."""
        names = dict(prices_bundled.providers()) | dict(self._overlay.providers)
        first = [ProviderName(known, names[known]) for known in MAIN_PROVIDERS if known in names]
        rest = sorted(set(names) - set(MAIN_PROVIDERS))
        return (*first, *(ProviderName(known, names[known]) for known in rest))

    def models(self, provider: str) -> tuple[str, ...]:
        """Names of the models with a price per text token at a provider, by name."""
        known = self.provider_id(provider)
        if known is None:
            return ()
        own = {row.model for (owner, _), row in self._overlay.rows.items() if owner == known}
        typed = {
            key.partition("/")[2]
            for key in self._typed_in
            if self.provider_id(key.partition("/")[0]) == known
        }
        return tuple(sorted(own | typed | set(prices_bundled.model_names(known)), key=str.lower))

    def suggest(self, provider: str, model: str) -> tuple[str, ...]:
        """Names at a provider that resemble one that is not known there."""
        return self._close(model, self.models(provider))

    def hosted_twins(self, ollama_tag: str) -> tuple[tuple[str, str], ...]:
        """(provider, model) of the hosts that serve the weights of an Ollama tag."""
        tag = ollama_tag.strip().lower().removesuffix(":latest")
        return tuple((twin.provider, twin.model) for twin in self._overlay.hosted.get(tag, ()))

    def cheapest_twin(self, ollama_tag: str, shape: CallShape, *, at: datetime) -> Quote | None:
        """The cheapest host that still serves the weights of a tag, or None where none is known."""
        quotes = (
            self.quote(provider, model, shape, at=at)
            for provider, model in self.hosted_twins(ollama_tag)
        )
        served = [found for found in quotes if found.usd is not None and not found.retired]
        return min(served, key=lambda found: found.usd or 0.0, default=None)

    @staticmethod
    def _close(wanted: str, names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
        by_key = {name.lower(): name for name in names}
        tails = {name.rpartition("/")[2]: full for name, full in by_key.items()}
        found = difflib.get_close_matches(wanted.lower(), by_key, n=SUGGESTIONS, cutoff=0.5)
        tail = wanted.lower().rpartition("/")[2]
        also = difflib.get_close_matches(tail, tails, n=SUGGESTIONS, cutoff=0.5)
        both = [by_key[name] for name in found] + [tails[name] for name in also]
        return tuple(dict.fromkeys(both))[:SUGGESTIONS]


def discounted(rates: Rates, multiplier: float) -> Rates:
    """Rates of a batch interface that takes a share of the ordinary price.

    Discounts do not stack: cached input costs what it costs, or the discounted fresh price where
    that is less.
    """
    lower = rates.times(multiplier)
    cached = rates.cached
    if cached is not None and lower.input is not None:
        cached = min(cached, lower.input, key=lambda rate: rate.usd_per_mtok)
    return replace(lower, cached=cached)


def _typed(provider: str, model: str, *, key: str, usd: Mapping[str, float]) -> PriceRow:
    def rate(name: str) -> Rate | None:
        price = usd.get(name)
        if price is None:
            return None
        if not 0 <= price < 1_000_000:
            raise BadInput(
                f"{price!r} is no price in USD per million tokens.",
                field=f"prices.{key}.{name}",
            )
        return Rate(float(price))

    return PriceRow(
        provider=provider,
        model=model,
        rates=Rates(input=rate("input"), output=rate("output"), cached=rate("cached")),
        source=f"stated: prices.{key}",
        as_of=None,
        notes=("This price was typed in.",),
    )


def _perhaps(names: tuple[str, ...]) -> str:
    return f" Perhaps {', '.join(names)}?" if names else ""


def _table_date() -> date | None:
    """Date of a table that the overlay does not know: its newest fact when it was installed."""
    try:
        installed = Path(genai_prices.__file__).stat().st_mtime
    except OSError:
        return None
    day = datetime.fromtimestamp(installed, tz=UTC).date()
    return prices_bundled.newest_fact(not_after=day)
