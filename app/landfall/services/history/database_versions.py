"""Which version wrote a history: found out without writing to it, and said where it is too new.

A file says in `user_version` how many migrations it had, and in the table `facts` which version of
the program brought it there: the oldest that can open it.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from landfall import __version__
from landfall.core.errors import DatabaseTooNew

SCHEMA_BY = "schema_by"
"""The fact under which the version stands. Histories from before it was written have none."""

_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says of the program that wrote it.

    Attributes:
        schema: How many migrations it had; 0 of a new one.
        program: The version that brought it there, or "" where it does not say.
    """

    schema: int
    program: str = ""


def sign(connection: sqlite3.Connection) -> None:
    """Note that this version brought the file to its schema; within the upgrade's transaction."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (SCHEMA_BY, __version__))


def _to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing.

    One that may write puts what a crash left in the log into the file when it closes. One that may
    only read makes a log where there is none and leaves it there, so without a log the file is read
    as one that nobody changes (https://www.sqlite.org/uri.html, `immutable`).
    """
    unchanging = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{unchanging}", uri=True, timeout=1.0)


def fill(empty: sqlite3.Connection, path: Path) -> None:
    """Copy what a file holds, without a byte written to it; nothing where there is none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if path.is_file():
        with contextlib.closing(_to_read(path)) as source:
            source.backup(empty)


def peek(path: Path) -> Written | None:
    """What a file says, without a byte written to it; None where it is no history or unreadable."""
    if not path.is_file():
        return None
    try:
        with contextlib.closing(_to_read(path)) as connection:
            schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
            return Written(schema=schema, program=_program(connection))
    except (sqlite3.Error, UnicodeDecodeError):
        return None  # the second where SQLite's words repeat a damaged name


def _program(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT value FROM facts WHERE name = ?", (SCHEMA_BY,)).fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return ""  # a newer version may keep its facts elsewhere
    said = str(row[0]) if row else ""
    return said if _VERSION.fullmatch(said) else ""


def refuse_newer(path: Path, known: int) -> None:
    """Stop before a file of a newer version is opened for writing.

    Args:
        known: The newest schema that this version can open.

    Raises:
        DatabaseTooNew: it is of a newer one.
    """
    found = peek(path)
    if found is not None and found.schema > known:
        raise too_new(path, found, known)


def too_new(path: Path, found: Written, known: int) -> DatabaseTooNew:
    """What was found, and the ways on: the newer version, the copy from before, another folder."""
    writer = f"Landfall {found.program}" if found.program else "a newer version of Landfall"
    ways = [f"Install {writer}{' or a newer one' if found.program else ''}"]
    copy = newest_copy(path, known)
    if copy is not None:
        at = datetime.fromtimestamp(copy.stat().st_mtime).astimezone()
        logs = [
            name
            for name in (f"{path.name}-wal", f"{path.name}-shm")
            if path.with_name(name).exists()
        ]
        ways.append(
            f"go back to the copy that was made before the upgrade ({at:%Y-%m-%d %H:%M}): move"
            f" {' and '.join([path.name, *logs])} away and rename {copy.name} to {path.name}"
        )
    ways.append("set LANDFALL_HOME to another folder")
    return DatabaseTooNew(
        f"The history {path} was written by {writer}: it has schema {found.schema}, and this"
        f" version ({__version__}) opens schemas up to {known}. Nothing in it was changed.",
        f"{', or '.join(ways)}.",
    )


def copy_of(path: Path, schema: int) -> Path:
    """Where the copy goes that is made before a file of this schema is upgraded."""
    return path.with_suffix(f".v{schema}.bak")


def newest_copy(path: Path, known: int) -> Path | None:
    """The copy beside a file with the newest schema that this version can open, or None."""
    for schema in range(known, 0, -1):
        copy = copy_of(path, schema)
        found = peek(copy)
        if found is not None and found.schema == schema:
            return copy
    return None
