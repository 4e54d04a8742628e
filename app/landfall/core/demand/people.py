"""How many people machines serve: pooled or each for itself, and at ten times the load.

A person asks at a rate that does not depend on how long answers take: people of an office together
ask as a Poisson stream does, and bursts are stated by `gap_cs2`. The formulas are those of
`shared_queue`; a real trace is replayed by `crowd_replay`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from landfall.core.demand import arrangements
from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.growth import TEN_TIMES
from landfall.core.demand.queueing import SECONDS_PER_HOUR
from landfall.core.demand.replaying import SHORT_QUEUE
from landfall.core.demand.serving import Service
from landfall.core.demand.shared_queue import Station, Stations
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle

MEASURE_IT = "measure it: `landfall bench {0} --concurrency`"
GROWS = Unknown("they cannot keep up: the queue only grows")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingMachine:
    """A machine that serves the model.

    Attributes:
        name: For people.
        service: A mean call of the profile on it while all its slots are busy.
        measured_at: When its speed was measured, ISO time; "" where it is estimated.
        basis: What its speed rests on, a clause for people.
    """

    name: str
    service: Service
    measured_at: str = ""
    basis: str = ""


class Bound(StrEnum):
    """What keeps one person more from being served.

    TOO_SLOW: a call takes longer than the target even where nobody else asks.
    """

    TARGET = "target"
    BUSY = "busy"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """An arrangement under the demand.

    Attributes:
        served: How many people are served within the target.
        bound: What holds it there, None where it is not known.
        used: Names of the machines that serve; of unlike ones those whose calls would come too late
            stand aside.
        utilisation: Share of the slots busy at the stated number of people, of the busiest machine.
        mean_wait, p95: Seconds there; unknown, with the reason, where the queue only grows.
        late: Share of the answers after the target there; unknown without a target.
        overflow: Share of the calls there that find no free slot, where these go elsewhere at once.
        overflow_queued: The same where `SHORT_QUEUE` may wait on each machine.
    """

    arrangement: Arrangement
    served: Figure
    bound: Bound | None
    used: tuple[str, ...]
    utilisation: Figure
    mean_wait: Figure
    p95: Figure
    late: Figure
    overflow: Figure
    overflow_queued: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How many people are served, and what would change it.

    Attributes:
        pooled, by_person, by_chance: The arrangements; with one machine they are the same.
        alone: How many each machine serves by itself, in their order.
        needed_like: Name of the machine that is counted: the fastest.
        needed: So many of it serve the stated people, pooled; None where no number does, or where
            it is not known.
        grown: The pooled arrangement at ten times the people.
        grown_needed: As `needed`, for ten times the people.
    """

    profile: DemandProfile
    machines: tuple[ServingMachine, ...]
    pooled: Crowd
    by_person: Crowd
    by_chance: Crowd
    alone: tuple[Figure, ...]
    needed_like: str
    needed: int | None
    grown: Crowd
    grown_needed: int | None

    @property
    def enough(self) -> bool | None:
        """Whether the stated people are served, pooled; None where that is not known."""
        served = middle(self.pooled.served)
        return None if served is None else served >= self.profile.people


def answer(profile: DemandProfile, machines: Sequence[ServingMachine]) -> Answer:
    """What the machines do for the people.

    Raises:
        ValueError: there is no machine.
    """
    if not machines:
        raise ValueError("nobody is served without a machine")
    fastest = min(machines, key=_seconds)
    one = _fastest_station(profile, fastest)
    grown = replace(profile, people=round(profile.people * TEN_TIMES))
    crowds = {one: crowd(profile, machines, one) for one in Arrangement}
    return Answer(
        profile=profile,
        machines=tuple(machines),
        pooled=crowds[Arrangement.POOLED],
        by_person=crowds[Arrangement.BY_PERSON],
        by_chance=crowds[Arrangement.BY_CHANCE],
        alone=tuple(served(profile, (one,), Arrangement.POOLED) for one in machines),
        needed_like=fastest.name,
        needed=None if one is None else arrangements.machines_needed(profile, one),
        grown=crowd(grown, machines, Arrangement.POOLED),
        grown_needed=None if one is None else arrangements.machines_needed(grown, one),
    )


def _seconds(machine: ServingMachine) -> float:
    each = middle(machine.service.seconds)
    return math.inf if each is None else each / machine.service.slots


def _fastest_station(profile: DemandProfile, machine: ServingMachine) -> Station | None:
    each = middle(machine.service.seconds)
    if each is None or each <= 0 or profile.calls_per_hour <= 0:
        return None
    return Station(slots=machine.service.slots, seconds=each, cs2=profile.spread**2)


# Figures ---------------------------------------------------------------------------------------


def served(
    profile: DemandProfile, machines: Sequence[ServingMachine], arrangement: Arrangement
) -> Figure:
    """How many people are served."""
    if profile.calls_per_hour <= 0:
        return Unknown("nobody asks anything: there is no number of people that is too many")

    def most(stations: Stations) -> float:
        return float(arrangements.most_people(profile, stations, arrangement))

    return _figure(profile, machines, arrangement, most, "people")


def crowd(
    profile: DemandProfile, machines: Sequence[ServingMachine], arrangement: Arrangement
) -> Crowd:
    """An arrangement with its figures at the stated number of people."""
    seen = _Seen(profile=profile, machines=tuple(machines), arrangement=arrangement)
    count = served(profile, machines, arrangement)
    stations = _stations(profile, machines, 1)
    places = () if stations is None else arrangements.serving(profile, stations, arrangement)
    return Crowd(
        arrangement=arrangement,
        served=count,
        bound=None if isinstance(count, Unknown) else _bound(profile, machines, count),
        used=tuple(machines[at].name for at in places),
        utilisation=seen.figure(arrangements.utilisation, "calls x seconds a call / slots"),
        mean_wait=seen.figure(arrangements.mean_wait, "mean wait"),
        p95=seen.figure(seen.p95, "p95"),
        late=seen.late(),
        overflow=seen.figure(arrangements.overflow_share, "overflow at once"),
        overflow_queued=seen.figure(seen.queued, f"overflow, {SHORT_QUEUE} may wait on each"),
    )


def _bound(profile: DemandProfile, machines: Sequence[ServingMachine], count: Figure) -> Bound:
    """Without a target only the share busy holds it."""
    stations = _stations(profile, machines, 1) or ()
    if profile.target_seconds is None:
        return Bound.BUSY
    if not middle(count) and not any(arrangements.alone_in_time(profile, one) for one in stations):
        return Bound.TOO_SLOW
    unhurried = replace(profile, target_seconds=None)
    more = served(unhurried, machines, Arrangement.POOLED)
    return Bound.TARGET if (middle(more) or 0) > (middle(count) or 0) else Bound.BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """An arrangement at the stated number of people."""

    profile: DemandProfile
    machines: tuple[ServingMachine, ...]
    arrangement: Arrangement

    def figure(
        self,
        formula: Callable[[DemandProfile, tuple[arrangements.Group, ...]], float],
        says: str,
    ) -> Figure:
        profile = self.profile

        def value(stations: Stations) -> float:
            queues = arrangements.groups(profile, stations, self.arrangement, profile.people)
            return formula(profile, queues)

        return _figure(profile, self.machines, self.arrangement, value, says)

    def p95(self, profile: DemandProfile, queues: tuple[arrangements.Group, ...]) -> float:
        return arrangements.p95(profile, queues, self.arrangement)

    def queued(self, profile: DemandProfile, queues: tuple[arrangements.Group, ...]) -> float:
        return arrangements.overflow_share(profile, queues, waiting=SHORT_QUEUE)

    def late(self) -> Figure:
        target = self.profile.target_seconds
        if target is None:
            return Unknown("no target is stated")

        def share(profile: DemandProfile, queues: tuple[arrangements.Group, ...]) -> float:
            return arrangements.late_share(profile, queues, target, self.arrangement)

        return self.figure(share, "share of the answers after the target")


def _stations(
    profile: DemandProfile, machines: Sequence[ServingMachine], end: int
) -> Stations | None:
    """The machines at the low, middle (1) or high end of their seconds; None where one is unknown,
    or where a call takes no time."""
    found = []
    for one in machines:
        ends = band(one.service.seconds)
        if ends is None or ends[end] <= 0:
            return None
        found.append(Station(slots=one.service.slots, seconds=ends[end], cs2=profile.spread**2))
    return tuple(found)


def _figure(
    profile: DemandProfile,
    machines: Sequence[ServingMachine],
    arrangement: Arrangement,
    formula: Callable[[Stations], float],
    says: str,
) -> Figure:
    """A figure over the machines that serve, with the band of their seconds: all at one end
    together, for estimates of one formula err together."""
    whole = _stations(profile, machines, 1)
    if whole is None:
        return _why(machines)
    places = arrangements.serving(profile, whole, arrangement)
    values = []
    for end in range(3):
        stations = _stations(profile, [machines[at] for at in places], end)
        values.append(math.nan if stations is None else formula(stations))
    low, mid, high = values
    if not math.isfinite(mid):
        return GROWS
    ends = [value for value in (low, high) if not math.isnan(value)]
    says = f"queue formula: {says}; {basis(machines)}"
    return Estimated(min(mid, *ends), mid, max(mid, *map(_within_an_hour, ends)), says)


def _within_an_hour(value: float) -> float:
    """Where a queue only grows at an end of the band, what comes at the end of the hour waits for
    at most that hour."""
    return value if math.isfinite(value) else SECONDS_PER_HOUR


def _why(machines: Sequence[ServingMachine]) -> Unknown:
    for one in machines:
        if isinstance(one.service.seconds, Unknown):
            reason = one.service.seconds.reason
            alone = all(other.name == one.name for other in machines)
            return Unknown(reason if alone else f"{one.name}: {reason}")
    return Unknown("a call takes no time: state the tokens of prompt and answer")


def basis(machines: Sequence[ServingMachine]) -> str:
    """What the speeds rest on, each said once."""
    return "; ".join(dict.fromkeys(one.basis for one in machines if one.basis))
