"""The day hour by hour, in numbers that can be reckoned by hand."""

from __future__ import annotations

import pytest

from landfall.core.demand.hours import hour_by_hour
from tests.core.demand.round_loads import HOURLY, LN20


def test_that_hours_are_queues_of_their_own() -> None:
    """0.1 a second x 5 s = 0.5: p95 5 ln 20 / 0.5, lost 1/3; 0.2 x 5 = 1 cannot be kept up with."""
    found = hour_by_hour(HOURLY, 5.0, slots=1)
    assert [one.hour for one in found] == list(range(24))
    nine, ten, night = found[9], found[10], found[0]
    assert (nine.calls, nine.utilisation, nine.p95_seconds) == (720.0, 1.0, None)
    assert nine.overflow_share == pytest.approx(0.5)
    assert (ten.utilisation, ten.p95_seconds) == (0.5, pytest.approx(10 * LN20))
    assert ten.overflow_share == pytest.approx(1 / 3)
    assert (night.calls, night.utilisation, night.p95_seconds) == (0.0, 0.0, None)
    assert night.overflow_share == 0.0
    assert hour_by_hour(HOURLY, 5.0, slots=2)[9].utilisation == 0.5
