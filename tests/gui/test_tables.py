"""The table model, its filter and its view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Measured, Unknown
from landfall.gui.format import Unit, shown
from landfall.gui.widgets.tables import (
    Column,
    DataTable,
    Plain,
    TableModel,
    Title,
    sort_key,
    spoken,
)
from tests.gui import gallery

ROLE = Qt.ItemDataRole


def names(table: DataTable) -> list[str]:
    view = table.filter
    return [spoken(view.index(i, 0).data(TableModel.CELL)) for i in range(view.rowCount())]


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = TableModel(gallery.COLUMNS)
    qtmodeltester.check(model)
    model.set_rows(gallery.rows())
    model.set_rows(gallery.rows()[::-1])
    model.set_rows(gallery.rows()[:1])
    qtmodeltester.check(model)


def test_the_filter_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    table = gallery.table()
    qtmodeltester.check(table.filter)
    table.filter.search("a")
    qtmodeltester.check(table.filter)


def test_roles_have_names() -> None:
    roles = TableModel(gallery.COLUMNS).roleNames()
    assert {bytes(roles[TableModel.CELL].data()), bytes(roles[TableModel.SORT].data())} == {
        b"cell",
        b"sort",
    }


def test_every_cell_is_spoken() -> None:
    model = TableModel(gallery.COLUMNS)
    model.set_rows(gallery.rows())
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            assert model.index(row, column).data(ROLE.AccessibleTextRole)


def test_headers_of_numbers_are_flush_right() -> None:
    model = TableModel(gallery.COLUMNS)
    horizontal = Qt.Orientation.Horizontal
    assert model.headerData(2, horizontal) == "Rate"
    right = model.headerData(2, horizontal, ROLE.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.headerData(9, horizontal) is None
    assert model.headerData(0, horizontal, ROLE.DecorationRole) is None


def test_only_changed_rows_are_told_to_the_view(qtbot: QtBot) -> None:
    model = TableModel(gallery.COLUMNS)
    rows = gallery.rows()
    model.set_rows(rows)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), b.row())))
    model.set_rows([rows[0], (Title("z"), *rows[1][1:]), rows[2]])
    assert told == [(1, 1)]


def test_the_selection_survives_new_values(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.select(1)
    rows = gallery.rows()
    table.set_rows([(Title("x"), *rows[0][1:]), *rows[1:]])
    assert table.current == 1


def test_columns_are_sorted_by_value_and_unknown_comes_first(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [n[0] for n in names(table)] == ["a", "b", "c"]
    table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [n[0] for n in names(table)] == ["a", "c", "b"]
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert len(names(table)) == 3


def test_search_wants_every_word_in_any_column(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.filter.search("split B")
    assert names(table) == ["b, sub"]
    table.filter.search("")
    assert len(names(table)) == 3


def test_rows_can_be_left_out_by_what_they_are(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.filter.keep(lambda row: row != 0)
    assert [n[0] for n in names(table)] == ["a", "c"]
    table.filter.keep(None)
    assert len(names(table)) == 3


def test_a_table_is_as_high_as_its_rows(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    tall = table.height()
    table.filter.search("split")
    assert table.height() == tall - 2 * 44


def test_enter_and_double_click_open_the_row_of_the_model(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    with qtbot.waitSignal(table.chosen) as chosen:
        table.select(0)
    assert chosen.args == [0]
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [0]
    with qtbot.waitSignal(table.opened) as opened:
        table.doubleClicked.emit(table.filter.index(0, 0))
    assert opened.args == [1]


def test_without_a_selection_enter_opens_nothing(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    assert table.current == -1
    with qtbot.assertNotEmitted(table.opened):
        qtbot.keyClick(table, Qt.Key.Key_Return)


def test_the_row_under_the_mouse_is_marked_until_it_leaves(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    table.entered.emit(table.filter.index(2, 0))
    assert table.hovered == 2
    table.show()
    table.grab()
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    assert table.hovered == -1


def test_tab_leaves_a_table(qtbot: QtBot) -> None:
    assert not gallery.table().tabKeyNavigation()


def test_words_and_numbers_do_not_break_the_order() -> None:
    known = shown(Measured(3, "", ""), Unit.WATTS)
    unknown = shown(Unknown("x"), Unit.WATTS)
    assert sort_key(known) == 3
    assert sort_key(unknown) == -float("inf")
    assert sort_key(Plain("12", sort=12.0)) == 12.0
    assert sort_key(Plain("B")) == "b"


def test_a_filter_of_another_model_keeps_every_row() -> None:
    table = DataTable((Column("a"),), "t")
    table.filter.setSourceModel(QSortFilterProxyModel(table))
    assert table.filter.filterAcceptsRow(0, QModelIndex())


@pytest.mark.parametrize("scrolls", [True, False])
def test_a_scrolling_table_keeps_its_height(qtbot: QtBot, scrolls: bool) -> None:
    table = DataTable((Column("a"),), "t", scrolls=scrolls)
    qtbot.addWidget(table)
    before = table.maximumHeight()
    table.set_rows([(Title("x"),)] * 5)
    assert (table.maximumHeight() == before) is scrolls
