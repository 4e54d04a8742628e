"""What stands in the place of the conversation while there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.gui.format import plain, text
from landfall.gui.theme import Space
from landfall.gui.translated import all_translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import EmptyState, Skeleton, State, StateLine
from landfall.gui.widgets.layout import Button, Swap, button, column, holder
from landfall.services.models.best_fits import best_fits

if TYPE_CHECKING:
    from landfall.core.fit.recommend import Priced
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner

Do = Callable[[], object]


def _tr(text: str) -> str:
    return QCoreApplication.translate("run", text)


def answers(runtime: Runtime | None) -> bool:
    """Whether a server of models can be asked."""
    return (
        runtime is not None
        and runtime.state in (RuntimeState.RUNNING, RuntimeState.REMOTE)
        and runtime.version is not None
    )


class RunPlace(Swap):
    """Says what is missing, with the button for it; or that a question can be asked.

    Signals:
        jump: Another page is wanted: its name, and what to show there.
    """

    jump = Signal(str, str)

    def __init__(
        self, state: AppState, tasks: TaskRunner, messages: Messages, lookout: Lookout
    ) -> None:
        super().__init__()
        self._app, self._tasks, self._messages = state, tasks, messages
        self._lookout = lookout
        self._fits: tuple[Priced, ...] | None = None
        self._fitting: Task | None = None
        self._shown: tuple[object, ...] = ()

    def show_for(self, *, here: bool, any_model: bool) -> None:
        """What stands here now; made anew only where it is something else.

        Args:
            here: Whether a local model would be asked, and not a provider.
            any_model: Whether a local model can be chosen.
        """
        state = self._app
        fits = self._fits is not None
        world = (state.runtimes, state.installed is None, state.profile is None, any_model, fits)
        wanted = (here, *(world if here else ()))
        if wanted != self._shown:
            self._shown = wanted
            self.hold(self._for_here(any_model) if here else self._paid())

    def _paid(self) -> QWidget:
        return ask_something(
            self.tr("A provider is asked. What it may cost at most is said first, and asked.")
        )

    def _for_here(self, any_model: bool) -> QWidget:
        runtimes = self._app.runtimes
        if runtimes is None:
            return looking()
        runtime = runtimes[0] if runtimes else None
        if runtime is None or runtime.state is RuntimeState.ABSENT:
            return absent(partial(self.jump.emit, "machine", "ollama"))
        if runtime.state is RuntimeState.STOPPED:
            return stopped(runtime, self._lookout.start_ollama)
        if not answers(runtime):
            settings = partial(self.jump.emit, "settings", "hosts")
            return silent(runtime, self._lookout.ollama, settings)
        if self._app.installed is None:
            return looking()
        if any_model and not runtime.is_ollama:
            asked = self.tr("What you ask goes to {0}, which sets the context length itself.")
            return ask_something(asked.format(f"{runtime.name} ({runtime.url})"))
        if not runtime.is_ollama:
            return no_models(runtime)
        if any_model:
            remote = runtime.state is RuntimeState.REMOTE
            where = self.tr("What you ask goes to {0}.").format(runtime.url)
            return ask_something(where if remote else self.tr("Nothing leaves this machine."))
        self._find_fits()
        show = partial(self.jump.emit, "models")
        return pick_a_model(self._fits, show, partial(show, ""))

    def _find_fits(self) -> None:
        profile = self._app.profile
        if profile is None or self._fits is not None or self._fitting is not None:
            return
        context = self._app.settings.context_length
        self._fitting = self._tasks.run(best_fits(profile, context=context))
        self._fitting.succeeded.connect(self._on_fits)
        self._fitting.failed.connect(self._messages.fail)
        self._fitting.finished.connect(self._on_fitted)

    @Slot(object)
    def _on_fits(self, fits: tuple[Priced, ...]) -> None:
        self._fits = fits
        self.show_for(here=True, any_model=False)

    @Slot()
    def _on_fitted(self) -> None:
        self._fitting = None


def looking() -> QWidget:
    """The server or its models are being looked for."""
    return holder(column(Skeleton(300, 380, 340, 260), None))


def stopped(runtime: Runtime, start: Do) -> QWidget:
    """Installed and not running."""
    return EmptyState(
        "run",
        _tr("Ollama is stopped"),
        _tr("It is installed here and does not answer at {0}.").format(runtime.url),
        _button("start-ollama", _tr("Start Ollama"), start, primary=True),
        footnote=_tr("It ends with Landfall. The cloud can be asked without it."),
    )


def silent(runtime: Runtime, again: Do, settings: Do) -> QWidget:
    """The host that was named does not answer."""
    return EmptyState(
        "fail",
        no_answer_words(runtime).rstrip("."),
        _tr("Nothing answers at {0}.").format(runtime.url)
        if runtime.is_ollama
        else " ".join(all_translated(runtime.warnings)),
        _button("look-again", _tr("Try again"), again),
        _button("show-settings", _tr("Show settings"), settings),
    )


def no_answer_words(runtime: Runtime | None) -> str:
    """That the server in use does not answer."""
    if runtime is None:
        return _tr("No Ollama answers.")
    if runtime.is_ollama:
        return {
            RuntimeState.ABSENT: _tr("Ollama is not installed."),
            RuntimeState.STOPPED: _tr("Ollama is stopped."),
        }.get(runtime.state, _tr("No Ollama answers."))
    return _tr("{0} does not answer.").format(runtime.name)


def remedy_words(runtime: Runtime | None) -> str:
    """What brings an answer, after `no_answer_words`."""
    state = runtime.state if runtime is not None else None
    if state is RuntimeState.ABSENT:
        return _tr("Get it, or add a host, on Machine.")
    if state is RuntimeState.STOPPED:
        return _tr("Start it, or add a host, on Machine.")
    return _tr("Look on Machine.")


def no_models(runtime: Runtime) -> QWidget:
    """A server that manages its models itself has none."""
    return EmptyState(
        "models",
        _tr("{0} lists no model").format(runtime.name),
        _tr("{0} gets its models by its own means.").format(runtime.server),
    )


def absent(show: Do) -> QWidget:
    """Not on this machine."""
    return EmptyState(
        "fail",
        _tr("Ollama is not installed"),
        _tr("It runs the models. Install it, or add a host that has it."),
        _button("show-machine", _tr("Get Ollama"), show, primary=True),
        footnote=_tr("What fits and what it would cost is known without it."),
    )


def ask_something(where: str) -> QWidget:
    """Everything is there."""
    return EmptyState(
        "run",
        _tr("Ask something"),
        _tr("The answer comes here as it is made, with speed and power beside it."),
        footnote=where,
    )


def pick_a_model(
    fits: Sequence[Priced] | None, show: Callable[[str], object], open_models: Do
) -> QWidget:
    """No model is installed: the best fits; None while they are being worked out."""
    title = _tr("Pick a model")
    words = _tr("No model is installed yet. These fit this machine best for a conversation.")
    if fits is not None and not fits:
        words = _tr("No model is installed yet, and none of the catalogue fits well here.")
    top = EmptyState(
        "models",
        title,
        words,
        _button("open-models", _tr("Open Models"), open_models, primary=True),
    )
    lines = column(top, spacing=Space.S)
    if fits is None:
        lines.addWidget(Skeleton(360, 300))
    for priced in fits or ():
        line = StateLine(
            State.TODO, priced.card.tag, _fit_words(priced), action=_tr("Show in Models")
        )
        line.setObjectName(f"fit-{priced.card.tag}")
        line.triggered.connect(partial(show, priced.card.tag))
        lines.addWidget(line)
    lines.addStretch(1)
    return holder(lines)


def _fit_words(priced: Priced) -> str:
    rate = text(priced.decode_tok_s, Unit.TOKENS_PER_SECOND)
    size = priced.spec.download_bytes
    if size is None:
        return _tr("{0} predicted").format(rate)
    return _tr("{0} to download, {1} predicted").format(plain(size, Unit.FILE_BYTES), rate)


def _button(name: str, words: str, run: Do, *, primary: bool = False) -> Button:
    out = button(words, "primary" if primary else "secondary")
    out.setObjectName(name)
    out.clicked.connect(partial(_run, run))
    return out


def _run(what: Do) -> None:
    """A click tells whether the button is checked; nobody asked."""
    what()
