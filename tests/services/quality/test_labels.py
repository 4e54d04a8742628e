"""Labels for answers that differ, by people and by a judge, and what a run is used for."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, BudgetExceeded, PrivacyBlocked
from landfall.core.quality.gate import Label
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.sets import Columns
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.file import parse
from landfall.services.cloud.budget import Consent
from landfall.services.history.history import History
from landfall.services.history.importing import import_files
from landfall.services.history.whole_export import export_history
from landfall.services.quality import files
from landfall.services.quality.export import export_prompts, export_run
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.judging import (
    JudgeEvent,
    JudgeOver,
    JudgeProgress,
    judge_run,
    label_in,
    most_judging_costs,
    to_judge,
    warnings_of,
)
from landfall.services.quality.labelling import label, label_of, to_label, undo
from landfall.services.quality.records import YOU
from landfall.services.quality.results import results_of, standings_of
from landfall.services.quality.use import use_for_workload
from tests.fakes.asked_places import OTHER, PAID, PAID_TOO
from tests.fakes.cloud_api import CUT, openai_answer, refuse, stream
from tests.services.quality.conftest import World, over, plan, prompts

JUDGE = Target(provider="openai", model="m-2")


async def judged(world: World, uid: str, judge: Target = JUDGE) -> list[JudgeEvent]:
    events = judge_run(
        world.runs,
        lambda: world.access,
        uid,
        judge,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
        pauses_seconds=(0.0,),
    )
    async with aclosing(events):
        return [event async for event in events]


async def test_that_what_differs_is_labelled_blind_in_an_order_of_the_seed(world: World) -> None:
    report = over(await world.run(plan(*[None] * 8, metric="human")))
    assert report.unlabelled == 8
    run = await world.only()
    uid = run.record.uid
    firsts = set()
    pair = await to_label(world.history, uid)
    for number in range(8):
        assert pair is not None
        assert (pair.done, pair.of) == (number, 8)
        assert {pair.first, pair.second} == {"Small says", "Hello"}
        firsts.add(pair.first)
        choice = "first" if pair.first == "Small says" else "second"
        pair = await label(world.history, uid, pair, choice)
    assert pair is None
    assert firsts == {"Small says", "Hello"}, "the same always stood first"
    labels = await world.history.quality.labels(uid)
    assert {(one.by, one.label) for one in labels} == {(YOU, Label.LOCAL)}
    assert {one.swapped for one in labels} == {True, False}
    run = await world.only()
    assert run.record.result is not None
    assert run.record.result["local"]["pairs"]["local_only"] == 8
    assert run.record.result["local"]["unlabelled"] == 0


async def test_that_a_label_is_taken_back_and_a_pair_left_for_later(world: World) -> None:
    await world.run(plan(None, None, metric="human"))
    uid = (await world.only()).record.uid
    assert await undo(world.history, uid) is None
    first = await to_label(world.history, uid)
    assert first is not None
    second = await to_label(world.history, uid, skipped=frozenset({(first.place, first.side)}))
    assert second is not None
    assert second.place != first.place
    both = frozenset({(one.place, one.side) for one in (first, second)})
    assert await to_label(world.history, uid, skipped=both) == first
    await label(world.history, uid, first, "neither")
    assert report_of(await world.only()).unlabelled == 1
    again = await undo(world.history, uid)
    assert again == first
    assert report_of(await world.only()).unlabelled == 2


async def test_that_equal_answers_and_scored_ones_need_no_label(world: World) -> None:
    world.api.default = stream(openai_answer("Small", " says"))
    await world.run(plan(None, metric="human"))
    run = await world.only()
    assert await to_label(world.history, run.record.uid) is None
    assert report_of(run).candidates[0].reading.pairs is not None
    await world.history.quality.delete(run.record.uid)
    await world.run(plan("x", metric="exact", incumbent=OTHER))
    assert await to_label(world.history, (await world.only()).record.uid) is None


def test_that_a_choice_is_read_by_who_stood_where() -> None:
    assert label_of("first", swapped=False) is label_of("second", swapped=True) is Label.LOCAL
    assert label_of("second", swapped=False) is label_of("first", swapped=True) is Label.OTHER
    assert (label_of("both", swapped=True), label_of("neither", swapped=True)) == (
        Label.BOTH,
        Label.NEITHER,
    )
    with pytest.raises(BadInput):
        label_of("third", swapped=False)  # type: ignore[arg-type]


async def test_that_a_judge_reads_both_orders_and_only_what_it_says_twice_counts(
    world: World,
) -> None:
    await world.run(plan(None, None, metric="judge"))
    run = await world.only()
    uid = run.record.uid
    most = await most_judging_costs(lambda: world.access, run, JUDGE)
    assert most.usd > 0
    assert len(to_judge(run, JUDGE)) == 4
    world.api.requests.clear()
    world.api.default = stream(openai_answer("It is so.\n", "VERDICT: FIRST"))
    events = await judged(world, uid)
    assert [one.done for one in events if isinstance(one, JudgeProgress)] == [1, 2, 3, 4]
    last = events[-1]
    assert isinstance(last, JudgeOver)
    assert last.unread == 0
    reading = last.report.candidates[0].reading
    assert reading.pairs is not None
    assert reading.pairs.both == 2, "what it said of the first place both times is a tie"
    assert reading.state is GateResult.INCONCLUSIVE
    assert "calibrated" in reading.reason
    bias = last.report.candidates[0].bias
    assert bias is not None
    assert (bias.ballots, bias.consistent, bias.for_first) == (2, 0, 2)
    texts = [request.json["messages"][1]["content"] for request in world.api.requests]
    orders = [text.index("Small says") < text.index("Hello") for text in texts]
    assert orders == [True, False, True, False]
    assert to_judge(await world.only(), JUDGE) == ()
    waiting = await to_label(world.history, uid)
    assert waiting is not None, "a person's labels calibrate the judge"
    taken = await world.history.quality.delete(uid)
    assert taken is not None
    assert await world.history.runs() == (), "what the judge was told is gone too"


async def test_that_a_judge_that_fails_or_says_nothing_is_told(world: World) -> None:
    await world.run(plan(None, metric="judge"))
    uid = (await world.only()).record.uid
    world.api.default = refuse(400, "No.")
    failed = [one for one in await judged(world, uid) if isinstance(one, JudgeProgress)]
    assert ["No." in str(one.error) for one in failed] == [True, True]
    cut = stream([*openai_answer("VERDICT: first", " rather")[:2], CUT])
    world.api.default = cut
    asked = len(world.api.requests)
    broken = [one for one in await judged(world, uid) if isinstance(one, JudgeProgress)]
    assert ["may be charged for" in str(one.error) for one in broken] == [True, True]
    assert len(world.api.requests) == asked + 2, "each try would be charged"
    report = report_of(await world.only())
    assert report.unpriced == 2
    world.api.default = stream(openai_answer("Well, well."))
    last = (await judged(world, uid))[-1]
    assert isinstance(last, JudgeOver)
    assert last.unread == 2
    assert [label_in(text, swapped=True) for text in ("VERDICT: first", "**VERDICT: BOTH**")] == [
        Label.OTHER,
        Label.BOTH,
    ]
    with pytest.raises(BadInput, match="its own answers"):
        await judged(world, uid, PAID)


async def test_that_a_judge_is_asked_within_lock_and_consent(world: World) -> None:
    await world.save(lock="nda")
    asked = plan(None, metric="judge", incumbent=OTHER, workload="Mine")
    await world.run(asked)
    uid = (await world.only()).record.uid
    with pytest.raises(PrivacyBlocked):
        await judged(world, uid)
    await world.history.delete_workload("Mine")
    await world.save()
    events = judge_run(
        world.runs,
        lambda: world.access,
        uid,
        JUDGE,
        server_url=world.twin.url,
        consent=Consent(),
    )
    with pytest.raises(BudgetExceeded):
        await anext(events)
    assert world.api.requests == []
    assert await world.history.quality.labels(uid) == ()


def test_that_what_speaks_against_a_judge_is_said() -> None:
    asked = plan("x", local=Target(model="qwen3:8b"))
    told = warnings_of(asked, Target(model="qwen3:32b"))
    assert "family of qwen3:8b" in told[0]
    assert any("leak" in one for one in warnings_of(asked, PAID_TOO))
    assert not any("leak" in one for one in told)


# What it is used for


async def test_that_a_run_is_evidence_of_its_workload_until_the_model_changes(
    world: World,
) -> None:
    await world.save()
    await world.run(plan("Hello", "Small says", workload="Mine"))
    (result,) = await world.history.quality_results()
    assert (result.workload, result.side, result.candidate.name) == (
        "Mine",
        "local",
        "small:latest",
    )
    (candidate,) = report_of(await world.only()).candidates
    assert result.reading == candidate.reading
    now = standings_of(await world.history.listed_runs())
    assert now["small:latest"].digest == result.digest != ""
    await world.history.save_workload((await world.history.workloads())[0], was="Mine")
    records = await world.history.quality.runs("Mine")
    assert results_of(records) == (result,)
    assert await world.history.quality.runs("Other") == ()


async def test_that_a_run_that_waits_for_labels_is_no_evidence_yet(world: World) -> None:
    await world.save()
    await world.run(plan(None, metric="human", workload="Mine"))
    assert await world.history.quality_results() == ()
    with pytest.raises(BadInput, match="no label yet"):
        await use_for_workload(world.history, (await world.only()).record.uid)


async def test_that_counts_are_written_into_the_workload_and_can_be_undone(world: World) -> None:
    await world.save()
    await world.run(plan("Hello", "Small says", "Hello", workload="Mine"))
    uid = (await world.only()).record.uid
    before = await use_for_workload(world.history, uid)
    (saved,) = await world.history.workloads()
    assert saved.toml.startswith("# Mine.\n")
    quality = parse(saved.toml).quality
    assert quality.pairs is not None
    assert (quality.pairs.local_only, quality.pairs.cloud_only) == (1, 2)
    assert (quality.metric, quality.margin) == ("exact", 0.05)
    assert quality.gate_hosted is GateResult.UNMEASURED
    again = await use_for_workload(world.history, uid)
    assert again.toml == saved.toml
    assert (await world.history.workloads())[0].toml == saved.toml
    await world.history.save_workload(before)
    assert parse((await world.history.workloads())[0].toml).quality.pairs is None


async def test_that_graded_scores_are_written_as_what_the_gate_said(world: World) -> None:
    await world.save()
    await world.run(plan("Hello there", metric="rouge_l", looks=(1,), workload="Mine"))
    await use_for_workload(world.history, (await world.only()).record.uid)
    quality = parse((await world.history.workloads())[0].toml).quality
    assert (quality.pairs, quality.gate) == (None, GateResult.INCONCLUSIVE)


async def test_that_a_run_without_a_workload_is_used_for_none(world: World) -> None:
    await world.run(plan("Hello"))
    with pytest.raises(BadInput, match="no saved workload"):
        await use_for_workload(world.history, (await world.only()).record.uid)


# Files


async def test_that_a_run_is_exported_with_every_answer_and_its_set_for_other_tools(
    world: World, tmp_path: Path
) -> None:
    await world.run(plan("Hello", "x"))
    run = await world.only()
    lines = tmp_path / "run.jsonl"
    assert await export_run(lines, run, "jsonl") == 2
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["answers"]["local"]["text"] for row in rows] == ["Small says"] * 2
    assert rows[0]["expected"] == "Hello"
    await export_run(tmp_path / "p.yaml", run, "promptfoo")
    text = (tmp_path / "p.yaml").read_text()
    assert '"ollama:chat:small:latest"' in text
    assert '"openai:m-1"' in text
    await export_prompts(tmp_path / "i.jsonl", prompts("Hello"), "inspect", title="t")
    assert json.loads((tmp_path / "i.jsonl").read_text())["target"] == "Hello"
    await export_prompts(tmp_path / "s.jsonl", prompts("Hello"), "jsonl", title="t")
    assert json.loads((tmp_path / "s.jsonl").read_text())["expected"] == "Hello"


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_that_quality_runs_travel_with_the_history(
    world: World, tmp_path: Path, ending: str
) -> None:
    await world.run(plan(None, "x", metric="human"))
    run = await world.only()
    pair = await to_label(world.history, run.record.uid)
    assert pair is not None
    await label(world.history, run.record.uid, pair, "both")
    run = await world.only()
    written = await export_history(tmp_path / f"all.{ending}", world.history)
    assert ("quality_runs", 1) in [(one.kind, one.rows) for one in written]
    other = History(tmp_path / "other.db")
    await other.open()
    paths = sorted({one.path for one in written})
    await import_files(other, paths, keep=True)
    assert sum(one.new for one in await import_files(other, paths, keep=True)) == 0
    (record,) = await other.quality.runs()
    there = await other.quality.get(record.uid)
    assert (there.answers, there.plan) == (run.answers, run.plan)
    assert [one.label for one in there.labels] == [Label.BOTH]
    assert there.record.result == run.record.result
    await other.close()


async def test_that_a_broken_quality_run_of_a_file_is_refused_with_its_place(
    world: World, tmp_path: Path
) -> None:
    await world.run(plan("x"))
    path = tmp_path / "all.json"
    await export_history(path, world.history)
    document = json.loads(path.read_text())
    del document["quality_runs"][0]["plan"]["metric"]
    path.write_text(json.dumps(document))
    with pytest.raises(BadInput, match="no quality run"):
        await import_files(world.history, [path], keep=False)


async def test_that_the_meaning_of_columns_is_remembered(world: World, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("frage;antwort\nHi\u2028there;x\n", encoding="utf-8")
    lines = await files.lines_of(path)
    assert lines == ("frage;antwort\n", "Hi\u2028there;x\n")
    assert await files.columns_of(world.history, lines) == Columns()
    mine = Columns(prompt="frage", expected="antwort")
    await files.remember(world.history, lines, mine)
    assert await files.columns_of(world.history, lines) == mine
    assert (await files.columns_of(None, ("question,label\n",))).prompt == "question"
    with pytest.raises(BadInput):
        await files.lines_of(tmp_path / "none.csv")
