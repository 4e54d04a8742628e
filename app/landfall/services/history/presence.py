"""Who else has a history open: what still says "running" may be theirs.

A second, empty file beside the history is locked for as long as the history is open. Its locks are
SQLite's: shared by all who are there, held alone by whom finds nobody else. They go with a process
that is killed, on every system.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

WAIT_SECONDS = 5.0
"""For another one that looks whether it is alone, which takes milliseconds."""


def lock_of(database: Path) -> Path:
    """The file that is locked."""
    return database.with_suffix(".lock")


class Presence:
    """Held by one program while it has the history open.

    Args:
        database: The history; its folder is there.
    """

    def __init__(self, database: Path) -> None:
        self._path = lock_of(database)
        self._connection: sqlite3.Connection | None = None

    def enter(self) -> None:
        """Be there."""
        with self.looking():
            pass

    @contextlib.contextmanager
    def looking(self) -> Iterator[bool]:
        """Be there from now on; inside the block, whether nobody else is, or comes.

        Where the file cannot be locked, somebody may be there: False.
        """
        self.leave()
        try:
            self._connection = self._opened()
            alone = self._locked("BEGIN EXCLUSIVE", wait_seconds=0.0)
        except (sqlite3.Error, OSError):
            alone = False
        try:
            yield alone
        finally:
            with contextlib.suppress(sqlite3.Error):
                self._stay()

    def leave(self) -> None:
        """Others may be alone again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)

    def _stay(self) -> None:
        """A transaction that has read holds a shared lock until it ends."""
        if self._connection is None:
            return
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")  # nothing was written
        if self._locked("BEGIN", wait_seconds=WAIT_SECONDS):
            self._connection.execute("SELECT 1 FROM sqlite_master").fetchall()

    def _locked(self, begin: str, *, wait_seconds: float) -> bool:
        if self._connection is None:
            return False
        self._connection.execute(f"PRAGMA busy_timeout = {round(1000 * wait_seconds)}")
        try:
            self._connection.execute(begin)
        except sqlite3.OperationalError:
            return False
        return True
