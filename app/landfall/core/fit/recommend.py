"""Which model for a task on a machine: everything that fits, ranked, with the reasons.

The order, first to last: what holds the context that was asked for before what was trained for a
shorter one; whole on the accelerators before split before processor alone; then the best published
score of quality; then speed. A model without a published score says by what it was placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from landfall.core.fit.fit import PREFERENCE, Fit, FitKind, fit
from landfall.core.fit.memory import FitRequest
from landfall.core.fit.offered_contexts import better_context
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import Evidence, ModelCard, Task
from landfall.core.models.weights import spec
from landfall.core.provenance import Figure, middle
from landfall.core.quality.expected import AA_INDEX, Level, levels, size_words
from landfall.core.speed.speed import decode_rate, prefill_rate

DECODE_FLOOR_TOK_S = 5.0
"""Below this an answer comes slower than people read; such a model is not recommended."""

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
        left_out: Suited models that do not fit or are too slow, best first, each with its reason.
        levels: Where each stands in the order of quality, by its tag.
        reasons: About the whole: why the list is empty, what was assumed.
    """

    task: Task
    request: FitRequest
    machine: str
    budget: MemoryBudget
    models: tuple[Priced, ...]
    left_out: tuple[Priced, ...]
    reasons: tuple[str, ...]
    levels: Mapping[str, Level] = field(default_factory=dict)


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
    known = tuple(cards)
    suited = [card for card in known if card.suits(task)]
    found = levels(known, task)
    priced = [
        price(card, profile, budget, asked, task=task, level=found[card.tag]) for card in suited
    ]
    priced.sort(key=lambda p: _rank(p, found[p.card.tag], asked))
    good = [p for p in priced if p.fit.fits and _fast_enough(p)]
    left = tuple(_with_reason(p) for p in priced if not (p.fit.fits and _fast_enough(p)))
    return Recommendation(
        task=task,
        request=asked,
        machine=profile.name,
        budget=budget,
        models=tuple(good),
        left_out=left,
        reasons=(*_whole(suited, good, left, task), *budget.reasons),
        levels=found,
    )


def price(
    card: ModelCard,
    profile: HardwareProfile,
    budget: MemoryBudget,
    request: FitRequest,
    *,
    task: Task = Task.CHAT,
    level: Level | None = None,
) -> Priced:
    """One model on one machine: need, fit, speed and the evidence for the task.

    Args:
        level: Where it stands among others, if it is one of many.
    """
    model = spec(card)
    placed = fit(model, budget, request)
    quality = evidence_for(card)
    return Priced(
        card=card,
        spec=model,
        fit=placed,
        decode_tok_s=decode_rate(model, placed, profile, budget),
        prefill_tok_s=prefill_rate(model, placed, profile, budget),
        quality=quality,
        reasons=(
            _by_quality(card, quality, level),
            *_task_reasons(card, task),
            *placed.reasons,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorter:
    """A model that stands better at a shorter context than the one that was asked for.

    Attributes:
        context: The longest step of context at which it does.
        fit: How it stands there.
    """

    card: ModelCard
    context: int
    fit: Fit


def shorter(answer: Recommendation, profile: HardwareProfile, *, limit: int) -> tuple[Shorter, ...]:
    """Models that would be worth a shorter context, best first.

    There they run better than at the context that was asked for: whole on the devices, or at all
    where there is none; and fast enough. Only such as are better than what is recommended first.
    """
    whole = FitKind.GPU if answer.budget.devices else FitKind.CPU
    first = answer.models[0] if answer.models else None
    best = 0.0
    if first is not None and first.fit.kind is whole:
        best = answer.levels[first.card.tag].value
    found: list[Shorter] = []
    rest = sorted(
        (*answer.models, *answer.left_out), key=lambda p: -answer.levels[p.card.tag].value
    )
    for priced in rest:
        if len(found) == limit or answer.levels[priced.card.tag].value <= best:
            break
        better = better_context(priced.spec, priced.fit, answer.budget)
        if better is None or better[1].kind is not whole:
            continue
        context, placed = better
        rate = decode_rate(priced.spec, placed, profile, answer.budget)
        if _is_enough(rate):
            found.append(Shorter(card=priced.card, context=context, fit=placed))
    return tuple(found)


def evidence_for(card: ModelCard) -> tuple[Evidence, ...]:
    """The card's scores, the one that decides first."""
    return tuple(sorted(card.evidence, key=lambda e: e.metric != AA_INDEX))


def _rank(
    priced: Priced, level: Level, asked: FitRequest
) -> tuple[bool, int, float, bool, float, str]:
    speed = middle(priced.decode_tok_s) or middle(priced.prefill_tok_s) or 0.0
    cut = priced.fit.request.context < asked.context
    where = -PREFERENCE[priced.fit.kind]
    return cut, where, -level.value, bool(level.because), -speed, priced.card.tag


def _fast_enough(priced: Priced) -> bool:
    return _is_enough(priced.decode_tok_s)


def _is_enough(decode_tok_s: Figure) -> bool:
    rate = middle(decode_tok_s)
    return rate is None or rate >= DECODE_FLOOR_TOK_S


def _with_reason(priced: Priced) -> Priced:
    if not priced.fit.fits:
        return priced
    rate = middle(priced.decode_tok_s) or 0.0
    slow = f"too slow: about {rate:.1f} tok/s, below {DECODE_FLOOR_TOK_S:g}"
    return replace(priced, reasons=(slow, *priced.reasons))


def _by_quality(card: ModelCard, quality: tuple[Evidence, ...], level: Level | None) -> str:
    if not quality:
        placed = level.because if level is not None else size_words(card)
        return f"no published score is in the catalogue: placed {placed}"
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
