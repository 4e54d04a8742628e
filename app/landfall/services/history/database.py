"""SQLite behind one thread: a single connection, a single writer, never on the loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from json import JSONDecodeError
from pathlib import Path
from typing import TypeVar

from landfall.core.errors import AppError, DiskFull, Unavailable
from landfall.services.history.database_damage import SUSPICIOUS, damage_of
from landfall.services.history.database_versions import (
    Written,
    copy_of,
    fill,
    refuse_newer,
    too_new,
)
from landfall.services.threads import to_its_end

T = TypeVar("T")
Migration = Callable[[sqlite3.Connection], None]

MEMORY = Path(":memory:")
"""What SQLite takes for no file at all: the database is gone when it is closed."""
BUSY_TIMEOUT_SECONDS = 5.0
"""How long a command waits for the window's transaction, and the other way round."""


LEAST_ROOM_BYTES = 1 << 20
"""With less on the disk, an error of input or output means that it is full."""


class DatabaseDamaged(Unavailable):
    """The file is not a database, or its pages do not hold together."""

    kind = "database_damaged"


class Database:
    """Runs functions on the connection, one at a time, in the order they were asked."""

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        *,
        sign: Migration | None = None,
        filled_from: Path | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            sign: Notes in the file who upgraded it, in the same transaction.
            filled_from: For `MEMORY`: the file, if there is one, whose content it begins with.
        """
        self._path = path
        self._filled_from = filled_from
        self._migrations = migrations
        self._sign = sign
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None
        self._is_open = False

    async def open(self) -> None:
        """Connect and bring the schema up to date; a copy is kept before each upgrade.

        Raises:
            DatabaseTooNew: a newer version wrote it; it is left untouched.
            DatabaseDamaged: it cannot be read; it is left untouched.
            Unavailable, DiskFull: it cannot be opened or written.
        """
        try:
            await self._in_thread(self._open)
        except AppError:
            self._thread.shutdown()
            raise
        self._is_open = True

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction and return what it returns; on an error nothing is kept."""
        return await self._in_thread(lambda: self._transact(work))

    async def close(self) -> None:
        """Finish what was asked, close the file, end the thread. One that is not open stays so."""
        if not self._is_open:
            return
        self._is_open = False
        await self._in_thread(self._close)
        self._thread.shutdown()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        # What was handed over is finished even when the one who asked is cancelled.
        return await to_its_end(asyncio.get_running_loop().run_in_executor(self._thread, call))

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            raise RuntimeError("the database is not open")
        self._refuse_gone()
        with _translated(self._path), self._blaming(self._connection), self._connection:
            return work(self._connection)

    def _refuse_gone(self) -> None:
        """On POSIX SQLite goes on in a file that was deleted, and all of it is lost in the end.

        Raises:
            Unavailable: the file is no longer where it was opened.
        """
        if self._path != MEMORY and not self._path.exists():
            raise Unavailable(
                f"The history {self._path} is gone: it was moved or deleted while it was in use.",
                "What is done from now on is not kept. Put it back, or start again.",
            )

    @contextlib.contextmanager
    def _blaming(self, connection: sqlite3.Connection) -> Iterator[None]:
        """An error that would be a bug is the file's, where that is not what it should be.

        Raises:
            DatabaseDamaged: it is not.
        """
        try:
            yield
        except SUSPICIOUS as error:
            damage = "" if _is_outside(error) else damage_of(connection, self._migrations)
            if damage:
                raise _damaged(self._path, damage) from error
            raise

    def _open(self) -> None:
        with _translated(self._path):
            try:
                self._connect()
            except (sqlite3.Error, AppError):
                self._close()
                raise

    def _connect(self) -> None:
        if self._path != MEMORY:
            refuse_newer(self._path, len(self._migrations))
            _begin_file(self._path)
        if self._connect_and_upgrade() and self._path != MEMORY:
            # It would keep the statements and pages of the upgrade: half a megabyte.
            self._close()
            self._connect_and_upgrade()

    def _connect_and_upgrade(self) -> bool:
        """Connect, and bring the schema up to date; whether it was not."""
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_SECONDS)
        self._connection = connection
        connection.row_factory = sqlite3.Row
        if self._filled_from is not None:
            fill(connection, self._filled_from)
        version = self._version(connection)
        _write_ahead(connection)
        _write_through(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        if version == len(self._migrations):
            return False
        with self._blaming(connection):
            self._upgrade(connection)
        return True

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        """All steps or none; of two programs that start at once the second finds the work done."""
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            version = self._version(connection)
            if 0 < version < len(self._migrations) and self._path != MEMORY:
                self._keep_copy(version)
            for number, migrate in enumerate(self._migrations[version:], start=version + 1):
                migrate(connection)
                connection.execute(f"PRAGMA user_version = {number}")
            if self._sign is not None and version < len(self._migrations):
                self._sign(connection)

    def _version(self, connection: sqlite3.Connection) -> int:
        """How many migrations the file had.

        Raises:
            DatabaseTooNew: a newer program upgraded it after it was looked at.
        """
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(self._migrations):
            raise too_new(
                self._filled_from or self._path, Written(schema=version), len(self._migrations)
            )
        return version

    def _keep_copy(self, version: int) -> None:
        """Copy through SQLite itself, so that what still sits in the WAL comes along.

        Through a second connection: one that holds a write transaction cannot be copied from. A
        copy has its name when it is whole: a full disk or a kill leaves an older one as it was.
        """
        kept = copy_of(self._path, version)
        part = kept.with_name(f"{kept.name}.part")
        try:
            part.unlink(missing_ok=True)  # of an upgrade that was killed
            _begin_file(part)
            with (
                contextlib.closing(sqlite3.connect(self._path)) as source,
                contextlib.closing(sqlite3.connect(part)) as copy,
            ):
                source.backup(copy)
            part.replace(kept)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _begin_file(path: Path) -> None:
    """Create a file that is not there yet, empty, for its owner alone (on POSIX).

    SQLite would create it for everyone to read; what it puts beside a file gets the file's own
    permissions. One that is there is not opened: closing it would let go of SQLite's locks. What
    goes wrong, SQLite meets again and says.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on, which stays on with the file.

    Two programs that turn it on in a new file at once stand in each other's way, and SQLite then
    refuses one without the wait that its busy timeout promises: both would wait for each other.
    """
    until = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            connection.execute("BEGIN EXCLUSIVE")  # waits for the other one, as the pragma did not
            connection.rollback()
        else:
            return


def _write_through(connection: sqlite3.Connection) -> None:
    """What is reported as saved is on the disk, also when the power goes at that moment.

    A killed process loses nothing at either level: what it wrote is with the operating system.
    In WAL mode NORMAL keeps the file whole in a power cut and loses the last commits; FULL waits
    for the disk at each commit (https://www.sqlite.org/pragma.html#pragma_synchronous). A run
    commits about once a second, on a thread where nobody waits for it. On macOS only a full fsync
    reaches the medium; elsewhere the second line changes nothing.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")


_IS_IT_FREE = "Check that its folder exists and is writable, and that no other program locks it."


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into what the user can act on."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) == sqlite3.SQLITE_FULL or _has_no_room(error, path):
            raise DiskFull(
                f"The disk of {path} is full: nothing was saved.", "Free some space and try again."
            ) from error
        if _code(error) == sqlite3.SQLITE_CORRUPT:
            raise _damaged(path, str(error)) from error
        raise Unavailable(
            f"The history {path} cannot be used: {error}.",
            _IS_IT_FREE,
        ) from error
    except sqlite3.DatabaseError as error:
        if _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise _damaged(path, str(error)) from error
        raise
    except (UnicodeDecodeError, JSONDecodeError) as error:
        # SQLite keeps no checksums: a flipped bit may lie in a text, or in what it says of one.
        raise _damaged(path, "a text in it cannot be read") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk of {path} is full.", "Free some space.") from error
        raise Unavailable(
            f"The history {path} cannot be opened: {error.strerror}.", _IS_IT_FREE
        ) from error


def _is_outside(error: Exception) -> bool:
    """Whether SQLite met a lock or a full disk; a column that is not there is no such thing."""
    return isinstance(error, sqlite3.OperationalError) and _code(error) != sqlite3.SQLITE_ERROR


def _damaged(path: Path, why: str) -> DatabaseDamaged:
    return DatabaseDamaged(
        f"The history {path} is damaged: {why}.",
        "Move it away or restore a copy (history.v*.bak beside it).",
    )


def _has_no_room(error: sqlite3.Error, path: Path) -> bool:
    """SQLite says no more than "disk I/O error" where its index of the log finds no room."""
    if _code(error) != sqlite3.SQLITE_IOERR:
        return False
    # Imported where something went wrong only: a short command does without it.
    disk_usage = import_module("shutil").disk_usage
    try:
        return bool(disk_usage(path.parent).free < LEAST_ROOM_BYTES)
    except OSError:
        return False


def _code(error: sqlite3.Error) -> int:
    """The kind of an error, without the details that SQLite adds to its number.

    What Python's module finds itself has no number: in a query that runs, a text that is none.
    """
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
