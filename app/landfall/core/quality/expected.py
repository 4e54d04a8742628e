"""How good a model is expected to be at a task, where scores differ in kind or are missing.

Only the order comes from here. The numbers are never shown: what is shown are the published scores,
or that there is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from landfall.core.models.catalogue import ModelCard, Task

AA_INDEX = "AA Intelligence Index v4.1.1"
MMLU_PRO = "MMLU-Pro"
GPQA = "GPQA Diamond"

_SAME_FAMILY = re.compile(r"-(?:vl|reasoning|coder(?:-next)?)$")
_POINTS_PER_DOUBLING = 5.0
"""Of the AA index, for twice the size in one family: Qwen3.5 5.1, Gemma 4 6.3, Ministral 3 2.0."""
_MADE_FOR_IT = 1.0
"""What was trained for code stands before its sibling of the same size that was not."""
_INDEX_TELLS_FROM = 8.0
"""Points of the AA index from which it tells models apart. Our choice, for the order alone."""
_LIFT_BELOW = 2.0
"""At its lower end the index gives Qwen3.5 0.8B and Phi-4 14B the same 5: there a score lifts a
model by no more than this above others of its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Where a model stands in the order of its task.

    Attributes:
        value: On the scale of the AA index; of MTEB for embedders. Only for ordering.
        because: What it was placed by, where it has no score of its own; else "".
    """

    value: float
    because: str = ""


def levels(cards: Iterable[ModelCard], task: Task) -> Mapping[str, Level]:
    """The level of each card, by its tag.

    Embedders stand by their published MTEB score. The others stand by the AA index, or by MMLU-Pro
    or GPQA Diamond through a curve that the eleven models with all three follow. A model without a
    score starts at 1.5 log2(1 + billions of parameters), which meets the old models of the index
    (Llama 3.3 70B has 9, Phi-4 14B has 5); where models of its family have a score, it is moved
    halfway to what they would have at its size, and stays between its smaller and larger siblings.
    A model made for code counts four times its size for code and a quarter of it for the rest.
    """
    known = tuple(cards)
    if task is Task.EMBEDDING:
        return {card.tag: _of_embedder(card) for card in known}
    families: dict[str, list[tuple[ModelCard, float]]] = {}
    for card in known:
        score = _of_scores(card)
        if score is not None:
            families.setdefault(_family(card), []).append((card, score))
    return {card.tag: _of_card(card, task, families.get(_family(card), [])) for card in known}


def size_words(card: ModelCard) -> str:
    """What a model without a score was placed by."""
    return f"by its size ({card.params_total / 1e9:.3g} B parameters)"


def _family(card: ModelCard) -> str:
    return _SAME_FAMILY.sub("", card.tag.partition(":")[0])


def _of_embedder(card: ModelCard) -> Level:
    scores = [e.score for e in card.evidence if e.metric.startswith("MTEB")]
    if scores:
        return Level(value=max(scores))
    return Level(value=40 + 2 * math.log2(1 + card.params_total / 1e9), because=size_words(card))


def _of_scores(card: ModelCard) -> float | None:
    scores = {e.metric: e.score for e in card.evidence}
    if AA_INDEX in scores:
        score = scores[AA_INDEX]
        most = _by_size(_size(card)) + _LIFT_BELOW
        return score if score >= _INDEX_TELLS_FROM else min(score, most)
    if MMLU_PRO in scores:
        return 10 * math.exp((scores[MMLU_PRO] - 70) / 13)
    if GPQA in scores:
        return 9 * math.exp((scores[GPQA] - 55) / 24)
    return None


def _size(card: ModelCard) -> float:
    """Billions of parameters; of experts the geometric mean of all and of those used."""
    return math.sqrt(card.params_total * card.params_active) / 1e9


def _by_size(size: float) -> float:
    return 1.5 * math.log2(1 + size)


def _of_card(card: ModelCard, task: Task, siblings: list[tuple[ModelCard, float]]) -> Level:
    score = _of_scores(card)
    if score is not None:
        return Level(value=score)
    size = _size(card)
    if card.made_for_code and task is not Task.CODE:
        return Level(value=_by_size(size * 0.25), because=size_words(card))
    alone = _by_size(size * 4 if card.made_for_code else size)
    placed = _among(card, alone, siblings)
    return replace(placed, value=placed.value + _MADE_FOR_IT) if card.made_for_code else placed


def _is_larger(one: ModelCard, other: ModelCard) -> bool:
    """In all parameters and in what counts for its size: a 30B of experts is no larger 14B."""
    return one.params_total > other.params_total and _size(one) > _size(other)


def _is_smaller(one: ModelCard, other: ModelCard) -> bool:
    return one.params_total <= other.params_total and _size(one) <= _size(other)


def _among(card: ModelCard, alone: float, siblings: list[tuple[ModelCard, float]]) -> Level:
    if not siblings:
        return Level(value=alone, because=size_words(card))
    size = _size(card)
    nearest, score = min(siblings, key=lambda pair: abs(math.log2(_size(pair[0]) / size)))
    line = score + _POINTS_PER_DOUBLING * math.log2(size / _size(nearest))
    value = max(alone, (alone + line) / 2)
    value = min([value, *(found for other, found in siblings if _is_larger(other, card))])
    value = max([value, *(found for other, found in siblings if _is_smaller(other, card))])
    return Level(value=value, because=f"{size_words(card)} and by {nearest.tag}")
