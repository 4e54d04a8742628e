"""How fast machines serve a model: what the history measured, else what is predicted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult
from landfall.core.benchmark.data import result_of
from landfall.core.demand.arrangements import DemandProfile
from landfall.core.demand.people import MEASURE_IT
from landfall.core.demand.served_speed import ServedSpeed, of_benchmark
from landfall.core.demand.serving import UNMEASURED
from landfall.core.errors import BadInput
from landfall.core.fit.fit import fit
from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.model_names import same
from landfall.core.provenance import Measured, Unknown
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.services.benchmark.serves import tells_slots
from landfall.services.history.records import BenchmarkRecord, LoadRecord, RunRecord
from landfall.services.models.model_source import Places, no_registry, resolve

LOCAL = "local"


def measured(
    model: str,
    demand: DemandProfile,
    *,
    name: str,
    host: str | None,
    benchmarks: Sequence[BenchmarkRecord],
    runs: Sequence[RunRecord] = (),
    loads: Sequence[LoadRecord] = (),
) -> ServedSpeed | None:
    """What the history knows of a model on a machine; None where it never ran there.

    The newest benchmark that asked several at once stands, else the newest one, else the last run.

    Args:
        model: Its name on the server.
        demand: What will be asked.
        name: Of the machine, for people.
        host: Address of its server as runs keep it; None for this machine.
        benchmarks, runs, loads: Of the history. The slots of this machine's server are those that
            the newest load told, where it is newer than the benchmark.
    """
    speed = _newest_word(model, demand, name=name, host=host, benchmarks=benchmarks, runs=runs)
    if speed is None or host is not None:
        return speed
    told = [load for load in loads if same(load.model, model) and tells_slots(load)]
    newest = max(told, key=_at, default=None)
    if newest is None or newest.parallel is None or newest.at <= speed.measured_at:
        return speed
    says = f"as the server's process told on {newest.at[:10]}"
    return replace(speed, serves=replace(speed.serves, slots=newest.parallel, says=says))


def _at(load: LoadRecord) -> str:
    return load.at


def _newest_word(
    model: str,
    demand: DemandProfile,
    *,
    name: str,
    host: str | None,
    benchmarks: Sequence[BenchmarkRecord],
    runs: Sequence[RunRecord],
) -> ServedSpeed | None:
    found = []
    for record in sorted(benchmarks, key=_begun, reverse=True):
        result = _result(record, model, host)
        if result is not None:
            speed = of_benchmark(result, demand, name=name, measured_at=record.started_at)
            if not isinstance(speed.decode, Unknown):
                found.append(speed)
    if found:
        return next((one for one in found if one.swept), found[0])
    last = max((run for run in runs if _ran(run, model, host)), key=_begun, default=None)
    return None if last is None else _of_run(last, name)


def _begun(record: BenchmarkRecord | RunRecord) -> str:
    return record.started_at


def _here(place: str, server: str, host: str | None) -> bool:
    return place == LOCAL if host is None else server.rstrip("/") == host.rstrip("/")


def _result(record: BenchmarkRecord, model: str, host: str | None) -> BenchmarkResult | None:
    usable = record.state == "done" and record.kind == BenchKind.CHAT and record.result is not None
    if not usable or not same(record.model, model) or not _here(record.place, record.host, host):
        return None
    try:
        return result_of(record.result or {})
    except BadInput:
        return None  # of another version of the program: it says nothing here


def _ran(run: RunRecord, model: str, host: str | None) -> bool:
    whole = run.state == "done" and bool(run.decode_tok_s)
    return whole and same(run.model, model) and _here(run.place, run.host, host)


def _of_run(run: RunRecord, name: str) -> ServedSpeed:
    where = f"a run of {run.model}"
    prefill = run.prefill_tok_s
    return ServedSpeed(
        name=name,
        prefill=Measured(prefill, run.started_at, where)
        if prefill
        else Unknown(
            f"its last run did not tell how fast it reads; {MEASURE_IT.format(run.model)}"
        ),
        decode=Measured(run.decode_tok_s or 0.0, run.started_at, where),
        measured_at=run.started_at,
        basis=f"measured on {run.started_at[:10]}: one run",
    )


def predicted(
    spec: ModelSpec, profile: HardwareProfile, *, name: str, context: int, slots: int = 1
) -> ServedSpeed:
    """What is predicted of a model on a machine, with its band; each slot has a context of its own.

    Args:
        spec: The model.
        profile: The machine.
        name: Of the machine, for people.
        context: Tokens of one sequence.
        slots: Calls at once.
    """
    budget = memory_budget(profile)
    placed = fit(spec, budget, FitRequest(context=context, parallel=slots))
    prefill, decode = (
        prefill_rate(spec, placed, profile, budget),
        decode_rate(spec, placed, profile, budget),
    )
    if not placed.fits:
        beside = f" with {slots} at once" if slots > 1 else ""
        prefill = decode = Unknown(f"the model does not fit{beside} at {context:,} tokens")
    return ServedSpeed(
        name=name,
        prefill=prefill,
        decode=decode,
        serves=replace(UNMEASURED, slots=slots),
        basis="" if isinstance(decode, Unknown) else "predicted, not measured",
    )


async def predicted_of(
    model: str,
    profile: HardwareProfile,
    *,
    name: str,
    cache: Path,
    context: int,
    slots: int = 1,
    fetch_none: bool = False,
) -> ServedSpeed:
    """As `predicted`, of the model that a name means.

    Args:
        fetch_none: Whether no registry may be asked for a name that is not known here.

    Raises:
        AppError: nothing is known by that name.
    """
    path = Path(profile.disk.models_path) if profile.disk.models_path else None
    places = Places(cache=cache, models_path=path, here=path is not None)
    spec = await resolve(model, places, fetch=no_registry if fetch_none else None)
    return predicted(spec, profile, name=name, context=context, slots=slots)


def context_for(demand: DemandProfile, least: int) -> int:
    """Tokens of a sequence that hold calls twice as long as the mean one."""
    return max(least, math.ceil(2 * (demand.input_tokens + demand.output_tokens)))


def unmeasured(model: str, *, name: str, url: str) -> ServedSpeed:
    """A host of which the history holds no run: its hardware is not known either."""
    how = f"{MEASURE_IT.format(model)} --host {url}"
    return nothing(name, Unknown(f"{model} was never measured there; {how}"))


def nothing(name: str, why: Unknown) -> ServedSpeed:
    """A machine of which nothing is known."""
    return ServedSpeed(name=name, prefill=why, decode=why)
