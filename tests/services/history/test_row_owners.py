"""What a killed program left running is called interrupted while others have the history open."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.services.history import owner
from landfall.services.history.database import MEMORY
from landfall.services.history.history import History
from landfall.services.history.records import (
    BenchmarkRecord,
    PullRecord,
    RunRecord,
    new_uid,
    now_iso,
)

_BEGINS = """
import asyncio, sys
from pathlib import Path
from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord
from tests.services.history.test_row_owners import benchmark, pull, run

async def begin():
    history = History(Path(sys.argv[1]))
    await history.open()
    await history.add_run(run())
    await history.add_benchmark(benchmark())
    await history.save_pull(pull())
    await history.add_probe(
        ProbeRecord(started_at=run().started_at, provider="openai", host="x", model="gpt")
    )
    print("begun", flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(begin())
"""


def run() -> RunRecord:
    return RunRecord(
        uid=new_uid(), started_at=now_iso(), place="local", host="h", model="m", prompt="Hi"
    )


def benchmark() -> BenchmarkRecord:
    return BenchmarkRecord(
        uid=new_uid(), started_at=now_iso(), kind="chat", place="local", host="h", model="m"
    )


def pull(state: str = "running") -> PullRecord:
    return PullRecord(
        host="h", model="a model:1b", started_at=now_iso(), changed_at=now_iso(), state=state
    )


@contextmanager
def another_program(database: Path) -> Iterator[subprocess.Popen[str]]:
    """One with something of each kind under way, until it is killed."""
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", _BEGINS, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root / 'app'}{os.pathsep}{root}"},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        assert child.stdout.readline() == "begun\n"
        try:
            yield child
        finally:
            child.kill()
            child.wait()


async def states(history: History) -> set[str]:
    return {
        one.state
        for found in (
            await history.listed_runs(),
            await history.benchmarks(),
            await history.unfinished_pulls(),
            await history.probes(),
        )
        for one in found
    }


def names(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT name FROM facts WHERE name LIKE 'going on%'")
        return [name for (name,) in found]


async def test_that_a_window_that_stands_open_notices_that_a_command_was_killed(
    tmp_path: Path,
) -> None:
    database = tmp_path / "history.db"
    window = History(database)
    await window.open()
    mine = run()
    await window.add_run(mine)
    with another_program(database) as command:
        assert await states(window) == {"running"}
        assert await window.mark_interrupted() == 0
        command.kill()
        command.wait()
        assert [one.state for one in await window.listed_runs()] == ["interrupted", "running"]
        assert [one.state for one in await window.benchmarks()] == ["interrupted"]
        assert [one.state for one in await window.unfinished_pulls()] == ["interrupted"]
        assert [one.state for one in await window.probes()] == ["interrupted"]
    assert names(database) == [f"going on: runs {mine.uid}"]
    assert sum(day.runs for day in await window.day_totals()) == 1
    await window.close()


async def test_that_a_start_beside_others_reports_what_a_killed_program_left(
    tmp_path: Path,
) -> None:
    database = tmp_path / "history.db"
    window, later = History(database), History(database)
    await window.open()
    with another_program(database):
        pass
    await later.open()
    assert await later.mark_interrupted() == 4
    assert await later.mark_interrupted() == 0
    await later.close()
    await window.close()


async def test_that_rows_of_an_older_version_name_nobody_and_wait_for_a_start_alone(
    tmp_path: Path,
) -> None:
    database = tmp_path / "history.db"
    one, other = History(database), History(database)
    await one.open()
    await one.add_run(run())
    await one.transact(lambda c: c.execute("DELETE FROM facts WHERE name LIKE 'going on%'"))
    await other.open()
    assert await other.mark_interrupted() == 0
    assert await states(other) == {"running"}
    await one.close()
    assert await other.mark_interrupted() == 1
    await other.close()


@pytest.mark.parametrize("end", ["done", "paused", "failed"])
async def test_that_what_has_ended_is_nobodys_any_more(tmp_path: Path, end: str) -> None:
    database = tmp_path / "history.db"
    history = History(database)
    await history.open()
    begun = pull()
    await history.save_pull(begun)
    assert names(database) == [f"going on: pulls h a model:1b {begun.started_at}"]
    await history.save_pull(replace(begun, state=end))
    assert names(database) == []
    await history.close()


def by_an_older_version(database: Path, *statements: str) -> None:
    """What a version does that names nobody."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_that_what_an_older_version_runs_is_not_taken_for_what_it_deleted(
    tmp_path: Path,
) -> None:
    """It gives the number of a deleted row to the next one, and pulls the same model anew."""
    database = tmp_path / "history.db"
    window, older = History(database), History(database)
    await window.open()
    await older.open()
    with another_program(database):
        pass
    assert len(names(database)) == 4
    rows = {"runs": "listed_at", "benchmarks": "started_at", "probes": "started_at"}
    copies = [
        f"INSERT INTO {table} SELECT * FROM old_{table}" for table in (*rows, "pulls", "run_texts")
    ]
    by_an_older_version(
        database,
        *(f"CREATE TEMP TABLE old_{table} AS SELECT * FROM {table}" for table in (*rows, "pulls")),
        "CREATE TEMP TABLE old_run_texts AS SELECT * FROM run_texts",
        *(f"UPDATE old_{table} SET uid = 'b' || substr(uid, 2) || 'b'" for table in rows),
        "UPDATE old_pulls SET started_at = started_at || '0'",
        *(f"DELETE FROM {table}" for table in ("run_texts", *rows, "pulls")),
        *copies,
    )
    assert await states(window) == {"running"}
    assert names(database) == [], "nobody is named for what is gone"
    assert await window.mark_interrupted() == 0
    assert await states(window) == {"running"}
    await older.close()
    assert await window.mark_interrupted() == 4
    await window.close()


async def test_that_who_runs_what_is_deleted_is_named_no_more(tmp_path: Path) -> None:
    database = tmp_path / "history.db"
    history = History(database)
    await history.open()
    await history.add_run(run())
    await history.add_run(replace(run(), state="done"))
    begun = pull()
    await history.save_pull(begun)
    assert len(names(database)) == 2
    await history.transact(lambda c: c.execute("DELETE FROM runs WHERE state = 'done'"))
    await history.forget_pull(begun.host, begun.model)
    (left,) = names(database)
    assert left.startswith("going on: runs ")
    await history.transact(lambda c: c.execute("DELETE FROM runs"))
    assert names(database) == []
    await history.close()


async def test_that_a_history_that_is_closed_in_this_process_locks_no_more(tmp_path: Path) -> None:
    database = tmp_path / "history.db"
    one, other = History(database), History(database)
    await one.open()
    await other.open()
    await one.add_run(run())
    await one.close()
    # The other one is of the same program, which still runs.
    assert await states(other) == {"running"}
    await other.close()
    await other.close()
    assert not [path for path in owner._held if path.parent.name == tmp_path.name]


async def test_that_a_copy_in_memory_leaves_what_runs_elsewhere_running(tmp_path: Path) -> None:
    database = tmp_path / "history.db"
    with another_program(database):
        copy = History(MEMORY)
        await copy.reopen(MEMORY, filled_from=database)
        assert await states(copy) == {"running"}
        await copy.close()


async def test_that_a_lock_that_cannot_be_opened_keeps_nobody_from_storing(tmp_path: Path) -> None:
    database = tmp_path / "history.db"
    (tmp_path / owner.FILE).mkdir()
    history, other = History(database), History(database)
    await history.open()
    await other.open()
    await history.add_run(run())
    assert await states(other) == {"running"}
    await history.close()
    await other.close()
