from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.machine.hardware import (
    GIB,
    MIB,
    Accelerator,
    AcceleratorKind,
    Cpu,
    Disk,
    HardwareProfile,
    Ram,
    System,
    Vendor,
    apple_working_set_bytes,
    memory_budget,
    overhead_bytes,
    usable_discrete_bytes,
    usable_ram_bytes,
)
from landfall.core.provenance import Unknown


def card(name: str = "card", **fields: object) -> Accelerator:
    made = Accelerator(
        id=name,
        name=name,
        vendor=Vendor.NVIDIA,
        kind=AcceleratorKind.DISCRETE,
        memory_total_bytes=24 * GIB,
        memory_free_bytes=20 * GIB,
        usable_bytes=None,
        bandwidth_bytes_per_s=Unknown("not read"),
        fp16_flops=Unknown("not read"),
        driver=None,
        source="test",
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def profile(*accelerators: Accelerator, available_bytes: int = 16 * GIB) -> HardwareProfile:
    return HardwareProfile(
        name="test",
        system=System(os="linux", version="", arch=""),
        cpu=Cpu(name="cpu", physical_cores=8, logical_cores=16),
        ram=Ram(
            total_bytes=32 * GIB,
            available_bytes=available_bytes,
            bandwidth_bytes_per_s=Unknown("not read"),
        ),
        disk=Disk(models_path="", free_bytes=None, total_bytes=None),
        accelerators=accelerators,
    )


def test_that_a_card_offers_its_free_memory_less_the_margin() -> None:
    budget = memory_budget(profile(card()))
    assert budget.total_bytes == 19 * GIB
    assert budget.devices[0].overhead_bytes == 457 * MIB
    assert not budget.shared


def test_that_what_detection_found_usable_is_taken_as_it_is() -> None:
    assert memory_budget(profile(card(usable_bytes=5 * GIB))).total_bytes == 5 * GIB


def test_that_a_machine_without_accelerators_offers_its_main_memory() -> None:
    budget = memory_budget(profile())
    assert budget.devices == ()
    assert budget.total_bytes == budget.ram_bytes == 15 * GIB


def test_that_cards_come_largest_first_and_an_unknown_one_is_left_out_with_its_reason() -> None:
    budget = memory_budget(
        profile(
            card("small", usable_bytes=4 * GIB),
            card("large", usable_bytes=8 * GIB),
            card("mute", memory_free_bytes=None),
        )
    )
    assert [device.accelerator.name for device in budget.devices] == ["large", "small"]
    assert budget.total_bytes == 12 * GIB
    assert any("mute" in reason for reason in budget.reasons)


def test_that_integrated_graphics_beside_a_card_is_not_used() -> None:
    inner = card("inner", kind=AcceleratorKind.INTEGRATED, usable_bytes=8 * GIB)
    assert [d.accelerator.name for d in memory_budget(profile(inner, card())).devices] == ["card"]
    alone = memory_budget(profile(inner))
    assert [d.accelerator.name for d in alone.devices] == ["inner"]
    assert alone.shared


def test_that_graphics_that_no_model_can_use_is_left_out_with_its_reason() -> None:
    inner = card(
        "inner", kind=AcceleratorKind.INTEGRATED, usable_bytes=0, reasons=("no driver for it",)
    )
    budget = memory_budget(profile(inner))
    assert budget.devices == ()
    assert any("no driver for it" in reason for reason in budget.reasons)


@pytest.mark.parametrize(
    ("memory_gib", "working_set_gib"),
    [
        (8, 5.3),
        (16, 11.84),
        (18, 13.32),
        (24, 17.76),
        (32, 24.96),
        (36, 28.08),
        (48, 37.44),
        (64, 51.84),
        (128, 107.52),
    ],
)
def test_that_the_working_set_of_a_mac_is_as_observed(
    memory_gib: int, working_set_gib: float
) -> None:
    assert apple_working_set_bytes(memory_gib * GIB) / GIB == pytest.approx(
        working_set_gib, rel=0.01
    )


def test_that_metal_takes_more_for_itself() -> None:
    assert overhead_bytes(Vendor.APPLE) > overhead_bytes(Vendor.AMD)


@given(st.integers(0, 1 << 45))
def test_that_no_budget_is_negative_or_above_what_there_is(size: int) -> None:
    assert 0 <= usable_discrete_bytes(size) <= size
    assert 0 <= usable_ram_bytes(size) <= size
    assert 0 <= apple_working_set_bytes(size) <= size
