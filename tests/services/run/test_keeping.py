"""A run reaches the history: samples on the way, the curve of its speed, and late where it must."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull, Interrupted
from landfall.core.events import Aborted, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.services.history.history import History
from landfall.services.history.records import LoadRecord
from landfall.services.run.answering import Facts, Kept
from landfall.services.run.keeping import rate_curve
from landfall.services.run.runs import Runs
from tests.services.run.test_runs import ASK, WHOLE, FakePower, FakeTarget

LOAD = LoadRecord(
    at="2026-11-25T10:00:00+00:00",
    host="h",
    model="m",
    engine="Ollama 0.32.15",
    ps_bytes=1,
    ps_gpu_bytes=0,
)


class LoadedTarget(FakeTarget):
    """Its run brought a load about."""

    async def facts(self) -> Facts:
        return Facts(load=LOAD)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def pages(history: History, spare: int) -> None:
    def limit(connection: sqlite3.Connection) -> None:
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now + spare}")

    await history._database.run(limit)


async def last(runs: Runs, target: FakeTarget) -> Kept:
    kept = [update async for update in runs.stream(target, ASK)][-1]
    assert isinstance(kept, Kept)
    return kept


async def test_that_times_of_samples_and_curve_count_from_the_sending(history: History) -> None:
    target = FakeTarget(
        (Sent(2.0), *(Piece(3.0 + i * 0.099, "x") for i in range(32)), Ended(6.1, "stop")),
        pause_seconds=0.001,
    )
    kept = await last(Runs(history, power=FakePower(100.0)), target)
    assert kept.trouble is None
    curve = await history.rate_curve(kept.record.id)
    assert curve[:2] == ((0.0, 0.0), (1.0, 0.0))
    assert curve[-1] == pytest.approx((1 + 31 * 0.099, 10.0), abs=1.0)
    samples = await history.samples(kept.record.id)
    assert samples[0] == PowerSample(-2.0, "NVML", "gpu", 100.0, "the sensor sleeps")
    assert [sample.at for sample in samples] == [float(i) - 2 for i in range(len(samples))]


def test_that_an_answer_without_text_has_no_curve() -> None:
    assert rate_curve(()) == ()
    assert rate_curve((Sent(1.0), Ended(2.0, "stop"))) == ()
    assert rate_curve((Sent(1.0), Aborted(2.0, "gone"))) == ()


def test_that_an_answer_that_was_cut_has_the_curve_until_then() -> None:
    events: tuple[RunEvent, ...] = (Sent(0.0), Piece(1.0, "a"), Piece(1.4, "b"), Aborted(1.45, "?"))
    assert rate_curve(events)[-1] == pytest.approx((1.4, 2.5))


async def test_that_a_run_goes_on_and_shows_its_answer_while_the_disk_is_full(
    history: History,
) -> None:
    await pages(history, 0)
    power = FakePower(100.0)
    filled = 0
    while True:  # the pages that are there take a few runs
        kept = await last(Runs(history, power=power), LoadedTarget(WHOLE, pause_seconds=0.001))
        if kept.trouble is not None:
            break
        filled += 1
    assert isinstance(kept.trouble, DiskFull)
    assert (kept.record.state, kept.record.answer) == ("done", "Because")
    assert kept.record.gross_joules == pytest.approx(300.0)

    await pages(history, 10_000)
    after = await last(Runs(history, power=power), FakeTarget(WHOLE, pause_seconds=0.001))
    assert after.trouble is None
    saved = await history.runs()
    assert len(saved) == filled + 2
    assert {run.state for run in saved} == {"done"}
    assert sum(total.runs for total in await history.day_totals()) == filled + 2
    assert await history.samples(saved[1].id) != ()
    assert len(await history.loads()) == filled + 1


async def test_that_a_run_cancelled_while_its_samples_are_written_loses_none(
    history: History,
) -> None:
    target = FakeTarget(
        (Sent(1.0), *(Piece(2.0 + i, "x") for i in range(500))), pause_seconds=0.002
    )
    seen: list[PowerSample] = []

    async def follow() -> None:
        async with aclosing(Runs(history, power=FakePower(90.0)).stream(target, ASK)) as updates:
            async for update in updates:
                if isinstance(update, PowerSample):
                    seen.append(update)
                elif isinstance(update, Piece) and len(seen) > 40:
                    task.cancel()

    task = asyncio.create_task(follow())
    with pytest.raises(asyncio.CancelledError):
        await task
    (run,) = await history.runs()
    assert run.state == "aborted"
    stored = [sample.at for sample in await history.samples(run.id)]
    assert stored == [float(i) - 1 for i in range(len(stored))]
    assert len(stored) >= len(seen)


async def test_that_a_run_that_breaks_off_is_kept_once_with_its_samples(history: History) -> None:
    target = FakeTarget(
        (Sent(1.0), Piece(2.0, "Be"), Interrupted("The server died.")), pause_seconds=0.01
    )
    with pytest.raises(Interrupted):
        await last(Runs(history, power=FakePower(100.0)), target)
    (run,) = await history.runs()
    assert run.state == "aborted"
    assert await history.samples(run.id) != ()
    assert [total.runs for total in await history.day_totals()] == [1]
