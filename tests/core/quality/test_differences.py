"""Differences of scores: their clusters, and the interval of their mean, against known limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.quality.differences import (
    DRAWS,
    MOST_DRAWN,
    Differences,
    differences,
    effective_prompts,
    mean_interval,
    student_t,
)

Z = 1.6448536269514722  # one-sided 95 %
FEW = Differences(values=(0.0, 0.5, 1.0, 0.5), units=(0, 0, 1, 1), clusters=2)


def interval(
    values: tuple[float, ...], *, effect: float = 1.0, seed: int = 0, z: float = Z
) -> tuple[float, float]:
    return mean_interval(Differences(values=values), z, design_effect=effect, seed=seed)


def test_that_mean_variance_and_sums_are_those_of_the_values() -> None:
    assert FEW.mean == 0.5
    assert FEW.variance == 0.125  # (0.25 + 0 + 0.25 + 0) / 4
    assert FEW.sums == [(0.5, 2), (1.5, 2)]
    alone = Differences(values=(0.25, -1.0))
    assert alone.sums == [(0.25, 1), (-1.0, 1)]
    assert (alone.mean, alone.variance) == (-0.375, 0.390625)


def test_that_places_without_a_cluster_stand_for_themselves() -> None:
    found = differences([7, 8, 9, 10, 11], ["a", "", "b", "a", ""], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found == Differences(values=(0.1, 0.2, 0.3, 0.4, 0.5), units=(0, 1, 2, 0, 3), clusters=4)
    # One name each is no sharing, and a cluster called as a place is none of it.
    assert differences([1, 2], ["2", ""], [0.0, 1.0]) == Differences(values=(0.0, 1.0))
    assert differences([], [], []) == Differences(values=())
    with pytest.raises(ValueError, match="zip"):
        differences([1], [], [0.0])
    with pytest.raises(ValueError, match="zip"):
        differences([1, 2], ["a", "a"], [0.0]).sums  # noqa: B018


def test_that_clusters_widen_a_variance_by_what_they_share() -> None:
    # Sums less their means are -0.5 and 0.5: 0.5 together, times 2 over 1, over 4 x 0.125.
    assert FEW.design_effect == pytest.approx(2.0)
    # Whole clusters alike: of 3 pairs (0, 0), (0, 0), (1, 1) the sums differ by -2/3, -2/3, 4/3:
    # 24/9 together, times 3 over 2, over 6 x 2/9: 3.
    alike = Differences(values=(0.0, 0.0, 0.0, 0.0, 1.0, 1.0), units=(0, 0, 1, 1, 2, 2), clusters=3)
    assert alike.design_effect == pytest.approx(3.0)
    # Clusters within which all differ widen nothing.
    apart = replace_units(alike, (0.0, 1.0, 0.0, 1.0, 0.0, 1.0))
    assert apart.design_effect == 1.0
    assert Differences(values=(0.3, 0.3), units=(0, 0), clusters=1).design_effect == 1.0
    assert Differences(values=(0.3, 0.4), units=(0, 0), clusters=1).design_effect == 2.0
    assert Differences(values=(0.0, 1.0)).design_effect == 1.0


def replace_units(found: Differences, values: tuple[float, ...]) -> Differences:
    return Differences(values=values, units=found.units, clusters=found.clusters)


def test_that_few_clusters_count_for_less_by_students_t() -> None:
    assert effective_prompts(FEW, Z, design_effect=1.0) == pytest.approx(
        4 * (Z / student_t(Z, 1)) ** 2
    )
    assert effective_prompts(FEW, Z, design_effect=2.0) == pytest.approx(
        2 * (Z / student_t(Z, 1)) ** 2
    )
    ten = Differences(values=(0.0,) * 20, units=tuple(n // 2 for n in range(20)), clusters=10)
    # 1.8331 is the quantile of nine degrees of freedom in printed tables.
    assert effective_prompts(ten, Z, design_effect=1.0) == pytest.approx(
        20 * (Z / 1.8331) ** 2, rel=1e-3
    )
    one = Differences(values=(0.0, 0.0), units=(0, 0), clusters=1)
    assert effective_prompts(one, Z, design_effect=1.0) == 2.0
    assert effective_prompts(Differences(values=(0.1,) * 9), Z, design_effect=3.0) == 3.0


# The interval of a mean --------------------------------------------------------------------------


def test_that_less_than_two_prompts_say_nothing() -> None:
    assert interval(()) == interval((0.5,)) == (-1.0, 1.0)
    one = Differences(values=(0.1, 0.2, 0.3), units=(0, 0, 0), clusters=1)
    assert mean_interval(one, Z, design_effect=1.0, seed=0) == (-1.0, 1.0)
    assert interval((0.0, 0.0)) != (-1.0, 1.0)


@pytest.mark.parametrize("n", [2, 30, 500])
def test_that_values_alike_are_no_surer_than_what_can_be_proved(n: int) -> None:
    edge = Z * Z / (n + Z * Z)
    assert interval((0.0,) * n) == pytest.approx((-edge, edge))
    assert interval((0.1,) * n) == pytest.approx((max(-1, 0.1 - edge), min(1, 0.1 + edge)))
    # A design effect of two leaves half of the prompts.
    half = Z * Z / (n / 2 + Z * Z)
    assert interval((0.0,) * n, effect=2.0) == pytest.approx((-half, half))


def test_that_values_that_spread_have_students_interval() -> None:
    # 100 times 0.4 and 100 times -0.2: the bootstrap is narrower than Student's t.
    values = (0.4, -0.2) * 100
    error = math.sqrt(0.09 * 200 / 199 / 200)  # the variance is 0.3 squared
    half = 1.6525 * error  # of 199 degrees of freedom, from tables
    assert interval(values) == pytest.approx((0.1 - half, 0.1 + half), abs=2e-3)
    low, high = interval(values)
    assert high - 0.1 >= half - 1e-5
    assert 0.1 - low >= half - 1e-5
    wide = math.sqrt(3) * half
    assert interval(values, effect=3.0) == pytest.approx((0.1 - wide, 0.1 + wide), abs=2e-3)
    two_sided = interval(values, z=1.959963984540054)
    assert two_sided[1] - 0.1 == pytest.approx(1.97196 * error, abs=2e-3)


def test_that_a_skewed_mean_reaches_as_far_as_its_draws() -> None:
    # 5 of 100 differ by 1. Student's t ends at 0.05 + 0.0364 = 0.0864. Of draws of 100 at 5 % at
    # most 8 ones are drawn in 93.7 % of them, and at most 9 in 97.2 %: the 95th percentile is 9.
    rare = (1.0,) * 5 + (0.0,) * 95
    for seed in range(3):
        low, high = interval(rare, seed=seed)
        assert high == pytest.approx(0.09)
        assert low == pytest.approx(0.05 - 1.6604 * math.sqrt(0.05 * 0.95 / 99), abs=1e-5)
        lost = interval(tuple(-one for one in rare), seed=seed)
        assert lost == pytest.approx((-high, -low))


def test_that_clusters_are_drawn_with_all_their_prompts() -> None:
    # The same with two prompts of a kind in each cluster: 5 of 100 clusters differ.
    whole = Differences(
        values=((1.0,) * 10 + (0.0,) * 190), units=tuple(n // 2 for n in range(200)), clusters=100
    )
    low, high = mean_interval(whole, Z, design_effect=1.0, seed=1)
    # A design effect of one lets Student's t end at 0.0755: what is drawn reaches further.
    assert high == pytest.approx(0.09)
    # At most one cluster is drawn in 3.7 % of the draws, and at most two in 11.8 %.
    assert low == pytest.approx(0.02)
    # Of two clusters of unlike sizes the small one is drawn twice in a quarter of the draws: then
    # all differ. The tail of 0.8 is 21 %.
    uneven = Differences(values=(1.0, 0.0, 0.0, 0.0), units=(0, 1, 1, 1), clusters=2)
    assert mean_interval(uneven, 0.8, design_effect=1.0, seed=1)[1] == 1.0


def test_that_the_interval_stays_between_the_worst_and_the_best() -> None:
    assert interval((1.0, 1.0, 1.0)) == (pytest.approx(1 - Z * Z / (3 + Z * Z)), 1.0)
    assert interval((-1.0, -1.0, -1.0)) == (-1.0, pytest.approx(-1 + Z * Z / (3 + Z * Z)))
    assert interval((1.0, -1.0)) == (-1.0, 1.0)


def test_that_what_is_drawn_is_bounded_and_repeatable() -> None:
    assert (DRAWS, MOST_DRAWN) == (2_000, 2_000)
    rare = (0.7,) * 3 + (-0.1,) * 40
    assert interval(rare, seed=4) == interval(rare, seed=4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12))
def test_that_every_interval_holds_its_mean_and_is_symmetric_or_wider(values: list[float]) -> None:
    low, high = interval(tuple(values))
    mean = math.fsum(values) / len(values)
    assert -1 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1
    edge = Z * Z / (len(values) + Z * Z)
    assert low <= max(-1, mean - edge) + 1e-9
    assert high >= min(1, mean + edge) - 1e-9
