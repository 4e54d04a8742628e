"""A judge in both orders, held against people: what it shrinks, and what corrects it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Label, Outcome, compare, labelled
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.judge import (
    Ballot,
    Calibration,
    CorrectedShare,
    as_good_share,
    bias_of,
    calibrated,
    corrected,
)
from landfall.core.quality.paired_tests import GateResult, wilson

L, R, B, N = Label.LOCAL, Label.OTHER, Label.BOTH, Label.NEITHER
choices = st.sampled_from(list(Label))


def ballot(first: Label, second: Label) -> Ballot:
    return Ballot(place=0, local_first=first, local_second=second)


@pytest.mark.parametrize(
    ("first", "second", "label"),
    [(L, L, L), (R, R, R), (N, N, N), (B, B, B), (L, R, B), (R, L, B), (L, B, B), (N, R, B)],
)
def test_that_only_what_it_says_both_times_counts(
    first: Label, second: Label, label: Label
) -> None:
    assert ballot(first, second).label is label


def test_that_the_pull_of_a_place_is_counted() -> None:
    cast = [ballot(L, R)] * 8 + [ballot(R, L)] + [ballot(L, L)] * 10 + [ballot(B, R)]
    found = bias_of(cast)
    assert (found.ballots, found.consistent) == (20, 10)
    assert (found.for_first, found.for_second) == (8, 1)
    assert found.p == pytest.approx(20 / 512)
    nobody = bias_of([])
    assert (nobody.ballots, nobody.p) == (0, 1.0)


def test_that_a_calibration_counts_what_people_and_judge_said() -> None:
    found = calibrated([(L, L), (L, R), (R, R), (R, B), (B, L), (N, R), (B, N)])
    assert (found.labels, found.decisive, found.agree, found.opposite) == (7, 4, 2, 1)
    assert (found.right, found.right_kept) == (5, 3)
    assert (found.wrong, found.wrong_kept) == (2, 1)
    assert found.skill == pytest.approx(0.25)
    assert calibrated([(B, B)]).skill is None


def calibration(agree: int, opposite: int, ties: int = 0) -> Calibration:
    return calibrated([(L, L)] * agree + [(R, L)] * opposite + [(L, B)] * ties)


def run_of(won: int, lost: int, same: int) -> list[Outcome]:
    told = [labelled(n, L) for n in range(won)]
    told += [labelled(won + n, R) for n in range(lost)]
    alike = [Outcome(place=1000 + n, same=True) for n in range(same)]
    return [*told, *alike]


def test_that_a_perfect_judge_is_hardly_corrected() -> None:
    reading = compare(run_of(10, 12, 400), 0.05)
    found = corrected(reading, calibration(200, 0))
    assert found.difference == pytest.approx(reading.difference)
    assert found.low == pytest.approx(reading.low, abs=0.001)
    assert found.state is GateResult.PASS
    assert found.more_prompts == 0
    assert found.method == "tango, judge corrected"


def test_that_a_poor_judge_passes_less_easily() -> None:
    reading = compare(run_of(10, 16, 400), 0.05)
    assert reading.state is GateResult.PASS
    poor = corrected(reading, calibration(70, 30))
    assert poor.state is GateResult.INCONCLUSIVE
    assert poor.low < reading.low
    assert poor.difference == pytest.approx((reading.difference or 0) / 0.4)
    assert poor.more_prompts is not None
    assert poor.more_prompts > 1000


def test_that_a_corrected_loss_may_fail() -> None:
    reading = compare(run_of(0, 40, 300), 0.11)
    assert reading.state is GateResult.INCONCLUSIVE
    found = corrected(reading, calibration(150, 50))
    assert found.state is GateResult.FAIL
    assert found.more_prompts == 0


def test_that_a_judge_without_labels_by_people_decides_nothing() -> None:
    reading = compare(run_of(10, 10, 800), 0.05)
    for known, missing in ((calibration(29, 0), 1), (calibrated([(B, B)] * 40), 1)):
        found = corrected(reading, known)
        assert found.state is GateResult.INCONCLUSIVE
        assert f"{missing} more of its pairs" in found.reason
        assert found.more_prompts == 0


def test_that_a_judge_no_better_than_chance_says_nothing() -> None:
    found = corrected(compare(run_of(10, 10, 800), 0.05), calibration(16, 14))
    assert found.state is GateResult.INCONCLUSIVE
    assert (found.low, found.high, found.difference) == (-1.0, 1.0, None)
    assert found.more_prompts is None


def test_that_what_was_open_stays_open() -> None:
    few = [Outcome(place=n, local=1.0, other=1.0, cluster=f"{n % 9}") for n in range(500)]
    found = corrected(compare(few, 0.05), calibration(100, 0))
    assert found.state is GateResult.INCONCLUSIVE
    assert "too few" in found.reason
    waiting = compare([*run_of(3, 3, 300), *(Outcome(place=2000 + n) for n in range(60))], 0.05)
    assert corrected(waiting, calibration(100, 0)).more_prompts == 0
    never = compare(run_of(0, 50, 950), 0.05)
    assert never.more_prompts is None
    assert corrected(never, calibration(60, 10)).more_prompts is None
    lost = compare([Outcome(place=n) for n in range(50)], 0.05)
    assert corrected(lost, calibration(100, 0)).difference is None


@given(st.integers(0, 40), st.integers(0, 40), st.integers(30, 90), st.integers(0, 29))
def test_that_a_correction_never_narrows_a_loss(won: int, lost: int, agree: int, err: int) -> None:
    reading = compare(run_of(won, lost, 200), 0.05)
    found = corrected(reading, calibration(agree, err))
    assert -1 <= found.low <= found.high <= 1
    if reading.low < 0:
        assert found.low <= reading.low + 1e-12
    if found.state is GateResult.PASS:
        assert reading.state is GateResult.PASS


def test_that_the_corrected_gate_keeps_false_passes_rare() -> None:
    """A candidate that is exactly the margin worse, and a judge who errs on a quarter."""
    chance = random.Random(4)
    passes = naive = 0
    runs = 250
    for _ in range(runs):
        known, run = [], []
        for place in range(400):
            truth = chance.choices([L, R, B], [0.06, 0.11, 0.83])[0]
            said = truth
            if truth is not B and chance.random() < 0.25:
                said = R if truth is L else L
            if truth is not B and len(known) < 60:
                known.append((truth, said))
            run.append(labelled(place, said))
        reading = compare(run, 0.05)
        naive += reading.state is GateResult.PASS
        passes += corrected(reading, calibrated(known)).state is GateResult.PASS
    assert passes / runs <= 0.06
    assert naive / runs > 0.2


# The share on which the candidate is as good


def test_that_the_share_is_that_of_rogan_and_gladen() -> None:
    known = Calibration(
        labels=200, agree=0, opposite=0, decisive=0,
        right_kept=80, right=100, wrong_kept=75, wrong=100,
    )  # fmt: skip
    found = as_good_share(60, 100, known)
    assert isinstance(found, CorrectedShare)
    assert found.seen == 0.6
    assert found.share == pytest.approx((0.6 + 0.75 - 1) / 0.55)
    assert found.low < found.share < found.high


def test_that_the_interval_is_that_of_lang_and_reiczigel() -> None:
    """4 of 130 with a test of 50 of 100 and 199 of 200: worked by hand from their formulas."""
    known = Calibration(
        labels=300, agree=0, opposite=0, decisive=0,
        right_kept=50, right=100, wrong_kept=199, wrong=200,
    )  # fmt: skip
    found = as_good_share(4, 130, known)
    assert isinstance(found, CorrectedShare)
    z2 = 1.959964**2
    apparent = (4 + z2 / 2) / (130 + z2)
    share = (apparent + 200 / 202 - 1) / (0.5 + 200 / 202 - 1)
    of_right, of_wrong = 0.25 / 102, 200 / 202 * 2 / 202 / 202
    middle = share + 2 * z2 * (share * of_right - (1 - share) * of_wrong)
    variance = apparent * (1 - apparent) / (130 + z2)
    variance += share**2 * of_right + (1 - share) ** 2 * of_wrong
    half = (z2 * variance) ** 0.5 / (0.5 + 200 / 202 - 1)
    assert found.low == pytest.approx(max(0, middle - half), abs=1e-6)
    assert found.high == pytest.approx(middle + half, abs=1e-6)


def test_that_the_interval_holds_the_truth_nineteen_times_of_twenty() -> None:
    chance = random.Random(9)

    def drawn(n: int, share: float) -> int:
        return sum(chance.random() < share for _ in range(n))

    held, runs = 0, 400
    for _ in range(runs):
        seen = 0.7 * 0.85 + 0.3 * 0.2
        known = Calibration(
            labels=100, agree=0, opposite=0, decisive=0,
            right_kept=drawn(60, 0.85), right=60, wrong_kept=drawn(40, 0.8), wrong=40,
        )  # fmt: skip
        found = as_good_share(drawn(200, seen), 200, known)
        assert isinstance(found, CorrectedShare)
        held += found.low <= 0.7 <= found.high
    assert held / runs > 0.92


def test_that_a_share_that_nothing_corrects_is_unknown() -> None:
    assert isinstance(as_good_share(5, 10, calibrated([(L, L)] * 50)), Unknown)
    assert isinstance(as_good_share(5, 0, calibrated([(L, L), (R, R)])), Unknown)
    assert isinstance(as_good_share(5, 10, calibrated([(L, R), (R, L)])), Unknown)
    barely = as_good_share(5, 10, calibrated([(L, L), (R, L), (R, R), (R, L), (L, L), (L, R)]))
    assert isinstance(barely, Unknown)
    unsure = as_good_share(1, 2, calibrated([(L, L), (L, R), (R, R)]))
    assert isinstance(unsure, CorrectedShare)
    assert unsure.low < 0.1
    assert unsure.high > 0.9
    one_wrong = [(L, L)] * 20 + [(L, R)] * 80 + [(R, R)]
    assert as_good_share(10, 100, calibrated(one_wrong)) == CorrectedShare(
        seen=0.1, share=pytest.approx(0.5), low=0.0, high=1.0
    )


@given(st.lists(st.tuples(choices, choices), max_size=40), st.integers(0, 30), st.integers(0, 30))
def test_that_a_corrected_share_is_a_share(
    labels: list[tuple[Label, Label]], good: int, other: int
) -> None:
    found = as_good_share(good, good + other, calibrated(labels))
    if isinstance(found, CorrectedShare):
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.share <= 1


def test_that_a_reading_keeps_its_kind() -> None:
    assert isinstance(corrected(compare([], 0.05), calibration(40, 0)), GateReading)


def test_that_the_interval_of_a_skill_counts_a_tie_as_half() -> None:
    one = Calibration(
        labels=60, agree=30, opposite=6, decisive=40, right_kept=1, right=1, wrong_kept=1, wrong=1
    )
    assert one.skill == pytest.approx(24 / 40)
    low, high = wilson(32.0, 40)  # four ties: two for each
    assert one.skill_interval == pytest.approx((2 * low - 1, 2 * high - 1))
    assert one.skill_interval[0] < 0.6 < one.skill_interval[1]
