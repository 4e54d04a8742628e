"""Two sides against each other: what counts as a difference, and what is noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark.benchmark import Spread, spread
from landfall.core.benchmark.comparison import (
    MOST_CHANCE,
    Doubt,
    Noise,
    Observed,
    alike,
    apart,
    counted,
    difference,
    difference_of_alike,
    differing,
    ends,
    rank_sum_chance,
    untold,
)

values = st.floats(min_value=0.01, max_value=1e4, allow_nan=False)
few = st.lists(values, min_size=1, max_size=5)
repeated = st.lists(values, min_size=3, max_size=6)


def spread_of(values: Sequence[float]) -> Spread:
    found = spread(values)
    assert found is not None
    return found


def side(*of: float, error: float | None = 0.0) -> Observed:
    return Observed(value=spread_of(of).median, repeated=of, error_share=error)


def kept(low: float, median: float, high: float, count: int = 3) -> Observed:
    return Observed(
        value=median, spread=Spread(median=median, low=low, high=high, count=count), error_share=0.0
    )


# The test of ranks


@pytest.mark.parametrize(
    ("first", "second", "chance"),
    [
        ((1, 2, 3), (4, 5, 6), 0.1),
        ((1, 2, 4), (3, 5, 6), 0.2),
        ((1, 2, 3, 4), (5, 6, 7, 8), 2 / 70),
        ((1, 2, 3, 4, 5), (6, 7, 8, 9, 10), 2 / 252),
        ((1, 1, 1), (1, 1, 1), 1.0),
        ((2,), (3,), 1.0),
    ],
)
def test_that_the_chance_is_that_of_printed_tables(
    first: tuple[float, ...], second: tuple[float, ...], chance: float
) -> None:
    assert rank_sum_chance(first, second) == pytest.approx(chance)


@given(few, few)
def test_that_the_chance_counts_every_way_of_dealing_the_values_out(
    first: list[float], second: list[float]
) -> None:
    both = [*first, *second]
    ordered = sorted(both)
    ranks = [
        sum(place for place, v in enumerate(ordered, 1) if v == value) / ordered.count(value)
        for value in both
    ]
    middle = len(first) * sum(ranks) / len(ranks)
    away = abs(sum(ranks[: len(first)]) - middle)
    deals = list(combinations(ranks, len(first)))
    as_far = sum(abs(sum(deal) - middle) >= away - 1e-9 for deal in deals)
    assert rank_sum_chance(first, second) == pytest.approx(as_far / len(deals))


@given(repeated, repeated)
def test_that_the_chance_is_the_same_from_both_sides(a: list[float], b: list[float]) -> None:
    assert rank_sum_chance(a, b) == pytest.approx(rank_sum_chance(b, a))
    assert 0 < rank_sum_chance(a, b) <= 1


def test_that_a_side_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="both sides"):
        rank_sum_chance((), (1.0,))


# Benchmarks


def test_that_three_repetitions_that_do_not_overlap_are_beyond_the_noise_and_tell_the_chance() -> (
    None
):
    found = difference(side(80, 81, 82), side(90, 91, 92))
    assert found.noise is Noise.BEYOND
    assert found.doubt is Doubt.NONE
    assert found.change == 10
    assert found.ratio == pytest.approx(91 / 81)
    assert found.chance == pytest.approx(0.1)
    assert found.counts == (3, 3)


def test_that_two_values_that_differ_against_their_repetitions_are_no_difference() -> None:
    first = Observed(value=95.0, repeated=(95.0, 80.0, 81.0, 82.0))
    second = Observed(value=90.0, repeated=(90.0, 91.0, 92.0, 93.0, 94.0))
    assert rank_sum_chance(first.repeated, second.repeated) > MOST_CHANCE
    clear = Observed(value=89.0, repeated=(89.0, 96.0, 97.0, 98.0, 99.0, 100.0))
    found = difference(first, clear)
    assert found.chance is not None
    assert found.chance <= MOST_CHANCE
    assert (found.noise, found.doubt) == (Noise.WITHIN, Doubt.NOISE)


def test_that_repetitions_that_overlap_are_noise() -> None:
    found = difference(side(80, 81, 90), side(85, 91, 92))
    assert (found.noise, found.doubt) == (Noise.WITHIN, Doubt.NOISE)
    assert found.change == 10


def test_that_the_ends_alone_tell_what_the_values_would_tell_where_they_do_not_overlap() -> None:
    by_ends = difference(kept(80, 81, 82), kept(90, 91, 92, count=4))
    assert by_ends.noise is Noise.BEYOND
    assert by_ends.chance == pytest.approx(2 / math.comb(7, 3))
    mixed = difference(side(80, 81, 82), kept(90, 91, 92))
    assert mixed.noise is Noise.BEYOND
    assert mixed.chance == pytest.approx(0.1)
    overlapping = difference(kept(80, 81, 90), kept(90, 91, 92))
    assert (overlapping.noise, overlapping.chance) == (Noise.WITHIN, None)


def test_that_fewer_than_three_repetitions_cannot_tell() -> None:
    found = difference(side(1, 2), side(100, 101, 102))
    assert (found.noise, found.doubt) == (Noise.UNKNOWN, Doubt.FEW)
    assert found.counts == (2, 3)


def test_that_one_run_each_never_says_more_than_that() -> None:
    found = difference(Observed(value=1.0), Observed(value=100.0))
    assert (found.noise, found.doubt) == (Noise.UNKNOWN, Doubt.ONE_EACH)
    assert found.ratio == 100


def test_that_what_is_not_known_has_no_difference() -> None:
    found = difference(Observed(value=None), side(1, 2, 3))
    assert (found.noise, found.doubt) == (Noise.UNKNOWN, Doubt.MISSING)
    assert found.change is None
    assert found.ratio is None
    assert found.counts == (0, 3)


@given(repeated, repeated)
def test_that_a_difference_is_beyond_the_noise_only_where_chance_seldom_makes_it(
    a: list[float], b: list[float]
) -> None:
    found = difference(side(*a), side(*b))
    beyond = found.noise is Noise.BEYOND
    assert beyond == (
        found.chance is not None and found.chance <= MOST_CHANCE and bool(found.change)
    )
    turned = difference(side(*b), side(*a))
    assert turned.noise is found.noise
    assert turned.change == pytest.approx(-(found.change or 0.0))


@given(repeated)
def test_that_nothing_differs_from_itself(a: list[float]) -> None:
    found = difference(side(*a), side(*a))
    assert found.noise is Noise.WITHIN
    assert found.change == 0


@given(repeated, repeated)
def test_that_ends_never_see_more_than_the_values(a: list[float], b: list[float]) -> None:
    by_ends = difference(
        Observed(value=spread_of(a).median, spread=spread_of(a)),
        Observed(value=spread_of(b).median, spread=spread_of(b)),
    )
    if by_ends.noise is Noise.BEYOND:
        assert difference(side(*a), side(*b)).noise is Noise.BEYOND


# Meters


def test_that_energy_must_also_differ_by_more_than_the_meters_may_be_wrong() -> None:
    small = difference(side(100, 101, 102, error=0.05), side(105, 106, 107, error=0.05))
    assert (small.noise, small.doubt) == (Noise.WITHIN, Doubt.METER)
    large = difference(side(100, 101, 102, error=0.05), side(125, 126, 127, error=0.05))
    assert large.noise is Noise.BEYOND
    blind = difference(side(100, 101, 102, error=None), side(125, 126, 127, error=0.05))
    assert (blind.noise, blind.doubt) == (Noise.UNKNOWN, Doubt.METER_UNKNOWN)


# Two runs under the same conditions


def test_that_two_alike_runs_are_judged_by_the_others() -> None:
    a, b = Observed(value=80.0), Observed(value=83.0)
    assert difference_of_alike(a, b, (79.0, 82.0, 84.0)).noise is Noise.WITHIN
    found = difference_of_alike(a, b, (81.0, 82.0, 82.5))
    assert (found.noise, found.chance) == (Noise.BEYOND, None)
    alone = difference_of_alike(a, b, (81.0, 82.0))
    assert (alone.noise, alone.doubt) == (Noise.UNKNOWN, Doubt.ONE_EACH)
    missing = difference_of_alike(a, Observed(value=None), (1.0, 2.0, 3.0))
    assert missing.doubt is Doubt.MISSING


# Counts, and what cannot be compared


def test_that_counts_differ_exactly() -> None:
    found = counted(100, 120)
    assert (found.noise, found.change) == (Noise.EXACT, 20)
    assert counted(None, 3).doubt is Doubt.MISSING


def test_that_figures_of_different_things_are_told_and_not_reckoned() -> None:
    found = apart(360.0, 900.0)
    assert (found.first, found.second) == (360.0, 900.0)
    assert (found.change, found.ratio, found.doubt) == (None, None, Doubt.APART)
    assert apart(None, 900.0).doubt is Doubt.MISSING


@pytest.mark.parametrize(("first", "second"), [(0.0, 3.0), (-2.0, 3.0), (2.0, -3.0)])
def test_that_a_ratio_to_nothing_or_to_a_loss_has_no_meaning(first: float, second: float) -> None:
    found = difference(Observed(value=first), Observed(value=second))
    assert found.ratio is None
    assert found.change == second - first


def test_that_the_ends_of_an_unrepeated_figure_are_not_known() -> None:
    assert ends(Observed(value=1.0)) is None


# Conditions


def test_that_conditions_which_differ_or_are_told_of_one_side_alone_are_named() -> None:
    a = {"engine": "Ollama 0.24.0", "context": 8192, "share": 0.5, "limit": None, "scope": "gpu"}
    b = {"engine": "Ollama 0.32.15", "context": 8192.0, "share": 0.5, "limit": 300, "scope": None}
    assert differing(a, b) == ("engine",)
    assert untold(a, b) == ("limit", "scope")
    assert not alike(a, b)
    assert alike(a, dict(a))
    assert untold({}, {"host": "box"}) == ("host",)


def test_that_ties_share_the_ranks_they_take() -> None:
    # Of 1, 2, 2, 3 the twos take ranks 2 and 3. Of the six ways to deal out two, the sums of ranks
    # are 3.5, 3.5, 5, 5, 6.5, 6.5: as far from the middle (5) as 3.5 are four.
    assert rank_sum_chance([1.0, 2.0], [2.0, 3.0]) == pytest.approx(4 / 6)
    # A tie at the bottom moves no rank of what is above it.
    assert rank_sum_chance([1.0, 1.0], [2.0, 3.0]) == pytest.approx(2 / 6)
