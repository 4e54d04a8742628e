"""What answering without any model would score: a floor beside every gate, never a candidate.

A metric on which a trivial answer does as well as a model measures nothing of the model: the
prompts are too easy, or the metric looks at the wrong thing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landfall.core.provenance import Unknown
from landfall.core.quality.answers import label_of, numbers_in
from landfall.core.quality.scoring import NO_RULES, PLAIN, Metric, Options, Rules, score
from landfall.core.quality.set_scores import set_score
from landfall.core.quality.sets import QualityPrompt

MOST_COMPARED = 2_000
"""Prompts that are compared with each other; their time grows with the square."""
_WORDS = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LEAD_SENTENCES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A trivial way to answer, and how it would do.

    Attributes:
        name: Stable: "majority", "nearest", "last_number", "lead".
        says: What it does, one clause.
        score: Over the prompts that could be scored, as `set_scores.set_score` adds up a model's.
        low, high: Its 95 % interval.
        prompts: How many were scored.
        scores: By place of the prompt, to be paired with those of a model.
    """

    name: str
    says: str
    score: float
    low: float
    high: float
    prompts: int
    scores: tuple[tuple[int, float], ...]


def baselines(
    metric: Metric,
    prompts: Sequence[QualityPrompt],
    options: Options = PLAIN,
    rules: Rules = NO_RULES,
) -> tuple[Baseline, ...]:
    """All trivial ways to answer that this metric can score, the best first.

    Each answers a prompt from the other prompts and their expected answers, never from its own.

    Args:
        metric: By which the models are scored; none where people or a judge decide.
        prompts: Those of the run; the first MOST_COMPARED of them.
        options: Of the metric.
        rules: As of `scoring.score`.
    """
    if metric.needs_labels:
        return ()
    held = prompts[:MOST_COMPARED]
    found = [_scored(way, metric, held, options, rules) for way in _ways(metric, held)]
    return tuple(sorted((one for one in found if one is not None), key=_worst_last))


def floor_warning(found: Sequence[Baseline], score_of_model: float) -> str:
    """What is to be said where a model is no better than the best trivial answer; else ""."""
    if not found or found[0].score < score_of_model:
        return ""
    return (
        f"answering without any model ({found[0].says}) does as well or better: these prompts, or"
        " this metric, tell nothing of a model"
    )


def _worst_last(one: Baseline) -> tuple[float, str]:
    return -one.score, one.name


_Way = tuple[str, str, "Sequence[str | None]"]


def _ways(metric: Metric, prompts: Sequence[QualityPrompt]) -> Iterable[_Way]:
    if metric.id in ("accuracy", "macro_f1", "exact", "number"):
        yield "majority", "the most frequent expected answer, always", majority(prompts)
    if metric.id != "regex" and any(one.expected is not None for one in prompts):
        yield (
            "nearest",
            "the expected answer of the prompt that shares most words (TF-IDF)",
            nearest(prompts),
        )
    if metric.id == "number":
        says = "the last number of the prompt"
        yield "last_number", says, [_last_number(one.prompt) for one in prompts]
    if metric.id == "rouge_l":
        says = f"the first {_LEAD_SENTENCES} sentences of the prompt"
        yield "lead", says, [_lead(one.prompt) for one in prompts]


def _scored(
    way: _Way, metric: Metric, prompts: Sequence[QualityPrompt], options: Options, rules: Rules
) -> Baseline | None:
    """No answer is a wrong one; None where nothing could be scored."""
    name, says, answers = way
    told = [answer or "" for answer in answers]
    found = set_score(
        metric,
        [(answer, one.expected) for answer, one in zip(told, prompts, strict=True)],
        options,
        rules=rules,
    )
    if isinstance(found, Unknown):
        return None
    each = [
        (one.place, score(metric, answer, one.expected, options, rules))
        for answer, one in zip(told, prompts, strict=True)
    ]
    return Baseline(
        name=name,
        says=says,
        score=found.value,
        low=found.low,
        high=found.high,
        prompts=found.prompts,
        scores=tuple((place, value) for place, value in each if isinstance(value, float)),
    )


def majority(prompts: Sequence[QualityPrompt]) -> list[str | None]:
    """For each prompt the most frequent expected label of the others; None where there is none."""
    labels = [None if one.expected is None else label_of(one.expected) for one in prompts]
    spelled = {label: one.expected for label, one in zip(labels, prompts, strict=True)}
    counts = Counter(label for label in labels if label is not None)
    order = [label for label, _ in counts.most_common()]
    answers = []
    for own in labels:
        others = [(counts[label] - (label == own), -place) for place, label in enumerate(order)]
        count, place = max(others, default=(0, 0))
        answers.append(spelled[order[-place]] if count else None)
    return answers


def nearest(prompts: Sequence[QualityPrompt]) -> list[str | None]:
    """For each prompt the expected answer of the other one that shares most words with it.

    Cosine of word counts, damped by their logarithm and weighted by how rare a word is (TF-IDF;
    Sparck Jones, 1972). None where no other prompt with an answer shares a word.
    """
    bags = [Counter(_WORDS.findall(one.prompt.casefold())) for one in prompts]
    spread = Counter(word for bag in bags for word in bag)
    vectors = [
        {
            word: (1 + math.log(count)) * math.log(len(bags) / spread[word])
            for word, count in bag.items()
            if 1 < spread[word] < len(bags)
        }
        for bag in bags
    ]
    lengths = [math.sqrt(math.fsum(w * w for w in vector.values())) for vector in vectors]
    by_word: dict[str, list[tuple[int, float]]] = {}
    for place, (vector, one) in enumerate(zip(vectors, prompts, strict=True)):
        if one.expected is not None:
            for word, weight in vector.items():
                by_word.setdefault(word, []).append((place, weight / lengths[place]))
    return [_nearest(place, vector, by_word, prompts) for place, vector in enumerate(vectors)]


def _nearest(
    place: int,
    vector: dict[str, float],
    by_word: dict[str, list[tuple[int, float]]],
    prompts: Sequence[QualityPrompt],
) -> str | None:
    alike: dict[int, float] = {}
    for word, weight in vector.items():
        for other, share in by_word.get(word, ()):
            if other != place:
                alike[other] = alike.get(other, 0.0) + weight * share
    if not alike:
        return None
    best = max(alike, key=lambda other: (alike[other], -other))
    return prompts[best].expected


def _last_number(prompt: str) -> str | None:
    numbers = numbers_in(prompt)
    return f"{numbers[-1]:.17g}" if numbers else None


def _lead(prompt: str) -> str:
    return " ".join(_SENTENCE_END.split(prompt)[:_LEAD_SENTENCES])
