"""How fast a model decodes and reads a prompt, predicted from bytes and operations, with a band.

    decode:  1 / rate = bytes c / (e BW) + 2 P_active / (x FP32) + layers tau m + t0
    prefill: time of one batch = (2 P_active + attention) batch / (y matrix rate) + bytes / (e BW)
             + layers tau

The bytes are what one token reads: weights without looked-up tables and unused experts, and the
cache at the depth asked for; where a cache takes longer than its bytes, `filled_cache` says how
long. The constants are in a `SpeedModel`, which the profile of the machine
carries; their bands hold about eight of ten published runs of devices that were held out of the
fit. Runs on the machine itself (`HardwareProfile.calibration`) replace the guess about the machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.memory import FitRequest, physical_batch
from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    Cpu,
    HardwareProfile,
    MemoryBudget,
)
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle
from landfall.core.speed.calibration import Calibration
from landfall.core.speed.filled_cache import (
    QUANTIZED_SPREAD,
    End,
    device_cache,
    processor_attention_seconds,
)
from landfall.core.speed.speed_constants import Generation, Quantity, SpeedModel, calibrated
from landfall.core.speed.speed_terms import (
    BACKENDS,
    attention_operations,
    backend_name,
    blocks,
    bytes_read,
    cache_bytes_read,
    depth_of,
    fp32_rate,
    has_latent_cache,
    has_two_dies,
    is_half,
    is_low_bit,
    is_slow_bf16,
    matrix_rate,
    recurrent_share,
    weights_read,
)

__all__ = [
    "GROUPS",
    "batch_seconds",
    "cpu_flops",
    "decode_rate",
    "device_seconds",
    "further",
    "generation_of",
    "prefill_rate",
]

GROUPS = (
    *(f"{name} {kind}" for name in BACKENDS for kind in ("dense", "mixture")),
    "partial",
    "processor",
)
"""The groups that have a band of their own."""

NO_CONSTANTS = Unknown("no speed constants: resources/speed.json was not read")

_CPU_UNKNOWN_BANDWIDTH = (17e9, 42e9, 100e9)
"""One channel of DDR4-2133, two of DDR4-2666, two of DDR5-6400: what a PC can have."""

_UNKNOWN_SPREAD = 0.25
"""Layer rules that are not known: how far the bytes read may be off."""


def generation_of(model: SpeedModel, accelerator: Accelerator) -> Generation:
    """The corrections for a device's architecture."""
    return model.generation(backend_name(accelerator), accelerator.architecture)


# ---------------------------------------------------------------- decode


def decode_rate(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
) -> Figure:
    """Tokens a second of one answer, or why it cannot be said.

    That of llama.cpp, which Ollama runs since 0.30. What older ones of its own engines reach is for
    a calibration to say: published runs do not tell their versions.
    """
    model = profile.speed
    if spec.architecture.embedder:
        return Unknown("an embedding model writes no text")
    if placed.kind is FitKind.NO:
        return Unknown("it does not fit")
    if model is None:
        return NO_CONSTANTS
    share = placed.gpu_share
    devices = [device.accelerator for device in budget.devices[: placed.gpus]]
    on_gpu = _gpu_ends(spec, placed, devices, model)
    if isinstance(on_gpu, Unknown):
        return on_gpu
    on_cpu = _in_ram_seconds(spec, placed, profile, model) if share < 1 else (0.0, 0.0, 0.0)
    scale, low, high, said = _trust(spec, placed, profile.calibration, budget, model)
    slow, mid, fast = (
        1 / _together(device, processor, scale, budget)
        for device, processor in zip(on_gpu, on_cpu, strict=True)
    )
    formula = f"{_decode_words(placed, devices, profile)}; {said}"
    return Estimated(slow * low, mid, fast * high, formula)


def _together(on_gpu: float, on_cpu: float, scale: float, budget: MemoryBudget) -> float:
    """Seconds of both parts. A scale was measured on the devices where there are any."""
    if budget.devices:
        return on_gpu / scale + on_cpu
    return on_cpu / scale


def _decode_words(placed: Fit, devices: Sequence[Accelerator], profile: HardwareProfile) -> str:
    where = []
    if devices and placed.gpu_share:
        where.append(f"{devices[0].name} ({backend_name(devices[0])})")
    if placed.gpu_share < 1:
        known = middle(profile.ram.bandwidth_bytes_per_s) is not None
        where.append(
            "main memory" if known else "main memory of unknown bandwidth (17 to 100 GB/s taken)"
        )
    return (
        f"bytes read per token / bandwidth of {' and '.join(where)}, plus compute and launch, "
        f"at depth {depth_of(placed.request):,}"
    )


def _gpu_ends(
    spec: ModelSpec, placed: Fit, devices: Sequence[Accelerator], model: SpeedModel
) -> tuple[float, float, float] | Unknown:
    """Seconds a token of what is on devices: slowest, middle, fastest for what is known of a cache.

    A split over several takes turns. A layer that lacks nothing but its experts there has all of
    its attention there.
    """
    if not placed.gpu_share:
        return 0.0, 0.0, 0.0
    ends = []
    for end in (End.SLOW, End.MIDDLE, End.FAST):
        total = 0.0
        for accelerator in devices:
            parts = _device_parts(spec, placed.request, accelerator, model, end)
            if isinstance(parts, Unknown):
                return parts
            seconds, waited = parts
            one = placed.gpu_share * seconds + placed.attention_share * waited
            total += one / len(devices)
        ends.append(total)
    slow, mid, fast = ends
    return slow, mid, fast


def device_seconds(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator, model: SpeedModel
) -> float | Unknown:
    """Seconds a token with the whole model on one device."""
    parts = _device_parts(spec, request, accelerator, model, End.MIDDLE)
    return parts if isinstance(parts, Unknown) else sum(parts)


def _device_parts(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator, model: SpeedModel, end: End
) -> tuple[float, float] | Unknown:
    """Seconds a token with the whole model on one device, and what a quantized cache adds."""
    bandwidth = middle(accelerator.bandwidth_bytes_per_s)
    if not bandwidth:
        return Unknown(f"the memory bandwidth of {accelerator.name} is not known")
    backend = model.backend(backend_name(accelerator))
    generation = generation_of(model, accelerator)
    architecture, terms = spec.architecture, model.decode
    size = float(bytes_read(spec))
    if architecture.is_mixture:
        size *= terms.mixture_bytes
    if is_slow_bf16(spec, accelerator):
        size *= terms.bf16_bytes
    held = device_cache(spec, request, accelerator, end)
    cache = held.size_bytes * terms.cache_bytes
    if has_latent_cache(architecture):
        cache *= terms.latent_cache_bytes
    reached = backend.bandwidth_share * generation.bandwidth * bandwidth
    if has_two_dies(accelerator):
        reached *= terms.two_dies
    if accelerator.kind is AcceleratorKind.INTEGRATED:
        reached *= terms.integrated
    seconds = (size + cache) / reached + terms.token_seconds
    if fp32 := fp32_rate(accelerator):
        unpack = 2 * spec.params_active * (terms.half if is_half(spec) else 1.0)
        unpack *= terms.low_bit if is_low_bit(spec) else 1.0
        seconds += unpack / (backend.fp32_share * generation.compute * fp32)
    launches = terms.mixture_layers if architecture.is_mixture else 1.0
    launches *= 1 + recurrent_share(architecture) * (terms.recurrent_layers - 1)
    launched = blocks(architecture) * backend.layer_seconds * launches
    return seconds + launched, held.waited(cache / reached)


def _in_ram_seconds(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, model: SpeedModel
) -> tuple[float, float, float]:
    """Seconds a token of what is in main memory: slowest, middle, fastest for its bandwidth's band.

    A layer that lacks nothing but its experts on the devices has its attention there.
    """
    request, processor = placed.request, model.processor
    ends = band(profile.ram.bandwidth_bytes_per_s) or _CPU_UNKNOWN_BANDWIDTH
    weights = bytes_read(spec)
    cache = cache_bytes_read(spec.architecture, request, depth_of(request))
    flops = cpu_flops(profile.cpu, model)
    compute = 2 * spec.params_active / flops
    launch = spec.architecture.layers * processor.layer_seconds
    attention = processor_attention_seconds(spec, request, flops)
    away, attended = 1 - placed.gpu_share, 1 - placed.attention_share

    def seconds(bandwidth: float) -> float:
        reached = processor.bandwidth_share * bandwidth
        waited = max(0.0, attention - cache / reached)
        return away * ((weights + cache) / reached + compute + launch) + attended * waited

    slow, mid, fast = (seconds(bandwidth) for bandwidth in ends)
    return slow, mid, fast


def cpu_flops(cpu: Cpu, model: SpeedModel) -> float:
    """Operations a second that the processor reaches with AVX2-class code; 8 cores if unknown."""
    cores = cpu.physical_cores or cpu.logical_cores or 8
    return cores * model.processor.core_flops


# ---------------------------------------------------------------- the band


def _trust(
    spec: ModelSpec,
    placed: Fit,
    calibration: Calibration | None,
    budget: MemoryBudget,
    model: SpeedModel,
    *,
    quantity: Quantity = Quantity.DECODE,
) -> tuple[float, float, float, str]:
    """Scale of the rate, low and high of its band as factors, and where they are from in words."""
    found = None
    if calibration is not None and (placed.gpu_share or not budget.devices):
        found = calibrated(model, quantity, calibration)
    if found is None or calibration is None:
        scale = 1.0
        (low, high), said = _published_band(spec, placed, budget, model, quantity)
    else:
        scale, low, high = found
        said = _calibration_words(calibration, quantity)
        if placed.kind is FitKind.PARTIAL:  # main memory was not part of what was measured
            split = model.band(quantity, "partial")
            low, high = min(low, split.low), max(high, split.high)
    spread = spec.weights.spread
    if not spec.architecture.known:
        spread += _UNKNOWN_SPREAD
    if placed.request.kv_type.quantized and quantity is Quantity.DECODE:
        spread += QUANTIZED_SPREAD
    return scale, further(low, spread), further(high, spread), said


def _calibration_words(calibration: Calibration, quantity: Quantity) -> str:
    decode = quantity is Quantity.DECODE
    count = len(calibration.decode_scales if decode else calibration.prefill_scales)
    models = "1 model" if count == 1 else f"{count} models"
    return (
        f"calibrated on this machine with {models}, {calibration.engine}, {calibration.at[:10]}"
        f"{', on its battery' if calibration.on_battery else ''}; "
        "band of other models after so many runs, 10 to 90 %"
    )


def _published_band(
    spec: ModelSpec, placed: Fit, budget: MemoryBudget, model: SpeedModel, quantity: Quantity
) -> tuple[tuple[float, float], str]:
    if not placed.gpu_share:
        found = model.band(quantity, "processor")
        return (found.low, found.high), "wide band: no published run stands behind a processor"
    first = budget.devices[0].accelerator
    kind = "mixture" if spec.architecture.is_mixture else "dense"
    group = f"{backend_name(first)} {kind}" if placed.kind is FitKind.GPU else "partial"
    found = model.band(quantity, group)
    said = "band of published runs of other devices, 10 to 90 %"
    if generation_of(model, first).seen:
        return (found.low, found.high), said
    unseen = f"{said}, wider: none was of this generation"
    return (found.low**model.unseen, found.high**model.unseen), unseen


def further(end: float, spread: float) -> float:
    """The end of a band when a size that is off by a share comes on top, independently."""
    log = math.log(end)
    return math.exp(math.copysign(math.hypot(log, math.log1p(spread)), log))


# ---------------------------------------------------------------- prefill


def prefill_rate(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
) -> Figure:
    """Prompt tokens a second, or why it cannot be said."""
    model = profile.speed
    if placed.kind is FitKind.NO:
        return Unknown("it does not fit")
    if model is None:
        return NO_CONSTANTS
    batch = min(physical_batch(spec.architecture, placed.request), placed.request.context)
    name = "the processor"
    whole = on_gpu = on_cpu = 0.0
    if placed.gpu_weights_share:
        accelerator = budget.devices[0].accelerator
        name = f"{accelerator.name} ({backend_name(accelerator)})"
        seconds = batch_seconds(spec, placed.request, batch, accelerator, model)
        if isinstance(seconds, Unknown):
            return seconds
        whole = seconds
        attended = batch * _prompt_attention_seconds(spec, placed.request, accelerator, model)
        # Layers that lack nothing but their experts have all of their attention on the device.
        on_gpu = placed.gpu_weights_share * (whole - attended) + placed.attention_share * attended
    if placed.gpu_weights_share < 1:
        on_cpu = batch * _cpu_prefill_seconds(spec, placed, profile, model)
        if placed.gpu_weights_share and not budget.shared:
            away = (1 - placed.gpu_weights_share) * weights_read(spec, batch)
            carried = away / model.processor.transfer_bytes_per_s
            if whole + carried < on_gpu + on_cpu:
                on_gpu, on_cpu = whole, carried  # big batches are computed there, layer by layer
    scale, low, high, said = _trust(
        spec, placed, profile.calibration, budget, model, quantity=Quantity.PREFILL
    )
    rate = batch / _together(on_gpu, on_cpu, scale, budget)
    formula = (
        f"operations of a batch of {batch} at depth {depth_of(placed.request):,} / rate of {name}, "
        f"plus weights and launch; {said}"
    )
    return Estimated(rate * low, rate, rate * high, formula)


def batch_seconds(
    spec: ModelSpec, request: FitRequest, batch: int, accelerator: Accelerator, model: SpeedModel
) -> float | Unknown:
    """Seconds of one batch of a prompt with the whole model on one device."""
    matrix = matrix_rate(accelerator)
    bandwidth = middle(accelerator.bandwidth_bytes_per_s)
    if not matrix or not bandwidth:
        return Unknown(f"the compute rate of {accelerator.name} is not known")
    backend = model.backend(backend_name(accelerator))
    generation = generation_of(model, accelerator)
    architecture, terms = spec.architecture, model.prefill
    operations = 2.0 * spec.params_active
    operations *= 1 + recurrent_share(architecture) * (terms.recurrent - 1)
    if architecture.is_mixture:
        operations *= terms.mixture
    if is_half(spec):
        operations *= terms.half_precision
    if is_slow_bf16(spec, accelerator):
        operations *= terms.bf16
    compute = operations * batch / (backend.matrix_share * generation.matrix * matrix)
    compute += batch * _prompt_attention_seconds(spec, request, accelerator, model)
    read = weights_read(spec, batch) / (terms.bandwidth_share * bandwidth)
    return compute + read + blocks(architecture) * terms.layer_seconds


def _prompt_attention_seconds(
    spec: ModelSpec, request: FitRequest, accelerator: Accelerator, model: SpeedModel
) -> float:
    """Seconds of one token of a prompt for attention on a device; 0 where its rate is not known."""
    matrix = matrix_rate(accelerator)
    share = model.backend(backend_name(accelerator)).matrix_share
    share *= generation_of(model, accelerator).matrix
    operations = model.prefill.attention * attention_operations(spec, request)
    return operations / (share * matrix) if matrix else 0.0


def _cpu_prefill_seconds(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, model: SpeedModel
) -> float:
    """Seconds of one token of a prompt on the processor, for what is in main memory."""
    operations = (1 - placed.gpu_weights_share) * 2.0 * spec.params_active
    attention = model.prefill.attention * attention_operations(spec, placed.request)
    operations += (1 - placed.attention_share) * attention
    return operations / cpu_flops(profile.cpu, model)
