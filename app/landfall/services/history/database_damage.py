"""Whether a history is what it should be, asked once something in it was not understood.

SQLite keeps no checksums: a flipped bit may lie in a value, or in the name of a column, where no
page is broken. So an error that would be a bug of the program is one of the file where the file
does not hold together, or has not the tables that this version made.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence

SUSPICIOUS = (
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    sqlite3.IntegrityError,
    sqlite3.OperationalError,
)
"""What reading a row that is none ends with."""

_Tables = dict[str, frozenset[str]]


def damage_of(
    connection: sqlite3.Connection, migrations: Sequence[Callable[[sqlite3.Connection], None]]
) -> str:
    """What is wrong with a file, or "". It may take seconds."""
    try:
        said = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if said != "ok":
            return said
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
            fresh.row_factory = sqlite3.Row
            for migrate in migrations[:version]:
                migrate(fresh)
            made = _tables(fresh)
        there = _tables(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return "a text in it cannot be read" if isinstance(error, UnicodeError) else str(error)
    wrong = sorted(name for name, columns in made.items() if not columns <= there.get(name, set()))
    return f"its table {wrong[0]} has other columns than it had" if wrong else ""


def _tables(connection: sqlite3.Connection) -> _Tables:
    """The columns of each table."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        str(name): frozenset(
            str(row[1]) for row in connection.execute(f'PRAGMA table_info("{name}")').fetchall()
        )
        for (name,) in map(tuple, names)
    }
