"""The days that a log observes: those with a row, and the days of the week that are never worked.

A day without a row may be a day without a log, or one without work; a log alone cannot tell. But a
log that has a row on nearly every other day, and none on any Saturday, tells that nobody works on
Saturdays. Taken for days without a log they would make seven working days of each week, and a bill
of 7/5 of what was paid. Of a week without any row nothing is known, not even of its Saturday: it
neither speaks for a day off nor against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date

LEAST_WEEKS = 2
"""A day of the week has to be without a row so often, and never with one."""
LEAST_WORKED = 0.8
"""Share of the other days, in weeks with a row, that have one: a log with larger gaps says nothing
about a day off."""
MOST_OFF = 3
"""Days of a week that may be days off: with more of them it is likelier that the log was off."""
WEEK = 7


def days_off(logged: Collection[str]) -> tuple[str, ...]:
    """Days of the weeks of a log that are days off, by date.

    Args:
        logged: ISO dates on which the log has any row.
    """
    worked = {date.fromisoformat(day).toordinal() for day in logged}
    if not worked:
        return ()
    weeks = {_week(day) for day in worked}
    told = [day for day in range(min(worked), max(worked) + 1) if _week(day) in weeks]
    often = Counter(day % WEEK for day in worked)
    could = Counter(day % WEEK for day in told)
    off = {weekday for weekday in range(WEEK) if not often[weekday]}
    others = sum(day % WEEK not in off for day in told)
    seldom = any(could[weekday] < LEAST_WEEKS for weekday in range(WEEK))
    if seldom or not 0 < len(off) <= MOST_OFF or len(worked) < LEAST_WORKED * others:
        return ()
    return tuple(date.fromordinal(day).isoformat() for day in told if day % WEEK in off)


def _week(day: int) -> int:
    """The number of the week, from Monday on, of a day."""
    return (day - 1) // WEEK


def observed_by_provider(
    days: Iterable[tuple[str, str]],
) -> Mapping[str, tuple[str, ...]]:
    """Provider to the observed days of its log: each has days off of its own.

    Args:
        days: Provider and ISO date of each row of usage. A row of costs tells of no use: a bill
            may be written on any day.
    """
    logs: dict[str, set[str]] = {}
    for provider, day in days:
        logs.setdefault(provider, set()).add(day)
    return {provider: observed_days(logged) for provider, logged in logs.items()}


def observed_by_any(days: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The days that the log of any provider observes; see `observed_by_provider`."""
    return frozenset[str]().union(*observed_by_provider(days).values())


def observed_days(logged: Collection[str]) -> tuple[str, ...]:
    """Days of a log of which it is known what was used, by date: days off are days of nothing."""
    return tuple(sorted({*logged, *days_off(logged)}))
