"""No window paints what is not laid out yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Messages
from landfall.gui.page import Page
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import Label, column, holder, label
from tests.gui.conftest import settle

LONG = "One line of several, which takes more room than the word that stood there. " * 8
DEEP = 9
"""Widgets inside one another, as on the page of workloads."""


class Painted(QObject):
    """Notes each label that is painted with less height than its text takes."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.squeezed: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, Label):
            self.count += 1
            needed = watched.heightForWidth(watched.width())
            if watched.height() < max(needed, watched.minimumSizeHint().height()):
                self.squeezed.append(f"{watched.text()}: {watched.height()} of {needed}")
        return False


def nested() -> tuple[QWidget, list[Label]]:
    """A widget, and labels that lie deep in it."""
    labels = [label("Short", wrap=True) for _ in range(30)]
    whole = holder(column(*labels))
    for _ in range(DEEP):
        whole = holder(column(whole))
    return whole, labels


def fill(labels: list[Label], qtbot: QtBot, qapp: QApplication) -> Painted:
    """Let the texts grow while a paint is on its way, and watch how they are painted."""
    painted = Painted()
    qapp.installEventFilter(painted)
    labels[0].window().update()
    for one in labels:
        one.setText(LONG)
    qtbot.waitUntil(lambda: painted.count > 1)
    qapp.removeEventFilter(painted)
    return painted


def test_that_a_page_is_laid_out_to_its_end_before_it_is_painted(
    qtbot: QtBot, qapp: QApplication, state: AppState, messages: Messages
) -> None:
    page = Page("Workloads")
    whole, labels = nested()
    page.body.addWidget(whole)
    page.body.addStretch(1)
    window = MainWindow(state, messages, page_factory=lambda _name: page)
    qtbot.addWidget(window)
    window.open_page("workloads")
    with qtbot.waitExposed(window):
        window.show()
    settle()
    assert fill(labels, qtbot, qapp).squeezed == []


def test_that_a_dialog_is_laid_out_to_its_end_before_it_is_painted(
    qtbot: QtBot, qapp: QApplication
) -> None:
    whole, labels = nested()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(whole)
    dialog = Dialog()
    dialog.setLayout(column(area))
    dialog.resize(500, 400)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    settle()
    assert fill(labels, qtbot, qapp).squeezed == []
