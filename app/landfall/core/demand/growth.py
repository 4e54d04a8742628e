"""What ten times the work would ask: how busy the machine, what overflows, how many machines."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from landfall.core.demand import queueing

TEN_TIMES = 10.0
"""S21: a workload that catches on grows tenfold; in the cloud nothing has to be done for it."""
PERSON_SECONDS = 60.0
"""How often a person at work asks: once a minute. Our judgement; reading an answer takes that."""
MOST_MACHINES = 1 << 14
"""Machines; more are no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The busiest hour at a multiple of the volume.

    Attributes:
        factor: Times the present volume.
        utilisation: Of one machine's slots; from 1 on it cannot keep up.
        overflow_share: Of the busiest hour's calls, one machine turning away what finds no slot.
        machines: Of the same kind that hold it: at most the limit busy and, where a latency is
            asked for, 19 of 20 answers in time; None where no number of them does.
        headroom: How many times the present volume one machine holds within the same bounds; None
            where there is no volume.
    """

    factor: float
    utilisation: float
    overflow_share: float
    machines: int | None
    headroom: float | None


def at_times(
    rate_per_s: float,
    *,
    service_s: float,
    slots: int,
    most_busy: float,
    target_seconds: float | None = None,
    factor: float = TEN_TIMES,
) -> Growth:
    """What a multiple of the busiest hour asks of machines whose slots are pooled.

    Args:
        rate_per_s: Of the busiest hour, now.
        service_s: A mean call keeps its slot for so long.
        slots: Of one machine.
        most_busy: Share of the slots that may be busy, 0.8.
        target_seconds: 19 of 20 answers come within; None where none is asked for.
        factor: Times the present volume.
    """
    grown = rate_per_s * factor
    offered = queueing.offered_erlangs(grown, service_s)

    def holds(machines: int) -> bool:
        return _in_time(grown, service_s, slots * machines, target_seconds)

    return Growth(
        factor=factor,
        utilisation=offered / slots,
        overflow_share=queueing.overflow_share(slots, offered) if offered > 0 else 0.0,
        machines=least(holds, math.ceil(offered / slots / most_busy - 1e-9)),
        headroom=headroom(
            rate_per_s,
            service_s=service_s,
            slots=slots,
            most_busy=most_busy,
            target_seconds=target_seconds,
        ),
    )


def _in_time(rate: float, service_s: float, slots: int, target: float | None) -> bool:
    if target is None:
        return True
    return queueing.latency_quantile(rate, service_s=service_s, slots=slots) <= target


def least(holds: Callable[[int], bool], start: int, *, most: int = MOST_MACHINES) -> int | None:
    """The smallest number that holds, from `start` on; more of them never hold less. None where
    none up to `most` does."""
    high = max(1, start)
    low = high - 1
    # Asked before it is looked at: a queue of a thousand million slots takes hours to reckon.
    while high <= most and not holds(high):
        low, high = high, high * 2
    if high > most:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def headroom(
    rate_per_s: float,
    *,
    service_s: float,
    slots: int,
    most_busy: float,
    target_seconds: float | None = None,
) -> float | None:
    """How many times the present volume a machine holds; 0 where not even a single call is in
    time, None where there is no volume, or one too small to be divided by. As of `at_times`."""
    if rate_per_s <= 0 or service_s <= 0 or not math.isfinite(service_s):
        return None
    high = most_busy * slots / service_s
    if _in_time(high, service_s, slots, target_seconds):
        times = high / rate_per_s
        return times if math.isfinite(times) else None
    if not _in_time(0.0, service_s, slots, target_seconds):
        return 0.0
    low = 0.0
    for _ in range(40):
        middle = (low + high) / 2
        if _in_time(middle, service_s, slots, target_seconds):
            low = middle
        else:
            high = middle
    return low / rate_per_s


def people_served(
    *, service_s: float, slots: int, most_busy: float, target_seconds: float | None = None
) -> int | None:
    """How many people at work one machine serves, each asking once a minute; see `at_times`."""
    times = headroom(
        1 / PERSON_SECONDS,
        service_s=service_s,
        slots=slots,
        most_busy=most_busy,
        target_seconds=target_seconds,
    )
    return None if times is None else math.floor(times * (1 + 1e-12))
