"""Values of usage interfaces, converted once: counts, money in its several units, times, names.

Money goes through `Decimal`, so that cents and billionths come out as they were written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")
NANO = Decimal("0.000000001")
MOST = Decimal(10) ** 18
"""No count and no amount in any unit is as large; a float holds it."""


def count(value: Any) -> float | None:
    """A number of things, as a number or as a string of digits; None where it is none."""
    number = decimal(value)
    return float(number) if number is not None and number >= 0 else None


def decimal(value: Any) -> Decimal | None:
    """An exact number out of a number or a string; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MOST else None


def usd(value: Any, *, unit: Decimal = Decimal(1)) -> float | None:
    """Money in USD out of a figure in this unit of a dollar; None where it is none."""
    number = decimal(value)
    return None if number is None else float(number * unit)


def usd_of_money(value: Any) -> float | None:
    """USD out of whole units and billionths, both signed alike; None for another currency.

    Source of the shape: google.type.Money,
    https://github.com/googleapis/googleapis/blob/master/google/type/money.proto
    """
    money = mapping(value)
    if money.get("currencyCode") not in (None, "", "USD"):
        return None
    units, nanos = decimal(money.get("units", 0)), decimal(money.get("nanos", 0))
    return None if units is None or nanos is None else float(units + nanos * NANO)


def mapping(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The list, or an empty one where it is none."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The text, trimmed; "" where it is none."""
    return value.strip() if isinstance(value, str) else ""


def iso(moment: datetime) -> str:
    """ISO 8601, UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(value: Any) -> datetime | None:
    """A time as Unix seconds or ISO 8601; a time without a zone is UTC. None where it is none."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


class Identities:
    """Names for rows that their source gives none: the span, and by what it groups.

    What was counted is no part of a name, so that the same days asked for twice add nothing.
    """

    def __init__(self, *source: str) -> None:
        self._source = source
        self._given: Counter[tuple[str, ...]] = Counter()

    def name(self, *parts: Any) -> str:
        """The name; rows that a source groups alike are numbered in their order."""
        key = tuple("" if part is None else str(part) for part in parts)
        self._given[key] += 1
        again = self._given[key]
        number = (f"#{again}",) if again > 1 else ()
        return "|".join((*self._source, *key, *number))
