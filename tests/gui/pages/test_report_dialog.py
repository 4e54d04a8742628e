"""A report from the Workloads page: what is ticked, where it goes, progress, giving up, opening."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.reports.dialog import ReportDialog
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.layout import Button
from landfall.gui.workloads.detail import WorkloadDetail
from landfall.services import hardware
from landfall.services.history.records import SavedWorkload
from tests.fakes.html_checker import checked
from tests.gui.pages.workloads_stage import WorkloadsStage, case, rtx_4090


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
    made.keep(
        ("D1", case("D1")), ("D12", case("D12")), ("Wrong", "schema = 1\n[workload]\nname = 3\n")
    )
    made.open()
    made.decide()
    yield made
    made.stop()


def dialog_of(stage: WorkloadsStage) -> ReportDialog:
    found = [one for one in stage.page.findChildren(ReportDialog) if one.isVisible()]
    return found[-1]


def until(stage: WorkloadsStage, true: Callable[[], bool]) -> None:
    stage.qtbot.waitUntil(true, timeout=20_000)


def ticked(dialog: ReportDialog) -> list[str]:
    return [one.text() for one in dialog._boxes if one.isChecked()]


def write_to(dialog: ReportDialog, path: Path) -> None:
    dialog._write.click()
    (files,) = dialog.findChildren(QFileDialog, "report-file")
    files.fileSelected.emit(str(path))
    files.close()


def test_that_all_are_reported_and_the_file_can_be_opened(
    stage: WorkloadsStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) is None
    )
    stage.press("report")
    dialog = dialog_of(stage)
    assert ticked(dialog) == ["D1", "D12", "Wrong"]
    path = tmp_path / "all.html"
    write_to(dialog, path)
    assert dialog.line.state is State.RUNNING
    until(stage, lambda: dialog.line.state is State.DONE)
    html = path.read_text(encoding="utf-8")
    assert checked(html).faults == []
    assert "Wrong: " in html
    assert str(path) in dialog.line.detail.text()
    dialog._open.click()
    dialog._folder.click()
    assert opened == [str(path), str(tmp_path)]
    until(stage, lambda: dialog._task is None)
    dialog._cancel.click()
    assert not dialog.isVisible()


def test_that_the_one_that_is_shown_is_ticked_and_markdown_can_be_chosen(
    stage: WorkloadsStage, tmp_path: Path
) -> None:
    stage.page.show_workload("D12")
    (detail,) = [one for one in stage.page.findChildren(WorkloadDetail) if one.isVisible()]
    menu = detail.head.menu
    assert isinstance(menu, QMenu)
    next(one for one in menu.actions() if one.objectName() == "do-report").trigger()
    dialog = dialog_of(stage)
    assert ticked(dialog) == ["D12"]
    dialog._format.setCurrentIndex(2)
    path = tmp_path / "one.md"
    write_to(dialog, path)
    until(stage, lambda: dialog.line.state is State.DONE)
    assert path.read_text(encoding="utf-8").startswith("# D12\n")
    dialog.reject()


def test_that_with_nothing_ticked_nothing_can_be_written(stage: WorkloadsStage) -> None:
    stage.press("report")
    dialog = dialog_of(stage)
    dialog._none.click()
    assert ticked(dialog) == []
    assert not dialog._write.isEnabled()
    assert dialog._write.toolTip()
    dialog._all.click()
    assert dialog._write.isEnabled()
    dialog.reject()


def test_that_giving_up_writes_nothing_and_says_so(stage: WorkloadsStage, tmp_path: Path) -> None:
    stage.press("report")
    dialog = dialog_of(stage)
    path = tmp_path / "gone.html"
    write_to(dialog, path)
    dialog._cancel.click()
    until(stage, lambda: dialog._task is None)
    assert dialog.line.state is State.SKIPPED
    assert not path.exists()
    write_to(dialog, path)
    dialog.reject()
    until(stage, lambda: not list(tmp_path.glob(".landfall-*")))


def test_that_what_went_wrong_stands_in_the_dialog(stage: WorkloadsStage, tmp_path: Path) -> None:
    stage.press("report")
    dialog = dialog_of(stage)
    write_to(dialog, tmp_path / "no" / "such" / "folder.html")
    until(stage, lambda: dialog.line.state is State.FAILED)
    assert "no folder" in dialog.line.title.text()
    until(stage, lambda: dialog._task is None)
    assert dialog._write.isEnabled()
    dialog.reject()


def test_that_a_name_with_an_ampersand_is_shown_whole(stage: WorkloadsStage) -> None:
    stage.keep(("R&D", case("D1").replace('"D1"', '"R&D"')))
    stage.decide()
    stage.press("report")
    dialog = dialog_of(stage)
    box = next(one for one in dialog._boxes if one.objectName() == "report-of-R&D")
    assert box.text() == "R&&D"
    assert box.accessibleName() == "R&D"
    dialog.reject()


def test_that_invented_samples_are_named_as_such_and_not_sent_on_beside_ones_own(
    stage: WorkloadsStage,
) -> None:
    sample = case("D12").replace('"D12"', '"Sample: triage"')
    stage.run(
        stage.history.save_workload(SavedWorkload(name="Sample: triage", toml=sample, sample=True))
    )
    stage.decide()
    stage.press("report")
    dialog = dialog_of(stage)
    assert "Triage (sample, invented)" in [one.text() for one in dialog._boxes]
    assert ticked(dialog) == ["D1", "D12", "Wrong"]
    dialog.findChild(Button, "report-all").click()
    assert "Triage (sample, invented)" in ticked(dialog)
    dialog.reject()
