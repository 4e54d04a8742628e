"""Names of machines, by people and by drivers: every way to tell one apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, Vendor
from landfall.core.machine.hardware_match import CatalogueRow, common_figure, match, words
from landfall.core.machine.machine_names import MAX_CARDS, find, parts, split_count, suggestions
from landfall.core.provenance import Published, Unknown
from tests.core.machine.test_machines import ALL, mac, machine


@pytest.mark.parametrize(
    ("said", "count", "label"),
    [
        ("2x RTX 4090", 2, "RTX 4090"),
        ("12 * A100", 12, "A100"),
        ("RTX 4090 x3", 3, "RTX 4090"),
        ("RTX 4090 4x", 4, "RTX 4090"),
        ("dual A100", 2, "A100"),
        ("Twin A100", 2, "A100"),
        ("two A100", 2, "A100"),
        ("triple A100", 3, "A100"),
        ("quad A100", 4, "A100"),
        (" A100 ", 1, "A100"),
    ],
)
def test_that_a_number_of_cards_is_told_in_many_ways(said: str, count: int, label: str) -> None:
    assert split_count(said) == (count, label)
    assert MAX_CARDS == 16


def test_that_a_full_name_is_never_cut() -> None:
    full = {"ryzen ai max+ 395", "a + b", "2x box"}

    def is_name(text: str) -> bool:
        return text.strip().lower() in full

    assert parts(" A + B ", is_name) == ((1, "A + B"),)
    assert parts("2x A + B", is_name) == ((2, "A + B"),)
    assert parts("2x box", is_name) == ((1, "2x box"),)
    assert parts("Ryzen AI Max+ 390 and 2x c & d", is_name) == (
        (1, "Ryzen AI Max+ 390"),
        (2, "c"),
        (1, "d"),
    )


def hint(name: str, rows: Any = ALL) -> str:
    with pytest.raises(BadInput) as caught:
        find(name, rows)
    assert caught.value.field == "machine"
    return f"{caught.value.message} {caught.value.hint}"


def test_that_a_size_is_told_apart_where_there_are_several() -> None:
    rows = [mac("M4 Max 40-core", 48, 64, 128), mac("M4 Max 32-core", 36)]
    assert find("M4 Max 64GB", rows) == (rows[0], 64 * GIB)
    assert find("M4 Max 36GB", rows) == (rows[1], None)
    assert find("m4 max 40-core", rows) == (rows[0], None)
    said = hint("M4 Max 96GB", rows)
    assert "M4 Max 40-core (48, 64 or 128 GB); M4 Max 32-core (36 GB)" in said
    two = hint("M4 Max", rows)
    assert "can be several" in two
    assert "M4 Max 40-core (48, 64 or 128 GB); M4 Max 32-core (36 GB)" in two


def test_that_a_row_whose_name_has_its_size_is_told_by_it() -> None:
    assert hint("RTX 4060 Ti").endswith("Say which: RTX 4060 Ti 8GB; RTX 4060 Ti 16GB.")
    pair = [machine("RTX 9 A", 8, memory_options=(8 * GIB, 16 * GIB)), machine("RTX 9 B", None)]
    assert "RTX 9 A (8 or 16 GB)" in hint("RTX 9 A 4GB", pair)


def test_that_no_more_than_six_choices_are_told() -> None:
    rows = [machine(f"Chip {at}GB", at) for at in range(10, 18)]
    assert hint("Chip", rows).count("GB;") == 5
    missing = [mac(f"M9 {at}-core", 16) for at in range(10, 18)]
    assert hint("M9 99GB", missing).count("(16 GB)") == 6
    # Of rows that hold the words of a text two to six are a choice.
    some = [machine(f"Desktop board {at}xy9") for at in range(10, 16)]
    assert "can be several" in hint("desktop", some)
    assert "can be several" in hint("desktop", some[:2])
    many = [*some, machine("Desktop board 16xy9")]
    assert "No machine is known" in hint("desktop", many)
    assert hint("desktop", many).count(" or ") == 4
    assert "Did you mean Desktop board 10xy9?" in hint("desktop", some[:1])


def test_that_form_and_cores_have_to_be_those_of_the_row() -> None:
    rows = [machine("H100 PCIe", 80), machine("H100 SXM", 80), machine("H100 NVL", 94)]
    assert find("NVIDIA H100 PCIe", rows)[0].name == "H100 PCIe"
    assert find("H100 80GB HBM3", rows)[0].name == "H100 SXM"
    assert find("H100 94GB", rows)[0].name == "H100 NVL"
    assert "can be several" in hint("H100", rows)
    chips = [mac("M4 Max 40-core", 48), mac("M4 Max 32-core", 48)]
    assert find("M4 Max 32-core GPU", chips)[0].name == "M4 Max 32-core"
    assert find("MacBook Pro 16-inch M4 Max 32 cores", chips)[0].name == "M4 Max 32-core"
    assert "No machine" in hint("M4 Max 38-core", chips)


def test_that_a_row_has_the_names_in_its_parentheses() -> None:
    rows = [
        machine("DGX Spark (GB10)", 128),
        machine("Radeon 8050S (Ryzen AI Max 385/390)", None),
        machine("Radeon 8060S (Ryzen AI Max+ 395)", None),
    ]
    assert find("GB10", rows)[0] is rows[0]
    assert find("DGX Spark GB10", rows)[0] is rows[0]
    assert find("Ryzen AI Max 385", rows)[0] is rows[1]
    assert find("Ryzen AI Max 390", rows)[0] is rows[1]
    assert find("Ryzen AI Max+ 395", rows)[0] is rows[2]
    assert "No machine" in hint("Ryzen AI Max 400", rows)


def test_that_a_series_may_be_left_out() -> None:
    rows = [machine("RTX 4090", 24), machine("RX 7900 XTX", 24), machine("Arc B580", 12)]
    for said, at in (("4090", 0), ("7900 xtx", 1), ("B580", 2), ("rx7900xtx", 1)):
        assert find(said, rows)[0] is rows[at]
    assert find("RTX 4070 tisuper", [machine("RTX 4070 Ti SUPER")])[0].name == "RTX 4070 Ti SUPER"


def test_that_suggestions_hold_the_words_then_lie_within_then_look_alike() -> None:
    rows = [machine("RTX 4090"), machine("RTX 4090 Laptop"), machine("RTX 3080 Ti")]
    assert suggestions("4090", rows)[:2] == ("RTX 4090", "RTX 4090 Laptop")
    # What is asked for has a word more than a row of two words.
    assert suggestions("RTX 4090 xyz", rows)[0] == "RTX 4090"
    assert suggestions("RTX 3O80 Ti", rows, limit=1) == ("RTX 3080 Ti",)
    assert suggestions("qqqq", rows) == ()
    assert len(suggestions("RTX", [machine(f"RTX {at}") for at in range(2000, 2009)])) == 5
    one_word = [machine("T4"), machine("L40")]
    assert suggestions("T4 abcdefghijkl", one_word) == ()


# ---------------------------------------------------------------- what drivers say


def row(name: str, *gib: int, vendor: Vendor = Vendor.NVIDIA) -> CatalogueRow:
    return CatalogueRow(
        name=name,
        vendor=vendor,
        memory_bytes=tuple(size * GIB for size in gib),
        bandwidth_bytes_per_s=Published(1e12, "", ""),
        fp16_flops=Unknown(""),
        fp32_flops=Unknown(""),
    )


def matched(name: str, *rows: CatalogueRow, **more: Any) -> list[str]:
    return [one.name for one in match(name, rows, vendor=Vendor.NVIDIA, **more)]


def test_that_memory_agrees_where_a_driver_counts_a_little_less_or_more() -> None:
    chip = row("Chip 9000", 100)
    for bytes_, agrees in (
        (91 * GIB, True),
        (91 * GIB - 1, False),
        (103 * GIB, True),
        (103 * GIB + 1, False),
    ):
        assert bool(matched("Chip 9000", chip, memory_bytes=bytes_)) is agrees, bytes_
    # A row without memory of its own agrees with any.
    assert matched("Chip 9000", row("Chip 9000"), memory_bytes=5) == ["Chip 9000"]
    assert matched("Chip 9000 8GB", row("Chip 9000", 8), row("Chip 9000", 16)) == ["Chip 9000"]
    assert matched("Chip 9000 4GB", row("Chip 9000", 8)) == []


def test_that_the_row_that_explains_most_words_wins() -> None:
    short, long = row("Chip 9000"), row("Chip 9000 Alpha")
    assert matched("Chip 9000 Alpha", short, long) == ["Chip 9000 Alpha"]
    assert matched("Chip 9000 Alpha", long, short) == ["Chip 9000 Alpha"]
    assert matched("Chip 9000", long) == []
    assert matched("NVIDIA GeForce", short) == []
    assert matched("Other", short) == []
    assert match("Chip 9000", [short], vendor=Vendor.AMD) == ()


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ("abc", False),  # three letters may be a variant
        ("abcd", True),
        ("abcd1", False),
        ("1abcd", False),
        ("super", False),
        ("laptop", False),
        ("8gb", True),
        ("edition", True),
    ],
)
def test_that_a_word_more_is_another_device_where_it_changes_the_hardware(
    more: str, *, same: bool
) -> None:
    assert bool(matched(f"Chip 9000 {more}", row("Chip 9000", 8))) is same


def test_that_a_form_that_is_said_has_to_be_the_rows() -> None:
    pcie, sxm, bare = row("Chip 9000 PCIe"), row("Chip 9000 SXM"), row("Chip 9000 Alpha")
    assert matched("Chip 9000 PCIe", pcie, sxm) == ["Chip 9000 PCIe"]
    assert matched("Chip 9000", pcie, sxm) == ["Chip 9000 SXM"]
    assert matched("Chip 9000", pcie) == ["Chip 9000 PCIe"]
    assert matched("Chip 9000 Alpha NVL", bare) == ["Chip 9000 Alpha"]
    assert matched("Chip 9000", pcie, row("Chip 9000 NVL")) == ["Chip 9000 PCIe", "Chip 9000 NVL"]
    assert words("Chip SXM5") == {"chip", "sxm"}


def test_that_cores_decide_between_the_bins_of_a_chip() -> None:
    few, many = row("Chip 9000 30-core"), row("Chip 9000 40-core")
    assert matched("Chip 9000", few, many, gpu_cores=40) == ["Chip 9000 40-core"]
    assert matched("Chip 9000", few, many) == ["Chip 9000 30-core", "Chip 9000 40-core"]
    assert matched("Chip 9000", few, many, gpu_cores=20) == []
    assert matched("Chip 9000", row("Chip 9000"), gpu_cores=20) == ["Chip 9000"]


def test_that_a_figure_is_common_where_all_candidates_have_it() -> None:
    one, other = Published(1.0, "a", ""), Published(2.0, "b", "")
    assert common_figure([one, replace(one, source="c")], ["x", "y"]) == one
    assert common_figure([one, other], ["x", "y"]) == Unknown("the device can be one of: x, y")
    assert isinstance(common_figure([one, Unknown("")], ["x", "y"]), Unknown)
    assert common_figure([], []) == Unknown("the catalogue has no row of this device")
