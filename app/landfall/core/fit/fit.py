"""Whether a model fits a machine, and where it goes.

It fits a device when what it needs (`memory.py`) is not above what is usable there (`hardware.py`);
else whole layers go to the devices and the rest to main memory, as llama.cpp splits them
(`layer_split.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.fit.layer_split import Load, Split, split, spread
from landfall.core.fit.memory import (
    FitRequest,
    KvType,
    MemoryNeed,
    cache_cells,
    kv_cache_bytes,
    memory_need,
    need_band_bytes,
    physical_batch,
    settled,
)
from landfall.core.machine.hardware import DeviceBudget, MemoryBudget, Vendor
from landfall.core.models.architecture import ModelSpec
from landfall.core.sizes import gib
from landfall.core.speed.speed_terms import cache_bytes_read, depth_of

__all__ = [
    "PREFERENCE",
    "Fit",
    "FitKind",
    "FitRequest",
    "KvType",
    "MemoryNeed",
    "fit",
    "gib",
]


class FitKind(StrEnum):
    """Where the model ends up."""

    GPU = "gpu"
    PARTIAL = "partial"
    CPU = "cpu"
    NO = "no"


PREFERENCE = {FitKind.GPU: 3, FitKind.PARTIAL: 2, FitKind.CPU: 1, FitKind.NO: 0}
"""Where a model had better be: the higher the better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The answer for one model on one machine.

    Attributes:
        request: As it was answered: the context clamped, the KV type that will be used.
        budget_bytes: What may be used: of the devices, or of main memory without one.
        gpu_layers: Layers that are whole on devices, of `layers`.
        gpus: Devices that take part.
        reasons: Why, and what the reader should know.
        dense_layers: Layers that are on devices without their experts, which main memory holds.
        dense_share: Share of such a layer, by what a token reads of it, that is on devices.
        dense_weights_share: The same by its weights alone, which a prompt is multiplied with.
    """

    request: FitRequest
    need: MemoryNeed
    budget_bytes: int
    kind: FitKind
    gpu_layers: int
    layers: int
    gpus: int
    reasons: tuple[str, ...]
    dense_layers: int = 0
    dense_share: float = 0.0
    dense_weights_share: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether it runs at all."""
        return self.kind is not FitKind.NO

    @property
    def gpu_share(self) -> float:
        """Share of the layers that is on devices, by what a token reads."""
        return self._on_devices(self.dense_share)

    @property
    def gpu_weights_share(self) -> float:
        """The same by the weights that a token uses: a share of the operations of a prompt."""
        return self._on_devices(self.dense_weights_share)

    @property
    def attention_share(self) -> float:
        """Share of the layers whose cache is on devices, and their attention with it."""
        return self._on_devices(1.0)

    def _on_devices(self, dense_share: float) -> float:
        if not self.layers:
            return 0.0
        return (self.gpu_layers + self.dense_layers * dense_share) / self.layers


def fit(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    """Whether the model fits, where it goes, and why."""
    request, notes = settled(spec.architecture, request)
    placed = place(spec, budget, request)
    closing = _if_closed(spec, budget, placed)
    touched = budget.shared or placed.kind is not FitKind.GPU
    guess = (budget.ram_assumed,) if budget.ram_assumed and touched else ()
    near = _if_off(spec, placed)
    reasons = (*placed.reasons, *near, *closing, *guess, *notes, *spec.reasons, *budget.reasons)
    return replace(placed, reasons=reasons)


def _if_off(spec: ModelSpec, placed: Fit) -> tuple[str, ...]:
    """That it is a near thing, where what is uncertain about its need reaches over the edge."""
    low, high = need_band_bytes(spec, placed.need)
    usable = placed.budget_bytes
    whole = placed.kind in {FitKind.GPU, FitKind.CPU}
    if whole and high > usable and placed.need.total_bytes <= usable:
        return (
            f"a near thing: it may need up to {gib(high)}; a shorter context or a smaller "
            "quantization leaves room",
        )
    if placed.kind is FitKind.PARTIAL and low <= usable:
        return (f"a near thing: it may need as little as {gib(low)}, and then it fits whole",)
    return ()


def place(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> Fit:
    """The answer to a request that is settled."""
    if not budget.devices:
        return _on_processor(spec, budget, request)
    return _on_devices(spec, budget, request)


def _if_closed(spec: ModelSpec, budget: MemoryBudget, placed: Fit) -> tuple[str, ...]:
    """What closing other programs would change."""
    if placed.kind is FitKind.GPU:
        return _over_free_memory(budget, placed)
    stuck = placed.kind is FitKind.NO and budget.ram_held_bytes
    if not budget.held_bytes and not stuck:
        return ()
    cleared = budget.cleared
    if placed.kind is FitKind.PARTIAL and placed.need.total_bytes > cleared.total_bytes:
        return ()
    better = place(spec, cleared, placed.request)
    if PREFERENCE[better.kind] <= PREFERENCE[placed.kind]:
        return ()
    held = f"{gib(budget.held_bytes)} of {_names(budget)}" if budget.held_bytes else ""
    beyond = better.kind is FitKind.CPU or better.need.total_bytes > cleared.total_bytes
    if budget.ram_held_bytes and (beyond or not held):
        ram = f"{gib(budget.ram_held_bytes)} of main memory"
        held = f"{held} and {ram}" if held else ram
    would = {FitKind.GPU: "fits whole", FitKind.PARTIAL: "fits partly", FitKind.CPU: "runs"}
    return (
        f"close other programs: {held} are held by others; without them it {would[better.kind]}",
    )


def _over_free_memory(budget: MemoryBudget, placed: Fit) -> tuple[str, ...]:
    """macOS makes room for the GPU's working set by compressing and swapping what others hold."""
    apple = budget.devices[0].accelerator.vendor is Vendor.APPLE
    if not apple or placed.need.total_bytes <= budget.ram_bytes:
        return ()
    return (
        f"only {gib(budget.ram_bytes)} of the memory can be had without swapping: close other "
        f"programs, which hold {gib(budget.ram_held_bytes)}",
    )


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
    load: Load | None = None
    need = _need_on(spec, request, budget.devices[:1])
    for count in range(1, len(budget.devices) + 1):
        chosen = budget.devices[:count]
        if count > 1:
            need = _need_on(spec, request, chosen)
        if need.total_bytes > sum(device.usable_bytes for device in chosen):
            continue
        where = Split(counts=(layers,), whole=layers)
        if count > 1:
            load = load or _load(spec, request)
            where = split(load, _rooms(need, _in_order(chosen)))
        if where.whole >= layers:
            return Fit(
                request=request,
                need=need,
                budget_bytes=budget.total_bytes,
                kind=FitKind.GPU,
                gpu_layers=layers,
                layers=layers,
                gpus=count,
                reasons=(_whole_reason(need, chosen, where),),
            )
    return _split(spec, budget, request, load or _load(spec, request), need)


def _need_on(spec: ModelSpec, request: FitRequest, devices: Sequence[DeviceBudget]) -> MemoryNeed:
    overhead = sum(device.overhead_bytes for device in devices)
    return memory_need(spec, request, gpus=len(devices), overhead_bytes=overhead)


def _in_order(devices: Sequence[DeviceBudget]) -> list[DeviceBudget]:
    return sorted(devices, key=_order_of)


def _order_of(device: DeviceBudget) -> int:
    return device.order


def _rooms(need: MemoryNeed, devices: Sequence[DeviceBudget]) -> list[int]:
    """What each device has for layers, beside its own buffers.

    A projector is kept free for on every device: llama.cpp has one margin for all (Ollama
    v0.32.15, llm/llama_server.go, mmprojFitTargetMiB).
    """
    own = need.compute_bytes // max(1, len(devices)) + need.projector_bytes
    return [device.usable_bytes - device.overhead_bytes - own for device in devices]


def _whole_reason(need: MemoryNeed, chosen: Sequence[DeviceBudget], where: Split) -> str:
    usable = gib(sum(device.usable_bytes for device in chosen))
    if len(chosen) == 1:
        name = chosen[0].accelerator.name
        return f"fits {name} whole: {gib(need.total_bytes)} of {usable} usable"
    shares = " + ".join(str(count) for count in where.counts)
    return (
        f"fits {len(chosen)} GPUs whole: {gib(need.total_bytes)} of {usable} usable together, "
        f"layers with the output {shares}"
    )


def _load(spec: ModelSpec, request: FitRequest) -> Load:
    """The layers with their cache and state. The embedding is not among them: memory holds it."""
    weights, layers = spec.weights, max(1, spec.architecture.layers)
    output = weights.embedding_bytes if weights.tied else weights.output_bytes
    inside, experts = _weights_of_layers(spec)
    state = spec.architecture.recurrent_bytes * request.parallel
    each = -(-(inside + state) // layers)
    return Load(
        layers=tuple(each + cache for cache in _caches(spec, request, layers)),
        expert_bytes=-(-experts // layers),
        output_bytes=output,
    )


def _weights_of_layers(spec: ModelSpec) -> tuple[int, int]:
    """Bytes of all layers without their experts, and of the experts."""
    weights = spec.weights
    outside = weights.embedding_bytes + (0 if weights.tied else weights.output_bytes)
    experts = min(weights.expert_bytes, max(0, weights.total_bytes - outside))
    return max(0, weights.total_bytes - outside - experts), experts


def _caches(spec: ModelSpec, request: FitRequest, layers: int) -> list[int]:
    """Bytes of the cache of each layer; layers with a window have less."""
    architecture = spec.architecture
    groups = architecture.caches
    if len(groups) == 1 and groups[0].layers == layers:
        return [-(-kv_cache_bytes(architecture, request) // layers)] * layers
    batch = physical_batch(architecture, request)
    total = kv_cache_bytes(architecture, request)
    cells = [
        cache_cells(group, request, batch) * (group.key_width + group.value_width)
        for group in groups
    ]
    numbers = sum(g.layers * n for g, n in zip(groups, cells, strict=True))
    if not numbers:
        return [0] * layers
    sizes = [(g.layers, -(-total * n // numbers)) for g, n in zip(groups, cells, strict=True)]
    return spread(sizes, layers)


def _split(
    spec: ModelSpec, budget: MemoryBudget, request: FitRequest, load: Load, need: MemoryNeed
) -> Fit:
    """Whole layers on the devices, the rest in main memory; `need` is that on all devices."""
    devices = _in_order(budget.devices)
    layers = spec.architecture.layers
    where = split(load, _rooms(need, devices))
    # All layers may lie there while the whole does not: the embedding is counted with it.
    whole = min(where.whole, layers - 1)
    dense = min(where.dense, layers - whole)
    if whole <= 0 and dense <= 0:
        return _without_devices(spec, budget, request, need)
    used = [device for device, count in zip(devices, where.counts, strict=True) if count]
    on_all = need
    if len(used) < len(devices):
        need = _need_on(spec, request, used)
    on_processor = sum(load.layers[: layers - whole - dense])
    rest = on_processor + load.expert_bytes * (layers - whole)
    held = need.total_bytes if budget.shared else rest + spec.weights.embedding_bytes
    if held > budget.ram_bytes:
        return _nowhere(budget, request, on_all, layers)
    cached = cache_bytes_read(spec.architecture, request, depth_of(request))
    return Fit(
        request=request,
        need=need,
        budget_bytes=budget.total_bytes,
        kind=FitKind.PARTIAL,
        gpu_layers=whole,
        layers=layers,
        gpus=len(used),
        reasons=(
            _partial_reason(budget, need, whole=whole, dense=dense, layers=layers, rest=rest),
        ),
        dense_layers=dense,
        dense_share=_dense_share(spec, cached),
        dense_weights_share=_dense_share(spec, 0.0),
    )


def _nowhere(budget: MemoryBudget, request: FitRequest, need: MemoryNeed, layers: int) -> Fit:
    reason = (
        f"does not fit: {gib(need.total_bytes)} against {gib(budget.total_bytes)} on "
        f"{_names(budget)} and {gib(budget.ram_bytes)} of main memory"
        f"{' (the same memory)' if budget.shared else ''}"
    )
    return Fit(
        request=request,
        need=need,
        budget_bytes=budget.total_bytes,
        kind=FitKind.NO,
        gpu_layers=0,
        layers=layers,
        gpus=0,
        reasons=(reason,),
    )


def _partial_reason(
    budget: MemoryBudget, need: MemoryNeed, *, whole: int, dense: int, layers: int, rest: int
) -> str:
    if dense:
        start = (
            f"fits partly: {whole} of {layers} layers whole on {_names(budget)}, {dense} without "
            f"their experts; about {gib(rest)} in main memory, experts first, as Ollama 0.30 and "
            "later place a mixture"
        )
    else:
        start = (
            f"fits partly: {whole} of {layers} layers on {_names(budget)}, about {gib(rest)} in "
            "main memory"
        )
    return f"{start}; it needs {gib(need.total_bytes)} and {gib(budget.total_bytes)} are usable"


def _dense_share(spec: ModelSpec, cache_bytes: float) -> float:
    """Of the layers without their experts: what a token reads of them, to what it reads of all.

    `cache_bytes` are of their cache as far as it is filled: what is kept free is not read.
    """
    architecture = spec.architecture
    dense, experts = _weights_of_layers(spec)
    if not experts or not architecture.experts:
        return 0.0
    beside = dense + cache_bytes
    return beside / (beside + experts * architecture.experts_used / architecture.experts)


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
