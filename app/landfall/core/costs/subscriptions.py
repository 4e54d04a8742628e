"""Flat plans beside a bill by the token: what a plan costs at a volume, and which one holds it.

A plan is a step function: so much a month for each seat up to its limits, and above them either
nothing more, or a price for each unit over. Limits that its seller does not publish stay unknown:
such a plan is shown with its price and never called the one that fits.

Messages are calls: one request and its answer. Where a limit holds for a few hours, the busiest
such hours count; without a profile of the day, the calls spread over eight hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from landfall.core.costs.cost import DAYS_PER_MONTH, HOURS_PER_MONTH
from landfall.core.errors import BadInput
from landfall.core.percent import percent
from landfall.core.pricing.pricing import MTOK

WORKING_HOURS = 8.0
"""Hours of a day over which calls spread where nobody says more."""


class Counted(Enum):
    """What a limit counts."""

    MESSAGES = "messages"
    TOKENS = "tokens"
    CREDITS = "credits"
    """USD at the prices per token of the models used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much a seat may use.

    Attributes:
        amount: In what `counted` counts.
        window_hours: In so many hours; `HOURS_PER_MONTH` for a month.
    """

    counted: Counted
    amount: float
    window_hours: float = HOURS_PER_MONTH

    def __post_init__(self) -> None:
        if not (math.isfinite(self.amount) and self.amount >= 0):
            raise BadInput("A limit is a number of 0 or more.", field="limits")
        if not (math.isfinite(self.window_hours) and self.window_hours > 0):
            raise BadInput("A limit holds for some hours.", field="window_hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan of one seller.

    Attributes:
        usd_month: For each seat.
        seats_min, seats_max: How many are sold; None is no upper end.
        limits: Of each seat; all of them hold.
        all_published: Whether these are all the limits there are. False: the seller speaks of
            others and does not say how much.
        overage_usd: USD for each unit over the first limit (for each million where it counts
            tokens); None where nothing more can be had.
        interface: Whether a program of the user's may call it; False: it is for the seller's apps.
        source: Who says so. as_of: Date on which it was so, None for what the user typed.
    """

    id: str
    seller: str
    name: str
    usd_month: float
    seats_min: int = 1
    seats_max: int | None = None
    limits: tuple[Limit, ...] = ()
    all_published: bool = True
    overage_usd: float | None = None
    interface: bool = False
    source: str
    as_of: date | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What is to be done with a plan.

    Attributes:
        calls_per_day: Of all users together.
        tokens_per_call: Prompt and answer.
        usd_per_call: What a call costs by the token, or None where that is not known.
        users: How many people use it: each needs a seat.
        hourly_calls: Calls of each hour of a day, 24 values, or none.
    """

    calls_per_day: float
    tokens_per_call: float
    usd_per_call: float | None
    users: int = 1
    hourly_calls: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.calls_per_day) and self.calls_per_day >= 0):
            raise BadInput("Calls a day are a number of 0 or more.", field="calls_per_day")
        if self.users < 1:
            raise BadInput("At least one person uses a plan.", field="users")
        if self.hourly_calls and len(self.hourly_calls) != 24:
            raise BadInput("A daily profile has 24 hours.", field="hourly_calls")

    @property
    def api_usd_month(self) -> float | None:
        """A month by the token, or None where no price is known."""
        if self.usd_per_call is None:
            return None
        return self.usd_per_call * self.calls_per_day * DAYS_PER_MONTH

    def calls_in(self, window_hours: float) -> float:
        """Calls in the busiest window of so many hours."""
        if window_hours >= 24:
            return self.calls_per_day * window_hours / 24
        return self.calls_per_day * self._share_of_day(window_hours)

    def _share_of_day(self, window_hours: float) -> float:
        total = sum(self.hourly_calls)
        if total <= 0:
            return min(1.0, window_hours / WORKING_HOURS)
        width = max(1, math.ceil(window_hours))
        around = (*self.hourly_calls, *self.hourly_calls)
        return max(sum(around[hour : hour + width]) for hour in range(24)) / total


class Fit(Enum):
    """Whether a plan holds a volume."""

    YES = "yes"
    OVER = "over"
    """It does, at a price for what is over its limit."""
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMonth:
    """A month of a plan at a volume.

    Attributes:
        seats: How many are paid for.
        usd: Seats and what is over; None where the volume cannot be had on the plan.
        overage_usd: What of it is for what is over.
        used_share: Of the tightest limit that is published; None where none is.
        why: What decides, a clause for people.
    """

    plan: Plan
    fit: Fit
    seats: int
    usd: float | None
    overage_usd: float = 0.0
    used_share: float | None = None
    why: str = ""


def month(plan: Plan, volume: Volume) -> PlanMonth:
    """A month of one plan."""
    seats = max(volume.users, plan.seats_min)
    flat = seats * plan.usd_month
    if plan.seats_max is not None and seats > plan.seats_max:
        why = f"it is sold for {plan.seats_max} seats at most"
        return PlanMonth(plan=plan, fit=Fit.NO, seats=seats, usd=None, why=why)
    shares: list[tuple[float, Limit]] = []
    for limit in plan.limits:
        used = _used(limit, volume)
        if used is None:
            why = "what a call costs by the token is not known, and the plan counts that"
            return PlanMonth(plan=plan, fit=Fit.UNKNOWN, seats=seats, usd=flat, why=why)
        allowed = limit.amount * seats
        shares.append((used / allowed if allowed else (math.inf if used else 0.0), limit))
    if not shares:
        why = "its limits are not published" if not plan.all_published else "it has no limit"
        fit = Fit.YES if plan.all_published else Fit.UNKNOWN
        return PlanMonth(plan=plan, fit=fit, seats=seats, usd=flat, why=why)
    share, tightest = max(shares, key=lambda one: one[0])
    if share > 1:
        return _over(plan, volume, seats=seats, shares=shares)
    why = f"{percent(share)} of {limit_words(tightest)}"
    if not plan.all_published:
        why = f"{why}; its other limits are not published"
    return PlanMonth(
        plan=plan,
        fit=Fit.YES if plan.all_published else Fit.UNKNOWN,
        seats=seats,
        usd=flat,
        used_share=share,
        why=why,
    )


def _over(
    plan: Plan, volume: Volume, *, seats: int, shares: Sequence[tuple[float, Limit]]
) -> PlanMonth:
    """A month of which a limit is passed: what is over is priced for the first limit alone."""
    share, limit = max(shares, key=lambda one: one[0])
    why = f"{percent(share)} of {limit_words(limit)}"
    if plan.overage_usd is None or any(other > 1 for other, _ in shares[1:]):
        return PlanMonth(plan=plan, fit=Fit.NO, seats=seats, usd=None, used_share=share, why=why)
    in_window = volume.calls_in(limit.window_hours)
    windows = HOURS_PER_MONTH / limit.window_hours
    if limit.window_hours < 24:
        # So many of the busiest windows hold all calls of a month.
        windows = volume.calls_per_day / in_window * DAYS_PER_MONTH
    over = (_used(limit, volume) or 0.0) - limit.amount * seats
    units = over / MTOK if limit.counted is Counted.TOKENS else over
    extra = units * plan.overage_usd * windows
    return PlanMonth(
        plan=plan,
        fit=Fit.OVER if plan.all_published else Fit.UNKNOWN,
        seats=seats,
        usd=seats * plan.usd_month + extra,
        overage_usd=extra,
        used_share=share,
        why=f"{why}; more costs more",
    )


def _used(limit: Limit, volume: Volume) -> float | None:
    """What the busiest window uses of what a limit counts."""
    calls = volume.calls_in(limit.window_hours)
    match limit.counted:
        case Counted.MESSAGES:
            return calls
        case Counted.TOKENS:
            return calls * volume.tokens_per_call
        case Counted.CREDITS:
            return None if volume.usd_per_call is None else calls * volume.usd_per_call


def limit_words(limit: Limit) -> str:
    """ "225 messages in 5 hours"."""
    amount = f"{limit.amount:,.6g}" if limit.amount < 1e6 else f"{limit.amount:,.0f}"
    what = {
        Counted.MESSAGES: f"{amount} messages",
        Counted.TOKENS: f"{amount} tokens",
        Counted.CREDITS: f"{amount} USD of usage",
    }[limit.counted]
    hours = limit.window_hours
    if math.isclose(hours, HOURS_PER_MONTH):
        return f"{what} a month"
    if math.isclose(hours, 168):
        return f"{what} a week"
    return f"{what} a day" if math.isclose(hours, 24) else f"{what} in {hours:g} hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """All plans at a volume.

    Attributes:
        months: Those that hold it first, then those of which nobody knows, each by its price.
        best: The cheapest that holds it, or None where none is known to.
        api_usd_month: The same work by the token, or None where no price is known.
        saving_usd_month: What `best` saves against that; negative where the bill by the token is
            less; None where either is not known.
    """

    months: tuple[PlanMonth, ...]
    best: PlanMonth | None
    api_usd_month: float | None
    saving_usd_month: float | None


_ORDER = {Fit.YES: 0, Fit.OVER: 0, Fit.UNKNOWN: 1, Fit.NO: 2}


def choose(plans: Iterable[Plan], volume: Volume, *, interface: bool = False) -> PlanChoice:
    """Which plan fits a volume, and what it saves.

    Args:
        plans: Those to choose from.
        volume: What is to be done.
        interface: Whether a program must be able to call it; plans for apps alone are left out.
    """
    months = sorted(
        (month(plan, volume) for plan in plans if plan.interface or not interface),
        key=lambda one: (
            _ORDER[one.fit],
            one.plan.usd_month * one.seats if one.usd is None else one.usd,
            one.plan.id,
        ),
    )
    holding = [one for one in months if one.fit in {Fit.YES, Fit.OVER} and one.usd is not None]
    best = min(holding, key=lambda one: one.usd or 0.0, default=None)
    api = volume.api_usd_month
    saving = None if best is None or best.usd is None or api is None else api - best.usd
    return PlanChoice(months=tuple(months), best=best, api_usd_month=api, saving_usd_month=saving)
