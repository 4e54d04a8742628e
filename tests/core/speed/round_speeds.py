"""A card, a model and constants of speed with round numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landfall.core.machine.hardware import Accelerator, AcceleratorKind, Vendor
from landfall.core.models.architecture import Architecture, CacheLayers, ModelSpec, Weights
from landfall.core.provenance import Published, Unknown
from landfall.core.speed.calibration import Calibration
from landfall.core.speed.speed import GROUPS
from landfall.core.speed.speed_constants import (
    Backend,
    Band,
    CalibrationRule,
    DecodeTerms,
    Generation,
    PrefillTerms,
    Processor,
    Quantity,
    SpeedModel,
)

BACKENDS = tuple(
    Backend(name=name, bandwidth_share=0.5, layer_seconds=1e-4, fp32_share=0.5, matrix_share=0.25)
    for name in ("CUDA", "Metal", "ROCm", "Vulkan")
)

BANDS = tuple(
    Band(quantity=quantity, group=group, low=0.8, high=1.25, rows=9)
    for quantity in Quantity
    for group in GROUPS
    if group not in ("partial", "processor")
) + tuple(
    Band(quantity=quantity, group=group, low=low, high=high, rows=0)
    for quantity in Quantity
    for group, low, high in (("partial", 0.5, 2.0), ("processor", 0.25, 4.0))
)


def rule(quantity: Quantity, points: int, *, agree: bool, weight: float) -> CalibrationRule:
    return CalibrationRule(
        quantity=quantity, points=points, agree=agree, weight=weight, low=0.9, high=1.1
    )


MODEL = SpeedModel(
    source="a test",
    date="2026-11-01",
    backends=BACKENDS,
    generations=(
        Generation(backend="ROCm", architecture="Ampere", bandwidth=9.0),
        Generation(backend="CUDA", architecture="Ampere", bandwidth=0.8, compute=0.5, matrix=0.5),
    ),
    decode=DecodeTerms(
        mixture_bytes=1.5,
        mixture_layers=2.0,
        recurrent_layers=3.0,
        low_bit=1.25,
        half=0.5,
        bf16_bytes=1.1,
        cache_bytes=2.0,
        latent_cache_bytes=3.0,
        two_dies=0.75,
        integrated=0.6,
        token_seconds=1e-3,
    ),
    prefill=PrefillTerms(
        bandwidth_share=0.4,
        layer_seconds=2e-4,
        mixture=1.5,
        recurrent=3.0,
        half_precision=0.5,
        bf16=1.2,
        attention=10.0,
    ),
    processor=Processor(
        bandwidth_share=0.5, layer_seconds=1e-3, core_flops=1e10, transfer_bytes_per_s=1e10
    ),
    bands=BANDS,
    calibration=tuple(
        rule(quantity, points, agree=agree, weight=weight)
        for quantity, first in ((Quantity.DECODE, 0.5), (Quantity.PREFILL, 0.0))
        for points, agree, weight in (
            (1, True, first),
            (3, True, first + 0.25),
            (3, False, 0.0),
            (2, False, 1.0),
        )
    ),
    unseen=2.0,
    agreement=1.5,
)

DENSE = Architecture(
    name="llama",
    layers=10,
    caches=(CacheLayers(layers=10, key_width=50, value_width=50),),
    vocabulary=1000,
    hidden=100,
    heads=4,
    query_width=400,
    feed_forward=400,
    context_trained=32_768,
)

SPEC = ModelSpec(
    name="m",
    architecture=DENSE,
    weights=Weights(
        total_bytes=1_000_000_000,
        embedding_bytes=100_000_000,
        output_bytes=100_000_000,
        tied=True,
        source="a test",
    ),
    params_total=2_000_000_000,
    params_active=2_000_000_000,
    quantization="Q4_K_M",
)

CARD = Accelerator(
    id="0",
    name="Card",
    vendor=Vendor.NVIDIA,
    kind=AcceleratorKind.DISCRETE,
    memory_total_bytes=24 << 30,
    memory_free_bytes=24 << 30,
    usable_bytes=24 << 30,
    bandwidth_bytes_per_s=Published(1e11, "a test", "2026"),
    fp16_flops=Unknown("?"),
    driver=None,
    source="test",
    fp32_flops=Published(1e12, "a test", "2026"),
    architecture="Ampere",
)


def of(model: ModelSpec = SPEC, **fields: Any) -> ModelSpec:
    """The model with other numbers of its architecture."""
    return replace(model, architecture=replace(model.architecture, **fields))


def calibration(*scales: float) -> Calibration:
    return Calibration(engine="e", at="2026-11-25", decode_scales=scales, prefill_scales=scales)
