"""People before machines, pooled or split, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand import arrangements
from landfall.core.demand.arrangements import (
    MOST_MACHINES,
    MOST_PEOPLE,
    DemandProfile,
    Group,
    groups,
    holds,
    late_share,
    machines_needed,
    mean_wait,
    most_people,
    overflow_share,
    p95,
    serving,
    utilisation,
)
from landfall.core.demand.shared_queue import Station
from tests.core.demand.round_crowds import ASKS, BY_CHANCE, BY_PERSON, LN20, POOLED

ONE = Station(slots=1, seconds=1.0)
"""Exponential: late after t with rho busy is exp(-(1 - rho) t)."""


def test_that_a_person_asks_so_often_an_hour() -> None:
    assert ASKS.rate_per_s(50) == 0.5
    assert DemandProfile(people=1, input_tokens=1, output_tokens=1).rate_per_s(180) == 1.0
    assert ASKS.most_busy == 0.8
    assert (ASKS.spread, ASKS.gap_cs2, ASKS.target_seconds) == (1.0, 1.0, None)


def test_that_calls_by_chance_are_shared_as_machines_are_fast() -> None:
    """3 of 4 a second: a stream of which three of four are kept has 1 + 0.75 x (5 - 1)."""
    bursty = replace(ASKS, gap_cs2=5.0)
    three = Station(slots=3, seconds=1.0)
    found = groups(bursty, (three, ONE), BY_CHANCE, 40.0)
    assert found == (
        Group(stations=(three,), people=30.0, gap_cs2=4.0),
        Group(stations=(ONE,), people=10.0, gap_cs2=2.0),
    )
    assert groups(bursty, (three, ONE), POOLED, 40.0) == (
        Group(stations=(three, ONE), people=40.0, gap_cs2=5.0),
    )


def test_that_people_have_machines_by_what_these_serve_in_whole_numbers() -> None:
    """At most 0.8 busy 80 people of one slot and 240 of three: a quarter and three."""
    three = Station(slots=3, seconds=1.0)
    placed = [one.people for one in groups(ASKS, (three, ONE), BY_PERSON, 10.0)]
    assert placed == [8.0, 2.0], "7.5 and 2.5: the first of equal remainders"
    placed = [one.people for one in groups(ASKS, (three, ONE), BY_PERSON, 11.0)]
    assert placed == [8.0, 3.0], "8.25 and 2.75"
    assert [g.gap_cs2 for g in groups(replace(ASKS, gap_cs2=3.0), (three, ONE), BY_PERSON, 11)] == [
        3.0,
        3.0,
    ]
    lone = groups(ASKS, (three, ONE), BY_PERSON, 1.0)
    assert [(one.stations, one.people) for one in lone] == [((three,), 1.0)]
    assert len(groups(ASKS, (three, ONE), BY_PERSON, 0.0)) == 2
    # Where none serves anybody in time: by their speed.
    hurried = replace(ASKS, target_seconds=0.1)
    assert [g.people for g in groups(hurried, (three, ONE), BY_PERSON, 4.0)] == [3.0, 1.0]


def test_that_figures_of_an_arrangement_are_those_of_its_queues() -> None:
    """Queues of 50 and 25 people on one slot of a second each: rho 0.5 and 0.25."""
    queues = (
        Group(stations=(ONE,), people=50.0, gap_cs2=1.0),
        Group(stations=(ONE,), people=25.0, gap_cs2=1.0),
    )
    assert utilisation(ASKS, queues) == 0.5
    # rho / (1 - rho): 1 and 1/3, over all calls.
    assert mean_wait(ASKS, queues) == pytest.approx((50 * 1.0 + 25 / 3) / 75)
    assert overflow_share(ASKS, queues) == pytest.approx((50 / 3 + 25 * 0.2) / 75)
    # M/M/1/2: rho^2 / (1 + rho + rho^2).
    one_waits = (50 * 0.25 / 1.75 + 25 * 0.0625 / 1.3125) / 75
    assert overflow_share(ASKS, queues, waiting=1) == pytest.approx(one_waits)
    late = [math.exp(-0.5 * 4), math.exp(-0.75 * 4)]
    assert late_share(ASKS, queues, 4.0, BY_PERSON) == pytest.approx(late[0])
    assert late_share(ASKS, queues, 4.0, BY_CHANCE) == pytest.approx(
        (50 * late[0] + 25 * late[1]) / 75
    )
    assert late_share(ASKS, queues[1:], 4.0, BY_CHANCE) == pytest.approx(late[1])
    assert p95(ASKS, queues, BY_PERSON) == pytest.approx(LN20 / 0.5)
    assert p95(ASKS, queues[1:], POOLED) == pytest.approx(LN20 / 0.75)
    together = p95(ASKS, queues, BY_CHANCE)
    assert LN20 / 0.75 < together < LN20 / 0.5
    assert late_share(ASKS, queues, together, BY_CHANCE) == pytest.approx(0.05, rel=1e-6)
    nobody = (Group(stations=(ONE,), people=0.0, gap_cs2=1.0),)
    assert mean_wait(ASKS, nobody) == 0.0
    assert overflow_share(ASKS, nobody) == 0.0
    assert mean_wait(ASKS, (*queues[1:], *nobody)) == pytest.approx(1 / 3)
    two = Group(stations=(ONE, ONE), people=100.0, gap_cs2=1.0)
    # A place on each of two machines: M/M/2/4 with one erlang: (1/16) / (1 + 1 + 1/2 + 1/4 ... ).
    whole = 1 + 1 + 0.5 + 0.25 + 0.125
    assert overflow_share(ASKS, (two,), waiting=1) == pytest.approx(0.125 / whole)


def test_that_the_most_people_are_those_of_the_target_or_of_the_share_busy() -> None:
    """Late after T with rho: exp(-(1 - rho) T) <= 0.05, so that rho = 1 - ln 20 / T."""
    assert most_people(ASKS, (ONE,), POOLED) == 80
    timely = replace(ASKS, target_seconds=8.0)
    rho = 1 - LN20 / 8
    assert rho == pytest.approx(0.62553, abs=1e-5)
    assert most_people(timely, (ONE,), POOLED) == 62
    assert holds(timely, (ONE,), POOLED, 62)
    assert not holds(timely, (ONE,), POOLED, 63)
    assert most_people(timely, (ONE, ONE), BY_PERSON) == 124
    assert most_people(replace(ASKS, target_seconds=2.9), (ONE,), POOLED) == 0
    exact = replace(ASKS, target_seconds=LN20 / 0.5)
    assert most_people(exact, (ONE,), POOLED) == 50
    slow = Station(slots=1, seconds=100.0)
    assert most_people(ASKS, (slow,), POOLED) == 0
    assert most_people(ASKS, (Station(slots=1, seconds=80.0),), POOLED) == 1
    silent = replace(ASKS, calls_per_hour=0.0)
    assert most_people(silent, (ONE,), POOLED) == MOST_PEOPLE == 2**40
    assert most_people(replace(silent, target_seconds=1.0), (ONE,), POOLED) == 0
    swift = Station(slots=1, seconds=1e-15)
    assert most_people(ASKS, (swift,), POOLED) == MOST_PEOPLE
    assert MOST_MACHINES == 2**20


def test_that_machines_are_as_many_as_the_share_busy_and_the_target_ask() -> None:
    assert machines_needed(replace(ASKS, people=80), ONE) == 1
    assert machines_needed(replace(ASKS, people=81), ONE) == 2
    assert machines_needed(replace(ASKS, people=800), ONE) == 10
    assert machines_needed(replace(ASKS, people=801), ONE) == 11
    timely = replace(ASKS, people=63, target_seconds=8.0)
    assert machines_needed(timely, ONE) == 2
    assert machines_needed(replace(timely, people=62), ONE) == 1
    assert machines_needed(replace(timely, target_seconds=2.9), ONE) is None
    assert machines_needed(replace(ASKS, people=0), ONE) == 1
    two = Station(slots=2, seconds=1.0)
    assert machines_needed(replace(ASKS, people=801), two) == 6


def test_that_a_machine_that_is_late_stands_aside_unless_more_are_served_with_it() -> None:
    slow = Station(slots=1, seconds=4.0)
    timely = replace(ASKS, target_seconds=8.0)
    assert serving(ASKS, (ONE, slow), POOLED) == (0, 1)
    assert serving(timely, (ONE, slow), POOLED) == (0, 1), "one of seven of its calls is late"
    never = Station(slots=1, seconds=40.0)
    assert serving(timely, (ONE, never), POOLED) == (0,)
    assert serving(timely, (never, ONE, ONE), POOLED) == (1, 2)
    assert serving(timely, (never, ONE, slow), POOLED) == (1, 2)
    assert serving(timely, (ONE, slow), BY_PERSON) == (0, 1)
    assert serving(timely, (slow, Station(slots=1, seconds=6.0)), POOLED) == (0,)
    assert serving(timely, (ONE, ONE), POOLED) == (0, 1)
    assert arrangements.alone_in_time(timely, ONE)
    assert not arrangements.alone_in_time(timely, slow)
    assert arrangements.alone_in_time(ASKS, slow), "without a target nothing is late"
    assert arrangements.alone_in_time(replace(ASKS, target_seconds=LN20 * 1.0001), ONE)
