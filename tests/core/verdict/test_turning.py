"""The way along one number to its turn: which values are read, and what is taken between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landfall.core.settings import Thresholds
from landfall.core.verdict.closing_in import closed_in
from landfall.core.verdict.quick_table import lead
from landfall.core.verdict.table_numbers import NO_HOST, HostNumbers, Numbers, Reading, Standing
from landfall.core.verdict.turning import (
    Path,
    Turn,
    alike,
    close,
    host_at,
    moved,
    way_between,
)
from landfall.core.workload.privacy import Option

LIMITS = Thresholds()
CLOUD, HERE, SPLIT = Option.CLOUD_FRONTIER, Option.LOCAL_THIS_MACHINE, Option.HYBRID
STANDING = Standing(
    only_local=False,
    cloud=True,
    rent=False,
    local_passes=True,
    hosted_passes=False,
    hosted_stays=False,
    hosted_first=False,
    own=True,
    buy=False,
    renting=False,
    startup=False,
    predictable=False,
    growing=frozenset(),
)
OWN = HostNumbers(usd=100.0, peak=0.5, share=0.9)
NUMBERS = Numbers(
    frontier=1000.0,
    hosted=None,
    rent=None,
    own=OWN,
    buy=NO_HOST,
    rented=NO_HOST,
    growth=1.0,
    calls=1000.0,
    days=60,
)
# The machine adds 100 and has to save 50 and a fifth: it is chosen from a bill of 150 on.
TURNS_AT = 150.0


def billed(frontier: float, **more: Any) -> Reading:
    return Reading(STANDING, NUMBERS._replace(frontier=frontier, **more))


class Seen:
    """Reads, and remembers at which values."""

    def __init__(self, read: Callable[[float], Reading] = billed) -> None:
        self.values: list[float] = []
        self._read = read

    def __call__(self, value: float) -> Reading:
        self.values.append(value)
        return self._read(value)


def path(
    read: Callable[[float], Reading] = billed,
    *,
    base: Option = HERE,
    whole: bool = False,
    straight: bool = True,
) -> Path:
    return Path(read, LIMITS, whole, base, straight)


# What is read ------------------------------------------------------------------------------------


def test_that_a_value_is_read_once_and_what_is_known_never() -> None:
    seen = Seen()
    way = path(seen)
    assert way.at(200.0) is way.at(200.0)
    assert way.option(200.0) is HERE
    known = billed(10.0)
    way.know(300.0, known)
    assert way.at(300.0) is known
    assert way.option(300.0) is CLOUD
    assert seen.values == [200.0]
    assert not way.turned(200.0)
    assert way.turned(300.0)


def test_that_a_quicker_way_keeps_what_is_known_at_its_ends_alone() -> None:
    way = path(Seen())
    way.option(200.0)
    way.idle(200.0)
    way.at(400.0)
    other = Seen(lambda _: billed(10.0))
    quick = way.quicker(other, 200.0)
    assert quick.at(200.0) is way.at(200.0)
    assert quick.option(200.0) is HERE
    assert quick.option(400.0) is CLOUD
    assert other.values == [400.0]
    assert (quick.limits, quick.whole, quick.base, quick.straight) == (LIMITS, False, HERE, True)
    assert way.option(400.0) is HERE
    assert quick._unused == {}


# Looking for a turn ------------------------------------------------------------------------------


def test_that_a_straight_way_is_read_at_both_ends_and_beside_its_turn_only() -> None:
    seen = Seen()
    turn = path(seen).first(1000.0, 10.0)
    assert turn is not None
    assert turn.same >= TURNS_AT > turn.other
    # A ratio of 100 in steps of at most 1.3: eighteen of them, 17.55 rounded up.
    assert turn.same / turn.other == pytest.approx(100 ** (1 / 18))
    assert sorted(seen.values) == sorted([1000.0, 10.0, turn.same, turn.other])


def test_that_a_way_of_which_nothing_is_known_is_read_in_its_middle_as_well() -> None:
    seen = Seen()
    turn = path(seen, straight=False).first(1000.0, 10.0)
    assert turn is not None
    assert turn.same >= TURNS_AT > turn.other
    # The turn is before 100, so that is the end of what is looked at; its middle is 316.
    middle = math.sqrt(1000.0 * 100.0)
    assert sorted(seen.values) == sorted([1000.0, 10.0, 100.0, middle, turn.same, turn.other])


def test_that_a_short_way_is_taken_for_straight_up_to_a_ratio_of_three() -> None:
    seen = Seen()
    assert path(seen, straight=False).first(900.0, 300.0) is None
    assert seen.values == [900.0, 300.0]
    seen = Seen()
    assert path(seen, straight=False).first(900.0, 299.0) is None
    assert len(seen.values) == 3


def test_that_next_to_each_other_a_turn_is_between_them() -> None:
    way = path()
    assert way.first(160.0, 149.0) == Turn(160.0, 149.0)
    assert way.first(160.0, 151.0) is None
    assert way.first(149.0, 149.0) is None


def test_that_where_both_ends_are_the_same_nothing_is_looked_for() -> None:
    seen = Seen(lambda _: billed(1000.0))
    assert path(seen, straight=False).first(1000.0, 10.0) is None
    assert seen.values == [1000.0, 10.0]


def test_that_a_bent_way_is_followed_in_parts() -> None:
    seen = Seen(lambda value: billed(value**3 / 100))
    way = path(seen, straight=False)
    turn = way.first(1000.0, 1.0)
    assert turn is not None
    # 15,000 ** (1 / 3)
    assert turn.same >= 15_000 ** (1 / 3) > turn.other
    assert turn.same / turn.other <= 1.3
    assert len(seen.values) < 16


def test_that_the_turn_nearest_to_the_start_is_found_where_the_shape_changes() -> None:
    def read(value: float) -> Reading:
        if 20 < value < 200:
            return billed(10.0, calls=None)
        return billed(1000.0 + value) if value > 5 else billed(10.0, hosted=3.0)

    found = path(read, straight=False).first(1000.0, 1.0)
    assert found is not None
    assert found.same >= 200 > found.other > 20
    back = path(read, straight=False, base=CLOUD).first(100.0, 1.0)
    assert back is not None
    assert back.same > 20 >= back.other > 5
    later = path(read, straight=False).first(15.0, 1.0)
    assert later is not None
    assert later.same > 5 >= later.other


def test_that_a_turn_that_is_not_there_when_it_is_read_is_looked_for_further_on() -> None:
    # In a straight line from 1,000 to 10 the bill would pass 150 near a value of 150.
    seen = Seen(lambda value: billed(1000.0 if value > 20 else 10.0))
    found = path(seen).first(1000.0, 10.0)
    assert found is not None
    assert found.same > 20 >= found.other
    before = Seen(lambda value: billed(1000.0 if value >= 500 else 10.0))
    found = path(before).first(1000.0, 10.0)
    assert found is not None
    assert found.same >= 500 > found.other


def test_that_a_turn_that_only_the_numbers_between_promise_is_none() -> None:
    # The ends lie on one side; a read value in the middle is never asked.
    assert path().first(1000.0, 200.0) is None
    assert path(base=CLOUD).first(10.0, 140.0) is None


def test_that_a_turn_in_the_middle_of_a_straight_way_is_seen_where_it_turns_back() -> None:
    # Straight within a tenth, and over the turn in the middle alone: 150.1 between 149 and 149.
    def read(value: float) -> Reading:
        return billed(150.1 if 60 < value < 160 else 149.0 + value * 1e-9)

    turn = path(read, base=CLOUD, straight=False).first(1000.0, 10.0)
    assert turn is not None
    assert turn.same >= 160 > turn.other > 60


def test_that_a_tier_of_prices_far_from_the_value_by_ratio_is_seen() -> None:
    # The hosted bill is the lower one between 20,000 and 100,000; both ends and the value by ratio
    # lie outside, where a straight line runs through all three.
    standing = STANDING._replace(own=False, hosted_passes=True)

    def read(value: float) -> Reading:
        frontier = 100.0 + value / 1000 if value > 20_000 else 50.0
        return Reading(standing, NUMBERS._replace(frontier=frontier, hosted=80.0 + value / 800))

    assert path(read, base=CLOUD).option(50_000.0) is Option.HOSTED_OPEN
    turn = path(read, base=CLOUD, straight=False).first(190_000.0, 70.0)
    assert turn is not None
    assert turn.same >= 80_000 > turn.other > 20_000


@settings(max_examples=60, deadline=None)
@given(
    at=st.floats(0.2, 5e4),
    near=st.floats(0.0, 1e5),
    far=st.floats(0.0, 1e5),
    straight=st.booleans(),
)
@example(at=0.20000000000000004, near=0.2, far=0.25, straight=False)
@example(at=0.20000000000000004, near=1.0, far=0.2, straight=False)
def test_that_any_turn_on_a_straight_way_is_found_where_it_is(
    at: float, near: float, far: float, straight: bool
) -> None:
    def bill(value: float) -> Reading:
        return billed(value * TURNS_AT / at)

    def is_over(value: float) -> bool:
        """By the table itself, which rounds: a step of a float below, it may be there already."""
        return lead(*bill(value), LIMITS).option is HERE

    seen = Seen(bill)
    way = path(seen, base=HERE if is_over(near) else CLOUD, straight=straight)
    turn = way.first(near, far)
    beside = 1e-9 * at
    if is_over(near) == is_over(far):
        assert turn is None or abs(far - at) <= beside or abs(near - at) <= beside
        return
    assert turn is not None
    assert not way.turned(turn.same)
    assert way.turned(turn.other)
    if abs(far - at) > 1e-6 * at and abs(near - at) > 1e-6 * at:
        found = closed_in(way, turn)
        assert found.other == pytest.approx(at, rel=1e-6, abs=1e-12)
        assert is_over(found.other) is not is_over(found.same)
        assert found.same == pytest.approx(found.other, rel=2.3e-7)
    assert len(seen.values) <= 120


# What plays a part -------------------------------------------------------------------------------


def test_that_what_costs_nothing_and_still_changes_nothing_is_idle() -> None:
    way = path()
    # From 200 on the machine leads; what is bought and rented is not asked for.
    assert way.idle(200.0) == {"buy", "rent"}
    # Nothing saves 50 out of 40.
    assert way.idle(40.0) == {"own", "buy", "rent"}
    assert way.idle(40.0, 200.0) == {"buy", "rent"}
    assert way.idle(50.0) == {"buy", "rent"}


def test_that_rent_for_nothing_decides_where_rent_could_win() -> None:
    # Below four fifths of 100, and 50 less: rent for nothing wins.
    standing = STANDING._replace(own=False, renting=True, rent=True)

    def read(value: float) -> Reading:
        return Reading(standing, NUMBERS._replace(frontier=value, rent=9e9))

    way = path(read, base=CLOUD)
    assert "rent" not in way.idle(100.0)
    # Exactly 50 are saved by rent that costs nothing; a dollar would save too little.
    assert "rent" not in way.idle(50.0)
    assert "rent" in way.idle(49.9)


def test_that_rent_is_not_idle_where_only_its_board_is_too_slow_now() -> None:
    standing = STANDING._replace(own=False, renting=True, rent=True)

    def read(_: float) -> Reading:
        late = NO_HOST._replace(lateness=0.5)
        return Reading(standing, NUMBERS._replace(rent=100.0, rented=late))

    way = path(read, base=CLOUD)
    assert way.option(5.0) is CLOUD
    assert "rent" not in way.idle(5.0)


def test_that_what_does_not_stand_is_idle_and_what_could_win_is_not() -> None:
    both = STANDING._replace(own=False, buy=True, renting=True, rent=True, predictable=True)

    def read(value: float) -> Reading:
        bought = HostNumbers(usd=value, peak=0.1, share=1.0, opex=value, price=9e9)
        return Reading(both, NUMBERS._replace(frontier=value, buy=bought, rent=value))

    way = path(read, base=CLOUD)
    assert way.option(2000.0) is CLOUD
    # Below a bill of 1,000 nothing is bought; below 50 nothing is saved.
    assert way.idle(2000.0) == {"own"}
    assert way.idle(900.0) == {"own", "buy"}
    assert way.idle(40.0) == {"own", "buy", "rent"}


def test_that_what_is_idle_is_taken_out_of_what_is_compared() -> None:
    bought = HostNumbers(usd=1.0, peak=0.1)
    board = HostNumbers(usd=2.0, lateness=0.1)
    standing = STANDING._replace(buy=True, renting=True, rent=True)

    def read(value: float) -> Reading:
        more = NUMBERS._replace(frontier=value, buy=bought, rent=7.0, rented=board, growth=2.0)
        return Reading(standing, more)

    way = path(read)
    assert way.idle(200.0, 300.0) == {"buy", "rent"}
    near, far, between = way._in_play(200.0, 300.0, 250.0)
    plain = standing._replace(buy=False)
    for one, value in ((near, 200.0), (far, 300.0), (between, 250.0)):
        assert one == Reading(plain, NUMBERS._replace(frontier=value))
    none = path(read).first(40.0, 10.0)
    assert none is None
    (low,) = path(read, base=CLOUD)._in_play(40.0, 40.0)[:1]
    assert low.numbers.own == NO_HOST
    assert low.standing.own is False


def test_that_readings_stay_as_they_are_where_nothing_is_idle() -> None:
    standing = STANDING._replace(buy=True, renting=True, rent=True, predictable=True)
    bought = HostNumbers(usd=9e5, peak=0.1, share=1.0, opex=9e5, price=9e9)
    reads = Reading(
        standing,
        NUMBERS._replace(frontier=2000.0, own=OWN._replace(usd=1900.0), buy=bought, rent=1900.0),
    )
    way = path(lambda _: reads, base=CLOUD)
    assert way.idle(1.0, 2.0) == frozenset()
    assert all(one is reads for one in way._in_play(1.0, 2.0))


# Between two values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("near", "far", "between"),
    [
        (4.0, 9.0, 6.0),
        (9.0, 4.0, 6.0),
        (1.0, 1.3, None),
        (1.3, 1.0, None),
        (1.0, 1.3225, 1.15),
        # By difference where there is no ratio; close is a thousandth of the larger, and of one.
        (0.0, 10.0, 5.0),
        (10.0, 0.0, 5.0),
        (-1.0, 2.0, 0.5),
        (-4.0, -9.0, -6.5),
        (0.0, 9e-4, None),
        (0.0, 1.5e-3, 7.5e-4),
        (-2000.0, -1998.0, -1999.0),
        (-2000.0, -1998.5, None),
        (-1998.5, -2000.0, None),
        (0.5, 0.5, None),
    ],
)
def test_that_the_value_between_two_is_by_ratio_where_there_is_one(
    near: float, far: float, between: float | None
) -> None:
    assert path()._between(near, far) == (
        None if between is None else pytest.approx(between, rel=1e-12)
    )


@pytest.mark.parametrize(
    ("near", "far", "between"),
    [
        (1.0, 4.0, 2.0),
        (1.0, 2.0, None),
        (2.0, 3.0, None),
        (-1.0, 0.0, None),
        (1.0, 3.0, 2.0),
        (10.0, 20.0, 14.0),
    ],
)
def test_that_between_whole_values_is_a_whole_value_or_none(
    near: float, far: float, between: float | None
) -> None:
    assert path(whole=True)._between(near, far) == between


def test_that_straight_is_what_the_middle_shows() -> None:
    assert path()._straight(1.0, 2.0, 4.0)
    assert path(lambda value: billed(3 * value + 7))._straight(10.0, 30.0, 1000.0)
    # A square from 1 to 16 would be 6 at 2 if it were straight, and is 4.
    assert not path(lambda value: billed(value**2))._straight(1.0, 2.0, 4.0)

    def shaped(value: float) -> Reading:
        return billed(value, calls=None if value == 2.0 else 1.0)

    assert not path(shaped)._straight(1.0, 2.0, 4.0)
    assert not path(lambda value: billed(value, calls=None if value == 4.0 else 1.0))._straight(
        1.0, 2.0, 4.0
    )


def test_that_the_ladder_has_equal_steps_that_end_at_the_far_value() -> None:
    steps = list(path()._ladder(100.0, 1.0))
    assert len(steps) == 18
    assert steps[-1] == 1.0
    ratios = [before / after for before, after in zip([100.0, *steps], steps, strict=False)]
    assert ratios == pytest.approx([100 ** (1 / 18)] * 18)
    assert list(path()._ladder(1.0, 1.2)) == [1.2]
    assert list(path()._ladder(2.0, 2.0)) == [2.0]
    up = list(path(whole=True)._ladder(10.0, 100.0))
    # 10 x 10 ** (k / 9): 12.9, 16.7, 21.5, 27.8, 35.9, 46.4, 59.9, 77.4, 100.
    assert up == [13.0, 17.0, 22.0, 28.0, 36.0, 46.0, 60.0, 77.0, 100.0]


def test_that_from_nothing_the_ladder_has_four_even_steps() -> None:
    assert list(path()._ladder(0.0, 100.0)) == [25.0, 50.0, 75.0, 100.0]
    assert list(path()._ladder(-100.0, 100.0)) == [-50.0, 0.0, 50.0, 100.0]
    assert list(path(whole=True)._ladder(0.0, 10.0)) == [2.0, 5.0, 8.0, 10.0]


# Numbers between those of two readings -----------------------------------------------------------

FULL = HostNumbers(
    usd=10.0, peak=0.2, share=0.4, opex=5.0, price=100.0, lateness=-1.0, overflows=False
)
ALL = Numbers(
    frontier=100.0,
    hosted=50.0,
    rent=20.0,
    own=FULL,
    buy=FULL._replace(usd=30.0),
    rented=FULL._replace(usd=40.0),
    growth=1.0,
    calls=1000.0,
    days=10,
)


def read_as(numbers: Numbers) -> Reading:
    return Reading(STANDING, numbers)


@pytest.mark.parametrize("name", ["frontier", "hosted", "rent", "calls", "days"])
def test_that_numbers_of_which_one_is_not_known_have_another_shape(name: str) -> None:
    assert alike(read_as(ALL), read_as(ALL._replace(**{name: 7})))
    assert not alike(read_as(ALL), read_as(ALL._replace(**{name: None})))


@pytest.mark.parametrize("host", ["own", "buy"])
@pytest.mark.parametrize("name", ["usd", "peak", "share", "opex", "price", "lateness"])
def test_that_machines_of_which_something_is_not_known_have_another_shape(
    host: str, name: str
) -> None:
    now = getattr(ALL, host)
    more = read_as(ALL._replace(**{host: now._replace(**{name: 0.7})}))
    less = read_as(ALL._replace(**{host: now._replace(**{name: None})}))
    assert alike(read_as(ALL), more)
    assert not alike(read_as(ALL), less)


@pytest.mark.parametrize("host", ["own", "buy", "rented"])
def test_that_a_machine_that_overflows_or_never_answers_has_another_shape(host: str) -> None:
    now = getattr(ALL, host)
    for more in ({"overflows": True}, {"lateness": math.inf}):
        other = read_as(ALL._replace(**{host: now._replace(**more)}))
        assert not alike(read_as(ALL), other)
        assert alike(other, other)


def test_that_the_bill_of_a_board_is_not_part_of_the_shape_but_what_stands_is() -> None:
    board = read_as(ALL._replace(rented=FULL._replace(usd=None, lateness=None)))
    assert alike(read_as(ALL), board)
    assert not alike(read_as(ALL), Reading(STANDING._replace(own=False), ALL))


def test_that_all_numbers_run_straight_from_one_to_the_other() -> None:
    end = Numbers(
        frontier=200.0,
        hosted=40.0,
        rent=28.0,
        own=HostNumbers(14.0, 0.6, 0.8, 9.0, 140.0, 1.0, True),
        buy=ALL.buy,
        rented=FULL._replace(usd=48.0),
        growth=3.0,
        calls=500.0,
        days=21,
    )
    at = way_between(ALL, end)
    assert at(0.0) == ALL
    assert at(1.0) == end._replace(own=end.own._replace(overflows=False))
    quarter = at(0.25)
    assert quarter[:3] == (125.0, 47.5, 22.0)
    assert quarter.own == pytest.approx((11.0, 0.3, 0.5, 6.0, 110.0, -0.5, 1.0, False))
    assert quarter.buy is ALL.buy
    assert quarter.rented.usd == 42.0
    # 10 and a quarter of 11 are 12.75 days: of days the whole ones count.
    assert quarter[6:] == (1.5, 875.0, 12)


def test_that_what_is_not_known_at_one_end_stays_as_it_begins() -> None:
    gaps = ALL._replace(frontier=None, calls=None, days=None)
    assert way_between(ALL, gaps)(0.5) == ALL
    assert way_between(gaps, ALL)(0.5) == gaps
    assert way_between(ALL, ALL)(0.5) == ALL


def test_that_a_machine_runs_straight_and_what_is_endless_stays_so() -> None:
    assert host_at(*moved(FULL, FULL._replace()), 0.5) is FULL
    endless = FULL._replace(lateness=math.inf)
    other = FULL._replace(usd=20.0, lateness=math.inf, overflows=True, price=None)
    found = host_at(*moved(endless, other), 0.5)
    assert found == endless._replace(usd=15.0)
    assert host_at(*moved(other, endless), 0.5).price is None


@pytest.mark.parametrize("name", ["frontier", "hosted", "rent", "growth", "calls", "own.", "buy."])
def test_that_numbers_are_close_within_a_tenth_of_the_larger(name: str) -> None:
    fields = ("usd", "peak", "share", "opex", "price", "part") if name.endswith(".") else ("",)
    for field in fields:
        for one, other, near in ((90.0, 100.0, True), (100.0, 90.0, True), (89.0, 100.0, False)):
            first, second = (put(ALL, name, field, value) for value in (one, other))
            assert close(first, second) is near, field
        # Below nothing as well, and what is not known disagrees with nothing.
        assert close(put(ALL, name, field, -100.0), put(ALL, name, field, -91.0))
        assert close(put(ALL, name, field, None), put(ALL, name, field, 5.0))
        assert close(put(ALL, name, field, 5.0), put(ALL, name, field, None))


def put(numbers: Numbers, name: str, field: str, value: float | None) -> Numbers:
    if not field:
        return numbers._replace(**{name: value})  # type: ignore[arg-type]
    host = getattr(numbers, name.rstrip("."))
    return numbers._replace(**{name.rstrip("."): host._replace(**{field: value})})


@pytest.mark.parametrize("host", ["own", "buy", "rented"])
def test_that_lateness_is_close_on_one_side_of_the_target(host: str) -> None:
    def late(value: float | None) -> Numbers:
        return put(ALL, f"{host}.", "lateness", value)

    assert close(late(0.1), late(5.0))
    assert close(late(-3.0), late(0.0))
    assert not close(late(0.0), late(0.1))
    assert not close(late(2.0), late(-0.1))
    assert close(late(None), late(0.1))
    assert close(late(0.1), late(None))


def test_that_days_and_the_bill_of_a_board_are_not_compared() -> None:
    assert close(ALL, ALL._replace(days=1000, rented=FULL._replace(usd=9999.0, peak=9.0)))


def test_that_a_ladder_is_given_up_where_one_end_is_next_to_nothing() -> None:
    assert len(list(path()._ladder(1e-9, 1e5))) > 100
    assert len(list(path()._ladder(1e-11, 1e5))) == 4
