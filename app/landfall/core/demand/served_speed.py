"""How fast a machine serves a model, measured or predicted, as a machine that serves people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from landfall.core.benchmark.benchmark import BUSY_SHARE
from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.people import MEASURE_IT, ServingMachine, served
from landfall.core.demand.serving import UNMEASURED, Serves, serves_of, service
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Measured, Unknown

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import BenchmarkResult, Spread


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
    """What a benchmark of the model tells, by the prompts that are nearest to those of the demand.

    Reading and writing each have their own: a short prompt, or one that was cut, tells how fast the
    model writes, and not how fast it reads.

    Args:
        result: Of a model that writes.
        demand: What will be asked.
        name: Of the machine.
        measured_at: ISO time.
    """
    told = result.conditions.get("parallel")
    slots = told if isinstance(told, int) and told > 0 else None
    reads = [(one.prompt_tokens, one.prefill_tok_s) for one in result.parts]
    writes = [(one.prompt_tokens, one.decode_tok_s) for one in result.parts]
    where, again = f"a benchmark of {result.model}", MEASURE_IT.format(result.model)
    serves = serves_of(result, measured_at=measured_at, slots=slots) or UNMEASURED
    speed = ServedSpeed(
        name=name,
        prefill=_rate(
            _nearest(reads, demand.input_tokens),
            measured_at,
            where,
            f"its benchmark did not tell how fast it reads; {again}",
        ),
        decode=_rate(
            _nearest(writes, demand.input_tokens),
            measured_at,
            where,
            f"its benchmark did not tell how fast it writes; {again}",
        ),
        serves=serves,
        measured_at=measured_at,
    )
    swept = f" of {_listed([one.at_once for one in serves.streams])} at once" if speed.swept else ""
    engine = f" with {result.engine}" if result.engine else ""
    basis = f"measured on {measured_at[:10]}{engine}: benchmark{swept}{_beside(result)}"
    return replace(speed, basis=basis)


def _beside(result: BenchmarkResult) -> str:
    """That the machine was busy with other things then, so that the rates say little; "" where it
    was not, or nobody knows."""
    before = result.conditions.get("before")
    cpu = before.get("cpu") if isinstance(before, Mapping) else None
    busy = cpu.get("busy_share") if isinstance(cpu, Mapping) else None
    if not isinstance(busy, float) or busy < BUSY_SHARE:
        return ""
    return f", while other programs kept {percent(busy)} of the processor busy: measure it again"


def _nearest(told: Sequence[tuple[float | None, Spread | None]], tokens: float) -> Spread | None:
    """What the prompt of about so many tokens tells, among those that tell it."""
    known = [(abs((length or 0.0) - tokens), rate) for length, rate in told if rate is not None]
    return min(known, key=_apart)[1] if known else None


def _apart(one: tuple[float, Spread]) -> float:
    return one[0]


def _rate(found: Spread | None, at: str, where: str, otherwise: str) -> Figure:
    return Measured(found.median, at, where) if found and found.median else Unknown(otherwise)


def _listed(numbers: Sequence[int]) -> str:
    """ "1, 2 and 4"."""
    return " and ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(numbers[-1]))))


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
