"""What lays out its parts otherwise where there is less room for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class Rearranged(QWidget):
    """Asks itself `_arrange` before each layout in another size, and when a part came, went or asks
    for another size."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        """Choose beside or below; where that is as before, ask for no other layout."""
        raise NotImplementedError
