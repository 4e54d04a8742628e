"""The table model, its filter and its view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QRectF, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Measured, Unknown
from landfall.gui import theme
from landfall.gui.format import shown
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import (
    FitCell,
    Plain,
    Row,
    Spot,
    Title,
    paint_cell,
    sort_key,
    spoken,
    tip,
)
from landfall.gui.widgets.memory_bar import Segment
from landfall.gui.widgets.memory_cell import MemoryCell
from landfall.gui.widgets.numbers import FitLook
from landfall.gui.widgets.table_model import Column, MadeRows, TableModel
from landfall.gui.widgets.tables import DataTable
from tests.gui import gallery
from tests.gui.conftest import Resize

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


def test_a_table_has_its_height_before_it_is_seen(qtbot: QtBot) -> None:
    table = gallery.table()
    qtbot.addWidget(table)
    theme.theme().changed.emit()
    table.fit_columns()
    before = table.height()
    table.resize(700, before)
    table.show()
    assert table.height() == before


def test_only_rows_under_the_mouse_are_painted_anew(qtbot: QtBot) -> None:
    table = Painted(gallery.COLUMNS, "Models")
    qtbot.addWidget(table)
    table.set_rows(gallery.rows())
    table.show()
    qtbot.waitUntil(lambda: table.times > 0)
    table.entered.emit(table.filter.index(0, 0))

    def is_painted(row: int) -> bool:
        columns = range(table.filter.columnCount())
        rects = [table.visualRect(table.filter.index(row, column)) for column in columns]
        return all(table.painted.contains(rect.center()) for rect in rects)

    qtbot.waitUntil(lambda: is_painted(0) and not is_painted(1))
    table.entered.emit(table.filter.index(1, 0))
    qtbot.waitUntil(lambda: is_painted(0) and is_painted(1) and not is_painted(2))


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


# Rows that are made when they are seen


def made_rows(names: str, made: list[int] | None = None) -> MadeRows:
    def make(index: int) -> Row:
        if made is not None:
            made.append(index)
        return (Title(names[index]), *gallery.rows()[0][1:])

    return MadeRows(len(names), make)


def test_rows_are_made_once_and_only_when_they_are_looked_at() -> None:
    made: list[int] = []
    rows = made_rows("abcd", made)
    assert len(rows) == 4
    assert made == []
    assert spoken(rows[2][0]) == "c"
    assert rows[2] is rows[2]
    assert made == [2]
    assert [spoken(row[0]) for row in rows[1:3]] == ["b", "c"]
    assert [spoken(row[0]) for row in rows] == ["a", "b", "c", "d"]
    assert made == [2, 1, 0, 3]


def test_made_rows_keep_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = TableModel(gallery.COLUMNS)
    qtmodeltester.check(model)
    for names in ("abc", "abcde", "xy", "", "z"):
        model.set_rows(made_rows(names))
        assert [spoken(row[0]) for row in model.rows] == list(names)
    qtmodeltester.check(model)


def test_made_rows_keep_the_selection_by_number_and_the_place(qtbot: QtBot) -> None:
    table = DataTable(gallery.COLUMNS, "t", scrolls=True)
    qtbot.addWidget(table)
    table.resize(600, 200)
    table.set_rows(made_rows("abcdefghijklmnop"))
    with qtbot.waitExposed(table):
        table.show()
    table.select(12)
    assert table.is_in_sight(12)
    assert not table.is_in_sight(0)
    place = table.verticalScrollBar().value()
    table.set_rows(made_rows("ABCDEFGHIJKLMNO"))
    assert table.current == 12
    assert table.verticalScrollBar().value() == place
    table.select(0, follow=False)
    assert table.verticalScrollBar().value() == place
    table.select(3)
    assert table.verticalScrollBar().value() == 3
    assert not table.is_in_sight(99)


def test_an_owner_that_sorts_is_asked_for_the_order(qtbot: QtBot) -> None:
    table = DataTable(gallery.COLUMNS, "t", sortable=True)
    qtbot.addWidget(table)
    table.filter.owner_sorts = True
    asked: list[tuple[int, bool]] = []
    table.filter.order_asked.connect(lambda column, last: asked.append((column, last)))
    table.set_rows(made_rows("cab"))
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert list(dict.fromkeys(asked)) == [(0, True), (-1, False)]
    assert [name[0] for name in names(table)] == ["c", "a", "b"]


def test_hover_tells_where_a_cell_comes_from() -> None:
    assert tip(Title("a", "b", note="from c")) == "a, b\nfrom c"
    assert tip(FitCell(FitLook.TIGHT, "5 of 6 GiB")) == "Fits, tight\n5 of 6 GiB"
    assert tip(FitCell(FitLook.NO)) == "Does not fit"
    assert sort_key(FitCell(FitLook.NO)) == sort_key(FitLook.NO)
    segments = (Segment("Weights", 2**30, "mem_weights"),)
    seen = shown(Measured(2**30, "", "here"), Unit.MEMORY_BYTES)
    cell = MemoryCell(shown=seen, segments=segments, total_bytes=2**29, need_bytes=2**30)
    assert "Weights 1.0\u00a0GiB" in tip(cell)
    assert "512\u00a0MiB above it" in tip(cell)


@pytest.mark.parametrize("need", [2**29, 2**30, 3 * 2**30, 99 * 2**30])
def test_what_is_past_the_rim_is_painted_there_and_nowhere_else(need: int) -> None:
    cell = MemoryCell(
        shown=shown(Unknown("x"), Unit.MEMORY_BYTES),
        segments=(Segment("Weights", need, "mem_weights"),),
        total_bytes=2**31,
        need_bytes=need,
    )
    image = QImage(200, 44, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    paint_cell(painter, QRectF(0, 0, 200, 44), cell)
    painter.end()
    ground = theme.color("surface").rgb()
    bar = range(22 + 6, 22 + 13)
    beyond = {image.pixel(x, y) for x in range(165, 200) for y in bar} - {ground}
    assert bool(beyond) is (need > 2**31)


def test_a_budget_of_nothing_paints_no_bar() -> None:
    seen = shown(Unknown("x"), Unit.MEMORY_BYTES)
    cell = MemoryCell(shown=seen, segments=(), total_bytes=0, need_bytes=1)
    image = QImage(200, 44, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    paint_cell(painter, QRectF(0, 0, 200, 44), cell)
    painter.end()
    row = {image.pixel(x, 32) for x in range(200)}
    assert row == {theme.color("surface").rgb()}


def test_that_one_row_is_shown_anew_and_only_its_cells_that_differ_are_told() -> None:
    columns = (Column("Host"), Column("Stands"), Column("State"))
    model = TableModel(columns)
    row: Row = (Title("a"), Spot("server", "buy", "Our network"), Plain("Answers"))
    model.set_rows((row, row))
    told: list[tuple[int, int, int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), a.column(), b.row(), b.column())))
    model.set_row(1, row)
    assert told == []
    model.set_row(1, (row[0], Spot("hosted", "hosted", "A third party"), Plain("Gone")))
    assert told == [(1, 1, 1, 2)]
    assert [spoken(cell) for cell in model.rows[1]] == ["a", "A third party", "Gone"]
    assert sort_key(model.rows[1][1]) == "a third party"
    assert spoken(model.rows[0][2]) == "Answers"


def test_that_a_title_may_say_the_whole_of_its_row() -> None:
    assert spoken(Title("Rack 1", "box.lan", says="Rack 1, gone since 14:02")) == (
        "Rack 1, gone since 14:02"
    )


class Written(QPainter):
    """Remembers what is written, with the width that it takes and the width that it has."""

    def __init__(self, image: QImage) -> None:
        super().__init__(image)
        self.lines: list[tuple[str, float, float]] = []

    def drawText(self, *args: Any) -> None:
        box, _, text = args
        self.lines.append((text, QFontMetrics(self.font()).horizontalAdvance(text), box.width()))
        super().drawText(*args)


@pytest.mark.parametrize("width", [50, 64, 76, 90, 110])
@pytest.mark.parametrize("value", ["33.3", "unbekannt", "1,234.5"])
def test_that_a_figure_too_wide_for_its_cell_never_loses_its_first_digits(
    width: int, value: str
) -> None:
    cell = replace(shown(Measured(33.3, "", ""), Unit.TOKENS_PER_SECOND), value=value)
    image = QImage(200, 44, QImage.Format.Format_RGB32)
    painter = Written(image)
    paint_cell(painter, QRectF(0, 0, width, 44), cell)
    painter.end()
    assert all(takes <= has for _, takes, has in painter.lines), painter.lines
    first = painter.lines[0][0]
    assert first == value or first.endswith("\u2026")


class Painted(DataTable):
    """Counts how often it is painted, and where at last."""

    times = 0
    painted = QRegion()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.times += 1
        self.painted = event.region()
        super().paintEvent(event)


def test_that_a_table_is_painted_anew_in_another_scheme_and_in_another_font(
    qapp: QApplication, qtbot: QtBot, themed: theme.Theme
) -> None:
    table = Painted(gallery.COLUMNS, "Models")
    table.set_rows(gallery.rows())
    table.show()
    qtbot.waitUntil(lambda: table.times > 0)
    table.times = 0
    themed.use("dark")
    qtbot.waitUntil(lambda: table.times > 0)
    system, other = qapp.font(), qapp.font()
    other.setItalic(True)
    table.times = 0
    try:
        qapp.setFont(other)
        themed.refresh_fonts()
        qtbot.waitUntil(lambda: table.times > 0)
    finally:
        qapp.setFont(system)
        themed.refresh_fonts()


def test_that_what_names_the_row_keeps_its_room_in_a_narrow_table(
    qtbot: QtBot, text_times: Resize
) -> None:
    text_times(1)
    columns = [Column("What"), Column("Where", 200), Column("Speed", 150, right=True)]
    table = DataTable(columns, "Runs")
    qtbot.addWidget(table)
    table.show()
    # Words give way before numbers do; a name never has less than a quarter.
    for width, name, where, speed in (
        (600, 250, 200, 150),
        (450, 113, 188, 150),
        (400, 100, 150, 150),
        (360, 90, 150, 120),
    ):
        table.resize(width, 200)
        found = [table.columnWidth(i) for i in range(3)]
        assert all(abs(one - it) <= 3 for one, it in zip(found, (name, where, speed), strict=True))
