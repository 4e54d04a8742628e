"""Calibrating from the window: what it says, what it measures, how it is stopped and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from landfall.core.machine.hardware import HardwareProfile
from landfall.core.run import long_wait
from landfall.core.speed.calibration_run import Surroundings, machine_key
from landfall.gui.run.calibration_dialog import CalibrationDialog, Progress
from landfall.services.models import shipped_catalogue
from landfall.services.speed.calibration_run import CalibrationEvent
from tests.fakes.ollama_faults import Fault
from tests.fakes.speakers import speaker
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.conftest import backstage

__all__ = ["backstage"]  # a fixture

MODEL = speaker("qwen3:8b", tuple(f"word{i} " for i in range(40)))
ENGINE = "Ollama 0.32.15"
Make = Callable[[], CalibrationDialog]


@pytest.fixture
def profile() -> HardwareProfile:
    return shipped_catalogue.load().what_if("RTX 4090")


@pytest.fixture
def make(backstage: Backstage, profile: HardwareProfile, tmp_path: Path, qtbot: QtBot) -> Make:
    parent = QWidget()
    qtbot.addWidget(parent)

    def made() -> CalibrationDialog:
        dialog = CalibrationDialog(
            profile,
            backstage.tasks,
            backstage.messages,
            client=lambda: backstage.host.client,
            history=backstage.history,
            cache=tmp_path,
            engine=ENGINE,
            parent=parent,
        )
        dialog.open()
        return dialog

    return made


def words(dialog: CalibrationDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_that_a_machine_without_one_says_that_estimates_stand(
    make: Make, backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start(MODEL)
    dialog = make()
    qtbot.waitUntil(lambda: "never calibrated" in words(dialog))
    assert dialog.start.isEnabled()
    assert dialog.forget.isHidden()


def test_that_a_calibration_is_shown_kept_told_and_can_be_forgotten(
    make: Make, backstage: Backstage, profile: HardwareProfile, qtbot: QtBot
) -> None:
    backstage.start(MODEL)
    dialog = make()
    told: list[bool] = []
    dialog.calibrated.connect(lambda: told.append(True))
    qtbot.waitUntil(lambda: "never calibrated" in words(dialog))
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.progress is Progress.RUNNING
    assert dialog.stop.isVisible()
    qtbot.waitUntil(lambda: dialog.progress is Progress.DONE, timeout=60_000)
    assert told == [True]
    assert dialog.table.table.rowCount() == 1
    (point,) = backstage.run(backstage.history.calibration_points())
    assert point.machine == machine_key(profile)
    qtbot.waitUntil(dialog.forget.isVisible)
    qtbot.mouseClick(dialog.forget, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: told == [True, True])
    qtbot.waitUntil(lambda: "never calibrated" in words(dialog))
    assert backstage.run(backstage.history.calibration_points()) == ()


def test_that_a_model_that_does_not_begin_is_told_of(
    make: Make, backstage: Backstage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.1)
    backstage.start(MODEL)
    backstage.twin.faults.append(Fault("stall", after=0, seconds=30.0))
    dialog = make()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "has not begun to answer for more than 0 s. It may" in words(dialog))
    assert "Loading" in words(dialog)
    with qtbot.waitSignal(dialog.finished, timeout=10_000):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_that_a_long_wait_is_taken_back_when_the_answer_comes(
    make: Make, backstage: Backstage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.1)
    backstage.start(MODEL)
    backstage.twin.faults.append(Fault("stall", after=0, seconds=0.5))
    dialog = make()
    said: list[str] = []
    shown = dialog.on_events

    def watched(events: list[CalibrationEvent]) -> None:
        for event in events if isValid(dialog) else ():
            shown([event])
            said.append(f"{type(event).__name__}: {words(dialog)}")

    monkeypatch.setattr(dialog, "on_events", watched)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(one.startswith("GoesOn") for one in said), timeout=10_000)
    after = next(one for one in said if one.startswith("GoesOn"))
    assert any("has not begun to answer" in one for one in said)
    assert "has not begun to answer" not in after
    assert "Loading" in after
    with qtbot.waitSignal(dialog.finished, timeout=10_000):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_that_escape_stops_what_runs(make: Make, backstage: Backstage, qtbot: QtBot) -> None:
    backstage.start(MODEL)
    backstage.twin.pace.token_seconds = 0.5
    dialog = make()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialog.finished, timeout=10_000):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert backstage.run(backstage.history.calibration_points()) == ()


def test_that_enter_starts_it_and_the_keyboard_stays_at_what_can_be_done(
    make: Make, backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start(MODEL)
    backstage.twin.pace.token_seconds = 0.5
    dialog = make()
    assert dialog.focusWidget() is dialog.start
    qtbot.keyClick(dialog.start, Qt.Key.Key_Return)
    assert dialog.progress is Progress.RUNNING
    assert dialog.focusWidget() is dialog.stop
    qtbot.keyClick(dialog.stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.progress is Progress.DONE, timeout=10_000)
    assert dialog.focusWidget() is dialog.start
    assert "Stopped before anything was measured." in words(dialog)


def test_that_a_busy_machine_is_said_for_now_and_for_later(
    make: Make, backstage: Backstage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    busy = Surroundings(busy_share=0.9, load_average=9.0, logical_cores=2)
    monkeypatch.setattr("landfall.services.speed.calibration_run.surroundings", lambda: busy)
    backstage.start(MODEL)
    backstage.twin.pace.token_seconds = 0.5
    dialog = make()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "The machine is busy: " in words(dialog), timeout=10_000)
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.progress is Progress.DONE, timeout=10_000)
    assert "The machine was busy: " in words(dialog)
    assert "Kept" not in words(dialog), "nothing was"


def test_that_a_failure_is_told_and_it_can_be_tried_again(
    make: Make, backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start()
    dialog = make()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.progress is Progress.DONE, timeout=10_000)
    assert dialog.start.isVisible()
