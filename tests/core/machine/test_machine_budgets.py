"""The memory of a machine: every share and margin, what others hold, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.held_memory import Held, _freed, _used_bytes, given_back
from landfall.core.machine.hardware import (
    GIB,
    MIB,
    Accelerator,
    AcceleratorKind,
    DeviceBudget,
    MemoryBudget,
    Vendor,
    apple_working_set_bytes,
    memory_budget,
    overhead_bytes,
    usable_discrete_bytes,
    usable_ram_bytes,
)
from tests.core.machine.test_hardware import card, profile


@pytest.mark.parametrize(
    ("gib", "share"),
    [
        (8, 2 / 3),
        (15.99, 2 / 3),
        (16, 0.74),
        (31.99, 0.74),
        (32, 0.78),
        (63.99, 0.78),
        (64, 0.81),
        (127.99, 0.81),
        (128, 0.84),
        (512, 0.84),
    ],
)
def test_that_a_macs_working_set_is_the_share_that_was_seen_of_its_size(
    gib: float, share: float
) -> None:
    total = int(gib * GIB)
    assert apple_working_set_bytes(total) == int(total * share)


def test_that_margins_are_those_of_the_runtimes() -> None:
    assert overhead_bytes(Vendor.APPLE) == 512 * 1024 * 1024
    assert overhead_bytes(Vendor.NVIDIA) == overhead_bytes(Vendor.AMD) == 457 * 1024 * 1024
    assert usable_discrete_bytes(3 * GIB) == usable_ram_bytes(3 * GIB) == 2 * GIB
    assert usable_discrete_bytes(GIB) == usable_ram_bytes(GIB) == 0
    assert usable_discrete_bytes(GIB + 1) == usable_ram_bytes(GIB + 1) == 1
    assert usable_discrete_bytes(5) == usable_ram_bytes(5) == 0


def inner(**fields: object) -> Accelerator:
    return card("inner", kind=AcceleratorKind.INTEGRATED, **fields)


def test_that_a_budget_has_cards_by_their_size_with_what_others_hold() -> None:
    small = card("small", memory_total_bytes=8 * GIB, memory_free_bytes=6 * GIB)
    large = card("large", memory_total_bytes=24 * GIB, memory_free_bytes=20 * GIB)
    found = memory_budget(profile(small, large))
    # A margin of 1 GiB is left of what is free; what others hold is the rest.
    assert found.devices == (
        DeviceBudget(
            accelerator=large,
            usable_bytes=19 * GIB,
            overhead_bytes=457 * MIB,
            order=1,
            held_bytes=4 * GIB,
        ),
        DeviceBudget(
            accelerator=small,
            usable_bytes=5 * GIB,
            overhead_bytes=457 * MIB,
            order=0,
            held_bytes=2 * GIB,
        ),
    )
    assert (found.total_bytes, found.held_bytes) == (24 * GIB, 6 * GIB)
    assert (found.shared, found.reasons, found.ram_assumed) == (False, (), "")
    assert found.ram_bytes == 15 * GIB
    # Nobody knows what is held of a machine that is not here.
    assert found.ram_held_bytes == 0


def test_that_what_is_held_here_is_what_is_not_available() -> None:
    far = profile(card())
    here = replace(far, disk=replace(far.disk, models_path="/models"))
    assert (far.is_here, here.is_here) == (False, True)
    assert memory_budget(here).ram_held_bytes == 16 * GIB
    none = replace(here, ram=replace(here.ram, available_bytes=here.ram.total_bytes + 5))
    assert memory_budget(none).ram_held_bytes == 0


def test_that_held_memory_is_no_more_than_a_model_could_have() -> None:
    # Usable is stated above what is free less the margin: only that much can be got back.
    stated = card(usable_bytes=22 * GIB)
    assert memory_budget(profile(stated)).devices[0].held_bytes == GIB
    more = card(usable_bytes=24 * GIB)
    assert memory_budget(profile(more)).devices[0].held_bytes == 0
    full = card(memory_free_bytes=0)
    assert memory_budget(profile(full)).devices[0].held_bytes == 23 * GIB
    for unknown in (card(memory_total_bytes=None), card(vendor=Vendor.APPLE)):
        assert memory_budget(profile(unknown)).devices[0].held_bytes == 0
    typed = card(memory_free_bytes=None, usable_bytes=9 * GIB)
    assert memory_budget(profile(typed)).devices[0].held_bytes == 0


def test_that_graphics_of_the_processor_give_way_to_a_card() -> None:
    found = memory_budget(profile(inner(), card()))
    assert [one.accelerator.name for one in found.devices] == ["card"]
    assert (found.devices[0].order, found.shared) == (1, False)
    assert len(found.reasons) == 1
    assert found.reasons[0].startswith("inner is not used beside")


def test_that_graphics_alone_share_main_memory_and_that_is_said_of_machines_elsewhere() -> None:
    far = profile(inner())
    found = memory_budget(far)
    assert found.shared
    assert len(found.reasons) == 1
    assert "OLLAMA_IGPU_ENABLE" in found.reasons[0]
    here = replace(far, disk=replace(far.disk, models_path="/models"))
    assert memory_budget(here).reasons == ()
    assert memory_budget(replace(far, accelerators=(card(),))).reasons == ()
    unusable = profile(inner(usable_bytes=0, reasons=("it is old", "so it is")))
    assert memory_budget(unusable).devices == ()
    assert memory_budget(unusable).reasons == ("inner is not used: it is old; so it is",)
    # A card without room stays: it is told of.
    assert len(memory_budget(profile(card(usable_bytes=0))).devices) == 1


def test_that_a_device_of_which_nothing_is_known_is_not_counted() -> None:
    found = memory_budget(profile(card(memory_free_bytes=None), card("other")))
    assert [one.accelerator.name for one in found.devices] == ["other"]
    assert found.reasons == ("card is not counted: its free memory is not known",)
    nothing = memory_budget(profile())
    assert (nothing.devices, nothing.shared) == ((), False)
    assert nothing.total_bytes == nothing.ram_bytes == 15 * GIB


def test_that_cards_of_one_maker_are_used_those_with_most_memory() -> None:
    red = card("red", vendor=Vendor.AMD, memory_free_bytes=13 * GIB)
    green = [card(f"green {at}", memory_free_bytes=7 * GIB) for at in (1, 2)]
    # 12 GiB of one against 6 + 6 and one byte more.
    more = replace(green[0], memory_free_bytes=7 * GIB + 1)
    chosen = memory_budget(profile(more, red, green[1]))
    assert [one.accelerator.name for one in chosen.devices] == ["green 1", "green 2"]
    assert len(chosen.reasons) == 1
    assert chosen.reasons[0].startswith("red is not used beside green 1")
    less = memory_budget(profile(replace(more, memory_free_bytes=6 * GIB), red, green[1]))
    assert [one.accelerator.name for one in less.devices] == ["red"]
    assert len(less.reasons) == 2


def test_that_a_budget_that_is_cleared_has_all_that_others_held() -> None:
    first = DeviceBudget(accelerator=card("a"), usable_bytes=5, overhead_bytes=1, held_bytes=1)
    second = DeviceBudget(accelerator=card("b"), usable_bytes=4, overhead_bytes=1, held_bytes=9)
    budget = MemoryBudget(devices=(first, second), ram_bytes=100, shared=False, ram_held_bytes=11)
    cleared = budget.cleared
    assert [(one.accelerator.name, one.usable_bytes) for one in cleared.devices] == [
        ("b", 13),
        ("a", 6),
    ]
    assert (cleared.ram_bytes, cleared.ram_held_bytes, cleared.held_bytes) == (111, 0, 0)


def test_that_what_a_gpu_has_in_use_is_known_in_two_ways() -> None:
    assert _used_bytes(card()) == 0  # what can be used is not known
    usable = card(usable_bytes=19 * GIB)
    assert _used_bytes(usable) == 4 * GIB
    assert _used_bytes(replace(usable, memory_free_bytes=None)) == 4 * GIB  # 23 less 19
    assert _used_bytes(replace(usable, memory_free_bytes=25 * GIB)) == 0
    assert _used_bytes(replace(usable, memory_total_bytes=None)) == 0
    graphics = replace(usable, kind=AcceleratorKind.INTEGRATED)
    assert _used_bytes(graphics) == 4 * GIB
    assert _used_bytes(replace(graphics, usable_bytes=0)) == 0
    assert _used_bytes(replace(usable, usable_bytes=0)) == 4 * GIB


def test_that_a_gpu_gets_back_what_lies_above_its_margin() -> None:
    usable = card(usable_bytes=19 * GIB)
    more = _freed(usable, 2 * GIB)
    assert (more.memory_free_bytes, more.usable_bytes) == (22 * GIB, 21 * GIB)
    full = card(memory_free_bytes=MIB, usable_bytes=0)
    # The margin of 1 GiB is filled first.
    assert _freed(full, GIB).usable_bytes == MIB
    hidden = replace(usable, memory_free_bytes=None)
    assert _freed(hidden, GIB).usable_bytes == 20 * GIB
    assert _freed(hidden, GIB).memory_free_bytes is None
    apple = replace(usable, vendor=Vendor.APPLE)
    assert _freed(apple, GIB).usable_bytes == 19 * GIB
    assert _freed(apple, GIB).memory_free_bytes == 21 * GIB
    assert _freed(usable, 0) is usable
    assert _freed(card(), GIB) == card()


def test_that_memory_comes_back_to_cards_by_what_they_use_and_to_main_memory() -> None:
    one = card("a", usable_bytes=22 * GIB, memory_free_bytes=23 * GIB)
    three = card("b", usable_bytes=20 * GIB, memory_free_bytes=21 * GIB)
    held = [Held(name="x", gpu_bytes=2 * GIB, ram_bytes=5 * GIB)]
    made, notes = given_back(profile(one, three), held)
    # 1 of 4 GiB in use lie on the first, 3 on the second: of 2 GiB a half and one and a half.
    assert [a.memory_free_bytes for a in made.accelerators] == [
        23 * GIB + GIB // 2,
        22 * GIB + GIB // 2,
    ]
    assert made.ram.available_bytes == 21 * GIB
    assert notes == (
        "in memory now: x; 2.0 GiB of GPU and 5.0 GiB of main memory of it counted as free",
    )
    # No more than is in use, and no more than there is.
    much, _ = given_back(profile(one, three), [Held(name="x", gpu_bytes=99 * GIB, ram_bytes=0)])
    assert [a.memory_free_bytes for a in much.accelerators] == [24 * GIB, 24 * GIB]
    assert much.ram.available_bytes == 16 * GIB
    main, said = given_back(profile(one), [Held(name="y", gpu_bytes=0, ram_bytes=99 * GIB)])
    assert main.ram.available_bytes == 32 * GIB
    assert said == ("in memory now: y; 99.0 GiB of main memory of it counted as free",)
    nothing = [Held(name="z", gpu_bytes=0, ram_bytes=0)]
    assert given_back(profile(one), nothing) == (profile(one), ())
    least = [Held(name="z", gpu_bytes=0, ram_bytes=1)]
    assert given_back(profile(one), least)[0].ram.available_bytes == 16 * GIB + 1


def test_that_shared_memory_comes_back_once_to_both() -> None:
    chip = card(kind=AcceleratorKind.UNIFIED, usable_bytes=19 * GIB)
    held = [Held(name="x", gpu_bytes=2 * GIB, ram_bytes=GIB)]
    made, _ = given_back(profile(chip), held)
    assert made.ram.available_bytes == 19 * GIB
    assert made.accelerators[0].memory_free_bytes == 22 * GIB
    mixed, _ = given_back(profile(chip, card(usable_bytes=19 * GIB)), held)
    assert mixed.ram.available_bytes == 17 * GIB
    # Where nothing is in use none of it found a place.
    idle = card(kind=AcceleratorKind.UNIFIED, usable_bytes=23 * GIB, memory_free_bytes=24 * GIB)
    back, _ = given_back(profile(idle), [Held(name="x", gpu_bytes=2 * GIB, ram_bytes=0)])
    assert back.ram.available_bytes == 16 * GIB
