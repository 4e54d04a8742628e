"""What loaded models hold of a machine's memory, and the machine as it is without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.hosts.runtime import LoadedModel
from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    HardwareProfile,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Unknown
from landfall.core.sizes import gib


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a loaded model holds: it is free to that model when it is loaded anew.

    Attributes:
        ram_bytes: Of main memory.
    """

    name: str
    gpu_bytes: int
    ram_bytes: int


def held_by(loaded: LoadedModel, runner: RunnerFacts | Unknown | None = None) -> Held:
    """What a model holds: by its process where that can be read, else as the server says.

    A server may count buffers that no page was ever taken for; the process tells.
    """
    ram = max(0, loaded.size_bytes - loaded.gpu_bytes)
    if isinstance(runner, RunnerFacts):
        ram = min(ram, runner.held_bytes) if loaded.gpu_bytes else runner.held_bytes
    return Held(name=loaded.name, gpu_bytes=min(loaded.gpu_bytes, loaded.size_bytes), ram_bytes=ram)


def given_back(
    profile: HardwareProfile, held: Sequence[Held]
) -> tuple[HardwareProfile, tuple[str, ...]]:
    """The machine as it would be without these models, and what to say of it.

    A server unloads idle models to make room for another, so that what they hold is as good as
    free; a model that is loaded must not count twice. Nothing gets more than its whole memory.
    With several GPUs no server tells which holds what: it is spread by what is used on each.
    """
    gpu, ram = sum(h.gpu_bytes for h in held), sum(h.ram_bytes for h in held)
    if gpu + ram <= 0:
        return profile, ()
    shared = _shared(profile.accelerators)
    accelerators = profile.accelerators
    back = gpu
    if gpu:
        accelerators, back = _spread(accelerators, gpu)
    available = profile.ram.available_bytes + ram + (back if shared else 0)
    memory = replace(profile.ram, available_bytes=min(profile.ram.total_bytes, available))
    names = ", ".join(h.name for h in held)
    places = [f"{gib(size)} of {where}" for size, where in ((gpu, "GPU"), (ram, "main")) if size]
    note = f"in memory now: {names}; {' and '.join(places)} memory of it counted as free"
    return replace(profile, accelerators=accelerators, ram=memory), (note,)


def _shared(accelerators: Sequence[Accelerator]) -> bool:
    """Whether the GPUs' memory is the main memory."""
    return bool(accelerators) and all(a.kind is not AcceleratorKind.DISCRETE for a in accelerators)


def _spread(accelerators: Sequence[Accelerator], size: int) -> tuple[tuple[Accelerator, ...], int]:
    """The GPUs with so much more free, and how much of it found a place."""
    used = [_used_bytes(accelerator) for accelerator in accelerators]
    total = sum(used)
    size = min(size, total)
    if not total:
        return tuple(accelerators), 0
    freed = [
        _freed(accelerator, size * part // total)
        for accelerator, part in zip(accelerators, used, strict=True)
    ]
    return tuple(freed), size


def _used_bytes(accelerator: Accelerator) -> int:
    """What is in use of a GPU that a model can lie on; 0 where that is not known."""
    total, usable = accelerator.memory_total_bytes, accelerator.usable_bytes
    left_out = accelerator.kind is AcceleratorKind.INTEGRATED and not usable
    if total is None or usable is None or left_out:
        return 0
    used = accelerator.memory_used_bytes
    return max(0, usable_discrete_bytes(total) - usable) if used is None else used


def _freed(accelerator: Accelerator, size: int) -> Accelerator:
    free, usable = accelerator.memory_free_bytes, accelerator.usable_bytes
    if not size or usable is None:
        return accelerator
    if accelerator.vendor is Vendor.APPLE:
        more = 0  # Metal's working set is the same whatever lies in it
    elif free is None:
        more = size
    else:
        more = usable_discrete_bytes(free + size) - usable_discrete_bytes(free)
    after = None if free is None else free + size
    return replace(accelerator, memory_free_bytes=after, usable_bytes=usable + more)
