"""Any chart as a picture: PNG at twice the size, or SVG; and the button for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QRect, QSize, Slot
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.core.errors import Unavailable
from landfall.gui import theme
from landfall.gui.widgets.layout import Button, icon_button

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
    with painter:
        painter.fillRect(widget.rect(), theme.color("surface"))
        widget.render(painter, QPoint())
    return path.is_file()


def picture_button(widget: QWidget, name: str) -> Button:
    """A small button that saves the widget as a picture; `name` is offered as the file's."""
    words = QCoreApplication.translate("Picture", "Save as a picture\u2026")
    made = icon_button("export", words)
    made.setObjectName(f"picture-{name}")
    saver = _Saver(widget, name, made)
    made.clicked.connect(saver.on_clicked)
    return made


class _Saver(QObject):
    """Asks for a file and writes the picture into it; what fails is said by the window."""

    def __init__(self, widget: QWidget, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._widget, self._name = widget, name

    @Slot()
    def on_clicked(self) -> None:
        title = QCoreApplication.translate("Picture", "Save as a picture")
        dialog = QFileDialog(self._widget.window(), title, "", "PNG (*.png);;SVG (*.svg)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(f"{self._name}.png")
        dialog.fileSelected.connect(self.on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def on_file(self, file: str) -> None:
        save_picture(self._widget, Path(file))
