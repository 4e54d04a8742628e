"""A purchase over its life against each bill it would replace: payback, present value, volume.

A figure that never comes is said to be never: it is neither a large number nor unknown. Bills fall
with the prices of hosted models and follow the volume; what the machine costs to run does not fall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from landfall.core.costs import payback
from landfall.core.costs.cost import DAYS_PER_MONTH, HOURS_PER_MONTH
from landfall.core.figures import combined
from landfall.core.percent import percent
from landfall.core.pricing.pricing import MTOK
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle
from landfall.core.provenance import as_json as figure_json
from landfall.core.workload.privacy import Option

GROWTH_MONTHS = 12
"""Growth is counted for a year and no longer, and at most tenfold: nobody can forecast more."""
MOST_GROWTH = 10.0
"""Times the volume of now; our choice, as S21 takes it."""
_ALL = 1 - 1e-9
"""A share of a life that is all of it but for rounding."""
_AT_ANY = "it pays at any"
_EVEN = Estimated(0.0, 0.0, 0.0, "prices stay")
"""Prices that do not fall: for the payback without a decline."""


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


def against(outlay: Outlay, option: Option, bill: Figure) -> Against:
    """What a purchase is worth against one bill."""
    if option is Option.RENT_GPU:
        # An hour of a board does not get cheaper as a token does: in 2026 it got dearer.
        outlay = replace(outlay, yearly_decline=_EVEN)
    volume = _volume(outlay)
    back = _point(
        _payback,
        (outlay.price_usd, bill, outlay.opex_usd_month),
        "price / (bill less electricity and care)",
    )
    falling = _point(
        lambda price, cloud, own, decline: payback.breakeven_month(
            price_usd=price,
            cloud_usd_month=cloud,
            opex_usd_month=own,
            yearly_decline=decline,
            volume=volume,
        ),
        (outlay.price_usd, bill, outlay.opex_usd_month, outlay.yearly_decline),
        "the month whose running saving pays it, prices falling",
        never="never: the saving ends before it has paid for it",
    )
    breakeven = _breakeven(outlay, option, bill)
    return Against(
        option=option,
        bill_usd_month=bill,
        payback_months=back,
        payback_months_falling=falling,
        npv_usd=_npv(outlay, bill),
        decline_that_ends_it=_ending_decline(outlay, bill),
        breakeven_calls_per_day=breakeven,
        within_reach=_within(breakeven, outlay.most_calls_per_day),
    )


def _volume(outlay: Outlay) -> tuple[float, ...]:
    months = middle(outlay.months)
    if months is None or outlay.growth_per_month == 0:
        return ()
    return growth_factors(outlay.growth_per_month, max(1, round(months)))


def _payback(price: float, bill: float, opex: float) -> float:
    return payback.payback_months(price, cloud_usd_month=bill, opex_usd_month=opex)


def _npv(outlay: Outlay, bill: Figure) -> Figure:
    def worth(  # noqa: PLR0917 -- one argument for each figure that is combined
        price: float, left: float, months: float, cloud: float, own: float, decline: float
    ) -> float:
        whole = max(1, round(months))
        grows = outlay.growth_per_month
        return payback.npv_of_buying(
            price_usd=price,
            residual_share=left,
            months=whole,
            cloud_usd_month=cloud,
            opex_usd_month=own,
            yearly_rate=outlay.yearly_rate,
            yearly_decline=decline,
            volume=growth_factors(grows, whole) if grows else (),
        )

    figures = (
        outlay.price_usd,
        outlay.residual_share,
        outlay.months,
        bill,
        outlay.opex_usd_month,
        outlay.yearly_decline,
    )
    rate = f" at {percent(outlay.yearly_rate, 1)} a year" if outlay.yearly_rate else ""
    return combined(worth, figures, f"present value{rate} of what it saves, less its price")


def _ending_decline(outlay: Outlay, bill: Figure) -> Figure:
    figures = (outlay.price_usd, outlay.residual_share, outlay.months, bill, outlay.opex_usd_month)
    for figure in figures:
        if isinstance(figure, Unknown):
            return figure
    price, left, months, cloud, own = (middle(figure) or 0.0 for figure in figures)
    found = payback.decline_that_ends_it(
        price_usd=price,
        residual_share=left,
        months=max(1, round(months)),
        cloud_usd_month=cloud,
        opex_usd_month=own,
        yearly_rate=outlay.yearly_rate,
        volume=_volume(outlay),
    )
    if found is None:
        worth = middle(_npv(replace(outlay, yearly_decline=_EVEN), bill)) or 0.0
        return Unknown(_AT_ANY if worth > 0 else "it does not pay at today's prices either")
    if found > _ALL:
        return Unknown(_AT_ANY)
    return Estimated(found, found, found, "where the present value is nothing")


def _breakeven(outlay: Outlay, option: Option, bill: Figure) -> Point:
    """Volume from which the purchase is the cheaper one, a bill growing with the calls."""
    calls = outlay.calls_per_day
    if option is Option.RENT_GPU:
        return Point(Unknown("rent goes by the hour, not by the call"))
    if not calls:
        return Point(Unknown("volume.calls_per_day is not stated"))
    return _point(
        lambda fixed, each, cloud: payback.breakeven_tokens_day(
            fixed,
            # Both by the million calls: the formula is the same as for tokens.
            cloud_usd_per_mtok=cloud / (calls * DAYS_PER_MONTH) * MTOK,
            local_usd_per_mtok=each * MTOK,
        ),
        (outlay.fixed_usd_month, outlay.usd_per_call, bill),
        "what does not follow the volume / what a call saves",
    )


def _within(breakeven: Point, most: Figure) -> bool | None:
    if breakeven.never:
        return False
    needed, served = middle(breakeven.at), middle(most)
    return None if needed is None or served is None else needed <= served


def _point(
    formula: Callable[..., float],
    figures: tuple[Figure, ...],
    says: str,
    *,
    never: str = "never: it saves nothing",
) -> Point:
    for figure in figures:
        if isinstance(figure, Unknown):
            return Point(figure)
    bands = [ends for figure in figures if (ends := band(figure)) is not None]
    mids = [ends[1] for ends in bands]
    if math.isinf(formula(*mids)):
        return Point(Unknown(never), never=True)
    worst = (
        formula(*mids[:at], end, *mids[at + 1 :])
        for at, (low, _, high) in enumerate(bands)
        for end in (low, high)
    )
    doubt = "; never at a worse end of its inputs" if any(map(math.isinf, worst)) else ""
    return Point(combined(formula, figures, f"{says}{doubt}"))


def rent_or_buy(
    outlay: Outlay,
    *,
    usd_per_hour: Figure,
    rent_care_usd: Figure,
    watts: Figure,
    usd_per_kwh: Figure,
) -> Point:
    """Busy hours a month from which buying is cheaper than renting; never above a month's hours."""
    point = _point(
        lambda fixed, hour, care, drawn, kwh: payback.rent_or_buy_hours(
            fixed,
            rent_usd_per_hour=hour,
            active_kilowatts=drawn / 1000,
            usd_per_kwh=kwh,
            rent_ops_usd_month=care,
        ),
        (outlay.fixed_usd_month, usd_per_hour, rent_care_usd, watts, usd_per_kwh),
        "what the machine costs idle / what a rented hour costs more than its electricity",
    )
    hours = middle(point.at)
    if hours is not None and hours > HOURS_PER_MONTH:
        why = f"never: it would take {hours:,.0f} busy hours, and a month has {HOURS_PER_MONTH:g}"
        return Point(Unknown(why), never=True)
    return point


def as_json(horizon: Horizon) -> dict[str, Any]:
    """The `purchase` block of a verdict's document."""
    outlay = horizon.outlay
    return {
        "machine": outlay.machine,
        "price_usd": figure_json(outlay.price_usd),
        "residual_share": figure_json(outlay.residual_share),
        "months": figure_json(outlay.months),
        "opex_usd_month": figure_json(outlay.opex_usd_month),
        "yearly_price_decline": figure_json(outlay.yearly_decline),
        "yearly_rate": outlay.yearly_rate,
        "growth_per_month": outlay.growth_per_month,
        "most_calls_per_day": figure_json(outlay.most_calls_per_day),
        "rent_or_buy_hours": _point_json(horizon.rent_or_buy_hours),
        "against": [_against_json(one) for one in horizon.against],
    }


def _against_json(one: Against) -> dict[str, Any]:
    return {
        "kind": one.option.value,
        "bill_usd_month": figure_json(one.bill_usd_month),
        "payback_months": _point_json(one.payback_months),
        "payback_months_falling_prices": _point_json(one.payback_months_falling),
        "npv_usd": figure_json(one.npv_usd),
        "decline_that_ends_it": figure_json(one.decline_that_ends_it),
        "breakeven_calls_per_day": _point_json(one.breakeven_calls_per_day),
        "within_reach": one.within_reach,
    }


def _point_json(point: Point) -> dict[str, Any]:
    reason = point.at.reason if isinstance(point.at, Unknown) else ""
    return {"at": figure_json(point.at), "never": point.never, "reason": reason}
