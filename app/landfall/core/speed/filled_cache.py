"""What attention of one token takes over a filled cache, where bytes over bandwidth is not all.

Two cases that published runs do not hold, since they keep caches in 16 bits and on the card:

- A quantized cache is unpacked anew for each head that looks at it. It saves memory, and no time.
- On a processor each head multiplies on its own, so a long cache is a matter of operations.

Measured on 2026-11-27 with Ollama 0.32.15 on an NVIDIA H100 80GB HBM3 and an H200 (16 virtual cores
of Xeons each), with models of the shapes of Llama 3.1 8B and Qwen3 30B-A3B, from 500 to 33,000
tokens in the cache.
"""

from __future__ import annotations

from dataclasses import replace

from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import Accelerator
from landfall.core.models.architecture import ModelSpec
from landfall.core.speed.speed_terms import (
    CUDA,
    attention_operations,
    backend_name,
    cache_bytes_read,
    depth_of,
    fp32_rate,
)

QUANTIZED_SPREAD = 0.25
"""How far a rate with a quantized cache may be off on top: one generation was measured."""

_FP32_SHARE = 0.054
"""Of the printed FP32 rate, what attention over a quantized cache reaches with CUDA: 0.051 to
0.058 of four slopes (q8_0). Cards with half as many FP32 units beside as many for integers (A100,
Volta, Turing) may reach up to twice that."""

_CORE_SHARE = 0.12
"""Of `Processor.core_flops`, what attention of one token reaches. 0.043 to 0.073 of five slopes on
16 virtual cores, which are threads that share a core, and 0.17 on two of an EPYC: the middle."""

_QUANTIZED_OPERATIONS = 1.6
"""So many times as long it takes on a processor over a quantized cache (q8_0)."""


def device_cache(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator
) -> tuple[int, float]:
    """What one token's attention takes on a device: bytes to read, and seconds at least."""
    depth = depth_of(request)
    if not request.kv_type.quantized:
        return cache_bytes_read(spec.architecture, request, depth), 0.0
    # Where it was not measured it is taken to be no faster than in 16 bits.
    size = cache_bytes_read(spec.architecture, replace(request, kv_type=KvType.F16), depth)
    fp32 = fp32_rate(accelerator)
    if backend_name(accelerator) != CUDA or not fp32:
        return size, 0.0
    return size, attention_operations(spec, request) / (_FP32_SHARE * fp32)


def processor_attention_seconds(spec: ModelSpec, request: FitRequest, flops: float) -> float:
    """Seconds of one token on a processor for attention over the whole cache.

    Args:
        flops: Operations a second that the processor reaches where it reads a prompt.
    """
    operations = attention_operations(spec, request)
    if request.kv_type.quantized:
        operations *= _QUANTIZED_OPERATIONS
    return operations / (_CORE_SHARE * flops)
