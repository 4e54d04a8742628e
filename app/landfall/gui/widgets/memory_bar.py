"""Memory of a device or host: who uses what, what a model needs, what is free or not usable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.gui import grown, theme
from landfall.gui.colours import Role
from landfall.gui.format import plain
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.layout import column, label, row

_LEAST = 120
"""Pixels of the narrowest bar."""
_SPREAD = 300
"""Pixels between the left edge of a name and the right edge of its number, at most."""

Pattern = Literal["solid", "free", "hatch"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a memory bar. Solid: in use. Free: outline. Hatch: cannot be used.

    `source` says in words where the size is from, or "".
    """

    name: str
    size_bytes: int
    role: Role
    pattern: Pattern = "solid"
    source: str = ""


def paint_swatch(p: QPainter, rect: QRectF, segment: Segment) -> None:
    """The filling of a segment, in the bar and in its legend."""
    tint = theme.color(segment.role)
    if segment.pattern == "solid":
        p.fillRect(rect, tint)
        return
    p.fillRect(rect, theme.color("sunken"))
    if segment.pattern == "hatch":
        p.fillRect(rect, QBrush(tint, Qt.BrushStyle.BDiagPattern))


def paint_memory(
    p: QPainter, frame: QRectF, segments: Sequence[Segment], scale: float, *, gap: float = 1.5
) -> None:
    """Segments from the left, `scale` pixels a byte, cut off where the frame ends."""
    clip = QPainterPath()
    clip.addRoundedRect(frame, Radius.BAR + 1, Radius.BAR + 1)
    p.save()
    p.setClipPath(clip)
    x = frame.left()
    for segment in segments:
        width = segment.size_bytes * scale
        if width > 0:
            box = QRectF(x, frame.top(), max(width - gap, 1), frame.height())
            paint_swatch(p, box, segment)
        x += width
    p.restore()
    p.setPen(QPen(theme.color("border_strong"), 1))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), Radius.BAR + 1, Radius.BAR + 1)


LEGEND_GAP = 3
"""Pixels between two lines of a legend."""


class _Bar(QWidget):
    def __init__(self, height: int) -> None:
        super().__init__()
        self._segments: tuple[Segment, ...] = ()
        self._total = 0
        self._need: int | None = None
        self._over: Role = "danger"
        self._bar = height
        self.setMinimumWidth(_LEAST)
        theme.repaint_on_change(self)

    def set_memory(
        self,
        segments: tuple[Segment, ...],
        total_bytes: int,
        need_bytes: int | None,
        over: Role,
    ) -> None:
        self._segments, self._total, self._need = segments, total_bytes, need_bytes
        self._over = over
        self.setFixedHeight(self._bar + (18 if need_bytes is not None else 0))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = max(self._total, self._need or 0)
        if whole <= 0:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self.width() / whole
        frame = QRectF(0, 0, self._total * scale, self._bar)
        paint_memory(p, frame, self._segments, scale)
        if self._need is not None:
            self._paint_need(p, self._need, scale)

    def _paint_need(self, p: QPainter, need: int, scale: float) -> None:
        """A ruler below: past the end of the bar, in the role of what is over, if anything is."""
        over = need > self._total
        tint = theme.color(self._over if over else "text_2")
        y, end = self._bar + 9.0, max(need * scale - 1, 2.0)
        p.setPen(QPen(tint, 1.3))
        p.drawLine(QPointF(1, y), QPointF(end, y))
        for x in (1.0, end):
            p.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
        if over:
            p.setPen(QPen(tint, 1.3, Qt.PenStyle.DashLine))
            p.setBrush(QBrush(tint, Qt.BrushStyle.BDiagPattern))
            left = self._total * scale + 2
            p.drawRect(QRectF(left, 0.5, end - left, self._bar - 1))


class MemoryBar(QWidget):
    """Bar with a legend that carries the numbers, which are also the accessible text."""

    def __init__(self, *, height: int = 18, columns: int = 3) -> None:
        super().__init__()
        self._columns = columns
        self._items: list[_LegendItem] = []
        self._arranged = (0, 0)
        self._bar = _Bar(height)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(LEGEND_GAP)
        self.setLayout(column(self._bar, self._grid, spacing=Space.S))

    def set_memory(
        self,
        segments: Sequence[Segment],
        *,
        total_bytes: int,
        need_bytes: int | None = None,
        over: Role = "danger",
    ) -> None:
        """Show these segments of the whole.

        Args:
            need_bytes: Of a model: draws its ruler, past the end where it is above the whole.
            over: The role of what is past the end.
        """
        shown = tuple(segments)
        self._bar.set_memory(shown, total_bytes, need_bytes, over)
        self._show_legend(shown, total_bytes)
        parts = [f"{s.name} {plain(s.size_bytes, Unit.MEMORY_BYTES)}" for s in shown]
        parts.append(self.tr("of {0}").format(plain(total_bytes, Unit.MEMORY_BYTES)))
        if need_bytes is not None:
            parts.append(self.tr("needed {0}").format(plain(need_bytes, Unit.MEMORY_BYTES)))
        self.setAccessibleName("; ".join(parts))

    def _show_legend(self, shown: tuple[Segment, ...], total_bytes: int) -> None:
        """Lines are kept and told anew, so that a moving slider makes no widgets."""
        while len(self._items) < len(shown):
            item = _LegendItem(spread=self._columns < 3)
            # At once: shown without a place it would be a window of its own.
            self._grid.addWidget(item, len(self._items), 0)
            self._items.append(item)
        for i, item in enumerate(self._items):
            item.setVisible(i < len(shown))
            if i < len(shown):
                item.show_segment(shown[i], total_bytes)
        self._arrange()

    def _widest(self) -> int:
        """Pixels of the longest line of the legend."""
        shown = (item for item in self._items if not item.isHidden())
        return max((item.minimumSizeHint().width() for item in shown), default=0)

    def _arrange(self) -> None:
        """As many columns as are wanted and have room: larger text leaves room for fewer."""
        room = self.width() + self._grid.horizontalSpacing()
        fit = room // max(1, self._widest() + self._grid.horizontalSpacing())
        columns = max(1, min(self._columns, fit))
        if (columns, len(self._items)) == self._arranged:
            return
        self._arranged = (columns, len(self._items))
        for item in self._items:
            self._grid.removeWidget(item)
        for i, item in enumerate(self._items):
            self._grid.addWidget(item, i // columns, i % columns)
        used = min(columns, len(self._items))
        for i in range(self._columns):
            self._grid.setColumnStretch(i, 1 if i < used else 0)

    def minimumSizeHint(self) -> QSize:
        # It can always go back to one column.
        return QSize(max(_LEAST, self._widest()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)


class _Swatch(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._segment: Segment | None = None
        theme.theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        side = theme.grown(12)
        self.setFixedSize(QSize(side, side))
        self.update()

    def show_segment(self, segment: Segment) -> None:
        self._segment = segment
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._segment is None:
            return
        p = QPainter(self)
        box = QRectF(self.rect())
        paint_swatch(p, box.adjusted(1, 1, -1, -1), self._segment)
        p.setPen(QPen(theme.color("border_strong"), 1))
        p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


class _LegendItem(QWidget):
    def __init__(self, *, spread: bool) -> None:
        super().__init__()
        self._name = label("", Text.CAPTION, tone="text_2")
        self._number = label("", Text.CAPTION)
        self._swatch = _Swatch()
        layout = row(self._swatch, self._name, spacing=6)
        if spread:
            layout.addStretch(1)
        layout.addWidget(self._number)
        line = QWidget()
        line.setLayout(layout)
        whole = row(spacing=0)
        if spread:
            # In a wide card a number would stand too far from its name to be read with it.
            grown.most_width(line, _SPREAD)
            whole.addWidget(line, _SPREAD)
        else:
            whole.addWidget(line)
        whole.addStretch(1)
        self.setLayout(whole)

    def show_segment(self, segment: Segment, total_bytes: int) -> None:
        self._swatch.show_segment(segment)
        self._name.setText(segment.name)
        self._number.setText(plain(segment.size_bytes, Unit.MEMORY_BYTES, like=total_bytes))
        self.setToolTip(segment.source)
