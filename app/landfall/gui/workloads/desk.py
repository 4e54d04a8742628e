"""The editor while one is open: nobody leaves it with something unsaved unasked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError
from landfall.gui.app_values import shown_name
from landfall.gui.close_guard import CloseGuard
from landfall.gui.workloads.doings import Doings, own_text
from landfall.gui.workloads.editor import WorkloadEditor
from landfall.services.history.records import WorkloadDraft

if TYPE_CHECKING:
    from landfall.services.history.records import SavedWorkload
    from landfall.services.verdict.known_names import Known


KEPT_AFTER_MS = 600
"""What is typed is kept when nothing was typed for so long."""


class EditorDesk(QObject):
    """Opens editors, asks before one is given up, and stores what they say.

    Signals:
        opened: A WorkloadEditor should be shown.
        revealed: A widget in it should be scrolled to.
        stored: It was stored under this name, and the editor is gone.
        left: The editor is gone; nothing was stored.
        window_kept: The window stayed open because of what was typed.
    """

    opened = Signal(object)
    revealed = Signal(QWidget)
    stored = Signal(str)
    left = Signal()
    window_kept = Signal()

    def __init__(self, doings: Doings, parent: QObject) -> None:
        super().__init__(parent)
        self._doings = doings
        self._editor: WorkloadEditor | None = None
        self._then: Callable[[], None] | None = None
        self._drafts: tuple[WorkloadDraft, ...] = ()
        self._key = ""
        self._taken: WorkloadDraft | None = None
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEPT_AFTER_MS)
        self._keeping.timeout.connect(self._keep)
        self._guard = CloseGuard(self._would_lose, self)
        self._guard.refused.connect(self._on_kept_open)
        doings.saved.connect(self._on_saved)
        doings.refused.connect(self._on_refused)
        doings.unreadable.connect(self._on_unreadable)
        doings.measured.connect(self._on_measured)
        doings.drafts_told.connect(self._on_drafts)

    @property
    def editor(self) -> WorkloadEditor | None:
        """What is open, or None."""
        return self._editor

    def watch(self, window: QWidget) -> None:
        """Guard this window."""
        self._guard.watch(window)

    # Opening

    @Slot(object)
    def _on_drafts(self, drafts: tuple[WorkloadDraft, ...]) -> None:
        self._drafts = drafts

    def begin_new(self) -> None:
        """An empty one."""
        self.leave(partial(self._open, self.tr("New workload"), "", was=None))

    @Slot(object)
    def _on_measured(self, text: str) -> None:
        """One that begins with what was measured: new, with everything still to be saved."""
        self.leave(partial(self._open_measured, text))

    def _open_measured(self, text: str) -> None:
        self._open(self.tr("New workload, from what was measured"), "", was=None)
        if self._editor is not None:
            self._editor.begin_with(text)
            self._editor.begin("volume.calls_per_day")

    def take_up(self, draft: WorkloadDraft, saved: SavedWorkload | None) -> None:
        """Go on with what was typed and never saved; `saved` is what it would replace."""
        self.leave(partial(self._take_up, draft, saved))

    def _take_up(self, draft: WorkloadDraft, saved: SavedWorkload | None) -> None:
        if saved is not None:
            self.edit(saved)
        else:
            self._open(self.tr("New workload"), "", was=None, draft=draft)

    def edit(self, saved: SavedWorkload, *, as_text: bool = False, path: str = "") -> None:
        """Edit a stored one, at a key where one is named; what was half typed is taken up."""
        heading = self.tr("Edit {0}").format(shown_name(saved.name, sample=saved.sample))
        draft = next((one for one in self._drafts if one.key == saved.name), None)
        self._open(heading, own_text(saved), was=saved.name, as_text=as_text, draft=draft)
        if self._editor is not None and path:
            self._editor.begin(path)

    def _open(
        self,
        heading: str,
        text: str,
        *,
        was: str | None,
        as_text: bool = False,
        draft: WorkloadDraft | None = None,
    ) -> None:
        self._taken = draft
        self._key = draft.key if draft is not None else was or self._free_key()
        editor = WorkloadEditor(heading, text, was=was, as_text=as_text, draft=draft)
        editor.edited.connect(self._keeping.start)
        editor.put_aside.connect(self._on_put_aside)
        editor.save_asked.connect(self._on_save)
        editor.closed.connect(self._on_left)
        editor.left.connect(self._on_given_up)
        editor.stayed.connect(self._on_stayed)
        editor.revealed.connect(self.revealed)
        self._editor = editor
        self.opened.emit(editor)
        editor.begin()

    def _free_key(self) -> str:
        """Under which a new one is kept while it is typed, beside other new ones."""
        taken = {one.key for one in self._drafts}
        keys = chain(("",), (f"\n{number}" for number in count(1)))
        return next(key for key in keys if key not in taken)

    # While it is typed

    @Slot()
    def _keep(self) -> None:
        """What is typed is kept a moment later, so that a kill of the program takes nothing."""
        if self._editor is None:
            return
        if self._editor.dirty:
            self._doings.keep_draft(self._draft())
        else:
            self._doings.forget_draft(self._key)

    def _draft(self) -> WorkloadDraft:
        text = "" if self._editor is None else self._editor.text
        return WorkloadDraft(key=self._key, toml=text)

    @Slot(str, object)
    def _on_unreadable(self, text: str, error: AppError) -> None:
        self.leave(partial(self._correct, text, error))

    def _correct(self, text: str, error: AppError) -> None:
        self._open(self.tr("Correct the file"), text, was=None, as_text=True)
        if self._editor is not None:
            self._editor.show_error(error)

    @Slot(object)
    def offer(self, known: Known) -> None:
        """Names to suggest."""
        if self._editor is not None:
            self._editor.offer(known)

    # Storing

    @Slot(str)
    def _on_save(self, text: str) -> None:
        if self._editor is not None:
            self._doings.save(text, was=self._editor.was)

    @Slot(str)
    def _on_saved(self, name: str) -> None:
        self._end()
        self._doings.forget_draft(self._key)
        self.stored.emit(name)
        self._go_on()

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        if self._editor is not None:
            self._editor.show_error(error)

    # Leaving

    def leave(self, then: Callable[[], None]) -> None:
        """Do it at once, or after the question what shall become of what was typed."""
        if self._would_lose() and self._editor is not None:
            self._then = then
            self._editor.ask_to_leave()
            return
        self._end()
        then()

    def _end(self) -> None:
        self._editor = None
        self._keeping.stop()

    def _would_lose(self) -> bool:
        """A draft that was only looked at is kept as it is."""
        editor, taken = self._editor, self._taken
        if editor is None or not editor.dirty:
            return False
        return taken is None or editor.text != taken.toml

    @Slot()
    def _on_given_up(self) -> None:
        self._doings.discard_draft(self._draft())
        self._on_left()

    @Slot()
    def _on_put_aside(self) -> None:
        self._doings.put_aside(self._draft())
        self._on_left()

    @Slot()
    def _on_left(self) -> None:
        self._end()
        self.left.emit()
        self._go_on()

    @Slot()
    def _on_stayed(self) -> None:
        """What was to follow is forgotten: a later save leads nowhere else."""
        self._then = None

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    @Slot()
    def _on_kept_open(self) -> None:
        self.window_kept.emit()
        self.leave(self._guard.close)
