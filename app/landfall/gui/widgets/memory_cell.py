"""A table's cell of memory: the need as a figure, and below it the bar that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import Shown, plain
from landfall.gui.units import Unit
from landfall.gui.widgets.memory_bar import Segment, paint_memory
from landfall.gui.widgets.numbers import paint_shown

RIM = 0.8
"""Where the budget ends, as a share of the cell's width: the same place in every row, so that what
is above it is seen down the column."""
_BAR = 9.0
_GAP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCell:
    """What a model needs of a budget.

    Attributes:
        shown: The need. segments: its parts, then what is left.
        total_bytes: The budget. need_bytes: above it the bar goes past its rim.
        over: The role of what is past the rim.
        explained: The segments with where they are from: made only when it is asked for.
    """

    shown: Shown
    segments: tuple[Segment, ...]
    total_bytes: int
    need_bytes: int
    over: Role = "danger"
    explained: Callable[[], Sequence[Segment]] | None = field(default=None, compare=False)


def _tr(text: str) -> str:
    return QCoreApplication.translate("memory", text)


def _size(size_bytes: int) -> str:
    return plain(size_bytes, Unit.MEMORY_BYTES)


def memory_spoken(cell: MemoryCell) -> str:
    """The need, each part, and what there is."""
    parts = [f"{segment.name} {_size(segment.size_bytes)}" for segment in cell.segments]
    usable = _tr("of {0}").format(_size(cell.total_bytes))
    return "; ".join([cell.shown.spoken, *parts, usable, *_above(cell)])


def memory_tip(cell: MemoryCell) -> str:
    """One line a part, with where it is from."""
    lines = [f"{cell.shown.value} {cell.shown.unit}. {cell.shown.note}"]
    for segment in cell.explained() if cell.explained is not None else cell.segments:
        source = f": {segment.source}" if segment.source else ""
        lines.append(f"{segment.name} {_size(segment.size_bytes)}{source}")
    lines.append(_tr("{0} can be used").format(_size(cell.total_bytes)))
    return "\n".join([*lines, *_above(cell)])


def _above(cell: MemoryCell) -> tuple[str, ...]:
    above = cell.need_bytes - cell.total_bytes
    return (_tr("{0} above it").format(_size(above)),) if above > 0 else ()


def paint_memory_cell(p: QPainter, rect: QRectF, cell: MemoryCell) -> None:
    """The figure in the upper half; the bar in the lower, past its rim where it does not fit."""
    upper = QRectF(rect.left(), rect.top() + 3, rect.width(), rect.height() / 2 + 1)
    paint_shown(p, upper, cell.shown)
    if cell.total_bytes <= 0:
        return
    rim = round(rect.width() * RIM)
    scale = rim / cell.total_bytes
    top = round(rect.center().y()) + 5.0
    frame = QRectF(rect.left(), top, rim, _BAR)
    paint_memory(p, frame, cell.segments, scale, gap=_GAP)
    if cell.need_bytes > cell.total_bytes:
        _paint_over(p, QRectF(rect.left(), top, rect.width(), _BAR), cell, scale)


def _paint_over(p: QPainter, bar: QRectF, cell: MemoryCell, scale: float) -> None:
    """Hatched and dashed from the rim to the need; a chevron where the cell ends before it."""
    tint = theme.color(cell.over)
    left = bar.left() + cell.total_bytes * scale + 1.5
    end = bar.left() + cell.need_bytes * scale
    cut = end > bar.right()
    right = bar.right() - 6 if cut else max(end, left + 3)
    ghost = QRectF(left, bar.top() + 0.5, right - left, bar.height() - 1)
    p.setPen(QPen(tint, 1, Qt.PenStyle.DashLine))
    p.setBrush(QBrush(tint, Qt.BrushStyle.BDiagPattern))
    p.drawRect(ghost)
    if cut:
        p.setPen(QPen(tint, 1.3))
        tip = QPointF(bar.right() - 1, bar.center().y())
        p.drawLine(tip - QPointF(3, 3), tip)
        p.drawLine(tip - QPointF(3, -3), tip)
    p.setBrush(Qt.BrushStyle.NoBrush)
