"""How much memory a model needs.

    total = weights + KV cache + recurrent state + compute buffer (+ projector) + overhead per GPU

Source of the formula: llama.cpp's allocation. Cache and state follow its code (b10488) and are
exact on every header of `tests/data`; the compute buffer is a closed form fitted to what llama.cpp
reported for them (total: median below 0.01 %, above 3 % in 7 of 1,657 runs), as a context that may
return logits for every token of a batch reserves it. How the allocator's holes fall it does not
know: with a batch of 2048 and a long context that cost six models below 1.3 billion parameters 4
to 14 % of all they need. llama-server asks for the logits of its sequences alone and needs less:
`ollama_memory.py`. Overheads: see `hardware.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.errors import BadInput
from landfall.core.models.architecture import MAX_CONTEXT, Architecture, CacheLayers, ModelSpec

DEFAULT_BATCH = 512
"""llama.cpp's physical batch (`n_ubatch`)."""

EMBEDDING_BATCH = 2048
"""Ollama embeds in batches of this, or of the context where that is shorter."""

TWICE_UNMAPPED = frozenset({"gemma3n", "gemma4"})
"""Read without mapping the file, as Ollama 0.30 and later does on a processor, llama.cpp holds the
tied embedding of these twice: it makes the output from it before it has read it (b10488)."""

FORMULA_SPREAD = 0.013
"""Share of the total; 96 of 100 runs of `tests/data` are nearer than that to llama.cpp."""

_CACHE_PAD = 256
"""Cells to which llama.cpp pads a cache (`GGML_PAD(n_ctx, 256)`)."""
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
"""Bytes of a number: of block types the bytes of a block over the 32 numbers in it. Source: ggml's
block types, as in `gguf_types.TYPE_SIZES`."""


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
        _within("context", self.context, MAX_CONTEXT)
        _within("parallel", self.parallel, _MAX_PARALLEL)
        if self.batch is not None:
            _within("batch", self.batch, _MAX_BATCH)
        if self.depth is not None and not 0 <= self.depth <= MAX_CONTEXT:
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


def settled(architecture: Architecture, request: FitRequest) -> tuple[FitRequest, tuple[str, ...]]:
    """The request as a runtime carries it out, and what had to change."""
    notes: list[str] = []
    if request.flash_attention and not architecture.flash_attention:
        notes.append(f"flash attention is off: {architecture.name} runs without it")
        request = replace(request, flash_attention=False)
    trained = architecture.context_trained
    if trained is not None and request.context > trained:
        notes.append(
            f"context {request.context:,} is beyond the {trained:,} tokens that the model was "
            f"trained for: clamped to {trained:,}"
        )
        request = replace(request, context=trained)
    if request.kv_type.quantized and not request.flash_attention:
        notes.append(
            f"a {request.kv_type} cache needs flash attention, which is off: kept in f16 instead"
        )
        request = replace(request, kv_type=KvType.F16)
    if request.depth is not None and request.depth > request.context:
        notes.append(f"depth {request.depth:,} is beyond the context: taken as {request.context:,}")
        request = replace(request, depth=request.context)
    return request, tuple(notes)


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
        compute_bytes=step_bytes(architecture, request) * max(1, gpus),
        projector_bytes=spec.projector_bytes,
        overhead_bytes=overhead_bytes if gpus else 0,
    )


def need_band_bytes(spec: ModelSpec, need: MemoryNeed) -> tuple[int, int]:
    """The least and the most that the model may take.

    An unknown architecture may keep hardly any of the cache that is counted (a window, a state in
    its place), and a buffer twice as large.
    """
    slack = spec.weights.spread * spec.weights.total_bytes + FORMULA_SPREAD * need.total_bytes
    low, high = need.total_bytes - slack, need.total_bytes + slack
    if not spec.architecture.known:
        low -= need.kv_cache_bytes
        high += need.compute_bytes
    return int(low), int(high)


def physical_batch(architecture: Architecture, request: FitRequest) -> int:
    """Tokens of one step of prefill: as asked, or the runtime's default."""
    if request.batch is not None:
        return request.batch
    if architecture.embedder:
        return min(EMBEDDING_BATCH, request.context)
    return DEFAULT_BATCH


def cache_cells(layers: CacheLayers, request: FitRequest, batch: int) -> int:
    """Tokens that a layer keeps: all, or what its window and one batch need.

    Each sequence has cells of its own (`kv_unified` off), as in llama-server and node-llama-cpp.
    """
    cells = request.context
    if layers.window is not None:
        cells = min(cells, layers.window + batch)
    return padded(cells) * request.parallel


def padded(cells: int) -> int:
    """llama.cpp rounds a cache up to 256 cells."""
    return -(-cells // _CACHE_PAD) * _CACHE_PAD


def kv_cache_bytes(architecture: Architecture, request: FitRequest) -> int:
    """Keys and values of all sequences.

    Without flash attention values are kept transposed, at the width of the widest layer.
    """
    batch = _tokens_of_step(architecture, request)
    widest = max((layers.value_width for layers in architecture.caches), default=0)
    size = request.kv_type.bytes_per_number
    total = 0.0
    for layers in architecture.caches:
        padded_values = not (request.flash_attention or layers.own_width)
        value_width = widest if padded_values else layers.value_width
        cells = cache_cells(layers, request, batch)
        total += layers.layers * cells * (layers.key_width + value_width) * size
    return int(total)


def _tokens_of_step(architecture: Architecture, request: FitRequest) -> int:
    """The batch, as far as the context can fill it."""
    return min(physical_batch(architecture, request), request.context * request.parallel)


def step_bytes(architecture: Architecture, request: FitRequest) -> int:
    """The compute buffer: the largest live set of one step, the logits or one layer.

    Attention spans the context of one sequence, in an encoder and in a diffusion model the batch,
    in a recurrent model nothing.

    Source of the coefficients: what llama.cpp b10488 and v0.5.0 reported on a processor for the
    headers of `tests/data/memory_llamacpp.jsonl`.
    """
    batch = _tokens_of_step(architecture, request)
    layer = _feed_forward_width(architecture)
    if architecture.recurrent_width:
        state = architecture.recurrent_bytes * request.parallel / architecture.recurrent_layers
        layer = max(layer, 4 * architecture.recurrent_width + int(state / batch))
    span, window = _spans(architecture, request, batch)
    if request.flash_attention:
        if architecture.encoder:
            layer = max(layer, 20 * architecture.hidden + 8 * architecture.query_width)
        layer += 2 * (span + window)
    elif span:
        layer = max(layer + 4 * span, scores_width(architecture, span) + 4 * window)
    layer += 4 * architecture.beside_layer
    return batch * max(layer, _logits_width(architecture, span))


def _spans(architecture: Architecture, request: FitRequest, batch: int) -> tuple[int, int]:
    """Tokens that the masks of one sequence cover: of full and of sliding attention."""
    if architecture.encoder or not (architecture.caches or architecture.recurrent_layers):
        return batch, batch * (architecture.masks - 1)
    one = replace(request, parallel=1)
    cells = [(layers.window, cache_cells(layers, one, batch)) for layers in architecture.caches]
    full = max((count for window, count in cells if window is None), default=0)
    sliding = max((count for window, count in cells if window is not None), default=0)
    return full, sliding


def _feed_forward_width(architecture: Architecture) -> int:
    """Bytes a token of the batch takes in the feed-forward: gate, way up and their product."""
    widths = 12 if architecture.gated else 4
    return widths * architecture.feed_forward + 4 * architecture.residuals * architecture.hidden


def scores_width(architecture: Architecture, span: int) -> int:
    """Bytes a token of the batch takes while the scores of all heads are alive."""
    if architecture.encoder:
        inputs = 8 * architecture.hidden
        keys = architecture.new_keys
    else:
        inputs = 12 * architecture.hidden
        keys = max((layers.key_width for layers in architecture.caches), default=0)
    return span * (4 * architecture.heads + 4) + inputs + 8 * (architecture.query_width + keys)


def _logits_width(architecture: Architecture, span: int) -> int:
    """Bytes a token of the batch takes at the output, with what entered beside it."""
    beside = 4 * architecture.logits_residuals * architecture.hidden
    if architecture.beside_logits:
        beside = max(beside, 4 * architecture.beside_logits + 2 * span)
    return 4 * (architecture.vocabulary or 0) + beside


def batch_logits_bytes(architecture: Architecture, request: FitRequest) -> int:
    """Logits of every token of a step; 0 where they do not decide the compute buffer."""
    batch = _tokens_of_step(architecture, request)
    without = step_bytes(replace(architecture, vocabulary=None), request)
    decides = step_bytes(architecture, request) > without
    return 4 * batch * (architecture.vocabulary or 0) if decides else 0
