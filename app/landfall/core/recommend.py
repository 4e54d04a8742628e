"""Which model for a task on a machine: everything that fits, ranked, with the reasons.

The order, first to last: whole on the accelerators before split before processor alone; then the
best evidence of quality; then speed. A model without a published score is placed by its size, at
the level that old models of that size have in the same index, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from landfall.core.architecture import ModelSpec
from landfall.core.catalog import Evidence, ModelCard, Task, spec
from landfall.core.fit import Fit, FitKind, fit
from landfall.core.hardware import HardwareProfile, MemoryBudget, memory_budget
from landfall.core.memory import FitRequest
from landfall.core.provenance import Figure, middle
from landfall.core.speed import decode_rate, prefill_rate

DECODE_FLOOR_TOK_S = 5.0
"""Below this an answer comes slower than people read; such a model is not recommended."""

AA_INDEX = "AA Intelligence Index v4.1.1"
_MMLU_PRO = "MMLU-Pro"
_GPQA = "GPQA Diamond"
_CODE = "LiveCodeBench v6"
_SHORT_PROMPT_TASKS = frozenset({Task.CLASSIFICATION, Task.EXTRACTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """One model priced on one machine.

    Attributes:
        decode_tok_s: Unknown with a reason where it does not fit or writes no text.
        quality: Published scores that count for the task, the deciding one first.
        reasons: Why it stands where it stands, then what the reader should know.
    """

    card: ModelCard
    spec: ModelSpec
    fit: Fit
    decode_tok_s: Figure
    prefill_tok_s: Figure
    quality: tuple[Evidence, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The answer: models that fit and are fast enough, best first, and why the others are not.

    Attributes:
        left_out: Suited models that do not fit or are too slow, each with its reason.
        reasons: About the whole: why the list is empty, what was assumed.
    """

    task: Task
    request: FitRequest
    machine: str
    budget: MemoryBudget
    models: tuple[Priced, ...]
    left_out: tuple[Priced, ...]
    reasons: tuple[str, ...]


def recommend(
    cards: Iterable[ModelCard],
    profile: HardwareProfile,
    *,
    task: Task = Task.CHAT,
    context: int = 8192,
    request: FitRequest | None = None,
) -> Recommendation:
    """Rank the models that suit a task on a machine.

    Args:
        profile: The machine, with what the catalogue knows of it (`machines.enriched`).
        context: Tokens of context; `request` overrides it where more is asked for.
    """
    asked = request or FitRequest(context=context)
    budget = memory_budget(profile)
    suited = [card for card in cards if card.suits(task)]
    priced = [price(card, profile, budget, asked, task=task) for card in suited]
    good = [p for p in priced if p.fit.fits and _fast_enough(p)]
    good.sort(key=lambda p: _rank(p, task))
    left = tuple(_with_reason(p) for p in priced if not (p.fit.fits and _fast_enough(p)))
    return Recommendation(
        task=task,
        request=asked,
        machine=profile.name,
        budget=budget,
        models=tuple(good),
        left_out=left,
        reasons=(*_whole(suited, good, left, task), *budget.reasons),
    )


def price(
    card: ModelCard,
    profile: HardwareProfile,
    budget: MemoryBudget,
    request: FitRequest,
    *,
    task: Task = Task.CHAT,
) -> Priced:
    """One model on one machine: need, fit, speed and the evidence for the task."""
    model = spec(card)
    placed = fit(model, budget, request)
    quality = evidence_for(card, task)
    return Priced(
        card=card,
        spec=model,
        fit=placed,
        decode_tok_s=decode_rate(model, placed, profile, budget),
        prefill_tok_s=prefill_rate(model, placed, profile, budget),
        quality=quality,
        reasons=(_quality_reason(card, quality), *_task_reasons(card, task), *placed.reasons),
    )


def evidence_for(card: ModelCard, task: Task) -> tuple[Evidence, ...]:
    """The card's scores, the one that counts most for the task first."""
    first = _CODE if task is Task.CODE else AA_INDEX
    return tuple(sorted(card.evidence, key=lambda e: e.metric != first))


def expected_quality(card: ModelCard, task: Task) -> float:
    """Where the card stands in its task's ranking; only for ordering, never shown.

    Embedders by their published MTEB score; the others on the scale of the AA index: by it, or by
    MMLU-Pro or GPQA Diamond through a curve that the eleven models with all three follow. Without a
    score: 1.5 log2(1 + billions of parameters), which meets the old models of the index (Llama 3.3
    70B has 9, Phi-4 14B has 5); a model made for code counts four times its size for code
    and a quarter of it for everything else.
    """
    if task is Task.EMBEDDING:
        scores = [e.score for e in card.evidence if e.metric.startswith("MTEB")]
        return max(scores, default=40 + 2 * math.log2(1 + card.params_total / 1e9))
    scores_by_metric = {e.metric: e.score for e in card.evidence}
    if AA_INDEX in scores_by_metric:
        return scores_by_metric[AA_INDEX]
    if _MMLU_PRO in scores_by_metric:
        return 10 * math.exp((scores_by_metric[_MMLU_PRO] - 70) / 13)
    if _GPQA in scores_by_metric:
        return 9 * math.exp((scores_by_metric[_GPQA] - 55) / 24)
    size = math.sqrt(card.params_total * card.params_active)
    if card.made_for_code:
        size *= 4 if task is Task.CODE else 0.25
    return 1.5 * math.log2(1 + size / 1e9)


_ORDER = {FitKind.GPU: 0, FitKind.PARTIAL: 1, FitKind.CPU: 2, FitKind.NO: 3}


def _rank(priced: Priced, task: Task) -> tuple[int, float, float, str]:
    speed = middle(priced.decode_tok_s) or middle(priced.prefill_tok_s) or 0.0
    return _ORDER[priced.fit.kind], -expected_quality(priced.card, task), -speed, priced.card.tag


def _fast_enough(priced: Priced) -> bool:
    rate = middle(priced.decode_tok_s)
    return rate is None or rate >= DECODE_FLOOR_TOK_S


def _with_reason(priced: Priced) -> Priced:
    if not priced.fit.fits:
        return priced
    rate = middle(priced.decode_tok_s) or 0.0
    slow = f"too slow: about {rate:.1f} tok/s, below {DECODE_FLOOR_TOK_S:g}"
    return Priced(
        card=priced.card,
        spec=priced.spec,
        fit=priced.fit,
        decode_tok_s=priced.decode_tok_s,
        prefill_tok_s=priced.prefill_tok_s,
        quality=priced.quality,
        reasons=(slow, *priced.reasons),
    )


def _quality_reason(card: ModelCard, quality: tuple[Evidence, ...]) -> str:
    if not quality:
        return (
            f"no published score is in the catalogue: placed by its size "
            f"({card.params_total / 1e9:.3g} B parameters)"
        )
    best = quality[0]
    return f"{best.metric} {best.score:g} ({best.source})"


def _task_reasons(card: ModelCard, task: Task) -> tuple[str, ...]:
    reasons = []
    if task is Task.CODE and card.made_for_code:
        reasons.append("trained for code")
    if task in _SHORT_PROMPT_TASKS and "thinking" in card.capabilities:
        reasons.append("can think first: switch it off for short answers, it costs tokens")
    if card.licence and not card.licence.startswith(("Apache", "MIT")):
        reasons.append(f"licence to read first: {card.licence}")
    return tuple(reasons)


def _whole(
    suited: list[ModelCard], good: list[Priced], left: tuple[Priced, ...], task: Task
) -> tuple[str, ...]:
    if good:
        return ()
    if not suited:
        return (f"the catalogue has no model for {task}",)
    slow = sum(1 for p in left if p.fit.fits)
    return (
        f"none of {len(suited)} models for {task} can be recommended: {len(left) - slow} do not "
        f"fit, {slow} are slower than {DECODE_FLOOR_TOK_S:g} tok/s",
    )
