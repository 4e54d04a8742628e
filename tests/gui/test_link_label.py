"""A link in a sentence by keys: one press of Tab comes to it, the next one leaves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column
from landfall.gui.widgets.link_label import LinkLabel


def test_that_tab_stops_once_at_a_link_and_enter_follows_it(qtbot: QtBot) -> None:
    before, words, after = button("Before"), LinkLabel(), button("After")
    words.setText("It costs less. <a href='rules'>Rules S1</a>")
    dialog = Dialog()
    dialog.setLayout(column(before, words, after))
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    before.setFocus(Qt.FocusReason.TabFocusReason)
    plain = words.grab().toImage()
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is words
    assert words.grab().toImage() != plain
    with qtbot.waitSignal(words.linkActivated):
        QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClick(words, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is after
    QTest.keyClick(after, Qt.Key.Key_Backtab)
    QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClick(words, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is before
