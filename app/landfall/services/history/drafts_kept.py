"""Workloads that are only half typed, in the history: nothing that was typed is lost to a kill."""

from __future__ import annotations

import sqlite3

from landfall.services.history.records import WorkloadDraft, now_iso


def rows(connection: sqlite3.Connection) -> tuple[WorkloadDraft, ...]:
    """All drafts, the one that was changed last first."""
    found = connection.execute("SELECT * FROM workload_drafts ORDER BY changed_at DESC, was")
    return tuple(
        WorkloadDraft(key=r["was"], toml=r["toml"], changed_at=r["changed_at"]) for r in found
    )


def keep(connection: sqlite3.Connection, draft: WorkloadDraft) -> None:
    """Keep what is typed by now in the place of what was."""
    connection.execute(
        "INSERT OR REPLACE INTO workload_drafts VALUES (?, ?, ?)",
        (draft.key, draft.toml, draft.changed_at or now_iso()),
    )


def forget(connection: sqlite3.Connection, key: str) -> None:
    """Drop a draft: it was saved, or is not wanted."""
    connection.execute("DELETE FROM workload_drafts WHERE was = ?", (key,))


def rename(connection: sqlite3.Connection, was: str, name: str) -> None:
    """A draft goes with the workload that it would replace."""
    connection.execute("UPDATE OR REPLACE workload_drafts SET was = ? WHERE was = ?", (name, was))
