"""Queues simulated event by event, apart from the code that they are held against."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from landfall.core.demand.shared_queue import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    mean_wait: float
    p95: float
    waited: float
    lost: float
    shares: tuple[float, ...]


def simulated(
    stations: Sequence[Station],
    rate_per_s: float,
    *,
    ca2: float = 1.0,
    queue: int | None = None,
    calls: int = 150_000,
    seed: int = 7,
) -> Simulated:
    """First come first served; a call takes any free slot by chance; `queue` may wait, or all."""
    dice = Random(seed)
    of = [at for at, one in enumerate(stations) for _ in range(one.slots)]
    free = list(range(len(of)))
    busy: list[tuple[float, int]] = []
    line: deque[float] = deque()
    latencies: list[float] = []
    waits = waited = lost = 0.0
    served = [0] * len(stations)
    now = 0.0

    def serve(slot: int, came: float, begins: float) -> None:
        one = stations[of[slot]]
        lasts = one.seconds
        if one.cs2 > 1e-6:
            lasts = dice.gammavariate(1 / one.cs2, one.cs2 * one.seconds)
        heapq.heappush(busy, (begins + lasts, slot))
        latencies.append(begins + lasts - came)
        served[of[slot]] += 1

    for _ in range(calls):
        now += dice.gammavariate(1 / ca2, ca2 / rate_per_s)
        while busy and busy[0][0] <= now:
            ends, slot = heapq.heappop(busy)
            if line:
                came = line.popleft()
                waits += ends - came
                serve(slot, came, ends)
            else:
                free.append(slot)
        if free:
            at = dice.randrange(len(free))
            free[at], free[-1] = free[-1], free[at]
            serve(free.pop(), now, now)
        elif queue is None or len(line) < queue:
            line.append(now)
            waited += 1
        else:
            lost += 1
    latencies.sort()
    whole = sum(served)
    return Simulated(
        mean_wait=waits / whole,
        p95=latencies[int(0.95 * len(latencies))],
        waited=waited / calls,
        lost=lost / calls,
        shares=tuple(one / whole for one in served),
    )
