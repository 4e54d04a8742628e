"""The gate over a run: open labels, clusters, graded scores; against brute force."""

from __future__ import annotations

import itertools
import math
import random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.quality.differences import (
    Differences,
    differences,
    effective_prompts,
    mean_interval,
    student_t,
)
from landfall.core.quality.gate import (
    FEWEST_CLUSTERS,
    LOOKS_OF_THREE,
    Label,
    Outcome,
    _at_most,
    compare,
    labelled,
    look_sizes,
)
from landfall.core.quality.gate_reading import GateReading, points, signed_points
from landfall.core.quality.paired_tests import (
    Z_OF_LOOKS,
    GateResult,
    Pairs,
    critical_value,
    gate,
    mcnemar_exact,
    newcombe_interval,
    tango_interval,
    wilson,
)

Z = NormalDist().inv_cdf(0.95)
counts = st.integers(0, 60)


def run_of(
    won: int, lost: int, both: int = 0, neither: int = 0, *, open_: int = 0, same: int = 0
) -> list[Outcome]:
    scores: list[tuple[float | None, float | None, bool]] = [
        *[(1.0, 0.0, False)] * won,
        *[(0.0, 1.0, False)] * lost,
        *[(1.0, 1.0, False)] * both,
        *[(0.0, 0.0, False)] * neither,
        *[(None, None, False)] * open_,
        *[(None, None, True)] * same,
    ]
    return [
        Outcome(place=n, local=local, other=other, same=alike)
        for n, (local, other, alike) in enumerate(scores)
    ]


# Independent oracles of the base


def tango_by_search(won: int, lost: int, n: int, delta: float) -> float:
    """The score with the nuisance parameter found by searching the likelihood."""

    def likelihood(q: float) -> float:
        shares = (q + delta, q, 1 - 2 * q - delta)
        found = 0.0
        for count, share in zip((won, lost, n - won - lost), shares, strict=True):
            if count:
                if share <= 0:
                    return -math.inf
                found += count * math.log(share)
        return found

    low, high = max(0.0, -delta), (1 - delta) / 2
    for _ in range(200):  # golden section: the likelihood has one top
        third = (high - low) / 3
        if likelihood(low + third) < likelihood(high - third):
            low += third
        else:
            high -= third
    q = (low + high) / 2
    return (won - lost - n * delta) / math.sqrt(n * (2 * q + delta - delta * delta))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 200))
def test_that_tango_is_the_constrained_likelihood(won: int, lost: int, rest: int) -> None:
    n = won + lost + rest
    low, high = tango_interval(Pairs(local_only=won, cloud_only=lost, both=rest, neither=0), z=Z)
    assert tango_by_search(won, lost, n, low) == pytest.approx(Z, abs=2e-3)
    assert tango_by_search(won, lost, n, high) == pytest.approx(-Z, abs=2e-3)


@given(st.integers(0, 10), st.integers(0, 10))
def test_that_mcnemar_counts_every_outcome(won: int, lost: int) -> None:
    n = won + lost
    extreme = abs(won - lost)
    as_extreme = sum(math.comb(n, wins) for wins in range(n + 1) if abs(2 * wins - n) >= extreme)
    assert mcnemar_exact(won, lost) == pytest.approx(as_extreme / 2**n)


@given(st.integers(0, 80), st.integers(0, 80))
def test_that_wilson_solves_its_equation(right: int, wrong: int) -> None:
    n = right + wrong
    if not n:
        return
    for end in wilson(right, n, z=Z):
        if 0 < end < 1:
            distance = abs(right / n - end)
            assert distance == pytest.approx(Z * math.sqrt(end * (1 - end) / n), abs=1e-9)


@pytest.mark.parametrize("sizes", [(50, 150), (30, 100, 300), look_sizes(1000), look_sizes(240)])
def test_that_several_looks_keep_false_passes_at_five_per_cent(sizes: tuple[int, ...]) -> None:
    chance = random.Random(7)
    z = Z_OF_LOOKS[len(sizes)]
    steps = [size - before for size, before in zip(sizes, (0, *sizes), strict=False)]
    passed, peeked, runs = 0, 0, 12_000
    for _ in range(runs):
        sums = list(itertools.accumulate(chance.gauss(0, math.sqrt(step)) for step in steps))
        scores = [total / math.sqrt(size) for total, size in zip(sums, sizes, strict=True)]
        passed += max(scores) > z
        peeked += max(scores) > Z
    assert 0.043 < passed / runs < 0.057
    assert peeked / runs > 0.075


# Right or wrong


@given(counts, counts, counts, counts, st.integers(1, 3))
def test_that_a_labelled_run_reads_as_its_counts(
    won: int, lost: int, both: int, neither: int, looks: int
) -> None:
    pairs = Pairs(local_only=won, cloud_only=lost, both=both, neither=neither, looks=looks)
    right = gate(pairs, 0.05, looks=looks)
    found = compare(run_of(won, lost, both, neither), 0.05, looks=looks)
    assert (found.state, found.pairs, found.prompts) == (right.result, pairs, right.prompts)
    assert (found.low, found.high) == pytest.approx((right.low, right.high), abs=1e-9)
    assert found.more_prompts == right.more_prompts
    assert found.provable_loss == right.provable_loss
    assert found.mcnemar_p == right.mcnemar_p
    assert found.method == "tango"
    assert found.unlabelled == 0
    if pairs.prompts:
        assert found.difference == pytest.approx(right.difference)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 8), st.integers(0, 8), st.integers(0, 60), st.integers(0, 3), st.integers(0, 3)
)
def test_that_open_labels_bound_every_way_in_which_they_may_fall(
    won: int, lost: int, both: int, open_: int, same: int
) -> None:
    found = compare(run_of(won, lost, both, open_=open_, same=same), 0.05)
    states, lows, highs = set(), [], []
    for labels in itertools.product(Label, repeat=open_):
        told = [labelled(900 + n, label) for n, label in enumerate(labels)]
        right = compare([*run_of(won, lost, both, same=same), *told], 0.05)
        states.add(right.state)
        lows.append(right.low)
        highs.append(right.high)
    assert found.unlabelled == open_
    assert found.low == pytest.approx(min(lows), abs=1e-9)
    assert found.high == pytest.approx(max(highs), abs=1e-9)
    if found.state is not GateResult.INCONCLUSIVE:
        assert states == {found.state}
    else:
        assert states != {GateResult.PASS}
        assert states != {GateResult.FAIL}


def test_that_a_run_may_be_decided_before_all_is_labelled() -> None:
    assert compare(run_of(0, 0, same=400, open_=3), 0.03).state is GateResult.PASS
    assert compare(run_of(0, 60, same=40, open_=3), 0.03).state is GateResult.FAIL
    waiting = compare(run_of(0, 0, same=400, open_=40), 0.03)
    assert waiting.state is GateResult.INCONCLUSIVE
    assert waiting.difference is None
    assert waiting.more_prompts == 0
    assert "Answers still to be compared: 40." in waiting.says


def test_that_open_labels_are_taken_to_fall_as_those_that_differ() -> None:
    half = compare(run_of(3, 3, same=100, open_=6), 0.03)
    assert half.difference == pytest.approx(0.0)
    losing = compare(run_of(0, 4, 2, same=100, open_=6), 0.03)
    assert losing.difference == pytest.approx((-4 - 4) / 112)
    assert half.more_prompts is not None
    assert half.more_prompts > 0
    nearly = compare(run_of(10, 10, same=960, open_=5), 0.03)
    assert nearly.state is GateResult.PASS
    close = compare(run_of(10, 10, same=400, open_=20), 0.03)
    assert (close.state, close.more_prompts) == (GateResult.INCONCLUSIVE, 0)


def test_that_half_a_score_and_alike_answers_are_taken_for_what_they_say() -> None:
    half_known = Outcome(place=99, local=1.0)
    assert half_known.is_open
    found = compare([half_known, *run_of(0, 0, 50)], 0.05)
    assert found.low == pytest.approx(compare(run_of(0, 0, 51), 0.05).low)
    alike = [Outcome(place=0, local=0.0, same=True), Outcome(place=1, other=1.0, same=True)]
    pairs = compare(alike, 0.05).pairs
    assert pairs is not None
    assert (pairs.neither, pairs.both) == (1, 1)


def test_that_nothing_run_says_nothing() -> None:
    found = compare([], 0.03)
    assert (found.state, found.low, found.high) == (GateResult.INCONCLUSIVE, -1.0, 1.0)
    assert found.difference is None
    assert found.more_prompts == 88


def test_that_labels_are_pairs() -> None:
    run = [labelled(n, label, "c") for n, label in enumerate(Label)]
    pairs = compare(run, 0.05).pairs
    assert pairs == Pairs(local_only=1, cloud_only=1, both=1, neither=1)


@pytest.mark.parametrize(("value", "field"), [(-0.1, "local"), (1.5, "other"), (math.nan, "other")])
def test_that_a_score_is_a_share(value: float, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        Outcome(place=0, **{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize("margin", [0.0, 1.0, math.nan])
def test_that_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(BadInput, match="margin"):
        compare([], margin)


def test_that_looks_have_the_sizes_they_were_simulated_for() -> None:
    assert look_sizes(300) == (30, 100, 300)
    assert look_sizes(150) == (50, 150)
    assert look_sizes(149) == (149,)
    assert critical_value(len(look_sizes(300))) == 2.06


# Clusters


def clustered(groups: list[list[tuple[int, int]]]) -> list[Outcome]:
    return [
        Outcome(place=100 * g + n, local=local, other=other, cluster=f"doc {g}")
        for g, members in enumerate(groups)
        for n, (local, other) in enumerate(members)
    ]


def test_that_copies_of_a_prompt_count_once() -> None:
    alone = [(1, 0)] * 4 + [(0, 1)] * 5 + [(1, 1)] * 91
    single = compare(clustered([[one] for one in alone]), 0.05)
    copied = compare(clustered([[one] * 10 for one in alone]), 0.05)
    assert single.clusters == 0
    assert copied.clusters == 100
    assert copied.method == "clustered tango"
    assert copied.effective_prompts < 101
    assert copied.effective_prompts == pytest.approx(100, rel=0.05)
    assert copied.low == pytest.approx(single.low, abs=0.002)
    independent = compare(run_of(40, 50, 910), 0.05)
    assert copied.low < independent.low


def test_that_clusters_that_do_not_matter_cost_little() -> None:
    chance = random.Random(3)
    groups = [
        [(int(chance.random() < 0.9), int(chance.random() < 0.9)) for _ in range(3)]
        for _ in range(100)
    ]
    found = compare(clustered(groups), 0.05)
    assert found.clusters == 100
    assert 200 < found.effective_prompts <= 300


def test_that_few_sources_decide_nothing() -> None:
    few = compare(clustered([[(1, 1)] * 50] * 9), 0.05)
    assert few.state is GateResult.INCONCLUSIVE
    assert few.reason == "9 sources of prompts are too few to stand for all work"
    assert "9 sources of prompts are too few to stand for all work." in few.says
    one = compare(clustered([[(1, 1)] * 50]), 0.05)
    assert one.clusters == 1
    enough = compare(clustered([[(1, 1)] * 50] * 10), 0.05)
    assert enough.state is GateResult.PASS


def test_that_prompts_without_a_cluster_stand_for_themselves() -> None:
    mixed = [*clustered([[(1, 1)] * 2]), *run_of(0, 0, 5)]
    assert compare(mixed, 0.05).clusters == 6
    spread = differences([0, 1, 2], ["", "", "c"], [0.0, 1.0, 0.0])
    assert spread == Differences(values=(0.0, 1.0, 0.0))


def test_that_the_design_effect_is_the_clustered_variance_over_the_plain_one() -> None:
    values = [0.2, 0.4, -0.3, 0.1, 0.0, 0.5]
    found = differences(range(6), ["a", "a", "b", "b", "c", "c"], values)
    mean = fmean(values)
    sums = [values[n] + values[n + 1] - 2 * mean for n in (0, 2, 4)]
    clustered_variance = 3 / 2 * sum(total**2 for total in sums) / 36
    plain_variance = sum((value - mean) ** 2 for value in values) / 36
    assert found.design_effect == pytest.approx(max(1.0, clustered_variance / plain_variance))
    one = Differences(values=(0.0, 1.0), units=(0, 0), clusters=1)
    assert one.design_effect == 2.0
    assert Differences(values=()).mean == Differences(values=()).variance == 0.0


@pytest.mark.parametrize(
    ("freedom", "right"),
    [(5, 2.015048), (10, 1.812461), (30, 1.697261), (120, 1.657651), (1_000_000, 1.644855)],
)
def test_that_students_t_is_that_of_the_tables(freedom: int, right: float) -> None:
    assert student_t(Z, freedom) == pytest.approx(right, rel=0.01)


def test_that_few_clusters_count_for_less() -> None:
    found = Differences(values=(0.0,) * 20, units=tuple(n // 2 for n in range(20)), clusters=10)
    right = 20 * (Z / 1.8331) ** 2
    assert effective_prompts(found, Z, design_effect=1.0) == pytest.approx(right, rel=0.01)


# Graded


def graded(values: list[float]) -> list[Outcome]:
    return [
        Outcome(place=n, local=0.5 + value / 2, other=0.5 - value / 2)
        for n, value in enumerate(values)
    ]


def test_that_small_differences_are_never_surer_than_none() -> None:
    none = compare(run_of(0, 0, 30), 0.03)
    tiny = compare(graded([0.001] * 30), 0.03)
    assert tiny.high - tiny.low >= none.high - none.low - 1e-9
    assert tiny.state is GateResult.INCONCLUSIVE
    assert tiny.pairs is tiny.mcnemar_p is tiny.newcombe is None
    assert tiny.method == "bootstrap"
    assert tiny.more_prompts == 58


def test_that_graded_scores_pass_and_fail() -> None:
    chance = random.Random(5)
    noise = [chance.gauss(0, 0.1) for _ in range(400)]
    good = compare(graded([max(-1, min(1, x)) for x in noise]), 0.03)
    bad = compare(graded([max(-1, min(1, x - 0.2)) for x in noise]), 0.03)
    assert good.state is GateResult.PASS
    assert bad.state is GateResult.FAIL
    assert bad.more_prompts == 0
    half = compare(graded([x - 0.03 for x in noise[:100]]), 0.03)
    assert half.state is GateResult.INCONCLUSIVE


def test_that_open_graded_prompts_bound_the_result() -> None:
    run = [*graded([0.0, 0.1] * 50), Outcome(place=500), Outcome(place=501)]
    found = compare(run, 0.03)
    assert found.unlabelled == 2
    assert found.difference == pytest.approx(0.05)
    worst = compare([*graded([0.0, 0.1] * 50 + [-1.0, -1.0])], 0.03)
    best = compare([*graded([0.0, 0.1] * 50 + [1.0, 1.0])], 0.03)
    assert found.low == pytest.approx(worst.low, abs=1e-9)
    assert found.high == pytest.approx(best.high, abs=1e-9)


def test_that_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(11)
    below = 0
    runs = 150
    for seed in range(runs):
        values = [chance.choice([-0.5, 0.0, 0.0, 0.5]) for _ in range(60)]
        low, high = mean_interval(
            Differences(values=tuple(values)), Z, design_effect=1.0, seed=seed
        )
        below += low > 0
        assert low <= fmean(values) <= high
    assert below / runs < 0.1


def test_that_clusters_are_drawn_whole() -> None:
    values = tuple([0.3] * 50 + [-0.3] * 50)
    alone = mean_interval(Differences(values=values), Z, design_effect=1.0, seed=1)
    whole = Differences(values=values, units=tuple(n // 10 for n in range(100)), clusters=10)
    grouped = mean_interval(whole, Z, design_effect=whole.design_effect, seed=1)
    assert grouped[0] < alone[0]
    run = [
        Outcome(place=n, local=0.65 if n < 50 else 0.35, other=0.5, cluster=f"{n // 10}")
        for n in range(100)
    ]
    assert compare(run, 0.05).method == "clustered bootstrap"


def test_that_too_little_says_nothing_and_much_needs_no_draws() -> None:
    assert mean_interval(Differences(values=(0.1,)), Z, design_effect=1.0, seed=1) == (-1.0, 1.0)
    chance = random.Random(1)
    values = tuple(chance.gauss(0, 0.1) for _ in range(3000))
    low, high = mean_interval(Differences(values=values), Z, design_effect=1.0, seed=1)
    assert high - low == pytest.approx(2 * Z * 0.1 / math.sqrt(3000), rel=0.1)


def test_that_a_graded_loss_of_the_margin_is_never_decided() -> None:
    value = compare(graded([-0.25, -0.75, -0.5, -0.5] * 10), 0.5)
    assert value.state is GateResult.INCONCLUSIVE
    assert value.difference == pytest.approx(-0.5)
    assert value.more_prompts is None
    assert "No practical number of prompts would decide it." in value.says


def test_that_a_graded_loss_beyond_the_margin_plans_for_a_fail() -> None:
    found = compare(graded([-0.8, 0.0, 0.0, -0.1] * 10), 0.15)
    assert found.state is GateResult.INCONCLUSIVE
    assert found.difference == pytest.approx(-0.225)
    assert found.more_prompts is not None
    assert found.more_prompts > 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30), st.floats(0.01, 0.5))
def test_that_swapping_graded_models_mirrors_it(values: list[float], margin: float) -> None:
    there, back = compare(graded(values), margin), compare(graded([-v for v in values]), margin)
    assert there.low <= there.high
    if there.method == back.method == "bootstrap":
        assert there.low == pytest.approx(-back.high, abs=0.05)
    assert (there.state is GateResult.PASS) == (there.low > -margin)


# In words


def says(won: int, lost: int, both: int, margin: float = 0.03) -> str:
    return compare(run_of(won, lost, both), margin).says


def test_that_every_state_is_said_in_words() -> None:
    assert says(0, 0, 30) == (
        "Not decided: between −8.3 points and +8.3 points on 30 prompts."
        " About 58 more would probably decide it."
        " 30 prompts can only rule out a loss above 8.3 points."
    )
    assert says(0, 0, 1).startswith("Not decided: between −73 points and +73 points on 1 prompt.")
    assert says(0, 0, 1000) == (
        "Passes: a loss above 0.27 points is ruled out by 1,000 prompts (limit 3 points)."
    )
    assert says(30, 0, 100) == "Passes: no loss on 130 prompts (limit 3 points)."
    assert says(0, 60, 140) == "Fails: at least 25 points worse on 200 prompts (limit 3 points)."


def test_that_a_reading_is_a_value() -> None:
    found = compare(run_of(1, 1, 30), 0.05)
    assert isinstance(found, GateReading)
    assert found == compare(run_of(1, 1, 30), 0.05)


def test_that_points_are_written_without_powers_of_ten() -> None:
    assert points(0.03) == "3 points"
    assert points(1.0) == "100 points"
    assert signed_points(-1.0) == "−100 points"
    assert signed_points(0.0164) == "+1.6 points"


def test_that_halves_of_what_is_open_are_not_rounded_to_more_than_there_is() -> None:
    assert compare(run_of(1, 1, open_=3), 0.05).state is GateResult.INCONCLUSIVE


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    # Of the tail 0.025, as printed in tables; the expansion is within 1 % from five on.
    [(5, 2.571), (10, 2.228), (20, 2.086), (30, 2.042), (60, 2.000), (120, 1.980)],
)
def test_that_students_t_is_that_of_printed_tables(freedom: int, quantile: float) -> None:
    error = 0.01 if freedom < 10 else 0.0012
    assert student_t(1.959964, freedom) == pytest.approx(quantile, rel=error)


def test_that_each_power_of_students_t_has_its_coefficient() -> None:
    z = 2.0
    # Abramowitz and Stegun 26.7.5, by hand for z = 2: 10/4, (160 + 128 + 6)/96, (384 + 608 + 136
    # - 30)/384.
    for freedom in (1, 2, 7):
        by_hand = z + 2.5 / freedom + 3.0625 / freedom**2 + (1098 / 384) / freedom**3
        assert student_t(z, freedom) == pytest.approx(by_hand, rel=1e-12)


# To the last figure ------------------------------------------------------------------------------


def edge(n: float, z: float = Z) -> float:
    """What can be proved by prompts without any difference: Tango's interval in closed form."""
    return z * z / (n + z * z)


def test_that_a_reading_of_right_and_wrong_tells_all_that_it_rests_on() -> None:
    run = run_of(0, 0, 20, 10, open_=4, same=2)
    found = compare(run, 0.05, looks=3)
    z = 2.06
    assert found == GateReading(
        state=GateResult.INCONCLUSIVE,
        prompts=36,
        unlabelled=4,
        # What is alike and has no truth counts as both.
        pairs=Pairs(local_only=0, cloud_only=0, both=22, neither=10, looks=3),
        difference=0.0,
        low=pytest.approx(-compare(run_of(4, 0, 22, 10), 0.05, looks=3).high),
        high=pytest.approx(compare(run_of(4, 0, 22, 10), 0.05, looks=3).high),
        margin=0.05,
        looks=3,
        # z2 0.95 / 0.05 = 80.6: 81, and 36 are there, also when the four fall as the others.
        more_prompts=45,
        provable_loss=pytest.approx(edge(36, z)),
        mcnemar_p=1.0,
        newcombe=newcombe_interval(Pairs(local_only=0, cloud_only=0, both=22, neither=10)),
        method="tango",
        clusters=0,
        effective_prompts=36.0,
    )


def test_that_missing_labels_count_for_and_against_the_candidate() -> None:
    found = compare(run_of(0, 0, 30, open_=3), 0.05)
    low, high = tango_interval(Pairs(local_only=0, cloud_only=3, both=30, neither=0), z=Z)
    assert (found.low, found.high) == pytest.approx((low, -low))
    assert high < found.high
    # Half of a label bounds the other half: today's model was right, the candidate may be.
    known = compare([Outcome(place=900, other=1.0), *run_of(0, 0, 30)], 0.05)
    assert known.low == pytest.approx(
        tango_interval(Pairs(local_only=0, cloud_only=1, both=30, neither=0), z=Z)[0]
    )
    assert known.high == pytest.approx(edge(31))
    wrong = compare([Outcome(place=900, other=0.0), *run_of(0, 0, 30)], 0.05)
    assert wrong.low == pytest.approx(-edge(31))
    assert wrong.high == pytest.approx(
        tango_interval(Pairs(local_only=1, cloud_only=0, both=30, neither=0), z=Z)[1]
    )


@pytest.mark.parametrize(
    ("run", "difference"),
    [
        (run_of(3, 1, 6), 0.2),
        (run_of(3, 1, 6, open_=10), 0.2),  # what is open falls as what was told
        (run_of(3, 1, 6, open_=5, same=5), (2 + 5 * 0.2) / 20),  # not as what is alike
        (run_of(0, 0, open_=5, same=5), None),
        (run_of(0, 0, same=5), 0.0),
        (run_of(0, 0, open_=5), None),
    ],
)
def test_that_the_expected_difference_takes_what_is_open_for_what_was_told(
    run: list[Outcome], difference: float | None
) -> None:
    found = compare(run, 0.05).difference
    assert found == (difference if difference is None else pytest.approx(difference))


def test_that_open_labels_are_asked_for_before_more_prompts() -> None:
    # Nothing was told yet: more labels come first.
    assert compare(run_of(0, 0, same=20, open_=5), 0.05).more_prompts == 0
    # As those told fall, the run would pass: then too.
    passing = compare(run_of(0, 0, 10, same=60, open_=6), 0.05)
    assert (passing.state, passing.more_prompts) == (GateResult.INCONCLUSIVE, 0)
    # 2 of 10 won and 2 lost: of 10 open ones 2 each, and 4 + 4 of 120 disagree.
    found = compare(run_of(2, 2, 6, same=100, open_=10), 0.02)
    needed = (Z + 0.8416212335729143) ** 2 * (8 / 120) / 0.0004  # 1030.4
    assert found.more_prompts == math.ceil(needed) - 120


def test_that_scores_that_are_not_whole_are_graded() -> None:
    whole = [Outcome(place=n, local=1.0, other=0.0) for n in range(9)]
    assert compare(whole, 0.05).method == "tango"
    assert compare([*whole, Outcome(place=9, local=0.5, other=0.0)], 0.05).method == "bootstrap"
    assert compare([*whole, Outcome(place=9, local=1.0, other=0.5)], 0.05).method == "bootstrap"
    assert compare([*whole, Outcome(place=9)], 0.05).method == "tango"


def test_that_a_graded_reading_tells_all_that_it_rests_on() -> None:
    run = graded([0.0] * 30)
    found = compare(run, 0.05, looks=2, seed=3)
    z = 1.91
    assert found == GateReading(
        state=GateResult.INCONCLUSIVE,
        prompts=30,
        unlabelled=0,
        pairs=None,
        difference=0.0,
        low=pytest.approx(-edge(30, z)),
        high=pytest.approx(edge(30, z)),
        margin=0.05,
        looks=2,
        more_prompts=40,  # z2 0.95 / 0.05 = 69.3: 70
        provable_loss=pytest.approx(edge(30, z)),
        mcnemar_p=None,
        newcombe=None,
        method="bootstrap",
        clusters=0,
        effective_prompts=30.0,
    )


def test_that_more_graded_prompts_follow_the_variance_of_their_differences() -> None:
    # Differences of 0.2 and -0.2 alike often: a variance of 0.04, and no difference in truth.
    found = compare(graded([0.2, -0.2] * 20), 0.05)
    needed = (Z + 0.8416212335729143) ** 2 * 0.04 / 0.0025  # 98.9
    assert found.state is GateResult.INCONCLUSIVE
    assert found.more_prompts == math.ceil(needed) - 40
    # A loss that is seen and beyond the margin: the room is what is between them.
    lost = compare(graded([-0.4, 0.0] * 20), 0.15)
    assert lost.state is GateResult.INCONCLUSIVE
    assert lost.high < 0
    needed = (Z + 0.8416212335729143) ** 2 * 0.04 / 0.0025
    assert lost.more_prompts == math.ceil(needed) - 40


def test_that_open_graded_prompts_are_bounded_from_both_sides() -> None:
    run = graded([0.1, -0.1] * 10)
    half = Outcome(place=99, local=0.75)
    found = compare([*run, half], 0.05)
    worst = compare([*run, Outcome(place=99, local=0.75, other=1.0)], 0.05)
    best = compare([*run, Outcome(place=99, local=0.75, other=0.0)], 0.05)
    assert found.unlabelled == 1
    assert found.low <= worst.low + 1e-9
    assert found.high >= best.high - 1e-9
    nothing = compare([*run, Outcome(place=99)], 0.05)
    assert nothing.low < found.low
    assert nothing.high > found.high
    unknown = compare([Outcome(place=0, local=0.5), Outcome(place=1)], 0.05)
    assert (unknown.difference, unknown.more_prompts) == (None, 0)


def test_that_alike_answers_have_the_score_of_the_one_that_is_known() -> None:
    run = [
        Outcome(place=0, local=0.25, same=True),
        Outcome(place=1, other=0.75, same=True),
        Outcome(place=2, same=True),
        Outcome(place=3, local=1.0, other=0.5, same=True),  # both are known: they come first
    ]
    found = compare(run, 0.05)
    assert found.difference == pytest.approx(0.5 / 4)
    assert found.unlabelled == 0


def test_that_ten_clusters_are_enough_and_nine_are_not() -> None:
    assert FEWEST_CLUSTERS == 10
    for clusters, state in ((9, GateResult.INCONCLUSIVE), (10, GateResult.FAIL)):
        lost = compare(clustered([[(0, 1)] * 20] * clusters), 0.05)
        assert lost.state is state
        assert bool(lost.reason) == (clusters == 9)
        assert lost.clusters == clusters
    many = compare(run_of(0, 0, 9), 0.9)
    assert (many.state, many.reason) == (GateResult.PASS, "")


def test_that_few_prompts_more_are_one_at_least_and_too_many_are_none() -> None:
    assert [_at_most(one) for one in (-5, 0, 1, 99_999, 100_000)] == [1, 1, 1, 99_999, 100_000]
    assert _at_most(100_001) is None


def test_that_looks_are_as_many_as_prompts_allow() -> None:
    assert LOOKS_OF_THREE == (30, 100, 300)
    assert look_sizes(299) == (99, 299)
    assert look_sizes(1000) == (100, 333, 1000)
    assert look_sizes(1) == (1,)


def test_that_open_labels_of_one_source_count_for_the_worst_that_they_may_share() -> None:
    open_ = [Outcome(place=900 + n, cluster="doc 0") for n in range(2)]
    rest = clustered([[(1, 1)] * 2] * 12)[2:]
    found = compare([*open_, *rest], 0.05)
    # As if both went one way: sums of -2 and eleven of 0 around a mean of -1/12, which is 11/3
    # together and 11/6 prompt by prompt, times 12 over 11: 24/11. As if neither did, all is alike.
    assert found.clusters == 12
    assert found.effective_prompts == pytest.approx(24 / (24 / 11) * (Z / student_t(Z, 11)) ** 2)
