"""Upgrades an old history and stops at the n-th step of it, for each n: killed, or the disk full.

`PYTHONPATH=app python -m tests.services.upgrade_stops kill|full|room NAME FOLDER`. A step is a
statement, or the making of the copy. A killed child is a process of its own that ends by SIGKILL;
the parent then looks at the file as the old program would, and upgrades it. It prints how many
steps there were, and how many stops left the old schema. `room` upgrades it in a small file system
instead.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from landfall.core.errors import DiskFull
from landfall.services.history.database import Database
from landfall.services.history.database_versions import sign
from landfall.services.history.migrations import MIGRATIONS
from tests.services.old_homes import Tables, put, schema_of, tables

NEWEST = len(MIGRATIONS)
ROOM_STEP_BYTES = 16_384


class Steps:
    """Counts the steps of an upgrade, and stops at one of them."""

    def __init__(self, how: str, stop_at: int) -> None:
        self.how, self.stop_at, self.done = how, stop_at, 0

    def step(self, connection: sqlite3.Connection) -> None:
        """One more."""
        self.done += 1
        if self.done != self.stop_at:
            return
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        # From here on SQLite finds no room for one page more.
        sqlite3.Connection.execute(connection, "PRAGMA max_page_count = 1")


class Stopping(sqlite3.Connection):
    """A connection whose steps are counted."""

    steps: Steps

    def execute(self, *words: Any) -> sqlite3.Cursor:
        """As ever, one step on."""
        self.steps.step(self)
        return super().execute(*words)

    def backup(self, target: sqlite3.Connection, **more: Any) -> None:
        """A step before, one when a part of it is written, and one behind it."""
        self.steps.step(self)
        if self.steps.done == self.steps.stop_at:
            raise full()

        def part(*_: int) -> None:
            self.steps.step(self)
            if self.steps.done == self.steps.stop_at:
                raise full()

        super().backup(target, pages=5, progress=part, **more)
        self.steps.step(self)


def full() -> sqlite3.OperationalError:
    """As SQLite says it when a write finds no room (its number is 13)."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = 13
    return error


def upgrade(path: Path) -> None:
    """Open and close the file alone: what says who else has it open takes steps of its own."""

    async def work() -> None:
        database = Database(path, MIGRATIONS, sign=sign)
        await database.open()
        await database.close()

    asyncio.run(work())


def upgrade_stopping(path: Path, how: str, stop_at: int) -> bool:
    """Upgrade it and stop at a step; whether that step was reached."""
    Stopping.steps = Steps(how, stop_at)
    connect = sqlite3.connect
    sqlite3.connect = lambda *words, **more: connect(*words, factory=Stopping, **more)  # type: ignore[assignment]
    try:
        with suppress(DiskFull):
            upgrade(path)
    finally:
        sqlite3.connect = connect
    return Stopping.steps.done >= stop_at


def killed(path: Path, stop_at: int) -> bool:
    """Upgrade it in a child that is killed at a step; whether the child came so far."""
    child = os.fork()
    if not child:
        upgrade_stopping(path, "kill", stop_at)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def unnamed(found: Tables) -> Tables:
    """Without the names that old runs are given by chance."""
    return {
        name: sorted(({k: v for k, v in row.items() if k != "uid"} for row in rows), key=repr)
        for name, rows in found.items()
    }


def look(path: Path, before: Tables, schema: int, whole: Tables) -> bool:
    """The file is the old one or the new one, and becomes the new one; whether it was the old."""
    left = schema_of(path)
    if left == schema:
        assert tables(path) == before
    else:
        assert left == NEWEST, left
        assert unnamed(tables(path)) == whole
    upgrade(path)
    assert unnamed(tables(path)) == whole
    assert tables(path.with_name(f"history.v{schema}.bak")) == before
    assert not list(path.parent.glob("*.part"))
    return left == schema


def stops(how: str, name: str, folder: Path, steps: Iterable[int]) -> tuple[int, int]:
    """Every step in turn; how many there were, and how many left the old schema."""
    reference = put(name, folder / "reference")
    before, schema = tables(put(name, folder / "old")), schema_of(folder / "old" / "history.db")
    upgrade(reference)
    whole = unnamed(tables(reference))
    done = old = 0
    for number in steps:
        path = put(name, folder / str(number))
        reached = killed(path, number) if how == "kill" else upgrade_stopping(path, "full", number)
        old += look(path, before, schema, whole)
        if not reached:
            break
        done += 1
    return done, old


def little_room(name: str, folder: Path) -> tuple[int, int]:
    """Upgrade it in a small file system with more room each time; how often there was too little.

    Raises:
        AppError: another error than that of a full disk.
        AssertionError: a history was neither the old one nor whole.
    """
    path, filler = put(name, folder), folder / "filler"
    before = tables(path)
    tries = 0
    for free_bytes in range(0, 2_000_000, ROOM_STEP_BYTES):
        room = os.statvfs(folder)
        filler.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - free_bytes)))
        try:
            upgrade(path)
        except DiskFull:
            tries += 1
        else:
            return tries, schema_of(path)
        finally:
            filler.unlink()
        assert tables(path) == before
        assert not list(folder.glob("*.bak*")) or tables(folder / "history.v1.bak") == before
    raise AssertionError("there was never enough room")


if __name__ == "__main__":
    how, name, folder = sys.argv[1:]
    if how == "room":
        print(*little_room(name, Path(folder)))
    else:
        print(*stops(how, name, Path(folder), count(1)))
