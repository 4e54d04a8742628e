"""What the runs of a benchmark come to: medians with their ends, and why a figure is missing.

Never a mean of ratios: J/token is all joules over all tokens. What broke off is counted and is in
no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from landfall.core.benchmark.benchmark import (
    EmbeddingResult,
    Level,
    PartResult,
    Sustained,
    Sweep,
    spread,
)
from landfall.core.energy.energy import RunEnergy, pooled_joules_per_token
from landfall.core.provenance import Figure, Unknown, scaled
from landfall.core.run.metrics import percentile

LEAST_POINTS = 6
"""Fewer answers of a sustained run have no first and last third that can be compared."""

EDGE_SECONDS = 0.005
"""Two answers overlap only where they do so for longer: their pieces come over two connections."""

P95_RUNS = 20
"""Of fewer answers the wait of 95 of 100 lies between the two slowest."""

NO_ANSWER = "no answer came to its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRun:
    """One answer of a benchmark, as far as it counts in a summary.

    Attributes:
        row: Of the history; 0 for one that broke off.
        sent_at, first_at, ended_at: Seconds of one clock; first_at is that of the first piece.
        texts, requests: Of a run of an embedding model, which is many requests.
        reasons: Why a figure is None, by field.
    """

    row: int
    complete: bool
    energy: RunEnergy
    sent_at: float | None = None
    first_at: float | None = None
    ended_at: float | None = None
    load_seconds: float | None = None
    ttft_seconds: float | None = None
    prefill_tok_s: float | None = None
    decode_tok_s: float | None = None
    inter_token_p95_seconds: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    texts: int = 0
    requests: int = 0
    why: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


def _whole(runs: Iterable[BenchRun]) -> list[BenchRun]:
    return [run for run in runs if run.complete]


# Repetitions of one prompt

_SPREADS = (
    "load_seconds",
    "ttft_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "inter_token_p95_seconds",
)


def part(name: str, runs: Sequence[BenchRun]) -> PartResult:
    """The repetitions of one prompt together."""
    whole = _whole(runs)
    spreads = {one: spread(getattr(run, one) for run in whole) for one in _SPREADS}
    reasons = {one: _why(whole, runs, one) for one, found in spreads.items() if found is None}
    gross, net = _per_token(whole), _per_token(whole, net=True)
    for one, figure in (("gross_joules_per_token", gross), ("net_joules_per_token", net)):
        if isinstance(figure, Unknown):
            reasons[one] = figure.reason
    return PartResult(
        name=name,
        runs=tuple(run.row for run in whole),
        failed=len(runs) - len(whole),
        prompt_tokens=percentile([run.prompt_tokens or 0 for run in whole], 0.5),
        output_tokens=percentile([run.output_tokens or 0 for run in whole], 0.5),
        **spreads,
        gross_joules_per_token=gross,
        net_joules_per_token=net,
        reasons=reasons,
    )


def _why(whole: Sequence[BenchRun], runs: Sequence[BenchRun], name: str) -> str:
    """Why no run has a figure: in the words of the last one."""
    if not whole:
        told = next((run.why for run in reversed(runs) if run.why), "")
        return f"{NO_ANSWER}: {told}" if told else NO_ANSWER
    return whole[-1].reasons.get(name, "the server did not say")


def _per_token(
    runs: Sequence[BenchRun], *, net: bool = False, all_of: bool = False, texts: bool = False
) -> Figure:
    """All joules over all output tokens, or texts, of the runs that were metered.

    Args:
        all_of: Runs at the same time share what was drawn: one that is missing voids the sum.
    """
    if not runs:
        return Unknown(NO_ANSWER)
    metered = [run for run in runs if _metered(run.energy, net=net)]
    if not metered or (all_of and len(metered) < len(runs)):
        missing = next(run for run in runs if run not in metered)
        return _missing(missing.energy, net=net)
    return pooled_joules_per_token(
        [(run.energy, run.texts if texts else run.output_tokens or 0) for run in metered], net=net
    )


def _metered(energy: RunEnergy, *, net: bool) -> bool:
    """Whether its joules are known, be they too few to be told by themselves."""
    return bool(energy.parts) and all(
        (part.net_joules if net else part.gross_joules) is not None for part in energy.parts
    )


def _missing(energy: RunEnergy, *, net: bool) -> Figure:
    for figure in (energy.gross, energy.net) if net else (energy.gross,):
        if isinstance(figure, Unknown):
            return figure
    return Unknown("the energy of a run is missing")


# Several at once


def level(concurrency: int, runs: Sequence[BenchRun]) -> Level:
    """So many answers at once."""
    whole = _whole(runs)
    waits = [run.ttft_seconds for run in whole if run.ttft_seconds is not None]
    rates = [run.decode_tok_s for run in whole if run.decode_tok_s is not None]
    return Level(
        concurrency=concurrency,
        answers=len(whole),
        failed=len(runs) - len(whole),
        at_once=at_once(runs),
        ttft_p50_seconds=percentile(waits, 0.50),
        ttft_p95_seconds=percentile(waits, 0.95),
        decode_tok_s=percentile(rates, 0.50),
        throughput_tok_s=_throughput(whole),
        gross_joules_per_token=_per_token(whole, all_of=True),
    )


def at_once(runs: Iterable[BenchRun]) -> int | None:
    """The most answers that were being written at one moment; None where none lasted."""
    steps: list[tuple[float, int]] = []
    for run in runs:
        if run.first_at is None or run.ended_at is None:
            continue
        begun, ended = run.first_at + EDGE_SECONDS, run.ended_at - EDGE_SECONDS
        if ended > begun:
            steps += [(begun, 1), (ended, -1)]
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most or None


def _throughput(runs: Sequence[BenchRun]) -> float | None:
    begun = [run.sent_at for run in runs if run.sent_at is not None]
    ended = [run.ended_at for run in runs if run.ended_at is not None]
    if not begun or not ended or max(ended) <= min(begun):
        return None
    return sum(run.output_tokens or 0 for run in runs) / (max(ended) - min(begun))


def sweep(
    levels: Sequence[Level], *, ttft_target_seconds: float, parallel: int | None = None
) -> Sweep:
    """How many are served: the largest number tried before the first one that was too slow.

    Between two numbers that were tried nothing is filled in: the wait jumps where a server's slots
    are taken, so a line between two levels would be a guess.

    Args:
        parallel: Answers at once that the server is set to, where its process tells.
    """
    ordered = sorted(levels, key=lambda one: one.concurrency)
    served, too_slow = _served(ordered, ttft_target_seconds)
    known = any(one.ttft_p95_seconds is not None or one.failed for one in ordered)
    reason = _words(served, too_slow, ordered, ttft_target_seconds)
    reason = "; ".join(filter(None, (reason, _few(ordered), _limit(ordered, parallel))))
    return Sweep(
        levels=tuple(ordered),
        ttft_target_seconds=ttft_target_seconds,
        people=served if known else None,
        reason=reason if known else NO_ANSWER,
    )


def _served(levels: Sequence[Level], target: float) -> tuple[int, Level | None]:
    served = 0
    for one in levels:
        if one.failed or one.ttft_p95_seconds is None or one.ttft_p95_seconds > target:
            return served, one
        served = one.concurrency
    return served, None


def _words(served: int, too_slow: Level | None, levels: Sequence[Level], target: float) -> str:
    if too_slow is None:
        last = levels[-1] if levels else None
        wait = last.ttft_p95_seconds if last else None
        return (
            f"with {served} at once 95 of 100 waited at most {wait or 0:.2g} s; "
            "more at once was not tried"
        )
    at = f"with {too_slow.concurrency} at once"
    if too_slow.failed:
        return f"{at} {too_slow.failed} of {too_slow.answers + too_slow.failed} answers broke off"
    if too_slow.ttft_p95_seconds is None:
        return f"{at} no text came"
    return (
        f"{at} 5 of 100 waited longer than {too_slow.ttft_p95_seconds:.3g} s (limit {target:g} s)"
    )


def _few(levels: Sequence[Level]) -> str:
    """What to say of levels whose twentieth part is less than one answer."""
    few = [f"{one.answers} with {one.concurrency}" for one in levels if 0 < one.answers < P95_RUNS]
    if not few:
        return ""
    return f"of under {P95_RUNS} answers ({', '.join(few)} at once) this is nearly the slowest"


def _limit(levels: Sequence[Level], parallel: int | None) -> str:
    """What to say where the server lets answers wait for one another."""
    most = max((one.concurrency for one in levels), default=0)
    seen = max((one.at_once for one in levels if one.at_once is not None), default=None)
    slots = parallel if parallel is not None else seen
    if slots is None or slots >= most:
        return ""
    if slots == 1:
        told = "this server answers one at a time"
    else:
        told = f"this server answers {slots} at a time"
    return f"{told}, the others wait: set OLLAMA_NUM_PARALLEL to let it answer more at once"


# One after the other


def sustained(
    points: Sequence[tuple[float, float]],
    *,
    noise_share: float | None,
    throttled: bool | None,
    reasons: Iterable[str] = (),
) -> Sustained:
    """Whether the speed held, by the medians of the first and the last third of the time.

    Args:
        points: Seconds since the beginning, and the decode rate of the answer that ended then.
        noise_share: How far apart repetitions of the same answer were; None takes the answers of
            the first third.
        throttled: What the hardware said, None where it cannot say.
    """
    told = list(reasons)
    seconds = points[-1][0] if points else 0.0
    first = [rate for at, rate in points if at <= seconds / 3]
    last = [rate for at, rate in points if at > seconds * 2 / 3]
    before, after = percentile(first, 0.5), percentile(last, 0.5)
    drop = None
    if len(points) < LEAST_POINTS or not before or after is None:
        told.append(f"{len(points)} answers are too few to compare the beginning with the end")
    else:
        drop = 1 - after / before
    if noise_share is None and (own := spread(first)) is not None:
        noise_share = own.noise_share
    return Sustained(
        seconds=seconds,
        points=tuple(points),
        drop_share=drop,
        throttled=throttled,
        noise_share=noise_share,
        reasons=tuple(told),
    )


# Embeddings


def embedding(batch: int, runs: Sequence[BenchRun]) -> EmbeddingResult:
    """So many texts in one request: each run is one repetition of many requests."""
    whole = [run for run in _whole(runs) if _seconds(run)]
    gross = scaled(_per_token(whole, texts=True), 1000)
    net = scaled(_per_token(whole, texts=True, net=True), 1000)
    tokens = [run.prompt_tokens for run in whole if run.prompt_tokens is not None]
    counted = len(tokens) == len(whole) and bool(whole)
    rates = {
        "texts_per_s": spread(run.texts / _seconds(run) for run in whole),
        "tokens_per_s": spread((run.prompt_tokens or 0) / _seconds(run) for run in whole)
        if counted
        else None,
        "request_seconds": spread(_seconds(run) / max(run.requests, 1) for run in whole),
    }
    reasons = {name: _why(whole, runs, name) for name, found in rates.items() if found is None}
    for name, figure in (
        ("gross_joules_per_1000_texts", gross),
        ("net_joules_per_1000_texts", net),
    ):
        if isinstance(figure, Unknown):
            reasons[name] = figure.reason
    return EmbeddingResult(
        batch=batch,
        runs=tuple(run.row for run in whole),
        failed=len(runs) - len(whole),
        texts=sum(run.texts for run in whole),
        tokens=sum(tokens) if counted else None,
        **rates,
        gross_joules_per_1000_texts=gross,
        net_joules_per_1000_texts=net,
        reasons=reasons,
    )


def _seconds(run: BenchRun) -> float:
    """How long a run took; 0 where that is not known."""
    if run.sent_at is None or run.ended_at is None:
        return 0.0
    return max(0.0, run.ended_at - run.sent_at)
