"""The live chart of the Run page: keeps its points while pyqtgraph is still on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Role, Text
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.layout import Card, label

POINTS = 1200
Point = tuple[float, float]


@dataclass(slots=True)
class _Curve:
    name: str
    role: Role
    points: deque[Point] = field(default_factory=lambda: deque(maxlen=POINTS))


class RunChart(Card):
    """Rates and watts of the runs under way, in one chart, and what is missing in words."""

    def __init__(self) -> None:
        super().__init__(self.tr("Speed and power"))
        self._rates: dict[str, _Curve] = {}
        self._watts: deque[Point] = deque(maxlen=POINTS)
        self._scope = ""
        self.slot = ChartSlot("landfall.gui.widgets.live_chart", _make)
        self.slot.setObjectName("run-chart")
        self.slot.loaded.connect(self._on_loaded)
        self.slot.hide()
        self.nothing = label(
            self.tr("The rate of an answer and the power of this machine are drawn here."),
            tone="text_2",
            wrap=True,
        )
        self.reason = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.reason.setObjectName("power-reason")
        self.reason.hide()
        self.setMinimumHeight(270)
        self.body.addWidget(self.slot, 1)
        self.body.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)
        self.add(self.reason)

    @property
    def rates(self) -> dict[str, tuple[Point, ...]]:
        """The points of each rate, by its key."""
        return {key: tuple(curve.points) for key, curve in self._rates.items() if curve.points}

    @property
    def watts(self) -> tuple[Point, ...]:
        """The points of the power."""
        return tuple(self._watts)

    def load(self) -> None:
        """Bring the chart; its module is imported on a thread."""
        self.slot.load()

    def begin(self, curves: Sequence[tuple[str, str, Role]]) -> None:
        """Empty it for answers that begin: key, name and role of each, so that looks stay apart."""
        self._clear()
        # A turn later: the first frame of a chart and the first of the conversation are too much
        # for one.
        QTimer.singleShot(0, self._show_slot)
        chart: Any = self.slot.chart
        for key, name, role in curves:
            self._rates[key] = _Curve(name, role)
            if chart is not None and len(curves) > 1:
                chart.add_rates((), key=key, name=name, role=role)

    def start_over(self) -> None:
        """Nothing runs and nothing ran."""
        self._clear()
        self._show_slot()

    @Slot()
    def _show_slot(self) -> None:
        self.nothing.setVisible(not self._rates)
        self.slot.setVisible(bool(self._rates))

    def _clear(self) -> None:
        self._rates.clear()
        self._watts.clear()
        self._scope = ""
        chart: Any = self.slot.chart
        if chart is not None:
            chart.clear_curves()
            chart.draw_now()

    def restart(self, key: str) -> None:
        """One answer is made again: only its curve begins anew, with the watts where it is ours."""
        kept = {name: curve for name, curve in self._rates.items() if name != key}
        watts, scope = self._watts.copy(), self._scope
        self._clear()
        self._rates = kept
        if key == "cloud":
            self._watts, self._scope = watts, scope
        self._replay()

    def tell_no_power(self, reason: str) -> None:
        """Why there is no curve of watts, or "" where there may be one."""
        self.reason.setText(self.tr("No watts: {0}").format(reason) if reason else "")
        self.reason.setVisible(bool(reason))

    def add_rates(self, key: str, name: str, points: Sequence[Point], *, role: Role) -> None:
        """More of the rate of one answer."""
        if not points:
            return
        self._rates.setdefault(key, _Curve(name, role)).points.extend(points)
        chart: Any = self.slot.chart
        if chart is not None:
            chart.add_rates(points, key=key, name=name, role=role)

    def add_watts(self, points: Sequence[Point], scope: str) -> None:
        """More of the power of this machine."""
        if not points:
            return
        self._watts.extend(points)
        self._scope = scope
        chart: Any = self.slot.chart
        if chart is not None:
            chart.add_watts(points, scope=scope)

    @Slot()
    def _on_loaded(self) -> None:
        self._replay()

    def _replay(self) -> None:
        chart: Any = self.slot.chart
        if chart is None:
            return
        for key, curve in self._rates.items():
            chart.add_rates(tuple(curve.points), key=key, name=curve.name, role=curve.role)
        if self._watts:
            chart.add_watts(tuple(self._watts), scope=self._scope)


def _make(module: ModuleType) -> QWidget:
    chart: QWidget = module.LiveChart()
    return chart
