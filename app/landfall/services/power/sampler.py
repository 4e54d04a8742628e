"""Readings of all sources at fixed times, while somebody wants them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from landfall.core.events import PowerSample
from landfall.core.power import ASLEEP, CLOCK_STEPPED, LONGEST_HOLE_SECONDS
from landfall.services.power.source import Clock, Grouped, Missing, PowerSource, Sparing
from landfall.services.sensor_thread import SensorThread

RUNNING_SECONDS = 0.1
"""Ten readings a second while something runs."""

WATCHED_SECONDS = 1.0
"""One a second while only a chart is looked at; none while nobody looks."""

READ_SECONDS = 2.5
"""A driver that takes longer hangs; a plug is given 2 s by itself."""


def elapsed() -> float:
    """Seconds that also go on while the machine is suspended.

    `time.perf_counter()` stands still then on Linux and macOS, and goes on on Windows.
    Sources: clock_gettime(2) of Linux (CLOCK_BOOTTIME) and of macOS (CLOCK_MONOTONIC).
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    elif sys.platform == "darwin":  # noqa: RET505 - the branches of other systems are not checked
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    else:
        return time.perf_counter()


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Family:
    """Sources that one driver serves: one thread, which may hang without the other families."""

    name: str
    sources: tuple[PowerSource, ...]
    thread: SensorThread
    task: asyncio.Task[list[PowerSample]] | None = None
    told: dict[str, float] = field(default_factory=dict)

    def fresh(self, samples: Iterable[PowerSample]) -> list[PowerSample]:
        """Those that are not older than what was told of their source, nor the same again."""
        new = []
        for sample in samples:
            if sample.at > self.told.get(sample.source, float("-inf")):
                self.told[sample.source] = sample.at
                new.append(sample)
        return new


class Sampler:
    """Reads sources at fixed times; each family of sources on a thread of its own.

    A driver that does not answer within `timeout_seconds` makes gaps for its own sources alone,
    until it comes back. A machine that was suspended, and a clock that goes back, make a gap for
    every source, with the reason `core.power.ASLEEP` or `CLOCK_STEPPED`.

    Args:
        sources: Those that are merely `Missing` are left out.
        period_seconds: `RUNNING_SECONDS` or `WATCHED_SECONDS`.
        spare: Whether nothing runs now: then a laptop's card is let go while on battery.
        clock: Of the samples. elapsed_clock: goes on while the machine is suspended.
    """

    def __init__(
        self,
        sources: Sequence[PowerSource],
        *,
        period_seconds: float = RUNNING_SECONDS,
        timeout_seconds: float = READ_SECONDS,
        spare: Callable[[], bool] = _never,
        clock: Clock = time.perf_counter,
        elapsed_clock: Clock = elapsed,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sources = tuple(s for s in sources if not isinstance(s, Missing))
        self._period_seconds = period_seconds
        self._timeout_seconds = timeout_seconds
        self._spare = spare
        self._clock = clock
        self._elapsed = elapsed_clock
        self._sleep = sleep

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Samples until the generator is closed. Deadlines are absolute; a late one is skipped."""
        if not self._sources:
            return
        families = self._families()
        begin, number = self._clock(), 0
        before = (begin, self._elapsed())
        try:
            while True:
                now = (self._clock(), self._elapsed())
                if reason := self._broken(before, now):
                    begin, number = now[0], 0
                    for sample in await self._begin_anew(families, reason):
                        yield sample
                before = now
                due = begin + (number + 1) * self._period_seconds
                for sample in await self._read(families, due):
                    yield sample
                # A sleep may end a little early: the next reading is never the same one again.
                passed = self._clock() - begin
                number = max(number, int(passed / self._period_seconds)) + 1
                await self._sleep(max(0.0, number * self._period_seconds - passed))
        finally:
            await asyncio.gather(*(self._let_go(family) for family in families))

    def _families(self) -> list[_Family]:
        grouped: dict[str, list[PowerSource]] = {}
        for source in self._sources:
            name = source.family if isinstance(source, Grouped) else source.name
            grouped.setdefault(name, []).append(source)
        return [
            _Family(name, tuple(sources), SensorThread(f"power sampler {name}"))
            for name, sources in grouped.items()
        ]

    def _broken(self, before: tuple[float, float], now: tuple[float, float]) -> str:
        """Why readings before and now do not belong together, or ""."""
        awake, elapsed_seconds = now[0] - before[0], now[1] - before[1]
        if awake < 0:
            return CLOCK_STEPPED
        longest = LONGEST_HOLE_SECONDS + self._period_seconds
        return ASLEEP if max(awake, elapsed_seconds) > longest else ""

    async def _begin_anew(self, families: Sequence[_Family], reason: str) -> list[PowerSample]:
        """A gap for every source; counters and handles of before are let go."""
        await asyncio.gather(*(self._close(family) for family in families))
        at = self._clock()
        gaps = []
        for family in families:
            family.told.clear()
            gaps += family.fresh(_gaps(family, at, reason))
        return gaps

    async def _read(self, families: Sequence[_Family], due: float) -> list[PowerSample]:
        """What the families answer before the next reading is due; a slow one answers later."""
        for family in families:
            if family.task is None:
                family.task = asyncio.create_task(self._ask(family))
        waiting = {family.task for family in families if family.task is not None}
        patience = max(self._period_seconds / 2, due - self._clock())
        await asyncio.wait(waiting, timeout=patience)
        samples = []
        for family in families:
            if family.task is not None and family.task.done():
                samples += family.fresh(family.task.result())
                family.task = None
        return samples

    async def _ask(self, family: _Family) -> list[PowerSample]:
        spare = self._spare()

        def read() -> list[PowerSample]:
            return [_read(s, spare=spare, clock=self._clock) for s in family.sources]

        try:
            return await family.thread.call(read, timeout_seconds=self._timeout_seconds)
        except TimeoutError as error:
            return _gaps(family, self._clock(), str(error))

    async def _let_go(self, family: _Family) -> None:
        if family.task is not None:
            family.task.cancel()
            await asyncio.gather(family.task, return_exceptions=True)
        try:
            await self._close(family)
        finally:
            family.thread.close()

    async def _close(self, family: _Family) -> None:
        def close() -> None:
            for source in family.sources:
                source.close()

        try:
            await family.thread.call(close, timeout_seconds=self._timeout_seconds)
        except TimeoutError:
            return  # it is stuck in the driver: what it holds goes with the process


def _read(source: PowerSource, *, spare: bool, clock: Clock) -> PowerSample:
    """One reading; whatever a driver throws is a gap, so that the other sources go on."""
    try:
        if spare and isinstance(source, Sparing):
            return source.read_spared()
        return source.read()
    except Exception as error:  # noqa: BLE001 - a lying library may raise anything
        reason = f"the driver failed: {type(error).__name__} {error}".strip()
        return PowerSample(clock(), source.name, source.scope, None, reason)


def _gaps(family: _Family, at: float, reason: str) -> list[PowerSample]:
    return [PowerSample(at, s.name, s.scope, None, reason) for s in family.sources]
