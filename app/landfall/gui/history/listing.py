"""Tables of thousands: ordered and filtered as values, made and painted where they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView

from landfall.gui import grown, theme
from landfall.gui.widgets.layout import Card
from landfall.gui.widgets.table_model import Column, MadeRows
from landfall.gui.widgets.tables import HEADER, DataTable

T = TypeVar("T")
Key = Callable[[Any], float | str | None]

ROW_HEIGHT = 44
LEAST_ROWS = 6


class SortedTable(DataTable):
    """A table whose owner puts its rows in order, and which shows as many as there is room for.

    Signals:
        order_changed: Another order is wanted: `order`.
        selected: Other rows are selected, where several can be, and not by `list_rows`.
    """

    order_changed = Signal()
    selected = Signal()

    def __init__(self, columns: Sequence[Column], name: str) -> None:
        super().__init__(columns, name, scrolls=True, sortable=True)
        self.order = -1, False
        self._is_listing = False
        self.filter.owner_sorts = True
        self.filter.order_asked.connect(self._on_order)
        self._fitted: tuple[Card, int] | None = None
        grown.least_height(self, ROW_HEIGHT, times=LEAST_ROWS, rest=HEADER)
        # Beside the slot of the table: to one that is overridden PySide still calls when the
        # table is gone.
        theme.theme().text_changed.connect(self._fit_again)

    def allow_several(self) -> None:
        """More than one row can be selected from now on."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._on_selection)

    @Slot()
    def _on_selection(self) -> None:
        if not self._is_listing:
            self.selected.emit()

    def list_rows(self, card: Card, rows: MadeRows, chosen: Iterable[int]) -> None:
        """Show these rows in their card, and select some of them."""
        self._is_listing = True
        self.set_rows(rows)
        self.fit(card, len(rows))
        self.select_rows(chosen)
        self._is_listing = False

    def fit(self, card: Card, rows: int) -> None:
        """No taller than its rows, nor is the card around it: what is left belongs to the page."""
        self._fitted = card, rows
        least, frame = (max(rows, 1), 2) if rows < LEAST_ROWS else (LEAST_ROWS, 0)
        grown.least_height(self, ROW_HEIGHT, times=least, rest=HEADER + frame)
        height = HEADER + theme.grown(ROW_HEIGHT) * rows + 2
        card.limit_content(height if rows else None)

    @Slot()
    def _fit_again(self) -> None:
        if self._fitted is not None:
            self.fit(*self._fitted)

    @property
    def selected_rows(self) -> tuple[int, ...]:
        """The numbers of the rows that are selected, from top to bottom."""
        return tuple(sorted(index.row() for index in self.selectionModel().selectedRows()))

    def select_rows(self, rows: Iterable[int]) -> None:
        """Select these rows and no other."""
        wanted = QItemSelection()
        for row in rows:
            index = self.filter.index(row, 0)
            wanted.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(wanted, flags.ClearAndSelect | flags.Rows)

    @Slot(int, bool)
    def _on_order(self, column: int, descending: bool) -> None:
        if (column, descending) != self.order:
            self.order = column, descending
            self.order_changed.emit()


def in_order(
    items: Iterable[T], keys: Sequence[Key], column: int, descending: bool
) -> tuple[T, ...]:
    """The items by a column's key; -1 leaves them as they are. What is unknown comes last."""
    given = tuple(items)
    if not 0 <= column < len(keys):
        return given
    key = keys[column]
    known = [item for item in given if key(item) is not None]
    unknown = [item for item in given if key(item) is None]
    known.sort(key=partial(_folded, key), reverse=descending)
    return (*known, *unknown)


def _folded(key: Key, item: object) -> Any:
    """Words by their letters, whatever their case."""
    value = key(item)
    return value.casefold() if isinstance(value, str) else value
