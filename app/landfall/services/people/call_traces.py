"""Recorded calls out of a file: CSV with a row a call, JSON lines, or a usage series of hours."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from landfall.core import json_text
from landfall.core.demand.crowd_replay import MOST_CALLS, Calls, calls_of_trace
from landfall.core.errors import BadInput
from landfall.core.usage import series as usage_series
from landfall.services.paths import expanded
from landfall.services.verdict.workload_files import read_text

MOST_BYTES = 512 << 20
TIMES = ("timestamp", "time", "at", "start_time", "created_at")
INPUTS = ("input_tokens", "prompt_tokens")
OUTPUTS = ("output_tokens", "completion_tokens")
SECONDS = ("seconds", "service_seconds", "duration_seconds")
PERSONS = ("person", "user", "user_id")
_MOST = 1e12
"""Tokens or seconds; more are a mistake."""
_NO_SECOND = 1e11
"""Seconds since 1970 reach it in the year 5138; milliseconds passed it in 1973."""
_HINT = (
    "A row a call: `timestamp` (2026-11-23T09:30:00, or seconds), and where known `input_tokens`, "
    "`output_tokens`, `seconds`, `person`; or a usage series with `date` and `hour`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTrace:
    """Calls, and what they are like in the mean.

    Attributes:
        name: The file or the workload that they come from.
        input_tokens, output_tokens: Mean of a call; None where not told.
    """

    calls: Calls
    name: str
    input_tokens: float | None = None
    output_tokens: float | None = None


def read(path: str | Path) -> CallTrace:
    """The calls of a file.

    Raises:
        BadInput: it is missing or not UTF-8, tells no moments, or says something impossible.
    """
    file = str(path)
    text = read_text(expanded(path), file, MOST_BYTES).removeprefix("\ufeff")
    if text.lstrip()[:1] == "[":
        raise BadInput(
            f"{file} is one JSON list; what is read is one object a line.", _HINT, file=file, line=1
        )
    if text.lstrip()[:1] == "{":
        return _trace(_json_rows(text, file), file)
    first = text.partition("\n")[0]
    head = [name.strip().strip('"').lower() for name in first.replace(";", ",").split(",")]
    if "date" in head:
        return _series(text, file)
    return _trace(_csv_rows(text, ";" if ";" in first and "," not in first else ",", file), file)


def of_series(summary: usage_series.SeriesSummary, name: str) -> CallTrace:
    """The calls of a workload's usage.

    Raises:
        BadInput: it tells days alone, or one of them holds more than are replayed.
    """
    calls = None if summary.trace is None else calls_of_trace(summary.trace)
    if calls is None:
        raise BadInput(
            f"The usage of {name} tells no hours that could be replayed.",
            "Import usage by the hour or by the call.",
            field="workload",
        )
    return CallTrace(
        calls=calls, name=name, input_tokens=summary.input, output_tokens=summary.output
    )


def _series(text: str, file: str) -> CallTrace:
    found = usage_series.read(text, file=file, local=datetime.astimezone)
    if found.trace is None:
        raise BadInput(
            f"{file} tells days alone, which cannot be replayed.", _HINT, file=file, line=1
        )
    summary = usage_series.summary(found.days, found.trace)
    calls = calls_of_trace(found.trace)
    if calls is None:
        raise BadInput(
            f"{file} has no call, or a day with more than {MOST_CALLS:,}.", _HINT, file=file
        )
    return CallTrace(
        calls=calls, name=file, input_tokens=summary.input, output_tokens=summary.output
    )


_Row = tuple[int, Mapping[str, object]]


def _csv_rows(text: str, delimiter: str, file: str) -> Iterator[_Row]:
    reader = csv.reader(text.splitlines(), delimiter=delimiter, strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        for cells in reader:
            if any(cells):
                yield reader.line_num, dict(zip(head, cells, strict=False))
    except csv.Error as error:
        raise BadInput(
            f"This is not a CSV table: {error}.", _HINT, file=file, line=max(1, reader.line_num)
        ) from error


def _json_rows(text: str, file: str) -> Iterator[_Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json_text.read(line)
        except ValueError as error:
            raise BadInput(
                f"Line {number} is no JSON: {error}.", _HINT, file=file, line=number
            ) from error
        if not isinstance(found, dict):
            raise BadInput(f"Line {number} is no object.", _HINT, file=file, line=number)
        yield number, {str(key).lower(): value for key, value in found.items()}


def _trace(rows: Iterator[_Row], file: str) -> CallTrace:
    """The calls of the rows, in order of time."""
    calls = _calls(rows, file)
    if not calls:
        raise BadInput(f"{file} has no call.", _HINT, file=file, line=1)
    calls.sort(key=_first)
    at, prompts, answers, seconds, persons = zip(*calls, strict=True)
    input_tokens, output_tokens = _mean(prompts), _mean(answers)
    sized = input_tokens is not None and output_tokens is not None
    return CallTrace(
        calls=Calls(
            at=at,
            prompts=_over_mean(prompts, input_tokens) if sized else (),
            answers=_over_mean(answers, output_tokens) if sized else (),
            seconds=seconds if None not in seconds else (),
            persons=_numbered(persons),
            sized=sized or None not in seconds,
        ),
        name=file,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
    )


_Call = tuple[float, float | None, float | None, float | None, object]
"""Its moment, tokens in and out, its seconds, and the person."""


def _calls(rows: Iterator[_Row], file: str) -> list[_Call]:
    """As the rows tell them, in their order; the first row says which columns there are."""
    names: dict[str, str | None] = {}
    calls: list[_Call] = []
    for line, cells in rows:
        if not names:
            names = {
                one[0]: _named(cells, one) for one in (TIMES, INPUTS, OUTPUTS, SECONDS, PERSONS)
            }
            if names[TIMES[0]] is None:
                raise BadInput(f"{file} tells no moments.", _HINT, file=file, line=line)
        if len(calls) >= MOST_CALLS:
            raise BadInput(
                f"{file} holds more than {MOST_CALLS:,} calls.", "Give a part of it.", file=file
            )
        calls.append(
            (
                _moment(cells.get(names[TIMES[0]] or ""), file, line),
                _number(cells, names[INPUTS[0]], file, line),
                _number(cells, names[OUTPUTS[0]], file, line),
                _number(cells, names[SECONDS[0]], file, line),
                cells.get(names[PERSONS[0]] or "") or None,
            )
        )
    return calls


def _first(row: Sequence[object]) -> float:
    moment = row[0]
    assert isinstance(moment, float)
    return moment


def _named(cells: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in cells), None)


def _moment(cell: object, file: str, line: int) -> float:
    """Seconds of any one clock; told as milliseconds or finer where it is no second of this age."""
    try:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            value = float(cell)
        else:
            text = str(cell or "").strip()
            if text.lstrip("+-").replace(".", "", 1).isdigit():
                value = float(text)
            else:
                value = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        value = math.nan
    while math.isfinite(value) and abs(value) >= _NO_SECOND:
        value /= 1000
    if not math.isfinite(value):
        raise BadInput(
            f"`{str(cell)[:40]}` is no moment.",
            "Write it as 2026-11-23T09:30:00, with or without a zone, or in seconds.",
            file=file,
            line=line,
            field=TIMES[0],
        )
    return value


def _number(cells: Mapping[str, object], name: str | None, file: str, line: int) -> float | None:
    cell = None if name is None else cells.get(name)
    if cell is None or cell == "":
        return None
    try:
        value = float(cell) if isinstance(cell, int | float | str) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not 0 <= value <= _MOST:
        raise BadInput(
            f"`{str(cell)[:40]}` is no number of a call.",
            "Give 0 or more, without separators.",
            file=file,
            line=line,
            field=name or "",
        )
    return value


def _mean(values: Sequence[float | None]) -> float | None:
    """None where one is not told."""
    told = [value for value in values if value is not None]
    return math.fsum(told) / len(told) if len(told) == len(values) else None


def _over_mean(values: Sequence[float | None], mean: float | None) -> tuple[float, ...]:
    return tuple((value or 0.0) / mean if mean else 1.0 for value in values)


def _numbered(persons: Sequence[object]) -> tuple[int, ...]:
    """Numbers in place of names; none where one is not told."""
    if None in persons:
        return ()
    numbers: dict[str, int] = {}
    return tuple(numbers.setdefault(str(one), len(numbers)) for one in persons)
