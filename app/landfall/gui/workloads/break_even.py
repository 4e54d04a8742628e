"""The break-even picture of a workload, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Unknown
from landfall.gui import grown
from landfall.gui.importing import every_class_of_qt
from landfall.gui.translated import translated
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.layout import Swap, label
from landfall.gui.widgets.plot_needs import PLOT_NEEDS
from landfall.gui.workloads.break_even_curves import (
    Drawn,
    dot_of,
    drawn,
    table_of,
    verdict_of,
)
from landfall.gui.workloads.latest import Latest
from landfall.gui.workloads.words import sentence

if TYPE_CHECKING:
    from landfall.core.verdict.over_volume import BreakEvenCurves
    from landfall.services.verdict.decided import Decided

CHART = "landfall.gui.widgets.break_even_chart"
_HEIGHT = 290


class BreakEvenView(ChartCard):
    """The chart is computed on a thread: asks for it, and shows what comes.

    While a slider moves, the dot follows at once and the curves come when they are made.

    Signals:
        wanted: The curves of this verdict are needed: answer with `show_curves`.
    """

    wanted = Signal(object)

    def __init__(self) -> None:
        self._place = Swap(_loading())
        note = self.tr("shaded: the band of running here")
        super().__init__(self.tr("Break-even"), self._place, name="break-even", note=note)
        self._asked = Latest(self)
        self._asked.wanted.connect(self.wanted)
        self._curves: BreakEvenCurves | None = None
        self._slot: ChartSlot | None = None
        self._words = label("", tone="text_2", wrap=True)
        self._words.setObjectName("break-even-words")
        grown.fix_height(self._place, _HEIGHT)
        self.body.insertWidget(1, self._words)
        self.fill()
        self._words.hide()

    def show_decided(self, decided: Decided) -> None:
        """Move the dot, and ask for this verdict's curves; what is shown stays until they come."""
        chart = self._slot.chart if self._slot is not None else None
        if self._curves is not None and chart is not None:
            moved = dot_of(decided, self._curves)
            move_dot = getattr(chart, "move_dot", None)
            if moved is not None and move_dot is not None:
                move_dot(*moved)
        self._asked.ask(decided)

    def show_curves(self, decided: Decided, curves: BreakEvenCurves | Unknown) -> None:
        """Draw them, unless another verdict is shown by now."""
        if not self._asked.answered(decided):
            return
        known = not isinstance(curves, Unknown)
        if self.note is not None:
            self.note.setVisible(known)
        self._words.setVisible(known)
        if isinstance(curves, Unknown):
            self._curves, self._slot = None, None
            title = self.tr("No break-even for this workload")
            empty = EmptyState("history", title, sentence(translated(curves.reason)), width=380)
            empty.setObjectName("no-break-even")
            self._place.hold(empty)
            self.set_values((), ())
            return
        self._curves = curves
        self._words.setText(verdict_of(curves))
        self._draw(drawn(curves))
        columns, lines = table_of(curves)
        self.set_values(columns, lines, of=self.tr("Cost a month over volume"))

    def _draw(self, data: Drawn) -> None:
        """In the chart that is there, or in a new one."""
        chart = self._slot.chart if self._slot is not None else None
        show = getattr(chart, "set_data", None)
        if show is not None:
            show(_break_even(import_module(CHART), data))
            return
        before = every_class_of_qt()
        self._slot = ChartSlot(CHART, _maker(data), needs=PLOT_NEEDS, before=before)
        self._slot.loaded.connect(self.frame.speak)
        self._place.hold(self._slot)
        self._slot.load()


def _loading() -> QWidget:
    return Skeleton(420, 380, 300, 350, fill=True)


def _maker(data: Drawn) -> Callable[[ModuleType], QWidget]:
    """Makes the chart once its module is there."""

    def make(module: ModuleType) -> QWidget:
        chart: QWidget = module.BreakEvenChart(_break_even(module, data))
        chart.setObjectName("break-even-chart")
        return chart

    return make


def _break_even(module: ModuleType, data: Drawn) -> Any:
    """What the chart is given, as its module defines it."""

    def line(part: tuple[str, str, tuple[float, ...]]) -> object:
        return module.Line(name=part[0], role=part[1], usd_month=part[2])

    return module.BreakEven(
        axis=data.axis,
        volume=data.volume,
        local=line(data.local),
        low=data.low,
        high=data.high,
        others=tuple(line(one) for one in data.others),
        dot=data.dot,
        dot_text=data.dot_text,
        crossing=data.crossing,
        crossing_text=data.crossing_text,
    )
