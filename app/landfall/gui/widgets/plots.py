"""Plots with axes. Imports pyqtgraph: reach it through `ChartSlot`, never at start."""

from __future__ import annotations

from typing import Any, Literal

from landfall.gui.widgets import plot_needs  # isort: skip  # noqa: F401  (before pyqtgraph)
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.theme import Text
from landfall.gui.widgets.scales import money_tick

Side = Literal["left", "right", "bottom"]


def pen(
    role: Role,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    *,
    alpha: int = 255,
    width: int = 1,
) -> Any:
    """Width 1 for what is live or long (wider is five times dearer); 2 below a hundred points."""
    return pg.mkPen(theme.color(role, alpha), width=width, style=style)


class MoneyAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in dollars."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [money_tick(value, spacing) for value in values]


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """Our fonts and colours, pen width 1, no menu; `ChartSlot` restyles it on a new scheme.

    It stands still: the wheel scrolls the page, and nothing is zoomed or dragged out of sight, for
    which there would be no way back.
    """

    def __init__(self, name: str, *, money_axis: Side | None = None) -> None:
        axes = {money_axis: MoneyAxis(orientation=money_axis)} if money_axis else None
        super().__init__(axisItems=axes)
        self.setAccessibleName(name)
        self._axis_names: dict[Side, str] = {}
        self.setAntialiasing(True)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.getPlotItem().setContentsMargins(0, 4, 8, 0)
        self.restyle()

    def restyle(self) -> None:
        """Take fonts and colours from the theme: at first, and when it changes."""
        self.setBackground(theme.color("surface"))
        for side in ("left", "bottom", "right"):
            axis = self.getAxis(side)
            axis.setZValue(-10)
            axis.setPen(pen("border"))
            axis.setTextPen(pen("text_2"))
            font = theme.font(Text.CAPTION)
            axis.setStyle(tickFont=font, tickLength=-4, tickTextOffset=6)
        for side, text in self._axis_names.items():
            self.name_axis(side, text)
        self.showGrid(x=False, y=True, alpha=0.16)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def name_axis(self, side: Side, text: str) -> None:
        """What an axis counts, with its unit."""
        self._axis_names[side] = text
        self.getAxis(side).enableAutoSIPrefix(False)
        size = theme.font(Text.CAPTION).pointSizeF()
        style = {"color": theme.color("text_2").name(), "font-size": f"{size:.1f}pt"}
        self.getAxis(side).setLabel(text, **style)

    def note(
        self, text: str, x: float, y: float, *, role: Role, anchor: tuple[float, float] = (0, 0.5)
    ) -> Any:
        """Words at a point, instead of a legend box."""
        item = pg.TextItem(text, color=theme.color(role), anchor=anchor)
        item.setFont(theme.font(Text.CAPTION_STRONG))
        self.addItem(item)
        item.setPos(x, y)
        return item
