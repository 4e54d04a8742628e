"""How long a benchmark takes, before it is begun: from the plan and the speeds that are known."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.benchmark.benchmark import BenchKind, BenchPlan, BenchPrompt, Sustained
from landfall.core.provenance import Estimated, Figure, Unknown, band

CHARACTERS_PER_TOKEN = 4.0
"""Of English prose; other texts and tokenizers lie between 2 and 5. Only for this estimate."""

SHORTEST_SHARE = 0.3
"""An answer may end by itself long before its limit: the quick end of the band."""

BETWEEN_SECONDS = (0.3, 2.0)
"""Between two answers the sensors settle and the row is stored: 0.3 s for a sensor that answers at
once, 2 s for one that averages over a second (D5 of the power reference)."""

IDLE_SECONDS = (30.0, 140.0)
"""The idle draw is measured twice for 10 s, each after 5 s to a minute of waiting for it to be
steady: `services.run.metering.Metering.measure_idle`."""

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


def benchmark_seconds(
    plan: BenchPlan, speeds: Sequence[ModelSpeed], *, metered: bool = False
) -> Figure:
    """Seconds for all models one after the other.

    Load + warm-up + repetitions x (prompt / prefill + answer / decode) + sustained run + sweep, the
    pauses between answers included. An answer takes `answer_seconds`, or as long as its tokens do.
    After the time of a level a server that answers several at once ends with one answer more, one
    that queues them with as many as there were at once: these are the ends of the band. An
    embedding model is asked for a set time, so that only its load is not known.

    Args:
        metered: Whether the idle draw of the machine is measured before each model.

    Unknown where the speed of a model that writes is not known.
    """
    if not speeds:
        return Unknown("no model is chosen")
    total = [0.0, 0.0]
    for speed in speeds:
        ends = _embeds(plan, speed) if speed.kind is BenchKind.EMBEDDING else _writes(plan, speed)
        if ends is None:
            return Unknown(f"the speed of {speed.model} is not known yet")
        idle = IDLE_SECONDS if metered else (0.0, 0.0)
        total = [total[0] + ends[0] + idle[0], total[1] + ends[1] + idle[1]]
    names = " + ".join(speed.model for speed in speeds)
    return Estimated(
        total[0],
        (total[0] * total[1]) ** 0.5,
        total[1],
        f"load, answers and pauses of {names} at the speeds that are known",
    )


def _embeds(plan: BenchPlan, speed: ModelSpeed) -> tuple[float, float]:
    low, high = _load(plan, speed)
    rounds = len(plan.batches) * (plan.repetitions + plan.warm_up)
    return (
        low + rounds * (plan.batch_seconds + BETWEEN_SECONDS[0]),
        high + rounds * (plan.batch_seconds + BETWEEN_SECONDS[1]),
    )


def _writes(plan: BenchPlan, speed: ModelSpeed) -> tuple[float, float] | None:
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
    low, high = _load(plan, speed)
    return low + _work(plan, quick, early=True), high + _work(plan, slow, early=False)


def _load(plan: BenchPlan, speed: ModelSpeed) -> tuple[float, float]:
    """It may be in memory already where it is not taken out first."""
    ends = band(speed.load_seconds)
    if ends is None:
        return 0.0, 0.0
    return (ends[0] if plan.cold_load else 0.0), ends[2]


def _work(plan: BenchPlan, rates: tuple[float, float], *, early: bool) -> float:
    """Everything but the load, in seconds, at one end of the band."""
    pause = BETWEEN_SECONDS[0 if early else 1]
    answers = [_answer(plan, prompt, rates, early=early) + pause for prompt in plan.prompts]
    if not answers:
        return plan.sustained_seconds
    total = plan.repetitions * sum(answers) + plan.sustained_seconds
    if plan.warm_up:
        total += answers[0]
    for level in plan.concurrency:
        total += plan.level_seconds + answers[0] * (1 if early else level)
    return total


def _answer(
    plan: BenchPlan, prompt: BenchPrompt, rates: tuple[float, float], *, early: bool
) -> float:
    decode, prefill = rates
    share = SHORTEST_SHARE if early else 1.0
    read = len(prompt.text) / CHARACTERS_PER_TOKEN / prefill
    return read + share * max(prompt.num_predict / decode, plan.answer_seconds)


def slows_after_seconds(told: Sustained) -> float | None:
    """From when on it is slow: the end of the first answer after which all are nearer to the rate
    of the last third than to that of the first; None where it keeps its speed or wavers."""
    if not told.slowed or len(told.points) < 3:
        return None
    third = len(told.points) // 3
    first = statistics.fmean(rate for _, rate in told.points[:third])
    last = statistics.fmean(rate for _, rate in told.points[-third:])
    between = (first + last) / 2
    slow = None
    for at, rate in reversed(told.points):
        if rate > between:
            break
        slow = at
    return slow
