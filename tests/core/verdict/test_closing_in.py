"""Closing in on a turn: what is read for it, and how the value is written."""

from __future__ import annotations

import math

import pytest

from landfall.core.verdict import closing_in
from landfall.core.verdict.closing_in import NEAR, TOLERANCE, closed_in
from landfall.core.verdict.table_numbers import Reading
from landfall.core.verdict.turning import Turn
from tests.core.verdict.test_turning import CLOUD, TURNS_AT, Seen, billed, path

HAIR = 200 * TOLERANCE / 3
"""A third of the width at which closing in ends, between 100 and 200."""


def test_that_a_straight_turn_is_closed_in_on_with_two_more_readings() -> None:
    seen = Seen()
    # Up to 150 it stays in the cloud; 150 itself is the first value at which it is run here.
    found = closed_in(path(seen, base=CLOUD), Turn(100.0, 200.0))
    assert found.other == TURNS_AT
    assert seen.values[:3] == [100.0, 200.0, TURNS_AT]
    assert seen.values[3:] == [found.same]
    assert TURNS_AT - found.same == pytest.approx(HAIR, rel=0.2)


def test_that_what_has_no_short_number_nearby_is_written_as_it_is_found() -> None:
    """The bill is 150 from 100 x pi / 2 on: 157.0796326795."""
    factor = 3.14159265358979 / 3
    seen = Seen(lambda value: billed(value / factor))
    found = closed_in(path(seen, base=CLOUD), Turn(100.0, 200.0))
    assert found.other == 157.079634
    # 157.0796 and 157.07963 are shorter and lie before the turn: they are not asked for.
    assert seen.values[2:] == [157.079634, found.same]
    assert 157.07963 < found.same < 157.0796326795


def test_that_downwards_the_first_value_lies_just_below() -> None:
    seen = Seen()
    found = closed_in(path(seen), Turn(200.0, 100.0))
    assert TURNS_AT * (1 - NEAR) <= found.other < TURNS_AT <= found.same
    assert found.same - found.other <= TURNS_AT * (NEAR + TOLERANCE)
    assert len(seen.values) <= 5


def test_that_whole_values_are_closed_in_on_to_one() -> None:
    seen = Seen()
    way = path(seen, base=CLOUD, whole=True)
    assert closed_in(way, Turn(100.0, 1000.0)) == Turn(149.0, 150.0)
    assert all(value == round(value) for value in seen.values)
    assert len(seen.values) == 4
    assert closed_in(path(whole=True), Turn(1000.0, 100.0)) == Turn(150.0, 149.0)
    assert closed_in(path(whole=True), Turn(150.0, 149.0)) == Turn(150.0, 149.0)
    bent = path(lambda value: billed(value**2 / 100), base=CLOUD, whole=True)
    # The square root of 15,000 is 122.5.
    assert closed_in(bent, Turn(1.0, 1000.0)) == Turn(122.0, 123.0)


def test_that_a_jump_is_halved() -> None:
    def read(value: float) -> Reading:
        return billed(1000.0) if value > 700.7 else billed(10.0, calls=None)

    seen = Seen(read)
    found = closed_in(path(seen, base=CLOUD), Turn(1.0, 1001.0))
    assert found.other == pytest.approx(700.7, rel=NEAR)
    # 1,000 halved until it is 1.4e-5: 27 times; and beside whole values as soon as it is 1.
    assert 26 <= len(seen.values) - 2 <= 31


@pytest.mark.parametrize(("least", "most"), [(9348.93, 12000.0), (11000.0, 11500.5)])
def test_that_what_leaps_between_whole_values_is_closed_in_on_by_those(
    least: float, most: float
) -> None:
    """A bill by tokens that are counted whole: 150 is reached as soon as there are more than 11,479
    of them."""
    seen = Seen(lambda value: billed(150 + (math.ceil(value) - 11_480) / 100))
    found = closed_in(path(seen, base=CLOUD), Turn(least, most))
    assert found.same == 11_479
    assert found.other == pytest.approx(11_479, rel=NEAR)
    # Halved alone it takes 24 readings and the two ends; interpolated each time twice as many.
    assert len(seen.values) <= 16
    down = Seen(seen._read)
    assert closed_in(path(down), Turn(most, least)).other == 11_479
    assert len(down.values) <= 16


def test_that_after_a_miss_a_value_near_the_end_that_moved_is_read() -> None:
    before = Turn(100.0, 200.0)
    hair = 200 * TOLERANCE / 3
    # The root of a hair times 100, then its fourth root, and so on up to the middle.
    assert closing_in._inside(before, Turn(100.0, 199.0), 1) == pytest.approx(
        199 - (hair * 199 / 200 * 99) ** 0.5, rel=1e-9
    )
    assert closing_in._inside(before, Turn(101.0, 200.0), 2) == pytest.approx(
        101 + hair**0.25 * 99**0.75, rel=1e-9
    )
    assert closing_in._inside(before, Turn(101.0, 200.0), 6) == 150.5
    # Neither end moved, or both: nothing says where it is.
    assert closing_in._inside(before, before, 1) == 150.0
    assert closing_in._inside(before, Turn(101.0, 199.0), 1) == 150.0
    back = Turn(200.0, 100.0)
    assert 150 < closing_in._inside(back, Turn(199.0, 100.0), 1) < 199
    assert 101 < closing_in._inside(back, Turn(200.0, 101.0), 1) < 102


def test_that_next_to_whole_ends_a_value_is_read_once_they_are_neighbours() -> None:
    seen = Seen(lambda value: billed(1000.0 if value > 8 else 10.0))
    way = path(seen, base=CLOUD)
    assert closing_in._missed(way, Turn(4.0, 10.0), 7.4) == Turn(7.0, 10.0)
    assert seen.values == [7.0]
    assert closing_in._missed(way, Turn(7.0, 9.0), 8.4) == Turn(8.0, 8 + 8e-8)
    assert seen.values == [7.0, 8.0, 8 + 8e-8]
    assert closing_in._missed(way, Turn(7.5, 8.5), 8.0) == Turn(8.0, 8 + 8e-8)
    whole = path(seen, base=CLOUD, whole=True)
    assert closing_in._missed(whole, Turn(4.0, 10.0), 7.4) == Turn(7.0, 10.0)


def test_that_towards_nothing_it_is_halved_a_hundred_times() -> None:
    def read(value: float) -> Reading:
        return billed(10.0) if value > 0 else billed(1000.0, calls=None)

    # 2 ** -100 is 7.9e-31: in one digit 8e-31.
    assert closed_in(path(read), Turn(0.0, 1.0)).other == 8e-31


def test_that_a_bent_turn_is_closed_in_on_quickly() -> None:
    seen = Seen(lambda value: billed(value**3 / 100))
    found = closed_in(path(seen, base=CLOUD), Turn(1.0, 1000.0))
    assert found.other == pytest.approx(15_000 ** (1 / 3), rel=NEAR)
    assert len(seen.values) < 60
    near = Seen(lambda value: billed(value**1.1))
    found = closed_in(path(near, base=CLOUD), Turn(90.0, 110.0))
    assert found.other == pytest.approx(150 ** (1 / 1.1), rel=NEAR)
    assert len(near.values) < 13


def test_that_what_differs_in_shape_is_not_interpolated() -> None:
    way = path(lambda value: billed(value, calls=None if value < 150 else 1.0), base=CLOUD)
    assert closing_in._jumped(way, Turn(100.0, 200.0)) == Turn(100.0, 200.0)
    up = closing_in._jumped(path(base=CLOUD), Turn(100.0, 200.0))
    assert up.same < TURNS_AT == up.other
    assert up.other - up.same == pytest.approx(HAIR, rel=0.2)
    # Downwards in the same way: there the first value is none that is short.
    down = closing_in._jumped(path(), Turn(200.0, 100.0))
    assert down.other < TURNS_AT <= down.same
    assert down.same - down.other <= TURNS_AT * NEAR
    whole = path(base=CLOUD, whole=True)
    assert closing_in._jumped(whole, Turn(100.0, 200.0)) == Turn(149.0, 150.0)


def test_that_a_turn_a_whole_step_beyond_what_was_reckoned_is_found_beside_it() -> None:
    def bent(value: float) -> Reading:
        return billed(value if value in (100.0, 200.0) else value - 0.6)

    way = path(bent, base=CLOUD, whole=True)
    assert closing_in._jumped(way, Turn(100.0, 200.0)) == Turn(150.0, 151.0)


def test_that_a_turn_a_little_beyond_what_was_reckoned_is_found_beside_it() -> None:
    """The ends lie: between them the bill is less by so much that 150 is not there yet."""

    def bent(value: float) -> Reading:
        return billed(value if value in (100.0, 200.0) else value - HAIR / 2)

    seen = Seen(bent)
    found = closing_in._jumped(path(seen, base=CLOUD), Turn(100.0, 200.0))
    assert found.same == TURNS_AT
    assert found.other == pytest.approx(TURNS_AT + HAIR, abs=HAIR / 4)


def test_that_a_turn_is_closed_by_its_relative_width() -> None:
    way, whole = path(), path(whole=True)
    odd = 100 / 3
    assert not closing_in._closed(way, Turn(odd, odd * (1 + 2.1e-8)))
    assert closing_in._closed(way, Turn(odd, odd * (1 + 1.9e-8)))
    assert closing_in._closed(way, Turn(odd * (1 + 1.9e-8), odd))
    assert not closing_in._closed(way, Turn(-odd, -odd * (1 - 2.1e-8)))
    assert closing_in._closed(way, Turn(-odd, -odd * (1 - 1.9e-8)))
    assert not closing_in._closed(way, Turn(0.0, 1e-30))
    assert not closing_in._closed(whole, Turn(1.0, 3.0))
    assert closing_in._closed(whole, Turn(1.0, 2.0))
    assert not closing_in._closed(whole, Turn(1e9, 1e9 + 2.0))


def test_that_a_turn_to_a_short_number_is_closed_as_soon_as_that_may_be_written_for_it() -> None:
    way = path()
    assert closing_in._closed(way, Turn(100 - 2.1e-5, 100.0))
    assert not closing_in._closed(way, Turn(100 - 2.3e-5, 100.0))
    # 100 may be written for this one, and lies beyond the last value with the old verdict.
    assert not closing_in._closed(way, Turn(100 - 1e-5, 100 + 1e-5))
    assert closing_in._closed(way, Turn(100.0, 100 + 1e-5))


def test_that_a_number_is_written_as_short_as_has_the_same_verdict() -> None:
    way = path(lambda _: billed(1000.0))

    def written(value: float) -> float:
        return closing_in._short(way, Turn(value - 1, value)).other

    assert written(1000.00002) == 1000.0
    assert written(1000.3) == 1000.3
    # Two ten-millionths of it are 2.5e-5, and 123.4568 is 1.1e-5 away.
    assert written(123.456789) == 123.4568
    assert written(0.0) == 0.0
    # No shorter number is as large as a third: it stays as it is.
    third = path(lambda value: billed(1000.0 if value >= 1 / 3 else 10.0))
    assert closing_in._short(third, Turn(0.0, 1 / 3)) == Turn(0.0, 1 / 3)


def test_that_nothing_is_written_that_lies_before_the_last_value_with_the_old_verdict() -> None:
    seen = Seen(lambda value: billed(1000.0 if value > 1000 else 10.0))
    way = path(seen)
    assert closing_in._short(way, Turn(1000.0, 1000.00002)).other == 1000.00002
    assert 1000.0 not in seen.values
    down = Turn(1000.00003, 1000.00002)
    assert set(closing_in._written(down)) == {1000.0, 1000.00002}
