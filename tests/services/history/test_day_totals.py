"""What was used stays counted: once, whatever happens to the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.services.history.history import History
from landfall.services.history.records import DayTotal, RunRecord, new_uid

RUN = RunRecord(
    started_at="2026-11-25T23:59:59+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    workload="Triage",
    state="done",
    prompt="Why?",
    prompt_tokens=100,
    output_tokens=10,
    gross_joules=50.1,
    electricity_cost=0.004,
    electricity_currency="EUR",
)
TOTAL = DayTotal(
    day="2026-11-25",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    workload="Triage",
    electricity_currency="EUR",
    runs=1,
    prompt_tokens=100,
    output_tokens=10,
    joules=50.1,
    electricity_cost=0.004,
    cost_usd=None,
    missing_tokens=0,
    missing_joules=0,
    missing_cost=0,
)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def kept(history: History, run: RunRecord = RUN) -> RunRecord:
    begun = replace(run, state="running", uid=new_uid())
    ended = replace(run, uid=begun.uid, id=await history.add_run(begun))
    await history.keep_run(ended)
    return ended


async def test_that_a_run_counts_when_it_ends_and_not_before(history: History) -> None:
    begun = replace(RUN, state="running", uid=new_uid())
    number = await history.add_run(begun)
    assert await history.day_totals() == ()
    await history.keep_run(replace(RUN, uid=begun.uid, id=number))
    assert await history.day_totals() == (TOTAL,)


async def test_that_energy_that_comes_later_is_added_to_the_same_run(history: History) -> None:
    run = await kept(history, replace(RUN, gross_joules=None))
    (before,) = await history.day_totals()
    assert (before.runs, before.joules, before.missing_joules) == (1, None, 1)
    await history.keep_run(replace(run, gross_joules=50.1))
    assert await history.day_totals() == (TOTAL,)


async def test_that_deleting_a_run_leaves_what_it_used(history: History) -> None:
    run = await kept(history)
    await history.take_out([run.id])
    assert await history.runs() == ()
    assert await history.day_totals() == (TOTAL,)


async def test_that_an_undone_deletion_counts_nothing_twice(history: History) -> None:
    run = await kept(history)
    for _ in range(3):
        (stored,) = await history.runs()
        await history.put_back(await history.take_out([stored.id]))
    assert await history.day_totals() == (TOTAL,)
    (back,) = await history.runs()
    assert back.uid == run.uid


async def test_that_a_run_deleted_while_it_goes_on_is_counted_at_its_end(history: History) -> None:
    begun = replace(RUN, state="running", uid=new_uid())
    number = await history.add_run(begun)
    await history.take_out([number])
    await history.keep_run(replace(RUN, uid=begun.uid, id=number))
    assert await history.runs() == ()
    assert await history.day_totals() == (TOTAL,)


async def test_that_an_interrupted_run_counts_once_with_unknown_figures(tmp_path: Path) -> None:
    begun = replace(RUN, state="running", prompt_tokens=None, output_tokens=None, gross_joules=None)
    history = History(tmp_path / "history.db")
    await history.open()
    await history.add_run(replace(begun, electricity_cost=None, electricity_currency=None))
    assert await history.mark_interrupted() == 1
    assert await history.mark_interrupted() == 0
    (total,) = await history.day_totals()
    assert (total.runs, total.output_tokens, total.joules) == (1, None, None)
    assert (total.missing_tokens, total.missing_joules, total.missing_cost) == (1, 1, 1)
    await history.close()


async def test_that_money_in_several_currencies_is_never_added(history: History) -> None:
    await kept(history)
    await kept(history, replace(RUN, electricity_cost=0.002))
    await kept(history, replace(RUN, electricity_cost=0.6, electricity_currency="JPY"))
    await kept(history, replace(RUN, electricity_cost=None, electricity_currency=None))
    by_currency = {t.electricity_currency: t for t in await history.day_totals()}
    euro = by_currency["EUR"]
    assert (euro.runs, euro.electricity_cost) == (2, pytest.approx(0.006))
    assert by_currency["JPY"].electricity_cost == 0.6
    assert (by_currency[None].electricity_cost, by_currency[None].missing_cost) == (None, 1)


async def test_that_each_day_place_host_model_and_workload_is_a_row(history: History) -> None:
    others = (
        {"started_at": "2026-11-26T00:00:01+00:00"},
        {"host": "http://10.0.0.2:11434", "place": "network"},
        {"model": "other"},
        {"workload": None},
    )
    for change in others:
        await kept(history, replace(RUN, **change))  # type: ignore[arg-type]
    await kept(history)
    assert len(await history.day_totals()) == 5
    assert (await history.day_totals())[-1].day == "2026-11-26"


async def test_that_the_day_is_that_of_utc(history: History) -> None:
    await kept(history, replace(RUN, started_at="2026-11-26T00:30:00+02:00"))
    assert (await history.day_totals())[0].day == "2026-11-25"


async def test_that_a_paid_answer_without_a_price_is_missing_and_not_free(history: History) -> None:
    cloud = replace(
        RUN,
        place="cloud",
        gross_joules=None,
        electricity_cost=None,
        electricity_currency=None,
    )
    await kept(history, replace(cloud, cost_usd=0.02))
    await kept(history, cloud)
    (total,) = await history.day_totals()
    assert (total.cost_usd, total.missing_cost, total.missing_joules) == (0.02, 1, 2)


async def test_that_runs_that_end_at_once_are_all_counted(history: History) -> None:
    await asyncio.gather(*(kept(history) for _ in range(20)))
    (total,) = await history.day_totals()
    assert (total.runs, total.output_tokens) == (20, 200)
