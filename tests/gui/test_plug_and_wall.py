"""Connecting a plug and calibrating at the wall, from the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from landfall.core.energy.wall import WallCalibration
from landfall.core.errors import Unavailable
from landfall.core.provenance import Stated
from landfall.core.settings import Settings
from landfall.gui.app_state import AppState
from landfall.gui.app_values import PowerSensor
from landfall.gui.machine.plug_dialog import PlugDialog
from landfall.gui.machine.wall_dialog import WallDialog
from landfall.gui.messages import Messages
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.tasks import TaskRunner
from landfall.gui.widgets.feedback import State
from landfall.services.io_loop import IoLoop
from landfall.services.power.linux_sysfs import RAPL_RULE
from landfall.services.power.wall_reading import Beside
from tests.fakes.plug import FakePlug, running

IDLE = Beside(measured_watts=40.0, sources=("NVML GPU 0",), wall_watts=None)
LOAD = replace(IDLE, measured_watts=346.0)


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    loop = IoLoop()
    loop.start()
    yield TaskRunner(loop)
    assert loop.stop(10)


@pytest.fixture
def shelly() -> Iterator[FakePlug]:
    with running(FakePlug()) as fake:
        fake.says(231.5, 1000.0)
        yield fake


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def click(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def plug_dialog(
    tasks: TaskRunner, parent: QWidget, settings: Settings
) -> tuple[PlugDialog, list[str]]:
    dialog = PlugDialog(settings, tasks, parent=parent)
    told: list[str] = []
    dialog.changed.connect(told.append)
    dialog.open()
    return dialog, told


def test_that_a_plug_is_tested_and_its_address_kept(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot, shelly: FakePlug
) -> None:
    dialog, told = plug_dialog(tasks, parent, Settings())
    assert not dialog.test.isEnabled()
    assert not dialog.save.isEnabled()
    assert not dialog.remove.isVisible()
    assert dialog.address.accessibleName()
    dialog.address.setText(f"127.0.0.1:{shelly.port}")
    assert shelly.asked == []
    click(qtbot, dialog.test)
    qtbot.waitUntil(lambda: dialog.line.state is State.DONE)
    assert "231" in dialog.line.title.text()
    assert len(shelly.asked) == 1
    click(qtbot, dialog.save)
    assert told == [f"http://127.0.0.1:{shelly.port}"]


def test_that_a_plug_that_shows_nothing_or_no_plug_is_said(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot, shelly: FakePlug
) -> None:
    dialog, told = plug_dialog(tasks, parent, Settings())
    shelly.says(0, None)
    dialog.address.setText(shelly.address.url)
    click(qtbot, dialog.test)
    qtbot.waitUntil(lambda: dialog.line.state is State.PARTIAL)
    shelly.answers = {}
    dialog.address.setText(f"{shelly.address.url}/")
    assert dialog.line.state is State.TODO
    click(qtbot, dialog.test)
    qtbot.waitUntil(lambda: dialog.line.state is State.FAILED)
    assert "404" in dialog.line.title.text()
    dialog.address.setText("https://x")
    click(qtbot, dialog.save)
    assert dialog.line.state is State.FAILED
    assert told == []
    assert dialog.isVisible()


def test_that_a_plug_can_be_let_go(tasks: TaskRunner, parent: QWidget, qtbot: QtBot) -> None:
    settings = replace(Settings(), plug_url="http://192.168.1.50")
    dialog, told = plug_dialog(tasks, parent, settings)
    assert dialog.address.text() == "http://192.168.1.50"
    click(qtbot, dialog.remove)
    assert told == [""]


def test_that_a_dialog_that_is_closed_gives_its_question_up(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot, shelly: FakePlug
) -> None:
    shelly.silent = True
    dialog, told = plug_dialog(tasks, parent, Settings())
    dialog.address.setText(shelly.address.url)
    click(qtbot, dialog.test)
    qtbot.waitUntil(lambda: len(shelly.asked) == 1)
    dialog.reject()
    qtbot.waitUntil(lambda: not isValid(dialog))
    assert told == []


class Sensors:
    """Answers in turn."""

    def __init__(self, *answers: Beside | Exception) -> None:
        self.answers = list(answers)

    async def read(self, _settings: Settings) -> Beside:
        said = self.answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def wall_dialog(
    tasks: TaskRunner, parent: QWidget, sensors: Sensors, settings: Settings | None = None
) -> tuple[WallDialog, list[Any]]:
    dialog = WallDialog(settings or Settings(), tasks, question=sensors.read, parent=parent)
    told: list[Any] = []
    dialog.changed.connect(told.append)
    dialog.open()
    return dialog, told


def test_that_two_readings_of_a_meter_calibrate(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot
) -> None:
    dialog, told = wall_dialog(tasks, parent, Sensors(IDLE, LOAD))
    dialog.idle.wall.edit.setText("80")
    click(qtbot, dialog.save)
    assert "Read the sensors" in dialog.problem.text()
    click(qtbot, dialog.idle.read)
    assert not dialog.load.read.isEnabled()
    qtbot.waitUntil(dialog.load.read.isEnabled)
    dialog.load.wall.edit.setText("420")
    click(qtbot, dialog.load.read)
    qtbot.waitUntil(lambda: dialog.load.line.state is State.DONE)
    click(qtbot, dialog.save)
    (kept,) = told
    assert isinstance(kept, WallCalibration)
    assert kept.efficiency == pytest.approx(0.9)
    assert kept.sources == ("NVML GPU 0",)
    assert kept.how == "typed"
    assert kept.at


def test_that_a_plug_fills_the_readings_in_and_one_is_enough(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot
) -> None:
    sensors = Sensors(replace(IDLE, wall_watts=81.5))
    settings = replace(Settings(), plug_url="http://192.168.1.50")
    dialog, told = wall_dialog(tasks, parent, sensors, settings)
    click(qtbot, dialog.idle.read)
    qtbot.waitUntil(lambda: dialog.idle.line.state is State.DONE)
    assert dialog.idle.wall.value == 81.5
    click(qtbot, dialog.save)
    assert (told[0].how, told[0].load_wall_watts) == ("plug", None)


@pytest.mark.parametrize(
    ("idle", "load", "answers", "word"),
    [
        ("", "", (), "missing"),
        ("0", "", (), "between"),
        ("80", "60", (IDLE, LOAD), "at least 10 W more"),
        ("80", "420", (IDLE, replace(LOAD, sources=("RAPL",))), "changed"),
    ],
)
def test_that_impossible_readings_are_said_and_nothing_is_kept(
    tasks: TaskRunner,
    parent: QWidget,
    qtbot: QtBot,
    idle: str,
    load: str,
    answers: tuple[Beside, ...],
    word: str,
) -> None:
    dialog, told = wall_dialog(tasks, parent, Sensors(*answers))
    dialog.idle.wall.edit.setText(idle)
    dialog.load.wall.edit.setText(load)
    for step in (dialog.idle, dialog.load)[: len(answers)]:
        qtbot.waitUntil(step.read.isEnabled)
        click(qtbot, step.read)
        qtbot.waitUntil(lambda step=step: step.line.state is State.DONE)
    qtbot.waitUntil(dialog.idle.read.isEnabled)
    click(qtbot, dialog.save)
    assert word in dialog.problem.text()
    assert told == []
    assert dialog.isVisible()


def test_that_sensors_that_cannot_be_read_are_said(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot
) -> None:
    dialog, _ = wall_dialog(tasks, parent, Sensors(Unavailable("No sensor.", "Look.")))
    click(qtbot, dialog.idle.read)
    qtbot.waitUntil(lambda: dialog.idle.line.state is State.FAILED)
    assert dialog.idle.line.title.text() == "No sensor."
    qtbot.waitUntil(dialog.idle.read.isEnabled)


def test_that_a_calibration_can_be_forgotten(
    tasks: TaskRunner, parent: QWidget, qtbot: QtBot
) -> None:
    kept = WallCalibration(
        idle_wall_watts=80,
        idle_measured_watts=40,
        load_wall_watts=None,
        load_measured_watts=None,
        sources=("x",),
        at="2026-11-26",
    )
    settings = replace(Settings(), wall_calibration=kept)
    dialog, told = wall_dialog(tasks, parent, Sensors(), settings)
    click(qtbot, dialog.forget)
    assert told == [None]


@pytest.fixture
def page(qtbot: QtBot) -> MachinePage:
    state = AppState(Settings())
    state.set_power_sources(
        (
            PowerSensor(
                name="NVML GPU 0",
                scope="GPU board",
                available=True,
                quality="fair",
                reason="the driver gives the mean of one second",
            ),
            PowerSensor(
                name="RAPL package-0",
                scope="CPU package",
                available=False,
                reason=f"only the administrator may: {RAPL_RULE}",
                rule=RAPL_RULE,
            ),
            PowerSensor(
                name="wall reading",
                scope="at the plug",
                available=False,
                reason="typed in by you on 2026-11-26",
                watts=Stated(420.0, "wall_calibration"),
            ),
        )
    )
    made = MachinePage(state, Messages(state))
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def test_that_the_power_card_says_what_is_covered_how_well_and_why_not(page: MachinePage) -> None:
    from landfall.gui.widgets.tables import DataTable

    table = next(t for t in page.findChildren(DataTable) if t.accessibleName() == "Power sources")
    spoken = [
        str(table.model().index(line, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        for line in range(table.model().rowCount())
    ]
    assert "mean of one second" in spoken[0]
    assert "fair" in spoken[0]
    assert "typed in by you" in spoken[1].lower()
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert RAPL_RULE in said
    assert "Wall reading: unknown" not in said


def test_that_the_rule_is_copied_and_never_applied(page: MachinePage, qtbot: QtBot) -> None:
    line = page.findChild(QWidget, "power-rule")
    button = line.findChild(QPushButton)
    assert "Copy the rule" in button.accessibleName()
    click(qtbot, button)
    assert QGuiApplication.clipboard().text() == RAPL_RULE


@pytest.mark.parametrize(
    ("name", "signal"), [("connect-plug", "plug_asked"), ("calibrate-wall", "wall_asked")]
)
def test_that_plug_and_calibration_are_asked_for_from_the_card(
    page: MachinePage, qtbot: QtBot, name: str, signal: str
) -> None:
    button = page.findChild(QPushButton, name)
    assert button.accessibleName()
    with qtbot.waitSignal(getattr(page, signal)):
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
