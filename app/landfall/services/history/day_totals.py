"""Lifetime tokens, energy and money, by day, place, host, model and workload.

Each run that ended is one line of a ledger (`counted_runs`), under the run's own name: counting it
again, after its energy came or after an undone deletion, replaces its line. The line holds no text
and stays when the run is deleted, so that what was spent is not forgotten with what was said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields

from landfall.services.history.records import CountedRun, DayTotal, RunRecord

_COLUMNS = (
    "place",
    "host",
    "model",
    "workload",
    "prompt_tokens",
    "output_tokens",
    "gross_joules",
    "electricity_cost",
    "electricity_currency",
    "cost_usd",
)

_INTO = f"INSERT OR REPLACE INTO counted_runs (uid, day, {', '.join(_COLUMNS)})"

# An hour is written with its offset; the day is that of UTC.
_DAY = "COALESCE(date(started_at), substr(started_at, 1, 10))"

COUNT_ALL = f"{_INTO} SELECT uid, {_DAY}, {', '.join(_COLUMNS)} FROM runs WHERE state != 'running'"
"""Every run that ended; once more changes nothing."""


def count(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Count these runs as they are stored now, where they have ended."""
    connection.executemany(f"{COUNT_ALL} AND id = ?", [(i,) for i in ids])


def count_gone(connection: sqlite3.Connection, run: RunRecord) -> None:
    """Count a run that was deleted before it ended: it was paid for all the same."""
    marks = ", ".join("?" * len(_COLUMNS))
    connection.execute(
        f"{_INTO} VALUES (?, {_DAY.replace('started_at', '?')}, {marks})",
        [run.uid, run.started_at, run.started_at, *(getattr(run, name) for name in _COLUMNS)],
    )


def of_deleted(connection: sqlite3.Connection) -> tuple[CountedRun, ...]:
    """The lines of runs that are no longer there."""
    gone = "SELECT * FROM counted_runs WHERE uid NOT IN (SELECT uid FROM runs) ORDER BY day, uid"
    return tuple(CountedRun(**dict(row)) for row in connection.execute(gone))


def add(connection: sqlite3.Connection, line: CountedRun) -> bool:
    """Count a run that was deleted elsewhere; False where it is counted already."""
    names = [field.name for field in fields(line)]
    added = connection.execute(
        f"INSERT OR IGNORE INTO counted_runs ({', '.join(names)})"
        f" VALUES ({', '.join('?' * len(names))})",
        [getattr(line, name) for name in names],
    )
    return added.rowcount > 0


def rows(connection: sqlite3.Connection) -> tuple[DayTotal, ...]:
    """Every day that has a run, oldest first."""
    return tuple(DayTotal(**dict(row)) for row in connection.execute(_TOTALS))


_KEYS = "day, place, host, model, workload, electricity_currency"
_TOTALS = f"""
    SELECT {_KEYS},
        COUNT(*) AS runs,
        SUM(prompt_tokens) AS prompt_tokens,
        SUM(output_tokens) AS output_tokens,
        SUM(gross_joules) AS joules,
        SUM(electricity_cost) AS electricity_cost,
        SUM(cost_usd) AS cost_usd,
        SUM(prompt_tokens IS NULL OR output_tokens IS NULL) AS missing_tokens,
        SUM(gross_joules IS NULL) AS missing_joules,
        SUM(CASE place WHEN 'cloud' THEN cost_usd IS NULL ELSE electricity_cost IS NULL END)
            AS missing_cost
    FROM counted_runs GROUP BY {_KEYS} ORDER BY {_KEYS}
"""
