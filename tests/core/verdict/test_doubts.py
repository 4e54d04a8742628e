"""How much is doubted: what each width comes from, and the curves between the worlds read."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.outlook import Outlook
from landfall.core.figures import Triangle
from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.votes import VotedPairs
from landfall.core.settings import Thresholds
from landfall.core.verdict import doubts
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.doubts import VOLUME_SPREAD, Z_80, chance, scene, volume_spread
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.parts import Part
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.scene import Chances, Curves, Scene, Slopes, Spread
from landfall.core.verdict.table_numbers import HostNumbers
from landfall.core.verdict.world import World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Workload,
)
from tests.core.demand.test_strain import strain
from tests.core.verdict.test_assembling import ASSUMPTIONS, WORK, WORLD
from tests.core.verdict.test_scene import NO_CHANCES, STANDING
from tests.core.verdict.test_verdict import case

LIMITS = Thresholds()
CLASS = Predictability
PASSED = replace(WORK, quality=Quality(gate=GateResult.PASS))


def made(workload: Workload = PASSED, world: World = WORLD) -> Scene:
    at = Assembler(world)
    return scene(probe(workload, at, LIMITS), at.facts(workload), at)


# What may be led to ------------------------------------------------------------------------------

OPEN = replace(NO_CHANCES, open_local=True)
COUNTED = replace(NO_CHANCES, local=0.4)


@pytest.mark.parametrize(
    ("changes", "chances", "expected"),
    [
        # Own, bought, rented.
        ({}, NO_CHANCES, (True, True, True)),
        ({"own": False}, NO_CHANCES, (False, True, True)),
        ({"buy": False}, NO_CHANCES, (True, False, True)),
        ({"rent": False}, NO_CHANCES, (True, True, False)),
        ({"local_passes": False}, NO_CHANCES, (False, False, False)),
        ({"local_passes": False}, OPEN, (True, True, True)),
        ({"local_passes": False}, COUNTED, (True, True, True)),
        # Nothing is bought for what cannot be forecast, nor by a startup, which does not rent.
        ({"predictable": False}, NO_CHANCES, (True, False, True)),
        ({"startup": True}, NO_CHANCES, (True, False, False)),
        # A startup that has no cloud inside rents.
        ({"startup": True, "cloud": False}, NO_CHANCES, (True, True, True)),
        # Without a cloud an own machine needs no passed gate; nor under a lock.
        ({"local_passes": False, "cloud": False}, NO_CHANCES, (True, True, False)),
        (
            {"local_passes": False, "only_local": True, "cloud": False, "rent": False},
            NO_CHANCES,
            (True, True, False),
        ),
        ({"local_passes": False, "only_local": True}, NO_CHANCES, (True, True, False)),
        ({"predictable": False, "only_local": True}, NO_CHANCES, (True, True, True)),
    ],
)
def test_that_only_what_may_be_led_to_is_drawn(
    changes: dict[str, Any], chances: Chances, expected: tuple[bool, bool, bool]
) -> None:
    assert doubts._matter(STANDING._replace(**changes), chances) == expected


def test_that_only_what_is_drawn_is_read() -> None:
    assert doubts._parts(True, False, False) == {Part.OWN}
    assert doubts._parts(False, True, False) == {Part.BUY}
    assert doubts._parts(False, False, True) == {Part.RENT}
    assert doubts._parts(False, False, False) == frozenset()
    whole = made(replace(PASSED, volume=replace(PASSED.volume, predictability=CLASS.PREDICTABLE)))
    sides = (whole.curves.own, whole.curves.buy, whole.curves.board)
    assert [len(one) for one in sides] == [97, 97, 97]
    failed = made(replace(PASSED, quality=Quality(gate=GateResult.FAIL)))
    assert (failed.curves.own, failed.curves.buy, failed.curves.board) == ((), (), ())


# Spreads -----------------------------------------------------------------------------------------


def test_that_the_volume_is_doubted_as_its_class_says() -> None:
    # Four of five worlds lie within a factor of 1.2, 1.4 or 2: 1.2816 deviations to each side.
    for kind, factor in (
        (CLASS.PREDICTABLE, 1.2),
        (CLASS.VARIABLE, 1.4),
        (CLASS.UNPREDICTABLE, 2.0),
        (CLASS.UNKNOWN, 2.0),
    ):
        assert VOLUME_SPREAD[kind] == pytest.approx(math.log(factor) / 1.2815516)
        facts = case("D12", predictability=kind, outlook=None)
        assert volume_spread(facts) == VOLUME_SPREAD[kind]
    assert pytest.approx(1.2815516, abs=1e-7) == Z_80


def test_that_the_volume_is_doubted_as_its_forecast_was_wrong() -> None:
    tried = Outlook(source="series", predictability=CLASS.PREDICTABLE, sufficiency="enough")  # type: ignore[arg-type]

    def spread(outlook: Outlook, kind: Predictability = CLASS.PREDICTABLE) -> float:
        return volume_spread(case("D12", predictability=kind, outlook=outlook))

    usual = VOLUME_SPREAD[CLASS.PREDICTABLE]
    assert spread(tried) == usual
    both = replace(tried, error_28_days=0.08, error_7_days=0.3)
    # A mean error of 8 % is a deviation of 8 % x sqrt(pi / 2) = 10.03 %.
    assert spread(both) == pytest.approx(math.log(1.10027), abs=1e-5)
    assert spread(replace(tried, error_7_days=0.08)) == spread(both)
    assert spread(replace(tried, error_28_days=0.0)) == 0.02
    assert spread(replace(tried, error_28_days=0.017)) > 0.021
    assert spread(both, CLASS.VARIABLE) == VOLUME_SPREAD[CLASS.VARIABLE]


@pytest.mark.parametrize(
    ("seconds", "spread"),
    [
        (Estimated(1.0, 2.0, 4.0, "t"), math.log(4.0) / 2 / 1.2815516),
        (Estimated(0.0, 2.0, 4.0, "t"), math.log(1.1) / 1.2815516),
        (Estimated(1.0, 2.0, math.inf, "t"), math.log(1.1) / 1.2815516),
        (Estimated(1.0, 1.1, 1.2, "t"), math.log(1.1) / 1.2815516),
        (Estimated(1.0, 1.1, 1.3, "t"), math.log(1.3) / 2 / 1.2815516),
        (Unknown("?"), math.log(1.1) / 1.2815516),
    ],
)
def test_that_speed_is_doubted_by_its_band_and_at_least_ten_per_cent(
    seconds: Any, spread: float
) -> None:
    whole = strain()
    host = HostFacts(
        option=Option.LOCAL_BUY,
        strain=replace(whole, service=replace(whole.service, seconds=seconds)),
    )
    assert doubts._speed(host) == pytest.approx(spread)


def spread_of(workload: Workload = PASSED, world: World = WORLD, **changes: Any) -> Spread:
    at = Assembler(world)
    facts = replace(at.facts(workload), **changes)
    return doubts._spread(probe(workload, at, LIMITS), facts, at)


def test_that_care_and_what_is_left_are_triangles_over_what_is_assumed() -> None:
    found = spread_of()
    # 3 hours, a quarter of the price and 36 months are assumed.
    assert found.care == Triangle(pytest.approx(1.0), 3.0, pytest.approx(8.0))
    assert found.residual == Triangle(0.0, 0.25, pytest.approx(0.4))
    # Prices fall up to the mean month of its life: 18 of 36.
    assert found.years == 1.5
    assert found.volume == VOLUME_SPREAD[CLASS.VARIABLE]
    assert found.own_usd == found.buy_usd == found.rent_usd == (0.0, 0.0)
    stated = replace(
        PASSED,
        organisation=OrganisationFacts(ops_hours_per_month=6.0),
        buy=replace(PASSED.buy, months=60, residual_share=0.9),
    )
    told = spread_of(stated)
    assert told.care == Triangle(pytest.approx(2.0), 6.0, pytest.approx(16.0))
    # Not more than all of it is left.
    assert told.residual == Triangle(0.0, 0.9, 1.0)
    assert told.years == 2.5


def test_that_no_care_and_nothing_left_are_no_doubts() -> None:
    none = replace(
        PASSED,
        organisation=OrganisationFacts(ops_hours_per_month=0.0),
        buy=replace(PASSED.buy, residual_share=0.0),
    )
    assert spread_of(none).care is None
    assert spread_of(none).residual is None
    bare = spread_of(world=replace(WORLD, assumptions=None))
    assert (bare.care, bare.residual, bare.years) == (None, None, 1.5)


def test_that_the_speed_of_what_would_be_bought_or_rented_is_doubted() -> None:
    slow = strain(Estimated(1.0, 4.0, 16.0, "t"))
    wide = math.log(16.0) / 2 / 1.2815516
    facts = Assembler(WORLD).facts(PASSED)
    assert facts.machine is not None
    assert facts.buy is not None
    usual = spread_of()
    own = spread_of(machine=replace(facts.machine, strain=slow))
    assert (own.own, own.buy) == (pytest.approx(wide), usual.buy)
    buy = spread_of(buy=replace(facts.buy, strain=slow))
    assert (buy.own, buy.buy) == (usual.own, pytest.approx(wide))
    board = spread_of(buy=None, rented=replace(facts.buy, strain=slow))
    assert board.buy == pytest.approx(wide)
    beside = spread_of(rented=replace(facts.buy, strain=slow))
    assert beside.buy == usual.buy


# The rest of a bill ------------------------------------------------------------------------------


def test_that_sides_are_deviations_below_and_above_the_middle() -> None:
    z = 1.2815516
    assert doubts._sides(Estimated(7.0, 10.0, 16.0, "t")) == pytest.approx((3 / z, 6 / z))
    assert doubts._sides(Stated(7.0, "t")) == (0.0, 0.0)
    assert doubts._sides(Unknown("?")) == (0.0, 0.0)
    # What costs less the more there is of it turns the sides round.
    assert doubts._times((2.0, 5.0), 3.0) == (6.0, 15.0)
    assert doubts._times((2.0, 5.0), -3.0) == (15.0, 6.0)
    assert doubts._times((2.0, 5.0), 0.0) == (0.0, 0.0)
    assert doubts._times((2.0, 5.0), -0.5) == (2.5, 1.0)


def test_that_parts_of_a_band_are_taken_out_by_their_squares() -> None:
    assert doubts._less_squared(5.0, 3.0) == 4.0
    assert doubts._less_squared(3.0, 5.0) == 0.0
    z = 1.2815516
    figure = Estimated(100 - 13 * z, 100.0, 100 + 15 * z, "t")
    # 13 less 5 is 12; 15 less 9 is 12; 12 less 0 and then less 12 is nothing.
    assert doubts._beside(figure, (5.0, 9.0)) == pytest.approx((12.0, 12.0), rel=1e-5)
    low, high = doubts._beside(figure, (5.0, 9.0), (0.0, 12.0))
    assert low == pytest.approx(12.0, rel=1e-5)
    assert high == pytest.approx(0.0, abs=0.05)
    assert doubts._beside(None, (5.0, 9.0)) == (0.0, 0.0)


def test_that_what_speed_does_to_a_bill_is_read_off_its_curve() -> None:
    curve = tuple(HostNumbers(usd=float(step * step)) for step in range(97))
    curves = Curves(own=curve, buy=(), board=(), scale=10.0)
    z = 1.2815516
    # A deviation of 0.78 is one whole unit of the load at 1.2816 of them: ten steps from 48.
    low, high = doubts._of_speed(curves, curve, 1 / z)
    assert low == pytest.approx((48**2 - 38**2) / z)
    assert high == pytest.approx((58**2 - 48**2) / z)
    assert doubts._of_speed(curves, (), 1.0) == (0.0, 0.0)
    unknown = tuple(HostNumbers() for _ in range(97))
    assert doubts._of_speed(curves, unknown, 1.0) == (0.0, 0.0)


def test_that_bands_of_bills_hold_what_is_not_drawn_apart() -> None:
    z = 1.2815516
    facts = Assembler(WORLD).facts(PASSED)
    assert facts.machine is not None
    assert facts.buy is not None

    def wide(down: float, up: float) -> Estimated:
        return Estimated(1000 - down * z, 1000.0, 1000 + up * z, "t")

    facts = replace(
        facts,
        machine=replace(facts.machine, usd_month=wide(13.0, 15.0)),
        buy=replace(facts.buy, usd_month=wide(25.0, 50.0)),
        rent=wide(17.0, 10.0),
    )
    # Bills that the speed does not move.
    flat = tuple(HostNumbers(usd=1000.0) for _ in range(97))
    curves = Curves(own=flat, buy=flat, board=flat, scale=10.0)
    slopes = Slopes(own_care=5.0, buy_care=7.0, rent_care=8.0, buy_residual=-40.0)
    # Care: one hour below and 1.8 above; what is left: a quarter below, 0.35 above.
    assumed = ((1.0, 1.8), (0.25, 0.35))
    found = doubts._with_bands(spread_of(), facts, assumed, curves, slopes)
    assert found.own_usd == pytest.approx((12.0, 12.0), rel=1e-5)
    # Care is 7 below and 12.6 above; less left costs more: 14 below, 10 above.
    assert found.buy_usd == pytest.approx(
        (math.sqrt(625 - 49 - 196), math.sqrt(2500 - 12.6**2 - 100)), rel=1e-5
    )
    assert found.rent_usd == pytest.approx((15.0, 0.0), rel=1e-5)
    for name, field in (("own", "own_usd"), ("buy", "buy_usd"), ("board", "rent_usd")):
        left = replace(curves, **{name: ()})
        other = doubts._with_bands(spread_of(), facts, assumed, left, slopes)
        assert getattr(other, field) == (0.0, 0.0)
    none = doubts._with_bands(
        spread_of(), replace(facts, machine=None, buy=None), assumed, curves, slopes
    )
    assert none.own_usd == none.buy_usd == (0.0, 0.0)
    # What the speed does is drawn apart: the whole band of a bill that follows it is its own.
    steep = tuple(HostNumbers(usd=1000.0 + 10 * (step - 48)) for step in range(97))
    spread = replace(spread_of(), own=1 / z, buy=2 / z)
    moved = doubts._with_bands(
        spread,
        facts,
        ((0.0, 0.0), (0.0, 0.0)),
        Curves(own=steep, buy=steep, board=steep, scale=1.0),
        slopes,
    )
    assert moved.own_usd == pytest.approx(
        (math.sqrt(169 - 100 / z**2), math.sqrt(225 - 100 / z**2)), rel=1e-5
    )
    assert moved.buy_usd == pytest.approx(
        (math.sqrt(625 - 400 / z**2), math.sqrt(2500 - 400 / z**2)), rel=1e-5
    )
    assert moved.rent_usd == pytest.approx((math.sqrt(289 - 400 / z**2), 0.0), abs=1e-5)


def test_that_what_is_stated_is_not_drawn_twice() -> None:
    z = 1.2815516
    assumed = replace(
        ASSUMPTIONS,
        ops_hours_per_month=Estimated(2.0, 3.0, 5.0, "t"),
        residual_share=Estimated(0.1, 0.25, 0.3, "t"),
    )
    at = Assembler(replace(WORLD, assumptions=assumed))

    def sides(workload: Workload, assembler: Assembler = at) -> Any:
        return doubts._assumed_sides(probe(workload, assembler, LIMITS), assembler)

    hours, left = sides(PASSED)
    assert hours == pytest.approx((1 / z, 2 / z))
    assert left == pytest.approx((0.15 / z, 0.05 / z))
    stated = replace(PASSED, organisation=OrganisationFacts(ops_hours_per_month=3.0))
    assert sides(stated) == ((0.0, 0.0), left)
    worth = replace(PASSED, buy=replace(PASSED.buy, residual_share=0.2))
    assert sides(worth) == (hours, (0.0, 0.0))
    none = Assembler(replace(WORLD, assumptions=None))
    assert sides(PASSED, none) == ((0.0, 0.0), (0.0, 0.0))


# The gates ---------------------------------------------------------------------------------------

PAIRS = Pairs(local_only=8, cloud_only=11, both=350, neither=31)
FEW = Pairs(local_only=3, cloud_only=1, both=20, neither=2)


def test_that_the_chance_of_a_candidate_is_that_of_a_paired_difference() -> None:
    # 400 prompts and one: the difference is -3/401, twenty of 401 disagree.
    mean, kinds = -3 / 401, 20 / 401
    z = (mean + 0.03) / math.sqrt((kinds - mean * mean) / 401)
    assert chance(PAIRS, 0.03) == pytest.approx(0.5 * (1 + math.erf(z / math.sqrt(2))))
    assert chance(PAIRS, 0.03) == pytest.approx(0.9783, abs=1e-4)
    none = Pairs(local_only=0, cloud_only=0, both=0, neither=0)
    # Nothing was seen: one deviation of one prompt.
    assert chance(none, 0.03) == pytest.approx(0.5 * (1 + math.erf(0.03 / math.sqrt(2))))


def test_that_chances_come_of_counts_and_open_gates() -> None:
    def chances(quality: Quality, world: World = WORLD, **changes: Any) -> Chances:
        of = replace(PASSED, quality=quality)
        at = Assembler(world)
        return doubts._chances(of, replace(at.facts(of), **changes), at)

    assert chances(Quality(gate=GateResult.PASS)) == NO_CHANCES
    fails = Quality(gate=GateResult.FAIL, gate_hosted=GateResult.FAIL)
    assert chances(fails) == replace(NO_CHANCES, follows=False)
    for state in (GateResult.UNMEASURED, GateResult.INCONCLUSIVE):
        told = chances(Quality(gate=state))
        assert told == replace(NO_CHANCES, open_local=True, open_hosted=True)
        apart = chances(Quality(gate=GateResult.PASS, gate_hosted=state))
        assert apart == replace(NO_CHANCES, open_hosted=True, follows=False)
        for closed in ({"hosted_allowed": False}, {"hosted_offered": False}):
            assert not chances(Quality(gate=state), **closed).open_hosted
    counted = chances(Quality(pairs=FEW, margin=0.03))
    assert counted.local == chance(FEW, 0.03)
    assert (counted.hosted, counted.open_local, counted.follows) == (None, False, True)
    both = chances(Quality(pairs=PAIRS, pairs_hosted=FEW, margin=0.03))
    assert (both.local, both.hosted) == (chance(PAIRS, 0.03), chance(FEW, 0.03))
    assert (both.open_local, both.open_hosted, both.follows) == (False, False, False)
    voted = replace(WORLD, voted=VotedPairs(local=PAIRS))
    votes = chances(Quality(), voted)
    assert votes.local is not None
    assert not votes.follows


# Curves ------------------------------------------------------------------------------------------


def test_that_worlds_are_read_where_most_of_them_lie() -> None:
    assert doubts._knots(0.5) == [-1.5, -0.6, -0.25, 0.0, 0.25, 0.6, 1.5]


def test_that_a_load_lies_between_two_that_were_read() -> None:
    legs = doubts._legs(0.5)
    assert len(legs) == 97
    # Four spreads of 0.5 in 48 steps to each side.
    for step, (leg, share) in enumerate(legs):
        load = 2.0 / 48 * (step - 48)
        knots = doubts._knots(0.5)
        near, far = math.exp(knots[leg]), math.exp(knots[leg + 1])
        assert near + share * (far - near) == pytest.approx(math.exp(load))
        if -1.5 <= load <= 1.5 - 1e-9:
            assert knots[leg] <= load + 1e-12 < knots[leg + 1] + 1e-12
            assert -1e-9 <= share <= 1
    assert legs[48] == (3, 0.0)
    assert [leg for leg, _ in (legs[0], legs[96])] == [0, 5]
    assert legs[0][1] < 0
    assert legs[96][1] > 1


def test_that_a_curve_is_straight_in_the_load_and_ends_at_sense() -> None:
    step = 0.5
    loads = [math.exp(knot) for knot in doubts._knots(step)]
    hosts = [
        HostNumbers(usd=100 * load, peak=0.5 * load, share=1.0 - 0.3 * (load - 1), opex=load)
        for load in loads
    ]
    curve = doubts._curve(hosts, step)
    assert len(curve) == 97
    for place, host in enumerate(curve):
        load = math.exp(2.0 / 48 * (place - 48))
        assert host.usd == pytest.approx(100 * load)
        assert host.peak == pytest.approx(0.5 * load)
        assert host.opex == pytest.approx(load)
        assert host.share == pytest.approx(min(1.0, max(0.0, 1.3 - 0.3 * load)), abs=1e-9) or (
            # Between two that were read nothing is held to sense: they were.
            -1.5 <= 2.0 / 48 * (place - 48) <= 1.5
        )
    falling = [HostNumbers(usd=300 - 100 * load, opex=30 - 10 * load) for load in loads]
    last = doubts._curve(falling, step)[-1]
    assert (last.usd, last.opex) == (0.0, 0.0)


def test_that_a_machine_beyond_what_was_read_is_held_to_sense() -> None:
    host = HostNumbers(usd=-5.0, peak=-0.1, share=1.4, opex=-2.0, price=-3.0, lateness=-1.0)
    assert doubts._checked(host) == HostNumbers(
        usd=0.0, peak=0.0, share=1.0, opex=0.0, price=-3.0, lateness=-1.0
    )
    fine = HostNumbers(usd=5.0, peak=0.1, share=0.4, opex=2.0)
    assert doubts._checked(fine) == fine
    assert doubts._checked(HostNumbers(share=-0.2)).share == 0.0
    assert doubts._checked(HostNumbers()) == HostNumbers()


def test_that_an_endless_lateness_is_a_large_one() -> None:
    assert doubts._ended(math.inf) == 1000.0
    assert doubts._ended(3.0) == 3.0
    assert doubts._ended(None) is None
    step = 0.5
    never = [HostNumbers(lateness=math.inf) for _ in range(7)]
    assert doubts._curve(never, step)[48].lateness == 1000.0


def test_that_slopes_are_what_an_hour_and_a_share_cost() -> None:
    found = made(replace(PASSED, volume=replace(PASSED.volume, predictability=CLASS.PREDICTABLE)))
    # An hour of care is 80 USD, a tenth of it on the owned machine. 3,000 USD over 36 months: what
    # is left comes off, 83.33 a month for all of it.
    assert found.slopes == pytest.approx((8.0, 80.0, 80.0, 80.0, -3000 / 36))
    none = replace(
        PASSED,
        organisation=OrganisationFacts(ops_hours_per_month=0.0),
        buy=replace(PASSED.buy, residual_share=0.0),
    )
    assert made(none).slopes == Slopes()
    assert doubts._less(5.0, 3.0) == 2.0
    assert doubts._less(None, 3.0) == 0.0
    assert doubts._less(3.0, None) == 0.0


# The whole scene ---------------------------------------------------------------------------------


def test_that_a_scene_is_what_its_parts_are() -> None:
    of = replace(PASSED, volume=replace(PASSED.volume, predictability=CLASS.PREDICTABLE))
    at = Assembler(WORLD)
    tried = probe(of, at, LIMITS)
    found = scene(tried, at.facts(of), at)
    assert found.tried is tried
    assert (found.standing, found.numbers) == tried.now
    assert found.base == tried.lead(tried.now)
    step = math.hypot(found.spread.volume, max(found.spread.own, found.spread.buy))
    assert found.curves.scale == pytest.approx(48 / (4 * step))
    assert found.chances == NO_CHANCES
    # In the middle a curve is the machine as it is, and the board's bill is the rent.
    assert found.curves.own[48].usd == pytest.approx(found.numbers.own.usd)
    assert found.curves.buy[48].usd == pytest.approx(found.numbers.buy.usd)
    assert found.curves.board[48].usd == pytest.approx(found.numbers.rent)
    assert found.curves.board[48].peak == pytest.approx(found.numbers.rented.peak)
    # One spread of the load more: at a knot that was read.
    busier = tried.busier(math.exp(1.2 * step))
    place = found.curves.at(found.curves.own, 1.2 * step)
    assert place.usd == pytest.approx(busier.own.usd, rel=0.02)
    board = found.curves.at(found.curves.board, 1.2 * step)
    assert board.usd == pytest.approx(busier.rent, rel=0.02)


def test_that_curves_reach_as_far_as_the_wider_of_both_speeds() -> None:
    at = Assembler(WORLD)
    facts = at.facts(PASSED)
    assert facts.machine is not None
    slow = strain(Estimated(1.0, 4.0, 16.0, "t"))
    doubted = replace(facts, machine=replace(facts.machine, strain=slow))
    found = scene(probe(PASSED, at, LIMITS), doubted, at)
    assert found.spread.own > found.spread.buy
    step = math.hypot(found.spread.volume, found.spread.own)
    assert found.curves.scale == pytest.approx(12 / step)


def test_that_a_lock_and_a_purchase_alone_have_curves_without_a_gate() -> None:
    locked = replace(
        WORK,
        quality=Quality(gate=GateResult.UNMEASURED),
        privacy=Privacy(privacy_class=PrivacyClass.LOCAL_ONLY),
        buy=Purchase(consider=True, machine="RTX 4090"),
    )
    found = made(locked)
    assert len(found.curves.own) == len(found.curves.buy) == 97
    assert found.curves.board == ()
