"""One view and one delegate for every table; what a cell is and how it looks: see `cells`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
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
from landfall.gui.theme import Radius, Space
from landfall.gui.widgets.cells import Row, paint_cell
from landfall.gui.widgets.layout import BLEED
from landfall.gui.widgets.numbers import GUTTER
from landfall.gui.widgets.table_model import Column, Index, RowFilter, TableModel

HEADER = 28
_FIXED_SHARE = 0.75
"""Of the width: so much the columns of a fixed width may take together, where text is large."""
_READABLE_SHARE = 0.7
"""Of the width that the text asks for: in less, numbers would lose their ends (see `numbers`)."""
_LEAST_STRETCH = 140
"""Pixels of a column that stretches, at the usual size of text, where the table is scrolled."""
_LEAST_NAME = 120
"""Pixels of what stretches, or a quarter of a table that is narrower than four times that."""
_WORDS_SHARE = 0.75
"""Of their usual width: so much columns of words keep, which end in dots."""
_SELECTED = QStyle.StateFlag.State_Selected.value
_HAS_FOCUS = QStyle.StateFlag.State_HasFocus.value
"""As numbers: enumerations are slow to combine, and a table asks for each cell it paints."""


def _factors(room: int, *, numbers: int, words: int) -> tuple[float, float]:
    """Times their usual width: columns of numbers, and columns of words.

    Args:
        room: Pixels of all columns.
        numbers: Usual pixels of all columns of numbers. words: Of all columns of words.
    """
    usual = min(theme.times(), max(1.0, _FIXED_SHARE * room / (numbers + words)))
    left = room - min(_LEAST_NAME, (1.0 - _FIXED_SHARE) * room)
    by_word = (left - numbers * usual) / words if words else usual
    by_word = min(usual, max(_WORDS_SHARE * usual, by_word))
    by_number = (left - words * by_word) / numbers if numbers else usual
    return min(usual, by_number), by_word


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

    Attributes:
        room: Pixels that the columns have, 0 before the first layout. Asking Qt for its viewport
            makes PySide bring in every widget there is, to find out which one that is: a megabyte.

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
        self.room = 0
        self._sight = QRect()
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
        return index.isValid() and self.visualRect(index).intersects(self._sight)

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
        """Larger text takes wider columns, as long as a quarter is left for what stretches, which
        names the row. In a narrow table columns of words give way to it, then those of numbers.
        Where these would not be whole so, the table is wider than its place and has a bar."""
        head, mode, columns = self.horizontalHeader(), QHeaderView.ResizeMode, self.table.columns
        shown = [one for i, one in enumerate(columns) if one.width and not self.isColumnHidden(i)]
        if not shown or not self.room:
            return
        numbers = sum(one.width for one in shown if one.right)
        words = sum(one.width for one in shown if not one.right)
        by_number, by_word = _factors(self.room, numbers=numbers, words=words)
        scrolls = by_number < _READABLE_SHARE * theme.times()
        if scrolls:
            by_number = by_word = _READABLE_SHARE * theme.times()
        for i, spec in enumerate(columns):
            if spec.width:
                head.resizeSection(i, round(spec.width * (by_number if spec.right else by_word)))
            else:
                head.setSectionResizeMode(i, mode.Fixed if scrolls else mode.Stretch)
                if scrolls:
                    head.resizeSection(i, theme.grown(_LEAST_STRETCH))
        self.scroll_sideways(scrolls)

    def scroll_sideways(self, scrolls: bool) -> None:
        """Whether columns are wider than the table, which then has a bar below its rows."""
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        wanted = policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff
        if self.horizontalScrollBarPolicy() is not wanted:
            self.setHorizontalScrollBarPolicy(wanted)
            self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._sight = QRect(QPoint(), event.size())
        self.room = event.size().width()
        self.fit_columns()
        super().resizeEvent(event)

    @Slot()
    def _fit_height(self) -> None:
        if not self._scrolls:
            below = self.horizontalScrollBar()
            shown = self.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOn
            rows = self._row_height * self.filter.rowCount()
            self.setFixedHeight(HEADER + rows + 1 + (below.sizeHint().height() if shown else 0))

    @Slot()
    def _on_theme(self) -> None:
        height = round(theme.roomy(self._row_design))
        if height != self._row_height:
            self._row_height = height
            self.verticalHeader().setDefaultSectionSize(height)
            self.fit_columns()
            self._fit_height()

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self._hover(index.row())

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        self.opened.emit(self.filter.mapToSource(index).row())

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.filter.mapToSource(current).row() if current.isValid() else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        """Paint the row under the mouse anew, and the one that was."""
        before, self.hovered = self.hovered, row
        for one in {before, row}:
            for column in range(self.filter.columnCount()):
                self.update(self.filter.index(one, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)
