"""Whose what is under way is: rows that say "running" name the program that said so.

A program that is killed leaves them. Who looks at a list then finds that their program is gone, and
says so, also while others have the history open. The names stand among the facts of the history, as
long as a row runs: older versions read past them, and their own rows have none.
"""

from __future__ import annotations

import sqlite3

from landfall.services.history import runs_kept
from landfall.services.history.owner import is_alive, this_program

_KEYS = {
    "runs": "{row}uid",
    "benchmarks": "{row}uid",
    "probes": "{row}uid",
    "side_by_sides": "{row}uid",
    "pulls": "{row}host || ' ' || {row}model || ' ' || {row}started_at",
}
"""What tells a row from all that ever stood in its table: an older version that deletes one leaves
its name here, and gives its number to the next. Quality runs have a column for their owner."""

_PREFIX = "going on: "


def watch(connection: sqlite3.Connection) -> None:
    """From now on what this connection writes as running is this program's.

    By triggers that are the connection's own, so that nobody who writes a state has to think of it.
    """
    connection.create_function("this_program", 0, lambda: this_program(connection))
    connection.execute("PRAGMA temp_store = MEMORY")
    for table, key in _KEYS.items():
        name = _name(table, key, "new.")
        for when in ("INSERT ON", "UPDATE OF state ON"):
            connection.execute(
                f"CREATE TEMP TRIGGER {table}_{when[:6].lower()} AFTER {when} main.{table} BEGIN"
                f" DELETE FROM facts WHERE name = {name} AND new.state != 'running';"
                f" INSERT OR REPLACE INTO facts SELECT {name}, this_program()"
                " WHERE new.state = 'running'; END"
            )
        connection.execute(
            f"CREATE TEMP TRIGGER {table}_delete AFTER DELETE ON main.{table}"
            f" WHEN old.state = 'running' BEGIN"
            f" DELETE FROM facts WHERE name = {_name(table, key, 'old.')}; END"
        )


def mark_cut(connection: sqlite3.Connection, *, alone: bool = False) -> int:
    """Say of rows whose program is gone that they were interrupted. Returns how many.

    Args:
        alone: Nobody else has the history open: all that "runs" was cut, named or not.
    """
    named = (len(_PREFIX), _PREFIX)
    if alone:
        # Written even where nothing runs: who cannot write is to know it now.
        connection.execute("DELETE FROM facts WHERE substr(name, 1, ?) = ?", named)
        return sum(_mark(connection, table, None) for table in _KEYS)
    facts = connection.execute(
        "SELECT name, value FROM facts WHERE substr(name, 1, ?) = ?", named
    ).fetchall()
    gone = {name for name, owner in facts if not is_alive(connection, owner)}
    if not gone:
        return 0
    cut = sum(_mark(connection, table, gone) for table in _KEYS)
    connection.executemany("DELETE FROM facts WHERE name = ?", [(name,) for name in gone])
    return cut


def _mark(connection: sqlite3.Connection, table: str, gone: set[str] | None) -> int:
    running = connection.execute(
        f"SELECT rowid, {_name(table, _KEYS[table])} FROM {table} WHERE state = 'running'"
    )
    cut = [row for row, name in running if gone is None or name in gone]
    connection.executemany(
        f"UPDATE {table} SET state = 'interrupted' WHERE rowid = ?", [(row,) for row in cut]
    )
    if table == "runs":
        runs_kept.count_cut(connection, cut)
    return len(cut)


def _name(table: str, key: str, row: str = "") -> str:
    """The name of a row among the facts, as SQL."""
    return f"'{_PREFIX}{table} ' || {key.format(row=row)}"
