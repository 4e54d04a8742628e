"""What is known of providers without asking them, and which models they list at which price."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud import price_list
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.provider import HostedModel, ProviderRow
from landfall.services.cloud.standing import (
    CheckOutcome,
    Standing,
    Standings,
    last_check,
    outcome,
    spending,
    standings,
)
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import EgressEntry, RunRecord
from landfall.services.keys.key_store import SessionKeys
from landfall.services.pricing.prices import Prices
from landfall.services.run.paid_calls import PaidCall

OPENAI, DEEPINFRA = cloud.find("openai"), cloud.find("deepinfra")
HOST = "api.openai.com"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LONG_PAST = datetime(2036, 1, 1, tzinfo=UTC)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


def line(at: str, said: str, *, host: str = HOST, why: str = "key check") -> EgressEntry:
    return EgressEntry(
        at=at, host=host, workload=None, sent_bytes=1, received_bytes=1, why=why, outcome=said
    )


def answer(at: str, *, host: str = HOST, state: str = "done", usd: float | None) -> RunRecord:
    return RunRecord(
        started_at=at,
        place="cloud",
        host=host,
        model="gpt-5",
        prompt="Why?",
        state=state,
        ttft_seconds=0.5,
        cost_usd=usd,
    )


async def looked(history: History, urls: dict[str, str] | None = None) -> Standings:
    async with aclosing(Transport(history)) as transport:
        access = CloudAccess(
            replace(Settings(), base_urls=MappingProxyType(urls or {})),
            keys=SessionKeys(),
            transport=transport,
            history=history,
            environment={},
        )
        return await standings(access, history, now=NOW)


def of(found: Standings, name: str) -> Standing:
    return next(standing for standing in found.providers if standing.row.id == name)


async def test_the_last_check_and_the_last_run_at_the_address_in_force_count(
    history: History,
) -> None:
    await history.record_egress(line("2026-11-20T10:00:00+00:00", "200"))
    await history.record_egress(line("2026-11-24T10:00:00+00:00", "401"))
    await history.record_egress(line("2026-11-25T10:00:00+00:00", "200", why="answer"))
    await history.add_run(answer("2026-11-23T10:00:00+00:00", usd=0.1))
    await history.add_run(answer("2026-11-24T10:00:00+00:00", state="aborted", usd=0.1))
    openai = of(await looked(history), "openai")
    assert openai.check is not None
    assert (openai.check.outcome, openai.check.said) == (CheckOutcome.REFUSED, "401")
    assert openai.run is not None
    assert openai.run.started_at.startswith("2026-11-23")
    moved = of(await looked(history, {"openai": "https://gateway.example/v1"}), "openai")
    assert (moved.check, moved.run) == (None, None)
    assert moved.address is not None
    assert moved.address.moved


async def test_a_provider_without_an_address_says_so(history: History) -> None:
    custom = of(await looked(history), "custom")
    assert custom.address is None
    assert "no address" in custom.problem


async def test_what_was_spent_counts_this_day_and_what_has_no_price(history: History) -> None:
    await history.add_run(answer("2026-11-25T23:59:59+00:00", usd=5.0))
    await history.add_run(answer("2026-11-26T00:00:01+00:00", usd=0.25))
    await history.add_run(answer("2026-11-26T09:00:00+00:00", usd=None))
    spent = await spending(history, now=NOW)
    assert (spent.usd, spent.answers, spent.unpriced) == (0.25, 2, 1)
    assert spent.counted_usd == 0.25
    call = PaidCall(at="2026-11-26T09:00:00+00:00", provider="openai", model="m", most_usd=0.75)
    await history.reserve(call, cap_usd=None)
    assert (await spending(history, now=NOW)).counted_usd == 0.75


@pytest.mark.parametrize(
    ("said", "row", "means"),
    [
        ("200", OPENAI, CheckOutcome.ACCEPTED),
        ("401", OPENAI, CheckOutcome.REFUSED),
        ("403", OPENAI, CheckOutcome.REFUSED),
        ("403", DEEPINFRA, CheckOutcome.ACCEPTED),
        ("500", OPENAI, CheckOutcome.UNCLEAR),
        ("ConnectError", OPENAI, CheckOutcome.UNCLEAR),
    ],
)
def test_an_outcome_means_yes_no_or_nothing(
    said: str, row: ProviderRow, means: CheckOutcome
) -> None:
    assert outcome(said, row.check) is means


def test_a_check_at_another_host_is_none() -> None:
    assert (
        last_check([line("2026-11-24", "200", host="other")], OPENAI, host=HOST, stored={}) is None
    )


async def test_what_was_said_of_the_key_before_is_not_said_of_the_one_that_is_stored(
    history: History,
) -> None:
    await history.record_egress(line("2026-11-24T10:00:00+00:00", "401"))
    await history.record_egress(line("2026-11-24T10:00:00+00:00", "401", why="usage key check"))
    await history.note_key_stored(OPENAI.entry("inference"), "2026-11-24T10:00:01+00:00")
    openai = of(await looked(history), "openai")
    assert openai.check is None
    assert openai.usage_check is not None, "that is another key"
    await history.record_egress(line("2026-11-24T10:00:02+00:00", "401"))
    openai = of(await looked(history), "openai")
    assert openai.check is not None
    assert openai.check.outcome is CheckOutcome.REFUSED


async def test_that_a_key_was_stored_is_noted_also_where_the_window_is_closed_before_its_check(
    history: History,
) -> None:
    async with aclosing(Transport(history)) as transport:
        access = CloudAccess(
            Settings(), keys=SessionKeys(), transport=transport, history=history, environment={}
        )
        await access.store(OPENAI, "sk-" + "a" * 40)
    assert list(await history.keys_stored()) == [OPENAI.entry("inference")]


# Models and prices


def test_models_are_listed_with_prices_and_the_retired_ones_last() -> None:
    models = price_list.listed(Prices(Settings()), "openai", at=LONG_PAST)
    assert {model.offered for model in models} == {None}
    retired = [model.retired for model in models]
    assert retired == sorted(retired)
    assert any(retired)
    assert all(model.row is not None for model in models)


def test_what_the_provider_lists_is_marked_and_what_has_no_price_stays_unknown() -> None:
    prices = Prices(Settings())
    hosted = (
        HostedModel(id="gpt-4o", name="gpt-4o"),
        HostedModel(id="brand-new-thing", name="New", retires="2026-12-01"),
    )
    models = {m.name: m for m in price_list.listed(prices, "openai", at=NOW, hosted=hosted)}
    assert models["gpt-4o"].offered is True
    assert models["gpt-4o"].row is not None
    assert models["gpt-4o-mini"].offered is False
    new = models["brand-new-thing"]
    assert (new.row, new.offered, new.retires) == (None, True, "2026-12-01")


def test_a_dated_name_marks_the_model_that_the_table_knows() -> None:
    hosted = (HostedModel(id="gpt-4o-mini-2024-07-18", name="x"),)
    models = price_list.listed(Prices(Settings()), "openai", at=NOW, hosted=hosted)
    assert [model.name for model in models if model.offered] == ["gpt-4o-mini"]


def test_the_oldest_price_gives_the_age() -> None:
    models = price_list.listed(Prices(Settings()), "together", at=NOW)
    found = price_list.age(models, today=NOW.date())
    assert found is not None
    dates = {m.row.as_of for m in models if m.row is not None and m.row.as_of is not None}
    assert found.as_of == min(dates)
    assert found.days == (date(2026, 11, 26) - min(dates)).days
    assert found.mixed is (len(dates) > 1)


def test_prices_that_were_typed_in_have_no_age() -> None:
    typed = MappingProxyType({"custom/mine": MappingProxyType({"input": 1.0})})
    prices = Prices(replace(Settings(), prices=typed))
    hosted = (HostedModel(id="mine", name="mine"),)
    models = price_list.listed(prices, "custom", at=NOW, hosted=hosted)
    assert [model.name for model in models] == ["mine"]
    assert models[0].row is not None
    assert price_list.age(models, today=NOW.date()) is None


async def test_calls_of_probes_count_as_paid_answers(history: History) -> None:
    calls = [
        {"number": 0, "cost_usd": 0.25},
        {"number": 1, "cost_usd": None},
        {"number": 2, "cost_usd": None, "failure": "busy"},
    ]
    for day in ("2026-11-24", "2026-11-25"):
        probe = ProbeRecord(
            started_at=f"{day}T10:00:00+00:00",
            provider="openai",
            host="api.openai.com",
            model="gpt-5",
            result={"cost_usd": 0.25, "calls": calls},
        )
        await history.add_probe(probe)
    spent = await spending(history, now=datetime(2026, 11, 25, 12, tzinfo=UTC))
    assert (spent.usd, spent.answers, spent.unpriced) == (0.25, 2, 1)


async def test_that_the_many_answers_of_a_gate_hide_no_answer_that_was_paid_for(
    history: History,
) -> None:
    await history.keep_run(answer("2026-11-26T08:00:00+00:00", usd=0.25))
    await history.keep_run(answer("2026-11-25T23:59:59+00:00", usd=9.0))
    for second in range(501):
        at = f"2026-11-26T09:{second // 60:02}:{second % 60:02}+00:00"
        await history.keep_run(replace(answer(at, usd=None), place="local"))
    found = await spending(history, now=NOW)
    assert (found.answers, found.unpriced, found.usd) == (1, 0, 0.25)


def test_that_models_that_retire_stand_after_the_others_and_the_retired_last() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    models = price_list.listed(Prices(Settings()), "openai", at=at)
    order = [(model.retired, bool(model.retires)) for model in models]
    assert order == sorted(order)
    assert {(False, False), (False, True)} <= set(order)


def test_that_a_list_of_prices_begins_with_what_is_looked_for_today() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    first = {
        provider: [m.name for m in price_list.listed(Prices(Settings()), provider, at=at)][:3]
        for provider in ("openai", "anthropic", "google")
    }
    assert all(name.startswith("gpt-6") for name in first["openai"])
    assert all(name.startswith("claude-") and "5-5" in name for name in first["anthropic"])
    assert all(name.startswith("gemini-") for name in first["google"])


def test_that_a_model_the_key_may_not_use_stands_after_those_it_may() -> None:
    hosted = (HostedModel(id="gpt-5.5", name="gpt-5.5"),)
    models = price_list.listed(Prices(Settings()), "openai", at=NOW, hosted=hosted)
    assert models[0].name == "gpt-5.5"
