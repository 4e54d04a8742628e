"""Ten times the work, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math

import pytest

from landfall.core.demand import growth
from tests.core.demand.round_crowds import LN20


def test_that_a_search_for_the_least_begins_where_it_is_told() -> None:
    asked: list[int] = []

    def holding(number: int) -> bool:
        asked.append(number)
        return number >= 37

    assert growth.least(holding, 5) == 37
    assert asked[:4] == [5, 10, 20, 40]
    assert growth.least(lambda number: number >= 1, 0) == 1
    assert growth.least(lambda number: number >= 1, 1) == 1
    assert growth.least(lambda number: number >= 6, 5) == 6
    assert growth.least(lambda number: number >= 64, 1, most=64) == 64
    assert growth.least(lambda number: number >= 64, 1, most=63) is None
    assert growth.least(lambda number: True, 1 << 15) is None, "more machines than are an answer"
    assert growth.least(lambda number: True, 1 << 14) == 1 << 14


def test_that_growth_is_of_pooled_slots() -> None:
    """0.1 a second x 2 s x 10 = 2 erlangs; one slot: B = 2 / 3; 2 / 0.8 = 2.5 machines."""
    found = growth.at_times(0.1, service_s=2.0, slots=1, most_busy=0.8)
    assert (found.factor, found.utilisation, found.machines) == (10.0, 2.0, 3)
    assert found.overflow_share == pytest.approx(2 / 3)
    assert found.headroom == pytest.approx(4.0)
    five = growth.at_times(0.1, service_s=2.0, slots=2, most_busy=0.8, factor=5.0)
    assert (five.utilisation, five.machines, five.factor) == (0.5, 1, 5.0)
    assert five.overflow_share == pytest.approx(0.2)
    # One slot of a second within 8 s: 0.6255 erlangs.
    timely = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert timely == pytest.approx((1 - LN20 / 8) / 0.1, rel=1e-6)
    never = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=2.9)
    assert never == 0.0
    just = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=3.0)
    assert just is not None
    assert 0 < just < 0.02
    for service in (0.0, -1.0, math.inf):
        assert growth.headroom(0.1, service_s=service, slots=1, most_busy=0.8) is None
    assert growth.headroom(-0.1, service_s=1.0, slots=1, most_busy=0.8) is None
    grown = growth.at_times(0.05, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert grown.machines == 1, "half an erlang is in time"
    more = growth.at_times(0.07, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert more.machines == 2, "0.7 erlangs are not busy, and late"


def test_that_people_ask_once_a_minute() -> None:
    """0.8 of a slot of a second: 48 people a minute; within 8 s 0.6255 x 60 = 37.5."""
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8) == 48
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0) == 37
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8, target_seconds=2.0) == 0
