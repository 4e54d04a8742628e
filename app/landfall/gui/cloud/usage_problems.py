"""The rows of an import that could not be used, after it was kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.usage_rows import problem_columns, problem_row, problems_text
from landfall.gui.format import whole
from landfall.gui.theme import Space
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import Card, button, column, label, row
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.services.usage.kept import KeptImport

ROW = 40


class UsageProblems(Dialog):
    """Shown with `open()`."""

    def __init__(self, kept: KeptImport, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("usage-problems-dialog")
        self.setWindowTitle(self.tr("Problems of an import"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._kept = kept
        listed, count = len(kept.problems), kept.problem_count
        said = self.tr("{0} rows of {1} could not be used; the others were kept.")
        if count == 1:
            said = self.tr("One row of {1} could not be used; the others were kept.")
        name = kept.name if kept.source == "provider" else Path(kept.name).name
        words = said.format(whole(count), name)
        if count > listed:
            words = f"{words} {self.tr('The first {0} are listed.').format(whole(listed))}"
        self.table = DataTable(
            problem_columns(),
            self.tr("Rows that cannot be used"),
            row_height=ROW,
            scrolls=True,
            marks=False,
        )
        self.table.setObjectName("kept-problems")
        self.table.set_rows([problem_row(problem) for problem in kept.problems])
        card = Card().bleed()
        card.body.addWidget(self.table, 1)
        copy = button(self.tr("Copy"), icon="copy")
        copy.setObjectName("kept-problems-copy")
        copy.clicked.connect(self.on_copy)
        close = button(self.tr("Close"))
        close.setObjectName("kept-problems-close")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        layout = column(label(words, wrap=True), spacing=Space.M, margins=(Space.XL,) * 4)
        layout.addWidget(card, 1)
        layout.addLayout(row(copy, None, close))
        self.setLayout(layout)
        self.resize(720, 420)

    @Slot()
    def on_copy(self) -> None:
        """All that are listed, as text."""
        kept = self._kept
        text = problems_text(kept.name, kept.problems, kept.problem_count)
        QGuiApplication.clipboard().setText(text)
