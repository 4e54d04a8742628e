"""How good one answer is: the metrics, each with what it is for and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One way to score an answer.

    Attributes:
        id: As it is written in a workload's file and on the command line.
        name: For people.
        means: What a score of 1 says, one clause.
        weak: Why it must not be the gate alone; "" where it may be.
        binary: Whether every answer is right (1) or wrong (0); else scores lie between.
        needs_expected: Whether it needs the right answer of each prompt.
        needs_labels: Whether a person or a judge says which answer is right.
        tasks: Tasks (as `Task` spells them) of which it is the default.
    """

    id: str
    name: str
    means: str
    weak: str = ""
    binary: bool = True
    needs_expected: bool = True
    needs_labels: bool = False
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What some metrics must be told.

    Attributes:
        schema: JSON schema that answers must follow ("schema").
        pattern: Regular expression that must be found in an answer ("regex"); where "" the
            expected answer of each prompt is the pattern.
        k: How many of the first results count ("recall_at_k").
        tolerance: Largest relative distance of a number that counts as right ("number").
    """

    schema: Mapping[str, Any] | None = None
    pattern: str = ""
    k: int = 10
    tolerance: float = 1e-6


PLAIN = Options()
