"""The keys of the window, as they are bound."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from landfall.gui.shortcuts import Listed, listed
from landfall.gui.theme import Space
from landfall.gui.widgets.cells import Plain, Row, Title
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, label, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable

_SIZE = (720, 560)
_ROW = 30


class ShortcutsDialog(Dialog):
    """Shown with `open()`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts-dialog")
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = DataTable(
            (
                Column(self.tr("What it does")),
                Column(self.tr("Key"), 150),
                Column(self.tr("Where"), 150),
            ),
            self.tr("Keyboard shortcuts"),
            row_height=_ROW,
            marks=False,
            scrolls=True,
        )
        self.table.setObjectName("shortcuts-list")
        self.table.set_rows([_row(one) for one in listed()])
        note = label(
            self.tr("Tab goes through all controls as they are read, arrows through a list."),
            tone="text_2",
            wrap=True,
        )
        close = button(self.tr("Close"), "primary")
        close.setObjectName("shortcuts-close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        margins = (Space.XL, Space.XL, Space.XL, Space.L)
        layout = column(note, spacing=Space.L, margins=margins)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(None, close))
        self.setLayout(layout)
        self.resize(*_SIZE)
        close.setFocus()


def _row(one: Listed) -> Row:
    return (Title(one.does), Plain(one.keys), Plain(one.where, tone="text_2"))
