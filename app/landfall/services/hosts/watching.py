"""Looks at hosts again and again for as long as somebody watches; then nothing ticks.

Each host has a rhythm of its own, so that one that is dead or slow delays nobody: those that were
silent wait for one another in a narrow lane of theirs. Nothing is asked that would wake a machine
or load a model, and most looks are one short question.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from landfall.core.hosts import Host, HostReading, HostState
from landfall.services.hosts.looking import NO_TOKEN, Asking, Looker
from landfall.services.hosts.seen import HostsSeen

PERIOD_SECONDS = 10.0
SILENT_MOST_SECONDS = 60.0
"""The pause after each silent look doubles up to this."""

WHOLE_EVERY = 6
"""So many looks at one that answers are one whole look: its models, version and addresses."""

JITTER = 0.1
"""Share of a pause by which it differs each time, so that looks do not fall together."""

TALKING_AT_ONCE, SILENT_AT_ONCE = 64, 8


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
            _watch(
                host,
                (asking or {}).get(host.name, NO_TOKEN),
                silent=int(seen is not None and seen.was_gone(host)),
                lanes=lanes,
                rhythm=rhythm or Rhythm(),
                later=later,
                tell=arrived.put_nowait,
            )
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
            await asyncio.shield(seen.keep())


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
        self._talking = asyncio.Semaphore(TALKING_AT_ONCE)
        self._silent = asyncio.Semaphore(SILENT_AT_ONCE)

    def of(self, silent: int) -> asyncio.Semaphore:
        """The lane of a host that was silent so many times in a row."""
        return self._silent if silent else self._talking


async def _watch(
    host: Host,
    asking: Asking,
    *,
    silent: int,
    lanes: _Lanes,
    rhythm: Rhythm,
    later: asyncio.Task[Mapping[str, Asking]] | None,
    tell: Callable[[HostReading], None],
) -> None:
    looks = 0
    async with aclosing(Looker(host, asking)) as looker:
        while True:
            async with lanes.of(silent):
                whole = looks % rhythm.whole_every == 0
                reading = await (looker.look() if whole else looker.glance())
            looks += 1
            silent = 0 if reading.state is HostState.ANSWERS else silent + 1
            tell(reading)
            pause = _pause(silent, rhythm) * random.uniform(1 - JITTER, 1 + JITTER)
            until = asyncio.get_running_loop().time() + pause
            if later is not None:
                await asyncio.wait({later}, timeout=pause)
                if later.done():
                    fresh, later = later.result().get(host.name, NO_TOKEN), None
                    if fresh.token is not None:
                        looker.ask_as(fresh)
                        looks = 0
                        continue
            await asyncio.sleep(until - asyncio.get_running_loop().time())


def _pause(silent: int, rhythm: Rhythm) -> float:
    """Until the next look, after so many silent ones in a row."""
    if not silent:
        return rhythm.period_seconds
    return min(rhythm.period_seconds * 2.0 ** min(silent - 1, 10), rhythm.silent_most_seconds)
