"""Lays widgets out in a line and goes on in the next one where there is no room."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidgetItem

from landfall.gui.theme import Space


class FlowLayout(QLayout):
    """Each widget has the size that it asks for, and stands in the middle of its line, which is as
    high as its highest."""

    def __init__(self, *, middle: bool = False, centre: bool = False) -> None:
        """Make it.

        Args:
            middle: The lines stand in the middle of a place that is higher.
            centre: Each line stands in the middle of a place that is wider.
        """
        super().__init__()
        self._middle, self._centre = middle, centre
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(Space.XS + 2)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(_own(item))

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        taken = self._items.pop(index) if 0 <= index < len(self._items) else None
        self.invalidate()
        return taken

    def expandingDirections(self) -> QtCore.Qt.Orientation:
        # None; of the first frame, which does not touch the Qt namespace.
        return QSizePolicy().expandingDirections()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Put everything where it belongs; the height that it takes."""
        y, lines = rect.y(), self._lines(max(rect.width(), 1))
        if move and self._middle:
            y += max(0, rect.height() - self.heightForWidth(rect.width())) // 2
        for line in lines:
            high, x = max(size.height() for _, size in line), rect.x()
            if self._centre:
                gaps = self.spacing() * (len(line) - 1)
                x += max(0, rect.width() - gaps - sum(size.width() for _, size in line)) // 2
            for item, size in line:
                if move:
                    top = y + (high - size.height()) // 2
                    item.setGeometry(QRect(QPoint(x, top), size))
                x += size.width() + self.spacing()
            y += high + self.spacing()
        return max(0, y - self.spacing() - rect.y())

    def _lines(self, room: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """What stands in each line, and how large."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            wide = min(size.width(), room)
            if not lines or used + self.spacing() + wide > room:
                lines.append([])
                used = -self.spacing()
            wraps = wide < size.width() and item.hasHeightForWidth()
            high = item.heightForWidth(wide) if wraps else size.height()
            lines[-1].append((item, QSize(wide, high)))
            used += self.spacing() + wide
        return lines


def _own(item: QLayoutItem) -> QLayoutItem:
    """An item made here in the place of one made by Qt.

    Python's object for an item of Qt's is ended with any layout that an order of Tab was read
    from: it counts as a child of that one, and is handed out again for a later item at the same
    address. Of an item made here neither is true. Qt's own stays behind, some forty bytes: its
    object in Python may be such an old one, and to delete it through that is not safe.
    """
    widget = item.widget()
    return item if widget is None else QWidgetItem(widget)
