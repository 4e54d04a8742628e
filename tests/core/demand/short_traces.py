"""Days and calls of a few hours that several files of tests begin with."""

from __future__ import annotations

from datetime import date

from landfall.core.demand.replaying import TraceDay

MONDAY = date(2026, 11, 23).toordinal()

NONE = (0.0,) * 24


def hours(**calls: float) -> tuple[float, ...]:
    """Calls by hour: `h9=3` are three from nine o'clock on."""
    return tuple(calls.get(f"h{hour}", 0.0) for hour in range(24))


def day(at: int, calls: tuple[float, ...]) -> TraceDay:
    return TraceDay(ordinal=MONDAY + at, calls=calls)
