"""What speed depends on: bytes, operations, rates of a device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.fit import FitRequest, KvType
from landfall.core.machine.hardware import Vendor
from landfall.core.models.architecture import CacheLayers, Weights
from landfall.core.provenance import Unknown
from landfall.core.speed.speed_terms import (
    attention_operations,
    backend_name,
    blocks,
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
from tests.core.speed.round_speeds import CARD, DENSE, SPEC, of


def test_that_what_a_token_reads_of_the_weights_is_counted() -> None:
    weights = Weights(
        total_bytes=1000,
        embedding_bytes=100,
        output_bytes=100,
        tied=False,
        lookup_bytes=200,
        expert_bytes=400,
        source="",
    )
    model = replace(of(experts=4, experts_used=1), weights=weights)
    assert weights_read(model, 1) == 1000 - 200 - 100 - 300
    # Two tokens leave 9 of 16 experts idle: 225.
    assert weights_read(model, 2) == 1000 - 200 - 100 - 225
    assert weights_read(replace(model, weights=replace(weights, tied=True)), 1) == 500
    assert weights_read(replace(of(), weights=weights), 1) == 700


def test_that_a_window_and_the_width_of_a_number_bound_the_cache() -> None:
    mixed = replace(
        DENSE,
        caches=(
            CacheLayers(layers=2, key_width=10, value_width=6),
            CacheLayers(layers=3, key_width=4, value_width=4, window=100),
        ),
        recurrent_bytes=5000,
    )
    plain = FitRequest(context=4096)
    assert cache_bytes_read(mixed, plain, 1000) == 10_000 + 2 * 1000 * 16 * 2 + 3 * 100 * 8 * 2
    assert cache_bytes_read(mixed, plain, 50) == 10_000 + 2 * 50 * 16 * 2 + 3 * 50 * 8 * 2
    q8 = replace(plain, kv_type=KvType.Q8_0)
    wide = cache_bytes_read(mixed, plain, 1000)
    assert cache_bytes_read(mixed, q8, 1000) == wide, "what it saves in bytes, unpacking takes"
    assert cache_bytes_read(mixed, replace(plain, kv_type=KvType.F32), 1000) == 2 * wide - 10_000
    model = replace(SPEC, architecture=mixed)
    # 4 x 400 x (2 x 2048 + 3 x 100): half of the context is seen.
    assert attention_operations(model, plain) == 1600 * (4096 + 300)
    assert attention_operations(model, replace(plain, depth=10)) == 1600 * 50
    assert depth_of(plain) == 2048
    assert depth_of(replace(plain, depth=0)) == 0


def test_that_a_block_is_a_mixer_with_its_feed_forward() -> None:
    assert blocks(DENSE) == 10
    assert blocks(replace(DENSE, recurrent_layers=5, caches=())) == 5
    five = CacheLayers(layers=5, key_width=1, value_width=1)
    assert blocks(replace(DENSE, recurrent_layers=5, caches=(five,))) == 10
    assert blocks(replace(DENSE, caches=(five,))) == 10, "not a hybrid"
    assert recurrent_share(replace(DENSE, recurrent_layers=4)) == 0.4
    assert not has_latent_cache(replace(DENSE, caches=()))
    latent = CacheLayers(layers=5, key_width=5, value_width=0)
    assert has_latent_cache(replace(DENSE, caches=(latent,)))
    assert not has_latent_cache(replace(DENSE, caches=(latent, five)))


@pytest.mark.parametrize(
    ("quantization", "low", "half"),
    [
        ("Q2_K", True, False),
        ("Q3_K_M", True, False),
        ("iq1_s", True, False),
        ("UD-IQ2_M", True, False),
        ("IQ3_XXS", True, False),
        ("IQ4_XS", False, False),
        ("Q4_K_M", False, False),
        ("F16", False, True),
        ("BF16", False, True),
        ("F32", False, False),
    ],
)
def test_that_widths_that_are_dearer_or_cheaper_are_told(
    quantization: str, low: bool, half: bool
) -> None:
    model = replace(SPEC, quantization=quantization)
    assert is_low_bit(model) is low
    assert is_half(model) is half
    assert not is_slow_bf16(model, CARD)
    assert is_slow_bf16(model, replace(CARD, vendor=Vendor.AMD)) is (quantization == "BF16")


def test_that_two_dies_are_those_of_apple() -> None:
    apple = replace(CARD, vendor=Vendor.APPLE, name="GPU")
    assert not has_two_dies(apple)
    assert has_two_dies(replace(apple, catalogue_name="M2 Ultra 76-core"))
    assert has_two_dies(replace(apple, name="Apple M2 Ultra"))
    assert not has_two_dies(replace(CARD, name="Ultra"))


@pytest.mark.parametrize(
    ("architecture", "fp32", "matrix"),
    [
        # Operations of the widest instruction for one of FP32, by the makers' papers.
        ("Pascal", 1.0, 4),
        ("Volta", 1.0, 8),
        ("Turing", 1.0, 16),
        ("Ampere", 1.0, 8),
        ("Ada Lovelace", 1.0, 8),
        ("Hopper", 1.0, 16),
        ("Blackwell", 1.0, 8),
        ("GCN 4", 1.0, 1),
        ("CDNA 3", 1.0, 8),
        ("RDNA 1", 1.0, 2),
        ("RDNA 2", 1.0, 4),
        ("RDNA 3", 0.5, 4),
        ("RDNA 3.5", 0.5, 4),
        ("RDNA 4", 0.5, 8),
        ("Apple M2", 1.0, 1),
        ("Xe-LP", 1.0, 4),
        ("Xe2", 1.0, 8),
        ("", 1.0, 1),
    ],
)
def test_that_each_architecture_has_its_matrix_units(
    architecture: str, fp32: float, matrix: float
) -> None:
    card = replace(CARD, architecture=architecture)
    assert fp32_rate(card) == fp32 * 1e12
    assert matrix_rate(card) == fp32 * matrix * 1e12
    dark = replace(card, fp32_flops=Unknown("?"))
    assert fp32_rate(dark) is None
    assert matrix_rate(dark) is None


@pytest.mark.parametrize(
    ("vendor", "architecture", "name"),
    [
        (Vendor.NVIDIA, "RDNA 1", "CUDA"),
        (Vendor.APPLE, "", "Metal"),
        (Vendor.AMD, "RDNA 3", "ROCm"),
        (Vendor.AMD, "RDNA 3.x", "Vulkan"),
        (Vendor.AMD, "RDNA 1", "Vulkan"),
        (Vendor.AMD, "GCN 5", "Vulkan"),
        (Vendor.AMD, "CDNA 3", "ROCm"),
        (Vendor.OTHER, "", "Vulkan"),
    ],
)
def test_that_a_backend_is_that_of_its_maker(vendor: Vendor, architecture: str, name: str) -> None:
    assert backend_name(replace(CARD, vendor=vendor, architecture=architecture)) == name
