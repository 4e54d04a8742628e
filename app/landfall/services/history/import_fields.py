"""One value of an imported row, checked against the type of its field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.services.history.records import (
    BenchmarkRecord,
    CountedRun,
    QualityRow,
    RunRecord,
    SideBySideRow,
    VoteRow,
)

R = TypeVar("R", RunRecord, BenchmarkRecord, CountedRun, SideBySideRow, VoteRow, QualityRow)

MOST_COUNT = 10**12
"""Of anything that is counted, tokens above all: a sum over a million such runs is still held by
SQLite, which refuses a sum of more than 63 bits instead of telling the others."""

MOST_AMOUNT = 1e15
"""Of seconds, joules and money: more is no run's, and sums of it are no numbers any more."""

YEARS = range(1970, 3000)
"""Of a run; a clock that was never set begins with the first."""

DEEPEST = 64
"""Levels of objects and lists within each other; what is written here has four."""

_LONGEST_SHOWN = 60
_ONE_OF = {
    "place": ("local", "network", "cloud"),
    "state": ("running", "done", "aborted", "interrupted"),
    "kind": ("chat", "embedding"),
}
_TIMES = ("started_at", "finished_at", "listed_at", "day", "voted_at")
_MAY_BE_NEGATIVE = ("net_joules",)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    Attributes:
        path: "runs[3].answer", or the column of a CSV file.
        is_csv: Values are cells of text, and a number is its digits.
    """

    file: Path
    path: str = ""
    line: int | None = None
    is_csv: bool = False

    def at(self, name: str) -> Place:
        """A field below."""
        return replace(self, path=f"{self.path}.{name}" if self.path else name)

    def item(self, number: int) -> Place:
        """An item of a list."""
        return replace(self, path=f"{self.path}[{number}]")

    def problem(self, what: str) -> BadInput:
        """What is wrong here."""
        where = f"line {self.line}" if self.line else ""
        told = ", ".join(part for part in (where, self.path) if part)
        return BadInput(
            f"{self.file}{f', {told}' if told else ''}: {what}.",
            "Export the history again, or correct the file. Nothing of it was taken.",
            file=str(self.file),
            line=self.line,
            field=self.path,
        )


def record(kind: type[R], values: Mapping[str, Any], place: Place) -> R:
    """A row as its record; what a row of an older version lacks is not known.

    Raises:
        BadInput: a field is missing, unknown, or of the wrong kind.
    """
    columns = {column.name: column for column in fields(kind)}
    if unknown := [name for name in values if name not in columns]:
        raise place.at(unknown[0]).problem("this version knows no such field")
    given = {}
    for name, column in columns.items():
        at = place.at(name)
        if name in values and not _lacks(values[name], str(column.type), place):
            given[name] = _checked(name, typed(str(column.type), values[name], at), at)
        elif column.default is MISSING and column.default_factory is MISSING:
            text = "" if place.is_csv and name in values and column.type == "str" else None
            if text is None or name in (*_ONE_OF, *_TIMES):
                raise at.problem("it is missing")
            given[name] = text
    return kind(**given)


def _lacks(value: Any, kind: str, place: Place) -> bool:
    """An empty cell: of a text that is always there it is an empty one, else the default."""
    return place.is_csv and value is None and "None" not in kind


def _checked(name: str, value: Any, place: Place) -> Any:
    if name in _ONE_OF and value not in _ONE_OF[name]:
        raise place.problem(f"{shown(value)} is none of {', '.join(_ONE_OF[name])}")
    if name in _TIMES and value is not None:
        return time(value, place)
    is_number = isinstance(value, int | float) and name not in _MAY_BE_NEGATIVE
    if is_number and value < 0:
        raise place.problem(f"{value!r} is less than nothing")
    return value


def time(text: str, place: Place) -> str:
    """A time as it is; its first ten characters are its day, as sums by day need it.

    Raises:
        BadInput: it is none, or one at which nobody ran a model.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or text[:10] != at.date().isoformat() or at.year not in YEARS:
        raise place.problem(f"{shown(text)} is not a time from {YEARS[0]} to {YEARS[-1]}")
    return text


def typed(kind: str, value: Any, place: Place) -> Any:
    """A value of the kind that a field has, as its annotation is written.

    Raises:
        BadInput: it is of another kind.
    """
    name, _, lack = kind.partition(" | ")
    if value is None and lack:
        return None
    if name == "str" and value is None and place.is_csv:
        return ""
    if name.startswith("Mapping"):
        return _mapping(value, place)
    if name == "str":
        if not isinstance(value, str):
            raise place.problem(f"{shown(value)} is not a text")
        return _whole_text(value, place)
    return _number(name, value, place)


def _number(name: str, value: Any, place: Place) -> float:
    if place.is_csv and isinstance(value, str):
        try:
            value = int(value) if name == "int" else float(value)
        except ValueError:
            raise place.problem(f"{shown(value)} is not a number") from None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "int" and whole and abs(value) <= MOST_COUNT:
        return int(value)
    if name == "float" and (whole or isinstance(value, float)) and abs(value) <= MOST_AMOUNT:
        return float(value)  # not a number is within no bounds either
    kind = "whole number" if name == "int" else "number"
    raise place.problem(f"{shown(value)} is not a {kind} that a run may have")


def _mapping(value: Any, place: Place) -> dict[str, Any]:
    if place.is_csv and isinstance(value, str):
        try:
            value = json_text.read(value)
        except ValueError:
            raise place.problem("it is not JSON") from None
    if not isinstance(value, dict):
        raise place.problem("it is not an object")
    _plain(value, place, DEEPEST)
    return value


def _plain(value: Any, place: Place, levels: int) -> None:
    """Look whether what is kept as JSON can be written as such again."""
    match value:
        case str():
            _whole_text(value, place)
        case float() if not math.isfinite(value):
            raise place.problem(f"{value!r} is not a number")
        case dict() | list() if not levels:
            raise place.problem(f"it is deeper than {DEEPEST} levels")
        case dict():
            for name, inner in value.items():
                _whole_text(name, place)
                _plain(inner, place.at(name), levels - 1)
        case list():
            for number, inner in enumerate(value):
                _plain(inner, place.item(number), levels - 1)


def _whole_text(text: str, place: Place) -> str:
    """A text that UTF-8 holds: JSON can write half of a character, which no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise place.problem("it holds half of a character") from None
    return text


def shown(value: Any) -> str:
    """What was found, as far as a line of an error holds it."""
    text = repr(value) if not isinstance(value, int) or abs(value) < MOST_AMOUNT else "a number"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
