"""The fast way to the price of many calls: the same price, found once."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

import pytest

from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.row_pricer import RowPricer
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.services.pricing import lookup as price_lookup
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.pricing.prices import Prices


@pytest.fixture(scope="module")
def prices() -> Prices:
    return Prices(Settings())


def found(prices: Prices, provider: str, model: str, at: str, **kind: object) -> RowPricer:
    answer = PriceLookup(prices).find(provider, model, at=at, **kind)  # type: ignore[arg-type]
    assert isinstance(answer, RowPricer), answer
    return answer


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5.5"),
        ("anthropic", "claude-opus-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("deepseek", "deepseek-flash"),
        ("deepinfra", "Qwen/Qwen3-32B"),
        ("fireworks_ai", "gpt-oss-120b"),
    ],
)
@pytest.mark.parametrize(
    "at",
    [
        "2025-10-01T00:00:00Z",
        "2026-01-01T00:29:59Z",
        "2026-03-02T02:00:00Z",
        "2026-11-25T01:00:00Z",
        "2026-11-25T03:59:59Z",
        "2026-11-25T04:00:00Z",
        "2026-11-25T23:00:00Z",
    ],
)
def test_that_it_finds_the_price_of_a_quote(
    prices: Prices, provider: str, model: str, at: str
) -> None:
    lookup = PriceLookup(prices)
    lookup.find(provider, model, at="2024-06-01T12:00:00Z")
    answer = lookup.find(provider, model, at=at)
    assert isinstance(answer, RowPricer)
    shape = CallShape(uncached_tokens=1000, cached_tokens=500, output_tokens=100)
    moment = datetime.fromisoformat(at)
    quoted = prices.quote(provider, model, shape, at=moment).usd
    assert answer.usd(1000, 500, output=100) == pytest.approx(quoted, rel=1e-9)


def test_that_a_call_at_the_peak_costs_more_and_a_day_costs_the_mean(prices: Prices) -> None:
    peak = found(prices, "deepseek", "deepseek-flash", "2026-11-25T02:00:00Z").usd(1_000_000)
    low = found(prices, "deepseek", "deepseek-flash", "2026-11-25T12:00:00Z").usd(1_000_000)
    day = found(
        prices, "deepseek", "deepseek-flash", "2026-11-25T00:00:00Z", span_seconds=86_400
    ).usd(1_000_000)
    assert (peak, low) == (pytest.approx(0.3), pytest.approx(0.15))
    assert day == pytest.approx(0.15 * (1 + 35 / 168))


def test_that_a_batch_and_a_service_have_their_own_price(prices: Prices) -> None:
    at = "2026-11-25T12:00:00Z"
    plain = found(prices, "openai", "gpt-5.5", at).usd(1_000)
    assert plain == pytest.approx(0.005)
    assert found(prices, "openai", "gpt-5.5", at, batch=True).usd(1_000) == pytest.approx(0.0025)
    flex = found(prices, "openai", "gpt-5.5", at, service="flex")
    assert flex.usd(1_000) == pytest.approx(0.0025)
    fast = found(prices, "openai", "gpt-5.5", at, service="priority").usd(1_000)
    assert fast is not None
    assert fast > 0.005


def test_that_one_hour_cache_writes_are_counted_once_at_their_own_price(prices: Prices) -> None:
    opus = found(prices, "anthropic", "claude-opus-4-5", "2026-11-25T12:00:00Z")
    assert opus.usd(2_000, 0, 0, 10_000, 1_000) == pytest.approx(0.135)


def test_that_a_month_of_short_calls_costs_the_short_price(prices: Prices) -> None:
    sonnet = found(prices, "anthropic", "claude-sonnet-4-5", "2026-11-25T12:00:00Z")
    assert sonnet.usd(1_000_000, output=100_000, requests=100) == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("provider", "model", "why"),
    [
        ("", "gpt-5.5", "no provider"),
        ("local", "qwen3-coder:30b", "a machine of the user's"),
        ("openai", "gpt-99", "no price table"),
        ("nobody", "gpt-5.5", "no price table"),
        ("ollama", "qwen3-coder:30b", "no price table"),
    ],
)
def test_that_nothing_is_priced_by_the_likeness_of_a_name(
    prices: Prices, provider: str, model: str, why: str
) -> None:
    answer = PriceLookup(prices).find(provider, model, at="2026-11-25T12:00:00Z")
    assert isinstance(answer, Unknown)
    assert why in answer.reason


def test_that_a_typed_in_price_is_found_first() -> None:
    typed = MappingProxyType({"openai/gpt-5.5": MappingProxyType({"input": 1.0})})
    mine = Prices(Settings(prices=typed))
    assert found(mine, "openai", "gpt-5.5", "2026-11-25T12:00:00Z").usd(1_000_000) == 1.0


def test_that_a_row_is_asked_for_once(prices: Prices, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = PriceLookup(prices)
    first = lookup.find("deepseek", "deepseek-flash", at="2026-11-25T12:00:00Z")
    monkeypatch.setattr(price_lookup, "parse_moment", None)
    again = lookup.find("deepseek", "deepseek-flash", at="2026-11-26T13:00:00Z")
    assert again is first


def test_that_what_is_remembered_has_an_end(
    prices: Prices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_lookup, "ENTRIES_MAX", 2)
    lookup = PriceLookup(prices)
    for name in ("gpt-5.5", "gpt-99", "gpt-98", "gpt-5.5"):
        lookup.find("openai", name, at="2026-11-25T12:00:00Z")
    assert len(lookup._kinds) <= 2
