"""Pages, files and folders that another program shows: the browser, the file manager.

Where the system has none (a bare desktop, a session over X, a container) Qt only logs it. A button
without an effect leaves its user waiting, so the address is shown, to be taken elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.gui.theme import Space, Text
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, label, row


def open_page(address: str, asker: QWidget | None) -> None:
    """Show a page of the web in the browser, or its address over the window of who asks."""
    _open(QUrl(address), address, asker)


def open_path(path: Path, asker: QWidget | None) -> None:
    """Show a file or a folder with the program for it, or where it lies over the window."""
    _open(QUrl.fromLocalFile(str(path)), str(path), asker)


def _open(url: QUrl, written: str, asker: QWidget | None) -> None:
    if not QDesktopServices.openUrl(url):
        parent = asker.window() if asker is not None else None
        NotOpened(written, parent, is_page=not url.isLocalFile()).open()


class NotOpened(Dialog):
    """Where something is that no program of this system shows."""

    def __init__(self, address: str, parent: QWidget | None, *, is_page: bool) -> None:
        super().__init__(parent)
        self.setObjectName("not-opened")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = self.tr("No browser opens here") if is_page else self.tr("Nothing here opens this")
        self.setWindowTitle(title)
        what = self.tr("Open this address in a browser, on another machine if need be.")
        if not is_page:
            what = self.tr("It lies here. Open it with a program of yours.")
        self.address = QLineEdit(address)
        self.address.setReadOnly(True)
        self.address.setAccessibleName(self.tr("Address"))
        self.address.selectAll()
        copy = button(self.tr("Copy"), icon="copy")
        copy.clicked.connect(self.on_copy)
        close = button(self.tr("Close"), "primary")
        close.clicked.connect(self.accept)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        self.setLayout(
            column(
                label(title, Text.HEADING),
                label(what, wrap=True),
                self.address,
                row(None, copy, close),
                spacing=Space.M,
                margins=margins,
            )
        )
        self.set_least_width(460)

    @Slot()
    def on_copy(self) -> None:
        """Put the address on the clipboard."""
        QGuiApplication.clipboard().setText(self.address.text())
