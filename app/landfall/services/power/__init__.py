"""Watts: which sources this machine has, and their samples while something runs."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from landfall.core.energy import Energy, energy
from landfall.core.events import PowerSample
from landfall.core.integrator import mean_watts
from landfall.core.power import Scope
from landfall.services.power import apple, battery, linux_sysfs, nvidia, windows_emi
from landfall.services.power.source import Clock, Missing, PowerSource, meter
from landfall.services.sensor_thread import SensorThread

__all__ = ["Missing", "PowerSource", "Recording", "Sampler", "discover", "meter"]

PERIOD_SECONDS = 0.1
"""Ten readings a second while something runs; nothing is read while nothing runs."""

READ_SECONDS = 2.0
DISCOVERY_SECONDS = 10.0


async def discover(
    *,
    root: Path = Path("/"),
    platform_name: str = sys.platform,
    timeout_seconds: float = DISCOVERY_SECONDS,
    clock: Clock = time.perf_counter,
) -> tuple[PowerSource, ...]:
    """Every source of power on this machine, also those that cannot be read: they say why.

    A sleeping laptop card is not woken. A hung driver makes one source that says so.
    """
    finders = _finders(root / "sys", platform_name, clock)
    found = await asyncio.gather(*(_patiently(finder, timeout_seconds) for finder in finders))
    return tuple(source for sources in found for source in sources)


@dataclass(frozen=True, slots=True)
class _Finder:
    """Looks for sources; its name and scope stand for them where the driver hangs."""

    name: str
    scope: Scope
    find: Callable[[], tuple[PowerSource, ...]]


def _finders(sysfs: Path, platform_name: str, clock: Clock) -> list[_Finder]:
    by_nvml = _Finder("NVML", Scope.GPU, lambda: nvidia.discover(sysfs=sysfs, clock=clock))
    match platform_name:
        case "darwin":
            return [_Finder("macOS", Scope.SYSTEM_DC, lambda: apple.discover(clock=clock))]
        case "win32":
            emi = _Finder("EMI", Scope.CPU_PACKAGE, lambda: windows_emi.discover(clock=clock))
            return [by_nvml, emi]
        case _:
            return [
                by_nvml,
                _Finder(
                    "sysfs",
                    Scope.CPU_PACKAGE,
                    lambda: linux_sysfs.discover(sysfs=sysfs, clock=clock),
                ),
                _Finder(
                    "battery", Scope.SYSTEM_DC, lambda: battery.discover(sysfs=sysfs, clock=clock)
                ),
            ]


async def _patiently(finder: _Finder, timeout_seconds: float) -> tuple[PowerSource, ...]:
    thread = SensorThread(f"{finder.name} power discovery")
    try:
        return await thread.call(finder.find, timeout_seconds=timeout_seconds)
    except TimeoutError:
        reason = f"the driver did not answer within {timeout_seconds:g} s"
        return (Missing(finder.name, finder.scope, reason),)
    finally:
        thread.close()


class Sampler:
    """Reads sources at fixed times, all of them one after the other on one thread."""

    def __init__(
        self,
        sources: Sequence[PowerSource],
        *,
        period_seconds: float = PERIOD_SECONDS,
        timeout_seconds: float = READ_SECONDS,
        clock: Clock = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sources = tuple(source for source in sources if source.available)
        self._period_seconds = period_seconds
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._sleep = sleep

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Samples until the generator is closed. Deadlines are absolute; a late one is skipped.

        A driver that does not answer in time makes a gap for every source until it comes back.
        """
        if not self._sources:
            return
        thread = SensorThread("power sampler")
        begin, number = self._clock(), 0
        try:
            while True:
                for sample in await self._read(thread):
                    yield sample
                # A sleep may end a little early: the next reading is never the same one again.
                passed = self._clock() - begin
                number = max(number, int(passed / self._period_seconds)) + 1
                await self._sleep(max(0.0, number * self._period_seconds - passed))
        finally:
            await self._let_go(thread)

    async def _read(self, thread: SensorThread) -> list[PowerSample]:
        try:
            return await thread.call(self._read_all, timeout_seconds=self._timeout_seconds)
        except TimeoutError as error:
            at = self._clock()
            return [PowerSample(at, s.name, s.scope, None, str(error)) for s in self._sources]

    def _read_all(self) -> list[PowerSample]:
        return [source.read() for source in self._sources]

    def _close_all(self) -> None:
        for source in self._sources:
            source.close()

    async def _let_go(self, thread: SensorThread) -> None:
        try:
            if not thread.stuck:
                await thread.call(self._close_all, timeout_seconds=self._timeout_seconds)
        except TimeoutError:
            return
        finally:
            thread.close()


class Recording:
    """Samples of a block: `async with Recording(sources) as recording: ...`.

    Attributes:
        samples: What was read so far, in order.
        on_sample: Called with each sample on the loop's thread, for a live chart.
    """

    def __init__(
        self,
        sources: Sequence[PowerSource],
        *,
        on_sample: Callable[[PowerSample], None] | None = None,
        period_seconds: float = PERIOD_SECONDS,
    ) -> None:
        self.samples: list[PowerSample] = []
        self.on_sample = on_sample
        self._sources = tuple(source for source in sources if source.available)
        self._sampler = Sampler(self._sources, period_seconds=period_seconds)
        self._period_seconds = period_seconds
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._collect(), name="power recording")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if not self._task.cancelled() and (failure := self._task.exception()) is not None:
            raise failure

    async def _collect(self) -> None:
        async with aclosing(self._sampler.samples()) as samples:
            async for sample in samples:
                self.samples.append(sample)
                if self.on_sample is not None:
                    self.on_sample(sample)

    async def settle(self) -> None:
        """Wait until the slowest source has seen the end of the load."""
        if self._sources:
            longest = max(source.settle_seconds for source in self._sources)
            await asyncio.sleep(longest + 2 * self._period_seconds)

    def energy(
        self, *, start: float, end: float, idle: tuple[float, float] | None = None
    ) -> tuple[Energy, ...]:
        """What each source measured between two times of `time.perf_counter()`.

        Args:
            idle: Two times between which the model was loaded and nothing ran.
        """
        return tuple(
            energy(
                self.samples,
                meter(source),
                start=start,
                end=end,
                idle_watts=None
                if idle is None
                else mean_watts(self.samples, source.name, start=idle[0], end=idle[1]),
            )
            for source in self._sources
        )
