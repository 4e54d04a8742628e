"""The routing dialog: what it plans, what it says, where it writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import BadInput
from landfall.core.routing.findings import Finding, Severity
from landfall.core.routing.plan import LeftOut
from landfall.core.settings import Settings
from landfall.gui.routing.routing_dialog import Means, RoutingDialog
from landfall.gui.routing.words import left_out, notes
from landfall.gui.tasks import TaskRunner
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import State
from landfall.services.history.records import SavedWorkload
from landfall.services.io_loop import IoLoop
from landfall.services.routing.exporting import Preview
from landfall.services.routing.writing import Written
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided, Entry
from landfall.services.verdict.deciding import Decider
from tests.fakes.routes import plan

LEAK = Finding(
    id="no_guard",
    severity=Severity.LEAK,
    file="guard.py",
    text="There is no guard.",
    hint="Add it.",
)
NOTE = replace(LEAK, severity=Severity.NOTE, text="It is unencrypted.", hint="")


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    loop = IoLoop()
    loop.start()
    yield TaskRunner(loop)
    assert loop.stop(10)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@cache
def samples() -> tuple[Entry, ...]:
    decider = Decider.on("RTX 4090", Settings(), now=datetime(2026, 11, 26, tzinfo=UTC))
    decided = asyncio.run(decider.decide_all(workload_files.samples()))
    broken = Entry(
        saved=SavedWorkload(name="Broken", toml=""), problem=BadInput("It is empty.", "Edit it.")
    )
    return (
        *(Entry(saved=SavedWorkload(name=d.verdict.workload, toml=""), decided=d) for d in decided),
        broken,
    )


class Office:
    """Plans and writes as a test wants it."""

    def __init__(self, *findings: Finding, error: Exception | None = None) -> None:
        self.findings, self.error = findings, error
        self.asked: list[int] = []
        self.written: list[Path] = []
        self.plan = plan()

    async def preview(self, decided: Sequence[Decided], _settings: Settings) -> Preview:
        self.asked.append(len(decided))
        if self.error is not None:
            raise self.error
        return Preview(plan=self.plan, findings=self.findings)

    async def export(self, _plan: Any, chosen: Path) -> Written:
        if self.error is not None:
            raise self.error
        self.written.append(chosen)
        return Written(directory=chosen / "landfall-routes", names=("a", "b"), findings=())


Opened = Callable[[Office], RoutingDialog]


@pytest.fixture
def opened(qtbot: QtBot, tasks: TaskRunner, parent: QWidget) -> Iterator[Opened]:
    dialogs: list[RoutingDialog] = []

    def make(office: Office) -> RoutingDialog:
        means = Means(preview=office.preview, export=office.export)
        name = samples()[0].saved.name
        dialog = RoutingDialog(samples(), name, Settings(), tasks, means=means, parent=parent)
        dialog.open()
        dialogs.append(dialog)
        qtbot.waitUntil(lambda: dialog.check.state is not State.RUNNING)
        return dialog

    yield make
    for dialog in dialogs:
        dialog.done(0)


def said(dialog: RoutingDialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel))


def test_that_aliases_are_listed_with_where_they_go_and_what_is_left_out(opened: Opened) -> None:
    dialog = opened(Office())
    rows = [[spoken(cell) for cell in row] for row in dialog.table.table.rows]
    assert rows[1][:2] == ["steady, Steady", "qwen3:8b on desk, qwen3:8b on box"]
    assert rows[2][0] == "private-notes, Private notes, private"
    assert rows[2][2] == "no way out"
    assert rows[3][0] == "private-notes-embed, Private notes, step embed, private"
    assert "Nowhere: no alias, nothing here can run it." in said(dialog)
    assert "Broken: no alias, it has no verdict. It is empty. Edit it." in said(dialog)
    assert dialog.check.state is State.DONE
    assert dialog.write.isEnabled()


def test_that_one_workload_can_be_chosen(opened: Opened, qtbot: QtBot) -> None:
    office = Office()
    dialog = opened(office)
    dialog.which.choose(1)
    qtbot.waitUntil(lambda: len(office.asked) == 2)
    assert office.asked == [3, 1]
    qtbot.waitUntil(dialog.write.isEnabled)


def test_that_what_leaks_is_told_and_cannot_be_written(opened: Opened) -> None:
    dialog = opened(Office(LEAK, NOTE))
    assert dialog.check.state is State.FAILED
    assert "There is no guard. Add it." in said(dialog)
    assert not dialog.write.isEnabled()


def test_that_a_note_is_told_and_can_be_written(opened: Opened) -> None:
    dialog = opened(Office(NOTE))
    assert dialog.check.state is State.DONE
    assert "It is unencrypted." in said(dialog)
    assert dialog.write.isEnabled()


def test_that_a_route_whose_model_was_not_seen_is_not_said_to_work(opened: Opened) -> None:
    office = Office()
    first, *rest = office.plan.aliases
    waiting = replace(first, deployments=(replace(first.deployments[0], confirmed=False),))
    office.plan = replace(office.plan, aliases=(waiting, *rest))
    dialog = opened(office)
    assert dialog.check.state is State.PARTIAL
    assert f"not seen to work yet: {first.alias}" in said(dialog)
    assert dialog.write.isEnabled(), "the model may come later"


def test_that_a_failure_is_told_and_asked_again(opened: Opened, qtbot: QtBot) -> None:
    office = Office(error=BadInput("Two names.", "Rename one."))
    dialog = opened(office)
    assert dialog.check.state is State.FAILED
    assert "Rename one." in said(dialog)
    office.error = None
    (again,) = dialog.check.findChildren(QPushButton)
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.check.state is State.DONE)


def test_that_nothing_to_route_is_no_fault(opened: Opened) -> None:
    office = Office()
    office.plan = replace(plan(), aliases=())
    dialog = opened(office)
    assert dialog.check.state is State.SKIPPED
    assert not dialog.write.isEnabled()


def test_that_a_folder_is_chosen_written_and_opened(
    opened: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    dialog = opened(office)
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog, "routing-folder-dialog")
    assert chooser is not None
    chooser.fileSelected.emit(str(tmp_path))
    qtbot.waitUntil(lambda: dialog.outcome.state is State.DONE)
    assert office.written == [tmp_path]
    assert "2 files written to" in said(dialog)
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url) is None)
    dialog.on_open()
    assert shown == [QUrl.fromLocalFile(str(tmp_path / "landfall-routes"))]
    chooser.reject()


def test_that_a_folder_that_is_taken_is_told(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    office = Office()
    dialog = opened(office)
    dialog.on_open()
    office.error = BadInput("It is not empty: nothing was written.", "Name a new one.")
    dialog.write_to(str(tmp_path))
    qtbot.waitUntil(lambda: dialog.outcome.state is State.FAILED)
    assert "nothing was written" in said(dialog)
    assert dialog.write.isEnabled()


def test_that_closing_gives_up_what_is_asked(
    qtbot: QtBot, tasks: TaskRunner, parent: QWidget
) -> None:
    given_up: list[bool] = []

    class Slow(Office):
        async def preview(self, decided: Sequence[Decided], _settings: Settings) -> Preview:
            try:
                await asyncio.sleep(60)
            finally:
                given_up.append(True)
            return await super().preview(decided, _settings)

    office = Slow()
    means = Means(preview=office.preview, export=office.export)
    dialog = RoutingDialog(samples(), "", Settings(), tasks, means=means, parent=parent)
    dialog.open()
    qtbot.wait(50)
    assert dialog.which.isHidden()
    dialog.write_to("/nowhere")
    dialog.done(0)
    qtbot.waitUntil(lambda: given_up == [True])


def test_that_a_note_names_no_key_of_a_file() -> None:
    first, *rest = plan().aliases
    told = "The verdict is provisional: the local candidate is unmeasured (quality.gate)."
    noted = replace(plan(), aliases=(replace(first, notes=(told,)), *rest))
    said = notes(noted)[0]
    assert said.endswith("The verdict is provisional: the local candidate is unmeasured.")


def test_that_what_gets_no_alias_names_no_key_of_a_file_either() -> None:
    why = "the workload does not say which model it runs on now (today.provider, model)"
    left = replace(plan(), left_out=(LeftOut(workload="mail", step="", reason=why),))
    assert left_out(left) == [
        "mail: no alias, the workload does not say which model it runs on now."
    ]
