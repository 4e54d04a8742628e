"""The downloads of the window: what is pulled, waits, was paused, failed or is there.

Knows no widget: the Models page shows it, and other pages may start a pull through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.events import PullProgress
from landfall.core.offer import name_key
from landfall.core.pull_progress import PullReading, advanced
from landfall.gui.app_values import RunningTask
from landfall.gui.format import percent
from landfall.gui.messages import Action
from landfall.gui.widgets.pull_row import PullState
from landfall.services.history import now_iso
from landfall.services.ollama.downloads import Queued

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history import History, PullRecord
    from landfall.services.ollama.downloads import Downloads, DownloadStep

_ACTIVE = (PullState.RUNNING, PullState.QUEUED)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One download.

    Attributes:
        host: The server's address.
        insecure: Whether its registry is asked by plain http.
        error: Why it failed, in this session.
        reason: Why it failed or stopped, in words; "" where the user paused it.
        changed_at: ISO 8601 time of its last change of state.
        leaving: The user cancelled it: it is forgotten when its work has ended.
    """

    name: str
    host: str
    insecure: bool = False
    state: PullState = PullState.QUEUED
    reading: PullReading = field(default_factory=PullReading)
    error: AppError | None = None
    reason: str = ""
    changed_at: str = ""
    leaving: bool = False
    task: Task | None = None

    @property
    def active(self) -> bool:
        """Whether it loads or waits for its turn."""
        return self.state in _ACTIVE


class PullQueue(QObject):
    """Starts, pauses, resumes and forgets downloads.

    Signals:
        changed: The download of this name stands elsewhere now.
        listed: A download came or went.
        failed: The download of this name failed.
    """

    changed = Signal(str)
    listed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        downloads: Callable[[], Downloads],
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._tasks = state, tasks
        self._messages, self._lookout = messages, lookout
        self._downloads, self._history = downloads, history
        self._entries: dict[str, Entry] = {}
        state.runtimes_changed.connect(self.load)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, the newest last."""
        return tuple(self._entries.values())

    def find(self, name: str) -> Entry | None:
        """The download of a model, or None."""
        return self._entries.get(name_key(name))

    # Earlier starts

    @Slot()
    def load(self) -> None:
        """Bring in what earlier starts left unfinished on the server in use."""
        reading = self._tasks.run(self._history.unfinished_pulls())
        reading.succeeded.connect(self._on_records)
        reading.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_records(self, records: tuple[PullRecord, ...]) -> None:
        here = self._host_name()
        for key, entry in list(self._entries.items()):
            if not entry.active and here and _host_name(entry.host) != here:
                del self._entries[key]
        for record in reversed(records):
            known = name_key(record.model) in self._entries
            elsewhere = here and _host_name(record.host) != here
            if not known and not elsewhere and record.state != "running":
                self._entries[name_key(record.model)] = _entry(record)
        self.listed.emit()

    def _host_name(self) -> str:
        runtimes = self._state.runtimes
        return _host_name(runtimes[0].url) if runtimes else ""

    # What the user asks for

    def pull(self, name: str, *, insecure: bool = False) -> bool:
        """Start a download, or go on with it. False where no server answers; that was said."""
        known = self.find(name)
        if known is not None and (known.active or known.task is not None):
            return True
        try:
            downloads = self._downloads()
        except AppError as error:
            self._messages.tell(error)
            return False
        host = downloads.client.url
        if known is not None and known.host != host:
            self._forget(known.host, known.name)
        entry = Entry(name=name, host=host, insecure=insecure, changed_at=now_iso())
        if known is not None:
            entry.reading = _standing(known.reading)
        self._entries[name_key(name)] = entry
        self._messages.dismiss(_notice(name))
        entry.task = task = self._tasks.stream(downloads.pull(name, insecure=insecure))
        task.progressed.connect(partial(self._on_steps, entry))
        task.succeeded.connect(partial(self._on_done, entry))
        task.failed.connect(partial(self._on_failed, entry))
        task.finished.connect(partial(self._on_finished, entry))
        self.listed.emit()
        self._tell_running()
        return True

    @Slot(str)
    def resume(self, name: str) -> None:
        """Go on where it stopped."""
        entry = self.find(name)
        if entry is not None:
            self.pull(entry.name, insecure=entry.insecure)

    @Slot(str)
    def pause(self, name: str) -> None:
        """Stop it and keep what came."""
        entry = self.find(name)
        if entry is not None and entry.task is not None:
            entry.task.cancel()

    @Slot(str)
    def cancel(self, name: str) -> None:
        """Stop it and take it from the list."""
        entry = self.find(name)
        if entry is None:
            return
        if entry.task is not None:
            entry.leaving = True
            entry.task.cancel()
        else:
            self._drop(entry)

    # What comes

    def _on_steps(self, entry: Entry, steps: list[DownloadStep]) -> None:
        before = entry.state, entry.reading.fraction
        for step in steps:
            match step:
                case Queued():
                    entry.state = PullState.QUEUED
                case PullProgress():
                    entry.state = PullState.RUNNING
                    entry.reading = advanced(entry.reading, step)
        self.changed.emit(entry.name)
        if before != (entry.state, entry.reading.fraction):
            self._tell_running()

    def _on_done(self, entry: Entry, _nothing: object) -> None:
        entry.state, entry.changed_at = PullState.DONE, now_iso()
        self._lookout.models()
        run = partial(self._messages.jump_asked.emit, "run", entry.name)
        said = self.tr("{0} is on the disk").format(entry.name)
        self._messages.toast(said, undo=Action(self.tr("Run"), run))

    def _on_failed(self, entry: Entry, error: BaseException) -> None:
        entry.state, entry.changed_at = PullState.FAILED, now_iso()
        if isinstance(error, AppError):
            entry.error, entry.reason = error, str(error)
        else:
            entry.reason = self.tr("A mistake in this program stopped it.")
            self._messages.fail(error)
        if not entry.leaving:
            self.failed.emit(entry.name)

    def _on_finished(self, entry: Entry) -> None:
        entry.task = None
        if entry.active:
            entry.state, entry.changed_at = PullState.PAUSED, now_iso()
        if entry.leaving and entry.state is not PullState.DONE:
            self._drop(entry)
        else:
            entry.leaving = False
            self.changed.emit(entry.name)
        self._tell_running()

    def tell_failure(self, name: str) -> None:
        """Say it in a banner: the user looks at something else."""
        entry = self.find(name)
        if entry is not None and entry.error is not None:
            show = partial(self._messages.jump_asked.emit, "models", "downloads")
            action = Action(self.tr("Show downloads"), show)
            self._messages.tell(entry.error, action=action, key=_notice(name))

    def _drop(self, entry: Entry) -> None:
        self._entries.pop(name_key(entry.name), None)
        self._forget(entry.host, entry.name)
        self._messages.dismiss(_notice(entry.name))
        self.listed.emit()

    def _forget(self, host: str, name: str) -> None:
        forgetting = self._tasks.run(self._history.forget_pull(host, name))
        forgetting.failed.connect(self._messages.fail)

    def _tell_running(self) -> None:
        """Home and the sidebar show what is under way."""
        others = tuple(t for t in self._state.running if not t.key.startswith("pull:"))
        ours = tuple(
            RunningTask(
                key=f"pull:{entry.name}",
                title=self.tr("Pulling {0}").format(entry.name),
                detail=self._how_far(entry),
                page="models",
            )
            for entry in self.entries
            if entry.active
        )
        self._state.set_running((*others, *ours))

    def _how_far(self, entry: Entry) -> str:
        if entry.state is PullState.QUEUED:
            return self.tr("waits for the one before it")
        fraction = entry.reading.fraction
        return self.tr("size not known yet") if fraction is None else percent(fraction)


def _entry(record: PullRecord) -> Entry:
    failed = record.state == "failed"
    reason = record.reason
    if record.state == "interrupted":
        reason = "interrupted"
    return Entry(
        name=record.model,
        host=record.host,
        state=PullState.FAILED if failed else PullState.PAUSED,
        reading=PullReading(
            phase="download",
            completed_bytes=record.completed_bytes,
            total_bytes=record.total_bytes,
        ),
        reason=reason,
        changed_at=record.changed_at,
    )


def _standing(reading: PullReading) -> PullReading:
    """What was known of the bytes; the rate of the time before is none of the time now."""
    return PullReading(
        completed_bytes=reading.completed_bytes,
        total_bytes=reading.total_bytes,
        layers=reading.layers,
    )


def _notice(name: str) -> str:
    return f"pull:{name_key(name)}"


def _host_name(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
