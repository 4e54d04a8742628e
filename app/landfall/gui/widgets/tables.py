"""One model and one delegate for every table; what a cell is and how it looks: see `cells`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from landfall.gui import theme
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Radius, Space
from landfall.gui.widgets.cells import (
    Cell,
    Chip,
    Plain,
    Row,
    Status,
    Title,
    no_markup,
    paint_cell,
    searched,
    sort_key,
    spoken,
    tip,
)
from landfall.gui.widgets.layout import BLEED
from landfall.gui.widgets.numbers import GUTTER

__all__ = [
    "Cell",
    "Chip",
    "Column",
    "DataTable",
    "MadeRows",
    "Plain",
    "Row",
    "RowFilter",
    "Status",
    "TableModel",
    "Title",
    "sort_key",
    "spoken",
]

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
HEADER = 28
_FIXED_SHARE = 0.75
"""Of the width: so much the columns of a fixed width may take together, where text is large."""
_SELECTED = QStyle.StateFlag.State_Selected.value
_HAS_FOCUS = QStyle.StateFlag.State_HasFocus.value
"""As numbers: enumerations are slow to combine, and a table asks for each cell it paints."""


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


class CellDelegate(QStyledItemDelegate):
    """Paints a cell by its type, over hover, selection, hairline and focus ring of its row."""

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: Any = option.rect
        state: Any = option.state
        flags: int = state.value
        view: Any = option.widget
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(flags & _SELECTED)
        hovered = isinstance(view, DataTable) and view.hovered == index.row()
        if selected or hovered:
            p.fillRect(rect, theme.color("selected" if selected else "hover"))
        if index.row() < index.model().rowCount() - 1:
            p.setPen(QPen(theme.color("border"), 1))
            p.drawLine(rect.bottomLeft(), rect.bottomRight())
        if flags & _HAS_FOCUS and view is not None and view.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -2), Radius.BAR, Radius.BAR)
        cell = index.data(TableModel.CELL)
        gutter = view.gutter if isinstance(view, DataTable) else GUTTER
        # The first column lines up with the heading of its card.
        left = Space.M if index.column() else BLEED
        paint_cell(p, QRectF(rect).adjusted(left, 0, -Space.M, 0), cell, gutter=gutter)
        p.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, 44)


class DataTable(QTableView):
    """Quiet table: no grid, hairlines between rows, numbers at the right, whole rows selected.

    Without `scrolls` it is as high as its rows. `filter` sorts and searches. Without `marks` no
    number in it has a mark of its origin, so that none leaves room for one.

    Signals:
        chosen: The row (of the model) that is selected now, or -1.
        opened: A row by double click or Enter.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(
        self,
        columns: Sequence[Column],
        name: str,
        *,
        row_height: int = 44,
        scrolls: bool = False,
        sortable: bool = False,
        marks: bool = True,
    ) -> None:
        super().__init__()
        self.hovered = -1
        self.gutter = GUTTER if marks else 0
        self._row_design, self._scrolls = row_height, scrolls
        self._row_height = round(theme.roomy(row_height))
        self.table = TableModel(columns, self)
        self.filter = RowFilter(self)
        self.filter.setSourceModel(self.table)
        self.setModel(self.filter)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName(name)
        self._shape()
        self._shape_header(sortable)
        self._fit_height()
        self.entered.connect(self._on_entered)
        self.doubleClicked.connect(self._on_opened)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        for changed in (self.filter.rowsInserted, self.filter.rowsRemoved, self.filter.modelReset):
            changed.connect(self._fit_height)
        self.filter.layoutChanged.connect(self._fit_height)
        theme.theme().changed.connect(self._on_theme)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the selection stays where the number of rows stays."""
        self.table.set_rows(rows)
        self._fit_height()

    @property
    def current(self) -> int:
        """The selected row of the model, or -1."""
        index = self.currentIndex()
        return self.filter.mapToSource(index).row() if index.isValid() else -1

    def select(self, row: int, *, follow: bool = True) -> None:
        """Select a row of the model; `follow` scrolls to where it is."""
        self.setAutoScroll(follow)
        self.setCurrentIndex(self.filter.mapFromSource(self.table.index(row, 0)))
        self.setAutoScroll(True)

    def is_in_sight(self, row: int) -> bool:
        """Whether a row of the model can be seen, at least in part."""
        index = self.filter.mapFromSource(self.table.index(row, 0))
        return index.isValid() and self.visualRect(index).intersects(self.viewport().rect())

    def _shape(self) -> None:
        view = QAbstractItemView
        self.setSelectionBehavior(view.SelectionBehavior.SelectRows)
        self.setSelectionMode(view.SelectionMode.SingleSelection)
        self.setEditTriggers(view.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if not self._scrolls:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = self.verticalHeader()
        side.hide()
        side.setMinimumSectionSize(20)
        side.setDefaultSectionSize(self._row_height)

    def _shape_header(self, sortable: bool) -> None:
        head = self.horizontalHeader()
        head.setFixedHeight(HEADER)
        head.setHighlightSections(False)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        head.setSectionsClickable(sortable)
        mode = QHeaderView.ResizeMode
        for i, spec in enumerate(self.table.columns):
            head.setSectionResizeMode(i, mode.Fixed if spec.width else mode.Stretch)
            if spec.width:
                head.resizeSection(i, spec.width)
        if sortable:
            head.setSortIndicatorShown(True)
            head.setSortIndicatorClearable(True)
            head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.setSortingEnabled(True)

    def fit_columns(self) -> None:
        """Larger text takes wider columns, as long as a quarter is left for what stretches."""
        shown = [not self.isColumnHidden(i) for i in range(len(self.table.columns))]
        fixed = sum(s.width for s, on in zip(self.table.columns, shown, strict=True) if on)
        if not fixed:
            return
        most = max(1.0, _FIXED_SHARE * self.viewport().width() / fixed)
        factor = min(theme.roomy(100) / 100, most)
        for i, spec in enumerate(self.table.columns):
            if spec.width:
                self.horizontalHeader().resizeSection(i, round(spec.width * factor))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_columns()
        super().resizeEvent(event)

    @Slot()
    def _fit_height(self) -> None:
        if not self._scrolls:
            self.setFixedHeight(HEADER + self._row_height * self.filter.rowCount() + 1)

    @Slot()
    def _on_theme(self) -> None:
        height = round(theme.roomy(self._row_design))
        if height != self._row_height:
            self._row_height = height
            self.verticalHeader().setDefaultSectionSize(height)
            self.fit_columns()
            self._fit_height()
        self.viewport().update()

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self.hovered = index.row()
        self.viewport().update()

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        self.opened.emit(self.filter.mapToSource(index).row())

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.filter.mapToSource(current).row() if current.isValid() else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = -1
        self.viewport().update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)
