"""Takes runs out of the history in a way that can be undone while the program runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from landfall.core.events import PowerSample
from landfall.services.history import History
from landfall.services.records import RunRecord


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out, each run with its samples."""

    runs: tuple[tuple[RunRecord, tuple[PowerSample, ...]], ...]


async def take_out(history: History, runs: Sequence[RunRecord]) -> Removed:
    """Delete runs with their texts and samples; what was deleted is returned."""
    removed = [(run, await history.samples(run.id)) for run in runs]
    await history.delete_runs(run.id for run in runs)
    return Removed(tuple(removed))


async def put_back(history: History, removed: Removed) -> None:
    """Undo it. The runs get new numbers and keep their times."""
    for run, samples in removed.runs:
        row = await history.add_run(run)
        await history.finish_run(replace(run, id=row), samples)
