"""People before machines, pooled or split, in plain numbers: how many are served, how late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.demand import shared_queue
from landfall.core.demand.falling_zero import zero_of_falling
from landfall.core.demand.growth import least
from landfall.core.demand.queueing import SECONDS_PER_HOUR
from landfall.core.demand.shared_queue import Station, Stations

CALLS_PER_HOUR = 20.0
"""Of a person at work with an assistant: our judgement, one question in three minutes."""
MOST_BUSY = 0.8
"""Share of the slots that may be busy in the busiest hour where nobody says another: the default of
`utilisation_max` among the thresholds (E2, H6), which the window and the command line pass."""
IN_TIME = 0.95
"""Share of the answers that have to be whole within the target: the p95 of the rules (H6)."""
MOST_PEOPLE = 1 << 40
MOST_MACHINES = 1 << 20
_ROUNDING = 1e-12
"""Ends of a search and roundings; no crowd and no purchase is as large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandProfile:
    """What people ask for in the busiest hour.

    Attributes:
        people: How many there are.
        calls_per_hour: Of each of them.
        input_tokens: Mean tokens of a prompt that are not read from a cache.
        output_tokens: Mean tokens of an answer, thinking included.
        spread: Standard deviation of a call's size over its mean; prompts and answers are long and
            short together. 1 is an exponential distribution, 0 is all alike.
        target_seconds: 19 of 20 answers are whole within; None where none is asked for.
        gap_cs2: Squared coefficient of variation of the gaps between calls: 1 where people ask
            independently of one another, more where calls come in bursts.
        most_busy: Share of the slots that may be busy.
    """

    people: int
    input_tokens: float
    output_tokens: float
    calls_per_hour: float = CALLS_PER_HOUR
    spread: float = 1.0
    target_seconds: float | None = None
    gap_cs2: float = 1.0
    most_busy: float = MOST_BUSY

    def rate_per_s(self, people: float) -> float:
        """Calls a second of so many people."""
        return people * self.calls_per_hour / SECONDS_PER_HOUR


class Arrangement(StrEnum):
    """Who is served where.

    POOLED: one queue before all slots. BY_PERSON: each person has a fixed machine, as many on each
    as it serves well. BY_CHANCE: each call goes to any machine, as often as that is fast, whether
    it is busy or not.
    """

    POOLED = "pooled"
    BY_PERSON = "by_person"
    BY_CHANCE = "by_chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Slots behind one queue, and the people (or the share of all calls) that come to them."""

    stations: Stations
    people: float
    gap_cs2: float


def groups(
    profile: DemandProfile, stations: Stations, arrangement: Arrangement, people: float
) -> tuple[Group, ...]:
    """The queues of an arrangement, with who comes to each."""
    if arrangement is Arrangement.POOLED:
        return (Group(stations=stations, people=people, gap_cs2=profile.gap_cs2),)
    if arrangement is Arrangement.BY_CHANCE:
        whole = shared_queue.served_per_s(stations)
        shares = [one.rate_per_s / whole for one in stations]
        return tuple(
            # A stream of which each call is kept by chance is the more of a Poisson stream.
            Group(stations=(one,), people=people * share, gap_cs2=1 + share * (profile.gap_cs2 - 1))
            for one, share in zip(stations, shares, strict=True)
        )
    each = [float(most_people(profile, (one,), Arrangement.POOLED)) for one in stations]
    placed = _shared_out(people, each if any(each) else [one.rate_per_s for one in stations])
    return tuple(
        Group(stations=(one,), people=some, gap_cs2=profile.gap_cs2)
        for one, some in zip(stations, placed, strict=True)
        if some > 0 or people <= 0
    )


def _shared_out(people: float, weights: Sequence[float]) -> list[float]:
    """Whole people by weights: the largest remainders round up."""
    whole = math.fsum(weights)
    exact = [people * weight / whole for weight in weights]
    placed = [float(math.floor(one)) for one in exact]
    order = sorted(range(len(exact)), key=lambda at: (placed[at] - exact[at], at))
    for at in order[: round(people - math.fsum(placed))]:
        placed[at] += 1
    return placed


# At a number of people ------------------------------------------------------------------------


def utilisation(profile: DemandProfile, queues: Sequence[Group]) -> float:
    """Share of the slots that are busy, of the busiest queue."""
    return max(shared_queue.busy(one.stations, profile.rate_per_s(one.people)) for one in queues)


def mean_wait(profile: DemandProfile, queues: Sequence[Group]) -> float:
    """Mean seconds before a slot is free, over all calls."""
    waits = [
        one.people
        * shared_queue.mean_wait(one.stations, profile.rate_per_s(one.people), ca2=one.gap_cs2)
        for one in queues
        if one.people > 0
    ]
    return math.fsum(waits) / math.fsum(one.people for one in queues) if waits else 0.0


def late_share(
    profile: DemandProfile, queues: Sequence[Group], seconds: float, arrangement: Arrangement
) -> float:
    """Share of the answers that come after some seconds: of all calls, and with fixed machines of
    the calls of those who are worst off."""
    found = [
        shared_queue.late_share(
            one.stations, profile.rate_per_s(one.people), seconds=seconds, ca2=one.gap_cs2
        )
        for one in queues
    ]
    if arrangement is Arrangement.BY_PERSON or len(found) == 1:
        return max(found)
    people = [max(one.people, _ROUNDING) for one in queues]
    whole = math.fsum(people)
    return math.fsum(late * some for late, some in zip(found, people, strict=True)) / whole


def p95(profile: DemandProfile, queues: Sequence[Group], arrangement: Arrangement) -> float:
    """Seconds within which 19 of 20 answers come; infinite where a queue only grows."""
    each = [
        shared_queue.latency_quantile(
            one.stations, profile.rate_per_s(one.people), ca2=one.gap_cs2, share=IN_TIME
        )
        for one in queues
    ]
    worst = max(each)
    if arrangement is not Arrangement.BY_CHANCE or not math.isfinite(worst) or min(each) == worst:
        return worst

    def over(seconds: float) -> float:
        late = late_share(profile, queues, seconds, arrangement)
        return math.log(late / (1 - IN_TIME)) if late > 0 else -math.inf

    return zero_of_falling(over, min(each), over(min(each)), worst, over(worst))


def overflow_share(profile: DemandProfile, queues: Sequence[Group], *, waiting: int = 0) -> float:
    """Share of the calls that find no free slot, nor a place among those that may wait.

    Args:
        waiting: Places on each machine.
    """
    lost = [
        one.people
        * shared_queue.overflow_share(
            one.stations, profile.rate_per_s(one.people), queue=waiting * len(one.stations)
        )
        for one in queues
    ]
    whole = math.fsum(one.people for one in queues)
    return math.fsum(lost) / whole if whole > 0 else 0.0


# How many -------------------------------------------------------------------------------------


def holds(
    profile: DemandProfile, stations: Stations, arrangement: Arrangement, people: float
) -> bool:
    """Whether so many people are served: within the target, and no machine too busy."""
    queues = groups(profile, stations, arrangement, people)
    if utilisation(profile, queues) > profile.most_busy * (1 + _ROUNDING):
        return False
    if profile.target_seconds is None:
        return True
    late = late_share(profile, queues, profile.target_seconds, arrangement)
    return late <= 1 - IN_TIME + _ROUNDING


def most_people(profile: DemandProfile, stations: Stations, arrangement: Arrangement) -> int:
    """The most people that are served; 0 where not even one is."""
    if arrangement is Arrangement.BY_PERSON:
        return sum(most_people(profile, (one,), Arrangement.POOLED) for one in stations)
    if profile.calls_per_hour <= 0:
        return MOST_PEOPLE if holds(profile, stations, arrangement, 0) else 0
    most = profile.most_busy * shared_queue.served_per_s(stations) / profile.rate_per_s(1)
    high = math.floor(min(most * (1 + _ROUNDING), MOST_PEOPLE))
    if high < 1 or holds(profile, stations, arrangement, high):
        return high
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if holds(profile, stations, arrangement, middle):
            low = middle
        else:
            high = middle
    return low


def serving(
    profile: DemandProfile, stations: Stations, arrangement: Arrangement
) -> tuple[int, ...]:
    """Which machines serve, by their places, so that the most people are served.

    In one queue, and by chance, a slow machine gets calls too. One whose calls come after the
    target where nobody waits stands aside, unless more people are served with it.
    """
    every = tuple(range(len(stations)))
    if profile.target_seconds is None or arrangement is Arrangement.BY_PERSON:
        return every
    fit = {at: alone_in_time(profile, stations[at]) for at in every}
    chosen = tuple(at for at in every if fit[at])
    slow = sorted({stations[at].seconds for at in every if not fit[at]})
    if not chosen:
        chosen, slow = tuple(at for at in every if stations[at].seconds == slow[0]), slow[1:]
    most = most_people(profile, _of(stations, chosen), arrangement)
    for seconds in slow:
        more = tuple(at for at in every if at in chosen or stations[at].seconds == seconds)
        served = most_people(profile, _of(stations, more), arrangement)
        if served <= most:
            break
        chosen, most = more, served
    return chosen


def alone_in_time(profile: DemandProfile, one: Station) -> bool:
    """Whether its calls come within the target where nobody waits."""
    return holds(replace(profile, most_busy=math.inf), (one,), Arrangement.POOLED, 0)


def _of(stations: Stations, chosen: Sequence[int]) -> Stations:
    return tuple(stations[at] for at in chosen)


def machines_needed(profile: DemandProfile, one: Station) -> int | None:
    """How many machines of a kind serve the people in one queue; None where no number does."""
    rate = profile.rate_per_s(profile.people)

    def enough(count: int) -> bool:
        many = (replace(one, slots=one.slots * count),)
        return holds(profile, many, Arrangement.POOLED, profile.people)

    if not alone_in_time(profile, one):
        return None  # nor with any other number of them
    start = max(1, math.ceil(min(rate / one.rate_per_s / profile.most_busy, 1e9) - 1e-9))
    return least(enough, start, most=MOST_MACHINES)
