"""Power out of a laptop's battery on Linux: the whole machine, while it is discharging.

Awaits hardware: written against the kernel's documentation and a tree of files made after it.

Source: kernel documentation of /sys/class/power_supply.
"""

from __future__ import annotations

import time
from pathlib import Path

from landfall.core.energy.power import Quality, Scope, plausible
from landfall.core.events import PowerSample
from landfall.services.power.source import (
    AVERAGED_SETTLE_SECONDS,
    Clock,
    PowerSource,
    line_of,
    number_of,
)

_ERROR_SHARE = 0.05
"""Gauges of batteries are good to 3 to 5 %: the upper end."""
_ON_MAINS = "the battery tells the machine's power only while it is discharging"


def discover(*, sysfs: Path, clock: Clock = time.perf_counter) -> tuple[PowerSource, ...]:
    """The machine's own batteries; those of mice and headsets are not."""
    folders = sorted((sysfs / "class/power_supply").glob("*"))
    return tuple(
        Battery(folder, clock=clock)
        for folder in folders
        if line_of(folder / "type") == "Battery" and line_of(folder / "scope") != "Device"
    )


class Battery:
    """One battery."""

    scope = Scope.SYSTEM_DC
    settle_seconds = AVERAGED_SETTLE_SECONDS
    error_share = _ERROR_SHARE

    def __init__(self, folder: Path, *, clock: Clock = time.perf_counter) -> None:
        self.name = f"battery {folder.name}"
        self._status, self._power, self._current, self._voltage = (
            str(folder / file) for file in ("status", "power_now", "current_now", "voltage_now")
        )
        self._clock = clock

    @property
    def available(self) -> bool:
        """Whether it discharges now, and tells how fast."""
        return self._discharging() and self._watts() is not None

    @property
    def quality(self) -> Quality:
        """Slow: its value changes every second or less often."""
        return Quality.FAIR if self.available else Quality.NONE

    @property
    def reason(self) -> str:
        """Why it cannot be read now, or what it covers."""
        if not self._discharging():
            return _ON_MAINS
        return "the whole machine" if self.available else "the battery does not tell its power"

    def read(self) -> PowerSample:
        """Watts now, for the whole machine."""
        at = self._clock()
        if not self._discharging():
            return PowerSample(at, self.name, self.scope, None, _ON_MAINS)
        watts = self._watts()
        if watts is None:
            return PowerSample(at, self.name, self.scope, None, self.reason)
        value, reason = plausible(watts)
        return PowerSample(at, self.name, self.scope, value, reason)

    def close(self) -> None:
        """Nothing is held."""

    def _discharging(self) -> bool:
        return line_of(self._status) == "Discharging"

    def _watts(self) -> float | None:
        """Microwatts, or microamperes times microvolts. Some drivers give the current a sign."""
        power = number_of(self._power)
        if power is not None:
            return abs(power) / 1e6
        current = number_of(self._current)
        voltage = number_of(self._voltage)
        return None if current is None or voltage is None else abs(current) * voltage / 1e12
