"""What local answers would have cost at a host: by their own tokens, less their electricity."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from landfall.core.costs.tariff import Tariff
from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.core.usage.counterfactual import Counterfactual, counterfactual
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.pricing.prices import Prices
from landfall.services.usage import counterfactual as usage_counterfactual
from landfall.services.usage.counterfactual import Hosted, local_models

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINI = Hosted(provider="openai", model="gpt-5-mini")
MTOK = 1_000_000


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def answered(history: History, **values: Any) -> None:
    run = {
        "started_at": "2026-11-25T10:00:00.123456+00:00",
        "place": "local",
        "host": "127.0.0.1",
        "model": "llama3.1:8b",
        "state": "done",
        "prompt": "Hi",
        "prompt_tokens": 3,
        "output_tokens": 20,
        "electricity_cost": 0.001,
        "electricity_currency": "USD",
    }
    await history.add_run(RunRecord(**run | values))


async def test_that_three_tokens_cost_three_and_the_saving_may_be_negative(
    history: History,
) -> None:
    await answered(history)
    prices = Prices(Settings())
    (one,) = await local_models(history, prices, Settings(), at=NOW, against=MINI)
    assert one.found.cloud_usd == pytest.approx((3 * 0.25 + 20 * 2.0) / MTOK)
    assert one.found.saved_usd == pytest.approx(one.found.cloud_usd - 0.001)
    assert one.found.saved_usd < 0


async def test_that_each_model_stands_against_the_cheapest_host_of_its_weights(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_counterfactual, "PAGE_RUNS", 2)
    for _ in range(3):
        await answered(history)
    await answered(history, model="nobody:1b")
    await answered(history, state="aborted")
    await answered(history, place="cloud", host="api.openai.com", model="gpt-5-mini")
    prices = Prices(Settings())
    known, unknown = await local_models(history, prices, Settings(), at=NOW)
    assert known.hosted is not None
    assert (known.hosted.provider, known.hosted.model) in prices.hosted_twins("llama3.1:8b")
    assert known.found.counted == 3
    assert (unknown.hosted, unknown.found.cloud_usd) == (None, None)
    assert unknown.found.reasons == ("1 left out: no host of the same weights is known",)


async def test_that_electricity_is_in_usd_only_where_the_rate_of_its_currency_was_said(
    history: History,
) -> None:
    await answered(history, electricity_cost=0.5, electricity_currency="EUR")
    prices, tariff = Prices(Settings()), Tariff(price_per_kwh=0.3, currency="EUR")
    for settings, expected in (
        (Settings(electricity=tariff, currency_usd_rate=1.1), 0.55),
        (Settings(electricity=tariff), None),
        (Settings(currency_usd_rate=1.1), None),
    ):
        (one,) = await local_models(history, prices, settings, at=NOW, against=MINI)
        assert one.found.electricity_usd == (expected and pytest.approx(expected))
        assert (one.found.saved_usd is None) == (expected is None)


async def test_that_pricing_many_answers_holds_nothing_else_up(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(history)
    asked_on: list[threading.Thread] = []

    def seen(*args: Any) -> Counterfactual:
        asked_on.append(threading.current_thread())
        return counterfactual(*args)

    monkeypatch.setattr(usage_counterfactual, "counterfactual", seen)
    await local_models(history, Prices(Settings()), Settings(), at=NOW, against=MINI)
    assert len(asked_on) == 1
    assert threading.current_thread() not in asked_on


async def test_that_a_provider_that_nobody_knows_is_bad_input(history: History) -> None:
    nobody = Hosted(provider="nobody", model="m")
    with pytest.raises(BadInput, match="No price table knows"):
        await local_models(history, Prices(Settings()), Settings(), at=NOW, against=nobody)


async def test_that_only_the_runs_that_are_wanted_count(history: History) -> None:
    await answered(history)
    await answered(history, workload="Triage", started_at="2026-11-20T10:00:00+00:00")
    (one,) = await local_models(
        history,
        Prices(Settings()),
        Settings(),
        at=NOW,
        against=MINI,
        wanted=lambda run: run.workload == "Triage",
    )
    assert one.found.counted == 1
