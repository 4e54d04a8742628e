"""Decides on all saved workloads together. A broken one hides no other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module

from landfall.core.errors import AppError
from landfall.core.verdict.verdict import to_json
from landfall.core.workload.privacy import Option
from landfall.services import apart, workload_files
from landfall.services.decided import Decided, Entry
from landfall.services.deciding import Decider
from landfall.services.hardware_offers import cheapest_that_holds
from landfall.services.records import KeptVerdict, SavedWorkload
from landfall.services.rounds import Question, Round


async def make(question: Question) -> Round:
    """Every workload with its verdict, or with what keeps it from one."""
    saved = tuple(question.saved)
    if question.with_samples:
        taken = {one.name for one in saved}
        now = question.now.isoformat(timespec="seconds")
        fresh = (replace(one, changed_at=now) for one in workload_files.saved_samples())
        saved += tuple(one for one in fresh if one.name not in taken)
    decider = await asyncio.to_thread(
        Decider,
        question.settings,
        now=question.now,
        detected=question.machine,
        runs=question.runs,
        votes=question.votes,
        past=question.past,
    )
    entries = tuple([await _entry(decider, one) for one in saved])
    module, _, name = question.line.partition(":")
    line = getattr(await asyncio.to_thread(import_module, module), name)
    return Round(
        saved=saved,
        lines=tuple(line(entry, question.settings.thresholds) for entry in entries),
        verdicts=tuple(_kept(e.saved, e.decided) for e in entries if e.decided is not None),
        sealed=apart.packed(entries),
    )


def _kept(saved: SavedWorkload, decided: Decided) -> KeptVerdict:
    verdict = decided.verdict
    return KeptVerdict(workload=saved.name, kind=verdict.option.value, document=to_json(verdict))


async def _entry(decider: Decider, saved: SavedWorkload) -> Entry:
    try:
        loaded = await asyncio.to_thread(workload_files.from_text, saved.toml)
        decided = await decider.decide(loaded)
    except AppError as error:
        return Entry(saved=saved, problem=error)
    offer = None
    nowhere = decided.verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    machine = decided.facts.machine
    if nowhere and (machine is None or machine.fits is False):
        offer = await asyncio.to_thread(cheapest_that_holds, loaded.workload)
    return Entry(saved=saved, decided=decided, offer=offer)
