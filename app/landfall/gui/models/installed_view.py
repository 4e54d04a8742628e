"""Rows of what a server has on its disk and in its memory, and what may be freed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.offer import name_key
from landfall.core.hosts.runtime import WHOLE, gpu_share
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import Figure, Measured, Unknown
from landfall.gui.dates import when
from landfall.gui.format import plain, shown, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title, sort_key
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import InstalledModel, LoadedModel
    from landfall.services.ollama.newer import Newness


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


def installed_columns() -> tuple[Column, ...]:
    """Of the models on the disk."""
    return (
        Column(_tr("Model")),
        Column(_tr("On disk"), 132, right=True),
        Column(_tr("Last used"), 150),
        Column(_tr("State"), 230),
    )


def runs_elsewhere(model: InstalledModel) -> bool:
    """Whether it is only the name of a model in a cloud."""
    return model.remote or is_cloud_name(model.name)


def installed_row(
    model: InstalledModel, *, used: Mapping[str, str], loaded: bool, busy: str = "", newer: str = ""
) -> Row:
    """One model on the disk.

    Args:
        busy: What is done with it now.
        newer: What its registry said, in words.
    """
    size: Figure = Measured(model.size_bytes, "", "/api/tags")
    if runs_elsewhere(model):
        size = Unknown(_tr("it runs in a cloud: only its name is here"))
    at = used.get(name_key(model.name), "")
    never = Plain(_tr("never here"), tone="text_3", sort="")
    return (
        Title(model.name, installed_detail(model)),
        shown(size, Unit.FILE_BYTES),
        Plain(when(at), sort=at) if at else never,
        _state(model, loaded=loaded, busy=busy, newer=newer),
    )


def installed_key(
    model: InstalledModel,
    column: int,
    *,
    used: Mapping[str, str],
    loaded: bool,
    busy: str = "",
    newer: str = "",
) -> float | str:
    """What the row is ordered by in that column: as its cell would be."""
    match column:
        case 0:
            return model.name.casefold()
        case 1:
            return -math.inf if runs_elsewhere(model) else model.size_bytes
        case 2:
            return used.get(name_key(model.name), "")
        case _:
            return sort_key(_state(model, loaded=loaded, busy=busy, newer=newer))


def installed_text(
    model: InstalledModel, *, used: Mapping[str, str], loaded: bool, busy: str = "", newer: str = ""
) -> str:
    """In what a search looks: what is written in the row."""
    size = "" if runs_elsewhere(model) else plain(model.size_bytes, Unit.FILE_BYTES)
    at = used.get(name_key(model.name), "")
    state = _state(model, loaded=loaded, busy=busy, newer=newer)
    words = when(at) or _tr("never here")
    return f"{model.name} {installed_detail(model)} {size} {words} {state.text} {state.sub}"


def installed_detail(model: InstalledModel) -> str:
    """Family, parameters, quantization, as far as the server tells."""
    parts = (model.family, model.parameter_size, model.quantization)
    return ", ".join(part for part in parts if part and part.lower() != "unknown")


def _state(model: InstalledModel, *, loaded: bool, busy: str, newer: str) -> Status:
    if busy:
        return Status(State.RUNNING, busy)
    if runs_elsewhere(model):
        return Status(State.PARTIAL, _tr("Cloud model"), _tr("prompts leave this machine"))
    if loaded:
        return Status(State.DONE, _tr("Loaded"), newer or _tr("answers at once"))
    return Status(State.TODO, _tr("On disk"), newer)


def newer_words(found: Newness | None) -> str:
    """What its registry said of a model, as far as it was asked."""
    if found is None:
        return ""
    if found.is_newer is None:
        return _tr("update not known")
    if not found.is_newer:
        return _tr("up to date")
    if not found.download_bytes:
        return _tr("update available")
    return _tr("update available, {0}").format(plain(found.download_bytes, Unit.FILE_BYTES))


def total_words(models: Iterable[InstalledModel]) -> str:
    """All sizes together; what is counted twice is said."""
    here = [model for model in models if not runs_elsewhere(model)]
    total = sum(model.size_bytes for model in here)
    return _tr("{0} in all; layers that models share count for each of them").format(
        plain(total, Unit.FILE_BYTES)
    )


def freeable(
    models: Iterable[InstalledModel], loaded: Iterable[LoadedModel], used: Mapping[str, str]
) -> tuple[InstalledModel, ...]:
    """What could be deleted: not in memory, never used first, then longest not used."""
    busy = {name_key(model.name) for model in loaded}
    free = [m for m in models if not runs_elsewhere(m) and name_key(m.name) not in busy]
    return tuple(
        sorted(free, key=lambda model: (used.get(name_key(model.name), ""), -model.size_bytes))
    )


def running_columns() -> tuple[Column, ...]:
    """Of the models in memory."""
    return (
        Column(_tr("Model")),
        Column(_tr("In memory"), 132, right=True),
        Column(_tr("On the GPU"), 120, right=True),
        Column(_tr("Context"), 130, right=True),
        Column(_tr("Until"), 170),
    )


def running_row(model: LoadedModel, *, busy: str = "") -> Row:
    """One model in memory."""
    share = gpu_share(model)
    on_gpu: Figure = Unknown(_tr("the server told no size"))
    if share is not None:
        on_gpu = Measured(share, "", "/api/ps")
    context: Figure = Unknown(_tr("this version of the server does not tell"))
    if model.context is not None:
        context = Measured(model.context, "", "/api/ps")
    return (
        Title(model.name, busy or placement_words(share)),
        shown(Measured(model.size_bytes, "", "/api/ps"), Unit.MEMORY_BYTES),
        shown(on_gpu, Unit.SHARE),
        shown(context, Unit.COUNT),
        Plain(until_words(model.expires_at), tone="text"),
    )


def placement_words(share: float | None) -> str:
    """Where it lies, in words."""
    if share is None:
        return ""
    if share >= WHOLE:
        return _tr("whole on the GPU")
    return _tr("partly on the CPU") if share > 0 else _tr("on the CPU")


def until_words(expires_at: str) -> str:
    """When the server takes it out of memory by itself."""
    if expires_at == "forever":
        return _tr("unloaded by hand")
    if expires_at == "unloading":
        return _tr("is being unloaded")
    return when(_to_the_second(expires_at)) or _tr("not told")


def _to_the_second(moment: str) -> str:
    """Servers write nine digits of a second, which are more than Qt reads."""
    head, dot, tail = moment.partition(".")
    zone = tail.lstrip("0123456789") if dot else ""
    return f"{head}{zone}"


def count_words(installed: tuple[InstalledModel, ...], free_bytes: int | None) -> str:
    """The sentence of the page: how many, how much, what is free."""
    here = [model for model in installed if not runs_elsewhere(model)]
    total = plain(sum(model.size_bytes for model in here), Unit.FILE_BYTES)
    words = _tr("{0} installed, {1} on disk").format(whole(len(here)), total)
    if free_bytes is None:
        return words
    return _tr("{0}, {1} free").format(words, plain(free_bytes, Unit.FILE_BYTES))
