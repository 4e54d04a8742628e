"""What a window says for some frames and takes back: that there is nothing, before it looked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget


class Watch(QObject):
    """Looks at each frame that the window paints.

    Attributes:
        seen: What was empty in one of them.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._window = window
        self.seen: set[str] = set()
        self._before = empty(window)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.UpdateRequest:
            self.seen |= empty(self._window)
        return False

    def taken_back(self) -> list[str]:
        """What was said to be empty and is not so now; the watch begins anew."""
        now = empty(self._window)
        # What was there before is painted once more while another page is made.
        gone = sorted(self.seen - self._before - now)
        self.seen, self._before = set(), now
        return gone


def empty(window: QWidget) -> set[str]:
    """Which places say now that there is nothing, by the words or the names they have."""
    shown = [one for one in window.findChildren(QWidget) if one.isVisible() and one.height() > 1]
    said = {one.accessibleName() for one in shown if type(one).__name__ == "EmptyState"}
    tables = (one for one in shown if isinstance(one, QAbstractItemView))
    bare = (one for one in tables if one.model() is not None and one.model().rowCount() == 0)
    named = {f"{one.objectName()} {one.accessibleName()}" for one in bare}
    return {text for text in said | named if text.strip()}
