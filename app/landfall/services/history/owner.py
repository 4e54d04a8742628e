"""Which program it is that has something under way in a history, and whether it still runs.

Told by a byte of a file beside the history, which each program locks for itself.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from landfall.core.errors import BadInput
from landfall.services.late_imports import late

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_GOING: set[str] = set()
"""Quality runs that go on in this process. Their owner in the history says no more than which
process, and stays there where the end of a run could not be stored."""

FILE = "quality.lock"
"""Called after what it was made for first: programs of other versions look there."""

_PLACES = 2**31 - 1
"""Windows counts no further in `_locking`."""


@dataclass(frozen=True, slots=True)
class _Lock:
    """A byte of a file, locked until this process ends or has closed the history.

    Attributes:
        file: The file, open; closed anywhere in this process, POSIX would drop the lock.
        place: Which byte; 0 where the file system knows no locks.
    """

    file: int
    place: int


_held: dict[Path, _Lock] = {}
_open: dict[Path, int] = {}
"""How often each history is open in this process."""
_one_at_a_time = threading.Lock()


def enter(history: Path) -> None:
    """A history is opened here; nothing is locked before something is under way in it."""
    path = _beside(history)
    with _one_at_a_time:
        _open[path] = _open.get(path, 0) + 1


def leave(history: Path) -> None:
    """It is closed; with the last one in this process nothing of this program is under way."""
    path = _beside(history)
    with _one_at_a_time:
        _open[path] = _open.get(path, 1) - 1
        if _open[path] > 0:
            return
        del _open[path]
        if (lock := _held.pop(path, None)) is not None:
            os.close(lock.file)


@contextmanager
def going_here(uid: str) -> Iterator[None]:
    """Claim a quality run within this process, for as long as the block lasts.

    Raises:
        BadInput: it goes on here already.
    """
    if uid in _GOING:
        raise BadInput(
            "This quality run goes on already.", "Wait for it, or stop it first.", field="uid"
        )
    _GOING.add(uid)
    try:
        yield
    finally:
        _GOING.discard(uid)


def this_program(connection: sqlite3.Connection) -> str:
    """This process, by its number and the byte that it locks in a file beside the history.

    The system unlocks it when the process ends, however it ends. When a process began would tell
    less: that time moves where the clock is set, and numbers are used again.
    """
    lock = _lock_of(connection)
    return f"{os.getpid()}:{lock.place if lock is not None else 0}"


def is_alive(connection: sqlite3.Connection, owner: str) -> bool:
    """Whether the process still runs. One that was killed does not, whoever has not noticed yet.

    Windows has no shared locks of bytes: of two programs that ask at the very same moment after
    one that died, the second takes the first for it, and says so until it is asked again.
    """
    number, _, place = owner.partition(":")
    if not number.isdecimal() or not place.isdecimal():
        return False
    if owner == this_program(connection):
        return True
    if _path_of(connection) is None:
        return False  # a history in memory is nobody else's
    lock = _lock_of(connection)
    if lock is None or not int(place):
        return bool(late("psutil").pid_exists(int(number)))
    try:
        _look(lock.file, int(place))
    except OSError:
        return True
    _give(lock.file, int(place))
    return False


def _lock_of(connection: sqlite3.Connection) -> _Lock | None:
    """What this process locks beside a history; None where that is in memory, or where the file
    cannot be opened, as one that another user left: then the number of the process tells alone."""
    path = _path_of(connection)
    if path is None:
        return None
    with _one_at_a_time:
        if path not in _held:
            try:
                file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                return None
            place = 1 + int.from_bytes(os.urandom(8)) % (_PLACES - 1)
            try:
                _take(file, place)
            except OSError:
                place = 0
            _held[path] = _Lock(file, place)
        return _held[path]


def _path_of(connection: sqlite3.Connection) -> Path | None:
    name = connection.execute("PRAGMA database_list").fetchone()[2]
    return _beside(Path(name)) if name else None


def _beside(history: Path) -> Path:
    """Its file; however the history is named, the same one: closing it would drop the lock."""
    return Path(os.path.realpath(history)).with_name(FILE)


if sys.platform == "win32":

    def _take(file: int, place: int) -> None:
        os.lseek(file, place, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    _look = _take

    def _give(file: int, place: int) -> None:
        os.lseek(file, place, os.SEEK_SET)
        with suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:

    def _take(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)

    def _look(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, place)

    def _give(file: int, place: int) -> None:
        with suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
