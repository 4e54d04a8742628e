"""Rounds of decisions: the same here and in a process of their own; what is kept of them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landfall.core.hardware import HardwareProfile
from landfall.core.provenance import middle
from landfall.core.settings import Settings
from landfall.services import apart, catalogue, hardware, workload_files
from landfall.services.history import History
from landfall.services.records import RunRecord, SavedWorkload
from landfall.services.rounds import Question, Round, Rounds, made_apart, made_here

LINE = "operator:is_not"
MACHINE = catalogue.load().what_if("RTX 4090")
QUESTION = Question(
    settings=Settings(),
    now=datetime(2026, 11, 25, 12, tzinfo=UTC),
    machine=MACHINE,
    runs=(),
    saved=(),
    with_samples=True,
    line=LINE,
)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    history = History(tmp_path / "h.db")
    await history.open()
    yield history
    await history.close()


@pytest.fixture
def nobody_detects(monkeypatch: pytest.MonkeyPatch) -> None:
    async def detect(_settings: Settings) -> HardwareProfile:
        pytest.fail("the machine was detected a second time")

    monkeypatch.setattr(hardware, "detect", detect)


async def test_that_a_process_of_its_own_decides_as_this_one_does() -> None:
    there = await made_apart(QUESTION)
    here = await made_here(QUESTION)
    assert (there.saved, there.lines, there.verdicts) == (here.saved, here.lines, here.verdicts)
    assert there.lines == (True, True, True)
    for one, other in zip(there.unsealed(), here.unsealed(), strict=True):
        assert one == other
        assert one.decided is not None
        again = one.decided.again(one.decided.loaded.workload, with_flips=True)
        assert again.verdict == one.decided.verdict


async def test_that_rates_measured_here_stand_behind_the_verdicts() -> None:
    run = RunRecord(
        started_at="2026-11-20T10:00:00+00:00",
        place="local",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        prompt="Hello",
        state="done",
        prefill_tok_s=1000.0,
        decode_tok_s=77.0,
    )
    made = await made_here(replace(QUESTION, runs=(run,)))
    worlds = [one.decided.assembler.world for one in made.unsealed() if one.decided is not None]
    assert [middle(world.measured["qwen3:8b"][1]) for world in worlds] == [77.0] * 3


@pytest.mark.usefixtures("nobody_detects")
async def test_that_the_rounds_ask_with_the_kept_runs(history: History) -> None:
    await history.add_run(
        RunRecord(
            started_at="2026-11-20T10:00:00+00:00", place="local", host="h", model="m", prompt="p"
        )
    )
    asked: list[Question] = []

    async def noted(question: Question) -> Round:
        asked.append(question)
        return await made_here(question)

    await Rounds(history, line=LINE, make=noted).decide(Settings(), machine=MACHINE)
    assert [run.model for run in asked[0].runs] == ["m"]
    assert asked[0].machine is MACHINE


async def test_that_it_is_decided_here_where_no_process_can_be_had(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_function: str, _argument: object) -> object:
        raise apart.Failed("no process")

    monkeypatch.setattr(apart, "call", broken)
    assert (await made_apart(QUESTION)).lines == (True, True, True)
    assert "no process" in caplog.text


@pytest.mark.usefixtures("nobody_detects")
async def test_that_samples_come_once_and_a_verdict_is_kept_when_it_changes(
    history: History, tmp_path: Path
) -> None:
    rounds = Rounds(history, line=LINE, make=made_here)
    first = await rounds.decide(Settings(), machine=MACHINE)
    samples = [one.workload.name for one in workload_files.samples()]
    assert [one.name for one in await history.workloads()] == samples
    await rounds.decide(Settings(), machine=MACHINE)
    with contextlib.closing(sqlite3.connect(tmp_path / "h.db")) as file:
        kept = file.execute("SELECT workload, kind FROM verdicts ORDER BY rowid").fetchall()
    assert kept == [(one.workload, one.kind) for one in first.verdicts]
    await history.delete_workload(samples[0])
    again = await rounds.decide(Settings(), machine=MACHINE)
    assert [one.name for one in again.saved] == samples[1:]


@pytest.mark.usefixtures("nobody_detects")
async def test_that_samples_come_after_what_is_there_already(history: History) -> None:
    mine = SavedWorkload(name="Mine", toml=workload_files.samples()[0].text)
    await history.save_workload(mine)
    made = await Rounds(history, line=LINE, make=made_here).decide(Settings(), machine=MACHINE)
    assert [one.name for one in made.saved] == [one.name for one in await history.workloads()]
    assert made.saved[0].name == "Mine"
    assert [one.sample for one in made.saved] == [False, True, True, True]


async def test_that_another_program_that_brought_the_samples_first_wins(history: History) -> None:
    asked: list[Question] = []

    async def slow(question: Question) -> Round:
        asked.append(question)
        if len(asked) == 1:
            await history.seed_samples(())
        return await made_here(replace(question, machine=MACHINE))

    made = await Rounds(history, line=LINE, make=slow).decide(Settings())
    assert [question.with_samples for question in asked] == [True, False]
    assert made.saved == ()
    assert await history.workloads() == ()
