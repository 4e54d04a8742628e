"""The head of a page: what it is, one sentence of fact, and what can be done."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QWidget,
)

from landfall.gui import grown, theme
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.heading import asked_width
from landfall.gui.widgets.layout import column, label, row
from landfall.gui.widgets.rearranged import Rearranged


class PageHeader(Rearranged):
    """Title, one sentence of fact, actions at the right. At most one primary button.

    Actions go below the sentence where there is no room beside the title, and into as many lines as
    they need where there is none for all of them in one.
    """

    def __init__(self, title: str, sentence: str, *actions: QWidget) -> None:
        super().__init__()
        self.title = label(title, Text.TITLE)
        self.sentence = label(sentence, Text.BODY, tone="text_2", wrap=True)
        self._actions: list[QWidget] = []
        self._lines: list[QHBoxLayout] = []
        self._breaks: tuple[int, ...] = (0,)
        self._place = column(spacing=Space.S)
        self._fits = True
        self._taken = 0
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(Space.S)
        self._box.addLayout(column(self.title, self.sentence, spacing=2), 1)
        self._box.addLayout(self._place)
        for action in actions:
            self.add_action(action)
        theme.theme().text_changed.connect(self._forget_lines)
        theme.when_complete(self._complete)

    @Slot()
    def _complete(self) -> None:
        # It may have more room than it takes: it stands below the title all the same.
        self.sentence.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)

    def say(self, sentence: str) -> None:
        """Another sentence. It leaves to the page below no line that the last one took: nothing
        there moves up when a longer one was shown while the page was filled.
        """
        self.sentence.setMinimumHeight(self._taken)
        self.sentence.setText(sentence)

    def add_action(self, action: QWidget) -> None:
        """One more button at the right."""
        self._actions.append(action)
        self._lay_lines(self._breaks)

    def minimumSizeHint(self) -> QSize:
        width = max(self.title.minimumSizeHint().width(), *self._widths(), 0)
        return QSize(width, super().minimumSizeHint().height())

    def _widths(self) -> list[int]:
        """What each action that is shown asks for."""
        return [asked_width(one) for one in self._actions if not one.isHidden()]

    def _broken(self, width: int) -> tuple[int, ...]:
        """The first action of each line."""
        breaks, used = [0], 0
        for number, action in enumerate(self._actions):
            if action.isHidden():
                continue
            asked = asked_width(action)
            if used and used + Space.S + asked > width:
                breaks.append(number)
                used = 0
            used += asked + (Space.S if used else 0)
        return tuple(breaks)

    def _lay_lines(self, breaks: tuple[int, ...]) -> None:
        self._breaks = breaks
        for line in self._lines:
            while line.takeAt(0) is not None:
                pass
        while len(self._lines) < len(breaks):
            fresh = row()
            self._lines.append(fresh)
            self._place.addLayout(fresh)
        ends = (*breaks[1:], len(self._actions))
        for line, begin, end in zip(self._lines, breaks, ends, strict=False):
            for action in self._actions[begin:end]:
                line.addWidget(action)
            if len(breaks) > 1:
                line.addStretch(1)

    @Slot()
    def _forget_lines(self) -> None:
        """Those of another width or size of text are others."""
        self._taken = 0
        self.sentence.setMinimumHeight(0)
        grown.forget_hint(self.sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._taken = self.sentence.height()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._forget_lines()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        """Put the actions beside the title or below it, in one line or several."""
        widths = self._widths()
        line = sum(widths) + Space.S * max(0, len(widths) - 1)
        fits = self.width() >= self.title.sizeHint().width() + Space.XL + line
        breaks = (0,) if fits else self._broken(self.width())
        if breaks != self._breaks:
            self._lay_lines(breaks)
        if fits is not self._fits:
            self._fits = fits
            direction, align = QBoxLayout.Direction, QtCore.Qt.AlignmentFlag
            self._box.setDirection(direction.LeftToRight if fits else direction.TopToBottom)
            self._box.setAlignment(self._place, align(0) if fits else align.AlignLeft)
