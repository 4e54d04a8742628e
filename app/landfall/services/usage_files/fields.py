"""The fields of an object, read as what they should be.

Numbers may be numbers or text, times may be text or epochs, objects may be text in a cell of a
CSV file: programs write the same records in all these ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from landfall.core import json_text
from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import Decimal, Unreadable
from landfall.services.usage_files.formats import DECIMAL_COMMA


class Fields:
    """An object whose fields are asked for by the names that they may have."""

    __slots__ = ("_decimal", "values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self._decimal: Decimal = "," if DECIMAL_COMMA in values else "."

    def get(self, *names: str) -> tuple[str, Any]:
        """The first of these fields that tells anything, and its name; ("", None) without."""
        for name in names:
            value = self.values.get(name)
            if value is not None and value != "":
                return name, value
        return "", None

    def text(self, *names: str) -> str:
        """A name; "" where none of the fields is a text or a number."""
        values = self.values
        for name in names:
            value = values.get(name)
            if value is None:
                continue
            if type(value) is str and value:
                return cells.name(value)
            if type(value) in {int, float}:
                return str(value)[: cells.LONGEST_NAME]
        return ""

    def count(self, *names: str) -> float | None:
        """How many; None where no field tells.

        Raises:
            Unreadable: it is no count.
        """
        for name in names:
            value = self.values.get(name)
            if type(value) is int and 0 <= value <= cells.MOST_COUNT:
                return value
            if value is not None and value != "":
                return self._number(name, value, cells.checked_count)
        return None

    def usd(self, *names: str) -> float | None:
        """An amount of dollars (see `count`)."""
        name, value = self.get(*names)
        if type(value) is float and 0 <= value <= cells.MOST_USD:
            return value
        return self._number(name, value, cells.checked_usd)

    def seconds(self, *names: str, per: float = 1) -> float | None:
        """A duration of which `per` units make a second (see `count`)."""
        name, value = self.get(*names)
        if value is None:
            return None
        found = self._number(name, value, cells.checked_seconds)
        return None if found is None else found / per

    def _number(self, name: str, value: Any, checked: Callable[[float], float]) -> float | None:
        if value is None:
            return None
        try:
            if isinstance(value, str):
                found = cells.number(value, self._decimal)
                return None if found is None else checked(found)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Unreadable("is not a number")
            if isinstance(value, float) and not math.isfinite(value):
                raise Unreadable("is not a number")
            return checked(value)
        except Unreadable as error:
            raise Unreadable(error.reason, name) from None

    def moment(self, *names: str) -> datetime | None:
        """A time with its zone, in UTC where it tells none; None where no field tells.

        Raises:
            Unreadable: it is none.
        """
        name, value = names[0], self.values.get(names[0])
        if value is None or value == "":
            name, value = self.get(*names[1:])
            if value is None:
                return None
        try:
            if type(value) is str:
                return cells.moment(value)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Unreadable("is not a time")
            return cells.from_epoch(value)
        except Unreadable as error:
            raise Unreadable(error.reason, name) from None

    def instant(self, name: str) -> str:
        """A time that must be there, as `core.usage` writes it.

        Raises:
            Unreadable: it is not, or is none.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return cells.stamp(self.begin(name))
        try:
            return cells.instant(value)
        except Unreadable as error:
            raise Unreadable(error.reason, name) from None

    def begin(self, *names: str) -> datetime:
        """A time that must be there.

        Raises:
            Unreadable: it is not, or is none.
        """
        found = self.moment(*names)
        if found is None:
            raise Unreadable("there is no time", names[0])
        return found

    def inner(self, *names: str) -> Fields:
        """An object within; without any fields where there is none."""
        values = self.values
        if not values:
            return _EMPTY
        value = values.get(names[0]) if len(names) == 1 else self.get(*names)[1]
        if not value:
            return _EMPTY
        if isinstance(value, str) and value[:1] == "{":
            try:
                value = json_text.read(value)
            except ValueError:
                return _EMPTY
        return Fields(value) if isinstance(value, dict) else _EMPTY

    def texts(self, *names: str) -> list[str]:
        """The texts of a list within."""
        _, value = self.get(*names)
        if isinstance(value, str) and value[:1] == "[":
            try:
                value = json_text.read(value)
            except ValueError:
                value = None
        return (
            [cells.name(each) for each in value if isinstance(each, str)]
            if isinstance(value, list)
            else []
        )

    def says(self, *names: str) -> bool | None:
        """Yes or no; None where no field tells."""
        _, value = self.get(*names)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        return None


_EMPTY = Fields({})


def without_cached(
    tokens: float | None, cached: float | None, written: float | None
) -> float | None:
    """Input that is neither read from a cache nor written to one.

    For sources whose count should include both. Where it is less than the two it cannot include
    them: some programs hand on what a provider counts apart.
    """
    if tokens is None:
        return None
    rest = tokens - (cached or 0) - (written or 0)
    return rest if rest >= 0 else tokens
