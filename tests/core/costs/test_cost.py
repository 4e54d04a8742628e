"""Every option's month: lines that add up, shares, edges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.costs import cost
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates

money = st.floats(0.01, 1e6)
shares = st.floats(0, 1)


def row(p_in: float, p_out: float, *, batch: float | None = None, **more: Any) -> PriceRow:
    rates = Rates(input=Rate(p_in), output=Rate(p_out), cached=more.pop("cached", None))
    return PriceRow(
        provider="p",
        model="m",
        rates=rates,
        batch=None if batch is None else rates.times(batch),
        source="test",
        as_of=None,
        **more,
    )


@given(
    st.floats(0, 100_000),
    shares,
    st.floats(0, 0.5),
    st.floats(0.5, 2),
    st.tuples(st.floats(0, 50), st.floats(0, 200)),
)
def test_that_a_cloud_month_is_the_sum_of_its_lines_and_scales_with_calls(
    calls: float,
    batch_share: float,
    retry_share: float,
    ratio: float,
    prices: tuple[float, float],
) -> None:
    def month(per_day: float) -> cost.Month:
        return cost.cloud_month(
            row(*prices, batch=0.5),
            CallShape(uncached_tokens=900, output_tokens=120),
            calls_per_day=per_day,
            batch_share=batch_share,
            retry_share=retry_share,
            token_ratio=ratio,
        )

    found = month(calls)
    assert found.usd is not None
    assert found.usd >= 0
    assert sum(part.usd for part in found.parts) == pytest.approx(found.usd)
    assert month(calls * 2).usd == pytest.approx(found.usd * 2)


def test_that_a_month_is_priced_call_by_call_and_not_as_a_sum() -> None:
    tiered = PriceRow(
        provider="p",
        model="m",
        rates=Rates(input=Rate(1.0, ((200_000, 2.0),)), output=Rate(1.0)),
        source="test",
        as_of=None,
    )
    short = cost.cloud_month(tiered, CallShape(uncached_tokens=1000), calls_per_day=10_000)
    assert short.usd_per_mtok == pytest.approx(1.0)
    long = cost.cloud_month(tiered, CallShape(uncached_tokens=200_001), calls_per_day=1)
    assert long.usd_per_mtok == pytest.approx(2.0)


def test_that_a_tier_sees_the_tokens_that_the_provider_counts() -> None:
    tiered = PriceRow(
        provider="p",
        model="m",
        rates=Rates(input=Rate(1.0, ((200_000, 2.0),))),
        source="test",
        as_of=None,
    )
    shape = CallShape(uncached_tokens=170_000)
    plain = cost.cloud_month(tiered, shape, calls_per_day=1).usd
    counted = cost.cloud_month(tiered, shape, calls_per_day=1, token_ratio=1.25).usd
    assert plain is not None
    assert counted == pytest.approx(plain * 1.25 * 2)


def test_that_an_unknown_price_makes_an_unknown_month() -> None:
    unknown = PriceRow(
        provider="p", model="m", rates=Rates(input=Rate(1.0)), source="test", as_of=None
    )
    found = cost.cloud_month(
        unknown, CallShape(uncached_tokens=1, output_tokens=1), calls_per_day=10
    )
    assert found.usd is None
    assert found.usd_per_call is None
    assert found.usd_per_mtok is None
    assert found.notes


def test_that_batch_without_a_price_is_said_once() -> None:
    shape = CallShape(uncached_tokens=1000, output_tokens=1)
    found = cost.cloud_month(row(1, 1), shape, calls_per_day=1, batch_share=0.5)
    assert found.usd == cost.cloud_month(row(1, 1), shape, calls_per_day=1).usd
    assert len(found.notes) == 1
    assert cost.cloud_month(row(1, 1), shape, calls_per_day=1).notes == ()


def test_that_prices_by_the_hour_count_with_their_mean() -> None:
    shape = CallShape(uncached_tokens=1000)
    flat = cost.cloud_month(row(1, 1), shape, calls_per_day=10).usd
    peaks = cost.cloud_month(row(1, 1, mean_factor=1.208), shape, calls_per_day=10)
    assert flat is not None
    assert peaks.usd == pytest.approx(flat * 1.208)
    assert any("mean" in note for note in peaks.notes)


def test_that_idle_counts_once_and_not_at_all_where_the_machine_is_on_anyway() -> None:
    always = cost.energy_kwh_month(idle_watts=50, active_watts=350, busy_hours_per_day=6)
    anyway = cost.energy_kwh_month(
        idle_watts=50, active_watts=350, busy_hours_per_day=6, idle_is_caused=False
    )
    assert always == pytest.approx((50 * 18 + 350 * 6) * 30.4375 / 1000)
    assert anyway == pytest.approx(300 * 6 * 30.4375 / 1000)
    assert cost.energy_kwh_month(
        idle_watts=50, active_watts=350, busy_hours_per_day=6, on_hours_per_day=2
    ) == pytest.approx(350 * 6 * 30.4375 / 1000)


def test_that_busy_hours_are_calls_times_service_over_slots() -> None:
    assert cost.busy_hours_per_day(3600, 4, slots=2) == pytest.approx(2)


@given(money, money, st.floats(0, 1e5))
def test_that_an_owned_machine_never_pays_for_its_purchase_again(
    joules: float, ops: float, calls: float
) -> None:
    found = cost.marginal_local_month(
        calls_per_day=calls, joules_per_call=joules, usd_per_kwh=0.2, extra_ops_usd=ops
    )
    assert found.usd == pytest.approx(calls * 30.4375 * joules / 3.6e6 * 0.2 + ops)
    assert {part.what for part in found.parts} <= {"electricity", "operations"}


def test_that_selling_counts_only_where_it_is_an_alternative_and_may_be_a_gain() -> None:
    gaining = cost.marginal_local_month(
        calls_per_day=0,
        joules_per_call=0,
        usd_per_kwh=0,
        resale_now_usd=1000,
        resale_later_usd=1120,
    )
    assert gaining.usd == pytest.approx(-10)
    assert gaining.usd_per_call is None


def test_that_interest_makes_a_level_payment_worth_the_price() -> None:
    payment = cost.annuity_month(3800, residual_share=0.25, months=36, yearly_rate=0.08)
    monthly = 1.08 ** (1 / 12)
    worth = sum(payment / monthly**month for month in range(1, 37)) + 950 / monthly**36
    assert worth == pytest.approx(3800)
    assert cost.annuity_month(
        3600, residual_share=0, months=36, yearly_rate=0
    ) == cost.depreciation_month(3600, months=36)


def test_that_a_purchase_names_depreciation_care_and_set_up() -> None:
    month = cost.purchase_tco_month(
        price_usd=3600,
        residual_share=0.0,
        months=36,
        electricity_usd=20,
        ops_hours=3,
        hourly_rate_usd=80,
        setup_hours=9,
        other_usd=5,
        calls=1000,
        tokens=1e6,
    )
    lines = {part.what: part.usd for part in month.parts}
    assert lines == {
        "depreciation": 100,
        "electricity": 20,
        "operations": 240,
        "set-up": 20,
        "other": 5,
    }
    assert month.usd == 385
    assert month.usd_per_call == pytest.approx(0.385)


def test_that_rent_is_paid_for_the_hours_really_used() -> None:
    found = cost.rent_month(
        usd_per_hour=2, busy_hours=10, starts=5, start_hours=0.1, idle_hours_before_stop=0.25
    )
    assert found.usd == pytest.approx(2 * 11.75)


def test_that_rent_is_rounded_up_at_each_start_and_never_above_the_month() -> None:
    stepped = cost.rent_month(usd_per_hour=2, busy_hours=5.5, starts=5, billed_hours_step=1)
    assert stepped.usd == pytest.approx(2 * 10)
    exact = cost.rent_month(usd_per_hour=2, busy_hours=5, starts=5, billed_hours_step=1)
    assert exact.usd == pytest.approx(2 * 5)
    assert cost.rent_month(usd_per_hour=1, busy_hours=5000).usd == pytest.approx(730.5)
    full = cost.rent_month(
        usd_per_hour=1, busy_hours=1, always_on=True, gpus=2, storage_usd=10, ops_usd=30
    )
    assert full.usd == pytest.approx(2 * 730.5 + 40)


@given(money, money, shares)
def test_that_a_hybrid_lies_between_its_ends(cloud: float, local: float, share: float) -> None:
    found = cost.hybrid_month(cloud_usd=cloud, local_usd=local, absorbed_token_share=share).usd
    assert found is not None
    assert local - 1e-9 <= found <= cloud + local + 1e-9


def test_that_a_saving_may_be_negative_and_of_nothing_is_unknown() -> None:
    assert cost.saving_share(100, 150) == -0.5
    assert cost.saving_share(0, 10) is None
