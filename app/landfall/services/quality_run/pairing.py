"""Each prompt's two answers as an outcome: scored, equal, labelled, or still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from landfall.core.provenance import Unknown
from landfall.core.quality.paired import Outcome
from landfall.core.quality.scoring import Metric, equivalent, metric_of, score
from landfall.core.quality.sets import QualityPrompt
from landfall.services.quality_run.plan import Candidate, QualityPlan
from landfall.services.quality_run.records import JUDGE, YOU, Label, QualityLabel, QualityRun

_RIGHT: Mapping[Label, tuple[float, float]] = {
    "candidate": (1.0, 0.0),
    "incumbent": (0.0, 1.0),
    "both": (1.0, 1.0),
    "neither": (0.0, 0.0),
}


def outcomes_of(run: QualityRun, side: Candidate, places: Iterable[int]) -> tuple[Outcome, ...]:
    """The outcome of each of these prompts that has both answers.

    Where the metric can score an answer by the expected one, it does. Else two equal answers are as
    good as each other, whatever they are; of two that differ a person's label counts, then what a
    judge says the same of in both orders (a tie where it does not), and without either the outcome
    is open.
    """
    prompts = run.plan.by_place()
    texts = {(a.place, a.side): a.text for a in run.answers if a.text is not None}
    labels = labels_of(run.labels, side)
    metric = metric_of(run.plan.metric)
    found = []
    for place in places:
        told, other = texts.get((place, side)), texts.get((place, "incumbent"))
        if told is not None and other is not None:
            prompt = prompts[place]
            same = equivalent(metric, told, other, run.plan.options)
            pair = _scored(metric, run.plan, prompt, told, other)
            if pair is None and not same and place in labels:
                pair = _RIGHT[labels[place]]
            first, second = pair or (None, None)
            found.append(
                Outcome(place=place, local=first, other=second, cluster=prompt.cluster, same=same)
            )
    return tuple(found)


def _scored(
    metric: Metric, plan: QualityPlan, prompt: QualityPrompt, told: str, other: str
) -> tuple[float, float] | None:
    if metric.needs_labels:
        return None
    scores = [score(metric, text, prompt.expected, plan.options) for text in (told, other)]
    first, second = scores
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        return None
    return first, second


def labels_of(labels: Iterable[QualityLabel], side: Candidate) -> Mapping[int, Label]:
    """What counts of each prompt's labels: a person's latest, else a judge's in both orders."""
    yours: dict[int, Label] = {}
    judges: dict[int, dict[bool, Label]] = {}
    for one in labels:
        if one.side != side:
            continue
        if one.by == YOU:
            yours[one.place] = one.label
        elif one.by.startswith(JUDGE):
            judges.setdefault(one.place, {})[one.swapped] = one.label
    return {place: _agreed(said) for place, said in judges.items() if len(said) == 2} | yours


def _agreed(said: Mapping[bool, Label]) -> Label:
    """A judge's win counts only where it stays when the answers change places; else a tie."""
    return said[True] if said[True] == said[False] else "both"


def open_pairs(run: QualityRun) -> tuple[tuple[tuple[int, Candidate], ...], int]:
    """The pairs, by place and side, that wait for a label of a person, and how many have one.

    In the order in which the prompts were asked.
    """
    waiting: list[tuple[int, Candidate]] = []
    for side in run.plan.candidates:
        outcomes = outcomes_of(run, side, run.plan.order)
        waiting += [(one.place, side) for one in outcomes if one.is_open]
    turn = {place: number for number, place in enumerate(run.plan.order)}
    waiting.sort(key=lambda one: (turn[one[0]], one[1]))
    done = {(one.place, one.side) for one in run.labels if one.by == YOU}
    return tuple(waiting), len(done - set(waiting))
