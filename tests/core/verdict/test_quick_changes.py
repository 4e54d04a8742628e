"""Changed workloads read quickly: what a key touches, what is kept, what could decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.demand.load import Load
from landfall.core.provenance import Estimated, Stated, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import Ability
from landfall.core.verdict.assembling import Assembler, Board
from landfall.core.verdict.parts import ALL, Part, touches
from landfall.core.verdict.places import Place
from landfall.core.verdict.quick_changes import Plain, Probe, certain, probe
from landfall.core.verdict.table_numbers import NO_HOST, Numbers, Reading
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import HostQuotes, Quotes, Workload
from tests.core.verdict.test_assembling import ASSUMPTIONS, WORLD
from tests.core.verdict.test_details import LISTED, OPEN, PASSED
from tests.core.verdict.test_scene import BOARD, BOUGHT, NUMBERS, OWN, STANDING, tried

FRONTIER, HOSTED, RENT, OWNED, BUY = Part
BILLS, REST = {FRONTIER, HOSTED}, {RENT, OWNED, BUY}


# Without bands -----------------------------------------------------------------------------------


def wide(mid: float) -> Estimated:
    return Estimated(mid / 2, mid, mid * 2, "t")


def test_that_every_estimate_stands_at_its_middle() -> None:
    assumed = replace(
        ASSUMPTIONS,
        months=wide(36.0),
        idle_watts=wide(55.0),
        listed_idle_watts={"a": wide(5.0), "b": Stated(9.0, "t")},
    )
    world = replace(WORLD, usd_per_kwh=wide(0.2), assumptions=assumed)
    assembler = Assembler(world)
    plain = certain(assembler)
    assert plain.world.usd_per_kwh == Estimated(0.2, 0.2, 0.2, "t")
    assert plain.world.assumptions is not None
    assert plain.world.assumptions.months == Estimated(36.0, 36.0, 36.0, "t")
    assert plain.world.assumptions.residual_share == Stated(0.25, "test")
    assert plain.world.assumptions.listed_idle_watts == {
        "a": Estimated(5.0, 5.0, 5.0, "t"),
        "b": Stated(9.0, "t"),
    }
    assert plain.abilities is assembler.abilities
    assert certain(Assembler(replace(world, assumptions=None))).world.assumptions is None
    able = plain.ability(plain.at_hand(), PASSED)
    assert isinstance(able.watts, Estimated)
    assert able.watts.low == able.watts.mid == able.watts.high
    full = assembler.ability(assembler.at_hand(), PASSED)
    assert middle(full.watts) == able.watts.mid
    assert plain.ability(plain.at_hand(), PASSED) is able
    # The same workload in all that it rests on, and another one.
    other = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=1.0))
    assert plain.ability(plain.at_hand(), other) is able
    long = replace(PASSED, tokens=replace(PASSED.tokens, context_p99=20_000))
    assert plain.ability(plain.at_hand(), long) is not able


def test_that_what_a_machine_can_do_is_asked_again_only_where_calls_get_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Workload] = []
    made = Assembler.ability

    def counted(self: Assembler, place: Place, workload: Workload) -> Ability:
        asked.append(workload)
        return made(self, place, workload)

    monkeypatch.setattr(Assembler, "ability", counted)
    plain = certain(Assembler(WORLD))
    able = plain.ability(plain.at_hand(), PASSED)
    tokens = PASSED.tokens
    other = replace(PASSED, tokens=replace(tokens, output=(tokens.output or 0.0) + 0.5))
    assert plain.ability(plain.at_hand(), other) is able
    assert asked == [PASSED]
    longer = replace(PASSED, tokens=replace(tokens, context_p99=20_000))
    assert plain.ability(plain.at_hand(), longer) is not able
    assert asked == [PASSED, longer]


def of(workload: Workload = PASSED, **world: Any) -> Probe:
    return probe(workload, Assembler(replace(WORLD, **world)), Thresholds())


def flat(numbers: Numbers) -> list[float | None]:
    """All numbers in a row."""
    hosts = (*numbers.own, *numbers.buy, *numbers.rented)
    return [*numbers[:3], *hosts, *numbers[6:]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("volume.calls_per_day", 500.0),
        ("volume.growth_per_month", 0.2),
        ("tokens.output", 900.0),
        ("tokens.context_p99", 30_000),
        ("today.retry_share", 0.2),
        ("organisation.hourly_rate", 10.0),
        ("organisation.ops_hours_per_month", 9.0),
        ("buy.price", 900.0),
        ("machine.on_anyway", False),
        ("machine.available", False),
        ("latency.p95_seconds", 5.0),
        ("volume.batch_window_hours", 12.0),
        ("privacy.offline", True),
        ("quotes.rent_gpu_usd_month", 5.0),
        ("quality.margin", 0.1),
        ("organisation.hosted_allowed", False),
    ],
)
def test_that_what_is_read_quickly_is_what_is_read_in_full(path: str, value: Any) -> None:
    for workload, world in ((PASSED, WORLD), (OPEN, LISTED)):
        at = Assembler(world)
        whole = probe(workload, at, Thresholds())
        changed = put(workload, BY_PATH[path], value)
        quick = whole.read(changed, touches(path))
        afresh = probe(changed, at, Thresholds()).now
        assert quick.standing == afresh.standing
        assert flat(quick.numbers) == pytest.approx(flat(afresh.numbers))
        # And back again: nothing of the change is left behind.
        assert whole.read(workload) == whole.now


def test_that_only_the_parts_that_are_asked_for_are_made_anew() -> None:
    whole = of()
    dear = put(PASSED, BY_PATH["organisation.hourly_rate"], 800.0)
    nothing = whole.read(dear, frozenset()).numbers
    assert nothing == whole.now.numbers
    fields = {FRONTIER: "frontier", HOSTED: "hosted", RENT: "rent", OWNED: "own", BUY: "buy"}
    much = put(PASSED, BY_PATH["volume.calls_per_day"], 400.0)
    afresh = whole.read(much).numbers
    for part, name in fields.items():
        one = whole.read(much, frozenset({part})).numbers
        assert getattr(one, name) == getattr(afresh, name) != getattr(whole.now.numbers, name)
        for other in fields.values():
            if other != name:
                assert getattr(one, other) == getattr(whole.now.numbers, other)


def test_that_what_only_a_reader_asks_for_is_left_out() -> None:
    whole = of()
    assert whole.facts.leaks == ()
    assert whole.facts.price_dates == ()
    assert whole.facts.machine is not None
    assert whole.facts.machine.notes == ()
    assert whole.facts.rented is not None
    assert isinstance(whole.facts.rented.peak_utilisation, Unknown)
    assert not isinstance(whole.facts.machine.peak_utilisation, Unknown)
    assert isinstance(whole.assembler, Plain)


# A multiple of the volume ------------------------------------------------------------------------


def test_that_a_multiple_of_the_volume_is_that_of_a_busier_workload() -> None:
    whole = of()
    assert whole.busier(1.0) is whole.now.numbers
    busy = put(PASSED, BY_PATH["volume.calls_per_day"], 12_000.0)
    afresh = of(busy).now.numbers
    found = whole.busier(1.5)
    assert flat(found) == pytest.approx(flat(afresh))
    some = whole.busier(1.5, frozenset({Part.OWN}))
    assert some.own == pytest.approx(afresh.own)
    assert some.frontier == whole.now.numbers.frontier


def test_that_quoted_bills_and_loads_follow_the_volume() -> None:
    quotes = Quotes(
        cloud_frontier_usd_month=5000.0,
        hosted_open_usd_month=900.0,
        rent_gpu_usd_month=800.0,
        machine=HostQuotes(marginal_usd_month=20.0, peak_utilisation=0.4),
        buy=HostQuotes(tco_usd_month=400.0, peak_utilisation=0.3),
    )
    found = of(replace(PASSED, quotes=quotes)).busier(3.0)
    assert (found.frontier, found.hosted, found.rent) == (15_000.0, 2700.0, 2400.0)
    assert (found.own.peak, found.buy.peak) == pytest.approx((1.2, 0.9))
    assert (found.own.usd, found.buy.usd) == (20.0, 400.0)
    # What is not quoted is computed, and not multiplied twice.
    plain = of().busier(3.0)
    assert plain.own.peak == pytest.approx(3 * (of().now.numbers.own.peak or 0.0))
    assert plain.frontier == pytest.approx(3 * (of().now.numbers.frontier or 0.0))
    none = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=None))
    assert of(none).busier(3.0).calls is None


# What could decide -------------------------------------------------------------------------------


def standing(numbers: Any = NUMBERS, **changes: Any) -> Probe:
    """A probe of D12 with a reading of one's own."""
    return replace(tried(), now=Reading(STANDING._replace(**changes), numbers))


def test_that_a_verdict_that_no_machine_can_change_is_fixed() -> None:
    own, buy, rent = (frozenset({part}) for part in (Part.OWN, Part.BUY, Part.RENT))
    led = standing()
    assert not led.fixed(own)
    # While the owned machine leads, what would be bought or rented changes nothing.
    assert led.fixed(buy)
    assert led.fixed(rent)
    assert led.fixed(buy | rent)
    assert not led.fixed(own | rent)
    assert not led.fixed(frozenset())
    assert not led.fixed(rent | {Part.FRONTIER})
    assert not led.fixed(ALL)
    dear = NUMBERS._replace(own=OWN._replace(usd=9e9))
    assert not standing(dear).fixed(buy)
    assert not standing(dear, buy=False).fixed(rent)
    assert standing(dear, buy=False, renting=False).fixed(rent)
    assert standing(dear, predictable=False, renting=False).fixed(buy)
    small = NUMBERS._replace(frontier=40.0, hosted=30.0, own=OWN._replace(usd=29.0))
    assert standing(small).fixed(frozenset({Part.OWN, Part.BUY, Part.RENT}))


def test_that_rent_with_a_board_that_is_too_slow_now_may_change_a_verdict() -> None:
    late = NO_HOST._replace(lateness=0.5)
    dear = NUMBERS._replace(own=OWN._replace(usd=9e9), rent=1.0, rented=late)
    rent = frozenset({Part.RENT})
    # Another target, or shorter calls, and the board is in time.
    assert not standing(dear, buy=False).fixed(rent)


def test_that_what_changes_nothing_whatever_it_is_is_spared() -> None:
    own, buy, rent = (frozenset({part}) for part in (Part.OWN, Part.BUY, Part.RENT))
    led = standing()
    assert led.spares(led.now, buy | rent)
    assert not led.spares(led.now, own)
    assert led.spared() == buy | rent
    dear = standing(NUMBERS._replace(own=OWN._replace(usd=9e9)))
    assert not dear.spares(dear.now, buy)
    # A purchase that leads is not beaten by rent.
    assert dear.spares(dear.now, rent)
    assert dear.spared() == rent
    late = standing(NUMBERS._replace(own=OWN._replace(usd=9e9)), predictable=False, renting=True)
    assert late.spares(late.now, buy)
    assert not late.spares(late.now, rent)
    assert late.spared() == buy
    neither = standing(NUMBERS._replace(own=OWN._replace(usd=9e9), buy=BOUGHT._replace(usd=9e9)))
    assert neither.spared() == frozenset()
    # What does not stand now may stand when it is changed.
    gone = standing(NUMBERS._replace(buy=NO_HOST), own=False, buy=False, renting=False)
    assert not gone.spares(gone.now, buy)
    assert not gone.spares(gone.now, own)
    assert not gone.spares(gone.now, rent)
    barred = standing(own=False, buy=False, renting=False, local_passes=False)
    assert barred.spares(barred.now, own | buy | rent)


def test_that_a_bar_that_hangs_on_rent_is_not_spared() -> None:
    only_rent = standing(
        own=True,
        cloud=False,
        hosted_passes=False,
        hosted_stays=False,
    )
    assert only_rent.lead(only_rent.now).bar is Option.RENT_GPU
    assert only_rent.lead(only_rent.now).on is Option.LOCAL_THIS_MACHINE
    assert not only_rent.spares(only_rent.now, frozenset({Part.RENT}))
    free = standing(NUMBERS._replace(rented=BOARD._replace(lateness=1.0)))
    assert free.spares(free.now, frozenset({Part.RENT}))
    locked = standing(only_local=True, cloud=False)
    assert locked.spares(locked.now, frozenset({Part.RENT}))
    assert not locked.spares(locked.now, frozenset({Part.OWN}))


def test_that_care_looks_for_no_other_board(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Workload] = []
    found = Assembler.board

    def counted(at: Assembler, workload: Workload, load: Load) -> Board:
        asked.append(workload)
        return found(at, workload, load)

    at = Assembler(LISTED)
    whole, key = probe(OPEN, at, Thresholds()), BY_PATH["organisation.ops_hours_per_month"]
    busier = put(OPEN, BY_PATH["volume.calls_per_day"], 70_000.0)
    monkeypatch.setattr(Assembler, "board", counted)
    rents = [whole.read(put(OPEN, key, hours)).numbers.rent for hours in (2.0, 8.0)]
    assert asked == []
    afresh = [
        probe(put(OPEN, key, hours), at, Thresholds()).now.numbers.rent for hours in (2.0, 8.0)
    ]
    assert rents == pytest.approx(afresh)
    assert rents[0] != rents[1]
    # Other volumes ask anew, and so does the first one after them.
    asked.clear()
    assert whole.read(busier).numbers.rent != rents[0]
    assert whole.read(OPEN) == whole.now
    assert asked == [busier, OPEN]


def test_that_listed_prices_are_read_without_bands() -> None:
    rows = tuple(replace(row, usd=wide(middle(row.usd) or 1.0)) for row in LISTED.rentals)
    at = certain(Assembler(replace(LISTED, rentals=rows)))
    places = list(at.listed(Option.RENT_GPU, rows))
    assert len(places) == len(rows) > 0
    for place, row in zip(places, rows, strict=True):
        assert isinstance(place.usd, Estimated)
        assert place.usd.low == place.usd.mid == place.usd.high == middle(row.usd)
