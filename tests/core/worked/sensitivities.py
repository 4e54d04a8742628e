"""Worked cases of kind X: what flips a purchase, and the odds of it. They only rename."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from landfall.core.figures import Triangle
from tests.core.purchase_model import Doubts, Purchase, flip, odds

Inputs = dict[str, Any]
NAMES = {
    "tokens_day": "tokens_per_day",
    "p_blend": "cloud_usd_per_mtok",
    "j_blend": "joules_per_token",
    "usd_kwh": "usd_per_kwh",
    "ops_h": "ops_hours",
    "ops_rate": "hourly_rate_usd",
    "capex": "price_usd",
    "residual": "residual_share",
    "months": "months",
    "idle_w": "idle_watts",
}
NUMBER = r"-?\d*\.?\d+(?:e-?\d+)?"
DRAWS = 20_000


def one_at_a_time(inputs: Inputs) -> Inputs:
    purchase = Purchase(**{NAMES[name]: value for name, value in inputs.items()})
    answer: Inputs = {"saving_month": purchase.saving_usd_month}
    for name, value in inputs.items():
        at = flip(purchase, NAMES[name])
        answer[f"flip_{name}"] = at
        answer[f"flip_rel_{name}"] = None if at is None else at / value - 1
    return answer


def _numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(NUMBER, text)]


def drawn(inputs: Inputs) -> Inputs:
    """Inputs are formulas: volume*exp(N(m,sd)), p*(1-Tri(a,b,c))^y, Tri*rate, capex*(1-Tri)/n."""
    tokens, log_mean, log_sd = _numbers(inputs["tokens_day"])
    price, _, *decline, years = _numbers(inputs["price"])
    *ops, rate = _numbers(inputs["ops_h"])
    capex, _, *residual, months = _numbers(inputs["capex"])
    found = odds(
        Purchase(
            tokens_per_day=tokens,
            cloud_usd_per_mtok=price,
            joules_per_token=inputs["j_blend"],
            usd_per_kwh=inputs["usd_kwh"],
            ops_hours=ops[1],
            hourly_rate_usd=rate,
            price_usd=capex,
            residual_share=residual[1],
            months=months,
            idle_watts=inputs["idle_w"],
        ),
        Doubts(
            volume_log_mean=log_mean,
            volume_log_sd=log_sd,
            yearly_decline=Triangle(*decline),
            decline_years=years,
            ops_hours=Triangle(*ops),
            residual_share=Triangle(*residual),
        ),
        draws=DRAWS,
    )
    return {
        "p_local_cheaper": found.local_cheaper,
        "mean_saving": found.mean_saving_usd,
        "evpi_month": found.regret_usd,
        "p05": found.low_usd,
        "p95": found.high_usd,
    }


KINDS: dict[str, Callable[[Inputs], Inputs]] = {"X1": one_at_a_time, "X2": drawn}
