"""A benchmark of one model: against twin and real servers, and with all that goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchPlan,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Sustained,
)
from landfall.core.benchmark.data import plan_of, result_of
from landfall.core.costs.tariff import Tariff
from landfall.core.energy.power import Scope
from landfall.core.errors import (
    AppError,
    BadInput,
    DiskFull,
    ModelNotFound,
    OllamaUnavailable,
    ServerRefused,
)
from landfall.core.provenance import Measured, Unknown
from landfall.services.benchmark import running as benchmark
from landfall.services.benchmark import target as benchmark_target
from landfall.services.benchmark import work as benchmark_work
from landfall.services.benchmark.comparison import Side, conditions_of
from landfall.services.benchmark.plan import standard_plan
from landfall.services.benchmark.running import (
    BenchEvent,
    BenchKept,
    BenchLane,
    BenchPart,
    BenchStep,
    run_benchmark,
)
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, RunRecord
from landfall.services.ollama.client import Ollama
from landfall.services.run import metering
from landfall.services.run.answering import Kept
from landfall.services.run.conditions import ELSEWHERE, Lookout, MachineLook
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import NEW, Twin
from tests.fakes.power import FakeSource
from tests.services.ollama.conftest import Live, client, live, real_server, tiny, twin

__all__ = ["client", "live", "real_server", "tiny", "twin"]  # fixtures

PLAN = standard_plan(
    context=1024,
    num_predict=16,
    repetitions=2,
    answer_seconds=0.0,
    sustained_seconds=0.1,
    concurrency=(1, 2),
    level_seconds=0.05,
    batches=(1, 3),
    batch_seconds=0.05,
    num_thread=1,
)
SHORT = replace(PLAN, prompts=PLAN.prompts[:1], sustained_seconds=0.0, concurrency=())


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def twin_client(twin: Twin) -> AsyncIterator[Ollama]:
    async with Ollama(twin.url, connect_seconds=1.0) as opened:
        yield opened


class Seen:
    """What came, whether it ended well or not."""

    def __init__(self) -> None:
        self.events: list[BenchEvent] = []
        self.error: AppError | None = None

    def steps(self) -> list[tuple[str, str]]:
        return [(e.doing, e.name) for e in self.events if isinstance(e, BenchStep)]

    def parts(self) -> list[object]:
        return [e.part for e in self.events if isinstance(e, BenchPart)]

    def runs(self) -> list[RunRecord]:
        return [
            e.update.record
            for e in self.events
            if isinstance(e, BenchLane) and isinstance(e.update, Kept)
        ]

    @property
    def kept(self) -> BenchKept:
        (found,) = [e for e in self.events if isinstance(e, BenchKept)]
        return found


async def follow(
    history: History,
    client: Ollama,
    model: str,
    *,
    plan: BenchPlan = PLAN,
    kind: BenchKind | None = None,
    power: Metering | None = None,
    lookout: Lookout | None = None,
    tariff: Tariff | None = None,
) -> Seen:
    seen = Seen()
    runs = Runs(history, power=power, tariff=tariff)
    events = run_benchmark(runs, history, client, model, plan=plan, kind=kind, lookout=lookout)
    try:
        async with aclosing(events):
            async for event in events:
                seen.events.append(event)
    except AppError as error:
        seen.error = error
    return seen


async def only(history: History) -> BenchmarkRecord:
    (record,) = await history.benchmarks()
    return record


# What is measured


async def test_that_everything_is_measured_in_its_order_and_kept(
    live: Live, client: Ollama, history: History
) -> None:
    seen = await follow(history, client, "tiny-story")
    assert seen.error is None
    prompts = [prompt.name for prompt in PLAN.prompts]
    assert seen.steps() == [
        ("load", "cold"),
        ("warm_up", ""),
        *(("prompt", name) for name in prompts for _ in range(2)),
        ("sustained", ""),
        ("sweep", "1"),
        ("sweep", "2"),
    ]
    numbers = [(e.number, e.of) for e in seen.events if isinstance(e, BenchStep)]
    assert numbers == [(n + 1, len(numbers)) for n in range(len(numbers))]
    kinds = [type(part) for part in seen.parts()]
    assert kinds == [Loads, *([PartResult] * len(prompts)), Sustained, Level, Level]
    record, result = seen.kept.record, seen.kept.result
    assert isinstance(seen.events[-1], BenchKept)
    assert (record.state, record.kind, record.model) == ("done", "chat", "tiny-story:latest")
    assert record == await only(history)
    assert record.result is not None
    assert result_of(record.result) == result
    assert plan_of(record.plan) == PLAN
    assert result.engine == f"Ollama {live.version}"
    assert result.loads is not None
    assert result.loads.cold_seconds is not None
    assert result.loads.warm_seconds is not None
    for part in result.parts:
        assert (len(part.runs), part.failed) == (2, 0)
        assert part.decode_tok_s is not None
        assert part.decode_tok_s.median > 0
        assert part.ttft_seconds is not None
    assert result.sustained is not None
    assert result.sustained.points
    assert result.sweep is not None
    assert [level.concurrency for level in result.sweep.levels] == [1, 2]


async def test_that_each_run_is_in_the_history_under_its_benchmark_and_part(
    live: Live, client: Ollama, history: History
) -> None:
    seen = await follow(history, client, "tiny-story")
    row = seen.kept.record.id
    runs = await history.runs()
    assert {run.benchmark for run in runs} == {row}
    parts = [run.part for run in reversed(runs)]
    assert parts[:2] == ["warm_up", "warm_up"]
    lengths = {"short", "medium", "long"}
    assert {*lengths, "sustained", "sweep 1", "sweep 2"} <= set(parts)
    counted = [number for part in seen.kept.result.parts for number in part.runs]
    assert set(counted) == {run.id for run in runs if run.part in lengths}
    assert all(run.digest and run.engine for run in runs)


async def test_that_all_requests_have_the_same_options_and_no_two_the_same_prompt(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    await follow(history, twin_client, "tiny-story")
    chats = [r.json() for r in twin.server.requests if r.path == "/api/chat"]
    options = [dict(chat["options"]) for chat in chats]
    for one in options:
        one.pop("num_predict")
    assert all(one == options[0] for one in options)
    assert options[0]["seed"] == PLAN.seed
    assert (options[0]["num_ctx"], options[0]["num_thread"]) == (1024, 1)
    assert (options[0]["temperature"], options[0]["repeat_penalty"]) == (0.0, 1.0)
    beginnings = [chat["messages"][0]["content"][:14] for chat in chats]
    assert len(set(beginnings)) == len(beginnings)
    assert all(chat["keep_alive"] == benchmark_target.KEEP_ALIVE for chat in chats)


async def test_that_a_fast_model_is_asked_for_answers_that_last(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.002
    plan = replace(SHORT, answer_seconds=0.1, repetitions=1)
    await follow(history, twin_client, "tiny-count", plan=plan)
    chats = [r.json() for r in twin.server.requests if r.path == "/api/chat"]
    assert [chat["options"]["num_predict"] for chat in chats[:2]] == [1, 16]
    assert 40 <= chats[2]["options"]["num_predict"] <= 60


async def test_that_the_context_limits_how_long_an_answer_may_be(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    plan = replace(SHORT, answer_seconds=1e6, repetitions=1)
    await follow(history, twin_client, "tiny-count", plan=plan)
    chats = [r.json() for r in twin.server.requests if r.path == "/api/chat"]
    assert 500 < chats[2]["options"]["num_predict"] < 1024


async def test_that_a_template_that_is_most_of_the_prompt_voids_the_prefill_rate(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.0005
    seen = await follow(history, twin_client, "tiny-story", plan=replace(PLAN, concurrency=()))
    short, medium = seen.kept.result.parts[0], seen.kept.result.parts[-1]
    assert short.prefill_tok_s is None
    assert "template" in short.reasons["prefill_tok_s"]
    assert medium.prefill_tok_s is not None


async def test_that_a_prompt_that_does_not_fit_says_nothing_of_how_fast_it_is_read(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.pace.token_seconds = 0.0005
    long = replace(SHORT.prompts[0], name="mine", text="word " * 900)
    plan = replace(SHORT, prompts=(SHORT.prompts[0], long), context=256)
    answer = Twin._answer

    async def halved(self: Twin, *words: object) -> AsyncIterator[bytes]:
        """Reads no more than half of the context, as 0.32 does."""
        async for line in answer(self, *words):  # type: ignore[arg-type]
            told = json.loads(line)
            if "prompt_eval_count" in told:
                told["prompt_eval_count"] = min(128, told["prompt_eval_count"])
            yield json.dumps(told).encode() + b"\n"

    monkeypatch.setattr(Twin, "_answer", halved)
    seen = await follow(history, twin_client, "tiny-story", plan=plan)
    (mine,) = [part for part in seen.kept.result.parts if part.name == "mine"]
    assert mine.prefill_tok_s is None
    assert "cut to fit" in mine.reasons["prefill_tok_s"]


async def test_that_without_cold_load_and_warm_up_neither_is_made(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    plan = replace(SHORT, cold_load=False, warm_up=False)
    seen = await follow(history, twin_client, "tiny-story", plan=plan)
    assert seen.steps() == [("load", "warm"), ("prompt", "short"), ("prompt", "short")]
    loads = seen.kept.result.loads
    assert loads is not None
    assert loads.cold_seconds is None
    assert "not taken out" in loads.reason
    unloads = [
        r for r in twin.server.requests if r.path == "/api/generate" and not r.json()["keep_alive"]
    ]
    assert not unloads


async def test_that_a_model_another_program_holds_is_not_called_cold(
    twin: Twin,
    twin_client: Ollama,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def held(*_: object) -> bool:
        return False

    await follow(history, twin_client, "tiny-story", plan=SHORT)
    monkeypatch.setattr(Ollama, "unload", held)
    seen = await follow(history, twin_client, "tiny-story", plan=SHORT)
    loads = seen.kept.result.loads
    assert loads is not None
    assert loads.cold_seconds is None
    assert "another program" in loads.reason


# Energy


@pytest.fixture
def quick_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "STEADY_SECONDS", 1.2)
    monkeypatch.setattr(benchmark_work, "IDLE_SECONDS", 1.2)


@pytest.mark.usefixtures("quick_idle")
async def test_that_idle_draw_and_energy_are_measured_where_there_are_sensors(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.03
    power = Metering([FakeSource(80.0, scope=Scope.GPU)])
    plan = replace(SHORT, prompts=(replace(SHORT.prompts[0], num_predict=40),))
    seen = await follow(history, twin_client, "tiny-count", plan=plan, power=power)
    assert seen.error is None
    assert seen.steps()[:3] == [("idle", "unloaded"), ("load", "cold"), ("idle", "loaded")]
    numbers = [(e.number, e.of) for e in seen.events if isinstance(e, BenchStep)]
    assert numbers == [(n + 1, len(numbers)) for n in range(len(numbers))]
    result = seen.kept.result
    assert result.conditions["idle_unloaded_watts"] == pytest.approx(80.0)
    assert result.conditions["idle_loaded_watts"] == pytest.approx(80.0)
    assert result.conditions["idle_scope"] == "gpu"
    (part,) = result.parts
    assert isinstance(part.gross_joules_per_token, Measured)
    runs = [run for run in await history.runs() if run.part == "short"]
    joules = sum(run.gross_joules or 0.0 for run in runs)
    tokens = sum(run.output_tokens or 0 for run in runs)
    assert part.gross_joules_per_token.value == pytest.approx(joules / tokens, rel=0.01)
    assert isinstance(part.net_joules_per_token, Measured)
    assert part.net_joules_per_token.value == pytest.approx(0.0, abs=0.2)


@pytest.mark.usefixtures("quick_idle")
async def test_that_it_tells_what_a_day_of_keeping_the_model_loaded_costs(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    """20 W more with the model in memory, at 0.30 EUR: 0.144 EUR a day."""
    loaded: list[float] = []
    source = FakeSource(lambda _: 100.0 if loaded else 80.0, scope=Scope.GPU)
    real = Ollama.load

    async def load(self: Ollama, *args: Any, **more: Any) -> None:
        await real(self, *args, **more)
        loaded.append(1.0)

    tariff = Tariff(price_per_kwh=0.30, currency="EUR")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ollama, "load", load)
        seen = await follow(
            history, twin_client, "tiny-count", plan=SHORT, power=Metering([source]), tariff=tariff
        )
    cost = seen.kept.result.conditions["keep_loaded_per_day"]
    assert cost["mid"] == pytest.approx(20 * 24 / 1000 * 0.30, rel=0.02)
    assert cost["low"] <= cost["mid"] <= cost["high"]
    assert cost["currency"] == "EUR"


async def test_that_a_server_on_another_machine_has_none_of_our_watts(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource(80.0)
    for module in ("benchmark.target", "run.conditions", "models.load_check"):
        monkeypatch.setattr(f"landfall.services.{module}.is_this_machine", lambda _: False)
    seen = await follow(history, twin_client, "tiny-story", plan=SHORT, power=Metering([source]))
    result = seen.kept.result
    assert result.place == "network"
    assert ("idle", "loaded") not in seen.steps()
    assert source.reads == 0
    assert isinstance(result.parts[0].gross_joules_per_token, Unknown)
    assert result.conditions["reasons"]["machine"] == ELSEWHERE
    assert "before" not in result.conditions
    assert {run.place for run in await history.runs()} == {"network"}


# Conditions


async def test_that_the_conditions_say_what_else_held(
    live: Live, client: Ollama, history: History
) -> None:
    seen = await follow(history, client, "tiny-story", plan=SHORT)
    told = seen.kept.result.conditions
    assert told["quantization"] == "F16"
    assert told["context"] == told["context_given"] == 1024
    assert told["gpu_share"] == 0.0
    assert told["before"]["cpu"]["logical_cores"] >= 1
    assert (told["seed"], told["temperature"]) == (PLAN.seed, 0.0)
    assert "gpus" in told["reasons"] or "gpus" in told["before"]


async def test_that_what_the_hardware_says_and_other_programs_are_noted(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    card = {
        "name": "RTX",
        "power_limit_watts": 300.0,
        "temperature_c": 84,
        "graphics_clock_mhz": 1200,
        "clocks_event_reasons": ["heat"],
        "others": {"count": 2, "bytes": 3 << 30, "unseen": 0},
    }
    look = MachineLook(
        told={"gpus": [card], "cpu": {"load_average": 3.0}, "on_battery": True},
        slowed=("heat",),
        can_say=True,
    )
    lookout = Lookout(look=lambda: look)
    plan = replace(SHORT, sustained_seconds=0.05)
    seen = await follow(history, twin_client, "tiny-story", plan=plan, lookout=lookout)
    lookout.close()
    result = seen.kept.result
    compared = conditions_of(Side(seen.kept.record, result, {}))
    assert (compared["power_limit_watts"], compared["on_battery"]) == ((300.0,), True)
    notes = " ".join(result.notes)
    assert "battery" in notes
    assert "2 other programs held 3.0 GiB of RTX" in notes
    assert "No process of this machine" in notes, "a twin holds no model"
    assert "ended by themselves" not in notes, "16 tokens were asked for"
    assert result.sustained is not None
    assert result.sustained.throttled is True
    assert "heat" in result.sustained.reasons
    assert result.conditions["under_load"] == {
        "gpus": [
            {
                "name": "RTX",
                "temperature_c_min": 84,
                "temperature_c_max": 84,
                "graphics_clock_mhz_min": 1200,
                "graphics_clock_mhz_max": 1200,
                "clocks_event_reasons": ["heat"],
            }
        ],
        "load_average_max": 3.0,
    }


async def test_that_answers_that_end_early_and_a_clamped_context_are_noted(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    prompt = replace(SHORT.prompts[0], num_predict=256)
    plan = replace(SHORT, prompts=(prompt,), context=1 << 20)
    seen = await follow(history, twin_client, "tiny-story", plan=plan)
    notes = " ".join(seen.kept.result.notes)
    assert "ended by themselves" in notes
    assert "context" in notes


async def test_that_a_server_that_answers_one_at_a_time_is_found_out(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.pace.token_seconds = 0.003
    one = asyncio.Lock()
    answer = Twin._answer

    async def queued(self: Twin, *words: object) -> AsyncIterator[bytes]:
        async with one:
            async for line in answer(self, *words):  # type: ignore[arg-type]
                yield line

    monkeypatch.setattr(Twin, "_answer", queued)
    plan = replace(SHORT, concurrency=(1, 2), level_seconds=0.2)
    seen = await follow(history, twin_client, "tiny-count", plan=plan)
    sweep = seen.kept.result.sweep
    assert sweep is not None
    assert [level.at_once for level in sweep.levels] == [1, 1]
    assert "one at a time" in sweep.reason


async def test_that_a_sweep_really_asks_several_at_once(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.01
    plan = replace(SHORT, concurrency=(4,), level_seconds=0.3)
    seen = await follow(history, twin_client, "tiny-count", plan=plan)
    (level,) = [part for part in seen.parts() if isinstance(part, Level)]
    assert level.at_once == 4
    assert level.answers >= 4
    lanes = {e.lane for e in seen.events if isinstance(e, BenchLane)}
    assert lanes == {0, 1, 2, 3}


# Embeddings


async def test_that_an_embedding_model_is_known_by_what_it_can_do(
    live: Live, client: Ollama, history: History
) -> None:
    seen = await follow(history, client, "tiny-embedder", plan=replace(PLAN, context=128))
    assert seen.error is None
    assert seen.steps() == [
        ("load", "cold"),
        ("warm_up", ""),
        *[("embed", "1")] * 2,
        *[("embed", "3")] * 2,
    ]
    one, three = seen.kept.result.embedding
    assert (one.batch, three.batch) == (1, 3)
    for found in (one, three):
        assert found.texts_per_s is not None
        assert found.tokens is not None
        assert found.tokens > found.texts
        assert found.request_seconds is not None
    assert three.texts % 3 == 0
    assert seen.kept.record.kind == "embedding"
    assert [type(part) for part in seen.parts()] == [Loads, EmbeddingResult, EmbeddingResult]
    run = next(run for run in await history.runs() if run.part == "embed 3")
    assert run.conditions["texts"] == 3 * run.conditions["requests"]
    assert (run.output_tokens, run.decode_tok_s) == (0, None)
    assert "prefill_reason" not in run.conditions


async def test_that_a_model_that_cannot_embed_is_a_clear_error(
    tmp_path: Path, history: History, twin: Twin, twin_client: Ollama
) -> None:
    if twin.version != NEW:
        pytest.skip("0.24 makes vectors of any model")
    seen = await follow(history, twin_client, "tiny-story", kind=BenchKind.EMBEDDING)
    assert isinstance(seen.error, ServerRefused)
    assert "does not support embeddings" in seen.error.message
    assert (await only(history)).state == "aborted"


# What goes wrong


async def test_that_a_cloud_model_is_refused_and_nothing_is_kept(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    seen = await follow(history, twin_client, "glm-5:cloud")
    assert isinstance(seen.error, BadInput)
    assert seen.error.field == "model"
    assert await history.benchmarks() == ()
    assert not [r for r in twin.server.requests if r.path in ("/api/chat", "/api/show")]


async def test_that_a_stub_of_a_cloud_model_is_refused(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shown(*_: object) -> dict[str, object]:
        return {"remote_host": "https://ollama.com"}

    monkeypatch.setattr(Ollama, "show", shown)
    seen = await follow(history, twin_client, "tiny-story")
    assert isinstance(seen.error, BadInput)


async def test_that_a_model_that_is_not_there_is_said(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    seen = await follow(history, twin_client, "no-such-model")
    assert isinstance(seen.error, ModelNotFound)
    assert await history.benchmarks() == ()


def spoil(
    twin: Twin, monkeypatch: pytest.MonkeyPatch, fault: Fault, *, number: int = 1, more: int = 1
) -> None:
    """Put a fault into `more` requests to its path, the first being that of `number`."""
    count = 0

    def next_fault(_: Twin, path: str) -> Fault | None:
        nonlocal count
        count += path == fault.path
        return fault if path == fault.path and number <= count < number + more else None

    monkeypatch.setattr(Twin, "_next_fault", next_fault)


async def buried(twin: Twin) -> None:
    """The server is gone once it died."""
    await twin.dead.wait()
    await twin.server.stop()


async def test_that_one_answer_that_breaks_off_is_counted_and_the_rest_goes_on(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(twin, monkeypatch, Fault("error", after=2, text="llama runner crashed"), number=3)
    seen = await follow(history, twin_client, "tiny-story", plan=SHORT)
    assert seen.error is None
    assert seen.kept.record.state == "done"
    (part,) = seen.kept.result.parts
    assert (len(part.runs), part.failed) == (1, 1)
    assert any("1 of 2 answers to the short prompt broke off" in n for n in seen.kept.result.notes)
    states = sorted(run.state for run in await history.runs() if run.part == "short")
    assert states == ["aborted", "done"]


async def test_that_a_stream_without_its_end_is_no_result(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(twin, monkeypatch, Fault("no_done"), number=3)
    seen = await follow(history, twin_client, "tiny-story", plan=SHORT)
    (part,) = seen.kept.result.parts
    assert (len(part.runs), part.failed) == (1, 1)


async def test_that_answers_that_keep_breaking_off_end_it(
    twin: Twin, twin_client: Ollama, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(twin, monkeypatch, Fault("error", text="llama runner crashed"), number=4, more=99)
    seen = await follow(history, twin_client, "tiny-story", plan=replace(SHORT, repetitions=9))
    assert seen.error is not None
    assert "runner crashed" in seen.error.message
    assert seen.kept.record.state == "aborted"
    assert len([r for r in twin.server.requests if r.path == "/api/chat"]) == 6


@pytest.mark.parametrize(
    "at",
    [(1, 1), (3, 1), (5, 2), (9, 4), (11, 5)],
    ids=["warm-up", "first prompt", "second prompt", "sustained", "sweep"],
)
async def test_that_a_server_killed_in_any_phase_is_reported_and_the_parts_are_kept(
    twin: Twin,
    twin_client: Ollama,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    at: tuple[int, int],
) -> None:
    number, parts = at
    twin.pace.token_seconds = 0.002
    plan = replace(PLAN, sustained_seconds=0.001, concurrency=(2,), level_seconds=0.5)
    spoil(twin, monkeypatch, Fault("die", after=1), number=number)
    burying = asyncio.create_task(buried(twin))
    seen = await follow(history, twin_client, "tiny-story", plan=plan)
    async with asyncio.timeout(5):
        await burying
    assert isinstance(seen.error, OllamaUnavailable)
    assert len(seen.parts()) == parts
    record = await only(history)
    assert record.state == "aborted"
    assert record.finished_at is not None
    assert record == seen.kept.record
    assert record.result is not None
    kept = result_of(record.result)
    assert kept == seen.kept.result
    found = [kept.loads, *kept.parts, kept.sustained, *(kept.sweep.levels if kept.sweep else ())]
    assert len([part for part in found if part is not None]) == parts
    assert any("did not come to its end" in note for note in kept.notes)
    assert not [run for run in await history.runs() if run.state == "running"]


async def test_that_a_server_that_cannot_load_the_model_is_reported(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.faults.append(Fault("refuse", path="/api/generate", text="out of memory"))
    seen = await follow(history, twin_client, "tiny-story")
    assert seen.error is not None
    assert seen.error.kind == "out_of_memory"
    assert (await only(history)).state == "aborted"


async def test_that_what_was_measured_before_a_cancel_is_kept(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.005
    first_part = asyncio.Event()

    async def measuring() -> None:
        events = run_benchmark(Runs(history), history, twin_client, "tiny-count", plan=PLAN)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, BenchPart) and isinstance(event.part, PartResult):
                    first_part.set()

    task = asyncio.create_task(measuring())
    await first_part.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    record = await only(history)
    assert record.state == "aborted"
    assert record.result is not None
    kept = result_of(record.result)
    assert [part.name for part in kept.parts] == ["short"]
    assert any("stopped by you" in note for note in kept.notes)
    assert not [run for run in await history.runs() if run.state == "running"]


@pytest.mark.parametrize("ended", [1, 2])
async def test_that_repetitions_that_had_ended_are_kept_when_the_next_one_is_cut(
    twin: Twin, twin_client: Ollama, history: History, ended: int
) -> None:
    """By a cancel as by a process that is killed, which closes nothing: what is stored then."""
    twin.pace.token_seconds = 0.005
    plan = replace(SHORT, repetitions=3)
    begun: list[BenchStep] = []
    killed: BenchmarkRecord | None = None
    events = run_benchmark(Runs(history), history, twin_client, "tiny-count", plan=plan)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, BenchStep) and event.doing == "prompt":
                begun.append(event)
            if len(begun) > ended and isinstance(event, BenchLane):
                killed = await only(history)
                break
    assert killed is not None
    assert begun[-1].row == killed.id
    cut = await only(history)
    assert (killed.state, cut.state) == ("running", "aborted")
    for record in (killed, cut):
        assert record.result is not None
        kept = result_of(record.result)
        assert [(part.name, len(part.runs)) for part in kept.parts] == [("short", ended)]
        assert kept.parts[0].decode_tok_s is not None
        told = f"Of 3 repetitions of the short prompt {ended} came to an end"
        assert any(told in note for note in kept.notes)


async def test_that_a_sustained_run_that_is_cut_keeps_the_answers_that_ended(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    plan = replace(SHORT, repetitions=1, sustained_seconds=30.0)
    ended = 0
    events = run_benchmark(Runs(history), history, twin_client, "tiny-count", plan=plan)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, BenchLane) and isinstance(event.update, Kept):
                ended += event.update.record.part == "sustained"
            if ended == 3:
                break
    record = await only(history)
    assert record.result is not None
    sustained = result_of(record.result).sustained
    assert sustained is not None
    assert len(sustained.points) >= 2
    assert sustained.seconds < 30


async def test_that_a_level_that_is_cut_is_in_no_figure_and_is_told(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    plan = replace(SHORT, repetitions=1, concurrency=(1, 3), level_seconds=0.2)
    events = run_benchmark(Runs(history), history, twin_client, "tiny-story", plan=plan)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, BenchLane) and event.lane == 2:
                break
    record = await only(history)
    assert record.result is not None
    kept = result_of(record.result)
    assert kept.sweep is not None
    assert [level.concurrency for level in kept.sweep.levels] == [1]
    assert any("The step with 3 at once was cut" in note for note in kept.notes)


async def test_that_a_benchmark_whose_reader_goes_away_in_a_sweep_leaves_no_request(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    twin.pace.token_seconds = 0.01
    plan = replace(SHORT, repetitions=1, concurrency=(3,), level_seconds=5.0)
    events = run_benchmark(Runs(history), history, twin_client, "tiny-count", plan=plan)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, BenchLane) and event.lane == 2:
                break
    assert (await only(history)).state == "aborted"
    assert not [run for run in await history.runs() if run.state == "running"]
    names = {task.get_coro().__name__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]
    assert not names & {"_lane", "_poured", "_watch"}


@pytest.mark.parametrize(("full_at", "parts"), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2)])
async def test_that_a_full_disk_ends_it_with_its_own_error(
    twin: Twin,
    twin_client: Ollama,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    full_at: int,
    parts: int,
) -> None:
    count = 0
    finish = History.finish_benchmark

    async def full(self: History, record: BenchmarkRecord) -> None:
        nonlocal count
        count += 1
        if count >= full_at:
            raise DiskFull("The disk is full.", "Make room.")
        await finish(self, record)

    monkeypatch.setattr(History, "finish_benchmark", full)
    seen = await follow(history, twin_client, "tiny-story", plan=SHORT)
    assert isinstance(seen.error, DiskFull)
    assert not [e for e in seen.events if isinstance(e, BenchKept)]
    assert len(seen.parts()) == parts


async def test_that_a_benchmark_cut_with_the_program_is_called_interrupted(
    tmp_path: Path, history: History
) -> None:
    record = BenchmarkRecord(
        started_at="2026-11-26T08:00:00+00:00", kind="chat", place="local", host="h", model="m"
    )
    await history.add_benchmark(record)
    assert await history.mark_interrupted() == 1
    assert (await only(history)).state == "interrupted"


async def test_that_a_model_in_memory_under_another_name_is_measured_all_the_same(
    twin: Twin, twin_client: Ollama, history: History
) -> None:
    facts = await benchmark.about(twin_client, "TINY-STORY")
    assert facts.name == "tiny-story:latest"
    assert facts.kind is BenchKind.CHAT
    assert facts.trained_context
