"""What may be done with saved workloads: store, bring, rename, copy, write out, remove, undo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget
from shiboken6 import isValid

from landfall.core.errors import AppError, BadInput
from landfall.core.workload.writer import renamed
from landfall.gui.app_values import shown_name
from landfall.gui.messages import Action, Notice
from landfall.gui.translated import translated
from landfall.services.installation.named_files import SUFFIXES
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.reports.dialog import ReportDialog
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.records import SavedWorkload, WorkloadDraft
    from landfall.services.verdict.decided import Entry
    from landfall.services.verdict.portfolio import Portfolio

_NOTICE = "workload-file"
_PATTERNS = " ".join(f"*{suffix}" for suffix in SUFFIXES)
_MOST_SAID = 3
"""Files that a banner names when several are wrong; more make it longer than the page."""


class Doings(QObject):
    """Each change is stored first, then everything is decided anew, then it is said.

    Signals:
        saved: What was typed is stored under this name.
        stored: Another workload of this name was stored and should be shown.
        refused: What was typed cannot be stored: the error.
        unreadable: The text of a file that is wrong, to be corrected, and its error.
        measured: The text of a workload that begins with something measured here.
        drafts_told: What is half typed and not saved, whenever that is another.
    """

    saved = Signal(str)
    stored = Signal(str)
    refused = Signal(object)
    unreadable = Signal(str, object)
    measured = Signal(object)
    drafts_told = Signal(object)

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        over: QWidget,
    ) -> None:
        """Make it.

        Args:
            portfolio: Where workloads are kept.
            tasks, messages, lookout: Run, say, decide again.
            over: The widget over which dialogs open.
        """
        super().__init__(over)
        self._portfolio, self._tasks, self._messages = portfolio, tasks, messages
        self._lookout, self._over = lookout, over

    # Storing

    def save(self, text: str, *, was: str | None) -> None:
        """Store what was typed."""
        task = self._tasks.run(self._portfolio.save(text, was=was))
        task.succeeded.connect(self._on_saved)
        task.failed.connect(self._on_refused)

    @Slot(object)
    def _on_saved(self, saved: SavedWorkload) -> None:
        self._messages.toast(self.tr("Saved {0}").format(saved.name))
        self.saved.emit(saved.name)
        self._lookout.workloads()

    @Slot(object)
    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, AppError):
            self.refused.emit(error)
        else:
            self._messages.fail(error)

    # Half typed

    @Slot()
    def read_drafts(self) -> None:
        """What is half typed and not saved."""
        if not isValid(self):
            return  # the window was closed over what was discarded
        task = self._tasks.run(self._portfolio.drafts())
        task.succeeded.connect(self.drafts_told)
        task.failed.connect(self._messages.fail)

    def keep_draft(self, draft: WorkloadDraft) -> None:
        """Keep what is typed by now, so that a kill takes nothing."""
        task = self._tasks.run(self._portfolio.keep_draft(draft))
        task.failed.connect(self._messages.fail)

    def put_aside(self, draft: WorkloadDraft) -> None:
        """Keep it, and list it."""
        task = self._tasks.run(self._portfolio.keep_draft(draft))
        task.succeeded.connect(self._on_drafts_changed)
        task.failed.connect(self._messages.fail)

    def forget_draft(self, key: str) -> None:
        """What was typed is saved, or is as it was."""
        task = self._tasks.run(self._portfolio.forget_draft(key))
        task.succeeded.connect(self._on_drafts_changed)
        task.failed.connect(self._messages.fail)

    def discard_draft(self, draft: WorkloadDraft) -> None:
        """Drop what was typed, and offer the way back."""
        task = self._tasks.run(self._portfolio.forget_draft(draft.key))
        task.succeeded.connect(partial(self._on_discarded, draft))
        task.failed.connect(self._messages.fail)

    def _on_discarded(self, draft: WorkloadDraft, _nothing: object) -> None:
        undo = Action(self.tr("Undo"), partial(self.put_aside, draft))
        self._messages.toast(self.tr("Discarded what was typed"), undo=undo)
        self.read_drafts()

    @Slot(object)
    def _on_drafts_changed(self, _nothing: object) -> None:
        self.read_drafts()

    def begin_with(self, kind: str, row: int) -> None:
        """Begin a workload with a "run" or a "benchmark" of the history."""
        task = self._tasks.run(self._portfolio.of_measured(kind, row))
        task.succeeded.connect(self.measured)
        task.failed.connect(self._messages.fail)

    def _after(self, saved: SavedWorkload) -> None:
        self.stored.emit(saved.name)
        self._lookout.workloads()

    # Files

    @Slot()
    def choose_file(self) -> None:
        """Ask for workload files, and bring them."""
        kinds = self.tr("Workloads ({0});;All files (*)").format(_PATTERNS)
        dialog = QFileDialog(self._over, self.tr("Import a workload"), "", kinds)
        dialog.setObjectName("import-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.bring_each)
        dialog.open()

    @Slot(list)
    def bring_each(self, paths: Sequence[str]) -> None:
        """Store workloads from files; what they replace can be brought back. The last is shown."""
        self._messages.dismiss(_NOTICE)
        task = self._tasks.run(self._portfolio.bring_each([Path(path) for path in paths]))
        before = {entry.saved.name: entry.saved for entry in self._lookout.entries or ()}
        task.succeeded.connect(partial(self._on_brought, before, tuple(paths)))
        task.failed.connect(self._messages.fail)

    def _on_brought(
        self,
        before: dict[str, SavedWorkload],
        paths: tuple[str, ...],
        found: tuple[SavedWorkload | BadInput, ...],
    ) -> None:
        stored = [one for one in found if not isinstance(one, BadInput)]
        wrong = [
            (path, one) for path, one in zip(paths, found, strict=True) if isinstance(one, BadInput)
        ]
        if len(wrong) == 1:
            self._say_wrong(*wrong[0])
        elif wrong:
            self._say_all_wrong(wrong, len(paths))
        if stored:
            self._say_stored(before, stored)
            self._after(stored[-1])

    def _say_stored(self, before: dict[str, SavedWorkload], stored: list[SavedWorkload]) -> None:
        texts = {one.name: one.toml for one in stored}
        old = tuple(
            one for name, one in before.items() if name in texts and texts[name] != one.toml
        )
        undo = Action(self.tr("Undo"), partial(self._restore, old)) if old else None
        if len(stored) > 1:
            words = self.tr("Imported {0} workloads").format(len(stored))
        elif old:
            words = self.tr("Imported {0} over the one that was here").format(stored[0].name)
        else:
            words = self.tr("Imported {0}").format(stored[0].name)
        self._messages.toast(words, undo=undo)

    def _say_all_wrong(self, wrong: list[tuple[str, BadInput]], count: int) -> None:
        """Several files that are no workloads, in one banner: the first few with their place."""
        said = []
        for path, one in wrong[:_MOST_SAID]:
            words = translated(one.message)
            said.append(words if path in words else f"{self._place_of(path, one)}: {words}")
        title = self.tr("{0} of {1} files were not imported.").format(len(wrong), count)
        more = "" if len(wrong) <= _MOST_SAID else " \u2026"
        self._messages.show(
            Notice(key=_NOTICE, tone="danger", title=title, text=" ".join(said) + more)
        )

    def _place_of(self, path: str, error: BadInput) -> str:
        return self.tr("{0}, line {1}").format(path, error.line) if error.line else path

    def _say_wrong(self, path: str, error: BadInput) -> None:
        action = Action(self.tr("Correct it here"), partial(self._correct, path, error))
        self._messages.show(
            Notice(
                key=_NOTICE,
                tone="danger",
                title=translated(error.message),
                text=f"{self._place_of(path, error)}. {translated(error.hint)}",
                action=action if error.line else None,
            )
        )

    def _correct(self, path: str, error: BadInput) -> None:
        # The banner stands on every page, the editor on this one alone.
        self._messages.jump_asked.emit("workloads", "")
        task = self._tasks.run(self._portfolio.text_of(Path(path)))
        task.succeeded.connect(partial(self._on_text, error))
        task.failed.connect(self._messages.fail)

    def _on_text(self, error: BadInput, text: str) -> None:
        self.unreadable.emit(text, error)

    def export(self, saved: SavedWorkload) -> None:
        """Ask where to, and write the file."""
        name = f"{_file_name(saved.name)}{SUFFIXES[0]}"
        kinds = self.tr("Workloads ({0})").format(_PATTERNS)
        dialog = QFileDialog(self._over, self.tr("Export the workload"), name, kinds)
        dialog.setObjectName("export-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIXES[0])
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._write, saved))
        dialog.open()

    def _write(self, saved: SavedWorkload, path: str) -> None:
        task = self._tasks.run(self._portfolio.write(saved, Path(path)))
        task.succeeded.connect(partial(self._on_written, path))
        task.failed.connect(self._messages.fail)

    def _on_written(self, path: str, _nothing: object) -> None:
        self._messages.toast(self.tr("Written to {0}").format(path))

    def report(self, entries: Sequence[Entry], chosen: str, settings: Settings) -> None:
        """Ask which workloads, in which format and where to, and write a report.

        Args:
            chosen: The name of the one that is ticked at first; "" ticks what is the user's own.
        """
        make: type[ReportDialog] = late("landfall.gui.reports.dialog").ReportDialog
        dialog = make(
            entries,
            chosen,
            settings,
            portfolio=self._portfolio,
            tasks=self._tasks,
            messages=self._messages,
            parent=self._over,
        )
        dialog.open()

    @Slot()
    def bring_samples(self) -> None:
        """Have back those that came with the program."""
        task = self._tasks.run(self._portfolio.bring_samples())
        task.succeeded.connect(self._on_restored)
        task.failed.connect(self._messages.fail)

    @Slot()
    def bring_sample_portfolio(self) -> None:
        """Store the sample portfolio: four workloads in the shape of a published case."""
        task = self._tasks.run(self._portfolio.bring_sample_portfolio())
        task.succeeded.connect(self._on_restored)
        task.failed.connect(self._messages.fail)

    # Names and copies

    def rename(self, saved: SavedWorkload) -> None:
        """Ask for another name."""
        dialog = QInputDialog(self._over)
        dialog.setObjectName("rename-dialog")
        dialog.setWindowTitle(self.tr("Rename"))
        dialog.setLabelText(self.tr("New name"))
        dialog.setTextValue(saved.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(partial(self._rename, saved))
        dialog.open()

    def _rename(self, saved: SavedWorkload, name: str) -> None:
        if name.strip() == saved.name:
            return
        task = self._tasks.run(self._portfolio.rename(saved, name))
        task.succeeded.connect(self._after)
        task.failed.connect(self._messages.fail)

    def duplicate(self, saved: SavedWorkload) -> None:
        """Store a copy."""
        task = self._tasks.run(self._portfolio.duplicate(saved))
        task.succeeded.connect(self._after)
        task.failed.connect(self._messages.fail)

    # Removing

    def remove(self, doomed: Sequence[SavedWorkload]) -> None:
        """Remove them at once, and offer the way back."""
        gone = tuple(doomed)
        task = self._tasks.run(self._remove(gone))
        task.succeeded.connect(self._on_removed)
        task.failed.connect(self._messages.fail)

    async def _remove(self, doomed: tuple[SavedWorkload, ...]) -> tuple[SavedWorkload, ...]:
        for one in doomed:
            await self._portfolio.remove(one.name)
        return doomed

    @Slot(object)
    def _on_removed(self, gone: tuple[SavedWorkload, ...]) -> None:
        said = self.tr("Removed {0} samples").format(len(gone))
        if len(gone) == 1:
            said = self.tr("Removed {0}").format(shown_name(gone[0].name, sample=gone[0].sample))
        undo = Action(self.tr("Undo"), partial(self._restore, gone))
        self._messages.toast(said, undo=undo)
        self._lookout.workloads()

    def _restore(self, gone: tuple[SavedWorkload, ...]) -> None:
        task = self._tasks.run(self._bring_back(gone))
        task.succeeded.connect(self._on_restored)
        task.failed.connect(self._messages.fail)

    async def _bring_back(self, gone: tuple[SavedWorkload, ...]) -> tuple[SavedWorkload, ...]:
        for one in gone:
            await self._portfolio.restore(one)
        return gone

    @Slot(object)
    def _on_restored(self, back: tuple[SavedWorkload, ...]) -> None:
        self._after(back[0])


def own_text(saved: SavedWorkload) -> str:
    """The text to edit. A sample that is edited is the user's own, and loses the word."""
    if not saved.sample:
        return saved.toml
    try:
        return renamed(saved.toml, shown_name(saved.name, sample=True))
    except BadInput:
        return saved.toml


def _file_name(name: str) -> str:
    """A name that every file system takes."""
    kept = "".join(c if c.isalnum() or c in " ._-()" else "-" for c in name)
    return kept.strip(" .") or "workload"
