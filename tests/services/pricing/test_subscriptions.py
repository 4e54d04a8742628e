"""The plans that ship, the user's own, and both beside a bill by the token."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import pytest

from landfall.core.costs.subscriptions import Fit, Volume, month
from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import noon_utc
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.pricing import subscriptions
from landfall.services.pricing.prices import Prices
from landfall.services.settings import settings_toml

AT = noon_utc(date(2026, 11, 26))
SHAPE = CallShape(uncached_tokens=2000, output_tokens=500)


def test_that_every_plan_has_a_source_a_date_and_a_price() -> None:
    plans = subscriptions.published()
    assert len({plan.id for plan in plans}) == len(plans) >= 12
    for plan in plans:
        assert plan.source
        assert plan.as_of is not None
        assert date(2025, 6, 1) < plan.as_of <= date(2026, 11, 26)
        assert plan.usd_month > 0
        # What has no published limit says so, and so is never called the one that fits.
        assert plan.limits or not plan.all_published


def test_that_a_published_limit_with_others_that_are_not_stays_unknown() -> None:
    plans = {plan.id: plan for plan in subscriptions.published()}
    found = subscriptions.find(
        Settings(), Prices(Settings()), SHAPE, calls_per_day=40, at=AT, users=1
    )
    fits = {one.plan.id: one.fit for one in found.choice.months}
    assert fits["claude-pro"] is Fit.UNKNOWN
    assert fits["chatgpt-plus"] is Fit.UNKNOWN
    assert fits["cursor-pro"] is Fit.UNKNOWN
    assert found.quote is None
    assert "chatgpt-plus" in found.stale
    assert plans["claude-team"].seats_min == 5


def test_that_a_plan_is_held_against_the_bill_by_the_token() -> None:
    found = subscriptions.find(
        Settings(),
        Prices(Settings()),
        SHAPE,
        calls_per_day=40,
        at=AT,
        provider="anthropic",
        model="claude-opus-4-5",
    )
    assert found.choice.api_usd_month == pytest.approx(0.0225 * 40 * 30.4375)
    assert found.choice.best is not None
    assert found.choice.best.plan.id == "copilot-pro"
    assert found.choice.best.fit is Fit.OVER
    assert found.choice.best.usd == pytest.approx(10 + 27.39375 - 15)


def typed(**values: float | str) -> Settings:
    return Settings(plans=MappingProxyType({"Ours": MappingProxyType(values)}))


def test_that_a_plan_of_the_users_own_stands_beside_them() -> None:
    mine = typed(
        usd_month=25, seller="Us", counts="tokens", limit=1e6, window_hours=24, overage_usd=2
    )
    (plan,) = subscriptions.of_user(mine)
    assert (plan.id, plan.seller, plan.as_of, plan.interface) == ("own:Ours", "Us", None, True)
    found = subscriptions.find(mine, Prices(mine), SHAPE, calls_per_day=200, at=AT, interface=True)
    assert found.choice.best is not None
    assert found.choice.best.plan is not None
    assert found.choice.best.plan.id == "own:Ours"
    assert found.choice.best.plan.source == "stated: plans.Ours"
    (bare,) = subscriptions.of_user(typed(usd_month=5))
    assert month(bare, Volume(calls_per_day=1, tokens_per_call=1, usd_per_call=None)).fit is Fit.YES


def test_that_a_plan_that_counts_nonsense_is_refused_and_named() -> None:
    with pytest.raises(BadInput) as caught:
        subscriptions.of_user(typed(usd_month=5, counts="wishes", limit=3))
    assert caught.value.field == "plans.Ours.counts"


def test_that_typed_plans_prices_and_currency_survive_the_settings_file() -> None:
    text = """
currency = "eur"
currency_usd_rate = 1.1
currency_usd_date = 2026-11-20
[plans."Our team"]
usd_month = 25
seats_min = 5
counts = "messages"
[prices."openai/gpt-5.5"]
input = 1.0
cache_write_1h = 3.0
batch_input = 0.5
"""
    settings = settings_toml.parse(text)
    assert settings.currency == "EUR"
    assert settings.plans["Our team"]["seats_min"] == 5
    assert settings_toml.parse(settings_toml.dump(settings)) == settings


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('currency = "euro"', "currency"),
        ('[plans."X"]\nseats_min = 5', "plans.X.usd_month"),
        ('[plans."X"]\nusd_month = 5\nwish = 3', "plans.X.wish"),
        ('[plans."X"]\nusd_month = -5', "plans.X.usd_month"),
        ('[plans."X"]\nusd_month = 5\nseller = 3', "plans.X.seller"),
        ('[prices."openai/gpt-5.5"]\nimput = 5', "prices.openai/gpt-5.5.imput"),
    ],
)
def test_that_a_wrong_line_of_the_settings_is_named(text: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings_toml.parse(text)
    assert caught.value.field == field


def test_that_a_broken_resource_is_an_installation_to_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resources, "read_json", lambda _name: {"plans": [{"id": "x"}]})
    subscriptions.published.cache_clear()
    with pytest.raises(BadInput, match="broken row"):
        subscriptions.published()
    subscriptions.published.cache_clear()
