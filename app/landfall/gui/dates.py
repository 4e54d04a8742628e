"""Dates and times as people say them, in the user's locale."""

from __future__ import annotations

import re

from PySide6 import QtCore
from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

from landfall.core.provenance import STALE_AFTER_DAYS

_TOKEN = re.compile(r"'(?:[^']|'')*'|([a-zA-Z])\1*")
"""What is quoted in a form of a time is said as it is; of the rest each letter stands for a part.

Source: Qt 6, QLocale::toString(QTime, QString)."""
_ZONE = re.compile(r"('(?:[^']|'')*')|[\s,]*(?:\(t+\)|\[t+\]|t+)[\s,]*")
_WITHOUT_ZONE = "HH:mm:ss"


def _tr(text: str) -> str:
    return QCoreApplication.translate("dates", text)


def locale() -> QLocale:
    """The user's locale; a bare "C" writes neither groups nor a currency, so English stands in."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
    return locale


def is_stale(date: str, *, today: QDate, stale_days: int = STALE_AFTER_DAYS) -> bool:
    """Whether a published price is too old to be shown without a flag; no date counts as old."""
    published = _day(date)
    return not published.isValid() or published.daysTo(today) > stale_days


def when(moment: str, *, today: QDate | None = None) -> str:
    """An ISO 8601 date or time as people say it: "today 21:04", "20 Nov"; "" stays."""
    this_day = today or QDate.currentDate()
    if not moment:
        return ""
    if "T" in moment:
        stamp = QDateTime.fromString(moment, QtCore.Qt.DateFormat.ISODate)
        if not stamp.isValid():
            return moment
        local = stamp.toLocalTime()
        if local.date() == this_day:
            return _tr("today {0}").format(clock(local.time()))
        return _date(local.date(), this_day)
    parsed = _day(moment)
    return _date(parsed, this_day) if parsed.isValid() else moment


def day(date: QDate) -> str:
    """A day with its year: "20 Nov 2026"."""
    return locale().toString(date, _tr("d MMM yyyy"))


def day_and_clock(stamp: QDateTime) -> str:
    """A moment where its year and its time of day count: "20 Nov 2026, 21:04"."""
    return _tr("{0}, {1}").format(day(stamp.date()), clock(stamp.time()))


def clock(time: QTime) -> str:
    """The time of day to the minute: "21:04", or "9:04 PM" where people say it so."""
    return locale().toString(time, QLocale.FormatType.ShortFormat)


def clock_to_the_second(time: QTime) -> str:
    """The same to the second: the long form of the locale without its time zone.

    The user may have set one without seconds, or one with nothing else; then as ISO 8601 has it.
    """
    form = locale().timeFormat(QLocale.FormatType.LongFormat)
    form = _ZONE.sub(lambda found: found[1] or " ", form).strip()
    parts = {found[1] for found in _TOKEN.finditer(form) if found[1]}
    whole = {"m", "s"} <= parts and not parts.isdisjoint("hH")
    return locale().toString(time, form if whole else _WITHOUT_ZONE)


def when_apart(first: str, second: str) -> tuple[str, str]:
    """Two times as people say them, to the second where they would read alike.

    Those of one day before today say no time of day otherwise, those of one minute no seconds.
    """
    said = when(first), when(second)
    return (_exact(first), _exact(second)) if said[0] == said[1] else said


def _exact(moment: str) -> str:
    stamp = QDateTime.fromString(moment, QtCore.Qt.DateFormat.ISODate)
    if "T" not in moment or not stamp.isValid():
        return when(moment)
    local = stamp.toLocalTime()
    exact = clock_to_the_second(local.time())
    today = QDate.currentDate()
    if local.date() == today:
        return _tr("today {0}").format(exact)
    return _tr("{0}, {1}").format(_date(local.date(), today), exact)


def _date(date: QDate, today: QDate) -> str:
    return locale().toString(date, _tr("d MMM")) if date.year() == today.year() else day(date)


def _day(moment: str) -> QDate:
    return QDate.fromString(moment[:10], QtCore.Qt.DateFormat.ISODate)
