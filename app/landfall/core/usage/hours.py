"""Usage hour by hour or call by call: rows with a moment become days, their hours, single calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from landfall.core.demand.replaying import DAY_SECONDS, HOUR_SECONDS, HOURS, SingleCall, TraceDay
from landfall.core.demand.trace import Trace
from landfall.core.workload.workload import UsageDay

MOST_SINGLES = 50_000
"""Of more single calls only the hours are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRow:
    """What was used in an hour, or one call at a second of it. Local time.

    Attributes:
        day: ISO date.
        second: Of the day; the beginning of the hour where only that is told.
        single: Whether it is one call at that second.
        input_tokens, cached_input_tokens, output_tokens: Of all its calls; None where not told.
    """

    day: str
    second: float
    single: bool
    calls: float
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    output_tokens: float | None = None

    @property
    def hour(self) -> int:
        """0 to 23."""
        return min(HOURS - 1, int(self.second // HOUR_SECONDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSeries:
    """The days of a series, and when their calls came, where that is told."""

    days: tuple[UsageDay, ...]
    trace: Trace | None = None


def series_of_hours(rows: Iterable[HourRow]) -> UsageSeries:
    """Days and hours of rows in any order; a day is observed where it has a row, and an hour of it
    without one had no calls."""
    ordered = sorted(rows, key=_when)
    by_day: dict[str, list[HourRow]] = {}
    for row in ordered:
        by_day.setdefault(row.day, []).append(row)
    trace = Trace(
        days=tuple(_trace_day(day, found) for day, found in by_day.items()),
        singles=_singles(ordered),
    )
    return UsageSeries(days=tuple(_day(day, found) for day, found in by_day.items()), trace=trace)


def _when(row: HourRow) -> tuple[str, float]:
    return row.day, row.second


def _day(day: str, rows: Sequence[HourRow]) -> UsageDay:
    return UsageDay(
        date=day,
        calls=math.fsum(row.calls for row in rows),
        input_tokens=_whole([row.input_tokens for row in rows]),
        cached_input_tokens=_whole([row.cached_input_tokens for row in rows], some=True),
        output_tokens=_whole([row.output_tokens for row in rows]),
    )


def _whole(values: Sequence[float | None], *, some: bool = False) -> float | None:
    """The sum; None where one is not told, or with `some` where none is."""
    told = [value for value in values if value is not None]
    return math.fsum(told) if told and (some or len(told) == len(values)) else None


def _trace_day(day: str, rows: Sequence[HourRow]) -> TraceDay:
    return TraceDay(
        ordinal=date.fromisoformat(day).toordinal(),
        calls=_by_hour(rows, [row.calls for row in rows]),
        prompt=_by_hour(rows, [row.input_tokens for row in rows]),
        written=_by_hour(rows, [row.output_tokens for row in rows]),
    )


def _by_hour(rows: Sequence[HourRow], values: Sequence[float | None]) -> tuple[float, ...]:
    """24 sums; none where a row with calls does not tell."""
    hours = [0.0] * HOURS
    for row, value in zip(rows, values, strict=True):
        if value is None and row.calls:
            return ()
        hours[row.hour] += value or 0.0
    return tuple(hours)


def _singles(rows: Sequence[HourRow]) -> tuple[SingleCall, ...]:
    """All of them, or none where a row adds up several calls."""
    if not rows or len(rows) > MOST_SINGLES or not all(row.single for row in rows):
        return ()
    first = date.fromisoformat(rows[0].day).toordinal()
    return tuple(
        SingleCall(
            at=(date.fromisoformat(row.day).toordinal() - first) * DAY_SECONDS + row.second,
            prompt=row.input_tokens,
            written=row.output_tokens,
        )
        for row in rows
    )
