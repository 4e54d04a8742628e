"""Decides on all saved workloads together. A broken one hides no other."""

from __future__ import annotations

import asyncio

from landfall.core.errors import AppError
from landfall.core.privacy import Option
from landfall.core.settings import Settings
from landfall.services import catalogue, workload_files
from landfall.services.decided import Entry, Known, Question
from landfall.services.deciding import Decider
from landfall.services.hardware_offers import cheapest_that_holds
from landfall.services.history import SavedWorkload
from landfall.services.prices import Prices


async def decide(question: Question) -> tuple[Entry, ...]:
    """Every workload with its verdict, or with what keeps it from one."""
    decider = await asyncio.to_thread(
        Decider,
        question.settings,
        now=question.now,
        detected=question.machine,
        runs=question.runs,
    )
    return tuple([await _entry(decider, saved) for saved in question.saved])


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


def known(settings: Settings) -> Known:
    """Names for the suggestions of an editor."""
    prices, listed = Prices(settings), catalogue.load()
    return Known(
        models={one.id: prices.models(one.id) for one in prices.providers()},
        local=tuple(card.tag for card in listed.models),
        machines=tuple(machine.name for machine in listed.machines),
    )
