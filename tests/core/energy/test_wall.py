"""Power at the plug, out of what is measured inside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.power import Scope
from landfall.core.energy.wall import (
    MACBOOK_EFFICIENCY,
    OTHER_WATTS,
    OTHER_WITH_PROCESSOR_WATTS,
    SUPPLY_EFFICIENCY,
    WallCalibration,
    checked,
    stated,
    wall,
    why_not,
)
from landfall.core.errors import BadInput
from landfall.core.provenance import Measured, Stated

TWO_POINTS = WallCalibration(
    idle_wall_watts=80.0,
    idle_measured_watts=40.0,
    load_wall_watts=420.0,
    load_measured_watts=346.0,
    sources=("NVML GPU 0", "RAPL package-0"),
    at="2026-11-26T10:00:00+00:00",
)
ONE_POINT = replace(TWO_POINTS, load_wall_watts=None, load_measured_watts=None)


def test_that_two_readings_give_the_efficiency_and_the_other_parts() -> None:
    got = checked(TWO_POINTS)
    assert got.efficiency == pytest.approx(0.9)
    assert got.other_watts == pytest.approx(0.9 * 80 - 40)
    assert got.band_share == 0.05


def test_that_one_reading_gives_the_other_parts_and_a_wider_band() -> None:
    got = checked(ONE_POINT)
    assert got.efficiency == SUPPLY_EFFICIENCY
    assert got.other_watts == pytest.approx(32)
    assert got.band_share == 0.10


@given(
    efficiency=st.floats(0.55, 0.99),
    other=st.floats(0, 200),
    idle=st.floats(5, 100),
    more=st.floats(20, 900),
)
def test_that_a_calibration_finds_the_machine_it_was_read_from(
    efficiency: float, other: float, idle: float, more: float
) -> None:
    got = checked(
        replace(
            TWO_POINTS,
            idle_wall_watts=(idle + other) / efficiency,
            idle_measured_watts=idle,
            load_wall_watts=(idle + more + other) / efficiency,
            load_measured_watts=idle + more,
        )
    )
    assert got.efficiency == pytest.approx(efficiency)
    assert got.other_watts == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"idle_wall_watts": 0.0}, "idle_wall_watts", "no reading"),
        ({"idle_measured_watts": -1.0}, "idle_measured_watts", "no reading"),
        ({"load_wall_watts": float("nan")}, "load_wall_watts", "no reading"),
        ({"load_wall_watts": 70.0}, "load_wall_watts", "at least 10 W more"),
        ({"load_wall_watts": 85.0}, "load_wall_watts", "at least 10 W more"),
        ({"load_measured_watts": 30.0}, "load_measured_watts", "no more under load"),
        ({"load_measured_watts": 500.0}, "load_wall_watts", "efficiency of 135 %"),
        ({"load_measured_watts": 100.0}, "load_wall_watts", "efficiency of 18 %"),
        ({"idle_measured_watts": 100.0}, "idle_wall_watts", "the plug must show more"),
        ({"load_measured_watts": None}, "load_wall_watts", "of the plug and of the sensors"),
        ({"sources": ()}, "sources", "nothing to calibrate"),
    ],
)
def test_that_impossible_readings_are_refused_with_what_is_wrong(
    change: dict[str, float], field: str, word: str
) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        checked(replace(TWO_POINTS, **change))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_that_a_calibration_ends_when_the_sources_change() -> None:
    assert why_not(TWO_POINTS, ("RAPL package-0", "NVML GPU 0")) == ""
    said = why_not(TWO_POINTS, ("NVML GPU 0", "NVML GPU 1"))
    assert "without RAPL package-0" in said
    assert "with NVML GPU 1" in said


def test_that_a_calibrated_machine_has_a_band_of_five_percent() -> None:
    way = wall({Scope.GPU, Scope.CPU_PACKAGE}, calibration=TWO_POINTS, sources=TWO_POINTS.sources)
    assert way.calibrated
    assert "2026-11-26" in way.origin
    assert way.band_share == 0.05
    assert (3460 + way.other_watts * 10) / way.efficiency == pytest.approx(4200)


def test_that_a_calibration_with_other_sources_is_not_used_and_that_is_said() -> None:
    way = wall({Scope.GPU}, calibration=TWO_POINTS, sources=("NVML GPU 0",))
    assert not way.calibrated
    assert way.efficiency == SUPPLY_EFFICIENCY
    assert "other sources" in way.origin


@pytest.mark.parametrize(
    ("scopes", "other"),
    [
        ({Scope.GPU}, OTHER_WITH_PROCESSOR_WATTS),
        ({Scope.GPU, Scope.CPU_PACKAGE}, OTHER_WATTS),
        ({Scope.MODULE}, OTHER_WATTS),
        ({Scope.SYSTEM_DC}, 0.0),
    ],
)
def test_that_without_a_calibration_what_the_sensors_miss_is_a_default_with_a_wide_band(
    scopes: set[Scope], other: float
) -> None:
    way = wall(scopes)
    assert (way.other_watts, way.efficiency, way.band_share) == (other, 0.9, 0.2)
    assert not way.calibrated


def test_that_a_macbook_has_the_efficiency_of_its_charger() -> None:
    way = wall({Scope.SYSTEM_DC}, macbook_efficiency=MACBOOK_EFFICIENCY)
    assert way.efficiency == pytest.approx(586363042 / 619144936, abs=1e-3)
    assert "MacBook" in way.origin


def test_that_what_is_read_at_the_plug_is_taken_as_it_is() -> None:
    way = wall({Scope.WALL})
    assert (way.other_watts, way.efficiency) == (0.0, 1.0)


def test_that_a_reading_says_who_made_it() -> None:
    assert stated(TWO_POINTS) == Stated(420.0, "wall_calibration")
    assert stated(ONE_POINT) == Stated(80.0, "wall_calibration")
    by_plug = stated(replace(TWO_POINTS, how="plug"))
    assert by_plug == Measured(420.0, TWO_POINTS.at, "smart plug")


def test_that_a_calibration_is_told_by_its_day() -> None:
    made = wall((), calibration=checked(TWO_POINTS), sources=TWO_POINTS.sources)
    assert made.origin == "calibrated at the wall, 2026-11-26"
    assert made.calibrated
    with pytest.raises(BadInput) as told:
        checked(replace(ONE_POINT, idle_measured_watts=81.0))
    assert told.value.message.startswith("Idle the sensors saw 81 W, the plug 80 W")
    assert told.value.hint == "Does the whole machine hang on the plug?"
    assert checked(replace(ONE_POINT, idle_measured_watts=80.0)).other_watts >= 0
