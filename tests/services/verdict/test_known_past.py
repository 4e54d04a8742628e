"""What the history knows beside runs and votes reaches a decision: slots, rates, assigned usage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult, Level, Sweep
from landfall.core.benchmark.data import as_data
from landfall.core.demand.outlook_words import words
from landfall.core.fit.load_check import SETUP_NOT_TOLD
from landfall.core.provenance import Unknown, middle
from landfall.core.settings import Settings
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.proposal import Grouping
from landfall.services.benchmark.serves import known_serves
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, LoadRecord
from landfall.services.models import shipped_catalogue
from landfall.services.usage.kept import KeptImport, NewImport
from landfall.services.usage.workloads import text_of
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.known_past import NO_PAST, Past, past_of
from landfall.services.verdict.workload_files import from_text

AT = "2026-11-20T10:00:00+00:00"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CARDS = shipped_catalogue.load().models
HERE = "http://127.0.0.1:11434"


def level(number: int, decode: float) -> Level:
    return Level(
        concurrency=number,
        answers=10,
        failed=0,
        at_once=number,
        ttft_p50_seconds=0.2 * number,
        ttft_p95_seconds=0.3 * number,
        decode_tok_s=decode,
        throughput_tok_s=None,
        gross_joules_per_token=Unknown("no meter"),
    )


def benchmark(model: str = "qwen3:8b", *, parallel: object = 4) -> BenchmarkRecord:
    result = BenchmarkResult(
        kind=BenchKind.CHAT,
        model=model,
        digest=None,
        engine=None,
        host=HERE,
        place="local",
        conditions={"parallel": parallel},
        sweep=Sweep(
            levels=(level(1, 50.0), level(4, 25.0)),
            ttft_target_seconds=2.0,
            people=4,
            reason="",
        ),
    )
    return BenchmarkRecord(
        started_at=AT,
        state="done",
        kind="chat",
        place="local",
        host=HERE,
        model=model,
        result=as_data(result),
    )


def load(at: str, parallel: int | None, *, reasons: tuple[str, ...] = ()) -> LoadRecord:
    return LoadRecord(
        at=at,
        host=HERE,
        model="qwen3:8b",
        engine="Ollama 0.32.15",
        parallel=parallel,
        ps_bytes=1,
        ps_gpu_bytes=1,
        reasons=reasons,
    )


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    history = History(tmp_path / "h.db")
    await history.open()
    yield history
    await history.close()


def test_that_the_newest_benchmark_that_tells_counts() -> None:
    older = replace(benchmark(parallel=2), started_at="2026-11-01T10:00:00+00:00")
    found = known_serves(Past(benchmarks=(benchmark(), older)), CARDS)
    assert set(found) == {"qwen3:8b"}
    assert found["qwen3:8b"].slots == 4
    assert [one.at_once for one in found["qwen3:8b"].streams] == [1, 4]


@pytest.mark.parametrize(
    "record",
    [
        replace(benchmark(), state="aborted"),
        replace(benchmark(), place="network"),
        replace(benchmark(), kind="embedding"),
        replace(benchmark(), result=None),
        replace(benchmark(), result={"nonsense": 1}),
        replace(benchmark(), model="nobody-knows:1b"),
    ],
)
def test_that_a_benchmark_that_says_nothing_of_this_machine_is_passed_over(
    record: BenchmarkRecord,
) -> None:
    assert known_serves(Past(benchmarks=(record,)), CARDS) == {}


def test_that_a_newer_load_says_how_many_slots_there_are_now() -> None:
    newer, older = "2026-11-22T10:00:00+00:00", "2026-11-02T10:00:00+00:00"
    found = known_serves(Past(benchmarks=(benchmark(),), loads=(load(newer, 2),)), CARDS)
    assert found["qwen3:8b"].slots == 2
    assert found["qwen3:8b"].streams, "its rates stay those of the benchmark"
    stale = known_serves(Past(benchmarks=(benchmark(),), loads=(load(older, 2),)), CARDS)
    assert stale["qwen3:8b"].slots == 4
    alone = known_serves(Past(loads=(load(newer, 3), load(older, 8))), CARDS)
    assert alone["qwen3:8b"].slots == 3


def test_that_assumed_slots_and_those_of_other_machines_say_nothing() -> None:
    assumed = load(AT, 1, reasons=(f"{SETUP_NOT_TOLD}: 1 sequence at once",))
    far = replace(load(AT, 4), host="http://192.168.1.20:11434")
    for one in (assumed, far, load(AT, None), load(AT, 0), replace(load(AT, 4), model="no:1b")):
        assert known_serves(Past(loads=(one,)), CARDS) == {}


TEXT = """schema = 1
[workload]
name = "triage"
task = "classification"
[volume]
calls_per_day = 4000
history_days = 90
predictability = "predictable"
[tokens]
input = 1000
output = 100
[candidates]
local = ["qwen3:8b"]
"""


async def test_that_slots_and_measured_rates_reach_the_load_of_this_machine() -> None:
    machine = shipped_catalogue.load().what_if("RTX 4090")
    loaded = from_text(TEXT)
    plain = await Decider(Settings(), now=NOW, detected=machine).decide(loaded, with_flips=False)
    known = await Decider(
        Settings(), now=NOW, detected=machine, past=Past(benchmarks=(benchmark(),))
    ).decide(loaded, with_flips=False)
    before, after = plain.facts.machine, known.facts.machine
    assert before is not None
    assert after is not None
    assert before.strain is not None
    assert after.strain is not None
    assert (before.strain.service.slots, after.strain.service.slots) == (1, 4)
    assert after.strain.service.people == 4
    seconds = middle(after.strain.service.seconds)
    assert seconds is not None
    assert seconds > 100 / 25.0, "the answer at the rate of four at once"
    assert (middle(after.absorbed_share) or 0) > (middle(before.absorbed_share) or 0)
    elsewhere = await Decider.on(
        "RTX 4090", Settings(), now=NOW, past=Past(benchmarks=(benchmark(),))
    ).decide(loaded, with_flips=False)
    assert elsewhere.facts.machine is not None
    assert elsewhere.facts.machine.strain is not None
    assert elsewhere.facts.machine.strain.service.slots == 1, "nothing was measured on it"


def buckets(days: int = 40) -> list[UsageBucket]:
    first = datetime(2026, 10, 1, tzinfo=UTC)
    return [
        UsageBucket(
            at=(first + timedelta(days=day, hours=hour)).isoformat(),
            span_seconds=3600,
            provider="openai",
            model="gpt-5.5",
            requests=40.0 if hour in (9, 10) else 5.0,
            input_tokens=40_000.0 if hour in (9, 10) else 5_000.0,
            cache_write_tokens=10.0 if hour == 3 else None,
            output_tokens=4_000.0,
        )
        for day in range(days)
        for hour in range(24)
    ]


async def imported(history: History, rows: list[UsageBucket]) -> None:
    record = KeptImport(
        uid="one",
        imported_at=AT,
        source="file",
        name="usage.csv",
        format="openai",
        rows=len(rows),
        kept=len(rows),
        skipped=0,
    )
    await history.usage.add(
        [NewImport(record=record, buckets=rows, costs=(), fingerprints=range(len(rows)))]
    )


async def test_that_imported_usage_reaches_the_forecast_and_the_hours(history: History) -> None:
    assert await past_of(history) == NO_PAST
    await imported(history, buckets())
    assert (await past_of(history)).usage == {}, "it was assigned to no workload"
    (proposal,) = await history.usage.proposals(Grouping.MODEL)
    await history.usage.assign(proposal)
    past = replace(
        await past_of(history),
        usage=await history.usage.summaries(),
    )
    assert set(past.usage) == {proposal.name}
    decider = Decider.on("RTX 4090", Settings(), now=NOW, past=past)
    decided = await decider.decide(from_text(text_of(proposal, None)), with_flips=False)
    outlook, host = decided.verdict.outlook, decided.verdict.load
    assert outlook is not None
    assert (outlook.source, outlook.observed_days, outlook.busiest_hour) == ("usage", 40, 9)
    assert any("busiest from 9:00 to 10:00" in one for one in words(outlook))
    assert host is not None
    assert host.strain.replayed_calls()[0] > 1000
    assert host.strain.load.scale == pytest.approx(1.0)


async def test_that_usage_without_counted_calls_is_left_out(history: History) -> None:
    await imported(history, [replace(one, requests=None) for one in buckets(2)])
    (proposal,) = await history.usage.proposals(Grouping.MODEL)
    await history.usage.assign(proposal)
    assert await history.usage.summaries() == {}
