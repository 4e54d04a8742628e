"""Saving a month at both ends of each input, and where the verdict flips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from landfall.gui import paint, theme
from landfall.gui.format import money
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.scales import money_tick, tick_step, ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """One input: the saving a month at its p10 and p90, and where the verdict flips.

    Attributes:
        name: Of the input. now: its value in words.
        low, high: Saving in USD a month at its lower and its upper end.
        low_label, high_label: The ends themselves: "64 %", "$2.00".
        flip: The saving at which the verdict flips, None where that is outside the range.
        flip_label: In words: "flips at 61 %", or "" where nothing was found.
    """

    name: str
    now: str
    low: float
    high: float
    low_label: str
    high_label: str
    flip: float | None = None
    flip_label: str = ""


@dataclass(frozen=True, slots=True)
class _Axis:
    left: float
    right: float
    low: float
    high: float

    @property
    def scale(self) -> float:
        return max(self.right - self.left, 10.0) / (self.high - self.low)

    def x(self, value: float) -> float:
        return self.left + (value - self.low) * self.scale


class Tornado(QWidget):
    """Grey bars with end values, today's saving dashed, zero strong, a diamond at the flip."""

    def __init__(self) -> None:
        super().__init__()
        self._swings: tuple[Swing, ...] = ()
        self._centre = 0.0
        theme.theme().changed.connect(self._resize)
        self._resize()

    def set_swings(self, swings: Sequence[Swing], *, saving_now: float) -> None:
        """Show these inputs, the nearest to its flip first; `saving_now` in USD a month."""
        self._swings, self._centre = tuple(swings), saving_now
        lines = ". ".join(
            self.tr("{0}: {1} to {2} {3}")
            .format(s.name, money(s.low), money(s.high), s.flip_label)
            .strip()
            for s in swings
        )
        self.setAccessibleName(self.tr("What moves the saving. {0}").format(lines))
        self._resize()

    @Slot()
    def _resize(self) -> None:
        body = QFontMetrics(theme.font(Text.BODY))
        caption = QFontMetrics(theme.font(Text.CAPTION_STRONG))
        swings = self._swings
        self._row = max(38, body.height() + caption.height() + 6)
        names = [body.horizontalAdvance(s.name) for s in swings]
        names += [caption.horizontalAdvance(s.now) for s in swings]
        ends = [caption.horizontalAdvance(w) for s in swings for w in (s.low_label, s.high_label)]
        self._names = 16 + max(names, default=0)
        self._ends = 10 + max(ends, default=0)
        self._flips = 12 + max((caption.horizontalAdvance(s.flip_label) for s in swings), default=0)
        self._head = max(16, caption.height())
        self.setFixedHeight(self._row * len(swings) + 2 * self._head + 10)
        self.update()

    def _axis(self) -> _Axis:
        left = float(min(self._names, self.width() * 0.35))
        right = float(self.width() - self._flips)
        values = [v for s in self._swings for v in (s.low, s.high)] + [0.0, self._centre]
        low, high = min(values), max(values)
        span = (high - low) or 1.0
        room = max(right - left - 2 * self._ends, 10.0)
        pad = span * self._ends / room
        return _Axis(left, right, low - pad, high + pad)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        axis = self._axis()
        self._paint_axis(p, axis)
        for i, swing in enumerate(self._swings):
            self._paint_row(p, i * self._row + self._head + 4, swing, axis)

    def _paint_axis(self, p: QPainter, axis: _Axis) -> None:
        top, bottom = self._head + 2, self._row * len(self._swings) + self._head + 6
        widest = QFontMetrics(theme.font(Text.CAPTION)).horizontalAdvance(money(axis.high * 10))
        count = max(2, int((axis.right - axis.left) / max(90, widest)))
        step = tick_step(axis.high - axis.low, count)
        p.setFont(theme.font(Text.CAPTION))
        for tick in ticks(axis.low, axis.high, count):
            x = round(axis.x(tick)) + 0.5
            p.setPen(QPen(theme.color("text_2" if tick == 0 else "grid"), 1))
            p.drawLine(QPointF(x, top), QPointF(x, bottom))
            p.setPen(theme.color("text_3"))
            label = QRectF(x - widest / 2, bottom + 2, widest, self._head)
            p.drawText(label, CENTRE, money_tick(tick, step))
        x = axis.x(self._centre)
        p.setPen(QPen(theme.color("accent"), 1, Qt.PenStyle.DashLine))
        p.drawLine(QPointF(x, top), QPointF(x, bottom))
        p.setPen(theme.color("accent"))
        p.setFont(theme.font(Text.CAPTION_STRONG))
        words = self.tr("saving now {0}").format(money(self._centre))
        if self._centre < 0:
            words = self.tr("a loss now: {0}").format(money(self._centre))
        wide = QFontMetrics(p.font()).horizontalAdvance(words) + 4.0
        left = max(0.0, min(x - wide / 2, self.width() - wide))
        p.drawText(QRectF(left, 0, wide, self._head), CENTRE, words)

    def _paint_row(self, p: QPainter, top: float, s: Swing, axis: _Axis) -> None:
        y = top + self._row / 2
        names = axis.left - 12
        p.setPen(theme.color("text"))
        p.setFont(theme.font(Text.BODY))
        elide = Qt.TextElideMode.ElideRight
        name = QFontMetrics(p.font()).elidedText(s.name, elide, int(names))
        p.drawText(QRectF(0, top, names, self._row / 2 + 1), LEFT, name)
        p.setPen(theme.color("text_3"))
        p.setFont(theme.font(Text.CAPTION))
        p.drawText(QRectF(0, y, names, self._row / 2 - 2), LEFT, s.now)
        ends = sorted(((axis.x(s.low), s.low_label), (axis.x(s.high), s.high_label)))
        (a, a_label), (b, b_label) = ends
        bar = QRectF(a, y - 6, max(b - a, 3), 12)
        paint.fill_round(p, bar, Radius.BAR - 1, theme.color("text_3"))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(a - 126, top, 120, self._row), RIGHT, a_label)
        p.drawText(QRectF(b + 6, top, 120, self._row), LEFT, b_label)
        self._paint_flip(p, top, s, axis)

    def _paint_flip(self, p: QPainter, top: float, s: Swing, axis: _Axis) -> None:
        """A diamond where the verdict changes; outside the range it is only said in words."""
        inside = s.flip is not None
        if s.flip is not None:
            x, y = axis.x(s.flip), top + self._row / 2
            p.setPen(QPen(theme.color("surface"), 2))
            p.setBrush(theme.color("danger"))
            corners = ((0, -9), (6, 0), (0, 9), (-6, 0))
            p.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
        p.setFont(theme.font(Text.CAPTION_STRONG if inside else Text.CAPTION))
        p.setPen(theme.color("danger" if inside else "text_3"))
        where = QRectF(axis.right, top, self.width() - axis.right, self._row)
        p.drawText(where, RIGHT, s.flip_label)
