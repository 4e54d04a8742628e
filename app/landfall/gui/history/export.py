"""Asks where an export goes or comes from, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.gui.format import whole
from landfall.services.history.export import Exported, export
from landfall.services.history.records import RunRecord
from landfall.services.history.whole_export import export_history

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History


async def write_whole(path: Path, history: History) -> int:
    """Write all of the history with its curves, to be imported back; how many rows an import takes.

    Sums by day are made of the others and are not among them.

    Raises:
        AppError: see `services.history.whole_export.export_history`; or the history cannot be read.
    """
    written = await export_history(path, history, samples=True)
    return sum(one.rows for one in written if one.kind != "day_totals")


async def write(path: Path, rows: Exported, history: History | None) -> int:
    """Write the rows; runs of a list with their texts, which it does not hold.

    Raises:
        AppError: see `services.history.export.export`; or the history cannot be read.
    """
    ids = [row.id for row in rows if isinstance(row, RunRecord)]
    if ids and history is not None:
        rows = await history.runs_with_texts(ids)
    return await export(path, rows)


class HistoryExport(QObject):
    """One file picker at a time.

    history: Where the texts of runs are read that come from a list; None takes runs as they are.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        parent: QWidget,
        *,
        history: History | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._parent = parent
        self._whole = self.tr("The whole history with its curves, to be imported back (*.json)")
        self._rows: Exported = ()
        self._name = ""
        self.dialog: QFileDialog | None = None

    def ask(self, rows: Exported, name: str) -> None:
        """Export these rows to where the user says; `name` is proposed."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self._rows = rows
        filters = [
            self.tr("CSV for a spreadsheet (*.csv)"),
            self.tr("JSON for a program (*.json)"),
        ]
        if self._history is not None:
            filters.append(self._whole)
        dialog = QFileDialog(self._parent, self.tr("Export"), f"{name}.csv", ";;".join(filters))
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
        path, history = Path(chosen), self._history
        self._name = path.name
        asked = self.dialog.selectedNameFilter() if self.dialog is not None else ""
        if history is not None and asked == self._whole:
            writing = self._tasks.run(write_whole(path, history))
        else:
            writing = self._tasks.run(write(path, self._rows, history))
        writing.succeeded.connect(self._on_written)
        writing.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_written(self, count: int) -> None:
        words = self.tr("Exported {0} rows to {1}")
        if count == 1:
            words = self.tr("Exported one row to {1}")
        self._messages.toast(words.format(whole(count), self._name))

    @Slot()
    def _on_finished(self) -> None:
        self.dialog = None
