"""Looks at hosts again and again for as long as somebody watches; then nothing ticks.

Each host has a rhythm of its own, so that one that is dead or slow delays nobody: those that were
silent, or do not answer soon, wait for one another in a narrow lane of theirs. Nothing is asked
that would wake a machine or load a model, and most looks are one short question.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from landfall.core.hosts.hosts import Host, HostReading, HostState
from landfall.services.hosts.looking import NO_TOKEN, Asking, Looker
from landfall.services.hosts.seen import HostsSeen
from landfall.services.threads import to_its_end

PERIOD_SECONDS = 10.0
SILENT_MOST_SECONDS = 60.0
"""The pause after each silent look doubles up to this."""

WHOLE_EVERY = 6
"""So many looks at one that answers are one whole look: its models, version and addresses."""

JITTER = 0.1
"""Share of a pause by which it differs each time, so that looks do not fall together."""

TALKING_AT_ONCE, SILENT_AT_ONCE = 64, 32

HURRY_SECONDS = 1.0
"""Who has not answered by then is asked again among the silent ones: many dead hosts would hold
every place of those that answer at once. Who is known to be slower has twice its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often hosts are looked at; tests have less time."""

    period_seconds: float = PERIOD_SECONDS
    silent_most_seconds: float = SILENT_MOST_SECONDS
    whole_every: int = WHOLE_EVERY


async def watched(
    hosts: Sequence[Host],
    *,
    asking: Mapping[str, Asking] | None = None,
    later: asyncio.Task[Mapping[str, Asking]] | None = None,
    seen: HostsSeen | None = None,
    rhythm: Rhythm | None = None,
) -> AsyncGenerator[HostReading, None]:
    """The reading of each host as it comes, for as long as this is iterated.

    Close it (`contextlib.aclosing`), and every connection is closed with it.

    Args:
        hosts: Kept ones; their order does not matter.
        asking: How each is asked, by its name; those that are not in it have no token.
        later: How each is asked as soon as that is known: those that have a token then are looked
            at anew with it.
        seen: What is kept of them: told in the readings, and written where something changed.
        rhythm: How often.
    """
    arrived: asyncio.Queue[HostReading | asyncio.Task[None]] = asyncio.Queue()
    lanes = _Lanes()
    tasks = [
        asyncio.create_task(
            _Watch(
                host,
                (asking or {}).get(host.name, NO_TOKEN),
                silent=int(seen is not None and seen.was_gone(host)),
                lanes=lanes,
                rhythm=rhythm or Rhythm(),
                later=later,
            ).run(arrived.put_nowait)
        )
        for host in hosts
    ]
    for task in tasks:
        task.add_done_callback(arrived.put_nowait)
    try:
        while tasks:
            came = await arrived.get()
            if isinstance(came, asyncio.Task):
                came.result()  # none ends by itself: what it raises is a bug
                continue
            yield came if seen is None else await seen.told(came)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if seen is not None:
            await to_its_end(seen.keep())


async def looked_at_all(
    hosts: Sequence[Host],
    *,
    asking: Mapping[str, Asking] | None = None,
    seen: HostsSeen | None = None,
) -> AsyncGenerator[HostReading, None]:
    """One look at each, the reading of each as it comes; then it ends."""
    left = {host.name for host in hosts}
    async with aclosing(watched(hosts, asking=asking, seen=seen)) as readings:
        async for reading in readings:
            if reading.host.name in left:
                left.remove(reading.host.name)
                yield reading
            if not left:
                return


class _Lanes:
    """How many are asked at once, apart for those that answered last and those that did not."""

    def __init__(self) -> None:
        self.talking = asyncio.Semaphore(TALKING_AT_ONCE)
        self.silent = asyncio.Semaphore(SILENT_AT_ONCE)


class _Watch:
    """Looks at one host for ever.

    Attributes:
        silent: How often in a row it did not answer.
    """

    def __init__(
        self,
        host: Host,
        asking: Asking,
        *,
        silent: int,
        lanes: _Lanes,
        rhythm: Rhythm,
        later: asyncio.Task[Mapping[str, Asking]] | None,
    ) -> None:
        self.silent = silent
        self._host, self._lanes, self._rhythm, self._later = host, lanes, rhythm, later
        self._looker = Looker(host, asking)
        self._looks, self._took_seconds = 0, 0.0
        self._clock = asyncio.get_running_loop().time

    async def run(self, tell: Callable[[HostReading], None]) -> None:
        """Tell each reading."""
        async with aclosing(self._looker):
            while True:
                reading = await self._reading()
                self._looks += 1
                self.silent = 0 if reading.state is HostState.ANSWERS else self.silent + 1
                tell(reading)
                await self._rest()

    async def _reading(self) -> HostReading:
        if not self.silent:
            hurry = max(HURRY_SECONDS, 2 * self._took_seconds)
            whole = self._looks % self._rhythm.whole_every == 0
            async with self._lanes.talking:
                with suppress(TimeoutError):
                    async with asyncio.timeout(hurry):
                        return await self._timed(whole=whole)
        async with self._lanes.silent:
            return await self._timed(whole=True)

    async def _timed(self, *, whole: bool) -> HostReading:
        begun = self._clock()
        reading = await (self._looker.look() if whole else self._looker.glance())
        self._took_seconds = self._clock() - begun
        return reading

    async def _rest(self) -> None:
        """Until the next look is due, or its token is known."""
        pause = _pause(self.silent, self._rhythm) * random.uniform(1 - JITTER, 1 + JITTER)
        until = self._clock() + pause
        if self._later is not None:
            await asyncio.wait({self._later}, timeout=pause)
            if self._later.done():
                fresh = self._later.result().get(self._host.name, NO_TOKEN)
                self._later = None
                if fresh.token is not None:
                    self._looker.ask_as(fresh)
                    self._looks = 0
                    return
        await asyncio.sleep(until - self._clock())


def _pause(silent: int, rhythm: Rhythm) -> float:
    """Until the next look, after so many silent ones in a row."""
    if not silent:
        return rhythm.period_seconds
    return min(rhythm.period_seconds * 2.0 ** min(silent - 1, 10), rhythm.silent_most_seconds)
