"""Amounts over days, weeks or months as bars: two places stacked, losses hatched below zero.

Left and Right move a cursor over the bars, and a line of words says what the one below it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QBrush,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import grown, theme
from landfall.gui.colours import Role
from landfall.gui.paint import CENTRE, RIGHT
from landfall.gui.theme import Text
from landfall.gui.widgets.layout import Label
from landfall.gui.widgets.scales import tick_step, ticks

_LEFT, _TOP, _BOTTOM, _RIGHT = 64, 10, 24, 8
_MOST_BAR = 26
_GAP = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """One bar.

    Attributes:
        label: Below it where there is room: "20 Nov".
        own, cloud: Parts of it; None where nothing is known.
        lacks: Whether a part of what it should hold is not known.
        absent: Whether nothing at all was told of that time: not the same as nothing happened.
        spoken: What it holds, in words.
    """

    label: str
    own: float | None
    cloud: float | None
    lacks: bool
    spoken: str
    absent: bool = False


class DayBars(QWidget):
    """Zero based; nothing is cut off.

    Signals:
        pointed: The bar below the cursor, or -1.
    """

    pointed = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._bars: tuple[DayBar, ...] = ()
        self._write: Callable[[float, float], str] = _plain
        self._cursor = -1
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        grown.least_height(self, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme.repaint_on_change(self)

    @property
    def bars(self) -> tuple[DayBar, ...]:
        """What is shown."""
        return self._bars

    @property
    def cursor_at(self) -> int:
        """The bar that is pointed at, or -1."""
        return self._cursor

    def show_bars(
        self, bars: Sequence[DayBar], write: Callable[[float, float], str], *, name: str
    ) -> None:
        """Show these; `write` writes a tick, given the step between two."""
        self._bars, self._write, self._name = tuple(bars), write, name
        self.setAccessibleName(name)
        self._point_at(-1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 190)

    # The cursor

    def _point_at(self, index: int) -> None:
        index = index if 0 <= index < len(self._bars) else -1
        if index == self._cursor:
            return
        self._cursor = index
        said = self._bars[index].spoken if index >= 0 else ""
        self.setAccessibleDescription(said)
        self.pointed.emit(index)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._bars) - 1
        moves = {
            Qt.Key.Key_Left: (self._cursor if self._cursor >= 0 else last + 1) - 1,
            Qt.Key.Key_Right: self._cursor + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and self._bars:
            self._point_at(min(max(moves[key], 0), last))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point_at(-1)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x() - _LEFT
        self._point_at(int(x / self._slot) if x >= 0 and self._bars else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._point_at(-1)

    # Painting

    @property
    def _slot(self) -> float:
        """The width that a bar has to itself."""
        return max(1.0, (self.width() - _LEFT - _RIGHT) / max(1, len(self._bars)))

    def _ends(self) -> tuple[float, float]:
        """The least and the most that any bar reaches; zero is between."""
        sums = [_stack(bar) for bar in self._bars]
        low = min((low for low, _ in sums), default=0.0)
        high = max((high for _, high in sums), default=0.0)
        return (low, high) if high > low else (0.0, 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._ends()
        height = self.height() - _TOP - _BOTTOM
        scale = height / ((high - low) * 1.04)
        zero = _TOP + height + low * scale
        self._paint_scale(p, low, high, zero, scale)
        for i, bar in enumerate(self._bars):
            self._paint_bar(p, i, bar, zero, scale)
        self._paint_labels(p)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_scale(self, p: QPainter, low: float, high: float, zero: float, scale: float) -> None:
        step = tick_step(high - low, 4)
        p.setFont(theme.font(Text.CAPTION))
        for tick in ticks(low, high, 4):
            y = zero - tick * scale
            p.setPen(QPen(theme.color("border_strong" if tick == 0 else "grid"), 1))
            p.drawLine(QPointF(_LEFT, y), QPointF(self.width() - _RIGHT, y))
            p.setPen(theme.color("text_2"))
            p.drawText(QRectF(0, y - 9, _LEFT - 8, 18), RIGHT, self._write(tick, step))

    def _paint_bar(self, p: QPainter, i: int, bar: DayBar, zero: float, scale: float) -> None:
        width = min(_MOST_BAR, max(1.0, self._slot - _GAP))
        left = _LEFT + self._slot * (i + 0.5) - width / 2
        if i == self._cursor:
            column = QRectF(
                _LEFT + self._slot * i, _TOP, self._slot, self.height() - _TOP - _BOTTOM
            )
            p.fillRect(column, theme.color("hover"))
        if bar.absent:
            self._paint_absence(p, QRectF(left, _TOP, width, zero - _TOP))
            return
        up = down = zero
        parts: tuple[tuple[float | None, Role], ...] = ((bar.own, "here"), (bar.cloud, "frontier"))
        for value, role in parts:
            if not value:
                continue
            size = abs(value) * scale
            if value > 0:
                up -= size
                gap = _GAP if up + size < zero and size > 3 else 0.0
                _paint_part(p, QRectF(left, up, width, size - gap), role)
            else:
                _paint_loss(p, QRectF(left, down, width, size))
                down += size
        if bar.lacks:
            _paint_lack(p, QPointF(left + width / 2, up - 5))

    def _paint_absence(self, p: QPainter, box: QRectF) -> None:
        """No log: a hatch as high as the chart, so that it is not taken for a low bar."""
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QBrush(theme.color("border_strong"), Qt.BrushStyle.BDiagPattern))
        p.drawRect(box)

    def _paint_labels(self, p: QPainter) -> None:
        """Every so manieth bar has its label, so that none meets the next."""
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_2"))
        metrics = QFontMetrics(p.font())
        widest = max((metrics.horizontalAdvance(bar.label) for bar in self._bars), default=0)
        every = max(1, -(-int(widest + 16) // max(1, int(self._slot))))
        for i in range(0, len(self._bars), every):
            middle = _LEFT + self._slot * (i + 0.5)
            left = min(max(middle - widest / 2, 0), self.width() - widest)
            box = QRectF(left, self.height() - _BOTTOM + 4, widest + 2, _BOTTOM - 6)
            p.drawText(box, CENTRE, self._bars[i].label)


def _plain(value: float, _step: float) -> str:
    return f"{value:g}"


def _stack(bar: DayBar) -> tuple[float, float]:
    """How far a bar reaches below and above zero."""
    parts = [bar.own or 0.0, bar.cloud or 0.0]
    return sum(min(0.0, part) for part in parts), sum(max(0.0, part) for part in parts)


def _paint_part(p: QPainter, box: QRectF, role: Role) -> None:
    """Filled for machines of the user; an edge with a tint for the cloud, so that both differ in
    more than their colour."""
    if role == "here":
        p.fillRect(box, theme.color(role))
        return
    p.setPen(QPen(theme.color(role), 1.5))
    p.setBrush(theme.color(role, 70))
    p.drawRect(box.adjusted(0.75, 0.75, -0.75, -0.75))


def _paint_loss(p: QPainter, box: QRectF) -> None:
    """Below zero: an edge and a hatch, so that it is told without its colour."""
    p.setPen(QPen(theme.color("danger"), 1))
    p.setBrush(QBrush(theme.color("danger"), Qt.BrushStyle.BDiagPattern))
    p.drawRect(box)


def _paint_lack(p: QPainter, at: QPointF) -> None:
    """A dotted ring above the bar: a part of it is not known."""
    p.setPen(QPen(theme.color("text_3"), 1.3, Qt.PenStyle.DotLine))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawEllipse(at, 3, 3)


class BarWords(Label):
    """Below bars: what the one that is pointed at holds; without one, what the looks mean."""

    def __init__(self, bars: DayBars, legend: str) -> None:
        super().__init__(" ", Text.CAPTION, "text_2")
        self.wrap()
        self._bars, self._legend = bars, legend
        bars.pointed.connect(self.on_pointed)

    @Slot(int)
    def on_pointed(self, index: int) -> None:
        """Another bar is pointed at, or none: -1."""
        bars = self._bars.bars
        self.setText(bars[index].spoken if 0 <= index < len(bars) else self._legend)
