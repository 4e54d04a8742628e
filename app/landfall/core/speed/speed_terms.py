"""What the speed of a model depends on: bytes and operations of a token, rates of a device.

Facts of the model and of the hardware alone; the constants that are fitted are in
`speed_constants.py`, and `speed.py` puts both together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import Accelerator, Vendor
from landfall.core.models.architecture import Architecture, ModelSpec
from landfall.core.models.quantization_names import one_spelling
from landfall.core.provenance import middle

CUDA, METAL, ROCM, VULKAN = "CUDA", "Metal", "ROCm", "Vulkan"
BACKENDS = (CUDA, METAL, ROCM, VULKAN)

_LOW_BIT = ("Q2", "Q3", "IQ1", "IQ2", "IQ3")
_HALF = ("F16", "BF16")
_STATE_PASSES = 2
_A100 = re.compile(r"\b(A100|A800|A30)X?\b")

_MATRIX_RATE: Mapping[str, float] = MappingProxyType(
    {
        "Pascal": 4,
        "Volta": 8,
        "Turing": 16,
        "Ampere": 8,
        "Ada Lovelace": 8,
        "Hopper": 16,
        "Blackwell": 8,
        "GCN": 1,
        "CDNA": 8,
        "RDNA 1": 2,
        "RDNA 2": 4,
        "RDNA 3": 4,
        "RDNA 4": 8,
        "Apple": 1,
        "Xe-LP": 4,
        "Xe": 8,
    }
)
"""Operations of the widest matrix or dot-product instruction that llama.cpp uses on 8-bit numbers
(FP16 where there is none), for one FP32 operation. Source: the makers' architecture papers."""


def backend_name(accelerator: Accelerator) -> str:
    """What runs on it: CUDA, Metal, ROCm where AMD supports the card, else Vulkan."""
    match accelerator.vendor:
        case Vendor.NVIDIA:
            return CUDA
        case Vendor.APPLE:
            return METAL
        case Vendor.AMD:
            old = accelerator.architecture.startswith(("GCN", "RDNA 1", "RDNA 3.x"))
            return VULKAN if old else ROCM
        case _:
            return VULKAN


# ---------------------------------------------------------------- what a token reads


def bytes_read(spec: ModelSpec) -> int:
    """Weights that one token reads.

    The input embedding is looked up, unless it is the output too; of the routed experts only those
    used are read.
    """
    return int(weights_read(spec, tokens=1))


def weights_read(spec: ModelSpec, tokens: int) -> float:
    """Bytes of weights that so many tokens read together: an expert once if any of them uses it."""
    weights = spec.weights
    architecture = spec.architecture
    read = float(weights.total_bytes - weights.lookup_bytes)
    if not weights.tied:
        read -= weights.embedding_bytes
    if architecture.experts:
        idle = 1 - architecture.experts_used / architecture.experts
        read -= int(weights.expert_bytes * idle**tokens)
    return max(0.0, read)


def cache_bytes_read(architecture: Architecture, request: FitRequest, depth: int) -> int:
    """Cache that one token reads, and recurrent state that it reads and writes, at that depth.

    A quantized cache counts as one in 16 bits: nowhere was it seen to be faster (`filled_cache`).
    """
    kv_type = KvType.F16 if request.kv_type.quantized else request.kv_type
    size = kv_type.bytes_per_number
    total = float(architecture.recurrent_bytes * _STATE_PASSES)
    for layers in architecture.caches:
        seen = depth if layers.window is None else min(depth, layers.window)
        total += layers.layers * seen * (layers.key_width + layers.value_width) * size
    return int(total)


def depth_of(request: FitRequest) -> int:
    """Tokens in the cache at which speed is predicted: half of the context unless stated."""
    return request.context // 2 if request.depth is None else request.depth


def blocks(architecture: Architecture) -> float:
    """Layers as a launch counts them: a mixer with its feed-forward is one.

    A hybrid whose layers are either a mixer or a feed-forward (Nemotron-H) has two to a block.
    """
    mixers = sum(group.layers for group in architecture.caches) + architecture.recurrent_layers
    split = architecture.is_hybrid and mixers < architecture.layers
    return architecture.layers / 2 if split else float(architecture.layers)


def recurrent_share(architecture: Architecture) -> float:
    """The share of recurrent layers, 0 to 1."""
    return architecture.recurrent_layers / architecture.layers


def has_latent_cache(architecture: Architecture) -> bool:
    """Whether keys hold the values too (MLA)."""
    return bool(architecture.caches) and all(g.value_width == 0 for g in architecture.caches)


def is_low_bit(spec: ModelSpec) -> bool:
    """Whether most weights have two or three bits."""
    return one_spelling(spec.quantization).startswith(_LOW_BIT)


def is_half(spec: ModelSpec) -> bool:
    """Whether the weights have sixteen bits."""
    return spec.quantization in _HALF


def is_slow_bf16(spec: ModelSpec, accelerator: Accelerator) -> bool:
    """Whether BF16 has to be widened in software."""
    return spec.quantization == "BF16" and accelerator.vendor is Vendor.AMD


def has_two_dies(accelerator: Accelerator) -> bool:
    """Whether it is an Apple Ultra: two dies, each with its half of the memory."""
    name = accelerator.catalogue_name or accelerator.name
    return accelerator.vendor is Vendor.APPLE and "Ultra" in name


def has_own_integer_units(accelerator: Accelerator) -> bool:
    """Whether it has half as many FP32 units as others, beside as many for integers.

    Volta, Turing, and of Ampere the A100 with what is cut from the same die.
    """
    architecture = accelerator.architecture
    if architecture.startswith(("Volta", "Turing")):
        return True
    name = accelerator.catalogue_name or accelerator.name
    return architecture.startswith("Ampere") and bool(_A100.search(name))


def fp32_rate(accelerator: Accelerator) -> float | None:
    """FP32 operations a second without dual issue, or None where the catalogue has none.

    Databases print RDNA 3 and 4 with dual issue, which these kernels do not use.
    """
    printed = middle(accelerator.fp32_flops)
    dual = accelerator.architecture.startswith(("RDNA 3", "RDNA 4"))
    return printed / 2 if printed and dual else printed


def matrix_rate(accelerator: Accelerator) -> float | None:
    """Operations a second of what multiplies matrices there, or None where it is not known."""
    fp32 = fp32_rate(accelerator)
    if not fp32:
        return None
    for prefix, factor in _MATRIX_RATE.items():
        if accelerator.architecture.startswith(prefix):
            return fp32 * factor
    return fp32


def attention_operations(spec: ModelSpec, request: FitRequest) -> float:
    """Operations of attention for one token: scores and values over what it sees."""
    architecture, depth = spec.architecture, depth_of(request)
    seen = sum(
        group.layers * (depth if group.window is None else min(depth, group.window))
        for group in architecture.caches
    )
    return 4.0 * architecture.query_width * seen
