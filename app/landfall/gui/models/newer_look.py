"""Asks the registries of what is installed, once a press; what they said holds until a pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.fit.offer import name_key
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from landfall.core.hosts.runtime import InstalledModel
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.ollama.newer import Newness
    from landfall.services.ollama.server_in_use import Host


class NewerLook(QObject):
    """What registries have under the names that are installed.

    Signals:
        changed: More is known, or the look began or ended.
    """

    changed = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: Host,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._host = tasks, messages, host
        self._task: Task | None = None
        self._known: dict[tuple[str, str], Newness] = {}
        """By the name and the digest that it was asked for: what was pulled since is another."""
        self._asked: dict[str, str] = {}

    @property
    def is_looking(self) -> bool:
        """Whether registries are being asked."""
        return self._task is not None

    def of(self, model: InstalledModel) -> Newness | None:
        """What its registry said of what is installed now, or None."""
        return self._known.get((name_key(model.name), model.digest))

    def start(self, models: Sequence[InstalledModel]) -> None:
        """Ask for these models; a second press while it asks is none."""
        if self._task is not None:
            return
        self._asked = {name_key(model.name): model.digest for model in models}
        task = self._tasks.stream(_looked(self._host, [model.name for model in models]))
        task.progressed.connect(self.on_found)
        task.failed.connect(self._messages.fail)
        task.finished.connect(self.on_finished)
        self._task = task
        self.changed.emit()

    @Slot(list)
    def on_found(self, found: list[Newness]) -> None:
        """Registries answered."""
        for one in found:
            key = name_key(one.name)
            self._known[key, self._asked.get(key, "")] = one
        self.changed.emit()

    @Slot()
    def on_finished(self) -> None:
        """All were asked."""
        self._task = None
        self.changed.emit()


async def _looked(host: Host, names: list[str]) -> AsyncIterator[Newness]:
    newer = await in_thread(late, "landfall.services.ollama.newer")
    registry = await in_thread(late, "landfall.services.ollama.registry")
    async for one in newer.look(host.client, names, read_layers=registry.read_layers):
        yield one
