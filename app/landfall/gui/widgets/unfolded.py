"""What was just unfolded is scrolled to."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QTimer, Slot
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid

ABOVE = 64
"""Pixels above something taller than the window: the line from which it was unfolded."""


class ScrollsTo(QTimer):
    """Scrolls one turn later: what was just unfolded has no place before."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self._revealed: QWidget | None = None
        self.setSingleShot(True)
        self.setInterval(0)
        self.timeout.connect(self._scroll)

    @Slot(QWidget)
    def reveal(self, widget: QWidget) -> None:
        """Bring this into sight, unless something else is held by then."""
        self._revealed = widget
        self.start()

    @Slot()
    def _scroll(self) -> None:
        widget, self._revealed = self._revealed, None
        inside = self._area.widget()
        if widget is None or inside is None or not isValid(widget):
            return
        if inside.isAncestorOf(widget):
            self._area.ensureWidgetVisible(widget)
            bar = self._area.verticalScrollBar()
            if widget.height() > bar.pageStep() - ABOVE:
                bar.setValue(widget.mapTo(inside, QPoint()).y() - ABOVE)
