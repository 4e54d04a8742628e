"""The tail of a wait with its service: closed forms, integrals, limits."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from landfall.core.demand import response_tail


def simpson(function: Callable[[float], float], end: float, steps: int = 4000) -> float:
    width = end / steps
    inside = math.fsum((4 if n % 2 else 2) * function(n * width) for n in range(1, steps))
    return (function(0.0) + inside + function(end)) * width / 3


@pytest.mark.parametrize("shape", [2, 3])
@pytest.mark.parametrize("pace", [0.2, 1.7, 2.0, 3.0, 9.0])
@pytest.mark.parametrize("seconds", [0.5, 2.5])
def test_that_wait_and_service_together_are_their_integral(
    shape: int, pace: float, seconds: float
) -> None:
    """Service of mean 1 in `shape` equal phases, and an exponential wait for 60 % of the calls."""

    def density(s: float) -> float:
        return shape * (shape * s) ** (shape - 1) / math.factorial(shape - 1) * math.exp(-shape * s)

    served = 1 - simpson(density, seconds)
    still = simpson(lambda s: density(s) * math.exp(-pace * (seconds - s)), seconds)
    found = response_tail.late_share(seconds, 1.0, 1 / shape, 0.6, 0.6 / pace)
    assert found == pytest.approx(served + 0.6 * still, rel=1e-6)


def test_that_a_constant_service_is_late_by_its_wait_alone() -> None:
    """Squared variations below 0.0001 are none."""
    for cs2 in (0.0, 0.9e-4):
        assert response_tail.late_share(0.9, 1.0, cs2, 0.6, 0.3) == 1.0
        assert response_tail.late_share(1.0, 1.0, cs2, 0.6, 0.3) == pytest.approx(0.6)
        assert response_tail.late_share(2.0, 1.0, cs2, 0.6, 0.3) == pytest.approx(
            0.6 * math.exp(-2)
        )
        assert response_tail.late_share(1.0, 1.0, cs2, 0.0, 0.0) == 0.0
        assert response_tail.late_share(0.99, 1.0, cs2, 0.0, 0.0) == 1.0
    assert 0 < response_tail.late_share(1.0, 1.0, 1.1e-4, 0.0, 0.0) < 0.6
    assert 0 < response_tail.late_share(1.0, 1.0, 1e-4, 0.0, 0.0) < 0.6


def test_that_a_wait_of_a_hundredth_of_the_service_counts_by_its_mean() -> None:
    """exp(-2) for who does not wait, exp(-2 + 0.01) for the half that does."""
    short = response_tail.late_share(2.0, 1.0, 1.0, 0.5, 0.005)
    assert short == pytest.approx(0.5 * math.exp(-2) + 0.5 * math.exp(-1.99), rel=1e-12)
    longer = response_tail.late_share(2.0, 1.0, 1.0, 0.5, 0.00501)
    pace = 0.5 / 0.00501
    exact = (pace * math.exp(-2) - math.exp(-2 * pace)) / (pace - 1)
    assert longer == pytest.approx(0.5 * math.exp(-2) + 0.5 * exact, rel=1e-9)
    # Seconds of service count: 0.02 s of 2.
    double = response_tail.late_share(4.0, 2.0, 1.0, 0.5, 0.01)
    assert double == pytest.approx(short, rel=1e-12)
    assert response_tail.late_share(2.0, 1.0, 1.0, 0.5, 0.0) == pytest.approx(math.exp(-2))
    assert response_tail.late_share(2.0, 1.0, 1.0, 0.0, 0.5) == pytest.approx(math.exp(-2))


def test_that_a_target_of_days_after_waits_of_microseconds_is_reckoned_at_once() -> None:
    """Its series has fifty billion terms; summed, they would take all memory."""
    late = response_tail.late_share(1e6, 1e-3, 2.0, 0.5, 1e-5)
    assert late == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("cs2", [0.1, 0.5, 2.0])
def test_that_the_limit_of_the_series_meets_its_sum(
    cs2: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = 1 / cs2 + 2e4
    monkeypatch.setattr(response_tail, "_MANY_TERMS", math.inf)
    summed = response_tail._still_waiting(1.0, 1.0, cs2, pace)
    monkeypatch.setattr(response_tail, "_MANY_TERMS", 1e4)
    assert response_tail._still_waiting(1.0, 1.0, cs2, pace) == pytest.approx(summed, rel=1e-8)
    assert summed > 0


@pytest.mark.parametrize("pace", [0.02, 0.3, 0.999999, 1.0, 1.000001, 1.7, 20.0, 60.0])
@pytest.mark.parametrize("seconds", [0.01, 0.5, 3.0, 20.0])
def test_that_an_exponential_service_is_the_limit_of_all_others(
    pace: float, seconds: float
) -> None:
    """The closed form of a squared variation of 1 is where the series of its neighbours meet."""
    found = response_tail._still_waiting(2 * seconds, 2.0, 1.0, pace / 2)
    below, above = (
        response_tail._still_waiting(2 * seconds, 2.0, 1 + step, pace / 2) for step in (-1e-7, 1e-7)
    )
    assert found == pytest.approx((below + above) / 2, rel=1e-9)
    even = seconds * math.exp(-seconds)
    apart = (math.exp(-seconds) - math.exp(-pace * seconds)) / (pace - 1) if pace != 1 else even
    assert found == pytest.approx(apart, rel=1e-8)


def test_that_an_exponential_service_is_exact_however_long_the_target() -> None:
    """80 waits in a mean service, and a target of 300 services: exp(-300) / 79."""
    found = response_tail._still_waiting(300.0, 1.0, 1.0, 80.0)
    assert found == pytest.approx(math.exp(-300) / 79, rel=1e-12)
    # Services so short that a second holds more of them than there are numbers.
    assert response_tail._still_waiting(1.0, 5e-324, 1.0, 1e300) == 0.0
    assert response_tail.late_share(1.0, 5e-324, 1.0, 0.5, 1e-3) <= 0.5
