"""Bands of what is computed from bands, and values drawn from a triangle."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.figures import Triangle, combined
from landfall.core.provenance import Estimated, Figure, Published, Stated, Unknown

FOUR = Estimated(1.0, 4.0, 9.0, "a formula")  # 3 below and 5 above
TWO = Estimated(-2.0, 2.0, 14.0, "a formula")  # 4 below and 12 above
SURE = Stated(10.0, "typed")


@pytest.mark.parametrize(
    ("formula", "figures", "low", "mid", "high"),
    [
        # The distances of independent errors: 3 and 4 make 5, 5 and 12 make 13.
        (lambda a, b: a + b, (FOUR, TWO), 1.0, 6.0, 19.0),
        # What is taken away turns its ends round: 3 and 12 below, 5 and 4 above.
        (lambda a, b: a - b, (FOUR, TWO), 2 - math.hypot(3, 12), 2.0, 2 + math.hypot(5, 4)),
        (lambda a, b: a * b, (FOUR, SURE), 10.0, 40.0, 90.0),
        (lambda a, b: b - a, (FOUR, SURE), 1.0, 6.0, 9.0),
        (lambda a: -a, (FOUR,), -9.0, -4.0, -1.0),
        # Both ends of a valley are above: nothing is below.
        (lambda a: (a - 4) ** 2, (FOUR,), 0.0, 0.0, math.hypot(9, 25)),
        # 3 and 3 below make 4.2, but nothing of it is negative at any of its ends.
        (lambda a, b: a + b - 4, (FOUR, FOUR), 0.0, 4.0, 4 + math.hypot(5, 5)),
        (lambda a: a, (Published(3.0, "a list", "2026-11-01"),), 3.0, 3.0, 3.0),
        (lambda a, b: a + b, (Estimated(2.0, 2.0, 2.0, "f"), SURE), 12.0, 12.0, 12.0),
        # One end at nothing is no negative one.
        (lambda a, b: a * b, (Estimated(0.0, 1.0, 2.0, "f"), FOUR), 0.0, 4.0, 4 + math.hypot(4, 5)),
    ],
)
def test_that_a_band_is_put_together_as_independent_errors_are(
    formula: Callable[..., float],
    figures: tuple[Figure, ...],
    low: float,
    mid: float,
    high: float,
) -> None:
    found = combined(formula, figures, "says")
    assert isinstance(found, Estimated)
    assert (found.low, found.mid, found.high) == pytest.approx((low, mid, high))
    assert found.formula == "says"


def test_that_a_band_may_reach_below_nothing_where_an_end_does() -> None:
    found = combined(lambda a, b: a + b - 5.5, (FOUR, FOUR), "says")
    assert isinstance(found, Estimated)
    # 1 + 4 - 5.5 is below nothing.
    assert found.low == pytest.approx(2.5 - math.hypot(3, 3))


def test_that_what_is_not_known_stays_so_for_the_same_reason() -> None:
    first, second = Unknown("nobody asked"), Unknown("no price")
    assert combined(lambda a, b: a + b, (FOUR, first), "says") is first
    assert combined(lambda a, b: a + b, (second, first), "says") is second


@pytest.mark.parametrize("value", [None, math.inf, -math.inf, math.nan])
def test_that_a_formula_without_a_value_says_what_could_not_be_computed(
    value: float | None,
) -> None:
    assert combined(lambda _: value, (FOUR,), "x of y") == Unknown("cannot be computed: x of y")


def test_that_an_end_without_a_value_adds_no_distance() -> None:
    found = combined(lambda a: None if a < 2 else a, (FOUR,), "says")
    assert (found.low, found.high) == (4.0, 9.0)  # type: ignore[union-attr]
    endless = combined(lambda a: math.inf if a > 8 else a, (FOUR,), "says")
    assert (endless.low, endless.high) == (1.0, 4.0)  # type: ignore[union-attr]


def test_that_squares_beyond_any_number_are_not_formed() -> None:
    huge = Estimated(1e200, 2e200, 3e200, "f")
    found = combined(lambda a, b: a + b, (huge, huge), "says")
    assert isinstance(found, Estimated)
    assert found.high == pytest.approx(4e200 + math.sqrt(2) * 1e200)


@given(st.floats(0.0, 1.0), st.floats(-50, 50), st.floats(0.1, 40), st.floats(0, 1))
def test_that_a_triangle_is_drawn_by_its_area(
    share: float, low: float, width: float, lean: float
) -> None:
    mode = low + lean * width
    value = Triangle(low, mode, low + width).at(share)
    assert low - 1e-9 <= value <= low + width + 1e-9
    # The area of the triangle below the value, over that of the whole.
    rising, falling = mode - low, low + width - mode
    if min(rising, falling) <= 1e-6:
        return  # the ratio of next to nothing to next to nothing says nothing
    if value <= mode:
        area = (value - low) ** 2 / (width * rising)
    else:
        area = 1 - (low + width - value) ** 2 / (width * falling)
    assert area == pytest.approx(share, abs=1e-6)


def test_that_a_triangle_ends_where_it_says() -> None:
    even = Triangle(0.0, 2.0, 8.0)
    assert (even.at(0.0), even.at(0.25), even.at(1.0)) == (0.0, 2.0, 8.0)
    # A quarter of a quarter lies below 1, and 1 - 16/48 below 4.
    assert even.at(0.0625) == 1.0
    assert even.at(2 / 3) == pytest.approx(4.0)
    assert Triangle(3.0, 3.0, 3.0).at(0.7) == 3.0
    assert Triangle(0.0, 0.0, 1.0).at(0.75) == pytest.approx(0.5)
    assert Triangle(0.0, 1.0, 1.0).at(0.25) == pytest.approx(0.5)
    # A width below nothing is none.
    assert Triangle(5.0, 4.0, 3.0).at(0.1) == 4.0
