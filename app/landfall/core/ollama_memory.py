"""What a server's `/api/ps` will say of a model in main memory, by the rules of its generation.

Not what the process takes: ps leaves parts out, and which ones depends on engine and version.
Source: 105 loads on Ollama 0.24.0 and 91 on 0.32.15, processor only, 2026-11-25; versions between
them were not run, 0.30 being the first that runs models in a child process.
"""

from __future__ import annotations

import re
from dataclasses import replace

from landfall.core.architecture import Architecture, CacheLayers, ModelSpec
from landfall.core.hardware import MIB
from landfall.core.memory import FitRequest, KvType, compute_bytes, padded
from landfall.core.provenance import Unknown

FIRST_WITH_CHILD = (0, 30)
"""From here on models run in llama-server; below, in engines inside Ollama."""

_OLD_BATCH = 512
_GO_ENGINE = frozenset({"qwen3", "gemma3", "bert"})
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
        "qwen3moe",
        "qwen3vl",
        "qwen3vlmoe",
    }
)
_OLD_KV_BYTES = {KvType.Q8_0: 1.0, KvType.Q4_0: 0.5}


def version_of(text: str) -> tuple[int, ...] | None:
    """The numbers of a version: "0.32.15-rc1" is (0, 32, 15)."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def automatic_batch(context: int, parallel: int) -> int:
    """The batch that Ollama 0.30 and later sets where none is asked for."""
    cells = context * parallel
    if cells <= 4096:
        return 512
    return 1024 if cells <= 32768 else 2048


def ps_bytes(spec: ModelSpec, request: FitRequest, version: str) -> int | Unknown:
    """`size` of `/api/ps` for a model that is on the processor alone.

    Args:
        request: Settled: context not beyond the trained one; context and parallel as the server
            has them (`num_ctx`, OLLAMA_NUM_PARALLEL).
    """
    numbers = version_of(version)
    if numbers is None:
        return Unknown(f"the version {version!r} is not one")
    if numbers >= FIRST_WITH_CHILD:
        return _child_process(spec, request)
    architecture = spec.architecture
    if architecture.name in _GO_ENGINE:
        return _go_engine(spec, request)
    if architecture.name in _GO_ENGINE_UNMEASURED:
        return Unknown(f"Ollama {version} was not measured with {architecture.name}")
    return _old_llama_engine(spec, request)


def _old_llama_engine(spec: ModelSpec, request: FitRequest) -> int:
    """Tensors, without the input embedding where there is an output matrix, and the cache."""
    weights = spec.weights
    size = weights.total_bytes - (0 if weights.tied else weights.embedding_bytes)
    per_number = _OLD_KV_BYTES.get(request.kv_type, request.kv_type.bytes_per_number)
    cells = [
        min(
            request.context * request.parallel,
            padded(layers.window * request.parallel + _OLD_BATCH),
        )
        if layers.window
        else request.context * request.parallel
        for layers in spec.architecture.caches
    ]
    return size + _cache(spec.architecture, cells, per_number)


def _go_engine(spec: ModelSpec, request: FitRequest) -> int:
    """Tensors, a tied embedding again, the cache, and the graph without logits."""
    architecture, weights = spec.architecture, spec.weights
    again = weights.embedding_bytes if weights.tied and not architecture.encoder else 0
    cells = request.context * request.parallel
    wider = 1 if request.parallel > 1 else 0
    of_layers = [
        cells
        if layers.window is None
        else min(cells, padded((layers.window + wider) * request.parallel + _OLD_BATCH))
        for layers in architecture.caches
    ]
    cache = _cache(architecture, of_layers, request.kv_type.bytes_per_number)
    return weights.total_bytes + again + cache + _go_graph(architecture, request, cells)


def _go_graph(architecture: Architecture, request: FitRequest, cells: int) -> int:
    """Measured: qwen3 to 0.5 MiB; gemma3 to 2 MiB from 2k to 128k cells; bert to 1 MiB."""
    width, hidden = architecture.feed_forward, architecture.hidden
    if architecture.encoder:
        return compute_bytes(architecture, replace(request, batch=_OLD_BATCH))
    if architecture.name == "gemma3":
        return _OLD_BATCH * (8 * width + 36 * hidden + 2 * cells)
    return _OLD_BATCH * (8 * width + 12 * hidden + 2 * cells) + MIB // 2


def _child_process(spec: ModelSpec, request: FitRequest) -> int:
    """Every buffer that llama-server logs; of two caches only the sliding one is counted."""
    architecture = spec.architecture
    if architecture.embedder:
        request = replace(request, parallel=1)
    context, parallel = request.context, request.parallel
    batch = request.batch or (
        min(2048, context) if architecture.embedder else automatic_batch(context, parallel)
    )
    sliding = [layers for layers in architecture.caches if layers.window is not None]
    counted = tuple(sliding) or architecture.caches
    cells = [_child_cells(layers, context, batch) * parallel for layers in counted]
    cache = _cache(replace(architecture, caches=counted), cells, request.kv_type.bytes_per_number)
    output = 4 * (architecture.vocabulary or 0) * parallel
    window_cells = max((_child_cells(layers, context, batch) for layers in sliding), default=0)
    compute = _child_compute(architecture, request, batch, window_cells)
    state = architecture.recurrent_bytes * parallel
    return spec.weights.total_bytes + cache + output + compute + state


def _child_cells(layers: CacheLayers, context: int, batch: int) -> int:
    """Cells of one sequence."""
    if layers.window is None:
        return context
    return min(context, padded(layers.window + batch))


def _child_compute(
    architecture: Architecture, request: FitRequest, batch: int, window_cells: int
) -> int:
    if architecture.encoder or not request.flash_attention:
        plain = replace(architecture, vocabulary=None)
        return compute_bytes(plain, replace(request, batch=batch))
    return batch * (
        12 * architecture.feed_forward
        + 16 * architecture.hidden
        + 2 * request.context
        + 2 * window_cells
    )


def _cache(architecture: Architecture, cells: list[int], bytes_per_number: float) -> int:
    total = 0.0
    for layers, count in zip(architecture.caches, cells, strict=True):
        width = layers.key_width + layers.value_width
        total += layers.layers * count * width * bytes_per_number
    return int(total)
