"""The downloads of the window: what is pulled, waits, was paused, failed or is there.

Knows no widget: the Models page shows it, and other pages may start a pull through it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.fit.offer import name_key
from landfall.gui.app_values import RunningTask
from landfall.gui.format import percent, plain
from landfall.gui.messages import Action
from landfall.gui.models.pull_entry import Entry, entry_of, standing
from landfall.gui.models.pull_row import PullState
from landfall.gui.models.ranking import host_words
from landfall.gui.units import Unit
from landfall.services.history.records import now_iso

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import PullRecord
    from landfall.services.ollama.downloads import Downloads


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
                entry.deleteLater()
        for record in reversed(records):
            known = name_key(record.model) in self._entries
            elsewhere = here and _host_name(record.host) != here
            if not known and not elsewhere and record.state != "running":
                self._entries[name_key(record.model)] = entry_of(record, self)
        self.listed.emit()

    def _pulling(self, name: str) -> str:
        """What is under way, and on which machine where that is another one."""
        host = host_words(self._state)
        if host:
            return self.tr("Pulling {0} on {1}").format(name, host)
        return self.tr("Pulling {0}").format(name)

    def _host_name(self) -> str:
        runtimes = self._state.runtimes
        return _host_name(runtimes[0].url) if runtimes else ""

    # What the user asks for

    def pull(self, name: str, *, insecure: bool = False) -> bool:
        """Start a download, or go on with it. False where no server answers; that was said."""
        known = self.find(name)
        if known is not None and known.at_work:
            return True
        try:
            downloads = self._downloads()
        except AppError as error:
            self._messages.tell(error)
            return False
        host = downloads.client.url
        if known is not None and known.host != host:
            self._forget(known.host, known.name)
        entry = Entry(
            name,
            host,
            insecure=insecure,
            reading=standing(known.reading) if known else None,
            changed_at=now_iso(),
            parent=self,
        )
        self._entries[name_key(name)] = entry
        if known is not None:
            known.deleteLater()
        self._messages.dismiss(_notice(name))
        entry.moved.connect(self.on_moved)
        entry.ended.connect(self.on_ended)
        entry.begin(self._tasks.stream(downloads.pull(name, insecure=insecure)))
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
        if entry is not None:
            entry.stop()

    @Slot(str)
    def cancel(self, name: str) -> None:
        """Stop it and take it from the list."""
        entry = self.find(name)
        if entry is None:
            return
        self._tell_left(entry)
        if entry.at_work:
            entry.leaving = True
            entry.stop()
        else:
            self._drop(entry)

    def _tell_left(self, entry: Entry) -> None:
        """What came stays on the disk for a while, where nobody sees it."""
        came = entry.reading.completed_bytes
        if came and entry.state is not PullState.DONE:
            said = self.tr(
                "Cancelled. {0} stay on the disk until Ollama clears them at a later start"
            )
            self._messages.toast(said.format(plain(came, Unit.FILE_BYTES)))

    # What comes

    @Slot(object)
    def on_moved(self, entry: Entry) -> None:
        """Bytes came, or it waits."""
        self.changed.emit(entry.name)
        self._tell_running()

    @Slot(object)
    def on_ended(self, entry: Entry) -> None:
        """It is there, paused, failed, or to be forgotten."""
        done = entry.state is PullState.DONE
        if entry.leaving and not done:
            self._drop(entry)
        else:
            entry.leaving = False
            self.changed.emit(entry.name)
            if entry.state is PullState.FAILED:
                self._tell_failed(entry)
        if done:
            self._tell_done(entry)
        self._tell_running()

    def _tell_done(self, entry: Entry) -> None:
        self._lookout.models()
        # The disk has less room now, which the page shows.
        self._lookout.machine()
        run = partial(self._messages.jump_asked.emit, "run", entry.name)
        said = self.tr("{0} is on the disk").format(entry.name)
        self._messages.toast(said, undo=Action(self.tr("Run"), run))

    def _tell_failed(self, entry: Entry) -> None:
        if entry.error is not None and not isinstance(entry.error, AppError):
            self._messages.fail(entry.error)
        self.failed.emit(entry.name)

    def tell_failure(self, name: str) -> None:
        """Say it in a banner: the user looks at something else."""
        entry = self.find(name)
        if entry is not None and isinstance(entry.error, AppError):
            show = partial(self._messages.jump_asked.emit, "models", "downloads")
            action = Action(self.tr("Show downloads"), show)
            self._messages.tell(entry.error, action=action, key=_notice(name))

    def see_failures(self) -> None:
        """They are in sight now: no banner says them any more."""
        for entry in self.entries:
            self._messages.dismiss(_notice(entry.name))

    def _drop(self, entry: Entry) -> None:
        self._entries.pop(name_key(entry.name), None)
        entry.deleteLater()
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
                title=self._pulling(entry.name),
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


def _notice(name: str) -> str:
    return f"pull:{name_key(name)}"


def _host_name(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
