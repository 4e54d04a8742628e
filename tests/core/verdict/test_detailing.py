"""Behind the verdict, line by line: what each option rests on, and the outlay of a purchase."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.costs import cost
from landfall.core.provenance import Measured, Published, Stated, Unknown, band, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.detailing import details
from landfall.core.verdict.details import Detail, Details
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.table_words import Ruling
from landfall.core.verdict.world import OnHosts, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    HostQuotes,
    Machine,
    Purchase,
    Quality,
    Quotes,
    Workload,
)
from tests.core.verdict.test_assembling import ASSUMPTIONS, RTX_4090, WORLD, seconds, sure
from tests.core.verdict.test_details import ENERGY, LISTED, LOCKED, OPEN, PASSED, PROBED

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE
LIMITS = Thresholds()
VOLUME = "8,000 calls a day, next month as now"


def made(
    workload: Workload = PASSED,
    world: World = WORLD,
    *,
    option: Option = HOSTED,
    bar: Option | None = HOSTED,
    **changes: Any,
) -> Details:
    """Details with the table led to an option, whatever the facts say."""
    assembler = Assembler(world)
    facts: Facts = replace(assembler.facts(workload), **changes)
    host = {HERE: facts.machine, SPLIT: facts.machine, BUY: facts.buy}.get(option)
    ruling = Ruling(option=option, reasons=(), bar=bar, host=host)
    return details(workload, facts, assembler, ruling, LIMITS)


def of(which: Option, /, workload: Workload = PASSED, world: World = WORLD, **more: Any) -> Detail:
    return made(workload, world, **more).of[which]


# What is assumed ---------------------------------------------------------------------------------


def test_that_a_remote_bill_says_what_it_counts() -> None:
    plain = (
        VOLUME,
        "the provider counts tokens as the workload does; it may count a quarter more",
    )
    assert of(CLOUD).assumes == plain
    assert of(HOSTED).assumes == plain
    full = replace(
        PASSED,
        volume=replace(PASSED.volume, growth_per_month=0.1),
        today=replace(PASSED.today, batch_share=0.4, retry_share=0.02, token_ratio=1.25),
        tokens=replace(PASSED.tokens, cached_input=300.0),
    )
    counted = (
        # A tenth more than 8,000.
        "8,800 calls a day next month, +10 % on now",
        "40 % of the calls at the price of those that may wait",
        "cached input at the provider's price for it",
        "2 % of the calls are made again",
    )
    ratio = "the provider counts 1.25 tokens for one of the workload"
    assert of(CLOUD, full).assumes == (*counted, ratio)
    # The ratio of today's provider is not that of a hosted one.
    assert of(HOSTED, full).assumes == (*counted, plain[1])
    hosted = tuple(replace(one, token_ratio=1.1) for one in WORLD.hosted)
    told = of(HOSTED, full, replace(WORLD, hosted=hosted)).assumes
    assert told == (*counted, "the provider counts 1.1 tokens for one of the workload")
    silent = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=None))
    assert of(CLOUD, silent).assumes == plain[1:]


def test_that_what_is_quoted_is_said_alone() -> None:
    quotes = Quotes(
        cloud_frontier_usd_month=5000.0,
        hosted_open_usd_month=900.0,
        machine=HostQuotes(marginal_usd_month=20.0),
        buy=HostQuotes(tco_usd_month=400.0),
    )
    quoted = replace(PASSED, quotes=quotes)
    for option, key in (
        (CLOUD, "quotes.cloud_frontier_usd_month"),
        (HOSTED, "quotes.hosted_open_usd_month"),
        (HERE, "quotes.machine.marginal_usd_month"),
        (BUY, "quotes.buy.tco_usd_month"),
    ):
        assert of(option, quoted).assumes == (f"as you state it ({key})",)
    rent = replace(PASSED, quotes=Quotes(rent_gpu_usd_month=800.0))
    assert of(RENT, rent) == Detail(
        latency_p95_s=Unknown("no rented GPU is looked at"),
        assumes=("as you state it (quotes.rent_gpu_usd_month)",),
    )
    none = replace(PASSED, candidates=replace(PASSED.candidates, hosted=()))
    nobody = Unknown("no hosted candidate is named")
    assert of(HOSTED, none) == Detail(latency_p95_s=nobody)
    told = of(HOSTED, replace(none, quotes=quotes))
    assert told == Detail(
        latency_p95_s=nobody, assumes=("as you state it (quotes.hosted_open_usd_month)",)
    )
    assert of(HOSTED, world=replace(WORLD, hosted=())).latency_p95_s == nobody


def test_that_probes_are_those_of_the_provider_and_the_model() -> None:
    world = replace(WORLD, probes={("openai", "m"): PROBED})
    # 2.5, 2 and 6 seconds for a hundred tokens.
    assert middle(of(CLOUD, world=world).latency_p95_s) == pytest.approx(5.65)
    shouted = replace(PASSED, today=replace(PASSED.today, provider="OpenAI", model="M"))
    assert middle(of(CLOUD, shouted, world).latency_p95_s) == pytest.approx(5.65)
    assert of(HOSTED, world=world).latency_p95_s == Unknown("h at cheap was never probed from here")
    batch = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=8.0))
    assert "window" in str(of(CLOUD, batch, world).latency_p95_s)
    # Where the bill is quoted the probe counts all the same.
    quoted = replace(PASSED, quotes=Quotes(cloud_frontier_usd_month=5000.0))
    assert middle(of(CLOUD, quoted, world).latency_p95_s) == pytest.approx(5.65)
    unstated = replace(PASSED, today=replace(PASSED.today, model=""))
    assert of(CLOUD, unstated, world).latency_p95_s == Unknown(
        "today.provider and today.model are not stated"
    )
    # The first candidate stands in where none has a price.
    unpriced = replace(WORLD, hosted=WORLD.hosted[2:])
    assert of(HOSTED, world=unpriced).latency_p95_s == Unknown(
        "h at nobody was never probed from here"
    )


def test_that_a_rented_board_is_said_with_its_number() -> None:
    found = of(RENT)
    assert found.assumes[:2] == (VOLUME, "small:8b on a rented RTX 4090, one of it")
    assert found.assumes[2] == "an hour of RTX 4090 costs $0.50 (test)"
    assert len(found.assumes) == 5
    listed = replace(WORLD.rentals[0], usd=Published(0.74, "RunPod: runpod.io", "2026-11-09"))
    dated = of(RENT, world=replace(WORLD, rentals=(listed,))).assumes[2]
    assert dated == "an hour of RTX 4090 costs $0.74 (RunPod: runpod.io, 2026-11-09)"
    assert [one.name for one in found.variants] == ["on demand: RTX 4090", "always on: RTX 4090"]
    much = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=66_000.0))
    assert of(RENT, much).assumes[1] == (
        "small:8b on a rented RTX 4090, 3 of them in the busiest hour"
    )


def test_that_the_owned_machine_says_where_its_rates_and_watts_are_from() -> None:
    idle = "it is on anyway: only what work adds counts"
    spent = "its purchase price is spent and does not count"
    assert of(HERE).assumes == (
        VOLUME,
        "rates of small:8b predicted, energy from the board's limit",
        "a kWh of electricity costs $0.20 (test)",
        idle,
        spent,
    )
    measured = replace(
        WORLD,
        measured={"small:8b": (sure(2000.0), sure(60.0))},
        energy={"small:8b": ENERGY},
    )
    assert of(HERE, world=measured).assumes[1] == (
        "rates of small:8b measured, energy measured (GPU board)"
    )
    free = replace(PASSED, machine=Machine(on_anyway=False, resale_usd=900.0))
    assert of(HERE, free).assumes[3:] == (
        "it would be off without this work: its idle draw counts too",
        "selling it is a real alternative: what it loses in a year counts",
    )
    boards = RTX_4090.accelerators
    dark = replace(RTX_4090, accelerators=(replace(boards[0], power_limit_watts=None),))
    half = replace(RTX_4090, accelerators=(*boards, *dark.accelerators))
    none = replace(RTX_4090, accelerators=())
    for machine in (dark, half, none):
        told = of(HERE, world=replace(WORLD, machine=machine)).assumes[1]
        assert "energy from the range of such parts" in told
    absent = of(HERE, replace(PASSED, machine=Machine(available=False)))
    assert absent == Detail(
        latency_p95_s=Unknown("there is no machine to consider (machine.available = false)")
    )


def test_that_hosts_are_named_with_their_way() -> None:
    def told(on: OnHosts) -> tuple[str, ...]:
        return of(HERE, world=replace(WORLD, on=on)).assumes[3:-2]

    one = OnHosts(names=("box",), described=True, network_seconds=Measured(0.0123, "", "runs"))
    assert told(one) == (
        "it runs on box",
        "the network takes 0.0123 s of each answer",
        "no sensor of this machine measures their draw",
    )
    two = OnHosts(names=("box", "den"), described=True, elsewhere=False)
    assert told(two) == (
        "2 hosts share the calls: box, den",
        "what the network takes is not known: no run there tells it",
    )


def test_that_a_purchase_says_its_months_and_what_is_left() -> None:
    assert of(BUY).assumes == (
        VOLUME,
        "36 months of use, 25 % of the price left, by a straight line",
        "it stands by all day for this work",
        "at rest it draws 55 W (test)",
        "a kWh of electricity costs $0.20 (test)",
    )
    (board,) = RTX_4090.accelerators
    box = replace(RTX_4090, accelerators=(replace(board, catalogue_name="Box"),))
    listed = {"Box": Published(5.0, "a list", "2026-09-03")}
    low = replace(WORLD, purchase=box, assumptions=replace(ASSUMPTIONS, listed_idle_watts=listed))
    assert of(BUY, world=low).assumes[3] == "at rest it draws 5 W (a list, 2026-09-03)"
    grows = replace(
        PASSED,
        volume=replace(PASSED.volume, growth_per_month=0.1),
        buy=replace(PASSED.buy, yearly_rate=0.08, months=48),
    )
    told = of(BUY, grows).assumes
    # Twelve months of growth, then three years at the last one's volume.
    mean = (sum(1.1**month for month in range(12)) + 36 * 1.1**11) / 48
    assert told[1].startswith(f"over its life {mean:.2g} times next month's calls on the mean")
    assert told[2] == "48 months of use, 25 % of the price left, by an annuity at 8.0 % a year"
    bare = of(BUY, world=replace(WORLD, assumptions=None)).assumes
    assert bare == (
        VOLUME,
        "it stands by all day for this work",
        "a kWh of electricity costs $0.20 (test)",
    )
    months = of(
        BUY, replace(PASSED, buy=replace(PASSED.buy, months=24)), replace(WORLD, assumptions=None)
    )
    assert months.assumes == bare
    none = of(BUY, replace(PASSED, buy=Purchase(consider=False)))
    assert none == Detail(
        latency_p95_s=Unknown(
            Assembler(WORLD).facts(replace(PASSED, buy=Purchase(consider=False))).buy_absent
        )
    )
    much = replace(OPEN, volume=replace(OPEN.volume, calls_per_day=66_000.0))
    several = of(BUY, much, LISTED).assumes
    assert several[-1] == "3 machines: each with its price, idle draw and care"


def test_that_variants_are_the_named_machine_more_of_it_and_what_is_listed() -> None:
    assert [(one.name, one.feasible, one.why_not) for one in of(BUY).variants] == [
        ("RTX 4090", True, "")
    ]
    much = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=66_000.0))
    one, three = of(BUY, much).variants
    assert (one.name, one.feasible) == ("RTX 4090", False)
    assert one.why_not.startswith("H6: the busiest hour needs")
    assert (three.name, three.feasible, three.why_not) == ("3 boxes of RTX 4090", True, "")
    assert middle(three.usd_month) > 2 * middle(one.usd_month)  # type: ignore[operator]
    # Of what is quoted there is no more.
    quoted = replace(much, quotes=Quotes(buy=HostQuotes(tco_usd_month=400.0)))
    assert [one.name for one in of(BUY, quoted).variants] == ["RTX 4090"]
    assert middle(of(BUY, quoted).variants[0].usd_month) == 400.0
    # What is stated of the named machine is not said of the others that are listed.
    named = replace(PASSED, buy=Purchase(consider=True, machine="RTX 4090", price_usd=1500.0))
    both = replace(LISTED, purchase=RTX_4090, purchase_usd=sure(3000.0))
    stated, other = of(BUY, named, both).variants
    assert (stated.name, other.name) == ("RTX 4090", "Dear 4090")
    fall = (9000 - 1500) * 0.75 / 36
    assert middle(other.usd_month) - middle(stated.usd_month) == pytest.approx(fall)  # type: ignore[operator]
    unknown = replace(PASSED, candidates=replace(PASSED.candidates, local=("strange:1b",)))
    (open_,) = of(BUY, unknown).variants
    assert open_.feasible is None
    absent = of(BUY, world=replace(WORLD, purchase=None, purchase_usd=Unknown("no price")))
    assert absent.variants == ()


# A split -----------------------------------------------------------------------------------------


def test_that_a_split_is_said_with_both_shares() -> None:
    nothing = Detail(latency_p95_s=Unknown("nothing overflows"))
    assert of(SPLIT) == nothing
    busy = replace(
        PASSED, quotes=Quotes(machine=HostQuotes(peak_utilisation=1.2, absorbed_share=0.7))
    )
    found = of(SPLIT, busy, option=SPLIT, bar=CLOUD)
    assert found.assumes == (
        VOLUME,
        "70 % of the tokens stay here, 30 % go to CLOUD_FRONTIER",
        "what finds no slot free goes elsewhere at once",
    )
    # Where it is not the verdict the machine that is too busy is told of.
    assert of(SPLIT, busy, bar=HOSTED).assumes[1].endswith("go to HOSTED_OPEN")
    assert of(SPLIT, busy, bar=None) == nothing
    quiet = replace(busy, quotes=Quotes(machine=HostQuotes(peak_utilisation=0.5)))
    assert of(SPLIT, quiet, bar=HOSTED) == nothing
    world = replace(WORLD, probes={("openai", "m"): PROBED, ("cheap", "h"): PROBED})
    for bar in (CLOUD, HOSTED):
        late = of(SPLIT, busy, world, option=SPLIT, bar=bar).latency_p95_s
        assert middle(late) == pytest.approx(5.65)
    board = of(SPLIT, busy, option=SPLIT, bar=RENT).latency_p95_s
    assert middle(board) == middle(of(RENT).latency_p95_s)


# Money -------------------------------------------------------------------------------------------


def test_that_a_purchases_outlay_is_its_parts() -> None:
    found = made().purchase
    assert found is not None
    outlay = found.outlay
    per_call = 450 * 0.8 * seconds() / 3.6e6 * 0.2
    idle = 55 * 24 * cost.DAYS_PER_MONTH / 1000 * 0.2
    care, fall, set_up = 3 * 80.0, 3000 * 0.75 / 36, 12 * 80 / 36
    calls = 8000 * cost.DAYS_PER_MONTH
    assert outlay.machine == "RTX 4090"
    assert (middle(outlay.price_usd), middle(outlay.residual_share)) == (3000.0, 0.25)
    assert middle(outlay.months) == 36.0
    assert middle(outlay.usd_per_call) == pytest.approx(per_call)
    assert middle(outlay.opex_usd_month) == pytest.approx(idle + care + calls * per_call)
    assert middle(outlay.fixed_usd_month) == pytest.approx(idle + care + fall + set_up)
    assert outlay.calls_per_day == 8000.0
    # Eight hours are taken to be full, one call after the other.
    assert middle(outlay.most_calls_per_day) == pytest.approx(8 * 3600 / seconds())
    assert (outlay.yearly_rate, outlay.growth_per_month) == (0.0, 0.0)
    assert middle(outlay.yearly_decline) == 0.25
    # Above its electricity a rented hour costs 0.50 less; care counts on both sides.
    busy = 450 * 0.8 / 1000 * 0.2
    assert middle(found.rent_or_buy_hours.at) == pytest.approx(
        (idle + fall + set_up) / (0.5 - busy)
    )


def test_that_growth_and_interest_reach_the_outlay() -> None:
    grows = replace(
        PASSED,
        volume=replace(PASSED.volume, growth_per_month=0.05),
        buy=replace(PASSED.buy, yearly_rate=0.08, price_decline=0.4),
    )
    found = made(grows).purchase
    assert found is not None
    outlay = found.outlay
    assert (outlay.yearly_rate, outlay.growth_per_month) == (0.08, 0.05)
    assert outlay.yearly_decline == Stated(0.4, "buy.price_decline")
    assert outlay.calls_per_day == pytest.approx(8400.0)
    none = made(world=replace(WORLD, assumptions=None)).purchase
    assert none is not None
    assert isinstance(none.outlay.yearly_decline, Unknown)
    assert made(replace(PASSED, buy=Purchase(consider=False))).purchase is None


def test_that_what_a_purchase_serves_keeps_the_shape_of_the_day() -> None:
    def most(workload: Workload, world: World = WORLD) -> Any:
        found = made(workload, world).purchase
        assert found is not None
        return found.outlay.most_calls_per_day

    # Half of the calls of 2,400 come in one hour: the others are 1,200 / 23.
    hourly = (1200.0, *(1200.0 / 23,) * 23)
    peaky = replace(
        PASSED, volume=replace(PASSED.volume, calls_per_day=2400.0, hourly_calls=hourly)
    )
    assert middle(most(peaky)) == pytest.approx(2 * 3600 / seconds())
    much = replace(OPEN, volume=replace(OPEN.volume, calls_per_day=66_000.0))
    assert middle(most(much, LISTED)) == pytest.approx(3 * 8 * 3600 / seconds())
    window = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=4.0))
    assert middle(most(window)) == pytest.approx(4 * 3600 / seconds())
    quoted = replace(PASSED, quotes=Quotes(buy=HostQuotes(peak_utilisation=0.4)))
    assert most(quoted) == most(quoted)
    assert middle(most(quoted)) == pytest.approx(20_000.0)
    nothing = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=0.0))
    assert isinstance(most(nothing), Unknown)
    idle = replace(PASSED, quotes=Quotes(buy=HostQuotes(peak_utilisation=0.0)))
    assert middle(most(idle)) == pytest.approx(8 * 3600 / seconds())


def test_that_marginal_and_average_are_of_the_owned_machine() -> None:
    world = replace(WORLD, machine_usd=sure(3600.0))
    found = made(world=world)
    facts = Assembler(world).facts(PASSED)
    assert facts.machine is not None
    assert found.marginal_usd_month == facts.machine.usd_month
    idle = 55 * 24 * cost.DAYS_PER_MONTH / 1000 * 0.2
    per_call = 450 * 0.8 * seconds() / 3.6e6 * 0.2
    calls = 8000 * cost.DAYS_PER_MONTH
    assert middle(found.average_usd_month) == pytest.approx(75 + 240 + idle + calls * per_call)
    none = made(replace(PASSED, machine=Machine(available=False)), world)
    absent = Unknown("there is no machine to consider (machine.available = false)")
    assert (none.marginal_usd_month, none.average_usd_month) == (absent, absent)


def test_that_rent_is_held_against_a_purchase_only_inside_the_rule() -> None:
    locked = made(LOCKED).purchase
    assert locked is not None
    assert locked.rent_or_buy_hours.at == Unknown("renting is outside the privacy rule")
    assert locked.against == ()
    none = made(world=replace(WORLD, rentals=())).purchase
    assert none is not None
    assert none.rent_or_buy_hours.at == Unknown(
        "no rented GPU with a listed price holds the local candidate"
    )
    unknown = made(frontier=Unknown("?")).purchase
    assert unknown is not None
    assert [one.option for one in unknown.against] == [HOSTED, RENT]


# What is missing ---------------------------------------------------------------------------------


def test_that_a_gap_is_told_only_where_nothing_local_can_do_it() -> None:
    assert made(LOCKED, option=HERE, bar=None).gap == ()
    assert made(LOCKED, LISTED, option=HERE, bar=None).would_hold == ""
    failed = replace(LOCKED, quality=Quality(gate=GateResult.FAIL))
    gap = made(failed, option=NOWHERE, bar=None).gap
    assert [(one.option, one.machine, one.rule) for one in gap] == [
        (HERE, "RTX 4090", "H5"),
        (BUY, "RTX 4090", "H5"),
    ]
    busy = replace(LOCKED, quotes=Quotes(machine=HostQuotes(peak_utilisation=1.5, fits=True)))
    assert [one.rule for one in made(busy, option=NOWHERE, bar=None).gap] == ["H6"]
    unknown = replace(LOCKED, candidates=replace(LOCKED.candidates, local=("strange:1b",)))
    told = made(unknown, option=NOWHERE, bar=None).gap
    assert [(one.rule, one.text) for one in told] == [
        ("H3", "strange:1b is not in the catalogue")
    ] * 2
    none = made(unknown, option=NOWHERE, bar=None, machine=None, machine_absent="nothing here")
    assert (none.gap[0].machine, none.gap[0].rule, none.gap[0].text) == ("", "", "nothing here")
    assert made(LOCKED, LISTED, option=NOWHERE, bar=None).would_hold == "RTX 4090, $3,000"
    dear = replace(LISTED, purchases=(LISTED.purchases[2], LISTED.purchases[1]))
    assert made(LOCKED, dear, option=NOWHERE, bar=None).would_hold == "RTX 4090, $3,000"


def test_that_every_option_has_its_own_detail() -> None:
    found = made()
    assert list(found.of) == [CLOUD, HOSTED, RENT, HERE, BUY, SPLIT]
    for option in (RENT, HERE, BUY):
        ends = band(found.of[option].latency_p95_s)
        assert ends is not None
        assert math.isfinite(ends[1])
