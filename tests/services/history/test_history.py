from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, Unavailable
from landfall.core.events import PowerSample
from landfall.services.history import loads_kept
from landfall.services.history.history import History
from landfall.services.history.records import (
    EgressEntry,
    KeptVerdict,
    LoadRecord,
    PullRecord,
    RunRecord,
    SavedWorkload,
    new_uid,
    now_iso,
)
from landfall.services.models import load_check


@pytest.fixture
async def history(tmp_path: Path):
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


def a_run(**changes: object) -> RunRecord:
    run = RunRecord(
        started_at="2026-11-25T10:00:00+00:00",
        place="local",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        prompt="Hello",
    )
    return replace(run, **changes)  # type: ignore[arg-type]


async def test_a_run_comes_back_as_it_was_finished(history: History) -> None:
    number = await history.add_run(a_run())
    finished = a_run(
        id=number,
        state="done",
        answer="Hi",
        decode_tok_s=41.5,
        conditions={"context": 8192},
    )
    await history.keep_run(finished, [PowerSample(1.0, "NVML", "gpu", 210.0, "", 12.5)])
    (stored,) = await history.runs()
    assert replace(stored, uid="") == finished
    assert stored.uid
    assert await history.samples(number) == (PowerSample(1.0, "NVML", "gpu", 210.0, "", 12.5),)


async def test_unknown_figures_stay_unknown(history: History) -> None:
    await history.add_run(a_run())
    (run,) = await history.runs()
    assert run.decode_tok_s is None
    assert run.gross_joules is None
    assert run.cost_usd is None


async def test_runs_are_listed_newest_first(history: History) -> None:
    for hour in ("08", "10", "12"):
        await history.add_run(a_run(started_at=f"2026-11-25T{hour}:00:00+00:00", prompt=hour))
    assert [r.prompt for r in await history.runs()] == ["12", "10", "08"]


async def test_that_a_clock_set_back_does_not_put_a_new_run_below_old_ones(
    history: History,
) -> None:
    for number, hour in enumerate(("12", "10", "11", "13")):
        at = f"2026-11-25T{hour}:00:00+00:00"
        await history.add_run(a_run(started_at=at, prompt=str(number)))
    assert [r.prompt for r in await history.runs()] == ["3", "2", "1", "0"]
    assert [r.prompt for r in await history.latest_runs()] == ["3"]
    assert (await history.runs())[1].started_at == "2026-11-25T11:00:00+00:00"


async def test_that_a_list_reads_no_texts_and_goes_on_where_it_ended(history: History) -> None:
    for number in range(5):
        await history.add_run(a_run(prompt=f"\n first {number}  \nsecond", answer="A" * 9000))
    page = await history.listed_runs(limit=2)
    rest = await history.listed_runs(limit=10, before=page[-1].id)
    assert [r.prompt for r in (*page, *rest)] == [f"first {n}" for n in (4, 3, 2, 1, 0)]
    assert {r.answer for r in page} == {""}
    whole = await history.run(page[0].id)
    assert whole is not None
    assert (whole.prompt, len(whole.answer)) == ("\n first 4  \nsecond", 9000)
    assert await history.run(4711) is None


async def test_that_many_answers_of_one_model_hide_no_other_from_verdicts(
    history: History,
) -> None:
    await history.add_run(a_run(model="other:latest", state="done"))
    for _ in range(501):
        await history.add_run(a_run(state="done"))
    assert "other:latest" not in {run.model for run in await history.listed_runs()}
    found = await history.runs_to_decide()
    assert len({run.id for run in found}) == len(found) == 501
    assert found[-1].model == "other:latest"


async def test_that_half_a_character_that_a_server_sent_does_not_lose_the_answer(
    history: History,
) -> None:
    number = await history.add_run(a_run())
    await history.keep_run(a_run(id=number, state="done", answer="ok \ud83d"))
    assert [r.answer for r in await history.runs()] == ["ok ?"]


async def test_deleting_a_run_deletes_its_samples(history: History) -> None:
    number = await history.add_run(a_run())
    await history.keep_run(a_run(id=number, state="done"), [PowerSample(1, "a", "gpu", 2)])
    await history.take_out([number])
    assert await history.runs() == ()
    assert await history.samples(number) == ()


async def test_what_a_crash_left_running_is_reported_as_interrupted(tmp_path: Path) -> None:
    first = History(tmp_path / "history.db")
    await first.open()
    await first.add_run(a_run())
    await first.save_pull(
        PullRecord(host="h", model="m", started_at="1", changed_at="1", state="running")
    )
    await first.close()
    second = History(tmp_path / "history.db")
    await second.open()
    assert await second.mark_interrupted() == 2
    assert [r.state for r in await second.runs()] == ["interrupted"]
    assert [p.state for p in await second.unfinished_pulls()] == ["interrupted"]
    assert await second.mark_interrupted() == 0
    await second.close()


async def test_that_what_another_program_runs_is_not_called_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    running, looking = History(file), History(file)
    await running.open()
    await running.add_run(a_run())
    await looking.open()
    assert await looking.mark_interrupted() == 0
    assert [run.state for run in await looking.runs()] == ["running"]
    await running.close()
    assert await looking.mark_interrupted() == 1
    assert [run.state for run in await looking.runs()] == ["interrupted"]
    await looking.close()


@pytest.mark.skipif(os.name != "posix", reason="forks")
async def test_that_a_program_that_was_killed_is_there_no_longer(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED_IN_A_RUN, str(file), env=environment
    )
    assert await child.wait() == -signal.SIGKILL
    history = History(file)
    await history.open()
    assert await history.mark_interrupted() == 1
    await history.close()


_KILLED_IN_A_RUN = """
import asyncio, os, signal, sys
from pathlib import Path
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord

async def main():
    history = History(Path(sys.argv[1]))
    await history.open()
    run = RunRecord(started_at="2026-11-25T10:00:00+00:00", place="local", host="h", model="m",
                    prompt="Why?")
    await history.add_run(run)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be deleted there")
async def test_that_a_history_that_was_deleted_takes_nothing_more(
    tmp_path: Path, history: History
) -> None:
    await history.add_run(a_run())
    shutil.rmtree(tmp_path)
    saved = await history.keep_run(replace(a_run(), uid=new_uid(), state="done"))
    assert saved.trouble is not None
    assert "is gone" in saved.trouble.message
    with pytest.raises(Unavailable, match="moved or deleted"):
        await history.runs()


async def test_a_finished_pull_is_no_longer_listed(history: History) -> None:
    pull = PullRecord(host="h", model="m", started_at="1", changed_at="1", state="running")
    await history.save_pull(pull)
    await history.save_pull(replace(pull, state="done", completed_bytes=5, total_bytes=5))
    assert await history.unfinished_pulls() == ()


async def test_workloads_keep_their_order_through_edits_and_renames(history: History) -> None:
    for name in ("b", "a", "c"):
        await history.save_workload(SavedWorkload(name=name, toml=f"# {name}"))
    await history.save_workload(SavedWorkload(name="z", toml="# new"), was="a")
    assert [(w.name, w.toml) for w in await history.workloads()] == [
        ("b", "# b"),
        ("z", "# new"),
        ("c", "# c"),
    ]


async def test_a_rename_onto_another_workload_is_refused_and_loses_nothing(
    history: History,
) -> None:
    await history.save_workload(SavedWorkload(name="a", toml="# a"))
    await history.save_workload(SavedWorkload(name="b", toml="# b"))
    with pytest.raises(BadInput, match="already"):
        await history.save_workload(SavedWorkload(name="b", toml="# x"), was="a")
    assert [(w.name, w.toml) for w in await history.workloads()] == [("a", "# a"), ("b", "# b")]


def verdict(workload: str, kind: str) -> KeptVerdict:
    return KeptVerdict(workload=workload, kind=kind, document={"verdict": kind})


async def test_a_verdict_is_kept_when_it_is_another_than_the_last(
    history: History, tmp_path: Path
) -> None:
    await history.save_workload(SavedWorkload(name="a", toml=""))
    for kind in ("HYBRID", "HYBRID", "RENT_GPU", "HYBRID"):
        await history.keep_verdicts([verdict("a", kind), verdict("gone meanwhile", kind)])
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db")) as file:
        kept = file.execute("SELECT workload, kind FROM verdicts ORDER BY rowid").fetchall()
    assert kept == [("a", "HYBRID"), ("a", "RENT_GPU"), ("a", "HYBRID")]


async def test_a_renamed_workload_keeps_its_verdicts_and_a_deleted_one_loses_them(
    history: History,
) -> None:
    await history.save_workload(SavedWorkload(name="a", toml=""))
    await history.keep_verdicts([verdict("a", "HYBRID")])
    await history.save_workload(SavedWorkload(name="b", toml=""), was="a")
    await history.delete_workload("b")
    assert await history.workloads() == ()


async def test_a_sample_that_was_removed_does_not_come_back(history: History) -> None:
    samples = [SavedWorkload(name="s", toml="", sample=True)]
    assert await history.seed_samples(samples)
    await history.delete_workload("s")
    assert not await history.seed_samples(samples)
    assert await history.workloads() == ()


async def test_the_egress_log_keeps_host_size_and_reason(history: History) -> None:
    entry = EgressEntry(
        at=now_iso(),
        host="api.openai.com",
        workload=None,
        sent_bytes=120,
        received_bytes=None,
        why="key check",
        outcome="200",
    )
    row = await history.record_egress(entry)
    assert await history.egress() == (entry,)
    await history.finish_egress(row, received_bytes=900, outcome="aborted")
    assert await history.egress() == (replace(entry, received_bytes=900, outcome="aborted"),)


async def test_only_paid_runs_of_the_day_count_against_the_cap(history: History) -> None:
    await history.add_run(a_run(place="cloud", cost_usd=0.25))
    await history.add_run(a_run(place="cloud", cost_usd=9.0, started_at="2026-11-24T23:00:00"))
    await history.add_run(a_run(place="cloud", cost_usd=None))
    assert await history.spent_usd("2026-11-25") == pytest.approx(0.25)


async def test_the_newest_run_of_each_model_and_state_is_found(history: History) -> None:
    await history.add_run(a_run(model="a", state="done", decode_tok_s=10.0))
    newer = a_run(
        model="a", state="done", decode_tok_s=12.0, started_at="2026-11-26T10:00:00+00:00"
    )
    other = await history.add_run(a_run(model="b", state="done"))
    number = await history.add_run(newer)
    cut = await history.add_run(
        a_run(model="a", state="aborted", started_at="2026-11-27T10:00:00+00:00")
    )
    found = await history.latest_runs()
    assert [run.id for run in found] == [cut, number, other]


async def test_loads_come_back_newest_first_with_what_is_not_known(history: History) -> None:
    known = LoadRecord(
        at="2026-11-26T10:00:00+00:00",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        digest="d",
        engine="Ollama 0.32.15",
        context=8192,
        parallel=1,
        kv_type="f16",
        predicted_ps_bytes=5,
        ps_bytes=6,
        ps_gpu_bytes=0,
        predicted_process_bytes=7,
        process_bytes=8,
        reasons=("process_bytes is PSS",),
    )
    bare = LoadRecord(
        at="2026-11-26T11:00:00+00:00",
        host="http://box:11434",
        model="x",
        engine="Ollama 0.24.0",
        ps_bytes=1,
        ps_gpu_bytes=1,
        reasons=("elsewhere",),
    )
    first = await history.add_load(known)
    second = await history.add_load(bare)
    assert await history.loads() == (replace(bare, id=second), replace(known, id=first))
    assert await history.loads(limit=1) == (replace(bare, id=second),)


async def test_that_old_loads_give_way_to_new_ones(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads_kept, "MOST_LOADS", 3)
    load = LoadRecord(
        at="2026-11-26T11:00:00+00:00",
        host="http://127.0.0.1:11434",
        model="x",
        engine="Ollama 0.32.15",
        predicted_ps_bytes=110,
        ps_bytes=100,
        ps_gpu_bytes=0,
    )
    rows = [await history.add_load(load) for _ in range(5)]
    assert [kept.id for kept in await history.loads()] == rows[:1:-1]
    found = await load_check.kept(history)
    assert found.loads == 3
    assert found.process is None
    assert found.ps is not None
    assert found.ps.worst == pytest.approx(0.1)


async def test_an_old_file_takes_loads_too(tmp_path: Path) -> None:
    old = Path(__file__).parents[2] / "data" / "history_v2.db"
    (tmp_path / "history.db").write_bytes(old.read_bytes())
    opened = History(tmp_path / "history.db")
    await opened.open()
    try:
        before = await opened.loads()
        load = LoadRecord(
            at=now_iso(), host="h", model="m", engine="Ollama 0.24.0", ps_bytes=1, ps_gpu_bytes=0
        )
        row = await opened.add_load(load)
        assert len(await opened.loads()) == len(before) + 1
        assert row > 0
    finally:
        await opened.close()


async def test_that_a_users_own_workloads_stand_before_the_samples(history: History) -> None:
    await history.seed_samples([SavedWorkload(name="s", toml="", sample=True)])
    await history.save_workload(SavedWorkload(name="mine", toml=""))
    assert [w.name for w in await history.workloads()] == ["mine", "s"]
