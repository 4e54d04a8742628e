"""Larger text gets the room it needs, and cards line up whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.theme import Text
from landfall.gui.widgets.controls import SearchField, SegmentedControl
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import BLEED, Card, Label, button, column, holder, label
from landfall.gui.widgets.setting_field import NumberField
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from tests.gui.conftest import settle

LONG = "Two readings at the plug, idle and under load, tell what the sensors miss. " * 4


@pytest.fixture
def large(qapp: QApplication, themed: theme.Theme) -> Iterator[None]:
    """Text of twice the size, as a system at 200 % has it."""
    system = qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(2 * max(10.0, system.pointSizeF()))
    qapp.setFont(larger)
    themed.refresh_fonts()
    yield
    qapp.setFont(system)
    themed.refresh_fonts()


def heading(card: Card) -> QPoint:
    """Where the title of a card begins."""
    title = next(one for one in card.findChildren(Label) if one.text() == "Heading")
    return title.mapTo(card, QPoint(0, 0))


def test_that_headings_of_all_cards_begin_at_one_place(qtbot: QtBot) -> None:
    plain = Card("Heading").add(label("Words"))
    table = Card("Heading").bleed().add(DataTable([Column("Name")], "Names"))
    linked = Card("Heading", button("More", "link")).bleed().add(label("Words"))
    whole = holder(column(plain, table, linked))
    qtbot.addWidget(whole)
    whole.resize(600, 500)
    whole.show()
    settle()
    assert heading(plain) == heading(table) == heading(linked)
    assert heading(table).x() == BLEED + 1


def test_that_a_side_goes_below_sooner_at_larger_text(qtbot: QtBot, large: None) -> None:
    side = label("Side")
    both = SideBySide(label("Main"), side, side_width=300, needs=700)
    qtbot.addWidget(both)
    both.resize(1000, 300)
    both.show()
    settle()
    assert side.width() > 900
    both.resize(1500, 300)
    settle()
    assert side.width() == 600


def test_that_fields_buttons_and_segments_are_as_large_as_their_words(
    qtbot: QtBot, themed: theme.Theme, large: None
) -> None:
    line = QFontMetrics(theme.font(Text.BODY)).height()
    edit, press, number = QLineEdit(), button("Save"), NumberField("Days", "", unit="days")
    segments, search = SegmentedControl(("One", "Two")), SearchField("Find", width=100)
    whole = holder(column(edit, press, number, segments, search))
    qtbot.addWidget(whole)
    whole.show()
    settle()
    for one in (edit, press, number.edit, segments, search):
        assert one.minimumSizeHint().height() >= line, type(one).__name__
    assert number.edit.width() == 176
    assert search.width() == 200


def test_that_a_heading_is_never_pressed_into_less_than_its_height(
    qtbot: QtBot, large: None
) -> None:
    card = Card("Heading", button("More", "link"), note="a note")
    qtbot.addWidget(card)
    card.show()
    settle()
    card.resize(700, card.minimumSizeHint().height())
    settle()
    title = next(one for one in card.findChildren(Label) if one.text() == "Heading")
    assert title.height() >= title.sizeHint().height()


def made(*parts: QWidget) -> Dialog:
    dialog = Dialog()
    dialog.setLayout(column(*parts))
    dialog.set_least_width(400)
    return dialog


def test_that_a_dialog_is_high_enough_for_its_words_also_when_they_change(
    qtbot: QtBot, large: None
) -> None:
    words = label("Short", wrap=True)
    dialog = made(words, button("Close"))
    qtbot.addWidget(dialog)
    dialog.show()
    settle()
    assert dialog.width() >= min(800, dialog.screen().availableSize().width() - 64)
    words.setText(LONG)
    settle()
    assert words.height() >= words.heightForWidth(words.width())


def test_that_tab_goes_through_a_dialog_as_it_is_read(qtbot: QtBot) -> None:
    last, first = QLineEdit(), QLineEdit()
    dialog = made(first, last)
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    first.setFocus()
    dialog.focusNextPrevChild(True)
    assert QApplication.focusWidget() is last
    dialog.focusNextPrevChild(True)
    assert QApplication.focusWidget() is first
    dialog.focusNextPrevChild(False)
    assert QApplication.focusWidget() is last
