"""What stands for whom among what is known of the quality of candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.evidence import Ground, QualityEvidence, evidence_of
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.measured import MeasuredQuality, QualityResult, Side
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.paired_tests import GateResult as Gated
from landfall.core.quality.priors import prior_of
from landfall.core.quality.votes import VotedPairs
from landfall.core.side_by_side.side_by_side import Target
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


# Field by field ----------------------------------------------------------------------------------


def reading_of(difference: float | None, state: GateResult) -> GateReading:
    return GateReading(
        state=state,
        prompts=120,
        unlabelled=7,
        pairs=None,
        difference=difference,
        low=-0.04,
        high=0.02,
        margin=0.03,
        looks=1,
        more_prompts=55,
        provable_loss=0.02,
        mcnemar_p=None,
        newcombe=None,
        method="bootstrap",
        clusters=0,
        effective_prompts=120.0,
    )


def run_of(side: Side, difference: float | None = -0.01) -> QualityResult:
    return QualityResult(
        run="r",
        workload="x",
        side=side,
        candidate=Target(model="m"),
        against=None,
        digest="",
        quantization="",
        template_digest="",
        measured_at="2026-11-20",
        metric="exact",
        reading=reading_of(difference, GateResult.INCONCLUSIVE),
    )


def test_that_a_run_tells_its_limits_and_what_is_missing() -> None:
    local = run_of("local")
    measured = MeasuredQuality(local=local)
    (one,) = evidence_of(workload(), measured, VotedPairs(), hosted=False)
    assert one == QualityEvidence(
        ground=Ground.RUN,
        hosted=False,
        result=GateResult.INCONCLUSIVE,
        low=-0.04,
        middle=-0.01,
        high=0.02,
        prompts=120,
        more_prompts=55,
        unlabelled=7,
        run=local,
    )
    wide = workload(Quality(margin=0.05))
    (passed,) = evidence_of(wide, measured, VotedPairs(), hosted=False)
    assert (passed.result, passed.more_prompts) == (GateResult.PASS, None)
    lost = MeasuredQuality(local=run_of("local", None))
    (one,) = evidence_of(workload(), lost, VotedPairs(), hosted=False)
    assert one.middle == pytest.approx(-0.01)  # between -0.04 and 0.02


def test_that_a_run_stands_beside_what_the_workload_states_itself() -> None:
    both = MeasuredQuality(local=run_of("local"), hosted=run_of("hosted"))
    stated = workload(Quality(gate=GateResult.FAIL))
    found = evidence_of(stated, both, VotedPairs(), hosted=True)
    assert [(one.ground, one.hosted, one.beside_stated) for one in found] == [
        (Ground.RUN, False, True),
        (Ground.STATED, False, True),
        (Ground.RUN, True, False),
    ]
    hosted = workload(Quality(gate_hosted=GateResult.PASS))
    found = evidence_of(hosted, both, VotedPairs(), hosted=True)
    assert [(one.ground, one.hosted, one.beside_stated) for one in found] == [
        (Ground.RUN, False, False),
        (Ground.RUN, True, True),
        (Ground.STATED, True, True),
    ]


def test_that_counts_tell_what_the_gate_makes_of_them_with_their_looks() -> None:
    few = Pairs(both=80, cloud_only=0, local_only=0, neither=0, looks=3)
    (one,) = evidence_of(
        workload(Quality(pairs=few)), MeasuredQuality(), VotedPairs(), hosted=False
    )
    edge = 2.06**2 / (80 + 2.06**2)  # of three looks
    assert one == QualityEvidence(
        ground=Ground.COUNTS,
        hosted=False,
        result=GateResult.INCONCLUSIVE,
        low=pytest.approx(-edge),
        middle=0.0,
        high=pytest.approx(edge),
        prompts=80,
        more_prompts=58,  # 2.06 squared 0.97 / 0.03 = 137.2: 138
    )
    many = replace(few, both=800)
    (one,) = evidence_of(
        workload(Quality(pairs=many)), MeasuredQuality(), VotedPairs(), hosted=False
    )
    assert (one.result, one.more_prompts) == (GateResult.PASS, None)
    empty = workload(Quality(pairs=replace(few, both=0)))
    (one,) = evidence_of(empty, MeasuredQuality(), VotedPairs(), hosted=False)
    assert (one.ground, one.prompts, one.low) == (Ground.STATED, 0, None)


def test_that_votes_count_as_counts_of_the_side_they_are_of() -> None:
    voted = VotedPairs(local=GOOD)
    found = evidence_of(workload(), MeasuredQuality(), voted, hosted=True)
    # Votes on the local candidate say nothing of the hosted one.
    assert [(one.ground, one.hosted) for one in found] == [
        (Ground.COUNTS, False),
        (Ground.BELIEVED, True),
    ]
