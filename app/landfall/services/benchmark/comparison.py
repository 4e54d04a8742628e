"""Two benchmarks against each other, part by part; their repetitions tell the noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landfall.core.benchmark.benchmark import (
    BenchmarkResult,
    EmbeddingResult,
    Level,
    PartResult,
    Spread,
)
from landfall.core.benchmark.comparison import (
    Difference,
    Observed,
    apart,
    difference,
    differing,
    untold,
)
from landfall.core.provenance import Figure, middle
from landfall.services.history.records import BenchmarkRecord, RunRecord
from landfall.services.history.run_comparison import measured_energy, value_of

PART_CLOCKS = ("ttft_seconds", "prefill_tok_s", "decode_tok_s", "inter_token_p95_seconds")
PART_JOULES = ("gross_joules_per_token", "net_joules_per_token")
EMBEDDING_CLOCKS = ("texts_per_s", "tokens_per_s", "request_seconds")
EMBEDDING_JOULES = ("gross_joules_per_1000_texts", "net_joules_per_1000_texts")

_PLANNED = ("seed", "temperature", "repeat_penalty", "num_thread")
_TOLD = ("gpu_share", "quantization", "kv_type", "parallel")

Runs = Mapping[int, RunRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure of both benchmarks.

    Attributes:
        part: Of which part: the name of a prompt, "32" texts in a request, "load", "sustained",
            "sweep", or "at once 4".
        figure: A field of `core.benchmark.benchmark`'s values.
    """

    part: str
    figure: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkComparison:
    """Two benchmarks.

    Attributes:
        figures: In the order in which they are shown; what neither has is left out.
        differing: Conditions that differ; untold: those that are known of one alone.
    """

    figures: tuple[Compared, ...]
    differing: tuple[str, ...]
    untold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A benchmark with its result read, and the runs of it that are still there."""

    record: BenchmarkRecord
    result: BenchmarkResult
    runs: Runs


def conditions_of(side: Side) -> dict[str, object]:
    """What the figures of a benchmark depend on, by name; what is not known is None."""
    result, plan = side.result, side.record.plan
    told = result.conditions
    before = told.get("before") or {}
    return {
        "model": result.model,
        "digest": result.digest,
        "place": f"{result.place} {result.host}",
        "engine": result.engine,
        "context": told.get("context_given") or plan.get("context"),
        **{name: plan.get(name) for name in _PLANNED},
        **{name: told.get(name) for name in _TOLD},
        "on_battery": before.get("on_battery"),
        "power_limit_watts": _limits(before),
        "energy_scope": _scopes(side),
    }


def _limits(told: Mapping[str, Any]) -> tuple[object, ...] | None:
    """The power limit of each GPU, where one is known."""
    gpus = told.get("gpus") or ()
    limits = tuple(gpu.get("power_limit_watts") for gpu in gpus if isinstance(gpu, Mapping))
    return limits if any(limit is not None for limit in limits) else None


def _scopes(side: Side) -> str | None:
    scopes = {run.energy_scope for run in side.runs.values() if run.energy_scope}
    return ", ".join(sorted(scopes)) or None


def compare_benchmarks(first: Side, second: Side) -> BenchmarkComparison:
    """The second against the first."""
    a, b = conditions_of(first), conditions_of(second)
    figures = [
        *_parts(first, second),
        *_embeddings(first, second),
        *_loads(first.result, second.result),
        *_courses(first.result, second.result),
    ]
    changed = differing(a, b)
    if _changed_prompts(first.record, second.record):
        changed = (*changed, "prompts")
    known = tuple(
        one
        for one in figures
        if one.difference.first is not None or one.difference.second is not None
    )
    return BenchmarkComparison(figures=known, differing=changed, untold=untold(a, b))


# Prompts


def _prompts(record: BenchmarkRecord) -> dict[str, object]:
    """What is asked in each part: its text and its limit."""
    return {
        str(prompt.get("name")): (prompt.get("text"), prompt.get("num_predict"))
        for prompt in record.plan.get("prompts") or ()
    }


def _changed_prompts(first: BenchmarkRecord, second: BenchmarkRecord) -> bool:
    a, b = _prompts(first), _prompts(second)
    return any(a[name] != b[name] for name in a.keys() & b.keys())


def _parts(first: Side, second: Side) -> list[Compared]:
    """Prompts that both have; one whose text is another is told and not reckoned with."""
    others = {part.name: part for part in second.result.parts}
    asked = _prompts(first.record), _prompts(second.record)
    found = []
    for part in first.result.parts:
        other = others.get(part.name)
        if other is None:
            continue
        same = asked[0].get(part.name) == asked[1].get(part.name)
        for name in PART_CLOCKS:
            a, b = _timed(part, name, first.runs), _timed(other, name, second.runs)
            found.append(_compared(part.name, name, a, b, same=same))
        for name in PART_JOULES:
            a, b = _metered(part, name, first.runs), _metered(other, name, second.runs)
            scoped = same and _scopes(first) == _scopes(second)
            found.append(_compared(part.name, name, a, b, same=scoped))
    return found


def _compared(part: str, name: str, a: Observed, b: Observed, *, same: bool) -> Compared:
    found = difference(a, b) if same else apart(a.value, b.value)
    return Compared(part=part, figure=name, difference=found)


def _timed(part: PartResult, name: str, runs: Runs) -> Observed:
    spread: Spread | None = getattr(part, name)
    if spread is None:
        return Observed(value=None)
    values = _values(part.runs, runs, name)
    # Repetitions of which a run is gone are judged by the ends that the benchmark kept.
    repeated = values if len(values) == spread.count else ()
    return Observed(value=spread.median, repeated=repeated, spread=spread)


def _metered(part: PartResult, name: str, runs: Runs) -> Observed:
    figure: Figure = getattr(part, name)
    field = "joules_per_token" if name.startswith("gross") else "net_joules_per_token"
    own = [run for i in part.runs if (run := runs.get(i)) is not None and measured_energy(run)]
    values = (_joules_per_token(run, field) for run in own)
    errors = [run.energy_error_share for run in own]
    worst = max((error for error in errors if error is not None), default=None)
    return Observed(
        value=middle(figure),
        repeated=tuple(value for value in values if value is not None),
        error_share=None if None in errors else worst,
    )


def _joules_per_token(run: RunRecord, name: str) -> float | None:
    if name == "joules_per_token":
        return value_of(run, name)
    if run.net_joules is None or not run.output_tokens:
        return None
    return run.net_joules / run.output_tokens


def _values(ids: Sequence[int], runs: Runs, name: str) -> tuple[float, ...]:
    values = (value_of(runs[i], name) for i in ids if i in runs)
    return tuple(value for value in values if value is not None)


# Texts, loads, levels


def _embeddings(first: Side, second: Side) -> list[Compared]:
    others = {one.batch: one for one in second.result.embedding}
    found = []
    for one in first.result.embedding:
        other = others.get(one.batch)
        if other is None:
            continue
        part = str(one.batch)
        found += [
            _compared(part, name, _ends(one, name), _ends(other, name), same=True)
            for name in EMBEDDING_CLOCKS
        ]
        same = _scopes(first) == _scopes(second)
        found += [
            _compared(part, name, _once(one, name), _once(other, name), same=same)
            for name in EMBEDDING_JOULES
        ]
    return found


def _ends(one: EmbeddingResult, name: str) -> Observed:
    spread: Spread | None = getattr(one, name)
    return Observed(value=spread.median if spread else None, spread=spread)


def _once(one: EmbeddingResult, name: str) -> Observed:
    figure: Figure = getattr(one, name)
    return Observed(value=middle(figure), error_share=None)


def _loads(first: BenchmarkResult, second: BenchmarkResult) -> list[Compared]:
    a, b = first.loads, second.loads
    return [
        _alone("load", name, getattr(a, name, None), getattr(b, name, None))
        for name in ("cold_seconds", "warm_seconds")
    ]


def _courses(first: BenchmarkResult, second: BenchmarkResult) -> list[Compared]:
    """What is measured once in a benchmark: the sustained run, and the levels of the sweep."""
    a, b = first.sweep, second.sweep
    found = [
        _alone("sustained", "drop_share", _drop(first), _drop(second)),
        _people(first, second),
    ]
    others = {level.concurrency: level for level in (b.levels if b else ())}
    for level in a.levels if a else ():
        other = others.get(level.concurrency)
        if other is not None:
            found += _level(level, other)
    return found


def _drop(result: BenchmarkResult) -> float | None:
    return result.sustained.drop_share if result.sustained else None


def _people(first: BenchmarkResult, second: BenchmarkResult) -> Compared:
    """People served mean the same only within the same target."""
    a, b = first.sweep, second.sweep
    same = a is None or b is None or a.ttft_target_seconds == b.ttft_target_seconds
    return _compared(
        "sweep",
        "people",
        Observed(value=a.people if a else None),
        Observed(value=b.people if b else None),
        same=same,
    )


def _level(one: Level, other: Level) -> list[Compared]:
    part = f"at once {one.concurrency}"
    return [
        _alone(part, name, getattr(one, name), getattr(other, name))
        for name in ("throughput_tok_s", "ttft_p95_seconds")
    ]


def _alone(part: str, name: str, a: float | None, b: float | None) -> Compared:
    return Compared(
        part=part, figure=name, difference=difference(Observed(value=a), Observed(value=b))
    )
