"""The places of rows in lists that stand newest first, on a clock that may be set back.

Runs keep theirs in a column. Of other rows that others may bring from elsewhere, with a time of
their own, a place is noted only where it is not their time: among the facts of the history, which
older versions read past. Rows that are only ever written here stand in the order of their number.
"""

from __future__ import annotations

import sqlite3


def newest_first(table: str) -> str:
    """How rows of a table are listed, as SQL."""
    return f"ORDER BY {_place(table)} DESC, {table}.id DESC"


def stand_above(connection: sqlite3.Connection, table: str, row: int) -> int:
    """A row was begun here just now: it stands above all that are there. Returns its number."""
    connection.execute(
        f"INSERT OR REPLACE INTO facts SELECT {_name(table)}, top FROM {table},"
        f" (SELECT MAX({_place(table)}) AS top FROM {table}) WHERE id = ? AND top > started_at",
        (row,),
    )
    return row


def _place(table: str) -> str:
    noted = f"SELECT value FROM facts WHERE name = {_name(table)}"
    return f"COALESCE(({noted}), {table}.started_at)"


def _name(table: str) -> str:
    """By the name that a row keeps also when it is deleted and put back; a number is used again."""
    return f"'listed: {table} ' || {table}.uid"
