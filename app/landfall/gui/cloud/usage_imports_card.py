"""What was imported, file by file; one of them can be taken back, and brought back again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from landfall.gui.allowed import allow
from landfall.gui.cloud.usage_problems import UsageProblems
from landfall.gui.cloud.usage_words import import_columns, import_row
from landfall.gui.format import whole
from landfall.gui.messages import Action
from landfall.gui.widgets.layout import Card, button
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.usage.kept import KeptImport, NewImport


class UsageImportsCard(Card):
    """The imports that are kept.

    Signals:
        changed: One was taken back, or brought back.
    """

    changed = Signal()

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        self.remove = button(self.tr("Take back"))
        self.remove.setObjectName("usage-take-back")
        self.problems = button(self.tr("Problems\u2026"))
        self.problems.setObjectName("usage-show-problems")
        super().__init__(self.tr("Imports"), self.problems, self.remove)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._imports: tuple[KeptImport, ...] = ()
        self.table = DataTable(import_columns(), self.tr("What was imported"), marks=False)
        self.table.setObjectName("usage-imports")
        self.bleed().add(self.table)
        self.remove.clicked.connect(self.on_remove)
        self.problems.clicked.connect(self.on_problems)
        self.table.chosen.connect(self._on_chosen)
        self._on_chosen(-1)

    def show_imports(self, imports: Sequence[KeptImport]) -> None:
        """These are kept now; what is chosen stays chosen."""
        self._imports = tuple(imports)
        self.table.set_rows([import_row(one) for one in imports])
        self._on_chosen(self.table.current)

    @property
    def _chosen(self) -> KeptImport | None:
        index = self.table.current
        return self._imports[index] if 0 <= index < len(self._imports) else None

    @Slot(int)
    def _on_chosen(self, _row: int) -> None:
        chosen = self._chosen
        has_one = chosen is not None
        has_problems = chosen is not None and bool(chosen.problem_count)
        allow(self.problems, "" if has_problems else self.tr("Choose one with problems."))
        allow(self.remove, "" if has_one else self.tr("Choose an import first."))

    @Slot()
    def on_problems(self) -> None:
        """Which rows of it could not be used."""
        if self._chosen is not None:
            UsageProblems(self._chosen, parent=self).open()

    @Slot()
    def on_remove(self) -> None:
        """Take it out at once, and offer the way back."""
        doomed = self._chosen
        if doomed is not None:
            task = self._tasks.run(self._history.usage.take_back(doomed.id))
            task.succeeded.connect(self._on_removed)
            task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_removed(self, taken: NewImport | None) -> None:
        if taken is not None:
            said = self.tr("Took back {0} rows of {1}")
            if taken.record.kept == 1:
                said = self.tr("Took back one row of {1}")
            undo = Action(self.tr("Undo"), partial(self._restore, taken))
            self._messages.toast(
                said.format(whole(taken.record.kept), taken.record.name), undo=undo
            )
        self.changed.emit()

    def _restore(self, taken: NewImport) -> None:
        task = self._tasks.run(self._history.usage.add([taken]))
        task.succeeded.connect(self.changed)
        task.failed.connect(self._messages.fail)
