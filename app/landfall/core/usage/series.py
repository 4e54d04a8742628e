"""A usage series out of a CSV text, one row a day, an hour or a call, and what it says about a
workload's volume."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from landfall.core.demand.day_pattern import DayPattern, day_pattern
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.outlook import Outlook, observed
from landfall.core.demand.replaying import HOUR_SECONDS
from landfall.core.demand.trace import Trace
from landfall.core.errors import BadInput
from landfall.core.usage.hours import HourRow, UsageSeries, series_of_hours
from landfall.core.workload.workload import UsageDay

COLUMNS = ("date", "calls", "input_tokens", "cached_input_tokens", "output_tokens")
HOUR, TIMESTAMP = "hour", "timestamp"
"""Columns of a series that tells more than days: the local hour beside the date (0 to 23), or in
place of both the moment of a call, or of the hour or minute whose `calls` the row adds up."""
MOST_DAYS = 36_500
MOST_A_DAY = 1e15

Local = Callable[[datetime], datetime]
"""Turns a moment with a time zone into local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSummary:
    """What a series says, in the terms of a workload.

    Attributes:
        calls_per_day: Mean of the observed days.
        history_days: Days with a row; a day without a row has no log and is not counted.
        input, cached_input, output: Mean tokens a call; None where no row tells.
        reasons: Why the volume has its class.
        outlook: The whole forecast.
        trace: When the calls came, where the series tells hours.
        pattern: How its days differ; None where there are too few.
    """

    calls_per_day: float
    history_days: int
    predictability: Predictability
    input: float | None
    cached_input: float | None
    output: float | None
    reasons: tuple[str, ...]
    outlook: Outlook | None = None
    trace: Trace | None = None
    pattern: DayPattern | None = None


def as_told(moment: datetime) -> datetime:
    """No other zone than that of the series."""
    return moment


def parse(text: str, *, file: str = "") -> tuple[UsageDay, ...]:
    """The days of a series, by date; see `read`."""
    return read(text, file=file).days


def read(text: str, *, file: str = "", local: Local = as_told) -> UsageSeries:
    """A CSV text: the columns `COLUMNS` (`date` and `calls` needed) with a row a day; with the
    column `hour` a row an hour; with `timestamp` in place of the date a row a call, or, where it
    has `calls`, what was called from then on within its hour.

    Args:
        local: For timestamps that name a time zone; those without are local already.

    Raises:
        BadInput: with `file`, the physical line and the column as `field`.
    """
    body = text.removeprefix("\ufeff")
    first = body.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(body.split("\n"), delimiter=delimiter, strict=True)
    days: list[tuple[int, UsageDay]] = []
    hours: list[tuple[int, HourRow]] = []
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        _check_head(head, file)
        by_day = HOUR not in head and TIMESTAMP not in head
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            cells, line = dict(zip(head, row, strict=False)), reader.line_num
            if by_day:
                days.append((line, _day(cells, file, line)))
            else:
                hours.append((line, _hour_row(cells, file, line, local)))
    except csv.Error as error:
        raise BadInput(
            f"This is not a CSV table: {error}.",
            f"Its columns are {', '.join(COLUMNS)}.",
            file=file,
            line=max(1, reader.line_num),
        ) from error
    if not days and not hours:
        raise BadInput("The series has no day.", "Add a row for each day.", file=file, line=1)
    if by_day:
        return UsageSeries(days=_ordered(days, file))
    if TIMESTAMP not in head:
        _check_hours(hours, file)
    series = series_of_hours(row for _, row in hours)
    _check_span(series.days, file)
    return series


def _check_head(head: Sequence[str], file: str) -> None:
    hint = f"The first line is {','.join(COLUMNS)}."
    moments = TIMESTAMP in head
    for name in () if moments else ("date", "calls"):
        if name not in head:
            raise BadInput(
                f"The series has no column `{name}`.", hint, file=file, line=1, field=name
            )
    known = (*COLUMNS[1:], TIMESTAMP) if moments else (*COLUMNS, HOUR)
    for name in head:
        if name not in known or head.count(name) > 1:
            raise BadInput(
                f"The column `{name}` is not expected here.", hint, file=file, line=1, field=name
            )


def _number(cells: dict[str, str], name: str, file: str, line: int) -> float | None:
    cell = cells.get(name, "").strip()
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_A_DAY:
        raise BadInput(
            f"`{cell[:40]}` is no number of a day.",
            "Give 0 or more, without separators.",
            file=file,
            line=line,
            field=name,
        )
    return value


def _calls(cells: dict[str, str], file: str, line: int) -> float:
    calls = _number(cells, "calls", file, line)
    if calls is None:
        raise BadInput(
            "A day needs its calls.",
            "Write 0 for a day without work; leave the row out for a day without a log.",
            file=file,
            line=line,
            field="calls",
        )
    return calls


def _day(cells: dict[str, str], file: str, line: int) -> UsageDay:
    calls = _calls(cells, file, line)
    return UsageDay(
        date=_date(cells.get("date", ""), file, line).isoformat(),
        calls=calls,
        input_tokens=_number(cells, "input_tokens", file, line),
        cached_input_tokens=_number(cells, "cached_input_tokens", file, line),
        output_tokens=_number(cells, "output_tokens", file, line),
    )


def _hour_row(cells: dict[str, str], file: str, line: int, local: Local) -> HourRow:
    if TIMESTAMP in cells:
        moment = _moment(cells[TIMESTAMP], file, line, local)
        calls = _number(cells, "calls", file, line)
        day, second = moment.date(), _second(moment)
        single = calls in (None, 1.0)
        count = 1.0 if calls is None else calls
    else:
        count, single = _calls(cells, file, line), False
        day = _date(cells.get("date", ""), file, line)
        second = _hour(cells.get(HOUR, ""), file, line) * HOUR_SECONDS
    return HourRow(
        day=day.isoformat(),
        second=second,
        single=single,
        calls=count,
        input_tokens=_number(cells, "input_tokens", file, line),
        cached_input_tokens=_number(cells, "cached_input_tokens", file, line),
        output_tokens=_number(cells, "output_tokens", file, line),
    )


def _second(moment: datetime) -> float:
    return (
        moment.hour * HOUR_SECONDS + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    )


def _moment(cell: str, file: str, line: int, local: Local) -> datetime:
    try:
        moment = datetime.fromisoformat(cell.strip())
        return moment if moment.tzinfo is None else local(moment)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(
            f"`{cell[:40]}` is no moment.",
            "Write it as 2026-11-23T09:30:00 in local time, or with its zone: ...+01:00.",
            file=file,
            line=line,
            field=TIMESTAMP,
        ) from error


def _hour(cell: str, file: str, line: int) -> int:
    text = cell.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < 24):
        raise BadInput(
            f"`{cell[:40]}` is no hour of the day.",
            "Write 0 to 23, local time.",
            file=file,
            line=line,
            field=HOUR,
        )
    return int(text)


def _date(cell: str, file: str, line: int) -> date:
    try:
        return date.fromisoformat(cell.strip())
    except ValueError as error:
        raise BadInput(
            f"`{cell[:40]}` is no date.",
            "Write it as 2026-11-23.",
            file=file,
            line=line,
            field="date",
        ) from error


def _ordered(days: list[tuple[int, UsageDay]], file: str) -> tuple[UsageDay, ...]:
    """By date, out of pairs of line and day."""
    by_date = sorted(days, key=lambda pair: pair[1].date)
    for (_, before), (line, after) in pairwise(by_date):
        if before.date == after.date:
            raise BadInput(
                f"The day {after.date} stands there twice.",
                "Add its rows up.",
                file=file,
                line=line,
                field="date",
            )
    ordered = tuple(day for _, day in by_date)
    _check_span(ordered, file)
    return ordered


def _check_span(days: Sequence[UsageDay], file: str) -> None:
    span = (date.fromisoformat(days[-1].date) - date.fromisoformat(days[0].date)).days
    if span > MOST_DAYS:
        raise BadInput(
            f"The series spans {span} days.", "Check its dates.", file=file, field="date"
        )


def _check_hours(rows: Sequence[tuple[int, HourRow]], file: str) -> None:
    seen: set[tuple[str, int]] = set()
    for line, row in rows:
        if (row.day, row.hour) in seen:
            raise BadInput(
                f"The hour {row.hour} of {row.day} stands there twice.",
                "Add its rows up.",
                file=file,
                line=line,
                field=HOUR,
            )
        seen.add((row.day, row.hour))


def summary(
    days: Sequence[UsageDay], trace: Trace | None = None, *, source: str = "series"
) -> SeriesSummary:
    """What the days say. The class goes by tokens where every day has them, else by calls.

    Args:
        days: By date.
        trace: When their calls came, where that is told.
        source: "series" or "usage".
    """
    by_date = {day.date: day for day in days}
    first = date.fromisoformat(days[0].date)
    span = (date.fromisoformat(days[-1].date) - first).days + 1
    whole = all(_tokens(day) is not None for day in days)
    outlook = observed(
        [
            None
            if (day := by_date.get((first + timedelta(days=at)).isoformat())) is None
            else (_tokens(day) if whole else day.calls)
            for at in range(span)
        ],
        first_weekday=first.weekday(),
        unit="tokens" if whole else "calls",
        source=source,
        trace=trace,
    )
    return SeriesSummary(
        calls_per_day=math.fsum(day.calls for day in days) / len(days),
        history_days=len(days),
        predictability=outlook.predictability,
        input=_mean((day.input_tokens, day.calls) for day in days),
        cached_input=_mean((day.cached_input_tokens, day.calls) for day in days),
        output=_mean((day.output_tokens, day.calls) for day in days),
        reasons=outlook.reasons,
        outlook=outlook,
        trace=trace,
        pattern=day_pattern([day.calls for day in days]),
    )


def _tokens(day: UsageDay) -> float | None:
    if day.input_tokens is None or day.output_tokens is None:
        return None
    return day.input_tokens + (day.cached_input_tokens or 0.0) + day.output_tokens


def _mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    """Tokens a call over the days that tell; None where none does or nothing was called."""
    told = [(tokens, calls) for tokens, calls in pairs if tokens is not None]
    calls = math.fsum(pair[1] for pair in told)
    return math.fsum(pair[0] for pair in told) / calls if calls else None
