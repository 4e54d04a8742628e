"""Rectangles, lines and alignments that own-painted widgets share, and that cost nothing to begin.

Touching `PySide6.QtCore.Qt` for the first time creates some ninety enumerations: 15 ms, a tenth of
the whole start. Making a QBrush or QPen from a colour touches it, handing one on does not. What the
first frame shows therefore paints with these functions; everything else may use Qt as it likes.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

LEFT = 0x0081
"""Qt.AlignLeft | Qt.AlignVCenter, as `drawText` takes it."""
RIGHT = 0x0082
"""Qt.AlignRight | Qt.AlignVCenter."""
CENTRE = 0x0084
"""Qt.AlignCenter."""


def pen(colour: QColor, width: float = 1.0) -> QPen:
    """A solid pen."""
    made = QPen()
    made.setColor(colour)
    made.setWidthF(width)
    return made


def brush(colour: QColor) -> QBrush:
    """A solid brush."""
    return pen(colour).brush()


def fill(p: QPainter, box: QRectF, colour: QColor) -> None:
    """A filled rectangle."""
    path = QPainterPath()
    path.addRect(box)
    p.fillPath(path, brush(colour))


def fill_round(p: QPainter, box: QRectF, radius: float, colour: QColor) -> None:
    """A filled round rectangle without an edge."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.fillPath(_round(box, radius), brush(colour))


def edge_round(
    p: QPainter, box: QRectF, radius: float, colour: QColor, *, width: float = 1
) -> None:
    """The edge of a round rectangle, nothing inside."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.strokePath(_round(box, radius), pen(colour, width))


def surface(p: QPainter, box: QRectF, radius: float, *, inside: QColor, edge: QColor) -> None:
    """A filled round rectangle with a hairline as its edge, inside `box`."""
    inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
    fill_round(p, inner, radius, inside)
    edge_round(p, inner, radius, edge)


def _round(box: QRectF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(box, radius, radius)
    return path
