"""How long a benchmark takes, before it is begun: from the plan and the speeds that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.benchmark import BenchKind, BenchPlan, BenchPrompt
from landfall.core.provenance import Estimated, Figure, Unknown, band

CHARACTERS_PER_TOKEN = 4.0
"""Of English prose; other texts and tokenizers lie between 2 and 5. Only for this estimate."""

SHORTEST_SHARE = 0.3
"""An answer may end by itself long before its limit: the quick end of the band."""

BETWEEN_SECONDS = (0.3, 2.0)
"""Between two answers the sensors settle and the row is stored: 0.3 s for a sensor that answers at
once, 2 s for one that averages over a second (D5 of the power reference)."""

WITHOUT_PREFILL = (20.0, 200.0)
"""Prompt tokens read for each token written where only the rate of writing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpeed:
    """What is known of one model before it is measured; rates in tokens a second."""

    model: str
    kind: BenchKind
    decode_tok_s: Figure
    prefill_tok_s: Figure
    load_seconds: Figure


def benchmark_seconds(plan: BenchPlan, speeds: Sequence[ModelSpeed]) -> Figure:
    """Seconds for all models one after the other.

    Load + warm-up + repetitions x (prompt / prefill + answer / decode) + sustained run + sweep, the
    pauses between answers included. A server that answers several at once takes the time of one
    for all of a level, one that queues takes it for each: these are the ends of the band.

    Unknown where the speed of a model is not known, or where it only makes vectors.
    """
    if not speeds:
        return Unknown("no model is chosen")
    total = [0.0, 0.0]
    for speed in speeds:
        if speed.kind is BenchKind.EMBEDDING:
            return Unknown(f"how fast {speed.model} makes vectors was never measured")
        ends = _of_model(plan, speed)
        if ends is None:
            return Unknown(f"the speed of {speed.model} is not known yet")
        total = [total[0] + ends[0], total[1] + ends[1]]
    names = " + ".join(speed.model for speed in speeds)
    return Estimated(
        total[0],
        (total[0] * total[1]) ** 0.5,
        total[1],
        f"load, answers and pauses of {names} at the speeds that are known",
    )


def _of_model(plan: BenchPlan, speed: ModelSpeed) -> tuple[float, float] | None:
    decode = band(speed.decode_tok_s)
    if decode is None or decode[0] <= 0:
        return None
    prefill = band(speed.prefill_tok_s)
    reads = (
        (decode[2] * WITHOUT_PREFILL[1], decode[0] * WITHOUT_PREFILL[0])
        if prefill is None or prefill[0] <= 0
        else (prefill[2], prefill[0])
    )
    quick, slow = (decode[2], reads[0]), (decode[0], reads[1])
    load = band(speed.load_seconds) if plan.cold_load else (0.0, 0.0, 0.0)
    low = 0.0 if load is None else load[0]
    high = 0.0 if load is None else load[2]
    return low + _work(plan, quick, early=True), high + _work(plan, slow, early=False)


def _work(plan: BenchPlan, rates: tuple[float, float], *, early: bool) -> float:
    """Everything but the load, in seconds, at one end of the band."""
    pause = BETWEEN_SECONDS[0 if early else 1]
    answers = [_answer(prompt, rates, early=early) + pause for prompt in plan.prompts]
    if not answers:
        return plan.sustained_seconds
    total = plan.repetitions * sum(answers) + plan.sustained_seconds
    if plan.warm_up:
        total += answers[0]
    for level in plan.concurrency:
        total += answers[0] * (1 if early else level)
    return total


def _answer(prompt: BenchPrompt, rates: tuple[float, float], *, early: bool) -> float:
    decode, prefill = rates
    share = SHORTEST_SHARE if early else 1.0
    read = len(prompt.text) / CHARACTERS_PER_TOKEN / prefill
    return read + share * prompt.num_predict / decode
