"""Whether the machine runs on its battery now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from landfall.core.provenance import Unknown
from landfall.services.power.source import line_of

NO_BATTERY = Unknown("this machine has no battery")
NOT_TOLD = Unknown("the battery does not say whether it is drawn on")

_SILENT = {None, "", "Unknown"}
"""What of a battery tells nothing. All that is left beside `Discharging` means that power comes in,
also where it is kept below its full charge and does not charge."""


def runs_on_battery(sysfs: Path, *, platform_name: str = sys.platform) -> bool:
    """As `on_battery`; unknown is no."""
    return on_battery(sysfs, platform_name=platform_name) is True


def on_battery(sysfs: Path, *, platform_name: str = sys.platform) -> bool | Unknown:
    """By the kernel's files on Linux, by psutil elsewhere.

    On Linux: a battery of the machine that discharges while no supply of power is on line. A
    desktop's battery-backed supply (UPS) is of another type and does not count.
    """
    if platform_name != "linux":
        return _by_psutil()
    supplies = list((sysfs / "class/power_supply").glob("*"))
    says = [line_of(supply / "status") for supply in supplies if _is_battery(supply)]
    if not says:
        return NO_BATTERY
    if any(line_of(supply / "online") == "1" for supply in supplies if _is_mains(supply)):
        return False
    if "Discharging" in says:
        return True
    return NOT_TOLD if _SILENT.issuperset(says) else False


def _is_battery(supply: Path) -> bool:
    return line_of(supply / "type") == "Battery" and line_of(supply / "scope") != "Device"


def _is_mains(supply: Path) -> bool:
    return line_of(supply / "type") in {"Mains", "USB"}


def _by_psutil() -> bool | Unknown:
    import psutil  # noqa: PLC0415 - 2 MB that Linux, and a machine that runs nothing, do without

    battery: Any = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        return NO_BATTERY
    return NOT_TOLD if battery.power_plugged is None else not battery.power_plugged
