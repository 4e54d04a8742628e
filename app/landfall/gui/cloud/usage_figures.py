"""What usage comes to, as figures in one line or two."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from landfall.core.provenance import Unknown
from landfall.core.usage.buckets import UsageTotals
from landfall.gui.cloud.usage_words import figures
from landfall.gui.format import Unit, shown
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import Card
from landfall.gui.widgets.numbers import FigureLabel

WIDE, _NARROW = 900, 560
"""From which width on they stand in one line; the least for two."""


class UsageFigures(Card):
    """What usage comes to, in one line, or in two where that is too narrow."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self.labels: dict[str, FigureLabel] = {}
        for figure in figures(UsageTotals()):
            nothing = shown(Unknown(self.tr("not read yet")), Unit.COUNT)
            made = FigureLabel(figure.caption, nothing)
            made.setObjectName(f"usage-{figure.key}")
            self.labels[figure.key] = made
        self._columns = 0
        self._arrange(3)
        self.add(self._grid)

    def show_totals(self, of: UsageTotals) -> None:
        """Show these."""
        for figure in figures(of):
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
        self._arrange(len(self.labels) if self.width() >= WIDE else 3)
