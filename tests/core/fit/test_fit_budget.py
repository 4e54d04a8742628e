from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.fit.longest_context import max_context
from landfall.core.machine.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    HardwareProfile,
    MemoryBudget,
    Vendor,
    memory_budget,
    usable_discrete_bytes,
)
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import read_header
from landfall.core.models.header_spec import from_header
from tests.core.machine.test_hardware import card, profile
from tests.fakes.gguf_files import measured_headers

FILES = sorted(measured_headers())
MIXTURE = "qwen3-30b-a3b.gguf"
RANK = {FitKind.NO: 0, FitKind.CPU: 1, FitKind.PARTIAL: 2, FitKind.GPU: 3}


@cache
def spec_of(file: str) -> ModelSpec:
    return from_header(read_header(measured_headers()[file]), file)


def gpu(total_gib: float, held_gib: float = 0, name: str = "card") -> Accelerator:
    total, held = int(total_gib * GIB), int(min(held_gib, total_gib) * GIB)
    return card(name, memory_total_bytes=total, memory_free_bytes=total - held)


def machine(
    *cards: Accelerator, ram_gib: float = 64, free_gib: float | None = None
) -> MemoryBudget:
    return memory_budget(computer(*cards, ram_gib=ram_gib, free_gib=free_gib))


def computer(
    *cards: Accelerator, ram_gib: float = 64, free_gib: float | None = None
) -> HardwareProfile:
    made = profile(*cards)
    free = ram_gib if free_gib is None else free_gib
    ram = replace(
        made.ram, total_bytes=int(ram_gib * GIB), available_bytes=int(min(free, ram_gib) * GIB)
    )
    return replace(made, ram=ram, disk=replace(made.disk, models_path="/models"))


def score(placed: Fit) -> tuple[int, float]:
    return RANK[placed.kind], placed.gpu_layers + 0.5 * placed.dense_layers


CARDS = st.lists(st.builds(gpu, st.floats(1, 100), st.floats(0, 60)), min_size=1, max_size=4)
REQUESTS = st.builds(
    FitRequest,
    context=st.integers(256, 131_072),
    parallel=st.sampled_from([1, 1, 4]),
    batch=st.sampled_from([None, 2048]),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FILES), CARDS, REQUESTS)
def test_that_whole_is_never_said_of_what_does_not_fit(
    file: str, cards: list[Accelerator], request: FitRequest
) -> None:
    budget = machine(*cards)
    placed = fit(spec_of(file), budget, request)
    assert 0 <= placed.gpu_layers + placed.dense_layers <= placed.layers
    assert 0 <= placed.gpu_share <= 1
    if placed.kind is FitKind.GPU:
        used = budget.devices[: placed.gpus]
        assert placed.need.total_bytes <= sum(device.usable_bytes for device in used)
    else:
        assert placed.gpu_layers < placed.layers


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FILES), CARDS, REQUESTS, st.integers(0, 3), st.floats(0, 50))
def test_that_more_memory_on_any_card_is_never_worse(
    file: str, cards: list[Accelerator], request: FitRequest, which: int, more: float
) -> None:
    index = which % len(cards)
    before = cards[index]
    held = (before.memory_total_bytes or 0) - (before.memory_free_bytes or 0)
    total = (before.memory_total_bytes or 0) / GIB + more
    larger = [*cards]
    larger[index] = gpu(total, held / GIB)
    here = fit(spec_of(file), machine(*cards), request)
    there = fit(spec_of(file), machine(*larger), request)
    assert RANK[there.kind] >= RANK[here.kind]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), st.floats(1, 60), REQUESTS)
def test_that_two_equal_cards_hold_at_least_what_one_holds(
    file: str, size: float, request: FitRequest
) -> None:
    one = fit(spec_of(file), machine(gpu(size)), request)
    two = fit(spec_of(file), machine(gpu(size), gpu(size)), request)
    assert RANK[two.kind] >= RANK[one.kind]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FILES), CARDS, REQUESTS)
def test_that_closing_other_programs_never_makes_it_worse_and_is_said_where_it_helps(
    file: str, cards: list[Accelerator], request: FitRequest
) -> None:
    budget = machine(*cards, ram_gib=32, free_gib=12)
    cleared = budget.cleared
    assert cleared.total_bytes >= budget.total_bytes
    now = fit(spec_of(file), budget, request)
    then = fit(spec_of(file), cleared, request)
    assert RANK[then.kind] >= RANK[now.kind]
    said = any("close other programs" in reason for reason in now.reasons)
    assert said == (RANK[then.kind] > RANK[now.kind])
    for device, free in zip(
        sorted(budget.devices, key=lambda d: d.order),
        sorted(cleared.devices, key=lambda d: d.order),
        strict=True,
    ):
        total = device.accelerator.memory_total_bytes or 0
        assert device.usable_bytes <= free.usable_bytes <= usable_discrete_bytes(total)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FILES), CARDS, REQUESTS, st.integers(1, 40_000))
def test_that_a_longer_context_is_never_better(
    file: str, cards: list[Accelerator], request: FitRequest, more: int
) -> None:
    budget = machine(*cards)
    here = fit(spec_of(file), budget, request)
    longer = fit(spec_of(file), budget, replace(request, context=request.context + more))
    assert RANK[longer.kind] <= RANK[here.kind]
    if here.kind is longer.kind is FitKind.PARTIAL and len(cards) == 1:
        assert score(longer) <= score(here)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), CARDS, st.floats(4, 64))
def test_that_the_longest_context_is_the_border_wherever_the_model_lies(
    file: str, cards: list[Accelerator], ram: float
) -> None:
    budget, spec = machine(*cards, ram_gib=ram), spec_of(file)
    longest = max_context(spec, budget, FitRequest())
    trained = spec.architecture.context_trained
    if longest is None:
        assert fit(spec, budget, FitRequest(context=256)).kind is FitKind.NO
        return
    at_border = fit(spec, budget, FitRequest(context=longest)).kind
    assert at_border is fit(spec, budget, FitRequest(context=256)).kind
    if longest != trained:
        beyond = fit(spec, budget, FitRequest(context=longest + 256))
        assert RANK[beyond.kind] < RANK[at_border]


def test_that_the_border_of_a_split_is_where_main_memory_ends() -> None:
    spec = spec_of("mistral-small-24b.gguf")
    budget = machine(gpu(10), ram_gib=8)
    longest = max_context(spec, budget, FitRequest())
    assert longest is not None
    assert fit(spec, budget, FitRequest(context=longest)).kind is FitKind.PARTIAL
    assert fit(spec, budget, FitRequest(context=longest + 256)).kind is FitKind.NO


def test_that_cards_of_different_size_share_by_whole_layers() -> None:
    spec = spec_of("mistral-small-24b.gguf")
    placed = fit(spec, machine(gpu(12), gpu(8)), FitRequest(context=8192))
    assert (placed.kind, placed.gpus, placed.gpu_layers) == (FitKind.GPU, 2, 40)
    first, second = (int(n) for n in placed.reasons[0].rsplit(" ", 3)[-3:][::2])
    assert first + second == 41
    assert first > second
    swapped = fit(spec, machine(gpu(8), gpu(12)), FitRequest(context=8192))
    assert swapped.kind is FitKind.GPU


def test_that_a_second_card_too_small_for_its_own_buffers_helps_nothing() -> None:
    spec = spec_of("mistral-small-24b.gguf")
    alone = fit(spec, machine(gpu(12)), FitRequest(context=8192))
    beside = fit(spec, machine(gpu(12), gpu(1.8)), FitRequest(context=8192))
    assert beside.gpus == alone.gpus == 1
    assert beside.gpu_layers == alone.gpu_layers
    assert beside.need == alone.need


def test_that_the_experts_of_a_mixture_go_to_main_memory_first() -> None:
    spec = spec_of(MIXTURE)
    placed = fit(spec, machine(gpu(12)), FitRequest(context=8192))
    assert placed.kind is FitKind.PARTIAL
    assert placed.gpu_layers + placed.dense_layers == placed.layers
    assert 0 < placed.gpu_layers < placed.layers
    assert placed.gpu_layers / placed.layers < placed.gpu_share < 1
    assert "experts first" in placed.reasons[0]
    small = fit(spec, machine(gpu(5)), FitRequest(context=8192))
    assert small.kind is FitKind.PARTIAL
    assert small.dense_layers > small.gpu_layers


def test_that_memory_held_by_others_is_named_where_it_would_be_enough() -> None:
    spec = spec_of("qwen3-8b.gguf")
    placed = fit(spec, machine(gpu(12, 9.25, "RTX 3060"), ram_gib=32), FitRequest(context=8192))
    assert placed.kind is not FitKind.GPU
    assert placed.reasons[1] == (
        "close other programs: 9.2 GiB of RTX 3060 are held by others; without them it fits whole"
    )
    nothing = fit(spec, machine(gpu(4, 0.5), ram_gib=32), FitRequest(context=8192))
    assert not any("close" in reason for reason in nothing.reasons)


def test_that_what_the_driver_keeps_is_held_by_nobody_and_cannot_be_freed() -> None:
    """Of 12 GiB the driver keeps 0.5, and no program holds any."""
    half = GIB // 2
    idle = replace(gpu(12, 0.5, "RTX 3060"), memory_reserved_bytes=half)
    assert machine(idle).held_bytes == 0
    assert machine(idle).cleared.total_bytes == machine(idle).total_bytes
    used = replace(gpu(12, 2.5), memory_reserved_bytes=half)
    assert machine(used).held_bytes == 2 * GIB
    assert machine(used).cleared.total_bytes == int(12 * GIB) - half - GIB


def test_that_main_memory_held_by_others_is_named_too() -> None:
    spec = spec_of("qwen3-8b.gguf")
    placed = fit(spec, machine(ram_gib=16, free_gib=4), FitRequest(context=8192))
    assert placed.kind is FitKind.NO
    assert placed.reasons[1] == (
        "close other programs: 12.0 GiB of main memory are held by others; without them it runs"
    )
    both = fit(spec, machine(gpu(4, 3.5), ram_gib=16, free_gib=3), FitRequest(context=8192))
    assert "and 13.0 GiB of main memory" in both.reasons[1]
    assert both.reasons[1].endswith("it fits partly")


def test_that_a_mac_that_must_swap_for_the_model_says_so() -> None:
    chip = card(
        "M2",
        vendor=Vendor.APPLE,
        kind=AcceleratorKind.UNIFIED,
        memory_total_bytes=16 * GIB,
        memory_free_bytes=5 * GIB,
        usable_bytes=11 * GIB,
    )
    placed = fit(spec_of("qwen3-8b.gguf"), machine(chip, ram_gib=16, free_gib=5), FitRequest())
    assert placed.kind is FitKind.GPU
    assert "without swapping" in placed.reasons[1]
    free = fit(spec_of("qwen3-8b.gguf"), machine(chip, ram_gib=16, free_gib=15), FitRequest())
    assert not any("swapping" in reason for reason in free.reasons)


@pytest.mark.parametrize(
    ("cards", "used"),
    [
        ((("a", 24, Vendor.NVIDIA), ("b", 20, Vendor.AMD)), ["a"]),
        ((("a", 16, Vendor.NVIDIA), ("b", 24, Vendor.AMD)), ["b"]),
        ((("a", 16, Vendor.AMD), ("b", 24, Vendor.NVIDIA), ("c", 12, Vendor.AMD)), ["a", "c"]),
    ],
)
def test_that_cards_of_two_makers_are_not_counted_together(
    cards: tuple[tuple[str, int, Vendor], ...], used: list[str]
) -> None:
    made = [replace(gpu(size, 0, name), vendor=vendor) for name, size, vendor in cards]
    budget = machine(*made)
    assert [device.accelerator.name for device in budget.devices] == used
    assert len(budget.reasons) == len(cards) - len(used)
    assert all("cards of one maker" in reason for reason in budget.reasons)


def test_that_a_machine_that_is_not_at_hand_has_no_programs_to_close() -> None:
    whole = computer(gpu(4), ram_gib=16, free_gib=4)
    away = replace(whole, disk=replace(whole.disk, models_path=""))
    assert whole.is_here
    assert not away.is_here
    assert memory_budget(whole).ram_held_bytes == 12 * GIB
    assert memory_budget(away).ram_held_bytes == 0


def test_that_a_model_without_a_cache_is_split_by_its_weights() -> None:
    spec = spec_of("llama31-8b.gguf")
    recurrent = replace(
        spec,
        architecture=replace(
            spec.architecture, caches=(), recurrent_layers=32, recurrent_bytes=64 << 20
        ),
    )
    placed = fit(recurrent, machine(gpu(5)), FitRequest(context=8192))
    assert placed.kind is FitKind.PARTIAL
    assert placed.gpu_layers > fit(spec, machine(gpu(5)), FitRequest(context=8192)).gpu_layers
    assert replace(placed, layers=0).gpu_share == 0


def test_that_a_near_thing_is_said_where_the_need_may_be_over_the_edge() -> None:
    spec = spec_of(MIXTURE)
    spec = replace(spec, weights=replace(spec.weights, spread=0.03))
    need = fit(spec, machine(gpu(100)), FitRequest()).need.total_bytes
    edge = next(
        size / 16
        for size in range(16, 1600)
        if fit(spec, machine(gpu(size / 16)), FitRequest()).kind is FitKind.GPU
    )
    near = fit(spec, machine(gpu(edge)), FitRequest())
    assert any(reason.startswith("a near thing: it may need up to") for reason in near.reasons)
    roomy = fit(spec, machine(gpu(edge + 0.06 * need / GIB)), FitRequest())
    assert roomy.kind is FitKind.GPU
    under = fit(spec, machine(gpu(edge - 1 / 16)), FitRequest())
    assert under.kind is FitKind.PARTIAL
    assert any("as little as" in reason for reason in under.reasons)
    far = fit(spec, machine(gpu(edge - 0.06 * need / GIB)), FitRequest())
    for placed in (roomy, far):
        assert not any("near thing" in reason for reason in placed.reasons)
