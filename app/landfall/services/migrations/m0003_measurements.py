"""All that a run measures, benchmarks with the runs that belong to them, lifetime totals."""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    """CREATE TABLE benchmarks (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        kind TEXT NOT NULL CHECK (kind IN ('chat', 'embedding')),
        place TEXT NOT NULL CHECK (place IN ('local', 'network', 'cloud')),
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        digest TEXT,
        engine TEXT,
        plan TEXT NOT NULL DEFAULT '{}',
        conditions TEXT NOT NULL DEFAULT '{}',
        result TEXT
    )""",
    "CREATE INDEX benchmarks_by_time ON benchmarks (started_at)",
    "ALTER TABLE runs ADD COLUMN uid TEXT NOT NULL DEFAULT ''",
    "UPDATE runs SET uid = lower(hex(randomblob(16)))",
    "CREATE UNIQUE INDEX runs_by_uid ON runs (uid)",
    "ALTER TABLE runs ADD COLUMN benchmark INTEGER REFERENCES benchmarks (id) ON DELETE SET NULL",
    "ALTER TABLE runs ADD COLUMN part TEXT",
    "CREATE INDEX runs_by_benchmark ON runs (benchmark) WHERE benchmark IS NOT NULL",
    *(
        f"ALTER TABLE runs ADD COLUMN {column}"
        for column in (
            "total_seconds REAL",
            "first_answer_seconds REAL",
            "client_decode_tok_s REAL",
            "inter_token_p50_seconds REAL",
            "inter_token_p95_seconds REAL",
            "inter_token_p99_seconds REAL",
            "thinking_tokens INTEGER",
            "net_joules REAL",
            "idle_watts REAL",
            "prefill_joules REAL",
            "decode_joules REAL",
            "energy_grade TEXT",
            "energy_error_share REAL",
            "shared_with INTEGER",
            "electricity_cost REAL",
            "electricity_currency TEXT",
        )
    ),
    """CREATE TABLE counted_runs (
        uid TEXT PRIMARY KEY,
        day TEXT NOT NULL,
        place TEXT NOT NULL,
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        workload TEXT,
        prompt_tokens INTEGER,
        output_tokens INTEGER,
        gross_joules REAL,
        electricity_cost REAL,
        electricity_currency TEXT,
        cost_usd REAL
    ) WITHOUT ROWID""",
    """INSERT INTO counted_runs
        SELECT uid, COALESCE(date(started_at), substr(started_at, 1, 10)), place, host, model,
            workload, prompt_tokens, output_tokens, gross_joules, NULL, NULL, cost_usd
        FROM runs WHERE state != 'running'""",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the second schema to the third; what was kept gets a name and keeps its figures."""
    for statement in STATEMENTS:
        connection.execute(statement)
