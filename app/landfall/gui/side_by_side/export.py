"""Asks where a comparison is to be written, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.gui.format import whole
from landfall.services.side_by_side.export import ENDINGS, export_side_by_side

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.side_by_side.kept import SideBySide


class SideExport(QObject):
    """One file picker at a time; the ending of the name decides how it is written."""

    def __init__(self, tasks: TaskRunner, messages: Messages, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._over = tasks, messages, parent
        self._side: SideBySide | None = None
        self._name = ""
        self.dialog: QFileDialog | None = None

    def ask(self, side: SideBySide) -> None:
        """Write this comparison to where the user says."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self._side = side
        filters = (
            self.tr("CSV for a spreadsheet (*.csv)"),
            self.tr("JSON for a program (*.json)"),
            self.tr("Markdown to read (*.md)"),
        )
        title = self.tr("Export the comparison")
        dialog = QFileDialog(self._over, title, "side-by-side.csv", ";;".join(filters))
        dialog.setObjectName("side-export-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filterSelected.connect(self._on_filter)
        dialog.fileSelected.connect(self.on_file)
        dialog.finished.connect(self._on_finished)
        self.dialog = dialog
        dialog.open()

    @Slot(str)
    def _on_filter(self, chosen: str) -> None:
        ending = next((ending for ending in ENDINGS if f"*{ending})" in chosen), ENDINGS[0])
        if self.dialog is not None:
            self.dialog.setDefaultSuffix(ending.removeprefix("."))

    @Slot(str)
    def on_file(self, chosen: str) -> None:
        """Write it there."""
        if self._side is None:
            return
        path = Path(chosen)
        self._name = path.name
        writing = self._tasks.run(export_side_by_side(path, self._side))
        writing.succeeded.connect(self._on_written)
        writing.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_written(self, count: int) -> None:
        words = self.tr("Exported {0} answers to {1}")
        if count == 1:
            words = self.tr("Exported one answer to {1}")
        self._messages.toast(words.format(whole(count), self._name))

    @Slot()
    def _on_finished(self) -> None:
        self.dialog = None
