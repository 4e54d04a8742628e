"""What is chosen in a table, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.heading import asked_width
from landfall.gui.widgets.layout import BLEED

_LEAST_WORDS = 160
"""Pixels that the name keeps beside the buttons, at the usual size of text."""


class ChoiceBar(QWidget):
    """A line under a table: the name, then buttons. Where there is no room for both in one line the
    buttons go below, into as many lines as they need."""

    def __init__(self, chosen: QLabel) -> None:
        super().__init__()
        self._buttons: list[QWidget] = []
        self._flow = FlowLayout()
        self._flow.setSpacing(Space.S)
        self._place = QWidget()
        self._place.setLayout(self._flow)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(BLEED, Space.S, BLEED, 0)
        self._box.setSpacing(Space.S)
        self._box.addWidget(chosen, 1)
        self._box.addWidget(self._place)

    def add(self, *buttons: QWidget) -> None:
        """More that can be done."""
        for one in buttons:
            self._buttons.append(one)
            self._flow.addWidget(one)

    def minimumSizeHint(self) -> QSize:
        margins = self._box.contentsMargins()
        widest = max(map(asked_width, self._buttons), default=0)
        height = super().minimumSizeHint().height()
        return QSize(widest + margins.left() + margins.right(), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        margins = self._box.contentsMargins()
        line = sum(asked_width(one) + Space.S for one in self._buttons)
        room = self.width() - margins.left() - margins.right()
        wide = room >= line + theme.roomy(_LEAST_WORDS)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._place.setMinimumWidth(line - Space.S if wide else 1)
        super().resizeEvent(event)
