"""The card of the live chart: rates and watts of what runs, and what one can do with the picture.

Fill it in this order: `begin` with all curves, then `add_rates`, `add_watts` and `show_phases` as
things come. It keeps everything while the chart itself is not made yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.events import PowerSample
from landfall.core.run.live_curves import Point, PowerCurve, PowerPoint
from landfall.core.run.phases import Phase
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.colours import Role
from landfall.gui.format import duration, plain
from landfall.gui.scope_words import scope_words
from landfall.gui.theme import Text
from landfall.gui.units import Unit
from landfall.gui.widgets.chart_export import ChartExport
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import Card, icon_button, label
from landfall.gui.widgets.trace import Since, Trace

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner

WINDOWS_SECONDS: tuple[float | None, ...] = (None, 600.0, 120.0, 30.0)
"""What can be chosen: all, or only the newest."""

SHOWN_AFTER_MS = 40
WATCH_HOLE_SECONDS = 3.0
"""Readings come once a second while the machine is only watched."""

IDLE_READINGS = (3, 10)
"""At least and at most so many of the last readings before a run are its idle line."""


class RunChart(Card):
    """Rates and watts of the runs under way, in one chart, and what is missing in words."""

    def __init__(self) -> None:
        pause, length = icon_button("pause", ""), Choice("", (), width=84)
        super().__init__(QCoreApplication.translate("RunChart", "Speed and power"), length, pause)
        self._trace = Trace()
        self._watched: PowerCurve | None = None
        self._recent: deque[float] = deque(maxlen=IDLE_READINGS[1])
        self.export: ChartExport | None = None
        self.pause, self.window_length = pause, length
        self.pause.setObjectName("chart-pause")
        self.pause.setCheckable(True)
        self.window_length.setObjectName("chart-window")
        self.window_length.addItems(
            (self.tr("All"), *(duration(s) for s in WINDOWS_SECONDS if s is not None))
        )
        self.window_length.setAccessibleName(self.tr("How much of the time is shown"))
        self.window_length.setToolTip(self.tr("How much of the time is shown"))
        self._show_paused(False)
        self.slot = ChartSlot("landfall.gui.widgets.live_chart", self._make)
        self.slot.setObjectName("run-chart")
        self.slot.hide()
        self.nothing = label(
            self.tr("The rate of an answer and the power of this machine are drawn here."),
            tone="text_2",
            wrap=True,
        )
        self.reason = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.reason.setObjectName("power-reason")
        self.reason.hide()
        grown.least_height(self, 270)
        self.body.addWidget(self.slot, 1)
        self.body.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)
        self.add(self.reason)
        self.pause.toggled.connect(self._on_pause)
        self.window_length.currentIndexChanged.connect(self._on_window)
        self._show_slot()

    def _make(self, module: ModuleType) -> QWidget:
        chart: Any = module.LiveChart(self._trace)
        chart.paused_changed.connect(self._show_paused)
        chart.set_window(WINDOWS_SECONDS[self.window_length.currentIndex()])
        made: QWidget = chart
        return made

    @property
    def _chart(self) -> Any:
        """The `LiveChart`, or None while it is not made yet."""
        return self.slot.chart

    @property
    def trace(self) -> Trace:
        """What is drawn."""
        return self._trace

    @property
    def rates(self) -> dict[str, tuple[PowerPoint, ...]]:
        """The points of each rate, by its key."""
        return {
            key: curve.line.points
            for key, curve in self._trace.rates.items()
            if curve.line.last is not None
        }

    @property
    def watts(self) -> tuple[PowerPoint, ...]:
        """The points of the power."""
        return self._trace.watts.points

    def load(self) -> None:
        """Bring the chart; its module is imported on a thread."""
        self.slot.load()

    def allow_export(self, tasks: TaskRunner, messages: Messages) -> None:
        """Put the menu into the heading that saves the chart."""
        self.export = ChartExport(
            tasks, messages, chart=self._made, name="landfall-run", parent=self
        )
        self.add_actions(self.export.button)
        self._show_slot()

    def _made(self) -> Any:
        return self._chart

    # What runs

    def begin(self, curves: Sequence[tuple[str, str, Role]], *, since: Since = "sent") -> None:
        """Empty it for answers that begin: key, name and role of each, so that looks stay apart.

        Up to three are named where they end, more in a list beside them: short names there.
        """
        idle = median(self._recent) if len(self._recent) >= IDLE_READINGS[0] else None
        self._clear()
        self._trace.since, self._trace.idle_watts = since, idle
        for key, name, role in curves:
            self._trace.begin_rate(key, name, role)
        # Some frames later: the first of a chart, that of the conversation and that of its meters
        # are too much for one.
        QTimer.singleShot(SHOWN_AFTER_MS, self._show_slot)

    def start_over(self) -> None:
        """Nothing runs and nothing ran."""
        self._clear()
        self._show_slot()

    def restart(self, key: str) -> None:
        """One answer is made again: only its curve begins anew, with the watts where it is ours."""
        if key != "cloud":
            self._trace.forget_power()
        self._trace.restart_rate(key)
        self._refresh()

    def tell_no_power(self, reason: str) -> None:
        """Why there is no curve of watts, or "" where there may be one."""
        self.reason.setText(self.tr("No watts: {0}").format(reason) if reason else "")
        self.reason.setVisible(bool(reason))

    def add_rates(self, key: str, name: str, points: Sequence[Point], *, role: Role) -> None:
        """More of the rate of one answer."""
        if not points:
            return
        self._trace.begin_rate(key, name, role)
        self._trace.add_rates(key, points)
        self._refresh()

    def add_watts(self, points: Sequence[PowerPoint], scope: str) -> None:
        """More of the power of this machine."""
        if not points:
            return
        self._trace.add_watts(points, scope)
        self._refresh()

    def show_phases(self, phases: Sequence[Phase], *, key: str = "") -> None:
        """What an answer does when; the key "" speaks for the whole chart, as in a benchmark."""
        self._trace.phases[key] = tuple(phases)
        self._refresh()

    def set_idle(self, watts: float | None) -> None:
        """The draw with nothing to do, as a dotted line."""
        self._trace.idle_watts = watts
        self._refresh()

    @Slot()
    def finish(self) -> None:
        """Nothing more comes: draw the whole of it at the next frame, and say it."""
        self._refresh()
        if self._chart is not None:
            self._chart.tell()

    # What is watched while nothing runs

    def watch(self, samples: Sequence[PowerSample]) -> None:
        """Power while nothing runs: a curve where no run stands in its place, and a note."""
        if self._watched is None and samples:
            self._watched = PowerCurve(samples[0].at, hole_seconds=WATCH_HOLE_SECONDS)
        if self._watched is None:
            return
        points = self._watched.add(samples)
        scope = scope_words(" + ".join(sorted(self._watched.scopes)))
        self._recent += [watts for _, watts in points if watts is not None]
        if points and not self._trace.rates:
            self._trace.since = "opened"
            self.add_watts(points, scope)
            self._show_slot()
        if points and self.note is not None:
            watts = points[-1][1]
            now = self.tr("now {0}, {1}")
            self.note.setText("" if watts is None else now.format(plain(watts, Unit.WATTS), scope))

    # Inside

    @Slot()
    def _show_slot(self) -> None:
        shown = bool(self._trace.rates) or not self._trace.is_empty
        self.nothing.setVisible(not shown)
        self.slot.setVisible(shown)
        parts = (self.pause, self.window_length)
        for one in (*parts, self.export.button) if self.export is not None else parts:
            allow(one, "" if shown else self.tr("Nothing is drawn yet."))

    def _clear(self) -> None:
        self._trace.clear()
        self._watched = None
        self._recent.clear()
        if self.note is not None:
            self.note.setText("")
        if self._chart is not None:
            self._chart.clear_curves()

    def _refresh(self) -> None:
        if self._chart is not None:
            self._chart.refresh()

    @Slot(bool)
    def _on_pause(self, paused: bool) -> None:
        if self._chart is not None:
            self._chart.set_paused(paused)

    @Slot(bool)
    def _show_paused(self, paused: bool) -> None:
        self.pause.setChecked(paused)
        self.pause.set_icon("play" if paused else "pause")
        words = self.tr("Go on drawing") if paused else self.tr("Pause the drawing")
        self.pause.setAccessibleName(words)
        self.pause.setToolTip(words)

    @Slot(int)
    def _on_window(self, index: int) -> None:
        if self._chart is not None:
            self._chart.set_window(WINDOWS_SECONDS[index])
