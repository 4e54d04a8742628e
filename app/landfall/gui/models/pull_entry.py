"""One download of the window: where it stands, and what its work tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.events import PullProgress
from landfall.core.pull_progress import PullReading, advanced
from landfall.gui.hints import failure_words
from landfall.gui.models.lookup import on_loopback
from landfall.gui.models.pull_row import PullState
from landfall.gui.translated import translated
from landfall.services.history.records import now_iso
from landfall.services.ollama.downloads import Queued

if TYPE_CHECKING:
    from landfall.gui.tasks import Task
    from landfall.services.history.records import PullRecord
    from landfall.services.ollama.downloads import DownloadStep

INTERRUPTED = "interrupted"
"""The reason of a download that was cut when the program ended."""

_ACTIVE = (PullState.RUNNING, PullState.QUEUED)


class Entry(QObject):
    """One download.

    Attributes:
        name: The model. host: the server's address.
        insecure: Whether its registry is asked by plain http.
        error: Why it failed, in this session.
        reason: Why it failed or stopped, in words; "" where the user paused it.
        changed_at: ISO 8601 time of its last change of state.
        leaving: The user cancelled it: it is forgotten when its work has ended.

    Signals:
        moved: It stands elsewhere now. ended: its work is over, however it went.
    """

    moved = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        name: str,
        host: str,
        *,
        insecure: bool = False,
        state: PullState = PullState.QUEUED,
        reading: PullReading | None = None,
        reason: str = "",
        changed_at: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.name, self.host, self.insecure = name, host, insecure
        self.state = state
        self.reading = reading or PullReading()
        self.error: BaseException | None = None
        self.reason, self.changed_at = reason, changed_at
        self.leaving = False
        self._task: Task | None = None

    @property
    def active(self) -> bool:
        """Whether it loads or waits for its turn."""
        return self.state in _ACTIVE

    @property
    def at_work(self) -> bool:
        """Whether its work has not ended yet."""
        return self._task is not None

    def begin(self, task: Task) -> None:
        """The work was handed over."""
        self._task = task
        task.progressed.connect(self.on_steps)
        task.succeeded.connect(self.on_done)
        task.failed.connect(self.on_failed)
        task.finished.connect(self.on_finished)

    def stop(self) -> None:
        """Ask the work to end; what came is kept."""
        if self._task is not None:
            self._task.cancel()

    @Slot(list)
    def on_steps(self, steps: list[DownloadStep]) -> None:
        """It waits, or bytes came."""
        for step in steps:
            match step:
                case Queued():
                    self.state = PullState.QUEUED
                case PullProgress():
                    self.state = PullState.RUNNING
                    self.reading = advanced(self.reading, step)
        self.moved.emit(self)

    @Slot(object)
    def on_done(self, _nothing: object) -> None:
        """The model is there."""
        self.state = PullState.DONE

    @Slot(object)
    def on_failed(self, error: BaseException) -> None:
        """It ended before its end."""
        self.state, self.error = PullState.FAILED, error
        bug = self.tr("A mistake in this program stopped it.")
        self.reason = failure_words(error) if isinstance(error, AppError) else bug

    @Slot()
    def on_finished(self) -> None:
        """Always, and last."""
        self._task = None
        if self.active:
            self.state = PullState.PAUSED
        self.changed_at = now_iso()
        self.ended.emit(self)


def entry_of(record: PullRecord, parent: QObject) -> Entry:
    """A download that an earlier start left unfinished."""
    failed = record.state == "failed"
    cut = INTERRUPTED if record.state == "interrupted" else ""
    return Entry(
        record.model,
        record.host,
        insecure=on_loopback(record.model),
        state=PullState.FAILED if failed else PullState.PAUSED,
        reading=PullReading(
            phase="download",
            completed_bytes=record.completed_bytes,
            total_bytes=record.total_bytes,
        ),
        reason=translated(record.reason) if failed else cut,
        changed_at=record.changed_at,
        parent=parent,
    )


def standing(reading: PullReading) -> PullReading:
    """What was known of the bytes; the rate of the time before is none of the time now."""
    return PullReading(
        completed_bytes=reading.completed_bytes,
        total_bytes=reading.total_bytes,
        layers=reading.layers,
    )
