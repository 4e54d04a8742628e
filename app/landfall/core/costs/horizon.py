"""A purchase over its life against each bill it would replace: payback, present value, volume.

A figure that never comes is said to be never: it is neither a large number nor unknown. Bills fall
with the prices of hosted models and follow the volume; what the machine costs to run does not fall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from landfall.core.costs import payback
from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.figures import combined
from landfall.core.provenance import Figure, Unknown, band, middle
from landfall.core.workload.privacy import Option

GROWTH_MONTHS = 12
"""Growth is counted for a year and no longer, and at most tenfold: nobody can forecast more."""
MOST_GROWTH = 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """When, or at what volume, something turns.

    Attributes:
        at: Months, or calls a day; Unknown where it never comes or is not known.
        never: It is known not to come at all.
    """

    at: Figure
    never: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlay:
    """A purchase as it is held against a bill.

    Attributes:
        machine: What is bought.
        price_usd, residual_share, months: What it costs, what is left of that, after how long.
        opex_usd_month: Electricity and care, without depreciation.
        fixed_usd_month: Whatever does not follow the volume: depreciation, care, set-up, idle draw.
        usd_per_call: What a call adds.
        calls_per_day: Of next month.
        most_calls_per_day: What it serves in a day at the present shape of the day.
        yearly_rate: Interest.
        yearly_decline: Of the prices of hosted models.
        growth_per_month: Of the volume.
    """

    machine: str
    price_usd: Figure
    residual_share: Figure
    months: Figure
    opex_usd_month: Figure
    fixed_usd_month: Figure
    usd_per_call: Figure
    calls_per_day: float | None
    most_calls_per_day: Figure
    yearly_rate: float
    yearly_decline: Figure
    growth_per_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A purchase against one bill.

    Attributes:
        option: Whose bill.
        bill_usd_month: Of next month.
        payback_months: At today's prices and next month's volume, without depreciation.
        payback_months_falling: With prices that fall and a volume that grows as stated.
        npv_usd: Present value over the machine's life; negative is a loss.
        decline_that_ends_it: Yearly fall of the bill's prices at which the present value is
            nothing; Unknown says whether it is worth nothing already, or at any.
        breakeven_calls_per_day: Volume from which the machine is the cheaper one.
        within_reach: Whether the machine serves that volume; None where not known. Several
            identical machines change nothing about it: cost and capacity grow alike.
    """

    option: Option
    bill_usd_month: Figure
    payback_months: Point
    payback_months_falling: Point
    npv_usd: Figure
    decline_that_ends_it: Figure
    breakeven_calls_per_day: Point
    within_reach: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """A purchase against every bill that is known.

    Attributes:
        outlay: The purchase.
        against: The bills, in the order of the options.
        rent_or_buy_hours: Busy hours a month from which buying is cheaper than renting the same.
    """

    outlay: Outlay
    against: tuple[Against, ...]
    rent_or_buy_hours: Point


def growth_factors(per_month: float, months: int) -> tuple[float, ...]:
    """Volume of each month of a purchase's life over that of the first.

    Growth is counted for a year and at most tenfold, then the volume stands; a volume that shrinks
    does so to the end.
    """
    factors = []
    for month in range(months):
        steps = month if per_month < 0 else min(month, GROWTH_MONTHS - 1)
        factors.append(min(MOST_GROWTH, math.pow(1 + per_month, steps)))
    return tuple(factors)


def mean_growth(per_month: float, months: float) -> float:
    """Mean volume over a purchase's life, over that of its first month."""
    factors = growth_factors(per_month, max(1, round(months)))
    return math.fsum(factors) / len(factors)
