"""One model and one delegate for every table: a cell is a value and is painted by its type.

A cell is a `Shown` (a figure), a `FitLook`, or one of `Title`, `Plain`, `Status`, `Chip` below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from landfall.gui import icons, theme
from landfall.gui.format import Shown
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Radius, Role, Space, Text
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.numbers import GUTTER, FitLook, paint_fit, paint_shown
from landfall.gui.widgets.verdict_chip import (
    chip_width,
    paint_chip,
    verdict_spoken,
    verdict_word,
)

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
HEADER = 28


@dataclass(frozen=True, slots=True)
class Title:
    """The name of what the row is, with a second line and an icon."""

    text: str
    sub: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """Words; `right` aligns them with the numbers of figures. `sort` orders by another value."""

    text: str
    sub: str = ""
    tone: Role = "text"
    right: bool = False
    sort: float | str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A state by its shape, and the words for it."""

    state: State
    text: str
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A verdict by its name."""

    verdict: str
    provisional: bool = False


Cell = Shown | FitLook | Title | Plain | Status | Chip
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; width 0 takes what is left, `right` for numbers."""

    title: str
    width: int = 0
    right: bool = False


def spoken(cell: Cell) -> str:
    """What a screen reader says for a cell."""
    match cell:
        case Shown():
            return cell.spoken
        case FitLook():
            return cell.word
        case Chip():
            return verdict_spoken(cell.verdict, provisional=cell.provisional)
        case Title() | Plain() | Status():
            return f"{cell.text}, {cell.sub}" if cell.sub else cell.text


def sort_key(cell: Cell) -> float | str:
    """What a cell is ordered by; an unknown figure comes first when ascending."""
    match cell:
        case Shown():
            return -float("inf") if cell.sort is None else cell.sort
        case FitLook():
            return cell.value[1]
        case Chip():
            return verdict_word(cell.verdict).casefold()
        case Plain(sort=key) if key is not None:
            return key
        case Title() | Plain() | Status():
            return cell.text.casefold()


class TableModel(QAbstractTableModel):
    """Rows of cells. Roles by name: cell, spoken, sort."""

    CELL = int(Qt.ItemDataRole.UserRole)
    SORT = int(Qt.ItemDataRole.UserRole) + 1

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in their own order."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. Where their number stays, only what differs is told to the view."""
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
        if role == Qt.ItemDataRole.DisplayRole:
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
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return spoken(cell)
        return None


class RowFilter(QSortFilterProxyModel):
    """Sorts by the `sort` role; keeps rows that contain every word and that `keeps` accepts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._keeps: Callable[[int], bool] | None = None
        self.setSortRole(TableModel.SORT)

    def search(self, text: str) -> None:
        """Keep rows in which every word of the text is found, in any column."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

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
        text = " ".join(spoken(cell) for cell in model.rows[row]).casefold()
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
        view: Any = option.widget
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = isinstance(view, DataTable) and view.hovered == index.row()
        if selected or hovered:
            p.fillRect(rect, theme.color("selected" if selected else "hover"))
        if index.row() < index.model().rowCount() - 1:
            p.setPen(QPen(theme.color("border"), 1))
            p.drawLine(rect.bottomLeft(), rect.bottomRight())
        if state & QStyle.StateFlag.State_HasFocus and view is not None and view.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -2), Radius.BAR, Radius.BAR)
        cell = index.data(TableModel.CELL)
        paint_cell(p, QRectF(rect).adjusted(Space.M, 0, -Space.M, 0), cell)
        p.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, 44)


def paint_cell(p: QPainter, rect: QRectF, cell: Cell) -> None:
    """Paint one cell into its margins."""
    match cell:
        case Shown():
            paint_shown(p, rect, cell)
        case FitLook():
            paint_fit(p, rect, cell)
        case Chip():
            width = chip_width(verdict_word(cell.verdict))
            box = QRectF(rect.left(), rect.center().y() - 12, width, 24)
            paint_chip(p, box, cell.verdict, provisional=cell.provisional)
        case Status():
            mark = QRectF(rect.left(), rect.center().y() - 8, 16, 16)
            icons.paint(p, cell.state.icon, mark, theme.color(cell.state.role))
            _two_lines(p, rect.adjusted(24, 0, 0, 0), cell.text, cell.sub)
        case Title():
            if cell.icon:
                mark = QRectF(rect.left(), rect.center().y() - 9, 18, 18)
                icons.paint(p, cell.icon, mark, theme.color("text_2"))
                rect = rect.adjusted(28, 0, 0, 0)
            _two_lines(p, rect, cell.text, cell.sub, style=Text.MEDIUM)
        case Plain():
            box = rect.adjusted(0, 0, -GUTTER if cell.right else 0, 0)
            align = RIGHT if cell.right else LEFT
            _two_lines(p, box, cell.text, cell.sub, tone=cell.tone, align=align)


def _two_lines(
    p: QPainter,
    rect: QRectF,
    text: str,
    sub: str,
    *,
    style: Text = Text.BODY,
    tone: Role = "text",
    align: int = LEFT,
) -> None:
    width = int(rect.width())
    elide = Qt.TextElideMode.ElideRight
    p.setFont(theme.font(style))
    p.setPen(theme.color(tone))
    top = rect
    if sub:
        top = QRectF(rect.left(), rect.top() + 3, rect.width(), rect.height() / 2 + 1)
    p.drawText(top, align, QFontMetrics(p.font()).elidedText(text, elide, width))
    if sub:
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_3"))
        below = QRectF(rect.left(), rect.center().y() - 1, rect.width(), rect.height() / 2 - 3)
        p.drawText(below, align, QFontMetrics(p.font()).elidedText(sub, elide, width))


class DataTable(QTableView):
    """Quiet table: no grid, hairlines between rows, numbers at the right, whole rows selected.

    Without `scrolls` it is as high as its rows. `filter` sorts and searches.

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
    ) -> None:
        super().__init__()
        self.hovered = -1
        self._row_height, self._scrolls = row_height, scrolls
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

    def select(self, row: int) -> None:
        """Select a row of the model."""
        self.setCurrentIndex(self.filter.mapFromSource(self.table.index(row, 0)))

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

    @Slot()
    def _fit_height(self) -> None:
        if not self._scrolls:
            self.setFixedHeight(HEADER + self._row_height * self.filter.rowCount() + 1)

    @Slot()
    def _on_theme(self) -> None:
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
