"""Two runs of the history against each other, and what the other runs say of their noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from landfall.core.benchmark.comparison import (
    MOST_COMPARED,
    Difference,
    Observed,
    alike,
    apart,
    counted,
    difference,
    difference_of_alike,
    differing,
    untold,
)
from landfall.core.energy.energy import Grade
from landfall.services.history.records import RunRecord, first_line

Conditions = Mapping[str, object]

MOST_READ = 3 * MOST_COMPARED
"""So many runs that may be alike are read in full; more would hardly say more."""

TOLD_CONDITIONS = (
    "num_predict",
    "seed",
    "temperature",
    "repeat_penalty",
    "num_thread",
    "gpu_share",
)
"""What a run keeps of its own conditions and what its figures depend on, beside the context."""


class Kind(StrEnum):
    """What sort of figure it is, and so what must hold before two are compared."""

    CLOCK = "clock"
    COUNT = "count"
    ENERGY = "energy"
    ELECTRICITY = "electricity"
    PRICE = "price"


RUN_FIGURES: Mapping[str, Kind] = {
    "ttft_seconds": Kind.CLOCK,
    "load_seconds": Kind.CLOCK,
    "prefill_tok_s": Kind.CLOCK,
    "decode_tok_s": Kind.CLOCK,
    "client_decode_tok_s": Kind.CLOCK,
    "inter_token_p95_seconds": Kind.CLOCK,
    "total_seconds": Kind.CLOCK,
    "prompt_tokens": Kind.COUNT,
    "output_tokens": Kind.COUNT,
    "thinking_tokens": Kind.COUNT,
    "gross_joules": Kind.ENERGY,
    "net_joules": Kind.ENERGY,
    "joules_per_token": Kind.ENERGY,
    "idle_watts": Kind.ENERGY,
    "electricity_cost": Kind.ELECTRICITY,
    "cost_usd": Kind.PRICE,
}
"""The figures of a run in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides, figure by figure.

    Attributes:
        differences: By name of the figure; what neither side knows is left out.
        differing: Conditions that differ.
        untold: Conditions that are known of one side alone.
        others: How many other runs stand for the noise of the first and of the second side.
    """

    differences: Mapping[str, Difference]
    differing: tuple[str, ...]
    untold: tuple[str, ...]
    others: tuple[int, int]


def conditions_of(run: RunRecord) -> dict[str, object]:
    """What the figures of a run depend on, by name; what is not known is None."""
    told = run.conditions
    context = told.get("context_given") or told.get("context")
    return {
        "model": run.model,
        "digest": run.digest,
        "place": f"{run.place} {run.host}",
        "engine": run.engine,
        "context": None if run.place == "cloud" else context,
        "prompt": run.prompt,
        **{name: told.get(name) for name in TOLD_CONDITIONS},
    }


def compare_runs(first: RunRecord, second: RunRecord, past: Sequence[RunRecord] = ()) -> Comparison:
    """The second against the first.

    Args:
        past: Runs of the history, the newest first, that may stand for the noise: those that ended
            well under the conditions of the first or of the second.
    """
    a, b = conditions_of(first), conditions_of(second)
    both = {first.id, second.id}
    others = [run for run in past if run.state == "done" and run.id not in both]
    pair = _Pair(first, second, _alike(first, a, others), _alike(second, b, others), alike(a, b))
    found = {}
    for name, kind in RUN_FIGURES.items():
        if value_of(first, name) is None and value_of(second, name) is None:
            continue
        found[name] = _compared(name, kind, pair)
    scopes = {"energy_scope": first.energy_scope}, {"energy_scope": second.energy_scope}
    return Comparison(
        differences=found,
        differing=(*differing(a, b), *differing(*scopes)),
        untold=untold(a, b),
        others=(len(pair.of_first), len(pair.of_second)),
    )


def may_be_alike(run: RunRecord, listed: Sequence[RunRecord]) -> tuple[int, ...]:
    """Ids of the newest runs of a list that may be under the conditions of this one.

    A list holds the first lines of prompts alone, so `compare_runs` must look at the whole ones.
    """
    asked = first_line(run.prompt)
    found = (
        other.id
        for other in listed
        if other.model == run.model
        and other.digest == run.digest
        and other.state == "done"
        and other.prompt == asked
        and other.prompt_tokens == run.prompt_tokens
    )
    return tuple(islice(found, MOST_READ))


def value_of(run: RunRecord, name: str) -> float | None:
    """A figure of a run by its name; J/token is that of the whole answer."""
    if name == "joules_per_token":
        if run.gross_joules is None or not run.output_tokens:
            return None
        return run.gross_joules / run.output_tokens
    value: float | None = getattr(run, name)
    return value


def measured_energy(run: RunRecord) -> bool:
    """Whether the energy of a run is its own and long enough to be a measurement."""
    weak = run.energy_grade in (Grade.TOO_SHORT, Grade.MISSING)
    return run.gross_joules is not None and not run.shared_with and not weak


def _alike(run: RunRecord, conditions: Conditions, others: Sequence[RunRecord]) -> list[RunRecord]:
    """The newest other runs under the same conditions."""
    found: list[RunRecord] = []
    for other in others:
        # The cheap questions first: there may be thousands.
        if other.model != run.model or other.digest != run.digest or other.prompt != run.prompt:
            continue
        if alike(conditions, conditions_of(other)):
            found.append(other)
        if len(found) == MOST_COMPARED:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two runs, the other runs under the conditions of each, and whether these are the same."""

    first: RunRecord
    second: RunRecord
    of_first: Sequence[RunRecord]
    of_second: Sequence[RunRecord]
    same: bool


def _compared(name: str, kind: Kind, pair: _Pair) -> Difference:
    first, second = pair.first, pair.second
    a, b = value_of(first, name), value_of(second, name)
    if kind in (Kind.COUNT, Kind.PRICE):
        return counted(a, b)
    if not _one_thing(kind, first, second):
        return apart(a, b)
    if pair.same:
        others = _values(name, kind, first, pair.of_first)
        return difference_of_alike(_seen(first, a, kind), _seen(second, b, kind), others)
    return difference(
        _seen(first, a, kind, _values(name, kind, first, pair.of_first)),
        _seen(second, b, kind, _values(name, kind, second, pair.of_second)),
    )


def _one_thing(kind: Kind, first: RunRecord, second: RunRecord) -> bool:
    """Whether both figures measure the same thing."""
    if kind is Kind.CLOCK:
        return True
    if kind is Kind.ELECTRICITY and first.electricity_currency != second.electricity_currency:
        return False
    known = first.gross_joules is not None and second.gross_joules is not None
    if not known:
        return True
    metered = measured_energy(first) and measured_energy(second)
    return metered and first.energy_scope == second.energy_scope


def _seen(
    run: RunRecord, value: float | None, kind: Kind, others: Sequence[float] = ()
) -> Observed:
    error = run.energy_error_share if kind in (Kind.ENERGY, Kind.ELECTRICITY) else 0.0
    repeated = () if value is None or not others else (value, *others)
    return Observed(value=value, repeated=repeated, error_share=error)


def _values(name: str, kind: Kind, like: RunRecord, runs: Sequence[RunRecord]) -> tuple[float, ...]:
    """What the other runs have of a figure, where it is of the same thing."""
    usable = [run for run in runs if kind is Kind.CLOCK or _one_thing(kind, like, run)]
    values = (value_of(run, name) for run in usable)
    return tuple(value for value in values if value is not None)
