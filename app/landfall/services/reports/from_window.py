"""The report of workloads that the window has decided already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from landfall.core.reporting.subject import Undecided
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.reports import writing
from landfall.services.reports.subjects import Evidence, Told, prompts_of
from landfall.services.reports.writing import Asked, Making, WrittenReport
from landfall.services.verdict.decided import Decided, Entry
from landfall.services.verdict.known_past import past_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user chose.

    Attributes:
        path: Where it goes; the ending of its name is the format.
        overwrite: The user agreed to replace the file that is there.
    """

    entries: Sequence[Entry]
    settings: Settings
    path: Path
    overwrite: bool
    with_prompts: bool = False


async def reported(wanted: Wanted, history: History) -> AsyncGenerator[Making | WrittenReport]:
    """Write it, telling how far it is; what was written comes last.

    Raises:
        AppError: see `writing.write`.
    """
    await asyncio.to_thread(writing.check, wanted.path, overwrite=wanted.overwrite)
    told, undecided = [], []
    for entry in wanted.entries:
        if entry.decided is None:
            undecided.append(_undecided(entry))
            continue
        whole = await asyncio.to_thread(_whole, entry.decided)
        told.append(Told(decided=whole, sample=entry.saved.sample, stale=entry.stale))
    past = await past_of(history)
    evidence = Evidence(
        runs=await history.runs_to_decide(), benchmarks=past.benchmarks, loads=past.loads
    )
    if wanted.with_prompts:
        evidence = await prompts_of([one.decided for one in told], evidence, history)
    asked = Asked(
        told=told,
        undecided=undecided,
        settings=wanted.settings,
        as_of=datetime.now(UTC).date().isoformat(),
        evidence=evidence,
        with_prompts=wanted.with_prompts,
    )
    steps = writing.steps(wanted.path, asked, overwrite=wanted.overwrite)
    async with aclosing(steps) as made:
        async for step in made:
            yield step


def _whole(decided: Decided) -> Decided:
    """With how sure it is and what flips it, also where only a glance was taken."""
    if decided.verdict.worlds is not None:
        return decided
    return decided.again(decided.loaded.workload, with_flips=True)


def _undecided(entry: Entry) -> Undecided:
    problem = entry.problem
    if problem is None:
        return Undecided(name=entry.saved.name, problem="It is not decided yet.")
    return Undecided(name=entry.saved.name, problem=problem.message, hint=problem.hint)
