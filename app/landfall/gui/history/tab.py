"""The frame of a tab of the History page: it reads its part, lists it, and says where it stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.hints import failure_words
from landfall.gui.history.asked import Asked
from landfall.gui.page import PageState
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import BLEED, holder, row

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.export import Exported
    from landfall.services.history.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Which filters mean something for a tab, and the names that occur in it."""

    search: bool = True
    place: bool = True
    model: bool = True
    workload: bool = True
    models: Iterable[str] = ()
    workloads: Iterable[str] = ()


class HistoryTab(QWidget):
    """Reads when it is asked to, one reading at a time; a later wish waits for the end of it.

    Signals:
        changed: What it shows, or where it stands, is another now.
        jump: Another page is wanted, as of `Page`.
    """

    changed = Signal()
    jump = Signal(str, str)

    file_name = "landfall"

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__()
        self._tasks, self._messages, self._history = tasks, messages, history
        self._reading: Task | None = None
        self._is_stale = False
        self._why = ""
        self.asked = Asked()
        self.is_read = False

    # What a tab must say

    @property
    def state(self) -> PageState:
        """Where it stands."""
        if self._why:
            return PageState.FAILED
        return self.standing() if self.is_read else PageState.LOADING

    @property
    def controls(self) -> Controls:
        """The filters that mean something here."""
        raise NotImplementedError

    def reading(self) -> AsyncIterator[Any]:
        """What is read comes to `take`; what is shown first may come before all of it."""
        raise NotImplementedError

    def take(self, read: Any) -> None:
        """Show what was read."""
        raise NotImplementedError

    def show_instead(self, line: QWidget) -> None:
        """It could not be read: show this in the place of its content."""
        raise NotImplementedError

    def list_asked(self) -> None:
        """List what `asked` wants of what was read."""
        raise NotImplementedError

    def standing(self) -> PageState:
        """Empty, partial or ready, once it is read."""
        raise NotImplementedError

    def sentence(self) -> str:
        """What is shown, as one sentence of fact."""
        raise NotImplementedError

    def exported(self) -> Exported:
        """The rows that an export would write."""
        raise NotImplementedError

    # What all do alike

    def ask(self, asked: Asked) -> None:
        """Something else is wanted."""
        self.asked = asked
        if self.is_read:
            self.list_asked()
            self.changed.emit()

    @Slot()
    def refresh(self) -> None:
        """Read it anew; what is chosen stays chosen."""
        if self._reading is not None:
            self._is_stale = True
            return
        self._reading = self._tasks.stream(self.reading())
        self._reading.progressed.connect(self._on_read)
        self._reading.failed.connect(self._on_failed)
        self._reading.finished.connect(self._on_finished)

    @Slot(list)
    def _on_read(self, reads: list[Any]) -> None:
        self._why, self.is_read = "", True
        self.take(reads[-1])
        self.list_asked()
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.fail(error)
        self._why = self.tr("The history could not be read")
        line = StateLine(State.FAILED, self._why, failure_words(error), action=self.tr("Try again"))
        line.triggered.connect(self.refresh)
        self.show_instead(holder(row(line, margins=(BLEED, 0, BLEED, 0))))
        self.changed.emit()

    @Slot()
    def _on_finished(self) -> None:
        self._reading = None
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    @property
    def words(self) -> str:
        """The sentence below the title of the page."""
        if self._why:
            return self._why
        return self.sentence() if self.is_read else self.tr("Reading the history")
