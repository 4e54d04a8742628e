"""When a purchase has paid for itself: months, tokens, hours, present value; never is infinite."""

from __future__ import annotations

import math
from collections.abc import Sequence

from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.pricing.pricing import MTOK


def payback_months(price_usd: float, *, cloud_usd_month: float, opex_usd_month: float) -> float:
    """Months until a purchase is paid by what it saves; infinite where it saves nothing."""
    saving = cloud_usd_month - opex_usd_month
    if price_usd <= 0:
        return 0.0 if saving >= 0 else math.inf
    return price_usd / saving if saving > 0 else math.inf


def breakeven_tokens_day(
    fixed_usd_month: float,
    *,
    cloud_usd_per_mtok: float,
    local_usd_per_mtok: float,
    days: float = DAYS_PER_MONTH,
) -> float:
    """Tokens a day at which both ways cost the same; infinite where they never do."""
    gain = cloud_usd_per_mtok - local_usd_per_mtok
    if fixed_usd_month <= 0:
        return 0.0 if gain >= 0 else math.inf
    return fixed_usd_month / (days * gain) * MTOK if gain > 0 else math.inf


def capacity_tokens_day(
    *, tokens_per_call: float, seconds_per_call: float, hours_per_day: float = 24.0
) -> float:
    """Tokens that a machine can serve in the hours of a day in which work may run."""
    return hours_per_day * 3600 / seconds_per_call * tokens_per_call


def rent_or_buy_hours(
    buy_fixed_usd_month: float,
    *,
    rent_usd_per_hour: float,
    active_kilowatts: float,
    usd_per_kwh: float,
    rent_ops_usd_month: float = 0.0,
) -> float:
    """Busy hours a month from which buying is cheaper than renting; infinite where never.

    It may exceed the hours of a month, which is "never" too.
    """
    fixed = buy_fixed_usd_month - rent_ops_usd_month
    gain = rent_usd_per_hour - active_kilowatts * usd_per_kwh
    if fixed <= 0:
        return 0.0 if gain >= 0 else math.inf
    return fixed / gain if gain > 0 else math.inf


def npv_of_buying(
    *,
    price_usd: float,
    residual_share: float,
    months: int,
    cloud_usd_month: float,
    opex_usd_month: float,
    yearly_rate: float = 0.0,
    yearly_decline: float = 0.0,
    volume: Sequence[float] = (),
) -> float:
    """Present value of a purchase against the bill, cloud prices falling by a share each year.

    Money moves at the end of each month; month k costs the bill times (1 - decline)^(k/12), and all
    is discounted by (1 + rate)^(k/12).

    Args:
        volume: Of each month over that of the first, where it is not even.
    """
    discount = math.pow(1 + yearly_rate, -1 / 12)
    fall = math.pow(1 - yearly_decline, 1 / 12)
    bills = cloud_usd_month * _geometric(fall * discount, months)
    if volume:
        ratio = fall * discount
        bills = cloud_usd_month * math.fsum(v * ratio**k for k, v in enumerate(volume, 1))
    care = opex_usd_month * _geometric(discount, months)
    return bills - care + price_usd * residual_share * math.pow(discount, months) - price_usd


def _geometric(ratio: float, terms: int) -> float:
    """ratio + ratio^2 + ... + ratio^terms."""
    return float(terms) if ratio == 1 else ratio * (1 - ratio**terms) / (1 - ratio)


def decline_that_ends_it(
    *,
    price_usd: float,
    residual_share: float,
    months: int,
    cloud_usd_month: float,
    opex_usd_month: float,
    yearly_rate: float = 0.0,
    volume: Sequence[float] = (),
) -> float | None:
    """The yearly price decline at which a purchase is worth nothing.

    None where it is worth nothing at today's prices already, or worth something at any.
    """

    def worth(decline: float) -> float:
        return npv_of_buying(
            price_usd=price_usd,
            residual_share=residual_share,
            months=months,
            cloud_usd_month=cloud_usd_month,
            opex_usd_month=opex_usd_month,
            yearly_rate=yearly_rate,
            yearly_decline=decline,
            volume=volume,
        )

    low, high = 0.0, 1.0
    if worth(low) < 0 or worth(high) > 0:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if worth(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def breakeven_month(
    *,
    price_usd: float,
    cloud_usd_month: float,
    opex_usd_month: float,
    yearly_decline: float = 0.0,
    residual_usd: float = 0.0,
    horizon_months: int = 1200,
    volume: Sequence[float] = (),
) -> float:
    """The first month whose running saving has paid the machine, prices falling each month.

    Month 0 saves the bill of today. Fractions tell where inside the month it is reached; infinite
    where the saving ends before that. `volume` as in `npv_of_buying`; it stays at its last.
    """
    left = price_usd - residual_usd
    fall = math.pow(1 - yearly_decline, 1 / 12)
    bill = cloud_usd_month
    for month in range(horizon_months):
        if left <= 0:
            return float(month)
        size = volume[min(month, len(volume) - 1)] if volume else 1.0
        saving = bill * size - opex_usd_month
        if saving <= 0 and month + 1 >= len(volume):
            return math.inf
        if saving >= left:
            return month + left / saving
        left -= saving
        bill *= fall
    return math.inf
