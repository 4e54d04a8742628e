"""A usage series: one row a day, out of a CSV text, and what it says about a workload's volume."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from landfall.core.demand.forecast import Predictability, classify
from landfall.core.errors import BadInput
from landfall.core.workload.workload import UsageDay

COLUMNS = ("date", "calls", "input_tokens", "cached_input_tokens", "output_tokens")
MOST_DAYS = 36_500
MOST_A_DAY = 1e15


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSummary:
    """What a series says, in the terms of a workload.

    Attributes:
        calls_per_day: Mean of the observed days.
        history_days: Days with a row; a day without a row has no log and is not counted.
        input, cached_input, output: Mean tokens a call; None where no row tells.
        reasons: Why the volume has its class.
    """

    calls_per_day: float
    history_days: int
    predictability: Predictability
    input: float | None
    cached_input: float | None
    output: float | None
    reasons: tuple[str, ...]


def parse(text: str, *, file: str = "") -> tuple[UsageDay, ...]:
    """The days of a CSV text with the columns `COLUMNS` (the first two needed), by date.

    Raises:
        BadInput: with `file`, the physical line and the column as `field`.
    """
    body = text.removeprefix("\ufeff")
    first = body.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(body.split("\n"), delimiter=delimiter, strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        _check_head(head, file)
        days = [
            (reader.line_num, _day(dict(zip(head, row, strict=False)), file, reader.line_num))
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise BadInput(
            f"This is not a CSV table: {error}.",
            f"Its columns are {', '.join(COLUMNS)}.",
            file=file,
            line=max(1, reader.line_num),
        ) from error
    if not days:
        raise BadInput("The series has no day.", "Add a row for each day.", file=file, line=1)
    return _ordered(days, file)


def _check_head(head: Sequence[str], file: str) -> None:
    hint = f"The first line is {','.join(COLUMNS)}."
    for name in ("date", "calls"):
        if name not in head:
            raise BadInput(
                f"The series has no column `{name}`.", hint, file=file, line=1, field=name
            )
    for name in head:
        if name not in COLUMNS or head.count(name) > 1:
            raise BadInput(
                f"The column `{name}` is not expected here.", hint, file=file, line=1, field=name
            )


def _day(cells: dict[str, str], file: str, line: int) -> UsageDay:
    def number(name: str) -> float | None:
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

    calls = number("calls")
    if calls is None:
        raise BadInput(
            "A day needs its calls.",
            "Write 0 for a day without work; leave the row out for a day without a log.",
            file=file,
            line=line,
            field="calls",
        )
    return UsageDay(
        date=_date(cells.get("date", ""), file, line).isoformat(),
        calls=calls,
        input_tokens=number("input_tokens"),
        cached_input_tokens=number("cached_input_tokens"),
        output_tokens=number("output_tokens"),
    )


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
    span = (date.fromisoformat(ordered[-1].date) - date.fromisoformat(ordered[0].date)).days
    if span > MOST_DAYS:
        raise BadInput(
            f"The series spans {span} days.", "Check its dates.", file=file, field="date"
        )
    return ordered


def summary(days: Sequence[UsageDay]) -> SeriesSummary:
    """What the days say. The class goes by tokens where every day has them, else by calls."""
    by_date = {day.date: day for day in days}
    first = date.fromisoformat(days[0].date)
    span = (date.fromisoformat(days[-1].date) - first).days + 1
    whole = all(_tokens(day) is not None for day in days)
    volume = classify(
        [
            None
            if (day := by_date.get((first + timedelta(days=at)).isoformat())) is None
            else (_tokens(day) if whole else day.calls)
            for at in range(span)
        ]
    )
    return SeriesSummary(
        calls_per_day=math.fsum(day.calls for day in days) / len(days),
        history_days=volume.observed_days,
        predictability=volume.predictability,
        input=_mean((day.input_tokens, day.calls) for day in days),
        cached_input=_mean((day.cached_input_tokens, day.calls) for day in days),
        output=_mean((day.output_tokens, day.calls) for day in days),
        reasons=volume.reasons,
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
