"""Looks once at each model in memory: predicted against what the server and its process say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.fit.offer import name_key
from landfall.services.models import load_check
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.fit.load_check import LoadCheck
    from landfall.core.hosts.runtime import LoadedModel
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.models.load_check import KeptLoads
    from landfall.services.ollama.server_in_use import Host

Key = tuple[str, str, int, int | None]


class LoadLooks(QObject):
    """What was seen of the models in memory. A load is looked at once, and nothing is polled.

    Signals:
        changed: More is known: `of`, `kept`.
    """

    changed = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: Host,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._host = tasks, messages, host
        self._history = history
        self._kept: KeptLoads | None = None
        self._seen: dict[Key, LoadCheck] = {}
        self._asked: set[Key] = set()
        self._fresh: set[str] = set()

    def of(self, model: LoadedModel) -> LoadCheck | None:
        """What was seen of a load, or None where it was not looked at yet."""
        return self._seen.get(_key(model))

    @property
    def kept(self) -> KeptLoads | None:
        """What earlier loads say of the predictions, or None while it is not known."""
        return self._kept

    def follow(self, models: tuple[LoadedModel, ...]) -> None:
        """Look at what was not looked at; forget what has left memory."""
        keys = {_key(model): model for model in models}
        self._asked &= keys.keys()
        self._seen = {key: seen for key, seen in self._seen.items() if key in keys}
        for key, model in keys.items():
            if key not in self._asked:
                self._asked.add(key)
                fresh = key[0] in self._fresh
                self._fresh.discard(key[0])
                looking = self._tasks.run(_look(self._host, model, 0 if fresh else None))
                looking.succeeded.connect(self.on_seen)
                looking.failed.connect(self.on_failed)

    def forget(self, name: str) -> None:
        """It is loaded anew: what was seen of it is over, and it was not asked anything yet."""
        key = name_key(name)
        self._fresh.add(key)
        self._asked = {asked for asked in self._asked if asked[0] != key}

    @Slot(object)
    def on_seen(self, check: LoadCheck) -> None:
        """A load was looked at."""
        self._seen[_key(check.model)] = check
        self.changed.emit()
        reading = self._tasks.run(load_check.kept(self._history))
        reading.succeeded.connect(self.on_kept)
        reading.failed.connect(self.on_failed)

    @Slot(object)
    def on_kept(self, kept: KeptLoads) -> None:
        """The loads that were kept were gone through."""
        self._kept = kept
        self.changed.emit()

    @Slot(object)
    def on_failed(self, error: Exception) -> None:
        """A server that has gone is shown by the page; the look is over with it."""
        if not isinstance(error, AppError):
            self._messages.fail(error)


def _key(model: LoadedModel) -> Key:
    return name_key(model.name), model.digest, model.size_bytes, model.context


async def _look(host: Host, model: LoadedModel, prompt_tokens: int | None) -> LoadCheck:
    client = await in_thread(lambda: host.client)
    return await load_check.look(client, model, prompt_tokens=prompt_tokens)
