"""Whether a machine keeps up: slots, waiting, what overflows, when a batch is done.

One request takes one slot. Rates are requests a second, times seconds, offered load erlangs (the
mean number of slots that would be busy if there were enough).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.demand.falling_zero import zero_of_falling
from landfall.core.demand.response_tail import late_share

SECONDS_PER_HOUR = 3600.0
"""By definition."""
BATCH_SAFETY = 0.9
"""A batch must be done within this share of its window."""
BUSIEST_SHARE = 0.95
"""Which quantile of many hours counts as the busiest: one odd hour does not size a machine."""
ASSUMED_WORKING_HOURS = 8.0
"""Where no hourly profile is known, a day's calls are taken to come within one working day."""


def service_seconds(
    *,
    uncached_tokens: float,
    output_tokens: float,
    prefill_tok_s: float,
    decode_tok_s: float,
    load_seconds: float = 0.0,
) -> float:
    """Seconds one request keeps its slot: load, prompt without what is cached, answer.

    The rates are those of one slot while the others are busy too. A rate of 0 never ends, unless it
    has nothing to do.
    """
    return (
        load_seconds
        + _seconds(uncached_tokens, prefill_tok_s)
        + _seconds(output_tokens, decode_tok_s)
    )


def _seconds(tokens: float, rate: float) -> float:
    if tokens <= 0:
        return 0.0
    return tokens / rate if rate > 0 else math.inf


def offered_erlangs(rate_per_s: float, service_s: float) -> float:
    """Mean number of slots the work would keep busy; 0 where there is no work."""
    return rate_per_s * service_s if rate_per_s > 0 else 0.0


def utilisation(rate_per_s: float, *, service_s: float, slots: int = 1) -> float:
    """Share of the slots that are busy; from 1 on the machine cannot keep up.

    Use the rate of the busiest hour: the mean of a day hides the queue at ten in the morning.
    """
    return offered_erlangs(rate_per_s, service_s) / _checked(slots)


def busiest_hour_rate(
    calls_per_day: float, *, hourly_calls: Sequence[float] = (), days: float = 1.0
) -> float:
    """Requests a second in the busiest hour.

    Args:
        calls_per_day: Mean of the days, used where no hour is known: all of a day's calls are then
            taken to come within eight hours.
        hourly_calls: Calls of each hour. Up to 24 of them are the profile of a mean day, whose
            largest hour counts; more are a record, of which the 95th percentile counts.
        days: What an hour of the profile stands for, where it sums several days.
    """
    if not hourly_calls:
        return calls_per_day / ASSUMED_WORKING_HOURS / SECONDS_PER_HOUR
    if len(hourly_calls) <= 24:
        return max(hourly_calls) / days / SECONDS_PER_HOUR
    return quantile(hourly_calls, BUSIEST_SHARE) / SECONDS_PER_HOUR


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, interpolated between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _checked(slots: int) -> int:
    if slots < 1:
        raise ValueError("a machine has at least one slot")
    return slots


def erlang_b(slots: int, offered: float) -> float:
    """Share of requests that find every slot busy and are turned away (Erlang, 1917).

    Exact for Poisson arrivals whatever the distribution of the service time.
    """
    return overflow_share(slots, offered)


def overflow_share(slots: int, offered: float, *, queue: int = 0) -> float:
    """Share turned away when `queue` requests may wait (M/M/k/(k + queue)); else Erlang B."""
    if not math.isfinite(offered):
        return 1.0
    blocked = 1.0
    for busy in range(1, _checked(slots) + 1):
        asked = offered * blocked
        blocked = asked / (busy + asked)
    for _ in range(queue):
        asked = offered * blocked
        blocked = asked / (slots + asked)
    return blocked


def erlang_c(slots: int, offered: float) -> float:
    """Share of requests that must wait when nobody is turned away; 1 where it cannot keep up."""
    if offered >= _checked(slots):
        return 1.0
    blocked = erlang_b(slots, offered)
    return blocked / (1 - offered / slots * (1 - blocked))


def longest_mean_wait(service_s: float, *, slots: int, queue: int) -> float:
    """Mean seconds that the last request of a full queue waits: queue x service / slots."""
    return queue * service_s / _checked(slots)


def absorbed_share(
    rates_per_s: Sequence[float],
    *,
    service_s: float,
    slots: int,
    queue: int = 0,
    hours: Sequence[float] = (),
) -> float:
    """Share of the requests served here when whatever finds no slot goes elsewhere at once.

    Every hour is a loss system of its own, weighted with its requests; 1 where there is no request.
    `hours` says how many hours have each rate, one each where it is left out.
    """
    classes = tuple(zip(rates_per_s, hours or (1.0,) * len(rates_per_s), strict=True))
    total = sum(rate * many for rate, many in classes)
    if total <= 0:
        return 1.0
    lost = sum(
        rate * many * overflow_share(slots, offered_erlangs(rate, service_s), queue=queue)
        for rate, many in classes
    )
    return max(0.0, 1.0 - lost / total)


def mean_wait(
    rate_per_s: float, *, service_s: float, slots: int = 1, ca2: float = 1.0, cs2: float = 1.0
) -> float:
    """Mean seconds before a slot is free (Allen and Cunneen); infinite where it cannot keep up.

    C(k, a) / (k - a) x E[S] x (Ca^2 + Cs^2) / 2. Exact for one slot with Poisson arrivals, an
    approximation elsewhere, tens of percent low for bursty arrivals: replay the trace then.

    Args:
        rate_per_s: Arrivals.
        service_s: Mean service time.
        slots: How many requests are served at once.
        ca2: Squared coefficient of variation of the gaps between arrivals (1 for Poisson).
        cs2: Squared coefficient of variation of the service time.
    """
    return _waits(rate_per_s, service_s, slots, ca2, cs2)[1]


def _waits(
    rate_per_s: float, service_s: float, slots: int, ca2: float, cs2: float
) -> tuple[float, float]:
    """Share of the requests that wait, and the mean wait of all: one sum of Erlang's for both."""
    offered = offered_erlangs(rate_per_s, service_s)
    if offered >= _checked(slots):
        return 1.0, math.inf
    waiting = erlang_c(slots, offered)
    return waiting, waiting / (slots - offered) * service_s * (ca2 + cs2) / 2


def latency_quantile(
    rate_per_s: float,
    *,
    service_s: float,
    slots: int = 1,
    ca2: float = 1.0,
    cs2: float = 1.0,
    share: float = 0.95,
) -> float:
    """Seconds within which a share of the requests is answered; infinite where it cannot keep up.

    Waiting and service are taken as independent: no wait with probability 1 - C, else an
    exponential one with mean Wq / C; service gamma-distributed with the given mean and variation.
    Against simulated Poisson streams it is within 6 %, and where service hardly varies within 12 %,
    to either side.
    """
    if service_s <= 0:
        return 0.0  # no work is done at once
    waiting, wait = _waits(rate_per_s, service_s, slots, ca2, cs2)
    if not math.isfinite(wait):
        return math.inf

    def over(seconds: float) -> float:
        """How far the tail is above the share that may be late, in logarithms: nearly a straight
        line, so that a secant finds its zero in a few steps."""
        late = late_share(seconds, service_s, cs2, waiting, wait)
        return math.log(late / (1 - share)) if late > 0 else -math.inf

    low, high = 0.0, service_s + wait
    above, under = math.inf, over(high)
    while under > 0:
        low, above = high, under
        high *= 2
        under = over(high)
    return zero_of_falling(over, low, above, high, under)


def lateness(
    rate_per_s: float,
    *,
    service_s: float,
    target_s: float,
    slots: int = 1,
    ca2: float = 1.0,
    cs2: float = 1.0,
    share: float = 0.95,
) -> float:
    """How far more than 1 - share of the requests come after the target: above 0 they do.

    The logarithm of the late share over the one allowed, so that it runs nearly straight; infinite
    where the slots cannot keep up. One evaluation of what `latency_quantile` searches through.
    """
    if service_s <= 0:
        return math.log(1e-300)  # no work is done at once
    waiting, wait = _waits(rate_per_s, service_s, slots, ca2, cs2)
    if not math.isfinite(wait):
        return math.inf
    late = late_share(target_s, service_s, cs2, waiting, wait)
    return math.log(max(late, 1e-300) / (1 - share))


def replay(
    arrivals_s: Sequence[float], service_s: Sequence[float], *, slots: int = 1
) -> tuple[float, ...]:
    """Exact waits of a recorded stream, first come first served.

    Args:
        arrivals_s: Times of arrival, in order.
        service_s: How long each keeps its slot.
        slots: How many are served at once.
    """
    if _checked(slots) == 1:
        return tuple(_one_slot(arrivals_s, service_s))
    free = [-math.inf] * slots
    taken = heapq.heapreplace  # looked up once: a million calls go through here
    waits: list[float] = []
    keep = waits.append
    for arrival, service in zip(arrivals_s, service_s, strict=True):
        begins = free[0]
        if begins <= arrival:
            taken(free, arrival + service)
            keep(0.0)
        else:
            taken(free, begins + service)
            keep(begins - arrival)
    return tuple(waits)


def _one_slot(arrivals_s: Sequence[float], service_s: Sequence[float]) -> list[float]:
    """The same without a heap (Lindley, 1952)."""
    free = -math.inf
    waits: list[float] = []
    keep = waits.append
    for arrival, service in zip(arrivals_s, service_s, strict=True):
        if free <= arrival:
            free = arrival + service
            keep(0.0)
        else:
            keep(free - arrival)
            free += service
    return waits


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWindow:
    """Whether work that may wait is done in time.

    Attributes:
        hours_needed: With every slot busy all the time.
        fits: Within nine tenths of the window.
    """

    hours_needed: float
    fits: bool


def batch_window(items: float, *, service_s: float, slots: int, window_hours: float) -> BatchWindow:
    """How long a batch takes and whether it clears its window."""
    hours = items * service_s / _checked(slots) / SECONDS_PER_HOUR
    return BatchWindow(
        hours_needed=hours,
        fits=hours <= BATCH_SAFETY * window_hours,
    )
