"""What may be done with a quality run that is kept: use it, write it out, delete it, undo."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.gui.messages import Action
from landfall.services.quality.export import export_run
from landfall.services.quality.use import use_for_workload

if TYPE_CHECKING:
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import SavedWorkload
    from landfall.services.quality.export import Kind
    from landfall.services.quality.records import QualityRun, WholeQualityRun

_SUFFIX: dict[str, str] = {"jsonl": "jsonl", "promptfoo": "yaml", "inspect": "jsonl"}


class GateDoings(QObject):
    """Stays when the panel goes, so that what was done can be undone.

    Signals:
        refused: An error for the panel to show.
        deleted: A run is gone, or came back.
    """

    refused = Signal(object)
    deleted = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        history: History,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._lookout = tasks, messages, lookout
        self._history = history

    # Into the workload

    def use(self, run: QualityRun, title: str) -> None:
        """Write it into its workload; the verdict is made anew."""
        task = self._tasks.run(use_for_workload(self._history, run.record.uid))
        task.succeeded.connect(partial(self._on_used, title))
        task.failed.connect(self.refused)

    def _on_used(self, title: str, before: SavedWorkload) -> None:
        undo = Action(self.tr("Undo"), partial(self._restore, before))
        self._messages.toast(self.tr("{0} uses this result").format(title), undo=undo)
        self._lookout.workloads()

    def _restore(self, before: SavedWorkload) -> None:
        task = self._tasks.run(self._history.save_workload(before))
        task.succeeded.connect(self._on_restored)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_restored(self, _nothing: object) -> None:
        self._lookout.workloads()

    # Files

    def export(self, run: QualityRun, kind: Kind, *, over: QWidget) -> None:
        """Ask where to, and write it."""
        suffix = _SUFFIX[kind]
        name = f"{Path(run.plan.title).stem or 'prompts'}-{kind}.{suffix}"
        dialog = QFileDialog(over, self.tr("Export"), name)
        dialog.setObjectName("gate-export-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._write, run, kind))
        dialog.open()

    def _write(self, run: QualityRun, kind: Kind, path: str) -> None:
        task = self._tasks.run(export_run(Path(path), run, kind))
        task.succeeded.connect(partial(self._on_written, path))
        task.failed.connect(self._messages.fail)

    def _on_written(self, path: str, _count: int) -> None:
        self._messages.toast(self.tr("Written to {0}").format(path))

    # Gone, and back

    def delete(self, uid: str) -> None:
        """Take a run out with its texts; it can be put back."""
        task = self._tasks.run(self._history.quality.delete(uid))
        task.succeeded.connect(self._on_deleted)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_deleted(self, taken: WholeQualityRun | None) -> None:
        if taken is not None:
            undo = Action(self.tr("Undo"), partial(self._put_back, taken))
            self._messages.toast(self.tr("Deleted the run and its answers"), undo=undo)
        self._lookout.workloads()
        self.deleted.emit()

    def _put_back(self, taken: WholeQualityRun) -> None:
        task = self._tasks.run(self._history.quality.put_back(taken))
        task.succeeded.connect(self._on_put_back)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_put_back(self, _nothing: object) -> None:
        self._lookout.workloads()
        self.deleted.emit()
