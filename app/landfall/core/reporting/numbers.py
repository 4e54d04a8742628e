"""Numbers of a report: written the same on every machine, with a true minus and an origin."""

from __future__ import annotations

import math
from collections.abc import Callable

from landfall.core.dollars import usd
from landfall.core.durations import duration
from landfall.core.provenance import (
    Estimated,
    Figure,
    Measured,
    Published,
    Stated,
    Unknown,
    band,
    days_old,
)
from landfall.core.reporting.blocks import Cell, Mark

MINUS = "−"
money = usd
"""USD, as sentences write it too."""
seconds = duration
"""A length of time, as sentences write it too."""


def number(value: float) -> str:
    """A count or a measure: whole from ten up, three digits below."""
    if not math.isfinite(value):
        return "never"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 10 or size == int(size) else f"{size:.3g}"
    return f"{MINUS}{text}" if value < 0 else text


def counted(count: int, one: str, several: str) -> str:
    """So many of something: "1 call", "1,200 calls"."""
    return f"{number(count)} {one if count == 1 else several}"


def percent(share: float) -> str:
    """A share as per cent, with a digit below ten."""
    value = 100 * share
    whole = abs(value) >= 10 or value == int(value)
    text = f"{abs(value):,.0f}" if whole else f"{abs(value):.1f}"
    return f"{MINUS if value < 0 and text not in ('0', '0.0') else ''}{text} %"


def points(share: float) -> str:
    """A share as points with its sign: "+1.2"."""
    text = f"{abs(100 * share):.1f}"
    if text == "0.0":
        return text
    return f"{MINUS if share < 0 else '+'}{text}"


def spread(low: float, high: float, write: Callable[[float], str]) -> str:
    """Both ends of a band."""
    return f"{write(low)} to {write(high)}"


def mark_of(figure: Figure) -> Mark:
    """Where a figure comes from."""
    match figure:
        case Measured():
            return Mark.MEASURED
        case Estimated():
            return Mark.ESTIMATED
        case Published():
            return Mark.PUBLISHED
        case Stated():
            return Mark.STATED
        case _:
            return Mark.UNKNOWN


def origin(figure: Figure) -> str:
    """Source, day, formula or reason, without the word for what it is: the mark says that."""
    match figure:
        case Measured(at=at, where=where):
            return f"{where}, {at[:10]}" if at else where
        case Estimated(formula=formula):
            return formula
        case Published(source=source, date=date):
            return f"{source}, {date}"
        case Stated(where=where, as_of=as_of):
            return f"{where}, {as_of}" if as_of else where
        case Unknown(reason=reason):
            return reason


def of_day(day: str, as_of: str, *, stale_days: int) -> str:
    """The day of a price, and how old it is where that is more than a price may be."""
    age = days_old(day, as_of)
    return f"{day}, {age} days old" if age is not None and age > stale_days else day


def short(figure: Figure, write: Callable[[float], str]) -> str:
    """A figure inside a sentence: "~$120", "$96", "not known"."""
    ends = band(figure)
    if ends is None:
        return "not known"
    return f"~{write(ends[1])}" if isinstance(figure, Estimated) else write(ends[1])


def with_band(figure: Figure, write: Callable[[float], str]) -> str:
    """A figure with its band: "~$120 ($90 to $160)"."""
    ends = band(figure)
    text = short(figure, write)
    if ends is None or ends[0] == ends[2]:
        return text
    return f"{text} ({spread(ends[0], ends[2], write)})"


def cell(figure: Figure, write: Callable[[float], str], *, says: str | None = None) -> Cell:
    """A figure as a cell: value, mark and below it the band or the reason.

    Args:
        says: Stands below in place of the band.
    """
    ends = band(figure)
    if ends is None:
        return Cell("not known", Mark.UNKNOWN, origin(figure) if says is None else says)
    detail = says
    if detail is None:
        spans = ends[0] != ends[2]
        detail = spread(ends[0], ends[2], write) if spans else ""
    return Cell(short(figure, write), mark_of(figure), detail)
