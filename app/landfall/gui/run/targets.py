"""Which local models can be asked, as the Run page offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.hosts.runtime import RuntimeState
from landfall.core.models.model_names import is_cloud_name, same
from landfall.gui.host_names import host_words

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.core.hosts.runtime import InstalledModel, LoadedModel, Runtime
    from landfall.gui.app_state import AppState


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """A model of the server in use.

    Attributes:
        in_cloud: It only stands for a model somewhere else.
        in_memory: Whether it is known to be loaded, where nothing else tells.
        host: The kept host that has it where that is no Ollama.
    """

    model: str
    label: str
    in_cloud: bool
    in_memory: bool = False
    host: Host | None = None


def targets_of(state: AppState) -> tuple[LocalTarget, ...]:
    """The models that can be asked on the server in use, of whichever kind it is."""
    listed = state.listed
    if listed is None:
        return local_targets(state.installed or (), state.runtimes[0] if state.runtimes else None)
    host = listed.host
    return tuple(
        LocalTarget(
            model.name,
            f"{model.name}, {host.name}",
            in_cloud=False,
            in_memory=bool(model.loaded),
            host=host,
        )
        for model in listed.models
    )


def local_targets(
    installed: Sequence[InstalledModel], runtime: Runtime | None
) -> tuple[LocalTarget, ...]:
    """The models that write text; embedding models are left out."""
    return tuple(
        LocalTarget(model.name, _label(model, runtime), _in_cloud(model))
        for model in installed
        if not model.capabilities or "completion" in model.capabilities
    )


def first_choice(targets: Sequence[LocalTarget], loaded: Sequence[LoadedModel], wanted: str) -> int:
    """Which to show at first: the one asked for, else one in memory, else the newest here; or -1.

    What was asked for and is not there is no reason to show another one in its place.
    """
    if wanted:
        found = (i for i, target in enumerate(targets) if same(target.model, wanted))
        return next(found, -1)
    in_memory = {model.name for model in loaded}
    ranks = [
        (target.in_cloud, not (target.in_memory or target.model in in_memory), i)
        for i, target in enumerate(targets)
    ]
    return min(ranks)[2] if ranks else -1


def _in_cloud(model: InstalledModel) -> bool:
    return model.remote or is_cloud_name(model.name)


def _label(model: InstalledModel, runtime: Runtime | None) -> str:
    if _in_cloud(model):
        where = QCoreApplication.translate("run", "in a cloud")
    elif runtime is not None and runtime.state is RuntimeState.REMOTE:
        where = host_words(runtime.url)
    elif runtime is not None and runtime.name:
        where = runtime.name
    else:
        where = QCoreApplication.translate("run", "this machine")
    return f"{model.name}, {where}"
