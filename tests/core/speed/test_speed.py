from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landfall.core.fit.fit import Fit, FitKind, FitRequest, KvType, fit
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget, Vendor, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.weights import spec
from landfall.core.provenance import Estimated, Figure, Measured, Published, Unknown, band, middle
from landfall.core.speed.calibration import Calibration
from landfall.core.speed.speed import cpu_flops, decode_rate, further, prefill_rate
from landfall.core.speed.speed_constants import SpeedModel
from landfall.core.speed.speed_terms import (
    backend_name,
    blocks,
    bytes_read,
    has_latent_cache,
    matrix_rate,
    weights_read,
)
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
BY_TAG = {card.tag: card for card in KNOWN.models}
assert KNOWN.speed is not None
MODEL: SpeedModel = KNOWN.speed


def rates(
    tag: str, machine: str | HardwareProfile, **request: int
) -> tuple[Figure, Figure, FitKind]:
    profile = KNOWN.what_if(machine) if isinstance(machine, str) else machine
    budget = memory_budget(profile)
    model = spec(BY_TAG[tag])
    placed = fit(model, budget, FitRequest(**request))  # type: ignore[arg-type]
    return (
        decode_rate(model, placed, profile, budget),
        prefill_rate(model, placed, profile, budget),
        placed.kind,
    )


@pytest.mark.parametrize(
    ("tag", "machine", "published"),
    [
        ("llama3.1:8b", "RTX 4090", 119),
        ("llama3.1:8b", "RTX 4090", 131),
        ("qwen3:30b", "RTX 4090", 157),
        ("qwen3:30b", "RTX 4090", 165),
        ("llama3.1:8b", "RTX 3080 10GB", 98.7),
        ("llama3.3:70b", "RTX PRO 6000 Blackwell", 30),
    ],
)
def test_that_the_band_holds_what_was_published(tag: str, machine: str, published: float) -> None:
    ends = band(rates(tag, machine, context=4096, depth=1024)[0])
    assert ends is not None
    low, mid, high = ends
    assert low <= published <= high
    assert high < 2.1 * low
    assert low < mid < high


def test_that_a_mixture_is_neither_as_slow_as_all_of_it_nor_as_fast_as_its_bytes() -> None:
    ends = band(rates("qwen3:30b", "RTX 4090", context=4096, depth=1024)[0])
    assert ends is not None
    assert ends[0] > 34
    assert ends[2] < 306


def test_that_a_tiny_model_meets_the_floor_of_launches() -> None:
    rate = middle(rates("smollm2:135m", "RTX 4090", context=2048)[0])
    assert rate is not None
    assert 300 < rate < 1500


def test_that_a_mixture_is_priced_by_its_active_experts() -> None:
    model = spec(BY_TAG["qwen3:30b"])
    assert bytes_read(model) < 0.2 * model.weights.total_bytes
    dense = spec(BY_TAG["qwen3:32b"])
    assert bytes_read(dense) > 0.9 * dense.weights.total_bytes


def test_that_tables_that_are_looked_up_are_not_read() -> None:
    model = spec(BY_TAG["gemma4:e4b"])
    assert bytes_read(model) < 0.7 * model.weights.total_bytes


def test_that_more_in_the_cache_is_slower() -> None:
    near = middle(rates("llama3.1:8b", "RTX 4090", context=65536, depth=0)[0])
    far = middle(rates("llama3.1:8b", "RTX 4090", context=65536, depth=65536)[0])
    half = middle(rates("llama3.1:8b", "RTX 4090", context=65536)[0])
    assert near is not None
    assert half is not None
    assert far is not None
    assert near > half > far


def test_that_a_split_model_is_much_slower_than_a_whole_one() -> None:
    split, _, kind = rates("llama3.3:70b", "RTX 4090")
    whole, _, _ = rates("llama3.3:70b", "RTX PRO 6000 Blackwell")
    assert kind is FitKind.PARTIAL
    assert (middle(split) or 0) < 0.2 * (middle(whole) or 0)
    assert "main memory" in str(split)


def test_that_two_cards_give_room_and_no_speed() -> None:
    one = middle(rates("qwen3:8b", "RTX 3090")[0])
    two = middle(rates("qwen3:8b", "2x RTX 3090")[0])
    assert one == two


def on_processor(bandwidth: Figure) -> HardwareProfile:
    profile = KNOWN.what_if("RTX 4090")
    ram = replace(profile.ram, bandwidth_bytes_per_s=bandwidth)
    return replace(profile, accelerators=(), ram=ram)


def test_that_main_memory_of_unknown_speed_gives_a_wide_band_and_says_so() -> None:
    unknown, _, kind = rates("llama3.1:8b", on_processor(Unknown("not read")))
    known, _, _ = rates("llama3.1:8b", on_processor(Measured(80e9, "", "test")))
    assert kind is FitKind.CPU
    wide, narrow = band(unknown), band(known)
    assert wide is not None
    assert narrow is not None
    assert wide[2] / wide[0] > 2 * narrow[2] / narrow[0]
    assert "unknown bandwidth" in str(unknown)


def test_that_what_cannot_be_said_is_unknown_with_its_reason() -> None:
    never, _, kind = rates("deepseek-r1:671b", "RTX 4090")
    assert kind is FitKind.NO
    assert isinstance(never, Unknown)
    embedder, prefill, _ = rates("bge-m3", "RTX 4090")
    assert isinstance(embedder, Unknown)
    assert isinstance(prefill, Estimated)
    profile = KNOWN.what_if("RTX 4090")
    blind = replace(
        profile.accelerators[0],
        bandwidth_bytes_per_s=Unknown("no row"),
        fp32_flops=Unknown("no row"),
    )
    for figure in rates("qwen3:8b", replace(profile, accelerators=(blind,)))[:2]:
        assert isinstance(figure, Unknown)
        assert "RTX 4090" in figure.reason


@pytest.mark.parametrize(
    ("machine", "backend"),
    [
        ("RTX 4090", "CUDA"),
        ("M4 10-core", "Metal"),
        ("RX 7900 XTX", "ROCm"),
        ("RX 580", "Vulkan"),
        ("Arc B580", "Vulkan"),
        ("Radeon 890M", "Vulkan"),
    ],
)
def test_that_each_maker_has_its_backend(machine: str, backend: str) -> None:
    assert backend_name(KNOWN.what_if(machine).accelerators[0]) == backend


def test_that_cores_that_are_not_told_are_taken_as_eight() -> None:
    cpu = KNOWN.what_if("RTX 4090").cpu
    assert cpu_flops(cpu, MODEL) == cpu_flops(replace(cpu, physical_cores=8), MODEL)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(BY_TAG)),
    st.sampled_from([m.name for m in KNOWN.machines]),
    st.integers(512, 131_072),
)
def test_that_every_band_is_ordered_and_positive(tag: str, machine: str, context: int) -> None:
    for figure in rates(tag, machine, context=context)[:2]:
        ends = band(figure)
        if ends is None:
            assert isinstance(figure, Unknown)
            assert figure.reason
        else:
            assert 0 < ends[0] < ends[1] < ends[2]


def test_that_a_maker_nobody_knows_runs_on_vulkan() -> None:
    made = KNOWN.what_if("RTX 4090").accelerators[0]
    assert backend_name(replace(made, vendor=Vendor.OTHER)) == "Vulkan"


# ---------------------------------------------------------------- what may never happen


def placed_on(
    tag: str, profile: HardwareProfile, request: FitRequest, quantization: str | None = None
) -> tuple[ModelSpec, Fit, HardwareProfile, MemoryBudget]:
    model = spec(BY_TAG[tag], quantization)
    budget = memory_budget(profile)
    return model, fit(model, budget, request), profile, budget


def with_bandwidth(profile: HardwareProfile, factor: float) -> HardwareProfile:
    def faster(figure: Figure) -> Figure:
        return Published((middle(figure) or 0.0) * factor, "a test", "2026-01-01")

    accelerators = tuple(
        replace(a, bandwidth_bytes_per_s=faster(a.bandwidth_bytes_per_s))
        for a in profile.accelerators
    )
    ram = replace(profile.ram, bandwidth_bytes_per_s=faster(profile.ram.bandwidth_bytes_per_s))
    return replace(profile, accelerators=accelerators, ram=ram)


TAGS = st.sampled_from(["llama3.1:8b", "qwen3:30b", "qwen3.5:9b", "smollm2:135m", "glm-4.7-flash"])
MACHINES = st.sampled_from(
    ["RTX 4090", "2x RTX 3090", "M2 Ultra 76-core", "RX 7900 XTX", "Arc B580", "Radeon 890M", "P40"]
)


@settings(max_examples=60, deadline=None)
@given(TAGS, MACHINES, st.floats(1.0, 4.0))
def test_that_more_bandwidth_is_never_slower(tag: str, machine: str, factor: float) -> None:
    profile = KNOWN.what_if(machine)
    request = FitRequest(context=4096)
    for rate in (decode_rate, prefill_rate):
        before = middle(rate(*placed_on(tag, profile, request)))
        after = middle(rate(*placed_on(tag, with_bandwidth(profile, factor), request)))
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert after >= before * (1 - 1e-12)


@settings(max_examples=60, deadline=None)
@example("qwen3:30b", "Arc B580", 0, 1)
@given(TAGS, MACHINES, st.integers(0, 32_768), st.integers(0, 32_768))
def test_that_deeper_is_never_faster(tag: str, machine: str, one: int, other: int) -> None:
    near, far = sorted((one, other))
    profile = KNOWN.what_if(machine)
    for rate in (decode_rate, prefill_rate):
        first, second = (
            middle(rate(*placed_on(tag, profile, FitRequest(context=32_768, depth=depth))))
            for depth in (near, far)
        )
        assert (first or 0) >= (second or 0) * (1 - 1e-12)


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
@pytest.mark.parametrize("machine", ["RTX 4090", "H200 SXM", "M2 Ultra 76-core", "RX 7900 XTX"])
def test_that_a_quantized_cache_saves_memory_and_no_time(machine: str, kv_type: KvType) -> None:
    profile = KNOWN.what_if(machine)
    request = FitRequest(context=32_768, depth=32_000)
    wide = decode_rate(*placed_on("llama3.1:8b", profile, request))
    small = decode_rate(*placed_on("llama3.1:8b", profile, replace(request, kv_type=kv_type)))
    assert (middle(small) or 0) <= (middle(wide) or 0)


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
@pytest.mark.parametrize("tag", ["qwen3:0.6b", "qwen3:1.7b", "gemma3:4b", "llama3.1:8b"])
@pytest.mark.parametrize(("cores", "bandwidth"), [(16, 42e9), (64, 100e9), (4, 17e9)])
def test_that_a_quantized_cache_saves_no_time_on_a_processor(
    cores: int, bandwidth: float, tag: str, kv_type: KvType
) -> None:
    profile = on_processor(Measured(bandwidth, "", "test"))
    cpu = replace(profile.cpu, physical_cores=cores, logical_cores=cores)
    request = FitRequest(context=32_768, depth=30_000)
    assert no_faster(tag, replace(profile, cpu=cpu), request, kv_type)


def no_faster(tag: str, profile: HardwareProfile, request: FitRequest, kv_type: KvType) -> bool:
    """Whether a quantized cache is no faster where the same layers are in the same places."""
    model, placed, _, budget = placed_on(tag, profile, request)
    wide = band(decode_rate(model, placed, profile, budget))
    small = replace(placed, request=replace(placed.request, kv_type=kv_type))
    found = band(decode_rate(model, small, profile, budget))
    assert wide is not None
    assert found is not None
    return found[0] < wide[0] and found[1] <= wide[1]


def test_that_a_split_by_experts_is_no_faster_with_a_quantized_cache() -> None:
    """Which share of a layer is on the card goes by what it takes to read, not by its room."""
    profile = beside(*H100_HELD[1])
    request = FitRequest(context=32_768, depth=32_000)
    shares = []
    for kv_type in (KvType.F16, KvType.Q8_0):
        placed = placed_on("qwen3:30b", profile, replace(request, kv_type=kv_type))[1]
        assert placed.dense_layers
        shares.append(placed.dense_share)
        assert no_faster("qwen3:30b", profile, request, KvType.Q8_0)
    assert shares[0] == shares[1]


def test_that_where_a_quantized_cache_was_not_measured_half_the_speed_is_in_the_band() -> None:
    told = KNOWN.what_if("RTX 4090")
    card = replace(told.accelerators[0], fp32_flops=Unknown("not told"))
    request = FitRequest(context=32_768, depth=32_000)
    profiles = [replace(told, accelerators=(card,))]
    profiles += [KNOWN.what_if(name) for name in ("M2 Ultra 76-core", "RX 7900 XTX")]
    for profile in profiles:
        model, placed, _, budget = placed_on("llama3.1:8b", profile, request)
        wide = band(decode_rate(model, placed, profile, budget))
        small = replace(placed, request=replace(placed.request, kv_type=KvType.Q8_0))
        found = band(decode_rate(model, small, profile, budget))
        assert wide is not None
        assert found is not None
        assert found[1] == pytest.approx(wide[1]), "no better is known"
        assert found[0] < 0.55 * wide[0]
        empty = replace(small, request=replace(small.request, depth=0))
        fresh = band(decode_rate(model, empty, profile, budget))
        assert fresh is not None
        assert fresh[0] > 0.6 * fresh[1], "an empty cache has nothing to unpack"


@pytest.mark.parametrize(
    ("machine", "far"),
    [("A100 SXM 80GB", True), ("V100 SXM2 32GB", True), ("T4", True), ("RTX 3090", False)],
)
def test_that_a_card_with_integer_units_may_unpack_a_cache_twice_as_fast(
    machine: str, far: bool
) -> None:
    profile = KNOWN.what_if(machine)
    request = FitRequest(context=32_768, depth=32_000, kv_type=KvType.Q8_0)
    model, placed, _, budget = placed_on("llama3.2:3b", profile, request)
    found = band(decode_rate(model, placed, profile, budget))
    assert found is not None
    assert (found[2] / found[1] > 1.4) is far


def test_that_the_mean_of_a_published_device_is_near_for_each_maker() -> None:
    """Llama 3.1 8B Q4_K_M by llama-bench, tg512 (XiongjieDai/GPU-Benchmarks-on-LLM-Inference)."""
    for machine, published in (("RTX 3080 10GB", 109.6), ("M2 Ultra 76-core", 78.8)):
        rate = middle(rates("llama3.1:8b", machine, context=1024, depth=256)[0])
        assert rate == pytest.approx(published, rel=0.25)


def test_that_low_bits_and_sixteen_bits_are_priced_by_their_bytes_and_their_unpacking() -> None:
    profile = KNOWN.what_if("RTX 4090")
    request = FitRequest(context=4096)
    speeds = {
        quant: middle(decode_rate(*placed_on("llama3.1:8b", profile, request, quant))) or 0.0
        for quant in ("Q2_K", "Q4_K_M", "Q8_0", "F16")
    }
    assert speeds["Q2_K"] > speeds["Q4_K_M"] > speeds["Q8_0"] > speeds["F16"]
    assert speeds["Q2_K"] < 1.45 * speeds["Q4_K_M"]


def test_that_bf16_is_dearer_than_f16_on_amd_alone() -> None:
    request = FitRequest(context=1024)
    for machine, same in (("RTX 4090", True), ("RX 7900 XTX", False)):
        profile = KNOWN.what_if(machine)
        for rate in (decode_rate, prefill_rate):
            half, brain = (
                middle(rate(*placed_on("qwen3:8b", profile, request, quant)))
                for quant in ("F16", "BF16")
            )
            assert (half == brain) is same


def test_that_a_batch_reads_nearly_every_expert_once() -> None:
    model = spec(BY_TAG["qwen3:30b"])
    one, many = weights_read(model, 1), weights_read(model, 512)
    assert one < 0.2 * many
    assert many < model.weights.total_bytes


def test_that_a_block_of_nemotron_is_two_of_its_layers() -> None:
    nemotron = BY_TAG["nemotron-3-nano:30b"].architecture
    assert blocks(nemotron) == nemotron.layers / 2
    hybrid = BY_TAG["qwen3.5:9b"].architecture
    assert blocks(hybrid) == hybrid.layers


def test_that_a_compressed_cache_is_told_from_the_others() -> None:
    assert has_latent_cache(BY_TAG["glm-4.7-flash"].architecture)
    assert not has_latent_cache(BY_TAG["llama3.1:8b"].architecture)
    assert not has_latent_cache(BY_TAG["bge-m3"].architecture)


def test_that_the_matrix_rate_counts_dual_issue_once_and_no_unit_as_plain_arithmetic() -> None:
    radeon = KNOWN.what_if("RX 7900 XTX").accelerators[0]
    assert matrix_rate(radeon) == pytest.approx(4 * (middle(radeon.fp32_flops) or 0) / 2)
    strange = replace(radeon, architecture="made up")
    assert matrix_rate(strange) == middle(radeon.fp32_flops)
    assert matrix_rate(replace(radeon, fp32_flops=Unknown("no row"))) is None


def test_that_decode_without_a_compute_rate_is_priced_by_bytes_and_launches() -> None:
    profile = KNOWN.what_if("RTX 4090")
    blind = replace(profile.accelerators[0], fp32_flops=Unknown("no row"))
    whole = middle(rates("qwen3:8b", profile)[0])
    some = middle(rates("qwen3:8b", replace(profile, accelerators=(blind,)))[0])
    assert (some or 0) > (whole or 0)


def test_that_layers_in_main_memory_are_carried_to_the_card_for_a_long_prompt() -> None:
    split, prefill, kind = rates("qwen3:32b", "RTX 4080")
    assert kind is FitKind.PARTIAL
    assert (middle(prefill) or 0) > 20 * (middle(split) or 0)
    model, placed, profile, budget = placed_on(
        "qwen3:32b", KNOWN.what_if("RTX 4080"), FitRequest(context=4096, batch=4, depth=0)
    )
    tiny = middle(prefill_rate(model, placed, profile, budget))
    assert (middle(prefill) or 0) > 5 * (tiny or 0)


# ---------------------------------------------------------------- the band


def test_that_without_constants_nothing_is_predicted_and_it_says_why() -> None:
    bare = replace(KNOWN.what_if("RTX 4090"), speed=None)
    for figure in rates("qwen3:8b", bare)[:2]:
        assert isinstance(figure, Unknown)
        assert "speed.json" in figure.reason


def width(figure: Figure) -> float:
    ends = band(figure)
    assert ends is not None
    return ends[2] / ends[0]


def test_that_a_generation_without_runs_has_a_wider_band_and_says_so() -> None:
    known = rates("llama3.1:8b", "RTX 4090")[0]
    unseen = rates("llama3.1:8b", "H100 SXM")[0]
    assert width(unseen) > width(known)
    assert "none was of this generation" in str(unseen)


def test_that_an_uncertain_size_or_architecture_widens_the_band() -> None:
    profile = KNOWN.what_if("RTX 4090")
    model, placed, _, budget = placed_on("llama3.1:8b", profile, FitRequest())
    vague = replace(model, weights=replace(model.weights, spread=0.2))
    odd = replace(model, architecture=replace(model.architecture, known=False))
    sure = width(decode_rate(model, placed, profile, budget))
    assert width(decode_rate(vague, placed, profile, budget)) > sure
    assert width(decode_rate(odd, placed, profile, budget)) > sure


def test_that_a_spread_comes_on_top_independently() -> None:
    assert further(0.8, 0.0) == pytest.approx(0.8)
    assert further(1.25, 0.25) == pytest.approx(1.25**2**0.5)
    assert further(0.8, 0.25) == pytest.approx(0.8**2**0.5)


def test_that_a_split_and_a_processor_have_wider_bands_than_a_card() -> None:
    whole = rates("llama3.1:8b", "RTX 4090")[0]
    split = rates("llama3.3:70b", "RTX 4090")[0]
    alone = rates("llama3.1:8b", on_processor(Measured(80e9, "", "test")))[0]
    assert width(split) > width(whole)
    assert width(alone) > width(whole)
    assert "no published run" in str(alone)


# ---------------------------------------------------------------- calibration


def calibration(*scales: float) -> Calibration:
    return Calibration(
        engine="Ollama 0.32.15",
        at="2026-11-25T10:00:00Z",
        decode_scales=scales,
        prefill_scales=scales,
    )


def test_that_a_prediction_says_that_it_was_calibrated_on_the_battery() -> None:
    profile = replace(KNOWN.what_if("RTX 4090"), calibration=calibration(2.0, 2.0, 2.0))
    assert "battery" not in str(rates("qwen3:8b", profile)[1])
    unplugged = replace(calibration(2.0, 2.0, 2.0), on_battery=("a",))
    told = rates("qwen3:8b", replace(profile, calibration=unplugged))
    assert all(
        "2026-11-25, on its battery" in str(one) for one in told if not isinstance(one, FitKind)
    )


def test_that_three_runs_that_agree_move_the_prediction_and_narrow_the_band() -> None:
    profile = KNOWN.what_if("RTX 4090")
    mine = replace(profile, calibration=calibration(2.0, 2.0, 2.0))
    for before, after in zip(rates("qwen3:8b", profile), rates("qwen3:8b", mine), strict=True):
        if isinstance(before, FitKind) or isinstance(after, FitKind):
            continue
        assert 1.6 < (middle(after) or 0) / (middle(before) or 1) <= 2
        assert width(after) < width(before)
        assert "calibrated on this machine with 3 models, Ollama 0.32.15, 2026-11-25" in str(after)


def test_that_one_run_says_less_than_three() -> None:
    profile = KNOWN.what_if("RTX 4090")
    plain = middle(rates("qwen3:8b", profile)[0]) or 0.0
    one = rates("qwen3:8b", replace(profile, calibration=calibration(2.0)))[0]
    three = rates("qwen3:8b", replace(profile, calibration=calibration(2.0, 2.0, 2.0)))[0]
    odd = rates("qwen3:8b", replace(profile, calibration=calibration(1.0, 2.0, 4.0)))[0]
    assert plain < (middle(one) or 0) < (middle(three) or 0)
    assert (middle(odd) or 0) < (middle(three) or 0)
    assert width(one) > width(three)
    assert width(odd) > width(three)
    assert "with 1 model," in str(one)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.3, 3.0), min_size=1, max_size=5), TAGS)
def test_that_a_calibrated_band_is_ordered_and_a_scale_of_one_changes_nothing(
    scales: list[float], tag: str
) -> None:
    profile = KNOWN.what_if("RTX 4090")
    ends = band(rates(tag, replace(profile, calibration=calibration(*scales)))[0])
    assert ends is not None
    assert 0 < ends[0] < ends[1] < ends[2]
    ones = replace(profile, calibration=calibration(*(1.0 for _ in scales)))
    same = middle(rates(tag, ones)[0])
    assert same == pytest.approx(middle(rates(tag, profile)[0]))


def test_that_the_scale_of_a_card_leaves_main_memory_alone() -> None:
    profile = KNOWN.what_if("RTX 4090")
    mine = replace(profile, calibration=calibration(2.0, 2.0, 2.0))
    before, after = rates("llama3.3:70b", profile)[0], rates("llama3.3:70b", mine)[0]
    assert 1 < (middle(after) or 0) / (middle(before) or 1) < 1.2
    assert width(after) >= width(rates("qwen3:8b", mine)[0])
    one_layer_too_many = replace(mine, accelerators=())
    assert rates("llama3.1:8b", one_layer_too_many)[2] is FitKind.CPU


def test_that_where_nothing_fits_the_card_its_scale_says_nothing() -> None:
    card = replace(KNOWN.what_if("GTX 1050 Ti").accelerators[0], usable_bytes=600 << 20)
    profile = replace(KNOWN.what_if("GTX 1050 Ti"), accelerators=(card,))
    mine = replace(profile, calibration=calibration(2.0, 2.0, 2.0))
    before, _, kind = rates("qwen3:8b", profile)
    after = rates("qwen3:8b", mine)[0]
    assert kind is FitKind.CPU
    assert band(before) == band(after)


def test_that_on_a_machine_without_a_card_the_scale_is_the_processors() -> None:
    plain = on_processor(Measured(80e9, "", "test"))
    mine = replace(plain, calibration=calibration(0.5, 0.5, 0.5))
    before, after = rates("llama3.1:8b", plain)[0], rates("llama3.1:8b", mine)[0]
    assert (middle(after) or 0) < 0.65 * (middle(before) or 0)
    assert width(after) < width(before)


def test_that_a_calibration_without_prefill_leaves_prefill_as_it_was() -> None:
    profile = KNOWN.what_if("RTX 4090")
    decode_only = replace(calibration(2.0), prefill_scales=())
    mine = replace(profile, calibration=decode_only)
    assert band(rates("qwen3:8b", mine)[1]) == band(rates("qwen3:8b", profile)[1])


@pytest.mark.parametrize(
    ("quantization", "depth", "decode_tok_s", "prefill_tok_s"),
    [("Q4_0", 1400, 230.1, 8757.0), ("Q4_0", 2620, 211.3, 8458.0), ("Q8_0", 1107, 195.9, None)],
)
def test_that_the_bands_hold_what_was_measured_on_an_h200(
    quantization: str, depth: int, decode_tok_s: float, prefill_tok_s: float | None
) -> None:
    """No run of this generation was among those that the constants were fitted to.

    Measured on 2026-11-27 with `landfall bench` and `landfall calibrate` on one H200 (driver
    580.159.04): Ollama 0.24.0 with its CUDA library built for that card without flash attention,
    and a model of the shape of Llama 3.1 8B with random weights, context 8192. The depth is that of
    the middle of an answer: the prompt and half of what was said.
    """
    profile = KNOWN.what_if("H200 SXM")
    budget = memory_budget(profile)
    model = spec(BY_TAG["llama3.1:8b"], quantization)
    placed = fit(model, budget, FitRequest(context=8192, depth=depth))
    decode = band(decode_rate(model, placed, profile, budget))
    prefill = band(prefill_rate(model, placed, profile, budget))
    assert decode is not None
    assert prefill is not None
    assert decode[0] <= decode_tok_s <= decode[2]
    if prefill_tok_s is not None:
        assert prefill[0] <= prefill_tok_s <= prefill[2]


@pytest.mark.parametrize(
    ("machine", "tag", "depth", "kv_type", "decode_tok_s"),
    [
        ("H100 SXM", "llama3.1:8b", 4097, KvType.F16, 207.2),
        ("H100 SXM", "llama3.1:8b", 31_973, KvType.F16, 139.1),
        ("H100 SXM", "llama3.1:8b", 1082, KvType.Q8_0, 193.0),
        ("H100 SXM", "llama3.1:8b", 32_007, KvType.Q8_0, 106.8),
        ("H100 SXM", "qwen3:30b", 4073, KvType.F16, 224.6),
        ("H200 SXM", "llama3.1:8b", 1106, KvType.F16, 216.6),
        ("H200 SXM", "llama3.1:8b", 1111, KvType.Q8_0, 201.6),
        ("H200 SXM", "llama3.1:8b", 8059, KvType.Q8_0, 171.1),
        ("H200 SXM", "llama3.1:8b", 32_644, KvType.Q8_0, 102.5),
        ("H200 SXM", "qwen3:30b", 33_304, KvType.F16, 188.5),
        ("H200 SXM", "qwen3:30b", 8203, KvType.Q8_0, 164.5),
        ("H200 SXM", "qwen3:30b", 33_291, KvType.Q8_0, 84.4),
    ],
)
def test_that_the_bands_hold_long_and_quantized_caches(
    machine: str, tag: str, depth: int, kv_type: KvType, decode_tok_s: float
) -> None:
    """One NVIDIA H100 80GB HBM3 and one H200, 2026-11-27, Ollama 0.32.15 with flash attention.

    Models of these shapes in Q4_K_M with random weights; medians of the server's own counters, at
    the depth of the middle of the answer.
    """
    request = FitRequest(context=40_960, depth=depth, kv_type=kv_type)
    found = band(decode_rate(*placed_on(tag, KNOWN.what_if(machine), request)))
    assert found is not None
    assert found[0] <= decode_tok_s <= found[2]


H100_HELD = (("H100 SXM", 3_334_602_752), ("H100 SXM", 8_588_034_048), ("H100 SXM", 8_627_814_400))
"""Usable bytes of the card while something else held the rest, as `landfall fit` said them."""


def beside(machine: str, usable_bytes: int | None) -> HardwareProfile:
    """The machine that measured, with so much of its card left, and main memory as it was read."""
    profile = KNOWN.what_if(machine)
    card = profile.accelerators[0]
    if usable_bytes is not None:
        card = replace(card, usable_bytes=usable_bytes)
    read = Measured(98.8e9 if machine == "H100 SXM" else 89.0e9, "", "summed by 16 threads")
    return replace(
        profile,
        accelerators=(card,),
        ram=replace(profile.ram, bandwidth_bytes_per_s=read),
        cpu=replace(profile.cpu, physical_cores=16, logical_cores=16),
    )


@pytest.mark.parametrize(
    ("held", "tag", "context", "layers", "depth", "decode_tok_s", "prefill_tok_s"),
    [
        (H100_HELD[0], "llama3.1:8b", 8192, (13, 0), 537, 23.8, 1395),
        (H100_HELD[0], "llama3.1:8b", 8192, (13, 0), 3990, 16.3, 1280),
        (H100_HELD[1], "qwen3:30b", 8192, (16, 32), 569, 52.6, 342),
        (H100_HELD[1], "qwen3:30b", 8192, (16, 32), 4028, 48.8, 394),
        (H100_HELD[2], "qwen3:30b", 32_768, (10, 38), 15_955, 41.6, 287),
    ],
)
def test_that_a_full_card_is_split_and_slowed_as_it_was(
    held: tuple[str, int],
    tag: str,
    context: int,
    layers: tuple[int, int],
    depth: int,
    decode_tok_s: float,
    prefill_tok_s: float,
) -> None:
    """NVIDIA H100 80GB HBM3 with 16 virtual cores, 2026-11-27, Ollama 0.32.15, models in Q4_K_M.

    Main memory read 98.8 GB/s. The layers are those that llama-server logged (it puts a part of one
    further layer's experts on the card, too); of the catalogue's weights, 1 % off, one may be less.
    """
    profile = beside(*held)
    request = FitRequest(context=context, depth=depth)
    model, placed, _, budget = placed_on(tag, profile, request)
    assert placed.gpu_layers + placed.dense_layers == sum(layers)
    assert layers[0] - placed.gpu_layers in {0, 1}
    decode = middle(decode_rate(model, placed, profile, budget))
    prefill = middle(prefill_rate(model, placed, profile, budget))
    assert 1 / 1.5 < decode_tok_s / (decode or 0) < 1.5
    assert 1 / 1.5 < prefill_tok_s / (prefill or 0) < 1.5


@pytest.mark.parametrize(
    ("machine", "tag", "layers", "depth", "kv_type", "decode_tok_s", "prefill_tok_s"),
    [
        ("H100 SXM", "llama3.1:8b", 15, 4027, KvType.F16, 17.2, 2334),
        ("H200 SXM", "llama3.1:8b", 15, 519, KvType.F16, 26.8, 1274),
        ("H200 SXM", "llama3.1:8b", 15, 4150, KvType.F16, 17.3, 1928),
        ("H200 SXM", "llama3.1:8b", 15, 15_945, KvType.F16, 8.0, 1961),
        ("H200 SXM", "llama3.1:8b", 15, 540, KvType.Q8_0, 22.0, 1194),
        ("H200 SXM", "llama3.1:8b", 15, 4178, KvType.Q8_0, 12.7, 1719),
        ("H200 SXM", "llama3.1:8b", 0, 552, KvType.F16, 13.1, 83),
        ("H200 SXM", "llama3.1:8b", 0, 4015, KvType.F16, 10.0, 74),
        ("H100 SXM", "qwen3:30b", 23, 544, KvType.F16, 42.8, 428),
        ("H100 SXM", "qwen3:30b", 23, 4020, KvType.F16, 24.5, 799),
    ],
)
def test_that_layers_in_main_memory_slow_an_answer_as_they_did(
    machine: str,
    tag: str,
    layers: int,
    depth: int,
    kv_type: KvType,
    decode_tok_s: float,
    prefill_tok_s: float,
) -> None:
    """The same and an H200 (89.0 GB/s), split by `num_gpu`: whole layers, cache and all."""
    profile = beside(machine, None)
    request = FitRequest(context=20_480, depth=depth, kv_type=kv_type)
    model, placed, _, budget = placed_on(tag, profile, request)
    kind = FitKind.PARTIAL if layers else FitKind.CPU
    placed = replace(placed, kind=kind, gpu_layers=layers)
    decode = middle(decode_rate(model, placed, profile, budget))
    prefill = middle(prefill_rate(model, placed, profile, budget))
    assert 1 / 1.6 < decode_tok_s / (decode or 0) < 1.6
    assert 1 / 2.1 < prefill_tok_s / (prefill or 0) < 2.1
