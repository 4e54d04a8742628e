"""The gate to the last digit: closed forms of its intervals, its decisions at their edges."""

from __future__ import annotations

import math

import pytest

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import (
    MOST_PROMPTS,
    Gate,
    GateResult,
    Pairs,
    critical_value,
    gate,
    mcnemar_exact,
    more_prompts,
    newcombe_interval,
    prompts_needed,
    prompts_needed_without_disagreement,
    provable_loss,
    rogan_gladen,
    tango_interval,
    tango_of,
    wilson,
)

Z95 = 1.6448536269514722  # one-sided, from tables of the normal distribution
Z975 = 1.959963984540054
BOTH = (Z95 + 0.8416212335729143) ** 2  # the squared sum with the z of 80 % power: 6.18256


def pairs(local_only: int, cloud_only: int, both: int, neither: int, looks: int = 1) -> Pairs:
    return Pairs(
        local_only=local_only, cloud_only=cloud_only, both=both, neither=neither, looks=looks
    )


# Counts


def test_that_counts_are_told_as_shares() -> None:
    found = pairs(3, 8, 24, 15)
    assert found.prompts == 50
    assert found.difference == pytest.approx(-0.1)
    assert found.disagreement == pytest.approx(0.22)
    assert (pairs(0, 0, 0, 0).difference, pairs(0, 0, 0, 0).disagreement) == (0.0, 0.0)
    one = pairs(1, 0, 0, 0)
    assert (one.prompts, one.difference, one.disagreement, one.looks) == (1, 1.0, 1.0, 1)


@pytest.mark.parametrize("name", ["local_only", "cloud_only", "both", "neither"])
def test_that_each_count_below_none_is_refused_by_its_name(name: str) -> None:
    counts = {"local_only": 0, "cloud_only": 0, "both": 0, "neither": 0}
    with pytest.raises(BadInput, match=name) as caught:
        Pairs(**{**counts, name: -1})
    assert caught.value.field == name


# Intervals


def wilson_by_its_roots(right: float, n: float, z: float) -> tuple[float, float]:
    """The roots of (n + z2) p2 - (2 x + z2) p + x2 / n = 0, which Wilson's equation is."""
    a, b, c = n + z * z, -(2 * right + z * z), right * right / n
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@pytest.mark.parametrize(
    ("right", "n", "z"),
    [(45, 50, Z975), (3, 7, Z975), (3, 7, 1.0), (0.25, 0.5, 2.0), (1, 400, Z95)],
)
def test_that_wilson_is_the_roots_of_its_equation(right: float, n: float, z: float) -> None:
    assert wilson(right, n, z=z) == pytest.approx(wilson_by_its_roots(right, n, z), rel=1e-9)


def test_that_wilson_ends_exactly_where_all_or_none_was_right() -> None:
    z2 = Z975**2
    assert wilson(0, 20) == (0.0, pytest.approx(z2 / (20 + z2)))
    assert wilson(20, 20) == (pytest.approx(20 / (20 + z2)), 1.0)
    assert wilson(1, 1) == (pytest.approx(1 / (1 + z2)), 1.0)
    assert wilson(0, 0) == wilson(3, -1) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("both", "local_only", "cloud_only", "neither", "right"),
    # Reckoned from method 10 of the paper in its own letters (e, f, g, h): a correlation that is
    # corrected, one that the correction takes to 0, one below 0, and margins that are empty.
    [
        (40, 12, 9, 39, (-0.06055112071, 0.11951200701)),
        (3, 4, 5, 6, (-0.34589739962, 0.24843418380)),
        (1, 1, 7, 12, (-0.50692022669, -0.02555912416)),
        (2, 20, 30, 8, (-0.37794806521, 0.06293251747)),
        (5, 20, 20, 5, (-0.23891019088, 0.23891019088)),
        (30, 0, 0, 0, (-0.11351339317, 0.11351339317)),
        (30, 10, 0, 0, (0.11082606088, 0.40193961421)),
    ],
)
def test_that_newcombe_is_method_ten_of_the_paper(
    both: int, local_only: int, cloud_only: int, neither: int, right: tuple[float, float]
) -> None:
    found = newcombe_interval(pairs(local_only, cloud_only, both, neither))
    assert found == pytest.approx(right, rel=1e-8)


def test_that_newcombe_is_of_the_z_that_is_asked() -> None:
    found = newcombe_interval(pairs(12, 9, 40, 39), z=1.5)
    assert found == pytest.approx((-0.03974546057, 0.09912736488), rel=1e-8)


@pytest.mark.parametrize(("n", "z"), [(1, Z95), (30, Z95), (400, 2.06), (12.5, 1.0)])
def test_that_tango_without_disagreement_is_what_can_be_proved(n: float, z: float) -> None:
    edge = z * z / (n + z * z)  # the score of no disagreement is solved for delta
    assert tango_of(0, 0, n, z=z) == pytest.approx((-edge, edge), rel=1e-9)
    assert provable_loss(n, z) == pytest.approx(edge, rel=1e-12)


@pytest.mark.parametrize(("n", "z"), [(5, Z95), (30, 2.06), (7.5, 1.0)])
def test_that_tango_of_one_winner_alone_has_a_closed_form(n: float, z: float) -> None:
    # With every prompt won the score is sqrt(n (1 - delta) / (1 + delta)).
    edge = (n - z * z) / (n + z * z)
    assert tango_of(n, 0, n, z=z) == pytest.approx((edge, 1.0), rel=1e-9)
    assert tango_of(0, n, n, z=z) == pytest.approx((-1.0, -edge), rel=1e-9)


def test_that_tango_is_two_sided_at_95_per_cent_unless_asked_otherwise() -> None:
    edge = Z975**2 / (30 + Z975**2)
    assert tango_interval(pairs(0, 0, 20, 10)) == pytest.approx((-edge, edge), rel=1e-9)
    assert tango_of(3, 1, 0, z=Z95) == (-1.0, 1.0)


# Decisions


def test_that_a_gate_tells_all_that_it_rests_on() -> None:
    z2 = 2.06**2  # of three looks
    edge = z2 / (90 + z2)
    assert gate(pairs(0, 0, 90, 0), 0.03, looks=3) == Gate(
        result=GateResult.INCONCLUSIVE,
        margin=0.03,
        difference=0.0,
        low=pytest.approx(-edge),
        high=pytest.approx(edge),
        prompts=90,
        more_prompts=48,  # z2 0.97 / 0.03 = 137.2: 138 in all
        provable_loss=pytest.approx(edge),
        mcnemar_p=1.0,
    )
    decided = gate(pairs(0, 6, 0, 0), 0.03)
    assert decided.result is GateResult.FAIL
    assert (decided.difference, decided.prompts, decided.more_prompts) == (-1.0, 6, 0)
    assert decided.mcnemar_p == pytest.approx(2 / 2**6)


def test_that_a_limit_on_the_margin_itself_decides_nothing() -> None:
    alike = pairs(0, 0, 60, 0)
    edge = -gate(alike, 0.5).low
    assert gate(alike, edge).result is GateResult.INCONCLUSIVE
    assert gate(alike, edge + 1e-9).result is GateResult.PASS
    lost = pairs(0, 30, 30, 0)
    edge = -gate(lost, 0.5).high
    assert gate(lost, edge).result is GateResult.INCONCLUSIVE
    assert gate(lost, edge - 1e-9).result is GateResult.FAIL


def test_that_one_prompt_is_enough_to_be_looked_at() -> None:
    z2 = Z95**2
    edge = z2 / (1 + z2)  # one prompt on which both are right rules out a loss above 73 points
    assert gate(pairs(0, 0, 1, 0), edge + 0.001).result is GateResult.PASS
    assert gate(pairs(0, 0, 1, 0), edge - 0.001).result is GateResult.INCONCLUSIVE


@pytest.mark.parametrize(
    ("looks", "z"), [(1, 1.6448536), (2, 1.91), (3, 2.06), (4, 2.2414027), (5, 2.3263479)]
)
def test_that_each_number_of_looks_has_its_critical_value(looks: int, z: float) -> None:
    # 1 from tables; 2 and 3 simulated; from 4 on the 5 % in equal parts: of 1.25 % and of 1 %.
    assert critical_value(looks) == pytest.approx(z, abs=1e-7)


def test_that_a_refused_number_of_looks_names_its_field() -> None:
    with pytest.raises(BadInput) as caught:
        gate(pairs(1, 1, 1, 1), 0.05, looks=0)
    assert caught.value.field == "looks"


def test_that_mcnemar_counts_from_either_side() -> None:
    # 1 of 4: (1 + 4) of 16 on each side.
    assert mcnemar_exact(1, 3) == mcnemar_exact(3, 1) == pytest.approx(10 / 16)
    assert mcnemar_exact(1, 0) == mcnemar_exact(1, 1) == 1.0
    assert mcnemar_exact(0, 2) == 0.5


# How many prompts


@pytest.mark.parametrize(
    ("disagreement", "margin", "difference", "right"),
    [
        (0.1, 0.05, 0.0, 248),  # 6.18256 x 0.1 / 0.0025 = 247.3
        (0.1, 0.05, 0.01, 172),  # 6.18256 x 0.0999 / 0.0036 = 171.6
        (0.1, 0.05, -0.02, 685),  # 6.18256 x 0.0996 / 0.0009 = 684.2
        (0.0, 0.05, 0.0, 52),  # none disagrees: 2.7055 x 0.95 / 0.05 = 51.4
        (0.01, 0.05, 0.2, 52),  # better than it could be: the same
        (0.02, 0.05, 0.0, 52),  # 49.5, and no fewer than without disagreement
        (0.025, 0.05, 0.0, 62),  # 61.8
    ],
)
def test_that_the_prompts_of_a_plan_are_those_of_the_formula(
    disagreement: float, margin: float, difference: float, right: int
) -> None:
    assert prompts_needed(disagreement, margin, difference=difference) == right


def test_that_a_plan_is_of_the_z_and_the_power_that_are_asked() -> None:
    # (2 + 1)2 x 0.1 / 0.0025 = 360, and 4 x 0.95 / 0.05 = 76 without disagreement.
    assert prompts_needed(0.1, 0.05, z=2.0, z_power=1.0) in (360, 361)
    assert prompts_needed(0.0, 0.05, z=2.0, z_power=1.0) in (76, 77)
    assert prompts_needed_without_disagreement(0.03, z=2.0) == 130  # 4 x 0.97 / 0.03 = 129.3


def test_that_what_is_left_of_the_margin_must_be_more_than_nothing() -> None:
    assert prompts_needed(0.1, 0.05, difference=-0.05 + 2e-9) is not None
    assert prompts_needed(0.1, 0.05, difference=-0.05 + 5e-10) is None
    assert prompts_needed(0.1, 0.05, difference=-0.06) is None
    assert prompts_needed_without_disagreement(1e-10, z=1.0) == 1_000_000_000
    with pytest.raises(BadInput, match="margin"):
        prompts_needed(0.1, 1.0)
    with pytest.raises(BadInput, match="margin"):
        prompts_needed_without_disagreement(0.0)


@pytest.mark.parametrize(
    ("counts", "margin", "right"),
    [
        ((1, 2, 24, 3), 0.03, 657),  # equal as far as is known: 6.18256 x 0.1 / 0.0009 = 686.95
        ((10, 40, 900, 50), 0.033, 32_730),  # 6.18256 x 0.0491 / 0.003 squared = 33 729.3
        ((2, 12, 80, 6), 0.05, 222),  # beyond the margin: 6.18256 x 0.13 / 0.0025 = 321.5
        ((12, 2, 80, 6), 0.05, 1),  # better: decided long ago
        ((0, 0, 200, 0), 0.03, 1),
        ((0, 0, 87, 0), 0.03, 1),  # 88 are needed
        ((0, 0, 86, 0), 0.03, 2),
    ],
)
def test_that_the_prompts_still_missing_are_those_of_the_formula(
    counts: tuple[int, int, int, int], margin: float, right: int
) -> None:
    assert more_prompts(pairs(*counts), margin) == right


def test_that_more_prompts_than_anybody_has_are_no_way_out() -> None:
    torn = pairs(50, 50, 0, 0)  # all disagree, so that 6.18256 / margin squared are needed
    assert MOST_PROMPTS == 100_000
    assert more_prompts(torn, math.sqrt(BOTH / 99_999.5)) == 99_900
    assert more_prompts(torn, math.sqrt(BOTH / 100_000.5)) is None


def test_that_a_loss_just_beyond_the_margin_asks_for_as_many_as_one_just_within() -> None:
    # 80 of 1,000 lost and none won: a room of 0.01 on either side of the loss of 0.08.
    lost = pairs(0, 80, 900, 20)
    needed = BOTH * (0.08 - 0.0064) / 0.0001  # 4 550.4
    assert more_prompts(lost, 0.07) == more_prompts(lost, 0.09) == math.ceil(needed) - 1000
    assert more_prompts(lost, 0.08) is None


# The correction of a share


def test_that_a_corrected_share_ends_at_none_and_all() -> None:
    assert rogan_gladen(0.1, 0.9, specificity=0.8) == 0.0
    assert rogan_gladen(0.95, 0.9, specificity=0.8) == 1.0
    assert rogan_gladen(0.55, 0.9, specificity=0.8) == pytest.approx(0.5)
    assert rogan_gladen(0.5, 0.51, specificity=0.5) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(BadInput):
        rogan_gladen(0.5, 0.2, specificity=0.3)
