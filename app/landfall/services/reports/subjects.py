"""What a report is made from, out of decided workloads and what the history holds of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import landfall
from landfall.core.demand.serving import Serves
from landfall.core.models.catalogue import ModelCard, find
from landfall.core.quality.measured import QualityResult
from landfall.core.reporting.numbers import number, percent, seconds
from landfall.core.reporting.subject import (
    Around,
    InputOrigin,
    Measurement,
    RuleText,
    Subject,
    Threshold,
)
from landfall.core.reporting.words import priced
from landfall.core.settings import Settings, Thresholds
from landfall.core.sizes import gib
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.over_volume import break_even_curves
from landfall.core.verdict.rate_dates import rate_dates
from landfall.core.verdict.swings import swings
from landfall.core.workload.keys import BY_PATH, get
from landfall.core.workload.origins import PRESET, origins_of, same
from landfall.services import cloud, resources
from landfall.services.history.records import BenchmarkRecord, KeptVerdict, LoadRecord, RunRecord
from landfall.services.verdict import guide, standing_verdicts
from landfall.services.verdict.decided import Decided

if TYPE_CHECKING:
    from landfall.core.quality.sets import QualityPrompt
    from landfall.services.history.history import History

_SOURCES = re.compile(rf"(?:imported usage of|a measured run of) \d{{4}}-\d\d-\d\d|{PRESET} [\w ]+")
"""Sources that the program writes into a file; what else a comment says is not for a report."""
_SHORT_DIGEST = 12
_SCOPES = {"gpu": "GPU board", "cpu": "CPU package", "wall": "whole machine, at the plug"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the history holds that may stand behind verdicts.

    Attributes:
        prompts: Uid of a quality run to its prompts; only where they were asked for.
    """

    runs: Sequence[RunRecord] = ()
    benchmarks: Sequence[BenchmarkRecord] = ()
    loads: Sequence[LoadRecord] = ()
    prompts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A decided workload as it is told.

    Attributes:
        sample: Whether it came with the program.
        stale: Why the verdict that was kept is to be checked again.
    """

    decided: Decided
    sample: bool = False
    stale: tuple[Caution, ...] = ()


def told(decided: Decided, kept: KeptVerdict | None, *, sample: bool) -> Told:
    """A decided workload, with why its kept verdict no longer stands."""
    return Told(decided=decided, sample=sample, stale=standing_verdicts.stale_of(decided, kept))


async def prompts_of(decided: Sequence[Decided], evidence: Evidence, history: History) -> Evidence:
    """The evidence with the prompts of the quality runs that verdicts rest on.

    Raises:
        AppError: the history cannot be read.
    """
    runs = dict.fromkeys(one.run for each in decided for one in _results(each))
    found: dict[str, tuple[str, ...]] = {}
    for uid in runs:
        whole = await history.quality.get(uid)
        prompts = sorted(whole.plan.prompts, key=_placed)
        found[uid] = tuple(one.prompt for one in prompts)
    return replace(evidence, prompts=found)


def _placed(prompt: QualityPrompt) -> int:
    return prompt.place


def subject(one: Told, evidence: Evidence) -> Subject:
    """One workload with its curves and swings: some tens of milliseconds of computation."""
    decided = one.decided
    workload, facts, assembler = decided.placed, decided.facts, decided.assembler
    verdict = decided.verdict
    _, hosted = assembler.hosted(workload, assembler.load(workload))
    return Subject(
        workload=workload,
        verdict=verdict,
        facts=facts,
        world=assembler.world,
        limits=decided.limits,
        origins=_origins(decided),
        hosted=hosted,
        swings=swings(workload, assembler, decided.limits, verdict.option, flips=verdict.flips),
        curves=break_even_curves(workload, facts, assembler),
        stale=one.stale,
        notes=standing_verdicts.notes(decided),
        sample=one.sample,
        measured=tuple(_measured(decided, evidence)),
        prompts=_prompts(decided, evidence),
    )


def _origins(decided: Decided) -> dict[str, InputOrigin]:
    workload, found = decided.loaded.workload, {}
    for path, one in origins_of(decided.loaded.text).items():
        if _SOURCES.fullmatch(one.source):
            stands = same(one.value, get(workload, BY_PATH[path]))
            found[path] = InputOrigin(source=one.source, same=stands)
    return found


def _results(decided: Decided) -> Iterator[QualityResult]:
    quality = decided.assembler.world.quality
    for one in (quality.local, quality.hosted):
        if one is not None:
            yield one


def _prompts(decided: Decided, evidence: Evidence) -> tuple[str, ...]:
    runs = dict.fromkeys(one.run for one in _results(decided))
    return tuple(text for run in runs for text in evidence.prompts.get(run, ()))


# What was measured -------------------------------------------------------------------------------


def _measured(decided: Decided, evidence: Evidence) -> Iterator[Measurement]:
    """What the verdict rests on and what else was measured of the same models here."""
    world, cards = decided.assembler.world, decided.assembler.world.cards
    names = dict.fromkeys(
        host.model for host in (decided.facts.machine, decided.facts.buy) if host and host.model
    )
    for model in names:
        if model in world.measured:
            run = _newest_run(model, evidence.runs, cards)
            if run is not None:
                yield _speed(run)
        if model in world.serves:
            yield from _served(model, world.serves[model], evidence.benchmarks, cards)
        if model in world.measured or model in world.serves:
            yield from _memory(model, evidence.loads, cards)
    for result in _results(decided):
        yield _quality(result)
    today = decided.loaded.workload.today
    probed = world.probes.get((today.provider.lower(), today.model.lower()))
    if probed is not None and probed.calls:
        first = sorted(call[0] for call in probed.calls)
        rate = sorted(call[1] for call in probed.calls)
        middle_of = len(first) // 2
        yield Measurement(
            what=f"Answers of {today.model}",
            values=(
                ("first text after", seconds(first[middle_of])),
                ("then", f"{number(rate[middle_of])} tokens/s"),
            ),
            conditions=(
                ("calls", str(len(first))),
                ("place", "from this machine"),
                ("watts", "none: a cloud"),
            ),
            at=probed.at,
        )


def _newest_run(
    model: str, runs: Iterable[RunRecord], cards: Sequence[ModelCard]
) -> RunRecord | None:
    """The run whose rates the verdict takes: the latest finished one of the model here."""
    fit = [
        run
        for run in runs
        if run.state == "done"
        and run.place == "local"
        and run.decode_tok_s
        and _is(run.model, model, cards)
    ]
    return max(fit, key=_begun, default=None)


def _is(name: str, tag: str, cards: Sequence[ModelCard]) -> bool:
    if name == tag:
        return True
    card = find(name, cards)
    return card is not None and card.tag == tag


def _begun(run: RunRecord) -> str:
    return run.started_at


def _speed(run: RunRecord) -> Measurement:
    values = [("writes", f"{number(run.decode_tok_s or 0.0)} tokens/s")]
    if run.prefill_tok_s:
        values.append(("reads", f"{number(run.prefill_tok_s)} tokens/s"))
    if run.ttft_seconds is not None:
        values.append(("first text after", seconds(run.ttft_seconds)))
    if run.decode_joules is not None and run.output_tokens:
        values.append(
            ("energy", f"{number(run.decode_joules / run.output_tokens)} J a token written")
        )
    return Measurement(
        what=f"Speed of {run.model} here",
        values=tuple(values),
        conditions=(
            *_model(run.model, run.digest, run.engine, run.conditions),
            ("watts", _watts(run)),
        ),
        at=run.started_at,
    )


def _watts(run: RunRecord) -> str:
    if run.energy_scope is None:
        return f"not measured ({run.energy_reason or 'no sensor told them'})"
    scope = _SCOPES.get(run.energy_scope, run.energy_scope)
    return f"of the {scope}{f', {run.energy_grade}' if run.energy_grade else ''}"


def _model(
    model: str, digest: str | None, engine: str | None, held: Mapping[str, object]
) -> tuple[tuple[str, str], ...]:
    """Model, digest, quantization, engine and context, as far as they are known."""
    context = held.get("context_given") or held.get("context")
    share = held.get("gpu_share")
    quantization = held.get("quantization")
    listed = (
        ("model", model),
        ("digest", (digest or "").removeprefix("sha256:")[:_SHORT_DIGEST] or "not told"),
        ("quantization", str(quantization) if quantization else ""),
        ("engine", engine or "not told"),
        (
            "context",
            f"{number(float(context))} tokens" if isinstance(context, int | float) else "not told",
        ),
        ("on the GPU", percent(share) if isinstance(share, int | float) else ""),
    )
    return tuple((name, value) for name, value in listed if value)


def _served(
    model: str, serves: Serves, benchmarks: Iterable[BenchmarkRecord], cards: Sequence[ModelCard]
) -> Iterator[Measurement]:
    """What a server answers at once, out of the newest benchmark of the model here."""
    fit = [
        one
        for one in benchmarks
        if one.state == "done" and one.place == "local" and _is(one.model, model, cards)
    ]
    newest = max(fit, key=_started, default=None)
    if newest is None:
        return
    values = [("answers", f"{serves.slots} at once")]
    if serves.people is not None:
        values.append(("people served at once", str(serves.people)))
    if serves.kept_share < 1:
        values.append(("speed kept when warm", percent(serves.kept_share)))
    yield Measurement(
        what=f"Benchmark of {newest.model} here",
        values=tuple(values),
        conditions=(
            *_model(newest.model, newest.digest, newest.engine, newest.conditions),
            ("slots", serves.says),
        ),
        at=newest.started_at,
    )


def _started(benchmark: BenchmarkRecord) -> str:
    return benchmark.started_at


def _memory(
    model: str, loads: Iterable[LoadRecord], cards: Sequence[ModelCard]
) -> Iterator[Measurement]:
    fit = [one for one in loads if _is(one.model, model, cards)]
    for one in sorted(fit, key=_looked, reverse=True)[:1]:
        held = {"context": one.context} if one.context is not None else {}
        yield Measurement(
            what=f"Memory of {one.model} here",
            values=(
                ("holds", gib(one.ps_bytes)),
                ("on the GPU", gib(one.ps_gpu_bytes)),
            ),
            conditions=_model(one.model, one.digest, one.engine, held),
            at=one.at,
        )


def _looked(load: LoadRecord) -> str:
    return load.at


def _quality(result: QualityResult) -> Measurement:
    reading = result.reading
    against = result.against.name if result.against is not None else "recorded answers"
    listed = (
        ("against", against),
        ("measure", result.metric),
        ("digest", result.digest.removeprefix("sha256:")[:_SHORT_DIGEST]),
        ("quantization", result.quantization),
        ("method", reading.method),
        ("looks", str(reading.looks)),
    )
    return Measurement(
        what=f"Quality of {result.candidate.name}",
        values=(("on", f"{reading.prompts:,} prompts"), ("says", reading.says.rstrip("."))),
        conditions=tuple((name, value) for name, value in listed if value),
        at=result.measured_at,
    )


# What all share ----------------------------------------------------------------------------------


def around(
    told_of: Sequence[Told], settings: Settings, *, as_of: str, with_prompts: bool
) -> Around:
    """Rules, thresholds, names and dates, and all workloads together where there are several.

    Samples are nobody's bill: beside the user's own they are not in the sum.
    """
    decided = [one.decided for one in told_of]
    summed = [one.decided for one in told_of if not one.sample] or decided
    limits, providers = settings.thresholds, {row.id: row.name for row in cloud.rows()}
    return Around(
        as_of=as_of,
        version=landfall.__version__,
        rules={one.id: RuleText(says=one.says, turns=one.turns) for one in guide.rules().values()},
        thresholds=thresholds(limits),
        providers=providers,
        dated=dated(decided, providers),
        together=standing_verdicts.all_together(summed, limits) if len(summed) > 1 else None,
        with_prompts=with_prompts,
    )


def thresholds(limits: Thresholds) -> tuple[Threshold, ...]:
    """Every threshold with the value that was used, its default, its source and date."""
    known = guide.thresholds()
    return tuple(
        Threshold(
            name=one.name,
            value=float(getattr(limits, one.name)),
            default=known[one.name].value,
            unit=known[one.name].unit,
            rules=known[one.name].rule,
            reason=known[one.name].reason,
            source=known[one.name].source,
            date=known[one.name].date,
        )
        for one in fields(limits)
        if one.name in known
    )


def dated(decided: Sequence[Decided], providers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Which data are of which day: those that came with the program, and each price that counts."""
    found = [
        (what, str(resources.read_json(name)["as_of"]))
        for what, name in (
            ("Machines and boards", "hardware.json"),
            ("Open-weight models", "models.json"),
            ("Thresholds and assumptions", "thresholds.json"),
            ("Decision guide", "guide.json"),
        )
    ]
    prices = dict.fromkeys(
        (f"{priced(what, providers)}: {source}", day)
        for one in decided
        for what, source, day in (
            *one.facts.price_dates,
            *(
                (rate.what, rate.source, rate.day)
                for rate in rate_dates(one.facts, one.verdict, one.assembler.world)
            ),
        )
    )
    return (*found, *prices)
