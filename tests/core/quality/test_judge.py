"""The correction of a judge, figure by figure, and at the edges of what it decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Label
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.judge import (
    FEWEST_LABELS,
    Ballot,
    Bias,
    Calibration,
    CorrectedShare,
    as_good_share,
    bias_of,
    calibrated,
    corrected,
)
from landfall.core.quality.paired_tests import GateResult

L, R, B, N = Label.LOCAL, Label.OTHER, Label.BOTH, Label.NEITHER


def reading(
    low: float,
    high: float,
    difference: float | None,
    *,
    state: GateResult = GateResult.INCONCLUSIVE,
    margin: float = 0.05,
    more: int | None = 100,
    unlabelled: int = 0,
    reason: str = "",
) -> GateReading:
    return GateReading(
        state=state,
        prompts=300,
        unlabelled=unlabelled,
        pairs=None,
        difference=difference,
        low=low,
        high=high,
        margin=margin,
        looks=1,
        more_prompts=more,
        provable_loss=0.01,
        mcnemar_p=None,
        newcombe=None,
        method="tango",
        clusters=0,
        effective_prompts=300.0,
        reason=reason,
    )


def judge(agree: int, opposite: int, decisive: int, *, labels: int | None = None) -> Calibration:
    return Calibration(
        labels=decisive if labels is None else labels,
        agree=agree,
        opposite=opposite,
        decisive=decisive,
        right_kept=0,
        right=0,
        wrong_kept=0,
        wrong=0,
    )


# 80 of 100 preferences are met and 20 turned round: a skill of 0.6. Wilson's interval of 80 of 100
# is 0.71117 to 0.86663, from the roots of its equation, so that the skill is 0.42234 to 0.73327.
SKILLED = judge(80, 20, 100)
LEAST, MOST = 0.4223417, 0.7332661


def test_that_the_skill_of_a_judge_has_the_interval_of_a_share() -> None:
    assert SKILLED.skill == pytest.approx(0.6)
    assert SKILLED.skill_interval == pytest.approx((LEAST, MOST), abs=1e-6)
    # 8 met, none turned round and 2 ties: 9 of 10 as a share, and 0.59585 to 0.98212 of it.
    tied = judge(8, 0, 10)
    assert tied.skill == pytest.approx(0.8)
    assert tied.skill_interval == pytest.approx((0.19170, 0.96425), abs=1e-5)
    assert judge(0, 0, 0).skill is None


def test_that_each_limit_is_divided_by_the_end_of_the_skill_that_makes_it_worse() -> None:
    found = corrected(reading(-0.06, 0.03, -0.012), SKILLED)
    assert found.low == pytest.approx(-0.06 / LEAST, rel=1e-4)
    assert found.high == pytest.approx(0.03 / LEAST, rel=1e-4)
    assert found.difference == pytest.approx(-0.02)
    better = corrected(reading(0.01, 0.03, 0.018), SKILLED)
    assert better.low == pytest.approx(0.01 / MOST, rel=1e-4)
    assert better.high == pytest.approx(0.03 / LEAST, rel=1e-4)
    worse = corrected(reading(-0.06, -0.03, -0.045), SKILLED)
    assert worse.low == pytest.approx(-0.06 / LEAST, rel=1e-4)
    assert worse.high == pytest.approx(-0.03 / MOST, rel=1e-4)
    assert worse.difference == pytest.approx(-0.075)


def test_that_a_limit_of_no_difference_stays_one() -> None:
    found = corrected(reading(0.0, 0.0, 0.0), SKILLED)
    assert (found.low, found.high, found.difference) == (0.0, 0.0, 0.0)
    assert found.state is GateResult.PASS


def test_that_what_is_corrected_stays_a_difference_of_shares() -> None:
    found = corrected(reading(-0.6, 0.8, -0.9), SKILLED)
    assert (found.low, found.high, found.difference) == (-1.0, 1.0, -1.0)
    assert corrected(reading(0.5, 0.8, 0.9), SKILLED).difference == 1.0


def test_that_the_corrected_limits_decide_against_the_margin() -> None:
    passing = 0.05 * LEAST
    assert corrected(reading(-passing + 1e-4, 0.0, 0.0), SKILLED).state is GateResult.PASS
    assert corrected(reading(-passing - 1e-4, 0.0, 0.0), SKILLED).state is GateResult.INCONCLUSIVE
    failing = 0.05 * MOST
    lost = corrected(reading(-0.3, -failing - 1e-4, -0.2), SKILLED)
    assert (lost.state, lost.more_prompts) == (GateResult.FAIL, 0)
    open_ = corrected(reading(-0.3, -failing + 1e-4, -0.2), SKILLED)
    assert open_.state is GateResult.INCONCLUSIVE


def test_that_a_limit_on_the_margin_itself_decides_nothing() -> None:
    exact = judge(10_000, 0, 10_000)
    least, most = exact.skill_interval
    assert most == 1.0
    found = corrected(reading(-0.25, -0.05, -0.1), exact)
    assert (found.high, found.state) == (-0.05, GateResult.INCONCLUSIVE)
    half = reading(-0.5 * least, 0.0, 0.0, margin=0.5)
    assert corrected(half, exact).low == -0.5
    assert corrected(half, exact).state is GateResult.INCONCLUSIVE


def test_that_what_few_sources_left_open_stays_as_it_was() -> None:
    found = corrected(reading(0.0, 0.1, 0.05, reason="few sources"), SKILLED)
    assert (found.state, found.reason) == (GateResult.INCONCLUSIVE, "few sources")


def test_that_half_the_skill_asks_for_four_times_the_prompts() -> None:
    half = judge(75, 25, 100)
    assert half.skill == 0.5
    assert corrected(reading(-0.1, 0.1, 0.0), half).more_prompts == 4 * 400 - 300
    assert corrected(reading(-0.1, 0.1, 0.0), SKILLED).more_prompts == 812  # 1 111.1 in all
    assert corrected(reading(-0.1, 0.1, 0.0, more=None), half).more_prompts is None
    assert corrected(reading(-0.1, 0.1, 0.0, unlabelled=1), half).more_prompts == 0
    sure = judge(10_000, 0, 10_000)
    assert corrected(reading(-0.1, 0.1, 0.0, more=0), sure).more_prompts == 1
    assert corrected(reading(0.0, 0.1, 0.05, more=None), half).more_prompts == 0


def test_that_a_judge_needs_as_many_labels_as_it_is_said() -> None:
    assert FEWEST_LABELS == 30
    asked = reading(0.0, 0.1, 0.05, state=GateResult.PASS)
    few = corrected(asked, judge(28, 0, 28, labels=28))
    assert few.state is GateResult.INCONCLUSIVE
    assert few.reason == "the judge is not calibrated: 2 more of its pairs need a person's label"
    assert (few.more_prompts, few.low, few.difference) == (0, 0.0, 0.05)
    enough = corrected(asked, judge(30, 0, 30, labels=30))
    assert (enough.state, enough.reason) == (GateResult.PASS, "")
    ties = corrected(asked, judge(0, 0, 0, labels=40))
    assert ties.reason.startswith("the judge is not calibrated: 1 more")


def test_that_a_judge_who_may_be_guessing_says_nothing_of_the_difference() -> None:
    asked = reading(0.0, 0.1, 0.05, state=GateResult.PASS)
    # 60 of 100 is 0.5020 at least, and 59 of 100 is 0.4919: one side of chance each.
    assert corrected(asked, judge(60, 40, 100)).difference == pytest.approx(0.25)
    guess = corrected(asked, judge(59, 41, 100))
    assert guess == replace(
        asked,
        state=GateResult.INCONCLUSIVE,
        difference=None,
        low=-1.0,
        high=1.0,
        more_prompts=None,
        reason="the judge agrees with people hardly more often than chance",
    )


def test_that_a_corrected_reading_says_so_and_keeps_the_rest() -> None:
    asked = reading(-0.01, 0.01, None)
    found = corrected(asked, SKILLED)
    assert found.method == "tango, judge corrected"
    assert found.difference is None
    kept = ("prompts", "unlabelled", "margin", "looks", "provable_loss", "effective_prompts")
    assert [getattr(found, name) for name in kept] == [getattr(asked, name) for name in kept]


# What is counted


def test_that_both_orders_are_added_up() -> None:
    cast = [Ballot(place=n, local_first=a, local_second=b) for n, (a, b) in enumerate(
        [(L, R), (L, R), (L, R), (R, L), (L, L), (R, R), (B, B), (N, B), (L, B), (B, R)]
    )]  # fmt: skip
    # 3 against 1: 10 of 16.
    assert bias_of(cast) == Bias(
        ballots=10,
        consistent=3,
        for_first=3,
        for_second=1,
        p=pytest.approx(10 / 16),
    )


def test_that_people_and_judge_are_added_up_answer_by_answer() -> None:
    said = [(L, L), (L, N), (R, R), (R, L), (R, B), (B, R), (B, N), (N, L), (N, R), (N, N)]
    # A person prefers one in five. Right but in the three R: L, N kept, of both B one, of N two.
    assert calibrated(said) == Calibration(
        labels=10, agree=2, opposite=1, decisive=5, right_kept=5, right=7, wrong_kept=1, wrong=3
    )
    assert calibrated([]).labels == 0


# The share that is as good


def rates(right_kept: int, right: int, wrong_kept: int, wrong: int) -> Calibration:
    return Calibration(
        labels=right + wrong,
        agree=0,
        opposite=0,
        decisive=0,
        right_kept=right_kept,
        right=right,
        wrong_kept=wrong_kept,
        wrong=wrong,
    )


@pytest.mark.parametrize(
    ("good", "prompts", "known", "share", "low", "high"),
    # The interval from the formulas of Lang and Reiczigel (2014) with z = 1.959964. For 60 of 100
    # and 90 of 100, 80 of 100: p* = 0.596301 of 103.84; 91/102 and 81/102, a skill of 0.686275;
    # the share 0.568895, the shift -0.001186, half the width 0.154364.
    [
        (60, 100, rates(90, 100, 80, 100), 0.4 / 0.7, 0.413345, 0.722073),
        (0, 50, rates(45, 50, 50, 50), 0.0, 0.0, 0.087769),
        (50, 50, rates(50, 50, 45, 50), 1.0, 0.912231, 1.0),
    ],
)
def test_that_the_share_is_corrected_with_its_interval(
    good: int, prompts: int, known: Calibration, share: float, low: float, high: float
) -> None:
    found = as_good_share(good, prompts, known)
    assert isinstance(found, CorrectedShare)
    assert found.seen == good / prompts
    assert found.share == pytest.approx(share)
    assert found.low == pytest.approx(low, abs=2e-6)
    assert found.high == pytest.approx(high, abs=2e-6)


@pytest.mark.parametrize(
    ("good", "prompts", "known"),
    [
        (5, 0, rates(9, 10, 9, 10)),
        (5, 10, rates(0, 0, 9, 10)),
        (5, 10, rates(9, 10, 0, 0)),
        (5, 10, rates(5, 10, 5, 10)),
    ],
)
def test_that_a_share_without_the_errors_of_the_judge_is_unknown(
    good: int, prompts: int, known: Calibration
) -> None:
    assert isinstance(as_good_share(good, prompts, known), Unknown)


def test_that_one_of_each_is_enough_to_correct_by() -> None:
    found = as_good_share(1, 1, rates(1, 1, 1, 1))
    # 2/3 of either kind: a skill of a third, and an interval that says nothing.
    assert found == CorrectedShare(seen=1.0, share=1.0, low=0.0, high=1.0)
