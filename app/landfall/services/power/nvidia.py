"""Board power of NVIDIA GPUs by NVML: the energy counter, the instant value, or the average.

Tried on an H200 (driver 580.159.04). Other generations, laptops and Grace await hardware: they are
written against recordings and reports.

What each generation reports: "Part-time Power Measurements" (arXiv 2312.02741): from Ampere on, but
for the GA100, `nvmlDeviceGetPowerUsage` is the mean of one second; field 186 is the instant value.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from landfall.core.energy.power import CounterCheck, Quality, Scope
from landfall.core.events import PowerSample
from landfall.services import nvml
from landfall.services.power.mains import runs_on_battery
from landfall.services.power.nvidia_ways import (
    MODULE,
    Abilities,
    abilities,
    counter_millijoules,
    enforced_limit_watts,
    field_milliwatts,
    plain_milliwatts,
    raw,
)
from landfall.services.power.source import (
    AVERAGED_SETTLE_SECONDS,
    INSTANT_SETTLE_SECONDS,
    Clock,
    Missing,
    Plausibility,
    PowerSource,
)

_ERROR_SHARE = 0.05
"""Gain of a board's sensor against an external meter: typically 5 %, up to 11 % on older ones
(arXiv 2312.02741)."""
_RETRY_SECONDS = 2.0

_COSTLY = "its energy counter costs too much time to ask, so its watts are counted"
_SPARED = "not read on battery while nothing runs, so that the card may sleep"
_ASLEEP = "the card sleeps and is not woken to be measured"
_ONE_SECOND = "the driver gives the mean of one second"
_NEVER = nvml.Refusal(-1, "not asked yet")


def discover(*, sysfs: Path, clock: Clock = time.perf_counter) -> tuple[PowerSource, ...]:
    """A source for every GPU, also for one that sleeps or whose driver refuses: it says why."""
    if nvml.gpus_asleep(sysfs):
        return tuple(
            NvidiaGpu(name=f"NVML {folder.name}", index=index, sysfs=sysfs, bus=folder, clock=clock)
            for index, folder in enumerate(nvml.gpus_on_bus(sysfs))
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
    name = f"NVML GPU {index}"
    if isinstance(handle, nvml.Refusal):
        return NvidiaGpu(name=name, index=index, sysfs=sysfs, bus=None, clock=clock, refused=handle)
    name = f"{name} {nvml.text(nvml.ask('nvmlDeviceGetName', handle)) or ''}".strip()
    able = abilities(handle)
    if isinstance(able, nvml.Refusal):
        return Missing(name, Scope.GPU, f"power: {able.meaning}", clock=clock)
    bus_id = nvml.pci_bus_id(handle)
    bus = sysfs / "bus/pci/devices" / bus_id if bus_id else None
    return NvidiaGpu(name=name, index=index, sysfs=sysfs, bus=bus, clock=clock, able=able)


class NvidiaGpu:
    """One board. The library is taken with the first reading and let go by `close`.

    A board that sleeps is not woken: it is looked at through the kernel before the library is
    taken. One that is lost, or whose driver is loaded again, is a gap and is taken again: at once
    the first time, then every few seconds. It is known by its UUID, as the order may change.

    The readings are unreliable after three impossible ones running, and believed again with the
    next possible one. An energy counter that disagrees with the watts is left out for as long as
    this object lives (`core.energy.power.CounterCheck`).
    """

    family = "NVML"
    error_share = _ERROR_SHARE

    def __init__(
        self,
        *,
        name: str,
        index: int,
        sysfs: Path,
        bus: Path | None,
        clock: Clock,
        able: Abilities | None = None,
        refused: nvml.Refusal | None = None,
    ) -> None:
        self.name = name
        self._index = index
        self._sysfs = sysfs
        self._bus = bus
        self._clock = clock
        self._able = able
        self._refused = refused
        self._plausible = Plausibility(able.limit_watts if able else None)
        self._counter = CounterCheck()
        self._open = ExitStack()
        self._handle: Any | nvml.Refusal = _NEVER
        self._failures = 0
        self._try_at = float("-inf")

    @property
    def scope(self) -> Scope:
        """The board; with Grace, the module of processor and GPU."""
        return Scope.MODULE if self._able and self._able.field_scope == MODULE else Scope.GPU

    @property
    def settle_seconds(self) -> float:
        """How long its value lags."""
        averaged = self._able is not None and self._able.averaged
        return AVERAGED_SETTLE_SECONDS if averaged else INSTANT_SETTLE_SECONDS

    @property
    def counter_trusted(self) -> bool:
        """Whether its energy counter may be used: it has one, and it agrees with the watts."""
        return self._able is not None and self._able.counter and self._counter.trusted

    @property
    def available(self) -> bool:
        """Whether it is awake and there, and its readings can be believed."""
        return not self._why_not()

    @property
    def quality(self) -> Quality:
        """Good for an instant value, fair for a mean of one second or a part of a card."""
        if not self.available or self._able is None:
            return Quality.NONE
        return Quality.FAIR if self._able.averaged or self._able.shared else Quality.GOOD

    @property
    def reason(self) -> str:
        """Why it cannot be read, or what to know of its readings."""
        if why_not := self._why_not():
            return why_not
        able = self._able
        notes = [
            "MIG is on: this is the whole card's power" if able and able.shared else "",
            _ONE_SECOND if able and able.averaged else "",
            "processor and GPU of the module together" if self.scope is Scope.MODULE else "",
            _COSTLY if able and able.costly else "",
            self._counter.reason,
        ]
        return "; ".join(filter(None, notes))

    def _why_not(self) -> str:
        if self._refused is not None:
            return self._refused.meaning
        if self._plausible.unreliable:
            return "the driver's readings are impossible"
        if self._able is None:
            return _ASLEEP if self._sleeps() else "it was asleep and has not been read yet"
        return ""

    def read(self) -> PowerSample:
        """Watts now, and the energy counter where the card has one that can be believed."""
        handle = self._handle if not isinstance(self._handle, nvml.Refusal) else self._opened()
        if isinstance(handle, nvml.Refusal):
            return self._gap(handle.meaning)
        able = self._able
        assert able is not None, "a board that was opened was asked what it can"
        # The counter first: its call may take milliseconds, and its value is that of the end of the
        # call, where the watts take 0.08 ms (measured on an H200). So one time is right for both.
        joules = self._joules()
        at = self._clock()
        if able.field_scope is None:
            milliwatts = plain_milliwatts(handle)
        else:
            milliwatts = field_milliwatts(handle, able.field_scope)
        if isinstance(milliwatts, nvml.Refusal):
            self._failed(milliwatts)
            return self._gap(milliwatts.meaning)
        self._failures = 0
        watts, reason = self._checked(handle, milliwatts / 1000)
        if self.counter_trusted:
            self._counter.take(at, watts, joules)
        counted = joules if self.counter_trusted else None
        return PowerSample(at, self.name, self.scope, watts, reason, counted)

    def read_spared(self) -> PowerSample:
        """On battery the board is let go, so that it may sleep; else a reading."""
        if runs_on_battery(self._sysfs):
            self.close()
            return self._gap(_SPARED)
        return self.read()

    def raw(self) -> dict[str, float | None]:
        """What the driver says in each of its ways; nothing while the board is not held."""
        return {} if isinstance(self._handle, nvml.Refusal) else raw(self._handle)

    def close(self) -> None:
        """Let go of the library."""
        self._open.close()
        self._handle = _NEVER

    def _opened(self) -> Any | nvml.Refusal:
        if self._sleeps():
            return nvml.Refusal(-1, _ASLEEP)
        if self._clock() < self._try_at:
            return self._refused or _NEVER
        try:
            self._open.enter_context(nvml.session())
        except nvml.NvmlUnavailable as error:
            return self._failed(error.refusal)
        handle = self._found()
        if isinstance(handle, nvml.Refusal):
            return self._failed(handle)
        if self._able is None:
            able = abilities(handle)
            if isinstance(able, nvml.Refusal):
                return self._failed(able)
            self._able, self._plausible = able, Plausibility(able.limit_watts)
        self._handle, self._refused = handle, None
        return handle

    def _sleeps(self) -> bool:
        """By the kernel, without the driver; the library as a whole may wake any card."""
        own = self._bus is not None and nvml.asleep(self._bus)
        return own or nvml.gpus_asleep(self._sysfs)

    def _found(self) -> Any | nvml.Refusal:
        """The board's handle: by its UUID, which stays when the order changes."""
        uuid = self._able.uuid if self._able else None
        if uuid is None:
            return nvml.ask("nvmlDeviceGetHandleByIndex", self._index)
        handles = nvml.handles()
        if isinstance(handles, nvml.Refusal):
            return handles
        there = [handle for handle in handles if not isinstance(handle, nvml.Refusal)]
        for handle in there:
            if nvml.text(nvml.ask("nvmlDeviceGetUUID", handle)) == uuid:
                return handle
        lost = [handle for handle in handles if isinstance(handle, nvml.Refusal)]
        return lost[0] if lost else nvml.Refusal(-1, "the GPU is not there any more")

    def _failed(self, refusal: nvml.Refusal) -> nvml.Refusal:
        """Let the library go; the next reading takes it again, later ones wait between tries."""
        self.close()
        self._failures += 1
        self._refused = refusal
        wait = 0.0 if self._failures == 1 else _RETRY_SECONDS
        self._try_at = self._clock() + wait
        return refusal

    def _checked(self, handle: Any, watts: float) -> tuple[float | None, str]:
        """The watts, or why they cannot be; a limit that was raised since is asked for again."""
        if self._plausible.within(watts):
            return self._plausible.checked(watts)
        self._plausible.limit_watts = enforced_limit_watts(handle)
        return self._plausible.checked(watts)

    def _joules(self) -> float | None:
        """The board's counter; None where it has none, or none that is believed."""
        if not self.counter_trusted:
            return None
        millijoules = nvml.whole(counter_millijoules(self._handle))
        return None if millijoules is None else millijoules / 1000

    def _gap(self, reason: str) -> PowerSample:
        return PowerSample(self._clock(), self.name, self.scope, None, reason)
