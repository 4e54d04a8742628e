"""A cell says a count, an amount, a time or a name, or that it cannot be read, and no guess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import (
    DAY_OR_MONTH,
    MOST_COUNT,
    MOST_SECONDS,
    MOST_USD,
    Decimal,
    Unreadable,
    between,
    boolean,
    count,
    day,
    from_epoch,
    instant,
    key_name,
    moment,
    name,
    number,
    seconds,
    shown,
    stamp,
    usd,
    usual_instant,
)


def why(read: Callable[..., Any], *given: Any, **named: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        read(*given, **named)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "decimal", "found"),
    [
        ("", ".", None),
        ("  ", ".", None),
        ("12", ".", 12),
        (" 12 ", ".", 12),
        ("1,234,567.5", ".", 1234567.5),
        ("1.234.567,5", ",", 1234567.5),
        ("1'234.5", ".", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234\u202f567", ".", 1234567),
        (".5", ".", 0.5),
        ("-.5e1", ".", -5.0),
        ("1.", ".", 1.0),
        ("1.5e3", ".", 1500.0),
        ("+7", ".", 7.0),
        ("1,5e2", ",", 150.0),
    ],
)
def test_that_a_number_is_read_by_the_sign_of_its_file(
    text: str, decimal: Decimal, found: float | None
) -> None:
    assert number(text, decimal) == found


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("1,2", "."),
        ("12,34,567", "."),
        ("1.2", ","),
        ("1_000", "."),
        ("0x1", "."),
        ("1 2", "."),
        ("--1", "."),
        ("1e", "."),
        ("nan", "."),
        ("inf", "."),
        ("１２", "."),
        ("٣", "."),
        (",5", "."),
        (".5", ","),
    ],
)
def test_that_what_might_be_another_number_is_none(text: str, decimal: Decimal) -> None:
    assert "is not a number" in why(number, text, decimal)


def test_that_counts_have_bounds() -> None:
    assert (count("0"), count(""), count("123456789012")) == (0, None, 123456789012)
    assert type(count("7")) is type(count("123456789012")) is int
    assert count("1000000000000") == MOST_COUNT
    assert why(count, "1000000000001") == "is more than 1e+12"
    assert why(count, "-1") == "is less than nothing"
    assert why(count, "1e999") == "is not a number"
    assert why(count, "²") == "this is not a number"


def test_that_amounts_may_have_a_sign_of_a_currency_and_bounds() -> None:
    assert (usd("$1,234.50"), usd("0.1"), usd("  "), usd("€ 5")) == (1234.5, 0.1, None, 5.0)
    assert usd("1.234,50 €", ",") == 1234.5
    assert (usd("0"), usd("0.00"), usd("1,5", ",")) == (0.0, 0.0, 1.5)
    assert why(usd, "1.5", ",") == "“1.5” is not a number"
    assert usd(str(-MOST_USD), may_be_negative=True) == -MOST_USD
    assert why(usd, "-5") == "is less than nothing"
    assert usd("-5", may_be_negative=True) == -5.0
    assert usd(str(MOST_USD)) == MOST_USD
    assert why(usd, str(MOST_USD + 1)) == "is more than 1e+09"
    assert why(usd, str(-MOST_USD - 1), may_be_negative=True) == "is less than nothing"
    assert why(usd, "free") == "this is not a number"


def test_that_durations_are_in_the_unit_of_their_column() -> None:
    assert (seconds("1500", per=1000), seconds("2"), seconds("")) == (1.5, 2.0, None)
    assert (seconds("0"), seconds("1,5", ",")) == (0.0, 1.5)
    assert seconds(str(MOST_SECONDS)) == MOST_SECONDS
    assert why(seconds, str(MOST_SECONDS + 1)) == "is more than 1e+08"
    assert why(seconds, "-0.5") == "is less than nothing"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("12x", "“12x”"),
        ("word", "this"),
        ("12 words", "this"),
        ("1" * 24, f"“{'1' * 24}”"),
        ("1" * 25, "this"),
        ("1\n2", "this"),
        ("abc", "this"),
        ("abc1", "“abc1”"),
    ],
)
def test_that_what_somebody_wrote_is_not_repeated(value: str, told: str) -> None:
    assert shown(value) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("production", "production"),
        ("sk-0123456789abcdef", "…cdef"),
        ("AIza0123456789ab", "…89ab"),
        ("sk-short", "sk-short"),
        ("0123456789abcdef" * 3, "…cdef"),
        ("0123456789abcdef" * 2, "0123456789abcdef" * 2),
        (" sk-0123456789abcdef ", "…cdef"),
    ],
)
def test_that_what_looks_like_a_key_is_cut(text: str, told: str) -> None:
    assert key_name(text) == told


@pytest.mark.parametrize(
    ("text", "order", "at"),
    [
        ("2026-11-26T13:05:09Z", None, "2026-11-26T13:05:09"),
        ("2026-11-26 13:05:09 UTC", None, "2026-11-26T13:05:09"),
        ("2026-11-26 13:05:09", None, "2026-11-26T13:05:09"),
        ("2026-11-26T13:05:09.123456Z", None, "2026-11-26T13:05:09"),
        ("2026-11-26T13:05:09+02:00", None, "2026-11-26T11:05:09"),
        ("2026-11-26", None, "2026-11-26T00:00:00"),
        ("26.11.2026", None, "2026-11-26T00:00:00"),
        ("5.4.26 07:03", None, "2026-04-05T07:03:00"),
        ("26/11/2026 1:05 pm", None, "2026-11-26T13:05:00"),
        ("11/26/2026, 12:05:09 AM", None, "2026-11-26T00:05:09"),
        ("05/05/2026", None, "2026-05-05T00:00:00"),
        ("05/04/2026", "dmy", "2026-04-05T00:00:00"),
        ("05/04/2026", "mdy", "2026-05-04T00:00:00"),
        ("2015-01-01T00:00:00Z", None, "2015-01-01T00:00:00"),
        ("2199-12-31T23:59:59Z", None, "2199-12-31T23:59:59"),
        ("2026/04/05 10:00 GMT", None, "2026-04-05T10:00:00"),
        ("2026/04/05 10:00 -0500", None, "2026-04-05T15:00:00"),
        ("1795698309", None, "2026-11-26T13:05:09"),
        ("1795698309000", None, "2026-11-26T13:05:09"),
        ("1795698309.25", None, "2026-11-26T13:05:09"),
        ("1795698309000000000", None, "2026-11-26T13:05:09"),
    ],
)
def test_that_a_time_is_told_in_utc_to_the_second(text: str, order: Any, at: str) -> None:
    assert instant(text, order) == f"{at}+00:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("05/04/2026", DAY_OR_MONTH),
        ("2014-12-31T23:59:59Z", "the year 2014 is none of a request"),
        ("2200-01-01T00:00:00Z", "the year 2200 is none of a request"),
        ("2026-02-30", "“2026-02-30” is not a time"),
        ("26/11/2026 13:05 pm", "“26/11/2026 13:05 pm” is not a time"),
        ("26/11/2026 0:05 am", "“26/11/2026 0:05 am” is not a time"),
        ("26/11/2026 24:00", "“26/11/2026 24:00” is not a time"),
        ("31/11/2026", "“31/11/2026” is not a time"),
        ("26-11/2026", "“26-11/2026” is not a time"),
        ("123456789", "“123456789” is not a time"),
        ("9999999999", "is not a time"),
        ("", "this is not a time"),
        ("２０２６-11-26", "“２０２６-11-26” is not a time"),
    ],
)
def test_that_what_is_no_time_of_a_request_is_refused(text: str, reason: str) -> None:
    assert why(instant, text) == reason


def test_that_a_zone_is_that_of_the_file_where_a_time_tells_none() -> None:
    zone = timezone(timedelta(hours=2))
    assert instant("2026-11-26 13:05:09", zone=zone) == "2026-11-26T11:05:09+00:00"
    assert instant("2026-11-26T13:05:09Z", zone=zone) == "2026-11-26T13:05:09+00:00"
    assert moment("2026-11-26 13:05:09").tzinfo is UTC
    assert moment("05/04/2026", "mdy").isoformat() == "2026-05-04T00:00:00+00:00"
    assert moment("2026-11-26T13:05:09+02:00").utcoffset() == timedelta(hours=2)
    assert why(moment, "２０２６-11-26") == "“２０２６-11-26” is not a time"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T24:05:09Z",
        "2026-11-26T13:60:09Z",
        "2026-11-26T13:05:60Z",
        "2026-02-30T13:05:09Z",
        "2026-11-26x13:05:09Z",
        "2026-11-26T13:05:09+01:00",
        "2014-11-26T13:05:09Z",
        "2026/11/26T13:05:09Z",
        "2026-11-26T13:05",
        "",
    ],
)
def test_that_the_short_way_takes_only_what_needs_no_reckoning(text: str) -> None:
    assert usual_instant(text) == ""


def test_that_the_short_way_says_what_the_long_one_does() -> None:
    for text in ("2026-11-26T13:05:09Z", "2026-11-26 13:05:09.5 UTC", "2026-11-26T13:05:09+00:00"):
        assert usual_instant(text) == stamp(cells.read_moment(text)) == "2026-11-26T13:05:09+00:00"


def test_that_a_time_in_seconds_is_known_by_its_size() -> None:
    at = datetime(2026, 11, 26, 13, 5, 9, tzinfo=UTC)
    for per in (1, 1e3, 1e6, 1e9):
        assert from_epoch(at.timestamp() * per) == at
    assert from_epoch(1.4e9).year == 2014
    for none in (0, 1.4e9 - 1, 7.3e9, 10**400, float("nan")):
        assert why(from_epoch, none) == "is not a time"


def test_that_a_name_is_one_line_of_signs_that_can_be_seen() -> None:
    assert name("  my key ") == "my key"
    assert name("a\n\tb\x00c") == "a b c"
    assert name("x" * 300) == "x" * 200
    assert name("\n" + "x" * 300) == "x" * 200


@pytest.mark.parametrize(
    ("text", "found"),
    [("Yes", True), (" t ", True), ("1", True), ("NO", False), ("f", False), ("null", None)],
)
def test_that_yes_and_no_have_some_words(text: str, found: bool | None) -> None:
    assert boolean(text) is found


def test_that_what_is_neither_yes_nor_no_is_refused() -> None:
    assert why(boolean, "2") == "“2” is neither true nor false"


def test_that_a_day_has_no_hour() -> None:
    assert [
        day(text) for text in ("2026-11-26", "26.11.2026", "2026-11-26T01:00", "1795698309")
    ] == [True, True, False, False]


def test_that_between_two_times_is_nothing_where_clocks_ran_backwards() -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    assert between(at, at) == 0
    assert between(at, at + timedelta(seconds=1.5)) == 1.5
    assert between(at, at + timedelta(seconds=MOST_SECONDS)) == MOST_SECONDS
    assert between(at + timedelta(seconds=1), at) is None
    assert between(at, at + timedelta(seconds=MOST_SECONDS + 1)) is None
