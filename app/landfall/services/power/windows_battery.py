"""Power out of a laptop's battery on Windows: the whole machine, while it is discharging.

Awaits hardware: written against the documentation of `CallNtPowerInformation` (SystemBatteryState)
and run here with recorded structures. No administrator, no driver; all batteries together.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import time
from collections.abc import Callable

from landfall.core.energy.power import Quality, Scope, plausible
from landfall.core.events import PowerSample
from landfall.services.power.source import AVERAGED_SETTLE_SECONDS, Clock, PowerSource

_SYSTEM_BATTERY_STATE = 5
_FORM = "<4B3xB6I"
"""AcOnLine, BatteryPresent, Charging, Discharging, three spare bytes, a tag, then the capacities,
the rate in mW as a signed number, the time left and two alerts."""

SIZE_BYTES = struct.calcsize(_FORM)
_UNKNOWN_RATE = 0x80000000
_ERROR_SHARE = 0.05
"""Gauges of batteries are good to 3 to 5 %: the upper end."""
_ON_MAINS = "the battery tells the machine's power only while it is discharging"
_NO_RATE = "the battery does not tell its power"

Query = Callable[[], bytes]


def discover(
    *, query: Query | None = None, clock: Clock = time.perf_counter
) -> tuple[PowerSource, ...]:
    """The battery, where there is one."""
    ask = query or state
    try:
        there = bool(ask()[1])
    except (OSError, IndexError):
        return ()
    return (WindowsBattery(ask, clock=clock),) if there else ()


def watts_of(answer: bytes) -> tuple[float | None, str]:
    """What the battery gives now, or None and why that is not known."""
    try:
        _, present, _, discharging, *_, rate, _, _, _ = struct.unpack(_FORM, answer)
    except struct.error:
        return None, "the system's answer about the battery is cut"
    if not present or not discharging:
        return None, _ON_MAINS
    if rate in {_UNKNOWN_RATE, 0}:
        return None, _NO_RATE
    signed = rate - (1 << 32) if rate & _UNKNOWN_RATE else rate
    return plausible(abs(signed) / 1000)


class WindowsBattery:
    """All batteries of the machine."""

    name = "battery"
    family = "battery"
    scope = Scope.SYSTEM_DC
    settle_seconds = AVERAGED_SETTLE_SECONDS
    error_share = _ERROR_SHARE

    def __init__(self, query: Query, *, clock: Clock = time.perf_counter) -> None:
        self._query = query
        self._clock = clock

    @property
    def available(self) -> bool:
        """Whether it discharges now, and tells how fast."""
        return self._watts()[0] is not None

    @property
    def quality(self) -> Quality:
        """Slow: its value changes every second or less often."""
        return Quality.FAIR if self.available else Quality.NONE

    @property
    def reason(self) -> str:
        """Why it cannot be read now, or what it covers."""
        watts, reason = self._watts()
        return reason if watts is None else "the whole machine"

    def read(self) -> PowerSample:
        """Watts now, for the whole machine."""
        watts, reason = self._watts()
        return PowerSample(self._clock(), self.name, self.scope, watts, reason)

    def close(self) -> None:
        """Nothing is held."""

    def _watts(self) -> tuple[float | None, str]:
        try:
            return watts_of(self._query())
        except OSError as error:
            return None, f"the battery cannot be read: {error}"


if sys.platform == "win32":

    def state() -> bytes:
        """The structure as Windows gives it. Raises OSError."""
        power = ctypes.WinDLL("powrprof", use_last_error=True)
        ask = power.CallNtPowerInformation
        ask.restype = ctypes.c_long
        ask.argtypes = [
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_ulong,
            ctypes.c_void_p,
            ctypes.c_ulong,
        ]
        room = ctypes.create_string_buffer(SIZE_BYTES)
        code = ask(_SYSTEM_BATTERY_STATE, None, 0, room, SIZE_BYTES)
        if code:
            raise OSError(f"Windows refuses the state of the battery: {code & 0xFFFFFFFF:#x}")
        return room.raw

else:

    def state() -> bytes:
        """Always an OSError here."""
        raise OSError("this is not Windows")
