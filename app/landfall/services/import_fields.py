"""One value of an imported row, checked against the type of its field."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from landfall.core.errors import BadInput
from landfall.services.records import BenchmarkRecord, CountedRun, RunRecord

R = TypeVar("R", RunRecord, BenchmarkRecord, CountedRun)

_MOST = 2**63 - 1
_ONE_OF = {
    "place": ("local", "network", "cloud"),
    "state": ("running", "done", "aborted", "interrupted"),
    "kind": ("chat", "embedding"),
}
_TIMES = ("started_at", "finished_at")


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
        raise place.problem(f"{value!r} is none of {', '.join(_ONE_OF[name])}")
    if name in _TIMES and value is not None:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise place.problem(f"{value!r} is not a time") from None
    return value


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
        if isinstance(value, str):
            return value
        raise place.problem(f"{value!r} is not a text")
    return _number(name, value, place)


def _number(name: str, value: Any, place: Place) -> float:
    if place.is_csv and isinstance(value, str):
        try:
            value = int(value) if name == "int" else float(value)
        except ValueError:
            raise place.problem(f"{value!r} is not a number") from None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "int" and whole and abs(value) <= _MOST:
        return int(value)
    if name == "float" and (whole or isinstance(value, float)) and math.isfinite(value):
        return float(value)
    raise place.problem(f"{value!r} is not a {'whole number' if name == 'int' else 'number'}")


def _mapping(value: Any, place: Place) -> dict[str, Any]:
    if place.is_csv and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise place.problem("it is not JSON") from None
    if not isinstance(value, dict):
        raise place.problem("it is not an object")
    return value
