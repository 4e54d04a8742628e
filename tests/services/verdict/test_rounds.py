"""Rounds of decisions: the same here and in a process of their own; what is kept of them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import middle
from landfall.core.settings import Settings
from landfall.services import apart, hardware
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord, SavedWorkload
from landfall.services.models import shipped_catalogue
from landfall.services.verdict import workload_files
from landfall.services.verdict.rounds import FEW, Question, Round, Rounds, made_apart, made_here

LINE = "builtins:slice"
"""Keeps what it is given: the entry as `start`, the limits as `stop`, the language as `step`."""
MACHINE = shipped_catalogue.load().what_if("RTX 4090")
QUESTION = Question(
    settings=Settings(),
    now=datetime(2026, 11, 25, 12, tzinfo=UTC),
    machine=MACHINE,
    runs=(),
    saved=(),
    with_samples=True,
    line=LINE,
    language="de",
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
    assert (there.saved, there.verdicts) == (here.saved, here.verdicts)
    assert [one.start.saved for one in there.lines] == list(there.saved)
    assert {(one.stop, one.step) for one in there.lines} == {(Settings().thresholds, "de")}
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
    made = await made_apart(QUESTION)
    assert [one.step for one in made.lines] == ["de", "de", "de"]
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


async def test_that_a_round_says_what_changed_under_a_kept_verdict_until_it_is_checked(
    history: History, nobody_detects: None
) -> None:
    rounds = Rounds(history, line=LINE, make=made_here)
    first = await rounds.decide(Settings(), machine=MACHINE)
    assert all(one.stale == () for one in first.unsealed())
    strict = replace(Settings(), thresholds=replace(Settings().thresholds, saving_min_share=0.15))
    changed = await rounds.decide(strict, machine=MACHINE)
    for one in changed.unsealed():
        assert [note.rule for note in one.stale] == ["S51"]
        assert "the threshold saving min share" in one.stale[0].text
    name = changed.saved[0].name
    await rounds.decide(strict, machine=MACHINE, checked=frozenset({name}))
    again = await rounds.decide(strict, machine=MACHINE)
    stale = {one.saved.name: bool(one.stale) for one in again.unsealed()}
    assert stale.pop(name) is False
    assert all(stale.values())


async def test_that_a_verdict_that_turned_says_what_it_was(
    history: History, nobody_detects: None
) -> None:
    rounds = Rounds(history, line=LINE, make=made_here)
    await rounds.decide(Settings(), machine=MACHINE)
    strict = replace(
        Settings(), thresholds=replace(Settings().thresholds, saving_min_usd_month=1e8)
    )
    turned = await rounds.decide(strict, machine=MACHINE)
    said = [one.stale[0].text for one in turned.unsealed()]
    assert any(text.startswith("re-check: it was ") for text in said)


async def test_that_a_round_adds_the_workloads_up_and_samples_apart() -> None:
    text = workload_files.template()
    mine = SavedWorkload(name="E-mail triage", toml=text)
    samples = workload_files.saved_samples(workload_files.sample_portfolio())
    made = await made_here(replace(QUESTION, saved=(mine, *samples), with_samples=False))
    sums = made.summed()
    assert sums.own is not None
    assert sums.samples is not None
    assert sum(count for _, count in sums.own.split) == 1
    assert sums.samples.saving_share == pytest.approx(0.83, abs=0.01)
    none = await made_here(replace(QUESTION, with_samples=False))
    assert none.summed().own is None


async def test_that_who_does_not_fit_beside_the_others_is_told_with_its_entry() -> None:
    text = """
[workload]
name = "{0}"
task = "classification"
[volume]
calls_per_day = 2000
history_days = 90
predictability = "predictable"
[tokens]
input = 900
output = 100
[candidates]
local = ["{1}"]
[quality]
gate = "pass"
[quotes]
cloud_frontier_usd_month = 900.0
"""
    saved = tuple(
        SavedWorkload(name=name, toml=text.format(name, model))
        for name, model in (("one", "qwen3:14b"), ("two", "gemma3:27b"))
    )
    made = await made_here(replace(QUESTION, saved=saved, with_samples=False))
    gone = [one.displaced for one in made.unsealed() if one.displaced is not None]
    assert [one.rule for one in gone] == ["H3"]
    assert middle(gone[0].usd_month) == 900.0


@pytest.mark.usefixtures("nobody_detects")
async def test_that_many_workloads_come_at_a_glance_before_they_come_whole(
    history: History,
) -> None:
    text = workload_files.samples()[0].text
    for place in range(FEW + 1):
        await history.save_workload(SavedWorkload(name=f"Mine {place}", toml=text))
    rounds = Rounds(history, line=LINE, make=made_here)
    early, whole = [
        one async for one in rounds.as_they_come(Settings(), machine=MACHINE, glance=True)
    ]
    seen, decided = (
        [one.decided.verdict for one in made.unsealed() if one.decided is not None]
        for made in (early, whole)
    )
    assert [one.option for one in seen] == [one.option for one in decided]
    assert [one.saving for one in seen] == [one.saving for one in decided]
    assert {one.worlds for one in seen} == {None}
    assert all(one.worlds is not None and one.flips for one in decided)
    # What was seen at a glance is no verdict to be kept.
    assert early.verdicts == ()
    assert len(whole.verdicts) == len(decided)


@pytest.mark.usefixtures("nobody_detects")
async def test_that_few_workloads_come_whole_at_once(history: History) -> None:
    rounds = Rounds(history, line=LINE, make=made_here)
    made = [one async for one in rounds.as_they_come(Settings(), machine=MACHINE, glance=True)]
    assert len(made) == 1
    assert made[0].verdicts
