"""One sampler of power for all that want its readings, as fast as the most impatient of them."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from landfall.core.energy.power import BROKEN
from landfall.core.events import PowerSample
from landfall.services.power import (
    RUNNING_SECONDS,
    WATCHED_SECONDS,
    Missing,
    PowerSource,
    Sampler,
)
from landfall.services.power.sampler import elapsed
from landfall.services.power.source import Clock

RING_SECONDS = 120.0
"""Samples that are kept at hand; a run keeps its own."""

_END = None
_Feed = asyncio.Queue[PowerSample | None]


class SharedSampler:
    """Reads while somebody wants to know: else there is no task and no thread.

    Attributes:
        ring: The latest samples, in order.
        breaks: When the machine was found to have slept, on the clock of the samples.
    """

    def __init__(
        self,
        sources: Sequence[PowerSource],
        *,
        clock: Clock = time.perf_counter,
        elapsed_clock: Clock = elapsed,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.ring: deque[PowerSample] = deque()
        self.breaks: deque[float] = deque(maxlen=64)
        self._sources = tuple(s for s in sources if not isinstance(s, Missing))
        self._clock, self._elapsed, self._sleep = clock, elapsed_clock, sleep
        self._fast: set[_Feed] = set()
        self._slow: set[_Feed] = set()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the sensors are read now."""
        return self._task is not None

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Readings ten times a second until it is closed; all that run at once share them."""
        feed: _Feed = asyncio.Queue()
        async with aclosing(self._fed(feed, self._fast)) as samples:
            async for sample in samples:
                yield sample

    async def watch(self) -> AsyncGenerator[PowerSample, None]:
        """Readings once a second until it is closed, also while something runs."""
        feed: _Feed = asyncio.Queue()
        due: dict[str, float] = {}
        async with aclosing(self._fed(feed, self._slow)) as samples:
            async for sample in samples:
                # A little early is in time: the readings of a run fall where they fall.
                if sample.at >= due.get(sample.source, -math.inf) - RUNNING_SECONDS / 2:
                    due[sample.source] = sample.at + WATCHED_SECONDS
                    yield sample

    async def _fed(self, feed: _Feed, among: set[_Feed]) -> AsyncGenerator[PowerSample, None]:
        if not self._sources:
            return
        among.add(feed)
        self._start()
        try:
            while (sample := await feed.get()) is not _END:
                yield sample
        finally:
            among.discard(feed)
            await self._stop_if_unwanted()

    def _start(self) -> None:
        if self._fast:
            self._hurry.set()
        if self._task is None:
            self._task = asyncio.create_task(self._pump(self._last), name="metering")

    async def _stop_if_unwanted(self) -> None:
        if not self._fast:
            self._hurry.clear()
        task = self._task
        if self._fast or self._slow or task is None:
            return
        self._task, self._last = None, task
        task.cancel()
        # When this returns the sampler has let go of its thread and of the drivers.
        await asyncio.gather(task, return_exceptions=True)

    async def _pump(self, before: asyncio.Task[None] | None) -> None:
        """Read for all, after the last one has ended: a driver is asked from one thread."""
        sampler = Sampler(
            self._sources,
            spare=self._spares,
            clock=self._clock,
            elapsed_clock=self._elapsed,
            sleep=self._pause,
        )
        try:
            if before is not None:
                await asyncio.wait((before,))
            async with aclosing(sampler.samples()) as samples:
                async for sample in samples:
                    self._give(sample)
        finally:
            # One that nobody wants has no readers: those that came since wait for the next.
            if self._task is asyncio.current_task():
                self._task = None
                for feed in (*self._fast, *self._slow):
                    feed.put_nowait(_END)

    def _spares(self) -> bool:
        """Whether nothing runs: a sleeping card is left asleep then."""
        return not self._fast

    def _give(self, sample: PowerSample) -> None:
        if sample.reason in BROKEN:
            self.breaks.append(sample.at)
        self.ring.append(sample)
        while self.ring and self.ring[0].at < sample.at - RING_SECONDS:
            self.ring.popleft()
        for feed in (*self._fast, *self._slow):
            feed.put_nowait(sample)

    async def _pause(self, seconds: float) -> None:
        """Until the next reading: longer while nothing runs, and no longer once something does."""
        if self._fast:
            await self._sleep(seconds)
            return
        sleeping = asyncio.ensure_future(self._sleep(seconds + WATCHED_SECONDS - RUNNING_SECONDS))
        waiting = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait((sleeping, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in (sleeping, waiting):
                future.cancel()
