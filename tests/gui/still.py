"""What moves on a page after it was shown, seen at each painting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint
from PySide6.QtWidgets import QAbstractButton, QWidget

from landfall.gui.page import Page
from landfall.gui.widgets.layout import Card, Label

MOST = 4
"""Pixels that nobody sees as a jump."""


class Moves(QObject):
    """Where each card, text and button of a page stands while it is painted."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._before: dict[str, QPoint] = {}
        self.told: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and watched is self._page.widget():
            self._look()
        return False

    def _look(self) -> None:
        inner = self._page.widget()
        seen: dict[str, QPoint | None] = {}
        for kind in (Card, Label, QAbstractButton):
            for one in inner.findChildren(kind):
                if one.isVisible() and (name := _name(one)):
                    # The same words twice are told apart by nothing.
                    seen[name] = None if name in seen else one.mapTo(inner, QPoint(0, 0))
        for name, at in seen.items():
            before = self._before.setdefault(name, at) if at is not None else None
            if at is not None and before is not None and (at - before).manhattanLength() > MOST:
                self.told.append(f"{name}: {before.toTuple()} to {at.toTuple()}")


def _name(one: QWidget) -> str:
    """What it is called, or says."""
    if one.objectName():
        return one.objectName()
    return one.text() if isinstance(one, Label | QAbstractButton) else ""


@contextmanager
def watched(page: Page) -> Iterator[Moves]:
    """Look at each painting of the page; a painting is asked for at the end."""
    app = QCoreApplication.instance()
    assert app is not None
    moves = Moves(page)
    app.installEventFilter(moves)
    page.widget().repaint()
    yield moves
    app.processEvents()
    page.widget().repaint()
    app.removeEventFilter(moves)
