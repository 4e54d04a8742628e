"""The formulas of speed with round constants, so that every sum can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    Cpu,
    DeviceBudget,
    Disk,
    HardwareProfile,
    MemoryBudget,
    Ram,
    System,
    Vendor,
)
from landfall.core.models.architecture import CacheLayers, ModelSpec
from landfall.core.provenance import Estimated, Figure, Measured, Published, Unknown
from landfall.core.speed.speed import (
    GROUPS,
    batch_seconds,
    cpu_flops,
    decode_rate,
    device_seconds,
    prefill_rate,
)
from tests.core.speed.round_speeds import BANDS, CARD, MODEL, SPEC, calibration, of

REQUEST = FitRequest(context=4096, depth=1000)


def machine(*cards: Accelerator, bandwidth: Figure | None = None) -> HardwareProfile:
    return HardwareProfile(
        name="m",
        system=System(os="linux", version="", arch="x86_64"),
        cpu=Cpu(name="cpu", physical_cores=4, logical_cores=16),
        ram=Ram(
            total_bytes=64 << 30,
            available_bytes=64 << 30,
            bandwidth_bytes_per_s=bandwidth or Measured(4e10, "", "a test"),
        ),
        disk=Disk(models_path="", free_bytes=None, total_bytes=None),
        accelerators=cards,
        speed=MODEL,
    )


def budget(*cards: Accelerator, shared: bool = False) -> MemoryBudget:
    devices = tuple(
        DeviceBudget(accelerator=one, usable_bytes=24 << 30, overhead_bytes=0) for one in cards
    )
    return MemoryBudget(devices=devices, ram_bytes=60 << 30, shared=shared)


def placed(model: ModelSpec, layers: int = 10, request: FitRequest = REQUEST) -> Fit:
    found = fit(model, budget(CARD), request)
    kind = FitKind.GPU if layers == 10 else FitKind.PARTIAL if layers else FitKind.CPU
    return replace(found, kind=kind, gpu_layers=layers, layers=10, gpus=1 if layers else 0)


def figures(figure: Figure) -> tuple[float, float, float]:
    assert isinstance(figure, Estimated), figure
    return figure.low, figure.mid, figure.high


def seconds(model: ModelSpec, card: Accelerator, request: FitRequest = REQUEST) -> float:
    found = decode_rate(model, placed(model, request=request), machine(card), budget(card))
    return 1 / figures(found)[1]


# What a token of the dense model takes on the card: reached are 0.5 x 0.8 x 1e11 = 4e10 bytes/s;
# the cache is 10 x 1000 x 100 x 2 bytes, twice: 4e6.
WEIGHTS = 1e9 / 4e10

CACHE = 4e6 / 4e10

TOKEN = 1e-3

UNPACK = 2 * 2e9 / (0.5 * 0.5 * 1e12)

LAUNCH = 10 * 1e-4

WHOLE = 0.0431


def test_that_a_token_takes_bytes_unpacking_and_launches() -> None:
    assert pytest.approx(WHOLE) == WEIGHTS + CACHE + TOKEN + UNPACK + LAUNCH
    assert seconds(SPEC, CARD) == pytest.approx(WHOLE)


MIXTURE = replace(
    of(experts=8, experts_used=2),
    weights=replace(SPEC.weights, expert_bytes=800_000_000, tied=False),
)

RECURRENT = of(recurrent_layers=5, recurrent_bytes=1_000_000, caches=())

OTHER = replace(CARD, architecture="nobody knows")


@pytest.mark.parametrize(
    ("model", "card", "expected"),
    [
        # Untied: 1e8 of embedding are not read; 6 of 8 experts idle: 6e8. 3e8 x 1.5, two launches.
        (MIXTURE, CARD, 0.3e9 * 1.5 / 4e10 + CACHE + TOKEN + UNPACK + 2 * LAUNCH),
        # State is read and written: 2e6, twice; half of the layers launch three times.
        (RECURRENT, CARD, (1e9 + 4e6) / 4e10 + TOKEN + UNPACK + LAUNCH / 2 * (1 + 0.5 * 2)),
        (replace(SPEC, quantization="F16"), CARD, WHOLE - UNPACK / 2),
        (replace(SPEC, quantization="Q2_K"), CARD, WHOLE + UNPACK / 4),
        (replace(SPEC, quantization="BF16"), CARD, WHOLE - UNPACK / 2),
        (SPEC, replace(CARD, fp32_flops=Unknown("?")), WHOLE - UNPACK),
        (SPEC, replace(CARD, kind=AcceleratorKind.INTEGRATED), (WEIGHTS + CACHE) / 0.6 + 0.018),
        # Keys that hold both: half of the cache, three times as dear.
        (
            of(caches=(CacheLayers(layers=10, key_width=50, value_width=0),)),
            CARD,
            WHOLE + CACHE / 2,
        ),
        # A generation without runs has no corrections: 5e10 bytes/s, 5e11 operations/s.
        (SPEC, OTHER, (1e9 + 4e6) / 5e10 + TOKEN + 4e9 / 5e11 + LAUNCH),
        # BF16 on AMD: bytes count 1.1 times.
        (
            replace(SPEC, quantization="BF16"),
            replace(OTHER, vendor=Vendor.AMD),
            (1.1e9 + 4e6) / 5e10 + TOKEN + 2e9 / 5e11 + LAUNCH,
        ),
        (
            SPEC,
            replace(OTHER, vendor=Vendor.APPLE, name="M2 Ultra"),
            (1e9 + 4e6) / 5e10 / 0.75 + TOKEN + 4e9 / 5e11 + LAUNCH,
        ),
    ],
)
def test_that_each_kind_of_model_and_card_has_its_factors(
    model: ModelSpec, card: Accelerator, expected: float
) -> None:
    assert seconds(model, card) == pytest.approx(expected)


def test_that_several_cards_take_turns() -> None:
    slow = replace(CARD, bandwidth_bytes_per_s=Published(0.5e11, "a test", "2026"))
    for model in (SPEC, MIXTURE):
        one = device_seconds(model, REQUEST, CARD, MODEL)
        other = device_seconds(model, REQUEST, slow, MODEL)
        assert isinstance(one, float)
        assert isinstance(other, float)
        both = decode_rate(
            model,
            replace(placed(model), gpus=2),
            machine(CARD, slow),
            budget(CARD, slow),
        )
        alone = decode_rate(model, placed(model), machine(CARD, slow), budget(CARD, slow))
        assert figures(alone)[1] == pytest.approx(1 / one)
        assert 1 / figures(both)[1] == pytest.approx((one + other) / 2)


# Main memory: 4e10 x 0.5 = 2e10 bytes/s for 1e9 bytes, 4 cores x 1e10, 1 ms a layer. The 2e6 bytes
# of the cache would take 0.1 ms; its 1.6e7 operations of attention take 3.33 ms at 0.12 x 4e10.
ATTENDED = 1.6e7 / (0.12 * 4e10)
ON_CPU = 1e9 / 2e10 + ATTENDED + 4e9 / 4e10 + 10 * 1e-3


def test_that_a_processor_takes_bytes_operations_and_hand_overs() -> None:
    low, mid, high = figures(decode_rate(SPEC, placed(SPEC, 0), machine(), budget()))
    assert mid == pytest.approx(1 / ON_CPU)
    assert (low, high) == (pytest.approx(mid / 4), pytest.approx(mid * 4))


def test_that_main_memory_of_unknown_speed_is_one_to_two_channels() -> None:
    """17, 42 and 100 GB/s: one channel of DDR4-2133 up to two of DDR5-6400."""
    figure = decode_rate(SPEC, placed(SPEC, 0), machine(bandwidth=Unknown("not read")), budget())
    rest = ATTENDED + 4e9 / 4e10 + 10 * 1e-3
    expected = [1 / (1e9 / (0.5 * speed) + rest) for speed in (17e9, 42e9, 100e9)]
    low, mid, high = figures(figure)
    assert low == pytest.approx(expected[0] / 4)
    assert mid == pytest.approx(expected[1])
    assert high == pytest.approx(expected[2] * 4)
    assert "unknown bandwidth" in str(figure)


def test_that_a_split_model_takes_its_time_in_both_places() -> None:
    found = decode_rate(SPEC, placed(SPEC, 4), machine(CARD), budget(CARD))
    low, mid, high = figures(found)
    assert mid == pytest.approx(1 / (0.4 * WHOLE + 0.6 * ON_CPU))
    assert (low, high) == (pytest.approx(mid / 2), pytest.approx(mid * 2))
    assert "Card (CUDA) and main memory, plus" in str(found)
    assert "at depth 1,000" in str(found)
    whole = decode_rate(SPEC, placed(SPEC), machine(CARD), budget(CARD))
    assert "main memory" not in str(whole)
    alone = decode_rate(SPEC, placed(SPEC, 0), machine(CARD), budget(CARD))
    assert "Card" not in str(alone)


def test_that_cores_are_physical_ones_else_logical_ones_else_eight() -> None:
    cpu = Cpu(name="", physical_cores=4, logical_cores=16)
    assert cpu_flops(cpu, MODEL) == 4e10
    assert cpu_flops(replace(cpu, physical_cores=None), MODEL) == 16e10
    assert cpu_flops(replace(cpu, physical_cores=None, logical_cores=None), MODEL) == 8e10


# Prefill: Ampere has 8 operations of a matrix unit for one of FP32: 8e12, of which 0.25 x 0.5.
# Attention: 4 x 400 x 10 layers x 1000 = 1.6e7 operations a token, ten times.
MATRIX = 1e12

ATTENTION = 1.6e8

READ = 1e9 / (0.4 * 1e11)


def batch_of(model: ModelSpec, card: Accelerator = CARD, batch: int = 512) -> float:
    found = batch_seconds(model, REQUEST, batch, card, MODEL)
    assert isinstance(found, float)
    return found


def test_that_a_batch_takes_operations_weights_and_launches() -> None:
    expected = (4e9 + ATTENTION) * 512 / MATRIX + READ + 10 * 2e-4
    assert batch_of(SPEC) == pytest.approx(expected)
    # 16 bits count half; experts that no token of 512 uses are next to none.
    half = (2e9 + ATTENTION) * 512 / MATRIX + READ + 10 * 2e-4
    assert batch_of(replace(SPEC, quantization="F16")) == pytest.approx(half)
    mixed = (6e9 + ATTENTION) * 512 / MATRIX + 0.9e9 / 4e10 + 10 * 2e-4
    assert batch_of(MIXTURE) == pytest.approx(mixed)
    # Half of the layers recurrent: operations 1 + 0.5 x 2 times; five blocks.
    flowing = 8e9 * 512 / MATRIX + READ + 5 * 2e-4
    assert batch_of(RECURRENT) == pytest.approx(flowing)
    brain = batch_of(replace(SPEC, quantization="BF16"), replace(OTHER, vendor=Vendor.AMD))
    # No matrix units are known of it: 0.25 x 1e12; 4e9 x 0.5 x 1.2.
    assert brain == pytest.approx((2.4e9 + ATTENTION) * 512 / 0.25e12 + READ + 10 * 2e-4)


def test_that_a_prompt_is_read_in_batches() -> None:
    low, mid, high = figures(prefill_rate(SPEC, placed(SPEC), machine(CARD), budget(CARD)))
    assert mid == pytest.approx(512 / batch_of(SPEC))
    assert (low, high) == (pytest.approx(mid * 0.8), pytest.approx(mid * 1.25))
    short = placed(SPEC, request=FitRequest(context=100, depth=100))
    rate = figures(prefill_rate(SPEC, short, machine(CARD), budget(CARD)))[1]
    assert rate == pytest.approx(100 / ((4e9 + 1.6e7) * 100 / MATRIX + READ + 10 * 2e-4))


def test_that_a_processor_reads_a_prompt_by_its_operations() -> None:
    rate = prefill_rate(SPEC, placed(SPEC, 0), machine(), budget())
    assert figures(rate)[1] == pytest.approx(4e10 / (4e9 + ATTENTION))
    assert "the processor" in str(rate)


def test_that_layers_in_main_memory_are_carried_where_that_is_sooner() -> None:
    """Six of ten layers: 0.6e9 bytes / 1e10 = 0.06 s, and then the whole batch on the card; on the
    processor they take 0.6 x 4.16e9 x 512 / 4e10 = 31.9488 s."""
    split = placed(SPEC, 4)
    rate = figures(prefill_rate(SPEC, split, machine(CARD), budget(CARD)))[1]
    assert rate == pytest.approx(512 / (batch_of(SPEC) + 0.06))
    shared = figures(prefill_rate(SPEC, split, machine(CARD), budget(CARD, shared=True)))[1]
    assert shared == pytest.approx(512 / (0.4 * batch_of(SPEC) + 31.9488))
    # One token: 0.0624 s on the processor and nothing carried, for 0.0787 s.
    one = placed(SPEC, 4, request=replace(REQUEST, batch=1))
    rate = figures(prefill_rate(SPEC, one, machine(CARD), budget(CARD)))[1]
    assert rate == pytest.approx(1 / (0.4 * batch_of(SPEC, batch=1) + 0.0624))


def test_that_what_a_card_does_not_tell_is_unknown() -> None:
    blind = replace(CARD, bandwidth_bytes_per_s=Unknown("?"))
    for card in (blind, replace(CARD, fp32_flops=Unknown("?"))):
        found = prefill_rate(SPEC, placed(SPEC), machine(card), budget(card))
        assert isinstance(found, Unknown)
        assert "compute rate of Card" in found.reason
    found = decode_rate(SPEC, placed(SPEC), machine(blind), budget(blind))
    assert isinstance(found, Unknown)
    assert "bandwidth of Card" in found.reason


def test_that_a_band_is_that_of_the_group_and_wider_without_runs() -> None:
    low, mid, high = figures(decode_rate(SPEC, placed(SPEC), machine(CARD), budget(CARD)))
    assert (low / mid, high / mid) == (pytest.approx(0.8), pytest.approx(1.25))
    low, mid, high = figures(decode_rate(SPEC, placed(SPEC), machine(OTHER), budget(OTHER)))
    assert (low / mid, high / mid) == (pytest.approx(0.64), pytest.approx(1.5625))


def test_that_an_uncertain_size_comes_on_top_and_unknown_layers_by_a_quarter() -> None:
    """exp(sqrt(ln 1.25 ^ 2 + ln 1.25 ^ 2)) with a quarter."""
    odd = of(known=False)
    low, mid, high = figures(decode_rate(odd, placed(odd), machine(CARD), budget(CARD)))
    assert high / mid == pytest.approx(math.exp(math.sqrt(2) * math.log(1.25)))
    assert low / mid == pytest.approx(math.exp(-math.sqrt(2) * math.log(1.25)))
    vague = replace(SPEC, weights=replace(SPEC.weights, spread=0.25))
    same = figures(decode_rate(vague, placed(vague), machine(CARD), budget(CARD)))
    assert same[2] / same[1] == pytest.approx(high / mid)


def test_that_a_scale_counts_by_its_rule_and_main_memory_is_left_alone() -> None:
    """Three runs that agree: 4 to the power of 0.75."""
    profile = replace(machine(CARD), calibration=calibration(4.0, 4.0, 4.0))
    low, mid, high = figures(decode_rate(SPEC, placed(SPEC), profile, budget(CARD)))
    assert mid == pytest.approx(4**0.75 / WHOLE)
    assert (low / mid, high / mid) == (pytest.approx(0.9), pytest.approx(1.1))
    split = figures(decode_rate(SPEC, placed(SPEC, 4), profile, budget(CARD)))
    assert split[1] == pytest.approx(1 / (0.4 * WHOLE / 4**0.75 + 0.6 * ON_CPU))
    assert (split[0] / split[1], split[2] / split[1]) == (pytest.approx(0.5), pytest.approx(2.0))
    bare = replace(machine(), calibration=calibration(4.0, 4.0, 4.0))
    assert figures(decode_rate(SPEC, placed(SPEC, 0), bare, budget()))[1] == pytest.approx(
        4**0.75 / ON_CPU
    )
    none = figures(decode_rate(SPEC, placed(SPEC, 0), profile, budget(CARD)))
    assert none[1] == pytest.approx(1 / ON_CPU), "the card's scale is not the processor's"
    prefill = figures(prefill_rate(SPEC, placed(SPEC), profile, budget(CARD)))
    assert prefill[1] == pytest.approx(4**0.25 * 512 / batch_of(SPEC))


def test_that_there_is_a_group_for_each_backend_and_kind() -> None:
    assert len(GROUPS) == len(set(GROUPS)) == 10
    assert {"CUDA dense", "Vulkan mixture", "partial", "processor"} <= set(GROUPS)
    mixture = replace(
        MODEL,
        bands=tuple(replace(one, low=0.1) if one.group == "CUDA mixture" else one for one in BANDS),
    )
    profile = replace(machine(CARD), speed=mixture)
    low, mid, _ = figures(decode_rate(MIXTURE, placed(MIXTURE), profile, budget(CARD)))
    assert low / mid == pytest.approx(0.1)
    low, mid, _ = figures(decode_rate(SPEC, placed(SPEC), profile, budget(CARD)))
    assert low / mid == pytest.approx(0.8)
