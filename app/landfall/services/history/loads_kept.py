"""Loads of models in the history, predicted against measured."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields

from landfall.core import json_text
from landfall.services.history.records import LoadRecord

MOST_LOADS = 2000
"""Older loads say nothing more of how good the predictions are, and are dropped."""

_COLUMNS = tuple(f.name for f in fields(LoadRecord) if f.name != "id")


def insert(connection: sqlite3.Connection, load: LoadRecord) -> int:
    """Store a load and drop what is too old; returns its id."""
    values = {name: getattr(load, name) for name in _COLUMNS}
    values["reasons"] = json.dumps(load.reasons, ensure_ascii=False)
    marks = ", ".join(f":{name}" for name in _COLUMNS)
    cursor = connection.execute(
        f"INSERT INTO loads ({', '.join(_COLUMNS)}) VALUES ({marks})", values
    )
    kept = int(cursor.lastrowid or 0)
    connection.execute("DELETE FROM loads WHERE id <= ?", (kept - MOST_LOADS,))
    return kept


def rows(connection: sqlite3.Connection, limit: int) -> tuple[LoadRecord, ...]:
    """The latest loads, newest first."""
    return tuple(
        _load(row)
        # By the order they were kept in: the clock may have been set back between them.
        for row in connection.execute("SELECT * FROM loads ORDER BY id DESC LIMIT ?", (limit,))
    )


def _load(row: sqlite3.Row) -> LoadRecord:
    values = dict(row)
    values["reasons"] = tuple(json_text.read(values["reasons"]))
    return LoadRecord(**values)
