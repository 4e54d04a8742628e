"""Calibrates this machine: says what it does, does it with progress, and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Measured, Unknown
from landfall.core.run.long_wait import GoesOn, LongWait
from landfall.core.speed.calibration import Calibration, CalibrationPoint
from landfall.core.speed.calibration_run import machine_key
from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.format import capital, number, shown
from landfall.gui.hints import failure_words, waiting_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Title
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, label, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.services.speed import calibration
from landfall.services.speed.calibration_run import (
    Busy,
    Calibrated,
    CalibrationEvent,
    Skipped,
    Step,
    calibrate,
)

if TYPE_CHECKING:
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.ollama.client import Ollama

_ROW = 46


def _tr(text: str) -> str:
    return QCoreApplication.translate("calibrate", text)


class Progress(Enum):
    """Where it stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"


class CalibrationDialog(Dialog):
    """Shown with `open()`; closing it stops what runs.

    Signals:
        calibrated: Points were kept or forgotten.
    """

    calibrated = Signal()

    def __init__(
        self,
        profile: HardwareProfile,
        tasks: TaskRunner,
        messages: Messages,
        *,
        client: Callable[[], Ollama],
        history: History,
        cache: Path,
        engine: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("calibration-dialog")
        self.setWindowTitle(self.tr("Calibrate this machine"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._profile, self._tasks, self._messages = profile, tasks, messages
        self._client, self._history, self._cache = client, history, cache
        self._engine = engine
        self._task: Task | None = None
        self._points: list[CalibrationPoint] = []
        self._skipped: list[Skipped] = []
        self._busy = self._failure = ""
        self._stopped = False
        self._step: Step | None = None
        self.progress = Progress.READY
        self._build()
        self._read()

    def _build(self) -> None:
        self._make_table()
        self._make_buttons()
        self.set_least_width(720)
        words = label(
            self.tr(
                "Half a minute of short runs of up to three installed models. What they measure"
                " replaces the estimates for this machine, and the ranges get narrower. Let nothing"
                " else run meanwhile."
            ),
            wrap=True,
        )
        self._line = StateLine(State.RUNNING, self.tr("Reading what is known"), padding=0)
        self._line.setObjectName("calibration-line")
        self._note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._note.hide()
        close = button(self.tr("Close"))
        close.setObjectName("close-calibration")
        close.clicked.connect(self.close)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, self._line, self._card, self._note, spacing=Space.M, margins=margins)
        layout.addStretch(1)
        layout.addLayout(row(self.forget, None, close, self.stop, self.start))
        self.setLayout(layout)
        self.start.setDefault(True)
        self.start.setFocus()

    def _make_table(self) -> None:
        heads = (
            Column(self.tr("Model")),
            Column(self.tr("Decode"), 140, right=True),
            Column(self.tr("Predicted"), 92, right=True),
            Column(self.tr("Prefill"), 140, right=True),
            Column(self.tr("Predicted"), 92, right=True),
        )
        self.table = DataTable(heads, self.tr("What was measured"), row_height=_ROW)
        self.table.setObjectName("calibration-table")
        self._card = Card().bleed().add(self.table)
        self._card.hide()

    def _make_buttons(self) -> None:
        self.start = button(self.tr("Start"), "primary", icon="play")
        self.start.setObjectName("start-calibration")
        self.start.clicked.connect(self.on_start)
        self.stop = button(self.tr("Stop"))
        self.stop.setObjectName("stop-calibration")
        self.stop.clicked.connect(self.on_stop)
        self.stop.hide()
        self.forget = button(self.tr("Back to estimates"))
        self.forget.setObjectName("forget-calibration")
        self.forget.clicked.connect(self.on_forget)
        self.forget.hide()

    # What is known

    def _read(self) -> None:
        reading = self._tasks.run(self._history.calibration_points())
        reading.succeeded.connect(self._on_points)
        reading.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_points(self, points: tuple[CalibrationPoint, ...]) -> None:
        key = machine_key(self._profile)
        self.forget.setVisible(any(point.machine == key for point in points))
        if self.progress is Progress.RUNNING:
            return
        found = calibration.standing(self._profile, points, self._engine or None)
        if isinstance(found, Unknown):
            self._line.show_line(
                State.PARTIAL, self.tr("Estimates stand"), self._why(translated(found.reason))
            )
        else:
            self._line.show_line(State.DONE, self._scale_words(found), _since(found))

    def _why(self, reason: str) -> str:
        if reason == calibration.NEVER:
            return self.tr("This machine was never calibrated.")
        return f"{capital(reason)}."

    def _scale_words(self, found: Calibration) -> str:
        decode, prefill = calibration.factors(found)
        parts = []
        if decode is not None:
            parts.append(self.tr("decode \u00d7 {0}").format(number(decode, digits=2)))
        if prefill is not None:
            parts.append(self.tr("prefill \u00d7 {0}").format(number(prefill, digits=2)))
        return self.tr("Predictions are calibrated: {0}").format(", ".join(parts))

    # Running

    @Slot()
    def on_start(self) -> None:
        """Run the models."""
        if self._task is not None:
            return
        self._points, self._skipped, self._busy = [], [], ""
        self._failure, self._stopped = "", False
        self._say(Progress.RUNNING)
        self._fill()
        self._line.show_line(State.RUNNING, self.tr("Looking at the models"))
        self._task = self._tasks.stream(
            calibrate(self._client(), self._history, profile=self._profile, cache=self._cache)
        )
        self._task.progressed.connect(self.on_events)
        self._task.failed.connect(self.on_failed)
        self._task.finished.connect(self.on_finished)

    @Slot()
    def on_stop(self) -> None:
        """What was measured so far is kept."""
        if self._task is not None:
            self._stopped = True
            self._task.cancel()

    @Slot(list)
    def on_events(self, events: list[CalibrationEvent]) -> None:
        """Something was done."""
        for event in events:
            match event:
                case Busy(reason=reason):
                    self._busy = reason
                case Step():
                    self._step = event
                    self._show_step(event)
                case GoesOn() if self._step is not None:
                    self._show_step(self._step)
                case LongWait():
                    title = self._line.title.text()
                    self._line.show_line(State.RUNNING, title, waiting_words(event))
                case Calibrated(point=point):
                    self._points.append(point)
                case Skipped():
                    self._skipped.append(event)
        self._fill()

    def _show_step(self, step: Step) -> None:
        doing = self.tr("Loading {0}") if step.doing == "load" else self.tr("Measuring {0}")
        count = self.tr("{0} of {1}").format(step.number, step.of)
        self._line.show_line(State.RUNNING, doing.format(step.model), count)

    @Slot(object)
    def on_failed(self, error: BaseException) -> None:
        """It could not be done. What is said in the window lies behind this dialog."""
        self._failure = failure_words(error)
        self._messages.fail(error)

    @Slot()
    def on_finished(self) -> None:
        """All models were run, or it was stopped."""
        self._task = None
        self._say(Progress.DONE)
        self._fill()
        self._read()
        if self._points:
            self.calibrated.emit()

    @Slot()
    def on_forget(self) -> None:
        """Back to what is estimated."""
        forgetting = self._tasks.run(self._history.forget_calibration(machine_key(self._profile)))
        forgetting.succeeded.connect(self._on_forgotten)
        forgetting.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_forgotten(self, _count: int) -> None:
        self._points = []
        self._fill()
        self._read()
        self.calibrated.emit()

    def reject(self) -> None:
        """Escape and the window's own button end it too."""
        self.on_stop()
        super().reject()

    # Showing

    def _say(self, progress: Progress) -> None:
        self.progress = progress
        running = progress is Progress.RUNNING
        comes, goes = (self.stop, self.start) if running else (self.start, self.stop)
        focused = self.focusWidget() is goes
        comes.show()
        if focused:
            # Hidden first, it would give the focus to whatever stands next.
            comes.setFocus()
        goes.hide()
        self.start.setText(self.tr("Start") if progress is Progress.READY else self.tr("Again"))
        allow(self.forget, self.tr("It is under way.") if running else "")

    def _fill(self) -> None:
        self._card.setVisible(bool(self._points))
        self.table.set_rows([_row(point) for point in self._points])
        notes = [self._failure, self._busy_words()]
        if self._stopped and not self._points:
            notes.append(self.tr("Stopped before anything was measured."))
        notes += [f"{one.model}: {translated(one.reason)}" for one in self._skipped]
        text = "\n".join(note for note in notes if note)
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def _busy_words(self) -> str:
        """What other work does to what is measured, or to what will be."""
        if not self._busy:
            return ""
        words = self.tr("The machine was busy: {0}. Try again when it is idle.")
        if self.progress is Progress.RUNNING:
            words = self.tr("The machine is busy: {0}. What is measured is kept, and not counted.")
        elif self._points:
            words = self.tr("Kept, and not counted: {0}. Try again when the machine is idle.")
        return words.format(self._busy)


def _row(point: CalibrationPoint) -> tuple[Cell, ...]:
    return (
        Title(point.model, point.engine),
        _measured(point, point.decode_tok_s),
        _predicted(point.decode_predicted_tok_s),
        _measured(point, point.prefill_tok_s),
        _predicted(point.prefill_predicted_tok_s),
    )


def _measured(point: CalibrationPoint, value: float | None) -> Cell:
    if value is None:
        return shown(Unknown(_tr("it was too short to be measured")), Unit.TOKENS_PER_SECOND)
    return shown(Measured(value, point.at, point.engine), Unit.TOKENS_PER_SECOND)


def _predicted(value: float | None) -> Cell:
    return Plain("" if value is None else number(value, digits=0 if value >= 10 else 1), right=True)


def _since(found: Calibration) -> str:
    since = f"{found.engine}, {when(found.at)}"
    if not found.on_battery:
        return since
    return _tr(
        "{0}; on its battery, where many machines are slower: calibrate on mains too"
    ).format(since)
