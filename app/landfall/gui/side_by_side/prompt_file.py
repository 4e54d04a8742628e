"""Asks which file the prompts are in, and reads it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
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
    from landfall.gui.tasks import TaskRunner

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
        reading = self._tasks.run(in_thread(prompts_of_file, path, num_predict=_UNSAID))
        reading.succeeded.connect(partial(self._on_prompts, path))
        reading.failed.connect(self._messages.fail)

    def _on_prompts(self, path: Path, prompts: Sequence[Prompt]) -> None:
        self._path = path
        self.prompts = tuple(
            replace(one, num_predict=None) if one.num_predict == _UNSAID else one for one in prompts
        )
        self.was_read.emit()
