"""Saving of each day or month against the cloud: losses are hatched below zero.

Imports pyqtgraph: reach it through `ChartSlot("landfall.gui.widgets.saving_chart", make)`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt

from landfall.gui import theme
from landfall.gui.format import money
from landfall.gui.widgets.plots import Plot, pen


class SavingChart(Plot):
    """Gains in the colour of this machine, losses hatched in danger."""

    def __init__(self, periods: Sequence[str], saving_usd: Sequence[float]) -> None:
        super().__init__("", money_axis="left")
        self._periods, self._saving = tuple(periods), tuple(saving_usd)
        self._draw()
        total = money(sum(self._saving))
        losses = sum(value < 0 for value in self._saving)
        name = self.tr("Saving against the cloud: {0} in all, a loss in {1} of {2}")
        self.setAccessibleName(name.format(total, losses, len(self._saving)))

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_saving"):
            self.clear()
            self._draw()

    def _draw(self) -> None:
        gains = [i for i, value in enumerate(self._saving) if value >= 0]
        losses = [i for i, value in enumerate(self._saving) if value < 0]
        hatch = pg.mkBrush(theme.color("danger"))
        hatch.setStyle(Qt.BrushStyle.BDiagPattern)
        for which, brush, edge in (
            (gains, pg.mkBrush(theme.color("here")), pg.mkPen(None)),
            (losses, hatch, pen("danger")),
        ):
            heights = [self._saving[i] for i in which]
            bars = pg.BarGraphItem(x=which, height=heights, width=0.66, brush=brush, pen=edge)
            self.addItem(bars)
        self.addItem(pg.InfiniteLine(0, angle=0, pen=pen("text_2")))
        every = max(1, len(self._periods) // 6)
        named = [(i, name) for i, name in enumerate(self._periods) if i % every == 0]
        self.getAxis("bottom").setTicks([named])
        self.setXRange(-0.8, max(len(self._periods), 1) - 0.2, padding=0)
        self.setMouseEnabled(x=True, y=False)
