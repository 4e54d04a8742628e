"""The zero of a falling function."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand.falling_zero import zero_of_falling


@given(st.floats(0.1, 50), st.floats(0.2, 5))
def test_that_the_zero_of_a_falling_line_is_found(zero: float, slope: float) -> None:
    def falling(at: float) -> float:
        return slope * (zero - at) if at > 0 else math.inf

    high = 2 * zero
    found = zero_of_falling(falling, 0.0, math.inf, high, falling(high))
    assert found == pytest.approx(zero, rel=1e-9)
