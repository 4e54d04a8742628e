"""All that a run measures, its curves packed, its texts apart; benchmarks; lifetime totals.

Runs get a name that no other has, and a place in the list that does not go back with the clock.
The times of power samples count from now on since the prompt was sent. Of older runs that moment is
not known: their first sample stands for it, which was taken when the request was about to leave.
"""

from __future__ import annotations

import sqlite3
from itertools import groupby

from landfall.core.events import PowerSample
from landfall.services.history.samples_packed import pack_samples

BEFORE = (
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
    "ALTER TABLE runs RENAME TO old_runs",
    # No text but the prompt's first line: a list is read without turning the pages of its texts.
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        listed_at TEXT NOT NULL,
        started_at TEXT NOT NULL,
        place TEXT NOT NULL CHECK (place IN ('local', 'network', 'cloud')),
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        digest TEXT,
        engine TEXT,
        workload TEXT,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        title TEXT NOT NULL,
        done_reason TEXT,
        prompt_tokens INTEGER,
        output_tokens INTEGER,
        thinking_tokens INTEGER,
        load_seconds REAL,
        ttft_seconds REAL,
        first_answer_seconds REAL,
        total_seconds REAL,
        prefill_tok_s REAL,
        decode_tok_s REAL,
        client_decode_tok_s REAL,
        inter_token_p50_seconds REAL,
        inter_token_p95_seconds REAL,
        inter_token_p99_seconds REAL,
        gross_joules REAL,
        net_joules REAL,
        idle_watts REAL,
        prefill_joules REAL,
        decode_joules REAL,
        energy_scope TEXT,
        energy_reason TEXT,
        energy_grade TEXT,
        energy_error_share REAL,
        shared_with INTEGER,
        electricity_cost REAL,
        electricity_currency TEXT,
        cost_usd REAL,
        cost_note TEXT,
        benchmark INTEGER REFERENCES benchmarks (id) ON DELETE SET NULL,
        part TEXT,
        conditions TEXT NOT NULL DEFAULT '{}'
    )""",
    """CREATE TABLE run_texts (
        run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        prompt TEXT NOT NULL,
        answer TEXT NOT NULL,
        thinking TEXT NOT NULL
    )""",
    """INSERT INTO runs (id, uid, listed_at, started_at, place, host, model, digest, engine,
            workload, state, title, done_reason, prompt_tokens, output_tokens, load_seconds,
            ttft_seconds, prefill_tok_s, decode_tok_s, gross_joules, energy_scope, energy_reason,
            cost_usd, cost_note, conditions)
        SELECT id, lower(hex(randomblob(16))), started_at, started_at, place, host, model, digest,
            engine, workload, state, first_line(prompt), done_reason, prompt_tokens, output_tokens,
            load_seconds, ttft_seconds, prefill_tok_s, decode_tok_s, gross_joules, energy_scope,
            energy_reason, cost_usd, cost_note, conditions
        FROM old_runs""",
    "INSERT INTO run_texts SELECT id, prompt, answer, thinking FROM old_runs",
    """CREATE TABLE sample_chunks (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        step_seconds REAL NOT NULL DEFAULT 0,
        data BLOB NOT NULL,
        PRIMARY KEY (run, number)
    )""",
    """CREATE TABLE rate_curves (
        run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        data BLOB NOT NULL
    )""",
    # The name is the run's, which may be gone: its figures stay.
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

AFTER = (
    "DROP TABLE samples",
    "DROP TABLE old_runs",
    "CREATE INDEX runs_by_place_in_list ON runs (listed_at, id)",
    "CREATE INDEX runs_by_time ON runs (started_at)",
    "CREATE INDEX runs_by_benchmark ON runs (benchmark) WHERE benchmark IS NOT NULL",
    "CREATE INDEX sample_chunks_by_step ON sample_chunks (step_seconds, run)",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the second schema to the third; what was kept gets a name and keeps its figures."""
    connection.create_function("first_line", 1, first_line, deterministic=True)
    for statement in BEFORE:
        connection.execute(statement)
    _pack(connection)
    for statement in AFTER:
        connection.execute(statement)


def first_line(prompt: str) -> str:
    """What a list shows of a prompt."""
    return prompt.strip().partition("\n")[0].rstrip()[:200]


def _pack(connection: sqlite3.Connection) -> None:
    """The samples of each run as one chunk, times since its first."""
    rows = connection.execute("SELECT * FROM samples ORDER BY run, at_seconds, rowid")
    for run, mine in groupby(rows, key=_run_of):
        samples = [PowerSample(*tuple(row)[1:]) for row in mine]
        began = samples[0].at
        shifted = [
            PowerSample(s.at - began, s.source, s.scope, s.watts, s.reason, s.joules)
            for s in samples
        ]
        connection.execute(
            "INSERT INTO sample_chunks (run, number, data) VALUES (?, 0, ?)",
            (run, pack_samples(shifted)),
        )


def _run_of(row: tuple[int, ...]) -> int:
    return row[0]
