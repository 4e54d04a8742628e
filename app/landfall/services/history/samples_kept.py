"""Power samples and rate curves of runs in the history: written while a run goes on, coarser with
age.

A chunk is what came in about a second; when the run ends its chunks become one. A run a week older
than the newest one keeps a sample a second and source, one three months older a sample each ten
seconds (`core.energy.sample_thinning`): energy and figures of a run stand in the run, and are not
touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto

from landfall.core.events import PowerSample
from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.samples_packed import (
    pack_points,
    pack_samples,
    unpack_points,
    unpack_samples,
)
from landfall.services.late_imports import late

STEPS = ((7, 1.0), (90, 10.0))
"""From so many days before the newest run on, samples are so many seconds apart."""

Point = tuple[float, float]
Thinned = Callable[[Sequence[PowerSample], float], tuple[PowerSample, ...]]


class Thinning(Enum):
    """What became of a try to make the samples of one run coarser."""

    DONE = auto()
    NOTHING_LEFT = auto()
    BUSY = auto()


def add(connection: sqlite3.Connection, run: int, samples: Sequence[PowerSample]) -> None:
    """Append samples to those of a run that is there."""
    if samples:
        connection.execute(
            "INSERT INTO sample_chunks (run, number, data) SELECT id,"
            " (SELECT COALESCE(MAX(number), -1) + 1 FROM sample_chunks WHERE run = runs.id), ?"
            " FROM runs WHERE id = ?",
            (pack_samples(samples), run),
        )


def rows(connection: sqlite3.Connection, run: int) -> tuple[PowerSample, ...]:
    """Those of a run by time, in seconds since its prompt was sent."""
    chunks = connection.execute(
        "SELECT data FROM sample_chunks WHERE run = ? ORDER BY number", (run,)
    )
    with _damage_named(run):
        samples = [sample for chunk in chunks for sample in unpack_samples(chunk["data"])]
    return tuple(sorted(samples, key=_time))


@contextmanager
def _damage_named(run: int) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise DatabaseDamaged(
            f"The curves of run {run} cannot be read: {error}.", "The rest of the run is whole."
        ) from error


def _time(sample: PowerSample) -> float:
    return sample.at


def join(connection: sqlite3.Connection, run: int) -> None:
    """Make one chunk of those of a run that has ended."""
    many = connection.execute(
        "SELECT COUNT(*) > 1 FROM sample_chunks WHERE run = ?", (run,)
    ).fetchone()[0]
    if many:
        _replace(connection, run, rows(connection, run), step_seconds=0.0)


def _replace(
    connection: sqlite3.Connection, run: int, samples: Sequence[PowerSample], *, step_seconds: float
) -> None:
    connection.execute("DELETE FROM sample_chunks WHERE run = ?", (run,))
    connection.execute(
        "INSERT INTO sample_chunks VALUES (?, 0, ?, ?)", (run, step_seconds, pack_samples(samples))
    )


def set_step(connection: sqlite3.Connection, run: int, step_seconds: float) -> None:
    """Say how far apart the samples of a run are that come from elsewhere."""
    connection.execute(
        "UPDATE sample_chunks SET step_seconds = ? WHERE run = ?", (step_seconds, run)
    )


def step(connection: sqlite3.Connection, run: int) -> float:
    """How far apart those of a run were made, in seconds; 0 where they are as they were read."""
    found = connection.execute(
        "SELECT MIN(step_seconds) FROM sample_chunks WHERE run = ?", (run,)
    ).fetchone()[0]
    return float(found or 0.0)


def thin_next(connection: sqlite3.Connection, now: str) -> Thinning:
    """Make the samples of one run coarser that has come to that age, while nothing runs.

    Age counts to the newest run, or to now where a wrong clock dated runs into the future: a clock
    that jumps ahead for a while ages nothing.
    """
    if connection.execute("SELECT 1 FROM runs WHERE state = 'running'").fetchone():
        return Thinning.BUSY
    for days, step_seconds in reversed(STEPS):
        found = connection.execute(_OF_AGE, (step_seconds, now, days)).fetchone()
        if found:
            thinned: Thinned = late("landfall.core.energy.sample_thinning").thinned
            few = thinned(rows(connection, found["run"]), step_seconds)
            _replace(connection, found["run"], few, step_seconds=step_seconds)
            return Thinning.DONE
    return Thinning.NOTHING_LEFT


_OF_AGE = """
    SELECT run FROM sample_chunks JOIN runs ON runs.id = run
    WHERE step_seconds < ? AND julianday(started_at) <
        (SELECT MIN(MAX(julianday(started_at)), julianday(?)) FROM runs) - ?
    LIMIT 1
"""


def set_rates(connection: sqlite3.Connection, run: int, points: Iterable[Point]) -> None:
    """Keep the rate curve of a run that is there: seconds since the prompt was sent, tokens/s."""
    connection.execute(
        "INSERT OR REPLACE INTO rate_curves SELECT id, ? FROM runs WHERE id = ?",
        (pack_points(tuple(points)), run),
    )


def rates(connection: sqlite3.Connection, run: int) -> tuple[Point, ...]:
    """The rate curve of a run, or nothing where none was kept."""
    found = connection.execute("SELECT data FROM rate_curves WHERE run = ?", (run,)).fetchone()
    with _damage_named(run):
        return unpack_points(found["data"]) if found else ()
