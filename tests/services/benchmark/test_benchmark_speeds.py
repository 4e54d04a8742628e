"""What is known of the speed of a model before it is benchmarked, and what is kept of it after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult
from landfall.core.benchmark.data import as_data
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.provenance import Estimated, Measured, Unknown
from landfall.services.benchmark.past import kept_benchmark, runs_of
from landfall.services.benchmark.speeds import known_speeds
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, RunRecord
from landfall.services.models import shipped_catalogue

HOST = "http://127.0.0.1:11434"
QWEN = InstalledModel(
    name="qwen3:8b",
    digest="d",
    size_bytes=5_200_000_000,
    modified_at="",
    family="qwen3",
    parameter_size="8.2B",
    quantization="Q4_K_M",
    remote=False,
    capabilities=("completion", "tools"),
)
RUN = RunRecord(
    started_at="2026-11-20T10:00:00+00:00",
    place="local",
    host=HOST,
    model="qwen3:8b",
    state="done",
    prompt="x",
    decode_tok_s=62.5,
    prefill_tok_s=2800.0,
    load_seconds=4.2,
)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    made = History(tmp_path / "history.db")
    await made.open()
    yield made
    await made.close()


async def keep(history: History, run: RunRecord) -> int:
    row = await history.add_run(replace(run, state="running"))
    await history.keep_run(replace(run, id=row))
    return row


async def test_that_the_last_run_on_the_same_server_tells_the_speed(
    history: History, tmp_path: Path
) -> None:
    await keep(history, RUN)
    await keep(history, replace(RUN, host="http://box:11434", decode_tok_s=9.0))
    (speed,) = await known_speeds(
        history, [QWEN], host=HOST, context=4096, profile=None, cache=tmp_path
    )
    assert speed.decode_tok_s == Measured(62.5, RUN.started_at, "its last run")
    assert speed.prefill_tok_s == Measured(2800.0, RUN.started_at, "its last run")
    assert speed.load_seconds == Measured(4.2, RUN.started_at, "its last load")


async def test_that_a_model_that_never_ran_is_predicted_for_this_machine_alone(
    history: History, tmp_path: Path
) -> None:
    machine = shipped_catalogue.load().what_if("RTX 4090")
    (here,) = await known_speeds(
        history, [QWEN], host=HOST, context=4096, profile=machine, cache=tmp_path
    )
    assert isinstance(here.decode_tok_s, Estimated)
    assert isinstance(here.prefill_tok_s, Estimated)
    assert isinstance(here.load_seconds, Estimated)
    (there,) = await known_speeds(
        history, [QWEN], host=HOST, context=4096, profile=None, cache=tmp_path
    )
    assert there.decode_tok_s == Unknown("it was never run on this server")


async def test_that_a_model_that_nobody_knows_says_why_it_cannot_be_predicted(
    history: History, tmp_path: Path
) -> None:
    machine = shipped_catalogue.load().what_if("RTX 4090")
    own = replace(QWEN, name="my-own:latest")
    (speed,) = await known_speeds(
        history, [own], host=HOST, context=4096, profile=machine, cache=tmp_path
    )
    assert isinstance(speed.decode_tok_s, Unknown)
    assert speed.decode_tok_s.reason


async def test_that_a_run_in_memory_says_nothing_of_a_load(
    history: History, tmp_path: Path
) -> None:
    await keep(history, replace(RUN, load_seconds=0.05, prefill_tok_s=None))
    (speed,) = await known_speeds(
        history, [QWEN], host=HOST, context=4096, profile=None, cache=tmp_path
    )
    assert isinstance(speed.load_seconds, Estimated)
    assert isinstance(speed.prefill_tok_s, Unknown)


async def test_that_a_benchmark_and_its_answers_are_found_again(history: History) -> None:
    record = BenchmarkRecord(
        started_at="2026-11-20T10:00:00+00:00",
        kind="chat",
        place="local",
        host=HOST,
        model="qwen3:8b",
    )
    row = await history.add_benchmark(record)
    assert await kept_benchmark(history, row) is None
    assert await kept_benchmark(history, row + 1) is None
    told = BenchmarkResult(
        kind=BenchKind.CHAT,
        model="qwen3:8b",
        digest=None,
        engine=None,
        host=HOST,
        place="local",
        conditions={},
    )
    ended = replace(record, id=row, state="aborted", result=as_data(told))
    await history.finish_benchmark(ended)
    found = await kept_benchmark(history, row)
    assert found is not None
    assert (found[0].state, found[1]) == ("aborted", told)
    first = await keep(history, replace(RUN, benchmark=row, part="short"))
    await keep(history, RUN)
    second = await keep(history, replace(RUN, benchmark=row, part="long"))
    assert [run.id for run in await runs_of(history, {row})] == [first, second]
