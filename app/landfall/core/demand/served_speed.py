"""How fast a machine serves a model, measured or predicted, as a machine that serves people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.people import ServingMachine, served
from landfall.core.demand.serving import UNMEASURED, Serves, serves_of, service
from landfall.core.provenance import Figure, Measured, Unknown

if TYPE_CHECKING:
    from landfall.core.benchmark import BenchmarkResult, PartResult

_NO_RATE = "the benchmark does not tell it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSpeed:
    """A model on a machine.

    Attributes:
        name: Of the machine, for people.
        prefill, decode: Tokens a second of one call alone.
        serves: How many calls at once, and what each is worth then.
        measured_at: When, ISO time; "" where it is predicted.
        basis: What it rests on, a clause for people.
    """

    name: str
    prefill: Figure
    decode: Figure
    serves: Serves = UNMEASURED
    measured_at: str = ""
    basis: str = ""

    @property
    def swept(self) -> bool:
        """Whether several calls at once were measured."""
        return len(self.serves.streams) > 1


def of_benchmark(
    result: BenchmarkResult, demand: DemandProfile, *, name: str, measured_at: str
) -> ServedSpeed:
    """What a benchmark of the model tells, by the prompt that is nearest to those of the demand.

    Args:
        result: Of a model that writes.
        demand: What will be asked.
        name: Of the machine.
        measured_at: ISO time.
    """
    told = result.conditions.get("parallel")
    slots = told if isinstance(told, int) and told > 0 else None
    part = _nearest(result.parts, demand.input_tokens)
    where = f"a benchmark of {result.model}"
    serves = serves_of(result, measured_at=measured_at, slots=slots) or UNMEASURED
    speed = ServedSpeed(
        name=name,
        prefill=_rate(part.prefill_tok_s if part else None, measured_at, where),
        decode=_rate(part.decode_tok_s if part else None, measured_at, where),
        serves=serves,
        measured_at=measured_at,
    )
    swept = f" of {_listed([one.at_once for one in serves.streams])} at once" if speed.swept else ""
    return replace(speed, basis=f"measured on {measured_at[:10]}: benchmark{swept}")


def _nearest(parts: Sequence[PartResult], input_tokens: float) -> PartResult | None:
    """Among those that tell a rate of writing."""
    best, least = None, float("inf")
    for part in parts:
        apart = abs((part.prompt_tokens or 0.0) - input_tokens)
        if part.decode_tok_s is not None and apart < least:
            best, least = part, apart
    return best


def _rate(spread: object, at: str, where: str) -> Figure:
    median = getattr(spread, "median", None)
    return Measured(median, at, where) if median else Unknown(_NO_RATE)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def machine(
    speed: ServedSpeed, demand: DemandProfile, *, slots: int | None = None
) -> ServingMachine:
    """The machine under a demand.

    Args:
        speed: How fast it serves the model.
        demand: Lengths of calls.
        slots: Calls at once in place of those that its server was seen with.
    """
    serves = speed.serves
    if slots is not None and slots != serves.slots:
        serves = replace(serves, slots=slots, says="as stated")
    found = service(
        prefill=speed.prefill,
        decode=speed.decode,
        uncached=demand.input_tokens,
        output=demand.output_tokens,
        serves=serves,
        where=speed.name,
    )
    unmeasured = speed.measured_at and serves.slots > 1
    unmeasured = unmeasured and all(one.at_once != serves.slots for one in serves.streams)
    basis = (
        f"{speed.basis}; {serves.slots} at once estimated from it" if unmeasured else speed.basis
    )
    return ServingMachine(
        name=speed.name, service=found, measured_at=speed.measured_at, basis=basis
    )


def by_slots(
    speed: ServedSpeed, demand: DemandProfile
) -> tuple[tuple[ServingMachine, Figure], ...]:
    """The machine with each number of calls at once that was measured, and the people it serves."""
    found = []
    for stream in speed.serves.streams:
        one = machine(speed, demand, slots=stream.at_once)
        found.append((one, served(demand, (one,), Arrangement.POOLED)))
    return tuple(found)
