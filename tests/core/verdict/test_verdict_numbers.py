"""Small parts of the search for turns, of the worlds that are drawn, and of machines' bills."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import pytest

from landfall.core.provenance import Estimated, Stated
from landfall.core.verdict import drawn_worlds, scene, turning, what_if
from landfall.core.verdict.doubts import _SPEED_SPREAD, _speed
from landfall.core.workload.privacy import Option
from tests.core.demand.test_strain import strain
from tests.core.verdict.test_verdict import case, host


def test_that_a_ratio_is_at_least_one_and_has_no_end_at_nothing() -> None:
    assert turning._ratio(2.0, 8.0) == turning._ratio(8.0, 2.0) == 4.0
    assert turning._ratio(3.0, 3.0) == 1.0
    for first, second in ((0.0, 2.0), (2.0, 0.0), (-1.0, 2.0), (0.0, 0.0)):
        assert math.isinf(turning._ratio(first, second))


def test_that_each_doubt_has_its_own_order_of_all_slices() -> None:
    orders = drawn_worlds._orders(200)
    assert all(sorted(one) == list(range(200)) for one in orders)
    assert len(set(orders)) == len(orders)
    assert tuple(range(200)) not in orders


@pytest.mark.parametrize("years", [0.0, 1.0, 3.0])
def test_that_prices_fall_as_the_triangle_of_their_decline_says(years: float) -> None:
    # A triangle from 0 to 0.7 with its top at 0.3: its mean is a third of 1.0.
    found = drawn_worlds._falls(years, 0, 2000, True)
    assert len(found) == 2000
    assert min(found) >= 0.3**years
    assert max(found) <= 1.0
    if years == 0:
        assert set(found) == {1.0}
    if years == 1:
        assert statistics.fmean(found) == pytest.approx(1 - 1 / 3, abs=0.002)
    if years == 3:
        assert statistics.fmean(found) < (1 - 1 / 3) ** 1


def test_that_a_bill_that_moves_stays_above_nothing() -> None:
    one = scene.HostNumbers(
        usd=100.0, peak=0.5, share=0.4, opex=30.0, price=1000.0, lateness=None, overflows=False
    )
    assert scene._more(one, 0.0) is one
    assert scene._more(one, 20.0).usd == 120.0
    assert scene._more(one, -150.0).usd == 0.0
    assert scene._more(one, 0.0, 5.0).opex == 35.0
    assert scene._more(one, 0.0, -50.0).opex == 0.0
    assert scene._more(one._replace(usd=None), 20.0).usd is None


def test_that_a_doubt_of_speed_is_half_the_band_and_never_below_the_least() -> None:
    bare = replace(host(case("D12")), strain=None)
    assert _speed(None) == _speed(bare) == _SPEED_SPREAD
    whole = strain()
    wide = Estimated(1.0, 4.0, 16.0, "t")
    told = replace(bare, strain=replace(whole, service=replace(whole.service, seconds=wide)))
    # Ends that hold four in five are 1.2816 deviations away on either side.
    assert _speed(told) == pytest.approx(math.log(16.0) / 2 / 1.2816, rel=1e-3)
    sure = replace(
        told, strain=replace(whole, service=replace(whole.service, seconds=Stated(4.0, "t")))
    )
    assert _speed(sure) == _SPEED_SPREAD


def test_that_a_slider_has_the_bills_of_what_is_open() -> None:
    facts = replace(case("D12"), hosted_allowed=True, hosted_offered=True)
    names = [path for path, _ in what_if.monthly_bills(facts)]
    assert "quotes.cloud_frontier_usd_month" in names
    assert "quotes.hosted_open_usd_month" in names
    assert dict(what_if.monthly_bills(facts))["quotes.hosted_open_usd_month"] is facts.hosted
    for closed in ({"hosted_allowed": False}, {"hosted_offered": False}):
        left = [path for path, _ in what_if.monthly_bills(replace(facts, **closed))]  # type: ignore[arg-type]
        assert "quotes.hosted_open_usd_month" not in left
    inside = replace(facts.lock, inside=facts.lock.inside - {Option.RENT_GPU})
    locked = [path for path, _ in what_if.monthly_bills(replace(facts, lock=inside))]
    assert "quotes.rent_gpu_usd_month" not in locked
