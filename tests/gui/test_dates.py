"""Dates and times as people say them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QDate, QDateTime, QLocale, QTime

from landfall.gui import dates
from landfall.gui.cloud import usage_rows
from landfall.gui.dates import (
    clock,
    clock_to_the_second,
    day,
    day_and_clock,
    is_stale,
    when,
    when_apart,
)
from landfall.gui.hosts import words as host_words

TODAY = QDate(2026, 11, 25)


def test_a_price_without_a_date_counts_as_old() -> None:
    assert is_stale("", today=TODAY)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("", ""),
        ("2026-11-20", "20 Nov"),
        ("2022-10-12", "12 Oct 2022"),
        ("yesterday", "yesterday"),
        ("2026-13-99T00:00:00Z", "2026-13-99T00:00:00Z"),
    ],
)
def test_moments_are_said_as_people_say_them(moment: str, said: str) -> None:
    assert when(moment, today=TODAY) == said


def test_a_moment_of_today_has_its_clock() -> None:
    assert when("2026-11-25T12:00:00Z", today=TODAY).startswith("today ")


def test_that_two_times_that_read_alike_are_told_to_the_second() -> None:
    first, second = "2026-11-20T08:00:05", "2026-11-20T08:00:41"
    said = when_apart(first, second)
    assert [words[:6] for words in said] == ["20 Nov", "20 Nov"]
    assert [":05" in said[0], ":41" in said[1]] == [True, True]
    assert when_apart("2026-11-20", "2026-11-21") == ("20 Nov", "21 Nov")


HOUR, MINUTE, SECOND = 21, 34, 56
TIME = QTime(HOUR, MINUTE, SECOND)
LOCALES = QLocale.matchingLocales(
    QLocale.Language.AnyLanguage, QLocale.Script.AnyScript, QLocale.Country.AnyCountry
)


@pytest.fixture
def any_locale() -> Iterator[None]:
    """Its test may set the locale of the program."""
    before = QLocale()
    yield
    QLocale.setDefault(before)


def told(words: str) -> list[int]:
    """The numbers in words, in any digits."""
    spaced = "".join(sign if sign.isdecimal() else " " for sign in words)
    return [int(number) for number in spaced.split()]


@pytest.mark.usefixtures("any_locale")
def test_that_every_locale_tells_minutes_and_seconds_exactly_where_they_are_asked_for() -> None:
    assert len(LOCALES) > 500
    wrong = []
    for locale in LOCALES:
        QLocale.setDefault(locale)
        short, exact = told(clock(TIME)), told(clock_to_the_second(TIME))
        hours = HOUR, HOUR - 12
        if short[0] not in hours or short[1:] != [MINUTE]:
            wrong.append((locale.name(), clock(TIME)))
        if exact[0] not in hours or exact[1:] != [MINUTE, SECOND]:
            wrong.append((locale.name(), clock_to_the_second(TIME)))
        if clock_to_the_second(TIME) == clock_to_the_second(TIME.addSecs(-12 * 3600)):
            wrong.append((locale.name(), "morning and evening are one"))
        if any(zone in clock_to_the_second(TIME) for zone in ("UTC", "GMT", "()", "[]")):
            wrong.append((locale.name(), clock_to_the_second(TIME)))
    assert wrong == []


@pytest.mark.usefixtures("any_locale")
@pytest.mark.parametrize(
    ("name", "minute", "second"),
    [
        ("en_US", "9:34 PM", "9:34:56 PM"),
        ("en_GB", "21:34", "21:34:56"),
        ("de_DE", "21:34", "21:34:56"),
    ],
)
def test_that_a_time_reads_as_people_write_it_there(name: str, minute: str, second: str) -> None:
    QLocale.setDefault(QLocale(name))
    # Which space stands before PM is another one in each version of Qt.
    said = [" ".join(words.split()) for words in (clock(TIME), clock_to_the_second(TIME))]
    assert said == [minute, second]


@pytest.mark.parametrize("form", ["", "HH:mm", "'mm:ss' HH", "mm:ss", "tttt"])
def test_that_a_form_of_the_users_own_that_lacks_a_part_is_not_used(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Own(QLocale):
        def timeFormat(self, format: QLocale.FormatType = QLocale.FormatType.LongFormat) -> str:
            return form

    own = Own(QLocale("en_GB"))
    monkeypatch.setattr(dates, "locale", lambda: own)
    assert clock_to_the_second(TIME) == "21:34:56"


@pytest.mark.usefixtures("any_locale")
def test_that_a_moment_is_told_alike_wherever_it_stands() -> None:
    now = QDateTime.currentDateTime()
    moment = now.toString("yyyy-MM-ddTHH:mm:ss")
    for name in ("C", "en_US", "de_DE", "fr_CA"):
        QLocale.setDefault(QLocale(name))
        assert when(moment) == f"today {clock(now.time())}"
        assert host_words.clock(moment) == clock(now.time())
        request = usage_rows.moment("2026-11-20T21:34:56Z", 1)
        assert request == day_and_clock(QDateTime(QDate(2026, 11, 20), TIME))
        assert clock(TIME) in request
        assert usage_rows.moment("2026-11-20T00:00:00Z", 86_400) == day(QDate(2026, 11, 20))
