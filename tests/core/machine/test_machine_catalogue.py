"""Machines that are not at hand: what is assumed of them, and what is said of a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, AcceleratorKind, Vendor, memory_budget
from landfall.core.machine.machines import enriched, nothing_known, parts_of, search, what_if
from landfall.core.provenance import (
    RECALLED,
    Estimated,
    Measured,
    Published,
    Stated,
    Unknown,
    middle,
)
from tests.core.machine.test_hardware import card, profile
from tests.core.machine.test_machines import ALL, mac, machine


@pytest.mark.parametrize(
    ("device_class", "gib"),
    [("nvidia-datacenter", 256), ("nvidia-workstation", 64), ("nvidia-desktop", 32)],
)
def test_that_a_computer_round_a_card_is_assumed_by_its_class(device_class: str, gib: int) -> None:
    found = what_if("card", [machine("card", device_class=device_class)]).ram
    assert found.total_bytes == gib * GIB
    assert found.available_bytes == (gib - 4) * GIB
    assert found.assumed == f"main memory of {gib} GiB is assumed"
    assert middle(found.bandwidth_bytes_per_s) == 80e9


def test_that_main_memory_that_was_told_is_no_guess() -> None:
    told = machine("card", ram_bytes=8 * GIB, ram_bandwidth_bytes_per_s=5e10)
    found = what_if("card", [told]).ram
    # 4 GiB are busy, of a small memory a quarter.
    assert (found.total_bytes, found.available_bytes, found.assumed) == (8 * GIB, 6 * GIB, "")
    assert middle(found.bandwidth_bytes_per_s) == 5e10
    twenty = what_if("card", [replace(told, ram_bytes=20 * GIB)]).ram
    assert twenty.available_bytes == 16 * GIB


@pytest.mark.parametrize(("gib", "free_gib"), [(8, 6), (16, 12), (24, 20), (64, 60)])
def test_that_of_unified_memory_four_gib_or_a_quarter_are_busy(gib: int, free_gib: int) -> None:
    found = what_if("M", [mac("M", gib)])
    assert (found.ram.total_bytes, found.ram.available_bytes) == (gib * GIB, free_gib * GIB)
    assert found.ram.bandwidth_bytes_per_s == Published(1e12, "a table", "2026-11-23")
    assert found.system.os == "macos"


def test_that_the_memory_of_a_mix_is_that_of_its_largest_computer() -> None:
    rows = [machine("small"), machine("large", device_class="nvidia-datacenter")]
    for name in ("small + large", "large + small"):
        found = what_if(name, rows)
        assert found.ram.total_bytes == 256 * GIB
        assert [one.id for one in found.accelerators] == ["what-if-0", "what-if-1"]
        assert found.name == name
    assert what_if("small", rows).system.os == "linux"
    assert middle(what_if("small + 2x large", rows).price_usd or Unknown("")) == 4800


def test_that_sixteen_cards_are_the_most() -> None:
    assert len(what_if("16x RTX 4090", ALL).accelerators) == 16
    with pytest.raises(BadInput):
        what_if("17x RTX 4090", ALL)
    eight = [machine("pod", count=8)]
    assert len(what_if("2x pod", eight).accelerators) == 16
    with pytest.raises(BadInput):
        what_if("3x pod", eight)


def test_that_the_most_it_was_sold_with_is_taken_and_that_is_said() -> None:
    assumed = what_if("M", [mac("M", 48, 64, 128)]).ram.assumed
    assert assumed.startswith("128 GiB of memory are taken")
    assert "48 or 64 GB" in assumed
    assert what_if("M 64GB", [mac("M", 48, 64, 128)]).ram.assumed == ""
    assert what_if("M", [mac("M", 48)]).ram.assumed == ""
    assert "48 GB" in what_if("M", [mac("M", 48, 64)]).ram.assumed
    # A size that is not among its options counts too.
    odd = replace(mac("M", 48), memory_bytes=96 * GIB)
    assert what_if("M", [odd]).ram.assumed.startswith("96 GiB")


@pytest.mark.parametrize(
    ("fields", "usable"),
    [
        ({}, 15 * GIB),
        ({"device_class": "nvidia-soc", "unified": True}, int(16 * GIB * 0.93) - GIB),
        ({"device_class": "amd-apu", "unified": True}, 11 * GIB),
        # Half of main memory, which nobody told: 32 GiB.
        ({"memory_bytes": None, "device_class": "amd-apu", "unified": True}, 15 * GIB),
        ({"memory_bytes": None, "unified": True, "ram_bytes": 64 * GIB}, 31 * GIB),
        ({"memory_bytes": None, "unified": True, "ram_bytes": 6 * GIB + 1}, 2 * GIB),
        # Of Intel's graphics the size is that of main memory.
        ({"device_class": "intel-igpu", "unified": True}, 7 * GIB),
        ({"vendor": Vendor.APPLE, "unified": True}, int(16 * GIB * 0.74) - GIB),
    ],
)
def test_that_a_model_may_take_a_share_by_the_kind_of_memory(
    fields: dict[str, Any], usable: int
) -> None:
    (found,) = what_if("it", [machine("it", **fields)]).accelerators
    assert found.usable_bytes == usable
    assert len(found.reasons) == 1


def test_that_a_guess_of_main_memory_is_said_of_graphics_and_no_other() -> None:
    shared: dict[str, Any] = {"memory_bytes": None, "unified": True}
    (guessed,) = what_if("it", [machine("it", **shared)]).accelerators
    assert guessed.reasons == ("may take half of main memory, of which 32 GiB are assumed",)
    (told,) = what_if("it", [machine("it", ram_bytes=GIB, **shared)]).accelerators
    assert told.reasons == ("may take half of main memory",)
    ram = what_if("it", [machine("it", **shared)]).ram
    assert middle(ram.bandwidth_bytes_per_s) == 1e12  # as the row has it
    assert ram.assumed == "main memory of 32 GiB is assumed"


def test_that_an_accelerator_has_the_fields_of_its_row() -> None:
    made = machine("mine", like="RTX 4090", where="/home/x/machines.toml", fp32_flops=7.0)
    (found,) = what_if("mine", [made]).accelerators
    assert (found.name, found.catalogue_name) == ("RTX 4090", "RTX 4090")
    assert found.source == "/home/x/machines.toml"
    assert (found.memory_total_bytes, found.memory_free_bytes) == (16 * GIB, None)
    assert (found.power_limit_watts, found.architecture) == (450, "Ada Lovelace")
    assert middle(found.fp16_flops) == 80e12
    assert middle(found.fp32_flops) == 7.0
    (plain,) = what_if("plain", [machine("plain")]).accelerators
    assert (plain.source, plain.name, plain.catalogue_name) == ("catalogue", "plain", "plain")


def test_that_a_figure_says_where_it_is_from() -> None:
    row = machine("it", price_source="a shop")
    assert row.figure("launch_price_usd") == Published(1600, "a shop", "2026-11-23")
    assert row.figure("fp16_flops") == Published(80e12, "a table", "2026-11-23")
    assert machine("it").figure("launch_price_usd") == Published(1600, "a table", "2026-11-23")
    mine = replace(
        row, stated=frozenset({"fp16_flops"}), where="C:\\x\\machines.toml", stated_on="2026-10-01"
    )
    assert mine.figure("fp16_flops") == Stated(80e12, "machines.toml, it, 2026-10-01")
    assert replace(mine, stated_on="", where="").figure("fp16_flops") == Stated(80e12, "it")
    assert isinstance(row.figure("fp32_flops"), Unknown)


def test_that_a_kind_is_where_the_memory_is() -> None:
    def kind(**fields: Any) -> AcceleratorKind:
        return machine("it", **fields).kind

    assert kind() is AcceleratorKind.DISCRETE
    assert kind(memory_bytes=None) is AcceleratorKind.DISCRETE
    assert kind(unified=True, device_class="apple-soc") is AcceleratorKind.UNIFIED
    assert kind(unified=True, device_class="intel-igpu") is AcceleratorKind.INTEGRATED
    assert kind(unified=True, memory_bytes=None) is AcceleratorKind.INTEGRATED
    assert machine("it", None).memory_sizes == ()
    assert machine("it").memory_sizes == (16 * GIB,)


def test_that_a_price_that_one_part_lacks_is_unknown() -> None:
    rows = [machine("a"), machine("b", launch_price_usd=None)]
    found = what_if("a + b", rows).price_usd
    assert found == Unknown("no price is known for b")
    # What its owner says is the price of the whole machine, whatever cards are in it.
    whole = machine("pod", count=4, stated=frozenset({"launch_price_usd"}))
    assert middle(what_if("pod", [whole]).price_usd or Unknown("")) == 1600


def test_that_the_same_card_twice_is_two_of_it() -> None:
    (both,) = parts_of("RTX 4090 + 2x RTX 4090", ALL)
    assert (both.count, both.size, both.label) == (3, None, "3x RTX 4090")
    assert [one.label for one in parts_of("M4 Max 64GB + M4 Max 128GB", ALL)] == [
        "M4 Max 40-core 64GB",
        "M4 Max 40-core 128GB",
    ]


def test_that_a_machine_of_which_only_the_name_is_known_has_no_memory() -> None:
    found = nothing_known("the box")
    assert (found.name, found.accelerators, found.is_here) == ("the box", (), False)
    assert (found.ram.total_bytes, found.ram.available_bytes) == (0, 0)
    assert isinstance(found.ram.bandwidth_bytes_per_s, Unknown)
    assert memory_budget(found).total_bytes == 0


def test_that_a_search_knows_ones_own_and_what_they_are_like() -> None:
    own = machine("tower", where="machines.toml", like="RTX 4090")
    rows = [own, machine("other")]
    assert search("yours", rows) == search("4090", rows) == (own,)
    assert search("16gb", rows) == tuple(rows)
    assert search("6gb", rows) == ()


def test_that_speed_is_predicted_with_what_is_given_or_what_it_has() -> None:
    new, old = cast(Any, object()), cast(Any, object())
    here = replace(what_if("RTX 4090", ALL), speed=old)
    assert enriched(here, ALL).speed is old
    assert enriched(here, ALL, new).speed is new
    assert enriched(replace(here, speed=None), ALL).speed is None
    assert what_if("RTX 4090", ALL, new).speed is new


def test_that_nothing_that_was_measured_is_replaced_by_a_row() -> None:
    read = card(
        "x",
        catalogue_name="RTX 4090",
        bandwidth_bytes_per_s=Measured(9.0, "", "NVML"),
        fp32_flops=Measured(8.0, "", "NVML"),
        architecture="Hopper",
    )
    (made,) = enriched(profile(read), ALL).accelerators
    assert middle(made.bandwidth_bytes_per_s) == 9
    assert middle(made.fp32_flops) == 8
    assert middle(made.fp16_flops) == 80e12
    assert made.architecture == "Hopper"


def test_that_a_figure_that_nobody_was_read_for_is_an_estimate_and_never_published() -> None:
    told = replace(machine("card"), recalled=frozenset({"fp16_flops", "launch_price_usd"}))
    told = replace(told, fp16_flops=2e13, fp32_flops=1e13, launch_price_usd=3999.0)
    price = told.figure("launch_price_usd")
    assert price == Estimated(3999.0, 3999.0, 3999.0, RECALLED, as_of=told.date)
    assert isinstance(told.figure("fp16_flops"), Estimated)
    assert isinstance(told.figure("fp32_flops"), Published)
    # What the user says of it stands behind it again.
    stated = replace(told, stated=frozenset({"launch_price_usd"}), where="machines.toml")
    assert isinstance(stated.figure("launch_price_usd"), Stated)


def test_that_a_sum_of_prices_is_no_better_known_than_the_least_known_of_them() -> None:
    recalled = replace(
        machine("first"), launch_price_usd=1000.0, recalled=frozenset({"launch_price_usd"})
    )
    printed = replace(machine("second"), launch_price_usd=500.0)
    for name in ("first + second", "second + first"):
        price = what_if(name, [recalled, printed]).price_usd
        assert isinstance(price, Estimated)
        assert price.mid == 1500.0
    assert isinstance(what_if("2x second", [recalled, printed]).price_usd, Published)
