"""What stands for whom among what is known of the quality of candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.evidence import Ground, evidence_of
from landfall.core.quality.gate import GateResult, Pairs
from landfall.core.quality.gate import GateResult as Gated
from landfall.core.quality.measured import MeasuredQuality
from landfall.core.quality.priors import prior_of
from landfall.core.quality.votes import VotedPairs
from landfall.core.workload.workload import Quality, Task, Workload
from landfall.services.verdict.workload_files import from_text

FILE = '[workload]\nname = "x"\ntask = "classification"\n'
GOOD = Pairs(both=480, cloud_only=5, local_only=5, neither=10)


def workload(quality: Quality | None = None, task: Task = Task.CLASSIFICATION) -> Workload:
    made = from_text(FILE).workload
    return replace(made, task=task, quality=quality or made.quality)


def grounds(stated: Workload, *, hosted: bool = True) -> list[tuple[bool, Ground, GateResult]]:
    found = evidence_of(stated, MeasuredQuality(), VotedPairs(), hosted=hosted)
    return [(one.hosted, one.ground, one.result) for one in found]


def test_that_nothing_told_is_believed_and_never_a_pass() -> None:
    assert grounds(workload()) == [
        (False, Ground.BELIEVED, GateResult.UNMEASURED),
        (True, Ground.BELIEVED, GateResult.UNMEASURED),
    ]
    (one,) = evidence_of(workload(), MeasuredQuality(), VotedPairs(), hosted=False)
    assert one.low is not None
    assert one.middle is not None
    assert one.high is not None
    assert one.low < one.middle < one.high


def test_that_a_word_has_no_interval_and_counts_have_one() -> None:
    word = workload(Quality(gate=GateResult.PASS))
    (said,) = evidence_of(word, MeasuredQuality(), VotedPairs(), hosted=False)
    assert (said.ground, said.result, said.low) == (Ground.STATED, GateResult.PASS, None)
    counted = workload(Quality(pairs=GOOD))
    (one,) = evidence_of(counted, MeasuredQuality(), VotedPairs(), hosted=False)
    assert (one.ground, one.prompts, one.middle) == (Ground.COUNTS, 500, pytest.approx(0.0))


def test_that_counts_stand_for_the_hosted_candidate_too_unless_it_has_its_own_word() -> None:
    both = workload(Quality(pairs=GOOD))
    assert [ground for _, ground, _ in grounds(both)] == [Ground.COUNTS, Ground.COUNTS]
    own = workload(Quality(pairs=GOOD, gate_hosted=GateResult.FAIL))
    assert grounds(own)[1] == (True, Ground.STATED, GateResult.FAIL)


def test_that_open_counts_say_how_many_more_would_decide() -> None:
    few = workload(Quality(pairs=Pairs(both=20, cloud_only=2, local_only=1, neither=2)))
    (one,) = evidence_of(few, MeasuredQuality(), VotedPairs(), hosted=False)
    assert one.result is GateResult.INCONCLUSIVE
    assert one.more_prompts


def test_that_a_belief_is_wide_as_one_model_in_ten_on_either_side() -> None:
    prior = prior_of(Task.CLASSIFICATION)
    assert not isinstance(prior, Unknown)
    (one,) = evidence_of(workload(), MeasuredQuality(), VotedPairs(), hosted=False)
    assert one.low is not None
    assert one.high is not None
    # 1.2816 standard deviations leave a tenth on a side of a normal distribution.
    assert one.middle == prior.gap
    assert one.low == pytest.approx(prior.gap - 1.2816 * prior.spread, rel=1e-3)
    assert one.high == pytest.approx(prior.gap + 1.2816 * prior.spread, rel=1e-3)


def test_that_what_nobody_believes_anything_of_is_nothing() -> None:
    unknown = [task for task in Task if isinstance(prior_of(task), Unknown)]
    assert unknown
    for task in unknown:
        assert grounds(workload(task=task)) == [
            (False, Ground.NOTHING, Gated.UNMEASURED),
            (True, Ground.NOTHING, Gated.UNMEASURED),
        ]
