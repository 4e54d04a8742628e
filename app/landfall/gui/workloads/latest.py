"""Asks for something that takes a while, one at a time; of those that come meanwhile the last."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Latest(QObject):
    """A slider asks for more pictures than can be made: those in between are left out.

    Signals:
        wanted: Make it for this one, and say so with `answered`.
    """

    wanted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._under_way: object | None = None
        self._next: object | None = None
        self._shown: object | None = None

    def ask(self, what: object) -> None:
        """Want it for this; the same one again is not asked for."""
        if what is self._shown or what is self._under_way:
            self._next = None
            return
        if self._under_way is not None:
            self._next = what
            return
        self._under_way = what
        self.wanted.emit(what)

    def answered(self, what: object) -> bool:
        """It was made. Returns whether it is the one that is wanted now; asks for the next."""
        if what is not self._under_way:
            return False
        self._under_way = None
        following, self._next = self._next, None
        self._shown = what
        if following is not None:
            self.ask(following)
            return False
        return True
