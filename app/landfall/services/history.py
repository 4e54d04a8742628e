"""The past: runs with samples, pulls, workloads with verdicts, and what left the machine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from landfall.core.calibration import CalibrationPoint
from landfall.core.errors import BadInput
from landfall.core.events import PowerSample
from landfall.services import benchmarks_kept, calibration_points
from landfall.services.database import Database
from landfall.services.migrations import MIGRATIONS
from landfall.services.records import (
    BenchmarkRecord,
    EgressEntry,
    KeptVerdict,
    LoadRecord,
    PullRecord,
    RunRecord,
    SavedWorkload,
    new_uid,
    now_iso,
)

MOST_LOADS = 2000
"""Older loads say nothing more of how good the predictions are, and are dropped."""

_EGRESS_COLUMNS = tuple(f.name for f in fields(EgressEntry))
_RUN_COLUMNS = tuple(f.name for f in fields(RunRecord) if f.name not in ("id", "uid"))
_LOAD_COLUMNS = tuple(f.name for f in fields(LoadRecord) if f.name != "id")


class History:
    """Typed access to the database. Each method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    async def open(self) -> None:
        """Open the file and report what a crash left behind as interrupted.

        Raises:
            DatabaseTooNew, DatabaseDamaged, Unavailable, DiskFull: see `Database.open`.
        """
        await self._database.open()

    async def reopen(self, path: Path) -> None:
        """Use another file, after this one could not be opened or used."""
        await self._database.close()
        self._database = Database(path, MIGRATIONS)
        await self._database.open()

    async def close(self) -> None:
        """Finish what was asked and close the file."""
        await self._database.close()

    async def mark_interrupted(self) -> int:
        """What still says "running" was cut by a crash or a kill: say so. Returns how many.

        Only the window calls this, at its start, as the one instance that there is.
        """
        return await self._database.run(_mark_interrupted)

    # Runs

    async def add_run(self, run: RunRecord) -> int:
        """Store a run when it begins; returns its id."""
        return await self._database.run(lambda c: _insert_run(c, run))

    async def finish_run(self, run: RunRecord, samples: Iterable[PowerSample] = ()) -> None:
        """Store how a run ended, with its power samples, in one transaction."""
        kept = tuple(samples)
        await self._database.run(lambda c: _update_run(c, run, kept))

    async def runs(self, *, limit: int = 500) -> tuple[RunRecord, ...]:
        """The latest runs, newest first."""
        return await self._database.run(
            lambda c: tuple(
                _run(row)
                for row in c.execute(
                    "SELECT * FROM runs ORDER BY started_at DESC, id DESC LIMIT ?", (limit,)
                )
            )
        )

    async def latest_runs(self) -> tuple[RunRecord, ...]:
        """The newest run of each model at each host in each state, newest first."""
        return await self._database.run(
            lambda c: tuple(
                _run(row)
                for row in c.execute(
                    "SELECT * FROM runs WHERE id IN"
                    " (SELECT MAX(id) FROM runs GROUP BY place, host, model, state)"
                    " ORDER BY started_at DESC, id DESC"
                )
            )
        )

    async def samples(self, run_id: int) -> tuple[PowerSample, ...]:
        """The power samples of one run, in order."""
        return await self._database.run(
            lambda c: tuple(
                PowerSample(
                    r["at_seconds"], r["source"], r["scope"], r["watts"], r["reason"], r["joules"]
                )
                for r in c.execute(
                    "SELECT * FROM samples WHERE run = ? ORDER BY at_seconds", (run_id,)
                )
            )
        )

    async def delete_runs(self, ids: Iterable[int]) -> None:
        """Forget runs and their samples."""
        wanted = [(i,) for i in ids]
        await self._database.run(lambda c: c.executemany("DELETE FROM runs WHERE id = ?", wanted))

    # Benchmarks

    async def add_benchmark(self, benchmark: BenchmarkRecord) -> int:
        """Store a benchmark when it begins; returns its id."""
        return await self._database.run(lambda c: benchmarks_kept.insert(c, benchmark))

    async def finish_benchmark(self, benchmark: BenchmarkRecord) -> None:
        """Store what came of a benchmark, or of its parts so far."""
        await self._database.run(lambda c: benchmarks_kept.update(c, benchmark))

    async def benchmarks(self, *, limit: int = 500) -> tuple[BenchmarkRecord, ...]:
        """The latest benchmarks, newest first."""
        return await self._database.run(lambda c: benchmarks_kept.rows(c, limit))

    # Calibration

    async def keep_calibration(self, point: CalibrationPoint, *, host: str) -> None:
        """Keep what a calibration measured of a model, and what was predicted for it."""
        await self._database.run(lambda c: calibration_points.insert(c, point, host))

    async def calibration_points(self) -> tuple[CalibrationPoint, ...]:
        """Every point, oldest first."""
        return await self._database.run(calibration_points.rows)

    async def forget_calibration(self, machine: str) -> int:
        """Drop the points of a machine, as `machine_key` names it; how many there were."""
        return await self._database.run(lambda c: calibration_points.delete(c, machine))

    # Loads

    async def add_load(self, load: LoadRecord) -> int:
        """Store what was predicted and measured of a load; returns its id."""
        return await self._database.run(lambda c: _insert_load(c, load))

    async def loads(self, *, limit: int = 500) -> tuple[LoadRecord, ...]:
        """The latest loads, newest first."""
        return await self._database.run(
            lambda c: tuple(
                _load(row)
                for row in c.execute(
                    "SELECT * FROM loads ORDER BY at DESC, id DESC LIMIT ?", (limit,)
                )
            )
        )

    # Pulls

    async def save_pull(self, pull: PullRecord) -> None:
        """Store where a download is."""
        await self._database.run(
            lambda c: c.execute(
                "INSERT OR REPLACE INTO pulls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    pull.host,
                    pull.model,
                    pull.started_at,
                    pull.changed_at,
                    pull.state,
                    pull.completed_bytes,
                    pull.total_bytes,
                    pull.reason,
                ),
            )
        )

    async def unfinished_pulls(self) -> tuple[PullRecord, ...]:
        """Downloads that did not come to their end, newest first."""
        return await self._database.run(
            lambda c: tuple(
                PullRecord(**dict(row))
                for row in c.execute(
                    "SELECT * FROM pulls WHERE state != 'done' ORDER BY started_at DESC"
                )
            )
        )

    async def forget_pull(self, host: str, model: str) -> None:
        """Drop a download from the list; its bytes on disk are the server's business."""
        await self._database.run(
            lambda c: c.execute("DELETE FROM pulls WHERE host = ? AND model = ?", (host, model))
        )

    # Workloads and verdicts

    async def workloads(self) -> tuple[SavedWorkload, ...]:
        """The saved workloads in the user's order."""
        return await self._database.run(
            lambda c: tuple(
                SavedWorkload(
                    name=r["name"],
                    toml=r["toml"],
                    sample=bool(r["sample"]),
                    changed_at=r["changed_at"],
                )
                for r in c.execute("SELECT * FROM workloads ORDER BY position, name")
            )
        )

    async def save_workload(self, workload: SavedWorkload, *, was: str | None = None) -> None:
        """Store a workload; `was` is its name before, where it was renamed.

        Raises:
            BadInput: another workload already has the new name.
        """
        await self._database.run(lambda c: _save_workload(c, workload, was or workload.name))

    async def delete_workload(self, name: str) -> None:
        """Remove a workload and its verdicts."""
        await self._database.run(
            lambda c: c.execute("DELETE FROM workloads WHERE name = ?", (name,))
        )

    async def seed_samples(self, samples: Iterable[SavedWorkload]) -> bool:
        """Put the sample workloads in, once in the life of the file. False if that was done."""
        kept = tuple(samples)
        return await self._database.run(lambda c: _seed(c, kept))

    async def has_had_samples(self) -> bool:
        """Whether the sample workloads were ever put in."""
        return await self._database.run(
            lambda c: (
                c.execute("SELECT 1 FROM facts WHERE name = 'samples_seeded_at'").fetchone()
                is not None
            )
        )

    async def keep_verdicts(self, verdicts: Iterable[KeptVerdict]) -> None:
        """Keep a verdict that names another option than the last one kept: that is a change."""
        decided = tuple(verdicts)
        await self._database.run(lambda c: _keep_verdicts(c, decided))

    # What left

    async def record_egress(self, entry: EgressEntry) -> int:
        """Add a line to the egress log, before anything is sent; returns its row."""
        values = tuple(getattr(entry, name) for name in _EGRESS_COLUMNS)
        marks = ", ".join("?" * len(values))
        return await self._database.run(
            lambda c: int(
                c.execute(
                    f"INSERT INTO egress ({', '.join(_EGRESS_COLUMNS)}) VALUES ({marks})", values
                ).lastrowid
                or 0
            )
        )

    async def finish_egress(self, row: int, *, received_bytes: int, outcome: str) -> None:
        """Say how an exchange ended."""
        await self._database.run(
            lambda c: c.execute(
                "UPDATE egress SET received_bytes = ?, outcome = ? WHERE id = ?",
                (received_bytes, outcome, row),
            )
        )

    async def egress(self, *, limit: int = 500) -> tuple[EgressEntry, ...]:
        """The latest lines of the egress log, newest first."""
        return await self._database.run(
            lambda c: tuple(
                EgressEntry(**{name: r[name] for name in _EGRESS_COLUMNS})
                for r in c.execute("SELECT * FROM egress ORDER BY id DESC LIMIT ?", (limit,))
            )
        )

    async def spent_usd(self, since: str) -> float:
        """What paid runs have cost since an ISO time, for the daily cap."""
        return await self._database.run(
            lambda c: float(
                c.execute(
                    "SELECT COALESCE(SUM(cost_usd), 0.0) FROM runs"
                    " WHERE place = 'cloud' AND started_at >= ?",
                    (since,),
                ).fetchone()[0]
            )
        )


def _mark_interrupted(connection: sqlite3.Connection) -> int:
    runs = connection.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
    pulls = connection.execute("UPDATE pulls SET state = 'interrupted' WHERE state = 'running'")
    benchmarks = benchmarks_kept.mark_interrupted(connection)
    return runs.rowcount + pulls.rowcount + benchmarks


def _values(run: RunRecord) -> list[Any]:
    return [
        json.dumps(dict(run.conditions), ensure_ascii=False)
        if name == "conditions"
        else getattr(run, name)
        for name in _RUN_COLUMNS
    ]


def _insert_run(connection: sqlite3.Connection, run: RunRecord) -> int:
    marks = ", ".join("?" * (len(_RUN_COLUMNS) + 1))
    cursor = connection.execute(
        f"INSERT INTO runs (uid, {', '.join(_RUN_COLUMNS)}) VALUES ({marks})",
        [run.uid or new_uid(), *_values(run)],
    )
    return int(cursor.lastrowid or 0)


def _update_run(
    connection: sqlite3.Connection, run: RunRecord, samples: tuple[PowerSample, ...]
) -> None:
    sets = ", ".join(f"{name} = ?" for name in _RUN_COLUMNS)
    connection.execute(f"UPDATE runs SET {sets} WHERE id = ?", [*_values(run), run.id])
    connection.executemany(
        "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(run.id, s.at, s.source, s.scope, s.watts, s.reason, s.joules) for s in samples],
    )


def _run(row: sqlite3.Row) -> RunRecord:
    values = dict(row)
    values["conditions"] = json.loads(values["conditions"])
    return RunRecord(**values)


def _insert_load(connection: sqlite3.Connection, load: LoadRecord) -> int:
    values = {name: getattr(load, name) for name in _LOAD_COLUMNS}
    values["reasons"] = json.dumps(load.reasons, ensure_ascii=False)
    marks = ", ".join(f":{name}" for name in _LOAD_COLUMNS)
    cursor = connection.execute(
        f"INSERT INTO loads ({', '.join(_LOAD_COLUMNS)}) VALUES ({marks})", values
    )
    kept = int(cursor.lastrowid or 0)
    connection.execute("DELETE FROM loads WHERE id <= ?", (kept - MOST_LOADS,))
    return kept


def _load(row: sqlite3.Row) -> LoadRecord:
    values = dict(row)
    values["reasons"] = tuple(json.loads(values["reasons"]))
    return LoadRecord(**values)


def _save_workload(connection: sqlite3.Connection, workload: SavedWorkload, was: str) -> None:
    taken = connection.execute(
        "SELECT 1 FROM workloads WHERE name = ? AND name != ?", (workload.name, was)
    ).fetchone()
    if taken:
        raise BadInput(
            f"There is already a workload named {workload.name!r}.",
            "Choose another name.",
            field="workload.name",
        )
    changed = connection.execute(
        "UPDATE workloads SET name = ?, toml = ?, sample = ?, changed_at = ? WHERE name = ?",
        (workload.name, workload.toml, int(workload.sample), now_iso(), was),
    )
    if changed.rowcount == 0:
        connection.execute(
            "INSERT INTO workloads VALUES (?, ?, ?,"
            " (SELECT COALESCE(MAX(position), 0) + 1 FROM workloads), ?)",
            (workload.name, workload.toml, int(workload.sample), now_iso()),
        )


def _keep_verdicts(connection: sqlite3.Connection, verdicts: tuple[KeptVerdict, ...]) -> None:
    for verdict in verdicts:
        last = connection.execute(
            "SELECT kind FROM verdicts WHERE workload = ? ORDER BY rowid DESC LIMIT 1",
            (verdict.workload,),
        ).fetchone()
        if last is None or last["kind"] != verdict.kind:
            text = json.dumps(verdict.document, ensure_ascii=False)
            # A workload may have been removed while it was decided.
            connection.execute(
                "INSERT INTO verdicts SELECT name, ?, ?, ? FROM workloads WHERE name = ?",
                (now_iso(), verdict.kind, text, verdict.workload),
            )


def _seed(connection: sqlite3.Connection, samples: tuple[SavedWorkload, ...]) -> bool:
    """Once only: a sample that the user removed does not come back."""
    fresh = connection.execute(
        "INSERT OR IGNORE INTO facts VALUES ('samples_seeded_at', ?)", (now_iso(),)
    )
    if fresh.rowcount == 0:
        return False
    for sample in samples:
        _save_workload(connection, sample, sample.name)
    return True
