"""The price of a call: what the user typed in, else the overlay, else the bundled table.

Prices are asked for one call at a time, never for a month's sum, because tiers go by the call.
A model that no table knows has no price: a note says so and names what was perhaps meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import (
    PriceRow,
    Quote,
    Rate,
    Rates,
    noon_utc,
    quote,
    unknown_quote,
)
from landfall.core.settings import Settings
from landfall.services.pricing import offered_models
from landfall.services.pricing import overlay as prices_overlay
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing.bundled import PriceTable
from landfall.services.pricing.offered_models import OfferedModels
from landfall.services.pricing.overlay import Overlay

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
OWN_SERVER = "custom"
"""Id of any other server that speaks a known protocol: nobody publishes prices of it."""
_OWN_SERVER_NOTE = "Nobody publishes prices of a server of one's own; they can be typed in."


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
        table: For tests; by default the one that was fetched last, else the one that ships.
        offered: For tests; what providers listed for the user's keys by default.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        overlay: Overlay | None = None,
        table: PriceTable | None = None,
        offered: Mapping[str, OfferedModels] | None = None,
    ) -> None:
        self._typed_in = settings.prices
        self._stale_days = settings.thresholds.price_stale_days
        self._overlay = overlay or prices_overlay.load()
        self.table = table or price_tables.current(self._overlay)
        self._offered = offered_models.load() if offered is None else offered
        self._names: dict[str, Mapping[str, date | None]] = {}

    def quote(self, provider: str, model: str, shape: CallShape, *, at: datetime) -> Quote:
        """What a call costs; `usd` is None with a note where that is not known."""
        row = self.row(provider, model, at=at)
        if row is not None:
            return quote(row, shape, at=at, stale_days=self._stale_days)
        if provider.strip().lower() == OWN_SERVER:
            return unknown_quote(
                provider, model, at=at, note=_OWN_SERVER_NOTE, provider_known=False
            )
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
            or self.table.find(known, model, at=at)
        )
        return None if row is None else self._completed(row, at.date())

    def _completed(self, row: PriceRow, day: date) -> PriceRow:
        """The row with the overlay's batch discount and retirement."""
        row = self._served(row, day)
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

    def _served(self, row: PriceRow, day: date) -> PriceRow:
        """The row with its retirement; what the provider itself lists knows better than a table.

        A list that is older than prices may be tells nothing: models have come and gone since.
        """
        retirement = self._overlay.retirements.get((row.provider, row.model.lower()))
        retired_on = retirement.on if retirement is not None else None
        offered = self._offered.get(row.provider)
        if offered is None or (day - offered.on).days > self._stale_days:
            return row if retired_on is None else replace(row, retired_on=retired_on)
        names = self._names_offered(row.provider, offered)
        listed = row.model.lower() in names
        own = names.get(row.model.lower())
        if own is not None:
            retired_on = own
        elif listed and retired_on is not None and retired_on <= offered.on:
            # It was still there after it should have gone.
            retired_on = None
        return replace(row, retired_on=retired_on, offered=listed, offered_on=offered.on)

    def _names_offered(self, provider: str, offered: OfferedModels) -> Mapping[str, date | None]:
        """What a provider lists, also by the names under which the tables count dated ones."""
        known = self._names.get(provider)
        if known is None:
            noon = noon_utc(offered.on)
            known = dict(offered.retires)
            for name, retires in offered.retires.items():
                row = self.table.find(provider, name, at=noon)
                if row is not None:
                    known.setdefault(row.model.lower(), retires)
            self._names[provider] = known
        return known

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
        return self.table.provider_id(wanted)

    def providers(self) -> tuple[ProviderName, ...]:
        """Every provider with prices: those that can be called first, the rest by name."""
        names = dict(self.table.providers()) | dict(self._overlay.providers)
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
        return tuple(sorted(own | typed | set(self.table.model_names(known)), key=str.lower))

    def suggest(self, provider: str, model: str) -> tuple[str, ...]:
        """Names at a provider that resemble one that is not known there."""
        return self._close(model, self.models(provider))

    def hosted_twins(self, ollama_tag: str) -> tuple[tuple[str, str], ...]:
        """(provider, model) of the hosts that serve the weights of an Ollama tag."""
        tag = ollama_tag.strip().lower().removesuffix(":latest")
        return tuple((twin.provider, twin.model) for twin in self._overlay.hosted.get(tag, ()))

    def twin_at(self, host: str, provider: str, model: str) -> str | None:
        """The name at a host of the weights that a provider's model is, or None."""
        known = self.provider_id(provider)
        if known == host:
            return model
        for twins in self._overlay.hosted.values():
            names = {twin.provider: twin.model for twin in twins}
            if names.get(known or "", "").lower() == model.strip().lower() and host in names:
                return names[host]
        return None

    def cheapest_twin(self, ollama_tag: str, shape: CallShape, *, at: datetime) -> Quote | None:
        """The cheapest host that still serves the weights of a tag, or None where none is known."""
        quotes = (
            self.quote(provider, model, shape, at=at)
            for provider, model in self.hosted_twins(ollama_tag)
        )
        served = [found for found in quotes if found.recommendable]
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

    rates = Rates(
        input=rate("input"),
        output=rate("output"),
        cached=rate("cached"),
        cache_write=rate("cache_write"),
        cache_write_1h=rate("cache_write_1h"),
    )
    batch = None
    if "batch_input" in usd or "batch_output" in usd:
        batch = replace(rates, input=rate("batch_input"), output=rate("batch_output"))
    return PriceRow(
        provider=provider,
        model=model,
        rates=rates,
        batch=batch,
        source=f"stated: prices.{key}",
        as_of=None,
        notes=("This price was typed in.",),
    )


def _perhaps(names: tuple[str, ...]) -> str:
    return f" Perhaps {', '.join(names)}?" if names else ""
