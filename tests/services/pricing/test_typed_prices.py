"""A price of the user's own: typed, replaced, removed, and always marked as stated."""

from __future__ import annotations

from datetime import date

import pytest

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import noon_utc
from landfall.core.settings import Settings
from landfall.services.pricing.prices import Prices
from landfall.services.pricing.typed import typed_price, with_price, without_price

AT = noon_utc(date(2026, 11, 26))


def test_that_a_typed_price_holds_above_the_table_and_says_that_it_was_typed() -> None:
    mine = with_price(
        Settings(),
        "openai",
        " gpt-5.5 ",
        {"input": 1.0, "output": 2.0, "cache_write_1h": 3.0, "batch_input": 0.25, "cached": None},
    )
    assert typed_price(mine, "OpenAI", "GPT-5.5") == {
        "input": 1.0,
        "output": 2.0,
        "cache_write_1h": 3.0,
        "batch_input": 0.25,
    }
    shape = CallShape(uncached_tokens=1_000_000, cache_write_1h_tokens=1_000_000)
    found = Prices(mine).quote("openai", "gpt-5.5", shape, at=AT)
    assert found.usd == pytest.approx(4.0)
    assert (found.source or "").startswith("stated: prices.openai/gpt-5.5")
    batch = CallShape(uncached_tokens=1_000_000, batch=True)
    assert Prices(mine).quote("openai", "gpt-5.5", batch, at=AT).usd == pytest.approx(0.25)


def test_that_another_spelling_replaces_the_same_price() -> None:
    once = with_price(Settings(), "openai", "GPT-5.5", {"input": 1.0})
    twice = with_price(once, "openai", "gpt-5.5", {"input": 2.0})
    assert list(twice.prices) == ["openai/gpt-5.5"]


def test_that_without_it_the_table_holds_again() -> None:
    mine = with_price(Settings(), "openai", "gpt-5.5", {"input": 1.0})
    assert without_price(mine, "openai", "gpt-5.5") == Settings()
    assert without_price(Settings(), "openai", "gpt-5.5") == Settings()
    assert typed_price(Settings(), "openai", "gpt-5.5") is None


@pytest.mark.parametrize(
    ("model", "usd", "field"),
    [
        (" ", {"input": 1.0}, "model"),
        ("a\nb", {"input": 1.0}, "model"),
        ("m", {}, "input"),
        ("m", {"input": None}, "input"),
        ("m", {"output": -1.0}, "output"),
        ("m", {"input": float("nan")}, "input"),
        ("m", {"input": float("inf")}, "input"),
    ],
)
def test_that_what_is_no_price_is_refused_at_its_field(
    model: str, usd: dict[str, float | None], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        with_price(Settings(), "openai", model, usd)
    assert caught.value.field == field
