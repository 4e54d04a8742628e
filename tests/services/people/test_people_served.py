"""Which measurement stands for a model on a machine, and what is predicted where none is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.provenance import Unknown, band, middle
from landfall.services.history.history import History
from landfall.services.history.records import LoadRecord, RunRecord
from landfall.services.machine import known_machines
from landfall.services.people import people_served
from landfall.services.people.people_asked import (
    KnownRuns,
    PeopleFound,
    PeopleQuestion,
    asked,
    known_runs,
)
from tests.fakes import swept

DEMAND = DemandProfile(people=10, input_tokens=1000, output_tokens=300, target_seconds=60.0)
RACK = Host(name="rack", url="http://10.0.0.7:11434", kind=HostKind.OLLAMA)
HERE = swept.record(swept.result())
THERE = swept.record(
    swept.result(place="network", host=RACK.url + "/", parallel=8), at="2026-11-21T10:00:00+00:00"
)
RUN = RunRecord(
    started_at="2026-11-22T10:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="qwen3:8b",
    state="done",
    prompt="Hi",
    prefill_tok_s=1000.0,
    decode_tok_s=50.0,
)


def known(model: str = "qwen3:8b", host: str | None = None, **past: object) -> object:
    records = {"benchmarks": (HERE, THERE), **past}
    return people_served.measured(model, DEMAND, name="x", host=host, **records)  # type: ignore[arg-type]


def test_that_a_sweep_of_the_machine_that_is_meant_stands() -> None:
    here, there = known(), known(host=RACK.url)
    assert isinstance(here, people_served.ServedSpeed)
    assert isinstance(there, people_served.ServedSpeed)
    assert (here.serves.slots, here.measured_at) == (4, HERE.started_at)
    assert (there.serves.slots, there.measured_at) == (8, THERE.started_at)
    assert known("llama3.1:8b") is None
    assert known(host="http://10.0.0.8:11434") is None


def test_that_a_sweep_stands_above_a_newer_benchmark_without_one() -> None:
    plain = swept.record(swept.result(levels=(), parallel=None), at="2026-11-25T00:00:00+00:00")
    found = known(benchmarks=(plain, HERE))
    assert isinstance(found, people_served.ServedSpeed)
    assert found.swept
    alone = known(benchmarks=(plain,))
    assert isinstance(alone, people_served.ServedSpeed)
    assert (alone.swept, alone.measured_at) == (False, plain.started_at)


def test_that_broken_benchmarks_and_those_of_embeddings_do_not_count() -> None:
    cut = replace(HERE, state="aborted")
    other = replace(HERE, kind="embedding")
    odd = replace(HERE, result={"kind": "of another version"})
    empty = replace(HERE, result=None)
    assert known(benchmarks=(cut, other, odd, empty)) is None


def test_that_a_run_stands_where_no_benchmark_does() -> None:
    found = known(benchmarks=(), runs=(RUN, replace(RUN, state="aborted")))
    assert isinstance(found, people_served.ServedSpeed)
    assert (middle(found.decode), middle(found.prefill)) == (50.0, 1000.0)
    assert found.basis == "measured on 2026-11-22: one run"
    unread = known(benchmarks=(), runs=(replace(RUN, prefill_tok_s=None),))
    assert isinstance(unread, people_served.ServedSpeed)
    assert isinstance(unread.prefill, Unknown)
    assert "landfall bench qwen3:8b --concurrency" in unread.prefill.reason


def test_that_a_newer_load_tells_the_slots_of_this_machine() -> None:
    load = LoadRecord(
        at="2026-11-23T00:00:00+00:00",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        parallel=2,
        engine="0.32.15",
        ps_bytes=1,
        ps_gpu_bytes=0,
    )
    found = known(loads=(load,))
    assert isinstance(found, people_served.ServedSpeed)
    assert found.serves.slots == 2
    assert "process told on 2026-11-23" in found.serves.says
    older = known(loads=(replace(load, at="2026-11-01T00:00:00+00:00"),))
    assert isinstance(older, people_served.ServedSpeed)
    assert older.serves.slots == 4


async def test_that_a_prediction_has_a_band_and_a_model_that_does_not_fit_is_unknown(
    tmp_path: Path,
) -> None:
    card = known_machines.what_if("RTX 4090")
    found = await people_served.predicted_of(
        "qwen3:8b", card, name="RTX 4090", cache=tmp_path, context=8192, slots=2
    )
    low, mid, high = band(found.decode) or (0, 0, 0)
    assert 0 < low < mid < high
    assert (found.measured_at, found.serves.slots) == ("", 2)
    big = await people_served.predicted_of(
        "qwen3:235b", card, name="RTX 4090", cache=tmp_path, context=8192, slots=2
    )
    assert big.decode == Unknown("the model does not fit with 2 at once at 8,192 tokens")


def test_that_a_context_holds_calls_twice_as_long() -> None:
    assert people_served.context_for(DEMAND, 8192) == 8192
    assert people_served.context_for(replace(DEMAND, input_tokens=10_000), 8192) == 20_600


# Asked ----------------------------------------------------------------------------------------


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    made = History(tmp_path / "history.db")
    await made.open()
    yield made
    await made.close()


async def ask(tmp_path: Path, past: KnownRuns, **more: object) -> PeopleFound:
    question = PeopleQuestion(
        **{"model": "qwen3:8b", "demand": DEMAND, "where": "this machine", **more}  # type: ignore[arg-type]
    )
    return await asked(question, past, cache=tmp_path)


async def test_that_the_history_is_read_and_a_sweep_in_it_answers(
    history: History, tmp_path: Path
) -> None:
    row = await history.add_benchmark(HERE)
    await history.finish_benchmark(replace(HERE, id=row))
    past = await known_runs(history)
    assert past.models == ("qwen3:8b",)
    found = await ask(tmp_path, past, machines=2)
    assert (found.measured, found.swept) == (True, True)
    assert [one.service.slots for one, _ in found.by_slots] == [1, 2, 4, 8]
    assert [(one.machines, one.arrangement) for one in found.curves] == [
        (1, Arrangement.POOLED),
        (2, Arrangement.POOLED),
        (2, Arrangement.BY_CHANCE),
    ]
    assert (middle(found.answer.pooled.served) or 0) > 50


async def test_that_of_a_catalogue_machine_nothing_measured_here_holds(tmp_path: Path) -> None:
    past = KnownRuns(benchmarks=(HERE,))
    card = known_machines.what_if("RTX 4090")
    found = await ask(tmp_path, past, profile=card, measured_here=False)
    assert (found.measured, found.swept) == (False, False)
    ends = band(found.answer.pooled.served) or (1, 1, 1)
    assert ends[0] < ends[2]
    assert found.curves[0].high


async def test_that_what_cannot_be_known_says_why(tmp_path: Path) -> None:
    nowhere = await ask(tmp_path, KnownRuns())
    assert nowhere.answer.pooled.served == Unknown("this machine is not found out yet")
    assert nowhere.curves == ()
    there = await ask(tmp_path, KnownRuns(), host=RACK, where="rack")
    assert f"--concurrency` --host {RACK.url}" in str(there.answer.pooled.served)
    card = known_machines.what_if("RTX 4090")
    odd = await ask(tmp_path, KnownRuns(), profile=card, model="no-such-model:1b")
    assert isinstance(odd.answer.pooled.served, Unknown)


async def test_that_a_host_answers_with_what_was_measured_there(tmp_path: Path) -> None:
    past = KnownRuns(benchmarks=(HERE, THERE))
    found = await ask(tmp_path, past, host=RACK, where="rack")
    assert found.answer.machines[0].service.slots == 8
    assert found.swept
