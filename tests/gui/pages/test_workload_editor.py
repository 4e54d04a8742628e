"""The editor of workloads: where values come from, drafts that survive, search and order."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from landfall.core.workload.file import parse
from landfall.core.workload.origins import guessed, origins_of
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.toml_editor import TomlEditor
from landfall.gui.workloads.listing import DraftRow, WorkloadList
from landfall.services.history.records import RunRecord, WorkloadDraft
from tests.gui.pages.test_workloads_page import (
    MINE,
    editor,
    mine,
    stage,
    type_in,
    until,
    visible_details,
)
from tests.gui.pages.workloads_stage import WorkloadsStage

__all__ = ["mine", "stage"]

IMPORTED = MINE.replace("input = 800", "input = 800  # from imported usage of 2026-11-20: 800")


def told(stage: WorkloadsStage, path: str) -> str:
    """The whole of it: what stands beside the name may be cut short."""
    text: str = stage.named(f"origin-{path}", QLabel).toolTip()
    return text.partition(" (")[0]


def drafts(stage: WorkloadsStage) -> tuple[WorkloadDraft, ...]:
    found: tuple[WorkloadDraft, ...] = stage.run(stage.history.workload_drafts())
    return found


def rows(stage: WorkloadsStage) -> list[DraftRow]:
    return [one for one in stage.page.findChildren(DraftRow) if one.isVisible()]


# Where a value came from ---------------------------------------------------------------------


def test_that_a_field_says_its_source_and_goes_back_to_it(stage: WorkloadsStage) -> None:
    stage.keep(("Mine", IMPORTED))
    stage.open()
    stage.decide()
    stage.press("edit")
    assert told(stage, "tokens.input") == "imported usage of 2026-11-20"
    assert told(stage, "tokens.output") == "typed"
    assert told(stage, "tokens.cached_input") == "none assumed"
    assert "Its text has comments" not in stage.words()
    type_in(stage, "tokens.input", "900")
    assert told(stage, "tokens.input") == "typed"
    assert "typed; from imported usage of 2026-11-20: 800" in editor(stage).text
    stage.press("reset-tokens.input")
    assert told(stage, "tokens.input") == "imported usage of 2026-11-20"
    assert parse(editor(stage).text).tokens.input == 800
    assert not editor(stage).dirty


def test_that_a_task_brings_what_is_usual_of_it_and_says_that_it_is_a_guess(
    stage: WorkloadsStage,
) -> None:
    stage.keep()
    stage.open()
    stage.decide()
    stage.press("define")
    type_in(stage, "workload.name", "Talk")
    type_in(stage, "tokens.output", "77")
    task = stage.named("field-workload.task", QComboBox)
    task.setCurrentIndex(0)
    task.activated.emit(0)
    assert parse(editor(stage).text).task == "chat"
    assert told(stage, "tokens.input") == "the usual of chat"
    assert told(stage, "tokens.output") == "typed"
    assert guessed(editor(stage).text) == ("tokens.input",)
    stage.press("save")
    until(stage, lambda: bool(visible_details(stage)))
    said = stage.words().replace("Tokens", "tokens")
    assert "\u201ctokens in\u201d: the usual of such a task" in said


def test_that_people_times_calls_is_the_volume(mine: WorkloadsStage) -> None:
    mine.press("edit")
    mine.press("people-times-calls")
    mine.qtbot.keyClicks(mine.named("people", QLineEdit), "12")
    assert parse(editor(mine).text).volume.calls_per_day == 4000
    mine.qtbot.keyClicks(mine.named("calls-each", QLineEdit), "30")
    assert parse(editor(mine).text).volume.calls_per_day == 360
    assert told(mine, "volume.calls_per_day") == "12 people x 30 calls"
    mine.press("save")
    until(mine, lambda: bool(visible_details(mine)))
    mine.press("edit")
    assert mine.named("people", QLineEdit).text() == "12"


def test_that_a_volume_is_not_said_to_be_a_product_that_it_no_longer_is(
    mine: WorkloadsStage,
) -> None:
    mine.press("edit")
    mine.press("people-times-calls")
    people, each = mine.named("people", QLineEdit), mine.named("calls-each", QLineEdit)
    mine.qtbot.keyClicks(people, "12")
    mine.qtbot.keyClicks(each, "30")
    mine.qtbot.keyClicks(each, "x")
    assert each.property("wrong") is True
    assert parse(editor(mine).text).volume.calls_per_day == 360
    assert told(mine, "volume.calls_per_day") == "typed"
    each.backspace()
    mine.qtbot.keyClicks(each, "0")
    assert each.property("wrong") is False
    assert told(mine, "volume.calls_per_day") == "12 people x 300 calls"


def test_that_a_run_of_the_history_begins_a_workload(stage: WorkloadsStage) -> None:
    stage.keep()
    stage.open()
    stage.decide()
    run = RunRecord(
        started_at="2026-11-21T10:00:00+00:00", place="local", host="127.0.0.1",
        model="qwen3:8b", prompt="Sort this ticket\nplease", state="done",
        prompt_tokens=812, output_tokens=31,
    )  # fmt: skip
    stage.page.open_at(f"run:{stage.run(stage.history.add_run(run))}")
    until(stage, lambda: "from what was measured" in stage.words())
    text = editor(stage).text
    made = parse(text)
    assert (made.name, made.tokens.input, made.tokens.output) == ("Sort this ticket", 812, 31)
    assert made.candidates.local == ("qwen3:8b",)
    assert origins_of(text)["tokens.input"].source == "a measured run of 2026-11-21"
    assert editor(stage).dirty


def test_that_the_keyboard_goes_on_at_the_workload_that_was_saved_or_left(
    mine: WorkloadsStage,
) -> None:
    """Qt gives it to what comes next: after a save that was the button that removes the samples."""
    mine.press("edit")
    type_in(mine, "volume.calls_per_day", "50")
    mine.named("save", QWidget).setFocus()
    mine.press("save")
    until(mine, lambda: bool(visible_details(mine)))
    line = mine.named("workload-Mine", QWidget)
    assert line.hasFocus()
    mine.press("edit")
    mine.named("cancel", QWidget).setFocus()
    mine.press("cancel")
    assert mine.named("workload-Mine", QWidget).hasFocus()


# Drafts --------------------------------------------------------------------------------------


def test_that_what_is_typed_is_kept_at_once_and_offered_at_the_next_start(
    stage: WorkloadsStage,
) -> None:
    stage.keep()
    stage.open()
    stage.decide()
    stage.press("define")
    type_in(stage, "workload.name", "Half")
    type_in(stage, "volume.calls_per_day", "lots")
    until(stage, lambda: bool(drafts(stage)))
    stage.page.hide()  # as after a kill: nobody was asked, nothing was saved
    stage.open()
    stage.decide()
    until(stage, lambda: bool(rows(stage)))
    assert rows(stage)[0].name() == "Half"
    assert "Draft, " in stage.words()
    rows(stage)[0].line.clicked.emit()
    assert stage.named("field-volume.calls_per_day", QLineEdit).text() == "lots"
    assert "Taken up from what was typed" in stage.words()
    type_in(stage, "volume.calls_per_day", "50")
    stage.press("save")
    until(stage, lambda: stage.names() == ["Half"])
    until(stage, lambda: not drafts(stage))
    until(stage, lambda: not rows(stage))


def test_that_a_draft_of_a_saved_one_is_taken_up_or_left_for_what_is_saved(
    mine: WorkloadsStage,
) -> None:
    mine.press("edit")
    type_in(mine, "tokens.input", "1234")
    mine.press("cancel")
    mine.press("leave-draft")
    until(mine, lambda: bool(rows(mine)))
    assert [one.key for one in drafts(mine)] == ["Mine"]
    mine.press("edit")
    assert mine.named("field-tokens.input", QLineEdit).text() == "1234"
    mine.press("begin-saved")
    assert mine.named("field-tokens.input", QLineEdit).text() == "800"
    until(mine, lambda: not drafts(mine))


def test_that_a_discarded_draft_comes_back(mine: WorkloadsStage) -> None:
    mine.press("new-workload")
    type_in(mine, "workload.name", "Half")
    mine.press("cancel")
    mine.press("leave-draft")
    until(mine, lambda: bool(rows(mine)))
    mine.press("discard-draft")
    until(mine, lambda: not rows(mine))
    text, undo = mine.toasts[-1]
    assert text == "Discarded what was typed"
    undo.run()
    until(mine, lambda: bool(rows(mine)))
    assert drafts(mine)[0].is_new


def test_that_a_look_at_the_text_of_a_new_one_is_no_change_and_leads_back(
    mine: WorkloadsStage,
) -> None:
    mine.page.on_new()
    form, text = mine.named("editor-kind", SegmentedControl).group.buttons()
    text.click()
    assert mine.named("toml", TomlEditor).isVisible()
    assert not editor(mine).dirty
    form.click()
    assert mine.named("field-workload.name", QLineEdit).isVisible()
    type_in(mine, "tokens.input", "many")
    text.click()
    assert editor(mine).dirty
    form.click()
    assert mine.named("field-tokens.input", QLineEdit).text() == "many", "not finished, not lost"
    text.click()
    mine.named("toml", TomlEditor).setPlainText("[workload]\nnam = 3\n")
    form.click()
    assert mine.named("toml", TomlEditor).isVisible(), "a form could not show that"


def test_that_two_new_ones_are_two_drafts(mine: WorkloadsStage) -> None:
    for name in ("One", "Two"):
        mine.press("new-workload")
        type_in(mine, "workload.name", name)
        mine.press("cancel")
        mine.press("leave-draft")
        until(mine, lambda name=name: any(one.name() == name for one in rows(mine)))
    assert {one.name() for one in rows(mine)} == {"One", "Two"}


# The list ------------------------------------------------------------------------------------


def test_that_the_list_is_searched_sorted_and_gone_through_with_keys(
    stage: WorkloadsStage,
) -> None:
    names = ("Zebra", "Ape", "Cat", "Dog", "Emu", "Fox")
    stage.keep(*((name, MINE.replace("Mine", name)) for name in names))
    stage.open()
    stage.decide()
    listed = stage.named("search-workloads", QLineEdit)
    found = next(one for one in stage.page.findChildren(WorkloadList))
    assert listed.isVisible()
    assert found.names == names
    order = stage.named("order-workloads", QComboBox)
    order.setCurrentIndex(1)
    order.activated.emit(1)
    assert found.names == tuple(sorted(names))
    stage.qtbot.keyClicks(listed, "e")
    stage.qtbot.keyClicks(listed, "bra")
    assert found.names == ("Zebra",)
    stage.qtbot.keyClick(listed, Qt.Key.Key_Return)
    until(stage, lambda: stage.named("workload-name", QWidget).text() == "Zebra")
    listed.setText("nowhere")
    assert stage.named("nothing-found", QLabel).isVisible()
    listed.setText("")
    found.removal_asked.emit("Zebra")
    until(stage, lambda: "Zebra" not in stage.names())
