"""By hand: 10 layers of 50 + 50 numbers, 400 wide queries, 1,000 tokens in the cache."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.fit import FitKind
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import Vendor
from landfall.core.provenance import Unknown
from landfall.core.speed.filled_cache import device_cache, processor_attention_seconds
from landfall.core.speed.speed import decode_rate, prefill_rate
from tests.core.speed.round_speeds import CARD, SPEC
from tests.core.speed.test_speed_formula import MIXTURE, REQUEST, budget, figures, machine, placed

OPERATIONS = 4 * 400 * 10 * 1000
F16_BYTES = 10 * 1000 * 100 * 2
SMALL = [replace(REQUEST, kv_type=kind) for kind in (KvType.Q8_0, KvType.Q4_0)]


def test_that_a_cache_in_16_bits_is_a_matter_of_its_bytes() -> None:
    assert device_cache(SPEC, REQUEST, CARD) == (F16_BYTES, 0.0)


@pytest.mark.parametrize("request_", SMALL)
def test_that_a_quantized_cache_is_unpacked_for_each_head(request_: FitRequest) -> None:
    size, seconds = device_cache(SPEC, request_, CARD)
    assert size == F16_BYTES, "it is no faster than in 16 bits"
    assert seconds == pytest.approx(OPERATIONS / (0.054 * 1e12))
    radeon = replace(CARD, vendor=Vendor.AMD, architecture="RDNA 3.0")
    assert device_cache(SPEC, request_, radeon) == (F16_BYTES, 0.0)
    untold = replace(CARD, fp32_flops=Unknown("not told"))
    assert device_cache(SPEC, request_, untold) == (F16_BYTES, 0.0)


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
    # A prompt's attention counts ten times there, and five of ten layers have it in main memory.
    assert 1 / read_in_ram - 1 / read_on_card == pytest.approx(0.5 * 10 * OPERATIONS / 4e10)
