"""A main part and a side part of a page, beside or below one another."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QWidget,
)

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import UNLIMITED


class SideBySide(QWidget):
    """A main part and a side part; the side goes below when there is no room.

    side_width: fixed width of the side part, or 0 for equal halves. needs: the least width at
    which both stand side by side. Both are for the usual size of text: larger text takes more.
    level: whether both are as high as the higher one. first: whether the side is read before the
    main part, at its left or above it.
    """

    def __init__(
        self,
        main: QWidget,
        side: QWidget,
        *,
        side_width: int = 0,
        needs: int = 880,
        level: bool = False,
        first: bool = False,
    ) -> None:
        super().__init__()
        self._main, self._side = main, side
        self._side_width, self._needs = side_width, needs
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(Space.L)
        self._box.addWidget(main, 1)
        self._box.insertWidget(0 if first else 1, side, 0 if side_width else 1)
        if not level:
            self._box.setAlignment(main, QtCore.Qt.AlignmentFlag.AlignTop)
            self._box.setAlignment(side, QtCore.Qt.AlignmentFlag.AlignTop)
        if side_width:
            side.setFixedWidth(self.side_width)

    @property
    def side_width(self) -> int:
        """Pixels of the side part beside the main one at the present size of text."""
        return round(theme.roomy(self._side_width))

    @property
    def needs(self) -> int:
        """The least width in pixels for both side by side, at the present size of text."""
        return round(theme.roomy(self._needs))

    def minimumSizeHint(self) -> QSize:
        side = self._side.minimumSizeHint().width()
        if self.width() >= self.needs:
            side = self.side_width or side
        width = max(self._main.minimumSizeHint().width(), side)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= self.needs
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        if self._side_width:
            self._side.setMinimumWidth(self.side_width if wide else 0)
            self._side.setMaximumWidth(self.side_width if wide else UNLIMITED)
        super().resizeEvent(event)
