"""What other hosts last said, and what was exported to a router."""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    # One row an address that was ever asked: `answered_at` is when it last answered, `gone_at` when
    # it was first found silent after that (NULL while it answers), `said` what it last told (JSON).
    """CREATE TABLE hosts_seen (
        url TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        answered_at TEXT,
        gone_at TEXT,
        said TEXT NOT NULL
    ) WITHOUT ROWID""",
    # `plan` is the whole export as JSON: what each alias serves and what it was expected to do.
    """CREATE TABLE routing_exports (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        exported_at TEXT NOT NULL,
        engine TEXT NOT NULL,
        directory TEXT NOT NULL,
        plan TEXT NOT NULL
    )""",
    # By the name that a client sends as its model: this is how the router's log is read back.
    """CREATE TABLE routing_aliases (
        export INTEGER NOT NULL REFERENCES routing_exports (id) ON DELETE CASCADE,
        alias TEXT NOT NULL,
        workload TEXT NOT NULL,
        verdict TEXT NOT NULL,
        local_share REAL,
        PRIMARY KEY (export, alias)
    ) WITHOUT ROWID""",
    "CREATE INDEX routing_aliases_by_alias ON routing_aliases (alias)",
    # Of usage that a router logged: the name that was asked for, and which deployment answered.
    "ALTER TABLE usage_buckets ADD COLUMN alias TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE usage_buckets ADD COLUMN deployment TEXT NOT NULL DEFAULT ''",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the fifth schema to the sixth; nothing that was kept changes."""
    for statement in STATEMENTS:
        connection.execute(statement)
