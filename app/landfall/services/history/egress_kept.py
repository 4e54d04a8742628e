"""The egress log in the history: what left, where to, and what the cloud has cost."""

from __future__ import annotations

import sqlite3
from dataclasses import fields

from landfall.services.history.records import EgressEntry

_COLUMNS = tuple(f.name for f in fields(EgressEntry))


def insert(connection: sqlite3.Connection, entry: EgressEntry) -> int:
    """Add a line; returns its row."""
    marks = ", ".join("?" * len(_COLUMNS))
    cursor = connection.execute(
        f"INSERT INTO egress ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [getattr(entry, name) for name in _COLUMNS],
    )
    return int(cursor.lastrowid or 0)


def finish(connection: sqlite3.Connection, row: int, *, received_bytes: int, outcome: str) -> None:
    """Say how an exchange ended."""
    connection.execute(
        "UPDATE egress SET received_bytes = ?, outcome = ? WHERE id = ?",
        (received_bytes, outcome, row),
    )


def rows(connection: sqlite3.Connection, limit: int) -> tuple[EgressEntry, ...]:
    """The latest lines, newest first."""
    return tuple(
        EgressEntry(**{name: r[name] for name in _COLUMNS})
        for r in connection.execute("SELECT * FROM egress ORDER BY id DESC LIMIT ?", (limit,))
    )


def spent_usd(connection: sqlite3.Connection, since: str) -> float:
    """What runs in the cloud have cost that began at or after an ISO time."""
    return float(
        connection.execute(
            "SELECT COALESCE(SUM(cost_usd), 0.0) FROM runs"
            " WHERE place = 'cloud' AND started_at >= ?",
            (since,),
        ).fetchone()[0]
    )
