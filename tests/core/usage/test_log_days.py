"""Days off: days of the week that a log never has."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.log_days import days_off, observed_days
from landfall.core.usage.workloads import propose
from landfall.core.workload.workload import Task

MONDAY = date(2026, 10, 19)


def logged(days: int, *, off: tuple[int, ...] = (5, 6), gaps: tuple[int, ...] = ()) -> set[str]:
    every = (MONDAY + timedelta(days=at) for at in range(days) if at not in gaps)
    return {day.isoformat() for day in every if day.weekday() not in off}


def test_that_a_weekday_that_a_log_never_has_is_a_day_off() -> None:
    found = days_off(logged(33))
    assert len(found) == 8
    assert {date.fromisoformat(day).weekday() for day in found} == {5, 6}
    assert len(observed_days(logged(33))) == 33


def test_that_a_day_without_a_log_stays_one_beside_days_off() -> None:
    assert MONDAY.isoformat() not in days_off(logged(33, gaps=(7,)))
    assert len(observed_days(logged(33, gaps=(7,)))) == 32


def test_that_weeks_without_a_log_do_not_hide_the_days_off_of_the_others() -> None:
    """A month with a week of holidays, or a log that was off for five: it has 79 and 42 % of its
    weekdays, and yet no Saturday."""
    found = days_off(logged(32, gaps=tuple(range(14, 21))))
    assert found == tuple(
        f"2026-{day}" for day in ("10-24", "10-25", "10-31", "11-01", "11-14", "11-15")
    )
    assert len(observed_days(logged(32, gaps=tuple(range(14, 21))))) == 25
    assert len(days_off(logged(60, gaps=tuple(range(4, 40))))) == 6


@pytest.mark.parametrize(
    "days",
    [
        set(),
        logged(12),  # one weekend says nothing
        logged(33) | {"2026-10-24", "2026-10-25"},  # somebody worked on one
        logged(60, gaps=tuple(range(0, 60, 3))),  # a log with holes all over
        logged(28, gaps=tuple(range(7, 21))) - {"2026-10-19"},  # of two weeks one Monday is told
        {"2026-10-19", "2026-11-24"},
        logged(33, off=(2, 3, 4, 5, 6)),  # rather a log that was off than a week of two days
    ],
)
def test_that_what_may_be_a_gap_of_the_log_is_none(days: set[str]) -> None:
    assert days_off(days) == ()
    assert set(observed_days(days)) == days


def bucket(day: str, **more: object) -> UsageBucket:
    return UsageBucket(
        at=f"{day}T09:00:00+00:00",
        span_seconds=3600,
        provider="anthropic",
        model="claude-opus-4-7",
        requests=70.0,
        input_tokens=7000.0,
        output_tokens=700.0,
        **more,  # type: ignore[arg-type]
    )


def test_that_five_working_days_are_no_seven_of_a_month() -> None:
    (one,) = propose(bucket(day) for day in sorted(logged(35 - 2)))
    assert one.said().calls_per_day == pytest.approx(70 * 25 / 33)
    assert one.said().history_days == 33
    assert one.hourly_calls[9] == 70


@pytest.mark.parametrize(
    ("names", "task"),
    [
        ({"project": "Claude Code"}, Task.CODE),
        ({"tag": "Cline"}, Task.CODE),
        ({"tag": "inclined"}, Task.CHAT),
        ({}, Task.CHAT),
    ],
)
def test_that_what_a_tool_for_programmers_asked_is_code(names: dict[str, str], task: Task) -> None:
    (one,) = propose(bucket(day, **names) for day in sorted(logged(33)))
    assert one.task is task
