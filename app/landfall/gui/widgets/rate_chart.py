"""The decode rate of one answer after the other: whether a machine keeps its speed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import grown, paint, theme
from landfall.gui.format import duration, number, plain
from landfall.gui.paint import CENTRE, RIGHT
from landfall.gui.theme import Text
from landfall.gui.units import Unit
from landfall.gui.widgets.scales import ticks

_DOTS_UP_TO = 60
"""Answers that get a dot each; more would be a band."""
_HEIGHT = 150

Point = tuple[float, float]


class RateChart(QWidget):
    """Zero based, seconds along, tok/s up; a line through the answers and a dot for each."""

    def __init__(self, points: Sequence[Point] = ()) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        grown.fix_height(self, _HEIGHT)
        theme.repaint_on_change(self)
        self.show_points(points)

    def show_points(self, points: Sequence[Point]) -> None:
        """Seconds since the beginning, and the rate of the answer that ended then."""
        self._points = tuple(points)
        rates = [rate for _, rate in self._points]
        words = self.tr("Decode rate over time: nothing yet")
        if rates:
            words = self.tr("Decode rate of {0} answers over {1}: from {2} to {3}").format(
                len(rates),
                duration(self._points[-1][0]),
                plain(min(rates), Unit.TOKENS_PER_SECOND),
                plain(max(rates), Unit.TOKENS_PER_SECOND),
            )
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._points:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QFontMetrics(theme.font(Text.CAPTION)).height()
        left = 8 + QFontMetrics(theme.font(Text.CAPTION)).horizontalAdvance("0,000")
        area = QRectF(left, line + 6, self.width() - left - 12, self.height() - 2.6 * line - 8)
        end = self._points[-1][0] or 1.0
        top = max(rate for _, rate in self._points) * 1.15 or 1.0
        self._axes(p, area, end, top)
        spots = [
            QPointF(area.left() + x / end * area.width(), area.bottom() - y / top * area.height())
            for x, y in self._points
        ]
        p.setPen(QPen(theme.color("here"), 1.3))
        p.drawPolyline(QPolygonF(spots))
        if len(spots) <= _DOTS_UP_TO:
            p.setBrush(theme.color("here"))
            for spot in spots:
                p.drawEllipse(spot, 2.2, 2.2)

    def _axes(self, p: QPainter, area: QRectF, end: float, top: float) -> None:
        p.setFont(theme.font(Text.CAPTION))
        line = QFontMetrics(p.font()).height()
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(0, 0, area.right(), line), paint.LEFT, self.tr("tok/s of one answer"))
        digits = 0 if top >= 5 else 1
        for value in ticks(0.0, top, 3):
            y = round(area.bottom() - value / top * area.height()) + 0.5
            p.setPen(QPen(theme.color("border_strong" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            p.setPen(theme.color("text_3"))
            name = QRectF(0, y - line / 2, area.left() - 6, line)
            p.drawText(name, RIGHT, number(value, digits=digits))
        for value in _time_ticks(end):
            x = area.left() + value / end * area.width()
            p.drawText(QRectF(x - 40, area.bottom() + 4, 80, line), CENTRE, duration(value))


def _time_ticks(end: float) -> list[float]:
    """Round seconds, or round minutes where there are some."""
    unit = 60.0 if end >= 120 else 1.0
    return [value * unit for value in ticks(0.0, end / unit, 4)[1:]]
