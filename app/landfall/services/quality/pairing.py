"""Each prompt's two answers as an outcome: scored, equal, labelled, or still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Label, Outcome, labelled
from landfall.core.quality.judge import FEWEST_LABELS, Ballot
from landfall.core.quality.scoring import Metric, equivalent, metric_of, score
from landfall.core.quality.sets import QualityPrompt
from landfall.services.quality.own_rules import OWN_RULES
from landfall.services.quality.plan import Candidate, QualityPlan
from landfall.services.quality.records import JUDGE, YOU, QualityLabel, QualityRun

Labels = Mapping[int, Label]
"""What was said of the prompts' answers, by place."""


def outcomes_of(
    run: QualityRun, side: Candidate, places: Iterable[int], labels: Labels
) -> tuple[Outcome, ...]:
    """The outcome of each of these prompts that has both answers.

    Where the metric can score both answers, it does. Else two equal answers are as good as each
    other, whatever they are; of two that differ the label counts, and without one it is open.
    """
    prompts = run.plan.by_place()
    texts = {(a.place, a.side): a.text for a in run.answers if a.text is not None}
    metric = metric_of(run.plan.metric)
    places = tuple(places)
    asked = [
        (text, prompts[place].expected or "")
        for place in places
        for one in (side, "incumbent")
        if (text := texts.get((place, one))) is not None
    ]
    OWN_RULES.prepare(metric.id, run.plan.options, asked)
    found = []
    for place in places:
        told, other = texts.get((place, side)), texts.get((place, "incumbent"))
        if told is not None and other is not None:
            same = equivalent(metric, told, other, run.plan.options)
            scores = _scored(metric, run.plan, prompts[place], told, other)
            if scores is not None:
                outcome = Outcome(place=place, local=scores[0], other=scores[1], same=same)
            elif place in labels and not same:
                outcome = labelled(place, labels[place])
            else:
                outcome = Outcome(place=place, same=same)
            found.append(replace(outcome, cluster=prompts[place].cluster))
    return tuple(found)


def _scored(
    metric: Metric, plan: QualityPlan, prompt: QualityPrompt, told: str, other: str
) -> tuple[float, float] | None:
    if metric.needs_labels:
        return None
    first, second = (
        score(metric, text, prompt.expected, plan.options, OWN_RULES) for text in (told, other)
    )
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        return None
    return first, second


def your_labels(labels: Iterable[QualityLabel], side: Candidate) -> Labels:
    """What a person said; the latest of each prompt counts."""
    return {one.place: one.label for one in labels if one.side == side and one.by == YOU}


def ballots_of(labels: Iterable[QualityLabel], side: Candidate) -> Mapping[int, Ballot]:
    """What the judge said that was asked last, of each prompt that it judged in both orders."""
    judges = [one for one in labels if one.side == side and one.by.startswith(JUDGE)]
    said: dict[int, dict[bool, Label]] = {}
    for one in judges:
        if one.by == judges[-1].by:
            said.setdefault(one.place, {})[one.swapped] = one.label
    return {
        place: Ballot(place=place, local_first=both[False], local_second=both[True])
        for place, both in said.items()
        if len(both) == 2
    }


def differing(run: QualityRun, side: Candidate) -> tuple[int, ...]:
    """The prompts whose answers a label must tell apart, in the order in which they were asked."""
    return tuple(one.place for one in outcomes_of(run, side, run.plan.order, {}) if one.is_open)


def open_pairs(run: QualityRun) -> tuple[tuple[tuple[int, Candidate], ...], int]:
    """The pairs, by place and side, that wait for a label of a person, and how many have one.

    In the order in which the prompts were asked. Behind those that nobody labelled come as many of
    a judge's as are needed to know how often it errs.
    """
    turn = {place: number for number, place in enumerate(run.plan.order)}
    unlabelled: list[tuple[int, Candidate]] = []
    to_calibrate: list[tuple[int, Candidate]] = []
    done = 0
    for side in run.plan.candidates:
        places = differing(run, side)
        yours, judged = your_labels(run.labels, side), ballots_of(run.labels, side)
        done += sum(place in yours for place in places)
        unlabelled += [(p, side) for p in places if p not in yours and p not in judged]
        calibrated = sum(place in yours for place in judged)
        judges = [(p, side) for p in places if p in judged and p not in yours]
        to_calibrate += judges[: max(0, FEWEST_LABELS - calibrated)]

    def by_turn(pair: tuple[int, Candidate]) -> tuple[int, str]:
        return turn[pair[0]], pair[1]

    return (*sorted(unlabelled, key=by_turn), *sorted(to_calibrate, key=by_turn)), done
