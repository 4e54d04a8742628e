"""The first line of a card: its title and note, and at the right what can be done."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.rearranged import Rearranged

_LEAST_HEIGHT = 30
_LEAST_WORDS = 200
"""Pixels in which a long title still reads, at the usual size of text."""
_LEAST_NOTE = 120
"""Pixels that a note keeps beside the title."""


def asked_width(widget: QWidget) -> int:
    """What a widget asks for in a line, as a layout reckons it."""
    asked = widget.sizeHint().expandedTo(widget.minimumSizeHint())
    return asked.expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize()).width()


class Heading(Rearranged):
    """Actions go below the title where there is no room beside it, and a title takes more lines
    where it is longer than all of the line: a card is never wider than its room for them.

    Signals:
        arranged: It may be of another height now.
    """

    arranged = Signal()

    def __init__(self, title: QLabel, note: QLabel, *actions: QWidget) -> None:
        super().__init__()
        self._title, self._note = title, note
        self._actions: list[QWidget] = []
        note.setMinimumWidth(1)
        self._words = words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        words.setSpacing(Space.S)
        words.addWidget(title)
        words.addWidget(note, 1)
        # No least height of the title: that would let a layout press larger text into it.
        words.addStrut(_LEAST_HEIGHT)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setSpacing(Space.S)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addLayout(words, 1)
        self._place: QWidget | None = None
        self._flow: FlowLayout | None = None
        for action in actions:
            self.add_action(action)

    def add_action(self, action: QWidget) -> None:
        """One more at the right."""
        self._actions.append(action)
        if self._flow is None:
            self._flow = FlowLayout(middle=True)
            self._flow.setSpacing(Space.S)
            self._place = QWidget()
            self._place.setLayout(self._flow)
            self._box.addWidget(self._place)
        self._flow.addWidget(action)

    def set_margin(self, margin: int) -> None:
        """Free at both sides, in pixels."""
        self._box.setContentsMargins(margin, 0, margin, 0)

    def minimumSizeHint(self) -> QSize:
        shown = [one for one in self._actions if not one.isHidden()]
        widths = [least_width(one) for one in shown]
        widths.append(min(self._title.sizeHint().width(), theme.grown(_LEAST_WORDS)))
        margins = self._box.contentsMargins()
        width = max(widths) + margins.left() + margins.right()
        return QSize(width, super().minimumSizeHint().height())

    def _arrange(self) -> None:
        margins = self._box.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        shown = [one for one in self._actions if not one.isHidden()]
        line = sum(asked_width(one) + Space.S for one in shown)
        title = self._one_line(self._title)
        noted = self._one_line(self._note)
        least_note = min(noted, theme.grown(_LEAST_NOTE)) + Space.S if noted else 0
        beside = title + least_note + line <= room
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        if self._place is not None:
            self._place.setMinimumWidth(max(0, line - Space.S) if beside else 1)
            self._place.setVisible(bool(shown))
        left = room - line if beside else room
        _wrap(self._title, title > left)
        below = title + least_note > left
        self._words.setDirection(direction.TopToBottom if below else direction.LeftToRight)
        spacing = 0 if below else Space.S
        if self._words.spacing() != spacing:
            # Also the same spacing asks for another layout, and that for this again.
            self._words.setSpacing(spacing)
        _wrap(self._note, noted > (left if below else left - title - Space.S))
        self.arranged.emit()

    def _one_line(self, words: QLabel) -> int:
        return words.fontMetrics().horizontalAdvance(words.text())


def least_width(widget: QWidget) -> int:
    """What a widget can do with in a line, as a layout reckons it."""
    least = widget.minimumSizeHint().expandedTo(widget.minimumSize())
    return least.boundedTo(widget.maximumSize()).width()


def _wrap(words: QLabel, wrapped: bool) -> None:
    if words.wordWrap() is not wrapped:
        words.setWordWrap(wrapped)
