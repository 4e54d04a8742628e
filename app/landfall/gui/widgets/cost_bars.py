"""Cost a month of every option: bar to the middle, whisker over the range, amount and mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.colours import Role
from landfall.gui.format import Origin, approximately, money
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.numbers import paint_origin
from landfall.gui.widgets.scales import money_tick, tick_step, ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOption:
    """What an option costs a month, or why it is out.

    Attributes:
        name: Of the option. role: the colour of its place.
        low, mid, high: USD a month; ignored where `blocked` says why there is none.
        note: A second line below the amount: the date of the price, the band in words.
        aside: A second line below the name: why it was not chosen, or "".
        rule: The id of the rule that takes it out, or "": a tag behind the words.
        overflow: For a split: the place that takes the rest. kept: share that stays.
    """

    name: str
    role: Role
    low: float = 0.0
    mid: float = 0.0
    high: float = 0.0
    origin: Origin = Origin.ESTIMATED
    note: str = ""
    aside: str = ""
    blocked: str = ""
    rule: str = ""
    chosen: bool = False
    overflow: Role | None = None
    kept: float = 1.0

    @property
    def amount(self) -> str:
        """The middle, marked where it is an estimate."""
        written = money(self.mid)
        return approximately(written) if self.origin is Origin.ESTIMATED else written


CUT_AT = 2.5
"""A cost that is so many times the next lower one would leave no room for the others."""
_ROOM = 1.35
"""How far the axis goes on beyond the highest bar that is not cut."""


def cut_above(highs: Sequence[float]) -> float | None:
    """The highest cost that is drawn to scale, where the one above it would squeeze the rest.

    One bar alone is ever cut: two cut ones would look alike. And only with two bars or more below:
    between two options the length of both is the message.
    """
    ordered = sorted(highs)
    if len(ordered) < 3 or ordered[-2] <= 0 or ordered[-1] < CUT_AT * ordered[-2]:
        return None
    return ordered[-2]


class CostBars(QWidget):
    """One line an option; excluded ones keep their line below the axis and say why.

    A bar that is many times as long as the others is cut, and says so.
    """

    def __init__(self, options: Sequence[CostOption] = ()) -> None:
        super().__init__()
        theme.theme().changed.connect(self._resize)
        self.set_options(options)

    def set_options(self, options: Sequence[CostOption]) -> None:
        """Show these, the chosen one first."""
        self._options = tuple(sorted(options, key=lambda o: (bool(o.blocked), not o.chosen)))
        self._drawn = sum(not option.blocked for option in options)
        self._cut = cut_above([option.high for option in options if not option.blocked])
        lines = ". ".join(_said(option) for option in self._options)
        self.setAccessibleName(self.tr("Cost a month. {0}").format(lines))
        self._resize()

    @Slot()
    def _resize(self) -> None:
        body = QFontMetrics(theme.font(Text.STRONG))
        caption = QFontMetrics(theme.font(Text.CAPTION))
        self._row = max(32, body.height() + caption.height() + 4)
        widths = (max(body.horizontalAdvance(o.name), caption.horizontalAdvance(o.aside))
                  for o in self._options)  # fmt: skip
        self._names = 34 + max(widths, default=0)
        notes = (max(body.horizontalAdvance(o.amount), caption.horizontalAdvance(o.note))
                 for o in self._options if not o.blocked)  # fmt: skip
        self._amounts = 40 + max(notes, default=60)
        self._caption = caption.height()
        self._axis = 8 + self._caption * (2 if self._cut else 1) if self._drawn else 0
        self._lay_out()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        """A line is as high as its words at this width: a reason is read to its end."""
        self._heights = [self._height_of(option) for option in self._options]
        self.setFixedHeight(sum(self._heights) + self._axis + 6)

    def _left(self) -> float:
        return float(min(self._names, self.width() * 0.4))

    def _height_of(self, option: CostOption) -> int:
        if not option.blocked:
            return max(self._row, self._name_height() + self._aside_height(option) + 4)
        room = self._reason_box(QRectF(0, 0, self.width(), self._row), option).width()
        return max(self._row, _wrapped_height(option.blocked, room) + 8)

    def _name_height(self) -> int:
        return QFontMetrics(theme.font(Text.STRONG)).height()

    def _aside_height(self, option: CostOption) -> int:
        return _wrapped_height(option.aside, self._left() - 30) if option.aside else 0

    def _reason_box(self, rect: QRectF, option: CostOption) -> QRectF:
        """Where the reason of an option that is out stands, before the tag of its rule."""
        mono = QFontMetrics(theme.font(Text.MONO))
        tag = mono.horizontalAdvance(option.rule) + 8 if option.rule else 0
        return rect.adjusted(self._left() + 20, 0, -4 - tag, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self._left()
        right = self.width() - float(self._amounts)
        highs = [o.high for o in self._options if not o.blocked]
        top = (self._cut * _ROOM if self._cut else max(highs, default=0.0) * 1.04) or 1.0
        scale = max(right - left, 10.0) / top
        self._grid(p, left, right, top, scale)
        top_of = 0
        for i, option in enumerate(self._options):
            below = 0 if i < self._drawn else self._axis
            rect = QRectF(0, top_of + below, self.width(), self._heights[i])
            top_of += self._heights[i]
            self._line(p, rect, option, left=left, right=right, scale=scale)

    def _grid(self, p: QPainter, left: float, right: float, top: float, scale: float) -> None:
        if not self._drawn:
            return
        bottom = sum(self._heights[: self._drawn])
        count = max(2, int((right - left) / 90))
        step = tick_step(top, count)
        p.setFont(theme.font(Text.CAPTION))
        for value in ticks(0.0, top, count):
            x = round(left + value * scale) + 0.5
            p.setPen(QPen(theme.color("border_strong" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(x, 0), QPointF(x, bottom + 3))
            p.setPen(theme.color("text_3"))
            words = money_tick(value, step)
            p.drawText(QRectF(x - 60, bottom + 4, 120, self._caption), CENTRE, words)
        if self._cut:
            longest = max(o.mid for o in self._options if not o.blocked)
            words = self.tr("The longest bar is cut: it goes on to {0}.").format(money(longest))
            line = QRectF(left, bottom + 4 + self._caption, self.width() - left, self._caption)
            p.setPen(theme.color("text_2"))
            _elided(p, line, words)

    def _line(
        self, p: QPainter, rect: QRectF, o: CostOption, *, left: float, right: float, scale: float
    ) -> None:
        y = rect.center().y()
        if o.chosen:
            icons.paint(p, "check", QRectF(0, y - 8, 16, 16), theme.color("accent"), stroke=2)
        p.setFont(theme.font(Text.STRONG if o.chosen else Text.BODY))
        p.setPen(theme.color("text_3" if o.blocked else "text"))
        self._name(p, QRectF(22, rect.top(), left - 30, rect.height()), o)
        if o.blocked:
            self._blocked(p, rect, o, left)
            return
        is_cut = self._cut is not None and o.high > self._cut
        length = right - left - 1 if is_cut else o.mid * scale
        bar = QRectF(left + 1, y - 7, max(length, 2), 14)
        paint.fill_round(p, bar, Radius.BAR - 1, theme.color(o.role))
        if o.overflow is not None:
            p.setBrush(theme.color(o.overflow))
            p.drawRect(bar.adjusted(bar.width() * o.kept, 0, 0, 0))
        if is_cut:
            self._gap(p, bar)
        elif o.high > o.low:
            self._whisker(p, left + o.low * scale, left + o.high * scale, y)
        self._amount(p, rect, o, right)

    def _name(self, p: QPainter, rect: QRectF, o: CostOption) -> None:
        if not o.aside:
            _elided(p, rect, o.name)
            return
        upper, lower = self._name_height(), self._aside_height(o)
        top = rect.center().y() - (upper + lower) / 2
        _elided(p, QRectF(rect.left(), top, rect.width(), upper), o.name)
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_3"))
        below = QRectF(rect.left(), top + upper, rect.width(), lower)
        p.drawText(below, LEFT | Qt.TextFlag.TextWordWrap, o.aside)

    def _amount(self, p: QPainter, rect: QRectF, o: CostOption, right: float) -> None:
        edge, y = self.width() - 22.0, rect.center().y()
        half = self._row / 2
        upper = QRectF(right, y - half + 2, edge - right, half)
        whole = QRectF(right, rect.top(), edge - right, rect.height())
        p.setFont(theme.font(Text.STRONG if o.chosen else Text.BODY))
        p.setPen(theme.color("text"))
        p.drawText(upper if o.note else whole, RIGHT, o.amount)
        if o.note:
            p.setFont(theme.font(Text.CAPTION))
            p.setPen(theme.color("text_3"))
            p.drawText(QRectF(right, y - 1, edge - right, half), RIGHT, o.note)
        centre = QPointF(self.width() - 8.0, upper.center().y() if o.note else y)
        paint_origin(p, centre, o.origin)

    def _blocked(self, p: QPainter, rect: QRectF, o: CostOption, left: float) -> None:
        mark = QRectF(left, rect.center().y() - 7, 14, 14)
        icons.paint(p, "blocked", mark, theme.color("text_3"))
        p.setFont(theme.font(Text.MONO))
        p.setPen(theme.color("text_3"))
        p.drawText(rect.adjusted(0, 0, -4, 0), RIGHT, o.rule)
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_2"))
        p.drawText(self._reason_box(rect, o), LEFT | Qt.TextFlag.TextWordWrap, o.blocked)

    def _gap(self, p: QPainter, bar: QRectF) -> None:
        """Two slanted strokes through a bar near its end: it goes on."""
        p.setPen(QPen(theme.color("surface"), 3))
        for x in (bar.right() - 26, bar.right() - 20):
            p.drawLine(QPointF(x - 4, bar.bottom() + 2), QPointF(x + 4, bar.top() - 2))

    def _whisker(self, p: QPainter, x1: float, x2: float, y: float) -> None:
        """Halo in surface colour first, so that it reads on the bar and beside it."""
        for pen in (QPen(theme.color("surface"), 4), QPen(theme.color("text"), 1.4)):
            p.setPen(pen)
            p.drawLine(QPointF(x1, y), QPointF(x2, y))
            for x in (x1, x2):
                p.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))


def _said(o: CostOption) -> str:
    aside = f" ({o.aside})" if o.aside else ""
    rule = f", {o.rule}" if o.rule else ""
    return f"{o.name}{aside}: {o.blocked or o.amount}{rule}"


def _wrapped_height(text: str, room: float) -> int:
    """Pixels of a caption whose lines break at so many pixels."""
    metrics = QFontMetrics(theme.font(Text.CAPTION))
    wraps = int(LEFT | Qt.TextFlag.TextWordWrap)
    return metrics.boundingRect(QRect(0, 0, max(int(room), 40), 0), wraps, text).height()


def _elided(p: QPainter, rect: QRectF, text: str) -> None:
    elide = Qt.TextElideMode.ElideRight
    p.drawText(rect, LEFT, QFontMetrics(p.font()).elidedText(text, elide, int(rect.width())))
