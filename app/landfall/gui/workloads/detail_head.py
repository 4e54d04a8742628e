"""Over a verdict: which workload it is, and what may be done with that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from landfall.gui.app_values import shown_name
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import button, column, icon_button, label, row
from landfall.gui.workloads.view import facts_line

if TYPE_CHECKING:
    from landfall.services.history.records import SavedWorkload
    from landfall.services.verdict.decided import Decided


class DetailHead(QWidget):
    """Name, facts and actions of a workload.

    Signals:
        asked: An action by its name; see `WorkloadDetail`.
    """

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._name = label("", Text.HEADING, wrap=True)
        self._name.setObjectName("workload-name")
        self._facts = label("", Text.CAPTION, tone="text_2", wrap=True)
        layout = row(spacing=Space.S)
        layout.addLayout(column(self._name, self._facts, spacing=0), 1)
        for action in self._actions():
            layout.addWidget(action)
        self.setLayout(layout)

    def _actions(self) -> tuple[QWidget, ...]:
        self.gate = button(self.tr("Run the quality gate\u2026"))
        self.gate.setObjectName("gate")
        self.gate.clicked.connect(partial(self.asked.emit, "gate"))
        edit = button(self.tr("Edit"))
        edit.setObjectName("edit")
        edit.clicked.connect(partial(self.asked.emit, "edit"))
        self._more = icon_button("more", self.tr("More actions"))
        self._more.setObjectName("more")
        self._more.clicked.connect(self._on_more)
        self.menu = QMenu(self._more)
        for name, words in (
            ("text", self.tr("Edit as text")),
            ("rename", self.tr("Rename\u2026")),
            ("duplicate", self.tr("Duplicate")),
            ("report", self.tr("Report\u2026")),
            ("export", self.tr("Export as TOML\u2026")),
            ("delete", self.tr("Delete")),
        ):
            action = self.menu.addAction(words)
            action.setObjectName(f"do-{name}")
            action.triggered.connect(partial(self.asked.emit, name))
        return self.gate, edit, self._more

    def show_workload(self, saved: SavedWorkload, decided: Decided) -> None:
        """Name it, with the facts that its verdict rests on."""
        self._name.setText(shown_name(saved.name, sample=saved.sample))
        self._facts.setText(facts_line(decided, sample=saved.sample))

    @Slot()
    def _on_more(self) -> None:
        self.menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))
