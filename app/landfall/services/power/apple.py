"""Power of Apple Silicon without administrator: the whole system by SMC, the chip by IOReport.

Awaits hardware: written against recordings of Macs, run here with fake libraries.
Facts: SMC key PSTR is system power as a float and within 2 % of the battery (exelban/stats#1703);
channels of "Energy Model" have a unit each, the processor's move in batches, and on macOS 27 some
stand still (macmon#76). IOReport is private, and the same since M1.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from landfall.core.energy.power import Quality, Scope, plausible
from landfall.core.events import PowerSample
from landfall.services.power import apple_battery, apple_libraries
from landfall.services.power.source import (
    INSTANT_SETTLE_SECONDS,
    Clock,
    Missing,
    PowerSource,
)

_UNITS = {"mj": 1e-3, "uj": 1e-6, "nj": 1e-9, "j": 1.0}
_DIE = re.compile(r"^DIE_\d+_")
_CHIP_ERROR_SHARE = 0.25
"""The channels of "Energy Model" are a model, not a sensor: reports differ by 15 to 30 %."""
_SYSTEM_ERROR_SHARE = 0.04
"""Twice the 2 % that PSTR was off a battery on the one Mac where both were read (see above)."""
_STANDING_SECONDS = 10.0
"""The slowest batch seen is 2.2 s; a processor's counter that stands longer does not work."""

_FRESH_SECONDS = 2.5
_STANDS_STILL = "the processor's counter stands still"

Channel = tuple[str, str, int]
"""Name, unit as the system prints it, and energy since the last reading in that unit."""


class EnergyModel(Protocol):
    """IOReport's group "Energy Model"."""

    def read(self) -> list[Channel]:
        """Energy since the last reading, by channel; empty at the first. Raises OSError."""

    def close(self) -> None:
        """Let go of the system's objects."""


class Smc(Protocol):
    """The system management controller."""

    def watts(self) -> float:
        """PSTR. Raises OSError where the key is missing or no float."""

    def close(self) -> None:
        """Close the connection."""


def discover(
    *,
    open_smc: Callable[[], Smc] = apple_libraries.MacSmc,
    open_model: Callable[[], EnergyModel] = apple_libraries.MacEnergyModel,
    ask_battery: Callable[[], str] = apple_battery.ask,
    clock: Clock = time.perf_counter,
) -> tuple[PowerSource, ...]:
    """The system's power, the chip's, a battery's telemetry; each says why it cannot be read."""
    found: list[PowerSource] = []
    system: SystemPower | None = None
    try:
        smc = open_smc()
        try:
            smc.watts()
        finally:
            smc.close()
        system = SystemPower(open_smc, clock=clock)
        found.append(system)
    except OSError as error:
        found.append(Missing("SMC PSTR", Scope.SYSTEM_DC, str(error), clock=clock))
    try:
        open_model().close()
        found.append(ChipPower(open_model, system=system, clock=clock))
    except OSError as error:
        found.append(Missing("IOReport", Scope.SOC, str(error), clock=clock))
    found += apple_battery.discover(
        beside_smc=system is not None, question=ask_battery, clock=clock
    )
    return tuple(found)


class SystemPower:
    """Everything behind the power supply.

    Attributes:
        last: The last reading; the chip cannot draw more at that time.
    """

    name = "SMC PSTR"
    scope = Scope.SYSTEM_DC
    quality = Quality.GOOD
    available = True
    reason = "the whole system behind its power supply"
    settle_seconds = INSTANT_SETTLE_SECONDS
    error_share = _SYSTEM_ERROR_SHARE

    def __init__(self, open_smc: Callable[[], Smc], *, clock: Clock = time.perf_counter) -> None:
        self._open_smc = open_smc
        self._clock = clock
        self._smc: Smc | None = None
        self.last: PowerSample | None = None

    def read(self) -> PowerSample:
        """Watts now."""
        try:
            if self._smc is None:
                self._smc = self._open_smc()
            watts = self._smc.watts()
        except OSError as error:
            self.close()
            return PowerSample(self._clock(), self.name, self.scope, None, str(error))
        value, reason = plausible(watts)
        self.last = PowerSample(self._clock(), self.name, self.scope, value, reason)
        return self.last

    def close(self) -> None:
        """Close the connection."""
        if self._smc is not None:
            self._smc.close()
        self._smc = None


def part_of(name: str) -> str | None:
    """Which part of the chip a channel is the total of; None for cores, clusters and the rest.

    Hundreds of channels have "CPU" in their names: adding them counts each core several times.
    """
    plain = _DIE.sub("", name)
    if plain.endswith("CPU Energy"):
        return "cpu"
    if plain == "GPU Energy":
        return "gpu"
    return next((part for part in ("ANE", "DRAM") if plain.startswith(part)), None)


def joules_by_part(channels: Iterable[Channel]) -> dict[str, float]:
    """Joules of each part, by each channel's own unit; one of an unknown unit is left out."""
    found: dict[str, float] = {}
    for name, unit, value in channels:
        part, factor = part_of(name), _UNITS.get(unit.strip().lower())
        if part is not None and factor is not None:
            found[part] = found.get(part, 0.0) + value * factor
    return found


class ChipPower:
    """Processor, GPU, neural engine and memory of the chip, by its own model of them."""

    name = "IOReport"
    scope = Scope.SOC
    settle_seconds = 2.5
    error_share = _CHIP_ERROR_SHARE

    def __init__(
        self,
        open_model: Callable[[], EnergyModel],
        *,
        system: SystemPower | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._open_model = open_model
        self._system = system
        self._stands = False
        self._clock = clock
        self._model: EnergyModel | None = None
        self._moved_at: dict[str, float] = {}
        self._watts: dict[str, float] = {}
        self._joules = 0.0
        self._begun_at: float | None = None

    @property
    def available(self) -> bool:
        """Whether the processor's counter moves: on macOS 27 it does not on many chips."""
        return not self._stands

    @property
    def quality(self) -> Quality:
        """A model of the chip, no sensor."""
        return Quality.ROUGH if self.available else Quality.NONE

    @property
    def reason(self) -> str:
        """Why it cannot be used, or what it is."""
        return "the chip's own estimate, not a sensor" if self.available else _STANDS_STILL

    def read(self) -> PowerSample:
        """Watts by the last movement of each part's counter, and all joules since the first."""
        try:
            if self._model is None:
                self._model = self._open_model()
            parts = joules_by_part(self._model.read())
        except OSError as error:
            self.close()
            return PowerSample(self._clock(), self.name, self.scope, None, str(error))
        at = self._clock()
        if self._begun_at is None:
            self._begun_at = at
            return self._gap(at, "first reading of a counter")
        self._take(at, self._begun_at, parts)
        self._stands = at - self._moved_at.get("cpu", self._begun_at) > _STANDING_SECONDS
        if self._stands:
            return self._gap(at, _STANDS_STILL)
        if "cpu" not in self._watts:
            return self._gap(at, "waiting")
        watts = sum(self._watts.values())
        if (most := self._most(at)) is not None and watts > most:
            # The GPU's channel told 140 W where the whole system drew 67 (exelban/stats#2400).
            self._joules = 0.0  # what was added with them goes too
            return self._gap(at, f"{watts:.0f} W is more than the whole system draws")
        return PowerSample(at, self.name, self.scope, watts, "", self._joules)

    def _most(self, at: float) -> float | None:
        """What the whole system draws, where that was read just now; batches lag behind it."""
        last = self._system.last if self._system is not None else None
        if last is None or last.watts is None or at - last.at > _FRESH_SECONDS:
            return None
        return last.watts * (1 + _SYSTEM_ERROR_SHARE)

    def _take(self, at: float, begun_at: float, parts: dict[str, float]) -> None:
        for part, joules in parts.items():
            seconds = at - self._moved_at.get(part, begun_at)
            if joules > 0 and seconds > 0:
                self._watts[part] = joules / seconds
                self._moved_at[part] = at
                self._joules += joules

    def _gap(self, at: float, reason: str) -> PowerSample:
        return PowerSample(at, self.name, self.scope, None, reason)

    def close(self) -> None:
        """Let go of the system's objects; the next reading starts anew."""
        if self._model is not None:
            self._model.close()
        self._model, self._begun_at, self._joules = None, None, 0.0
        self._moved_at, self._watts = {}, {}
