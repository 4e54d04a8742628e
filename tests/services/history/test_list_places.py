"""Lists stand newest first, also on a clock that was set back between two of their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from landfall.services.benchmark import kept as benchmarks_kept
from landfall.services.history.history import History
from landfall.services.history.list_places import newest_first, stand_above
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import BenchmarkRecord, LoadRecord, new_uid

HOURS = ("12", "10", "11", "13")
"""Of four rows, in the order in which they were begun."""


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


def at(hour: str) -> str:
    return f"2026-11-25T{hour}:00:00+00:00"


def a_benchmark(hour: str) -> BenchmarkRecord:
    return BenchmarkRecord(
        uid=new_uid(), started_at=at(hour), kind="chat", place="local", host="h", model="m"
    )


async def test_that_benchmarks_stand_in_the_order_they_were_begun_in(history: History) -> None:
    for hour in HOURS:
        await history.add_benchmark(a_benchmark(hour))
    found = await history.benchmarks()
    assert [one.started_at for one in found] == [at(hour) for hour in reversed(HOURS)]


async def test_that_a_benchmark_from_elsewhere_stands_at_its_own_time(history: History) -> None:
    """Also with a number that a deleted row had, whose place was noted."""
    for hour in HOURS[:3]:
        row = await history.add_benchmark(a_benchmark(hour))
    await history.transact(lambda c: c.execute("DELETE FROM benchmarks WHERE id = ?", (row,)))
    again = await history.add_benchmark(a_benchmark("13"))
    assert again == row
    await history.transact(lambda c: benchmarks_kept.insert(c, a_benchmark("09")))
    assert [one.started_at[11:13] for one in await history.benchmarks()] == ["13", "10", "12", "09"]


async def test_that_probes_stand_so_and_the_last_one_of_a_model_is_the_newest(
    history: History,
) -> None:
    for hour in HOURS[:3]:
        await history.add_probe(
            ProbeRecord(
                started_at=at(hour), state="done", provider="openai", host="x", model="gpt-5"
            )
        )
    assert [one.started_at[11:13] for one in await history.probes()] == ["11", "10", "12"]
    assert [one.started_at[11:13] for one in await history.latest_probes()] == ["11"]


async def test_that_loads_stand_so(history: History) -> None:
    for hour in HOURS:
        await history.add_load(
            LoadRecord(
                at=at(hour), host="h", model="m", engine="Ollama", ps_bytes=1, ps_gpu_bytes=0
            )
        )
    assert [one.at for one in await history.loads()] == [at(hour) for hour in reversed(HOURS)]


@pytest.mark.parametrize("table", ["side_by_sides", "quality_runs"])
async def test_that_the_place_of_a_row_begun_here_is_noted_where_it_is_not_its_time(
    history: History, table: str
) -> None:
    more = {
        "side_by_sides": "state, title, blind, seed, plan) VALUES (?, ?, 'done', '', 0, 1, '{}')",
        "quality_runs": "changed_at, state, title, seed, plan)"
        " VALUES (?, ?, '', 'done', '', 1, '{}')",
    }[table]

    def add(connection: sqlite3.Connection, hour: str) -> None:
        cursor = connection.execute(
            f"INSERT INTO {table} (uid, started_at, {more}", (new_uid(), at(hour))
        )
        stand_above(connection, table, int(cursor.lastrowid or 0))

    for hour in HOURS:
        await history.transact(lambda c, hour=hour: add(c, hour))  # type: ignore[misc]
    listed = await history.transact(
        lambda c: [row["id"] for row in c.execute(f"SELECT id FROM {table} {newest_first(table)}")]
    )
    assert listed == [4, 3, 2, 1]
