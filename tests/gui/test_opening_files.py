"""Workload files that come to the window: from macOS as events, from the mouse as a drop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from landfall.bootstrap.window import Program
from landfall.gui.app_state import AppState
from landfall.gui.application import Desktop
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Messages
from landfall.gui.single_instance import allowed_to_come_forward

COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot, state: AppState, messages: Messages) -> MainWindow:
    made = MainWindow(state, messages, page_factory=lambda name: None)
    qtbot.addWidget(made)
    return made


def dragged(*urls: str | Path) -> QMimeData:
    data = QMimeData()
    data.setUrls(
        [QUrl.fromLocalFile(str(url)) if isinstance(url, Path) else QUrl(url) for url in urls]
    )
    return data


def enters(window: MainWindow, data: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(5, 5), COPY, data, LEFT, NONE)
    event.ignore()
    window.dragEnterEvent(event)
    return event.isAccepted()


def drop(window: MainWindow, data: QMimeData) -> QDropEvent:
    event = QDropEvent(QPointF(5, 5), COPY, data, LEFT, NONE)
    event.ignore()
    window.dropEvent(event)
    return event


def test_that_workload_files_may_be_dropped_on_the_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    files = tmp_path / "my ü.landfall", tmp_path / "b.TOML"
    assert window.acceptDrops()
    assert enters(window, dragged(*files))
    with qtbot.waitSignal(window.files_dropped) as dropped:
        drop(window, dragged(*files))
    assert dropped.args == [tuple(map(str, files))]


def test_that_anything_else_is_no_business_of_the_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for data in (
        dragged(tmp_path / "a.toml", tmp_path / "b.png"),
        dragged("https://x.org/a.toml"),
        dragged(),
    ):
        assert not enters(window, data)
        with qtbot.assertNotEmitted(window.files_dropped):
            assert not drop(window, data).isAccepted()


def test_that_the_desktop_asks_for_files_as_macos_does(qapp: QApplication, tmp_path: Path) -> None:
    # There is one application a process, and pytest-qt has made it: the method is called on it.
    asked: list[str] = []

    class Taker:
        class file_asked:
            emit = asked.append

    file = tmp_path / "my ü.landfall"
    assert Desktop.event(Taker(), QFileOpenEvent(QUrl.fromLocalFile(str(file))))  # type: ignore[arg-type]
    assert Desktop.event(Taker(), QFileOpenEvent("/x/a.toml"))  # type: ignore[arg-type]
    assert asked == [str(file), "/x/a.toml"]


class Opened:
    """Stands for what is attached to the window."""

    def __init__(self) -> None:
        self.files: list[tuple[str, ...]] = []

    def open_files(self, files: tuple[str, ...]) -> None:
        self.files.append(files)


def test_that_files_that_come_early_wait_for_what_stands_behind_the_window() -> None:
    class Early:
        _files: tuple[str, ...] = ("first.toml",)
        _attached: Opened | None = None

    program, opened = Early(), Opened()
    Program.open_files(program, ("a.toml",))  # type: ignore[arg-type]
    program._attached = opened
    Program.open_files(program, ())  # type: ignore[arg-type]
    Program.open_files(program, ())  # type: ignore[arg-type]
    Program.open_files(program, ("b.toml",))  # type: ignore[arg-type]
    assert opened.files == [("first.toml", "a.toml"), ("b.toml",)]


def test_that_the_right_to_come_forward_holds_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "old")
    with allowed_to_come_forward("new"):
        assert os.environ["XDG_ACTIVATION_TOKEN"] == "new"
    assert "XDG_ACTIVATION_TOKEN" not in os.environ
    with allowed_to_come_forward(""):
        assert "XDG_ACTIVATION_TOKEN" not in os.environ
