"""The gate over a run: what both models' scores on the same prompts say of their difference.

Prompts on which both answers are as good as each other need no label. What is not labelled yet
bounds the result: the state is known as soon as it would be the same however the labels fall.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean

from landfall.core.errors import BadInput
from landfall.core.quality.differences import (
    Differences,
    differences,
    effective_prompts,
    mean_interval,
)
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.paired_tests import (
    MOST_PROMPTS,
    Z_POWER_80,
    GateResult,
    Pairs,
    check_margin,
    critical_value,
    gate,
    mcnemar_exact,
    more_prompts,
    newcombe_interval,
    prompts_needed_without_disagreement,
    provable_loss,
    tango_of,
)

LOOKS_OF_THREE = (30, 100, 300)
FEWEST_CLUSTERS = 10
"""Of fewer documents or customers no standard error is to be trusted: nothing is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How both models did on one prompt.

    Attributes:
        place: The place of the prompt in its set.
        local: Score of the candidate, 0 to 1; None where nobody has said yet.
        other: Score of today's model.
        cluster: As of the prompt; "" where it stands for itself.
        same: Whether the answers are as good as each other whatever the truth, so that no label is
            needed (`scoring.equivalent`). Scores, where there are any, come before it.
    """

    place: int
    local: float | None = None
    other: float | None = None
    cluster: str = ""
    same: bool = False

    def __post_init__(self) -> None:
        for name in ("local", "other"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise BadInput(f"A score of {value:g} is not between 0 and 1.", field=name)

    @property
    def is_open(self) -> bool:
        """Whether a label is still needed."""
        return (self.local is None or self.other is None) and not self.same


class Label(StrEnum):
    """What a person or a judge says of two answers that differ."""

    LOCAL = "local"
    OTHER = "other"
    BOTH = "both"
    NEITHER = "neither"


def labelled(place: int, label: Label, cluster: str = "") -> Outcome:
    """The outcome of a prompt whose answers somebody compared; a tie is BOTH."""
    return Outcome(
        place=place,
        local=float(label in (Label.LOCAL, Label.BOTH)),
        other=float(label in (Label.OTHER, Label.BOTH)),
        cluster=cluster,
    )


def look_sizes(prompts: int) -> tuple[int, ...]:
    """After how many prompts a run of so many is read: the sizes `Z_OF_LOOKS` was simulated for.

    From 300 on a tenth, a third and all of them, from 150 on a third and all, below that once.
    """
    if prompts >= LOOKS_OF_THREE[-1]:
        return prompts // 10, prompts // 3, prompts
    return (prompts // 3, prompts) if prompts >= 150 else (prompts,)


def compare(
    outcomes: Iterable[Outcome], margin: float, *, looks: int = 1, seed: int = 0
) -> GateReading:
    """Paired non-inferiority of the candidate over a run, one-sided at 95 %.

    Right or wrong: Tango's score interval. Graded: see `differences.mean_interval`. Where prompts
    share clusters, an effective number of prompts takes the place of theirs (see
    `Differences.design_effect`), and the bootstrap draws clusters.

    Args:
        outcomes: One for each prompt that both models answered. Where a model gave no answer after
            every retry, that prompt is no outcome: it is counted apart.
        margin: The largest loss that is acceptable, as a share.
        looks: How many times the gate is read while prompts come in.
        seed: Of the bootstrap.

    Raises:
        BadInput: the margin is not a share, or there is no look.
    """
    check_margin(margin)
    z = critical_value(looks)
    run = tuple(outcomes)
    scores = {value for one in run for value in (one.local, one.other)}
    asked = _Asked(margin=margin, looks=looks, z=z, seed=seed)
    return (_binary if scores <= {None, 0, 1} else _graded)(run, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    margin: float
    looks: int
    z: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cases:
    """A run as if all missing labels went against the candidate, for it, and for neither."""

    worst: Differences
    best: Differences
    even: Differences
    unlabelled: int
    design_effect: float


def _scores_of(one: Outcome, local: float, other: float) -> tuple[float, float]:
    """Both scores, with these where one is missing; answers alike are equally right."""
    if one.local is not None and one.other is not None:
        return one.local, one.other
    if one.same:
        known = one.local if one.local is not None else one.other
        return (1.0, 1.0) if known is None else (known, known)
    return (
        local if one.local is None else one.local,
        other if one.other is None else one.other,
    )


def _differences(run: Sequence[Outcome], local: float, other: float) -> Differences:
    scores = [_scores_of(one, local, other) for one in run]
    return differences(
        [one.place for one in run],
        [one.cluster for one in run],
        [first - second for first, second in scores],
    )


def _cases(run: Sequence[Outcome]) -> _Cases:
    worst, best, even = (
        _differences(run, local, other) for local, other in ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5))
    )
    return _Cases(
        worst=worst,
        best=best,
        even=even,
        unlabelled=sum(one.is_open for one in run),
        design_effect=max(one.design_effect for one in (worst, best, even)),
    )


def _wins_and_losses(found: Differences) -> tuple[int, int]:
    return sum(value > 0 for value in found.values), sum(value < 0 for value in found.values)


def _expected_difference(run: Sequence[Outcome], unlabelled: int) -> float | None:
    """The difference if what is open falls as what is labelled and not alike did."""
    closed = [one for one in run if not one.is_open]
    told = [_difference(one) for one in closed if not one.same]
    if not closed or (unlabelled and not told):
        return None
    known = math.fsum(_difference(one) for one in closed)
    return (known + (unlabelled * fmean(told) if unlabelled else 0.0)) / len(run)


def _difference(one: Outcome) -> float:
    first, second = _scores_of(one, 0.0, 0.0)
    return first - second


# Right or wrong


def _binary(run: Sequence[Outcome], asked: _Asked) -> GateReading:
    cases = _cases(run)
    effective = effective_prompts(cases.even, asked.z, design_effect=cases.design_effect)
    low = _tango(cases.worst, effective, asked.z)[0]
    high = _tango(cases.best, effective, asked.z)[1]
    labelled = _pairs([one for one in run if not one.is_open], asked.looks)
    state, reason = _state(low, high, cases, asked)
    more: int | None = 0
    if state is GateResult.INCONCLUSIVE:
        more = _more_pairs(run, labelled, cases.unlabelled, effective, asked)
    return GateReading(
        state=state,
        prompts=len(run),
        unlabelled=cases.unlabelled,
        pairs=labelled,
        difference=_expected_difference(run, cases.unlabelled),
        low=low,
        high=high,
        margin=asked.margin,
        looks=asked.looks,
        more_prompts=more,
        provable_loss=provable_loss(effective, asked.z),
        mcnemar_p=mcnemar_exact(labelled.local_only, labelled.cloud_only),
        newcombe=newcombe_interval(labelled),
        method="clustered tango" if cases.even.clusters else "tango",
        clusters=cases.even.clusters,
        effective_prompts=effective,
        reason=reason,
    )


def _tango(found: Differences, effective: float, z: float) -> tuple[float, float]:
    won, lost = _wins_and_losses(found)
    shrink = effective / len(found.values) if found.values else 0.0
    return tango_of(won * shrink, lost * shrink, effective, z=z)


def _pairs(closed: Sequence[Outcome], looks: int) -> Pairs:
    counts = Counter(_scores_of(one, 0.0, 0.0) for one in closed)
    return Pairs(
        local_only=counts[1.0, 0.0],
        cloud_only=counts[0.0, 1.0],
        both=counts[1.0, 1.0],
        neither=counts[0.0, 0.0],
        looks=looks,
    )


def _more_pairs(
    run: Sequence[Outcome], labelled: Pairs, unlabelled: int, effective: float, asked: _Asked
) -> int | None:
    """More prompts if what is open falls as what is labelled and not alike did."""
    likely = labelled
    if unlabelled:
        told = _pairs([one for one in run if not one.is_open and not one.same], asked.looks)
        if not told.prompts:
            return 0
        won = round(unlabelled * told.local_only / told.prompts)
        # Two halves that are both rounded up would be more than there are.
        lost = min(round(unlabelled * told.cloud_only / told.prompts), unlabelled - won)
        likely = replace(
            labelled,
            local_only=labelled.local_only + won,
            cloud_only=labelled.cloud_only + lost,
            both=labelled.both + unlabelled - won - lost,
        )
        if gate(likely, asked.margin, looks=asked.looks).result is not GateResult.INCONCLUSIVE:
            return 0
    found = more_prompts(likely, asked.margin, z=asked.z)
    if found is None or not run:
        return found
    return _at_most(math.ceil((found + len(run)) * len(run) / effective) - len(run))


# Graded


def _graded(run: Sequence[Outcome], asked: _Asked) -> GateReading:
    cases = _cases(run)
    effect = cases.design_effect
    effective = effective_prompts(cases.even, asked.z, design_effect=effect)
    low, high = mean_interval(cases.worst, asked.z, design_effect=effect, seed=asked.seed)
    if cases.unlabelled:
        high = mean_interval(cases.best, asked.z, design_effect=effect, seed=asked.seed)[1]
    state, reason = _state(low, high, cases, asked)
    difference = _expected_difference(run, cases.unlabelled)
    more: int | None = 0
    if state is GateResult.INCONCLUSIVE and difference is not None:
        truth = 0.0 if low <= 0 <= high else difference
        more = _more_graded(cases.even.variance, truth, effective, len(run), asked)
    return GateReading(
        state=state,
        prompts=len(run),
        unlabelled=cases.unlabelled,
        pairs=None,
        difference=difference,
        low=low,
        high=high,
        margin=asked.margin,
        looks=asked.looks,
        more_prompts=more,
        provable_loss=provable_loss(effective, asked.z),
        mcnemar_p=None,
        newcombe=None,
        method="clustered bootstrap" if cases.even.clusters else "bootstrap",
        clusters=cases.even.clusters,
        effective_prompts=effective,
        reason=reason,
    )


def _more_graded(
    variance: float, truth: float, effective: float, prompts: int, asked: _Asked
) -> int | None:
    """As for right and wrong, with the variance of the differences for their disagreement."""
    room = asked.margin + truth
    if not room:
        return None
    needed = (asked.z + Z_POWER_80) ** 2 * variance / (room * room)
    if room > 0:
        needed = max(needed, prompts_needed_without_disagreement(asked.margin, z=asked.z))
    return _at_most(math.ceil(needed * prompts / effective) - prompts)


# Both


def _at_most(more: int) -> int | None:
    return None if more > MOST_PROMPTS else max(1, more)


def _state(low: float, high: float, cases: _Cases, asked: _Asked) -> tuple[GateResult, str]:
    if not cases.even.values:
        return GateResult.INCONCLUSIVE, ""
    if low > -asked.margin:
        found = GateResult.PASS
    elif high < -asked.margin:
        found = GateResult.FAIL
    else:
        return GateResult.INCONCLUSIVE, ""
    if 0 < cases.even.clusters < FEWEST_CLUSTERS:
        reason = f"{cases.even.clusters} sources of prompts are too few to stand for all work"
        return GateResult.INCONCLUSIVE, reason
    return found, ""
