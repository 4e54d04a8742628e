"""What happens while a benchmark runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from landfall.core.benchmark.benchmark import (
    BenchmarkResult,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Sustained,
)
from landfall.services.history.records import BenchmarkRecord
from landfall.services.run.answering import RunUpdate

Doing = Literal["idle", "load", "warm_up", "prompt", "sustained", "sweep", "embed"]


@dataclass(frozen=True, slots=True)
class BenchStep:
    """What begins now.

    Attributes:
        name: Of the prompt; "unloaded" or "loaded" of an idle measurement; how many at once, or how
            many texts in one request, in digits.
        number, of: Which step of how many of this model.
        row: Of the benchmark in the history, which is there before the first step.
    """

    model: str
    doing: Doing
    name: str
    number: int
    of: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class BenchLane:
    """Something of one answer; answers at the same time have lanes of their own, from 0.

    In the sustained run and the sweep the next answer of a lane begins as soon as the last one
    ended: its `Kept`, which waits for the sensors, comes after the `Sent` of the next one.
    """

    lane: int
    update: RunUpdate


@dataclass(frozen=True, slots=True)
class BenchPart:
    """A part is finished, and stored."""

    part: PartResult | Level | Loads | Sustained | EmbeddingResult


@dataclass(frozen=True, slots=True)
class BenchKept:
    """The benchmark of the model is over and stored; `record.state` says how it ended."""

    record: BenchmarkRecord
    result: BenchmarkResult


BenchEvent = BenchStep | BenchLane | BenchPart | BenchKept
