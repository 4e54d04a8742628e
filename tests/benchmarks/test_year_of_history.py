"""A year of history: 5,000 runs with 5 million samples. How large it is, and how fast it opens."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.events import PowerSample
from landfall.services.history import run_history
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord, new_uid
from landfall.services.history.run_totals import totals
from landfall.services.history.runs_kept import WholeRun
from tests.benchmarks.goals import Goals

RUNS, SAMPLES_A_RUN = 5000, 1000
MOST_SECONDS = 0.3
MOST_BYTES = 200e6
AT_ONCE = 100
FIRST = 100
"""Runs that History reads before it shows any, as `gui.history.runs_tab` does."""
BEGIN = datetime(2025, 11, 26, tzinfo=UTC)
WORDS = (
    "the",
    "ship",
    "that",
    "counts",
    "lights",
    "keeps",
    "a",
    "log",
    "of",
    "wind",
    "and",
    "water",
)
MODELS = ("qwen3:8b", "gemma3:4b", "llama3.2:3b", "gpt-oss:20b", "mistral-small:24b")


def text(chance: random.Random, length: int) -> str:
    return " ".join(
        chance.choice(WORDS) + chance.choice(("", ",", ".", "s")) for _ in range(length)
    )


def readings(chance: random.Random) -> Iterator[PowerSample]:
    """Ten a second of a GPU with a counter and of a CPU package, as noisy as real ones."""
    gpu, cpu = chance.uniform(1e6, 1e9), chance.uniform(1e3, 1e6)
    for tick in range(SAMPLES_A_RUN // 2):
        at = tick / 10 + chance.uniform(0, 0.004)
        watts = round(chance.gauss(210, 25), 3)
        gpu = round(gpu + watts / 10, 3)
        yield PowerSample(at, "NVIDIA GeForce RTX 4090", "gpu", watts, "", gpu)
        joules = round(chance.gauss(4, 0.4), 6)
        cpu += joules
        yield PowerSample(at + 0.001, "RAPL package 0", "cpu_package", joules * 10, "", cpu)


def run(number: int, chance: random.Random) -> WholeRun:
    at = BEGIN + timedelta(days=364.9 * number / RUNS)
    tokens = chance.randrange(50, 1500)
    record = RunRecord(
        uid=new_uid(),
        started_at=at.isoformat(timespec="seconds"),
        place="local",
        host="http://127.0.0.1:11434",
        model=chance.choice(MODELS),
        workload=chance.choice((None, "Triage", "Summaries", "Support")),
        engine="Ollama 0.32.15",
        digest="sha256:" + "0123456789abcdef" * 4,
        state="done",
        prompt=text(chance, 120),
        answer=text(chance, 350),
        done_reason="stop",
        prompt_tokens=180,
        output_tokens=tokens,
        decode_tok_s=chance.gauss(60, 4),
        gross_joules=chance.uniform(100, 9000),
        energy_scope="cpu_package + gpu",
        electricity_cost=chance.uniform(1e-5, 1e-3),
        electricity_currency="EUR",
        conditions={"context": 8192, "gpu_share": 1.0, "context_given": 8192},
    )
    rates = tuple((i / 4, chance.gauss(60, 3)) for i in range(SAMPLES_A_RUN // 5))
    return WholeRun(
        record=record, listed_at=record.started_at, samples=tuple(readings(chance)), rates=rates
    )


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, and what it weighs before and after its old samples were thinned."""
    path = tmp_path_factory.mktemp("year") / "history.db"
    asyncio.run(_build(path))
    return path


async def _build(path: Path) -> None:
    chance = random.Random(5)
    history = History(path)
    await history.open()
    begun = time.perf_counter()
    for first in range(0, RUNS, AT_ONCE):
        await history.put_back([run(n, chance) for n in range(first, first + AT_ONCE)])
    print(f"\n{RUNS} runs, {RUNS * SAMPLES_A_RUN} samples: {time.perf_counter() - begun:.0f} s")
    print(f"size with every sample {await size(history, path):.1f} MB")
    begun = time.perf_counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_history, "SLICE_PAUSE_SECONDS", 0.0)
        thinned = await history.thin_old_samples()
    each = (time.perf_counter() - begun) / thinned
    print(f"{thinned} runs thinned, {each * 1000:.1f} ms each")
    await history.close()


async def size(history: History, path: Path) -> float:
    """Megabytes of the file with its log written back."""
    await history._database.run(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    return (await asyncio.to_thread(path.stat)).st_size / 1e6


async def used(history: History) -> float:
    """Megabytes of the file that hold something: the rest is used again before it grows."""

    def pages(connection: sqlite3.Connection) -> list[int]:
        names = ("page_count", "freelist_count", "page_size")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    count, free, page = await history._database.run(pages)
    return (count - free) * page / 1e6


async def opened(path: Path) -> float:
    """Seconds until a fresh start has what History shows first: the latest runs, and all totals.

    The rest of the list follows behind the page.
    """
    begun = time.perf_counter()
    history = History(path)
    await history.open()
    runs = await history.listed_runs(limit=FIRST)
    days = await history.day_totals()
    totals(days)
    taken = time.perf_counter() - begun
    assert len(runs) == FIRST
    assert sum(day.runs for day in days) == RUNS
    await history.close()
    return taken


async def parts(path: Path) -> dict[str, float]:
    """Milliseconds of each query by itself, the median of five."""
    history = History(path)
    await history.open()
    (newest, *_, oldest) = await history.listed_runs(limit=RUNS)
    queries = {
        "list of 500": lambda: history.listed_runs(limit=500),
        "list of 5000": lambda: history.listed_runs(limit=RUNS),
        "with texts, 500": lambda: history.runs(limit=500),
        "newest of each model": history.latest_runs,
        "day totals": history.day_totals,
        "one run": lambda: history.run(newest.id),
        "samples of a new run": lambda: history.samples(newest.id),
        "samples of an old run": lambda: history.samples(oldest.id),
        "rate curve": lambda: history.rate_curve(newest.id),
    }
    taken = {}
    for name, query in queries.items():
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            await query()
            times.append(time.perf_counter() - begun)
        taken[name] = statistics.median(times) * 1000
    print(f"size {await size(history, path):.1f} MB, of which used {await used(history):.1f} MB")
    assert len(await history.samples(newest.id)) == SAMPLES_A_RUN
    assert len(await history.samples(oldest.id)) < SAMPLES_A_RUN / 50
    await history.close()
    return taken


def test_that_a_year_opens_at_once_and_stays_small(
    year: Path, benchmark: BenchmarkFixture, goals: Goals
) -> None:
    for name, milliseconds in asyncio.run(parts(year)).items():
        print(f"{name}: {milliseconds:.1f} ms")
    benchmark.pedantic(lambda: asyncio.run(opened(year)), rounds=10, warmup_rounds=1)
    goals.most("latest runs and totals, median, s", benchmark.stats["median"], MOST_SECONDS)
    goals.most("size of the file, MB", year.stat().st_size / 1e6, MOST_BYTES / 1e6)
