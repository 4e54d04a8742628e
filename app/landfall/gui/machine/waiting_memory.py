"""The places of memory: cards in pairs, and what stands there while the machine is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card
from landfall.gui.widgets.memory_bar import LEGEND_GAP
from landfall.gui.widgets.two_parts import SideBySide

BAR = 22
"""Pixels of height of a bar of memory on this page."""


def in_pairs(cards: Sequence[Card]) -> list[QWidget]:
    """Two beside one another, as high as the higher one; the last may be alone."""
    rows: list[QWidget] = []
    for first in range(0, len(cards), 2):
        pair = cards[first : first + 2]
        rows.append(SideBySide(pair[0], pair[1], level=True) if len(pair) == 2 else pair[0])
    return rows


class WaitingMemory(Card):
    """As high as memory will be: a bar and its legend, which has two lines for an accelerator; main
    memory has one, and a sentence below it."""

    def __init__(self, name: str, *, main: bool = False) -> None:
        super().__init__(name, note="\u00a0")
        self._main = main
        self._place = Skeleton(900, 520, 300, fill=True)
        self.add(self._place)
        theme.theme().text_changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        line = QFontMetrics(theme.font(Text.CAPTION)).height()
        below = Space.M + 1 + Space.M if self._main else LEGEND_GAP
        self._place.setFixedHeight(BAR + Space.S + line + below + line)
