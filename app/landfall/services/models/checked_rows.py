"""Rows of a resource, checked field by field: one that lacks something is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from landfall.core.errors import BadInput

_T = TypeVar("_T")


def read_rows(
    document: Any, file: str, name: str, build: Callable[[Fields], _T]
) -> tuple[tuple[_T, ...], tuple[BadInput, ...]]:
    """Build every row that can be, and say what is wrong with the others.

    Args:
        file: The resource, for messages. name: The field that names a row.

    Raises:
        BadInput: there is no list of rows.
    """
    rows = document.get("rows") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise BadInput(
            f"{file} has no list of rows.", "Install Landfall again.", file=file, field="rows"
        )
    good: list[_T] = []
    problems: list[BadInput] = []
    for index, row in enumerate(rows):
        try:
            good.append(build(Fields(row, file, f"rows[{index}]", name)))
        except BadInput as problem:
            problems.append(problem)
    return tuple(good), tuple(problems)


class Fields:
    """Checked access to one row."""

    def __init__(self, row: Any, file: str, path: str, name: str) -> None:
        self.file, self.path = file, path
        if not isinstance(row, dict):
            self.row, self.label = {}, path
            raise self.problem("", "is not an object")
        self.row = row
        self.label = str(row.get(name) or path)

    def problem(self, field: str, what: str) -> BadInput:
        """The error that names the row and the field."""
        return BadInput(
            f"Row {self.label!r} of {self.file}: {field or 'it'} {what}.",
            "The row is left out; correct it or install Landfall again.",
            file=self.file,
            field=f"{self.path}.{field}" if field else self.path,
        )

    def text(self, field: str) -> str:
        """A text that is there."""
        value = self.row.get(field)
        if not isinstance(value, str) or not value:
            raise self.problem(field, "is missing" if value is None else "is not a text")
        return value

    def optional_text(self, field: str) -> str:
        """A text, or "" where there is none."""
        value = self.row.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.problem(field, "is not a text")
        return value

    def optional_number(self, field: str) -> float | None:
        """A number from 0 on, or None."""
        value = self.row.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
            raise self.problem(field, f"is {value!r}, not a number")
        return value

    def number(self, field: str) -> float:
        """A number that is there."""
        value = self.optional_number(field)
        if value is None:
            raise self.problem(field, "is missing")
        return value

    def positive(self, field: str) -> int:
        """A whole number above 0."""
        value = int(self.number(field))
        if value < 1:
            raise self.problem(field, "is not above 0")
        return value

    def count(self, field: str) -> int:
        """A whole number; 0 where there is none."""
        return int(self.optional_number(field) or 0)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts, empty where there is none."""
        value = self.row.get(field, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.problem(field, "is not a list of texts")
        return tuple(value)

    def named_among(self, field: str, known: Iterable[str]) -> frozenset[str]:
        """A list of names of other fields, empty where there is none."""
        named = self.texts(field)
        for name in named:
            if name not in known:
                raise self.problem(field, f"names {name!r}, which is none of its figures")
        return frozenset(named)

    def flag(self, field: str) -> bool:
        """True or false."""
        value = self.row.get(field)
        if not isinstance(value, bool):
            raise self.problem(field, "is missing" if value is None else "is not true or false")
        return value
