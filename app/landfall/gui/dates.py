"""Dates and times as people say them, in the user's locale."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt

from landfall.core.provenance import STALE_AFTER_DAYS

_ISO = Qt.DateFormat.ISODate


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
    day = _day(date)
    return not day.isValid() or day.daysTo(today) > stale_days


def when(moment: str, *, today: QDate | None = None) -> str:
    """An ISO 8601 date or time as people say it: "today 21:04", "20 Nov"; "" stays."""
    day = today or QDate.currentDate()
    if not moment:
        return ""
    if "T" in moment:
        stamp = QDateTime.fromString(moment, _ISO)
        if not stamp.isValid():
            return moment
        local = stamp.toLocalTime()
        if local.date() == day:
            clock = locale().toString(local.time(), QLocale.FormatType.ShortFormat)
            return _tr("today {0}").format(clock)
        return _date(local.date(), day)
    parsed = _day(moment)
    return _date(parsed, day) if parsed.isValid() else moment


def when_apart(first: str, second: str) -> tuple[str, str]:
    """Two times as people say them, to the second where they would read alike.

    Those of one day before today say no time of day otherwise, those of one minute no seconds.
    """
    said = when(first), when(second)
    return (_exact(first), _exact(second)) if said[0] == said[1] else said


def _exact(moment: str) -> str:
    stamp = QDateTime.fromString(moment, _ISO)
    if "T" not in moment or not stamp.isValid():
        return when(moment)
    local = stamp.toLocalTime()
    form = locale().timeFormat(QLocale.FormatType.ShortFormat).replace("mm", "mm:ss", 1)
    clock = locale().toString(local.time(), form)
    today = QDate.currentDate()
    if local.date() == today:
        return _tr("today {0}").format(clock)
    return _tr("{0}, {1}").format(_date(local.date(), today), clock)


def _date(date: QDate, today: QDate) -> str:
    form = _tr("d MMM") if date.year() == today.year() else _tr("d MMM yyyy")
    return locale().toString(date, form)


def _day(moment: str) -> QDate:
    return QDate.fromString(moment[:10], _ISO)
