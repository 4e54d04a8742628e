"""The list with the bill beside the detail; one below the other where text is large."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import UNLIMITED, column, holder

SIDE = 240
DETAIL = 440
"""Pixels that a verdict needs beside the list, for text of 10 points."""


class ListAndDetail(QWidget):
    """Both columns; stacked, the order is list, detail, bill."""

    def __init__(self, listing: QWidget, bill: QWidget, detail: QLayout) -> None:
        super().__init__()
        self._bill = bill
        self._under = column(listing, bill, None, spacing=Space.L)
        self.side = holder(self._under)
        self._detail = holder(detail)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(Space.L)
        self._box.addWidget(self.side)
        self._box.addWidget(self._detail, 1)
        self._stacked = False
        theme.theme().changed.connect(self.arrange)
        self.arrange()

    @property
    def is_stacked(self) -> bool:
        """Whether the detail stands below the list."""
        return self._stacked

    @property
    def top_of_detail(self) -> int:
        """Where the detail begins, from the top of this widget."""
        return self._detail.y()

    def minimumSizeHint(self) -> QSize:
        return QSize(DETAIL, super().minimumSizeHint().height())

    @Slot()
    def arrange(self) -> None:
        """Side by side where there is room for both."""
        # Half as wide again at most: the verdict needs the room more than the list.
        side = round(min(theme.roomy(SIDE), 1.5 * SIDE))
        stacked = self.width() < side + Space.L + theme.roomy(DETAIL)
        self.side.setMinimumWidth(0 if stacked else side)
        self.side.setMaximumWidth(UNLIMITED if stacked else side)
        if stacked == self._stacked:
            return
        self._stacked = stacked
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        if stacked:
            self._box.addWidget(self._bill)
        else:
            self._under.insertWidget(1, self._bill)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()
        super().resizeEvent(event)
