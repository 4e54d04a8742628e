"""One run of the history in full: figures, who served it, its texts, its speed and power."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from landfall.core.run.live_curves import curve_of
from landfall.gui import grown
from landfall.gui.format import whole
from landfall.gui.history.measurements import (
    measurement_columns,
    measurement_rows,
    quality_facts,
)
from landfall.gui.history.reading import RunInFull, phases_of
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.words import facts, heading, meters
from landfall.gui.scope_words import scope_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.layout import Card, Label, button, column, holder, label
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.services.history.records import RunRecord

CHART_HEIGHT = 190
TABLE_ROW = 26
ANSWER_HEIGHT = 150
LONGEST_SHOWN = 50_000
"""Characters of a text; a prompt of a benchmark may have ten million in one line."""


class RunDetails(Card):
    """A card for one run; compact where two stand side by side.

    Signals:
        run_asked: The user wants to run its model again.
        workload_asked: A workload is to be made whose calls are like it: its row.
    """

    run_asked = Signal(str)
    workload_asked = Signal(int)

    def __init__(self, full: RunInFull, *, compact: bool = False) -> None:
        again = button(self.tr("Open in Run"), "link")
        again.setObjectName("open-in-run")
        workload = button(self.tr("Make a workload of this"), "link")
        workload.setObjectName("workload-of-run")
        super().__init__(heading(full.run), workload, again)
        self._full = full
        self.setObjectName("run-details")
        again.setVisible(full.run.place != "cloud")
        again.clicked.connect(self._on_again)
        workload.setVisible(full.run.state == "done" and not compact)
        workload.clicked.connect(self._on_workload)
        self.meters = RunMeters(compact=compact)
        self.meters.show_meters(meters(full.run))
        self.meters.show_facts(_facts(full.run))
        self.slot = ChartSlot("landfall.gui.widgets.live_chart", _make)
        grown.fix_height(self.slot, CHART_HEIGHT)
        self.slot.loaded.connect(self._show_curves)
        figures = holder(column(self.meters, None, spacing=Space.M))
        if compact:
            self.add(figures, self._curves(), self._texts())
        else:
            table = holder(column(self._table(), None))
            self.add(SideBySide(figures, table), self._curves(), self._texts())
        if full.rates or full.samples:
            self.slot.load()

    @property
    def run(self) -> RunRecord:
        """Which run it shows."""
        return self._full.run

    def _table(self) -> DataTable:
        run = self._full.run
        name = self.tr("Measurements of the run")
        table = DataTable(measurement_columns(run), name, row_height=TABLE_ROW)
        table.setObjectName("measurements-table")
        table.set_rows(measurement_rows(run))
        return table

    def _curves(self) -> QWidget:
        """The curves of the run; below them what they are, or why there are none."""
        if not self._full.rates and not self._full.samples:
            self.slot.hide()
        self.power = label(self._curve_words(), Text.CAPTION, tone="text_2", wrap=True)
        self.power.setObjectName("power-note")
        return holder(column(self.slot, self.power, spacing=Space.XS))

    def _curve_words(self) -> str:
        """What the curves show, and what is missing in them."""
        run, samples = self._full.run, self._full.samples
        speed = "" if self._full.rates else self.tr("No curve of the speed was kept.")
        if not samples:
            why = translated(run.energy_reason or "") or self.tr("it was not metered")
            power = self.tr("No power samples: {0}.").format(why.rstrip("."))
            return f"{speed} {power}".strip()
        points, scopes = curve_of(samples)
        known = [watts for _, watts in points if watts is not None]
        if not known:
            gap = next((translated(sample.reason) for sample in samples if sample.reason), "")
            return self.tr("No watts were read: {0}").format(gap)
        words = self.tr("Power, {0}: {1} readings.")
        scope = scope_words(" + ".join(sorted(scopes)))
        return f"{speed} {words.format(scope, whole(len(known)))}".strip()

    @Slot()
    def _show_curves(self) -> None:
        chart: Any = self.slot.chart
        run = self._full.run
        chart.show_run(
            self._full.rates, self._full.samples, phases_of(run), idle_watts=run.idle_watts
        )

    @Slot()
    def _on_again(self) -> None:
        self.run_asked.emit(self._full.run.model)

    @Slot()
    def _on_workload(self) -> None:
        self.workload_asked.emit(self._full.run.id)

    def _beginning(self, text: str) -> str:
        """As much of a text as is laid out at once: a line of megabytes stops the window."""
        left = len(text) - LONGEST_SHOWN
        if left <= 0:
            return text
        words = self.tr("{0}\n\n[{1} more characters. An export of the run has them.]")
        return words.format(text[:LONGEST_SHOWN], whole(left))

    def _texts(self) -> QWidget:
        run = self._full.run
        layout = column(spacing=Space.S)
        for name, title, text, height in (
            ("detail-prompt", self.tr("Prompt"), run.prompt, 66),
            ("detail-thinking", self.tr("Thinking"), run.thinking, 76),
            ("detail-answer", self.tr("Answer"), run.answer, ANSWER_HEIGHT),
        ):
            if not text and name == "detail-thinking":
                continue
            shown = QPlainTextEdit(self._beginning(text) or self.tr("No text came."))
            shown.setObjectName(name)
            shown.setReadOnly(True)
            shown.setTabChangesFocus(True)
            shown.setAccessibleName(title)
            grown.fix_height(shown, height)
            layout.addLayout(column(_caption(title), shown, spacing=2))
        return holder(layout)


def _caption(title: str) -> Label:
    return label(title, Text.CAPTION_STRONG, tone="text_2")


def _facts(run: RunRecord) -> tuple[tuple[str, str], ...]:
    """Who served it under which conditions, its energy, and how far that can be believed."""
    return (*facts(run), *quality_facts(run))


def _make(module: ModuleType) -> QWidget:
    chart: QWidget = module.LiveChart()
    return chart
