"""Memory that comes back when a model leaves."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from landfall.core.fit.fit import FitKind, fit
from landfall.core.fit.held_memory import (
    Held,
    _shared,
    _spread,
    _used_bytes,
    given_back,
    held_by,
)
from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    HardwareProfile,
    memory_budget,
    usable_discrete_bytes,
)
from tests.core.fit.test_load_check import KNOWN, RUNNER, loaded, of

ONE, TWO = KNOWN.what_if("RTX 4090"), KNOWN.what_if("2x RTX 3090")


def machine(name: str, *, used: int) -> HardwareProfile:
    """A machine of the catalogue of whose card so much is in use."""
    return busy_machine(KNOWN.what_if(name), used=used)


def busy_machine(empty: HardwareProfile, *, used: int, cards: int = 1) -> HardwareProfile:
    """A machine of whose first cards so much is in use."""
    busy = tuple(_busy(a, used if i < cards else 0) for i, a in enumerate(empty.accelerators))
    return replace(empty, accelerators=busy)


def _busy(accelerator: Accelerator, used: int) -> Accelerator:
    assert accelerator.memory_total_bytes is not None
    free = max(0, accelerator.memory_total_bytes - used)
    return replace(accelerator, memory_free_bytes=free, usable_bytes=usable_discrete_bytes(free))


def test_that_a_process_tells_better_than_ps_what_it_holds() -> None:
    assert held_by(loaded(size=6 * GIB)).ram_bytes == 6 * GIB
    assert held_by(loaded(size=6 * GIB), RUNNER).ram_bytes == 5 * GIB
    partly = held_by(loaded(size=6 * GIB, gpu=4 * GIB), RUNNER)
    assert (partly.gpu_bytes, partly.ram_bytes) == (4 * GIB, 2 * GIB)


def test_that_a_model_that_is_loaded_fits_as_it_would_if_it_were_not() -> None:
    model = of("qwen3:8b")
    request = FitRequest(context=8192)
    empty, full = machine("RTX 3060 12GB", used=0), machine("RTX 3060 12GB", used=8 * GIB)
    before = fit(model, memory_budget(empty), request)
    assert before.kind is FitKind.GPU
    assert fit(model, memory_budget(full), request).kind is not FitKind.GPU
    room, notes = given_back(full, [held_by(loaded(size=8 * GIB, gpu=8 * GIB))])
    again = fit(model, memory_budget(room), request)
    assert (again.kind, again.budget_bytes) == (before.kind, before.budget_bytes)
    assert notes == ("in memory now: qwen3:8b; 8.0 GiB of GPU memory of it counted as free",)


def test_that_nothing_loaded_changes_nothing() -> None:
    profile = machine("RTX 4090", used=GIB)
    assert given_back(profile, []) == (profile, ())


def test_that_a_macs_working_set_is_the_same_whatever_lies_in_it() -> None:
    mac = KNOWN.what_if("M2 Max 38-core 64GB")
    (chip,) = mac.accelerators
    busy = replace(
        mac,
        accelerators=(replace(chip, memory_free_bytes=20 * GIB),),
        ram=replace(mac.ram, available_bytes=20 * GIB),
    )
    room, _ = given_back(busy, [Held(name="x", gpu_bytes=8 * GIB, ram_bytes=0)])
    assert room.accelerators[0].usable_bytes == chip.usable_bytes
    assert room.accelerators[0].memory_free_bytes == 28 * GIB
    assert room.ram.available_bytes == 28 * GIB


def test_that_graphics_that_are_left_out_get_nothing_back() -> None:
    profile = machine("RTX 4090", used=4 * GIB)
    (card,) = profile.accelerators
    built_in = replace(card, kind=AcceleratorKind.INTEGRATED, usable_bytes=0)
    both = replace(profile, accelerators=(card, built_in))
    room, _ = given_back(both, [Held(name="x", gpu_bytes=3 * GIB, ram_bytes=0)])
    assert room.accelerators[1] == built_in
    assert room.accelerators[0].memory_free_bytes == 23 * GIB
    blind = replace(profile, accelerators=(replace(card, usable_bytes=None),))
    same, _ = given_back(blind, [Held(name="x", gpu_bytes=3 * GIB, ram_bytes=0)])
    assert same.accelerators == blind.accelerators


def test_that_a_card_that_tells_no_free_memory_still_gets_its_own_back() -> None:
    profile = machine("RTX 4090", used=0)
    (card,) = profile.accelerators
    silent = replace(card, memory_free_bytes=None, usable_bytes=3 * GIB)
    room, _ = given_back(
        replace(profile, accelerators=(silent,)), [Held(name="x", gpu_bytes=8 * GIB, ram_bytes=0)]
    )
    assert room.accelerators[0].usable_bytes == 11 * GIB
    assert room.accelerators[0].memory_free_bytes is None


def test_that_what_other_programs_hold_is_said() -> None:
    profile = machine("RTX 4090", used=10 * GIB)
    held = [Held(name="x", gpu_bytes=8 * GIB, ram_bytes=0)]
    assert memory_budget(given_back(profile, held)[0]).held_bytes == 2 * GIB
    alone = machine("RTX 4090", used=8 * GIB)
    assert memory_budget(given_back(alone, held)[0]).held_bytes == 0


@given(
    used=st.integers(0, 24 * GIB),
    cards=st.integers(1, 2),
    gpu=st.integers(0, 60 * GIB),
    ram=st.integers(0, 300 * GIB),
)
def test_that_memory_given_back_is_never_more_than_was_taken(
    used: int, cards: int, gpu: int, ram: int
) -> None:
    profile = busy_machine(TWO, used=used, cards=cards)
    room, _ = given_back(profile, [Held(name="x", gpu_bytes=gpu, ram_bytes=ram)])
    assert profile.ram.available_bytes <= room.ram.available_bytes <= room.ram.total_bytes
    gained = 0
    for before, after in zip(profile.accelerators, room.accelerators, strict=True):
        assert before.memory_free_bytes is not None
        assert after.memory_free_bytes is not None
        assert after.memory_total_bytes is not None
        assert before.memory_free_bytes <= after.memory_free_bytes <= after.memory_total_bytes
        assert after.usable_bytes == usable_discrete_bytes(after.memory_free_bytes)
        gained += after.memory_free_bytes - before.memory_free_bytes
    assert gained <= gpu
    # What is in use and belongs to the models comes back whole, to a byte a card.
    assert gained >= min(gpu, used * cards) - len(profile.accelerators)


@given(used=st.integers(0, 24 * GIB), size=st.integers(1, 24 * GIB))
def test_that_a_load_and_its_return_leave_the_budget_as_it_was(used: int, size: int) -> None:
    before = busy_machine(ONE, used=used)
    (card,) = before.accelerators
    assert card.memory_free_bytes is not None
    size = min(size, card.memory_free_bytes)
    after = busy_machine(ONE, used=used + size)
    room, _ = given_back(after, [Held(name="x", gpu_bytes=size, ram_bytes=0)])
    assert (
        memory_budget(room).devices[0].usable_bytes == memory_budget(before).devices[0].usable_bytes
    )


def test_that_memory_given_back_is_spread_by_what_each_card_uses() -> None:
    one, two = busy_machine(TWO, used=6_000_000_001, cards=2).accelerators
    two = replace(two, memory_free_bytes=(two.memory_total_bytes or 0) - 2_000_000_000)
    assert [_used_bytes(card) for card in (one, two)] == [6_000_000_001, 2_000_000_000]
    cards, placed = _spread((one, two), 4_000_000_000)
    assert placed == 4_000_000_000
    freed = [
        (after.memory_free_bytes or 0) - (before.memory_free_bytes or 0)
        for before, after in zip((one, two), cards, strict=True)
    ]
    assert freed == [3_000_000_000, 999_999_999]
    assert all(isinstance(card.memory_free_bytes, int) for card in cards)
    cards, placed = _spread((one, two), 9_000_000_000)
    assert placed == 8_000_000_001
    assert [card.memory_free_bytes for card in cards] == [one.memory_total_bytes] * 2
    idle = ONE.accelerators
    assert _spread(idle, 5) == (tuple(idle), 0)


def test_that_memory_is_shared_only_where_no_card_has_its_own() -> None:
    discrete = ONE.accelerators[0]
    inner = replace(discrete, kind=AcceleratorKind.INTEGRATED)
    assert not _shared(())
    assert _shared((inner,))
    assert not _shared((discrete,))
    assert not _shared((discrete, inner))
