"""Whose work is in the program: a list, and the licence of the chosen one in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui import grown
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.cells import Plain, Title
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.layout import button, column, holder, label, row
from landfall.gui.widgets.mono_text import MonoText
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.table_place import TablePlace
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.services.installation.licences import Component

_LIST_WIDTH = 300


class LicencesView(QWidget):
    """Empty until the list was read.

    Signals:
        page_asked: The address of a component's page.
    """

    page_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._components: tuple[Component, ...] = ()
        columns = (Column(self.tr("Part")), Column(self.tr("Licence"), 128))
        self.table = DataTable(columns, self.tr("Licences"), scrolls=True, marks=False)
        self.table.setObjectName("about-licences")
        self.table.chosen.connect(self.on_chosen)
        self.place = TablePlace(self.table)
        grown.fix_width(self.place, _LIST_WIDTH)
        self.heading = label("", Text.STRONG, wrap=True)
        self.page = button(self.tr("Its page"), "link")
        self.page.setObjectName("about-licence-page")
        self.page.clicked.connect(self._on_page)
        self.page.hide()
        self.text = MonoText(self.tr("Licence in full"))
        self.text.setObjectName("about-licence-text")
        head = row(spacing=Space.S)
        head.addWidget(self.heading, 1)
        head.addWidget(self.page)
        right = column(spacing=Space.S)
        right.addLayout(head)
        right.addWidget(self.text, 1)
        layout = row(self.place, spacing=Space.L)
        layout.addWidget(holder(right), 1)
        self.setLayout(layout)

    def show_components(self, components: tuple[Component, ...]) -> None:
        """The list was read; the first of it, which is this program, is chosen."""
        self._components = components
        self.table.set_rows(
            [(Title(one.name, one.version), Plain(one.licence or "—")) for one in components]
        )
        self.place.show_table()
        self.table.select(0)

    def show_problem(self, message: str, hint: str) -> None:
        """The list cannot be read."""
        self.place.show_instead(EmptyState("warn", message, hint, width=_LIST_WIDTH - Space.XL))

    @Slot(int)
    def on_chosen(self, number: int) -> None:
        """Show the licence of a row."""
        if not 0 <= number < len(self._components):
            return
        one = self._components[number]
        self.heading.setText(self.tr("{0} {1}: {2}").format(one.name, one.version, one.licence))
        self.text.setPlainText(one.text or self.tr("What is installed brings no text of it."))
        self.page.setVisible(one.homepage.startswith("https://"))
        self.page.setToolTip(one.homepage)
        self.page.setAccessibleName(self.tr("Page of {0}").format(one.name))

    @Slot()
    def _on_page(self) -> None:
        number = self.table.current
        if 0 <= number < len(self._components):
            self.page_asked.emit(self._components[number].homepage)
