"""Imported usage that was assigned to a workload, as a series: days, and hours in local time.

Where every row tells its hour, days are those of the user's time zone; a day at the edge of the log
of which not every hour was observed is left out. Elsewhere days are those of UTC, as the sources
add them up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from landfall.core.demand.replaying import HOURS, TraceDay
from landfall.core.demand.trace import Trace
from landfall.core.usage.rows import HOUR_SECONDS
from landfall.core.usage.series import Local, SeriesSummary, summary
from landfall.core.workload.workload import UsageDay

_WHOLE_DAY = HOURS - 1
"""Hours of the day on which clocks go forward."""
_CALLS, _INPUT, _CACHED, _OUTPUT = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedHour:
    """What a workload used in an hour, or in the span that its source adds up.

    Attributes:
        at: ISO 8601, UTC.
        span_seconds: 3600 or less where the hour is known.
        calls: None where the source counts none.
        input_tokens: Not read from a cache; those written to one are in it.
    """

    at: str
    span_seconds: int
    calls: float | None
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    output_tokens: float | None = None

    @property
    def told(self) -> tuple[float | None, ...]:
        """Calls and tokens."""
        return self.calls, self.input_tokens, self.cached_input_tokens, self.output_tokens


class _Sums:
    """Sums of what is told; a span with calls of which a count is not told has none of it."""

    def __init__(self) -> None:
        self.values: list[float | None] = [0.0, 0.0, None, 0.0]

    def add(self, told: Sequence[float | None]) -> None:
        for at, value in enumerate(told):
            before = self.values[at]
            if at == _CACHED:
                self.values[at] = before if value is None else (before or 0.0) + value
            else:
                self.values[at] = None if value is None or before is None else before + value


def usage_summary(
    rows: Iterable[UsedHour], log_days: Collection[str], local: Local
) -> SeriesSummary | None:
    """What the usage says; None where a source counts no calls, or nothing is there.

    Args:
        rows: Of one workload.
        log_days: ISO dates, UTC, that the logs of its providers observe (`log_days`): such a day
            without a row of the workload is a day of zero, from its first one on.
        local: Turns a moment in UTC into the user's time.
    """
    used = sorted(rows, key=_at)
    if not used or any(row.calls is None for row in used):
        return None
    days = sorted(day for day in log_days if day >= used[0].at[:10])
    if all(row.span_seconds <= HOUR_SECONDS for row in used):
        found = _local_days(used, days, local)
        if found:
            return summary(
                [_usage_day(day, list(hours.values())) for day, hours in found],
                Trace(days=tuple(_trace_day(day, hours) for day, hours in found)),
                source="usage",
            )
    by_day: dict[str, _Sums] = {day: _Sums() for day in days}
    for row in used:
        by_day.setdefault(row.at[:10], _Sums()).add(row.told)
    return summary([_usage_day(day, [by_day[day]]) for day in sorted(by_day)], source="usage")


def _at(row: UsedHour) -> str:
    return row.at


def _local_days(
    used: Sequence[UsedHour], days: Sequence[str], local: Local
) -> list[tuple[str, dict[int, _Sums]]]:
    """Local days with every hour observed, and their hours."""
    found: dict[str, dict[int, _Sums]] = {}
    place: dict[str, _Sums] = {}
    for day in days:
        begun = datetime.fromisoformat(day).replace(tzinfo=UTC)
        for step in range(HOURS):
            moment = begun + timedelta(hours=step)
            here = local(moment)
            hours = found.setdefault(here.date().isoformat(), {})
            # Where clocks go back, two hours of the log are one hour of the day.
            place[moment.isoformat()[:13]] = hours.setdefault(here.hour, _Sums())
    for row in used:
        if row.at[:13] in place:
            place[row.at[:13]].add(row.told)
    return [(day, hours) for day, hours in sorted(found.items()) if len(hours) >= _WHOLE_DAY]


def _usage_day(day: str, sums: Sequence[_Sums]) -> UsageDay:
    calls, fresh, cached, output = (
        _total([one.values[at] for one in sums], some=at == _CACHED) for at in range(4)
    )
    return UsageDay(
        date=day,
        calls=calls or 0.0,
        input_tokens=fresh,
        cached_input_tokens=cached,
        output_tokens=output,
    )


def _total(values: Sequence[float | None], *, some: bool) -> float | None:
    told = [value for value in values if value is not None]
    return math.fsum(told) if told and (some or len(told) == len(values)) else None


def _trace_day(day: str, hours: dict[int, _Sums]) -> TraceDay:
    return TraceDay(
        ordinal=date.fromisoformat(day).toordinal(),
        calls=_by_hour(hours, _CALLS),
        prompt=_by_hour(hours, _INPUT),
        written=_by_hour(hours, _OUTPUT),
    )


def _by_hour(hours: dict[int, _Sums], which: int) -> tuple[float, ...]:
    """24 sums; none where an hour does not tell."""
    values = [hours[hour].values[which] if hour in hours else 0.0 for hour in range(HOURS)]
    told = [value for value in values if value is not None]
    return tuple(told) if len(told) == HOURS else ()
