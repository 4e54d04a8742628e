"""Votes in the history. They stay when the texts that they are about are deleted."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from landfall.core import json_text
from landfall.core.quality.votes import Vote
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.records import new_uid, now_iso

_IN_ORDER = "ORDER BY voted_at, id"


def insert(connection: sqlite3.Connection, vote: Vote) -> int:
    """Store a vote; returns its id. One of its name that is there already stays as it is."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO votes (uid, voted_at, side_by_side, prompt, prompt_key, workload,"
        " blind, targets, best) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            vote.uid or new_uid(),
            vote.voted_at or now_iso(),
            vote.side_by_side,
            vote.prompt,
            vote.prompt_key,
            vote.workload,
            int(vote.blind),
            json.dumps([asdict(target) for target in vote.targets], ensure_ascii=False),
            json.dumps(vote.best),
        ),
    )
    return int(cursor.lastrowid or 0)


def of_side_by_side(connection: sqlite3.Connection, uid: str) -> tuple[Vote, ...]:
    """The votes of one comparison, in the order cast."""
    found = connection.execute(f"SELECT * FROM votes WHERE side_by_side = ? {_IN_ORDER}", (uid,))
    return tuple(_vote(row) for row in found)


def rows(connection: sqlite3.Connection, workload: str | None) -> tuple[Vote, ...]:
    """All votes, or those of one workload, in the order cast."""
    if workload is None:
        found = connection.execute(f"SELECT * FROM votes {_IN_ORDER}")
    else:
        found = connection.execute(
            f"SELECT * FROM votes WHERE workload = ? {_IN_ORDER}", (workload,)
        )
    return tuple(_vote(row) for row in found)


def _vote(row: sqlite3.Row) -> Vote:
    values: dict[str, Any] = dict(row)
    return Vote(
        **values
        | {
            "blind": bool(values["blind"]),
            "targets": tuple(Target(**one) for one in json_text.read(values["targets"])),
            "best": tuple(json_text.read(values["best"])),
        }
    )
