"""What can be done with a model on the server: load, unload, delete, copy its name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from landfall.core.errors import AppError
from landfall.core.offer import name_key
from landfall.services.ollama.generation import Options

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.ollama.client import Ollama
    from landfall.services.ollama.host import Host

Work = Coroutine[Any, Any, Any]


class ModelActions(QObject):
    """Runs one action at a time on a model, says how it went, and has the state looked at again.

    Signals:
        changed: Something begins or has ended: `busy`.
    """

    changed = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        host: Host,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._tasks = state, tasks
        self._messages, self._lookout = messages, lookout
        self._host = host
        self._busy: dict[str, str] = {}

    def busy(self, name: str) -> str:
        """What is done with the model now, in words, or ""."""
        return self._busy.get(name_key(name), "")

    def load(self, name: str) -> None:
        """Bring it into memory with the context of the settings."""
        options = Options(num_ctx=self._state.settings.context_length)
        said = self.tr("{0} is loaded").format(name)

        def work(client: Ollama) -> Work:
            return client.load(name, options=options)

        self._do([name], self.tr("Loading"), work, said)

    def reload(self, name: str, *, context: int) -> None:
        """Out of memory and back into it, with this context: the server places it anew."""
        said = self.tr("{0} is loaded anew").format(name)

        def work(client: Ollama) -> Work:
            return _reload(client, name, Options(num_ctx=context))

        self._do([name], self.tr("Loading anew"), work, said)

    def unload(self, name: str) -> None:
        """Take it out of memory."""
        said = self.tr("{0} is out of memory").format(name)

        def work(client: Ollama) -> Work:
            return client.unload(name)

        self._do([name], self.tr("Unloading"), work, said, done=self._on_unloaded)

    def delete(self, names: Sequence[str]) -> None:
        """Delete models, out of memory first. That was confirmed before."""
        said = self.tr("Deleted {0}").format(", ".join(names))

        def work(client: Ollama) -> Work:
            return _delete(client, names)

        self._do(names, self.tr("Deleting"), work, said)

    def copy_name(self, name: str) -> None:
        """Put the name on the clipboard."""
        QGuiApplication.clipboard().setText(name)
        self._messages.toast(self.tr("Copied {0}").format(name))

    def _do(
        self,
        names: Sequence[str],
        doing: str,
        work: Callable[[Ollama], Work],
        said: str,
        *,
        done: Callable[[str, object], None] | None = None,
    ) -> None:
        if any(self.busy(name) for name in names):
            return
        try:
            client = self._host.client
        except AppError as error:
            self._messages.tell(error)
            return
        self._busy.update({name_key(name): doing for name in names})
        self.changed.emit()
        task = self._tasks.run(work(client))
        task.succeeded.connect(partial(done or self._on_done, said))
        task.failed.connect(self._messages.fail)
        task.finished.connect(partial(self._on_finished, tuple(names)))

    def _on_done(self, said: str, _result: object) -> None:
        self._messages.toast(said)

    def _on_unloaded(self, said: str, gone: object) -> None:
        still = self.tr("It still answers a request; it goes when that has ended")
        self._messages.toast(said if gone else still)

    def _on_finished(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._busy.pop(name_key(name), None)
        self._lookout.models()
        # What is free now decides what fits next.
        self._lookout.machine()
        self.changed.emit()


async def _delete(client: Ollama, names: Sequence[str]) -> None:
    for name in names:
        await client.delete(name)


async def _reload(client: Ollama, name: str, options: Options) -> None:
    await client.unload(name)
    await client.load(name, options=options)
