from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from landfall.core.errors import DatabaseTooNew, DiskFull, Unavailable
from landfall.services.history.database import MEMORY, Database, DatabaseDamaged


def first(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE sample (at REAL, watts REAL)")


def second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE sample ADD COLUMN gpu TEXT")


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM sample").fetchone()[0])


def modes_in(folder: Path) -> dict[str, int]:
    return {one.name: one.stat().st_mode & 0o777 for one in folder.glob("h.*")}


async def test_concurrent_writes_all_land(tmp_path: Path) -> None:
    database = Database(tmp_path / "h.db", [first])
    await database.open()
    await asyncio.gather(
        *(
            database.run(lambda c, i=i: c.execute("INSERT INTO sample VALUES (?, 1)", (i,)))
            for i in range(200)
        )
    )
    assert await database.run(count) == 200
    await database.close()


async def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "h.db", [first])
    await database.open()

    def bad(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO sample VALUES (1, 1)")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await database.run(bad)
    assert await database.run(count) == 0
    await database.close()


async def test_an_old_file_is_copied_and_migrated_with_what_is_still_in_its_wal(
    tmp_path: Path,
) -> None:
    path = tmp_path / "h.db"
    database = Database(path, [first])
    await database.open()
    await database.run(lambda c: c.execute("INSERT INTO sample VALUES (1, 2)"))
    await database.close()
    database = Database(path, [first, second])
    await database.open()
    assert await database.run(count) == 1
    await database.close()
    copy = sqlite3.connect(tmp_path / "h.v1.bak")
    assert count(copy) == 1
    copy.close()


@pytest.mark.parametrize("name", ["h.db", MEMORY])
async def test_that_an_upgrade_leaves_nothing_of_it_in_the_memory_of_those_who_read_a_file(
    tmp_path: Path, name: str | Path
) -> None:
    upgraded: list[sqlite3.Connection] = []
    path = tmp_path / name if name != MEMORY else MEMORY
    database = Database(path, [first, upgraded.append])
    await database.open()
    assert await database.run(count) == 0
    goes_on = await database.run(lambda connection: connection is upgraded[0])
    assert goes_on is (path == MEMORY)
    await database.close()


async def test_a_failing_migration_leaves_the_old_schema(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    database = Database(path, [first])
    await database.open()
    await database.close()

    def broken(connection: sqlite3.Connection) -> None:
        second(connection)
        connection.execute("NONSENSE")

    with pytest.raises(Unavailable):
        await Database(path, [first, broken]).open()
    database = Database(path, [first])
    await database.open()
    assert await database.run(count) == 0
    await database.close()


async def test_a_file_from_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    database = Database(path, [first, second])
    await database.open()
    await database.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseTooNew):
        await Database(path, [first]).open()
    assert path.read_bytes() == before


async def test_a_damaged_file_is_named_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    path.write_bytes(b"not a database at all" * 500)
    with pytest.raises(DatabaseDamaged, match="damaged"):
        await Database(path, [first]).open()
    assert path.read_bytes().startswith(b"not a database")


async def test_that_a_database_in_memory_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(MEMORY, [first])
    await database.open()
    assert await database.run(count) == 0
    await database.close()
    assert ":memory:" not in os.listdir(tmp_path)


async def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be used"):
        await Database(tmp_path / "none" / "h.db", [first]).open()


async def test_a_full_disk_is_said_and_nothing_is_half_saved(tmp_path: Path) -> None:
    database = Database(tmp_path / "h.db", [first])
    await database.open()
    await database.run(lambda c: c.execute("PRAGMA max_page_count = 4"))

    def much(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE IF NOT EXISTS big (text TEXT)")
        connection.executemany("INSERT INTO big VALUES (?)", [("x" * 4000,)] * 50)

    with pytest.raises(DiskFull):
        await database.run(much)
    assert await database.run(count) == 0
    await database.close()


async def test_what_was_handed_over_is_finished_though_the_asker_is_cancelled(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path / "h.db", [first])
    await database.open()
    ask = asyncio.create_task(database.run(lambda c: c.execute("INSERT INTO sample VALUES (1, 1)")))
    await asyncio.sleep(0)
    ask.cancel()
    await asyncio.gather(ask, return_exceptions=True)
    assert await database.run(count) == 1
    await database.close()


@pytest.mark.parametrize("attempt", range(10))
async def test_several_programs_may_open_a_new_file_at_once(tmp_path: Path, attempt: int) -> None:
    databases = [Database(tmp_path / "h.db", [first, second]) for _ in range(8)]
    refused = await asyncio.gather(*(d.open() for d in databases), return_exceptions=True)
    assert refused == [None] * len(databases)
    assert await databases[attempt % 8].run(count) == 0
    for database in databases:
        await database.close()


async def test_several_programs_may_upgrade_a_file_at_once_and_one_copy_is_the_old_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "h.db"
    database = Database(path, [first])
    await database.open()
    await database.close()
    databases = [Database(path, [first, second]) for _ in range(8)]
    refused = await asyncio.gather(*(d.open() for d in databases), return_exceptions=True)
    assert refused == [None] * len(databases)
    for database in databases:
        await database.close()
    copy = sqlite3.connect(tmp_path / "h.v1.bak")
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    assert [row[1] for row in copy.execute("PRAGMA table_info(sample)")] == ["at", "watts"]
    copy.close()


async def test_a_file_that_another_program_holds_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landfall.services.history.database.BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "h.db"
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match="locked"):
        await Database(path, [first]).open()
    holder.close()


@pytest.mark.skipif(os.name != "posix", reason="permissions are lists there")
async def test_that_a_new_file_its_log_and_its_copy_are_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    before = os.umask(0o022)
    try:
        for steps in ([first], [first, second]):
            database = Database(path, steps)
            await database.open()
            await database.run(lambda c: c.execute("INSERT INTO sample (at) VALUES (1)"))
            modes = modes_in(tmp_path)
            await database.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("h.db", "h.db-wal", "h.db-shm", "h.v1.bak"), 0o600)


@pytest.mark.skipif(os.name != "posix", reason="permissions are lists there")
async def test_that_the_permissions_of_a_file_that_is_there_are_the_users(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    path.touch()
    path.chmod(0o640)
    database = Database(path, [first])
    await database.open()
    await database.close()
    assert path.stat().st_mode & 0o777 == 0o640
