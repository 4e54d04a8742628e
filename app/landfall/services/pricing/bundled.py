"""The price table of the package genai-prices (MIT): its rows, read as price rows of our own.

The provider is always named and the time always given, because prices there change by date and by
the hour. Only text tokens are read: pictures, sound and searches have prices of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import genai_prices
from genai_prices import types
from genai_prices.types import Provider

from landfall.core.pricing.call_shape import ORDINARY_SERVICES
from landfall.core.pricing.pricing import PriceRow, Rate, Rates, noon_utc

BATCH = {"processing": "batch"}
_SERVICE_KINDS = ("service_tier", "speed")
_HALF_HOURS = 48
# What may follow the name of a model where the table matches beginnings: dates, versions, channels.
_SUFFIX = re.compile(
    r"v?\d[\d.]*|latest|preview|exp|beta|fast|thinking|us|eu|apac|global|anthropic"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """When a model's price changes: it is one price between two neighbours of both tuples.

    Attributes:
        days: First days (ISO) of new prices, ascending.
        times: Times of the day (HH:MM:SS, UTC) at which it changes, ascending.
    """

    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """One edition of the table.

    Attributes:
        listed: Its providers with their models.
        name: What stands in the source of each of its rows.
        as_of: Date on which its prices were so, or None where nobody knows.
        refreshed_at: When it was fetched (ISO 8601, UTC), or "" for the one of the installation.
    """

    listed: Sequence[Provider]
    name: str
    as_of: date | None
    refreshed_at: str = ""

    def providers(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of every provider in the table."""
        return tuple((provider.id, provider.name) for provider in self.listed)

    def provider_id(self, name: str) -> str | None:
        """The table's id of a provider, also for the spellings that it lists; None if unknown.

        The table also takes any name that contains "openai" for OpenAI: a stranger's prices are
        not.
        """
        wanted = name.strip().lower()
        for provider in self.listed:
            if provider.id == wanted or wanted in _spellings(provider):
                return provider.id
        return None

    def model_names(self, provider_id: str) -> tuple[str, ...]:
        """Names of a provider's models that are priced by text tokens."""
        provider = self._provider(provider_id)
        if provider is None:
            return ()
        return tuple(model.id for model in provider.models if _by_text_tokens(model))

    def models(self) -> int:
        """How many models are priced by text tokens."""
        return sum(_by_text_tokens(model) for one in self.listed for model in one.models)

    def find(self, provider_id: str, name: str, *, at: datetime) -> PriceRow | None:
        """The row of a model on a date; None where the table has no such model.

        Args:
            provider_id: The table's id of the provider.
            name: The model as the provider or the table names it.
            at: When the call is made.
        """
        provider = self._provider(provider_id)
        model = self._model(provider, name)
        if provider is None or model is None:
            return None
        own = any(model is listed for listed in provider.models)
        urls = provider.pricing_urls or [""]
        return PriceRow(
            provider=provider_id,
            model=model.id,
            rates=_rates(model.get_prices(at)),
            batch=_batch_rates(provider, model, at=at) if own else None,
            services=_services(model, at=at) if own else (),
            source=self.name + (f", {urls[0]}" if urls[0] else ""),
            as_of=self.as_of,
            context_tokens=model.context_window,
            deprecated=bool(model.deprecated),
            mean_factor=_mean_factor(model, at),
            notes=tuple(_notes(model, name, own=own)),
        )

    def changes(self, provider_id: str, name: str) -> Changes:
        """When the price of a model changes; nothing for a model that the table does not have."""
        model = self._model(self._provider(provider_id), name)
        if model is None:
            return Changes()
        tables = () if isinstance(model.prices, types.ModelPrice) else model.prices
        days: set[str] = set()
        times: set[str] = set()
        for constraint in (
            *(table.constraint for table in tables),
            *(variant.constraint for variant in model.price_variants or ()),
        ):
            if isinstance(constraint, types.StartDateConstraint):
                days.add(constraint.start_date.isoformat())
            elif isinstance(constraint, types.TimeOfDateConstraint):
                times |= {_utc_time(constraint.start_time), _utc_time(constraint.end_time)}
        return Changes(tuple(sorted(days)), tuple(sorted(times)))

    def newest_fact(self, *, not_after: date) -> date | None:
        """The latest date from which a price of the table holds, no later than a day."""
        dates = (
            price.constraint.start_date
            for provider in self.listed
            for model in provider.models
            if not isinstance(model.prices, types.ModelPrice)
            for price in model.prices
            if isinstance(price.constraint, types.StartDateConstraint)
        )
        return max((day for day in dates if day <= not_after), default=None)

    def _provider(self, provider_id: str) -> Provider | None:
        return next((p for p in self.listed if p.id == provider_id), None)

    def _model(self, provider: Provider | None, name: str) -> types.ModelInfo | None:
        if provider is None:
            return None
        # As Google's own list of models spells them.
        name = name.removeprefix("models/")
        model = provider.find_model(name, all_providers=list(self.listed))
        if model is not None and _is_meant(model, name):
            return model
        # Some ids of the table are short for what the provider's interface wants and match nothing.
        return next((m for m in provider.models if m.id.lower() == name.lower()), None)


def version() -> str:
    """The version of the installed package."""
    return genai_prices.__version__


def bundled(*, as_of: date | None) -> PriceTable:
    """The table that came with the package; `as_of` as of `PriceTable`."""
    listed = import_module("genai_prices.data").providers
    return PriceTable(listed=listed, name=f"genai-prices {version()}", as_of=as_of)


def read(document: Any) -> list[Provider]:
    """The providers of a table as the package's project publishes it (data file, version 2).

    Raises:
        ValueError: it is none, or one that this version of the package cannot use.
    """
    try:
        # The package has no public way to read its own format but to fetch it by itself, which
        # would pass by the egress log.
        listed: list[Provider] = types._providers_from_raw(document)
        for provider in listed:
            for model in provider.models:
                for clause in _clauses(model.match):
                    clause.is_match(model.id)
                _by_text_tokens(model)
    except (AttributeError, KeyError, TypeError, re.error) as error:
        raise ValueError(f"not a price table: {error!r}") from error
    return listed


def _spellings(provider: Provider) -> tuple[str, ...]:
    if provider.provider_match is None:
        return ()
    return tuple(
        [
            clause.equals.lower()
            for clause in _clauses(provider.provider_match)
            if isinstance(clause, types.ClauseEquals)
        ]
    )


def _by_text_tokens(model: types.ModelInfo) -> bool:
    prices = model.prices
    tables = [prices] if isinstance(prices, types.ModelPrice) else [p.prices for p in prices]
    return any(_stored(table).get("input_mtok") is not None for table in tables)


def _notes(model: types.ModelInfo, name: str, *, own: bool) -> Iterable[str]:
    if model.id.lower() != name.lower():
        yield f"Priced as {model.id}."
    if not own:
        yield "Priced by the table of the model's maker."
    if _depends_on_hour(model):
        yield "The price depends on the hour of the call (UTC)."


def _is_meant(model: types.ModelInfo, name: str) -> bool:
    """Whether a match is more than a common beginning: unknown models must stay unknown."""
    wanted = name.lower()
    return wanted == model.id.lower() or any(
        _clause_means(clause, wanted) for clause in _clauses(model.match)
    )


def _clauses(match: types.MatchLogic) -> Iterable[types.MatchLogic]:
    if isinstance(match, types.ClauseOr):
        for inner in match.or_:
            yield from _clauses(inner)
    else:
        yield match


def _clause_means(clause: types.MatchLogic, wanted: str) -> bool:
    # The table itself reads "-20251211" as "-2025-12-11".
    dashed = re.sub(r"-(20\d\d)(\d\d)(\d\d)(?=-|:|$)", r"-\1-\2-\3", wanted)
    if not (clause.is_match(wanted) or clause.is_match(dashed)):
        return False
    if isinstance(clause, types.ClauseAnd):
        return all(_clause_means(inner, wanted) for inner in clause.and_)
    if isinstance(clause, types.ClauseStartsWith):
        return clause.starts_with.startswith("ft:") or _is_plain(wanted, clause.starts_with)
    if isinstance(clause, types.ClauseContains):
        return _is_plain(wanted, clause.contains)
    if isinstance(clause, types.ClauseEndsWith):
        return _is_plain(wanted, clause.ends_with)
    return True


def _is_plain(wanted: str, known: str) -> bool:
    """Whether nothing but dates, versions and channels surrounds a known name."""
    rest = wanted.replace(known.lower(), " ", 1)
    return all(_SUFFIX.fullmatch(word) for word in re.split(r"[-@:/_. ]+", rest) if word)


def _stored(prices: types.ModelPrice) -> Mapping[str, Decimal | types.TieredPrices | None]:
    return vars(prices)


def _rate(price: Decimal | types.TieredPrices | None) -> Rate | None:
    if price is None:
        return None
    if isinstance(price, Decimal):
        return Rate(float(price))
    tiers = tuple((tier.start, float(tier.price)) for tier in price.tiers)
    return Rate(float(price.base), tiers)


def _rates(prices: types.ModelPrice) -> Rates:
    stored = _stored(prices)
    per_thousand = _rate(stored.get("requests_kcount"))
    return Rates(
        input=_rate(stored.get("input_mtok")),
        output=_rate(stored.get("output_mtok")),
        cached=_rate(stored.get("cache_read_mtok")),
        cache_write=_rate(stored.get("cache_write_5m_mtok") or stored.get("cache_write_mtok")),
        cache_write_1h=_rate(stored.get("cache_write_1h_mtok")),
        per_call_usd=per_thousand.usd_per_mtok / 1000 if per_thousand else 0.0,
    )


def _batch_rates(provider: Provider, model: types.ModelInfo, *, at: datetime) -> Rates | None:
    """Rates of the batch interface: a variant of the model, or a model of its own (":batch")."""
    for variant in model.price_variants or ():
        active = variant.constraint is None or variant.constraint.active(at)
        if active and variant.when == BATCH:
            return _rates(model.get_prices(at, BATCH))
    twin = next((m for m in provider.models if m.id == f"{model.id}:batch"), None)
    return _rates(twin.get_prices(at)) if twin is not None else None


def _services(model: types.ModelInfo, *, at: datetime) -> tuple[tuple[str, Rates], ...]:
    """Rates of the service tiers that have prices of their own on a date."""
    named = dict.fromkeys(
        (kind, name)
        for variant in model.price_variants or ()
        if len(variant.when) == 1 and (variant.constraint is None or variant.constraint.active(at))
        for kind, name in variant.when.items()
        if kind in _SERVICE_KINDS
    )
    return tuple(
        (name.lower(), _rates(model.get_prices(at, {kind: name})))
        for kind, name in named
        if name.lower() not in ORDINARY_SERVICES
    )


def _utc_time(moment: time) -> str:
    whole = datetime.combine(date(2000, 1, 2), moment, tzinfo=moment.tzinfo or UTC)
    return whole.astimezone(UTC).strftime("%H:%M:%S")


def _depends_on_hour(model: types.ModelInfo) -> bool:
    if isinstance(model.prices, types.ModelPrice):
        return False
    return any(isinstance(price.constraint, types.TimeOfDateConstraint) for price in model.prices)


def _mean_factor(model: types.ModelInfo, at: datetime) -> float:
    """Mean input price of an evenly loaded week over the one at `at`.

    The table's windows know no weekday; its comments say that weekends are off-peak all day.
    """
    if not _depends_on_hour(model):
        return 1.0
    midnight = noon_utc(at.date()) - timedelta(hours=12)
    prices = [
        rate.usd_per_mtok
        for step in range(_HALF_HOURS)
        if (rate := _rates(model.get_prices(midnight + timedelta(minutes=30 * step))).input)
    ]
    now = _rates(model.get_prices(at)).input
    if not prices or now is None or not now.usd_per_mtok:
        return 1.0
    weekday = sum(prices) / len(prices)
    return (5 * weekday + 2 * min(prices)) / 7 / now.usd_per_mtok
