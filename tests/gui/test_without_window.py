"""What is said where there will be no window."""

from __future__ import annotations

import io
import sys

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from landfall.bootstrap import without_window

SAID = "<b>x</b> cannot be written. Choose another folder."


class Terminal(io.StringIO):
    """An output that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "read"),
    [
        ({}, True),
        ({"XDG_ACTIVATION_TOKEN": ""}, True),
        ({"XDG_ACTIVATION_TOKEN": "a"}, False),
        ({"DESKTOP_STARTUP_ID": "a"}, False),
        ({"GIO_LAUNCHED_DESKTOP_FILE": "/usr/share/applications/landfall.desktop"}, False),
        ({"XPC_SERVICE_NAME": "application.org.landfall.1.2"}, False),
        ({"XPC_SERVICE_NAME": "0"}, True),
    ],
)
def test_that_nobody_reads_the_output_of_a_start_from_a_desktop(
    environment: dict[str, str], read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert without_window.is_read(environment) is read
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert without_window.is_read(environment)
    monkeypatch.setattr(sys, "stderr", None)
    assert not without_window.is_read(environment)


def test_that_a_start_from_a_terminal_says_a_line_and_opens_no_box(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    without_window.say(SAID)
    assert terminal.getvalue() == f"landfall: {SAID}\n"


def test_that_a_start_from_a_desktop_says_it_in_a_box_as_it_is_written(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "a")
    shown: list[tuple[str, Qt.TextFormat]] = []

    def read() -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isVisible():
                shown.append((box.text(), box.textFormat()))
                box.accept()

    QTimer.singleShot(50, read)
    without_window.say(SAID)
    assert shown == [(SAID, Qt.TextFormat.PlainText)]
    assert capsys.readouterr().err == f"landfall: {SAID}\n"
