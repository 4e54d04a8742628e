"""Figures with their captions in one line, or in two where that is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from landfall.core.provenance import Unknown
from landfall.gui import theme
from landfall.gui.format import Shown, shown
from landfall.gui.theme import Space
from landfall.gui.units import Unit
from landfall.gui.widgets.layout import Card
from landfall.gui.widgets.numbers import FigureLabel

WIDE, _NARROW = 900, 560
"""From which width on they stand in one line; the least for two."""
_COLUMNS = 3
"""Of two lines."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """A figure with its caption; `key` names it among those beside it."""

    key: str
    caption: str
    shown: Shown


class FigureLine(Card):
    """Keeps its labels while the figures change; until then they are not read yet.

    Args:
        figures: Their keys and captions.
        prefix: Of the labels' object names: "usage" makes "usage-calls".
    """

    def __init__(self, figures: Sequence[Captioned], *, prefix: str) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        unread = Unknown(QCoreApplication.translate("FigureLine", "not read yet"))
        self.labels: dict[str, FigureLabel] = {}
        for figure in figures:
            made = FigureLabel(figure.caption, shown(unread, Unit.COUNT))
            made.setObjectName(f"{prefix}-{figure.key}")
            self.labels[figure.key] = made
        self._columns = 0
        self._arrange(_COLUMNS)
        self.add(self._grid)

    def show_figures(self, figures: Sequence[Captioned]) -> None:
        """Show these in the places of their keys."""
        for figure in figures:
            self.labels[figure.key].set_shown(figure.shown)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for figure in self.labels.values():
            self._grid.removeWidget(figure)
        for i, figure in enumerate(self.labels.values()):
            self._grid.addWidget(figure, i // columns, i % columns)
        for i in range(len(self.labels)):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)

    def minimumSizeHint(self) -> QSize:
        # In one line it is as wide as it is now; it can always go back to two.
        return QSize(_NARROW, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self._columns_at(self.width()))

    def _columns_at(self, width: int) -> int:
        """How many stand beside one another; larger text leaves room for fewer."""
        if width >= theme.roomy(WIDE):
            return len(self.labels)
        return max(1, min(_COLUMNS, int(_COLUMNS * width / theme.roomy(_NARROW))))
