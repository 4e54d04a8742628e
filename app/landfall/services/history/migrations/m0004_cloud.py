"""What was used at providers, what answers were voted best side by side, how fast providers were.

Usage is added up by the hour (or by the span that its source adds up) and by everything it may be
grouped by. No text of a prompt or an answer has a place here.
"""

from __future__ import annotations

import sqlite3

STATEMENTS = (
    # A file or an interface that usage was taken from, so that it can be shown and taken back.
    """CREATE TABLE usage_imports (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        imported_at TEXT NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('file', 'provider')),
        name TEXT NOT NULL,
        format TEXT NOT NULL,
        rows INTEGER NOT NULL,
        kept INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        problems TEXT NOT NULL DEFAULT '[]',
        problem_count INTEGER NOT NULL DEFAULT 0,
        first_at TEXT,
        last_at TEXT
    )""",
    """CREATE TABLE usage_buckets (
        id INTEGER PRIMARY KEY,
        import INTEGER NOT NULL REFERENCES usage_imports (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        span_seconds INTEGER NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        project TEXT NOT NULL,
        key_name TEXT NOT NULL,
        user TEXT NOT NULL,
        tag TEXT NOT NULL,
        tier TEXT NOT NULL,
        batch INTEGER,
        rows INTEGER NOT NULL,
        requests REAL,
        input_tokens REAL,
        cached_input_tokens REAL,
        cache_write_tokens REAL,
        cache_write_1h_tokens REAL,
        output_tokens REAL,
        reasoning_tokens REAL,
        billed_usd REAL,
        recomputed_usd REAL,
        unpriced_rows INTEGER NOT NULL DEFAULT 0,
        longest_tokens REAL,
        latency_seconds REAL,
        latency_rows INTEGER NOT NULL DEFAULT 0,
        ttft_seconds REAL,
        ttft_rows INTEGER NOT NULL DEFAULT 0,
        workload TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX usage_buckets_by_import ON usage_buckets (import)",
    "CREATE INDEX usage_buckets_by_time ON usage_buckets (at)",
    """CREATE TABLE usage_costs (
        id INTEGER PRIMARY KEY,
        import INTEGER NOT NULL REFERENCES usage_imports (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        span_seconds INTEGER NOT NULL,
        provider TEXT NOT NULL,
        line_item TEXT NOT NULL,
        model TEXT NOT NULL,
        project TEXT NOT NULL,
        key_name TEXT NOT NULL,
        billed_usd REAL NOT NULL
    )""",
    "CREATE INDEX usage_costs_by_import ON usage_costs (import)",
    # 64 bits of a digest of each row that is kept, so that none is counted twice. Without an index
    # by import: it would double the room of a million rows for the rare moment one is taken back.
    """CREATE TABLE usage_seen (
        fingerprint INTEGER PRIMARY KEY,
        import INTEGER NOT NULL REFERENCES usage_imports (id) ON DELETE CASCADE
    )""",
    # What the columns of a file without a known format mean, by the digest of its header.
    """CREATE TABLE column_mappings (
        header TEXT PRIMARY KEY,
        mapping TEXT NOT NULL,
        used_at TEXT NOT NULL
    )""",
    # One prompt or a set of them at several targets; its answers are runs. `seed` gives the order
    # in which blind answers stand, `revealed` says that the names were shown before all votes.
    """CREATE TABLE side_by_sides (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        title TEXT NOT NULL,
        workload TEXT,
        blind INTEGER NOT NULL,
        revealed INTEGER NOT NULL DEFAULT 0,
        seed INTEGER NOT NULL,
        plan TEXT NOT NULL
    )""",
    "CREATE INDEX side_by_sides_by_time ON side_by_sides (started_at)",
    # What was refused before it was asked has no run and says why.
    """CREATE TABLE side_by_side_answers (
        side_by_side INTEGER NOT NULL REFERENCES side_by_sides (id) ON DELETE CASCADE,
        prompt INTEGER NOT NULL,
        target INTEGER NOT NULL,
        run INTEGER REFERENCES runs (id) ON DELETE CASCADE,
        error TEXT,
        PRIMARY KEY (side_by_side, prompt, target)
    ) WITHOUT ROWID""",
    "CREATE INDEX side_by_side_answers_by_run ON side_by_side_answers (run)",
    # A vote stays when the texts it was about are deleted: it names its targets itself, and its
    # comparison by a name that still holds when that is put back. `best` lists places in
    # `targets`; `prompt_key` is a digest.
    """CREATE TABLE votes (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        voted_at TEXT NOT NULL,
        side_by_side TEXT NOT NULL,
        prompt INTEGER NOT NULL,
        prompt_key TEXT NOT NULL,
        workload TEXT,
        blind INTEGER NOT NULL,
        targets TEXT NOT NULL,
        best TEXT NOT NULL
    )""",
    "CREATE INDEX votes_by_workload ON votes (workload)",
    "CREATE INDEX votes_by_side_by_side ON votes (side_by_side)",
    """CREATE TABLE probes (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'aborted', 'interrupted')),
        provider TEXT NOT NULL,
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        plan TEXT NOT NULL,
        result TEXT
    )""",
    "CREATE INDEX probes_by_model ON probes (provider, model, started_at)",
    # What a paid call may cost, written down before it is sent, and what it came to. The daily cap
    # counts these: of every window and command at once, also of a call that a crash cut short.
    """CREATE TABLE paid_calls (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        most_usd REAL NOT NULL,
        usd REAL
    )""",
    "CREATE INDEX paid_calls_by_time ON paid_calls (at)",
)


def migrate(connection: sqlite3.Connection) -> None:
    """From the third schema to the fourth; nothing that was kept changes."""
    for statement in STATEMENTS:
        connection.execute(statement)
