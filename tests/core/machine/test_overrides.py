from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.machine import overrides
from landfall.core.machine.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    Cpu,
    Disk,
    HardwareProfile,
    Override,
    Ram,
    System,
    Vendor,
)
from landfall.core.machine.overrides import _free_after
from landfall.core.provenance import Stated, Unknown

CARD = Accelerator(
    id="GPU-1",
    name="NVIDIA GeForce RTX 4090",
    vendor=Vendor.NVIDIA,
    kind=AcceleratorKind.DISCRETE,
    memory_total_bytes=24 * GIB,
    memory_free_bytes=20 * GIB,
    usable_bytes=19 * GIB,
    bandwidth_bytes_per_s=Unknown("test"),
    fp16_flops=Unknown("test"),
    driver="580",
    source="NVML",
)
MACHINE = HardwareProfile(
    name="This machine",
    system=System(os="linux", version="6", arch="x86_64"),
    cpu=Cpu(name="x", physical_cores=None, logical_cores=8),
    ram=Ram(total_bytes=64 * GIB, available_bytes=50 * GIB, bandwidth_bytes_per_s=Unknown("test")),
    disk=Disk(models_path="/models", free_bytes=100 * GIB, total_bytes=200 * GIB),
    accelerators=(CARD,),
)


def card(given: dict[str, Any], before: Accelerator = CARD) -> Accelerator:
    machine = replace(MACHINE, accelerators=(before,))
    paths = {f"accelerators.0.{name}": value for name, value in given.items()}
    return overrides.apply(machine, paths).accelerators[0]


def test_that_a_field_is_corrected_and_noted() -> None:
    changed = overrides.apply(MACHINE, {"ram.total_bytes": 32 * GIB})
    assert changed.ram.total_bytes == 32 * GIB
    assert changed.overrides == (
        Override(field="ram.total_bytes", detected=str(64 * GIB), value=str(32 * GIB)),
    )


def test_that_memory_in_use_stays_in_use_when_main_memory_is_corrected() -> None:
    for total, available in ((32 * GIB, 18 * GIB), (GIB, 0), (128 * GIB, 114 * GIB)):
        changed = overrides.apply(MACHINE, {"ram.total_bytes": total})
        assert changed.ram.available_bytes == available
    both = {"ram.total_bytes": 32 * GIB, "ram.available_bytes": 30 * GIB}
    assert overrides.apply(MACHINE, both).ram.available_bytes == 30 * GIB


def test_that_an_unknown_detected_value_is_noted_as_unknown() -> None:
    (note,) = overrides.apply(MACHINE, {"cpu.physical_cores": 4}).overrides
    assert note.detected == "unknown"


def test_that_a_figure_becomes_stated() -> None:
    changed = overrides.apply(MACHINE, {"ram.bandwidth_bytes_per_s": 80e9})
    assert changed.ram.bandwidth_bytes_per_s == Stated(80e9, "overrides.ram.bandwidth_bytes_per_s")
    assert changed.overrides[0].value == "8e+10"
    assert "unknown" in changed.overrides[0].detected


def test_that_what_others_hold_stays_when_the_total_is_corrected() -> None:
    corrected = card({"memory_total_bytes": 48 * GIB})
    assert corrected.memory_free_bytes == 44 * GIB
    assert corrected.usable_bytes == 43 * GIB


def test_that_a_smaller_total_never_makes_negative_memory() -> None:
    corrected = card({"memory_total_bytes": 2 * GIB})
    assert corrected.memory_free_bytes == 0
    assert corrected.usable_bytes == 0


def test_that_what_is_usable_follows_what_is_free() -> None:
    assert card({"memory_free_bytes": 10 * GIB}).usable_bytes == 9 * GIB


def test_that_a_stated_usable_amount_stands() -> None:
    corrected = card({"memory_free_bytes": 10 * GIB, "usable_bytes": 3 * GIB})
    assert corrected.usable_bytes == 3 * GIB


def test_that_a_total_for_a_card_of_unknown_memory_makes_it_usable_with_a_reason() -> None:
    silent = replace(CARD, memory_total_bytes=None, memory_free_bytes=None, usable_bytes=None)
    corrected = card({"memory_total_bytes": 8 * GIB}, silent)
    assert corrected.memory_free_bytes is None
    assert corrected.usable_bytes == 7 * GIB
    assert "free memory is not known" in corrected.reasons[0]


def test_that_free_memory_is_not_more_than_a_stated_total() -> None:
    silent = replace(CARD, memory_total_bytes=None)
    assert card({"memory_total_bytes": 8 * GIB}, silent).memory_free_bytes == 8 * GIB


def test_that_a_macs_budget_stays_metals_unless_the_total_is_smaller() -> None:
    mac = replace(CARD, kind=AcceleratorKind.UNIFIED, usable_bytes=12 * GIB)
    assert card({"memory_total_bytes": 64 * GIB}, mac).usable_bytes == 12 * GIB
    assert card({"memory_total_bytes": 8 * GIB}, mac).usable_bytes == 8 * GIB


def test_that_a_gpu_in_the_processor_stays_unused_whatever_its_memory() -> None:
    inside = replace(CARD, kind=AcceleratorKind.INTEGRATED, usable_bytes=0)
    assert card({"memory_total_bytes": 64 * GIB}, inside).usable_bytes == 0


def test_that_other_fields_leave_memory_alone() -> None:
    corrected = card({"name": "RTX 5090", "vendor": "nvidia", "power_limit_watts": 300})
    assert corrected.usable_bytes == CARD.usable_bytes
    assert corrected.power_limit_watts == 300


def test_that_kind_and_vendor_are_words_of_the_list() -> None:
    corrected = card({"kind": "unified", "vendor": "apple"})
    assert (corrected.kind, corrected.vendor) == (AcceleratorKind.UNIFIED, Vendor.APPLE)


def test_that_an_accelerator_that_is_not_there_is_a_failure_and_the_rest_is_applied() -> None:
    changed = overrides.apply(
        MACHINE, {"accelerators.3.memory_total_bytes": GIB, "cpu.name": "mine"}
    )
    assert changed.accelerators == MACHINE.accelerators
    assert changed.cpu.name == "mine"
    assert "accelerator 3 is not there" in changed.failures[0].reason
    assert changed.failures[0].hint


@pytest.mark.parametrize(
    "path",
    [
        "ram",
        "ram.colour",
        "accelerators.memory_total_bytes",
        "accelerators.x.name",
        "accelerators.-1.name",
        "accelerators.0.id",
        "accelerators.0.source",
        "failures.0.reason",
        "",
        "ram.total_bytes.more",
    ],
)
def test_that_a_path_that_names_no_field_is_bad_input_with_the_path(path: str) -> None:
    with pytest.raises(BadInput) as raised:
        overrides.apply(MACHINE, {path: 1})
    assert raised.value.field == f"overrides.{path}"
    assert "ram.total_bytes" in raised.value.hint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ram.total_bytes", "64"),
        ("ram.total_bytes", 0),
        ("ram.total_bytes", -1),
        ("ram.total_bytes", 1.5),
        ("ram.total_bytes", True),
        ("ram.total_bytes", math.nan),
        ("ram.total_bytes", math.inf),
        ("ram.total_bytes", None),
        ("ram.total_bytes", 10**400),
        ("ram.bandwidth_bytes_per_s", 0),
        ("ram.bandwidth_bytes_per_s", "fast"),
        ("accelerators.0.power_limit_watts", -5),
        ("accelerators.0.name", "  "),
        ("accelerators.0.name", 5),
        ("accelerators.0.kind", "big"),
        ("accelerators.0.vendor", 7),
        ("accelerators.9.kind", "big"),
        ("accelerators.0.kind", ["discrete"]),
    ],
)
def test_that_a_value_of_the_wrong_type_is_bad_input_with_its_path(path: str, value: Any) -> None:
    for use in (overrides.check, lambda given: overrides.apply(MACHINE, given)):
        with pytest.raises(BadInput) as raised:
            use({path: value})
        assert raised.value.field == f"overrides.{path}"
        assert raised.value.hint.startswith("Give ")


def test_that_a_whole_number_may_be_written_with_a_point() -> None:
    assert overrides.apply(MACHINE, {"ram.total_bytes": 64e9}).ram.total_bytes == 64_000_000_000


def test_that_names_are_told_from_the_other_corrections() -> None:
    given_ = {
        "accelerators.0.name": "a",
        "accelerators.0.vendor": "amd",
        "cpu.name": "b",
        "ram.total_bytes": 1,
    }
    assert set(overrides.names_only(given_)) == {"accelerators.0.name", "accelerators.0.vendor"}


def test_that_nothing_to_correct_changes_nothing() -> None:
    assert overrides.apply(MACHINE, {}) == MACHINE


@given(st.integers(1, 1 << 50), st.integers(0, 1 << 50))
def test_that_usable_never_exceeds_free_and_free_never_the_total(total: int, free: int) -> None:
    corrected = card({"memory_total_bytes": total})
    assert corrected.usable_bytes is not None
    assert corrected.memory_free_bytes is not None
    assert 0 <= corrected.usable_bytes <= corrected.memory_free_bytes <= total
    both = card({"memory_free_bytes": free})
    assert both.usable_bytes is not None
    assert both.usable_bytes <= free


def test_that_what_is_free_stays_where_no_total_was_ever_told() -> None:
    bare = replace(CARD, memory_total_bytes=None, memory_free_bytes=7)
    assert _free_after(bare, bare) == 7
    assert _free_after(bare, replace(bare, memory_total_bytes=5)) == 5
    assert _free_after(bare, replace(bare, memory_total_bytes=9)) == 7
    full = replace(CARD, memory_total_bytes=100, memory_free_bytes=60)
    assert _free_after(full, replace(full, memory_total_bytes=50)) == 10
    assert _free_after(full, replace(full, memory_total_bytes=30)) == 0
