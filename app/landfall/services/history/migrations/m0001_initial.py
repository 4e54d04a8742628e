"""Runs with their samples, pulls, workloads with their verdicts, and the egress log."""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        place TEXT NOT NULL CHECK (place IN ('local', 'network', 'cloud')),
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        digest TEXT,
        engine TEXT,
        workload TEXT,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        prompt TEXT NOT NULL,
        answer TEXT NOT NULL DEFAULT '',
        thinking TEXT NOT NULL DEFAULT '',
        done_reason TEXT,
        prompt_tokens INTEGER,
        output_tokens INTEGER,
        load_seconds REAL,
        ttft_seconds REAL,
        prefill_tok_s REAL,
        decode_tok_s REAL,
        gross_joules REAL,
        energy_scope TEXT,
        energy_reason TEXT,
        cost_usd REAL,
        cost_note TEXT,
        conditions TEXT NOT NULL DEFAULT '{}'
    )""",
    "CREATE INDEX runs_by_time ON runs (started_at)",
    """CREATE TABLE samples (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        at_seconds REAL NOT NULL,
        source TEXT NOT NULL,
        scope TEXT NOT NULL,
        watts REAL,
        reason TEXT NOT NULL DEFAULT '',
        joules REAL
    )""",
    "CREATE INDEX samples_by_run ON samples (run)",
    """CREATE TABLE pulls (
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        started_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'failed', 'interrupted', 'done')),
        completed_bytes INTEGER,
        total_bytes INTEGER,
        reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (host, model)
    )""",
    """CREATE TABLE workloads (
        name TEXT PRIMARY KEY,
        toml TEXT NOT NULL,
        sample INTEGER NOT NULL DEFAULT 0,
        position INTEGER NOT NULL,
        changed_at TEXT NOT NULL
    )""",
    """CREATE TABLE verdicts (
        workload TEXT NOT NULL REFERENCES workloads (name) ON DELETE CASCADE ON UPDATE CASCADE,
        decided_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        document TEXT NOT NULL
    )""",
    "CREATE INDEX verdicts_by_workload ON verdicts (workload, decided_at)",
    """CREATE TABLE egress (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        host TEXT NOT NULL,
        workload TEXT,
        sent_bytes INTEGER NOT NULL,
        received_bytes INTEGER,
        why TEXT NOT NULL,
        outcome TEXT NOT NULL
    )""",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From nothing to the first schema."""
    for statement in STATEMENTS:
        connection.execute(statement)
