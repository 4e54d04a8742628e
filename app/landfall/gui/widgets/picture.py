"""Any chart as a picture: PNG at twice the size, or SVG."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from landfall.core.errors import Unavailable
from landfall.gui import theme

SCALE = 2


def save_picture(widget: QWidget, path: Path) -> None:
    """Write the widget as it looks now; the suffix decides: .svg, or .png for any other.

    Raises:
        Unavailable: the file cannot be written.
    """
    written = _svg(widget, path) if path.suffix.lower() == ".svg" else _png(widget, path)
    if not written:
        raise Unavailable(
            f"The picture could not be written to {path}.", "Choose a folder that is writable."
        )


def _png(widget: QWidget, path: Path) -> bool:
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(QColor(theme.color("surface")))
    widget.render(picture, QPoint())
    return picture.save(str(path), "PNG")


def _svg(widget: QWidget, path: Path) -> bool:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle(widget.accessibleName())
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(widget.rect(), theme.color("surface"))
    widget.render(painter, QPoint())
    painter.end()
    return path.is_file()
