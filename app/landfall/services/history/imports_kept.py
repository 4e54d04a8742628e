"""Adds to the history what a file holds and it does not: each run, benchmark and total once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from landfall.services.benchmark import kept as benchmarks_kept
from landfall.services.history import day_totals, runs_kept
from landfall.services.history.records import (
    BenchmarkRecord,
    CountedRun,
    QualityRow,
    SideBySideRow,
    VoteRow,
)
from landfall.services.history.runs_kept import WholeRun
from landfall.services.late_imports import late


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRun:
    """A run of a file.

    Attributes:
        benchmark_uid: The name of the benchmark it belongs to, or None.
        is_named: Whether the file gave it its name; older files did not, and such a run is known
            by when, where and what was asked and answered.
    """

    whole: WholeRun
    benchmark_uid: str | None = None
    is_named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one file holds."""

    benchmarks: tuple[BenchmarkRecord, ...] = ()
    runs: tuple[FileRun, ...] = ()
    counted: tuple[CountedRun, ...] = ()
    sides: tuple[SideBySideRow, ...] = ()
    votes: tuple[VoteRow, ...] = ()
    quality: tuple[QualityRow, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        tables = (
            self.benchmarks,
            self.runs,
            self.counted,
            self.sides,
            self.votes,
            self.quality,
        )
        return sum(map(len, tables))


def add(connection: sqlite3.Connection, files: Sequence[Content], *, keep: bool) -> tuple[int, ...]:
    """Add all, or only look; how many rows of each file are new.

    Benchmarks come first, whatever the order of the files: runs name theirs. Comparisons come after
    the runs that they name.
    """
    benchmarks = [sum(_add_benchmark(connection, b) for b in one.benchmarks) for one in files]
    runs = [sum(_add_run(connection, run) for run in one.runs) for one in files]
    counted = [sum(day_totals.add(connection, line) for line in one.counted) for one in files]
    compared = [_add_compared(connection, one) for one in files]
    if not keep:
        connection.rollback()
    return tuple(sum(new) for new in zip(benchmarks, runs, counted, compared, strict=True))


def _add_compared(connection: sqlite3.Connection, one: Content) -> int:
    """How many comparisons, votes and quality runs were new."""
    quality = 0
    if one.quality:  # what reads them stays out elsewhere
        add_quality = late("landfall.services.quality.rows").add
        quality = sum(add_quality(connection, row) for row in one.quality)
    if not one.sides and not one.votes:
        return quality  # what reads them stays out
    rows = late("landfall.services.side_by_side.rows")
    sides = (replace(side, state=_ended(side.state)) for side in one.sides)
    new: int = sum(rows.add_side(connection, side) for side in sides)
    votes: int = sum(rows.add_vote(connection, vote) for vote in one.votes)
    return new + votes + quality


def _add_benchmark(connection: sqlite3.Connection, benchmark: BenchmarkRecord) -> bool:
    found = connection.execute("SELECT 1 FROM benchmarks WHERE uid = ?", (benchmark.uid,))
    if found.fetchone():
        return False
    benchmarks_kept.insert(connection, replace(benchmark, state=_ended(benchmark.state)))
    return True


def _add_run(connection: sqlite3.Connection, run: FileRun) -> bool:
    record = run.whole.record
    if runs_kept.is_there(connection, record, is_named=run.is_named):
        return False
    found = connection.execute(
        "SELECT id FROM benchmarks WHERE uid = ?", (run.benchmark_uid,)
    ).fetchone()
    record = replace(record, benchmark=found["id"] if found else None, state=_ended(record.state))
    runs_kept.put_back(connection, replace(run.whole, record=record))
    return True


def _ended(state: str) -> str:
    """What was running when the file was written does not run here."""
    return "interrupted" if state == "running" else state
