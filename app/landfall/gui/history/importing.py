"""Asks which exported files are taken back into the history, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.gui.format import whole
from landfall.services.history.importing import Imported, import_files

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History


class HistoryImport(QObject):
    """One file picker and one import at a time; what is there already is not taken twice.

    Signals:
        imported: The history holds more now.
        busy_changed: An import began or ended.
    """

    imported = Signal()
    busy_changed = Signal(bool)

    def __init__(
        self, tasks: TaskRunner, messages: Messages, history: History, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._parent = parent
        self.dialog: QFileDialog | None = None

    @Slot()
    def ask(self) -> None:
        """Ask for the files; runs and their curves may stand in several."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        filters = self.tr("Exported history (*.json *.csv)")
        dialog = QFileDialog(self._parent, self.tr("Import a history"), "", filters)
        dialog.setObjectName("import-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._on_files)
        dialog.finished.connect(self._on_closed)
        self.dialog = dialog
        dialog.open()

    @Slot(list)
    def _on_files(self, chosen: list[str]) -> None:
        paths = [Path(name) for name in chosen]
        reading = self._tasks.run(import_files(self._history, paths, keep=True))
        self.busy_changed.emit(True)
        reading.succeeded.connect(self._on_imported)
        reading.failed.connect(self._messages.fail)
        reading.finished.connect(self._on_finished)

    @Slot(object)
    def _on_imported(self, files: tuple[Imported, ...]) -> None:
        """Rows of all files together; what was there already is said."""
        rows, new = sum(one.rows for one in files), sum(one.new for one in files)
        if not rows:
            said = self.tr("There was nothing to import in {0}.").format(_names(files))
        elif new == rows:
            said = self.tr("Imported {0} rows from {1}.")
            if new == 1:
                said = self.tr("Imported one row from {1}.")
            said = said.format(whole(new), _names(files))
        else:
            said = self.tr("Imported {0} of {1} rows from {2}; the others were there already.")
            said = said.format(whole(new), whole(rows), _names(files))
        self._messages.toast(said)
        self.imported.emit()

    @Slot()
    def _on_finished(self) -> None:
        self.busy_changed.emit(False)

    @Slot()
    def _on_closed(self) -> None:
        self.dialog = None


def _names(files: tuple[Imported, ...]) -> str:
    return ", ".join(one.path.name for one in files)
