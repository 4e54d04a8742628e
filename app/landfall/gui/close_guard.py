"""Keeps a window open while something in it would be lost."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget


class CloseGuard(QObject):
    """Refuses to close the window while `would_lose` says so.

    Signals:
        refused: The window stayed open: ask the user, then `close()`.
    """

    refused = Signal()

    def __init__(self, would_lose: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._would_lose = would_lose
        self._window: QWidget | None = None

    def watch(self, window: QWidget) -> None:
        """Guard this window from now on."""
        if self._window is None:
            self._window = window
            window.installEventFilter(self)

    def close(self) -> None:
        """Close the window that was kept open."""
        if self._window is not None:
            self._window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Close and self._would_lose():
            event.ignore()
            self.refused.emit()
            return True
        return False
