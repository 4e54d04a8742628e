"""The Workloads page in each of its states, and what can be done there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.core.errors import Unavailable
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.provenance import Estimated, middle
from landfall.core.workload.file import parse
from landfall.core.workload.workload import Workload
from landfall.core.workload.writer import to_toml
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.format import money
from landfall.gui.messages import Messages
from landfall.gui.page import PageState
from landfall.gui.widgets.cost_bars import CostBars
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.hour_chart import HourChart
from landfall.gui.widgets.margin_chart import MarginChart
from landfall.gui.widgets.pipeline_map import PipelineMap
from landfall.gui.widgets.rule_trace import RuleTrace
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.toml_editor import TomlEditor
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.workloads.detail import (
    BREAK_EVEN,
    COSTS,
    FLIPS,
    HOURS,
    MEASURE,
    PIPELINE,
    QUALITY,
    RULES,
    WorkloadDetail,
)
from landfall.gui.workloads.editor import WorkloadEditor
from landfall.gui.workloads.listing import WorkloadList
from landfall.gui.workloads.what_if import differs
from landfall.gui.workloads.words import sentence
from landfall.services import hardware
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import privacy_checks
from landfall.services.verdict.decided import Decided, Entry
from tests.gui.conftest import settle
from tests.gui.pages.workloads_stage import WorkloadsStage, case, rtx_4090

TRIAGE = "Sample: support ticket triage"
CONTRACTS = "Sample: summaries of client contracts"
RESEARCH = "Sample: research assistant"
BROKEN = '[workload]\nname = "Broken"\ntask = "chat"\n\n[volume]\ncalls_per_day = "many"\n'
MINE = """schema = 1
[workload]
name = "Mine"
task = "classification"
[volume]
calls_per_day = 4000
history_days = 60
predictability = "predictable"
[tokens]
input = 800
output = 100
[today]
provider = "openai"
model = "gpt-5.5"
[candidates]
local = ["qwen3:8b"]
[quality]
gate = "pass"
"""


@pytest.fixture
def stage(
    tmp_path: Path,
    state: AppState,
    messages: Messages,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[WorkloadsStage]:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    made = WorkloadsStage(tmp_path, state, messages, qtbot)
    yield made
    made.stop()


@pytest.fixture
def mine(stage: WorkloadsStage) -> WorkloadsStage:
    """One workload of the user's own, decided and shown."""
    stage.keep(("Mine", MINE))
    stage.open()
    stage.decide()
    return stage


def detail(stage: WorkloadsStage) -> WorkloadDetail:
    settle()
    found = [one for one in stage.page.findChildren(WorkloadDetail) if one.isVisible()]
    assert found, "no verdict is shown"
    return found[-1]


def editor(stage: WorkloadsStage) -> WorkloadEditor:
    settle()
    found = [one for one in stage.page.findChildren(WorkloadEditor) if one.isVisible()]
    assert found, "nothing is edited"
    return found[-1]


def until(stage: WorkloadsStage, holds: Callable[[], bool]) -> None:
    stage.qtbot.waitUntil(holds, timeout=15_000)


def type_in(stage: WorkloadsStage, path: str, text: str) -> None:
    edit = stage.named(f"field-{path}", QLineEdit)
    edit.selectAll()
    stage.qtbot.keyClicks(edit, text)
    if not text:
        stage.qtbot.keyClick(edit, Qt.Key.Key_Delete)


def evidence(stage: WorkloadsStage, index: int, kind: type[QWidget]) -> QWidget:
    detail(stage).open_evidence(index)
    settle()
    found = [one for one in detail(stage).findChildren(kind) if one.isVisible()]
    assert found
    return found[0]


# States ------------------------------------------------------------------------------------------


def test_that_five_skeleton_lines_stand_where_the_verdict_will_be(stage: WorkloadsStage) -> None:
    page = stage.open()
    assert page.state is PageState.LOADING
    card = page.findChild(VerdictCard)
    assert card is not None
    assert card.findChild(Skeleton) is not None
    assert card.accessibleName() == "Verdict: being decided"


def test_that_nothing_saved_offers_to_define_import_and_show_samples(
    stage: WorkloadsStage,
) -> None:
    stage.keep()
    page = stage.open()
    stage.decide()
    assert page.state is PageState.EMPTY
    assert {"New workload", "Import a file…", "Show the samples"} <= set(stage.words().split("\n"))
    stage.press("bring-samples")
    until(stage, lambda: page.state in (PageState.READY, PageState.PARTIAL))
    assert TRIAGE in stage.names()


def test_that_samples_are_labelled_and_go_together_and_come_back(stage: WorkloadsStage) -> None:
    stage.keep(("Mine", MINE), samples=True)
    page = stage.open()
    stage.decide()
    rows = page.findChild(WorkloadList)
    assert rows is not None
    assert set(rows.names) == {"Mine", TRIAGE, CONTRACTS, RESEARCH}
    assert stage.words().count("Sample\n") == 3
    assert "Support ticket triage" in stage.words()
    stage.press("remove-samples")
    until(stage, lambda: rows.names == ("Mine",))
    said, undo = stage.toasts[-1]
    assert said == "Removed 3 samples"
    undo.run()
    until(stage, lambda: len(rows.names) == 4)


def test_that_five_lines_say_verdict_reason_money_flips_and_what_next(
    mine: WorkloadsStage,
) -> None:
    assert mine.page.state is PageState.READY
    said = mine.words()
    assert "Run it on this machine" in said
    assert "The owned machine adds" in said
    assert "E2" in said
    assert "a month saved" in said
    assert "→" in said
    assert "Get qwen3:8b and point the calls at this machine." in said
    buttons = mine.page.findChildren(QAbstractButton)
    primary = [one for one in buttons if one.property("kind") == "primary"]
    shown = [b for b in primary if b.isVisible()]
    assert [b.text() for b in shown] == ["Show the model"]
    shown[0].click()
    assert mine.jumps == [("models", "qwen3:8b")]


def test_that_a_provisional_verdict_says_what_to_measure_and_where(
    stage: WorkloadsStage,
) -> None:
    stage.keep(samples=True)
    page = stage.open()
    stage.decide()
    page.show_workload(RESEARCH)
    assert page.state is PageState.PARTIAL
    said = stage.words()
    assert "Provisional" in said
    assert "Stay with claude-opus-4-5" in said
    assert "Quality is not proven" in said
    stage.named("verdict-card", QWidget).acted.emit()
    assert stage.jumps == [("workloads", f"gate:{RESEARCH}")]


def test_that_a_verdict_of_nowhere_shows_the_gap_and_what_would_do(
    stage: WorkloadsStage,
) -> None:
    locked = MINE.replace('"qwen3:8b"', '"gpt-oss:120b"') + '[privacy]\nclass = "phi"\n'
    stage.keep(("Mine", locked))
    stage.open()
    stage.decide()
    said = stage.words()
    assert "Must stay here, and cannot run here yet" in said
    assert "gpt-oss:120b: does not fit: 61.7 GiB against 23.0 GiB on RTX 4090" in said
    assert "The least hardware of the catalogue that holds gpt-oss:120b" in said
    stage.click("Weigh the purchase")
    assert parse(editor(stage).text).buy.machine
    assert editor(stage).dirty


def test_that_a_gap_that_was_typed_is_not_explained_by_what_was_found(
    stage: WorkloadsStage,
) -> None:
    locked = MINE.replace('"qwen3:8b"', '"llama3.3:70b"') + '[privacy]\nclass = "phi"\n'
    locked += "[quotes.machine]\nfits = false\nlicence_ok = true\n"
    stage.keep(("Mine", locked))
    stage.open()
    stage.decide()
    said = stage.words()
    assert "Must stay here, and cannot run here yet" in said
    assert "llama3.3:70b does not fit the memory of RTX 4090." in said
    assert "fits partly" not in said
    assert "The least hardware of the catalogue that holds llama3.3:70b" in said


def test_that_a_step_that_leaves_is_named_and_can_be_changed(stage: WorkloadsStage) -> None:
    stage.keep(("D2", case("D2")))
    stage.open()
    stage.decide()
    assert "Not yet private: the step Embed still leaves." in stage.words()
    shown = evidence(stage, PIPELINE, PipelineMap)
    assert shown.accessibleName() == "Pipeline. Leaves this machine: Embed."
    stage.click("Change the step")
    where = stage.named("step-where", QComboBox)
    assert where.currentText() == "in the cloud"


def test_that_a_broken_workload_says_its_line_and_opens_as_text(stage: WorkloadsStage) -> None:
    stage.keep(("Broken", BROKEN), ("Mine", MINE))
    page = stage.open()
    stage.decide()
    page.show_workload("Broken")
    assert page.state is PageState.PARTIAL
    assert "Line 6: `volume.calls_per_day` is a number" in stage.words()
    stage.press("edit-broken")
    toml = stage.named("toml", TomlEditor)
    assert toml.marked_line == 6
    toml.setPlainText(BROKEN.replace('"many"', "20"))
    assert toml.marked_line is None
    stage.press("save")
    until(stage, lambda: page.state is not PageState.LOADING and bool(visible_details(stage)))
    assert "Broken" in stage.words()
    assert "cannot be decided" not in stage.words()


def visible_details(stage: WorkloadsStage) -> list[WorkloadDetail]:
    settle()
    return [one for one in stage.page.findChildren(WorkloadDetail) if one.isVisible()]


def test_that_a_history_that_cannot_be_read_is_said_with_a_way_to_try_again(
    stage: WorkloadsStage,
) -> None:
    stage.keep(("Mine", MINE))
    page = stage.open()
    stage.state.set_workloads((), error="the disk is gone")
    assert page.state is PageState.FAILED
    assert "the disk is gone" in stage.words()
    stage.click("Try again")
    until(stage, lambda: page.state is PageState.READY)


# Evidence ----------------------------------------------------------------------------------------


def test_that_every_option_has_its_bar_or_its_reason(mine: WorkloadsStage) -> None:
    said = evidence(mine, COSTS, CostBars).accessibleName()
    assert "This machine, qwen3:8b: ~$" in said
    assert "gpt-5.5, today" in said
    assert "Buy a machine: no purchase is considered" in said
    assert "Split: nothing overflows" in said


def test_that_where_the_steps_really_lead_is_checked_on_demand(
    mine: WorkloadsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(_url: str) -> tuple[InstalledModel, ...]:
        raise Unavailable("no answer", "start it")

    monkeypatch.setattr(privacy_checks, "_tags", nobody)
    evidence(mine, PIPELINE, PipelineMap)
    said = mine.named("privacy-said", QLabel)
    assert said.text().startswith("Not checked yet")
    mine.named("check-privacy", QAbstractButton).click()
    until(mine, lambda: "Your rule" in said.text())
    steps = mine.named("privacy-steps", QLabel).text()
    assert steps.startswith("One step was looked at:\nGenerate: ")
    assert "Your rule, not a legal finding." in said.text()
    assert "compliant" not in (said.text() + steps).lower()
    assert mine.named("check-privacy", QAbstractButton).isEnabled()


def test_that_a_check_that_fails_is_said_and_can_be_made_again(
    mine: WorkloadsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_values: object) -> None:
        raise Unavailable("no name server", "look at the network")

    monkeypatch.setattr(privacy_checks, "check_decided", broken)
    evidence(mine, PIPELINE, PipelineMap)
    mine.named("check-privacy", QAbstractButton).click()
    said = mine.named("privacy-said", QLabel)
    until(mine, lambda: said.text() == "It could not be checked.")
    assert mine.named("check-privacy", QAbstractButton).isEnabled()


def test_that_flips_and_rules_are_listed_with_their_numbers(mine: WorkloadsStage) -> None:
    table = evidence(mine, FLIPS, DataTable)
    assert isinstance(table, DataTable)
    assert len(table.table.rows) >= 3
    rules = evidence(mine, RULES, RuleTrace)
    assert "E2 done: Owned machine pays The owned machine adds $" in rules.accessibleName()


def test_that_the_link_with_the_rules_opens_them(mine: WorkloadsStage) -> None:
    detail(mine).card.explained.emit()
    assert detail(mine).segments.current == RULES


def test_that_the_break_even_is_drawn_or_its_absence_explained(
    mine: WorkloadsStage,
) -> None:
    detail(mine).open_evidence(BREAK_EVEN)
    until(mine, lambda: "calls a day (" in mine.words())
    mine.keep(("D12", case("D12")))
    mine.decide()
    mine.page.show_workload("D12")
    until(mine, lambda: "No break-even for this workload" in mine.words())
    assert "No bill elsewhere follows the volume" in mine.words()


def test_that_a_wide_window_shows_the_rules_beside(mine: WorkloadsStage) -> None:
    assert not mine.page.findChildren(QWidget, "rules-beside")
    mine.page.resize(1600, 900)
    until(mine, lambda: bool(mine.page.findChildren(QWidget, "rules-beside")))
    assert mine.named("rules-beside", QWidget).isVisible()
    assert mine.named("rules-beside", QWidget).findChild(RuleTrace) is not None


def test_that_a_view_is_made_when_it_is_first_opened(mine: WorkloadsStage) -> None:
    shown = detail(mine)
    assert not shown.findChildren(HourChart)
    assert not shown.findChildren(MarginChart)
    hours = evidence(mine, HOURS, HourChart)
    assert hours.accessibleName().startswith("Load in each hour.")
    quality = evidence(mine, QUALITY, MarginChart)
    assert "qwen3:8b: Passes" in quality.accessibleName()
    assert not hours.isVisible()


def test_that_what_to_measure_next_has_buttons_that_lead_there(mine: WorkloadsStage) -> None:
    detail(mine).open_evidence(MEASURE)
    settle()
    mine.click("Benchmark it")
    mine.click("Import usage\u2026")
    assert mine.jumps == [("run", "benchmark:qwen3:8b"), ("cloud", "import")]


def test_that_a_chart_can_be_read_as_a_table_and_back(mine: WorkloadsStage) -> None:
    bars = evidence(mine, COSTS, CostBars)
    mine.press("table-costs")
    settle()
    table = mine.named("evidence-costs-values", DataTable)
    assert table.isVisible()
    assert not bars.isVisible()
    first = table.table.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert first.startswith("This machine") or "qwen3:8b" in first
    mine.press("table-costs")
    settle()
    assert bars.isVisible()


# What if -----------------------------------------------------------------------------------------


def test_that_every_assumption_has_a_slider_and_what_differs_is_said(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    more = mine.named("what-if-more", Disclosure)
    more.open()
    kwh = mine.named("what-if-electricity.usd_per_kwh", QSlider)
    before = detail(mine).shown
    kwh.setValue(kwh.maximum())
    until(mine, lambda: detail_now(mine).shown is not before)
    after = detail(mine).shown
    assert before is not None
    assert after is not None
    assert before.facts.machine is not None
    assert after.facts.machine is not None
    was, now = (middle(one.facts.machine.usd_month) for one in (before, after))
    assert was is not None
    assert now is not None
    assert now > was
    said = mine.named("what-if-differs", QLabel).text().replace("\u00a0", " ")
    assert "Electricity, a kWh: $" in said
    assert "instead of" in said
    assert "it was $" in said
    mine.press("reset-what-if")
    until(mine, lambda: detail_now(mine).shown is before)
    assert not mine.named("what-if-differs", QLabel).isVisible()


def test_that_what_if_is_closed_where_it_was_opened(mine: WorkloadsStage) -> None:
    """The button that opens it is pushed far down by what it opens."""
    opener = mine.named("what-if", QAbstractButton)
    before = opener.mapTo(mine.page, opener.rect().center())
    mine.press("what-if")
    close = mine.named("close-what-if", QAbstractButton)
    until(mine, close.isVisible)
    at = close.mapTo(mine.page, close.rect().center())
    assert abs(at.y() - before.y()) < 40
    mine.named("what-if-volume.calls_per_day", QSlider).setValue(3)
    mine.press("close-what-if")
    until(mine, lambda: not close.isVisible())
    assert not opener.isChecked()
    assert opener.hasFocus()
    until(mine, lambda: opener.mapTo(mine.page, opener.rect().center()) == before)


def detail_now(stage: WorkloadsStage) -> WorkloadDetail:
    """Without letting the loop run."""
    return next(one for one in stage.page.findChildren(WorkloadDetail) if one.isVisible())


def weigh(stage: WorkloadsStage, name: str, *, price: str = "") -> str:
    """Ask about another machine; returns what is said."""
    stage.named("machine-name", QLineEdit).setText(name)
    if price:
        stage.named("machine-price", QLineEdit).setText(price)
    stage.press("machine-weigh")
    says = stage.named("machine-says", QLabel)
    until(stage, lambda: "Being weighed" not in says.text())
    return str(says.text()).replace("\u00a0", " ")


def test_that_two_of_a_card_at_a_price_of_a_day_are_weighed_and_dropped(
    mine: WorkloadsStage,
) -> None:
    mine.press("what-if")
    saved = detail(mine).shown
    said = weigh(mine, "2x RTX 3090", price="1500")
    assert "2x RTX 3090 holds qwen3:8b." in said
    assert "Price $1,500 of" in said
    assert "It costs $" in said
    assert "The verdict then: This machine." in said
    shown = detail(mine).shown
    assert shown is not None
    assert shown.loaded.workload.buy.price_usd == 1500
    day = shown.loaded.workload.buy.price_as_of
    assert f'price_as_of = "{day}"' in to_toml(shown.loaded.workload)
    assert "what if, not saved" in mine.words()
    mine.press("machine-back")
    settle()
    assert detail(mine).shown is saved


def test_that_another_machine_may_be_taken_as_owned(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    how = mine.named("machine-how", QComboBox)
    how.setCurrentIndex(1)
    assert not mine.named("machine-price", QLineEdit).isEnabled()
    said = weigh(mine, "RTX 2060")
    assert "The verdict then" in said
    shown = detail(mine).shown
    assert shown is not None
    assert shown.facts.machine is not None
    assert shown.facts.machine.machine == "RTX 2060"


def test_that_a_machine_that_nobody_knows_is_refused_where_it_is_asked(
    mine: WorkloadsStage,
) -> None:
    mine.press("what-if")
    saved = detail(mine).shown
    said = weigh(mine, "Abacus 3000")
    assert "Abacus 3000" in said
    assert detail(mine).shown is saved


def test_that_the_dot_follows_a_slider_before_the_curves_come(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    detail(mine).open_evidence(BREAK_EVEN)
    view = mine.named("evidence-break-even", QWidget)
    until(mine, lambda: view.findChild(QWidget, "break-even-chart") is not None)
    chart = view.findChild(QWidget, "break-even-chart")
    assert chart is not None
    assert "your 4,000 calls a day" in chart.accessibleName()
    slider = mine.named("what-if-volume.calls_per_day", QSlider)
    slider.setValue(slider.maximum() // 4)
    until(mine, lambda: "your 4,000 calls a day" not in chart.accessibleName())
    assert view.findChild(QWidget, "break-even-chart") is chart


def test_that_a_slider_changes_the_verdict_at_once_and_reset_brings_it_back(
    mine: WorkloadsStage,
) -> None:
    mine.press("what-if")
    slider = mine.named("what-if-volume.calls_per_day", QSlider)
    assert not mine.named("reset-what-if").isEnabled()
    slider.setValue(slider.minimum())
    until(mine, lambda: "what if, not saved" in mine.words())
    assert "Run it on this machine" not in mine.words()
    assert "200" in mine.words()
    until(mine, lambda: "being worked out" not in mine.words())
    assert mine.run(mine.history.workloads())[0].toml == MINE
    mine.press("reset-what-if")
    until(mine, lambda: "Run it on this machine" in mine.words())
    assert "what if, not saved" not in mine.words()


def test_that_a_bill_that_is_not_moved_follows_the_calls(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    bill = mine.named("what-if-quotes.cloud_frontier_usd_month", QSlider)
    before = bill.accessibleName()
    calls = mine.named("what-if-volume.calls_per_day", QSlider)
    calls.setValue(calls.maximum())
    until(mine, lambda: bill.accessibleName() != before)
    shown = detail(mine).shown
    assert shown is not None
    assert money(middle(shown.facts.frontier) or 0.0) in bill.accessibleName()
    mine.press("reset-what-if")
    until(mine, lambda: bill.accessibleName() == before)


def test_that_nothing_saved_before_and_after_is_not_told_in_amounts(mine: WorkloadsStage) -> None:
    shown = detail(mine).shown
    assert shown is not None
    stays = replace(shown, verdict=replace(shown.verdict, saving=Estimated(0.0, 0.0, 0.0, "")))
    assert differs(stays, stays).endswith("nothing is saved, as before")


def test_that_many_moves_of_one_turn_decide_once(
    mine: WorkloadsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided: list[float] = []
    at_once = Decided.at_once

    def counted(before: Decided, workload: Workload) -> Decided:
        begun = time.perf_counter()
        found = at_once(before, workload)
        decided.append(time.perf_counter() - begun)
        return found

    monkeypatch.setattr(Decided, "at_once", counted)
    mine.press("what-if")
    slider = mine.named("what-if-volume.calls_per_day", QSlider)
    for value in range(0, -600, -30):
        slider.setValue(value)
    until(mine, lambda: bool(decided))
    assert len(decided) == 1
    assert min(decided) < 0.2


def test_that_the_values_of_the_sliders_can_go_into_the_editor(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    mine.named("what-if-volume.calls_per_day", QSlider).setValue(-1000)
    until(mine, lambda: "what if, not saved" in mine.words())
    mine.press("keep-what-if")
    assert parse(editor(mine).text).volume.calls_per_day == 200
    assert editor(mine).dirty


# Writing -----------------------------------------------------------------------------------------


def test_that_a_workload_is_defined_in_a_minute_and_decided(stage: WorkloadsStage) -> None:
    stage.keep()
    page = stage.open()
    stage.decide()
    stage.press("define")
    stage.press("save")
    assert stage.named("problem-workload.name", QWidget).text() == "A workload needs a name."
    for path, text in (
        ("workload.name", "Tickets"),
        ("today.provider", "openai"),
        ("today.model", "gpt-5.5"),
        ("volume.calls_per_day", "900"),
        ("tokens.input", "700"),
        ("tokens.output", "90"),
        ("candidates.local", "qwen3:8b, qwen3:4b"),
    ):
        type_in(stage, path, text)
    stage.press("save")
    until(stage, lambda: bool(visible_details(stage)))
    saved = stage.run(stage.history.workloads())[0]
    workload = parse(saved.toml)
    assert (workload.name, workload.volume.calls_per_day) == ("Tickets", 900)
    assert workload.candidates.local == ("qwen3:8b", "qwen3:4b")
    assert page.state is PageState.PARTIAL
    assert ("Saved Tickets", None) in stage.toasts


def test_that_a_wrong_number_is_said_at_its_field_while_it_is_typed(mine: WorkloadsStage) -> None:
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "lots")
    problem = mine.named("problem-volume.calls_per_day", QWidget)
    assert problem.isVisible()
    assert problem.text().startswith("“Calls a day” is a number")
    mine.press("save")
    assert mine.run(mine.history.workloads())[0].toml == MINE
    type_in(mine, "volume.calls_per_day", "12")
    assert not problem.isVisible()


def test_that_a_problem_in_a_folded_part_unfolds_it(mine: WorkloadsStage) -> None:
    mine.press("edit")
    shown = editor(mine)
    shown.fill("buy.months", 0)
    mine.press("save")
    problem = mine.named("problem-buy.months", QWidget)
    assert problem.isVisible()
    assert "out of range" in problem.text()


def test_that_steps_hosted_candidates_and_pairs_are_written(mine: WorkloadsStage) -> None:
    mine.press("edit")
    for section in ("steps", "candidates", "quality"):
        fold = mine.named(f"section-{section}", QWidget)
        fold.open()
    mine.press("add-steps")
    mine.named("step-name", QComboBox).setCurrentIndex(4)
    mine.named("step-where", QComboBox).setCurrentIndex(0)
    mine.press("add-hosted")
    mine.qtbot.keyClicks(mine.named("provider", QLineEdit), "deepinfra")
    mine.qtbot.keyClicks(mine.named("model", QLineEdit), "Qwen/Qwen3-32B")
    mine.named("field-quality.gate", QComboBox).setCurrentIndex(0)
    for name, count in (("local_only", 4), ("cloud_only", 5), ("both", 300), ("neither", 9)):
        mine.qtbot.keyClicks(mine.named(f"pairs.{name}", QLineEdit), str(count))
    written = parse(editor(mine).text)
    assert [(one.name.value, one.where.value) for one in written.steps] == [("embed", "local")]
    assert written.candidates.hosted[0].model == "Qwen/Qwen3-32B"
    assert written.quality.pairs is not None
    assert written.quality.pairs.both == 300


def test_that_form_and_text_hold_the_same_and_text_that_is_wrong_stays_text(
    mine: WorkloadsStage,
) -> None:
    mine.press("edit")
    mine.named("editor-kind", QWidget).choose(1)
    toml = mine.named("toml", QPlainTextEdit)
    assert toml.toPlainText() == MINE
    toml.setPlainText(MINE.replace("4000", "-4"))
    mine.named("editor-kind", QWidget).choose(0)
    assert toml.isVisible()
    assert "Line 6: \u201cvolume.calls_per_day\u201d = -4 is out of range." in mine.words()
    toml.setPlainText(MINE.replace("4000", "44"))
    mine.named("editor-kind", QWidget).choose(0)
    assert mine.named("field-volume.calls_per_day", QLineEdit).text() == "44"


def test_that_an_untouched_form_keeps_the_text_with_its_comments(stage: WorkloadsStage) -> None:
    stage.keep(("Mine", f"# why\n{MINE}"))
    stage.open()
    stage.decide()
    stage.press("edit")
    assert "Its text has comments" in stage.words()
    assert editor(stage).text == f"# why\n{MINE}"
    assert not editor(stage).dirty
    stage.press("cancel")
    assert visible_details(stage)


def test_that_what_was_typed_is_never_lost_without_a_question(mine: WorkloadsStage) -> None:
    mine.keep(("D12", case("D12")))
    mine.decide()
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "77")
    mine.page.show_workload("D12")
    assert "There are changes that are not saved." in mine.words()
    mine.press("leave-stay")
    assert mine.named("field-volume.calls_per_day", QLineEdit).text() == "77"
    mine.press("new-workload")
    mine.press("leave-discard")
    assert editor(mine).was is None
    type_in(mine, "workload.name", "Another")
    mine.page.show_workload("D12")
    mine.press("leave-save")
    until(mine, lambda: "Another" in mine.names())
    until(mine, lambda: bool(visible_details(mine)))
    assert mine.named("workload-name", QWidget).text() == "D12"


def test_that_a_file_that_comes_in_asks_before_it_takes_the_editors_place(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    file = tmp_path / "d12.toml"
    file.write_text(case("D12"))
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "77")
    mine.page.open_files([str(file)])
    until(mine, lambda: "There are changes that are not saved." in mine.words())
    mine.press("leave-stay")
    mine.press("save")
    until(mine, lambda: bool(visible_details(mine)))
    assert mine.named("workload-name", QWidget).text() == "Mine"
    assert "D12" in mine.names()


def test_that_a_decision_that_comes_in_leaves_the_editor_alone(mine: WorkloadsStage) -> None:
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "77")
    mine.decide()
    assert mine.named("field-volume.calls_per_day", QLineEdit).text() == "77"


def test_that_the_window_is_not_closed_over_what_was_typed(mine: WorkloadsStage) -> None:
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "77")
    mine.page.close()
    assert mine.page.isVisible()
    assert mine.jumps == [("workloads", "")]
    assert "There are changes that are not saved." in mine.words()
    mine.press("leave-discard")
    assert not mine.page.isVisible()


def test_that_a_name_that_is_taken_is_refused_at_the_name(mine: WorkloadsStage) -> None:
    mine.press("new-workload")
    type_in(mine, "workload.name", "Mine")
    mine.press("save")
    until(mine, lambda: mine.named("problem-workload.name", QWidget).isVisible())
    assert "already a workload" in mine.named("problem-workload.name", QWidget).text()


def test_that_an_edited_sample_is_the_users_own(stage: WorkloadsStage) -> None:
    stage.keep(samples=True)
    page = stage.open()
    stage.decide()
    page.show_workload(TRIAGE)
    stage.press("edit")
    type_in(stage, "volume.calls_per_day", "19000")
    stage.press("save")
    until(stage, lambda: "Support ticket triage" in stage.names())
    saved = {one.name: one for one in stage.run(stage.history.workloads())}
    assert TRIAGE not in saved
    assert not saved["Support ticket triage"].sample


# Files, copies, names ----------------------------------------------------------------------------


def test_that_a_file_from_the_command_line_is_brought_and_shown(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    file = tmp_path / "d12.toml"
    file.write_text(case("D12"))
    mine.page.open_files([str(file)])
    until(mine, lambda: "D12" in mine.words() and bool(visible_details(mine)))
    assert mine.named("workload-name", QWidget).text() == "D12"
    assert mine.toasts[-1][0] == "Imported D12"


def test_that_a_wrong_file_says_its_line_and_can_be_corrected_here(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    mine.page.open_files([str(file)])
    until(mine, lambda: mine.messages.worst is not None)
    notice = mine.messages.worst
    assert notice is not None
    assert "line 6" in notice.text
    assert notice.action is not None
    shown: list[tuple[str, str]] = []
    mine.messages.jump_asked.connect(lambda *asked: shown.append(asked))
    notice.action.run()
    assert shown == [("workloads", "")], "the banner stands on other pages too"
    until(mine, lambda: bool(mine.page.findChildren(WorkloadEditor)))
    assert mine.named("toml", TomlEditor).marked_line == 6
    assert mine.names() == ["Mine"]


def test_that_no_notes_of_another_workload_stand_below_one_that_is_on_its_way(
    mine: WorkloadsStage,
) -> None:
    notes = mine.named("notes", QWidget)
    assert notes.isVisibleTo(mine.page)
    mine.page.open_at("stored:Another")
    assert not notes.isVisibleTo(mine.page)


def test_that_several_files_are_brought_and_what_is_wrong_with_one_stops_no_other(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    wrong, same, new = (tmp_path / name for name in ("broken.toml", "mine.toml", "d12.landfall"))
    wrong.write_text(BROKEN)
    same.write_text(MINE.replace("4000", "5000"))
    new.write_text(case("D12"))
    mine.page.open_files([str(wrong), str(same), str(new)])
    until(mine, lambda: "D12" in mine.words() and bool(visible_details(mine)))
    assert mine.toasts[-1][0] == "Imported 2 workloads"
    assert mine.toasts[-1][1] is not None, "what was replaced cannot be brought back"
    notice = mine.messages.worst
    assert notice is not None
    assert "line 6" in notice.text
    assert notice.action is not None


def test_that_many_wrong_files_are_one_banner_that_names_the_first(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.landfall" for number in range(5)]
    for file in files[:4]:
        file.write_text(BROKEN)
    mine.page.open_files([str(file) for file in reversed(files)])
    until(mine, lambda: mine.messages.worst is not None)
    notice = mine.messages.worst
    assert notice is not None
    assert notice.title == "5 of 5 files were not imported."
    assert f"{files[4]} cannot be read" in notice.text
    assert f"{files[3]}, line 6: " in notice.text
    assert str(files[1]) not in notice.text
    assert notice.text.endswith("\u2026")
    assert notice.action is None
    assert mine.names() == ["Mine"]


def test_that_a_file_over_a_workload_of_its_name_can_be_undone(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MINE.replace("4000", "5000"))
    mine.press("import")
    dialog = mine.named("import-dialog", QFileDialog)
    dialog.filesSelected.emit([str(file)])
    dialog.close()
    until(mine, lambda: bool(mine.toasts))
    assert mine.toasts[-1][0] == "Imported Mine over the one that was here"
    mine.toasts[-1][1].run()
    until(mine, lambda: mine.run(mine.history.workloads())[0].toml == MINE)


def test_that_a_workload_is_written_out_copied_renamed_and_removed_with_a_way_back(
    mine: WorkloadsStage, tmp_path: Path
) -> None:
    out = tmp_path / "out.toml"
    mine.page.on_asked("export")
    dialog = mine.named("export-dialog", QFileDialog)
    dialog.fileSelected.emit(str(out))
    dialog.close()
    until(mine, out.exists)
    assert out.read_text() == MINE
    menu = detail(mine).head.menu
    assert isinstance(menu, QMenu)
    actions = {action.objectName(): action for action in menu.actions()}
    actions["do-duplicate"].trigger()
    until(mine, lambda: "Mine (copy)" in mine.names())
    until(mine, lambda: "Mine (copy)" in mine.words() and bool(visible_details(mine)))
    mine.page.on_asked("rename")
    rename = mine.named("rename-dialog", QInputDialog)
    rename.setTextValue("Yours")
    rename.accept()
    until(mine, lambda: mine.names() == ["Mine", "Yours"])
    until(mine, lambda: "Yours" in mine.words() and bool(visible_details(mine)))
    mine.page.on_asked("delete")
    until(mine, lambda: mine.names() == ["Mine"])
    until(mine, lambda: mine.toasts[-1][0] == "Removed Yours")
    mine.toasts[-1][1].run()
    until(mine, lambda: mine.names() == ["Mine", "Yours"])


# The bill, and everything else -------------------------------------------------------------------


def test_that_the_bill_says_the_saving_and_what_it_leaves_out(stage: WorkloadsStage) -> None:
    stage.keep(("D12", case("D12")), ("D4", case("D4")))
    stage.open()
    stage.decide()
    assert stage.named("portfolio-saving", QWidget).text() == "~$880 less a month"
    assert stage.named("portfolio-unknown", QWidget).text() == ("Not in the sum, cost unknown: D4.")


def test_that_a_loss_looks_like_a_loss(stage: WorkloadsStage) -> None:
    loss = case("D2").replace("= 6400.0", "= 15.0")
    stage.keep(("D2", loss))
    stage.open()
    stage.decide()
    assert "a month: a loss" in stage.named("portfolio-saving", QWidget).text()
    assert stage.words().count("a month: a loss") == 2


def test_that_another_page_can_ask_for_one_or_for_a_new_one(stage: WorkloadsStage) -> None:
    stage.keep(("Mine", MINE), ("D12", case("D12")))
    page = stage.open()
    stage.decide()
    page.open_at("D12")
    assert stage.named("workload-name", QWidget).text() == "D12"
    page.open_at("new")
    assert editor(stage).was is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_the_page_is_painted_in_both_schemes(
    mine: WorkloadsStage, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    for index in (COSTS, FLIPS, PIPELINE, RULES):
        detail(mine).open_evidence(index)
        assert not mine.page.grab().isNull()
    mine.press("edit")
    assert not mine.page.grab().isNull()


def test_that_every_control_has_a_name_for_the_ear(mine: WorkloadsStage) -> None:
    mine.press("what-if")
    assert_named(mine.page)
    mine.press("edit")
    for section in ("volume", "privacy", "steps", "candidates", "quality", "quotes"):
        mine.named(f"section-{section}", QWidget).open()
    mine.press("add-steps")
    mine.press("add-hosted")
    assert_named(mine.page)


def assert_named(page: QWidget) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QSlider, DataTable)
    for kind in kinds:
        for control in page.findChildren(kind):
            if not control.isVisible() or control.objectName().startswith("qt_"):
                continue
            text = control.text() if isinstance(control, QAbstractButton) else ""
            assert control.accessibleName() or text, f"{control.objectName()} is nameless"


def test_that_routing_is_asked_for_the_users_own_workloads(mine: WorkloadsStage) -> None:
    asked: list[tuple[tuple[Entry, ...], str]] = []
    mine.page.routing_asked.connect(lambda entries, name: asked.append((entries, name)))
    button = mine.page.findChild(QAbstractButton, "routing")
    assert button is not None
    button.click()
    ((entries, name),) = asked
    assert [one.saved.name for one in entries] == ["Mine"]
    assert name == "Mine"


def test_that_what_was_just_made_elsewhere_is_shown_and_not_the_first_of_the_list(
    mine: WorkloadsStage,
) -> None:
    mine.run(
        mine.history.save_workload(
            SavedWorkload(name="Zebra", toml=MINE.replace('"Mine"', '"Zebra"'))
        )
    )
    mine.page.open_at("stored:Zebra")
    settle()
    assert mine.page.state is PageState.LOADING
    mine.decide()
    shown = detail(mine).shown
    assert shown is not None
    assert shown.loaded.workload.name == "Zebra"


def test_that_a_question_keeps_its_mark_and_gets_no_stop() -> None:
    assert sentence("no table knows 'gpt-6'. Perhaps gpt-5, gpt-4?").endswith("gpt-4?")
    assert sentence("qwen3:8b fits").endswith("fits.")


def test_that_a_number_typed_with_a_letter_is_told_how_it_is_written(
    stage: WorkloadsStage,
) -> None:
    stage.keep()
    stage.open()
    stage.decide()
    stage.press("new-workload")
    editor(stage).fill("workload.name", "New")
    editor(stage).fill("volume.calls_per_day", "1k")
    editor(stage)._save.click()
    assert "Write digits only, as in 1000 or 0.5." in stage.words()
    assert "quotes" not in stage.words()
