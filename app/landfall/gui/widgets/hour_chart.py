"""Hour by hour: how much of what a machine can serve is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import paint, theme
from landfall.gui.format import percent
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Text
from landfall.gui.widgets.scales import ticks

_PLOT_HEIGHT = 190
_HIGHEST = 3.0
"""The scale ends at three times what the machine serves; what is above is cut, and said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour of the day.

    Attributes:
        name: "10".
        load: Share of the slots that is busy; above 1 it cannot keep up.
        words: "82 % of the slots, slowest of twenty 4.1 s".
    """

    name: str
    load: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the chart shows.

    Attributes:
        limit: Load up to which an hour counts as comfortable.
        limit_words, full_words: Beside the two lines.
        assumed: The hours are not stated: drawn without fill.
        busiest: Words at the fullest hour.
    """

    hours: tuple[Hour, ...]
    limit: float
    limit_words: str
    full_words: str
    assumed: bool
    busiest: str


class HourChart(QWidget):
    """A bar an hour. Up to what the machine serves it is solid, above it hatched in danger."""

    def __init__(self) -> None:
        super().__init__()
        self._day: Day | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.repaint_on_change(self)

    def set_day(self, day: Day) -> None:
        """Show this day."""
        self._day = day
        hours = ". ".join(f"{hour.name}: {hour.words}" for hour in day.hours)
        said = self.tr("Load in each hour. {0}. {1}")
        self.setAccessibleName(said.format(day.busiest, hours))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        return QSize(480, _PLOT_HEIGHT + 3 * caption + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        day = self._day
        if day is None or not day.hours:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        caption = QFontMetrics(theme.font(Text.CAPTION))
        gutter = caption.horizontalAdvance(percent(3.0)) + 10
        plot = QRectF(
            gutter, caption.height() + 4, self.width() - gutter - 4,
            self.height() - 2 * caption.height() - 12,
        )  # fmt: skip
        highest = max(hour.load for hour in day.hours)
        top = min(_HIGHEST, max(1.15, highest * 1.08))
        self._grid(p, plot, top, caption.height())
        self._bars(p, plot, top, day)
        self._lines(p, plot, top, day, caption)
        self._busiest(p, plot, top, day)

    def _grid(self, p: QPainter, plot: QRectF, top: float, line: int) -> None:
        p.setFont(theme.font(Text.CAPTION))
        for value in ticks(0.0, top, 5):
            y = round(plot.bottom() - value / top * plot.height()) + 0.5
            p.setPen(QPen(theme.color("border_strong" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            p.setPen(theme.color("text_3"))
            words = percent(value)
            p.drawText(QRectF(0, y - line / 2, plot.left() - 6, line), RIGHT, words)

    def _bars(self, p: QPainter, plot: QRectF, top: float, day: Day) -> None:
        slot = plot.width() / len(day.hours)
        width = max(3.0, min(slot * 0.7, 34.0))
        metrics = QFontMetrics(theme.font(Text.CAPTION))
        widest = max(metrics.horizontalAdvance(hour.name) for hour in day.hours)
        every = next(n for n in (1, 2, 3, 4, 6, 12, 24) if n * slot >= widest + 6 or n == 24)
        for place, hour in enumerate(day.hours):
            x = plot.left() + place * slot + (slot - width) / 2
            column = QRectF(x, plot.top(), width, plot.height())
            self._bar(p, column, hour.load, top, assumed=day.assumed)
            if place % every == 0:
                p.setFont(theme.font(Text.CAPTION))
                p.setPen(theme.color("text_3"))
                below = QRectF(x - 20, plot.bottom() + 2, width + 40, metrics.height())
                p.drawText(below, CENTRE, hour.name)

    def _bar(self, p: QPainter, column: QRectF, load: float, top: float, *, assumed: bool) -> None:
        """What is served from the ground up, and above it what is not."""
        served = min(load, 1.0) / top * column.height()
        if served > 0:
            box = QRectF(column.left(), column.bottom() - served, column.width(), served)
            if assumed:
                p.setPen(QPen(theme.color("here"), 1.3, Qt.PenStyle.DashLine))
                p.setBrush(theme.color("here_soft"))
                p.drawRect(box)
            else:
                paint.fill(p, box, theme.color("here"))
        over = (min(load, top) - 1.0) / top * column.height()
        if over > 0:
            box = QRectF(column.left(), column.bottom() - served - over, column.width(), over)
            p.fillRect(box, theme.color("danger_soft"))
            p.setPen(QPen(theme.color("danger"), 1))
            p.setBrush(QBrush(theme.color("danger"), Qt.BrushStyle.BDiagPattern))
            p.drawRect(box)
        if load > top:
            # It goes on above the picture: two strokes through it say that it is cut.
            p.setPen(QPen(theme.color("surface"), 3))
            for y in (column.top() + 12, column.top() + 18):
                p.drawLine(QPointF(column.left() - 2, y + 4), QPointF(column.right() + 2, y - 4))

    def _lines(
        self, p: QPainter, plot: QRectF, top: float, day: Day, caption: QFontMetrics
    ) -> None:
        lines = ((1.0, day.full_words, Qt.PenStyle.SolidLine), (day.limit, day.limit_words,
                 Qt.PenStyle.DashLine))  # fmt: skip
        for value, words, style in lines:
            y = plot.bottom() - value / top * plot.height()
            p.setPen(QPen(theme.color("text_2"), 1.3, style))
            p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            p.setFont(theme.font(Text.CAPTION_STRONG))
            width = QFontMetrics(p.font()).horizontalAdvance(words) + 10
            box = QRectF(plot.left() + 2, y - caption.height() - 1, width, caption.height())
            p.fillRect(box, theme.color("surface"))
            p.setPen(theme.color("text_2"))
            p.drawText(box.adjusted(4, 0, 0, 0), LEFT, words)

    def _busiest(self, p: QPainter, plot: QRectF, top: float, day: Day) -> None:
        """Words above the fullest hour, in whichever direction there is room."""
        place = max(range(len(day.hours)), key=lambda i: day.hours[i].load)
        slot = plot.width() / len(day.hours)
        x = plot.left() + (place + 0.5) * slot
        p.setFont(theme.font(Text.CAPTION_STRONG))
        metrics = QFontMetrics(p.font())
        width = min(float(metrics.horizontalAdvance(day.busiest) + 8), plot.width())
        left = min(max(x - width / 2, plot.left()), plot.right() - width)
        box = QRectF(left, 0, width, metrics.height())
        over = day.hours[place].load >= 1
        p.setPen(theme.color("danger" if over else "text"))
        words = metrics.elidedText(day.busiest, Qt.TextElideMode.ElideRight, int(width))
        p.drawText(box, CENTRE, words)
        p.setPen(QPen(theme.color("text_3"), 1))
        top_of_bar = plot.bottom() - min(day.hours[place].load, top) / top * plot.height()
        p.drawLine(QPointF(x, box.bottom() + 1), QPointF(x, max(top_of_bar - 1, box.bottom() + 2)))
