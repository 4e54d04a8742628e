"""What can be done with a model on the server: load, unload, delete, copy its name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from landfall.core.errors import AppError, Interrupted, OllamaUnavailable
from landfall.core.fit.offer import name_key
from landfall.gui.models.ranking import host_words
from landfall.services.models import load_check
from landfall.services.ollama.generation import Options

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.ollama.client import Ollama
    from landfall.services.ollama.server_in_use import Host

Work = Coroutine[Any, Any, bool]


class ModelActions(QObject):
    """Runs one action at a time on a model, says how it went, and has the state looked at again.

    Signals:
        changed: Something begins or has ended: `busy`.
        loading: A model is brought into memory, by its name.
    """

    changed = Signal()
    loading = Signal(str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        host: Host,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._tasks = state, tasks
        self._messages, self._lookout = messages, lookout
        self._host, self._history = host, history
        self._under_way: list[_Action] = []

    def busy(self, name: str) -> str:
        """What is done with the model now, in words, or ""."""
        key = name_key(name)
        return next((action.doing for action in self._under_way if key in action.keys), "")

    def load(self, name: str) -> None:
        """Bring it into memory with the context of the settings."""
        options = Options(num_ctx=self._state.settings.context_length)
        said = self.tr("{0} is loaded").format(name)
        self.loading.emit(name)
        self._do([name], self.tr("Loading"), partial(_load, name, options, self._history), said)

    def reload(self, name: str, *, context: int) -> None:
        """Out of memory and back into it, with this context: the server places it anew."""
        options = Options(num_ctx=context)
        said = self.tr("{0} is loaded anew").format(name)
        self.loading.emit(name)
        work = partial(_reload, name, options, self._history)
        self._do([name], self.tr("Loading anew"), work, said)

    def unload(self, name: str) -> None:
        """Take it out of memory."""
        said = self.tr("{0} is out of memory").format(name)
        still = self.tr("{0} still answers; it leaves memory when that has ended").format(name)
        self._do([name], self.tr("Unloading"), partial(_unload, name), said, otherwise=still)

    @Slot(list)
    def delete(self, names: Sequence[str]) -> None:
        """Delete models, out of memory first. That was confirmed before."""
        said = self.tr("Deleted {0}").format(", ".join(names))
        self._do(names, self.tr("Deleting"), partial(_delete, names), said, disk=True)

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
        otherwise: str = "",
        disk: bool = False,
    ) -> None:
        if any(self.busy(name) for name in names):
            return
        try:
            client = self._host.client
        except AppError as error:
            self._messages.tell(error)
            return
        said, otherwise = self._there(said), self._there(otherwise)
        action = _Action(names, doing, said, otherwise, disk=disk, parent=self)
        self._under_way.append(action)
        action.ended.connect(self.on_ended)
        self.changed.emit()
        task = self._tasks.run(work(client))
        task.succeeded.connect(action.on_result)
        task.failed.connect(self._messages.fail)
        task.finished.connect(action.on_finished)

    def _there(self, words: str) -> str:
        """The words with the other machine on which it was done; as they are for this one."""
        host = host_words(self._state)
        return self.tr("{0}, on {1}").format(words, host) if words and host else words

    @Slot(object)
    def on_ended(self, action: _Action) -> None:
        """An action is over, however it went."""
        self._under_way.remove(action)
        if action.outcome:
            self._messages.toast(action.outcome)
        action.deleteLater()
        self._lookout.models()
        if action.disk:
            self._lookout.machine()
        self.changed.emit()


class _Action(QObject):
    """One action under way: on which models, and what is said when it has ended.

    Signals:
        ended: Itself.
    """

    ended = Signal(object)

    def __init__(
        self,
        names: Sequence[str],
        doing: str,
        said: str,
        otherwise: str,
        *,
        disk: bool,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.disk = disk
        self.keys = frozenset(map(name_key, names))
        self.doing = doing
        self.outcome = ""
        self._said, self._otherwise = said, otherwise

    @Slot(object)
    def on_result(self, done: bool) -> None:
        """It worked, or nothing failed and it is not done yet."""
        self.outcome = self._said if done else self._otherwise

    @Slot()
    def on_finished(self) -> None:
        """Always, and last."""
        self.ended.emit(self)


async def _load(name: str, options: Options, history: History, client: Ollama) -> bool:
    await client.load(name, options=options)
    await _keep(name, options, history, client)
    return True


async def _keep(name: str, options: Options, history: History, client: Ollama) -> None:
    """What was predicted and measured of the load; a server that dies meanwhile has loaded it."""
    with suppress(OllamaUnavailable, Interrupted):
        await load_check.record(
            client, name, history, prompt_tokens=0, asked_context=options.num_ctx
        )


async def _unload(name: str, client: Ollama) -> bool:
    return await client.unload(name)


async def _reload(name: str, options: Options, history: History, client: Ollama) -> bool:
    await client.unload(name)
    await client.load(name, options=options)
    await _keep(name, options, history, client)
    return True


async def _delete(names: Sequence[str], client: Ollama) -> bool:
    for name in names:
        await client.delete(name)
    return True
