"""Text to be read and copied as it is, line by line."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPlainTextEdit

from landfall.gui import theme
from landfall.gui.theme import Text


class MonoText(QPlainTextEdit):
    """Monospace, read only; follows the size of text."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self._on_theme()
        theme.theme().changed.connect(self._on_theme)

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(theme.font(Text.MONO))
