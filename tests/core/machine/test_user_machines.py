from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, AcceleratorKind, Vendor
from landfall.core.machine.machines import Machine, what_if
from landfall.core.machine.user_machines import (
    KEYS,
    MOST_MACHINES,
    UserMachines,
    check,
    parse,
    table_text,
    with_table,
    without_table,
)
from landfall.core.provenance import Published, Stated, Unknown
from tests.core.machine.test_machines import ALL

FILE = "machines.toml"
TOWER: dict[str, Any] = {"name": "the tower", "like": "RTX 4090", "count": 2, "ram_gib": 128}
PLAIN: dict[str, Any] = {
    "name": "old card",
    "vendor": "amd",
    "kind": "discrete",
    "memory_gib": 8,
    "bandwidth_gb_s": 256,
}


def read(text: str) -> UserMachines:
    return parse(text, ALL, file=FILE)


def only(text: str) -> Machine:
    found = read(text)
    assert found.problems == ()
    (made,) = found.machines
    return made


def test_that_a_machine_can_start_from_a_row_and_differ_where_its_owner_knows_better() -> None:
    made = only(
        """
        [[machine]]
        name = "modded 4090"
        like = "rtx4090"
        memory_gib = 48
        price_usd = 2500
        date = 2026-10-01
        """
    )
    profile = what_if("Modded 4090", (made, *ALL))
    (card,) = profile.accelerators
    assert (card.name, card.memory_total_bytes) == ("RTX 4090", 48 * GIB)
    assert card.bandwidth_bytes_per_s == Published(1e12, "a table", "2026-11-23")
    assert profile.price_usd == Stated(2500, "machines.toml, modded 4090, 2026-10-01")
    assert (card.catalogue_name, card.architecture) == ("RTX 4090", "Ada Lovelace")


def test_that_several_cards_and_the_memory_round_them_can_be_said() -> None:
    made = check(TOWER | {"ram_gb_s": 90.0}, ALL)
    profile = what_if("the tower", (made, *ALL))
    assert profile.name == "the tower"
    assert len(profile.accelerators) == 2
    assert profile.ram.total_bytes == 128 * GIB
    assert profile.ram.bandwidth_bytes_per_s == Stated(90e9, "your description, the tower")
    assert len(what_if("2x the tower", (made, *ALL)).accelerators) == 4


@pytest.mark.parametrize(
    ("vendor", "device_class"), [("apple", "apple-soc"), ("amd", "amd-apu"), ("other", "other-soc")]
)
def test_that_a_chip_with_unified_memory_can_be_described(vendor: str, device_class: str) -> None:
    made = check(PLAIN | {"vendor": vendor, "kind": "unified", "memory_gib": 96}, ())
    assert (made.kind, made.device_class) == (AcceleratorKind.UNIFIED, device_class)
    assert what_if("old card", (made,)).ram.total_bytes == 96 * GIB


def test_that_graphics_in_the_processor_shares_the_memory_that_is_said() -> None:
    fields = {
        "name": "mini",
        "vendor": "intel",
        "kind": "integrated",
        "bandwidth_gb_s": 60,
        "ram_gib": 16,
    }
    profile = what_if("mini", (check(fields, ()),))
    (chip,) = profile.accelerators
    assert chip.kind is AcceleratorKind.INTEGRATED
    assert chip.usable_bytes == 7 * GIB
    assert profile.ram.total_bytes == 16 * GIB
    assert profile.ram.bandwidth_bytes_per_s == Stated(60e9, "your description, mini")


def test_that_a_size_of_a_row_with_several_can_be_taken_over() -> None:
    made = check({"name": "work laptop", "like": "M4 Max 64GB"}, ALL)
    assert made.memory_sizes == (64 * GIB,)
    assert made.stated == frozenset()
    assert made.vendor is Vendor.APPLE


def test_that_what_is_not_said_is_unknown() -> None:
    made = check(PLAIN, ())
    assert isinstance(made.figure("fp16_flops"), Unknown)
    assert isinstance(what_if("old card", (made,)).price_usd, Unknown)


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"name": ""}, "name", "missing"),
        ({"name": "x" * 81}, "name", "80"),
        ({"name": "a\u0007b"}, "name", "odd"),
        ({"vendor": "voodoo"}, "vendor", "nvidia"),
        ({"vendor": None}, "vendor", "missing"),
        ({"kind": "big"}, "kind", "discrete"),
        ({"memory_gib": 0}, "memory_gib", "above 0"),
        ({"memory_gib": "8"}, "memory_gib", "above 0"),
        ({"memory_gib": True}, "memory_gib", "above 0"),
        ({"memory_gib": float("inf")}, "memory_gib", "above 0"),
        ({"memory_gib": 1e6}, "memory_gib", "65,536"),
        ({"bandwidth_gb_s": -1}, "bandwidth_gb_s", "above 0"),
        ({"count": 0}, "count", "16"),
        ({"count": 17}, "count", "16"),
        ({"count": 1.5}, "count", "whole"),
        ({"date": "soon"}, "date", "2026"),
        ({"date": 5}, "date", "2026"),
        ({"memory_gb": 8}, "memory_gb", "memory_gib"),
        ({"zzz": 8}, "zzz", "Keys are"),
        ({"like": "RTX 4091"}, "like", "RTX 4090"),
        ({"like": 4090}, "like", "RTX 4090"),
        ({"like": "RTX 4090"}, "vendor", "nvidia"),
        ({"kind": "unified", "ram_gib": 8}, "ram_gib", "memory_gib"),
        ({"kind": "unified", "count": 2}, "count", "cards"),
        ({"kind": "integrated"}, "memory_gib", "ram_gib"),
    ],
)
def test_that_a_mistake_is_named_by_its_field(
    change: dict[str, Any], field: str, word: str
) -> None:
    fields = {key: value for key, value in (PLAIN | change).items() if value is not None}
    with pytest.raises(BadInput) as error:
        check(fields, ALL)
    assert error.value.field == field
    assert word in str(error.value)


@pytest.mark.parametrize("missing", ["memory_gib", "bandwidth_gb_s"])
def test_that_what_cannot_be_guessed_has_to_be_said(missing: str) -> None:
    with pytest.raises(BadInput) as error:
        check({key: value for key, value in PLAIN.items() if key != missing}, ALL)
    assert error.value.field == missing


def test_that_one_bad_table_leaves_the_others_and_says_file_line_and_field() -> None:
    found = read(
        '[[machine]]\nname = "good"\nlike = "RTX 4090"\n\n'
        '[[machine]]\nname = "bad"\nlike = "RTX 4090"\nmemory_gib = -3\n\n'
        '[[machine]]\nname = "GOOD"\nlike = "RTX 4090"\n'
    )
    assert [made.name for made in found.machines] == ["good"]
    assert len(found.entries) == 3
    first, second = found.problems
    assert (first.file, first.line, first.field) == (FILE, 8, "machine[1].memory_gib")
    assert (second.line, second.field) == (11, "machine[2].name")
    assert "twice" in second.message


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("[[machine]\n", 1, ""),
        ('x = 1\nmachine = "tower"\n', 2, "machine"),
        ("machine = [1]\n", 1, "machine"),
        ("\n[machines]\nname = 1\n", 2, "machines"),
    ],
)
def test_that_a_file_of_another_shape_is_refused_with_its_line(
    text: str, line: int, field: str
) -> None:
    found = read(text)
    assert found.machines == ()
    assert (found.problems[-1].line, found.problems[-1].field) == (line, field)


@pytest.mark.parametrize(
    "text", ["ram_gib = " + "9" * 400, "count = 0x" + "f" * 9000, "x = " + "[" * 5000]
)
def test_that_a_text_that_no_reader_takes_is_a_problem_with_the_file(text: str) -> None:
    found = read(f'[[machine]]\nname = "t"\nlike = "RTX 4090"\n{text}\n')
    (problem,) = found.problems
    assert (found.machines, problem.file) == ((), FILE)
    assert "is not TOML" in problem.message


def test_that_of_very_many_machines_the_first_are_used_and_it_is_said() -> None:
    one = '[[machine]]\nname = "t{}"\nlike = "RTX 4090"\n'
    found = read("".join(one.format(n) for n in range(MOST_MACHINES + 2)))
    assert len(found.machines) == MOST_MACHINES
    assert len(found.entries) == MOST_MACHINES + 2
    (problem,) = found.problems
    assert problem.line == 3 * MOST_MACHINES + 1


def test_that_an_empty_file_describes_nothing() -> None:
    assert read("# nothing yet\n") == UserMachines()


COMMENTED = """# my machines

[[machine]] # the first
name = "one"
like = "RTX 4090"

# about two
[[machine]]
name = "two"
like = "RTX 4090" # nearly

[other]
kept = true
"""


def test_that_changing_one_table_leaves_every_other_line_as_it_was() -> None:
    added = with_table(COMMENTED, TOWER)
    assert added.startswith(COMMENTED)
    assert [m.name for m in read(added).machines] == ["one", "two", "the tower"]
    changed = with_table(COMMENTED, TOWER, replacing=0)
    assert "# my machines" in changed
    assert "# about two\n[[machine]]" in changed
    assert [m.name for m in read(changed).machines] == ["the tower", "two"]
    last = with_table(COMMENTED, TOWER, replacing=1)
    assert "[other]\nkept = true" in last
    gone = without_table(COMMENTED, 1)
    assert [m.name for m in read(gone).machines] == ["one"]
    assert "[other]\nkept = true" in gone
    assert with_table("", TOWER) == table_text(TOWER)


def test_that_a_file_written_in_another_way_is_not_spoilt() -> None:
    inline = 'machine = [{name = "one", like = "RTX 4090"}, {name = "two", like = "RTX 4090"}]\n'
    assert len(read(inline).machines) == 2
    for change in (
        lambda: with_table(inline, TOWER),
        lambda: with_table(inline, TOWER, replacing=0),
    ):
        with pytest.raises(BadInput, match="text editor"):
            change()
    with pytest.raises(BadInput, match="any more"):
        without_table(COMMENTED, 7)


TEXTS = st.text(min_size=1, max_size=40).filter(
    lambda t: bool(t.strip()) and t.strip().isprintable()
)


@given(TEXTS, st.floats(0.5, 60_000), st.integers(1, 16))
def test_that_what_was_written_is_read_back(name: str, memory: float, count: int) -> None:
    fields = PLAIN | {"name": name, "memory_gib": memory, "count": count, "date": "2026-11-26"}
    text = table_text(fields)
    assert tomllib.loads(text)["machine"] == [fields]
    assert only(text).name == name.strip()
    assert list(tomllib.loads(text)["machine"][0]) == [key for key in KEYS if key in fields]


def test_that_a_slip_in_a_form_names_the_key_alone_and_what_to_do() -> None:
    with pytest.raises(BadInput) as told:
        check({"name": "x", "vendor": "nobody"}, ())
    assert told.value.message[:1].isupper()
    assert told.value.field
    assert not told.value.field.startswith(".")
