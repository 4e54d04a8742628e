"""How many people a model serves, asked once and again with other numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.people import Answer, ServingMachine, answer
from landfall.core.demand.people_curves import Curve, curve
from landfall.core.demand.served_speed import ServedSpeed, by_slots, machine
from landfall.core.errors import AppError
from landfall.core.hosts.hosts import Host
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Figure, Unknown, band
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, LoadRecord, RunRecord
from landfall.services.models import shipped_catalogue
from landfall.services.people import people_served
from landfall.services.verdict.known_past import BENCHMARKS, LOADS

MOST_CURVES = 4
_BEYOND = 1.35
"""How far a chart goes beyond what the most machines serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRuns:
    """What the history holds of speeds."""

    benchmarks: tuple[BenchmarkRecord, ...] = ()
    runs: tuple[RunRecord, ...] = ()
    loads: tuple[LoadRecord, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Models of benchmarks, the newest first."""
        return tuple(dict.fromkeys(one.model for one in self.benchmarks if one.result))


async def known_runs(history: History) -> KnownRuns:
    """Read it once.

    Raises:
        AppError: the history cannot be read.
    """
    return KnownRuns(
        benchmarks=tuple(await history.benchmarks(limit=BENCHMARKS)),
        runs=tuple(await history.latest_runs()),
        loads=tuple(await history.loads(limit=LOADS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuestion:
    """What is asked.

    Attributes:
        where: Of the machine, for people.
        host: Another server of the user's; None for `profile`'s machine.
        profile: The machine, for what was never measured; None where it is not known.
        measured_here: Whether what was measured on this machine holds for it.
        machines: So many like it.
        slots: Calls at once, None as its server was seen with.
    """

    model: str
    demand: DemandProfile
    where: str
    host: Host | None = None
    profile: HardwareProfile | None = None
    measured_here: bool = True
    machines: int = 1
    slots: int | None = None
    context: int = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFound:
    """What is answered.

    Attributes:
        answer: Of all the machines.
        by_slots: Each number at once that was measured on one, and the people it then serves.
        curves: p95 against people for one machine, two and more, pooled; then those asked, split.
        measured, swept: Whether anything was measured, and with several at once.
    """

    question: PeopleQuestion
    answer: Answer
    by_slots: tuple[tuple[ServingMachine, Figure], ...]
    curves: tuple[Curve, ...]
    measured: bool
    swept: bool


async def asked(question: PeopleQuestion, known: KnownRuns, *, cache: Path) -> PeopleFound:
    """The answer; what cannot be known is unknown in it, with the reason."""
    speed = await _speed(question, known, cache)
    return await asyncio.to_thread(_found, question, speed)


async def _speed(question: PeopleQuestion, known: KnownRuns, cache: Path) -> ServedSpeed:
    name = question.where
    if question.measured_here or question.host is not None:
        found = people_served.measured(
            question.model,
            question.demand,
            name=name,
            host=question.host.url if question.host else None,
            benchmarks=known.benchmarks,
            runs=known.runs,
            loads=known.loads,
        )
        if found is not None:
            return found
    if question.host is not None:
        return people_served.unmeasured(question.model, name=name, url=question.host.url)
    if question.profile is None:
        return people_served.nothing(name, Unknown("this machine is not found out yet"))
    profile = shipped_catalogue.load().enriched(question.profile)
    try:
        return await people_served.predicted_of(
            question.model,
            profile,
            name=name,
            cache=cache,
            context=people_served.context_for(question.demand, question.context),
            slots=question.slots or 1,
            fetch_none=True,
        )
    except AppError as error:
        return people_served.nothing(name, Unknown(error.message))


def _found(question: PeopleQuestion, speed: ServedSpeed) -> PeopleFound:
    demand = question.demand
    one = machine(speed, demand, slots=question.slots)
    found = answer(demand, [one] * question.machines)
    return PeopleFound(
        question=question,
        answer=found,
        by_slots=by_slots(speed, demand),
        curves=_curves(demand, one, question.machines, found),
        measured=bool(speed.measured_at),
        swept=speed.swept,
    )


def _curves(
    demand: DemandProfile, one: ServingMachine, machines: int, found: Answer
) -> tuple[Curve, ...]:
    """For one machine, two and more until the people are served, and the number that was asked."""
    enough = min(found.needed or machines, MOST_CURVES)
    counts = sorted({1, 2, enough, machines} if machines <= MOST_CURVES else {1, machines})
    ends = band(found.pooled.served)
    most = max(demand.people * 1.15, *(ends or (0.0,))) * _BEYOND
    wanted: Sequence[tuple[int, Arrangement]] = [(count, Arrangement.POOLED) for count in counts]
    if machines > 1:
        wanted = [*wanted, (machines, Arrangement.BY_CHANCE)]
    curves = [
        curve(
            demand,
            [one] * count,
            how,
            up_to=most,
            banded=count == machines and how is Arrangement.POOLED,
        )
        for count, how in wanted
    ]
    return tuple(line for line in curves if line is not None)
