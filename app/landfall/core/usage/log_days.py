"""The days that a log observes: those with a row, and the days of the week that are never worked.

A day without a row may be a day without a log, or one without work; a log alone cannot tell. But a
log that has a row on nearly every other day, and none on any Saturday, tells that nobody works on
Saturdays. Taken for days without a log they would make seven working days of each week, and a bill
of 7/5 of what was paid.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

LEAST_WEEKS = 2
"""A day of the week has to be without a row so often, and never with one."""
LEAST_WORKED = 0.8
"""Share of the other days that have a row: a log with larger gaps says nothing about a day off."""
MOST_OFF = 3
"""Days of a week that may be days off: with more of them it is likelier that the log was off."""
WEEK = 7


def days_off(logged: Collection[str]) -> tuple[str, ...]:
    """Days between the first and the last of a log that are days off, by date.

    Args:
        logged: ISO dates on which the log has any row.
    """
    worked = {date.fromisoformat(day).toordinal() for day in logged}
    if not worked:
        return ()
    first, last = min(worked), max(worked)
    if last - first + 1 < LEAST_WEEKS * WEEK:
        return ()
    often = [0] * WEEK
    for day in worked:
        often[day % WEEK] += 1
    # Every day of the week is there at least twice in so many days.
    off = {weekday for weekday in range(WEEK) if not often[weekday]}
    others = sum(day % WEEK not in off for day in range(first, last + 1))
    if not 0 < len(off) <= MOST_OFF or len(worked) < LEAST_WORKED * others:
        return ()
    return tuple(
        date.fromordinal(day).isoformat() for day in range(first, last + 1) if day % WEEK in off
    )


def observed_days(logged: Collection[str]) -> tuple[str, ...]:
    """Days of a log of which it is known what was used, by date: days off are days of nothing."""
    return tuple(sorted({*logged, *days_off(logged)}))
