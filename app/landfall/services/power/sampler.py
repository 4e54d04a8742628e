"""Readings of all sources at fixed times, while somebody wants them."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from landfall.core.energy.power import ASLEEP, CLOCK_STEPPED, MAX_GAP_SECONDS
from landfall.core.events import PowerSample
from landfall.services.power.source import Clock, Grouped, Missing, PowerSource, Slow, Sparing

RUNNING_SECONDS = 0.1
"""Ten readings a second while something runs."""

WATCHED_SECONDS = 1.0
"""One a second while only a chart is looked at; none while nobody looks."""

READ_SECONDS = 2.5
"""A driver that takes longer hangs; a plug is given 2 s by itself."""

LONGEST_SLEEP_SECONDS = 1.0
"""So much more by the clock that goes on in a suspend is one."""

_PATIENCE_SECONDS = 0.5
"""So long the others wait for a slow driver, once: less than a hole that breaks a window."""

_FAREWELL_SECONDS = 1.0
"""So long the end waits for threads to let go of their drivers; they do so later too."""


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


@dataclass(frozen=True, slots=True)
class _Family:
    """Sources that one driver serves: they hang together."""

    name: str
    sources: tuple[PowerSource, ...]
    alone: bool

    def gaps(self, at: float, reason: str) -> list[PowerSample]:
        return [PowerSample(at, s.name, s.scope, None, reason) for s in self.sources]

    def close(self) -> None:
        """Let go of the driver; one that throws is as good as let go, and its thread lives on."""
        for source in self.sources:
            with suppress(Exception):  # a lying library may raise anything
                source.close()


class _Worker:
    """A thread that reads families one after the other, when it is asked to.

    One thread for all is the cheapest. Where a driver keeps it waiting, the others are given to a
    new thread, and nobody waits for this one any more. It closes its sources when it ends, also
    when that is long after.

    Attributes:
        slow: Whether nothing waits for it: what it reads comes when it comes.
        busy: Whether it reads now.
    """

    def __init__(
        self, families: Sequence[_Family], inbox: _Inbox, *, slow: bool, clock: Clock
    ) -> None:
        self.families = tuple(families)
        self.slow = slow
        self.busy = False
        self._inbox, self._clock = inbox, clock
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._reading: tuple[_Family, float] | None = None
        self._renewed = False
        alone = f" {families[0].name}" if slow else ""
        self._thread = threading.Thread(
            target=self._work, name=f"power sampler{alone}", daemon=True
        )
        self._thread.start()

    def ask(self, order: _Order) -> None:
        """Read everything once, unless it still does."""
        if not self.busy:
            self.busy = True
            self._orders.put(order)

    def renew(self) -> None:
        """Let handles and counters go before the next reading."""
        self._renewed = True

    def stop(self) -> None:
        """Ask it to end after the reading that runs."""
        self._orders.put(None)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def waits_for(self, seconds: float) -> _Family | None:
        """The family that keeps it waiting for longer than so."""
        reading = self._reading
        late = reading is not None and time.monotonic() - reading[1] >= seconds
        return reading[0] if reading is not None and late else None

    def relieved(self) -> _Worker | None:
        """A new worker for all but the family that is read now; None where that is all."""
        with self._lock:
            if self._reading is None:
                return None
            self.slow = True
            stuck = self._reading[0]
            others = [family for family in self.families if family is not stuck]
            self.families = (stuck,)
        if not others:
            return None
        return _Worker(others, self._inbox, slow=False, clock=self._clock)

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            samples = self._round(order)
            self.busy = False
            self._inbox.put(samples)
        for family in self.families:
            family.close()
        self._inbox.put([])

    def _round(self, order: _Order) -> list[PowerSample]:
        """One reading of each source."""
        renewed, self._renewed = self._renewed, False
        samples: list[PowerSample] = []
        for family in self.families:
            with self._lock:
                if family not in self.families:
                    continue  # another thread reads it now
                self._reading = family, time.monotonic()
            if renewed:
                family.close()
            read = [self._sample(source, spare=order.spare) for source in family.sources]
            with self._lock:
                late = self.waits_for(order.timeout_seconds) is not None
                self._reading = None
            # What was asked so long ago is not worth its time stamp.
            samples += family.gaps(self._clock(), f"{family.name} took too long") if late else read
        return samples

    def _sample(self, source: PowerSource, *, spare: bool) -> PowerSample:
        """One reading; whatever a driver throws is a gap, so that the other sources go on."""
        try:
            if spare and isinstance(source, Sparing):
                return source.read_spared()
            return source.read()
        except Exception as error:  # noqa: BLE001 - a lying library may raise anything
            reason = f"the driver failed: {type(error).__name__} {error}".strip()
            return PowerSample(self._clock(), source.name, source.scope, None, reason)


@dataclass(frozen=True, slots=True)
class _Order:
    """How one round is read."""

    spare: bool
    timeout_seconds: float


@dataclass(slots=True)
class _Inbox:
    """What the threads hand to the loop.

    Attributes:
        told: Time of the last sample of each source: older ones and the same again are left out.
        late: Whether the quick workers have taken too long this time.
    """

    loop: asyncio.AbstractEventLoop
    arrived: deque[PowerSample] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    told: dict[str, float] = field(default_factory=dict)
    late: bool = False

    def sound(self) -> None:
        """The time to wait for answers is over."""
        self.late = True
        self.wake.set()

    def put(self, samples: Iterable[PowerSample]) -> None:
        """From any thread; an empty handful wakes the loop alone."""
        self.arrived.extend(samples)
        try:
            self.loop.call_soon_threadsafe(self.wake.set)
        except RuntimeError:
            return  # the loop was closed while the driver was thinking

    def taken(self) -> list[PowerSample]:
        """What has come since."""
        samples = []
        while self.arrived:
            sample = self.arrived.popleft()
            if sample.at > self.told.get(sample.source, float("-inf")):
                self.told[sample.source] = sample.at
                samples.append(sample)
        return samples


class Sampler:
    """Reads sources at fixed times, on threads of its own.

    A driver that does not answer within `timeout_seconds` makes gaps for its own sources alone,
    until it comes back: after half a second the others are read by another thread. A machine that
    was suspended, and a clock that goes back, make a gap for every source, with the reason
    `core.energy.power.ASLEEP` or `CLOCK_STEPPED`, and counters begin anew.

    Args:
        sources: Those that are merely `Missing` are left out.
        period_seconds: `RUNNING_SECONDS` or `WATCHED_SECONDS`.
        spare: Whether nothing runs now: then a laptop's card is let go while on battery.
        clock: Of the samples. elapsed_clock: goes on while the machine is suspended.
        sleep: Until the next reading; one that sleeps longer makes a slower rate.
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
        """Samples until the generator is closed. Deadlines are absolute; a late one is skipped.

        Times of one source only go forward, but for a clock that went back, after its gap.
        """
        if not self._sources:
            return
        inbox = _Inbox(asyncio.get_running_loop())
        workers = self._workers(inbox)
        begin, number = self._clock(), 0
        before = (begin, self._elapsed())
        try:
            while True:
                now = (self._clock(), self._elapsed())
                if reason := self._broken(before, now):
                    begin, number = now[0], 0
                    self._begin_anew(workers, inbox, now[0], reason)
                before = now
                for sample in await self._read(workers, inbox):
                    yield sample
                # A sleep may end a little early: the next reading is never the same one again.
                passed = self._clock() - begin
                number = max(number, int(passed / self._period_seconds)) + 1
                await self._sleep(max(0.0, number * self._period_seconds - passed))
        finally:
            await _farewell(workers, inbox)

    def _workers(self, inbox: _Inbox) -> list[_Worker]:
        """One for all, and one for each family that is known to be slow."""
        families = _families(self._sources)
        together = [family for family in families if not family.alone]
        made = [_Worker([f], inbox, slow=True, clock=self._clock) for f in families if f.alone]
        if together:
            made.append(_Worker(together, inbox, slow=False, clock=self._clock))
        return made

    def _broken(self, before: tuple[float, float], now: tuple[float, float]) -> str:
        """Why readings before and now do not belong together, or ""."""
        awake, elapsed_seconds = now[0] - before[0], now[1] - before[1]
        if awake < 0:
            return CLOCK_STEPPED
        slept = elapsed_seconds - awake > LONGEST_SLEEP_SECONDS
        longest = MAX_GAP_SECONDS + max(self._period_seconds, WATCHED_SECONDS)
        return ASLEEP if slept or awake > longest else ""

    def _begin_anew(
        self, workers: Sequence[_Worker], inbox: _Inbox, at: float, reason: str
    ) -> None:
        """A gap for every source; counters and handles of before are let go."""
        inbox.told.clear()
        for worker in workers:
            worker.renew()
            for family in worker.families:
                inbox.arrived.extend(family.gaps(at, reason))

    async def _read(self, workers: list[_Worker], inbox: _Inbox) -> list[PowerSample]:
        """What the workers read, and gaps for those that hang."""
        order = _Order(self._spare(), self._timeout_seconds)
        for worker in workers:
            worker.ask(order)
        await self._answers(workers, inbox)
        samples = inbox.taken()
        for worker in workers:
            if (hung := worker.waits_for(self._timeout_seconds)) is not None:
                reason = f"{hung.name} did not answer in {self._timeout_seconds:g} s"
                inbox.arrived.extend(hung.gaps(self._clock(), reason))
        return [*samples, *inbox.taken()]

    async def _answers(self, workers: list[_Worker], inbox: _Inbox) -> None:
        """Wait for the quick workers; one that takes long is waited for once, then no more."""
        patience = min(_PATIENCE_SECONDS, self._timeout_seconds / 2)
        inbox.late = False
        alarm = inbox.loop.call_later(patience, inbox.sound)
        try:
            while not inbox.late and any(w.busy and not w.slow for w in workers):
                inbox.wake.clear()
                if any(worker.busy and not worker.slow for worker in workers):
                    await inbox.wake.wait()
        finally:
            alarm.cancel()
        for worker in tuple(workers) if inbox.late else ():
            if worker.busy and not worker.slow and (fresh := worker.relieved()) is not None:
                workers.append(fresh)


def _families(sources: Iterable[PowerSource]) -> list[_Family]:
    grouped: dict[str, list[PowerSource]] = {}
    for source in sources:
        name = source.family if isinstance(source, Grouped) else source.name
        grouped.setdefault(name, []).append(source)
    return [
        _Family(name, tuple(group), any(isinstance(source, Slow) for source in group))
        for name, group in grouped.items()
    ]


async def _farewell(workers: Sequence[_Worker], inbox: _Inbox) -> None:
    """End the threads; one that hangs in its driver is left to itself."""
    for worker in workers:
        worker.stop()
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            while any(w.alive and w.waits_for(_PATIENCE_SECONDS) is None for w in workers):
                inbox.wake.clear()
                await asyncio.sleep(0.001)  # the thread ends just after it has said so
    except TimeoutError:
        return
