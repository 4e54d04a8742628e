"""Prices that the user types in: they stand above every table, and are settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from landfall.core.errors import BadInput
from landfall.core.settings import PRICE_PARTS, Settings

MOST_USD_PER_MTOK = 1_000_000.0


def typed_price(settings: Settings, provider: str, model: str) -> Mapping[str, float] | None:
    """USD per million tokens by the names of `PRICE_PARTS`, or None where none was typed."""
    key = _key(settings, provider, model)
    return None if key is None else settings.prices[key]


def with_price(
    settings: Settings, provider: str, model: str, usd: Mapping[str, float | None]
) -> Settings:
    """The settings with a price of the user's for a model, in place of an older one.

    Args:
        settings: As they are.
        provider: Its id.
        model: As the provider names it.
        usd: USD per million tokens by the names of `PRICE_PARTS`; None is no such price.

    Raises:
        BadInput: no model is named, no price is typed, or one is none.
    """
    name = model.strip()
    if not name or "\n" in name:
        raise BadInput("No model is named.", "Type its name as the provider has it.", field="model")
    parts = {part: value for part in PRICE_PARTS if (value := usd.get(part)) is not None}
    if not parts:
        raise BadInput("No price is typed.", "Type one for input, at least.", field="input")
    for part, value in parts.items():
        if not 0 <= value < MOST_USD_PER_MTOK:
            raise BadInput(f"{value:g} is no price in USD per million tokens.", field=part)
    prices = dict(without_price(settings, provider, name).prices)
    prices[f"{provider}/{name}"] = MappingProxyType(parts)
    return replace(settings, prices=MappingProxyType(prices))


def without_price(settings: Settings, provider: str, model: str) -> Settings:
    """The settings without a price of the user's for a model: the tables hold again."""
    key = _key(settings, provider, model)
    if key is None:
        return settings
    kept = {name: usd for name, usd in settings.prices.items() if name != key}
    return replace(settings, prices=MappingProxyType(kept))


def _key(settings: Settings, provider: str, model: str) -> str | None:
    """Under which name a price stands, however it is spelled."""
    wanted = (provider.strip().lower(), model.strip().lower())
    for key in settings.prices:
        owner, _, name = key.partition("/")
        if (owner.strip().lower(), name.strip().lower()) == wanted:
            return key
    return None
