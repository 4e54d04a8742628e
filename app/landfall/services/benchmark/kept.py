"""The table of benchmarks: one row for each benchmark of one model, its runs in their own table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from landfall.core import json_text
from landfall.services.history.list_places import newest_first
from landfall.services.history.records import BenchmarkRecord, new_uid

_COLUMNS = tuple(f.name for f in fields(BenchmarkRecord) if f.name not in ("id", "uid"))
_JSON = ("plan", "conditions", "result")


def insert(connection: sqlite3.Connection, benchmark: BenchmarkRecord) -> int:
    """Keep a benchmark when it begins; returns its row."""
    marks = ", ".join("?" * (len(_COLUMNS) + 1))
    cursor = connection.execute(
        f"INSERT INTO benchmarks (uid, {', '.join(_COLUMNS)}) VALUES ({marks})",
        [benchmark.uid or new_uid(), *_values(benchmark)],
    )
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, benchmark: BenchmarkRecord) -> None:
    """Keep what is known by now; its name in files stays what it was."""
    sets = ", ".join(f"{name} = ?" for name in _COLUMNS)
    connection.execute(
        f"UPDATE benchmarks SET {sets} WHERE id = ?", [*_values(benchmark), benchmark.id]
    )


def rows(connection: sqlite3.Connection, limit: int) -> tuple[BenchmarkRecord, ...]:
    """The latest benchmarks, newest first."""
    found = connection.execute(
        f"SELECT * FROM benchmarks {newest_first('benchmarks')} LIMIT ?", (limit,)
    )
    return tuple(_benchmark(row) for row in found)


def _values(benchmark: BenchmarkRecord) -> list[Any]:
    return [
        _text(getattr(benchmark, name)) if name in _JSON else getattr(benchmark, name)
        for name in _COLUMNS
    ]


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False)


def _benchmark(row: sqlite3.Row) -> BenchmarkRecord:
    values = dict(row)
    for name in _JSON:
        values[name] = None if values[name] is None else json_text.read(values[name])
    return BenchmarkRecord(**values)
