"""Text at 200 %: nothing is cut, and what has no room beside something else goes below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Measured
from landfall.gui.format import Shown, shown
from landfall.gui.theme import theme
from landfall.gui.units import Unit
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.choice_bar import ChoiceBar
from landfall.gui.widgets.figure_line import Captioned, FigureLine
from landfall.gui.widgets.numbers import paint_shown
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide


@pytest.fixture
def large(qapp: QApplication) -> Iterator[None]:
    """The system's text at 200 %."""
    before = qapp.font()
    twice = qapp.font()
    twice.setPointSizeF(20.0)
    qapp.setFont(twice)
    theme().refresh_fonts()
    yield
    qapp.setFont(before)
    theme().refresh_fonts()


def sized(widget: QWidget, width: int, qtbot: QtBot) -> QWidget:
    """The window in which it is, whose size it does not decide; to be held."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1300, 500)
    widget.setParent(window)
    widget.resize(width, 400)
    with qtbot.waitExposed(window):
        window.show()
    return window


def a_button(width: int) -> QPushButton:
    made = QPushButton("x")
    made.setFixedWidth(width)
    return made


def test_that_two_controls_stand_apart_or_below_one_another(qtbot: QtBot) -> None:
    left, right = a_button(300), a_button(200)
    apart = Apart(left, right)
    window = sized(apart, 600, qtbot)
    assert window.isVisible()
    assert left.x() == 0
    assert right.geometry().right() == 599
    assert right.y() == left.y()
    apart.resize(400, 400)
    qtbot.waitUntil(lambda: right.y() > left.y())
    assert right.x() == 0
    assert apart.minimumSizeHint().width() == 300


def test_that_buttons_of_a_choice_go_below_its_name_and_into_lines(qtbot: QtBot) -> None:
    buttons = [a_button(150) for _ in range(4)]
    bar = ChoiceBar(QLabel("a model"))
    bar.add(*buttons)
    window = sized(bar, 1000, qtbot)
    assert window.isVisible()
    assert len({one.mapTo(bar, one.rect().topLeft()).y() for one in buttons}) == 1
    bar.resize(400, 400)
    qtbot.waitUntil(lambda: buttons[3].y() > buttons[0].y())
    assert all(one.mapTo(bar, one.rect().topRight()).x() < 400 for one in buttons)
    assert bar.minimumSizeHint().width() < 200


@pytest.mark.usefixtures("large")
def test_that_figures_in_a_line_take_fewer_columns(qtbot: QtBot) -> None:
    keys = ("a", "b", "c", "d", "e")
    figure = shown(Measured(1, "", "x"), Unit.COUNT)
    line = FigureLine([Captioned(key, key, figure) for key in keys], prefix="p")
    window = sized(line, 940, qtbot)
    assert window.isVisible()
    assert line.labels["a"].y() < line.labels["c"].y()


@pytest.mark.usefixtures("large")
def test_that_what_stands_side_by_side_needs_more_room(qtbot: QtBot) -> None:
    main, side = QLabel("main"), QLabel("side")
    both = SideBySide(main, side, needs=700)
    window = sized(both, 900, qtbot)
    assert window.isVisible()
    assert side.y() > main.y()
    assert both.needs == 1400


def ink_left_of(figure: Shown, width: int) -> bool:
    """Whether a figure is painted beyond the left edge of its cell of that width."""
    image = QImage(600, 40, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_shown(painter, QRectF(600 - width, 0, width, 40), figure)
    painter.end()
    white = image.pixelColor(0, 0)
    return any(image.pixelColor(x, y) != white for x in range(600 - width - 1) for y in range(40))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("width", [60, 90, 120, 200])
def test_that_no_digit_of_a_number_is_cut(qapp: QApplication, width: int) -> None:
    theme()
    figure = shown(Measured(25_636.0, "", "x"), Unit.COUNT)
    figure = replace(figure, value="25,636", unit="tok/s")
    assert not ink_left_of(figure, width)


def test_that_a_table_of_large_text_is_scrolled_before_its_numbers_lose_their_ends(
    large: None, qtbot: QtBot
) -> None:
    columns = [Column("Model"), *(Column(name, 120, right=True) for name in ("In", "Out", "Both"))]
    table = DataTable(columns, "Prices", scrolls=True)
    window = sized(table, 1200, qtbot)
    assert window.isVisible()
    head, bar = table.horizontalHeader(), table.horizontalScrollBar()
    assert (head.sectionSize(1), bar.maximum()) == (240, 0)
    table.resize(500, 400)
    assert head.sectionSize(1) >= 0.7 * 2 * 120
    assert head.sectionSize(0) >= 2 * 100
    assert head.length() > table.viewport().width()
    assert bar.maximum() > 0
    table.resize(1200, 400)
    assert (head.length(), bar.maximum()) == (table.viewport().width(), 0)


def test_that_a_table_of_usual_text_is_as_wide_as_its_place(qtbot: QtBot) -> None:
    table = DataTable([Column("Model"), Column("In", 120), Column("Out", 120)], "Prices")
    window = sized(table, 330, qtbot)
    assert window.isVisible()
    assert table.horizontalHeader().sectionSize(1) == 120
    assert table.horizontalScrollBar().maximum() == 0
