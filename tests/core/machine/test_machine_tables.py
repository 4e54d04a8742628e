"""Machines that are described or corrected by hand: every unit, bound and default."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.machine import overrides
from landfall.core.machine.hardware import GIB, Accelerator, AcceleratorKind, Override
from landfall.core.machine.user_machines import check, parse, with_table, without_table
from landfall.core.provenance import Stated
from tests.core.machine.test_hardware import card, profile
from tests.core.machine.test_machines import ALL, mac


def corrected(before: Accelerator, **given: Any) -> Accelerator:
    paths = {f"accelerators.0.{name}": value for name, value in given.items()}
    return overrides.apply(profile(before), paths).accelerators[0]


def test_that_free_and_usable_memory_follow_a_corrected_total() -> None:
    # 4 of 24 GiB are held.
    found = corrected(card(), memory_total_bytes=12 * GIB)
    assert (found.memory_free_bytes, found.usable_bytes) == (8 * GIB, 7 * GIB)
    assert corrected(card(), memory_total_bytes=3 * GIB).memory_free_bytes == 0
    free = corrected(card(), memory_free_bytes=5 * GIB)
    assert (free.memory_total_bytes, free.usable_bytes) == (24 * GIB, 4 * GIB)
    both = corrected(card(), memory_total_bytes=12 * GIB, memory_free_bytes=11 * GIB)
    assert (both.memory_free_bytes, both.usable_bytes) == (11 * GIB, 10 * GIB)
    typed = corrected(card(), memory_total_bytes=12 * GIB, usable_bytes=2 * GIB)
    assert (typed.memory_free_bytes, typed.usable_bytes) == (8 * GIB, 2 * GIB)
    assert corrected(card(), name="x").usable_bytes is None


def test_that_memory_that_is_not_known_follows_as_far_as_it_can() -> None:
    blind = card(memory_free_bytes=None)
    found = corrected(blind, memory_total_bytes=8 * GIB)
    assert (found.memory_free_bytes, found.usable_bytes) == (None, 7 * GIB)
    assert len(found.reasons) == 1
    no_total = card(memory_total_bytes=None, memory_free_bytes=6 * GIB)
    assert corrected(no_total, memory_total_bytes=4 * GIB).memory_free_bytes == 4 * GIB
    assert corrected(no_total, memory_total_bytes=9 * GIB).memory_free_bytes == 6 * GIB
    chip = card(kind=AcceleratorKind.UNIFIED, usable_bytes=10 * GIB)
    assert corrected(chip, memory_total_bytes=8 * GIB).usable_bytes == 8 * GIB
    assert corrected(chip, memory_total_bytes=64 * GIB).usable_bytes == 10 * GIB
    none = replace(chip, usable_bytes=None)
    assert corrected(none, memory_total_bytes=12 * GIB).usable_bytes == 7 * GIB
    graphics = card(kind=AcceleratorKind.INTEGRATED, usable_bytes=3 * GIB)
    assert corrected(graphics, memory_total_bytes=64 * GIB).usable_bytes == 3 * GIB


def test_that_only_the_accelerator_that_was_meant_is_corrected() -> None:
    three = profile(card("a"), card("b"), card("c"))
    found = overrides.apply(three, {"accelerators.1.memory_total_bytes": 12 * GIB})
    assert found.accelerators[0] == three.accelerators[0]
    assert found.accelerators[2] == three.accelerators[2]
    assert found.accelerators[1].memory_total_bytes == 12 * GIB
    assert found.failures == ()
    gone = overrides.apply(three, {"accelerators.3.name": "x"})
    assert gone.accelerators == three.accelerators
    assert gone.overrides == ()
    (failure,) = gone.failures
    assert failure.reason == "accelerator 3 is not there: 3 found"
    assert overrides.apply(three, {"accelerators.2.name": "x"}).failures == ()


@pytest.mark.parametrize(
    ("path", "value", "good"),
    [
        ("cpu.physical_cores", 1, True),
        ("cpu.physical_cores", 0, False),
        ("cpu.physical_cores", 1.5, False),
        ("cpu.physical_cores", True, False),
        pytest.param("cpu.physical_cores", 10**400, False, id="huge"),
        ("ram.available_bytes", 0, True),
        ("ram.available_bytes", -1, False),
        ("accelerators.0.bandwidth_bytes_per_s", 0.5, True),
        ("accelerators.0.bandwidth_bytes_per_s", 0, False),
        ("accelerators.0.vendor", "amd", True),
        ("accelerators.0.vendor", "acme", False),
        ("accelerators.0.kind", "discrete", True),
        ("accelerators.0.kind", "round", False),
        ("accelerators.0.name", " ", False),
        ("accelerators.x.name", "a", False),
        ("accelerators.0.colour", "a", False),
        ("ram.colour", 1, False),
        ("ram", 1, False),
    ],
)
def test_that_a_correction_is_checked(path: str, value: Any, *, good: bool) -> None:
    if good:
        overrides.check({path: value})
        return
    with pytest.raises(BadInput) as caught:
        overrides.check({path: value})
    assert path in caught.value.field
    assert caught.value.hint


def test_that_a_correction_says_what_stood_there() -> None:
    fast = card(bandwidth_bytes_per_s=Stated(5.0, "x"), power_limit_watts=None)
    found = overrides.apply(profile(fast), {"accelerators.0.bandwidth_bytes_per_s": 7})
    assert found.overrides == (
        Override(field="accelerators.0.bandwidth_bytes_per_s", detected="5", value="7"),
    )
    cores = overrides.apply(profile(), {"cpu.physical_cores": 4.0})
    assert cores.cpu.physical_cores == 4
    assert (cores.overrides[0].detected, cores.overrides[0].value) == ("8", "4")
    unknown = replace(profile(), cpu=replace(profile().cpu, physical_cores=None))
    assert overrides.apply(unknown, {"cpu.physical_cores": 4}).overrides[0].detected == "unknown"


# ---------------------------------------------------------------- machines that are described

PLAIN: dict[str, Any] = {
    "name": "old card",
    "vendor": "amd",
    "kind": "discrete",
    "memory_gib": 8,
    "bandwidth_gb_s": 256,
}


@pytest.mark.parametrize(
    ("key", "field", "most", "at_most"),
    [
        ("memory_gib", "memory_bytes", 65_536, 65_536 * GIB),
        ("bandwidth_gb_s", "bandwidth_bytes_per_s", 1e6, 1e15),
        ("fp16_tflops", "fp16_flops", 1e6, 1e18),
        ("fp32_tflops", "fp32_flops", 1e6, 1e18),
        ("tdp_watts", "tdp_watts", 1e5, 1e5),
        ("ram_gib", "ram_bytes", 65_536, 65_536 * GIB),
        ("ram_gb_s", "ram_bandwidth_bytes_per_s", 1e5, 1e14),
        ("price_usd", "launch_price_usd", 1e9, 1e9),
    ],
)
def test_that_each_number_has_its_unit_and_its_end(
    key: str, field: str, most: float, at_most: float
) -> None:
    assert getattr(check(PLAIN | {key: most}, ALL), field) == at_most
    for bad in (most + most / 1e6, 0, -1, True, "5", float("nan"), float("inf")):
        with pytest.raises(BadInput) as caught:
            check(PLAIN | {key: bad}, ALL)
        assert caught.value.field == key
    small = check(PLAIN | {key: 0.3}, ALL)
    assert getattr(small, field) == pytest.approx(at_most / most * 0.3)
    assert field in small.stated


def test_that_bytes_are_whole_and_names_have_80_signs_at_most() -> None:
    assert check(PLAIN | {"memory_gib": 0.3}, ALL).memory_bytes == round(0.3 * GIB)
    longest = "x" * 80
    assert check(PLAIN | {"name": f" {longest} "}, ALL).name == longest
    for bad in (longest + "x", "a\nb", " ", 5, None):
        with pytest.raises(BadInput) as caught:
            check(PLAIN | {"name": bad}, ALL)
        assert caught.value.field == "name"


def test_that_a_count_is_one_to_sixteen_and_one_where_nothing_is_said() -> None:
    assert check(PLAIN, ALL).count == 1
    for good in (1, 16):
        assert check(PLAIN | {"count": good}, ALL).count == good
    for bad in (0, 17, 1.0, True, "2"):
        with pytest.raises(BadInput):
            check(PLAIN | {"count": bad}, ALL)


def test_that_a_message_of_typed_fields_begins_like_a_sentence() -> None:
    with pytest.raises(BadInput) as caught:
        check(PLAIN | {"tdp_watts": 0}, ALL)
    assert caught.value.message.startswith("Tdp_watts is 0.")
    assert "above 0" in caught.value.hint


def test_that_a_size_or_a_memory_of_ones_own_takes_the_choice_away() -> None:
    row = mac("M4 Max 40-core", 48, 64, 128)
    sized = check({"name": "mine", "like": "M4 Max 64GB"}, [row])
    assert (sized.memory_bytes, sized.memory_options) == (64 * GIB, ())
    assert (sized.like, sized.name, sized.stated) == ("M4 Max 40-core", "mine", frozenset())
    typed = check({"name": "mine", "like": "M4 Max", "memory_gib": 96}, [row])
    assert (typed.memory_bytes, typed.memory_options) == (96 * GIB, ())
    plain = check({"name": "mine", "like": "M4 Max"}, [row])
    assert (plain.memory_bytes, plain.memory_options) == (128 * GIB, row.memory_options)
    assert plain.where == "your description"


@pytest.mark.parametrize(
    ("vendor", "kind", "device_class", "unified"),
    [
        ("apple", "unified", "apple-soc", True),
        ("nvidia", "unified", "nvidia-soc", True),
        ("amd", "unified", "amd-apu", True),
        ("intel", "unified", "intel-soc", True),
        ("intel", "integrated", "intel-igpu", True),
        ("amd", "discrete", "amd-desktop", False),
    ],
)
def test_that_what_starts_from_nothing_has_the_class_of_its_kind(
    vendor: str, kind: str, device_class: str, *, unified: bool
) -> None:
    fields = PLAIN | {"vendor": vendor, "kind": kind}
    if kind == "integrated":
        del fields["memory_gib"]
    made = check(fields, ALL)
    assert (made.device_class, made.unified) == (device_class, unified)
    assert (made.fp16_flops, made.year, made.like, made.memory_options) == (None, None, "", ())
    assert made.bandwidth_bytes_per_s == 256e9
    assert made.kind.value == kind


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"memory_gib": None}, "memory_gib"),
        ({"bandwidth_gb_s": None}, "bandwidth_gb_s"),
        ({"vendor": None}, "vendor"),
        ({"vendor": "acme"}, "vendor"),
        ({"kind": "round"}, "kind"),
        ({"kind": "integrated"}, "memory_gib"),
        ({"kind": "unified", "ram_gib": 8}, "ram_gib"),
        ({"kind": "unified", "count": 2}, "count"),
        ({"date": "soon"}, "date"),
        ({"like": 5}, "like"),
        ({"like": "nothing of the sort"}, "like"),
        ({"like": "RTX 4090"}, "vendor"),
        ({"like": "RTX 4090", "vendor": "nvidia", "kind": "unified"}, "kind"),
        ({"memory": 5}, "memory"),
    ],
)
def test_that_what_does_not_go_together_is_refused_at_its_key(
    changed: dict[str, Any], field: str
) -> None:
    fields = {key: value for key, value in (PLAIN | changed).items() if value is not None}
    with pytest.raises(BadInput) as caught:
        check(fields, ALL)
    assert caught.value.field == field


def test_that_a_day_is_a_day_however_it_is_written() -> None:
    for said in ("2026-10-01", date(2026, 10, 1)):
        assert check(PLAIN | {"date": said}, ALL).stated_on == "2026-10-01"
    assert check(PLAIN, ALL).stated_on == ""


def table(name: str) -> str:
    return f'[[machine]]\nname = "{name}"\nlike = "RTX 4090"\n'


def test_that_two_hundred_machines_are_the_most() -> None:
    text = "\n".join(table(f"m{at}") for at in range(200))
    found = parse(text, ALL, file="f")
    assert (len(found.machines), found.problems) == (200, ())
    more = parse(f"{text}\n{table('one more')}", ALL, file="f")
    assert (len(more.machines), len(more.entries)) == (200, 201)
    (problem,) = more.problems
    assert "201 machines" in problem.message
    assert problem.line == 200 * 4 + 1
    assert problem.field == "machine"


def test_that_a_file_tells_where_it_is_wrong() -> None:
    text = f'{table("a")}\n{table("A")}\n[[machine]]\nname = "b"\ncount = 99\nlike = "RTX 4090"\n'
    found = parse(f"{text}\n[other]\nx = 1\n", ALL, file="machines.toml")
    assert [one.name for one in found.machines] == ["a"]
    assert len(found.entries) == 3
    assert [(one.field, one.line, one.file) for one in found.problems] == [
        ("other", 14, "machines.toml"),
        ("machine[1].name", 6, "machines.toml"),
        ("machine[2].count", 11, "machines.toml"),
    ]
    assert "machines.toml: machine[2].count: count is 99" in found.problems[2].message
    assert found.machines[0].where == "machines.toml"
    broken = parse("a = \n", ALL, file="f")
    assert (broken.machines, broken.entries) == ((), ())
    assert [(one.line, one.file) for one in broken.problems] == [(1, "f")]
    for wrong in ("machine = 5\n", "machine = [5]\n"):
        (problem,) = parse(wrong, ALL, file="f").problems
        assert (problem.field, problem.line) == ("machine", 1)


def test_that_a_table_is_changed_and_all_around_it_stays() -> None:
    new = {"name": "c", "like": "RTX 4090"}
    text = f"# mine\n{table('a')}\n# about b\n{table('b')}"
    changed = with_table(text, new | {"date": date(2026, 1, 2)})
    assert changed == f"{text}\n{table('c')}date = 2026-01-02\n"
    assert with_table("", new) == table("c")
    first = with_table(text, new, replacing=0)
    assert first == f"# mine\n{table('c')}\n# about b\n{table('b')}"
    last = with_table(text, new, replacing=1)
    assert last == f"# mine\n{table('a')}\n# about b\n{table('c')}"
    assert without_table(text, 0) == f"# mine\n# about b\n{table('b')}"
    assert without_table(text, 1) == f"# mine\n{table('a')}\n# about b\n"
    for gone in (2, -1):
        with pytest.raises(BadInput):
            without_table(text, gone)
    inline = 'machine = [{name = "a", like = "M"}, {name = "b", like = "M"}]\n'
    for replacing in (None, 0):
        with pytest.raises(BadInput):
            with_table(inline, new, replacing=replacing)
