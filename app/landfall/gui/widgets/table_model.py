"""Rows of cells as the views of Qt read them, sorted and filtered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.widgets.cells import Row, no_markup, searched, sort_key, spoken, tip

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column:
    """A column; width 0 takes what is left, `right` for numbers."""

    title: str
    width: int = 0
    right: bool = False


class MadeRows(Sequence[Row]):
    """Rows that are made when they are first looked at: of a hundred a dozen are in sight.

    Args:
        text: In what a search looks in a row, where that is known without the row; see `searched`.
    """

    def __init__(
        self, count: int, make: Callable[[int], Row], *, text: Callable[[int], str] | None = None
    ) -> None:
        self._rows: list[Row | None] = [None] * count
        self._texts: list[str] = [""] * count
        self._make = make
        self._text = text

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        made = self._rows[index]
        if made is None:
            made = self._rows[index] = self._make(index)
        return made

    def text(self, index: int) -> str:
        """In what a search looks in a row, in small letters."""
        found = self._texts[index]
        if not found:
            found = _text_of(self[index]) if self._text is None else self._text(index).casefold()
            self._texts[index] = found
        return found

    def __iter__(self) -> Iterator[Row]:
        return (self[i] for i in range(len(self)))


def _text_of(row: Row) -> str:
    return " ".join(searched(cell) for cell in row).casefold()


class TableModel(QAbstractTableModel):
    """Rows of cells. Roles by name: cell, spoken, sort."""

    CELL = int(Qt.ItemDataRole.UserRole)
    SORT = int(Qt.ItemDataRole.UserRole) + 1

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: Sequence[Row] = ()

    @property
    def rows(self) -> Sequence[Row]:
        """All rows, in their own order."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. Where their number stays, only what differs is told to the view.

        Of rows that are not made yet nothing is compared: they take the place of those before from
        the top, and what is too many or missing goes or comes at the end. So the view keeps its
        place and its selection by number.
        """
        if isinstance(rows, MadeRows):
            self._replace_rows(rows)
            return
        fresh = tuple(rows)
        if len(fresh) != len(self._rows):
            self.beginResetModel()
            self._rows = fresh
            self.endResetModel()
            return
        changed = [i for i, (a, b) in enumerate(zip(self._rows, fresh, strict=True)) if a != b]
        self._rows = fresh
        for i in changed:
            self.dataChanged.emit(self.index(i, 0), self.index(i, len(self.columns) - 1))

    def set_row(self, number: int, row: Row) -> None:
        """Show one row anew; the view hears only of the cells that differ."""
        before = self._rows[number]
        changed = [i for i, (a, b) in enumerate(zip(before, row, strict=True)) if a != b]
        if changed:
            fresh = list(self._rows)
            fresh[number] = row
            self._rows = tuple(fresh)
            first, last = self.index(number, changed[0]), self.index(number, changed[-1])
            self.dataChanged.emit(first, last)

    def _replace_rows(self, rows: MadeRows) -> None:
        before, after = len(self._rows), len(rows)
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._rows = rows
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self._rows = rows
            self.endRemoveRows()
        else:
            self._rows = rows
        kept = min(before, after)
        if kept:
            last = self.index(kept - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def set_title(self, column: int, title: str) -> None:
        """Call a column something else: "Need at 16k"."""
        if title != self.columns[column].title:
            fresh = list(self.columns)
            fresh[column] = replace(fresh[column], title=title)
            self.columns = tuple(fresh)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)

    def roleNames(self) -> dict[int, QByteArray]:
        names = super().roleNames()
        names[self.CELL] = QByteArray(b"cell")
        names[self.SORT] = QByteArray(b"sort")
        return names

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        # What has no room in a narrow column ends in an ellipsis: the tip has all of it.
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].right else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        if role == self.CELL:
            return cell
        if role == self.SORT:
            return sort_key(cell)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(cell)
        if role == Qt.ItemDataRole.ToolTipRole:
            return no_markup(tip(cell))
        return None


class RowFilter(QSortFilterProxyModel):
    """Sorts by the `sort` role; keeps rows that contain every word and that `keeps` accepts.

    Signals:
        order_asked: A column, or -1 for the rows' own order, and whether the highest comes first.
            Only where `owner_sorts`: rows that come anew many times a second are put in order once,
            by who makes them, and not compared by Qt one pair after the other.
    """

    order_asked = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.owner_sorts = False
        self._words: tuple[str, ...] = ()
        self._keeps: Callable[[int], bool] | None = None
        self.setSortRole(TableModel.SORT)

    def search(self, text: str) -> None:
        """Keep rows in which every word of the text is found, in any column."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if self.owner_sorts:
            self.order_asked.emit(column, order == Qt.SortOrder.DescendingOrder)
        else:
            super().sort(column, order)

    def keep(self, keeps: Callable[[int], bool] | None) -> None:
        """Keep rows (of the model) that are accepted; None keeps all."""
        self._keeps = keeps
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        if not isinstance(model, TableModel):
            return True
        if self._keeps is not None and not self._keeps(row):
            return False
        if not self._words:
            return True
        rows = model.rows
        text = rows.text(row) if isinstance(rows, MadeRows) else _text_of(rows[row])
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        a, b = left.data(TableModel.SORT), right.data(TableModel.SORT)
        if isinstance(a, str) != isinstance(b, str):
            return isinstance(b, str)
        return bool(a < b)
