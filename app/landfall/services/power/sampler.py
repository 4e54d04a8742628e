"""Readings of all sources at fixed times, while somebody wants them."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from landfall.core.events import PowerSample
from landfall.core.power import ASLEEP, CLOCK_STEPPED, LONGEST_HOLE_SECONDS
from landfall.services.power.source import Clock, Grouped, Missing, PowerSource, Slow, Sparing

RUNNING_SECONDS = 0.1
"""Ten readings a second while something runs."""

WATCHED_SECONDS = 1.0
"""One a second while only a chart is looked at; none while nobody looks."""

READ_SECONDS = 2.5
"""A driver that takes longer hangs; a plug is given 2 s by itself."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """When to read, and by which clocks."""

    period_seconds: float
    timeout_seconds: float
    spare: Callable[[], bool]
    clock: Clock
    elapsed_clock: Clock
    sleep: Callable[[float], None] | None

    def now(self) -> tuple[float, float]:
        return self.clock(), self.elapsed_clock()

    def broken(self, before: tuple[float, float], now: tuple[float, float]) -> str:
        """Why readings before and now do not belong together, or ""."""
        awake, elapsed_seconds = now[0] - before[0], now[1] - before[1]
        if awake < 0:
            return CLOCK_STEPPED
        longest = LONGEST_HOLE_SECONDS + self.period_seconds
        return ASLEEP if max(awake, elapsed_seconds) > longest else ""


@dataclass(frozen=True, slots=True)
class _Family:
    """Sources that one driver serves: they hang together."""

    name: str
    sources: tuple[PowerSource, ...]
    alone: bool

    def gaps(self, at: float, reason: str) -> list[PowerSample]:
        return [PowerSample(at, s.name, s.scope, None, reason) for s in self.sources]

    def close(self) -> None:
        for source in self.sources:
            source.close()


class _Worker:
    """A thread that reads families one after the other, at absolute times.

    One thread for all is the cheapest. Where a driver keeps it waiting, the others are given to a
    new thread, and it goes on with that driver alone. It closes its sources when it ends, also
    when that is long after nobody waits for it any more.
    """

    def __init__(
        self,
        families: Sequence[_Family],
        rules: _Rules,
        begin: float,
        deliver: Callable[[list[PowerSample]], None],
    ) -> None:
        self._families = tuple(families)
        self._rules = rules
        self._begin = begin
        self._deliver = deliver
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._reading: tuple[_Family, float] | None = None
        name = "power sampler " + ", ".join(family.name for family in families)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the reading that runs."""
        self._stop.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def waits_for(self, seconds: float) -> _Family | None:
        """The family that keeps it waiting for longer than so."""
        reading = self._reading
        late = reading is not None and time.monotonic() - reading[1] > seconds
        return reading[0] if reading is not None and late else None

    def relieved(self, seconds: float) -> _Worker | None:
        """A new worker for all but the family that keeps this one waiting; None if none does."""
        with self._lock:
            slow = self.waits_for(seconds)
            if slow is None or len(self._families) == 1:
                return None
            others = [family for family in self._families if family is not slow]
            self._families = (slow,)
        return _Worker(others, self._rules, self._begin, self._deliver)

    def _work(self) -> None:
        try:
            self._tick()
        finally:
            for family in self._families:
                family.close()
            self._deliver([])

    def _tick(self) -> None:
        rules = self._rules
        before = rules.now()
        begin, number = self._begin, 0
        while not self._stop.is_set():
            now = rules.now()
            if reason := rules.broken(before, now):
                begin, number = now[0], 0
                self._begin_anew(now[0], reason)
            before = now
            self._deliver(self._round())
            # A sleep may end a little early: the next reading is never the same one again.
            passed = rules.clock() - begin
            number = max(number, int(passed / rules.period_seconds)) + 1
            self._rest(max(0.0, number * rules.period_seconds - passed))

    def _begin_anew(self, at: float, reason: str) -> None:
        """A gap for every source; counters and handles of before are let go."""
        for family in self._families:
            family.close()
            self._deliver(family.gaps(at, reason))

    def _rest(self, seconds: float) -> None:
        if self._rules.sleep is not None:
            self._rules.sleep(seconds)
        else:
            self._stop.wait(seconds)

    def _round(self) -> list[PowerSample]:
        """One reading of each source."""
        spare = self._rules.spare()
        samples: list[PowerSample] = []
        for family in self._families:
            with self._lock:
                if family not in self._families:
                    continue  # another thread reads it now
                self._reading = family, time.monotonic()
            read = [self._sample(source, spare=spare) for source in family.sources]
            with self._lock:
                late = time.monotonic() - self._reading[1] > self._rules.timeout_seconds
                self._reading = None
            # What was asked so long ago is not worth its time stamp.
            samples += self._late(family) if late else read
        return samples

    def _late(self, family: _Family) -> list[PowerSample]:
        return family.gaps(self._rules.clock(), f"{family.name} took too long to answer")

    def _sample(self, source: PowerSource, *, spare: bool) -> PowerSample:
        """One reading; whatever a driver throws is a gap, so that the other sources go on."""
        try:
            if spare and isinstance(source, Sparing):
                return source.read_spared()
            return source.read()
        except Exception as error:  # noqa: BLE001 - a lying library may raise anything
            reason = f"the driver failed: {type(error).__name__} {error}".strip()
            return PowerSample(self._rules.clock(), source.name, source.scope, None, reason)


@dataclass(slots=True)
class _Inbox:
    """What the threads hand to the loop, which is woken once for all that lies there.

    Attributes:
        told: Time of the last sample of each source: older ones and the same again are left out.
    """

    loop: asyncio.AbstractEventLoop
    arrived: deque[PowerSample] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    woken: bool = False
    told: dict[str, tuple[float, str]] = field(default_factory=dict)

    def put(self, samples: Iterable[PowerSample]) -> None:
        """From any thread; an empty handful wakes the loop alone."""
        self.arrived.extend(samples)
        if self.woken:
            return
        self.woken = True
        try:
            self.loop.call_soon_threadsafe(self.wake.set)
        except RuntimeError:
            return  # the loop was closed while the driver was thinking

    async def taken(self) -> list[PowerSample]:
        """What has come since; waits for it."""
        await self.wake.wait()
        self.wake.clear()
        self.woken = False
        samples = []
        while self.arrived:
            sample = self.arrived.popleft()
            if self._new(sample):
                samples.append(sample)
        return samples

    def _new(self, sample: PowerSample) -> bool:
        at, reason = self.told.get(sample.source, (float("-inf"), ""))
        stepped = sample.reason == CLOCK_STEPPED and reason != CLOCK_STEPPED
        if sample.at <= at and not stepped:
            return False
        self.told[sample.source] = sample.at, sample.reason
        return True


class Sampler:
    """Reads sources at fixed times, on threads of its own.

    A driver that does not answer within `timeout_seconds` makes gaps for its own sources alone,
    until it comes back: after half a second the others are read by another thread. A machine that
    was suspended, and a clock that goes back, make a gap for every source, with the reason
    `core.power.ASLEEP` or `CLOCK_STEPPED`, and counters begin anew.

    Args:
        sources: Those that are merely `Missing` are left out.
        period_seconds: `RUNNING_SECONDS` or `WATCHED_SECONDS`.
        spare: Whether nothing runs now: then a laptop's card is let go while on battery. Called on
            the threads of the sources.
        clock: Of the samples. elapsed_clock: goes on while the machine is suspended.
        sleep: Of the threads, in the place of waiting for the next reading.
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
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._sources = tuple(s for s in sources if not isinstance(s, Missing))
        self._rules = _Rules(
            period_seconds=period_seconds,
            timeout_seconds=timeout_seconds,
            spare=spare,
            clock=clock,
            elapsed_clock=elapsed_clock,
            sleep=sleep,
        )

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Samples until the generator is closed. Deadlines are absolute; a late one is skipped.

        Times of one source only go forward, but for a clock that went back, after its gap.
        """
        if not self._sources:
            return
        inbox = _Inbox(asyncio.get_running_loop())
        workers = self._workers(inbox)
        watching = asyncio.create_task(self._watch(workers, inbox), name="power sampler watch")
        try:
            for worker in workers:
                worker.start()
            while True:
                for sample in await inbox.taken():
                    yield sample
        finally:
            watching.cancel()
            await _farewell(workers, inbox)

    def _workers(self, inbox: _Inbox) -> list[_Worker]:
        """One for all, and one for each family that is known to be slow."""
        begin = self._rules.clock()  # all from one beginning: the loop is woken once for all
        families = _families(self._sources)
        together = [family for family in families if not family.alone]
        crews = [[family] for family in families if family.alone]
        crews += [together] if together else []
        return [_Worker(crew, self._rules, begin, inbox.put) for crew in crews]

    async def _watch(self, workers: list[_Worker], inbox: _Inbox) -> None:
        """New workers for those that wait for a driver, and gaps for drivers that hang."""
        timeout_seconds = self._rules.timeout_seconds
        patience = min(_PATIENCE_SECONDS, timeout_seconds / 2)
        while True:
            await asyncio.sleep(patience)
            for worker in tuple(workers):
                if (fresh := worker.relieved(patience)) is not None:
                    workers.append(fresh)
                    fresh.start()
                if (hung := worker.waits_for(timeout_seconds)) is not None:
                    reason = f"{hung.name} did not answer in {timeout_seconds:g} s"
                    inbox.put(hung.gaps(self._rules.clock(), reason))


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
            while any(w.alive and w.waits_for(_FAREWELL_SECONDS) is None for w in workers):
                await inbox.taken()
                await asyncio.sleep(0.001)  # the thread has said good-bye, and ends now
    except TimeoutError:
        return
