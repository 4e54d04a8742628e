"""Figures as they are shown: value, unit, origin, band or date, and the same in spoken words.

Numbers are localised through QLocale. True minus, en dash in ranges, `~` before every estimate,
"unknown" for what is not known. Money is whole from $20 up and has cents below; below a cent it
keeps two significant digits, so that no price rounds to nothing. Memory is in GiB, files and disks
are in GB, as their makers and systems count them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from PySide6.QtCore import QCoreApplication, QDate

from landfall.core.durations import millisecond_digits
from landfall.core.provenance import (
    STALE_AFTER_DAYS,
    Estimated,
    Figure,
    Measured,
    Published,
    Stated,
    Unknown,
)
from landfall.gui import no_break
from landfall.gui.dates import is_stale, locale, when
from landfall.gui.translated import translated
from landfall.gui.units import Unit, scale_of

MINUS = "\u2212"
NBSP = no_break.NBSP
EN_DASH = "\u2013"
HAIR_SPACE = "\u200a"


class Origin(Enum):
    """The five ways in which a number can be known; each has its own mark."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    PUBLISHED = "published"
    STATED = "stated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A figure, ready to be painted.

    Attributes:
        value: With `~` where it is an estimate; "unknown" where it is not known.
        unit: May be "": money carries its sign in the value.
        origin: Which mark it gets.
        detail: The band of an estimate, the date of the others; may be "".
        note: When and where, which formula, which source, why unknown.
        stale: Whether a published value is too old.
        spoken: The whole for a screen reader.
        sort: The plain middle value, or None.
    """

    value: str
    unit: str
    origin: Origin
    detail: str
    note: str
    stale: bool
    spoken: str
    sort: float | None


_MONEY = {
    Unit.USD: "",
    Unit.USD_MONTH: "",
    Unit.USD_PER_MTOK: "/ M",
    Unit.USD_PER_KWH: "/ kWh",
    Unit.USD_PER_HOUR: "/ h",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("format", text)


Convert = Callable[[float, str], str]
"""USD and the unit behind it, as "/ kWh", in the words of another currency."""
_converters: list[Convert] = []


def convert_money_with(convert: Convert | None) -> None:
    """Say from now on in the note of every amount of money what it is in another currency."""
    _converters[:] = [] if convert is None else [convert]


def converted(usd: float, unit: Unit = Unit.USD) -> str:
    """An amount of money in the user's currency with its rate and date; "" where that is USD."""
    return _converters[0](usd, _MONEY[unit]) if _converters and unit in _MONEY else ""


def shown(
    figure: Figure,
    unit: Unit,
    *,
    today: QDate | None = None,
    stale_days: int = STALE_AFTER_DAYS,
) -> Shown:
    """What is shown of a figure. `today` decides what is stale; it is the clock's by default."""
    seen = _in_dollars(figure, unit, today=today, stale_days=stale_days)
    other = converted(seen.sort, unit) if seen.sort is not None else ""
    if not other:
        return seen
    note = f"{seen.note}\n{other}" if seen.note else other
    return replace(seen, note=note, spoken=f"{seen.spoken}, {other}")


def _in_dollars(figure: Figure, unit: Unit, *, today: QDate | None, stale_days: int) -> Shown:
    day = today or QDate.currentDate()
    match figure:
        case Measured(value=value, at=at, where=where):
            seen = when(at, today=day)
            return _known(value, unit, Origin.MEASURED, detail=seen, note=translated(where))
        case Published(value=value, source=source, date=date):
            # A data sheet of 2022 is as true as ever; only prices go stale.
            stale = unit in _MONEY and is_stale(date, today=day, stale_days=stale_days)
            detail = when(date, today=day)
            if stale:
                detail = _tr("{0}, stale").format(detail)
            note = translated(source)
            return _known(value, unit, Origin.PUBLISHED, detail=detail, note=note, stale=stale)
        case Stated(value=value, where=where, as_of=as_of):
            said, note = _tr("as you said"), translated(where)
            dated = unit in _MONEY and bool(as_of)
            old = dated and is_stale(as_of, today=day, stale_days=stale_days)
            detail = f"{said}, {when(as_of, today=day)}" if as_of else said
            detail = _tr("{0}, stale").format(detail) if old else detail
            return _known(value, unit, Origin.STATED, detail=detail, note=note, stale=old)
        case Estimated(as_of=as_of):
            guess = _estimated(figure, unit)
            if not as_of or not is_stale(as_of, today=day, stale_days=stale_days):
                return guess
            # What stands for several listings is no younger than the newest of them.
            aged = _tr("{0}, stale").format(when(as_of, today=day))
            detail = f"{guess.detail}; {aged}" if guess.detail else aged
            return replace(guess, detail=detail, stale=True, spoken=f"{guess.spoken}, {aged}")
        case Unknown(reason=why):
            return _unknown(translated(why))
        case _:
            assert_never(figure)


def _unknown(reason: str) -> Shown:
    word = _tr("unknown")
    return Shown(
        value=word,
        unit="",
        origin=Origin.UNKNOWN,
        detail="",
        note=reason,
        stale=False,
        spoken=f"{word}: {reason}" if reason else word,
        sort=None,
    )


def _known(
    value: float, unit: Unit, origin: Origin, *, detail: str, note: str, stale: bool = False
) -> Shown:
    text, suffix = amount(value, unit)
    parts = [f"{text} {suffix}".strip(), origin_word(origin), detail, note]
    return Shown(
        value=text,
        unit=suffix,
        origin=origin,
        detail=detail,
        note=note,
        stale=stale,
        spoken=", ".join(part for part in parts if part),
        sort=value,
    )


def _estimated(figure: Estimated, unit: Unit) -> Shown:
    text, suffix = amount(figure.mid, unit, rough=True)
    low, high = _pair(figure.low, figure.high, unit, like=figure.mid)
    ends = "" if low == high else _range(low, high)
    formula = translated(figure.formula)
    spoken = f"{_tr('about')} {text} {suffix}".strip()
    if ends:
        spoken += f", {_tr('between {0} and {1}').format(low, high)}"
    return Shown(
        value=approximately(text),
        unit=suffix,
        origin=Origin.ESTIMATED,
        detail=ends,
        note=formula,
        stale=False,
        spoken=f"{spoken}, {origin_word(Origin.ESTIMATED)}, {formula}",
        sort=figure.mid,
    )


def approximately(text: str) -> str:
    """`~` before an estimate; a hair's breadth between it and a minus sign."""
    return f"~{HAIR_SPACE if text.startswith(MINUS) else ''}{text}"


def origin_word(origin: Origin) -> str:
    """The word for the mark."""
    return {
        Origin.MEASURED: _tr("measured"),
        Origin.ESTIMATED: _tr("estimated"),
        Origin.PUBLISHED: _tr("published"),
        Origin.STATED: _tr("stated by you"),
        Origin.UNKNOWN: _tr("unknown"),
    }[origin]


def _pair(low: float, high: float, unit: Unit, *, like: float) -> tuple[str, str]:
    """Both ends, in the scale of the middle value so that they compare at a glance."""
    if unit in _MONEY:
        # Cents beside whole dollars would pretend that one end is known better than the other.
        digits = 0 if round(abs(high), 2) >= 20 else None
        return money(low, sign=False, digits=digits), money(high, sign=False, digits=digits)
    if unit is Unit.SECONDS:
        return duration(low), duration(high)
    scale = scale_of(like, unit)
    digits = scale.digits(like / scale.divisor, rough=True)
    return (
        number(low / scale.divisor, digits=digits),
        number(high / scale.divisor, digits=digits),
    )


def _range(low: str, high: str) -> str:
    """An en dash, or the word where a minus sign would meet it."""
    if MINUS in low or MINUS in high:
        return _tr("{0} to {1}").format(low, high)
    return f"{low}{EN_DASH}{high}"


def text(figure: Figure, unit: Unit) -> str:
    """Value and unit in one string, for sentences: "~63 tok/s", "$3.00", "unknown"."""
    seen = shown(figure, unit)
    return joined(seen.value, seen.unit)


def plain(value: float, unit: Unit, *, like: float | None = None) -> str:
    """A bare number with its unit, where its origin is shown elsewhere: "24.0 GiB".

    `like` gives the scale, so that the parts of a sum are written as the sum is: "0.5 GiB". A part
    of which that would leave nothing keeps its own: "20 MiB", and not "0.0 GiB".
    """
    if like is None or unit in _MONEY or unit is Unit.SECONDS:
        return joined(*amount(value, unit))
    scale = scale_of(like, unit)
    scaled = value / scale.divisor
    written = number(scaled, digits=scale.digits(scaled))
    if value and written == number(0.0, digits=scale.digits(scaled)):
        return joined(*amount(value, unit))
    return joined(written, scale.word())


def joined(value: str, unit: str) -> str:
    """Never broken between number and unit."""
    return f"{value}{NBSP}{unit}" if unit else value


def amount(value: float, unit: Unit, *, rough: bool = False) -> tuple[str, str]:
    """A number and its unit, scaled: 24_000_000_000 bytes a second is ("24.0", "GB/s").

    `rough` leaves away the decimals that an estimate cannot vouch for.
    """
    if unit in _MONEY:
        return money(value), _MONEY[unit]
    if unit is Unit.SECONDS:
        return duration(value), ""
    scale = scale_of(value, unit)
    scaled = value / scale.divisor
    return number(scaled, digits=scale.digits(scaled, rough=rough)), scale.word()


def number(value: float, *, digits: int = 0) -> str:
    """A localised number with a true minus sign; what rounds to zero has none."""
    if not math.isfinite(value):
        raise ValueError(f"not a number that can be shown: {value}")
    here = locale()
    rounded = here.toString(float(abs(value)), "f", digits)
    if value >= 0:
        return rounded
    # As Qt rounds, which takes a half up where Python takes it to the even neighbour.
    is_zero = rounded == here.toString(0.0, "f", digits)
    return rounded if is_zero else MINUS + rounded


def plain_number(value: float) -> str:
    """A localised number with the digits that it has, six at most."""
    return locale().toString(float(value), "g", 6)


def whole(value: int) -> str:
    """A localised whole number with grouped digits."""
    return number(float(value))


def money(value: float, *, sign: bool = True, digits: int | None = None) -> str:
    """Dollars: whole from 20 up, cents below, two significant digits below a cent.

    Without `sign` the dollar sign is left away, for the ends of a band. `digits` overrules.
    """
    size = float(abs(value))
    if digits is None:
        # What rounds up to 20 is shown as 20, so that 19.999 and 20 do not differ in form.
        digits = 0 if round(size, 2) >= 20 else 2
        if 0 < size < 0.01:
            digits = 1 - math.floor(math.log10(size))
    here = locale()
    written = here.toString(size, "f", digits)
    if sign:
        written = here.toCurrencyString(size, "$", digits)
    shows_nothing = here.toString(size, "f", digits) == here.toString(0.0, "f", digits)
    return written if value >= 0 or shows_nothing else MINUS + written


def duration(seconds: float) -> str:
    """A length of time in its two largest units: "340 ms", "4.2 s", "1 min 25 s", "3 d 4 h"."""
    prefix = MINUS if seconds < 0 else ""
    size = abs(seconds)
    if size < 0.9995:
        return f"{prefix}{number(size * 1000, digits=millisecond_digits(size))}{NBSP}ms"
    if size < 9.95:
        return f"{prefix}{number(size, digits=1)}{NBSP}s"
    total = round(size)
    if total < 60:
        return f"{prefix}{number(total)}{NBSP}s"
    for big, small, names in (
        (60, 1, ("min", "s")),
        (3600, 60, ("h", "min")),
        (86400, 3600, ("d", "h")),
    ):
        if total < big * {60: 60, 3600: 24}.get(big, total + 1):
            first, rest = divmod(total, big)
            second = rest // small
            out = f"{prefix}{number(first)}{NBSP}{names[0]}"
            return f"{out} {second}{NBSP}{names[1]}" if second else out
    raise AssertionError("every duration has a unit")


def percent(share: float, *, digits: int = 0) -> str:
    """A share as a percentage, with a space before the sign."""
    return f"{number(share * 100, digits=digits)}{NBSP}%"


def capital(words: str) -> str:
    """With a capital, unless it begins with a name such as qwen3:8b, with a path or a number."""
    first, space, rest = words.strip().partition(" ")
    plain_word = first.rstrip(",:;").isalpha() and first.islower()
    return f"{first.capitalize() if plain_word else first}{space}{rest}"
