"""Whether the machine runs on its battery now."""

from __future__ import annotations

import sys
from pathlib import Path

from landfall.services.power.source import line_of


def runs_on_battery(sysfs: Path, *, platform_name: str = sys.platform) -> bool:
    """By the kernel's files on Linux, by psutil elsewhere; unknown is no.

    On Linux: a battery of the machine that discharges while no supply of power is on line. A
    desktop's battery-backed supply (UPS) is of another type and does not count.
    """
    if platform_name != "linux":
        return _by_psutil()
    supplies = list((sysfs / "class/power_supply").glob("*"))
    if any(line_of(supply / "online") == "1" for supply in supplies if _is_mains(supply)):
        return False
    return any(
        line_of(supply / "type") == "Battery"
        and line_of(supply / "scope") != "Device"
        and line_of(supply / "status") == "Discharging"
        for supply in supplies
    )


def _is_mains(supply: Path) -> bool:
    return line_of(supply / "type") in {"Mains", "USB"}


def _by_psutil() -> bool:
    import psutil  # noqa: PLC0415 - 2 MB that Linux, and a machine that runs nothing, do without

    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False
