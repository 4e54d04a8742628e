"""Samples and curves in the history: exact, small, written on the way, coarser with age."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.events import PowerSample
from landfall.services.history import run_history
from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.history.samples_packed import (
    pack_points,
    pack_samples,
    unpack_points,
    unpack_samples,
)

RUN = RunRecord(
    started_at="2026-11-25T10:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    prompt="Why?",
)


def readings(seconds: float, *, begin: float = 0.0) -> list[PowerSample]:
    """Ten a second of two sources, with a gap in the last third."""
    samples = []
    for tick in range(round(seconds * 10)):
        at = round(begin + tick / 10, 6)
        silent = tick > seconds * 7
        watts = None if silent else 100.0 + tick % 17 / 3
        why = "the driver is gone" if silent else ""
        samples.append(PowerSample(at, "NVML", "gpu", watts, why, 5e6 + tick * 10.1))
        samples.append(PowerSample(round(at + 0.004, 6), "RAPL", "cpu_package", 40.25))
    return samples


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def written() -> None:
    """Wait until what a buffer has begun to write is stored."""
    writes = [task for task in asyncio.all_tasks() if task.get_name() == "samples"]
    if writes:
        await asyncio.wait(writes)


async def kept(history: History, run: RunRecord = RUN, seconds: float = 20) -> RunRecord:
    ended = replace(run, id=await history.add_run(run), state="done")
    await history.keep_run(ended, readings(seconds), rates=[(0.0, 0.0), (0.25, 41.7)])
    return ended


watts = st.none() | st.floats(0, 1e5)


@given(
    st.lists(
        st.builds(
            PowerSample,
            st.integers(-(10**9), 10**12).map(lambda micros: micros / 1e6),
            st.text(),
            st.sampled_from(["gpu", "wall"]),
            watts,
            st.text(),
            watts,
        )
    )
)
def test_that_any_samples_are_unpacked_as_they_were(samples: list[PowerSample]) -> None:
    assert unpack_samples(pack_samples(samples)) == samples


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False))))
def test_that_any_curve_is_unpacked_as_it_was(points: list[tuple[float, float]]) -> None:
    assert unpack_points(pack_points(points)) == tuple(points)


def test_that_a_time_is_kept_to_the_microsecond() -> None:
    (one,) = unpack_samples(pack_samples([PowerSample(1 / 3, "NVML", "gpu", 1 / 3)]))
    assert (one.at, one.watts) == (0.333333, 1 / 3)


async def test_that_samples_and_curve_of_a_run_come_back(history: History) -> None:
    run = await kept(history)
    assert await history.samples(run.id) == tuple(readings(20))
    assert await history.rate_curve(run.id) == ((0.0, 0.0), (0.25, 41.7))
    assert await history.samples(4711) == ()
    assert await history.rate_curve(4711) == ()


async def test_that_what_is_learned_later_leaves_samples_and_curve(history: History) -> None:
    run = await kept(history)
    await history.keep_run(replace(run, gross_joules=5.0), readings(1, begin=20))
    assert await history.samples(run.id) == (*readings(20), *readings(1, begin=20))
    assert len(await history.rate_curve(run.id)) == 2


async def test_that_an_undone_deletion_brings_samples_and_curve_back(history: History) -> None:
    run = await kept(history)
    removed = await history.take_out([run.id])
    assert await history.samples(run.id) == ()
    await history.put_back(removed)
    await history.put_back(removed)
    (back,) = await history.runs()
    assert await history.samples(back.id) == tuple(readings(20))
    assert await history.rate_curve(back.id) == ((0.0, 0.0), (0.25, 41.7))


# While a run goes on


async def test_that_samples_are_stored_while_the_run_goes_on(
    history: History, tmp_path: Path
) -> None:
    number = await history.add_run(RUN)
    buffer = history.open_samples(number)
    buffer.sent(1000.0)
    for sample in readings(2.5, begin=1000.0):
        buffer.add(sample)
        await written()
    other = History(tmp_path / "history.db")
    await other.open()
    stored = await other.samples(number)
    await other.close()
    assert len(stored) >= 30
    assert stored[0].at == 0.0
    rest = await buffer.close()
    await history.keep_run(replace(RUN, id=number, state="done"), rest)
    assert await history.samples(number) == tuple(readings(2.5))


async def test_that_an_interrupted_run_keeps_the_samples_that_had_come(history: History) -> None:
    number = await history.add_run(RUN)
    buffer = history.open_samples(number)
    buffer.sent(0.0)
    for sample in readings(3):
        buffer.add(sample)
        await written()
    await buffer.close()
    assert await history.mark_interrupted() == 1
    assert [run.state for run in await history.runs()] == ["interrupted"]
    stored = await history.samples(number)
    assert stored == tuple(readings(3))[: len(stored)]
    assert len(stored) >= 40


async def test_that_what_was_drawn_without_a_prompt_belongs_to_no_answer(history: History) -> None:
    buffer = history.open_samples(await history.add_run(RUN))
    for sample in readings(3):
        buffer.add(sample)
    assert await buffer.close() == ()


async def test_that_samples_of_a_run_that_was_deleted_are_dropped(history: History) -> None:
    number = await history.add_run(RUN)
    buffer = history.open_samples(number)
    buffer.sent(0.0)
    await history.take_out([number])
    for sample in readings(3):
        buffer.add(sample)
        await written()
    await history.keep_run(replace(RUN, id=number, state="done", uid="u"), await buffer.close())
    assert await history.samples(number) == ()


# With age


async def test_that_samples_grow_coarser_with_age_and_no_figure_changes(history: History) -> None:
    for started_at in (
        "2026-01-01T10:00:00+00:00",
        "2026-11-01T10:00:00+00:00",
        "2026-11-24T10:00:00+00:00",
        "2026-11-25T10:00:00+00:00",
    ):
        await kept(history, replace(RUN, started_at=started_at, gross_joules=5.5), seconds=60)
    before = await history.runs()
    assert await history.thin_old_samples() == 2
    assert await history.thin_old_samples() == 0
    assert await history.runs() == before
    counts = [len(await history.samples(run.id)) for run in reversed(before)]
    assert counts[2:] == [1200, 1200]
    assert 100 <= counts[1] <= 110
    assert counts[0] <= 18


async def test_that_the_area_under_thinned_samples_stays_and_a_gap_stays_one(
    history: History,
) -> None:
    old = await kept(history, replace(RUN, started_at="2026-01-01T10:00:00+00:00"), seconds=600)
    await kept(history)
    full = await history.samples(old.id)
    await history.thin_old_samples()
    few = await history.samples(old.id)
    assert len(few) < len(full) / 80
    for source in ("NVML", "RAPL"):
        whole, thin = (area([s for s in all_ if s.source == source]) for all_ in (full, few))
        assert thin == pytest.approx(whole, rel=0.005)
    silent = [s.at for s in full if s.watts is None]
    assert [s.at for s in few if s.watts is None] == [silent[0], silent[-1]]


def area(samples: list[PowerSample]) -> float:
    pairs = ((a, b) for a, b in pairwise(samples) if not (a.watts is None or b.watts is None))
    return math.fsum((b.at - a.at) * ((a.watts or 0) + (b.watts or 0)) / 2 for a, b in pairs)


async def test_that_a_clock_that_ran_ahead_ages_nothing(history: History) -> None:
    await kept(history)
    future = await kept(history, replace(RUN, started_at="2090-01-01T10:00:00+00:00"))
    await history.take_out([future.id])
    assert await history.thin_old_samples() == 0


async def test_that_thinning_waits_while_something_runs_and_can_be_cancelled(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_history, "BUSY_PAUSE_SECONDS", 0.01)
    old = await kept(history, replace(RUN, started_at="2026-01-01T10:00:00+00:00"))
    now = replace(RUN, id=await history.add_run(RUN), state="done")
    thinning = asyncio.create_task(history.thin_old_samples())
    await asyncio.sleep(0.1)
    assert len(await history.samples(old.id)) == 400
    monkeypatch.setattr(run_history, "MOST_PAUSES", 1)
    assert await thinning == 0
    monkeypatch.setattr(run_history, "MOST_PAUSES", 100)
    thinning = asyncio.create_task(history.thin_old_samples())
    await asyncio.sleep(0.05)
    await history.keep_run(now)
    assert await thinning == 1
    again = asyncio.create_task(history.thin_old_samples())
    await asyncio.sleep(0)
    again.cancel()
    with pytest.raises(asyncio.CancelledError):
        await again


async def test_that_an_undone_deletion_keeps_old_samples_as_coarse_as_they_were(
    history: History,
) -> None:
    old = await kept(history, replace(RUN, started_at="2026-01-01T10:00:00+00:00"))
    await kept(history)
    await history.thin_old_samples()
    coarse = await history.samples(old.id)
    await history.put_back(await history.take_out([old.id]))
    assert await history.thin_old_samples() == 0
    back = (await history.runs())[-1]
    assert await history.samples(back.id) == coarse


@pytest.mark.parametrize("blob", [b"", b"\x02abc", b"\x01not zlib"])
async def test_that_curves_that_are_damaged_are_said_and_the_run_is_read(
    history: History, blob: bytes
) -> None:
    run = await kept(history)
    for table in ("sample_chunks", "rate_curves"):
        await history._database.run(
            lambda c, t=table: c.execute(f"UPDATE {t} SET data = ?", (blob,))
        )
    with pytest.raises(DatabaseDamaged, match="cannot be read"):
        await history.samples(run.id)
    with pytest.raises(DatabaseDamaged, match="cannot be read"):
        await history.rate_curve(run.id)
    assert await history.run(run.id) is not None
