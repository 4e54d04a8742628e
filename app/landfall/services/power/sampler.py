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
from landfall.services.power.source import Clock, Grouped, Missing, PowerSource, Sparing

RUNNING_SECONDS = 0.1
"""Ten readings a second while something runs."""

WATCHED_SECONDS = 1.0
"""One a second while only a chart is looked at; none while nobody looks."""

READ_SECONDS = 2.5
"""A driver that takes longer hangs; a plug is given 2 s by itself."""

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


class _Family:
    """Sources that one driver serves, read on a thread of their own.

    The thread may hang without the other families. It closes its sources when it ends, also when
    that is long after nobody waits for it any more.
    """

    def __init__(
        self,
        name: str,
        sources: Sequence[PowerSource],
        rules: _Rules,
        begin: float,
        deliver: Callable[[list[PowerSample]], None],
    ) -> None:
        self.sources = tuple(sources)
        self.name = name
        self._rules = rules
        self._begin = begin
        self._deliver = deliver
        self._stop = threading.Event()
        self._reading_since: float | None = None
        self._thread = threading.Thread(
            target=self._work, name=f"power sampler {name}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the reading that runs."""
        self._stop.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def hangs(self, timeout_seconds: float) -> bool:
        """Whether the reading that runs takes longer than so."""
        since = self._reading_since
        return since is not None and time.monotonic() - since > timeout_seconds

    def gaps(self, reason: str) -> list[PowerSample]:
        at = self._rules.clock()
        return [PowerSample(at, s.name, s.scope, None, reason) for s in self.sources]

    def _work(self) -> None:
        try:
            self._tick()
        finally:
            self._close()
            self._deliver([])

    def _tick(self) -> None:
        rules = self._rules
        before = rules.now()
        begin, number = self._begin, 0
        while not self._stop.is_set():
            now = rules.now()
            if reason := rules.broken(before, now):
                begin, number = now[0], 0
                self._close()
                self._deliver(self.gaps(reason))
            before = now
            self._deliver(self._read())
            # A sleep may end a little early: the next reading is never the same one again.
            passed = rules.clock() - begin
            number = max(number, int(passed / rules.period_seconds)) + 1
            self._rest(max(0.0, number * rules.period_seconds - passed))

    def _rest(self, seconds: float) -> None:
        if self._rules.sleep is None:
            self._stop.wait(seconds)
        else:
            self._rules.sleep(seconds)

    def _read(self) -> list[PowerSample]:
        self._reading_since = time.monotonic()
        spare = self._rules.spare()
        samples = [self._sample(source, spare=spare) for source in self.sources]
        late = time.monotonic() - self._reading_since > READ_SECONDS
        self._reading_since = None
        if late:
            # What was asked so long ago is not worth its time stamp.
            return self.gaps(f"{self.name} took too long to answer")
        return samples

    def _sample(self, source: PowerSource, *, spare: bool) -> PowerSample:
        """One reading; whatever a driver throws is a gap, so that the other sources go on."""
        try:
            if spare and isinstance(source, Sparing):
                return source.read_spared()
            return source.read()
        except Exception as error:  # noqa: BLE001 - a lying library may raise anything
            reason = f"the driver failed: {type(error).__name__} {error}".strip()
            return PowerSample(self._rules.clock(), source.name, source.scope, None, reason)

    def _close(self) -> None:
        for source in self.sources:
            source.close()


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
    """Reads sources at fixed times; each family of sources on a thread of its own.

    A driver that does not answer within `timeout_seconds` makes gaps for its own sources alone,
    until it comes back. A machine that was suspended, and a clock that goes back, make a gap for
    every source, with the reason `core.power.ASLEEP` or `CLOCK_STEPPED`, and counters begin anew.

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
        self._timeout_seconds = timeout_seconds
        self._rules = _Rules(
            period_seconds=period_seconds,
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
        families = self._families(inbox)
        watching = asyncio.create_task(self._watch(families, inbox), name="power sampler watch")
        try:
            for family in families:
                family.start()
            while True:
                for sample in await inbox.taken():
                    yield sample
        finally:
            watching.cancel()
            await _farewell(families, inbox)

    def _families(self, inbox: _Inbox) -> list[_Family]:
        grouped: dict[str, list[PowerSource]] = {}
        for source in self._sources:
            name = source.family if isinstance(source, Grouped) else source.name
            grouped.setdefault(name, []).append(source)
        # All from one beginning: what comes at one time wakes the loop once.
        begin = self._rules.clock()
        return [
            _Family(name, sources, self._rules, begin, inbox.put)
            for name, sources in grouped.items()
        ]

    async def _watch(self, families: Sequence[_Family], inbox: _Inbox) -> None:
        """Gaps for the families that hang."""
        while True:
            await asyncio.sleep(max(self._rules.period_seconds, self._timeout_seconds / 5))
            for family in families:
                if family.hangs(self._timeout_seconds):
                    reason = f"{family.name} did not answer in {self._timeout_seconds:g} s"
                    inbox.put(family.gaps(reason))


async def _farewell(families: Sequence[_Family], inbox: _Inbox) -> None:
    """End the threads; one that hangs in its driver is left to itself."""
    for family in families:
        family.stop()
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            while any(family.alive and not family.hangs(_FAREWELL_SECONDS) for family in families):
                await inbox.taken()
                await asyncio.sleep(0.001)  # the thread has said good-bye, and ends now
    except TimeoutError:
        return
