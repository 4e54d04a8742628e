"""A purchase over its life: payback, present value, the volume that carries it, and plain never."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.costs import payback
from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.costs.horizon import (
    Horizon,
    Outlay,
    Point,
    against,
    as_json,
    growth_factors,
    mean_growth,
    rent_or_buy,
)
from landfall.core.provenance import Estimated, Figure, Stated, Unknown, band, middle
from landfall.core.workload.privacy import Option


def sure(value: float) -> Stated:
    return Stated(value, "a test")


OUTLAY = Outlay(
    machine="RTX 4090",
    price_usd=sure(3800.0),
    residual_share=sure(0.25),
    months=sure(36.0),
    opex_usd_month=sure(270.0),
    fixed_usd_month=sure(330.0),
    usd_per_call=sure(0.00004),
    calls_per_day=20_000.0,
    most_calls_per_day=sure(50_000.0),
    yearly_rate=0.08,
    yearly_decline=sure(0.3),
    growth_per_month=0.0,
)
BILL = sure(450.0)


def at(point: Point) -> float:
    value = middle(point.at)
    assert value is not None
    return value


def test_that_growth_counts_for_a_year_and_at_most_tenfold_and_decline_to_the_end() -> None:
    steady = growth_factors(0.05, 24)
    assert steady[0] == 1
    assert steady[11] == pytest.approx(1.05**11)
    assert steady[12:] == (steady[11],) * 12
    assert max(growth_factors(1.0, 36)) == 10
    falling = growth_factors(-0.05, 24)
    assert falling[23] == pytest.approx(0.95**23)
    assert mean_growth(0.0, 36) == 1
    assert mean_growth(0.05, 24) == pytest.approx(sum(steady) / 24)


def test_that_payback_and_present_value_are_those_of_the_formulas() -> None:
    found = against(OUTLAY, Option.HOSTED_OPEN, BILL)
    assert at(found.payback_months) == pytest.approx(3800 / (450 - 270))
    walked = payback.breakeven_month(
        price_usd=3800, cloud_usd_month=450, opex_usd_month=270, yearly_decline=0.3
    )
    assert math.isinf(walked)
    assert found.payback_months_falling.never
    assert "never" in str(found.payback_months_falling.at)
    worth = payback.npv_of_buying(
        price_usd=3800,
        residual_share=0.25,
        months=36,
        cloud_usd_month=450,
        opex_usd_month=270,
        yearly_rate=0.08,
        yearly_decline=0.3,
    )
    assert middle(found.npv_usd) == pytest.approx(worth)
    assert worth < 0
    ending = middle(found.decline_that_ends_it)
    assert ending is not None
    even = against(replace(OUTLAY, yearly_decline=sure(ending)), Option.HOSTED_OPEN, BILL).npv_usd
    assert middle(even) == pytest.approx(0, abs=1e-6)


def test_that_no_bill_above_the_running_costs_is_never_and_out_of_reach() -> None:
    found = against(OUTLAY, Option.HOSTED_OPEN, sure(20.0))
    assert found.payback_months.never
    assert found.breakeven_calls_per_day.never
    assert found.within_reach is False
    assert found.decline_that_ends_it == Unknown("it does not pay at today's prices either")
    dear = against(OUTLAY, Option.CLOUD_FRONTIER, sure(3000.0))
    assert 0.9 < (middle(dear.decline_that_ends_it) or 0) < 1
    given_away = replace(OUTLAY, price_usd=sure(0.0), opex_usd_month=sure(0.0))
    free = against(given_away, Option.CLOUD_FRONTIER, sure(100.0))
    assert free.decline_that_ends_it == Unknown("it pays at any")


def test_that_what_is_not_known_is_not_never() -> None:
    gap = Unknown("nobody lists it")
    found = against(replace(OUTLAY, price_usd=gap), Option.HOSTED_OPEN, BILL)
    for figure in (found.payback_months.at, found.npv_usd, found.decline_that_ends_it):
        assert figure == gap
    assert not found.payback_months.never
    unheard = against(replace(OUTLAY, calls_per_day=None), Option.HOSTED_OPEN, BILL)
    assert unheard.breakeven_calls_per_day.at == Unknown("volume.calls_per_day is not stated")
    assert unheard.within_reach is None
    far = against(replace(OUTLAY, most_calls_per_day=gap), Option.HOSTED_OPEN, BILL)
    assert far.within_reach is None
    grows = replace(OUTLAY, months=gap, growth_per_month=0.1)
    assert against(grows, Option.HOSTED_OPEN, BILL).npv_usd == gap


@given(
    bill=st.floats(300, 1e5),
    fixed=st.floats(1, 1e4),
    each=st.floats(0, 1e-4),
)
def test_that_at_the_break_even_volume_both_bills_are_one(
    bill: float, fixed: float, each: float
) -> None:
    outlay = replace(OUTLAY, fixed_usd_month=sure(fixed), usd_per_call=sure(each))
    found = against(outlay, Option.CLOUD_FRONTIER, sure(bill)).breakeven_calls_per_day
    calls = at(found) * DAYS_PER_MONTH
    per_call = bill / (20_000 * DAYS_PER_MONTH)
    assert calls * per_call == pytest.approx(fixed + calls * each, rel=1e-6)


def test_that_identical_machines_never_rescue_a_ratio_that_is_out_of_reach() -> None:
    small = replace(OUTLAY, most_calls_per_day=sure(9_000.0))
    assert against(small, Option.HOSTED_OPEN, BILL).within_reach is False
    for count in (2, 3, 8):
        several = replace(
            small, fixed_usd_month=sure(330.0 * count), most_calls_per_day=sure(9_000.0 * count)
        )
        assert against(several, Option.HOSTED_OPEN, BILL).within_reach is False


def test_that_a_volume_that_grows_is_walked_month_by_month() -> None:
    even = payback.npv_of_buying(
        price_usd=3800, residual_share=0.25, months=36, cloud_usd_month=450, opex_usd_month=270
    )
    walked = payback.npv_of_buying(
        price_usd=3800,
        residual_share=0.25,
        months=36,
        cloud_usd_month=450,
        opex_usd_month=270,
        volume=(1.0,) * 36,
    )
    assert walked == pytest.approx(even)
    grown = against(replace(OUTLAY, growth_per_month=0.1), Option.HOSTED_OPEN, BILL)
    still = against(OUTLAY, Option.HOSTED_OPEN, BILL)
    assert (middle(grown.npv_usd) or 0) > (middle(still.npv_usd) or 0)
    # A loss at first, that a growing bill makes good.
    month = payback.breakeven_month(
        price_usd=100, cloud_usd_month=50, opex_usd_month=60, volume=(1.0, 2.0, 4.0)
    )
    assert month == pytest.approx(2 + (100 + 10 - 40) / 140)
    assert math.isinf(
        payback.breakeven_month(
            price_usd=100, cloud_usd_month=50, opex_usd_month=60, volume=(1.0, 1.1)
        )
    )


def test_that_a_doubtful_end_at_which_it_never_pays_is_said() -> None:
    doubtful = Estimated(200.0, 450.0, 700.0, "a list")
    found = against(OUTLAY, Option.HOSTED_OPEN, doubtful)
    assert "never at a worse end" in str(found.payback_months.at)
    assert "never" not in str(against(OUTLAY, Option.HOSTED_OPEN, BILL).payback_months.at)


def test_that_rent_neither_falls_with_prices_nor_goes_by_the_call() -> None:
    found = against(OUTLAY, Option.RENT_GPU, BILL)
    assert at(found.payback_months_falling) == pytest.approx(3800 / 180)
    assert isinstance(found.breakeven_calls_per_day.at, Unknown)
    assert found.within_reach is None


def rent(usd: float, fixed: float = 1122.0) -> Point:
    return rent_or_buy(
        replace(OUTLAY, fixed_usd_month=sure(fixed)),
        usd_per_hour=sure(usd),
        rent_care_usd=sure(0.0),
        watts=sure(900.0),
        usd_per_kwh=sure(0.17),
    )


def test_that_hours_beyond_a_month_are_never() -> None:
    assert at(rent(3.0)) == pytest.approx(1122 / (3 - 0.153))
    assert rent(1.0).never
    assert "busy hours" in str(rent(1.0).at)
    assert rent(0.1).never


def test_that_the_document_spells_never_and_holds_no_infinity() -> None:
    horizon = Horizon(
        outlay=OUTLAY,
        against=(
            against(OUTLAY, Option.HOSTED_OPEN, BILL),
            against(OUTLAY, Option.RENT_GPU, sure(1.0)),
        ),
        rent_or_buy_hours=rent(0.1),
    )
    document = as_json(horizon)
    json.dumps(document, allow_nan=False)
    assert document["rent_or_buy_hours"] == {
        "at": None,
        "never": True,
        "reason": "never: it saves nothing",
    }
    first, second = document["against"]
    assert (first["kind"], first["within_reach"]) == ("HOSTED_OPEN", True)
    assert first["payback_months"]["at"]["mid"] == pytest.approx(3800 / 180)
    assert second["payback_months"]["never"] is True


def test_that_a_band_comes_from_every_doubt() -> None:
    figures: tuple[Figure, ...] = (Estimated(3000.0, 3800.0, 5000.0, "a list"), BILL)
    found = against(replace(OUTLAY, price_usd=figures[0]), Option.HOSTED_OPEN, BILL)
    ends = band(found.payback_months.at)
    assert ends is not None
    assert ends[0] < ends[1] < ends[2]
