"""What a benchmark of one model has brought so far, also where it was cut."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import assert_never

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    BenchPlan,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Sustained,
    Sweep,
)
from landfall.services.history.records import BenchmarkRecord

Part = PartResult | Level | Loads | Sustained | EmbeddingResult


class Ending(Enum):
    """How it stands with the benchmark of a model."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOrder:
    """What the user wants: these models, one after the other, by this plan.

    Attributes:
        host: Address of the server.
        place: "local" or "network".
    """

    models: tuple[tuple[str, BenchKind], ...]
    plan: BenchPlan
    host: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One model of an order.

    Attributes:
        result: The parts that are measured so far.
        record: As it is kept; None while it runs or where it was cut.
        why: Why it came to no end, or "".
        row: Of the benchmark in the history; 0 before its first step.
        levels: Of the sweep, as they come.
    """

    model: str
    result: BenchmarkResult
    plan: BenchPlan
    ending: Ending = Ending.WAITING
    record: BenchmarkRecord | None = None
    why: str = ""
    row: int = 0
    levels: tuple[Level, ...] = field(default=())

    @property
    def at(self) -> str:
        """When it began, ISO 8601, or "" where it is not kept yet."""
        return "" if self.record is None else self.record.started_at

    @property
    def measured(self) -> bool:
        """Whether there is any figure."""
        told = self.result
        return bool(told.parts or told.loads or told.sustained or told.sweep or told.embedding)


def begun(order: BenchOrder, model: str, kind: BenchKind) -> Outcome:
    """Nothing is measured yet."""
    empty = BenchmarkResult(
        kind=kind,
        model=model,
        digest=None,
        engine=None,
        host=order.host,
        place=order.place,
        conditions={},
    )
    return Outcome(model=model, result=empty, plan=order.plan)


def with_part(outcome: Outcome, part: Part, reason: str) -> Outcome:
    """A part more. `reason` says why the people served are not known before the sweep's end."""
    told = outcome.result
    match part:
        case PartResult():
            others = tuple(one for one in told.parts if one.name != part.name)
            told = replace(told, parts=(*others, part))
        case Level():
            levels = (*outcome.levels, part)
            target = outcome.plan.ttft_target_seconds
            sweep = Sweep(levels=levels, ttft_target_seconds=target, people=None, reason=reason)
            return replace(outcome, levels=levels, result=replace(told, sweep=sweep))
        case Loads():
            told = replace(told, loads=part)
        case Sustained():
            told = replace(told, sustained=part)
        case EmbeddingResult():
            told = replace(told, embedding=(*told.embedding, part))
        case _:
            assert_never(part)
    return replace(outcome, result=told)
