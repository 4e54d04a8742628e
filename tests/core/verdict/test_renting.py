"""A rented GPU that is started when work comes: hours and starts against a replay of arrivals."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from landfall.core.costs import cost
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Stated, middle
from landfall.core.verdict.ability import ability, holds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.places import Place, answering_in_time
from landfall.core.verdict.renting import Rental, hours_of_day, rented_day
from landfall.core.verdict.world import Listed
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_assembling import ASSUMPTIONS, RTX_4090, WORK, WORLD, card

LOAD = Load(
    calls_per_day=240.0,
    history_days=None,
    predictability=Predictability.UNKNOWN,
    hourly_calls=(),
    input=1000.0,
    cached=None,
    output=100.0,
    embedding=False,
)


def what_if_of(name: str, faster: float) -> HardwareProfile:
    """The board of the tests with so many times its speed."""
    (board,) = RTX_4090.accelerators
    bandwidth = (middle(board.bandwidth_bytes_per_s) or 0.0) * faster
    made = replace(board, bandwidth_bytes_per_s=Stated(bandwidth, "a test"))
    return replace(RTX_4090, name=f"{name} x {faster}", accelerators=(made,))


def replayed(per_hour: float, service_s: float, idle_hours: float) -> tuple[float, float]:
    """(Share of the time on, starts an hour) of 20,000 hours of Poisson arrivals, by walking."""
    random, hold = Random(7), service_s / 3600 + idle_hours
    now = on = until = 0.0
    starts = 0
    while now < 20_000:
        now += random.expovariate(per_hour)
        if now > until:
            starts += 1
            on += hold
        else:
            on += now + hold - until
        until = max(until, now + hold)
    return on / now, starts / now


@pytest.mark.parametrize(
    ("per_hour", "service_s", "idle_hours"),
    [(1.0, 60.0, 0.25), (10.0, 5.0, 0.25), (0.2, 600.0, 0.05), (4.0, 30.0, 0.5)],
)
def test_that_hours_on_and_starts_are_those_of_a_replay(
    per_hour: float, service_s: float, idle_hours: float
) -> None:
    day = rented_day([(per_hour, 24)], service_s=service_s, slots=1, idle_hours=idle_hours)
    share, starts = replayed(per_hour, service_s, idle_hours)
    assert day.on_hours / 24 == pytest.approx(share, rel=0.03)
    assert day.starts / 24 == pytest.approx(starts, rel=0.03, abs=0.03)


def test_that_work_beyond_one_gpu_takes_more_and_all_their_hours() -> None:
    busy = rented_day([(1000.0, 8)], service_s=7.2, slots=1, idle_hours=0.1)
    assert busy.on_hours == pytest.approx(16)
    assert busy.gpus == 3
    four = rented_day([(1000.0, 8)], service_s=7.2, slots=4, idle_hours=0.1)
    assert four.gpus == 1
    assert rented_day([], service_s=7.2, slots=1, idle_hours=0.1).gpus == 1


def test_that_a_gpu_that_is_off_at_night_is_started_once_a_day_at_least() -> None:
    assert rented_day([(5000.0, 8)], service_s=0.1, slots=1, idle_hours=0.25).starts == 1
    assert rented_day([(5000.0, 24)], service_s=0.1, slots=1, idle_hours=0.25).starts == 0


def test_that_work_that_may_wait_is_done_in_one_go_within_its_window() -> None:
    day = rented_day([(1000.0, 8)], service_s=3.6, slots=1, idle_hours=0.25, window_hours=8.0)
    assert (day.gpus, day.starts) == (2, 2.0)
    assert day.on_hours == pytest.approx(8 + 0.5)


def test_that_hours_are_scaled_to_the_mean_day_and_unknown_without_a_volume() -> None:
    profile = replace(LOAD, hourly_calls=(10.0,) * 12 + (0.0,) * 12)
    assert hours_of_day(profile) == ((pytest.approx(20.0), 12),)
    assert hours_of_day(replace(LOAD, calls_per_day=None)) == ()
    assert hours_of_day(replace(LOAD, calls_per_day=0.0)) == ()
    assert hours_of_day(replace(LOAD, hourly_calls=(0.0,) * 24)) == ()


def rental(**change: object) -> Rental:
    able = ability(WORK, ("small:8b",), RTX_4090, WORLD.cards)
    assert holds(able)
    plain = Rental(
        load=LOAD,
        able=able,
        seconds=Stated(2.0, "a test"),
        usd_per_hour=Stated(1.0, "a test"),
        care_usd=Stated(100.0, "a test"),
        assumed=ASSUMPTIONS,
        window_hours=None,
    )
    return replace(plain, **change)  # type: ignore[arg-type]


def test_that_on_demand_never_costs_more_than_always_on_but_for_the_disk() -> None:
    storage = 5.2 * 1.5 * 0.1
    for calls in (1.0, 100.0, 3_000.0, 20_000.0, 200_000.0):
        load = replace(LOAD, calls_per_day=calls)
        on_demand, always = (
            middle(figure) or 0.0
            for figure in (rental(load=load).on_demand(), rental(load=load).always_on())
        )
        assert 100 < on_demand <= always + storage + 1e-9
    full = replace(LOAD, calls_per_day=30_000.0, hourly_calls=(30_000 / 24,) * 24)
    names = [one.name for one in rental(load=full).variants()]
    assert names == ["always on: RTX 4090", "on demand: RTX 4090"]


def test_that_time_billed_by_the_begun_hour_costs_more() -> None:
    step = replace(ASSUMPTIONS, rent_billed_hours=Stated(1.0, "a test"))
    load = replace(LOAD, calls_per_day=20.0)
    by_second, by_hour = (
        middle(one.on_demand()) or 0.0
        for one in (rental(load=load), rental(load=load, assumed=step))
    )
    assert by_hour > by_second


def test_that_a_batch_needs_as_many_as_its_window_asks_for() -> None:
    load = replace(LOAD, calls_per_day=40_000.0)
    assert rental(load=load).gpus() == 4
    assert rental(load=load, window_hours=24.0).gpus() == 2
    month = middle(rental(load=load, window_hours=24.0).always_on())
    assert month == pytest.approx(2 * cost.HOURS_PER_MONTH + 100)


def test_that_a_model_that_spills_into_main_memory_is_not_worth_renting_for() -> None:
    big = card("big:70b", size_bytes=40_000_000_000)
    spilled = ability(WORK, ("big:70b",), RTX_4090, (big,))
    assert not holds(spilled)


@pytest.mark.parametrize("least", [1, 2, 7])
@pytest.mark.parametrize("needed", [1, 2, 3, 9, 200, 256])
def test_that_the_fewest_that_answer_in_time_are_found(least: int, needed: int) -> None:
    def late(count: int) -> bool:
        return count < needed

    assert answering_in_time(least, late, most=256) == max(least, needed)


def test_that_more_are_not_taken_where_they_do_not_help() -> None:
    assert answering_in_time(3, lambda _count: True, most=8) == 3
    assert answering_in_time(9, lambda _count: True, most=8) == 9


def test_that_machines_to_buy_are_as_many_as_answer_in_time() -> None:
    at = Assembler(WORLD)
    place = Place(option=Option.LOCAL_BUY, which="buy", profile=RTX_4090)
    each = middle(at.seconds(place, WORK, LOAD))
    assert each is not None
    busy = replace(LOAD, calls_per_day=0.75 * 8 * 3600 / each)
    free = at.enough(place, replace(WORK, p95_seconds=None), busy)
    soon = at.enough(place, replace(WORK, p95_seconds=4.5 * each), busy)
    assert free is not None
    assert soon is not None
    assert (free.count, soon.count) == (1, 2)
    waits = replace(WORK, p95_seconds=4.5 * each, volume=replace(WORK.volume, batch_window_hours=8))
    assert at.enough(place, waits, busy) == place


SLOW, FAST = what_if_of("RTX 4090", 0.4), what_if_of("RTX 4090", 4.0)


def boards(**prices: float) -> Assembler:
    """Two boards, one ten times as fast as the other."""
    rows = (("slow", SLOW), ("fast", FAST))
    listed = [Listed(profile=one, usd=Stated(prices[name], name)) for name, one in rows]
    return Assembler(replace(WORLD, rentals=tuple(sorted(listed, key=_usd))))


def _usd(one: Listed) -> float:
    return middle(one.usd) or 0.0


def test_that_the_board_whose_month_is_cheapest_is_rented_and_not_the_one_whose_hour_is() -> None:
    busy = replace(LOAD, calls_per_day=240_000.0, hourly_calls=(10_000.0,) * 24)
    assert boards(slow=0.5, fast=0.6).to_rent(WORK, busy).profile is FAST
    # Where it mostly waits for work, the hour decides.
    idle = replace(LOAD, calls_per_day=24.0, hourly_calls=(1.0,) * 24)
    assert boards(slow=0.5, fast=0.9).to_rent(WORK, idle).profile is SLOW


def test_that_a_board_that_answers_too_late_is_passed_over_for_one_that_does_not() -> None:
    quick = replace(WORK, p95_seconds=4.0)
    at = boards(slow=0.1, fast=3.0)
    slow = next(at.listed(Option.RENT_GPU, at.world.rentals))
    assert at.falls_behind(slow, quick, LOAD)
    assert at.to_rent(quick, LOAD).profile is FAST
    # Where none does, the fastest is told of.
    never = replace(WORK, p95_seconds=0.001)
    assert at.to_rent(never, LOAD).profile is FAST
