"""Workloads and their verdicts in the history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.services.history import drafts_kept
from landfall.services.history.records import KeptVerdict, SavedWorkload, now_iso


def rows(connection: sqlite3.Connection) -> tuple[SavedWorkload, ...]:
    """The saved workloads in the user's order."""
    return tuple(
        SavedWorkload(
            name=r["name"], toml=r["toml"], sample=bool(r["sample"]), changed_at=r["changed_at"]
        )
        for r in connection.execute("SELECT * FROM workloads ORDER BY sample, position, name")
    )


def save(connection: sqlite3.Connection, workload: SavedWorkload, was: str) -> None:
    """Store a workload that was called `was`, at its place or at the end.

    Raises:
        BadInput: another workload has its name.
    """
    taken = connection.execute(
        "SELECT 1 FROM workloads WHERE name = ? AND name != ?", (workload.name, was)
    ).fetchone()
    if taken:
        raise BadInput(
            f"There is already a workload named {workload.name!r}.",
            "Choose another name.",
            field="workload.name",
        )
    changed = connection.execute(
        "UPDATE workloads SET name = ?, toml = ?, sample = ?, changed_at = ? WHERE name = ?",
        (workload.name, workload.toml, int(workload.sample), now_iso(), was),
    )
    if was != workload.name:
        _rename_in_comparisons(connection, was, workload.name)
        drafts_kept.rename(connection, was, workload.name)
    if changed.rowcount == 0:
        connection.execute(
            "INSERT INTO workloads VALUES (?, ?, ?,"
            " (SELECT COALESCE(MAX(position), 0) + 1 FROM workloads), ?)",
            (workload.name, workload.toml, int(workload.sample), now_iso()),
        )


def _rename_in_comparisons(connection: sqlite3.Connection, was: str, name: str) -> None:
    """Votes stay evidence of a workload that is called something else now."""
    connection.execute("UPDATE votes SET workload = ? WHERE workload = ?", (name, was))
    connection.execute(
        "UPDATE side_by_sides SET workload = ?, plan = json_set(plan, '$.workload', ?)"
        " WHERE workload = ?",
        (name, name, was),
    )
    connection.execute(
        "UPDATE quality_runs SET workload = ?, plan = json_set(plan, '$.workload', ?)"
        " WHERE workload = ?",
        (name, name, was),
    )


def delete(connection: sqlite3.Connection, name: str) -> None:
    """Remove a workload; its verdicts go with it."""
    connection.execute("DELETE FROM workloads WHERE name = ?", (name,))


def keep_verdicts(connection: sqlite3.Connection, verdicts: Iterable[KeptVerdict]) -> None:
    """Keep each verdict that names another option than the last of its workload, or renews it."""
    for verdict in verdicts:
        last = connection.execute(
            "SELECT kind FROM verdicts WHERE workload = ? ORDER BY rowid DESC LIMIT 1",
            (verdict.workload,),
        ).fetchone()
        if verdict.renew or last is None or last["kind"] != verdict.kind:
            text = json.dumps(verdict.document, ensure_ascii=False)
            # A workload may have been removed while it was decided.
            connection.execute(
                "INSERT INTO verdicts SELECT name, ?, ?, ? FROM workloads WHERE name = ?",
                (now_iso(), verdict.kind, text, verdict.workload),
            )


def last_verdicts(connection: sqlite3.Connection) -> tuple[KeptVerdict, ...]:
    """The latest kept verdict of each workload that has one."""
    found = connection.execute(
        "SELECT workload, kind, document FROM verdicts WHERE rowid IN"
        " (SELECT MAX(rowid) FROM verdicts GROUP BY workload) ORDER BY rowid"
    )
    return tuple(
        KeptVerdict(workload=r["workload"], kind=r["kind"], document=json_text.read(r["document"]))
        for r in found
    )


def seed(connection: sqlite3.Connection, samples: Iterable[SavedWorkload]) -> bool:
    """Put the samples in, once in the life of the file; False where that was done.

    A sample that the user removed does not come back.
    """
    fresh = connection.execute(
        "INSERT OR IGNORE INTO facts VALUES ('samples_seeded_at', ?)", (now_iso(),)
    )
    if fresh.rowcount == 0:
        return False
    for sample in samples:
        save(connection, sample, sample.name)
    return True


def is_seeded(connection: sqlite3.Connection) -> bool:
    """Whether the samples were ever put in."""
    found = connection.execute("SELECT 1 FROM facts WHERE name = 'samples_seeded_at'").fetchone()
    return found is not None
