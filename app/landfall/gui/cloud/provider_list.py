"""The table of providers, with a turning ring where a key is being checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.view import KEY, provider_columns, provider_row
from landfall.gui.theme import Space
from landfall.gui.widgets.cells import Plain, Row
from landfall.gui.widgets.feedback import EmptyState, Skeleton, Spinner
from landfall.gui.widgets.layout import BLEED, Card, Swap, button, column, holder, label, row
from landfall.gui.widgets.numbers import OriginLegend
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.gui.cloud.view import ProviderLook

ROW = 40
NO_WIDGET: Any = None
"""What Qt takes for none, and its types do not know."""


class ProviderList(Card):
    """Skeleton, table, or why there is none.

    Signals:
        chosen: The id of a provider.
        try_again_asked: They should be read again.
    """

    chosen = Signal(str)
    try_again_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        margins = (BLEED, Space.S, BLEED, Space.M)
        waiting = Skeleton(420, 380, 440, 360, 400, 380)
        self._place = Swap(holder(column(waiting, margins=margins)))
        self._ids: list[str] = []
        self._spinning: set[int] = set()
        self.table: DataTable | None = None
        self._add_heading(self.tr("Providers"), "", (OriginLegend(),))
        self.bleed().add(self._place)

    def show_failure(self, text: str) -> None:
        """They could not be read."""
        again = button(self.tr("Try again"))
        again.setObjectName("try-again")
        again.clicked.connect(self.try_again_asked)
        self.table = None
        title = self.tr("The providers could not be read")
        self._place.hold(EmptyState("fail", title, text, again))

    def set_looks(self, looks: tuple[ProviderLook, ...], *, chosen: str) -> None:
        """Show them; the selection stays once there is one."""
        self._ids = [look.standing.row.id for look in looks]
        fresh = self.table is None
        table = self._table()
        table.set_rows([_without_words(provider_row(look), look) for look in looks])
        if fresh:
            self.choose(chosen)
            table.chosen.connect(self._on_chosen)
        self._spin(table, {i for i, look in enumerate(looks) if look.checking})

    def choose(self, name: str) -> None:
        """Select a provider."""
        if self.table is not None and name in self._ids:
            self.table.select(self._ids.index(name))

    def take_focus(self) -> None:
        """The keyboard goes to the chosen provider."""
        if self.table is not None:
            self.table.setFocus()

    def _table(self) -> DataTable:
        if self.table is None:
            self.table = DataTable(provider_columns(), self.tr("Providers"), row_height=ROW)
            self.table.setObjectName("providers")
            self._spinning = set()
            self._place.hold(self.table)
        return self.table

    def _spin(self, table: DataTable, rows: set[int]) -> None:
        for i in self._spinning ^ rows:
            index = table.filter.mapFromSource(table.table.index(i, KEY))
            # The view itself must let the old one go: it would keep a pointer to it.
            table.setIndexWidget(index, self._ring() if i in rows else NO_WIDGET)
        self._spinning = rows

    def _ring(self) -> QWidget:
        words = label(self.tr("Checking…"))
        return holder(row(Spinner(), words, None, margins=(Space.M, 0, 0, 0)))

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        if 0 <= index < len(self._ids):
            self.chosen.emit(self._ids[index])


def _without_words(cells: Row, look: ProviderLook) -> Row:
    """Where the ring turns nothing is painted below it."""
    return (*cells[:KEY], Plain(""), *cells[KEY + 1 :]) if look.checking else cells
