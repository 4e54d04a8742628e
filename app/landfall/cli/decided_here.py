"""Workloads decided for a command: those of files, or the saved ones, with what history knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from landfall.cli import ollama_here
from landfall.cli.history import opened_to_read
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.quality.measured import QualityResult
from landfall.core.quality.votes import Vote
from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.history import History
from landfall.services.history.records import KeptVerdict, RunRecord, SavedWorkload, meant
from landfall.services.verdict import standing_verdicts, workload_files
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.known_past import NO_PAST, Past, past_of
from landfall.services.verdict.workload_files import LoadedWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the history holds.

    Attributes:
        verdicts: The latest kept verdict of each workload, by its name.
        listed: Whether the workloads that are decided come from it.
    """

    runs: tuple[RunRecord, ...] = ()
    votes: tuple[Vote, ...] = ()
    results: tuple[QualityResult, ...] = ()
    past: Past = NO_PAST
    saved: tuple[SavedWorkload, ...] = ()
    verdicts: Mapping[str, KeptVerdict] = field(default_factory=dict)
    listed: bool = False


def decider(machine: str | None, kept: Kept, session: Session) -> Decider:
    """Decides for the machine of that name, else for this one."""
    now = datetime.now(UTC)
    if machine:
        return Decider.on(
            machine,
            session.settings,
            now=now,
            votes=kept.votes,
            results=kept.results,
            past=kept.past,
        )
    return Decider(
        session.settings,
        now=now,
        runs=kept.runs,
        votes=kept.votes,
        results=kept.results,
        past=kept.past,
        look=partial(_this_machine, session),
    )


async def _this_machine(session: Session) -> HardwareProfile:
    """As its server leaves it: what loaded models hold is free to others."""
    profile, _, _ = await ollama_here.asked(None, session)
    return profile


async def past(session: Session) -> Kept:
    """Kept runs, votes and what else is known, without making a history where there is none."""
    if not session.paths.database.exists():
        return Kept()
    try:
        async with opened_to_read(session) as (history, _):
            return await _of(history)
    except DatabaseDamaged as error:
        session.say(f"Decided without what was measured before: {error}")
        return Kept()


async def _of(history: History) -> Kept:
    return Kept(
        runs=await history.runs_to_decide(),
        votes=await history.votes(),
        results=await history.quality_results(),
        past=await past_of(history),
        saved=await history.workloads(),
        verdicts=standing_verdicts.by_name(await history.last_verdicts()),
    )


async def saved(session: Session) -> tuple[list[LoadedWorkload], Kept]:
    """The saved workloads: the user's own, and the samples while there are no others or nothing can
    be kept.

    Raises:
        BadInput: one of them cannot be read.
    """
    found, kept = await saved_each(session)
    loaded = []
    for _, one in found:
        if isinstance(one, BadInput):
            raise one
        loaded.append(one)
    return loaded, kept


async def saved_each(
    session: Session,
) -> tuple[list[tuple[str, LoadedWorkload | BadInput]], Kept]:
    """As `saved`, each by its name, with what keeps one from being read in its place."""
    kept = await _kept(session)
    if not kept.saved:
        session.say("No workload is saved: name a file, or begin with `verdict --template`.")
    return [(one.name, _parsed(one)) for one in _meant(kept, session)], kept


def _meant(kept: Kept, session: Session) -> tuple[SavedWorkload, ...]:
    """As the window does: samples are nobody's bill and nobody's routes."""
    found = meant(kept.saved)
    if left := len(kept.saved) - len(found):
        samples = "the sample is" if left == 1 else f"the {left} samples are"
        session.say(f"Workloads of your own are saved: {samples} left out.")
    return found


async def listed(session: Session) -> Kept:
    """The saved workloads as their texts, right or wrong, with what history knows.

    Raises:
        AppError: the history cannot be opened.
    """
    return await _kept(session)


async def _kept(session: Session) -> Kept:
    """What the history holds; on the very first start the samples are put into it."""
    began = session.paths.database.exists()
    async with opened_to_read(session) as (history, trouble):
        await history.seed_samples(workload_files.saved_samples())
        if trouble is not None and not began:
            session.say(f"{trouble} These are the samples.")
        return replace(await _of(history), listed=began or trouble is None)


def _parsed(one: SavedWorkload) -> LoadedWorkload | BadInput:
    try:
        return workload_files.from_text(one.toml)
    except BadInput as error:
        return BadInput(
            f"The saved workload {one.name!r} cannot be read: {error.message}",
            error.hint,
            line=error.line,
            field=error.field,
        )
