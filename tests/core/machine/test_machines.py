from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, AcceleratorKind, Vendor
from landfall.core.machine.machine_names import find
from landfall.core.machine.machine_names import suggestions as alike
from landfall.core.machine.machines import Machine, enriched, parts_of, search, what_if
from landfall.core.provenance import Measured, Published, Unknown, middle


def machine(name: str, memory_gib: float | None = 16, **fields: object) -> Machine:
    made = Machine(
        name=name,
        vendor=Vendor.NVIDIA,
        device_class="nvidia-desktop",
        architecture="Ada Lovelace",
        memory_bytes=None if memory_gib is None else int(memory_gib * GIB),
        memory_options=(),
        unified=False,
        bandwidth_bytes_per_s=1e12,
        fp16_flops=80e12,
        fp32_flops=None,
        tdp_watts=450,
        launch_price_usd=1600,
        year=2022,
        source="a table",
        price_source="",
        date="2026-11-23",
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def mac(name: str, *options: int) -> Machine:
    return machine(
        name,
        max(options),
        vendor=Vendor.APPLE,
        device_class="apple-soc",
        unified=True,
        memory_options=tuple(o * GIB for o in options),
    )


ALL = (
    machine("RTX 4090", 24),
    machine("RTX 4090 Laptop", 16),
    machine("RTX 4060 Ti 8GB", 8),
    machine("RTX 4060 Ti 16GB", 16),
    machine("RTX 3060 12GB", 12),
    machine("RTX 3060 Ti", 8),
    mac("M4 Max 40-core", 48, 64, 128),
    mac("M4 Max 32-core", 36),
    machine(
        "DGX Spark (GB10)",
        128,
        device_class="nvidia-soc",
        unified=True,
        memory_options=(128 * GIB,),
    ),
    machine("RX 7900 XTX", 24, vendor=Vendor.AMD),
    machine("Radeon 890M", None, vendor=Vendor.AMD, device_class="amd-apu", unified=True),
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("RTX 4090", "RTX 4090"),
        ("nvidia geforce rtx 4090", "RTX 4090"),
        ("rtx-4090", "RTX 4090"),
        ("RTX 4090 Laptop", "RTX 4090 Laptop"),
        ("rtx 4060 ti 16 gb", "RTX 4060 Ti 16GB"),
        ("RTX 3060", "RTX 3060 12GB"),
        ("Apple M4 Max 40-core", "M4 Max 40-core"),
        ("GB10", "DGX Spark (GB10)"),
        ("DGX Spark", "DGX Spark (GB10)"),
        ("RTX4090", "RTX 4090"),
        ("geforce rtx 4090laptop", "RTX 4090 Laptop"),
        ("RTX 4090 24GB", "RTX 4090"),
        ("NVIDIA RTX 4090 (24 GB)", "RTX 4090"),
        ("RTX-4060-Ti-8-GB", "RTX 4060 Ti 8GB"),
        ("AMD Radeon RX 7900 XTX", "RX 7900 XTX"),
        ("Radeon 890M", "Radeon 890M"),
        ("M4 Max 64 GB", "M4 Max 40-core"),
        ("M4 Max 36GB", "M4 Max 32-core"),
    ],
)
def test_that_a_machine_is_known_by_what_people_call_it(asked: str, meant: str) -> None:
    assert find(asked, ALL)[0].name == meant


def test_that_every_row_is_known_by_its_own_name() -> None:
    assert [what_if(m.name, ALL).accelerators[0].catalogue_name for m in ALL] == [
        m.name for m in ALL
    ]


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("RTX 4091", "RTX 4090"),
        ("RTX 4060 Ti", "RTX 4060 Ti 16GB"),
        ("M4 Max", "M4 Max 32-core"),
        ("M4 Max 40-core 96GB", "M4 Max 40-core"),
        ("zzz", "RTX 4090"),
        ("", "RTX 4090"),
        ("0x RTX 4090", "16"),
        ("99x RTX 4090", "16"),
        ("2x M4 Max 40-core", "one"),
    ],
)
def test_that_a_name_that_means_no_machine_is_refused_with_what_was_meant(
    asked: str, hint: str
) -> None:
    with pytest.raises(BadInput) as error:
        what_if(asked, ALL)
    assert error.value.field == "machine"
    assert hint in error.value.hint


@pytest.mark.parametrize("asked", ["2x RTX 4090", "2 × rtx 4090", "RTX 4090 x2", "2X RTX 4090"])
def test_that_two_of_a_card_are_two_accelerators(asked: str) -> None:
    profile = what_if(asked, ALL)
    assert profile.name == "2x RTX 4090"
    assert [a.usable_bytes for a in profile.accelerators] == [23 * GIB] * 2
    assert len({a.id for a in profile.accelerators}) == 2


def test_that_a_mac_can_be_asked_for_by_its_memory() -> None:
    largest = what_if("M4 Max 40-core", ALL).accelerators[0]
    smaller = what_if("M4 Max 40-core 64GB", ALL)
    assert smaller.name == "M4 Max 40-core 64GB"
    assert smaller.ram.total_bytes == 64 * GIB
    assert smaller.accelerators[0].kind is AcceleratorKind.UNIFIED
    assert smaller.accelerators[0].usable_bytes == int(64 * GIB * 0.81) - GIB
    assert (largest.usable_bytes or 0) > (smaller.accelerators[0].usable_bytes or 0)


def test_that_shared_memory_is_assumed_and_said() -> None:
    inner = what_if("Radeon 890M", ALL).accelerators[0]
    assert inner.kind is AcceleratorKind.INTEGRATED
    assert inner.usable_bytes == 15 * GIB
    assert "assumed" in inner.reasons[0]
    assert "93 %" in what_if("DGX Spark", ALL).accelerators[0].reasons[0]


def test_that_figures_of_a_row_are_published_and_missing_ones_unknown() -> None:
    found = what_if("RTX 4090", ALL).accelerators[0]
    assert found.bandwidth_bytes_per_s == Published(1e12, "a table", "2026-11-23")
    assert isinstance(found.fp32_flops, Unknown)


def test_that_a_part_tells_the_memory_that_was_asked_for() -> None:
    (smaller,) = parts_of("M4 Max 64GB", ALL)
    assert smaller.label == "M4 Max 40-core 64GB"
    assert middle(smaller.memory) == 64 * GIB
    (plain,) = parts_of("2x RTX 4090", ALL)
    assert plain.label == "2x RTX 4090"
    assert plain.memory == Published(24 * GIB, "a table", "2026-11-23")
    (shared,) = parts_of("Radeon 890M", ALL)
    assert shared.memory == Unknown("it shares main memory")


def test_that_a_row_of_marketing_words_alone_is_only_itself() -> None:
    rows = (machine("Graphics Edition"), *ALL)
    assert find("GeForce RTX 4090 24GB", rows)[0].name == "RTX 4090"
    assert find("graphics edition", rows)[0].name == "Graphics Edition"


@pytest.mark.parametrize(
    ("name", "price"), [("2x RTX 4090", 3200), ("RTX 4090 + RTX 3060 Ti", 3200), ("GB10", 1600)]
)
def test_that_the_price_is_that_of_all_cards(name: str, price: float) -> None:
    assert what_if(name, ALL).price_usd == Published(price, "a table", "2026-11-23")


def test_that_search_wants_every_word() -> None:
    assert [m.name for m in search("rtx laptop", ALL)] == ["RTX 4090 Laptop"]
    assert len(search("", ALL)) == len(ALL)
    assert search("rtx apple", ALL) == ()
    assert [m.name for m in search("rtx4090", ALL)] == ["RTX 4090", "RTX 4090 Laptop"]


def test_that_a_search_takes_the_names_of_computers_sizes_and_numbers_of_cards() -> None:
    macs = search("apple", ALL)
    assert macs
    for said in ("mac", "MacBook", "iMac", "Mac Studio", "macs"):
        assert search(said, ALL) == macs, said
    assert {m.name for m in search("2x RTX 4090", ALL)} == {"RTX 4090", "RTX 4090 Laptop"}
    assert search("RTX 4090 x2", ALL) == search("dual rtx 4090", ALL) == search("RTX 4090", ALL)
    of_size = search("macbook pro 36 GB", ALL)
    assert of_size == tuple(m for m in macs if 36 * GIB in m.memory_sizes)


def test_that_the_catalogue_fills_only_what_detection_left_open() -> None:
    profile = what_if("RTX 4090", ALL)
    detected = replace(
        profile.accelerators[0],
        bandwidth_bytes_per_s=Measured(9e11, "", "NVML"),
        fp16_flops=Unknown("not read"),
        architecture="",
    )
    stranger = replace(detected, catalogue_name=None)
    made = enriched(replace(profile, accelerators=(detected, stranger)), ALL).accelerators
    assert middle(made[0].bandwidth_bytes_per_s) == 9e11
    assert middle(made[0].fp16_flops) == 80e12
    assert made[0].architecture == "Ada Lovelace"
    assert made[1] == stranger


def test_that_names_that_look_alike_are_shown_those_that_hold_the_words_first() -> None:
    names = ("RTX 4090", "RTX 4090 Mobile", "RTX 4080", "GTX 1080")
    rows = [machine(name) for name in names]
    assert alike("4090", rows)[:2] == ("RTX 4090", "RTX 4090 Mobile")
    assert len(alike("RTX", rows, limit=2)) <= 2
