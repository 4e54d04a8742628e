"""What attention of one token takes over a filled cache, where bytes over bandwidth is not all.

Two cases that published runs do not hold, since they keep caches in 16 bits and on the card:

- A quantized cache is unpacked anew for each head that looks at it. It saves memory, and no time:
  its bytes count as in 16 bits, on a device and in main memory.
- On a processor each head multiplies on its own, so a long cache is a matter of operations.

Measured on 2026-11-27 with Ollama 0.32.15 on an NVIDIA H100 80GB HBM3 and an H200 (16 virtual cores
of Xeons each), with models of the shapes of Llama 3.1 8B and Qwen3 30B-A3B, from 500 to 33,000
tokens in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import Accelerator
from landfall.core.models.architecture import ModelSpec
from landfall.core.speed.speed_terms import (
    CUDA,
    attention_operations,
    backend_name,
    cache_bytes_read,
    depth_of,
    fp32_rate,
    has_own_integer_units,
)

QUANTIZED_SPREAD = 0.25
"""How far a rate with a quantized cache may be off on top: one generation was measured."""

_FP32_SHARE = 0.054
"""Of the printed FP32 rate, what attention over a quantized cache reaches with CUDA: 0.051 to
0.058 of four slopes (q8_0)."""

_OWN_INTEGER_UNITS = 2.0
"""Cards with half as many FP32 units beside as many for integers (A100, Volta, Turing) may reach up
to so many times that share: the fast end of their band."""

_NOT_MEASURED = 4.0
"""Without CUDA, or without an FP32 rate, a quantized cache is taken to be as fast as one in 16 bits
and, at the slow end, to take so many times as long: 3 to 9 times was measured."""

_CORE_SHARE = 0.12
"""Of `Processor.core_flops`, what attention of one token reaches. 0.043 to 0.073 of five slopes on
16 virtual cores, which are threads that share a core, and 0.17 on two of an EPYC: the middle."""

_QUANTIZED_OPERATIONS = 1.6
"""So many times as long it takes on a processor over a quantized cache (q8_0)."""


class End(StrEnum):
    """Which end of what is known of a rate."""

    SLOW = "slow"
    MIDDLE = "middle"
    FAST = "fast"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCache:
    """What attention of one token takes on a device over the cache.

    Attributes:
        size_bytes: To read, a quantized cache counted in 16 bits.
        times: It takes at least so many times as long as reading them.
        unpacking_seconds: And at least so long.
    """

    size_bytes: int
    times: float = 1.0
    unpacking_seconds: float = 0.0

    def waited(self, reading_seconds: float) -> float:
        """Seconds on top of those of reading the bytes."""
        return max(self.times * reading_seconds, self.unpacking_seconds) - reading_seconds


def device_cache(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator, end: End = End.MIDDLE
) -> DeviceCache:
    """What attention of one token takes on a device, at one end of what is known of it."""
    size = cache_bytes_read(spec.architecture, request, depth_of(request))
    if not request.kv_type.quantized:
        return DeviceCache(size_bytes=size)
    fp32 = fp32_rate(accelerator)
    if backend_name(accelerator) != CUDA or not fp32:
        longer = _NOT_MEASURED - 1 if end is End.SLOW and size else 0.0
        state = cache_bytes_read(spec.architecture, request, 0)  # recurrent: it is not quantized
        return DeviceCache(size_bytes=size, times=1 + longer * (size - state) / max(size, 1))
    share = _FP32_SHARE
    if end is End.FAST and has_own_integer_units(accelerator):
        share *= _OWN_INTEGER_UNITS
    seconds = attention_operations(spec, request) / (share * fp32)
    return DeviceCache(size_bytes=size, unpacking_seconds=seconds)


def processor_attention_seconds(spec: ModelSpec, request: FitRequest, flops: float) -> float:
    """Seconds of one token on a processor for attention over the whole cache.

    Args:
        flops: Operations a second that the processor reaches where it reads a prompt.
    """
    operations = attention_operations(spec, request)
    if request.kv_type.quantized:
        operations *= _QUANTIZED_OPERATIONS
    return operations / (_CORE_SHARE * flops)
