"""What a window shows for some frames and takes back, and what it never ends to lay out.

That there is nothing, before it looked; and texts in less room than they need.
"""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QWidget


class Watch(QObject):
    """Looks at each frame that the window paints.

    Attributes:
        seen: What was empty in one of them.
        squeezed: Texts that were painted in less height than they take.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._window = window
        self.seen: set[str] = set()
        self.squeezed: set[str] = set()
        self._before = empty(window)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.UpdateRequest:
            self.seen |= empty(self._window)
        if event.type() is QEvent.Type.Paint and isinstance(watched, QLabel | QAbstractButton):
            needed = needed_height(watched)
            if watched.text() and watched.height() < needed:
                self.squeezed.add(f"{watched.text()}: {watched.height()} of {needed}")
        return False

    def taken_back(self) -> list[str]:
        """What was said to be empty and is not so now; the watch begins anew."""
        now = empty(self._window)
        # What was there before is painted once more while another page is made.
        gone = sorted(self.seen - self._before - now)
        self.seen, self._before = set(), now
        return gone


class Layouts(QObject):
    """Counts how often each widget is asked for another layout."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: Counter[tuple[int, str]] = Counter()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            parent = watched.parent()
            within = f"{type(parent).__name__} {parent.objectName()}" if parent else ""
            name = f"{type(watched).__name__} {watched.objectName()} in {within}"
            self._asked[id(watched), name] += 1
        return False

    def since(self) -> dict[str, int]:
        """What was asked since the last time; of those with one name, the one asked most."""
        asked, self._asked = self._asked, Counter()
        return {name: times for (_, name), times in sorted(asked.items(), key=lambda one: one[1])}


def needed_height(words: QLabel | QAbstractButton) -> int:
    """Pixels for all of its lines at the width it has; as many as it may have, at most."""
    least = words.minimumSizeHint().height()
    if words.hasHeightForWidth():
        least = words.heightForWidth(words.width())
    return min(least, words.maximumHeight())


def empty(window: QWidget) -> set[str]:
    """Which places say now that there is nothing, by the words or the names they have."""
    shown = [one for one in window.findChildren(QWidget) if one.isVisible() and one.height() > 1]
    said = {one.accessibleName() for one in shown if type(one).__name__ == "EmptyState"}
    tables = (one for one in shown if isinstance(one, QAbstractItemView))
    bare = (one for one in tables if one.model() is not None and one.model().rowCount() == 0)
    named = {f"{one.objectName()} {one.accessibleName()}" for one in bare}
    return {text for text in said | named if text.strip()}
