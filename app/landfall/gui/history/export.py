"""Asks where an export goes, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.services.history_export import Exported, export

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner


class HistoryExport(QObject):
    """One file picker at a time."""

    def __init__(self, tasks: TaskRunner, messages: Messages, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._parent = tasks, messages, parent
        self._rows: Exported = ()
        self._name = ""
        self.dialog: QFileDialog | None = None

    def ask(self, rows: Exported, name: str) -> None:
        """Export these rows to where the user says; `name` is proposed."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self._rows = rows
        filters = self.tr("CSV for a spreadsheet (*.csv);;JSON for a program (*.json)")
        dialog = QFileDialog(self._parent, self.tr("Export"), f"{name}.csv", filters)
        dialog.setObjectName("export-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filterSelected.connect(self._on_filter)
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(self._on_finished)
        self.dialog = dialog
        dialog.open()

    @Slot(str)
    def _on_filter(self, chosen: str) -> None:
        if self.dialog is not None:
            self.dialog.setDefaultSuffix("json" if "json" in chosen else "csv")

    @Slot(str)
    def _on_file(self, chosen: str) -> None:
        path = Path(chosen)
        self._name = path.name
        writing = self._tasks.run(export(path, self._rows))
        writing.succeeded.connect(self._on_written)
        writing.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_written(self, count: int) -> None:
        self._messages.toast(self.tr("Exported {0} rows to {1}").format(count, self._name))

    @Slot()
    def _on_finished(self) -> None:
        self.dialog = None
