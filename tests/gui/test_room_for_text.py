"""Larger text gets the room it needs, and cards line up whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Measured
from landfall.gui import theme
from landfall.gui.before_paint import finish_layouts
from landfall.gui.format import Origin, shown
from landfall.gui.models.filters import Filters
from landfall.gui.page import Page
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.prompt_form import PromptForm
from landfall.gui.run.words import Meter
from landfall.gui.theme import Text
from landfall.gui.units import Unit
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.check_box import BOX, CheckBox
from landfall.gui.widgets.controls import SearchField, SegmentedControl
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.heading import Heading
from landfall.gui.widgets.layout import (
    BLEED,
    Card,
    Glyph,
    Label,
    button,
    column,
    holder,
    icon_button,
    label,
    row,
)
from landfall.gui.widgets.memory_bar import MemoryBar, Segment
from landfall.gui.widgets.numbers import OriginMark, small_enough
from landfall.gui.widgets.setting_field import NumberField, SettingField
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


def test_that_a_dialog_that_asks_for_more_than_the_screen_keeps_its_buttons_on_it(
    qtbot: QtBot, themed: theme.Theme
) -> None:
    dialog = Dialog()
    qtbot.addWidget(dialog)
    dialog.setLayout(column(label("Words"), None, row(None, QPushButton("Close"))))
    dialog.resize(3000, 2000)
    dialog.show()
    room = dialog.screen().availableSize()
    assert dialog.height() < room.height()
    assert dialog.width() < room.width()
    dialog.resize(3000, 2000)
    settle()
    assert dialog.height() == 2000, "what the user makes of it later stays"


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


def made_heading(*names: str) -> tuple[Card, list[QWidget]]:
    actions: list[QWidget] = [button(name) for name in names]
    return Card("Told apart by what was used", *actions), actions


def test_that_actions_go_below_a_heading_which_leaves_them_no_room(qtbot: QtBot) -> None:
    card, actions = made_heading("By model", "By project", "By hours")
    qtbot.addWidget(card)
    card.resize(700, 100)
    card.show()
    settle()
    title = next(one for one in card.findChildren(Label) if one.text().startswith("Told"))
    in_card = QPoint(0, 0)
    assert actions[0].mapTo(card, in_card).y() < title.mapTo(card, in_card).y() + title.height()
    card.resize(300, 100)
    settle()
    below = title.mapTo(card, in_card).y() + title.height()
    assert all(one.mapTo(card, in_card).y() >= below for one in actions)
    assert all(one.width() >= one.sizeHint().width() for one in actions)
    assert card.minimumSizeHint().width() < 300


def test_that_a_button_goes_below_words_that_it_would_press(qtbot: QtBot) -> None:
    line = StateLine(State.FAILED, "No key", LONG, action="Show the providers")
    qtbot.addWidget(line)
    line.resize(600, 100)
    line.show()
    settle()
    show = next(one for one in line.findChildren(QPushButton) if one.isVisible())
    assert show.mapTo(line, QPoint(0, 0)).x() > line.detail.mapTo(line, QPoint(0, 0)).x()
    line.resize(260, line.heightForWidth(260))
    settle()
    words = line.detail
    assert show.mapTo(line, QPoint(0, 0)).y() >= words.mapTo(line, QPoint(0, words.height())).y()
    assert words.width() > 200


def test_that_icons_and_marks_are_as_large_as_the_text_beside_them(
    qtbot: QtBot, large: None
) -> None:
    icon, press, glyph = icon_button("cross", "Dismiss"), button("Save", icon="check"), Glyph("ok")
    mark, box = OriginMark(Origin.MEASURED), CheckBox("Blind")
    whole = holder(column(icon, press, glyph, mark, box))
    qtbot.addWidget(whole)
    whole.show()
    settle()
    assert icon.width() == icon.height() == 56
    assert press.iconSize().width() == 32
    assert glyph.width() == 36
    assert mark.width() == 32
    assert box.sizeHint().width() >= 2 * BOX


def test_that_a_box_takes_more_lines_where_its_words_have_no_room(qtbot: QtBot) -> None:
    box = CheckBox("Take the model out of memory first, to time a cold load")
    qtbot.addWidget(box)
    assert box.minimumSizeHint().width() < box.sizeHint().width() / 2
    assert box.heightForWidth(box.sizeHint().width()) == box.sizeHint().height()
    assert box.heightForWidth(box.sizeHint().width() // 3) >= 3 * box.fontMetrics().height()


def test_that_the_legend_of_memory_has_as_many_columns_as_have_room(qtbot: QtBot) -> None:
    bar = MemoryBar(columns=3)
    names = ("Used by other programs", "Used by models", "Free")
    segments = [Segment(name, 10**9, "mem_weights") for name in names]
    bar.set_memory(segments, total_bytes=3 * 10**9)
    whole = holder(column(bar))
    qtbot.addWidget(whole)
    whole.resize(900, 60)
    whole.show()
    settle()
    words = [one for one in bar.findChildren(Label) if one.text() in names]
    assert len({one.mapTo(bar, QPoint(0, 0)).y() for one in words}) == 1
    whole.resize(160, 160)
    settle()
    assert len({one.mapTo(bar, QPoint(0, 0)).y() for one in words}) == 3
    assert bar.minimumSizeHint().width() <= bar.width()


def test_that_a_number_is_written_smaller_before_it_is_cut(themed: theme.Theme) -> None:
    font = theme.font(Text.BODY)
    asked = QFontMetrics(font).horizontalAdvance("unbekannt")
    for room in range(round(asked * 0.7), asked + 4):
        metrics = QFontMetrics(small_enough(font, "unbekannt", room))
        assert metrics.elidedText("unbekannt", Qt.TextElideMode.ElideRight, room) == "unbekannt"


def test_that_a_heading_comes_to_rest(qtbot: QtBot) -> None:
    card, _ = made_heading("By model", "By project", "By hours")
    qtbot.addWidget(card)
    card.show()
    head, times = card.findChild(Heading), list[None]()
    assert head is not None
    for width in (700, 300):
        card.resize(width, 100)
        settle()
        head.arranged.connect(lambda: times.append(None))
        qtbot.wait(200)
        assert len(times) < 5
        head.arranged.disconnect()


def test_that_tabs_take_a_second_line_where_one_has_no_room(qtbot: QtBot) -> None:
    names = ("Recommended", "Installed", "Running", "Downloads")
    tabs = SegmentedControl(names, wraps=True)
    whole = holder(column(row(tabs, None), None))
    qtbot.addWidget(whole)
    whole.resize(600, 200)
    whole.show()
    settle()
    first, last = tabs.group.button(0), tabs.group.button(3)
    assert first.y() == last.y()
    assert tabs.width() < 600
    whole.resize(240, 200)
    finish_layouts()
    assert last.y() > first.y()
    assert last.geometry().bottom() < tabs.height()
    assert tabs.width() <= 240


def test_that_a_page_wider_than_its_room_can_be_moved_sideways(qtbot: QtBot) -> None:
    page = Page("Models")
    wide = label("Wide")
    wide.setMinimumWidth(900)
    page.body.addWidget(wide)
    qtbot.addWidget(page)
    page.resize(700, 400)
    page.show()
    finish_layouts()
    assert page.horizontalScrollBar().isVisible()
    assert page.horizontalScrollBar().maximum() > 0
    page.resize(1200, 400)
    finish_layouts()
    assert not page.horizontalScrollBar().isVisible()


def test_that_buttons_of_an_empty_place_go_below_one_another(qtbot: QtBot) -> None:
    first, second = button("Import files of usage"), button("Fetch usage of a provider")
    place = EmptyState("history", "Nothing yet", "Bring something.", first, second)
    qtbot.addWidget(place)
    place.resize(600, 400)
    place.show()
    settle()
    middle = (first.x() + second.geometry().right()) / 2
    assert abs(middle - 300) < 4
    assert first.y() == second.y()
    place.resize(260, 400)
    finish_layouts()
    assert second.y() > first.y()


def test_that_what_stands_apart_heeds_other_words(qtbot: QtBot) -> None:
    left, right = label("Short"), button("Refresh")
    apart = Apart(left, right)
    qtbot.addWidget(apart)
    apart.resize(400, 100)
    apart.show()
    settle()
    assert right.y() < left.geometry().bottom()
    left.setText("Words that take nearly all of the width that there is, and more")
    finish_layouts()
    assert right.y() > left.y()


def below(one: QWidget, other: QWidget, within: QWidget) -> bool:
    """Whether one begins where the other has ended."""
    bottom = other.mapTo(within, QPoint(0, other.height())).y()
    return one.mapTo(within, QPoint(0, 0)).y() >= bottom


def test_that_the_control_of_a_setting_goes_below_words_which_it_would_press(qtbot: QtBot) -> None:
    folder = button("Open the folder")
    folder.setFixedWidth(200)
    field = SettingField("History", LONG, folder)
    whole = holder(column(field, None))
    qtbot.addWidget(whole)
    for width, is_below in ((700, False), (300, True), (700, False)):
        whole.resize(width, 400)
        whole.show()
        finish_layouts()
        assert below(folder, field.hint, field) is is_below
        assert folder.geometry().right() > width - 30
    assert field.minimumSizeHint().width() < 300


def meters(*values: float) -> list[Meter]:
    figures = [shown(Measured(one, "", "here"), Unit.COUNT) for one in values]
    return [Meter(str(i), "Figure", figure) for i, figure in enumerate(figures)]


def test_that_figures_of_a_run_take_the_lines_that_they_need(qtbot: QtBot) -> None:
    figures = RunMeters()
    whole = holder(column(figures, None))
    qtbot.addWidget(whole)
    figures.show_meters(meters(1, 2, 3))
    first, second, third = figures.labels.values()
    whole.resize(700, 300)
    whole.show()
    finish_layouts()
    assert first.y() == second.y() == third.y()
    whole.resize(first.minimumSizeHint().width() * 2 + 60, 300)
    finish_layouts()
    assert first.y() == second.y() < third.y()
    assert figures.minimumSizeHint().width() < whole.width() / 2
    figures.show_meters(meters(1, 22222222, 3))
    finish_layouts()
    assert first.y() < second.y() < third.y()
    figures.show_meters(meters(1, 2, 3))
    finish_layouts()
    # It can be as long again at once.
    assert first.y() < second.y() < third.y()


def test_that_how_models_are_priced_has_room_in_a_small_window(qtbot: QtBot, large: None) -> None:
    filters = Filters(8192)
    whole = holder(column(filters, None))
    qtbot.addWidget(whole)
    filters.more.setChecked(True)
    whole.show()
    for width in (1400, 620):
        whole.resize(width, 400)
        finish_layouts()
        assert filters.width() <= width
        inner = [filters.more, filters.context, filters.kv_type, filters.batch, filters.parallel]
        assert all(one.mapTo(whole, QPoint(one.width(), 0)).x() <= width for one in inner)


def test_that_parameters_of_an_answer_stand_in_two_lines_where_one_has_no_room(
    qtbot: QtBot, large: None
) -> None:
    form = PromptForm(8192)
    qtbot.addWidget(form)
    form.parameters_toggle.setChecked(True)
    form.show()
    for width, is_below in ((1300, False), (620, True)):
        form.resize(width, 500)
        finish_layouts()
        assert form.width() == width
        assert below(form.seed, form.context, form) is is_below


class Requests(QObject):
    """Counts what asks a widget, or any below it, for another layout."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_that_what_stands_apart_comes_to_rest(qtbot: QtBot) -> None:
    left, right = label("Short"), button("Refresh")
    apart = Apart(left, right)
    qtbot.addWidget(apart)
    apart.resize(400, 100)
    apart.show()
    settle()
    requests = Requests()
    apart.installEventFilter(requests)
    for text in ("Other", "Words that take nearly all of the width that there is, and more"):
        left.setText(text)
        qtbot.wait(200)
        assert requests.count < 5
        requests.count = 0
