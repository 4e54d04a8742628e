"""p95 against the number of people, for one machine, two and more: what a chart shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.demand import arrangements, shared_queue
from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.people import ServingMachine
from landfall.core.demand.shared_queue import Station, Stations
from landfall.core.provenance import band

POINTS = 40
"""Of a curve: enough for a smooth line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One arrangement of so many machines.

    Attributes:
        points: People and p95 seconds, as far as the queue does not grow without end.
        low, high: The same at the ends of the band of a call's seconds; empty where it has none.
    """

    machines: int
    arrangement: Arrangement
    points: tuple[tuple[float, float], ...]
    low: tuple[tuple[float, float], ...] = ()
    high: tuple[tuple[float, float], ...] = ()


def curve(
    profile: DemandProfile,
    machines: Sequence[ServingMachine],
    arrangement: Arrangement,
    *,
    up_to: float,
    banded: bool = False,
) -> Curve | None:
    """p95 from nobody to `up_to` people; None where the seconds of a call are unknown.

    Args:
        profile: The demand; its number of people does not matter.
        machines: In one queue, or split.
        arrangement: How.
        up_to: Where it ends at the latest.
        banded: Whether the ends of the band are wanted too.
    """
    ends = [band(one.service.seconds) for one in machines]
    known = [one for one in ends if one is not None]
    if len(known) < len(ends) or any(one[0] <= 0 for one in known):
        return None
    low, mid, high = (
        _points(
            profile, _stations(profile, machines, [one[end] for one in known]), arrangement, up_to
        )
        if end == 1 or (banded and any(one[0] < one[2] for one in known))
        else ()
        for end in range(3)
    )
    return Curve(machines=len(machines), arrangement=arrangement, points=mid, low=low, high=high)


def _stations(
    profile: DemandProfile, machines: Sequence[ServingMachine], seconds: Sequence[float]
) -> Stations:
    return tuple(
        Station(slots=one.service.slots, seconds=each, cs2=profile.spread**2)
        for one, each in zip(machines, seconds, strict=True)
    )


def _points(
    profile: DemandProfile, stations: Stations, arrangement: Arrangement, up_to: float
) -> tuple[tuple[float, float], ...]:
    found: list[tuple[float, float]] = []
    per_person = profile.rate_per_s(1)
    full = shared_queue.served_per_s(stations) / per_person if per_person > 0 else math.inf
    last = min(up_to, full * 0.995)
    # By the machine that is worst off a step of one person would show: shares are even here.
    split = Arrangement.BY_CHANCE if arrangement is Arrangement.BY_PERSON else arrangement
    for step in range(POINTS + 1):
        # Closer together where the curve turns up.
        people = last * (1 - (1 - step / POINTS) ** 1.7)
        queues = arrangements.groups(profile, stations, split, people)
        found.append((people, arrangements.p95(profile, queues, split)))
    return tuple(found)
