"""The report of a bug: what happened, as text to copy. Sent nowhere by itself.

Whoever catches a bug (`on_uncaught` in `gui.messages`) asks for this text.
"""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from landfall import __version__
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, label, row
from landfall.gui.widgets.mono_text import MonoText


class BugReport(Dialog):
    """Opened once for each traceback; the window goes on behind it."""

    def __init__(self, trace: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.resize(680, 420)
        self._text = MonoText(self.tr("Report"), report_text(trace))
        copy = button(self.tr("Copy report"), icon="copy")
        close = button(self.tr("Close"), "primary")
        copy.clicked.connect(self.on_copy)
        close.clicked.connect(self.accept)
        what = self.tr("That is a mistake in Landfall, not yours. What was saved stays saved.")
        then = self.tr("The report below stays on this machine until you send it to somebody.")
        margin = Space.L
        self.setLayout(
            column(
                label(self.windowTitle(), Text.HEADING),
                label(what, wrap=True),
                label(then, tone="text_2", wrap=True),
                self._text,
                row(None, copy, close),
                margins=(margin, margin, margin, margin),
            )
        )

    @Slot()
    def on_copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self._text.toPlainText())


def report_text(trace: str) -> str:
    """The traceback with what it ran on; no names, no keys, no prompts."""
    versions = (
        f"Landfall {__version__}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, {platform.system()} {platform.release()}"
    )
    return f"{versions}\n\n{trace}"
