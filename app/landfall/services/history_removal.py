"""Takes runs out of the history in a way that can be undone while the program runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landfall.services.history import History
from landfall.services.records import RunRecord
from landfall.services.runs_kept import WholeRun


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out, each run with its texts and curves, as it was stored."""

    runs: tuple[WholeRun, ...]


async def take_out(history: History, runs: Sequence[RunRecord]) -> Removed:
    """Delete runs with their texts and samples; what was deleted is returned.

    What they used stays in the lifetime totals.
    """
    return Removed(await history.take_out(run.id for run in runs))


async def put_back(history: History, removed: Removed) -> None:
    """Undo it. The runs get new numbers and keep their names, times and places in the list."""
    await history.put_back(removed.runs)
