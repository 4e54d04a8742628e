"""Where a purchase turns, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.figures import Triangle
from tests.core.purchase_model import INPUTS, Doubts, Purchase, flip, odds

PLAN = Purchase(
    tokens_per_day=32.4e6,
    cloud_usd_per_mtok=2.6,
    joules_per_token=0.531,
    usd_per_kwh=0.17,
    ops_hours=3,
    hourly_rate_usd=80,
    price_usd=3800,
    residual_share=0.25,
    months=36,
    idle_watts=55,
)
SURE = Doubts(
    volume_log_mean=0,
    volume_log_sd=0,
    yearly_decline=Triangle(0, 0, 0),
    decline_years=1,
    ops_hours=Triangle(3, 3, 3),
    residual_share=Triangle(0.25, 0.25, 0.25),
)


def test_that_the_saving_is_the_bill_less_every_cost() -> None:
    assert pytest.approx(2213.33, abs=0.01) == PLAN.saving_usd_month


def test_that_at_the_break_even_volume_nothing_is_saved() -> None:
    at = replace(PLAN, tokens_per_day=PLAN.breakeven_tokens_per_day)
    assert at.saving_usd_month == pytest.approx(0, abs=1e-6)
    assert flip(PLAN, "tokens_per_day") == pytest.approx(PLAN.breakeven_tokens_per_day)


@pytest.mark.parametrize("name", INPUTS)
def test_that_a_flip_is_where_the_saving_changes_its_sign(name: str) -> None:
    at = flip(PLAN, name)
    if at is None:
        assert name == "residual_share"
        return
    below = replace(PLAN, **{name: at * 0.999999}).saving_usd_month
    above = replace(PLAN, **{name: at * 1.000001}).saving_usd_month
    assert below * above < 0


def test_that_what_cannot_turn_has_no_flip() -> None:
    hopeless = replace(PLAN, cloud_usd_per_mtok=0.001)
    assert flip(hopeless, "tokens_per_day") is None
    assert flip(replace(PLAN, idle_watts=0), "idle_watts") is None


def test_that_a_losing_purchase_is_turned_by_more_volume() -> None:
    losing = replace(PLAN, tokens_per_day=1e6)
    at = flip(losing, "tokens_per_day")
    assert losing.saving_usd_month < 0
    assert at is not None
    assert at > losing.tokens_per_day


def test_that_without_a_doubt_there_is_no_regret() -> None:
    found = odds(PLAN, SURE, draws=50)
    assert found.local_cheaper == 1
    assert found.regret_usd == pytest.approx(0, abs=1e-9)
    assert found.low_usd == pytest.approx(found.high_usd)
    assert found.mean_saving_usd == pytest.approx(PLAN.saving_usd_month)


def test_that_more_doubt_means_more_regret_and_the_same_seed_the_same_answer() -> None:
    near = replace(PLAN, tokens_per_day=PLAN.breakeven_tokens_per_day)
    small = odds(near, replace(SURE, volume_log_sd=0.1))
    large = odds(near, replace(SURE, volume_log_sd=0.4))
    assert 0 < small.regret_usd < large.regret_usd
    assert large.low_usd < 0 < large.high_usd
    assert odds(near, replace(SURE, volume_log_sd=0.4)) == large


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_that_a_triangle_stays_within_its_ends(share: float, mode: float, high: float) -> None:
    triangle = Triangle(0.0, min(mode, high), high)
    assert -1e-12 <= triangle.at(share) <= high + 1e-12


def test_that_half_of_an_even_triangle_lies_below_its_top() -> None:
    assert Triangle(0, 1, 2).at(0.5) == pytest.approx(1)
    assert Triangle(0, 1, 2).at(0.125) == pytest.approx(0.5)
