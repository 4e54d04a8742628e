"""Tab goes as a page is read, whatever was made first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.gui import tab_order
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Messages
from landfall.gui.page import Page
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button, column, holder


def names(widgets: list[QWidget]) -> list[str]:
    return [widget.objectName() for widget in widgets]


def field(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    return made


def test_stops_follow_nested_layouts_and_grids_and_not_the_order_of_making(qtbot: QtBot) -> None:
    whole, low, left, right = QWidget(), field("low"), field("left"), field("right")
    hidden, dead = field("hidden"), field("dead")
    grid = QGridLayout()
    grid.addWidget(low, 1, 0)
    top = QHBoxLayout()
    top.addWidget(left)
    top.addWidget(right)
    grid.addLayout(top, 0, 0)
    outer = QVBoxLayout(whole)
    outer.addLayout(grid)
    outer.addWidget(hidden)
    outer.addWidget(dead)
    over = QPushButton(whole)
    over.setObjectName("over")
    qtbot.addWidget(whole)
    whole.show()
    hidden.hide()
    dead.setEnabled(False)
    assert names(tab_order.stops(whole)) == ["left", "right", "low", "over"]


def test_of_a_segmented_control_the_checked_part_is_the_stop(qtbot: QtBot) -> None:
    whole = QWidget()
    segments = SegmentedControl(("One", "Two", "Three"))
    QVBoxLayout(whole).addWidget(segments)
    qtbot.addWidget(whole)
    whole.show()
    segments.choose(2)
    assert [stop.accessibleName() for stop in tab_order.stops(whole)] == ["Three"]


def test_a_step_goes_round_and_enters_what_has_the_focus(qtbot: QtBot) -> None:
    whole, first, last = QWidget(), field("first"), field("last")
    inner = QVBoxLayout(whole)
    inner.addWidget(first)
    inner.addWidget(last)
    qtbot.addWidget(whole)
    ring: list[QWidget] = [first, last]
    assert tab_order.step(ring, last, forward=True) is first
    assert tab_order.step(ring, first, forward=False) is last
    assert tab_order.step(ring, whole, forward=True) is first
    assert tab_order.step(ring, whole, forward=False) is last
    assert tab_order.step([], whole, forward=True) is None


class Made(Page):
    """The lower field exists before the upper."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        low, high = field("low"), field("high")
        self.body.addWidget(high)
        self.body.addWidget(low)


def test_tab_in_the_window_goes_from_the_page_down_and_round_by_the_sidebar(
    qtbot: QtBot, state: AppState, messages: Messages
) -> None:
    window = MainWindow(state, messages, page_factory=Made)
    qtbot.addWidget(window)
    window.open_page("models")
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.open_page("models")
    seen = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused.objectName())
    assert seen == ["high", "low", "nav-models", "host-line"]
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is window.sidebar.items["models"]


def test_that_what_is_disabled_or_hidden_hands_the_focus_to_what_stands_beside_it(
    qtbot: QtBot,
) -> None:
    page = QWidget()
    layout = QVBoxLayout(page)
    rim = QPushButton("page at the rim")
    layout.addWidget(rim)
    card = QWidget()
    inner = QHBoxLayout(card)
    store, other = QPushButton("Store"), QPushButton("Other")
    inner.addWidget(store)
    inner.addWidget(other)
    layout.addWidget(card)
    qtbot.addWidget(page)
    page.show()
    store.setEnabled(False)
    assert tab_order.step(tab_order.stops(page), store, forward=True) is other
    store.hide()
    assert tab_order.step(tab_order.stops(page), store, forward=False) is other
    other.setEnabled(False)
    assert tab_order.step(tab_order.stops(page), store, forward=True) is rim


@pytest.mark.parametrize(
    ("meanwhile", "back"),
    [("nothing", True), ("another place", False), ("what Qt gave it to", False)],
)
def test_that_a_button_has_the_keyboard_again_when_its_work_is_done(
    qtbot: QtBot, meanwhile: str, back: bool
) -> None:
    work, near, far = button("Import"), QLineEdit(), QLineEdit()
    window = holder(column(work, near, far))
    qtbot.addWidget(window)
    window.show()
    work.setFocus()
    work.setEnabled(False)
    assert window.focusWidget() is near
    if meanwhile == "another place":
        far.setFocus()
    elif meanwhile == "what Qt gave it to":
        qtbot.keyClick(near, Qt.Key.Key_A)
    work.setEnabled(True)
    assert (window.focusWidget() is work) is back
    work.setEnabled(True)
    assert (window.focusWidget() is work) is back
