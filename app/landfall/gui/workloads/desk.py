"""The editor while one is open: nobody leaves it with something unsaved unasked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError
from landfall.gui.app_values import shown_name
from landfall.gui.close_guard import CloseGuard
from landfall.gui.workloads.doings import Doings, own_text
from landfall.gui.workloads.editor import WorkloadEditor

if TYPE_CHECKING:
    from landfall.services.known_names import Known
    from landfall.services.records import SavedWorkload


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
        self._guard = CloseGuard(self._would_lose, self)
        self._guard.refused.connect(self._on_kept_open)
        doings.saved.connect(self._on_saved)
        doings.refused.connect(self._on_refused)
        doings.unreadable.connect(self._on_unreadable)

    @property
    def editor(self) -> WorkloadEditor | None:
        """What is open, or None."""
        return self._editor

    def watch(self, window: QWidget) -> None:
        """Guard this window."""
        self._guard.watch(window)

    # Opening

    def begin_new(self) -> None:
        """An empty one."""
        self.leave(partial(self._open, self.tr("New workload"), "", was=None))

    def edit(self, saved: SavedWorkload, *, as_text: bool = False, path: str = "") -> None:
        """Edit a stored one, at a key where one is named."""
        heading = self.tr("Edit {0}").format(shown_name(saved.name, sample=saved.sample))
        self._open(heading, own_text(saved), was=saved.name, as_text=as_text)
        if self._editor is not None and path:
            self._editor.begin(path)

    def _open(self, heading: str, text: str, *, was: str | None, as_text: bool = False) -> None:
        editor = WorkloadEditor(heading, text, was=was, as_text=as_text)
        editor.save_asked.connect(self._on_save)
        editor.closed.connect(self._on_left)
        editor.left.connect(self._on_left)
        editor.stayed.connect(self._on_stayed)
        editor.revealed.connect(self.revealed)
        self._editor = editor
        self.opened.emit(editor)
        editor.begin()

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
        self._editor = None
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
        self._editor = None
        then()

    def _would_lose(self) -> bool:
        return self._editor is not None and self._editor.dirty

    @Slot()
    def _on_left(self) -> None:
        self._editor = None
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
