"""Memory of a machine as segments of a bar: others, models, free, not usable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.gui.widgets.memory_bar import Segment

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import LoadedModel
    from landfall.core.machine.hardware import Accelerator, HardwareProfile

Memory = tuple[tuple[Segment, ...], int]


def accelerator_memory(accelerator: Accelerator, loaded: Sequence[LoadedModel]) -> Memory | None:
    """Segments and total of an accelerator, or None where its use is not known.

    `loaded` are the models that lie on this accelerator; with several accelerators a server does
    not tell which, so give none: what models use then counts as used by others.
    """
    total, free = accelerator.memory_total_bytes, accelerator.memory_free_bytes
    used = accelerator.memory_used_bytes
    if total is None or free is None or used is None:
        return None
    models = sum(model.gpu_bytes for model in loaded)
    usable = free if accelerator.usable_bytes is None else min(accelerator.usable_bytes, free)
    return _segments(total, used=used, models=models, free=usable)


def asked_memory(accelerator: Accelerator, total: int) -> Memory:
    """Segments and total of an accelerator that is not at hand: nobody uses it."""
    usable = min(accelerator.usable_bytes or 0, total)
    parts = (
        Segment(_tr("For a model"), usable, "border", "free"),
        Segment(_tr("Kept free, or not for the GPU"), total - usable, "text_3", "hatch"),
    )
    return tuple(part for part in parts if part.size_bytes > 0), total


def host_memory(profile: HardwareProfile, loaded: Sequence[LoadedModel]) -> Memory:
    """Segments and total of main memory."""
    ram = profile.ram
    models = sum(model.size_bytes - model.gpu_bytes for model in loaded)
    used = max(0, ram.total_bytes - ram.available_bytes)
    return _segments(ram.total_bytes, used=used, models=models, free=ram.available_bytes)


def _segments(total: int, *, used: int, models: int, free: int) -> Memory:
    by_models = min(models, used)
    parts = (
        Segment(_tr("Used by others"), used - by_models, "mem_others"),
        Segment(_tr("Used by models"), by_models, "mem_models"),
        Segment(_tr("Free"), free, "border", "free"),
        Segment(_tr("Not usable"), max(0, total - used - free), "text_3", "hatch"),
    )
    return tuple(part for part in parts if part.size_bytes > 0), total


def _tr(text: str) -> str:
    return QCoreApplication.translate("memory", text)
