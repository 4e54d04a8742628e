"""The panel of a workload's quality runs: from a file of prompts to a gate that is read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
)
from pytestqt.qtbot import QtBot

from landfall.core.errors import ModelNotFound
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.quality.gate import Label
from landfall.core.quality.paired_tests import GateResult
from landfall.core.run import long_wait
from landfall.core.workload.file import parse
from landfall.gui.quality.session import Doing
from landfall.gui.quality.who import Place
from landfall.gui.widgets.margin_chart import MarginChart
from landfall.gui.workloads import gate_door
from landfall.services import hardware
from landfall.services.history.records import SavedWorkload
from landfall.services.quality.events import QualityGoesOn, QualityWaits
from landfall.services.quality.gate_report import QualityReport, report_of
from tests.fakes.ollama_faults import Fault
from tests.fakes.speakers import speaker
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.gate_stage import JUDGE, MINE, OTHER, SMALL, GateStage, right_every, set_of
from tests.gui.pages.workloads_stage import rtx_4090
from tests.gui.seen import words

SLOW = speaker("slow:latest", ("Slow", " says"))


@pytest.fixture
def stage(
    backstage: Backstage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GateStage]:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    backstage.start(SMALL, OTHER, JUDGE, SLOW)
    made = GateStage(backstage, tmp_path, qtbot)
    yield made
    if made.shows("gate-panel"):
        made.session.stop()
        made.wait(lambda: not made.session.running)


def chats(stage: GateStage) -> int:
    """Answers that the server was asked for."""
    return sum(one.path == "/api/chat" for one in stage.backstage.twin.server.requests)


def report(stage: GateStage) -> QualityReport:
    return report_of(stage.only())


def labelled(stage: GateStage) -> GateStage:
    """A run whose answers all differ and have no truth: people decide."""
    stage.open()
    stage.open_gate()
    stage.read(set_of(6), name="letters.jsonl")
    stage.against_here()
    stage.run_it()
    return stage


# Opening


def test_that_a_gate_that_is_on_its_way_does_not_come_over_another_workload(
    stage: GateStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = threading.Event()
    monkeypatch.setattr(gate_door, "_fetch", lambda: fetched.wait(20))
    page = stage.open()
    text = MINE.format(task="classification", lock="none").replace("Mine", "Yours")
    history = stage.backstage.history
    stage.backstage.run(history.save_workload(SavedWorkload(name="Yours", toml=text)))
    stage.decide()
    page.show_workload("Mine")
    page.on_gate()
    page.show_workload("Yours")
    fetched.set()
    stage.qtbot.wait(300)
    assert not stage.shows("gate-panel")
    page.on_gate()
    stage.wait(lambda: stage.shows("gate-panel"))


# A run from beginning to end


def test_that_a_set_with_expected_answers_is_asked_scored_and_read(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    assert "Choose a file of prompts first." in stage.words()
    stage.read(set_of(60, expected=right_every(10)))
    assert "tickets.jsonl: 60 prompts, with the expected answer." in stage.words()
    assert stage.setup.measure.chosen.id == "accuracy"
    stage.against_here()
    stage.quote()
    said = stage.words()
    assert "Nothing leaves this machine, and nobody is paid" in said
    assert "small:latest: asked 60 times, stays on this machine." in said
    assert chats(stage) == 0
    stage.press("gate-agree")
    stage.result()
    said = stage.words()
    assert "small:latest against other:latest" in said
    assert said.count("Passes") == 1
    assert "expires when the file, the quantization" in said
    (reading,) = [one.reading for one in report(stage).candidates]
    assert reading.pairs is not None
    assert (reading.pairs.local_only, reading.pairs.cloud_only) == (54, 6)
    assert (reading.pairs.both, reading.pairs.neither) == (0, 0)
    assert len(stage.only().answers) == 120
    assert stage.visible(MarginChart).accessibleName().startswith("Quality against today")
    assert "No model is needed for this score" in stage.words()


def test_that_two_different_models_are_proposed_and_what_was_chosen_stays(
    stage: GateStage,
) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(60, expected=right_every(10)))
    candidate, against = stage.setup.candidate, stage.setup.against
    against.choose(Place.HERE)
    assert candidate.target is not None
    assert against.target is not None
    assert candidate.target.model == "small:latest"
    proposed = against.target.model
    assert proposed != "small:latest"
    candidate.want(proposed)
    assert candidate.target.model == proposed
    assert against.target is not None
    assert against.target.model != proposed
    chosen = against.model.findText(f"{proposed}, this machine")
    against.model.setCurrentIndex(chosen)
    against.model.activated.emit(chosen)
    candidate.want("small:latest")
    candidate.want(proposed)
    assert stage.setup.problem == (
        f"{proposed} is on both sides: choose another one for one of them."
    )
    assert not stage.setup.go.isEnabled()


def test_that_what_was_picked_stays_when_models_come_and_go(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    candidate, state = stage.setup.candidate, stage.backstage.state
    candidate.want("small:latest")
    picked = candidate.model.findText("other:latest, this machine")
    candidate.model.setCurrentIndex(picked)
    candidate.model.activated.emit(picked)
    state.models_changed.emit()
    assert candidate.target is not None
    assert candidate.target.model == "other:latest"
    candidate.choose(Place.PROVIDER)
    state.models_changed.emit()
    candidate.choose(Place.HERE)
    assert candidate.target.model == "other:latest"
    installed = state.installed
    state.set_models((), ())
    assert candidate.target is None
    state.set_models(installed, ())
    assert candidate.target is not None
    assert candidate.target.model == "other:latest"


def test_that_a_model_that_the_verdict_asks_about_and_nobody_has_is_said(
    stage: GateStage,
) -> None:
    page = stage.open(named=False)
    asked = words(page)
    stage.open_gate()
    candidate = stage.setup.candidate
    assert candidate.target is not None
    meant, _, rest = candidate.note.text().partition(" is meant, and is not installed here: ")
    assert rest == "pull it on Models, or measure another."
    assert f"on {meant} and" in asked
    candidate.want(candidate.target.model)
    assert candidate.note.text() == ""


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (RuntimeState.ABSENT, "Ollama is not installed. Get it, or add a host, on Machine."),
        (RuntimeState.STOPPED, "Ollama is stopped. Start it, or add a host, on Machine."),
    ],
)
def test_that_a_gate_calls_a_missing_server_what_every_page_calls_it(
    stage: GateStage, standing: RuntimeState, said: str
) -> None:
    stage.open()
    stage.open_gate()
    stage.backstage.state.set_runtimes(
        (Runtime(kind="ollama", state=standing, url="http://127.0.0.1:11434"),)
    )
    stage.backstage.state.set_models(None, None)
    assert stage.setup.candidate.problem == said


def test_that_the_only_model_is_said_to_be_the_only_one(
    backstage: Backstage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    backstage.start(SMALL)
    stage = GateStage(backstage, tmp_path, qtbot)
    stage.open()
    stage.open_gate()
    stage.read(set_of(60, expected=right_every(10)))
    stage.setup.against.choose(Place.HERE)
    assert "small:latest is the only model here" in stage.setup.problem
    assert not stage.setup.go.isEnabled()


def test_that_a_sample_proposed_for_a_large_file_goes_with_it(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    measure = stage.setup.measure
    stage.read(set_of(400, expected=right_every(10)), name="many.jsonl")
    stage.wait(lambda: measure.sample.value == 300)
    stage.read(set_of(12, expected=right_every(10)), name="few.jsonl")
    stage.wait(lambda: measure.sample.value is None)
    measure.sample.set_value(7)
    stage.read(set_of(400, expected=right_every(10)), name="many.jsonl")
    stage.wait(lambda: "400 prompts" in stage.words())
    assert measure.sample.value == 7


def test_that_a_paid_model_is_asked_only_after_its_ceiling_was_agreed_to(stage: GateStage) -> None:
    api = stage.backstage.offer_cloud(price_usd_per_mtok=10.0)
    stage.open()
    stage.open_gate()
    stage.read(set_of(5, expected=right_every(2)))
    against = stage.setup.against
    assert against.chosen is Place.PROVIDER
    stage.wait(lambda: against.target is not None)
    assert against.target is not None
    assert against.target.name == "openai:m-1"
    stage.quote()
    said = stage.words()
    assert "It costs at most $" in said
    assert "openai:m-1: asked 5 times, to 127.0.0.1" in said
    stage.press("gate-decline")
    assert "chat" not in " ".join(one.path for one in api.requests)
    assert stage.backstage.run(stage.backstage.history.quality.runs()) == ()
    stage.quote()
    stage.press("gate-agree")
    stage.result()
    assert report(stage).cost_usd > 0
    assert "It cost $" in stage.words()


def test_that_a_lock_refuses_a_provider_in_words_and_keeps_the_form(stage: GateStage) -> None:
    api = stage.backstage.offer_cloud(price_usd_per_mtok=10.0)
    stage.open(lock="phi")
    stage.open_gate()
    stage.read(set_of(5, expected=right_every(2)))
    stage.wait(lambda: stage.setup.against.target is not None and stage.setup.go.isEnabled())
    stage.setup.go.click()
    stage.wait(lambda: "Nothing was sent to" in stage.words())
    assert "Run it on this machine, or change" in stage.words()
    assert not any("chat" in one.path for one in api.requests)
    assert stage.setup.prompts.opened is not None
    assert stage.session.doing is Doing.NOTHING
    stage.against_here()
    assert "Nothing was sent to" not in stage.words()
    stage.run_it()
    assert not any("chat" in one.path for one in api.requests)


def test_that_recorded_answers_are_taken_where_the_file_has_them(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(8, expected=right_every(2), incumbent=lambda i: "Other says"))
    assert stage.setup.against.chosen is Place.RECORDED
    assert "Nobody is asked: the answers are in the file." in stage.words()
    stage.run_it()
    assert chats(stage) == 8
    assert "against Recorded answers" in stage.words()


# The file


def test_that_problems_of_a_file_say_their_line_and_the_rest_is_kept(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read('{"prompt": ""}\nno\n{"prompt": "A?"}\n{"prompt": "A?"}\n')
    said = stage.words()
    assert "tickets.jsonl: One prompt." in said
    assert "Lines left out: 2 cannot be used, 1 stood before." in said
    stage.setup.prompts.view.choose(1)
    table = stage.setup.prompts.problems
    spoken = [table.table.index(row, 2).data() for row in range(table.filter.rowCount())]
    assert len(spoken) == 3
    assert table.isVisible()


def test_that_columns_are_named_by_hand_and_remembered(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    text = "Frage;Soll\nWas?;Ja\nWer?;Nein\n"
    stage.read(text, name="fragen.csv")
    assert "has no prompt that can be used" in stage.words()
    assert not stage.setup.go.isEnabled()
    choice = stage.setup.prompts.meanings["prompt"]
    choice.setCurrentIndex(choice.findData("Frage"))
    choice.activated.emit(choice.currentIndex())
    stage.wait(lambda: "fragen.csv: 2 prompts." in stage.words())
    stage.press("gate-back")
    stage.open_gate()
    stage.read(text, name="other.csv")
    assert "other.csv: 2 prompts." in stage.words()


def test_that_a_file_that_cannot_be_read_is_said_in_the_card(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.setup.read(stage.folder / "missing.jsonl")
    stage.wait(lambda: "missing.jsonl" in stage.words() and "Reading" not in stage.words())
    assert stage.setup.prompts.opened is None
    assert stage.backstage.messages.worst is None


# Metric, margin, sample


def test_that_a_metric_says_what_it_means_and_how_weak_it_is(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(4))
    measure = stage.setup.measure
    assert measure.chosen.id == "human"
    measure.choice.setCurrentIndex(measure.choice.findData("rouge_l"))
    measure.choice.activated.emit(measure.choice.currentIndex())
    assert "it counts words, not facts" in stage.words()
    assert "needs an expected answer, and the file has none" in measure.problem
    measure.choice.setCurrentIndex(measure.choice.findData("regex"))
    measure.choice.activated.emit(measure.choice.currentIndex())
    measure.pattern.setText("(")
    assert "pattern" in measure.problem
    measure.pattern.setText("says")
    assert measure.problem == ""
    assert measure.options.pattern == "says"


def test_that_the_reach_of_a_sample_is_said_before_it_is_asked(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(30, expected=right_every(10)))
    assert "30 prompts can at best rule out a loss above 8.3 points" in stage.words()
    assert "For 3 points at least 88 are needed" in stage.words()
    stage.setup.measure.sample.edit.setText("12")
    stage.against_here()
    stage.run_it()
    assert len(stage.only().plan.prompts) == 12


# Under way


def test_that_a_run_is_stopped_offered_and_goes_on_where_it_was(stage: GateStage) -> None:
    page = stage.open()
    stage.open_gate()
    stage.read(set_of(12, expected=right_every(4)))
    stage.setup.candidate.want("slow:latest")
    stage.backstage.twin.pace.token_seconds = 0.05
    stage.against_here("small:latest")
    stage.quote()
    stage.press("gate-agree")
    stage.wait(lambda: stage.session.progress is not None and stage.session.progress.done >= 2)
    assert "slow:latest:" in stage.words()
    assert stage.backstage.state.running[0].page == "workloads"
    stage.press("gate-stop")
    stage.result()
    assert stage.backstage.state.running == ()
    there = sum(one.text is not None for one in stage.only().answers)
    assert 2 <= there < 24
    assert f"{24 - there} answers are missing" in stage.words()
    stage.press("gate-back")
    stage.wait(lambda: stage.shows("gate-offer"))
    assert "A quality run was stopped: tickets.jsonl" in stage.words()
    stage.line("gate-offer-line").triggered.emit()
    stage.wait(lambda: stage.shows("gate-past-runs"))
    assert "It was stopped." in stage.words()
    stage.panel.past.show_asked.emit(stage.only().record.uid)
    stage.wait(lambda: stage.shows("gate-result"))
    asked = chats(stage)
    stage.line("gate-step-resume").triggered.emit()
    stage.wait(stage.panel.consent.isVisible)
    stage.panel.consent.yes.click()
    stage.wait(lambda: not stage.session.busy and stage.shows("gate-step-use"))
    run = stage.only()
    assert run.record.state == "done"
    assert len({(one.place, one.side) for one in run.answers}) == len(run.answers) == 24
    assert chats(stage) - asked == 24 - there
    assert page is stage.page


def test_that_a_long_wait_for_an_answer_stands_with_its_progress(
    stage: GateStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    stage.open()
    stage.open_gate()
    stage.read(set_of(6, expected=right_every(4)))
    stage.setup.candidate.want("slow:latest")
    stage.backstage.twin.faults.append(Fault("stall", after=0, seconds=0.7))
    stage.against_here("small:latest")
    stage.quote()
    stage.press("gate-agree")
    stage.wait(lambda: "has not begun to answer for more than 0 s." in stage.words())
    stage.session.failure = ModelNotFound("It is gone.", "`landfall pull x` gets it.")
    stage.session.came.emit()
    said = stage.words()
    assert "It is gone. " in said
    assert "landfall pull" not in said, "advice for a command line"
    assert "has not begun to answer" in said
    stage.result()
    assert stage.session.long_wait is None
    assert "not begun to answer" not in stage.words()


def test_that_a_long_wait_is_taken_back_when_that_answer_goes_on(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    told = stage.session._on_events
    waiting = long_wait.LongWait(at=0.0, model="slow:latest", seconds=60.0)
    told([QualityWaits(waiting)])
    told([QualityGoesOn("small:latest")])
    assert stage.session.long_wait is waiting
    told([QualityGoesOn("slow:latest")])
    assert stage.session.long_wait is None


def test_that_a_run_goes_on_while_its_panel_is_closed(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    session = stage.session
    stage.read(set_of(6, expected=right_every(4)))
    stage.setup.candidate.want("slow:latest")
    stage.backstage.twin.pace.token_seconds = 0.05
    stage.against_here("small:latest")
    stage.quote()
    stage.press("gate-agree")
    stage.wait(lambda: session.begun)
    stage.press("gate-back")
    stage.wait(lambda: not session.busy)
    assert [text for text, _ in stage.toasts] == ["The quality run of Mine has ended"]
    assert stage.only().record.state == "done"


def test_that_a_model_that_is_gone_is_said_and_the_form_stays(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(4, expected=right_every(2)))
    stage.against_here()
    stage.quote()
    del stage.backstage.twin.recorded_models[SMALL.name.short]
    stage.press("gate-agree")
    stage.wait(lambda: not stage.session.busy)
    assert "small" in stage.setup.line.title.text()
    assert stage.setup.prompts.opened is not None
    assert stage.backstage.run(stage.backstage.history.quality.runs()) == ()


# Labels


def test_that_pairs_are_labelled_blind_by_keys_and_nothing_is_lost(stage: GateStage) -> None:
    labelled(stage)
    assert "6 pairs differ and wait for a label" in stage.words()
    view = stage.labelling()
    assert view.pair is not None
    said = stage.words()
    assert "1 of 6" in said
    assert "small:latest" not in said.partition("Quality gate")[2]
    first = {view.first.toPlainText(), view.second.toPlainText()}
    assert first == {"Small says", "Other says"}
    assert [one.cursor.selectedText() for one in view.first.extraSelections()] == [
        view.first.toPlainText().split()[0]
    ]
    stands_first = view.first.toPlainText() == "Small says"
    stage.key(view, "1")
    assert "2 of 6" in stage.words()
    (one,) = stage.only().labels
    assert one.label is (Label.LOCAL if stands_first else Label.OTHER)
    skipped = view.pair.place
    stage.key(view, "S")
    assert view.pair.place != skipped
    stage.key(view, "3")
    stage.key(view, "U")
    assert len(stage.only().labels) == 1
    stage.press("gate-back")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    stage.open_gate()
    stage.wait(lambda: stage.shows("gate-past-runs"))
    stage.panel.show_run(stage.only().record.uid)
    stage.wait(lambda: stage.shows("gate-step-label"))
    assert "5 pairs differ and wait for a label" in stage.words()
    view = stage.labelling()
    for key in "12344":
        stage.key(view, key)
    assert "Every pair that differs has a label" in stage.words()
    assert len(stage.only().labels) == 6
    stage.press("gate-labels-done")
    stage.wait(lambda: stage.shows("gate-result"))
    assert report(stage).unlabelled == 0


def test_that_a_judge_is_asked_in_both_orders_after_its_warnings(stage: GateStage) -> None:
    labelled(stage)
    stage.line("gate-step-judge").triggered.emit()
    stage.wait(lambda: stage.shows("gate-judge"))
    judge = stage.panel.judge
    assert judge is not None
    assert judge.who.target is not None
    assert judge.who.target.model not in ("small:latest", "other:latest")
    judge.who.want("small:latest")
    assert "models prefer answers of their own kind" in stage.words()
    judge.who.want("judge:latest")
    assert "models prefer answers of their own kind" not in stage.words()
    assert "A judge errs" in stage.words()
    stage.press("gate-judge-quote")
    stage.wait(judge.consent.isVisible)
    assert "judge:latest: asked 12 times, stays on this machine." in stage.words()
    judge.consent.yes.click()
    stage.wait(lambda: not stage.session.busy and stage.shows("gate-result"))
    stage.wait(lambda: "said the same in both orders on 0 of 6 pairs" in stage.words())
    assert "the first answer won 6 times, the second 0" in stage.words()
    assert report(stage).candidates[0].reading.state is GateResult.INCONCLUSIVE
    assert "The judge is not calibrated" in stage.words()


# What may be done with a result


def scored(stage: GateStage) -> GateStage:
    stage.open()
    stage.open_gate()
    stage.read(set_of(20, expected=right_every(5)))
    stage.against_here()
    stage.run_it()
    return stage


def saved_pairs(stage: GateStage) -> tuple[int, int] | None:
    (one,) = stage.backstage.run(stage.backstage.history.workloads())
    pairs = parse(one.toml).quality.pairs
    return None if pairs is None else (pairs.local_only, pairs.cloud_only)


def test_that_a_result_goes_into_the_workload_and_out_again(stage: GateStage) -> None:
    scored(stage)
    assert saved_pairs(stage) is None
    stage.line("gate-step-use").triggered.emit()
    # A verdict tells nothing: one of before may still be on its way.
    stage.qtbot.waitUntil(lambda: bool(stage.toasts), timeout=20_000)
    assert saved_pairs(stage) == (16, 4)
    text, undo = stage.toasts[-1]
    assert text == "Mine uses this result"
    stage.press("gate-back")
    undo.run()
    stage.qtbot.waitUntil(lambda: saved_pairs(stage) is None, timeout=20_000)


@pytest.mark.parametrize(
    ("kind", "holds"), [("jsonl", '"answers"'), ("promptfoo", "ollama:chat"), ("inspect", "target")]
)
def test_that_a_run_is_written_for_other_programs(stage: GateStage, kind: str, holds: str) -> None:
    scored(stage)
    stage.panel.on_export(kind)  # type: ignore[arg-type]
    settle()
    (dialog,) = stage.page.findChildren(QFileDialog, "gate-export-dialog")
    path = stage.folder / "out.txt"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    stage.wait(lambda: any("Written to" in text for text, _ in stage.toasts))
    written = path.read_text()
    assert holds in written
    if kind == "jsonl":
        assert len([json.loads(line) for line in written.splitlines()]) == 20


def test_that_a_deleted_run_comes_back_with_undo(stage: GateStage) -> None:
    scored(stage)
    stage.press("gate-delete")
    stage.wait(lambda: stage.shows("gate-start") and bool(stage.toasts))
    assert stage.backstage.run(stage.backstage.history.quality.runs()) == ()
    stage.toasts[-1][1].run()
    stage.wait(lambda: stage.shows("gate-past-runs"))
    assert len(stage.only().answers) == 40


def test_that_a_result_of_another_file_of_the_model_is_said_to_hold_no_longer(
    stage: GateStage,
) -> None:
    scored(stage)
    uid = stage.only().record.uid
    state = stage.backstage.state
    pulled = tuple(replace(one, digest="another") for one in state.installed or ())
    state.set_models(pulled, state.loaded)
    stage.panel.show_run(uid)
    stage.wait(lambda: stage.shows("gate-expired"))
    assert "It holds no longer" in stage.words()


# Keyboard and names


def test_that_every_control_has_a_name(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    stage.read(set_of(4, expected=right_every(2)))
    stage.setup.measure.how.open()
    settle()
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTableView)
    controls = [one for kind in kinds for one in stage.panel.findChildren(kind) if one.isVisible()]
    assert len(controls) > 20
    for one in controls:
        said = one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else "")
        assert said, f"{type(one).__name__} {one.objectName()} has no name"


def test_that_the_keys_are_wanted_where_none_is_stored(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    missing = stage.setup.against.provider.missing
    stage.wait(missing.isVisible)
    missing.triggered.emit()
    assert stage.jumps == [("cloud", "")]
