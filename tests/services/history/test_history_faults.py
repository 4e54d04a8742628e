"""A history that cannot be written for a while: nothing that is on the screen is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull, Unavailable
from landfall.core.events import PowerSample
from landfall.services.history import late_writes
from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord, new_uid

RUN = RunRecord(
    started_at="2026-11-25T10:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    prompt="Why?",
)
LONG = "An answer that needs room. " * 4000


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def fill(history: History, *, spare_pages: int = 0) -> None:
    """The file may not grow by more than so many pages."""

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + spare_pages}")

    await history._database.run(limit)


async def make_room(history: History) -> None:
    await history._database.run(lambda c: c.execute("PRAGMA max_page_count = 1000000"))


async def ended_runs(history: History) -> None:
    """Wait until every run that is stored has ended, and there is one."""
    for _ in range(500):
        states = {run.state for run in await history.runs()}
        if states and "running" not in states:
            return
        await asyncio.sleep(0.01)
    pytest.fail("nothing was saved within five seconds")


async def test_that_a_disk_full_at_the_end_of_a_run_is_said_and_the_answer_is_saved_later(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_writes, "RETRY_SECONDS", 0.02)
    begun = replace(RUN, uid=new_uid())
    number = await history.add_run(begun)
    await fill(history)
    ended = replace(begun, id=number, state="done", answer=LONG, gross_joules=7.5)
    _, trouble = await history.keep_run(ended, [PowerSample(0.1, "NVML", "gpu", 90.0)])
    assert isinstance(trouble, DiskFull)
    assert "full" in trouble.message
    assert trouble.hint
    assert [run.state for run in await history.runs()] == ["running"]
    assert await history.day_totals() == ()

    await make_room(history)
    await ended_runs(history)
    assert await history.runs() == (ended,)
    assert len(await history.samples(number)) == 1
    assert [total.joules for total in await history.day_totals()] == [7.5]


async def test_that_a_run_that_could_not_be_stored_when_it_began_is_stored_whole_at_its_end(
    history: History,
) -> None:
    begun = replace(RUN, uid=new_uid(), prompt=LONG)
    await fill(history)
    with pytest.raises(DiskFull):
        await history.add_run(begun)
    await make_room(history)
    saved = await history.keep_run(replace(begun, state="done", answer="Because"))
    assert saved.trouble is None
    again = await history.keep_run(replace(begun, state="done", answer="Because."))
    assert again == saved
    (run,) = await history.runs()
    assert run.id == saved.id
    assert (run.answer, run.uid) == ("Because.", begun.uid)
    assert [total.runs for total in await history.day_totals()] == [1]


async def test_that_answers_that_wait_are_saved_in_their_order(history: History) -> None:
    begun = replace(RUN, uid=new_uid())
    number = await history.add_run(begun)
    await fill(history)
    first = replace(begun, id=number, state="done", answer=LONG)
    assert (await history.keep_run(first)).trouble is not None
    assert (await history.keep_run(replace(first, gross_joules=9.0))).trouble is not None
    await make_room(history)
    other = replace(RUN, uid=new_uid(), state="done")
    assert (await history.keep_run(other)).trouble is None
    assert [run.gross_joules for run in await history.runs()] == [None, 9.0]


async def test_that_a_mistake_in_one_answer_does_not_stand_in_the_way_of_others(
    history: History,
) -> None:
    lost = replace(RUN, uid=new_uid(), state="done", benchmark=4711)
    with pytest.raises(sqlite3.IntegrityError):
        await history.keep_run(lost)
    assert (await history.keep_run(replace(RUN, uid=new_uid(), state="done"))).trouble is None


async def test_that_an_answer_is_stored_once_though_its_asker_is_cancelled(
    history: History,
) -> None:
    run = replace(RUN, uid=new_uid(), state="done")
    sample = PowerSample(0.5, "NVML", "gpu", 90.0)
    keeping = asyncio.create_task(history.keep_run(run, [sample]))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert (await history.keep_run(replace(RUN, uid=new_uid(), state="done"))).trouble is None
    stored = await history.runs()
    assert len(stored) == 2
    assert await history.samples(stored[-1].id) == (sample,)


async def test_that_what_waits_is_written_when_the_program_ends(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    await fill(history)
    await history.keep_run(replace(RUN, uid=new_uid(), state="done", answer=LONG))
    await make_room(history)
    await history.close()
    again = History(tmp_path / "history.db")
    await again.open()
    assert [run.answer for run in await again.runs()] == [LONG]
    await again.close()


async def test_that_what_can_never_be_written_is_said_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    await fill(history)
    await history.keep_run(replace(RUN, uid=new_uid(), state="done", answer=LONG))
    await history.close()
    assert "1 answers were not saved" in caplog.text
    caplog.clear()


async def test_that_samples_that_find_no_room_are_written_with_the_next_ones(
    history: History,
) -> None:
    number = await history.add_run(RUN)
    buffer = history.open_samples(number)
    buffer.sent(0.0)
    samples = [
        PowerSample(tick / 1000, f"source {tick % 97}", "gpu", 1 / (tick + 1), f"why {tick}")
        for tick in range(6000)
    ]
    await fill(history)
    for sample in samples[:3000]:
        buffer.add(sample)
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert await history.samples(number) == ()
    await make_room(history)
    for sample in samples[3000:]:
        buffer.add(sample)
        await asyncio.sleep(0)
    rest = await buffer.close()
    assert await history.samples(number) != ()
    await history.keep_run(replace(RUN, id=number, state="done"), rest)
    assert await history.samples(number) == tuple(samples)


async def test_that_another_program_that_writes_is_waited_for_and_then_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landfall.services.history.database.BUSY_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(late_writes, "RETRY_SECONDS", 0.02)
    history = History(tmp_path / "history.db")
    await history.open()
    with closing(sqlite3.connect(tmp_path / "history.db")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        _, trouble = await history.keep_run(replace(RUN, uid=new_uid(), state="done"))
        assert isinstance(trouble, Unavailable)
        assert "locked" in trouble.message
        assert await history.runs() == ()
        holder.rollback()
        await ended_runs(history)
    await history.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such mode there")
async def test_that_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _OPEN_AS_NOBODY,
        str(folder / "history.db"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    said, wrong = await child.communicate()
    assert "Check that its folder exists and is writable" in said.decode(), wrong.decode()


_OPEN_AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from landfall.core.errors import Unavailable
from landfall.services.history.history import History

async def main():
    try:
        await History(Path(sys.argv[1])).open()
    except Unavailable as error:
        print(error.message, error.hint)

if os.getuid() == 0:
    os.setuid(65534)
asyncio.run(main())
"""


async def test_that_a_file_damaged_while_it_is_used_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "history.db"
    history = History(path)
    await history.open()
    for _ in range(30):
        await history.add_run(replace(RUN, answer=LONG[:9000]))
    await history.close()
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(whole[:half] + b"\xaa" * (len(whole) - half))
    history = History(path)
    await history.open()
    with pytest.raises(DatabaseDamaged, match="damaged"):
        await history.runs()
    saved = await history.keep_run(replace(RUN, uid=new_uid()))
    assert isinstance(saved.trouble, DatabaseDamaged)
    await history.close()
    assert "1 answers were not saved" in caplog.text
    caplog.clear()
