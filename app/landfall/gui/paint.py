"""Rectangles and text alignments that own-painted widgets share."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def fill_round(p: QPainter, box: QRectF, radius: float, fill: QColor) -> None:
    """A filled round rectangle without an edge."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(fill)
    p.drawRoundedRect(box, radius, radius)


def edge_round(p: QPainter, box: QRectF, radius: float, edge: QColor, *, width: float = 1) -> None:
    """The edge of a round rectangle, nothing inside."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QPen(edge, width))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(box, radius, radius)


def surface(p: QPainter, box: QRectF, radius: float, *, fill: QColor, edge: QColor) -> None:
    """A filled round rectangle with a hairline as its edge, inside `box`."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QPen(edge, 1))
    p.setBrush(fill)
    p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
