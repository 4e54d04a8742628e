"""Probes over the wire: what they cost is asked first, and what came is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from landfall.core.benchmark.probe import Plan, calls_of
from landfall.core.errors import BudgetExceeded, KeyRefused, ModelNotFound, ServerRefused
from landfall.core.provenance import Estimated, Measured, Published, Unknown, middle
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.probe import Made, Probed, ProbeUpdate, most_it_costs, run_probe
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import RunRecord
from landfall.services.keys.key_store import SessionKeys
from landfall.services.pricing.prices import Prices
from landfall.services.verdict.here_and_there import here_and_there, watts_of
from tests.fakes.cloud_api import CloudApi, openai_answer, refuse, stream

KEY = "sk-fake-0123456789abcdef"
OPENAI = cloud.find("openai")
MODEL = "gpt-5-mini"
SMALL = Plan(calls=3, max_tokens=32)
AGREED = Consent(usd_max=1.0)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def quick(history: History) -> AsyncIterator[Transport]:
    async def at_once(_seconds: float) -> None:
        pass

    async with aclosing(Transport(history, sleep=at_once)) as opened:
        yield opened


@pytest.fixture
async def access(openai: CloudApi, history: History, quick: Transport) -> CloudAccess:
    return await with_key(openai, history, quick)


async def with_key(
    api: CloudApi, history: History, transport: Transport, settings: Settings | None = None
) -> CloudAccess:
    urls = MappingProxyType({"openai": api.url})
    made = CloudAccess(
        replace(settings or Settings(), base_urls=urls),
        keys=SessionKeys(),
        transport=transport,
        history=history,
        environment={},
    )
    await made.store(OPENAI, KEY)
    return made


async def probed(
    access: CloudAccess, history: History, *, plan: Plan = SMALL, consent: Consent = AGREED
) -> list[ProbeUpdate]:
    updates = run_probe(access, history, OPENAI, model=MODEL, plan=plan, consent=consent)
    async with aclosing(updates) as told:
        return [update async for update in told]


async def test_that_a_probe_tells_each_call_and_keeps_them(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    updates = await probed(access, history)
    *made, last = updates
    assert [update.call.number for update in made if isinstance(update, Made)] == [0, 1, 2, 3]
    assert isinstance(last, Probed)
    assert (last.summary.measured, last.summary.failed) == (3, 0)
    assert last.summary.cost_usd is not None
    assert last.summary.cost_usd > 0
    (kept,) = await history.probes()
    assert (kept.state, kept.provider, kept.model) == ("done", "openai", MODEL)
    assert len(calls_of(kept.result)) == 4
    assert {request.json["max_tokens"] for request in openai.requests} == {32}


async def test_that_the_most_it_costs_is_told_before_and_counts_the_warm_up(
    access: CloudAccess, openai: CloudApi
) -> None:
    most = most_it_costs(access, OPENAI, MODEL, SMALL)
    assert most.usd is not None
    assert most.each.usd is not None
    assert most.usd == pytest.approx(4 * most.each.usd)
    assert openai.requests == []
    assert most_it_costs(access, OPENAI, "nobody-knows", SMALL).usd is None


async def test_that_consent_to_the_whole_covers_each_call_and_no_more(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    most = most_it_costs(access, OPENAI, MODEL, SMALL).usd or 0.0
    assert len(await probed(access, history, consent=Consent(usd_max=most))) == 5
    sent = len(openai.requests)
    with pytest.raises(BudgetExceeded):
        await probed(access, history, consent=Consent(usd_max=most * 0.9))
    assert len(openai.requests) == sent


async def test_that_the_cap_of_the_day_ends_a_probe_and_what_came_is_kept(
    openai: CloudApi, history: History, quick: Transport
) -> None:
    whole = await with_key(openai, history, quick)
    each = most_it_costs(whole, OPENAI, MODEL, SMALL).each.usd or 0.0
    capped = await with_key(
        openai, history, quick, replace(Settings(), daily_budget_usd=each * 1.5)
    )
    with pytest.raises(BudgetExceeded, match="cap"):
        await probed(capped, history, plan=Plan(calls=100, max_tokens=32))
    (kept,) = await history.probes()
    assert kept.state == "aborted"
    assert calls_of(kept.result)
    assert await history.latest_probes() == ()


async def test_that_one_failure_is_counted_and_the_next_call_goes_on(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    good = [stream(openai_answer("a", "b", "c")) for _ in range(3)]
    openai.script.extend([good[0], refuse(400, "not today"), good[1], good[2]])
    last = (await probed(access, history))[-1]
    assert isinstance(last, Probed)
    assert (last.summary.measured, last.summary.failed) == (2, 1)
    assert "not today" in last.summary.failures[0][0]


async def test_that_failures_in_a_row_give_up_with_the_last_one(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    openai.script.extend([refuse(400, "no")] * 3)
    with pytest.raises(ServerRefused, match="no"):
        await probed(access, history, plan=Plan(calls=50, max_tokens=32))
    assert len(openai.requests) == 3
    (kept,) = await history.probes()
    assert kept.state == "aborted"
    assert len(calls_of(kept.result)) == 3


@pytest.mark.parametrize(
    ("status", "kind"), [(401, KeyRefused), (404, ModelNotFound)], ids=["key", "model"]
)
async def test_that_what_no_call_can_survive_ends_the_probe_at_once(
    access: CloudAccess, history: History, openai: CloudApi, status: int, kind: type[Exception]
) -> None:
    openai.script.append(refuse(status, "no"))
    with pytest.raises(kind):
        await probed(access, history)
    assert len(openai.requests) == 1


async def test_that_a_stopped_probe_keeps_what_came(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    openai.script.extend([stream(openai_answer("a", "b")), stream(openai_answer("a", "b"))])
    openai.script.append(stream([30.0]))
    came: list[ProbeUpdate] = []
    twice = asyncio.Event()

    async def work() -> None:
        updates = run_probe(access, history, OPENAI, model=MODEL, plan=SMALL, consent=AGREED)
        async with aclosing(updates) as told:
            async for update in told:
                came.append(update)
                if len(came) == 2:
                    openai.asked.clear()
                    twice.set()

    task = asyncio.create_task(work())
    await twice.wait()
    await openai.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(came) == 2
    (kept,) = await history.probes()
    assert (kept.state, len(calls_of(kept.result))) == ("aborted", 2)


async def test_that_every_call_is_in_the_egress_log_as_a_probe(
    access: CloudAccess, history: History
) -> None:
    await probed(access, history)
    assert [entry.why for entry in await history.egress()] == ["probe"] * 4


async def test_that_a_probe_that_died_with_the_program_is_marked(history: History) -> None:
    record = ProbeRecord(started_at="2026-11-20T10:00:00Z", provider="p", host="h", model="m")
    await history.add_probe(record)
    assert await history.mark_interrupted() == 1
    assert (await history.probes())[0].state == "interrupted"


# ---------------------------------------------------------------- here against there


def run(**more: object) -> RunRecord:
    values = {
        "started_at": "2026-11-20T10:00:00Z",
        "place": "local",
        "host": "http://127.0.0.1:11434",
        "model": "qwen3:8b",
        "state": "done",
        "prompt": "x",
        "decode_tok_s": 50.0,
        "ttft_seconds": 0.4,
        "output_tokens": 100,
        "total_seconds": 4.0,
        "energy_grade": "good",
        "energy_scope": "GPU board",
    } | more
    return RunRecord(**values)  # type: ignore[arg-type]


def test_that_watts_are_those_of_answering_where_they_are_known() -> None:
    assert watts_of(run(decode_joules=600.0, gross_joules=1000.0)) == 300.0
    assert watts_of(run(gross_joules=1000.0)) == 250.0


@pytest.mark.parametrize(
    "weak",
    [{"energy_grade": "too_short"}, {"energy_grade": "missing"}, {"shared_with": 2}],
)
def test_that_watts_measured_badly_or_with_others_are_none(weak: dict[str, object]) -> None:
    assert watts_of(run(gross_joules=1000.0, **weak)) is None
    assert watts_of(run()) is None


async def test_that_what_was_run_here_stands_against_what_was_probed_there(
    access: CloudAccess, history: History
) -> None:
    await probed(access, history)
    for rate, joules in ((40.0, 1000.0), (60.0, None), (50.0, 1200.0)):
        await history.keep_run(replace(run(decode_tok_s=rate, gross_joules=joules)))
    await history.keep_run(run(model="tiny", decode_tok_s=90.0, energy_reason="no sensor"))
    await history.keep_run(run(model="away", place="network"))
    at = datetime(2026, 11, 20, tzinfo=UTC)
    found = await here_and_there(history, Prices(Settings()), at=at)
    assert [one.model for one in found.here] == ["tiny", "qwen3:8b"]
    tiny, qwen = found.here
    assert tiny.watts == Unknown("no sensor")
    assert middle(qwen.tok_s) == 50.0
    assert middle(qwen.watts) == 275.0
    assert (qwen.watts_scope, qwen.runs) == ("GPU board", 3)
    (there,) = found.there
    assert (there.provider_name, there.model, there.calls) == ("OpenAI", MODEL, 3)
    assert isinstance(there.tok_s, Measured)
    assert isinstance(there.usd_per_mtok, Published)
    assert there.usd_per_mtok.value == 2.0


async def test_that_a_probe_without_counted_tokens_is_an_estimate_wherever_it_is_shown(
    access: CloudAccess, history: History, openai: CloudApi
) -> None:
    *uncounted, _usage, done = openai_answer("one ", "two ", "three")
    openai.script.extend(stream([*uncounted, done]) for _ in range(4))
    last = (await probed(access, history))[-1]
    assert isinstance(last, Probed)
    assert last.summary.measured == 3
    assert last.summary.estimated == ("tok_s_p50", "tok_s_p95", "cost_usd")
    found = await here_and_there(history, Prices(Settings()), at=datetime.now(UTC))
    (there,) = found.there
    assert isinstance(there.tok_s, Estimated)
    assert isinstance(there.tok_s_p95, Estimated)
    assert there.tok_s.low < there.tok_s.mid == last.summary.tok_s_p50 < there.tok_s.high


async def test_that_a_model_without_a_price_says_so(access: CloudAccess, history: History) -> None:
    updates = run_probe(
        access,
        history,
        OPENAI,
        model="nobody-knows",
        plan=SMALL,
        consent=Consent(unpriced=True),
    )
    async with aclosing(updates) as told:
        async for _ in told:
            pass
    found = await here_and_there(history, Prices(Settings()), at=datetime.now(UTC))
    assert isinstance(found.there[0].usd_per_mtok, Unknown)
    summary = (await history.probes())[0].result
    assert summary is not None
    assert summary["cost_usd"] is None


async def test_that_the_many_answers_of_a_gate_hide_no_other_model(history: History) -> None:
    at = "2026-11-20T09:00:00+00:00"
    for place, model, speed, times in (("local", "small", 30.0, 3), ("local", "gated", 50.0, 520)):
        for _ in range(times):
            one = RunRecord(
                started_at=at,
                place=place,
                host="http://127.0.0.1:11434",
                model=model,
                prompt="Why?",
                state="done",
                decode_tok_s=speed,
            )
            await history.keep_run(one)
    found = await here_and_there(history, Prices(Settings()), at=datetime(2026, 11, 20, tzinfo=UTC))
    assert [(one.model, one.runs) for one in found.here] == [("gated", 20), ("small", 3)]
