"""What a cell or a field says: a count, an amount, a time, a name.

Numbers are read with one decimal sign for the whole file; a number is never guessed: what does not
read as one is `Unreadable`, with the column that it stands in.
"""

from __future__ import annotations

import contextlib
import math
import re
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Literal

from landfall.services.usage_files.text_cache import TextCache

Decimal = Literal[".", ","]
"""The sign before the decimals; the other one may part thousands."""

DateOrder = Literal["ymd", "dmy", "mdy"]

MOST_COUNT = 10**12
"""Tokens or requests of one row; more is no row's, and sums stay exact."""

MOST_USD = 10**9
MOST_SECONDS = 10**8
LONGEST_NAME = 200
YEARS = range(2015, 2200)
"""Before them nobody sold tokens."""

DAY_OR_MONTH = (
    "cannot tell the day from the month: --mapping date_order=dmy, or mdy, says how they are"
    " written"
)

_SHOWN = 24
_DIGITS = frozenset("0123456789")
_HARMLESS = re.compile(r"(?=.*\d)(?:(?![^\W\d_]{4}).)+")
_HOURS = frozenset(f"{hour:02}:" for hour in range(24))
_IN_HOUR = re.compile("[0-5][0-9]:[0-5][0-9]")
_ENDS = frozenset({"Z", "+00:00", " UTC"})
_NUMBER = {
    ".": re.compile(r"[+-]?(\d+|\d{1,3}(?:[,' \u00a0\u202f]\d{3})+)(\.\d*)?([eE][+-]?\d{1,3})?"),
    ",": re.compile(r"[+-]?(\d+|\d{1,3}(?:[.' \u00a0\u202f]\d{3})+)(,\d*)?([eE][+-]?\d{1,3})?"),
}
_POINTED = re.compile(r"[+-]?(\.\d+)([eE][+-]?\d{1,3})?")
_SYMBOLS = str.maketrans("", "", "$€£¥ \u00a0")
_KEY = re.compile(r"(?:sk|gsk|hf|xai|pplx|AIza|r8|pk)[-_A-Za-z0-9]{12,}|[0-9a-f]{40,}")
_DAY = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_EPOCH = re.compile(r"\d{10,19}(?:\.\d{1,9})?")
_TRUE = frozenset({"true", "1", "yes", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "f", "n"})


class Unreadable(Exception):
    """A cell that says nothing that can be used.

    Attributes:
        column: Its name, or "".
        reason: As of `core.usage.rows.Problem`.
    """

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def shown(value: str) -> str:
    """A value with a digit and without a word in it, for a reason; else only that it is there.

    Where quotation marks are broken, a cell of numbers holds what somebody wrote to a model.
    """
    is_harmless = len(value) <= _SHOWN and value.isprintable() and _HARMLESS.fullmatch(value)
    return f"“{value}”" if is_harmless else "this"


def count(text: str, decimal: Decimal = ".") -> float | None:
    """How many; None for an empty cell.

    Raises:
        Unreadable: it is no number, not finite, below 0, or more than any row has.
    """
    if text.isdecimal() and text.isascii() and len(text) <= 12:
        return int(text)
    found = number(text, decimal)
    return None if found is None else checked_count(found)


def checked_count(found: float) -> float:
    """The number, if a row can have so many of anything.

    Raises:
        Unreadable: it cannot.
    """
    if not 0 <= found <= MOST_COUNT:
        raise Unreadable(_wrong(found, MOST_COUNT))
    return found


def usd(text: str, decimal: Decimal = ".", *, may_be_negative: bool = False) -> float | None:
    """An amount of dollars; a currency sign is left out; None for an empty cell.

    Raises:
        Unreadable: it is no number, not finite, or more than any row costs.
    """
    found = _plain_number(text) if decimal == "." else None
    if found is None:
        found = number(text.translate(_SYMBOLS), decimal)
    return None if found is None else checked_usd(found, may_be_negative=may_be_negative)


def checked_usd(found: float, *, may_be_negative: bool = False) -> float:
    """The number, if a row can cost so much.

    Raises:
        Unreadable: it cannot.
    """
    least = -MOST_USD if may_be_negative else 0
    if not least <= found <= MOST_USD:
        raise Unreadable(_wrong(found, MOST_USD))
    return found


def seconds(text: str, decimal: Decimal = ".", *, per: float = 1) -> float | None:
    """A duration; `per` is how many of its units make a second. None for an empty cell.

    Raises:
        Unreadable: it is no number, below 0, or longer than years.
    """
    found = number(text, decimal)
    return None if found is None else checked_seconds(found / per)


def checked_seconds(found: float) -> float:
    """The number, if a request can last so long.

    Raises:
        Unreadable: it cannot.
    """
    if not 0 <= found <= MOST_SECONDS:
        raise Unreadable(_wrong(found, MOST_SECONDS))
    return found


def _wrong(found: float, most: float) -> str:
    if not -math.inf < found < math.inf:  # whole numbers may be larger than any float
        return "is not a number"
    return "is less than nothing" if found < 0 else f"is more than {most:.0e}"


def number(text: str, decimal: Decimal = ".") -> float | None:
    """A number of any size; None for an empty cell.

    Raises:
        Unreadable: it is none.
    """
    if decimal == ".":
        plain_one = _plain_number(text)
        if plain_one is not None:
            return plain_one
    text = text.strip()
    if not text:
        return None
    found = _NUMBER[decimal].fullmatch(text) if text.isascii() else _wide(text, decimal)
    if found is None:
        if decimal == "." and _POINTED.fullmatch(text):
            return float(text)
        raise Unreadable(f"{shown(text)} is not a number")
    thousands = "," if decimal == "." else "."
    plain = text.replace(thousands, "").replace("'", "").replace(" ", "")
    plain = plain.replace("\u00a0", "").replace("\u202f", "").replace(decimal, ".")
    return float(plain)


def _plain_number(text: str) -> float | None:
    """A number as nearly all cells have it; None for others, which are looked at closer.

    `float` would also take "1_000", which is no number here.
    """
    if text[:1] in _DIGITS and text.isascii() and "_" not in text:
        try:
            return float(text)
        except ValueError:
            return None
    return None


def _wide(text: str, decimal: Decimal) -> re.Match[str] | None:
    """A number with a wide space between its thousands, and no digits but the usual ones."""
    narrow = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")
    return _NUMBER[decimal].fullmatch(text) if narrow.isascii() else None


def boolean(text: str) -> bool | None:
    """Yes or no; None for an empty cell.

    Raises:
        Unreadable: it is neither.
    """
    low = text.strip().lower()
    if low in _FALSE:
        return False
    if low in _TRUE:
        return True
    if low in {"", "null", "none"}:
        return None
    raise Unreadable(f"{shown(text)} is neither true nor false")


def name(text: str) -> str:
    """A name on one line, whole characters only, cut where no name is that long."""
    if text.isprintable():
        return text.strip()[:LONGEST_NAME]
    kept = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * LONGEST_NAME])
    return " ".join(kept.split())[:LONGEST_NAME]


usual_name = lru_cache(maxsize=4096)(name)
"""`name`, for texts of which there are few."""


def key_name(text: str) -> str:
    """A key's name. What looks like a key itself, or like the digest of one, is cut to its end."""
    if not text:
        return ""
    text = name(text)
    return f"…{text[-4:]}" if _KEY.fullmatch(text) else text


def day(text: str) -> bool:
    """Whether a time is a day without an hour."""
    return ":" not in text and not _EPOCH.fullmatch(text.strip())


def _hour(text: str) -> str:
    """The begin of a time that usage may be of, as "2026-11-26T13:"; "" for any other text."""
    if text[11:] not in _HOURS or text[10] not in "T " or text[7] != "-":
        return ""
    try:
        is_possible = text.isascii() and date.fromisoformat(text[:10]).year in YEARS
    except ValueError:
        return ""
    return f"{text[:10]}T{text[11:]}" if is_possible else ""


def _is_in_hour(text: str) -> bool:
    return _IN_HOUR.fullmatch(text) is not None


usual_hour = TextCache(_hour)
"""What `_hour` says of the first 14 signs of a time."""

_in_hour = TextCache(_is_in_hour)


def usual_instant(text: str, zone: tzinfo = UTC) -> str:
    """As `instant`, of a time as nearly all are written: in UTC, with the parts where they
    belong, so that there is nothing to compute. "" for any other."""
    hour, rest = usual_hour[text[:14]], text[14:19]
    if hour and _in_hour[rest]:
        end = text[19:]
        if end[:1] == ".":
            end = end[1:].lstrip("0123456789")
        if end in _ENDS or (not end and zone is UTC):
            return f"{hour}{rest}+00:00"
    return ""


def instant(text: str, order: DateOrder | None = None, zone: tzinfo = UTC) -> str:
    """A time in UTC, to the second.

    Args:
        order: How a date is written whose parts may be read in several ways; None refuses it,
            unless dots part it, which are written day first everywhere.
        zone: Of a time that tells none.

    Raises:
        Unreadable: it is no time, or one that nobody can have used a model at.
    """
    usual = usual_instant(text, zone)
    if usual:
        return usual
    at = read_moment(text, order)
    return stamp(at if at.tzinfo is not None else at.replace(tzinfo=zone))


def stamp(at: datetime) -> str:
    """A time that has a zone, as `core.usage` writes it.

    Raises:
        Unreadable: nobody can have used a model then.
    """
    there = at
    if at.tzinfo is not UTC:
        with contextlib.suppress(OverflowError):
            there = at.astimezone(UTC)
    if there.year not in YEARS:
        raise Unreadable(f"the year {there.year} is none of a request")
    return there.isoformat(timespec="seconds")


def from_epoch(number: float) -> datetime:
    """A time from seconds, milliseconds, microseconds or nanoseconds since 1970, by their size.

    Raises:
        Unreadable: it is none.
    """
    for per in (1, 1e3, 1e6, 1e9):
        if 1.4e9 * per <= number < 7.3e9 * per:  # a whole number may be too large to be divided
            return datetime.fromtimestamp(number / per, UTC)
    raise Unreadable("is not a time")


def moment(text: str, order: DateOrder | None = None) -> datetime:
    """A time with its zone; UTC where it tells none (see `instant`).

    Raises:
        Unreadable: it is no time.
    """
    try:
        at = datetime.fromisoformat(text) if text.isascii() else read_moment(text, order)
    except ValueError:
        at = read_moment(text, order)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def read_moment(text: str, order: DateOrder | None = None) -> datetime:
    """A time as it is written, without a zone where it tells none.

    Raises:
        Unreadable: it is no time.
    """
    text = text.strip()
    if text.isascii():
        try:
            return datetime.fromisoformat(text[:-4] + "Z" if text.endswith(" UTC") else text)
        except ValueError:
            pass
    if _EPOCH.fullmatch(text):
        return from_epoch(float(text))
    found = _DAY.fullmatch(text)
    if found is None or not text.isascii():
        raise Unreadable(f"{shown(text)} is not a time")
    first, sign, second, third = found[1], found[2], found[3], found[4]
    if len(first) == 4:
        parts = first, second, third
    else:
        parts = _ordered(first, second, third, "dmy" if sign == "." else order)
    year, month, day_ = (int(part) for part in parts)
    try:
        hour, minute, second = _clock(found)
        zone = datetime.strptime(_zone(found[9]), "%z").tzinfo if found[9] else None
        return datetime(year, month, day_, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise Unreadable(f"{shown(text)} is not a time") from None


def _ordered(first: str, second: str, third: str, order: DateOrder | None) -> tuple[str, str, str]:
    year = third if len(third) == 4 else f"20{third:0>2}"
    if int(first) > 12 or first == second:
        return year, second, first
    if int(second) > 12:
        return year, first, second
    if order == "dmy":
        return year, second, first
    if order == "mdy":
        return year, first, second
    raise Unreadable(DAY_OR_MONTH)


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(found[at] or 0) for at in (5, 6, 7))
    half = (found[8] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second


def _zone(text: str) -> str:
    return "+0000" if text in {"Z", "UTC", "GMT"} else text


def between(begin: datetime, end: datetime) -> float | None:
    """Seconds from one to the other; None where clocks ran backwards or for days."""
    span = (end - begin).total_seconds()
    return span if 0 <= span <= MOST_SECONDS else None
