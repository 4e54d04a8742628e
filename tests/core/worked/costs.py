"""Worked cases of kind C: money. They only rename what core.cost answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from landfall.core.costs import cost, payback
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates

Inputs = dict[str, Any]


def _row(
    p_in: float, p_out: float, *, p_cache: float | None = None, batch_disc: float | None = None
) -> PriceRow:
    rates = Rates(
        input=Rate(p_in), output=Rate(p_out), cached=None if p_cache is None else Rate(p_cache)
    )
    return PriceRow(
        provider="worked",
        model="case",
        rates=rates,
        batch=None if batch_disc is None else rates.times(1 - batch_disc),
        source="worked case",
        as_of=None,
    )


def _plain(months: float) -> float | str:
    """Infinity as JSON files spell it."""
    return "inf" if math.isinf(months) else months


def _prices(pair: Iterable[float]) -> tuple[float, float]:
    first, second = pair
    return first, second


def cloud_bill(inputs: Inputs) -> Inputs:
    month = cost.cloud_month(
        _row(
            inputs["p_in"],
            inputs["p_out"],
            p_cache=inputs["p_cache"],
            batch_disc=inputs["batch_disc"],
        ),
        CallShape(
            uncached_tokens=inputs["tin_u"],
            cached_tokens=inputs["tin_c"],
            output_tokens=inputs["tout"],
        ),
        calls_per_day=inputs["req_day"],
        batch_share=inputs["batch_share"],
        retry_share=inputs["overhead"],
    )
    return {
        "usd_month": month.usd,
        "usd_per_call": month.usd_per_call,
        "blended_usd_per_mtok": month.usd_per_mtok,
    }


def local_energy(inputs: Inputs) -> Inputs:
    def usd(tokens_in: float, tokens_out: float) -> float:
        joules = cost.call_joules(
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            prefill_joules_per_token=inputs["j_prefill"],
            decode_joules_per_token=inputs["j_decode"],
        )
        return cost.energy_usd(joules, inputs["usd_kwh"])

    month = cost.marginal_local_month(
        calls_per_day=inputs["req_day"],
        joules_per_call=cost.call_joules(
            input_tokens=inputs["tin"],
            output_tokens=inputs["tout"],
            prefill_joules_per_token=inputs["j_prefill"],
            decode_joules_per_token=inputs["j_decode"],
        ),
        usd_per_kwh=inputs["usd_kwh"],
    )
    return {
        "usd_per_mtok_in": usd(1e6, 0),
        "usd_per_mtok_out": usd(0, 1e6),
        "usd_month": month.usd,
        "usd_per_call": month.usd_per_call,
    }


def idle_draw(inputs: Inputs) -> Inputs:
    def kwh(*, idle: float, caused: bool = True) -> float:
        return cost.energy_kwh_month(
            idle_watts=idle,
            active_watts=inputs["active_w"],
            busy_hours_per_day=inputs["busy_h_day"],
            idle_is_caused=caused,
        )

    price = inputs["usd_kwh"]
    once = kwh(idle=inputs["idle_w"])
    twice = kwh(idle=0.0) + inputs["idle_w"] * 24 * cost.DAYS_PER_MONTH / 1000
    return {
        "kwh_month": once,
        "usd_month": once * price,
        "usd_if_double_counted": twice * price,
        "usd_if_machine_is_on_anyway": kwh(idle=inputs["idle_w"], caused=False) * price,
    }


def workstation_tco(inputs: Inputs) -> Inputs:
    month = cost.purchase_tco_month(
        price_usd=inputs["capex"],
        residual_share=inputs["residual_share"],
        months=inputs["months"],
        electricity_usd=inputs["electricity_usd_month"],
        ops_hours=inputs["ops_h"],
        hourly_rate_usd=inputs["ops_usd_h"],
        tokens=inputs["tokens_month"],
    )
    return {
        "amort_straight": cost.depreciation_month(
            inputs["capex"], residual_share=inputs["residual_share"], months=inputs["months"]
        ),
        "amort_annuity": cost.annuity_month(
            inputs["capex"],
            residual_share=inputs["residual_share"],
            months=inputs["months"],
            yearly_rate=inputs["rate"],
        ),
        "tco_month_straight": month.usd,
        "usd_per_mtok_average": month.usd_per_mtok,
    }


def break_even(inputs: Inputs) -> Inputs:
    tokens = inputs["tin"] + inputs["tout"]
    capacity = payback.capacity_tokens_day(
        tokens_per_call=tokens,
        seconds_per_call=inputs["sec_per_request"],
        hours_per_day=inputs["hours_day"],
    )
    answer: Inputs = {
        "fixed_month": inputs["fixed_month"],
        "local_marginal_usd_per_mtok": inputs["local_marginal_usd_per_mtok"],
        "capacity_tokens_day": capacity,
    }
    shape = CallShape(uncached_tokens=inputs["tin"], output_tokens=inputs["tout"])
    for name, pair in inputs["prices_in_out"].items():
        p_in, p_out = _prices(pair)
        cloud = cost.cloud_month(_row(p_in, p_out), shape, calls_per_day=1).usd_per_mtok
        assert cloud is not None
        needed = payback.breakeven_tokens_day(
            inputs["fixed_month"],
            cloud_usd_per_mtok=cloud,
            local_usd_per_mtok=inputs["local_marginal_usd_per_mtok"],
        )
        for style in ("{:.2f}", "{:g}", "{}"):
            key = f"{name}_{style.format(p_in)}_{style.format(p_out)}"
            answer[f"breakeven_tokens_day_vs_{key}"] = _plain(needed)
            answer[f"feasible_vs_{key}"] = needed <= capacity
    return answer


def paid_back(inputs: Inputs) -> Inputs:
    opex = inputs["ops_month"] + inputs["electricity_month"]
    answer: Inputs = {"local_opex_month": opex}
    for name, cloud in inputs["clouds_month"].items():
        months = payback.payback_months(inputs["capex"], cloud_usd_month=cloud, opex_usd_month=opex)
        answer[f"cloud_month_{name}"] = cloud
        answer[f"payback_months_{name}"] = _plain(months)
    return answer


def owned_machine(inputs: Inputs) -> Inputs:
    def month(**resale: float) -> float:
        usd = cost.marginal_local_month(
            calls_per_day=0,
            joules_per_call=0,
            usd_per_kwh=0,
            extra_ops_usd=inputs["incremental_electricity"] + inputs["incremental_ops"],
            **resale,
        ).usd
        assert usd is not None
        return usd

    cloud = inputs["cloud_month"]
    later = next(key for key in inputs if key.startswith("resale_in_"))
    average = cost.depreciation_month(inputs["purchase_price"], months=inputs["months"]) + month()
    selling = month(
        resale_now_usd=inputs["resale_now"],
        resale_later_usd=inputs[later],
        resale_months=float(later.split("_")[2]),
    )

    def verdict(local: float) -> str:
        return "local" if local < cloud else "cloud"

    return {
        "average_cost_month": average,
        "marginal_cost_month": month(),
        "marginal_if_would_otherwise_sell": selling,
        "verdict_average": verdict(average),
        "verdict_marginal": verdict(month()),
        "verdict_if_would_sell": verdict(selling),
    }


def rent_or_buy(inputs: Inputs) -> Inputs:
    fixed = cost.purchase_tco_month(
        price_usd=inputs["capex"],
        residual_share=inputs["residual_share"],
        months=inputs["months"],
        other_usd=inputs["ops_month"],
    ).usd
    assert fixed is not None
    hours = payback.rent_or_buy_hours(
        fixed,
        rent_usd_per_hour=inputs["rent_usd_h"],
        active_kilowatts=inputs["kw_active"],
        usd_per_kwh=inputs["usd_kwh"],
        rent_ops_usd_month=inputs.get("ops_rent", 0.0),
    )
    per_day = inputs["actual_hours_day"]
    busy = per_day * cost.DAYS_PER_MONTH
    rent = cost.rent_month(
        usd_per_hour=inputs["rent_usd_h"], busy_hours=busy, ops_usd=inputs.get("ops_rent", 0.0)
    ).usd
    assert rent is not None
    buy = fixed + cost.energy_usd(busy * inputs["kw_active"] * 3.6e6, inputs["usd_kwh"])
    return {
        "buy_fixed_month": fixed,
        "breakeven_hours_month": _plain(hours),
        "breakeven_utilisation": _plain(hours / cost.HOURS_PER_MONTH),
        f"rent_at_{per_day:g}h_day": rent,
        f"buy_at_{per_day:g}h_day": buy,
        f"verdict_at_{per_day:g}h_day": "rent" if rent < buy else "buy",
    }


def hybrid(inputs: Inputs) -> Inputs:
    month = cost.hybrid_month(
        cloud_usd=inputs["workload_bill"],
        local_usd=inputs["local_month"],
        absorbed_token_share=inputs["absorbed_token_share"],
    ).usd
    assert month is not None
    routing = payback.payback_months(
        inputs["build_cost"],
        cloud_usd_month=inputs["total_ai_bill"] * inputs["routed_saving_share"],
        opex_usd_month=inputs["run_ops_month"],
    )
    return {
        "fintech_cut": cost.saving_share(inputs["fintech_before"], inputs["fintech_after"]),
        "hybrid_month": month,
        "hybrid_saving_share": cost.saving_share(inputs["workload_bill"], month),
        "routing_payback_months": _plain(routing),
        "routing_ok_two_quarters": routing <= 6,
    }


def npv(inputs: Inputs) -> Inputs:
    purchase = {
        "price_usd": inputs["capex"],
        "residual_share": inputs["residual_share"],
        "months": inputs["months"],
        "cloud_usd_month": inputs["cloud_month"],
        "opex_usd_month": inputs["local_opex_month"],
        "yearly_rate": inputs["rate"],
    }
    answer: Inputs = {
        f"npv_decline_{percent}pct": payback.npv_of_buying(**purchase, yearly_decline=percent / 100)
        for percent in range(100)
    }
    answer["decline_that_makes_npv_zero"] = payback.decline_that_ends_it(**purchase)
    return answer


def premature(inputs: Inputs) -> Inputs:
    p_in, p_out = _prices(inputs["prices"])
    shape = CallShape(uncached_tokens=inputs["tin"], output_tokens=inputs["tout"])
    month = cost.cloud_month(_row(p_in, p_out), shape, calls_per_day=inputs["req_day"])
    alone = cost.depreciation_month(
        inputs["capex"], residual_share=inputs["residual_share"], months=inputs["months"]
    )
    assert month.usd is not None
    assert month.usd_per_call is not None
    return {
        "cloud_month": month.usd,
        "amortisation_month_alone": alone,
        "ratio": alone / month.usd,
        "calls_day_to_match_amortisation": alone / month.usd_per_call / cost.DAYS_PER_MONTH,
    }


def tokenizer(inputs: Inputs) -> Inputs:
    p_in, p_out = _prices(inputs["prices"])
    shape = CallShape(uncached_tokens=inputs["tin"], output_tokens=inputs["tout"])

    def bill(ratio: float) -> float:
        month = cost.cloud_month(
            _row(p_in, p_out), shape, calls_per_day=inputs["req_day"], token_ratio=ratio
        )
        assert month.usd is not None
        return month.usd

    same, counted = bill(1.0), bill(inputs["tok_ratio"])
    return {
        "bill_same_tokens": same,
        "bill_cloud_tokens": counted,
        "error_share": counted / same - 1,
    }


KINDS: dict[str, Callable[[Inputs], Inputs]] = {
    "C1": cloud_bill,
    "C2": local_energy,
    "C3": idle_draw,
    "C4": workstation_tco,
    "C5": break_even,
    "C6": paid_back,
    "C7": owned_machine,
    "C8": rent_or_buy,
    "C9": hybrid,
    "C10": npv,
    "C11": premature,
    "C12": tokenizer,
}
