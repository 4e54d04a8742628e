"""Asks which file the prompts are in, and reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.core.side_by_side.side_by_side import MOST_ANSWER_TOKENS, Prompt
from landfall.services.side_by_side.prompts import prompts_of_file
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner

_UNSAID = MOST_ANSWER_TOKENS
"""What a line of a file that sets no limit is read with: the limit of the form holds for it."""


class PromptFile(QObject):
    """One file picker at a time.

    Signals:
        was_read: The prompts of another file are there: `prompts`, `name`.
    """

    was_read = Signal()

    def __init__(self, tasks: TaskRunner, messages: Messages, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._over = tasks, messages, parent
        self._dialog: QFileDialog | None = None
        self._path: Path | None = None
        self._reading: Task | None = None
        self._reads: Path | None = None
        self.prompts: tuple[Prompt, ...] = ()

    @property
    def name(self) -> str:
        """What the file is called whose prompts these are."""
        return self._path.name if self._path is not None else ""

    def drop(self) -> None:
        """Its prompts are not asked any more."""
        self.prompts = ()

    @Slot()
    def ask(self) -> None:
        """Let the user choose one."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        filters = self.tr("Prompts (*.txt *.jsonl);;All files (*)")
        dialog = QFileDialog(self._over, self.tr("Prompts"), "", filters)
        dialog.setObjectName("side-file-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.on_file)
        dialog.finished.connect(self._on_closed)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def _on_closed(self) -> None:
        self._dialog = None

    @Slot(str)
    def on_file(self, file: str) -> None:
        """Ask the prompts of this file."""
        path = Path(file)
        if self._reading is not None:
            self._reading.cancel()
        self._reads = path
        self._reading = self._tasks.run(in_thread(_opened, path))
        self._reading.succeeded.connect(self._on_prompts)
        self._reading.failed.connect(self._on_failed)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._reading = None
        self._messages.fail(error)

    @Slot(object)
    def _on_prompts(self, opened: tuple[Path, Sequence[Prompt]]) -> None:
        path, prompts = opened
        if path != self._reads:
            return  # another file was chosen since
        self._reading, self._path = None, path
        self.prompts = tuple(
            replace(one, num_predict=None) if one.num_predict == _UNSAID else one for one in prompts
        )
        self.was_read.emit()


def _opened(path: Path) -> tuple[Path, Sequence[Prompt]]:
    return path, prompts_of_file(path, num_predict=_UNSAID)
