"""Counts, money, times and names of usage interfaces, converted once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.services.cloud.usage.reading import (
    CENT,
    NANO,
    Identities,
    count,
    decimal,
    iso,
    mapping,
    moment_of,
    text,
    usd,
    usd_of_money,
)
from landfall.services.cloud.usage.source import Stretch


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8))
def test_that_cents_as_text_come_out_to_the_last_digit(cents: Decimal) -> None:
    assert usd(str(cents), unit=CENT) == float(cents / 100)
    assert usd(str(cents)) == float(cents)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"currencyCode": "USD", "units": "12", "nanos": 500_000_000}, 12.5),
        ({"units": 0, "nanos": 1}, 1e-9),
        ({"currencyCode": "USD", "units": "-1", "nanos": -250_000_000}, -1.25),
        ({"currencyCode": "EUR", "units": "1"}, None),
        ({"units": "many"}, None),
        ({}, 0.0),
    ],
)
def test_that_units_and_billionths_are_one_amount(value: Any, expected: float | None) -> None:
    assert usd_of_money(value) == expected


@pytest.mark.parametrize(
    "value", [None, True, "", "twelve", [], {}, float("nan"), float("inf"), "1e400", 10**18]
)
def test_that_what_is_no_number_is_none(value: Any) -> None:
    assert decimal(value) is None
    assert count(value) is None


def test_that_counts_are_never_negative_and_may_be_text() -> None:
    assert count("1842301") == 1842301
    assert count(59200.0) == 59200
    assert count(-1) is None
    assert usd(12_500_000, unit=NANO) == 0.0125


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1730419200, datetime(2024, 11, 1, tzinfo=UTC)),
        ("2026-11-03T12:00:00Z", datetime(2026, 11, 3, 12, tzinfo=UTC)),
        ("2026-11-03", datetime(2026, 11, 3, tzinfo=UTC)),
        ("2026-11-03T12:00:00+02:00", datetime(2026, 11, 3, 10, tzinfo=UTC)),
        ("yesterday", None),
        (10**30, None),
        (float("nan"), None),
        (None, None),
        (True, None),
    ],
)
def test_that_times_are_read_as_seconds_or_as_text(value: Any, expected: datetime | None) -> None:
    assert moment_of(value) == expected


def test_that_times_are_written_in_utc() -> None:
    assert iso(datetime.fromisoformat("2026-11-03T12:00:00+02:00")) == "2026-11-03T10:00:00Z"


def test_that_rows_grouped_alike_are_numbered_and_the_same_each_time() -> None:
    def named() -> list[str]:
        names = Identities("p", "usage")
        return [names.name("at", None, "m"), names.name("at", "", "m"), names.name("at", "x", "m")]

    assert named() == named() == ["p|usage|at||m", "p|usage|at||m|#2", "p|usage|at|x|m"]


def test_that_other_things_are_empty() -> None:
    assert mapping([1]) == {}
    assert text(5) == ""
    assert text("  a ") == "a"


@pytest.mark.parametrize(
    ("now", "hours_end", "days_end"),
    [
        ("2026-11-20T10:14:59+00:00", "2026-11-20T09:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-11-20T10:15:00+00:00", "2026-11-20T10:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-11-21T00:15:00+00:00", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z"),
        ("2026-11-21T00:15:00+05:00", "2026-11-20T19:00:00Z", "2026-11-20T00:00:00Z"),
        ("2027-01-01T00:00:00+00:00", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z"),
    ],
)
def test_that_only_spans_that_are_over_are_asked_for(
    now: str, hours_end: str, days_end: str
) -> None:
    day = date(2026, 11, 19)
    stretch = Stretch.of_days(day, day.replace(day=20), now=datetime.fromisoformat(now))
    hours, days = stretch.whole(3600), stretch.whole(86400)
    assert hours is not None
    assert days is not None
    assert [iso(at) for at in hours] == ["2026-11-19T00:00:00Z", hours_end]
    assert [iso(at) for at in days] == ["2026-11-19T00:00:00Z", days_end]
