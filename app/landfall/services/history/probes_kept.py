"""The table of cloud probes: one row each, its calls as plain data within."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from landfall.core import json_text
from landfall.services.history.records import new_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRecord:
    """A probe of one model of a provider, as it is kept.

    Attributes:
        id: Row number, 0 before it is stored.
        started_at: ISO 8601, UTC.
        state: "running", "done", "aborted" or "interrupted", as of a run.
        provider: Its id. host: Where it was reached.
        plan, result: `core.benchmark.probe` values as plain data; the result grows with each call.
    """

    id: int = 0
    uid: str = ""
    started_at: str
    state: str = "running"
    provider: str
    host: str
    model: str
    plan: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


_COLUMNS = tuple(f.name for f in fields(ProbeRecord) if f.name not in ("id", "uid"))
_JSON = ("plan", "result")


def insert(connection: sqlite3.Connection, probe: ProbeRecord) -> int:
    """Keep a probe when it begins; returns its row."""
    marks = ", ".join("?" * (len(_COLUMNS) + 1))
    cursor = connection.execute(
        f"INSERT INTO probes (uid, {', '.join(_COLUMNS)}) VALUES ({marks})",
        [probe.uid or new_uid(), *_values(probe)],
    )
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, probe: ProbeRecord) -> None:
    """Keep what is known by now."""
    sets = ", ".join(f"{name} = ?" for name in _COLUMNS)
    connection.execute(f"UPDATE probes SET {sets} WHERE id = ?", [*_values(probe), probe.id])


def rows(connection: sqlite3.Connection, limit: int) -> tuple[ProbeRecord, ...]:
    """The latest probes, newest first."""
    # By the order they were begun in: the clock may have been set back between them.
    found = connection.execute("SELECT * FROM probes ORDER BY id DESC LIMIT ?", (limit,))
    return tuple(_probe(row) for row in found)


def newest_of_each(connection: sqlite3.Connection) -> tuple[ProbeRecord, ...]:
    """The newest whole probe of each model at each host, newest first."""
    found = connection.execute(
        "SELECT * FROM probes AS one WHERE state = 'done' AND id ="
        " (SELECT id FROM probes WHERE provider = one.provider AND model = one.model"
        "  AND host = one.host AND state = 'done' ORDER BY id DESC LIMIT 1)"
        " ORDER BY id DESC"
    )
    return tuple(_probe(row) for row in found)


def _values(probe: ProbeRecord) -> list[Any]:
    return [
        _text(getattr(probe, name)) if name in _JSON else getattr(probe, name) for name in _COLUMNS
    ]


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False)


def _probe(row: sqlite3.Row) -> ProbeRecord:
    values = dict(row)
    for name in _JSON:
        values[name] = None if values[name] is None else json_text.read(values[name])
    return ProbeRecord(**values)
