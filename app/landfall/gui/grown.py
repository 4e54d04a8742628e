"""Sizes of boxes that follow the size of text, also where it changes while the window is open.

`theme.grown` is right for what is painted or laid out anew each time. A box that is told its size
once says here what that is at the usual size of text.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QWidget

from landfall.gui import theme

Set = Callable[[QWidget, int], object]


class _Size(QObject):
    """One size of a widget, which owns this."""

    def __init__(self, widget: QWidget, give: Set) -> None:
        super().__init__(widget)
        self.give = give
        self.pixels, self.times, self.rest = 0, 1, 0
        theme.theme().text_changed.connect(self.fit)

    @Slot()
    def fit(self) -> None:
        widget = self.parent()
        assert isinstance(widget, QWidget)
        self.give(widget, theme.grown(self.pixels) * self.times + self.rest)
        if isinstance(widget, QLabel):
            forget_hint(widget)


def forget_hint(words: QLabel) -> None:
    """Call this where a label may be smaller than before.

    It keeps a hint that has its least size of before in it, until its text, font or indent is set.
    """
    words.setIndent(words.indent())


def fix_height(widget: QWidget, pixels: int, *, times: int = 1, rest: int = 0) -> None:
    """Give a widget this height for good, or until another one is given here.

    Args:
        widget: It.
        pixels: At the usual size of text.
        times: So many of them: rows, each of which is rounded to whole pixels.
        rest: Pixels that are the same at every size: frames, a header.
    """
    _keep(widget, QWidget.setFixedHeight, pixels, times, rest)


def least_height(widget: QWidget, pixels: int, *, times: int = 1, rest: int = 0) -> None:
    """The same for its least height."""
    _keep(widget, QWidget.setMinimumHeight, pixels, times, rest)


def fix_width(widget: QWidget, pixels: int) -> None:
    """The same for its width."""
    _keep(widget, QWidget.setFixedWidth, pixels)


def least_width(widget: QWidget, pixels: int) -> None:
    """The same for its least width."""
    _keep(widget, QWidget.setMinimumWidth, pixels)


def most_width(widget: QWidget, pixels: int) -> None:
    """The same for its largest width."""
    _keep(widget, QWidget.setMaximumWidth, pixels)


def fix_square(widget: QWidget, pixels: int) -> None:
    """The same for width and height."""
    fix_height(widget, pixels)
    fix_width(widget, pixels)


def _keep(widget: QWidget, give: Set, pixels: int, times: int = 1, rest: int = 0) -> None:
    kept = (one for one in widget.children() if isinstance(one, _Size))
    size = next((one for one in kept if one.give is give), None) or _Size(widget, give)
    size.pixels, size.times, size.rest = pixels, times, rest
    size.fit()
