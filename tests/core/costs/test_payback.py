"""Break-even and payback; published results as oracles."""

from __future__ import annotations

import json
import math
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.costs import cost, payback
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates, call_parts

ORACLES = json.loads(
    (Path(__file__).parents[2] / "data" / "breakeven_cases.json").read_text(encoding="utf-8")
)

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


def oracle(suite: str) -> list[Any]:
    """The cases whose printed results follow from their printed inputs."""
    return [pytest.param(case, id=case["id"]) for case in cases(suite) if case["reproduces"]]


def cases(suite: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(
        entry["cases"] for entry in ORACLES["suites"] if entry["id"] == suite
    )
    return found


def marked(case: dict[str, Any], computed: float, expected: float, **rounding: int) -> bool:
    """Whether a value is what the source printed, as exactly as the case is marked."""
    if case["strict"]:
        return printed(computed, expected, **rounding)
    unit = Decimal(1).scaleb(int(Decimal(repr(expected)).as_tuple().exponent))
    return abs(Decimal(repr(computed)) - Decimal(repr(expected))) <= unit


def printed(computed: float, expected: float, *, decimals: int | None = None) -> bool:
    """Whether a value prints as the source printed it."""
    text = Decimal(repr(expected))
    exponent = Decimal(1).scaleb(-decimals) if decimals is not None else text
    return Decimal(repr(computed)).quantize(exponent, ROUND_HALF_EVEN) == text


def blended(case: dict[str, Any]) -> float:
    """USD per Mtok of a mix of input and output, through a month of one call a day."""
    shape = CallShape(
        uncached_tokens=case["input_share"] * 1e6, output_tokens=case["output_share"] * 1e6
    )
    found = cost.cloud_month(
        row(case["input_usd_per_mtok"], case["output_usd_per_mtok"]), shape, calls_per_day=1
    ).usd_per_mtok
    assert found is not None
    return found


@pytest.mark.parametrize("case", oracle("quetta_tco"))
def test_that_an_owned_gpu_hour_with_residual_value_is_reproduced(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    fall = cost.depreciation_month(
        inputs["price_usd"], residual_share=inputs["residual_share"], months=inputs["years"] * 12
    )
    energy = cost.energy_usd(inputs["tdp_w"] * 3600, inputs["usd_per_kwh"])
    assert marked(case, fall * 12 / 8760 + energy, expected["usd_per_gpu_hour"])


def billed(case: dict[str, Any]) -> float:
    """USD of a day's tokens at the case's prices."""
    inputs = case["inputs"]
    prices = row(
        inputs["input_usd_per_mtok"],
        inputs["output_usd_per_mtok"],
        cached=Rate(inputs["cached_usd_per_mtok"]),
    )
    shape = CallShape(
        uncached_tokens=inputs["input_tokens"] - inputs["input_cached_tokens"],
        cached_tokens=inputs["input_cached_tokens"],
        output_tokens=inputs["output_tokens"],
    )
    parts, _ = call_parts(prices, shape)
    return sum(part.usd for part in parts)


@pytest.mark.parametrize("case", oracle("openai_bill"))
def test_that_a_real_bill_is_reproduced(case: dict[str, Any]) -> None:
    assert marked(case, billed(case), case["expected"]["billed_usd"])


def cmu(case: dict[str, Any]) -> tuple[float, float]:
    """(million tokens of a month, months to break even) of a cell of the table."""
    inputs = case["inputs"]
    capacity = payback.capacity_tokens_day(
        tokens_per_call=inputs["throughput_tok_s"],
        seconds_per_call=1,
        hours_per_day=inputs["hours_per_month"],
    )
    months = payback.payback_months(
        inputs["n_gpu"] * inputs["gpu_price_usd"],
        cloud_usd_month=capacity / 1e6 * blended(inputs),
        opex_usd_month=inputs["electricity_usd_per_month"],
    )
    return capacity / 1e6, months


@pytest.mark.parametrize("case", oracle("cmu_table"))
def test_that_the_cmu_table_is_reproduced(case: dict[str, Any]) -> None:
    capacity, months = cmu(case)
    assert marked(case, capacity, case["expected"]["capacity_mtok_per_month"])
    assert marked(case, months, case["expected"]["break_even_months"])


def test_that_the_cells_that_do_not_follow_from_their_own_inputs_are_known() -> None:
    differing = [case for case in cases("cmu_table") if not case["reproduces"]]
    assert len(differing) == 9
    assert all(case["id"].endswith("/Gemini 2.5 Pro") for case in differing)
    for case in differing:
        _, months = cmu(case)
        assert months == pytest.approx(case["computed"]["break_even_months"], abs=1e-3)
        assert not printed(months, case["expected"]["break_even_months"])


def test_that_the_days_whose_bill_and_tokens_disagree_are_known() -> None:
    differing = {c["id"]: c for c in cases("openai_bill") if not c["reproduces"]}
    assert set(differing) == {"openai_bill/2025-10-05", "openai_bill/2025-10-06"}
    for case in differing.values():
        assert billed(case) == pytest.approx(case["computed"]["billed_usd"], abs=1e-8)
        assert abs(billed(case) - case["expected"]["billed_usd"]) > 0.2


@pytest.mark.parametrize(
    ("suite", "strict", "near", "all_"),
    [
        ("cmu_table", 35, 36, 45),
        ("petrenko_payoff", 16, 16, 16),
        ("sageseek", 3, 3, 3),
        ("quetta_tco", 4, 4, 4),
        ("openai_bill", 3, 3, 5),
    ],
)
def test_that_no_case_of_a_published_table_was_left_out(
    suite: str, strict: int, near: int, all_: int
) -> None:
    found = cases(suite)
    assert sum(case["strict"] for case in found) == strict
    assert sum(case["reproduces"] for case in found) == near
    assert len(found) == all_


@pytest.mark.parametrize("case", oracle("petrenko_payoff"))
def test_that_payoff_at_full_use_is_reproduced(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    per_hour = inputs["tok_s"] * 3600 / 1e6 * blended(inputs)
    months = payback.payback_months(
        inputs["hardware_usd"],
        cloud_usd_month=per_hour * inputs["hours_per_month"] * inputs["utilisation"],
        opex_usd_month=inputs["electricity_usd_per_month"],
    )
    assert marked(case, per_hour, expected["cloud_usd_per_hour"], decimals=2)
    assert marked(case, months, expected["payoff_months"])


@pytest.mark.parametrize("case", oracle("sageseek"))
def test_that_a_measured_break_even_is_reproduced(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    tokens = payback.breakeven_tokens_day(
        inputs["capex_usd"],
        cloud_usd_per_mtok=inputs["api_usd_per_mtok"],
        local_usd_per_mtok=inputs["local_usd_per_mtok"],
        days=1,
    )
    assert marked(case, tokens / 1e9, expected["break_even_gtok"])
    assert marked(case, tokens / inputs["tokens_per_month"] / 12, expected["years"])


@given(money, money, money)
def test_that_payback_is_never_where_nothing_is_saved(
    price: float, cloud: float, opex: float
) -> None:
    months = payback.payback_months(price, cloud_usd_month=cloud, opex_usd_month=opex)
    if cloud <= opex:
        assert months == math.inf
    else:
        assert months * (cloud - opex) == pytest.approx(price)


def test_that_what_costs_nothing_is_paid_back_at_once_unless_it_loses() -> None:
    assert payback.payback_months(0, cloud_usd_month=10, opex_usd_month=5) == 0
    assert payback.payback_months(0, cloud_usd_month=5, opex_usd_month=10) == math.inf


@given(money, st.floats(0.001, 100), st.floats(0, 100))
def test_that_at_the_break_even_volume_both_ways_cost_the_same(
    fixed: float, cloud: float, local: float
) -> None:
    tokens = payback.breakeven_tokens_day(fixed, cloud_usd_per_mtok=cloud, local_usd_per_mtok=local)
    if cloud <= local:
        assert tokens == math.inf
    else:
        month = tokens * cost.DAYS_PER_MONTH / 1e6
        assert month * cloud == pytest.approx(fixed + month * local, rel=1e-6)


def test_that_without_fixed_cost_the_cheaper_token_wins_from_the_first() -> None:
    assert payback.breakeven_tokens_day(0, cloud_usd_per_mtok=2, local_usd_per_mtok=1) == 0
    assert payback.breakeven_tokens_day(0, cloud_usd_per_mtok=1, local_usd_per_mtok=2) == math.inf


def test_that_rent_cheaper_than_electricity_is_never_worth_buying() -> None:
    def hours(**change: float) -> float:
        base = {"rent_usd_per_hour": 2.0, "active_kilowatts": 1.0, "usd_per_kwh": 0.2}
        return payback.rent_or_buy_hours(change.pop("fixed", 900.0), **{**base, **change})

    assert hours() == pytest.approx(500)
    assert hours(rent_ops_usd_month=180) == pytest.approx(400)
    assert hours(rent_usd_per_hour=0.2) == math.inf
    assert hours(fixed=-1) == 0
    assert hours(fixed=-1, rent_usd_per_hour=0.1) == math.inf


@given(
    st.floats(100, 20_000),
    st.floats(0, 2000),
    st.floats(0, 500),
    st.integers(1, 60),
    st.tuples(st.floats(0, 0.9), st.floats(0, 0.3)),
)
def test_that_the_closed_present_value_is_the_walk_of_its_months(
    price: float, cloud: float, opex: float, months: int, change: tuple[float, float]
) -> None:
    decline, rate = change
    walked = -price
    for month in range(1, months + 1):
        bill = cloud * (1 - decline) ** (month / 12)
        walked += (bill - opex) / (1 + rate) ** (month / 12)
    walked += price * 0.25 / (1 + rate) ** (months / 12)
    found = payback.npv_of_buying(
        price_usd=price,
        residual_share=0.25,
        months=months,
        cloud_usd_month=cloud,
        opex_usd_month=opex,
        yearly_rate=rate,
        yearly_decline=decline,
    )
    assert found == pytest.approx(walked, rel=1e-6, abs=1e-6)


def test_that_a_purchase_that_loses_today_has_no_decline_that_ends_it() -> None:
    plan = {
        "price_usd": 3800.0,
        "residual_share": 0.25,
        "months": 36,
        "opex_usd_month": 180.0,
    }
    assert payback.decline_that_ends_it(**plan, cloud_usd_month=100) is None
    earning = {**plan, "price_usd": 0.0, "opex_usd_month": -10.0}
    assert payback.decline_that_ends_it(**earning, cloud_usd_month=100) is None
    decline = payback.decline_that_ends_it(**plan, cloud_usd_month=420)
    assert decline is not None
    assert payback.npv_of_buying(
        **plan, cloud_usd_month=420, yearly_decline=decline
    ) == pytest.approx(0, abs=1e-6)


@given(st.floats(1, 1e5), st.floats(0, 5000), st.floats(0, 5000))
def test_that_without_decline_the_walk_is_the_payback(
    price: float, cloud: float, opex: float
) -> None:
    walked = payback.breakeven_month(price_usd=price, cloud_usd_month=cloud, opex_usd_month=opex)
    plain = payback.payback_months(price, cloud_usd_month=cloud, opex_usd_month=opex)
    assert walked == (pytest.approx(plain, rel=1e-6) if plain <= 1200 else math.inf)


def test_that_falling_prices_can_turn_a_payback_into_never() -> None:
    purchase = {"price_usd": 3500.0, "cloud_usd_month": 200.0, "opex_usd_month": 20.0}
    assert payback.breakeven_month(**purchase) == pytest.approx(3500 / 180)
    assert payback.breakeven_month(**purchase, yearly_decline=0.8) == math.inf
    assert payback.breakeven_month(**purchase, residual_usd=3500) == 0


def test_that_a_routing_layer_pays_back_out_of_its_saving() -> None:
    months = payback.payback_months(30_000, cloud_usd_month=10_000 * 0.6, opex_usd_month=800)
    assert months == pytest.approx(5.76923, rel=1e-5)


def test_that_what_is_free_and_saves_nothing_is_paid_back_at_once() -> None:
    assert payback.payback_months(0.0, cloud_usd_month=10.0, opex_usd_month=10.0) == 0.0
    assert payback.payback_months(0.0, cloud_usd_month=10.0, opex_usd_month=10.5) == math.inf
    assert payback.payback_months(0.5, cloud_usd_month=10.0, opex_usd_month=10.0) == math.inf
    assert payback.breakeven_tokens_day(0.0, cloud_usd_per_mtok=1.0, local_usd_per_mtok=1.0) == 0.0
    assert math.isinf(
        payback.breakeven_tokens_day(0.5, cloud_usd_per_mtok=1.0, local_usd_per_mtok=1.0)
    )


def test_that_the_fall_of_a_year_is_spread_over_its_months() -> None:
    # 100 a month that halve within a year: 100, 94.39, 89.09 are saved in the first three months.
    fall = 0.5 ** (1 / 12)
    saved = [100.0, 100 * fall, 100 * fall**2]
    found = payback.breakeven_month(
        price_usd=250.0, cloud_usd_month=100.0, opex_usd_month=0.0, yearly_decline=0.5
    )
    assert found == pytest.approx(2 + (250 - saved[0] - saved[1]) / saved[2])
    whole = payback.breakeven_month(
        price_usd=100.0, cloud_usd_month=100.0, opex_usd_month=0.0, horizon_months=5
    )
    assert whole == 1.0


def test_that_buying_and_renting_cost_the_same_at_the_hours_between_them() -> None:
    hours = payback.rent_or_buy_hours(
        300.0,
        rent_usd_per_hour=2.0,
        active_kilowatts=0.5,
        usd_per_kwh=0.2,
        rent_ops_usd_month=50.0,
    )
    assert 300.0 + hours * 0.5 * 0.2 == pytest.approx(50.0 + hours * 2.0)
    assert (
        payback.rent_or_buy_hours(
            50.0,
            rent_usd_per_hour=1.0,
            active_kilowatts=1.0,
            usd_per_kwh=1.0,
            rent_ops_usd_month=50.0,
        )
        == 0.0
    )


def test_that_a_day_of_a_machine_has_24_hours_unless_it_is_said() -> None:
    assert payback.capacity_tokens_day(tokens_per_call=100.0, seconds_per_call=2.0) == 4_320_000
    assert (
        payback.capacity_tokens_day(tokens_per_call=100.0, seconds_per_call=2.0, hours_per_day=1.0)
        == 180_000
    )
