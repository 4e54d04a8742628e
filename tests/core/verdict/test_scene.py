"""One world out of the middle of everything: its numbers, reckoned by hand, and where they lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.quick_changes import Probe, probe
from landfall.core.verdict.quick_table import Lead
from landfall.core.verdict.scene import (
    STEPS,
    Chances,
    Curve,
    Curves,
    Draw,
    Scene,
    Slopes,
    Spread,
    cost_of,
)
from landfall.core.verdict.table_numbers import HostNumbers, Numbers, Standing, standing_of
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_verdict_worlds import NOWHERE, workload

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
STANDING = Standing(
    only_local=False,
    cloud=True,
    rent=True,
    local_passes=True,
    hosted_passes=True,
    hosted_stays=True,
    hosted_first=True,
    own=True,
    buy=True,
    renting=True,
    startup=False,
    predictable=True,
    growing=frozenset(),
)
OWN = HostNumbers(usd=20.0, peak=0.4, share=1.0)
BOUGHT = HostNumbers(usd=400.0, peak=0.5, share=0.9, opex=100.0, price=3600.0)
BOARD = HostNumbers(usd=500.0, peak=0.3, lateness=-1.0)
NUMBERS = Numbers(
    frontier=9000.0,
    hosted=2600.0,
    rent=500.0,
    own=OWN,
    buy=BOUGHT,
    rented=BOARD,
    growth=1.0,
    calls=1000.0,
    days=60,
)
NO_CHANCES = Chances(local=None, hosted=None, open_local=False, open_hosted=False, follows=True)
SURE = Spread(volume=0.0, own=0.0, buy=0.0, care=None, residual=None, years=1.5)
NO_CURVES = Curves(own=(), buy=(), board=(), scale=10.0)


def tried(name: str = "D12") -> Probe:
    return probe(workload(name), NOWHERE, Thresholds())


def rising(host: HostNumbers, by: float = 1.0) -> Curve:
    """A machine whose bill is so much more with each step of the load."""
    return tuple(
        host._replace(usd=(host.usd or 0.0) + by * (step - STEPS)) for step in range(2 * STEPS + 1)
    )


def made(**changes: Any) -> Scene:
    values: dict[str, Any] = {
        "tried": tried(),
        "base": Lead(HERE, 20.0, HOSTED, HERE),
        "standing": STANDING,
        "numbers": NUMBERS,
        "spread": SURE,
        "chances": NO_CHANCES,
        "curves": NO_CURVES,
        "slopes": Slopes(),
        # What stands is given: the facts of the probe are asked for other gates alone.
        "_standings": {(None, None): changes.get("standing", STANDING)},
    }
    return Scene(**(values | changes))


DEAR = NUMBERS._replace(own=OWN._replace(usd=5000.0))
"""The owned machine costs more than all else."""


# Curves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "step"),
    [
        (0.0, 48),
        (0.04, 48),
        (0.051, 49),
        (-0.04, 48),
        (-0.051, 47),
        (1.0, 58),
        (-1.0, 38),
        (4.8, 96),
        (4.9, 96),
        (99.0, 96),
        (-4.8, 0),
        (-4.9, 0),
        (-99.0, 0),
    ],
)
def test_that_a_curve_is_read_at_the_nearest_of_its_steps(load: float, step: int) -> None:
    curve = rising(OWN)
    assert len(curve) == 97
    assert replace(NO_CURVES, own=curve).at(curve, load) is curve[step]
    # A world has the machine at the same step.
    found = next(made(curves=replace(NO_CURVES, own=curve)).all_found([Draw(own=load)]))
    assert found[1].own is curve[step]


# One world ---------------------------------------------------------------------------------------


def test_that_a_world_in_the_middle_is_what_is_known() -> None:
    assert next(made().all_found([Draw()])) == (Lead(HERE, 20.0, HOSTED, HERE), NUMBERS)


def test_that_a_world_in_which_the_owned_machine_wins_has_its_bills_alone() -> None:
    curves = Curves(own=rising(OWN), buy=rising(BOUGHT), board=rising(BOARD), scale=10.0)
    scene = made(curves=curves, slopes=Slopes(own_care=2.0, buy_care=9.0, rent_care=9.0))
    draw = Draw(volume=2.0, own=0.1, buy=0.3, care=3.0, own_usd=5.0, buy_usd=7.0, rent_usd=8.0)
    led, numbers = next(scene.all_found([draw]))
    # 20, one step more, three hours of 2, and 5 of its band.
    assert led == Lead(HERE, 32.0, HOSTED, HERE)
    assert numbers == NUMBERS._replace(
        frontier=18_000.0, hosted=5200.0, calls=2000.0, own=OWN._replace(usd=32.0)
    )


def test_that_a_world_in_which_it_does_not_has_what_is_bought_and_rented_too() -> None:
    curves = Curves(own=(), buy=rising(BOUGHT), board=rising(BOARD), scale=10.0)
    slopes = Slopes(own_care=4.0, buy_care=9.0, opex_care=6.0, rent_care=11.0, buy_residual=50.0)
    scene = made(numbers=DEAR, curves=curves, slopes=slopes)
    draw = Draw(volume=2.0, own=0.1, buy=0.3, care=3.0, residual=-0.1, buy_usd=7.0, rent_usd=8.0)
    led, numbers = next(scene.all_found([draw]))
    # 400, three steps, 27 of care, 5 less for what is left, 7 of its band.
    bought = BOUGHT._replace(usd=432.0, opex=118.0)
    # 500, three steps, 33 of care, 8 of its band.
    assert numbers == DEAR._replace(
        frontier=18_000.0,
        hosted=5200.0,
        calls=2000.0,
        buy=bought,
        rent=544.0,
        rented=BOARD._replace(usd=503.0),
    )
    assert led == Lead(BUY, 432.0, HOSTED, BUY)


def test_that_what_has_no_curve_stays_as_it_is() -> None:
    slopes = Slopes(own_care=4.0, buy_care=9.0, opex_care=6.0, rent_care=11.0, buy_residual=50.0)
    scene = made(numbers=DEAR, slopes=slopes)
    draw = Draw(care=3.0, residual=0.1, own_usd=5.0, buy_usd=7.0, rent_usd=8.0)
    assert next(scene.all_found([draw]))[1] == DEAR


def test_that_rent_never_pays_anybody_and_stays_unknown() -> None:
    cheap = Curves(own=(), buy=(), board=rising(BOARD, 0.0), scale=10.0)
    scene = made(numbers=DEAR, curves=cheap, base=Lead(RENT, 500.0, HOSTED))
    assert next(scene.all_found([Draw(rent_usd=-900.0)]))[1].rent == 0.0
    unknown = Curves(own=(), buy=(), board=(BOARD._replace(usd=None),) * 97, scale=10.0)
    told = next(made(numbers=DEAR, curves=unknown).all_found([Draw(rent_usd=5.0)]))[1]
    assert told.rent is None
    assert told.rented.usd is None


def test_that_bills_that_are_not_known_stay_so() -> None:
    gaps = NUMBERS._replace(frontier=None, hosted=None, calls=None)
    _, numbers = next(made(numbers=gaps).all_found([Draw(volume=2.0)]))
    assert (numbers.frontier, numbers.hosted, numbers.calls) == (None, None, None)
    nothing = (OWN._replace(usd=None),) * 97
    scene = made(curves=Curves(own=nothing, buy=(), board=(), scale=10.0))
    assert next(scene.all_found([Draw(own_usd=5.0)]))[1].own.usd is None


def test_that_worlds_come_in_their_order() -> None:
    volumes = [0.5, 1.0, 3.0]
    found = made().all_found([Draw(volume=one) for one in volumes])
    assert [numbers.frontier for _, numbers in found] == [4500.0, 9000.0, 27_000.0]


# Falling prices ----------------------------------------------------------------------------------


def test_that_a_purchase_that_holds_against_falling_bills_is_led_to() -> None:
    scene = made(numbers=DEAR._replace(rent=None))
    led, numbers = next(scene.all_found([Draw(fall=0.5)]))
    # 1,300 of 2,600: still a large bill, and 400 saves enough. The bills told are today's.
    assert led == Lead(BUY, 400.0, HOSTED, BUY)
    assert numbers == DEAR._replace(rent=None)


def test_that_one_that_does_not_hold_gives_way_to_what_holds_today() -> None:
    # 2,600 falls to 910, too little for hardware. Renting saves today: 500 of 2,600.
    assert next(made(numbers=DEAR).all_found([Draw(fall=0.35)])) == (
        Lead(RENT, 500.0, HOSTED),
        DEAR,
    )
    stays = DEAR._replace(rent=None)
    assert next(made(numbers=stays).all_found([Draw(fall=0.35)])) == (
        Lead(HOSTED, 2600.0, HOSTED),
        stays,
    )


def test_that_a_purchase_that_is_the_verdict_is_judged_by_fallen_bills_alone() -> None:
    scene = made(numbers=DEAR, base=Lead(BUY, 400.0, HOSTED, BUY))
    fallen = DEAR._replace(frontier=9000.0 * 0.35, hosted=2600.0 * 0.35)
    assert next(scene.all_found([Draw(fall=0.35)])) == (Lead(RENT, 500.0, HOSTED), fallen)
    held = DEAR._replace(frontier=4500.0, hosted=1300.0)
    assert next(scene.all_found([Draw(fall=0.5)])) == (Lead(BUY, 400.0, HOSTED, BUY), held)
    gaps = DEAR._replace(frontier=None, hosted=None)
    told = next(made(numbers=gaps, base=Lead(BUY, 400.0, HOSTED, BUY)).all_found([Draw(fall=0.5)]))[
        1
    ]
    assert (told.frontier, told.hosted) == (None, None)
    # The owned machine does not cut the way short.
    owned = next(made(base=Lead(BUY, 400.0, HOSTED, BUY)).all_found([Draw(fall=0.5)]))
    assert owned[0] == Lead(HERE, 20.0, HOSTED, HERE)
    assert owned[1].hosted == 1300.0


def test_that_under_a_lock_no_bill_has_to_be_beaten() -> None:
    locked = STANDING._replace(only_local=True, cloud=False, own=False)
    scene = made(standing=locked, base=Lead(BUY, 400.0, None, BUY), numbers=DEAR)
    assert next(scene.all_found([Draw(fall=0.1)]))[0] == Lead(BUY, 400.0, on=BUY)
    other = made(standing=locked, numbers=DEAR)
    assert next(other.all_found([Draw(fall=0.1)]))[0] == Lead(BUY, 400.0, on=BUY)


# Gates -------------------------------------------------------------------------------------------


def test_that_gates_are_as_stated_or_as_a_world_has_them() -> None:
    facts = replace(tried().facts, gate=GateResult.UNMEASURED, gate_hosted=GateResult.INCONCLUSIVE)
    scene = made(tried=replace(tried(), facts=facts), _standings={})
    for local, first in ((None, GateResult.UNMEASURED), (True, "pass"), (False, "fail")):
        for hosted, second in ((None, GateResult.INCONCLUSIVE), (True, "pass"), (False, "fail")):
            wanted = replace(facts, gate=GateResult(first), gate_hosted=GateResult(second))
            assert scene.stands(local, hosted) == standing_of(wanted)
            assert scene.stands(local, hosted) is scene.stands(local, hosted)
    assert len(scene._standings) == 9


def test_that_a_world_without_a_passed_gate_stays_in_the_cloud() -> None:
    scene = made()
    assert next(scene.all_found([Draw(local=False, hosted=False)]))[0].option is CLOUD
    assert next(scene.all_found([Draw(local=False, hosted=True)]))[0].option is HOSTED
    assert next(scene.all_found([Draw(local=True, hosted=False)]))[0] == Lead(
        HERE, 20.0, CLOUD, HERE
    )


# What it costs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "usd"),
    [
        (Lead(CLOUD, None), 9000.0),
        (Lead(HOSTED, None), 2600.0),
        (Lead(RENT, None), 500.0),
        (Lead(HERE, None, on=HERE), 20.0),
        (Lead(BUY, None, on=BUY), 400.0),
        (Lead(SPLIT, None), None),
        (Lead(SPLIT, None, HOSTED, HERE), 20.0 + 0.0 * 2600),
        # A tenth of it overflows.
        (Lead(SPLIT, None, HOSTED, BUY), 400.0 + 260.0),
        (Lead(SPLIT, None, CLOUD, BUY), 400.0 + 900.0),
        (Lead(SPLIT, None, RENT, BUY), 400.0 + 50.0),
        (Lead(Option.LOCAL_REQUIRED_NOT_FEASIBLE, None), None),
    ],
)
def test_that_an_option_costs_what_is_carried_out(chosen: Lead, usd: float | None) -> None:
    assert cost_of(chosen, NUMBERS) == (None if usd is None else pytest.approx(usd))
