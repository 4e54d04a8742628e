"""The card of the live chart: what one can do with the picture, and what it does while idle."""

from __future__ import annotations

import csv
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.events import PowerSample
from landfall.core.run.phases import kept_phases
from landfall.gui import theme
from landfall.gui.run.live_panel import WINDOWS_SECONDS, RunChart
from landfall.gui.run.live_watts import LiveWatts
from landfall.gui.widgets.live_chart import LiveChart
from landfall.services import chart_file
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.backstage import Backstage, FakePower

Make = Callable[[], RunChart]


@pytest.fixture
def make(backstage: Backstage, qtbot: QtBot) -> Make:
    windows: list[QWidget] = []

    def made() -> RunChart:
        backstage.start(server=False)
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        card = RunChart()
        card.allow_export(backstage.tasks, backstage.messages)
        QVBoxLayout(window).addWidget(card)
        window.resize(600, 380)
        card.load()
        qtbot.waitUntil(lambda: card.slot.chart is not None)
        window.show()
        qtbot.waitExposed(window)
        return card

    return made


def fill(card: RunChart) -> None:
    card.begin((("here", "qwen3:8b", "here"),))
    card.add_rates("here", "qwen3:8b", [(i / 4, 50.0 + i) for i in range(21)], role="here")
    card.add_watts([(i / 10, 200.0) for i in range(50)], "GPU board")
    phases = kept_phases(
        load_seconds=None,
        prompt_seconds=None,
        ttft_seconds=1.0,
        first_answer_seconds=1.0,
        total_seconds=5.0,
    )
    card.show_phases(phases, key="here")
    settle()


def chart_of(card: RunChart) -> LiveChart:
    chart = card.slot.chart
    assert isinstance(chart, LiveChart)
    return chart


# The heading


def test_the_drawing_pauses_by_its_button_and_a_new_run_goes_on(make: Make, qtbot: QtBot) -> None:
    card = make()
    assert not card.pause.isEnabled()
    fill(card)
    qtbot.waitUntil(card.pause.isEnabled)
    card.pause.click()
    assert chart_of(card).paused
    assert card.pause.accessibleName() == "Go on drawing"
    fill(card)
    assert not chart_of(card).paused
    assert not card.pause.isChecked()
    assert card.pause.accessibleName() == "Pause the drawing"


def test_the_window_is_chosen_and_named(make: Make) -> None:
    card = make()
    fill(card)
    assert card.window_length.accessibleName()
    assert [card.window_length.itemText(i) for i in range(4)] == [
        "All",
        "10\u00a0min",
        "2\u00a0min",
        "30\u00a0s",
    ]
    card.window_length.setCurrentIndex(WINDOWS_SECONDS.index(30.0))
    assert chart_of(card).window_seconds == 30.0


def test_what_came_before_the_chart_was_made_is_drawn(qtbot: QtBot) -> None:
    card = RunChart()
    qtbot.addWidget(card)
    fill(card)
    card.set_idle(21.0)
    card.load()
    qtbot.waitUntil(lambda: card.slot.chart is not None)
    assert chart_of(card).rate_points["here"] == card.rates["here"]
    assert chart_of(card).watt_points == card.watts
    assert chart_of(card).trace.idle_watts == 21.0


# Saving


def saved(
    card: RunChart, kind: str, path: Path, *, qtbot: QtBot, backstage: Backstage
) -> list[str]:
    said: list[str] = []
    backstage.messages.toast_asked.connect(lambda text, _undo: said.append(text))
    assert card.export is not None
    action = next(a for a in card.export.menu.actions() if a.objectName() == f"chart-as-{kind}")
    action.trigger()
    dialog = card.export.dialog
    assert dialog is not None
    assert dialog.defaultSuffix() == kind
    action.trigger()
    assert card.export.dialog is dialog, "one dialog at a time"
    dialog.fileSelected.emit(str(path))
    dialog.done(1)
    assert card.export.dialog is None
    qtbot.waitUntil(lambda: bool(said) or backstage.messages.worst is not None)
    return said


def test_the_numbers_are_saved_as_csv(
    make: Make, qtbot: QtBot, backstage: Backstage, tmp_path: Path
) -> None:
    card = make()
    fill(card)
    path = tmp_path / "run.csv"
    said = saved(card, "csv", path, qtbot=qtbot, backstage=backstage)
    assert said == ["Saved the chart as run.csv"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 21 + 50 - 10
    assert lines[0] == {
        "seconds": "0.0000",
        "tok/s of qwen3:8b": "50.00",
        "watts, GPU board": "200.00",
        "phase": "waiting",
    }
    assert lines[-1]["phase"] == "decode"
    assert lines[-1]["watts, GPU board"] == ""


def test_only_the_stretch_that_is_drawn_is_saved(
    make: Make, qtbot: QtBot, backstage: Backstage, tmp_path: Path
) -> None:
    card = make()
    fill(card)
    card.add_rates("here", "qwen3:8b", [(60.0, 50.0), (61.0, 50.0)], role="here")
    card.window_length.setCurrentIndex(WINDOWS_SECONDS.index(30.0))
    saved(card, "csv", tmp_path / "run.csv", qtbot=qtbot, backstage=backstage)
    assert (tmp_path / "run.csv").read_text(encoding="utf-8-sig").count("\n") == 3


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_has_the_ground_of_the_theme(
    make: Make,
    qtbot: QtBot,
    backstage: Backstage,
    tmp_path: Path,
    kind: str,
) -> None:
    theme.theme().use("dark")
    card = make()
    fill(card)
    path = tmp_path / f"run.{kind}"
    saved(card, kind, path, qtbot=qtbot, backstage=backstage)
    image = QImage(str(path))
    if kind == "svg":
        image = QImage(1800, 840, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        QSvgRenderer(str(path)).render(painter, QRectF(0, 0, 1800, 840))
        painter.end()
        assert "qwen3:8b" in path.read_text(encoding="utf-8")
    assert image.width() == 1800
    assert image.pixelColor(900, 2).name() == theme.color("surface").name()
    colours = {image.pixelColor(x, 500).name() for x in range(0, 1800, 3)}
    assert theme.color("phase_decode").name() in colours


def test_a_picture_is_encoded_off_the_thread_of_the_window(
    make: Make, qtbot: QtBot, backstage: Backstage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    write = chart_file._write

    def spied(path: Path, content: Callable[[], bytes]) -> None:
        threads.append(threading.current_thread().name)
        write(path, content)

    monkeypatch.setattr(chart_file, "_write", spied)
    card = make()
    fill(card)
    saved(card, "png", tmp_path / "run.png", qtbot=qtbot, backstage=backstage)
    assert threads
    assert threads[0] != threading.main_thread().name


def test_a_chart_that_cannot_be_saved_is_a_banner(
    make: Make, qtbot: QtBot, backstage: Backstage, tmp_path: Path
) -> None:
    card = make()
    fill(card)
    path = tmp_path / "no such folder" / "run.png"
    saved(card, "png", path, qtbot=qtbot, backstage=backstage)
    notice = backstage.messages.worst
    assert notice is not None
    assert "could not be saved" in notice.title
    assert list(tmp_path.glob("**/*.new")) == []


def test_the_menu_opens_below_its_button(make: Make, qtbot: QtBot) -> None:
    card = make()
    assert card.export is not None
    assert not card.export.button.isEnabled()
    fill(card)
    qtbot.waitUntil(card.export.button.isEnabled)
    assert card.export.button.accessibleName() == "Save the chart"
    card.export.button.click()
    assert card.export.menu.isVisible()
    card.export.menu.hide()


# While nothing runs


class Sensor:
    """Says when it is read."""

    def __init__(self, watts: float | None = 34.0) -> None:
        self.open = self.opened = 0
        self.power = FakePower(watts)

    async def watch(self) -> AsyncGenerator[PowerSample, None]:
        self.open += 1
        self.opened += 1
        try:
            async for sample in self.power.samples():
                yield sample
        finally:
            self.open -= 1


def watching(card: RunChart, backstage: Backstage, sensor: Sensor) -> LiveWatts:
    return LiveWatts(backstage.tasks, backstage.messages, chart=card, power=lambda: sensor)


def test_power_is_drawn_while_nothing_runs_and_the_chart_is_seen(
    make: Make, qtbot: QtBot, backstage: Backstage
) -> None:
    card, sensor = make(), Sensor()
    watts = watching(card, backstage, sensor)
    assert not watts.watching
    watts.allow(True)
    qtbot.waitUntil(lambda: len(card.watts) >= 4)
    assert card.note is not None
    assert card.note.text().replace("\u00a0", " ") == "now 34.0 W, GPU board"
    assert chart_of(card).span.end >= 60.0
    assert card.trace.since == "opened"
    fill(card)
    assert card.trace.idle_watts == 34.0, "the draw before the run is its idle line"
    assert card.note.text() == ""
    watts.allow(False)
    qtbot.waitUntil(lambda: sensor.open == 0)


def test_after_a_run_the_power_is_told_and_not_drawn_into_it(
    make: Make, qtbot: QtBot, backstage: Backstage
) -> None:
    card, sensor = make(), Sensor()
    watts = watching(card, backstage, sensor)
    fill(card)
    before = card.watts
    watts.allow(True)
    assert card.note is not None
    note = card.note
    qtbot.waitUntil(lambda: "34" in note.text())
    assert card.watts == before
    watts.allow(False)
    qtbot.waitUntil(lambda: sensor.open == 0)


def test_nothing_is_read_while_the_chart_is_hidden_or_the_window_minimised(
    make: Make, qtbot: QtBot, backstage: Backstage
) -> None:
    card, sensor = make(), Sensor()
    watts = watching(card, backstage, sensor)
    watts.allow(True)
    window = card.window()
    qtbot.waitUntil(lambda: sensor.open == 1)
    window.hide()
    qtbot.waitUntil(lambda: sensor.open == 0)
    assert not watts.watching
    qtbot.waitUntil(lambda: active_timers() == [])
    window.show()
    qtbot.waitUntil(lambda: sensor.open == 1)
    window.showMinimized()
    qtbot.waitUntil(lambda: sensor.open == 0)
    window.showNormal()
    qtbot.waitUntil(lambda: sensor.open == 1)
    watts.allow(True)
    assert sensor.opened == 3, "to be allowed again begins nothing anew"
    watts.allow(False)
    qtbot.waitUntil(lambda: sensor.open == 0)


def test_a_sensor_that_says_nothing_draws_nothing_and_tells_nothing(
    make: Make, qtbot: QtBot, backstage: Backstage
) -> None:
    card, sensor = make(), Sensor(None)
    watts = watching(card, backstage, sensor)
    watts.allow(True)
    qtbot.waitUntil(lambda: len(card.watts) >= 3)
    assert {value for _, value in card.watts} == {None}
    assert card.note is not None
    assert card.note.text() == ""
    fill(card)
    assert card.trace.idle_watts is None
    watts.allow(False)
    qtbot.waitUntil(lambda: sensor.open == 0)


def test_a_driver_that_gives_up_ends_the_watching_and_harms_nothing(
    make: Make, qtbot: QtBot, backstage: Backstage
) -> None:
    class Ending(Sensor):
        async def watch(self) -> AsyncGenerator[PowerSample, None]:
            self.opened += 1
            yield PowerSample(1.0, "NVML", "gpu", None, "the driver is gone")

    card, sensor = make(), Ending()
    watts = watching(card, backstage, sensor)
    watts.allow(True)
    qtbot.waitUntil(lambda: sensor.opened == 1 and not watts.watching)
    watts.allow(False)
    watts.allow(True)
    qtbot.waitUntil(lambda: sensor.opened == 2 and not watts.watching)


def test_nothing_at_all_is_no_reading(make: Make) -> None:
    card = make()
    card.watch([])
    card.add_watts([], "GPU board")
    card.add_rates("here", "x", [], role="here")
    assert (card.watts, card.rates) == ((), {})
