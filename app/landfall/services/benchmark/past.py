"""A benchmark that has just ended, as the history keeps it."""

from __future__ import annotations

from collections.abc import Collection

from landfall.core.benchmark.benchmark import BenchmarkResult
from landfall.core.benchmark.data import result_of
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, RunRecord

LATEST_RUNS = 5000
LATEST_BENCHMARKS = 50
"""Among so many of the newest it is looked for."""


async def kept_benchmark(
    history: History, row: int
) -> tuple[BenchmarkRecord, BenchmarkResult] | None:
    """The record of a benchmark and what was measured of it; None where nothing was.

    Raises:
        AppError: the history cannot be read.
    """
    kept = await history.benchmarks(limit=LATEST_BENCHMARKS)
    record = next((one for one in kept if one.id == row), None)
    if record is None or record.result is None:
        return None
    return record, result_of(record.result)


async def runs_of(history: History, benchmarks: Collection[int]) -> tuple[RunRecord, ...]:
    """The answers of these benchmarks with their texts, oldest first.

    Raises:
        AppError: the history cannot be read.
    """
    listed = await history.listed_runs(limit=LATEST_RUNS)
    rows = [run.id for run in reversed(listed) if run.benchmark in benchmarks]
    return await history.runs_with_texts(rows)
