"""What else the machine does while it is calibrated."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from landfall.services.speed.calibration_run import surroundings
from tests.fakes import sysfs


@pytest.mark.skipif(sys.platform != "linux", reason="the files are those of Linux")
@pytest.mark.parametrize(
    ("status", "on_battery"), [("Discharging", True), ("Not charging", False), ("Unknown", None)]
)
def test_that_a_battery_that_says_nothing_is_not_said_to_be_drawn_on(
    status: str, on_battery: bool | None, tmp_path: Path
) -> None:
    assert surroundings(sysfs=tmp_path / "sys").on_battery is None
    sysfs.battery(tmp_path, "BAT0", {"status": status})
    assert surroundings(sysfs=tmp_path / "sys").on_battery is on_battery
