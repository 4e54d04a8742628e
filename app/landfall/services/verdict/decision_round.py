"""Decides on all saved workloads together. A broken one hides no other."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from landfall.core.errors import AppError
from landfall.core.routing.reading_back import Split
from landfall.core.settings import Thresholds
from landfall.core.verdict.together import Together
from landfall.core.workload.privacy import Option
from landfall.services import apart
from landfall.services.history.records import KeptVerdict, SavedWorkload
from landfall.services.verdict import standing_verdicts, workload_files
from landfall.services.verdict.decided import Decided, Entry, Sums
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.hardware_offers import cheapest_that_holds
from landfall.services.verdict.rounds import Question, Round
from landfall.services.verdict.workload_files import LoadedWorkload

_FAST = 1
"""Level of compression: a third of the size for 1 ms a workload."""


async def make(question: Question) -> Round:
    """Every workload with its verdict, or with what keeps it from one.

    At a glance nothing is to be kept: how sure a verdict is was not looked at.
    """
    saved = _asked_about(question)
    decider = await asyncio.to_thread(
        Decider,
        question.settings,
        now=question.now,
        detected=question.machine,
        runs=question.runs,
        votes=question.votes,
        results=question.results,
        past=question.past,
    )
    kept = standing_verdicts.by_name(question.kept)
    limits = question.settings.thresholds
    entries = tuple(
        [
            await _entry(
                decider.glance if question.glance else decider.decide,
                one,
                None if one.name in question.checked else kept.get(one.name),
                question.past.routed.get(one.name, ()),
            )
            for one in saved
        ]
    )
    sums = Sums(
        own=_together([e for e in entries if not e.saved.sample], limits),
        samples=_together([e for e in entries if e.saved.sample], limits),
    )
    entries = _with_displaced(entries, sums)
    module, _, name = question.line.partition(":")
    line = getattr(await asyncio.to_thread(import_module, module), name)
    return Round(
        saved=saved,
        lines=tuple(line(entry, limits, question.language) for entry in entries),
        verdicts=() if question.glance else _to_keep(entries, kept, question.checked),
        sealed=zlib.compress(apart.packed(entries), _FAST),
        sealed_sums=apart.packed(sums),
    )


def _to_keep(
    entries: Sequence[Entry], kept: Mapping[str, KeptVerdict], checked: Container[str]
) -> tuple[KeptVerdict, ...]:
    return tuple(
        standing_verdicts.to_keep(
            one.saved.name,
            one.decided,
            kept.get(one.saved.name),
            checked=one.saved.name in checked,
        )
        for one in entries
        if one.decided is not None
    )


def _asked_about(question: Question) -> tuple[SavedWorkload, ...]:
    """The workloads that are saved, and the samples that none of them is called like."""
    saved = tuple(question.saved)
    if not question.with_samples:
        return saved
    taken = {one.name for one in saved}
    now = question.now.isoformat(timespec="seconds")
    fresh = (replace(one, changed_at=now) for one in workload_files.saved_samples())
    return saved + tuple(one for one in fresh if one.name not in taken)


def _with_displaced(entries: tuple[Entry, ...], sums: Sums) -> tuple[Entry, ...]:
    """Each entry with what keeps it from its machine beside the others."""
    gone = {
        one.workload: one
        for found in (sums.own, sums.samples)
        if found is not None
        for one in found.displaced
    }
    return tuple(replace(one, displaced=gone.get(one.saved.name)) for one in entries)


def _together(entries: Sequence[Entry], limits: Thresholds) -> Together | None:
    decided = [entry.decided for entry in entries if entry.decided is not None]
    return standing_verdicts.all_together(decided, limits) if decided else None


async def _entry(
    decide: Callable[[LoadedWorkload], Awaitable[Decided]],
    saved: SavedWorkload,
    kept: KeptVerdict | None,
    routed: Sequence[Split],
) -> Entry:
    try:
        loaded = await asyncio.to_thread(workload_files.from_text, saved.toml)
        decided = await decide(loaded)
    except AppError as error:
        return Entry(saved=saved, problem=error)
    offer = None
    nowhere = decided.verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    machine = decided.facts.machine
    if nowhere and (machine is None or machine.fits is False):
        offer = await asyncio.to_thread(cheapest_that_holds, loaded.workload)
    return Entry(
        saved=saved,
        decided=decided,
        offer=offer,
        stale=standing_verdicts.stale_of(decided, kept),
        notes=await asyncio.to_thread(standing_verdicts.notes, decided),
        leaks=standing_verdicts.leaks_of(routed),
        splits=standing_verdicts.splits_of(routed),
    )
