"""Board power of NVIDIA GPUs by NVML: the energy counter, the instant value, or the average.

What each generation reports: "Part-time Power Measurements" (arXiv 2312.02741): from Ampere on, but
for the GA100, `nvmlDeviceGetPowerUsage` is the mean of one second; field 186 is the instant value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from landfall.core.events import PowerSample
from landfall.core.power import Quality, Scope
from landfall.services import nvml
from landfall.services.power.source import (
    AVERAGED_SETTLE_SECONDS,
    INSTANT_SETTLE_SECONDS,
    Clock,
    Missing,
    Plausibility,
    PowerSource,
)

_INSTANT_FIELD = 186
_AVERAGE_FIELD = 185
_AMPERE = 7
_GA100_NAMES = ("A100", "A30", "A800")
_ERROR_SHARE = 0.05
_SCOPES = {0: Scope.GPU, 1: Scope.MODULE}
_ASLEEP = "the card sleeps and is not woken to be measured"
_ONE_SECOND = "the driver gives the mean of one second"
_NEVER = nvml.Refusal(-1, "not asked yet")


def discover(*, sysfs: Path, clock: Clock = time.perf_counter) -> tuple[PowerSource, ...]:
    """A source for every GPU, also for one whose driver refuses: that one says why."""
    if nvml.gpus_asleep(sysfs):
        return tuple(
            Missing(f"NVML {folder.name}", Scope.GPU, _ASLEEP, clock=clock)
            for folder in nvml.gpus_on_bus(sysfs)
        )
    try:
        with nvml.session():
            handles = nvml.handles()
            if isinstance(handles, nvml.Refusal):
                return (Missing("NVML", Scope.GPU, handles.meaning, clock=clock),)
            return tuple(
                _source(index, handle, sysfs, clock) for index, handle in enumerate(handles)
            )
    except nvml.NvmlUnavailable as error:
        if not nvml.gpus_on_bus(sysfs):
            return ()
        return (Missing("NVML", Scope.GPU, error.message, clock=clock),)


def _source(index: int, handle: Any, sysfs: Path, clock: Clock) -> PowerSource:
    if isinstance(handle, nvml.Refusal):
        return Missing(f"NVML GPU {index}", Scope.GPU, handle.meaning, clock=clock)
    name = f"NVML GPU {index} {nvml.text(nvml.ask('nvmlDeviceGetName', handle)) or ''}".strip()
    way = _way(handle)
    if isinstance(way, nvml.Refusal):
        return Missing(name, Scope.GPU, f"power: {way.meaning}", clock=clock)
    limit = nvml.whole(nvml.ask("nvmlDeviceGetEnforcedPowerLimit", handle))
    averaged = way is None and _averages(handle, name)
    return NvidiaGpu(
        name=name,
        index=index,
        field_scope=way,
        averaged=averaged,
        limit_watts=limit / 1000 if limit else None,
        shared=_is_mig(handle),
        sysfs=sysfs,
        clock=clock,
    )


def _way(handle: Any) -> int | nvml.Refusal | None:
    """The scope of field 186 that answers, None for the plain function, or why neither does."""
    if not isinstance(_field(handle, 0), nvml.Refusal):
        return 0
    plain = nvml.ask("nvmlDeviceGetPowerUsage", handle)
    if not isinstance(plain, nvml.Refusal):
        return None
    return plain if isinstance(_field(handle, 1), nvml.Refusal) else 1


def _field(handle: Any, scope: int, field: int = _INSTANT_FIELD) -> float | nvml.Refusal:
    values = nvml.ask("nvmlDeviceGetFieldValues", handle, [(field, scope)])
    return values if isinstance(values, nvml.Refusal) else nvml.field_value(values[0])


def raw(handle: Any) -> dict[str, float | None]:
    """What the driver says in each of its ways, unchecked, and how long each took; None: refused.

    Columns: the instant value (field 186), the average (field 185), `nvmlDeviceGetPowerUsage` and
    the energy counter, each in its unit and with the milliseconds of the call in `*_ms`.
    """
    ways: dict[str, Callable[[], Any]] = {
        "instant_watts": lambda: _field(handle, 0, _INSTANT_FIELD),
        "average_watts": lambda: _field(handle, 0, _AVERAGE_FIELD),
        "usage_watts": lambda: nvml.ask("nvmlDeviceGetPowerUsage", handle),
        "counter_joules": lambda: nvml.ask("nvmlDeviceGetTotalEnergyConsumption", handle),
    }
    columns: dict[str, float | None] = {}
    for name, way in ways.items():
        began = time.perf_counter()
        answer = way()
        took_ms = (time.perf_counter() - began) * 1000
        columns[name] = None if isinstance(answer, nvml.Refusal) else float(answer) / 1000
        columns[f"{name.partition('_')[0]}_ms"] = round(took_ms, 4)
    return columns


def _averages(handle: Any, name: str) -> bool:
    architecture = nvml.whole(nvml.ask("nvmlDeviceGetArchitecture", handle))
    if architecture is None or architecture < _AMPERE:
        return False
    return not any(board in name for board in _GA100_NAMES)


def _is_mig(handle: Any) -> bool:
    mode = nvml.ask("nvmlDeviceGetMigMode", handle)
    return not isinstance(mode, nvml.Refusal) and mode[0] == 1


class NvidiaGpu:
    """One board. The library is taken with the first reading and let go by `close`."""

    def __init__(
        self,
        *,
        name: str,
        index: int,
        field_scope: int | None,
        averaged: bool,
        limit_watts: float | None,
        shared: bool,
        sysfs: Path,
        clock: Clock,
    ) -> None:
        self.name = name
        self.scope = _SCOPES[field_scope or 0]
        self.settle_seconds = AVERAGED_SETTLE_SECONDS if averaged else INSTANT_SETTLE_SECONDS
        self.error_share = _ERROR_SHARE
        self._index = index
        self._field_scope = field_scope
        self._averaged = averaged
        self._shared = shared
        self._sysfs = sysfs
        self._clock = clock
        self._plausible = Plausibility(limit_watts)
        self._open = ExitStack()
        self._handle: Any | nvml.Refusal = _NEVER

    @property
    def available(self) -> bool:
        """Whether its readings can be believed."""
        return not self._plausible.unreliable

    @property
    def quality(self) -> Quality:
        """Good for an instant value, fair for a mean of one second."""
        if not self.available:
            return Quality.NONE
        return Quality.FAIR if self._averaged or self._shared else Quality.GOOD

    @property
    def reason(self) -> str:
        """What to know of its readings."""
        if not self.available:
            return "the driver's readings are impossible"
        if self._shared:
            return "MIG is on: this is the whole card's power"
        return _ONE_SECOND if self._averaged else ""

    def read(self) -> PowerSample:
        """Watts now, and the energy counter where the card has one."""
        handle = self._handle if not isinstance(self._handle, nvml.Refusal) else self._opened()
        if isinstance(handle, nvml.Refusal):
            return self._gap(handle.meaning)
        at = self._clock()
        watts = self._watts(handle)
        if isinstance(watts, nvml.Refusal):
            self.close()
            return self._gap(watts.meaning)
        value, reason = self._plausible.checked(watts)
        return PowerSample(at, self.name, self.scope, value, reason, self._joules(handle))

    def raw(self) -> dict[str, float | None]:
        """What the driver says in each of its ways; nothing while the board is not held."""
        return {} if isinstance(self._handle, nvml.Refusal) else raw(self._handle)

    def close(self) -> None:
        """Let go of the library."""
        self._open.close()
        self._handle = _NEVER

    def _opened(self) -> Any | nvml.Refusal:
        if nvml.gpus_asleep(self._sysfs):
            return nvml.Refusal(-1, _ASLEEP)
        try:
            self._open.enter_context(nvml.session())
        except nvml.NvmlUnavailable as error:
            return error.refusal
        handle = nvml.ask("nvmlDeviceGetHandleByIndex", self._index)
        if isinstance(handle, nvml.Refusal):
            self.close()
            return handle
        self._handle = handle
        return handle

    def _watts(self, handle: Any) -> float | nvml.Refusal:
        if self._field_scope is not None:
            milliwatts: Any = _field(handle, self._field_scope)
        else:
            milliwatts = nvml.ask("nvmlDeviceGetPowerUsage", handle)
        return milliwatts if isinstance(milliwatts, nvml.Refusal) else float(milliwatts) / 1000

    def _joules(self, handle: Any) -> float | None:
        """The board's counter; it covers the board, so a module's power has none."""
        if self.scope is not Scope.GPU:
            return None
        millijoules = nvml.whole(nvml.ask("nvmlDeviceGetTotalEnergyConsumption", handle))
        return None if millijoules is None else millijoules / 1000

    def _gap(self, reason: str) -> PowerSample:
        return PowerSample(self._clock(), self.name, self.scope, None, reason)
