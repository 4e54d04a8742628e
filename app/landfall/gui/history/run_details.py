"""One run of the history in full: figures, who served it, its texts, its power."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from landfall.core.live_curves import PowerCurve
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.words import facts, heading, meters, scope_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.layout import (
    Card,
    SideBySide,
    button,
    column,
    holder,
    label,
)

if TYPE_CHECKING:
    from landfall.core.events import PowerSample
    from landfall.services.records import RunRecord

CHART_HEIGHT = 170
ANSWER_HEIGHT = 190


class RunDetails(Card):
    """A card for one run.

    Signals:
        run_asked: The user wants to run its model again.
    """

    run_asked = Signal(str)

    def __init__(self, run: RunRecord, *, compact: bool = False) -> None:
        again = button(self.tr("Open in Run"), "link")
        again.setObjectName("open-in-run")
        super().__init__(heading(run), again)
        self._run = run
        self.setObjectName("run-details")
        again.setVisible(run.place != "cloud")
        again.clicked.connect(self._on_again)
        self.meters = RunMeters(compact=compact)
        self.meters.show_meters(meters(run))
        self.meters.show_facts(facts(run))
        self.power = label(self.tr("Reading the power samples"), Text.CAPTION, tone="text_2")
        self.power.setObjectName("power-note")
        self.power.setWordWrap(True)
        self.slot = ChartSlot("landfall.gui.widgets.power_chart", _make)
        self.slot.setFixedHeight(CHART_HEIGHT)
        self.slot.hide()
        self.slot.loaded.connect(self._show_points)
        self._points: tuple[tuple[float, float], ...] = ()
        self._scope = ""
        measured = holder(column(self.meters, self.power, self.slot, None, spacing=Space.M))
        texts = self._texts()
        if compact:
            self.add(texts, measured)
        else:
            self.add(SideBySide(texts, measured, level=True))

    @property
    def run(self) -> RunRecord:
        """Which run it shows."""
        return self._run

    def show_samples(self, samples: Sequence[PowerSample]) -> None:
        """Its power samples were read."""
        if not samples:
            why = self._run.energy_reason or self.tr("it was not metered")
            self.power.setText(self.tr("No power samples: {0}").format(why))
            return
        curve = PowerCurve(samples[0].at)
        points = [*curve.add(samples), *curve.finish()]
        self._scope = scope_words(" + ".join(sorted(curve.scopes)))
        if all(watts is None for _, watts in points):
            self.power.setText(self.tr("No watts were read: {0}").format(curve.reason))
            return
        self._points = tuple((at, watts) for at, watts in points if watts is not None)
        words = self.tr("Power, {0}: {1} readings")
        self.power.setText(words.format(self._scope, len(points)))
        self.slot.show()
        self.slot.load()
        self._show_points()

    @Slot()
    def _show_points(self) -> None:
        chart: Any = self.slot.chart
        if chart is not None and self._points:
            chart.show_points(self._points, self._scope)

    @Slot()
    def _on_again(self) -> None:
        self.run_asked.emit(self._run.model)

    def _texts(self) -> QWidget:
        run = self._run
        layout = column(spacing=Space.S)
        for name, title, text, height in (
            ("detail-prompt", self.tr("Prompt"), run.prompt, 76),
            ("detail-thinking", self.tr("Thinking"), run.thinking, 76),
            ("detail-answer", self.tr("Answer"), run.answer, 0),
        ):
            if not text and name == "detail-thinking":
                continue
            caption = label(title, Text.CAPTION_STRONG, tone="text_2")
            shown = QPlainTextEdit(text or self.tr("No text came."))
            shown.setObjectName(name)
            shown.setReadOnly(True)
            shown.setTabChangesFocus(True)
            shown.setAccessibleName(title)
            if height:
                shown.setFixedHeight(height)
            else:
                shown.setMinimumHeight(ANSWER_HEIGHT)
            layout.addLayout(column(caption, shown, spacing=2))
        return holder(layout)


def _make(module: ModuleType) -> QWidget:
    chart: QWidget = module.PowerChart()
    return chart
