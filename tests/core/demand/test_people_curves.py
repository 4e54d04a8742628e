"""p95 against people, point by point."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand import people_curves, queueing
from landfall.core.demand.people_curves import POINTS, curve
from landfall.core.provenance import Estimated, Unknown
from tests.core.demand.round_crowds import ASKS, BY_CHANCE, BY_PERSON, LN20, POOLED, machine


def test_that_a_curve_has_its_points_closer_where_it_turns_up() -> None:
    found = curve(ASKS, [machine()], POOLED, up_to=50)
    assert found is not None
    assert (found.machines, found.arrangement, POINTS) == (1, POOLED, 40)
    assert len(found.points) == 41
    assert found.points[0] == (0.0, pytest.approx(LN20))
    assert found.points[-1] == (50.0, pytest.approx(LN20 / 0.5))
    people, seconds = found.points[20]
    assert people == pytest.approx(50 * (1 - 0.5**1.7))
    assert seconds == pytest.approx(LN20 / (1 - people / 100))
    assert (found.low, found.high) == ((), ())
    steady = curve(replace(ASKS, spread=0.5), [machine()], POOLED, up_to=50)
    assert steady is not None
    assert steady.points[-1][1] == pytest.approx(
        queueing.latency_quantile(0.5, service_s=1.0, cs2=0.25)
    )
    far = curve(ASKS, [machine()], POOLED, up_to=500)
    assert far is not None
    assert far.points[-1][0] == pytest.approx(99.5)


def test_that_ends_of_a_curve_are_there_where_they_are_wanted_and_differ() -> None:
    wide = [machine(Estimated(0.5, 1.0, 1.6, "x"))]
    found = curve(ASKS, wide, POOLED, up_to=50, banded=True)
    assert found is not None
    assert found.low[-1] == (50.0, pytest.approx(LN20 / 1.5))
    assert found.high[-1] == (50.0, pytest.approx(LN20 / 0.125))
    plain = curve(ASKS, wide, POOLED, up_to=50)
    assert plain is not None
    assert (plain.low, plain.high) == ((), ())
    narrow = curve(ASKS, [machine()], POOLED, up_to=50, banded=True)
    assert narrow is not None
    assert narrow.low == ()
    assert curve(ASKS, [machine(), machine(Unknown("?"))], POOLED, up_to=50) is None
    assert curve(ASKS, [machine(Estimated(0.0, 1.0, 2.0, "x"))], POOLED, up_to=50) is None


def test_that_split_machines_have_even_shares_on_a_curve() -> None:
    two = [machine(), machine()]
    for how in (BY_PERSON, BY_CHANCE):
        found = curve(ASKS, two, how, up_to=100)
        assert found is not None
        assert (found.machines, found.arrangement) == (2, how)
        assert found.points[-1] == (100.0, pytest.approx(LN20 / 0.5))
    assert people_curves.POINTS == 40
