"""What is known of each candidate's quality against today's model, the strongest first.

Pictures and reports show it in words of their own; what stands for whom is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from landfall.core.provenance import Unknown
from landfall.core.quality.measured import (
    MeasuredQuality,
    QualityResult,
    counting,
    state_at,
    with_measured,
)
from landfall.core.quality.paired_tests import GateResult, Pairs, gate
from landfall.core.quality.priors import prior_of
from landfall.core.quality.votes import VotedPairs, with_votes
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.workload import Workload

_TO_P10 = 1.2816
"""Standard deviations from the middle of a normal distribution to its tenth percentile."""


class Ground(Enum):
    """What it rests on: a quality run, counts or votes, a word in the workload, what is believed
    of such models at such work, or nothing."""

    RUN = auto()
    COUNTS = auto()
    STATED = auto()
    BELIEVED = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEvidence:
    """One piece. Differences are shares: -0.03 is three points worse than today's model.

    Attributes:
        hosted: Of the hosted candidate; else of the local one.
        result: What the gate says by it.
        low, middle, high: The limits of the gate; of a belief one model in ten is worse than the
            first and one in ten better than the last. None where nothing tells them.
        prompts: Of the user's own; 0 where there are none.
        more_prompts: About so many more would decide; 0 or None where that is not so.
        unlabelled: Answers of a run that nobody has judged yet: its limits count them either way.
        run: The quality run, or None.
        beside_stated: The workload states a result itself, and the verdict rests on that: of a
            run, that it does not count; of what is stated, that a run stands beside it.
    """

    ground: Ground
    hosted: bool
    result: GateResult
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    prompts: int = 0
    more_prompts: int | None = None
    unlabelled: int = 0
    run: QualityResult | None = None
    beside_stated: bool = False


def evidence_of(
    stated: Workload, measured: MeasuredQuality, voted: VotedPairs, *, hosted: bool
) -> tuple[QualityEvidence, ...]:
    """Of the local candidate, then of the hosted one.

    What a quality run measured comes first; where the workload states a result of its own, that
    follows, for the verdict rests on it.

    Args:
        stated: As in its file.
        hosted: Whether there is a hosted candidate that the workload's rule allows.
    """
    workload = with_votes(with_measured(stated, measured), voted)
    quality = workload.quality
    counts = counting(stated, measured)
    known = _of_side(
        _known(quality.pairs, gate_of_local(workload), stated), measured.local, counts[0], stated
    )
    if not hosted:
        return known
    pairs = quality.pairs_hosted
    if pairs is None and quality.gate_hosted is None:
        pairs = quality.pairs
    one = replace(_known(pairs, gate_of_hosted(workload), stated), hosted=True)
    return known + _of_side(one, measured.hosted, counts[1], stated)


def _of_side(
    known: QualityEvidence,
    run: QualityResult | None,
    counted: QualityResult | None,
    stated: Workload,
) -> tuple[QualityEvidence, ...]:
    if run is None:
        return (known,)
    first = replace(_of_run(run, stated.margin), hosted=known.hosted)
    if counted is not None:
        return (first,)
    return replace(first, beside_stated=True), replace(known, beside_stated=True)


def _of_run(found: QualityResult, margin: float) -> QualityEvidence:
    reading = found.reading
    result = state_at(reading, margin)
    middle = (reading.low + reading.high) / 2 if reading.difference is None else reading.difference
    return QualityEvidence(
        ground=Ground.RUN,
        hosted=False,
        result=result,
        low=reading.low,
        middle=middle,
        high=reading.high,
        prompts=reading.prompts,
        more_prompts=reading.more_prompts if result is GateResult.INCONCLUSIVE else None,
        unlabelled=reading.unlabelled,
        run=found,
    )


def _known(pairs: Pairs | None, result: GateResult, stated: Workload) -> QualityEvidence:
    """What is stated, voted or believed of a candidate."""
    if pairs is not None and pairs.prompts:
        found = gate(pairs, stated.margin, looks=pairs.looks)
        open_ = found.result is GateResult.INCONCLUSIVE
        return QualityEvidence(
            ground=Ground.COUNTS,
            hosted=False,
            result=found.result,
            low=found.low,
            middle=found.difference,
            high=found.high,
            prompts=found.prompts,
            more_prompts=found.more_prompts if open_ else None,
        )
    if result is not GateResult.UNMEASURED:
        return QualityEvidence(ground=Ground.STATED, hosted=False, result=result)
    prior = prior_of(stated.task)
    if isinstance(prior, Unknown):
        return QualityEvidence(ground=Ground.NOTHING, hosted=False, result=result)
    return QualityEvidence(
        ground=Ground.BELIEVED,
        hosted=False,
        result=result,
        low=prior.gap - _TO_P10 * prior.spread,
        middle=prior.gap,
        high=prior.gap + _TO_P10 * prior.spread,
    )
