"""Downloads in the history, so that one that was cut is reported and can go on."""

from __future__ import annotations

import sqlite3
from dataclasses import fields

from landfall.services.history.records import PullRecord

_COLUMNS = tuple(f.name for f in fields(PullRecord))


def save(connection: sqlite3.Connection, pull: PullRecord) -> None:
    """Store where a download is."""
    marks = ", ".join("?" * len(_COLUMNS))
    connection.execute(
        f"INSERT OR REPLACE INTO pulls ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [getattr(pull, name) for name in _COLUMNS],
    )


def unfinished(connection: sqlite3.Connection) -> tuple[PullRecord, ...]:
    """Those that did not come to their end, newest first."""
    return tuple(
        PullRecord(**dict(row))
        for row in connection.execute(
            "SELECT * FROM pulls WHERE state != 'done' ORDER BY started_at DESC"
        )
    )


def forget(connection: sqlite3.Connection, host: str, model: str) -> None:
    """Drop a download from the list."""
    connection.execute("DELETE FROM pulls WHERE host = ? AND model = ?", (host, model))
