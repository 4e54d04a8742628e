"""Calibrate at the wall: two readings of a meter or a plug beside what the sensors say."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.energy.wall import WallCalibration, checked
from landfall.core.errors import AppError, BadInput
from landfall.gui.allowed import allow
from landfall.gui.format import number
from landfall.gui.hints import error_words, hint_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Button, button, column, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.services.history.records import now_iso
from landfall.services.power.wall_reading import READING_SECONDS, Beside, read_beside

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.tasks import Task, TaskRunner

_MOST_WATTS = 5000.0
Question = Callable[["Settings"], Coroutine[Any, Any, Beside]]


class _Step(QWidget):
    """One of the two readings: a number of the meter, a button for the sensors, what they said.

    Signals:
        asked: The sensors shall be read now.
    """

    asked = Signal()

    def __init__(self, name: str, title: str, words: str, *, empty: str | None) -> None:
        super().__init__()
        self.beside: Beside | None = None
        self.by_plug = False
        self.wall = NumberEdit(title, low=0.1, high=_MOST_WATTS, digits=1, empty=empty)
        self.wall.edit.setObjectName(f"wall-{name}")
        self.wall.edit.textEdited.connect(self.on_edited)
        self.read: Button = button(self.tr("Read the sensors"))
        self.read.setObjectName(f"read-{name}")
        self.read.setAccessibleName(f"{self.tr('Read the sensors')}: {title}")
        self.read.clicked.connect(self.asked)
        self.line = StateLine(State.TODO, words, padding=0)
        self.line.setObjectName(f"line-{name}")
        self._words = words
        beside = row(self.wall, self.read, spacing=Space.M)
        beside.setAlignment(self.read, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(column(beside, self.line))

    @Slot()
    def on_edited(self) -> None:
        """The user knows better than the plug."""
        self.by_plug = False

    def show_reading(self, beside: Beside) -> None:
        """What the sensors said, and the plug where there is one."""
        self.beside = beside
        if beside.wall_watts is not None:
            self.wall.set_value(beside.wall_watts)
            self.by_plug = True
        watts = number(beside.measured_watts, digits=1)
        self.line.show_line(
            State.DONE,
            self.tr("Sensors: {0} W").format(watts),
            ", ".join(all_translated(beside.sources)),
        )

    def show_failure(self, message: str, hint: str) -> None:
        """Why the sensors could not be read."""
        self.line.show_line(State.FAILED, message, hint)


class WallDialog(Dialog):
    """Shown with `open()`.

    Signals:
        changed: The calibration as it shall be kept; None goes back to estimates.
    """

    changed = Signal(object)

    def __init__(
        self,
        settings: Settings,
        tasks: TaskRunner,
        *,
        question: Question = read_beside,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("wall-dialog")
        self.setWindowTitle(self.tr("Calibrate at the wall"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings, self._tasks, self._question = settings, tasks, question
        self._task: Task | None = None
        self._reading: _Step | None = None
        self.idle = _Step(
            "idle",
            self.tr("Watts at the plug, idle"),
            self.tr("Let nothing run, then read the sensors"),
            empty=None,
        )
        self.load = _Step(
            "load",
            self.tr("Watts at the plug, under load"),
            self.tr("Let a model answer for half a minute, then read the sensors"),
            empty=self.tr("may stay empty"),
        )
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.hide()
        self.save = button(self.tr("Save"), "primary")
        self.save.setObjectName("wall-save")
        self.forget = button(self.tr("Back to estimates"))
        self.forget.setObjectName("wall-forget")
        self._build()
        self._connect()

    def _build(self) -> None:
        cancel = button(self.tr("Cancel"))
        cancel.setObjectName("wall-cancel")
        cancel.clicked.connect(self.reject)
        seconds = number(READING_SECONDS, digits=0)
        by_hand = self.tr(
            "Read your meter while the sensors are read, which takes {0} seconds, and type it."
        )
        by_plug = self.tr("The plug is read together with the sensors, for {0} seconds.")
        how = (by_plug if self._settings.plug_url else by_hand).format(seconds)
        words = self.tr(
            "Sensors see a part of the machine. Two readings at the plug, idle and under load, tell"
            " what they miss and what the power supply loses: then energy at the wall is right"
            " within 5 %, not 20 %. One reading, idle, helps too."
        )
        margins = (Space.XL, Space.L, Space.XL, Space.L)
        layout = column(label(words, wrap=True), label(how, wrap=True), spacing=Space.M)
        layout.setContentsMargins(*margins)
        layout.addWidget(self.idle)
        layout.addWidget(self.load)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addLayout(row(self.forget, None, cancel, self.save))
        self.setLayout(layout)
        self.set_least_width(560)
        self.save.setDefault(True)
        self.forget.setVisible(self._settings.wall_calibration is not None)
        self.idle.wall.edit.setFocus()

    def _connect(self) -> None:
        self.idle.asked.connect(self.on_idle)
        self.load.asked.connect(self.on_load)
        self.save.clicked.connect(self.on_save)
        self.forget.clicked.connect(self.on_forget)

    @Slot()
    def on_idle(self) -> None:
        """Read the sensors with nothing running."""
        self._ask(self.idle)

    @Slot()
    def on_load(self) -> None:
        """Read the sensors under load."""
        self._ask(self.load)

    def _ask(self, step: _Step) -> None:
        if self._task is not None:
            return
        self._reading = step
        self._say("")
        step.line.show_line(State.RUNNING, self.tr("Reading the sensors"))
        for one in (self.idle, self.load):
            allow(one.read, self.tr("Reading the sensors"))
        self._task = self._tasks.run(self._question(self._settings))
        self._task.succeeded.connect(self._on_reading)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    @Slot(object)
    def _on_reading(self, beside: Beside) -> None:
        if self._reading is not None:
            self._reading.show_reading(beside)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self._reading is not None:
            hint = hint_words(error) if isinstance(error, AppError) else ""
            message = translated(error.message) if isinstance(error, AppError) else str(error)
            self._reading.show_failure(message, hint)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        for one in (self.idle, self.load):
            allow(one.read)

    @Slot()
    def on_save(self) -> None:
        """Keep the calibration, if it can be one."""
        try:
            calibration = checked(self._calibration())
        except BadInput as error:
            self._say(error_words(error))
            return
        self.changed.emit(calibration)
        self.accept()

    def _calibration(self) -> WallCalibration:
        idle, load = self.idle, self.load
        for step in (idle, load):
            if step.wall.problem:
                raise BadInput(step.wall.problem)
        if idle.wall.value is None:
            raise BadInput(self.tr("The reading at the plug, idle, is missing."))
        with_load = load.wall.value is not None
        if idle.beside is None or (with_load and load.beside is None):
            raise BadInput(self.tr("Read the sensors beside each reading at the plug."))
        if with_load and load.beside and load.beside.sources != idle.beside.sources:
            raise BadInput(self.tr("The sensors changed between the two readings: read both anew."))
        return WallCalibration(
            idle_wall_watts=idle.wall.value,
            idle_measured_watts=idle.beside.measured_watts,
            load_wall_watts=load.wall.value,
            load_measured_watts=(
                load.beside.measured_watts if with_load and load.beside is not None else None
            ),
            sources=idle.beside.sources,
            at=now_iso(),
            how="plug" if idle.by_plug and (load.by_plug or not with_load) else "typed",
        )

    @Slot()
    def on_forget(self) -> None:
        """Back to estimates."""
        self.changed.emit(None)
        self.accept()

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def done(self, result: int) -> None:
        """However it is closed: a reading under way is given up."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)
