"""A workload that usage suggests: which days, how many calls and tokens, where they are answered.

Days are those of UTC, as bills count them; hours of the day are local. A day without a log is
absent from a part, which is not a day of zero; a day off (`log_days`) is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from landfall.core.demand.forecast import WEEK, Predictability, classify
from landfall.core.usage import series as usage_series
from landfall.core.usage.buckets import LOCAL_PROVIDERS
from landfall.core.usage.log_days import LEAST_WEEKS
from landfall.core.workload.workload import Task, UsageDay

GROWTH_DAYS = 28
"""Days of each of the two spans that a growth is told from."""

MONTH_DAYS = 30
GROWTH_LIMITS = (-0.99, 10.0)
"""Those of `volume.growth_per_month`."""

_WORKING = frozenset({1, 2, 3, 4, 5})


class Grouping(StrEnum):
    """By what usage is told apart."""

    MODEL = "model"
    KEY = "key"
    PROJECT = "project"
    TAG = "tag"
    HOURS = "hours"


class Served(StrEnum):
    """Where the calls were answered, as far as the sources tell."""

    CLOUD = "cloud"
    LOCAL = "local"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUse:
    """One observed day.

    Attributes:
        date: ISO date, UTC.
        calls: None where a source that has tokens of the day counts no calls.
        input_tokens: Not read from a cache; those written to one are in it.
        cache_write_tokens: Of `input_tokens`, those written to one.
        cache_write_1h_tokens: Of `cache_write_tokens`, those written for an hour.
    """

    date: str
    calls: float | None
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    output_tokens: float | None = None
    cache_write_tokens: float | None = None
    cache_write_1h_tokens: float | None = None

    @property
    def tokens(self) -> float:
        """Prompt and answer, as far as it tells."""
        return math.fsum(
            count or 0.0
            for count in (self.input_tokens, self.cached_input_tokens, self.output_tokens)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the days of a proposal say.

    Attributes:
        calls_per_day: Mean of the observed days; None where the calls are not told.
        history_days: Observed days.
        missing_days: Between them, without a log.
        input, cached_input, output: Mean tokens a call; None where not told.
        cache_write, cache_write_1h: Of `input`, those written to a cache, and of these those
            written for an hour; None where not told.
        reasons: Why the volume has its class.
    """

    calls_per_day: float | None
    history_days: int
    predictability: Predictability
    input: float | None = None
    cached_input: float | None = None
    output: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    missing_days: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The usage of one provider's model under one value of the grouping.

    Attributes:
        value: The value of the grouping: a model, a key's name, a project, a tag, "working hours";
            "" where the sources tell none.
        days: Observed days, by date.
        hour_calls: Calls by local hour of Monday to Friday, summed; empty where hours are not told.
        batch_calls: None where no source tells whether a batch interface was used.
        longest_tokens: Of a single call; None where no source tells single calls.
        is_coding: Whether all of it was asked by tools for programmers.
    """

    value: str
    provider: str
    model: str
    days: tuple[DayUse, ...]
    hour_calls: tuple[float, ...] = ()
    batch_calls: float | None = None
    longest_tokens: float | None = None
    is_coding: bool = False
    billed_usd: float | None = None
    recomputed_usd: float | None = None

    @property
    def served(self) -> Served:
        """Where it was answered. A model's name alone proves nothing: not that a cloud has it."""
        if self.provider.lower() in LOCAL_PROVIDERS:
            return Served.LOCAL
        return Served.CLOUD if self.provider else Served.UNKNOWN

    @property
    def calls(self) -> float | None:
        """Of all its days; None where one does not tell."""
        return sum_of_all([day.calls for day in self.days])

    @property
    def tokens(self) -> float:
        """Prompt and answer, of all its days, as far as they tell."""
        return math.fsum(day.tokens for day in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A workload that usage suggests.

    Attributes:
        parts: What it is made of, the largest first.
        task: A guess out of the names, for the user to change.
    """

    name: str
    grouped_by: Grouping
    parts: tuple[Part, ...]
    task: Task = Task.CHAT

    @property
    def days(self) -> tuple[DayUse, ...]:
        """The observed days of all its parts, by date."""
        by_date: dict[str, DayUse] = {}
        for part in self.parts:
            for day in part.days:
                there = by_date.get(day.date)
                by_date[day.date] = day if there is None else _plus(there, day)
        return tuple(by_date[day] for day in sorted(by_date))

    def said(self) -> Said:
        """Calls a day, tokens a call, observed days and the class of the volume."""
        return said_by(self.days)

    @property
    def calls(self) -> float | None:
        """Of all days; None where a source counts none."""
        return sum_of_all([part.calls for part in self.parts])

    @property
    def tokens(self) -> float:
        """Prompt and answer, of all days, as far as they tell."""
        return math.fsum(part.tokens for part in self.parts)

    @property
    def billed_usd(self) -> float | None:
        """What the sources say was charged, or None."""
        return sum_of_told([part.billed_usd for part in self.parts])

    @property
    def recomputed_usd(self) -> float | None:
        """By tokens and prices, or None where no price is known."""
        return sum_of_told([part.recomputed_usd for part in self.parts])

    @property
    def main(self) -> Part:
        """The part with the most tokens: today's provider and model."""
        return self.parts[0]

    @property
    def served(self) -> Served:
        """Where its main part is answered."""
        return self.main.served

    @property
    def batch_share(self) -> float | None:
        """Of the calls; None where no source tells."""
        batch, calls = sum_of_told([part.batch_calls for part in self.parts]), self.calls
        return None if batch is None or not calls else min(1.0, batch / calls)

    @property
    def context_p99(self) -> int | None:
        """The longest single call, prompt and answer: no percentile of it is longer."""
        longest = [part.longest_tokens for part in self.parts if part.longest_tokens]
        return math.ceil(max(longest)) if longest else None

    @property
    def hourly_calls(self) -> tuple[float, ...]:
        """Mean calls in each local hour of an observed day of Monday to Friday.

        Empty where a part does not tell hours, or no such day was observed.
        """
        working = sum(is_working_day(day.date) for day in self.days)
        if not working or not all(part.hour_calls for part in self.parts):
            return ()
        return tuple(
            math.fsum(part.hour_calls[hour] for part in self.parts) / working for hour in range(24)
        )

    @property
    def growth_per_month(self) -> float | None:
        """Growth of the tokens a day between the last 28 days and the 28 before.

        None where either has fewer than 14 observed days, or a week of them has no work: what
        comes in bursts grows and shrinks by where the bursts fall.
        """
        days = self.days
        last = _ordinal(days[-1].date)
        weeks: dict[int, float] = {}
        for day in days:
            back = (last - _ordinal(day.date)) // WEEK
            weeks[back] = weeks.get(back, 0.0) + day.tokens
        if not all(weeks[back] for back in weeks if back < 2 * GROWTH_DAYS // WEEK):
            return None
        later = [day.tokens for day in days if last - _ordinal(day.date) < GROWTH_DAYS]
        before = [
            day.tokens for day in days if GROWTH_DAYS <= last - _ordinal(day.date) < 2 * GROWTH_DAYS
        ]
        if min(len(later), len(before)) < GROWTH_DAYS / 2:
            return None
        ratio = (math.fsum(later) / len(later)) / (math.fsum(before) / len(before))
        low, high = GROWTH_LIMITS
        return min(high, max(low, math.pow(ratio, MONTH_DAYS / GROWTH_DAYS) - 1))


def said_by(days: Sequence[DayUse]) -> Said:
    """What observed days say; where calls are not told, by their tokens alone."""
    series = series_of(days)
    span = _ordinal(days[-1].date) - _ordinal(days[0].date) + 1
    if series is not None:
        told = usage_series.summary(series)
        return Said(
            calls_per_day=told.calls_per_day,
            history_days=told.history_days,
            predictability=told.predictability,
            input=told.input,
            cached_input=told.cached_input,
            output=told.output,
            cache_write=_a_call(days, "cache_write_tokens"),
            cache_write_1h=_a_call(days, "cache_write_1h_tokens"),
            missing_days=span - len(days),
            reasons=told.reasons,
        )
    by_ordinal = {_ordinal(day.date): day.tokens for day in days}
    volume = classify([by_ordinal.get(at) for at in range(min(by_ordinal), max(by_ordinal) + 1)])
    return Said(
        calls_per_day=None,
        history_days=len(days),
        predictability=volume.predictability,
        missing_days=span - len(days),
        reasons=("the source counts no calls", *volume.reasons),
    )


def _a_call(days: Sequence[DayUse], name: str) -> float | None:
    """Mean tokens a call of the days that tell; None where none does or nothing was called."""
    told = [(getattr(day, name), day.calls or 0.0) for day in days]
    told = [(tokens, calls) for tokens, calls in told if tokens is not None]
    calls = math.fsum(calls for _, calls in told)
    return math.fsum(tokens for tokens, _ in told) / calls if calls else None


def series_of(days: Sequence[DayUse]) -> tuple[UsageDay, ...] | None:
    """The days as a usage series; None where one does not tell its calls."""
    series = []
    for day in days:
        if day.calls is None:
            return None
        series.append(
            UsageDay(
                date=day.date,
                calls=day.calls,
                input_tokens=day.input_tokens,
                cached_input_tokens=day.cached_input_tokens,
                output_tokens=day.output_tokens,
            )
        )
    return tuple(series)


def series_csv(days: Sequence[UsageDay]) -> str:
    """The days as a file for `volume.series`; `usage.series.parse` reads it back."""
    lines = [",".join(usage_series.COLUMNS)]
    for day in days:
        cells = (day.calls, day.input_tokens, day.cached_input_tokens, day.output_tokens)
        lines.append(",".join([day.date, *("" if c is None else f"{c:.15g}" for c in cells)]))
    return "\n".join(lines) + "\n"


def is_working_day(day: str) -> bool:
    """Whether an ISO date is a Monday to Friday."""
    return _ordinal(day) % 7 in _WORKING


def weekdays_off(days: Sequence[DayUse]) -> set[int]:
    """Days of the week on all of which nothing was used: 0 is Monday. None of a log of a few days.

    They are counted as days of nothing, which whoever reads a mean has to be told.
    """
    if len(days) < LEAST_WEEKS * WEEK:
        return set()
    worked = {date.fromisoformat(day.date).weekday() for day in days if day.tokens or day.calls}
    return {date.fromisoformat(day.date).weekday() for day in days} - worked


def sum_of_told(values: Sequence[float | None]) -> float | None:
    """The sum of those that are known; None where none is."""
    told = [value for value in values if value is not None]
    return math.fsum(told) if told else None


def sum_of_all(values: Sequence[float | None]) -> float | None:
    """The sum; None where one is not known."""
    told = [value for value in values if value is not None]
    return math.fsum(told) if len(told) == len(values) else None


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _plus(one: DayUse, other: DayUse) -> DayUse:
    return DayUse(
        date=one.date,
        calls=sum_of_all([one.calls, other.calls]),
        input_tokens=sum_of_told([one.input_tokens, other.input_tokens]),
        cached_input_tokens=sum_of_told([one.cached_input_tokens, other.cached_input_tokens]),
        output_tokens=sum_of_told([one.output_tokens, other.output_tokens]),
        cache_write_tokens=sum_of_told([one.cache_write_tokens, other.cache_write_tokens]),
        cache_write_1h_tokens=sum_of_told([one.cache_write_1h_tokens, other.cache_write_1h_tokens]),
    )
