"""The break-even picture of a workload, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Unknown
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.layout import Card, Swap, label
from landfall.gui.workloads.break_even_curves import Drawn, drawn, verdict_of
from landfall.gui.workloads.words import sentence

if TYPE_CHECKING:
    from landfall.core.costs.over_volume import BreakEvenCurves
    from landfall.services.decided import Decided

CHART = "landfall.gui.widgets.break_even_chart"
_HEIGHT = 290


class BreakEvenView(Card):
    """The chart is computed on a thread: asks for it, and shows what comes.

    Signals:
        wanted: The curves of this verdict are needed: answer with `show_curves`.
    """

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(self.tr("Break-even"), note=self.tr("shaded: the band of running here"))
        self.setObjectName("evidence-break-even")
        self._decided: Decided | None = None
        self._words = label("", tone="text_2", wrap=True)
        self._words.setObjectName("break-even-words")
        self._place = Swap(_loading())
        self._place.setFixedHeight(_HEIGHT)
        self.add(self._words, self._place).fill()
        self._words.hide()

    def show_decided(self, decided: Decided) -> None:
        """Ask for this verdict's curves; what is shown stays until they come."""
        if decided is not self._decided:
            self._decided = decided
            self.wanted.emit(decided)

    def show_curves(self, decided: Decided, curves: BreakEvenCurves | Unknown) -> None:
        """Draw them, unless another verdict is shown by now."""
        if decided is not self._decided:
            return
        known = not isinstance(curves, Unknown)
        if self.note is not None:
            self.note.setVisible(known)
        self._words.setVisible(known)
        if isinstance(curves, Unknown):
            title = self.tr("No break-even for this workload")
            self._place.hold(EmptyState("history", title, sentence(curves.reason), width=380))
            return
        self._words.setText(verdict_of(curves))
        slot = ChartSlot(CHART, _maker(drawn(curves)))
        self._place.hold(slot)
        slot.load()


def _loading() -> QWidget:
    return Skeleton(420, 380, 300, 350, fill=True)


def _maker(data: Drawn) -> Callable[[ModuleType], QWidget]:
    """Makes the chart once its module is there."""

    def make(module: ModuleType) -> QWidget:
        def line(part: tuple[str, str, tuple[float, ...]]) -> object:
            return module.Line(name=part[0], role=part[1], usd_month=part[2])

        chart: QWidget = module.BreakEvenChart(
            module.BreakEven(
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
        )
        return chart

    return make
