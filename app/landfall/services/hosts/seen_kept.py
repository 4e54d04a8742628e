"""What hosts said last, in the history: by address, for a name may change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from landfall.core import json_text


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSeen:
    """What is kept of a host.

    Attributes:
        answered_at: When it last answered, ISO 8601, UTC, or "" for never.
        gone_at: Since when it is silent, or "" while it answers.
        said: What it last told: server, version, names of its models.
    """

    url: str
    kind: str
    answered_at: str = ""
    gone_at: str = ""
    said: Mapping[str, object]


def rows(connection: sqlite3.Connection) -> tuple[HostSeen, ...]:
    """Every address that was ever asked."""
    return tuple(
        HostSeen(
            url=row["url"],
            kind=row["kind"],
            answered_at=row["answered_at"] or "",
            gone_at=row["gone_at"] or "",
            said=json_text.read(row["said"]),
        )
        for row in connection.execute("SELECT * FROM hosts_seen ORDER BY url")
    )


def save(connection: sqlite3.Connection, seen: Iterable[HostSeen]) -> None:
    """Store what is known of these addresses."""
    connection.executemany(
        "INSERT OR REPLACE INTO hosts_seen (url, kind, answered_at, gone_at, said)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (
                one.url,
                one.kind,
                one.answered_at or None,
                one.gone_at or None,
                json.dumps(dict(one.said), ensure_ascii=False),
            )
            for one in seen
        ],
    )


def forget(connection: sqlite3.Connection, url: str) -> None:
    """Drop an address that is kept no more."""
    connection.execute("DELETE FROM hosts_seen WHERE url = ?", (url,))
