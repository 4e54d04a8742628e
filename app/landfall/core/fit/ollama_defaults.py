"""What an Ollama server decides by itself where a request leaves it open.

Source: Ollama v0.32.15: `server/routes.go` (context by memory), `server/sched.go` (batch,
sequences, the least context) and `llm/llama_server.go` (embedding batch, guess of a load); the
tiers of the context and the list of single-sequence architectures are the same in v0.24.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from landfall.core.fit.memory import DEFAULT_BATCH, EMBEDDING_BATCH
from landfall.core.machine.hardware import GIB, MIB, Accelerator, AcceleratorKind, Vendor
from landfall.core.models.architecture import Architecture, ModelSpec

LEAST_CONTEXT = 4
LEAST_VISION_CONTEXT = 2048

_LARGE_CONTEXT, _MEDIUM_CONTEXT, _SMALL_CONTEXT = 262144, 32768, 4096
# Context by the total VRAM of all GPUs; batch by the context, where what is predicted takes no more
# than a share of what is free (for the source see above).
_TIERS = ((47 * GIB, _LARGE_CONTEXT), (23 * GIB, _MEDIUM_CONTEXT))
_LARGE_BATCH, _MEDIUM_BATCH = 2048, 1024
_SURCHARGE_BYTES = {_LARGE_BATCH: 2 * GIB, _MEDIUM_BATCH: 768 * MIB}
_HEADROOM = {_LARGE_BATCH: 0.60, _MEDIUM_BATCH: 0.75}
_ROOM = 0.80

ONE_SEQUENCE = frozenset(
    {
        "lfm2",
        "lfm2moe",
        "mllama",
        "nemotron_h",
        "nemotron_h_moe",
        "nemotron_h_omni",
        "qwen35",
        "qwen35moe",
        "qwen3next",
        "qwen3vl",
        "qwen3vlmoe",
    }
)
"""Architectures that run one sequence at a time whatever OLLAMA_NUM_PARALLEL says."""


def total_vram_bytes(accelerators: Sequence[Accelerator]) -> int:
    """The memory of all GPUs together as a server counts it; what is not known counts nothing.

    Of a Mac that is Metal's working set and not the memory.
    """
    return sum(_counted_bytes(accelerator) for accelerator in accelerators)


def _counted_bytes(accelerator: Accelerator) -> int:
    metal = accelerator.vendor is Vendor.APPLE
    metal = metal and accelerator.kind is not AcceleratorKind.DISCRETE
    size = accelerator.usable_bytes if metal else accelerator.memory_total_bytes
    return size or 0


def default_context(vram_bytes: int) -> int:
    """Tokens that a server takes where neither request nor model nor OLLAMA_CONTEXT_LENGTH says.

    Args:
        vram_bytes: Of all GPUs together; 0 without one.
    """
    return next((context for least, context in _TIERS if vram_bytes >= least), _SMALL_CONTEXT)


def shorter_default(context: int) -> int | None:
    """The context that a server tries next when a default one did not fit, or None.

    A context that a request names is never made shorter: the load fails.
    """
    steps = (_MEDIUM_CONTEXT, _SMALL_CONTEXT)
    return next((step for step in steps if step < context), None)


def given_context(architecture: Architecture, asked: int, *, vision: bool = False) -> int:
    """Tokens that a sequence gets when `asked` are asked for, as `/api/ps` shows them."""
    least = LEAST_VISION_CONTEXT if vision else LEAST_CONTEXT
    context = max(asked, least)
    trained = architecture.context_trained
    return context if trained is None else min(context, trained)


def given_parallel(architecture: Architecture, asked: int) -> int:
    """Sequences at once when OLLAMA_NUM_PARALLEL is `asked`."""
    alone = architecture.embedder or architecture.name in ONE_SEQUENCE
    return 1 if alone else max(1, asked)


def embedding_batch(context: int) -> int:
    """The batch of an embedding model where none is asked for."""
    return min(EMBEDDING_BATCH, context)


def guessed_load_bytes(spec: ModelSpec, context: int, parallel: int) -> int:
    """What a server takes a load for before it knows: file and f16 cache of equal layers.

    It decides by it which GPU, whether another model has to go and how large the batch may be, and
    it is wrong for sliding windows, latent attention and hybrids.
    """
    architecture = spec.architecture
    widths = [layers.key_width for layers in architecture.caches]
    narrow = architecture.hidden / max(1, architecture.query_width)
    width = int(min(widths, default=0) * narrow)
    return spec.weights.total_bytes + 4 * architecture.layers * width * context * parallel


def automatic_batch(
    context: int, parallel: int, *, guessed_bytes: int = 0, available_bytes: int = 0
) -> int:
    """The batch that 0.30 and later sets for a model that writes, where none is asked for.

    Args:
        guessed_bytes: By `guessed_load_bytes`. available_bytes: free on GPUs; 0 is a processor
            alone, where room is not looked at.
    """
    cells = context * parallel
    batch = DEFAULT_BATCH
    if cells > _MEDIUM_CONTEXT:
        batch = _LARGE_BATCH
    elif cells > _SMALL_CONTEXT:
        batch = _MEDIUM_BATCH
    while batch > DEFAULT_BATCH and not _batch_fits(batch, guessed_bytes, available_bytes):
        batch = _MEDIUM_BATCH if batch > _MEDIUM_BATCH else DEFAULT_BATCH
    return batch


def _batch_fits(batch: int, guessed_bytes: int, available_bytes: int) -> bool:
    if not guessed_bytes or not available_bytes:
        return True
    room = available_bytes * _ROOM
    if guessed_bytes > min(room, available_bytes * _HEADROOM[batch]):
        return False
    return _SURCHARGE_BYTES[batch] <= room - guessed_bytes
