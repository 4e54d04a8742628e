"""Cost a month over volume: where running here overtakes the alternative, and where the user is.

Imports pyqtgraph: reach it through `ChartSlot("landfall.gui.widgets.break_even_chart", make)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.widgets.plots import Plot, pen


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One option's cost in USD a month at each volume."""

    name: str
    role: Role
    usd_month: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """What the chart shows.

    Attributes:
        axis: What the volume is: "million tokens a day".
        volume: At most about a hundred points, ascending.
        local: Running here, an estimate, with its band. others: what it is compared with.
        low, high: The band of `local` at each volume.
        dot: The user's own volume and cost. dot_text: its name.
        crossing: Volume at which local overtakes the first other, None where it never does.
        crossing_text: With its range: "break-even at 1.4 M (1.1 to 1.9)".
    """

    axis: str
    volume: Sequence[float]
    local: Line
    low: Sequence[float]
    high: Sequence[float]
    others: Sequence[Line]
    dot: tuple[float, float]
    dot_text: str
    crossing: float | None
    crossing_text: str


class BreakEvenChart(Plot):
    """Local dashed with its band, published prices solid, a dotted crossing, a labelled dot."""

    def __init__(self, data: BreakEven) -> None:
        super().__init__("", money_axis="left")
        self._data = data
        self._dot_items: tuple[Any, ...] = ()
        self._draw()
        self._speak()

    def set_data(self, data: BreakEven) -> None:
        """Show other curves in the same chart."""
        self._data = data
        self.clear()
        self._draw()
        self._speak()

    def move_dot(self, dot: tuple[float, float], text: str) -> None:
        """The user's own volume and cost are others now; the curves stay until they are known."""
        self._data = replace(self._data, dot=dot, dot_text=text)
        for item in self._dot_items:
            self.removeItem(item)
        self._dot()
        self._speak()

    def _speak(self) -> None:
        data = self._data
        where = data.crossing_text or self.tr("no break-even in this range")
        name = self.tr("Cost a month over volume. {0}. {1}")
        self.setAccessibleName(name.format(where, data.dot_text))

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_data"):
            self.clear()
            self._draw()

    def _draw(self) -> None:
        data = self._data
        self.name_axis("bottom", data.axis)
        self.name_axis("left", self.tr("cost a month"))
        volume = list(data.volume)
        faint = pen("here", alpha=90)
        low = self.plot(volume, list(data.low), pen=faint)
        high = self.plot(volume, list(data.high), pen=faint)
        self.addItem(pg.FillBetweenItem(low, high, brush=theme.color("here", 38)))
        first = data.others[:1]
        # Where nothing costs anything an axis of no height would say zero at each of its marks.
        top = max(max(line.usd_month) for line in (data.local, *first)) or 1.0
        style = Qt.PenStyle
        dashes = (style.DashLine, style.SolidLine, style.DashDotLine, style.DotLine)
        for i, line in enumerate((data.local, *data.others)):
            self._line(line, dashes[min(i, 3)], top)
        if data.crossing is not None:
            self.addItem(pg.InfiniteLine(data.crossing, pen=pen("text_3", style.DotLine)))
            anchor = (-0.03, 0.5) if data.crossing < volume[-1] * 0.6 else (1.03, 0.5)
            # At the top, where no line runs through the words: both lines meet far below.
            self.note(data.crossing_text, data.crossing, top * 1.05, role="text_2", anchor=anchor)
        self._dot()
        self.setXRange(0, volume[-1], padding=0)
        self.setYRange(0, top * 1.12, padding=0)

    def _line(self, line: Line, dash: Qt.PenStyle, top: float) -> None:
        volume, values = list(self._data.volume), list(line.usd_month)
        self.plot(volume, values, pen=pen(line.role, dash, width=2))
        end = max((i for i, value in enumerate(values) if value <= top), default=0)
        self.note(line.name, volume[end], values[end], role="text", anchor=(1.06, 1.1))

    def _dot(self) -> None:
        x, y = self._data.dot
        edge = pg.mkPen(theme.color("surface"), width=2)
        fill = theme.color("text")
        mark = self.plot(
            [x], [y], pen=None, symbol="o", symbolSize=11, symbolBrush=fill, symbolPen=edge
        )
        anchor = (-0.07, 0.1) if x < self._data.volume[-1] * 0.7 else (1.07, 0.1)
        words = self.note(self._data.dot_text, x, y, role="text", anchor=anchor)
        self._dot_items = (mark, words)
