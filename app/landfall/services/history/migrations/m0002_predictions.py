"""Measured against predicted: loads of models, and the runs that calibrate speed on a machine."""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    """CREATE TABLE loads (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        digest TEXT NOT NULL DEFAULT '',
        engine TEXT NOT NULL,
        context INTEGER,
        parallel INTEGER,
        kv_type TEXT,
        predicted_ps_bytes INTEGER,
        ps_bytes INTEGER NOT NULL,
        ps_gpu_bytes INTEGER NOT NULL,
        predicted_process_bytes INTEGER,
        process_bytes INTEGER,
        reasons TEXT NOT NULL DEFAULT '[]'
    )""",
    "CREATE INDEX loads_by_time ON loads (at)",
    """CREATE TABLE calibration_points (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        host TEXT NOT NULL,
        machine TEXT NOT NULL,
        engine TEXT NOT NULL,
        model TEXT NOT NULL,
        digest TEXT NOT NULL DEFAULT '',
        decode_tok_s REAL,
        decode_predicted_tok_s REAL,
        prefill_tok_s REAL,
        prefill_predicted_tok_s REAL,
        conditions TEXT NOT NULL DEFAULT '{}'
    )""",
    "CREATE INDEX calibration_points_by_machine ON calibration_points (host, machine, at)",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the first schema to the second; nothing that was kept changes."""
    for statement in STATEMENTS:
        connection.execute(statement)
