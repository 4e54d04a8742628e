"""How fast a model decodes and reads a prompt, predicted from bytes and operations, with a band.

    decode:  1 / rate = bytes c / (e BW) + 2 P_active / (x FP32) + layers tau m
    prefill: time of one batch = 2 P_active batch / (y FP16) + bytes / (e BW) + layers 0.2 ms

The bytes are what one token reads: weights without looked-up tables and unused experts, and the
cache at the depth asked for. Constants: fitted on published runs of llama.cpp and Ollama (784 rows,
75 devices); the bands hold about eight of ten of those rows. A run on the machine itself is always
better than this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from landfall.core.architecture import Architecture, ModelSpec
from landfall.core.fit import Fit, FitKind
from landfall.core.hardware import (
    Accelerator,
    AcceleratorKind,
    Cpu,
    HardwareProfile,
    MemoryBudget,
    Vendor,
)
from landfall.core.memory import FitRequest, physical_batch
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How well a way to compute uses the hardware.

    Attributes:
        bandwidth_share: Share of the printed bandwidth that decode reaches (e).
        layer_seconds: Launch and synchronisation of one layer (tau).
        fp32_share: Share of the printed FP32 rate that decode reaches (x).
    """

    name: str
    bandwidth_share: float
    layer_seconds: float
    fp32_share: float


_CUDA = Backend(name="CUDA", bandwidth_share=0.85, layer_seconds=32e-6, fp32_share=0.23)
_METAL = Backend(name="Metal", bandwidth_share=0.96, layer_seconds=139e-6, fp32_share=0.49)
_ROCM = Backend(name="ROCm", bandwidth_share=0.88, layer_seconds=121e-6, fp32_share=0.53)
_VULKAN = Backend(name="Vulkan", bandwidth_share=0.89, layer_seconds=58e-6, fp32_share=0.53)
_VULKAN_SHARED = Backend(
    name="Vulkan, shared memory", bandwidth_share=0.4, layer_seconds=58e-6, fp32_share=0.4
)

_OLLAMA = 0.94
"""Ollama's rate as a share of llama.cpp's own."""

_MIXTURE_BYTES = 1.15
_MIXTURE_LAYER = 1.6
_HYBRID_LAYER = 1.2
_LOW_BIT_COMPUTE = 1.6
_LOW_BIT = ("Q2", "Q3", "IQ1", "IQ2", "IQ3")
_STATE_PASSES = 2
_PREFILL_LAYER_SECONDS = 0.2e-3
_PREFILL_MIXTURE = 1.5

_FP16_SHARE: Mapping[str, float] = MappingProxyType(
    {
        "Pascal": 0.9,
        "Volta": 0.8,
        "Turing": 0.9,
        "Ampere": 1.85,
        "Ada Lovelace": 1.5,
        "Blackwell": 2.1,
        "Apple": 0.65,
        "RDNA 1": 0.2,
        "RDNA 2": 0.35,
        "RDNA 3.x": 0.12,
        "RDNA 3.5": 0.16,
        "RDNA 3.0": 0.13,
    }
)
"""y: share of the printed FP16 rate; above 1 where databases leave out tensor cores."""

_CPU_BANDWIDTH_SHARE = 0.65
_CPU_LAYER_SECONDS = 15e-6
_CPU_CORE_FLOPS = 70e9
_CPU_UNKNOWN_BANDWIDTH = (17e9, 42e9, 100e9)
"""One channel of DDR4-2133, two of DDR4-2666, two of DDR5-6400: what a PC can have."""

_BAND_DECODE = (0.75, 1.25)
_BAND_DECODE_MIXTURE = (0.70, 1.40)
_BAND_PREFILL = (0.45, 1.90)
_BAND_CPU = (0.60, 1.40)


def backend_of(accelerator: Accelerator) -> Backend:
    """What runs on it: CUDA, Metal, ROCm where AMD supports the card, else Vulkan."""
    if accelerator.kind is AcceleratorKind.INTEGRATED:
        return _VULKAN_SHARED
    match accelerator.vendor:
        case Vendor.NVIDIA:
            return _CUDA
        case Vendor.APPLE:
            return _METAL
        case Vendor.AMD:
            old = accelerator.architecture.startswith(("GCN", "RDNA 1", "RDNA 3.x"))
            return _VULKAN if old else _ROCM
        case _:
            return _VULKAN


# ---------------------------------------------------------------- what a token reads


def bytes_read(spec: ModelSpec) -> int:
    """Weights that one token reads.

    The input embedding is looked up, unless it is the output too; of the routed experts only those
    used are read.
    """
    weights = spec.weights
    architecture = spec.architecture
    read = weights.total_bytes - weights.lookup_bytes
    if not weights.tied:
        read -= weights.embedding_bytes
    if architecture.experts:
        idle = 1 - architecture.experts_used / architecture.experts
        read -= int(weights.expert_bytes * idle)
    return max(0, read)


def cache_bytes_read(architecture: Architecture, request: FitRequest, depth: int) -> int:
    """Cache and recurrent state that one token reads (and, the state, writes) at that depth."""
    size = request.kv_type.bytes_per_number
    total = float(architecture.recurrent_bytes * _STATE_PASSES)
    for layers in architecture.caches:
        seen = depth if layers.window is None else min(depth, layers.window)
        total += layers.layers * seen * (layers.key_width + layers.value_width) * size
    return int(total)


def depth_of(request: FitRequest) -> int:
    """Tokens in the cache at which decode is predicted: half of the context unless stated."""
    return request.context // 2 if request.depth is None else request.depth


# ---------------------------------------------------------------- decode


def decode_rate(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
) -> Figure:
    """Tokens a second of one answer, or why it cannot be said."""
    if spec.architecture.embedder:
        return Unknown("an embedding model writes no text")
    if placed.kind is FitKind.NO:
        return Unknown("it does not fit")
    share = placed.gpu_share
    devices = [device.accelerator for device in budget.devices[: placed.gpus]]
    on_gpu = _gpu_seconds(spec, placed.request, devices) if share else 0.0
    if isinstance(on_gpu, Unknown):
        return on_gpu
    on_cpu = _cpu_seconds(spec, placed.request, profile) if share < 1 else (0.0, 0.0, 0.0)
    low, high = _BAND_DECODE_MIXTURE if spec.architecture.is_mixture else _BAND_DECODE
    if share < 1:
        low, high = low * _BAND_CPU[0] / _BAND_DECODE[0], high * _BAND_CPU[1] / _BAND_DECODE[1]
    slow, mid, fast = (1 / (share * on_gpu + (1 - share) * seconds) for seconds in on_cpu)
    return Estimated(slow * low, mid, fast * high, _decode_formula(placed, devices, profile))


def _decode_formula(placed: Fit, devices: Sequence[Accelerator], profile: HardwareProfile) -> str:
    where = []
    if devices and placed.gpu_share:
        where.append(f"{devices[0].name} ({backend_of(devices[0]).name})")
    if placed.gpu_share < 1:
        known = middle(profile.ram.bandwidth_bytes_per_s) is not None
        where.append(
            "main memory" if known else "main memory of unknown bandwidth (17 to 100 GB/s taken)"
        )
    return (
        f"bytes read per token / bandwidth of {' and '.join(where)}, plus compute and launch, "
        f"at depth {depth_of(placed.request)}; band of published runs, 10 to 90 %"
    )


def _gpu_seconds(
    spec: ModelSpec, request: FitRequest, devices: Sequence[Accelerator]
) -> float | Unknown:
    """Seconds a token with every layer on devices; a split over several takes turns."""
    total = 0.0
    for accelerator in devices:
        seconds = _device_seconds(spec, request, accelerator)
        if isinstance(seconds, Unknown):
            return seconds
        total += seconds / len(devices)
    return total


def _device_seconds(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator
) -> float | Unknown:
    bandwidth = middle(accelerator.bandwidth_bytes_per_s)
    if not bandwidth:
        return Unknown(f"the memory bandwidth of {accelerator.name} is not known")
    backend = backend_of(accelerator)
    architecture = spec.architecture
    weights = bytes_read(spec) * (_MIXTURE_BYTES if architecture.is_mixture else 1.0)
    cache = cache_bytes_read(architecture, request, depth_of(request))
    seconds = (weights + cache) / (backend.bandwidth_share * bandwidth)
    if fp32 := middle(accelerator.fp32_flops):
        dual_issue = accelerator.architecture.startswith(("RDNA 3", "RDNA 4"))
        rate = backend.fp32_share * fp32 / (2 if dual_issue else 1)
        low_bit = spec.quantization.removeprefix("UD-").startswith(_LOW_BIT)
        seconds += 2 * spec.params_active / rate * (_LOW_BIT_COMPUTE if low_bit else 1.0)
    launches = _MIXTURE_LAYER if architecture.is_mixture else 1.0
    launches *= _HYBRID_LAYER if architecture.is_hybrid else 1.0
    seconds += architecture.layers * backend.layer_seconds * launches
    return seconds / _OLLAMA


def _cpu_seconds(
    spec: ModelSpec, request: FitRequest, profile: HardwareProfile
) -> tuple[float, float, float]:
    """Seconds a token on the processor: slowest, middle, fastest for the bandwidth's band."""
    ends = band(profile.ram.bandwidth_bytes_per_s) or _CPU_UNKNOWN_BANDWIDTH
    size = bytes_read(spec) + cache_bytes_read(spec.architecture, request, depth_of(request))
    compute = 2 * spec.params_active / cpu_flops(profile.cpu)
    launch = spec.architecture.layers * _CPU_LAYER_SECONDS
    slow, mid, fast = (
        size / (_CPU_BANDWIDTH_SHARE * bandwidth) + compute + launch for bandwidth in ends
    )
    return slow, mid, fast


def cpu_flops(cpu: Cpu) -> float:
    """Operations a second that the processor reaches with AVX2-class code; 8 cores if unknown."""
    cores = cpu.physical_cores or cpu.logical_cores or 8
    return cores * _CPU_CORE_FLOPS


# ---------------------------------------------------------------- prefill


def prefill_rate(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
) -> Figure:
    """Prompt tokens a second, or why it cannot be said."""
    if placed.kind is FitKind.NO:
        return Unknown("it does not fit")
    batch = min(physical_batch(spec.architecture, placed.request), placed.request.context)
    share = placed.gpu_share
    on_gpu = 0.0
    name = "the processor"
    if share:
        accelerator = budget.devices[0].accelerator
        name = accelerator.name
        seconds = _prefill_seconds(spec, accelerator, batch)
        if isinstance(seconds, Unknown):
            return seconds
        on_gpu = seconds
    on_cpu = _cpu_prefill_seconds(spec, profile, batch) if share < 1 else 0.0
    rate = batch / (share * on_gpu + (1 - share) * on_cpu)
    low, high = _BAND_PREFILL
    return Estimated(
        rate * low,
        rate,
        rate * high,
        f"operations of a batch of {batch} / rate of {name}, plus weights and launch; wide band: "
        "drivers and versions differ",
    )


def _prefill_seconds(spec: ModelSpec, accelerator: Accelerator, batch: int) -> float | Unknown:
    fp16 = middle(accelerator.fp16_flops)
    bandwidth = middle(accelerator.bandwidth_bytes_per_s)
    if not fp16 or not bandwidth:
        return Unknown(f"the compute rate of {accelerator.name} is not known")
    backend = backend_of(accelerator)
    compute = 2 * spec.params_active * batch / (_fp16_share(accelerator) * fp16)
    if spec.architecture.is_mixture:
        compute *= _PREFILL_MIXTURE
    read = spec.weights.total_bytes / (backend.bandwidth_share * bandwidth)
    return compute + read + spec.architecture.layers * _PREFILL_LAYER_SECONDS


def _fp16_share(accelerator: Accelerator) -> float:
    for prefix, share in _FP16_SHARE.items():
        if accelerator.architecture.startswith(prefix):
            return share
    return 0.5


def _cpu_prefill_seconds(spec: ModelSpec, profile: HardwareProfile, batch: int) -> float:
    return 2 * spec.params_active * batch / cpu_flops(profile.cpu)
