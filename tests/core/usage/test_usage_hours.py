"""Hourly series, single calls, and imported usage as a series: local days, hours, what is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.usage import hours as usage_hours
from landfall.core.usage.assigned import UsedHour, usage_summary
from landfall.core.usage.series import parse, read, summary

HOURLY = "date,hour,calls,input_tokens,output_tokens\n"
CALLS = "timestamp,input_tokens,output_tokens\n"
BERLIN = ZoneInfo("Europe/Berlin")


def in_berlin(moment: datetime) -> datetime:
    return moment.astimezone(BERLIN)


# Series ------------------------------------------------------------------------------------------


def test_that_hours_add_up_to_days_and_an_hour_without_a_row_had_no_calls() -> None:
    found = read(HOURLY + "2026-11-03,9,10,1000,100\n2026-11-03,10,30,3000,300\n2026-11-05,9,5,,\n")
    assert [(day.date, day.calls, day.input_tokens) for day in found.days] == [
        ("2026-11-03", 40.0, 4000.0),
        ("2026-11-05", 5.0, None),
    ]
    assert found.trace is not None
    first, second = found.trace.days
    assert first.calls[8:12] == (0.0, 10.0, 30.0, 0.0)
    assert first.prompt[10] == 3000.0
    assert second.prompt == (), "one hour does not tell its tokens"
    assert second.ordinal - first.ordinal == 2, "the day between has no log"
    assert found.trace.singles == ()


def test_that_the_days_of_an_hourly_series_are_those_of_a_daily_one() -> None:
    hourly = "".join(
        f"2026-{8 + at // 28:02d}-{at % 28 + 1:02d},{hour},{hour + at},{hour * 100},{hour * 10}\n"
        for at in range(84)
        for hour in range(24)
    )
    days = parse(HOURLY + hourly)
    told = summary(days, read(HOURLY + hourly).trace)
    plain = summary(days)
    assert (told.calls_per_day, told.predictability, told.input) == (
        plain.calls_per_day,
        plain.predictability,
        plain.input,
    )
    assert told.outlook is not None
    assert told.outlook.busiest_hour == 23
    assert plain.outlook is not None
    assert plain.outlook.busiest_hour is None


def test_that_a_row_a_call_keeps_the_second() -> None:
    found = read(
        CALLS
        + "2026-11-04T00:00:10,50,5\n2026-11-03T09:30:00,100,10\n2026-11-03T09:30:00.5,300,10\n"
    )
    assert [day.calls for day in found.days] == [2.0, 1.0]
    assert found.trace is not None
    assert [(call.at, call.prompt) for call in found.trace.singles] == [
        (34_200.0, 100.0),
        (34_200.5, 300.0),
        (86_410.0, 50.0),
    ]
    assert found.trace.days[0].calls[9] == 2.0


def test_that_a_moment_with_a_zone_becomes_local_and_one_without_is_it() -> None:
    text = "timestamp,calls\n2026-11-03T23:30:00Z,4\n2026-11-03T23:30:00,2\n"
    found = read(text, local=in_berlin)
    assert [(day.date, day.calls) for day in found.days] == [
        ("2026-11-03", 2.0),
        ("2026-11-04", 4.0),
    ]
    assert found.trace is not None
    assert found.trace.days[1].calls[0] == 4.0
    assert found.trace.singles == (), "a row that adds up calls is no single call"
    as_told = read(text)
    assert [day.calls for day in as_told.days] == [6.0]


def test_that_of_very_many_single_calls_only_the_hours_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(usage_hours, "MOST_SINGLES", 2)
    rows = "".join(f"2026-11-03T09:00:0{at},1,1\n" for at in range(3))
    found = read(CALLS + rows)
    assert found.trace is not None
    assert found.trace.singles == ()
    assert found.trace.days[0].calls[9] == 3.0


def test_that_cached_tokens_are_summed_as_far_as_told() -> None:
    head = "date,hour,calls,cached_input_tokens\n"
    (day,) = parse(head + "2026-11-03,9,1,70\n2026-11-03,10,1,\n")
    assert day.cached_input_tokens == 70.0


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("date,hour\n", 1, "calls"),
        ("timestamp,date\n", 1, "date"),
        ("timestamp,hour\n", 1, "hour"),
        ("date,calls,timestamp,hour\n", 1, "date"),
        (HOURLY + "2026-11-03,24,1,,\n", 2, "hour"),
        (HOURLY + "2026-11-03,,1,,\n", 2, "hour"),
        (HOURLY + "2026-11-03,9.5,1,,\n", 2, "hour"),
        (HOURLY + "2026-11-03,9,,,\n", 2, "calls"),
        (HOURLY + "2026-11-03,9,1,,\n2026-11-03,9,2,,\n", 3, "hour"),
        (CALLS + "yesterday,1,1\n", 2, "timestamp"),
        (CALLS + "2026-11-03T25:00:00,1,1\n", 2, "timestamp"),
        (CALLS + "2026-11-03T09:00:00,-1,1\n", 2, "input_tokens"),
        (HOURLY, 1, ""),
    ],
)
def test_that_what_is_wrong_in_an_hourly_series_is_named(text: str, line: int, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(text, file="s.csv")
    assert (caught.value.file, caught.value.line, caught.value.field or "") == (
        "s.csv",
        line,
        field,
    )


def test_that_hours_of_a_hundred_years_are_no_series() -> None:
    with pytest.raises(BadInput, match="spans"):
        read(HOURLY + "1900-01-01,9,1,,\n2026-11-03,9,1,,\n")


def test_that_a_zone_that_cannot_be_told_is_a_wrong_moment() -> None:
    def broken(moment: datetime) -> datetime:
        raise OverflowError("out of range")

    with pytest.raises(BadInput, match="no moment"):
        read("timestamp\n0001-01-01T00:00:00+14:00\n", local=broken)


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 23), st.integers(0, 500)),
        min_size=1,
        max_size=50,
        unique_by=lambda row: row[:2],
    )
)
def test_that_no_call_is_lost_between_hours_and_days(rows: list[tuple[int, int, int]]) -> None:
    first = date(2026, 1, 1)
    text = HOURLY + "".join(
        f"{first + timedelta(days=at)},{hour},{calls},,\n" for at, hour, calls in rows
    )
    found = read(text)
    assert found.trace is not None
    whole = sum(calls for _, _, calls in rows)
    assert sum(day.calls for day in found.days) == whole
    assert sum(found.trace.hours()) == whole
    assert len(found.days) == len({at for at, _, _ in rows})


# Imported usage ----------------------------------------------------------------------------------


def used(at: str, calls: float | None = 1.0, *, span: int = 3600, tokens: float = 10.0) -> UsedHour:
    return UsedHour(
        at=at, span_seconds=span, calls=calls, input_tokens=tokens, output_tokens=tokens
    )


def days_from(first: date, count: int) -> list[str]:
    return [(first + timedelta(days=at)).isoformat() for at in range(count)]


def test_that_usage_becomes_local_days_without_those_at_the_edge_of_the_log() -> None:
    log = days_from(date(2026, 11, 2), 10)
    rows = [used(f"{day}T23:00:00+00:00", 5.0) for day in log]
    found = usage_summary(rows, log, lambda moment: moment.astimezone(timezone(timedelta(hours=2))))
    assert found is not None
    assert found.history_days == 9, "the first and the last local day were observed in part"
    assert found.trace is not None
    assert found.trace.profile()[1] == 5.0, "23:00 UTC is one o'clock two hours further east"
    assert found.outlook is not None
    assert (found.outlook.source, found.outlook.busiest_hour) == ("usage", 1)
    assert found.input == pytest.approx(2.0)


def test_that_a_day_of_the_log_without_a_row_is_a_day_of_zero_and_one_outside_is_none() -> None:
    log = days_from(date(2026, 11, 1), 3) + days_from(date(2026, 11, 6), 3)
    rows = [used("2026-11-02T10:00:00+00:00", 4.0), used("2026-11-08T10:00:00+00:00", 6.0)]
    found = usage_summary(rows, log, lambda moment: moment)
    assert found is not None
    assert found.outlook is not None
    assert (found.history_days, found.outlook.missing_days, found.outlook.zero_days) == (5, 2, 3)
    assert found.calls_per_day == 2.0


def test_that_sums_of_days_stay_days_of_the_source() -> None:
    log = days_from(date(2026, 11, 2), 3)
    rows = [used(f"{day}T00:00:00+00:00", 7.0, span=86_400) for day in log]
    found = usage_summary(rows, log, in_berlin)
    assert found is not None
    assert (found.history_days, found.calls_per_day, found.trace) == (3, 7.0, None)


def test_that_a_single_shifted_day_falls_back_to_the_day_of_the_source() -> None:
    east = timezone(timedelta(hours=5))
    found = usage_summary(
        [used("2026-11-02T12:00:00+00:00")], ["2026-11-02"], lambda moment: moment.astimezone(east)
    )
    assert found is not None
    assert (found.history_days, found.trace) == (1, None)


def test_that_a_row_outside_the_days_of_the_log_is_not_of_it() -> None:
    rows = [used(f"2026-11-0{day}T12:00:00+00:00") for day in (2, 3, 4)]
    found = usage_summary(rows, ["2026-11-02", "2026-11-04"], lambda moment: moment)
    assert found is not None
    assert found.trace is not None
    assert sum(found.trace.hours()) == 2.0


def test_that_usage_without_calls_says_nothing() -> None:
    assert usage_summary([], [], in_berlin) is None
    assert (
        usage_summary([used("2026-11-02T12:00:00+00:00", None)], ["2026-11-02"], in_berlin) is None
    )


def test_that_a_change_of_clocks_loses_no_call() -> None:
    """The 25th of October 2026 has 25 hours in Berlin, the 29th of March 23."""
    for first in (date(2026, 10, 22), date(2026, 3, 26)):
        log = days_from(first, 8)
        rows = [used(f"{day}T{hour:02d}:00:00+00:00") for day in log for hour in range(24)]
        found = usage_summary(rows, log, in_berlin)
        assert found is not None
        assert found.trace is not None
        # Two hours of the first day were not observed in summer time: it is left out. One hour that
        # was not observed is taken for the one that the change of clocks takes away.
        expected = {10: (7, 7 * 24 + 1), 3: (8, 8 * 24 - 2)}[first.month]
        assert (found.history_days, sum(found.trace.hours())) == expected


def test_that_tokens_not_told_in_one_hour_leave_the_hours_without_them() -> None:
    log = days_from(date(2026, 11, 2), 2)
    rows = [
        used("2026-11-02T10:00:00+00:00"),
        UsedHour(
            at="2026-11-02T11:00:00+00:00",
            span_seconds=3600,
            calls=1.0,
            cached_input_tokens=5.0,
        ),
    ]
    found = usage_summary(rows, log, lambda moment: moment.astimezone(UTC))
    assert found is not None
    assert found.trace is not None
    assert found.trace.days[0].prompt == ()
    assert found.trace.days[1].prompt == (0.0,) * 24
    assert found.cached_input is not None
