"""Watts of a run that is over, from its samples.

Imports pyqtgraph: reach it through `ChartSlot("landfall.gui.widgets.power_chart", make)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from landfall.gui.widgets.plots import Plot, pen

Point = tuple[float, float]


class PowerChart(Plot):
    """One curve over the seconds since the first reading; zero based."""

    def __init__(self) -> None:
        super().__init__("")
        self.name_axis("bottom", self.tr("seconds since the first reading"))
        self._curve: Any = self.plot([], [], pen=pen("text_2", Qt.PenStyle.DashLine))
        self._curve.setDownsampling(auto=True, method="peak")
        self._curve.setClipToView(True)

    def show_points(self, points: Sequence[Point], scope: str) -> None:
        """Show these readings; `scope` says what the watts include."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self._curve.setData(xs, ys)
        self.name_axis("left", f"W, {scope}")
        self.setYRange(0, max(ys, default=1.0) * 1.15, padding=0)
        self.setXRange(0, max(xs, default=1.0) * 1.02 or 1.0, padding=0)
        name = self.tr("Watts over time: {0} readings, {1} W at most")
        self.setAccessibleName(name.format(len(ys), f"{max(ys, default=0.0):.0f}"))

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_curve"):
            self._curve.setPen(pen("text_2", Qt.PenStyle.DashLine))
