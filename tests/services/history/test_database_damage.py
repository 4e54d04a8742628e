"""A file in which a bit has flipped is said to be damaged; a fault of the program stays one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.history import History
from landfall.services.history.records import EgressEntry
from tests.services.old_homes import put, schema_of

ENTRY = EgressEntry(
    at="2026-01-01T00:00:00+00:00",
    host="h",
    workload=None,
    sent_bytes=1,
    received_bytes=None,
    why="x",
    outcome="sent",
)


async def written(path: Path) -> None:
    history = History(path)
    await history.open()
    await history.record_egress(ENTRY)
    await history.close()


def flipped(path: Path, old: bytes, new: bytes) -> None:
    """Change bytes of the same length in the file, as a disk would."""
    assert len(old) == len(new)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


@pytest.mark.parametrize("new", [b"sent_bytxs", b"sent\xd8bytes"], ids=["letter", "no letter"])
async def test_that_a_column_of_another_name_is_damage(tmp_path: Path, new: bytes) -> None:
    path = tmp_path / "history.db"
    await written(path)
    flipped(path, b"sent_bytes", new)
    history = History(path)
    with pytest.raises(DatabaseDamaged):  # noqa: PT012 - found when it is opened, or when it is read
        await history.open()
        try:
            await history.egress()
        finally:
            await history.close()


async def test_that_a_text_that_is_none_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    await written(path)
    flipped(path, ENTRY.at.encode(), b"\xff" + ENTRY.at.encode()[1:])
    history = History(path)
    await history.open()
    with pytest.raises(DatabaseDamaged):
        await history.egress()
    await history.close()


async def test_that_an_old_file_that_cannot_be_upgraded_is_damage_and_stays_as_it_was(
    tmp_path: Path,
) -> None:
    path = put("history_v2", tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'conditions TEXT', 'conditixns TEXT')"
        )
        connection.commit()
    with pytest.raises(DatabaseDamaged):
        await History(path).open()
    assert schema_of(path) == 2


async def test_that_a_fault_of_the_program_is_not_called_damage(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()

    def wrong(_connection: sqlite3.Connection) -> None:
        raise KeyError("a typing error")

    with pytest.raises(KeyError):
        await history.transact(wrong)
    await history.close()
