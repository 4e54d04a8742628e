"""Kept usage by the day: a year of hours is much to hold where days are all that is shown."""

from __future__ import annotations

import sqlite3

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import DAY_SECONDS

_TOLD_APART = ("provider", "model", "project", "key_name", "tag")
_ADDED = (
    "rows",
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "billed_usd",
    "recomputed_usd",
    "unpriced_rows",
)


def daily(connection: sqlite3.Connection) -> tuple[UsageBucket, ...]:
    """A bucket a day (UTC) of one provider, model, project, key and tag, by time.

    A sum holds what is told; NULL where nothing is, as SQL adds up.
    """
    sums = ", ".join(f"SUM({name}) AS {name}" for name in _ADDED)
    told_apart = ", ".join(_TOLD_APART)
    found = connection.execute(
        f"SELECT substr(at, 1, 10) AS day, {told_apart}, {sums} FROM usage_buckets"
        f" GROUP BY day, {told_apart} ORDER BY day, {told_apart}"
    )
    return tuple(_bucket(dict(row)) for row in found)


def _bucket(values: dict[str, object]) -> UsageBucket:
    day = values.pop("day")
    return UsageBucket(at=f"{day}T00:00:00+00:00", span_seconds=DAY_SECONDS, **values)  # type: ignore[arg-type]
