"""Quality runs on the user's own prompts, and workloads that are only half typed.

The prompts and answers of a quality run are the user's and stay in this file: they are needed to go
on after a kill and to label what differs. Deleting the run deletes them.
"""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    # `plan` says what is asked of whom with which options and how it is judged; `result` is what
    # the gate said at its last look, `owner` the process that asks now.
    """CREATE TABLE quality_runs (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        title TEXT NOT NULL,
        workload TEXT,
        seed INTEGER NOT NULL,
        plan TEXT NOT NULL,
        result TEXT,
        owner TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX quality_runs_by_workload ON quality_runs (workload, started_at)",
    # `place` names a prompt in its file, `turn` says in which order they are asked.
    """CREATE TABLE quality_prompts (
        run INTEGER NOT NULL REFERENCES quality_runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        turn INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        expected TEXT,
        incumbent TEXT,
        cluster TEXT NOT NULL,
        PRIMARY KEY (run, place)
    ) WITHOUT ROWID""",
    # `side` is who answered: 'local', 'hosted', 'incumbent'. `run_uid` names the run that it is; a
    # recorded answer of the file has none. Neither text nor error: it goes on, or was cut.
    """CREATE TABLE quality_answers (
        run INTEGER NOT NULL REFERENCES quality_runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('local', 'hosted', 'incumbent')),
        answered_at TEXT NOT NULL,
        text TEXT,
        done_reason TEXT,
        error TEXT,
        input_tokens INTEGER,
        output_tokens INTEGER,
        seconds REAL,
        usd REAL,
        run_uid TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, place, side)
    ) WITHOUT ROWID""",
    # What somebody or a judge said of the two answers that differ; the latest of a `by` counts.
    # `run_uid` names the run in which a judge said it.
    """CREATE TABLE quality_labels (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES quality_runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('local', 'hosted')),
        by TEXT NOT NULL,
        swapped INTEGER NOT NULL,
        label TEXT NOT NULL,
        labelled_at TEXT NOT NULL,
        run_uid TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX quality_labels_by_run ON quality_labels (run, place)",
    # A workload in the editor that was not saved yet; `was` is the one it would replace. A new one
    # has '' or a line break and a number there, which is no workload's name.
    """CREATE TABLE workload_drafts (
        was TEXT PRIMARY KEY,
        toml TEXT NOT NULL,
        changed_at TEXT NOT NULL
    )""",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the fourth schema to the fifth; nothing that was kept changes."""
    for statement in STATEMENTS:
        connection.execute(statement)
