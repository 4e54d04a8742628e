"""Days of a whole log without a row."""

from __future__ import annotations

from landfall.core.usage.bill import bill_of
from landfall.core.usage.idle_days import LoggedDays
from landfall.core.usage.sums import By, Measure, over_time, sums_by
from landfall.core.usage.workloads import propose
from tests.core.usage.test_usage_workloads import bucket


def logged() -> LoggedDays:
    days = LoggedDays()
    days.providers.update(("openai", ""))
    days.use_hours({"2026-06-01T09", "2026-06-04T23"})
    return days


def test_that_days_between_the_first_and_the_last_are_idle_and_those_listed_too() -> None:
    days = logged()
    assert [one.day for one in days.idle()] == ["2026-06-02", "2026-06-03"]
    days.list_days(["2026-05-31T00:00:00+00:00", "2026-06-06", "2026-06-04"])
    found = list(days.idle())
    assert [one.day for one in found] == [
        "2026-05-31",
        "2026-06-02",
        "2026-06-03",
        "2026-06-05",
        "2026-06-06",
    ]
    assert {one.provider for one in found} == {"openai"}
    assert all(one.is_idle for one in found)
    assert list(LoggedDays().idle()) == []


def test_that_an_idle_day_is_a_day_of_the_log_and_no_usage_of_anybody() -> None:
    days = logged()
    used = [bucket(0), bucket(3)]
    whole = [*used, *days.idle()]
    (proposal,) = propose(whole)
    said = proposal.said()
    assert (said.history_days, said.missing_days, said.calls_per_day) == (4, 0, 5.0)
    assert (said.input, said.output) == (90.0, 20.0)
    assert sums_by(whole, (), By.MODEL) == sums_by(used, (), By.MODEL)
    assert bill_of(whole) == bill_of(used)
    steps = over_time(whole, (), Measure.REQUESTS)
    assert [one.logged_days for one in steps] == [1, 1, 1, 1]
    assert [one.idle_days for one in steps] == [0, 1, 1, 0]
    assert [one.lacks for one in steps] == [False] * 4
