"""Results of quality runs as evidence of a verdict: which count, and when they no longer do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Outcome, compare
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.measured import (
    NOT_MEASURED,
    MeasuredQuality,
    QualityResult,
    Side,
    Standing,
    measured_of,
    state_at,
    whole_pairs,
    why_expired,
    with_measured,
)
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.priors import PRIORS, prior_of
from landfall.core.quality.votes import VotedPairs
from landfall.core.settings import Thresholds
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.verdict import decide
from landfall.core.verdict.world import World
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    Quality,
    Task,
    Today,
    Workload,
)

WORK = Workload(
    name="Mail",
    task=Task.CLASSIFICATION,
    today=Today(provider="openai", model="m-1"),
    candidates=Candidates(
        local=("qwen3:8b", "qwen3:4b"), hosted=(HostedCandidate(provider="groq", model="m-2"),)
    ),
)
UNNAMED = replace(WORK, candidates=Candidates(), today=Today())
ONE = replace(WORK, candidates=replace(WORK.candidates, local=("qwen3:8b",)))
LOCAL, SECOND, OTHER = (Target(model=name) for name in ("qwen3:8b", "qwen3:4b", "phi4"))
HOSTED = Target(provider="groq", model="m-2")
TODAY = Target(provider="openai", model="m-1")


def reading(won: int, lost: int, both: int, *, open_: int = 0, margin: float = 0.03) -> GateReading:
    scores = [(1.0, 0.0)] * won + [(0.0, 1.0)] * lost + [(1.0, 1.0)] * both
    run = [Outcome(place=n, local=a, other=b) for n, (a, b) in enumerate(scores)]
    return compare([*run, *(Outcome(place=9000 + n) for n in range(open_))], margin)


PASSES, FAILS, OPEN = reading(3, 3, 400), reading(0, 60, 300), reading(1, 1, 30)


def result(
    found: GateReading = PASSES,
    *,
    side: Side = "local",
    candidate: Target = LOCAL,
    at: str = "2026-11-20T10:00:00+00:00",
    against: Target | None = TODAY,
    workload: str = "Mail",
) -> QualityResult:
    return QualityResult(
        run=f"run at {at}",
        workload=workload,
        side=side,
        candidate=candidate,
        against=against,
        digest="d1",
        quantization="Q4_K_M",
        template_digest="t1",
        measured_at=at,
        metric="accuracy",
        reading=found,
    )


def gates(workload: Workload, *results: QualityResult) -> tuple[GateResult, GateResult]:
    found = with_measured(workload, measured_of(results, workload))
    return gate_of_local(found), gate_of_hosted(found)


def test_that_a_measured_pass_is_the_gate_of_the_local_candidate_alone() -> None:
    assert gates(WORK, result()) == (GateResult.PASS, GateResult.UNMEASURED)
    assert gates(ONE, result(FAILS)) == (GateResult.FAIL, GateResult.UNMEASURED)
    assert gates(WORK, result(OPEN)) == (GateResult.INCONCLUSIVE, GateResult.UNMEASURED)


def test_that_the_hosted_candidate_is_measured_for_itself() -> None:
    hosted = result(side="hosted", candidate=HOSTED)
    assert gates(WORK, hosted) == (GateResult.UNMEASURED, GateResult.PASS)
    assert gates(ONE, hosted, result(FAILS)) == (GateResult.FAIL, GateResult.PASS)


def test_that_what_the_user_states_comes_first() -> None:
    stated = replace(WORK, quality=Quality(gate=GateResult.FAIL, gate_hosted=GateResult.FAIL))
    hosted = result(side="hosted", candidate=HOSTED)
    assert gates(stated, result(), hosted) == (GateResult.FAIL, GateResult.FAIL)
    counted = replace(
        WORK, quality=Quality(pairs=Pairs(local_only=0, cloud_only=60, both=300, neither=0))
    )
    assert gates(counted, result())[0] is GateResult.FAIL
    unmeasured = replace(WORK, quality=Quality(gate=GateResult.UNMEASURED))
    assert gates(unmeasured, result())[0] is GateResult.PASS


@pytest.mark.parametrize(
    "stranger",
    [
        result(workload="Other work"),
        result(candidate=OTHER),
        result(against=Target(provider="openai", model="m-9")),
        result(side="hosted", candidate=Target(provider="groq", model="m-9")),
    ],
)
def test_that_other_models_and_other_work_are_no_evidence(stranger: QualityResult) -> None:
    assert measured_of([stranger], WORK) == NOT_MEASURED
    assert with_measured(WORK, measured_of([stranger], WORK)) is WORK


def test_that_recorded_answers_and_unnamed_candidates_count() -> None:
    assert measured_of([result(against=None)], WORK).local is not None
    assert measured_of([result(candidate=OTHER)], UNNAMED).local is not None


def test_that_the_first_candidate_and_its_latest_result_count() -> None:
    early, late = result(FAILS, at="2026-11-01"), result(PASSES, at="2026-11-02")
    second = result(OPEN, candidate=SECOND, at="2026-11-03")
    for order in ([early, late, second], [second, late, early]):
        assert measured_of(order, WORK).local is late


def test_that_the_gate_speaks_of_one_candidate_and_that_one_is_looked_at() -> None:
    named = WORK.candidates.local
    second = result(candidate=SECOND)
    only_second = measured_of([second], WORK)
    assert only_second.local is second
    assert only_second.candidates(named) == ("qwen3:4b",)
    doubtful = measured_of([result(OPEN, candidate=SECOND)], WORK)
    assert doubtful.local is None
    assert doubtful.candidates(named) == named
    first_failed = measured_of([result(FAILS)], WORK)
    assert (first_failed.local, first_failed.failed) == (None, ("qwen3:8b",))
    assert first_failed.candidates(named) == ("qwen3:4b",)
    assert gates(WORK, result(FAILS))[0] is GateResult.UNMEASURED
    both = [result(FAILS), result(FAILS, candidate=SECOND)]
    all_failed = measured_of(both, WORK)
    assert all_failed.local is both[0]
    assert all_failed.candidates(named) == ("qwen3:8b",)
    saved = measured_of([result(FAILS), second], WORK)
    assert saved.local is second
    assert measured_of([result(candidate=OTHER)], UNNAMED).candidates(("x",)) == ("phi4",)
    assert NOT_MEASURED.candidates(named) == named


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (Standing(), ""),
        (Standing(digest="d1", quantization="Q4_K_M", template_digest="t1"), ""),
        (Standing(digest="d2"), "qwen3:8b is another file than on 2026-11-20"),
        (
            Standing(quantization="Q8_0"),
            "qwen3:8b has another quantization than on 2026-11-20 (Q8_0 now, Q4_K_M then)",
        ),
        (
            Standing(digest="d2", quantization="Q8_0", template_digest="t2"),
            "qwen3:8b is another file than on 2026-11-20 and qwen3:8b has another quantization than"
            " on 2026-11-20 (Q8_0 now, Q4_K_M then) and the prompt is put in another way than on"
            " 2026-11-20",
        ),
        (Standing(template_digest="t2"), "the prompt is put in another way than on 2026-11-20"),
    ],
)
def test_that_a_result_expires_with_model_quantization_and_prompt(now: Standing, why: str) -> None:
    assert why_expired(result(), now) == why
    found = measured_of([result()], WORK, {"qwen3:8b": now})
    assert (found.local is None) == bool(why)
    assert found.expired == ((why,) if why else ())


def test_that_the_newest_run_of_a_workload_tells_how_its_prompts_are_put_now() -> None:
    local = result(at="2026-11-19T10:00:00+00:00")
    hosted = result(side="hosted", candidate=HOSTED, at="2026-11-21T10:00:00+00:00")
    same = measured_of([local, hosted], WORK)
    assert (same.local, same.hosted, same.expired) == (local, hosted, ())
    anew = replace(hosted, template_digest="t2")
    changed = measured_of([local, anew], WORK)
    assert (changed.local, changed.hosted) == (None, anew)
    assert changed.expired == ("the prompt is put in another way than on 2026-11-19",)
    other = replace(anew, workload="Other work")
    assert measured_of([local, other], WORK).local is local


def test_that_an_expired_result_gives_way_to_one_that_holds() -> None:
    old = replace(result(FAILS, at="2026-11-30"), digest="d0")
    found = measured_of([old, result()], WORK, {"qwen3:8b": Standing(digest="d1")})
    assert found.local is not None
    assert found.local.reading is PASSES
    assert len(found.expired) == 1
    unknown = replace(result(), digest="")
    assert not why_expired(unknown, Standing(digest="d9"))


def test_that_a_whole_run_is_kept_as_counts_and_another_as_a_state() -> None:
    assert whole_pairs(PASSES) == PASSES.pairs
    assert whole_pairs(reading(3, 3, 400, open_=1)) is None
    judged = replace(PASSES, method="tango, judge corrected")
    assert whole_pairs(judged) is None
    assert gates(WORK, result(judged))[0] is GateResult.PASS


def test_that_a_result_is_read_at_the_margin_of_the_workload() -> None:
    close = reading(5, 8, 287)
    assert state_at(close, 0.05) is GateResult.PASS
    assert state_at(close, 0.02) is GateResult.INCONCLUSIVE
    assert state_at(FAILS, 0.03) is GateResult.FAIL
    assert state_at(reading(0, 0, 0), 0.5) is GateResult.INCONCLUSIVE
    assert state_at(replace(PASSES, reason="few sources"), 0.5) is GateResult.INCONCLUSIVE
    open_run = result(reading(5, 8, 287, open_=1))
    strict = replace(WORK, quality=Quality(margin=0.02))
    assert gates(replace(WORK, quality=Quality(margin=0.06)), open_run)[0] is GateResult.PASS
    assert gates(strict, open_run)[0] is GateResult.INCONCLUSIVE


# In the verdict


def facts_with(measured: MeasuredQuality, voted: VotedPairs | None = None, work: Workload = WORK):  # type: ignore[no-untyped-def]
    world = World(quality=measured) if voted is None else World(quality=measured, voted=voted)
    return Assembler(world).facts(work), world


def test_that_the_verdict_rests_on_it_before_votes() -> None:
    votes = VotedPairs(
        local=Pairs(local_only=0, cloud_only=60, both=300, neither=0), local_model="qwen3:8b"
    )
    facts, _ = facts_with(measured_of([result()], WORK), votes)
    assert facts.gate is GateResult.PASS
    assert facts.gate_hosted is GateResult.UNMEASURED
    assert facts.voted == ""
    assert facts.tested == (
        "qwen3:8b −1.2 points to +1.2 points on 406 prompts by accuracy (2026-11-20)"
    )
    alone, _ = facts_with(NOT_MEASURED, votes)
    assert alone.gate is GateResult.FAIL
    assert alone.voted
    assert alone.tested == ""


def cautions_and_notes(measured: MeasuredQuality, work: Workload = WORK) -> dict[str, str]:
    facts, world = facts_with(measured, work=work)
    verdict = decide("Mail", facts, limits=Thresholds(), as_of="2026-11-25")
    told = (*verdict.warnings, *notes_of(work, facts, verdict, world, Thresholds()))
    return {one.rule: one.text for one in told}


def test_that_a_verdict_says_what_was_measured_or_only_believed() -> None:
    measured = cautions_and_notes(measured_of([result()], WORK))
    assert measured["S8"].startswith("measured on your prompts: qwen3:8b −1.2 points")
    assert "S40" not in measured
    believed = cautions_and_notes(NOT_MEASURED)
    assert believed["S40"] == (
        "before any measurement an open-weight model is believed 8 points worse than a frontier"
        " one at classification, give or take 10 points (medium confidence, 2026-11);"
        " a belief is no pass"
    )
    assert "S40" not in cautions_and_notes(NOT_MEASURED, replace(WORK, task=Task.VISION))


def test_that_a_belief_never_passes_a_gate() -> None:
    for task in Task:
        facts, _ = facts_with(NOT_MEASURED, work=replace(WORK, task=task))
        assert facts.gate is facts.gate_hosted is GateResult.UNMEASURED


def test_that_a_verdict_says_why_a_result_no_longer_counts() -> None:
    gone = measured_of([result()], WORK, {"qwen3:8b": Standing(digest="d2")})
    told = cautions_and_notes(gone)
    assert told["S51"] == (
        "a quality run no longer counts: qwen3:8b is another file than on 2026-11-20"
    )


# Priors


def test_that_priors_carry_the_margins_of_their_tasks_and_their_sources() -> None:
    for task in Task:
        prior = prior_of(task)
        if not isinstance(prior, Unknown):
            assert prior.margin == replace(WORK, task=task).margin, task
    assert isinstance(prior_of(Task.CODE), Unknown)
    assert PRIORS["pii_redaction"].margin == 0.01
    for prior in PRIORS.values():
        assert prior.evidence
        assert prior.metric
        assert prior.confidence in ("medium", "low")
        assert prior.gap <= 0 < prior.spread
    assert "about as good" in PRIORS["embedding"].says


def test_that_one_prompt_is_one_and_a_limit_on_the_margin_decides_nothing() -> None:
    one = MeasuredQuality(local=result(reading(0, 0, 1)))
    assert " on 1 prompt by accuracy (2026-11-20)" in one.says
    both = replace(one, hosted=result(reading(0, 0, 1200), candidate=HOSTED))
    assert both.says.count("; ") == 1
    assert "on 1,200 prompts by accuracy" in both.says
    assert NOT_MEASURED.says == ""
    exact = replace(PASSES, low=-0.05, high=-0.03)
    assert state_at(exact, 0.05) is GateResult.INCONCLUSIVE
    assert state_at(exact, 0.03) is GateResult.INCONCLUSIVE
    assert state_at(exact, 0.0501) is GateResult.PASS
    assert state_at(exact, 0.0299) is GateResult.FAIL
    alone = replace(exact, prompts=1)
    assert state_at(alone, 0.0501) is GateResult.PASS
