"""What a server's `/api/ps` will say of a model, and what the process that holds it will take.

Two rules, since ps leaves parts out or counts what is never touched, and which depends on engine
and version. Source: 105 loads on Ollama 0.24.0 and 91 on 0.32.15, processor only, 2026-11-25, and
as many again on 2026-11-26 with other shapes (`tests/end_to_end/real_memory.py` repeats them);
versions between them were not run, 0.30 being the first that runs models in a child process.
What is said of GPUs is read from the servers' sources and held against ten loads with 0.32.15 on
an NVIDIA H100 and an H200 (2026-11-26 and 2026-11-27): each within 0.002 %.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from typing import assert_never

from landfall.core.fit.memory import DEFAULT_BATCH, FitRequest, KvType, padded, scores_width
from landfall.core.fit.ollama_defaults import automatic_batch, embedding_batch, given_parallel
from landfall.core.machine.hardware import MIB
from landfall.core.models.architecture import Architecture, CacheLayers, ModelSpec
from landfall.core.provenance import Unknown

FIRST_WITH_CHILD = (0, 30)
"""From here on models run in llama-server; below, in engines inside Ollama."""

_GO_ENGINE = frozenset({"qwen3", "qwen3moe", "gemma3", "bert"})
_GO_ENGINE_UNMEASURED = frozenset(
    {
        "deepseek2",
        "deepseekocr",
        "gemma3n",
        "gptoss",
        "gpt-oss",
        "llama4",
        "mistral3",
        "mllama",
        "nomic-bert",
        "olmo3",
        "qwen25vl",
        "qwen3vl",
        "qwen3vlmoe",
    }
)
_RUNNER_BYTES = 14 * MIB
_PER_TOKEN_BYTES = 200
"""A runner without a model, and what it keeps of each token of the vocabulary."""

_GO_MASK_BYTES = 3072
"""For each cell: the mask of a batch of 512 in single and in half precision, on the heap, made for
the whole cache when it is reserved (v0.24.0 kvcache/causal.go). After prompts of some thousand
tokens the heap has given it back: then it is a ceiling."""

_OLD_KV_BYTES = {KvType.Q8_0: 1.0, KvType.Q4_0: 0.5}


def version_of(text: str) -> tuple[int, ...] | None:
    """The numbers of a version: "0.32.15-rc1" is (0, 32, 15)."""
    found = re.match(r"v?(\d{1,9}(?:\.\d{1,9})*)(?!\d)", text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def ps_bytes(spec: ModelSpec, request: FitRequest, version: str, *, gpus: int = 0) -> int | Unknown:
    """`size` of `/api/ps`.

    Args:
        request: Settled: context not beyond the trained one; context and parallel as the server
            has them (`num_ctx`, OLLAMA_NUM_PARALLEL).
        gpus: GPUs that hold the whole of it, 0 for the processor alone. A model that is split
            between them and main memory is not known before it is loaded.
    """
    engine = _engine(spec.architecture, version)
    match engine:
        case Unknown():
            return engine
        case _Engine.CHILD if gpus > 1:
            return Unknown("how llama-server copies its buffers for several GPUs was not measured")
        case _Engine.CHILD if spec.projector_bytes:
            return Unknown("what a projector adds was not measured")
        case _Engine.CHILD:
            return _child_process(spec, _as_given(spec.architecture, request), on_gpu=bool(gpus))
        case _ if gpus:
            return Unknown(f"what Ollama {version} counts of a GPU was not measured")
        case _Engine.GO:
            return _go_engine(spec, _as_given(spec.architecture, request))
        case _Engine.LLAMA:
            return _old_llama_engine(spec, _as_given(spec.architecture, request))
        case _:
            assert_never(engine)


def process_bytes(
    spec: ModelSpec, request: FitRequest, version: str, *, prompt_tokens: int | None = None
) -> int | Unknown:
    """What the runner of a model on the processor alone takes of main memory.

    That is its proportional share (PSS): weights are read into memory of its own there. Not
    counted is the prompt cache of llama-server, which grows with what is asked, up to 8 GiB, where
    `LLAMA_ARG_CACHE_RAM` does not bound it; a server that Landfall starts has it off.

    Source: fitted to the loads above; worst of them 10 % or 40 MiB.

    Args:
        request: As for `ps_bytes`.
        prompt_tokens: The longest prompt so far: of the compute buffer only as much is touched as
            a batch had tokens. None for one that fills a batch, 0 for a model just loaded.
    """
    architecture = spec.architecture
    engine = _engine(architecture, version)
    if isinstance(engine, Unknown):
        return engine
    if spec.projector_bytes:
        return Unknown("what a projector adds was not measured")
    if architecture.encoder and engine is _Engine.CHILD and prompt_tokens != 0:
        # Seen of two vocabularies: 4 bytes for each token of the longest text times the vocabulary.
        return Unknown("an encoder's process grows with its texts by a vocabulary for each token")
    request = _as_given(architecture, request)
    base = _RUNNER_BYTES + _PER_TOKEN_BYTES * (architecture.vocabulary or 0)
    if engine is _Engine.GO:
        return _go_process(spec, request) + base
    old = engine is _Engine.LLAMA
    batch = (request.batch or DEFAULT_BATCH) if old else child_batch(architecture, request)
    touched = 1.0 if prompt_tokens is None else min(1.0, prompt_tokens / batch)
    # Of the old engine the window is for all sequences at once; its cache is small beside the rest.
    cache = _cache_of(architecture, architecture.caches, request, batch)
    state = architecture.recurrent_bytes * request.parallel
    compute = int(touched * _child_compute(architecture, request, batch))
    return spec.weights.total_bytes + cache + state + compute + base


def _go_process(spec: ModelSpec, request: FitRequest) -> int:
    """What ps says and the mask; of the graph of experts hardly any page is touched."""
    architecture = spec.architecture
    size, cells = _go_engine(spec, request), request.context * request.parallel
    if architecture.encoder:
        return size
    untouched = _go_graph(architecture, request, cells) if architecture.is_mixture else 0
    return size + _GO_MASK_BYTES * cells - untouched


class _Engine(Enum):
    """What runs a model inside a server."""

    CHILD = "llama-server"
    LLAMA = "llama.cpp inside"
    GO = "Ollama's own"


def _engine(architecture: Architecture, version: str) -> _Engine | Unknown:
    numbers = version_of(version)
    if numbers is None:
        return Unknown(f"the version {version!r} is not one")
    if numbers >= FIRST_WITH_CHILD:
        return _Engine.CHILD
    if architecture.name in _GO_ENGINE:
        return _Engine.GO
    if architecture.name in _GO_ENGINE_UNMEASURED:
        return Unknown(f"Ollama {version} was not measured with {architecture.name}")
    return _Engine.LLAMA


def _as_given(architecture: Architecture, request: FitRequest) -> FitRequest:
    """With as many sequences as the server runs of such a model."""
    return replace(request, parallel=given_parallel(architecture, request.parallel))


def _old_llama_engine(spec: ModelSpec, request: FitRequest) -> int:
    """Tensors, without the input embedding where there is an output matrix, and the cache."""
    weights = spec.weights
    size = weights.total_bytes - (0 if weights.tied else weights.embedding_bytes)
    per_number = _OLD_KV_BYTES.get(request.kv_type, request.kv_type.bytes_per_number)
    cells = [
        min(
            request.context * request.parallel,
            padded(layers.window * request.parallel + DEFAULT_BATCH),
        )
        if layers.window
        else request.context * request.parallel
        for layers in spec.architecture.caches
    ]
    return size + _cache(spec.architecture, cells, per_number)


def _go_engine(spec: ModelSpec, request: FitRequest) -> int:
    """Tensors, a tied embedding again, the cache, and the graph without logits."""
    architecture, weights = spec.architecture, spec.weights
    again = weights.embedding_bytes if weights.tied else 0
    cells = _go_cells(architecture, request)
    cache = _cache(architecture, cells, request.kv_type.bytes_per_number)
    graph = _go_graph(architecture, request, request.context * request.parallel)
    return weights.total_bytes + again + cache + graph


def _go_graph(architecture: Architecture, request: FitRequest, cells: int) -> int:
    """The compute graph of the Go engine, for output tokens only; flash attention is always on.

    Source: qwen3 of six shapes to 4 MiB, most of them exactly; gemma3 of three shapes to 2 % of
    the model; bert
    and qwen3moe of one shape each to 1 MiB.
    """
    if architecture.encoder:
        # In one batch, without flash attention: the scores of one layer are alive at a time.
        batch = request.context
        return batch * (4 * architecture.heads * batch + 20 * architecture.hidden)
    wide = 16 * architecture.feed_forward + 2 * cells
    if architecture.is_mixture:
        summed = 8 * architecture.hidden * architecture.experts_used
        feed = 8 * architecture.feed_forward
        return DEFAULT_BATCH * (summed + max(feed, 8 * architecture.query_width + 2 * cells))
    if architecture.name != "gemma3":
        return DEFAULT_BATCH * wide
    queries = architecture.query_width
    sliding = [
        count
        for layers, count in zip(architecture.caches, _go_cells(architecture, request), strict=True)
        if layers.window is not None
    ]
    mask = 2 * cells + 2 * max(sliding, default=0)
    return DEFAULT_BATCH * max(12 * architecture.feed_forward + 15 * queries, 37 * queries + mask)


def _go_cells(architecture: Architecture, request: FitRequest) -> list[int]:
    """Cells of each group of layers, those that slide with a token more for several sequences."""
    cells = request.context * request.parallel
    wider = 1 if request.parallel > 1 else 0
    return [
        cells
        if layers.window is None
        else min(cells, padded((layers.window + wider) * request.parallel + DEFAULT_BATCH))
        for layers in architecture.caches
    ]


def _child_process(spec: ModelSpec, request: FitRequest, *, on_gpu: bool) -> int:
    """Every buffer that llama-server logs; of two caches only the sliding one is counted.

    Whole on a GPU, what stays in main memory is left out: the input embedding (a tied one is
    copied) and the output buffer (v0.32.15 llm/llama_server.go, MemorySize).
    """
    architecture, weights = spec.architecture, spec.weights
    batch = child_batch(architecture, request)
    sliding = tuple(layers for layers in architecture.caches if layers.window is not None)
    cache = _cache_of(architecture, sliding or architecture.caches, request, batch)
    compute = _child_compute(architecture, request, batch, on_gpu=on_gpu)
    state = architecture.recurrent_bytes * request.parallel
    if on_gpu:
        in_ram = 0 if weights.tied else weights.embedding_bytes
        return weights.total_bytes - in_ram - weights.lookup_bytes + cache + compute + state
    width = architecture.hidden if architecture.embedder else architecture.vocabulary or 0
    return weights.total_bytes + cache + 4 * width * request.parallel + compute + state


def child_batch(architecture: Architecture, request: FitRequest) -> int:
    """The physical batch of llama-server under Ollama: as asked, or as the server sets it.

    The server's own rule looks at the free memory of GPUs too: `automatic_batch` with that gives
    the batch to ask for here.
    """
    if request.batch is not None:
        return request.batch
    if architecture.embedder:
        return embedding_batch(request.context)
    return automatic_batch(request.context, request.parallel)


def _child_cells(layers: CacheLayers, context: int, batch: int) -> int:
    """Cells of one sequence."""
    if layers.window is None:
        return context
    return min(context, padded(layers.window + batch))


def _child_compute(
    architecture: Architecture, request: FitRequest, batch: int, *, on_gpu: bool = False
) -> int:
    """The compute buffer of llama-server: no logits, which it reserves for one token a sequence.

    Source (b10488): dense models (with a gate and, as starcoder2 and nemotron, without) and Gemma 1
    to 3 exactly from 3 layers on, mixtures (qwen3moe,
    mixtral, gpt-oss) exactly where their width rules and to 11 % where the sum does, encoders
    exactly over 8 shapes. Experts keep the results of all that a token is sent to until they are
    summed.
    """
    hidden, feed = architecture.hidden, architecture.feed_forward
    if architecture.encoder:
        return batch * _encoder_width(architecture, request, batch)
    if not request.flash_attention:
        tokens = min(batch, request.context * request.parallel)
        return tokens * scores_width(architecture, request.context)
    windows = [
        _child_cells(layers, request.context, batch)
        for layers in architecture.caches
        if layers.window is not None
    ]
    masks = 2 * request.context + 2 * max(windows, default=0)
    queries = 4 * architecture.query_width
    inside = (12 if architecture.gated else 4) * feed
    width = inside + 16 * hidden
    if architecture.is_mixture:
        summed = 8 * hidden * architecture.experts_used
        width = max(12 * feed + 12 * hidden + queries, summed + 4 * feed + 8 * hidden)
    elif architecture.name.startswith("gemma"):
        width = 12 * feed + 12 * hidden + queries
    elif (on_gpu or request.kv_type.quantized) and not windows:
        # What is written to a quantized cache, or to any on a GPU, is not kept beside it.
        width = inside + min(16 * hidden, 8 * hidden + queries)
    return batch * (width + masks)


def _encoder_width(architecture: Architecture, request: FitRequest, batch: int) -> int:
    hidden, span = architecture.hidden, min(request.context, batch)
    if request.flash_attention:
        return max(12 * hidden + 4 * architecture.feed_forward, 22 * hidden) + 2 * span
    return span * (4 * architecture.heads + 4) + 24 * hidden


def _cache_of(
    architecture: Architecture, counted: tuple[CacheLayers, ...], request: FitRequest, batch: int
) -> int:
    """The caches of some of the layers, each sequence with cells of its own."""
    cells = [_child_cells(layers, request.context, batch) * request.parallel for layers in counted]
    chosen = replace(architecture, caches=counted)
    return _cache(chosen, cells, request.kv_type.bytes_per_number)


def _cache(architecture: Architecture, cells: list[int], bytes_per_number: float) -> int:
    total = 0.0
    for layers, count in zip(architecture.caches, cells, strict=True):
        width = layers.key_width + layers.value_width
        total += layers.layers * count * width * bytes_per_number
    return int(total)
