"""The gate: intervals against published values, decisions, and how many prompts are missing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown as Nothing
from landfall.core.quality.paired_tests import (
    GateResult,
    Pairs,
    critical_value,
    gate,
    mcnemar_exact,
    more_prompts,
    newcombe_interval,
    prompts_needed,
    prompts_needed_without_disagreement,
    rogan_gladen,
    sign_test,
    tango_interval,
    wilson,
)
from landfall.core.quality.priors import prior_of as believed
from landfall.core.workload.workload import Task as Work

counts = st.integers(0, 400)
pairs_of_prompts = st.builds(
    Pairs, local_only=counts, cloud_only=counts, both=counts, neither=counts
)
margins = st.floats(0.005, 0.3)


def pairs(local_only: int, cloud_only: int, both: int, neither: int) -> Pairs:
    return Pairs(local_only=local_only, cloud_only=cloud_only, both=both, neither=neither)


def swapped(found: Pairs) -> Pairs:
    return pairs(found.cloud_only, found.local_only, found.both, found.neither)


def test_that_wilson_gives_the_known_interval_of_45_of_50() -> None:
    assert wilson(45, 50) == pytest.approx((0.786398, 0.956524), rel=1e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_that_wilson_stays_between_0_and_1_and_holds_the_share(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low - 1e-12 <= right / (right + wrong) <= high + 1e-12


def test_that_nothing_tried_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert tango_interval(pairs(0, 0, 0, 0)) == (-1.0, 1.0)
    assert newcombe_interval(pairs(0, 0, 0, 0)) == (-1.0, 1.0)
    nothing = gate(pairs(0, 0, 0, 0), 0.03)
    assert nothing.result is GateResult.INCONCLUSIVE
    assert nothing.more_prompts == 88


def test_that_the_paired_intervals_are_those_of_the_published_example() -> None:
    example = pairs(1, 7, 1, 12)
    assert tango_interval(example) == pytest.approx((-0.517232, -0.026003), rel=1e-4)
    assert newcombe_interval(example) == pytest.approx((-0.50692, -0.0255591), rel=1e-4)


def test_that_newcombe_takes_models_that_fail_on_different_prompts() -> None:
    apart = newcombe_interval(pairs(20, 20, 5, 5))
    alike = newcombe_interval(pairs(5, 5, 20, 20))
    assert apart[1] - apart[0] > alike[1] - alike[0]
    assert apart == pytest.approx((-apart[1], -apart[0]))


def test_that_newcombe_knows_a_table_with_an_empty_margin() -> None:
    low, high = newcombe_interval(pairs(0, 0, 30, 0))
    assert low < 0 < high


@given(pairs_of_prompts)
def test_that_swapping_the_models_mirrors_the_interval(found: Pairs) -> None:
    low, high = tango_interval(found)
    mirrored = tango_interval(swapped(found))
    assert mirrored == pytest.approx((-high, -low), abs=1e-9)
    assert low - 1e-12 <= found.difference <= high + 1e-12
    assert -1 <= low <= high <= 1


@given(pairs_of_prompts, margins)
def test_that_the_gate_says_what_its_interval_says(found: Pairs, margin: float) -> None:
    answer = gate(found, margin)
    assert (answer.result is GateResult.PASS) == (found.prompts > 0 and answer.low > -margin)
    assert (answer.result is GateResult.FAIL) == (found.prompts > 0 and answer.high < -margin)
    decided = answer.result is not GateResult.INCONCLUSIVE
    assert (answer.more_prompts == 0) == decided


@given(pairs_of_prompts, margins)
def test_that_a_wider_margin_never_turns_a_pass_into_a_fail(found: Pairs, margin: float) -> None:
    if gate(found, margin).result is GateResult.PASS:
        assert gate(found, min(0.9, margin * 2)).result is GateResult.PASS


def test_that_30_prompts_never_pass_a_margin_of_3_or_5_points() -> None:
    best = pairs(0, 0, 30, 0)
    for margin in (0.03, 0.05):
        assert gate(best, margin).result is GateResult.INCONCLUSIVE
    assert gate(best, 0.03).provable_loss == pytest.approx(0.0827, abs=1e-4)


@given(margins)
def test_that_without_disagreement_one_prompt_less_than_needed_does_not_pass(margin: float) -> None:
    needed = prompts_needed_without_disagreement(margin)
    assert gate(pairs(0, 0, needed, 0), margin).result is GateResult.PASS
    assert gate(pairs(0, 0, needed - 1, 0), margin).result is not GateResult.PASS


def test_that_not_significant_is_not_equal() -> None:
    doubtful = gate(pairs(1, 2, 24, 3), 0.03)
    assert doubtful.mcnemar_p == 1.0
    assert doubtful.result is GateResult.INCONCLUSIVE


def test_that_more_prompts_are_the_planned_ones_less_those_run() -> None:
    doubtful = pairs(1, 2, 24, 3)
    assert more_prompts(doubtful, 0.03) == (prompts_needed(0.1, 0.03) or 0) - 30


def test_that_a_clear_loss_within_the_margin_plans_with_the_loss_seen() -> None:
    worse = pairs(10, 40, 900, 50)
    assert tango_interval(worse)[1] < 0
    missing = more_prompts(worse, 0.033)
    assert missing is not None
    assert missing > 10_000
    assert more_prompts(worse, 0.03) is None


def test_that_a_loss_beyond_the_margin_plans_for_a_fail() -> None:
    worse = pairs(2, 12, 80, 6)
    assert gate(worse, 0.05).result is GateResult.INCONCLUSIVE
    missing = more_prompts(worse, 0.05)
    assert missing is not None
    factor = (missing + worse.prompts) / worse.prompts
    grown = [math.ceil(n * factor) for n in (2, 12, 80, 6)]
    assert gate(pairs(*grown), 0.05).result is GateResult.FAIL


def test_that_a_loss_of_exactly_the_margin_is_never_decided() -> None:
    assert more_prompts(pairs(0, 50, 949, 1), 0.05) is None
    assert prompts_needed(0.1, 0.05, difference=-0.05) is None


def test_that_reading_the_gate_more_often_asks_for_more() -> None:
    values = [critical_value(looks) for looks in (1, 2, 3, 4, 10)]
    assert values == sorted(values)
    close = pairs(0, 0, 90, 0)
    assert gate(close, 0.03).result is GateResult.PASS
    assert gate(close, 0.03, looks=3).result is GateResult.INCONCLUSIVE


@given(st.integers(0, 60), st.integers(0, 60))
def test_that_the_sign_test_is_symmetric_and_a_probability(first: int, second: int) -> None:
    p = sign_test(first, second)
    assert 0 < p <= 1
    assert p == sign_test(second, first) == mcnemar_exact(first, second)


def test_that_the_sign_test_is_exact() -> None:
    assert sign_test(21, 12) == pytest.approx(0.162756, rel=1e-5)
    assert sign_test(0, 5) == pytest.approx(2 / 32)
    assert sign_test(0, 0) == 1.0
    assert sign_test(2000, 2100) > 0.1


@given(st.floats(0, 1), st.floats(0.55, 1), st.floats(0.55, 1))
def test_that_the_judge_correction_undoes_the_judge(
    truth: float, sensitivity: float, specificity: float
) -> None:
    seen = truth * sensitivity + (1 - truth) * (1 - specificity)
    assert rogan_gladen(seen, sensitivity, specificity=specificity) == pytest.approx(
        truth, abs=1e-9
    )


@pytest.mark.parametrize("margin", [0.0, -0.03, 1.0, 3.0, math.nan])
def test_that_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(BadInput, match="margin") as caught:
        gate(pairs(1, 1, 10, 1), margin)
    assert caught.value.field == "margin"


def test_that_nonsense_counts_judges_and_looks_are_refused() -> None:
    with pytest.raises(BadInput, match="negative"):
        pairs(-1, 0, 0, 0)
    with pytest.raises(BadInput, match="chance"):
        rogan_gladen(0.5, 0.5, specificity=0.5)
    with pytest.raises(BadInput, match="at least once"):
        critical_value(0)


@pytest.mark.parametrize("margin", [5e-324, 1e-300, 1e-160, 1e-12])
def test_that_a_margin_next_to_nothing_is_decided_by_no_number_of_prompts(margin: float) -> None:
    read = gate(Pairs(local_only=9, cloud_only=8, both=360, neither=23), margin)
    assert (read.result, read.more_prompts) == (GateResult.INCONCLUSIVE, None)
    assert prompts_needed(0.1, margin) is None
    assert prompts_needed_without_disagreement(margin) > 100_000


def test_that_a_belief_is_told_in_points() -> None:
    found = [prior for prior in map(believed, Work) if not isinstance(prior, Nothing)]
    assert found
    for prior in found:
        assert f"give or take {100 * prior.spread:.0f} points" in prior.says
        worse = f"{-100 * prior.gap:.0f} points worse"
        assert (worse in prior.says) == (prior.gap < 0)
        assert ("about as good" in prior.says) == (prior.gap >= 0)
