from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.catalog import spec
from landfall.core.fit import FitKind, FitRequest, fit
from landfall.core.hardware import HardwareProfile, Vendor, memory_budget
from landfall.core.machines import what_if
from landfall.core.provenance import Estimated, Figure, Measured, Unknown, band, middle
from landfall.core.speed import backend_of, bytes_read, cpu_flops, decode_rate, prefill_rate
from landfall.services import catalogue

KNOWN = catalogue.load()
BY_TAG = {card.tag: card for card in KNOWN.models}


def rates(
    tag: str, machine: str | HardwareProfile, **request: int
) -> tuple[Figure, Figure, FitKind]:
    profile = what_if(machine, KNOWN.machines) if isinstance(machine, str) else machine
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
        ("qwen3:30b", "RTX 4090", 160),
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
    profile = what_if("RTX 4090", KNOWN.machines)
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
    profile = what_if("RTX 4090", KNOWN.machines)
    blind = replace(
        profile.accelerators[0],
        bandwidth_bytes_per_s=Unknown("no row"),
        fp16_flops=Unknown("no row"),
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
        ("Radeon 890M", "Vulkan, shared memory"),
    ],
)
def test_that_each_maker_has_its_backend(machine: str, backend: str) -> None:
    assert backend_of(what_if(machine, KNOWN.machines).accelerators[0]).name == backend


def test_that_cores_that_are_not_told_are_taken_as_eight() -> None:
    cpu = what_if("RTX 4090", KNOWN.machines).cpu
    assert cpu_flops(cpu) == cpu_flops(replace(cpu, physical_cores=8))


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
    made = what_if("RTX 4090", KNOWN.machines).accelerators[0]
    assert backend_of(replace(made, vendor=Vendor.OTHER)).name == "Vulkan"
