"""A MacBook's own telemetry of its power: slow, whole, and with an estimate of the wall.

Awaits hardware: written against recordings of `ioreg -rn AppleSmartBattery -w0`. Facts (M4 Air):
loads in mW and their sums with the count of samples, published every 45 to 60 s; negative values
appear as 64-bit numbers that wrapped; the accumulated wall estimate is 1.056 times the accumulated
consumption. `SystemPowerIn` is stale when unplugged and is not used. Desktops have none of it.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping

from landfall.core.energy.power import Quality, Scope, plausible
from landfall.core.energy.wall import MACBOOK_EFFICIENCY
from landfall.core.events import PowerSample
from landfall.services.power.source import Clock, Missing, PowerSource

_COMMAND = ("/usr/sbin/ioreg", "-rn", "AppleSmartBattery", "-w0")
_TABLE = re.compile(r'"PowerTelemetryData"\s*=\s*\{([^}]*)\}')
_PAIR = re.compile(r'"(\w+)"=(\d+)')
_TIMEOUT_SECONDS = 2.0
_PERIOD_SECONDS = 30.0
_LEAST_EFFICIENCY = 0.8
"""No charger loses more; readings that say so belong to different moments."""
_ERROR_SHARE = 0.04
"""As for the whole system by SMC (`apple.py`): the same sensors."""
_NONE = "this Mac has no battery telemetry"
_SPARE = "SMC PSTR tells the same, and faster"


def telemetry(text: str) -> Mapping[str, int]:
    """The numbers of the telemetry; what wrapped around 64 bits is negative again."""
    table = _TABLE.search(text)
    if table is None:
        return {}
    found = {name: int(digits) for name, digits in _PAIR.findall(table.group(1))}
    return {name: n - (1 << 64) if n >= 1 << 63 else n for name, n in found.items()}


def efficiency(table: Mapping[str, int]) -> float | None:
    """Of the charger, by the sums of energy behind it and at the wall, or None."""
    behind = table.get("AccumulatedSystemEnergyConsumed", 0)
    wall = table.get("AccumulatedWallEnergyEstimate", 0)
    if behind <= 0 or wall <= 0 or not _LEAST_EFFICIENCY <= behind / wall <= 1:
        return None
    return behind / wall


def mean_watts(before: Mapping[str, int], now: Mapping[str, int]) -> float | None:
    """Mean load between two tables, by their sums; None where nothing was published in between."""
    keys = ("AccumulatedSystemLoad", "SystemLoadAccumulatorCount")
    if any(key not in table for key in keys for table in (before, now)):
        return None
    load, count = (now[key] - before[key] for key in keys)
    return load / count / 1000 if count > 0 and load >= 0 else None


def ask() -> str:
    """What ioreg says. Raises OSError."""
    try:
        return subprocess.run(
            _COMMAND, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise OSError(f"ioreg did not answer in {_TIMEOUT_SECONDS:g} s") from error


def discover(
    *,
    beside_smc: bool,
    question: Callable[[], str] = ask,
    clock: Clock = time.perf_counter,
) -> tuple[PowerSource, ...]:
    """The telemetry, where the Mac has one.

    Args:
        beside_smc: Whether the system's power is read through the controller. Both cover the same
            and are not added: the slower one is named and left out.
    """
    try:
        table = telemetry(question())
    except OSError as error:
        return (Missing("battery telemetry", Scope.SYSTEM_DC, str(error), clock=clock),)
    if not table:
        return (Missing("battery telemetry", Scope.SYSTEM_DC, _NONE, clock=clock),)
    charger = efficiency(table) or MACBOOK_EFFICIENCY
    if beside_smc:
        return (_Spare(charger, clock),)
    return (MacBookTelemetry(question, clock=clock, supply_efficiency=charger),)


class _Spare(Missing):
    """Telemetry that is not read, as the controller tells the same; its charger is known."""

    def __init__(self, supply_efficiency: float, clock: Clock) -> None:
        super().__init__("battery telemetry", Scope.SYSTEM_DC, _SPARE, clock=clock)
        self.supply_efficiency = supply_efficiency


class MacBookTelemetry:
    """The whole system: the mean of the last interval that was published.

    Attributes:
        supply_efficiency: Of the charger.
    """

    name = "battery telemetry"
    family = "ioreg"
    slowest_seconds = _TIMEOUT_SECONDS
    scope = Scope.SYSTEM_DC
    quality = Quality.ROUGH
    available = True
    reason = "the whole system, told once or twice a minute"
    settle_seconds = 60.0
    error_share = _ERROR_SHARE

    def __init__(
        self,
        question: Callable[[], str],
        *,
        clock: Clock = time.perf_counter,
        supply_efficiency: float | None = None,
    ) -> None:
        self.supply_efficiency = supply_efficiency
        self._question = question
        self._clock = clock
        self._before: Mapping[str, int] = {}
        self._last: PowerSample | None = None
        self._asked_at = float("-inf")

    def read(self) -> PowerSample:
        """The last mean; a program is started for it, so it is asked twice a minute."""
        now = self._clock()
        if self._last is not None and 0 <= now - self._asked_at < _PERIOD_SECONDS:
            return self._last
        self._asked_at = now
        self._last = self._taken()
        return self._last

    def _taken(self) -> PowerSample:
        try:
            table = telemetry(self._question())
        except OSError as error:
            return self._sample(None, str(error))
        watts = mean_watts(self._before, table)
        if watts is None:
            first = not self._before
            self._before = self._before or table
            return self._sample(None, "first reading of a counter" if first else "not told anew")
        self._before = table
        return self._sample(*plausible(watts))

    def _sample(self, watts: float | None, reason: str) -> PowerSample:
        return PowerSample(self._clock(), self.name, self.scope, watts, reason)

    def close(self) -> None:
        """The next reading starts anew."""
        self._before, self._last = {}, None
