"""The place of a table: a skeleton, a reason why there is none, or the table, which stays alive."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import BLEED, Swap, column, holder
from landfall.gui.widgets.tables import DataTable


class TablePlace(QStackedWidget):
    """Holds a table that scrolls by itself."""

    def __init__(self, table: DataTable) -> None:
        super().__init__()
        self._table = table
        widths = (420, 380, 440, 360, 400)
        waiting = column(Skeleton(*widths), None, margins=(BLEED, Space.S, BLEED, 0))
        self._instead = Swap(holder(waiting))
        self.addWidget(self._instead)
        self.addWidget(table)

    @property
    def shows_table(self) -> bool:
        """Whether the table is what is shown."""
        return self.currentWidget() is self._table

    def show_table(self) -> None:
        """There is something to show in it."""
        self.setCurrentWidget(self._table)

    def show_instead(self, what: QWidget) -> None:
        """There is nothing to show in it: say why."""
        self._instead.hold(what)
        self.setCurrentWidget(self._instead)
