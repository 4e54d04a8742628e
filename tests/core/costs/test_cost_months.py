"""Whole months, line by line, in numbers added up by hand; and what is taken by default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.costs import cost
from landfall.core.costs.cost import CostPart, Month
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates

RATES = Rates(input=Rate(2.0), output=Rate(8.0))
ROW = PriceRow(provider="p", model="m", rates=RATES, source="test", as_of=None)
WITH_BATCH = replace(ROW, batch=RATES.times(0.5))
SHAPE = CallShape(uncached_tokens=1000, output_tokens=500)
"""0.2 and 0.4 cents of a call."""


def same(found: Month, *lines: tuple[str, float], calls: float = 0.0, tokens: float = 0.0) -> bool:
    assert [part.what for part in found.parts] == [what for what, _ in lines]
    assert [part.usd for part in found.parts] == pytest.approx([usd for _, usd in lines])
    assert found.usd == pytest.approx(sum(usd for _, usd in lines))
    assert (found.calls, found.tokens) == pytest.approx((calls, tokens))
    return True


def test_that_a_month_at_a_provider_is_its_calls_at_both_prices_and_those_made_again() -> None:
    found = cost.cloud_month(
        WITH_BATCH, SHAPE, calls_per_day=10, batch_share=0.25, retry_share=0.1, days=30
    )
    # 300 calls, 225 of them at 0.2 + 0.4 cents and 75 at half of that; a tenth of it again.
    lines = (("input", 0.45 + 0.075), ("output", 0.9 + 0.15), ("retries", 0.1575))
    assert same(found, *lines, calls=300, tokens=450_000)
    assert found.notes == ()
    assert found.usd_per_call == pytest.approx(1.7325 / 300)
    assert found.usd_per_mtok == pytest.approx(1.7325 / 0.45)


def test_that_by_default_nothing_waits_nothing_is_repeated_and_a_month_is_a_mean_one() -> None:
    found = cost.cloud_month(WITH_BATCH, SHAPE, calls_per_day=1000)
    lines = (("input", 30437.5 * 0.002), ("output", 30437.5 * 0.004))
    assert same(found, *lines, calls=30437.5, tokens=30437.5 * 1500)
    all_wait = cost.cloud_month(WITH_BATCH, SHAPE, calls_per_day=10, batch_share=1, days=30)
    assert same(all_wait, ("input", 0.3), ("output", 0.6), calls=300, tokens=450_000)


def test_that_another_tokenizer_changes_what_is_paid_and_not_what_is_told() -> None:
    found = cost.cloud_month(ROW, SHAPE, calls_per_day=10, token_ratio=1.5, days=30)
    assert same(found, ("input", 0.9), ("output", 1.8), calls=300, tokens=450_000)


def test_that_a_price_by_the_hour_counts_with_its_mean_and_says_so() -> None:
    found = cost.cloud_month(replace(ROW, mean_factor=2.0), SHAPE, calls_per_day=10, days=30)
    assert same(found, ("input", 1.2), ("output", 2.4), calls=300, tokens=450_000)
    assert len(found.notes) == 1


def test_that_an_unknown_price_keeps_calls_and_tokens() -> None:
    for row, batch in (
        (replace(ROW, rates=Rates(input=Rate(2.0))), 0.0),
        (replace(ROW, batch=Rates(input=Rate(1.0))), 0.5),
    ):
        found = cost.cloud_month(row, SHAPE, calls_per_day=10, batch_share=batch, days=30)
        assert (found.parts, found.usd) == ((), None)
        assert (found.calls, found.tokens) == (300, 450_000)
        assert len(found.notes) == 1
        assert found.usd_per_call is found.usd_per_mtok is None


def test_that_a_price_of_batches_that_is_not_known_matters_only_where_calls_wait() -> None:
    half = replace(ROW, batch=Rates(input=Rate(1.0)))
    assert cost.cloud_month(half, SHAPE, calls_per_day=10, days=30).usd == pytest.approx(1.8)


def test_that_a_month_without_calls_has_no_price_of_one() -> None:
    bare = Month(parts=(CostPart("x", 5.0),), usd=5.0)
    assert (bare.calls, bare.tokens, bare.notes) == (0, 0, ())
    assert bare.usd_per_call is bare.usd_per_mtok is None


def test_that_energy_is_joules_over_kilowatt_hours() -> None:
    joules = cost.call_joules(
        input_tokens=100,
        output_tokens=10,
        prefill_joules_per_token=2,
        decode_joules_per_token=3,
    )
    assert joules == 230
    assert cost.energy_usd(7_200_000, 0.25) == 0.5
    assert cost.energy_usd(7_200_000, 0.25, pue=1.5) == 0.75


def test_that_a_machine_is_on_all_day_by_default_and_works_in_part_of_it() -> None:
    # 10 W for 24 hours and 90 W more for two, over 30 days.
    always = cost.energy_kwh_month(idle_watts=10, active_watts=100, busy_hours_per_day=2, days=30)
    assert always == pytest.approx((240 + 180) * 30 / 1000)
    some = cost.energy_kwh_month(
        idle_watts=10, active_watts=100, busy_hours_per_day=2, on_hours_per_day=5, days=30
    )
    assert some == pytest.approx((50 + 180) * 30 / 1000)
    assert cost.busy_hours_per_day(7200, 2) == 4


def test_that_a_month_on_an_owned_machine_is_what_the_work_adds() -> None:
    bare = cost.marginal_local_month(calls_per_day=100, joules_per_call=36_000, usd_per_kwh=0.5)
    # A hundredth of a kWh a call; a mean month has 30.4375 days.
    assert same(bare, ("electricity", 3043.75 * 0.005), calls=3043.75)
    full = cost.marginal_local_month(
        calls_per_day=100,
        joules_per_call=36_000,
        usd_per_kwh=0.5,
        pue=2.0,
        extra_ops_usd=7,
        resale_now_usd=1200,
        resale_later_usd=300,
        resale_months=9,
        days=30,
        tokens_per_call=40,
    )
    lines = (("electricity", 30), ("operations", 7), ("resale forgone", 100))
    assert same(full, *lines, calls=3000, tokens=120_000)
    # By default a year, after which it is worth nothing.
    sold = cost.marginal_local_month(
        calls_per_day=0, joules_per_call=0, usd_per_kwh=0, resale_now_usd=1200
    )
    assert same(sold, ("resale forgone", 100))


def test_that_depreciation_is_a_straight_line_and_interest_a_level_payment() -> None:
    assert cost.depreciation_month(1200, months=12) == 100
    assert cost.depreciation_month(1200, residual_share=0.25, months=12) == 75
    # 1 % a month: 1000 over 12 months is 88.85 a month (any table of annuities).
    assert cost.annuity_month(1000, months=12, yearly_rate=1.01**12 - 1) == pytest.approx(
        88.8488, abs=1e-4
    )
    # And with 400 left, less 400 / 1.01^12 at the same rate: 0.887449 x 400 = 354.98.
    part = cost.annuity_month(1000, residual_share=0.4, months=12, yearly_rate=1.01**12 - 1)
    assert part == pytest.approx((1000 - 354.980) / 1000 * 88.8488, abs=1e-3)
    nearly = cost.annuity_month(1200, residual_share=0.25, months=12, yearly_rate=1e-11)
    assert nearly == 75


def test_that_a_purchase_is_kept_three_years_and_a_quarter_is_left() -> None:
    found = cost.purchase_tco_month(price_usd=4800)
    assert same(found, ("depreciation", 100))
    full = cost.purchase_tco_month(
        price_usd=4800,
        residual_share=0.5,
        months=24,
        electricity_usd=11,
        ops_hours=2,
        hourly_rate_usd=60,
        setup_hours=12,
        other_usd=9,
        calls=50,
        tokens=70,
    )
    lines = (
        ("depreciation", 100),
        ("electricity", 11),
        ("operations", 120),
        ("set-up", 30),
        ("other", 9),
    )
    assert same(full, *lines, calls=50, tokens=70)
    assert (
        found.parts[0].usd < cost.purchase_tco_month(price_usd=4800, yearly_rate=0.1).parts[0].usd
    )


def test_that_a_rented_board_is_paid_by_its_hours() -> None:
    assert same(cost.rent_month(usd_per_hour=2, busy_hours=10), ("rent", 20))
    # Starts alone are added as they are: 10 + 4 x (0.25 + 0.5).
    started = cost.rent_month(
        usd_per_hour=2, busy_hours=10, starts=4, start_hours=0.25, idle_hours_before_stop=0.5
    )
    assert same(started, ("rent", 26))
    # In steps of two hours each start of 3.25 is billed as 4.
    stepped = cost.rent_month(
        usd_per_hour=2,
        busy_hours=10,
        starts=4,
        start_hours=0.25,
        idle_hours_before_stop=0.5,
        billed_hours_step=2,
        storage_usd=3,
        ops_usd=5,
        gpus=2,
        calls=7,
        tokens=9,
    )
    lines = (("rent", 64), ("storage", 3), ("operations", 5))
    assert same(stepped, *lines, calls=7, tokens=9)
    # One start, and half of one as a mean of months: each of two hours is billed as 3.
    for starts, hours in ((1, 3), (0.5, 1.5)):
        one = cost.rent_month(
            usd_per_hour=1, busy_hours=2 * starts, starts=starts, billed_hours_step=3
        )
        assert same(one, ("rent", hours))
    # Never started, there is nothing to round up.
    never = cost.rent_month(usd_per_hour=1, busy_hours=2.5, billed_hours_step=2)
    assert same(never, ("rent", 2.5))
    # What is on all the time is not billed by its starts.
    on = cost.rent_month(
        usd_per_hour=2, busy_hours=1, starts=9, billed_hours_step=500, always_on=True
    )
    assert same(on, ("rent", 1461))
    # Steps never make a month longer than it is.
    long = cost.rent_month(usd_per_hour=2, busy_hours=9, starts=9, billed_hours_step=500)
    assert same(long, ("rent", 1461))


def test_that_a_split_pays_the_rest_at_the_provider() -> None:
    found = cost.hybrid_month(cloud_usd=100, local_usd=7, absorbed_token_share=0.75)
    assert same(found, ("overflow to the cloud", 25), ("local", 7))
    assert cost.saving_share(200, 150) == 0.25


def test_that_hours_of_a_rent_are_billed_by_their_starts() -> None:
    assert cost.rented_hours(10.0, starts=4.0, each_start=0.5, step=0.0) == 12.0
    assert cost.rented_hours(10.0, starts=4.0, each_start=0.5, step=2.0) == 16.0
    assert cost.rented_hours(10.0, starts=0.0, each_start=0.5, step=4.0) == 10.0
    assert cost.rented_hours(9e9, starts=4.0, each_start=0.5, step=2.0) == cost.HOURS_PER_MONTH
