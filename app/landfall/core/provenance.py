"""What a number is worth: measured here, estimated with a band, published with source and date.

Every figure shown is one of these. Unknown is a value with a reason, never 0 and never a default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Measured:
    """Read from a sensor, a counter or a clock on a machine of the user.

    Attributes:
        value: In the unit that the field's name says.
        at: ISO 8601 time of the measurement, UTC, or "" where it is live.
        where: What was measured, and how: "NVML", "Ollama 0.24.0 eval_count / eval_duration".
    """

    value: float
    at: str
    where: str


@dataclass(frozen=True, slots=True)
class Estimated:
    """Computed by a formula. The band holds the truth in about eight of ten cases.

    Attributes:
        low: Lower end of the band.
        mid: Best single estimate.
        high: Upper end of the band.
        formula: Which formula and which inputs.
        as_of: ISO date of the newest listing, where it stands for several that were published.
    """

    low: float
    mid: float
    high: float
    formula: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """Printed somewhere by somebody.

    Attributes:
        value: In the unit that the field's name says.
        source: Who says so: a page, a package, a table.
        date: ISO date on which it was so.
    """

    value: float
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Stated:
    """Typed in by the user, who knows better.

    Attributes:
        value: In the unit that the field's name says.
        where: The setting or the key of the file that holds it.
        as_of: ISO date on which it was so, where the user said it; a quote of a price ages too.
    """

    value: float
    where: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, and why."""

    reason: str


Known = Measured | Estimated | Published | Stated
Figure = Known | Unknown

RECALLED = "recalled by whoever made the table, looked up nowhere"
"""Origin of a figure that no page stands behind. It is an estimate, however round it looks: what is
published has somebody who printed it."""

STALE_AFTER_DAYS = 45
"""A published price older than this is flagged wherever it is shown."""


def middle(figure: Figure) -> float | None:
    """The single best value of a figure, or None where nothing is known."""
    # Asked for tens of thousands of times in a search: a chain is a third of a `match`.
    if isinstance(figure, Estimated):
        return figure.mid
    return None if isinstance(figure, Unknown) else figure.value


def band(figure: Figure) -> tuple[float, float, float] | None:
    """Low, middle and high of a figure; a measured or published value is its own band."""
    match figure:
        case Estimated(low=low, mid=mid, high=high):
            return low, mid, high
        case Unknown():
            return None
        case Measured(value=value) | Published(value=value) | Stated(value=value):
            return value, value, value
        case _:
            assert_never(figure)


def published_on(figure: Figure) -> str:
    """ISO date on which a price was so, as whoever listed or stated it says; else ""."""
    match figure:
        case Published(date=day):
            return day
        case Estimated(as_of=as_of) | Stated(as_of=as_of):
            return as_of
        case _:
            return ""


def origin(figure: Figure) -> str:
    """What a sum is made of, short enough to stand in a formula."""
    match figure:
        case Stated(where=where):
            return where
        case Measured(where=where):
            return where
        case Published(source=source):
            return source
        case Estimated(formula=formula):
            return formula
        case Unknown(reason=reason):
            return reason


def days_old(day: str, today: str) -> int | None:
    """Days from one ISO date to another; None where one of them is no date."""
    try:
        return (date.fromisoformat(today[:10]) - date.fromisoformat(day[:10])).days
    except ValueError:
        return None


def provenance(figure: Figure) -> str:
    """The birth certificate in one line, for people and for JSON."""
    match figure:
        case Measured(at=at, where=where):
            return f"measured: {where}" + (f", {at}" if at else "")
        case Estimated(formula=formula):
            return f"estimated: {formula}"
        case Published(source=source, date=day):
            return f"published: {source}, {day}"
        case Stated(where=where, as_of=as_of):
            return f"stated: {where}" + (f", {as_of}" if as_of else "")
        case Unknown(reason=reason):
            return f"unknown: {reason}"
        case _:
            assert_never(figure)


def as_json(figure: Figure) -> dict[str, float | str] | None:
    """`{"low", "mid", "high", "provenance"}`, or None where nothing is known."""
    ends = band(figure)
    if ends is None:
        return None
    low, mid, high = ends
    return {"low": low, "mid": mid, "high": high, "provenance": provenance(figure)}


def scaled(figure: Figure, factor: float) -> Figure:
    """The figure times a constant, such as a change of unit. The origin stays."""
    return mapped(figure, lambda value: value * factor)


def mapped(figure: Figure, change: Callable[[float], float]) -> Figure:
    """The figure with a monotonic function applied to its value and both ends of its band."""
    match figure:
        case Measured(value=value, at=at, where=where):
            return Measured(change(value), at, where)
        case Estimated(low=low, mid=mid, high=high, formula=formula, as_of=as_of):
            ends = sorted((change(low), change(high)))
            return Estimated(ends[0], change(mid), ends[1], formula, as_of)
        case Published(value=value, source=source, date=day):
            return Published(change(value), source, day)
        case Stated(value=value, where=where, as_of=as_of):
            return Stated(change(value), where, as_of)
        case Unknown():
            return figure
        case _:
            assert_never(figure)
