"""The whole history as files that `importing` reads back: nothing is lost on the way.

JSON is one file: runs with their curves, benchmarks, comparisons side by side with their votes,
what deleted runs used (`counted_runs`), and the totals by day, which follow from them. CSV holds
one table a file, so further tables stand beside the one of the runs: NAME-benchmarks.csv,
NAME-day_totals.csv and so on.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.services.history.export import (
    SCHEMA,
    NewFile,
    Row,
    cells,
    csv_of,
    guarded,
    headings,
    is_csv,
    plain,
)
from landfall.services.history.records import (
    BenchmarkRecord,
    CountedRun,
    DayTotal,
    QualityRow,
    RunRecord,
    SideBySideRow,
    VoteRow,
    now_iso,
)
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.services.history.history import History
    from landfall.services.history.runs_kept import WholeRun

AT_ONCE = 50
"""So many runs are held in memory at a time."""

ALL = 10**9
RUN_EXTRAS = ("benchmark_uid", "listed_at")
"""What is told of a run beside its record: the name of its benchmark, its place in the list."""

SAMPLE_COLUMNS = ("at_seconds", "source", "scope", "watts", "reason", "joules")
RATE_COLUMNS = ("at_seconds", "tok_s")


@dataclass(frozen=True, slots=True)
class Written:
    """A file, what its rows are, and how many they are."""

    path: Path
    kind: str
    rows: int


async def export_history(
    path: Path, history: History, *, samples: bool = False
) -> tuple[Written, ...]:
    """Write everything, oldest first; the ending of the name says how.

    Args:
        samples: With the power samples and the curve of the speed of each run.

    Raises:
        BadInput: the name ends neither in .csv nor in .json.
        DiskFull, Unavailable: it cannot be written.
    """
    writing = _csv if is_csv(path) else _json
    return await writing(path, history, samples)


async def _ids(history: History) -> list[int]:
    return [run.id for run in reversed(await history.listed_runs(limit=ALL))]


async def _runs(history: History) -> AsyncIterator[Sequence[WholeRun]]:
    ids = await _ids(history)
    for first in range(0, len(ids), AT_ONCE):
        yield await history.whole_runs(ids[first : first + AT_ONCE])


async def _json(path: Path, history: History, samples: bool) -> tuple[Written, ...]:
    benchmarks = await history.benchmarks(limit=ALL)
    names = {benchmark.id: benchmark.uid for benchmark in benchmarks}
    tables = {
        "benchmarks": [plain(one) for one in reversed(benchmarks)],
        "side_by_sides": [plain(one) for one in await _side_by_sides(history)],
        "votes": [plain(one) for one in await _votes(history)],
        "quality_runs": [plain(one) for one in await _quality_runs(history)],
        "counted_runs": [plain(one) for one in await history.counted_without_run()],
        "day_totals": [plain(one) for one in await history.day_totals()],
    }
    written = 0
    async with NewFile(path) as out:
        await out.add(_head(tables))
        async for runs in _runs(history):
            lines = await in_thread(_run_lines, runs, names, samples)
            await out.add((",\n" if written else "\n") + lines)
            written += len(runs)
        await out.add("\n]}\n")
    counts = {"runs": written, **{kind: len(rows) for kind, rows in tables.items()}}
    return tuple(Written(path, kind, count) for kind, count in counts.items())


def _head(tables: dict[str, list[dict[str, Any]]]) -> str:
    document = {
        "schema": SCHEMA,
        "exported_at": now_iso(),
        "sample_columns": SAMPLE_COLUMNS,
        "rate_columns": RATE_COLUMNS,
        **tables,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "runs": ['


def _run_lines(runs: Sequence[WholeRun], names: dict[int, str], samples: bool) -> str:
    """A line a run."""
    lines = []
    for run in runs:
        values = plain(run.record)
        values["benchmark_uid"] = names.get(run.record.benchmark or 0)
        values["listed_at"] = run.listed_at
        if samples:
            values["samples_step_seconds"] = run.step_seconds
            values["samples"] = [
                (s.at, s.source, s.scope, s.watts, s.reason, s.joules) for s in run.samples
            ]
            values["rates"] = run.rates
        lines.append(json.dumps(values, ensure_ascii=False))
    return ",\n".join(lines)


async def _csv(path: Path, history: History, samples: bool) -> tuple[Written, ...]:
    benchmarks = tuple(reversed(await history.benchmarks(limit=ALL)))
    names = {benchmark.id: benchmark.uid for benchmark in benchmarks}
    written = [
        await _runs_csv(path, history, names),
        await _table(path, "benchmarks", BenchmarkRecord, benchmarks),
        await _table(path, "counted_runs", CountedRun, await history.counted_without_run()),
        await _table(path, "day_totals", DayTotal, await history.day_totals()),
    ]
    if sides := await _side_by_sides(history):
        written.append(await _table(path, "side_by_sides", SideBySideRow, sides))
    if votes := await _votes(history):
        written.append(await _table(path, "votes", VoteRow, votes))
    if quality := await _quality_runs(history):
        written.append(await _table(path, "quality_runs", QualityRow, quality))
    if samples:
        written += await _curves_csv(path, history)
    return tuple(written)


async def _side_by_sides(history: History) -> tuple[SideBySideRow, ...]:
    module = await in_thread(late, "landfall.services.side_by_side.rows")
    rows: tuple[SideBySideRow, ...] = await history.transact(module.side_by_sides)
    return rows


async def _votes(history: History) -> tuple[VoteRow, ...]:
    module = await in_thread(late, "landfall.services.side_by_side.rows")
    rows: tuple[VoteRow, ...] = await history.transact(module.votes)
    return rows


async def _quality_runs(history: History) -> tuple[QualityRow, ...]:
    """Those of a quality run, oldest first; what reads them stays out where there is none."""
    any_ = "SELECT 1 FROM quality_runs LIMIT 1"
    if not await history.transact(lambda c: c.execute(any_).fetchone()):
        return ()
    module = await in_thread(late, "landfall.services.quality.rows")
    rows: tuple[QualityRow, ...] = await history.transact(module.quality_runs)
    return rows


async def _table(path: Path, kind: str, of: type[Row], rows: Sequence[Row]) -> Written:
    beside = _beside(path, kind)
    async with NewFile(beside) as out:
        await out.add(csv_of(headings(of), map(cells, rows)))
    return Written(beside, kind, len(rows))


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.stem}-{kind}{path.suffix}")


async def _runs_csv(path: Path, history: History, names: dict[int, str]) -> Written:
    written = 0
    async with NewFile(path) as out:
        await out.add(csv_of((*headings(RunRecord), *RUN_EXTRAS), ()))
        async for runs in _runs(history):
            lines = [
                (*cells(run.record), names.get(run.record.benchmark or 0, ""), run.listed_at)
                for run in runs
            ]
            await out.add(csv_of((), lines))
            written += len(runs)
    return Written(path, "runs", written)


async def _curves_csv(path: Path, history: History) -> tuple[Written, Written]:
    sampled = rated = 0
    to_samples, to_rates = _beside(path, "samples"), _beside(path, "rates")
    async with NewFile(to_samples) as samples, NewFile(to_rates) as rates:
        await samples.add(csv_of(("run_uid", "step_seconds", *SAMPLE_COLUMNS), ()))
        await rates.add(csv_of(("run_uid", *RATE_COLUMNS), ()))
        async for runs in _runs(history):
            sample_lines = [line for run in runs for line in _sample_cells(run)]
            rate_lines = [(run.record.uid, x, y) for run in runs for x, y in run.rates]
            await samples.add(csv_of((), sample_lines))
            await rates.add(csv_of((), rate_lines))
            sampled, rated = sampled + len(sample_lines), rated + len(rate_lines)
    return Written(to_samples, "samples", sampled), Written(to_rates, "rates", rated)


def _sample_cells(run: WholeRun) -> list[tuple[object, ...]]:
    uid, step = run.record.uid, run.step_seconds
    return [
        (uid, step, s.at, guarded(s.source), s.scope, s.watts, guarded(s.reason), s.joules)
        for s in run.samples
    ]
