"""By hand: 10 layers of 50 + 50 numbers, 400 wide queries, 1,000 tokens in the cache."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.fit import FitKind
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import Accelerator, Vendor
from landfall.core.provenance import Unknown
from landfall.core.speed.filled_cache import (
    DeviceCache,
    End,
    device_cache,
    processor_attention_seconds,
)
from landfall.core.speed.speed import decode_rate, prefill_rate
from tests.core.speed.round_speeds import CARD, SPEC, of
from tests.core.speed.test_speed_formula import MIXTURE, REQUEST, budget, figures, machine, placed

OPERATIONS = 4 * 400 * 10 * 1000
F16_BYTES = 10 * 1000 * 100 * 2
SMALL = [replace(REQUEST, kv_type=kind) for kind in (KvType.Q8_0, KvType.Q4_0)]


def test_that_a_cache_in_16_bits_is_a_matter_of_its_bytes() -> None:
    for end in End:
        assert device_cache(SPEC, REQUEST, CARD, end) == DeviceCache(size_bytes=F16_BYTES)


@pytest.mark.parametrize("request_", SMALL)
def test_that_a_quantized_cache_is_unpacked_for_each_head(request_: FitRequest) -> None:
    for end in End:
        found = device_cache(SPEC, request_, CARD, end)
        assert found.size_bytes == F16_BYTES, "it is no faster than in 16 bits"
        assert found.unpacking_seconds == pytest.approx(OPERATIONS / (0.054 * 1e12))
        assert found.waited(1e-4) == pytest.approx(OPERATIONS / (0.054 * 1e12) - 1e-4)


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, vendor=Vendor.AMD, architecture="RDNA 3.0"),
        replace(CARD, vendor=Vendor.APPLE, architecture="Apple M2"),
        replace(CARD, fp32_flops=Unknown("not told")),
    ],
)
def test_that_where_unpacking_was_not_measured_the_slow_end_reads_four_times_as_long(
    card: Accelerator,
) -> None:
    for end in (End.MIDDLE, End.FAST):
        assert device_cache(SPEC, SMALL[0], card, end).waited(1e-3) == 0
    assert device_cache(SPEC, SMALL[0], card, End.SLOW).waited(1e-3) == pytest.approx(3e-3)
    # A recurrent state of 500 kB, read and written, is not quantized: 2 of 3 MB are the cache.
    hybrid = of(recurrent_bytes=500_000)
    assert device_cache(hybrid, SMALL[0], card, End.SLOW).waited(3e-3) == pytest.approx(6e-3)
    fresh = replace(SMALL[0], depth=0)
    assert device_cache(SPEC, fresh, card, End.SLOW).waited(0.0) == 0


@pytest.mark.parametrize(
    ("name", "architecture", "own"),
    [
        ("A100 SXM 80GB", "Ampere", True),
        ("NVIDIA A100-PCIE-40GB", "Ampere", True),
        ("NVIDIA A30", "Ampere", True),
        ("NVIDIA A800X", "Ampere", True),
        ("RTX 3090", "Ampere", False),
        ("RTX A3000", "Ampere", False),
        ("V100 SXM2 16GB", "Volta", True),
        ("T4", "Turing", True),
        ("P40", "Pascal", False),
        ("H200 SXM", "Hopper", False),
    ],
)
def test_that_cards_with_integer_units_of_their_own_may_unpack_twice_as_fast(
    name: str, architecture: str, own: bool
) -> None:
    card = replace(CARD, name=name, architecture=architecture)
    slow, middle, fast = (
        device_cache(SPEC, SMALL[0], card, end).unpacking_seconds
        for end in (End.SLOW, End.MIDDLE, End.FAST)
    )
    assert slow == middle
    assert fast == pytest.approx(middle / 2 if own else middle)


def test_that_a_processor_multiplies_for_each_head() -> None:
    assert processor_attention_seconds(SPEC, REQUEST, 4e10) == pytest.approx(
        OPERATIONS / (0.12 * 4e10)
    )
    one, other = (processor_attention_seconds(SPEC, small, 4e10) for small in SMALL)
    assert one == other == pytest.approx(1.6 * OPERATIONS / (0.12 * 4e10))


def test_that_layers_that_lack_their_experts_alone_have_their_attention_on_the_card() -> None:
    """What else is in main memory is the same; only where the cache lies differs."""
    rates = []
    for whole, dense in ((5, 0), (0, 10)):
        where = replace(
            placed(MIXTURE, 5),
            kind=FitKind.PARTIAL,
            gpu_layers=whole,
            dense_layers=dense,
            dense_share=0.5,
            dense_weights_share=0.5,
        )
        found = (MIXTURE, where, machine(CARD), budget(CARD, shared=True))
        rates.append((figures(decode_rate(*found))[1], figures(prefill_rate(*found))[1]))
    (cache_in_ram, read_in_ram), (cache_on_card, read_on_card) = rates
    waited = OPERATIONS / (0.12 * 4e10) - F16_BYTES / 2e10
    assert 1 / cache_in_ram - 1 / cache_on_card == pytest.approx(0.5 * waited)
    # A prompt's attention counts ten times there, and five of ten layers have it in main memory
    # or on the card (1e12 operations a second).
    assert 1 / read_in_ram - 1 / read_on_card == pytest.approx(
        0.5 * 10 * OPERATIONS * (1 / 4e10 - 1 / 1e12)
    )


def test_that_layers_that_lack_their_experts_alone_unpack_their_whole_cache_on_the_card() -> None:
    """Ten layers without their experts, half of their bytes on the card."""
    where = replace(
        placed(MIXTURE, 5), kind=FitKind.PARTIAL, gpu_layers=0, dense_layers=10, dense_share=0.5
    )
    wide, small = (
        figures(decode_rate(MIXTURE, replace(where, request=one), machine(CARD), budget(CARD)))[1]
        for one in (REQUEST, SMALL[0])
    )
    reading = 2 * F16_BYTES / 4e10
    assert 1 / small - 1 / wide == pytest.approx(OPERATIONS / (0.054 * 1e12) - reading)
