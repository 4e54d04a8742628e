"""Whether a model fits a machine, and where it goes.

It fits a device when what it needs (`memory.py`) is not above what is usable there (`hardware.py`);
else whole layers go to the devices and the rest to main memory, as llama.cpp splits them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.architecture import ModelSpec
from landfall.core.hardware import GIB, MIB, DeviceBudget, MemoryBudget
from landfall.core.memory import FitRequest, KvType, MemoryNeed, memory_need, settled

__all__ = ["Fit", "FitKind", "FitRequest", "KvType", "MemoryNeed", "fit", "gib", "max_context"]

_CONTEXT_STEP = 256
_CONTEXT_UNKNOWN = 1 << 20
"""Where the trained context is not known the search ends here."""


class FitKind(StrEnum):
    """Where the model ends up."""

    GPU = "gpu"
    PARTIAL = "partial"
    CPU = "cpu"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The answer for one model on one machine.

    Attributes:
        request: As it was answered: the context clamped, the KV type that will be used.
        budget_bytes: What may be used: of the devices, or of main memory without one.
        gpu_layers: Layers on devices, of `layers`.
        gpus: Devices that take part.
        reasons: Why, and what the reader should know.
    """

    request: FitRequest
    need: MemoryNeed
    budget_bytes: int
    kind: FitKind
    gpu_layers: int
    layers: int
    gpus: int
    reasons: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether it runs at all."""
        return self.kind is not FitKind.NO

    @property
    def gpu_share(self) -> float:
        """Share of the layers that is on devices."""
        return self.gpu_layers / self.layers if self.layers else 0.0


def fit(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    """Whether the model fits, where it goes, and why."""
    request, notes = settled(spec.architecture, request)
    if not budget.devices:
        placed = _on_processor(spec, budget, request)
    else:
        placed = _on_devices(spec, budget, request)
    return replace(placed, reasons=(*placed.reasons, *notes, *spec.reasons, *budget.reasons))


def gib(size_bytes: float) -> str:
    """A size for people: GiB, MiB below a tenth of one, KiB below a few MiB."""
    if size_bytes < 4 * MIB:
        return f"{size_bytes / 1024:.0f} KiB"
    if size_bytes < GIB / 10:
        return f"{size_bytes / MIB:.0f} MiB"
    return f"{size_bytes / GIB:.1f} GiB"


def _on_processor(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    need = memory_need(spec, request, gpus=0)
    fits = need.total_bytes <= budget.ram_bytes
    where = f"{gib(need.total_bytes)} against {gib(budget.ram_bytes)} of main memory"
    reason = (
        f"runs on the processor: {where}" if fits else f"does not fit: {where} that can be used"
    )
    return Fit(
        request=request,
        need=need,
        budget_bytes=budget.ram_bytes,
        kind=FitKind.CPU if fits else FitKind.NO,
        gpu_layers=0,
        layers=spec.architecture.layers,
        gpus=0,
        reasons=(reason,),
    )


def _on_devices(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    """On as few devices as hold it, largest first; else split with the processor."""
    layers = spec.architecture.layers
    for count in range(1, len(budget.devices) + 1):
        chosen = budget.devices[:count]
        need = _need_on(spec, request, chosen)
        usable = sum(device.usable_bytes for device in chosen)
        whole = need.total_bytes <= usable
        if whole and (count == 1 or _layers_on(spec, need, chosen) >= layers):
            return Fit(
                request=request,
                need=need,
                budget_bytes=budget.total_bytes,
                kind=FitKind.GPU,
                gpu_layers=layers,
                layers=layers,
                gpus=count,
                reasons=(_whole_reason(need, chosen),),
            )
    return _split(spec, budget, request)


def _need_on(spec: ModelSpec, request: FitRequest, devices: Sequence[DeviceBudget]) -> MemoryNeed:
    overhead = sum(device.overhead_bytes for device in devices)
    return memory_need(spec, request, gpus=len(devices), overhead_bytes=overhead)


def _whole_reason(need: MemoryNeed, chosen: Sequence[DeviceBudget]) -> str:
    usable = gib(sum(device.usable_bytes for device in chosen))
    if len(chosen) == 1:
        name = chosen[0].accelerator.name
        return f"fits {name} whole: {gib(need.total_bytes)} of {usable} usable"
    return f"fits {len(chosen)} GPUs whole: {gib(need.total_bytes)} of {usable} usable together"


def _layer_bytes(spec: ModelSpec, need: MemoryNeed) -> float:
    """One layer with its share of cache and state; layers are taken as equal."""
    weights = spec.weights
    outside = weights.embedding_bytes + (0 if weights.tied else weights.output_bytes)
    inside = max(0, weights.total_bytes - outside)
    total = inside + need.kv_cache_bytes + need.recurrent_state_bytes
    return max(1.0, total / max(1, spec.architecture.layers))


def _layers_on(spec: ModelSpec, need: MemoryNeed, devices: Sequence[DeviceBudget]) -> int:
    """Whole layers that the devices hold beside what each of them, or one of them, must hold.

    The output goes to a device before any layer does.
    """
    layer = _layer_bytes(spec, need)
    compute = need.compute_bytes // max(1, len(devices))
    once = need.projector_bytes + need.weights_bytes - spec.weights.total_bytes
    once += spec.weights.embedding_bytes + (0 if spec.weights.tied else spec.weights.output_bytes)
    count = 0
    for index, device in enumerate(devices):
        room = device.usable_bytes - compute - device.overhead_bytes
        if index == 0:
            room -= once
        count += max(0, int(room // layer))
    return min(count, spec.architecture.layers)


def _split(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    need = _need_on(spec, request, budget.devices)
    layers = spec.architecture.layers
    on_gpu = min(_layers_on(spec, need, budget.devices), layers - 1)
    if on_gpu <= 0:
        return _without_devices(spec, budget, request, need)
    rest = _layer_bytes(spec, need) * (layers - on_gpu)
    held = need.total_bytes if budget.shared else rest
    limit = budget.ram_bytes
    if held > limit:
        kind, on_gpu = FitKind.NO, 0
        reason = (
            f"does not fit: {gib(need.total_bytes)} against {gib(budget.total_bytes)} on "
            f"{_names(budget)} and {gib(limit)} of main memory"
            + (" (the same memory)" if budget.shared else "")
        )
    else:
        kind = FitKind.PARTIAL
        reason = (
            f"fits partly: {on_gpu} of {layers} layers on {_names(budget)}, about {gib(rest)} in "
            f"main memory; it needs {gib(need.total_bytes)} and {gib(budget.total_bytes)} are "
            "usable"
        )
    return Fit(
        request=request,
        need=need,
        budget_bytes=budget.total_bytes,
        kind=kind,
        gpu_layers=on_gpu,
        layers=layers,
        gpus=len(budget.devices) if kind is FitKind.PARTIAL else 0,
        reasons=(reason,),
    )


def _without_devices(
    spec: ModelSpec, budget: MemoryBudget, request: FitRequest, need: MemoryNeed
) -> Fit:
    """Not one layer fits the devices."""
    alone = _on_processor(spec, budget, request)
    text = f"not one layer fits {_names(budget)} ({gib(budget.total_bytes)} usable)"
    if alone.kind is FitKind.NO:
        text = f"{text}; {alone.reasons[0]}"
        return replace(alone, need=need, budget_bytes=budget.total_bytes, reasons=(text,))
    return replace(alone, budget_bytes=budget.total_bytes, reasons=(f"{text}: {alone.reasons[0]}",))


def _names(budget: MemoryBudget) -> str:
    names = [device.accelerator.name for device in budget.devices]
    if len(names) > 1 and len(set(names)) == 1:
        return f"{len(names)} x {names[0]}"
    return " + ".join(names)


_RANK = {FitKind.GPU: 3, FitKind.PARTIAL: 2, FitKind.CPU: 1, FitKind.NO: 0}


def max_context(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> int | None:
    """The longest context, in steps of 256, at which the model still runs as well as it can.

    "As well" is where it would be at the shortest context: whole on the devices if that is
    possible at all. None where it never fits.
    """
    top = spec.architecture.context_trained or _CONTEXT_UNKNOWN
    lowest = min(_CONTEXT_STEP, top)

    def rank(context: int) -> int:
        return _RANK[fit(spec, budget, replace(request, context=context, depth=None)).kind]

    best = rank(lowest)
    if best == 0:
        return None
    if rank(top) >= best:
        return top
    good, bad = lowest // _CONTEXT_STEP, -(-top // _CONTEXT_STEP)
    while bad - good > 1:
        middle = (good + bad) // 2
        if rank(middle * _CONTEXT_STEP) >= best:
            good = middle
        else:
            bad = middle
    return max(lowest, good * _CONTEXT_STEP)
