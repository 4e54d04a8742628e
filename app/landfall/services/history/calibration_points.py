"""The table of calibration points: one row for each model that a calibration ran."""

from __future__ import annotations

import json
import sqlite3

from landfall.core import json_text
from landfall.core.speed.calibration import CalibrationPoint

_COLUMNS = (
    "at",
    "machine",
    "engine",
    "model",
    "digest",
    "decode_tok_s",
    "decode_predicted_tok_s",
    "prefill_tok_s",
    "prefill_predicted_tok_s",
)


def rows(connection: sqlite3.Connection) -> tuple[CalibrationPoint, ...]:
    """Every point, oldest first."""
    found = connection.execute(
        f"SELECT {', '.join(_COLUMNS)}, conditions FROM calibration_points ORDER BY at, id"
    )
    return tuple(
        CalibrationPoint(
            **dict(zip(_COLUMNS, values, strict=True)), conditions=json_text.read(conditions)
        )
        for *values, conditions in found
    )


def insert(connection: sqlite3.Connection, point: CalibrationPoint, host: str) -> None:
    """Keep a point; the host is the server that ran the model."""
    names = ("host", *_COLUMNS, "conditions")
    marks = ", ".join("?" * len(names))
    conditions = json.dumps(dict(point.conditions), ensure_ascii=False)
    values = (host, *(getattr(point, name) for name in _COLUMNS), conditions)
    connection.execute(
        f"INSERT INTO calibration_points ({', '.join(names)}) VALUES ({marks})", values
    )


def delete(connection: sqlite3.Connection, machine: str) -> int:
    """Drop the points of a machine; how many there were."""
    return connection.execute(
        "DELETE FROM calibration_points WHERE machine = ?", (machine,)
    ).rowcount
