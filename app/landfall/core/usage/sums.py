"""What was used, told apart and over time.

A day without a log is absent: it is not a day of nothing. What no row tells stays None, and what
lacks a part says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from landfall.core.usage.buckets import UsageBucket, UsageTotals, totals
from landfall.core.usage.log_days import observed_by_any
from landfall.core.usage.rows import CostRow

DAYS_AS_DAYS = 92
DAYS_AS_WEEKS = 2 * 366
"""Longer times are shown in weeks, then in months, so that a bar stays wide enough to be seen."""

Counted = UsageBucket | CostRow


class By(StrEnum):
    """By what usage is told apart."""

    MODEL = "model"
    KEY = "key"
    PROJECT = "project"
    TAG = "tag"
    DAY = "day"


class Measure(StrEnum):
    """What is shown over time; the value is the name in `UsageBucket`."""

    BILLED = "billed_usd"
    RECOMPUTED = "recomputed_usd"
    REQUESTS = "requests"
    INPUT = "input_tokens"
    OUTPUT = "output_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """A sum of usage.

    Attributes:
        name: What its parts have in common; "" where the source does not tell.
        provider: Of all its parts; "" where they differ.
        days: Days with a log (UTC).
    """

    name: str
    provider: str
    days: int
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageStep:
    """A day, a week or a month of usage.

    Attributes:
        begin, end: First and last day of it, ISO 8601.
        logged_days: How many of its days have a log; with 0 nothing is known of it. A day off
            (`log_days`) is one of them, as where workloads are proposed.
        idle_days: Of these, how many are days without work.
        own: On machines of the user's; None where nothing is told.
        cloud: At providers.
        lacks: Whether a part of it does not tell.
    """

    begin: str
    end: str
    logged_days: int
    own: float | None
    cloud: float | None
    lacks: bool
    idle_days: int = 0


def sums_by(
    buckets: Iterable[UsageBucket], costs: Iterable[CostRow], by: By
) -> tuple[UsageSum, ...]:
    """Told apart; the dearest first, days in their order.

    The same name at two providers is two things, but a day is one.
    """
    name_of = _NAMES[by]
    found: dict[tuple[str, str], list[Counted]] = {}
    counted: list[Counted] = [*(one for one in buckets if not one.is_idle), *costs]
    for one in counted:
        key = (name_of(one), "" if by is By.DAY else one.provider)
        found.setdefault(key, []).append(one)
    sums = [_sum(name, parts) for (name, _), parts in found.items()]
    return tuple(sorted(sums, key=_in_days if by is By.DAY else _dearest_first))


def logged_days(counted: Iterable[Counted]) -> frozenset[str]:
    """ISO dates of which it is known what was used or charged: with a row, or off (`log_days`)."""
    rows = list(counted)
    used = ((one.provider, one.at[:10]) for one in rows if isinstance(one, UsageBucket))
    return observed_by_any(used) | {one.at[:10] for one in rows}


def over_time(
    buckets: Iterable[UsageBucket], costs: Iterable[CostRow], measure: Measure
) -> tuple[UsageStep, ...]:
    """From the first day with a log to the last, without a gap; days that lack a log are told."""
    counted: list[Counted] = [*buckets, *costs]
    days: dict[str, list[Counted]] = {day: [] for day in logged_days(counted)}
    for one in counted:
        days[one.at[:10]].append(one)
    if not days:
        return ()
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    return tuple(_step(days, begin, end, measure) for begin, end in _spans(first, last))


def _sum(name: str, parts: Sequence[Counted]) -> UsageSum:
    buckets = [one for one in parts if isinstance(one, UsageBucket)]
    costs = [one for one in parts if isinstance(one, CostRow)]
    providers = {one.provider for one in parts}
    return UsageSum(
        name=name,
        provider=providers.pop() if len(providers) == 1 else "",
        days=len({one.at[:10] for one in parts}),
        totals=totals(buckets, costs),
    )


def _step(days: dict[str, list[Counted]], begin: date, end: date, measure: Measure) -> UsageStep:
    names = [_plus(begin, i).isoformat() for i in range((end - begin).days + 1)]
    parts = [one for name in names for one in days.get(name, ())]
    buckets = [one for one in parts if isinstance(one, UsageBucket) and not one.is_idle]
    charged = [one.billed_usd for one in parts if isinstance(one, CostRow)]
    told = [(one.is_local, getattr(one, measure)) for one in buckets]
    own = [amount for is_own, amount in told if is_own and amount is not None]
    cloud = [amount for is_own, amount in told if not is_own and amount is not None]
    if measure is Measure.BILLED:
        cloud += charged
    return UsageStep(
        begin=begin.isoformat(),
        end=end.isoformat(),
        logged_days=sum(name in days for name in names),
        own=sum(own) if own else None,
        cloud=sum(cloud) if cloud else None,
        lacks=_lacks(buckets, measure, has_bill=bool(charged)),
        idle_days=sum(name in days and all(map(_is_idle, days[name])) for name in names),
    )


def _is_idle(one: Counted) -> bool:
    return isinstance(one, UsageBucket) and one.is_idle


def _lacks(buckets: Sequence[UsageBucket], measure: Measure, *, has_bill: bool) -> bool:
    """Whether a part does not tell. A bill of its own stands for rows that say no charge, and for
    what ran on machines of the user's nobody charges."""
    if measure in {Measure.BILLED, Measure.RECOMPUTED}:
        buckets = [one for one in buckets if not one.is_local]
    if measure is Measure.BILLED and has_bill:
        return False
    unpriced = measure is Measure.RECOMPUTED and any(one.unpriced_rows for one in buckets)
    return unpriced or any(getattr(one, measure) is None for one in buckets)


def _spans(first: date, last: date) -> list[tuple[date, date]]:
    length = (last - first).days + 1
    out = []
    begin = first
    while begin <= last:
        if length <= DAYS_AS_DAYS:
            end = begin
        elif length <= DAYS_AS_WEEKS:
            end = _plus(begin, 6 - begin.weekday())
        else:
            end = _plus(_plus(begin.replace(day=1), 31).replace(day=1), -1)
        out.append((begin, min(end, last)))
        begin = _plus(end, 1)
    return out


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _dearest_first(one: UsageSum) -> tuple[float, float, str]:
    cost = one.totals.billed_usd
    cost = one.totals.recomputed_usd if cost is None else cost
    return -(cost or 0.0), -float(one.totals.rows), one.name


def _in_days(one: UsageSum) -> tuple[float, float, str]:
    return 0.0, 0.0, one.name


def _model(one: Counted) -> str:
    return one.model


def _key(one: Counted) -> str:
    return one.key_name


def _project(one: Counted) -> str:
    return one.project


def _tag(one: Counted) -> str:
    return one.tag if isinstance(one, UsageBucket) else ""


def _day(one: Counted) -> str:
    return one.at[:10]


_NAMES: dict[By, Callable[[Counted], str]] = {
    By.MODEL: _model,
    By.KEY: _key,
    By.PROJECT: _project,
    By.TAG: _tag,
    By.DAY: _day,
}
