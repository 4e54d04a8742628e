"""A rented board's day and month, by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.costs import cost
from landfall.core.demand.day_pattern import DayPattern
from landfall.core.provenance import Unknown, middle
from landfall.core.verdict import renting
from landfall.core.verdict.facts import Variant
from landfall.core.verdict.renting import Rental, RentedDay, _cost, hours_of_day, rented_day
from tests.core.verdict.test_ability import able
from tests.core.verdict.test_assembling import ASSUMPTIONS, sure
from tests.core.verdict.test_renting import LOAD

DAYS = cost.DAYS_PER_MONTH


def day(
    *hours: tuple[float, float], seconds: float = 36.0, slots: int = 1, **more: Any
) -> RentedDay:
    return rented_day(hours, **({"service_s": seconds, "slots": slots, "idle_hours": 0.25} | more))


@pytest.mark.parametrize(
    ("calls", "slots", "gpus"),
    [(80.0, 1, 1), (80.1, 1, 2), (160.0, 1, 2), (160.1, 1, 3), (160.0, 2, 1), (0.0, 1, 1)],
)
def test_that_four_fifths_of_a_board_may_be_busy(calls: float, slots: int, gpus: int) -> None:
    # A call of 36 s is a hundredth of an hour.
    assert day((calls, 8.0), slots=slots).gpus == gpus
    assert day((1.0, 8.0), (calls, 1.0), slots=slots).gpus == gpus


def test_that_hours_on_are_those_of_work_and_waits() -> None:
    off = math.exp(-2 * 0.26)
    found = day((2.0, 10.0))
    assert found.on_hours == pytest.approx(10 * (1 - off))
    assert found.starts == pytest.approx(20 * off)
    # More work than hours: the work counts.
    full = day((300.0, 8.0))
    assert full.on_hours == pytest.approx(24.0)
    assert full.starts == 0.0
    # Two kinds of hours add up.
    both = day((2.0, 10.0), (300.0, 2.0))
    assert both.on_hours == pytest.approx(10 * (1 - off) + 6)
    assert day().on_hours == 0.0


def test_that_who_is_off_at_night_is_started_in_the_morning() -> None:
    assert day((70.0, 8.0)).starts == 1.0
    assert day((70.0, 8.0), worked_share=0.4).starts == 0.4
    # On for more than all but the wait: it is never off.
    assert day((70.0, 24.0)).starts == pytest.approx(0.0, abs=1e-3)
    assert day((100.0, 23.75)).starts == pytest.approx(0.0, abs=1e-3)
    assert day((100.0, 23.7)).starts == 1.0
    assert day((2.0, 10.0), worked_share=0.1).starts > 1


def test_that_work_in_a_window_is_done_in_one_go() -> None:
    # 900 calls are nine hours; of ten nine tenths may be used.
    found = day((450.0, 2.0), window_hours=10.0)
    assert found == RentedDay(on_hours=9.25, starts=1.0, gpus=1)
    two = day((450.0, 2.0), window_hours=9.9)
    assert two == RentedDay(on_hours=9.5, starts=2.0, gpus=2)
    busy = day((450.0, 2.0), window_hours=10.0, busy_day=2.0, worked_share=0.5)
    assert busy == RentedDay(on_hours=9.25, starts=1.0, gpus=2)
    asked: list[tuple[float, int]] = []

    def in_time(seconds: float, least: int) -> int:
        asked.append((seconds, least))
        return least + 3

    assert day((80.1, 8.0), in_time=in_time).gpus == 5
    assert asked == [(36.0, 2)]
    assert day((450.0, 2.0), window_hours=10.0, in_time=in_time).gpus == 1


def test_that_hours_of_a_day_add_up_to_its_calls() -> None:
    assert hours_of_day(LOAD) == ((30.0, 8),)
    assert hours_of_day(replace(LOAD, calls_per_day=None)) == ()
    profile = (1.0, 1.0, 4.0, *(0.0,) * 21)
    told = hours_of_day(replace(LOAD, hourly_calls=profile))
    assert sorted(told) == [(40.0, 2), (160.0, 1)]
    # A profile counts by its shape, however small its numbers are.
    small = hours_of_day(replace(LOAD, hourly_calls=(0.1, 0.1, 0.4, *(0.0,) * 21)))
    assert sorted(small) == [(pytest.approx(40.0), 2), (pytest.approx(160.0), 1)]
    pattern = DayPattern(busy=3.0, classes=((0.5, 0.4), (2.0, 0.4)))
    differing = hours_of_day(replace(LOAD, pattern=pattern))
    assert sorted(differing) == [(15.0, 3.2), (60.0, 3.2)]
    assert hours_of_day(replace(LOAD, calls_per_day=0.0)) == ()


def rental(**changes: Any) -> Rental:
    values: dict[str, Any] = {
        "load": LOAD,
        "able": replace(able(), size_bytes=10_000_000_000),
        "seconds": sure(36.0),
        "usd_per_hour": sure(0.5),
        "care_usd": sure(240.0),
        "assumed": ASSUMPTIONS,
        "window_hours": None,
    }
    return Rental(**(values | changes))


def test_that_on_demand_is_hours_starts_storage_and_care() -> None:
    # Thirty calls in each of eight hours: on for all but exp(-7.8) of them, started once.
    off = math.exp(-30 * 0.26)
    hours = 8 * (1 - off)
    starts = max(1.0, 240 * off)
    # A start takes a tenth of an hour; 10 GB and half of it more at 0.10 are kept.
    expected = (hours + starts * 0.1) * DAYS * 0.5 + 1.5 + 240
    assert middle(rental().on_demand()) == pytest.approx(expected)
    assert middle(rental().always_on()) == pytest.approx(0.5 * 24 * DAYS + 240)
    assert rental().month() == pytest.approx(expected - 241.5)
    assert rental().gpus() == 1
    names = [one.name for one in rental().variants()]
    assert names == ["on demand: RTX 4090", "always on: RTX 4090"]
    assert all(one.feasible for one in rental().variants())


def test_that_several_are_paid_for_in_the_busiest_hour() -> None:
    much = replace(LOAD, calls_per_day=2400.0)
    busy = rental(load=much)
    assert busy.gpus() == 4
    assert middle(busy.always_on()) == pytest.approx(4 * 0.5 * 24 * DAYS + 240)
    # 24 hours of work on four, six each, and one start a day.
    found = middle(busy.on_demand())
    assert found == pytest.approx((24 + 0.1) * DAYS * 0.5 + 1.5 + 240, rel=0.01)
    window = rental(load=replace(LOAD, calls_per_day=2400.0), window_hours=8.0)
    assert window.gpus() == 4


def test_that_days_that_differ_ask_for_more_boards_on_fewer_days() -> None:
    pattern = DayPattern(busy=4.0, classes=((4.0, 0.25),))
    bursts = rental(load=replace(LOAD, pattern=pattern))
    assert bursts.gpus() == 2
    found = bursts.day(36.0, 0.25)
    off = math.exp(-120 * 0.26)
    assert found.on_hours == pytest.approx(2 * max(1.2, 1 - off))
    assert found.starts == pytest.approx(0.25)
    window = rental(load=replace(LOAD, pattern=pattern), window_hours=8.0).day(36.0, 0.25)
    # 2.4 hours of work; a busy day has four times as many, 9.6 in 7.2.
    assert (window.gpus, window.starts) == (2, 0.5)
    assert window.on_hours == pytest.approx(2.4 + 0.25 * 2 * 0.25)


@pytest.mark.parametrize("name", ["seconds", "usd_per_hour"])
def test_that_a_month_is_endless_where_something_is_not_known(name: str) -> None:
    assert rental(**{name: Unknown("?")}).month() == math.inf


@pytest.mark.parametrize("name", ["rent_start_hours", "rent_idle_hours", "rent_billed_hours"])
def test_that_a_month_rests_on_every_assumption(name: str) -> None:
    assumed = replace(ASSUMPTIONS, **{name: Unknown("?")})
    assert rental(assumed=assumed).month() == math.inf


def test_that_the_cheaper_way_comes_first_and_what_is_not_known_last() -> None:
    def variant(usd: Any) -> Variant:
        return Variant(name="x", usd_month=usd, feasible=True)

    assert _cost(variant(sure(3.0))) == 3.0
    assert _cost(variant(Unknown("?"))) == math.inf
    always: Callable[[], Any] = rental(
        load=replace(LOAD, calls_per_day=2400.0, hourly_calls=(100.0,) * 24), seconds=sure(28.0)
    ).variants
    assert [one.name for one in always()] == ["always on: RTX 4090", "on demand: RTX 4090"]
    kept = rental(seconds=sure(36.0))
    assert kept.day(36.0, 0.25) is kept.day(36.0, 0.25)
    assert kept.day(36.0, 0.25) is not kept.day(36.0, 0.0)


def test_that_a_day_is_reckoned_once_for_all_that_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    def counted(hours: Any, **how: Any) -> RentedDay:
        asked.append(how["idle_hours"])
        return rented_day(hours, **how)

    monkeypatch.setattr(renting, "rented_day", counted)
    one = rental()
    one.gpus()
    one.month()
    one.variants()
    assert asked == [middle(ASSUMPTIONS.rent_idle_hours)]


def test_that_hours_that_are_known_stand_for_those_of_the_load() -> None:
    much = hours_of_day(replace(LOAD, calls_per_day=2400.0))
    assert rental(hours=much).gpus() == rental(load=replace(LOAD, calls_per_day=2400.0)).gpus() == 4
