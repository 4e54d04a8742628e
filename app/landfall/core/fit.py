"""How much memory a model needs, and whether and where it fits.

    total = weights + KV cache + recurrent state + compute buffer (+ projector) + overhead per GPU
    it fits a device when the total is not above what is usable there

Source of the formula: llama.cpp's allocation, tuned on 63 configurations of 13 architectures that
llama.cpp measured itself (KV exact on all; total median 0.0 %, worst 2.0 %) and checked on 60 more
of 12 later architectures. Overheads and margin: see `hardware.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.architecture import Architecture, CacheLayers, ModelSpec
from landfall.core.errors import BadInput
from landfall.core.hardware import GIB, DeviceBudget, MemoryBudget

DEFAULT_BATCH = 512
"""llama.cpp's physical batch (`n_ubatch`)."""

EMBEDDING_BATCH = 2048
"""Ollama embeds in batches of this, or of the context where that is shorter."""

_CACHE_PAD = 256
_MAX_CONTEXT = 1 << 24
_MAX_PARALLEL = 1024
_MAX_BATCH = 1 << 20


class KvType(StrEnum):
    """What the KV cache is kept in."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"
    IQ4_NL = "iq4_nl"

    @property
    def bytes_per_number(self) -> float:
        """Block types carry their scales: q8_0 is 34 bytes for 32 numbers."""
        return _KV_BYTES[self]

    @property
    def quantized(self) -> bool:
        """Whether it needs flash attention."""
        return self not in (KvType.F32, KvType.F16, KvType.BF16)


_KV_BYTES = {
    KvType.F32: 4.0,
    KvType.F16: 2.0,
    KvType.BF16: 2.0,
    KvType.Q8_0: 34 / 32,
    KvType.Q5_1: 24 / 32,
    KvType.Q5_0: 22 / 32,
    KvType.Q4_1: 20 / 32,
    KvType.Q4_0: 18 / 32,
    KvType.IQ4_NL: 18 / 32,
}


class FitKind(StrEnum):
    """Where the model ends up."""

    GPU = "gpu"
    PARTIAL = "partial"
    CPU = "cpu"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRequest:
    """How the model shall run.

    Attributes:
        context: Tokens of one sequence.
        parallel: Sequences at once; each has a context of its own.
        batch: Physical batch, or None for the default.
        depth: Tokens in the cache when decode is predicted, or None for half of the context.
    """

    context: int = 8192
    parallel: int = 1
    kv_type: KvType = KvType.F16
    batch: int | None = None
    flash_attention: bool = True
    depth: int | None = None

    def __post_init__(self) -> None:
        _within("context", self.context, _MAX_CONTEXT)
        _within("parallel", self.parallel, _MAX_PARALLEL)
        if self.batch is not None:
            _within("batch", self.batch, _MAX_BATCH)
        if self.depth is not None and not 0 <= self.depth <= _MAX_CONTEXT:
            raise BadInput(
                f"depth is {self.depth}, not a number of tokens.",
                "Give 0 or more, at most the context.",
                field="depth",
            )


def _within(field: str, value: int, limit: int) -> None:
    if not 1 <= value <= limit:
        raise BadInput(
            f"{field} is {value}.", f"Give a whole number from 1 to {limit}.", field=field
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """Bytes by what they are for."""

    weights_bytes: int
    kv_cache_bytes: int
    recurrent_state_bytes: int
    compute_bytes: int
    projector_bytes: int
    overhead_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return (
            self.weights_bytes
            + self.kv_cache_bytes
            + self.recurrent_state_bytes
            + self.compute_bytes
            + self.projector_bytes
            + self.overhead_bytes
        )


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


def settled(architecture: Architecture, request: FitRequest) -> tuple[FitRequest, tuple[str, ...]]:
    """The request as a runtime carries it out, and what had to change."""
    notes: list[str] = []
    trained = architecture.context_trained
    if trained is not None and request.context > trained:
        notes.append(
            f"context {request.context} is beyond the {trained} tokens that the model was trained "
            f"for: clamped to {trained}"
        )
        request = replace(request, context=trained)
    if request.kv_type.quantized and not request.flash_attention:
        notes.append(
            f"a {request.kv_type} cache needs flash attention, which is off: kept in f16 instead"
        )
        request = replace(request, kv_type=KvType.F16)
    if request.depth is not None and request.depth > request.context:
        notes.append(f"depth {request.depth} is beyond the context: taken as {request.context}")
        request = replace(request, depth=request.context)
    return request, tuple(notes)


# ---------------------------------------------------------------- need


def memory_need(
    spec: ModelSpec, request: FitRequest, *, gpus: int, overhead_bytes: int = 0
) -> MemoryNeed:
    """What the model takes with all of it on `gpus` devices; 0 is the processor alone.

    Every device has a compute buffer of its own. With a device a tied embedding is there twice: in
    main memory for the input, on the device for the output (llama.cpp, TENSOR_DUPLICATED).

    Args:
        request: Settled: not beyond the trained context.
        overhead_bytes: The runtime's own contexts on all devices together.
    """
    weights = spec.weights
    twice = weights.embedding_bytes if gpus and weights.tied else 0
    architecture = spec.architecture
    return MemoryNeed(
        weights_bytes=weights.total_bytes + twice,
        kv_cache_bytes=kv_cache_bytes(architecture, request),
        recurrent_state_bytes=architecture.recurrent_bytes * request.parallel,
        compute_bytes=compute_bytes(architecture, request) * max(1, gpus),
        projector_bytes=spec.projector_bytes,
        overhead_bytes=overhead_bytes if gpus else 0,
    )


def physical_batch(architecture: Architecture, request: FitRequest) -> int:
    """Tokens of one step of prefill: as asked, or the runtime's default."""
    if request.batch is not None:
        return request.batch
    if architecture.embedder:
        return min(EMBEDDING_BATCH, request.context)
    return DEFAULT_BATCH


def cache_cells(layers: CacheLayers, request: FitRequest, batch: int) -> int:
    """Tokens that a layer keeps: all, or what its window and one batch need."""
    cells = request.context * request.parallel
    if layers.window is None:
        return cells
    return min(cells, padded(layers.window * request.parallel + batch))


def padded(cells: int) -> int:
    """llama.cpp rounds a sliding cache up to 256 cells."""
    return -(-cells // _CACHE_PAD) * _CACHE_PAD


def kv_cache_bytes(architecture: Architecture, request: FitRequest) -> int:
    """Keys and values of all sequences.

    Without flash attention values are kept transposed, at the width of the widest layer.
    """
    batch = physical_batch(architecture, request)
    widest = max((layers.value_width for layers in architecture.caches), default=0)
    size = request.kv_type.bytes_per_number
    total = 0.0
    for layers in architecture.caches:
        value_width = layers.value_width
        if value_width and not request.flash_attention:
            value_width = widest
        cells = cache_cells(layers, request, batch)
        total += layers.layers * cells * (layers.key_width + value_width) * size
    return int(total)


def compute_bytes(architecture: Architecture, request: FitRequest) -> int:
    """The largest live set of one step: the logits, or one layer's activations.

    Attention spans the context of one sequence: parallel sequences do not widen it. An encoder
    attends within its batch and has no logits.
    """
    batch = min(physical_batch(architecture, request), request.context * request.parallel)
    if architecture.encoder:
        return batch * _attention_width(architecture, min(request.context, batch))
    if request.flash_attention:
        span = 12 * architecture.feed_forward + 16 * architecture.hidden + 2 * request.context
    else:
        span = _attention_width(architecture, request.context)
    logits = 4 * (architecture.vocabulary or 0) + 8 * architecture.hidden
    return batch * max(logits, span)


def _attention_width(architecture: Architecture, span: int) -> int:
    """Bytes a token of the batch takes while the scores of all heads are alive."""
    keys = max((layers.key_width for layers in architecture.caches), default=0)
    return (
        span * (4 * architecture.heads + 4)
        + 12 * architecture.hidden
        + 8 * (architecture.query_width + keys)
    )


# ---------------------------------------------------------------- placement


def gib(size_bytes: float) -> str:
    """A size for people."""
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
    top = spec.architecture.context_trained or _MAX_CONTEXT
    lowest = min(_CACHE_PAD, top)

    def rank(context: int) -> int:
        return _RANK[fit(spec, budget, replace(request, context=context, depth=None)).kind]

    best = rank(lowest)
    if best == 0:
        return None
    if rank(top) >= best:
        return top
    good, bad = lowest // _CACHE_PAD, -(-top // _CACHE_PAD)
    while bad - good > 1:
        middle = (good + bad) // 2
        if rank(middle * _CACHE_PAD) >= best:
            good = middle
        else:
            bad = middle
    return max(lowest, good * _CACHE_PAD)
