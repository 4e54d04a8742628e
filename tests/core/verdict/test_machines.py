"""Machines as places: which is looked at, how many of it, and every fact that is read of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.demand.serving import Serves
from landfall.core.provenance import Measured, Stated, Unknown, middle
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import NOT_STATED, HostFacts
from landfall.core.verdict.machines import first_known
from landfall.core.verdict.places import Place, answering_in_time, not_quoted, price_of, quotes_of
from landfall.core.verdict.world import Listed, OnHosts, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import HostQuotes, Machine, Purchase, Quotes, Workload
from tests.core.verdict.test_assembling import RTX_4090, WORLD, card, seconds, sure
from tests.core.verdict.test_details import LISTED, OPEN, PASSED

HERE, BUY, RENT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.RENT_GPU
BOARD = Place(option=RENT, which="r", profile=RTX_4090, usd=sure(0.5))


def at(world: World = WORLD) -> Assembler:
    return Assembler(world)


def volume(calls: float, work: Workload = OPEN, **more: Any) -> Workload:
    return replace(work, volume=replace(work.volume, calls_per_day=calls, **more))


# Calls a day that take all of one machine, eight hours long.
FULL = 8 * 3600 / seconds()


# Places ------------------------------------------------------------------------------------------


def test_that_the_machine_at_hand_is_one_or_the_hosts_that_share_the_calls() -> None:
    world = replace(WORLD, machine_usd=sure(3000.0))
    assert at(world).at_hand() == Place(
        option=HERE,
        which="machine",
        profile=RTX_4090,
        absent="no machine is known",
        usd=sure(3000.0),
        count=1,
    )
    two = replace(world, on=OnHosts(names=("a", "b"), described=True))
    assert (at(two).at_hand().count, middle(at(two).at_hand().usd)) == (2, 6000.0)
    one = replace(world, on=OnHosts(names=("a",), described=True))
    assert at(one).at_hand().usd == sure(3000.0)


def test_that_there_is_an_owned_machine_where_one_is_known_or_quoted() -> None:
    def owned(work: Workload = PASSED, world: World = WORLD) -> HostFacts | None:
        return at(world).owned(work, at(world).load(work))

    assert owned() is not None
    assert owned(replace(PASSED, machine=Machine(available=False))) is None
    bare = replace(WORLD, machine=None)
    assert owned(world=bare) is None
    quoted = replace(PASSED, quotes=Quotes(machine=HostQuotes(fits=True)))
    told = owned(quoted, bare)
    assert told is not None
    assert (told.fits, told.machine, told.model) == (True, "", "")
    assert told.note("context_ok", "") == "no machine is known"
    assert "available = false" in at().why_no_machine(
        replace(PASSED, machine=Machine(available=False))
    )
    assert at().why_no_machine(PASSED) == "no machine is known"


def test_that_what_is_named_is_bought_and_else_the_cheapest_listed() -> None:
    def to_buy(work: Workload, world: World = LISTED) -> Place:
        return at(world).to_buy(work, at(world).load(work))

    listed = to_buy(OPEN)
    assert (listed.name, listed.count, middle(listed.usd)) == ("RTX 4090", 1, 3000.0)
    named = replace(LISTED, purchase=RTX_4090, purchase_usd=sure(2500.0), purchase_count=2)
    for buy, quotes in (
        (Purchase(consider=True, machine="RTX 4090"), Quotes()),
        (Purchase(consider=True, price_usd=2000.0), Quotes()),
        (Purchase(consider=True), Quotes(buy=HostQuotes(fits=True))),
    ):
        found = to_buy(replace(OPEN, buy=buy, quotes=quotes), named)
        assert (found.which, found.count, middle(found.usd)) == ("buy", 2, 2500.0)
        assert found.name == "2 boxes of RTX 4090"
    nothing = to_buy(OPEN, replace(WORLD, purchase=None))
    assert (nothing.name, nothing.absent) == ("", "no machine to buy is named (buy.machine)")
    huge = replace(LISTED, cards=(card("huge:400b", size_bytes=240_000_000_000),))
    work = replace(OPEN, candidates=replace(OPEN.candidates, local=("huge:400b",)))
    none = to_buy(work, huge)
    assert (none.profile, none.held) == (None, False)
    assert none.absent == "no listed hardware holds huge:400b whole"
    strange = replace(OPEN, candidates=replace(OPEN.candidates, local=("strange:1b",)))
    unknown = to_buy(strange)
    assert (unknown.profile, unknown.held) == (None, None)
    assert unknown.absent == "strange:1b is not in the catalogue"
    not_considered = replace(OPEN, buy=Purchase(consider=False))
    assert at(LISTED).purchase(not_considered, at(LISTED).load(not_considered)) is None


def test_that_three_that_keep_up_are_offered_and_else_the_cheapest_that_holds_it() -> None:
    rows = tuple(
        Listed(profile=replace(RTX_4090, name=f"Box {number}"), usd=sure(1000.0 * number))
        for number in range(1, 6)
    )
    world = replace(LISTED, purchases=rows)
    found = at(world).offers(OPEN, at(world).load(OPEN))
    assert [one.name for one in found] == ["Box 1", "Box 2", "Box 3"]
    flood = volume(FULL * 8)
    slow = at(world).offers(flood, at(world).load(flood))
    assert [(one.name, one.count) for one in slow] == [("Box 1", 1)]
    assert [one.which for one in at(world).listed(BUY, rows[:1])] == ["LOCAL_BUY: Box 1"]


@pytest.mark.parametrize(
    ("share", "count"),
    [(0.1, 1), (0.8, 1), (0.81, 2), (1.6, 2), (1.61, 3), (6.4, 8), (6.41, None)],
)
def test_that_a_machine_may_be_busy_for_four_fifths(share: float, count: int | None) -> None:
    work = volume(FULL * share)
    place = Place(option=BUY, which="x", profile=RTX_4090, usd=sure(3000.0))
    found = at().enough(place, work, at().load(work))
    assert (found.count if found else None) == count
    if found is not None:
        assert middle(found.usd) == 3000.0 * found.count
        assert (found is place) is (count == 1)


def test_that_more_are_taken_until_answers_come_in_time() -> None:
    place = Place(option=BUY, which="x", profile=RTX_4090, usd=sure(3000.0))
    work = replace(volume(FULL * 0.75), p95_seconds=seconds() * 4)
    found = at().enough(place, work, at().load(work))
    assert found is not None
    assert found.count == 2
    # Nothing helps where one call alone takes longer.
    hopeless = replace(work, p95_seconds=seconds() * 0.5)
    alone = at().enough(place, hopeless, at().load(hopeless))
    assert alone is not None
    assert alone.count == 1
    waits = replace(work, volume=replace(work.volume, batch_window_hours=24.0))
    assert at().in_time(place, waits, at().load(waits), most=8) is None
    plain = replace(work, p95_seconds=None)
    assert at().in_time(place, plain, at().load(plain), most=8) is None
    in_time = at().in_time(place, work, at().load(work), most=8)
    assert in_time is not None
    assert in_time(seconds(), 1) == in_time(seconds(), 1) == 2
    assert in_time(seconds() / 4, 1) == 1
    # Of several it is counted from one again: three of three would be nine.
    of_three = at().in_time(replace(place, count=3), work, at().load(work), most=8)
    assert of_three is not None
    assert of_three(seconds(), 1) == 2
    silent = replace(work, volume=replace(work.volume, calls_per_day=None))
    single = at().enough(place, silent, at().load(silent))
    assert single is place


def test_that_the_fewest_that_are_not_late_are_found() -> None:
    def asked(enough: int, least: int = 1, most: int = 100) -> tuple[int, int]:
        tried: list[int] = []

        def late(count: int) -> bool:
            tried.append(count)
            return count < enough

        return answering_in_time(least, late, most=most), len(tried)

    assert [asked(enough)[0] for enough in (1, 2, 3, 7, 50, 99, 100)] == [1, 2, 3, 7, 50, 99, 100]
    # More than may be looked at would not help: it is not the waiting.
    assert asked(101)[0] == 1
    assert asked(7, least=5)[0] == 7
    assert asked(3, least=5)[0] == 5
    assert asked(7, least=100) == (100, 0)
    assert asked(7, least=101) == (101, 0)
    assert asked(1)[1] == 1
    assert asked(2) == (2, 3)
    assert max(asked(enough)[1] for enough in range(1, 101)) <= 14


def test_that_places_have_a_name_a_price_and_quotes() -> None:
    one = Place(option=BUY, which="x", profile=RTX_4090, count=3)
    assert one.name == "3 boxes of RTX 4090"
    assert replace(one, count=1).name == "RTX 4090"
    assert replace(one, option=RENT).name == "RTX 4090"
    assert replace(one, profile=None).name == ""
    assert price_of(one) == float("inf")
    assert price_of(replace(one, usd=sure(7.0))) == 7.0
    quotes = Quotes(machine=HostQuotes(fits=True), buy=HostQuotes(fits=False))
    work = replace(PASSED, quotes=quotes)
    assert quotes_of(HERE, work) is quotes.machine
    assert quotes_of(BUY, work) is quotes.buy
    assert quotes_of(RENT, work) == HostQuotes()
    notes = tuple((key, "x") for key in ("fits", "H3", "context_ok", "H4", "H7", "H8", "other"))
    assert not_quoted(HostQuotes(), notes) == notes
    left = not_quoted(HostQuotes(fits=True, licence_ok=False), notes)
    assert [key for key, _ in left] == ["context_ok", "H4", "H7", "other"]
    rest = not_quoted(HostQuotes(context_ok=True, capability_ok=False), notes)
    assert [key for key, _ in rest] == ["fits", "H3", "H8", "other"]
    assert first_known(None, 0, 5) == 0
    assert first_known(None, None) is None


# A machine's facts -------------------------------------------------------------------------------


def test_that_a_host_has_every_fact_of_its_place() -> None:
    work = replace(volume(8000.0, PASSED), p95_seconds=60.0)
    world = replace(WORLD, machine_usd=sure(3000.0))
    load = at(world).load(work)
    found = at(world).host(at(world).at_hand(), work, load)
    assert (found.option, found.machine, found.model) == (HERE, "RTX 4090", "small:8b")
    assert (found.fits, found.context_ok) == (True, True)
    assert (found.licence_ok, found.capability_ok) == (True, True)
    assert found.count == 1
    assert middle(found.peak_utilisation) == pytest.approx(8000 / FULL)
    assert found.absorbed_share == found.absorbed_token_share
    assert (found.late, found.misses_window) == (False, None)
    assert found.lateness is not None
    assert found.lateness < 0
    assert found.opex_usd_month == Unknown("of a purchase only")
    assert found.price_usd == Unknown("not bought")
    late = at(world).host(at(world).at_hand(), replace(work, p95_seconds=0.1), load)
    assert late.late is True
    # The slowest of twenty takes 4.2 seconds: within 4.5 it is nearly late.
    just = at(world).host(at(world).at_hand(), replace(work, p95_seconds=4.5), load)
    assert just.late is False
    assert just.lateness is not None
    assert -1 < just.lateness < 0
    no_target = at(world).host(at(world).at_hand(), replace(work, p95_seconds=None), load)
    assert (no_target.late, no_target.lateness) == (None, None)
    board = at(world).host(BOARD, work, load, rent=sure(77.0))
    assert (board.usd_month, board.machine) == (sure(77.0), "RTX 4090")
    assert at(world).host(BOARD, work, load).usd_month == NOT_STATED
    bought = at(world).host(
        Place(option=BUY, which="b", profile=RTX_4090, usd=sure(3.0)), work, load
    )
    assert middle(bought.price_usd) == 3.0
    assert middle(bought.opex_usd_month) < middle(bought.usd_month)  # type: ignore[operator]


def test_that_quotes_of_each_kind_stand_above_what_is_computed() -> None:
    keys = ("fits", "context_ok", "licence_ok", "capability_ok")
    for key in keys:
        quotes = Quotes(
            machine=HostQuotes(**{key: False}),
            buy=HostQuotes(**{key: False}),  # type: ignore[arg-type]
        )
        work = replace(PASSED, quotes=quotes)
        facts = at().facts(work)
        assert facts.machine is not None
        assert facts.buy is not None
        for host in (facts.machine, facts.buy):
            assert [name for name in keys if getattr(host, name) is False] == [key]
    peak = replace(
        PASSED, quotes=Quotes(machine=HostQuotes(peak_utilisation=0.4, absorbed_share=0.9))
    )
    host = at().facts(peak).machine
    assert host is not None
    assert host.peak_utilisation == Stated(0.4, "quotes.machine.peak_utilisation")
    assert host.absorbed_share == Stated(0.9, "quotes.machine.absorbed_share")
    other = replace(PASSED, quotes=Quotes(buy=HostQuotes(peak_utilisation=0.4)))
    buy = at().facts(other).buy
    assert buy is not None
    assert buy.peak_utilisation == Stated(0.4, "quotes.buy.peak_utilisation")


def test_that_the_server_here_says_how_many_calls_it_answers_at_once() -> None:
    world = replace(WORLD, serves={"small:8b": Serves(slots=4, says="set")})
    load = at(world).load(PASSED)
    here = at(world).service(at(world).at_hand(), PASSED, load)
    assert (here.slots, here.says) == (4, "set")
    # What holds of the server here holds of no other machine.
    there = at(world).service(Place(option=BUY, which="b", profile=RTX_4090), PASSED, load)
    assert there.slots == 1
    three = replace(world, on=OnHosts(names=("a", "b", "c"), described=True))
    assert at(three).service(at(three).at_hand(), PASSED, load).slots == 12
    pooled = replace(
        three, on=OnHosts(names=("a", "b", "c"), described=True, slots={"small:8b": 7})
    )
    assert at(pooled).service(at(pooled).at_hand(), PASSED, load).slots == 7
    boxes = Place(option=BUY, which="b", profile=RTX_4090, count=3)
    assert at(pooled).service(boxes, PASSED, load).slots == 3


def test_that_hosts_have_a_way_and_their_own_rates() -> None:
    on = OnHosts(names=("a",), described=True, network_seconds=Measured(0.5, "", "runs"))
    world = replace(WORLD, on=on)
    facts = at(world).facts(PASSED)
    assert facts.machine is not None
    assert facts.buy is not None
    assert facts.machine.strain is not None
    assert facts.buy.strain is not None
    assert facts.machine.strain.network_seconds == 0.5
    assert facts.buy.strain.network_seconds == 0.0
    unknown = replace(world, on=replace(on, network_seconds=Unknown("?")))
    host = at(unknown).facts(PASSED).machine
    assert host is not None
    assert host.strain is not None
    assert host.strain.network_seconds == 0.0
    rates = {"small:8b": (sure(1000.0), sure(50.0))}
    measured = replace(WORLD, measured=rates)
    here = at(measured).ability(at(measured).at_hand(), PASSED)
    assert (here.prefill_tok_s, here.decode_tok_s) == rates["small:8b"]
    other = at(measured).ability(BOARD, PASSED)
    assert other.prefill_tok_s != sure(1000.0)
    strange = replace(measured, on=OnHosts(names=("box",), described=False))
    told = at(strange).ability(at(strange).at_hand(), PASSED)
    assert (told.fits, told.whole) == (True, False)
    assert isinstance(told.watts, Unknown)


def test_that_an_ability_is_computed_once_for_each_question() -> None:
    assembler = at()
    first = assembler.ability(assembler.at_hand(), PASSED)
    again = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=1.0))
    assert assembler.ability(assembler.at_hand(), again) is first
    longer = replace(PASSED, tokens=replace(PASSED.tokens, context_p99=9000))
    assert assembler.ability(assembler.at_hand(), longer) is not first
    assert assembler.ability(BOARD, PASSED) is not first
    assert len(assembler.abilities) == 3


def test_that_seconds_ask_for_a_machine_and_for_tokens() -> None:
    load = at().load(PASSED)
    assert middle(at().seconds(BOARD, PASSED, load)) == pytest.approx(seconds())
    none = replace(BOARD, profile=None, absent="nowhere")
    assert at().seconds(none, PASSED, load) == Unknown("nowhere")
    for name, says in (("input", "tokens.input"), ("output", "tokens.output")):
        gap = replace(load, **{name: None})
        assert at().seconds(BOARD, PASSED, gap) == Unknown(f"{says} is not stated")
    assert at().service(none, PASSED, load).seconds == Unknown("nowhere")


def test_that_bills_of_a_purchase_are_at_its_mean_volume() -> None:
    grows = replace(PASSED, volume=replace(PASSED.volume, growth_per_month=0.1))
    load = at().load(grows)
    mean = (sum(1.1**month for month in range(12)) + 24 * 1.1**11) / 36
    bought = at().bills(Place(option=BUY, which="b", profile=RTX_4090), grows, load)
    assert bought.load.calls_per_day == pytest.approx(8800 * mean)
    owned = at().bills(at().at_hand(), grows, load)
    assert owned.load.calls_per_day == pytest.approx(8800.0)
    plain = at().bills(Place(option=BUY, which="b", profile=RTX_4090), PASSED, at().load(PASSED))
    assert plain.load.calls_per_day == 8000.0


def test_that_a_machine_that_overflows_pays_no_electricity_for_what_it_sends_away() -> None:
    work = volume(2 * FULL)
    load = at().load(work)
    host = at().host(at().at_hand(), work, load)
    bills = at().bills(at().at_hand(), work, load)
    share, month = middle(host.token_share), middle(host.usd_month)
    assert share is not None
    assert month is not None
    assert 0.2 < share < 0.5
    each = (middle(bills.usd_per_call()) or 0.0) * 365.25 / 12
    sent = (bills.served(seconds()) - share * 2 * FULL) * each
    assert host.split_part == pytest.approx(1 - sent / month)
    assert host.split_part < 1
    # A quote is one of the whole work: the same share of it is spared.
    quoted = replace(work, quotes=Quotes(machine=HostQuotes(marginal_usd_month=20.0)))
    assert at().host(at().at_hand(), quoted, load).split_part == host.split_part
    unknown = replace(load, input=None)
    assert at().host(at().at_hand(), quoted, unknown).split_part == 1.0


@pytest.mark.parametrize("name", ["tco_usd_month", "opex_usd_month"])
def test_that_a_quoted_month_of_a_purchase_spares_the_same_share(name: str) -> None:
    work = replace(volume(2 * FULL), buy=Purchase(consider=True, price_usd=2000.0))
    world = replace(WORLD, purchase=RTX_4090)
    load = at(world).load(work)
    place = at(world).to_buy(work, load)
    host = at(world).host(place, work, load)
    assert 0.0 < host.split_part < 1.0
    for usd in (20.0, 200.0):
        quoted = replace(work, quotes=Quotes(buy=HostQuotes(**{name: usd})))
        assert at(world).host(place, quoted, load).split_part == host.split_part


def test_that_candidates_are_named_or_proposed_for_the_owned_machine() -> None:
    world = replace(WORLD, candidates=("proposed:1b",))
    assert at(world).candidates(PASSED) == ("small:8b",)
    unnamed = replace(PASSED, candidates=replace(PASSED.candidates, local=()))
    assert at(world).candidates(unnamed) == ("proposed:1b",)
    alone = replace(unnamed, machine=Machine(available=False))
    assert at(world).candidates(alone) == ()


def test_that_what_is_late_or_misses_its_window_falls_behind() -> None:
    load = at().load(PASSED)
    assert not at().falls_behind(BOARD, PASSED, load)
    assert at().falls_behind(BOARD, replace(PASSED, p95_seconds=0.1), load)
    assert not at().falls_behind(BOARD, replace(PASSED, p95_seconds=600.0), load)
    waits = volume(8000.0, PASSED, batch_window_hours=24.0)
    assert not at().falls_behind(BOARD, waits, at().load(waits))
    short = volume(8000.0, PASSED, batch_window_hours=1.0)
    assert at().falls_behind(BOARD, short, at().load(short))
