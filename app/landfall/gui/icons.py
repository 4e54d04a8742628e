"""Line icons drawn here: one string an icon on a 20 x 20 grid, stroke 1.5, round caps.

M x y: move. L x y: line. Q cx cy x y: curve. Z: close. R x y w h r: round rectangle.
O cx cy r: circle. A cx cy r start sweep: arc (degrees, anticlockwise). D cx cy r: filled dot.
"""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from landfall.gui import theme
from landfall.gui.paint import brush, pen

SHAPES: dict[str, str] = {
    "home": (
        "M 3 9.5 L 10 3.5 L 17 9.5 M 5 8 L 5 16.5 L 15 16.5 L 15 8 M 8.5 16.5 L 8.5 12 L 11.5 "
        "12 L 11.5 16.5"
    ),
    "machine": "R 2.5 3.5 15 10 1.5 M 7 16.5 L 13 16.5 M 10 13.5 L 10 16.5",
    "models": (
        "M 10 2.8 L 17 6.3 L 10 9.8 L 3 6.3 Z M 3 10 L 10 13.5 L 17 10 M 3 13.6 L 10 17.1 L 17 13.6"
    ),
    "run": "R 2.5 3.5 15 13 1.5 M 6 8 L 8.7 10.2 L 6 12.4 M 10.5 12.6 L 14 12.6",
    "cloud": (
        "M 6 15.5 Q 2.5 15.5 2.5 12.3 Q 2.5 9.4 5.4 9.1 Q 6 5 9.9 5 Q 13.6 5 14.2 8.6 Q 17.5 "
        "8.8 17.5 12 Q 17.5 15.5 14 15.5 Z"
    ),
    "workloads": (
        "M 10 3.5 L 10 16.5 M 6.5 16.5 L 13.5 16.5 M 4 6 L 16 6 M 4 6 L 2 11 M 4 6 L 6 11 M "
        "16 6 L 14 11 M 16 6 L 18 11 A 4 11 2 180 180 A 16 11 2 180 180"
    ),
    "history": (
        "M 3 3.5 L 3 16.5 L 17 16.5 M 6.5 13.5 L 6.5 10 M 10 13.5 L 10 6 M 13.5 13.5 L 13.5 8.5"
    ),
    "settings": "M 3 6 L 9 6 M 13 6 L 17 6 O 11 6 2 M 3 14 L 6 14 M 10 14 L 17 14 O 8 14 2",
    "check": "M 4.5 10.5 L 8.5 14.5 L 15.5 6",
    "cross": "M 5.5 5.5 L 14.5 14.5 M 14.5 5.5 L 5.5 14.5",
    "warn": "M 10 3 L 17.5 16.3 L 2.5 16.3 Z M 10 8 L 10 11.7 D 10 13.9 0.9",
    "info": "O 10 10 7.2 M 10 9.3 L 10 13.6 D 10 6.6 0.9",
    "blocked": "O 10 10 7.2 M 5 5 L 15 15",
    "ok": "O 10 10 7.2 M 6.8 10.3 L 9 12.5 L 13.2 7.8",
    "fail": "O 10 10 7.2 M 7.5 7.5 L 12.5 12.5 M 12.5 7.5 L 7.5 12.5",
    "todo": "O 10 10 7.2",
    "skip": "O 10 10 7.2 M 7 10 L 13 10",
    "pause": "M 7 5 L 7 15 M 13 5 L 13 15",
    "play": "M 6.5 4.5 L 15.5 10 L 6.5 15.5 Z",
    "stop": "R 4.5 4.5 11 11 1.5",
    "retry": "A 10 10 6 60 -300 M 13.4 2.8 L 13.2 6 L 10 5.8",
    "search": "O 9 9 5 M 12.8 12.8 L 16.5 16.5",
    "plus": "M 10 4.5 L 10 15.5 M 4.5 10 L 15.5 10",
    "more": "D 4.5 10 1.2 D 10 10 1.2 D 15.5 10 1.2",
    "download": "M 10 3.5 L 10 12.5 M 6 9 L 10 12.8 L 14 9 M 4 16.5 L 16 16.5",
    "key": "O 6.7 13.3 3.2 M 9 11 L 16.2 3.8 M 13.3 6.7 L 15.6 9",
    "lock": "R 4.5 9 11 7.5 1.5 M 7 9 L 7 6.8 Q 7 3.8 10 3.8 Q 13 3.8 13 6.8 L 13 9",
    "split": (
        "M 3 10 L 7.5 10 M 7.5 10 Q 10 10 11 7.5 Q 12 5 14 5 L 17 5 M 7.5 10 Q 10 10 11 12.5 "
        "Q 12 15 14 15 L 17 15 M 15 3 L 17 5 L 15 7 M 15 13 L 17 15 L 15 17"
    ),
    "hosted": (
        "M 6 15.5 Q 2.5 15.5 2.5 12.3 Q 2.5 9.4 5.4 9.1 Q 6 5 9.9 5 Q 13.6 5 14.2 8.6 Q 17.5 "
        "8.8 17.5 12 Q 17.5 15.5 14 15.5 Z O 10 11.3 1.9"
    ),
    "rent": "O 10 10 7.2 M 10 5.8 L 10 10 L 13 11.8",
    "buy": "M 3.5 3.5 L 10 3.5 L 17 10.5 L 10.5 17 L 3.5 10 Z D 7 7 1.2",
    "copy": "R 7 7 9.5 9.5 1.5 M 4 12.5 L 3.5 12.5 L 3.5 3.5 L 12.5 3.5 L 12.5 4",
    "export": (
        "M 10 12 L 10 3.5 M 6.5 6.5 L 10 3.2 L 13.5 6.5 M 4 10.5 L 4 16.5 L 16 16.5 L 16 10.5"
    ),
    "left": "M 12 5.5 L 7.5 10 L 12 14.5",
    "right": "M 8 5.5 L 12.5 10 L 8 14.5",
    "down": "M 5.5 8 L 10 12.5 L 14.5 8",
    "bolt": "M 11 3 L 5.5 11 L 9.5 11 L 8.8 17 L 14.5 8.8 L 10.5 8.8 Z",
    "server": "R 3 3.5 14 5.5 1.3 R 3 11 14 5.5 1.3 D 6.2 6.2 0.9 D 6.2 13.7 0.9",
    "trash": (
        "M 3.5 5.5 L 16.5 5.5 M 8 5.5 L 8 3.5 L 12 3.5 L 12 5.5 M 5 5.5 L 6 16.5 L 14 16.5 L 15 5.5"
    ),
    "undo": "M 4 4.5 L 4 8.5 L 8 8.5 M 4.2 8.3 Q 7 4.5 11 4.8 Q 16 5.4 16 10.5 Q 16 15.8 10.5 16",
    "send": "M 10 16 L 10 4.5 M 5 9 L 10 4 L 15 9",
    "document": "M 5 2.8 L 12 2.8 L 15.5 6.5 L 15.5 17.2 L 5 17.2 Z M 12 2.8 L 12 6.5 L 15.5 6.5",
    "chip": (
        "R 5.5 5.5 9 9 1.3 M 8 2.8 L 8 5.5 M 12 2.8 L 12 5.5 M 8 14.5 L 8 17.2 M 12 14.5 L 12 "
        "17.2 M 2.8 8 L 5.5 8 M 2.8 12 L 5.5 12 M 14.5 8 L 17.2 8 M 14.5 12 L 17.2 12"
    ),
    "people": (
        "O 7.5 7 2.8 M 2.5 16 Q 2.8 11.8 7.5 11.8 Q 12.2 11.8 12.5 16 M 12.5 4.6 Q 15 5 15 "
        "7.2 Q 15 9.2 13 9.7 M 14.5 12.2 Q 17.2 12.8 17.5 16"
    ),
    "flip": "M 10 3.5 L 15 10 L 10 16.5 L 5 10 Z",
    "landfall": (
        "M 2.5 14 Q 5 11.8 7.5 14 Q 10 16.2 12.5 14 Q 15 11.8 17.5 14 M 5 9.5 L 10 3.5 L 15 9.5"
    ),
}


_PARAMETERS = {"M": 2, "L": 2, "Q": 4, "Z": 0, "R": 5, "O": 3, "A": 5, "D": 3}


def path(name: str) -> tuple[QPainterPath, QPainterPath]:
    """The stroked and the filled part of an icon."""
    stroked, filled = QPainterPath(), QPainterPath()
    tokens = SHAPES[name].split()
    i = 0
    while i < len(tokens):
        kind, count = tokens[i], _PARAMETERS[tokens[i]]
        numbers = [float(token) for token in tokens[i + 1 : i + 1 + count]]
        i += 1 + count
        if kind == "D":
            filled.addEllipse(QPointF(numbers[0], numbers[1]), numbers[2], numbers[2])
        else:
            _add(stroked, kind, numbers)
    return stroked, filled


def _add(stroked: QPainterPath, kind: str, n: list[float]) -> None:
    match kind:
        case "M":
            stroked.moveTo(n[0], n[1])
        case "L":
            stroked.lineTo(n[0], n[1])
        case "Q":
            stroked.quadTo(n[0], n[1], n[2], n[3])
        case "Z":
            stroked.closeSubpath()
        case "R":
            stroked.addRoundedRect(QRectF(n[0], n[1], n[2], n[3]), n[4], n[4])
        case "O":
            stroked.addEllipse(QPointF(n[0], n[1]), n[2], n[2])
        case "A":
            box = QRectF(n[0] - n[2], n[1] - n[2], 2 * n[2], 2 * n[2])
            stroked.arcMoveTo(box, n[3])
            stroked.arcTo(box, n[3], n[4])
        case _:
            raise ValueError(f"no such drawing step: {kind}")


_paths: dict[str, tuple[QPainterPath, QPainterPath]] = {}


def paint(painter: QPainter, name: str, rect: QRectF, tint: QColor, *, stroke: float = 1.5) -> None:
    """Paint an icon into a square rectangle; stroke is in units of the 20 x 20 grid."""
    if name not in _paths:
        _paths[name] = path(name)
    stroked, filled = _paths[name]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 20, rect.height() / 20)
    painter.strokePath(stroked, _pen(tint, stroke))
    painter.fillPath(filled, brush(tint))
    painter.restore()


def _pen(tint: QColor, stroke: float) -> QPen:
    made = pen(tint, stroke)
    if theme.theme().is_complete:  # the one frame before that has square ends
        made.setCapStyle(QtCore.Qt.PenCapStyle.RoundCap)
        made.setJoinStyle(QtCore.Qt.PenJoinStyle.RoundJoin)
    return made
