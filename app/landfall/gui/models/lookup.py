"""Finds out about a model that was typed: from the catalogue, from the disk, or from a registry.

A registry is asked only because the user named the model and pressed Enter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError, BadInput, NetworkUnavailable
from landfall.core.fit.offer import name_key
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import find, split_quantization
from landfall.core.models.model_names import is_cloud_name
from landfall.core.models.pasted_names import meant, names_repository, on_hub
from landfall.gui.models.ranking import Typed
from landfall.gui.server_state import is_here
from landfall.services.models import shipped_catalogue
from landfall.services.models.hugging_face import list_files
from landfall.services.models.model_source import Fetch, Places, is_path, no_registry, resolve
from landfall.services.models.repository_models import RepositoryModels, Variant, models_of
from landfall.services.ollama import registry

if TYPE_CHECKING:
    from landfall.core.models.catalogue import ModelCard
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.paths import Paths


class Progress(Enum):
    """Where the question stands."""

    IDLE = "idle"
    ASKING = "asking"
    FOUND = "found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The question and its answer.

    Attributes:
        name: What was typed means this.
        online: Whether the registry was meant even if the catalogue knows the name.
        may_be_plain: Whether plain http is worth a try.
        repository: What was found is a repository, of which one quantization is to be chosen.
    """

    name: str = ""
    progress: Progress = Progress.IDLE
    typed: Typed | None = None
    error: AppError | None = None
    online: bool = False
    may_be_plain: bool = False
    repository: RepositoryModels | None = None


class ModelLookup(QObject):
    """One question at a time; a new one ends the one before.

    Signals:
        changed: `current` is another.
        specs_changed: More is known of models on the server: `specs`.
    """

    changed = Signal()
    specs_changed = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        paths: Paths,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._tasks, self._messages = state, tasks, messages
        self._paths = paths
        self._task: Task | None = None
        self._plain = False
        self._specs: dict[str, ModelSpec] = {}
        self._asked: set[str] = set()
        self.current = Lookup()

    @property
    def specs(self) -> Mapping[str, ModelSpec]:
        """What is known of models on the server, by `name_key`."""
        return self._specs

    # A name that was typed

    def look_up(self, text: str, *, online: bool = False, plain: bool = False) -> None:
        """Find out about a model.

        Args:
            online: Ask its registry even if the catalogue knows it.
            plain: By plain http, where the registry is in the own network.
        """
        self.cancel()
        name = meant(text)
        if not name:
            return
        if is_cloud_name(name):
            self._set(Lookup(name=name, progress=Progress.FAILED, error=self._in_a_cloud(name)))
            return
        self._set(
            Lookup(
                name=name,
                progress=Progress.ASKING,
                online=online,
                may_be_plain=_may_be_plain(name),
            )
        )
        fetch: Fetch | None = partial(registry.fetch, insecure=True) if plain else None
        if names_repository(name):
            listing = partial(list_files, insecure=plain)
            task = self._tasks.run(models_of(name, self._places(), fetch=fetch, list_files=listing))
        else:
            work = resolve(name, self._places(), online=online, fetch=fetch)
            task = self._tasks.run(work)
        self._task, self._plain = task, plain
        task.succeeded.connect(self.on_found)
        task.failed.connect(self.on_failed)
        task.finished.connect(self.on_finished)

    def cancel(self) -> None:
        """The answer is not wanted any more."""
        task, self._task = self._task, None
        if task is not None:
            task.succeeded.disconnect(self.on_found)
            task.failed.disconnect(self.on_failed)
            task.finished.disconnect(self.on_finished)
            task.cancel()
        self._set(Lookup())

    def _set(self, lookup: Lookup) -> None:
        if lookup != self.current:
            self.current = lookup
            self.changed.emit()

    @Slot(object)
    def on_found(self, found: ModelSpec | RepositoryModels) -> None:
        """The model is known, or what its repository holds."""
        if isinstance(found, RepositoryModels) and found.variants:
            self._set(replace(self.current, progress=Progress.FOUND, repository=found))
            return
        spec = found.chosen if isinstance(found, RepositoryModels) else found
        typed = self._typed(self.current.name, spec, plain=self._plain)
        self._set(replace(self.current, progress=Progress.FOUND, typed=typed))

    def choose(self, variant: Variant) -> None:
        """Take one quantization of the repository; its own header is asked for where it must be."""
        if variant.spec is None:
            self.look_up(variant.name, plain=self._plain)
            return
        typed = self._typed(variant.name, variant.spec, plain=self._plain)
        if variant.quantization.split:
            parts = self.tr("It comes in {0} parts, which Ollama does not pull")
            typed = replace(typed, no_pull=parts.format(variant.quantization.parts))
        self._set(replace(self.current, name=variant.name, typed=typed, repository=None))

    @Slot(object)
    def on_failed(self, error: BaseException) -> None:
        """It is not, or the registry could not be asked."""
        if isinstance(error, AppError):
            worded = self._worded(error)
            self._set(replace(self.current, progress=Progress.FAILED, error=worded))
        else:
            self._messages.fail(error)
            self._set(Lookup())

    @Slot()
    def on_finished(self) -> None:
        """The question has ended."""
        self._task = None

    def _typed(self, name: str, spec: ModelSpec, *, plain: bool) -> Typed:
        card, pull_name = _meant(name)
        may_be_plain = _may_be_plain(name)
        no_pull = ""
        if is_path(name):
            no_pull = self.tr("A file on this machine needs no download")
        return Typed(
            name=pull_name,
            spec=spec,
            card=card,
            exact=spec.weights.spread == 0,
            may_be_plain=may_be_plain,
            plain=plain or on_loopback(name),
            no_pull=no_pull,
        )

    def _in_a_cloud(self, name: str) -> AppError:
        return BadInput(
            self.tr("{0} is the name of a model in a cloud: it does not run here.").format(name),
            self.tr("Choose a name without -cloud, or add a provider on the Cloud page."),
        )

    def _worded(self, error: AppError) -> AppError:
        """Hints that speak of commands are replaced by what this page offers."""
        if isinstance(error, NetworkUnavailable):
            newest = max(card.date for card in shipped_catalogue.load().models)
            hint = self.tr("Check the network. The catalogue, of {0}, works without it.")
            return NetworkUnavailable(error.message, hint.format(newest))
        if "`" in error.hint:
            hint = self.tr("Names look like qwen3:8b, user/model:tag or hf.co/user/repo:Q4_K_M.")
            return BadInput(error.message, hint)
        return error

    # Models on the server

    def learn(self, names: Iterable[str]) -> None:
        """Read what is known here of models on this machine's server; no registry is asked."""
        for name in names:
            if name_key(name) not in self._asked:
                self._asked.add(name_key(name))
                learning = self._tasks.run(_known(name, self._places()))
                learning.succeeded.connect(self.on_learnt)
                learning.failed.connect(self._messages.fail)

    @Slot(object)
    def on_learnt(self, found: tuple[str, ModelSpec] | None) -> None:
        """A model on the server is known here."""
        if found is not None:
            key, spec = found
            self._specs[key] = spec
            self.specs_changed.emit()

    def _places(self) -> Places:
        profile = self._state.profile
        store = None
        if profile is not None and profile.disk.models_path and is_here(self._state.runtimes):
            store = Path(profile.disk.models_path)
        return Places(cache=self._paths.cache, models_path=store)


async def _known(name: str, places: Places) -> tuple[str, ModelSpec] | None:
    """What is known of a model without asking anybody, or None."""
    try:
        return name_key(name), await resolve(name, places, fetch=no_registry)
    except AppError:
        return None


def _meant(name: str) -> tuple[ModelCard | None, str]:
    """The card that a name means, and what a pull of it asks for."""
    cards = shipped_catalogue.load().models
    if on_hub(name):
        return None, name
    card = find(name, cards)
    if card is not None:
        return card, card.tag
    base, quantization = split_quantization(name)
    return (find(base, cards) if quantization else None), name


def _may_be_plain(name: str) -> bool:
    try:
        return registry.may_be_plain(name)
    except BadInput:
        return False


def on_loopback(name: str) -> bool:
    """Whether the name's registry is on this machine; a name that is none has no registry."""
    try:
        return registry.on_this_machine(name)
    except BadInput:
        return False
