"""When keys were stored, so that what was said of one is not taken for a word on the next.

By the name of the keyring's entry; of a key itself nothing is kept. A time stands among the facts
of the history, which older versions read past.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

_NAME = "key_stored_at:"


def note(connection: sqlite3.Connection, entry: str, at: str) -> None:
    """A key was put into this entry at this ISO time."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (_NAME + entry, at))


def all_noted(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Each entry with the time at which a key was put into it last, where that is known."""
    rows = connection.execute(
        "SELECT name, value FROM facts WHERE substr(name, 1, ?) = ?", (len(_NAME), _NAME)
    )
    return {name.removeprefix(_NAME): value for name, value in rows}
