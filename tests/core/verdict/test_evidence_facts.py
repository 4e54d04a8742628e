"""The facts of a workload, field by field, and where each comes from."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from landfall.core.demand.day_pattern import DayPattern
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.outlook import Outlook, stated
from landfall.core.provenance import Stated, Unknown, middle
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.votes import VotedPairs
from landfall.core.settings import Thresholds
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.world import Listed, Priced, World, hourly
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    HostQuotes,
    Motive,
    Organisation,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Quotes,
    Task,
    Tokens,
    Volume,
    Workload,
)
from tests.core.verdict.test_assembling import RTX_4090, WORK, WORLD, row, seconds, sure
from tests.core.verdict.test_details import PASSED
from tests.core.verdict.test_renting import what_if_of

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
FORECAST = Outlook(source="usage", predictability=Predictability.VARIABLE, sufficiency="enough")  # type: ignore[arg-type]
SERIES = SeriesSummary(
    calls_per_day=500.0,
    history_days=70,
    predictability=Predictability.PREDICTABLE,
    input=2000.0,
    cached_input=50.0,
    output=300.0,
    reasons=(),
    outlook=replace(FORECAST, source="series"),
    pattern=DayPattern(busy=2.0, classes=((1.0, 1.0),)),
)


def facts(workload: Workload = WORK, world: World = WORLD) -> Facts:
    return Assembler(world).facts(workload)


def test_that_what_is_stated_reaches_the_facts() -> None:
    work = replace(
        WORK,
        task=Task.CHAT,
        motive=Motive.OWN_AI,
        critical=True,
        organisation=OrganisationFacts(
            kind=Organisation.STARTUP,
            total_ai_bill_usd_month=77.0,
            local_infrastructure=False,
            hosted_allowed=False,
        ),
        quality=Quality(gate=GateResult.PASS, gate_hosted=GateResult.FAIL),
    )
    found = facts(work)
    assert (found.task, found.motive, found.critical) == (Task.CHAT, Motive.OWN_AI, True)
    assert found.organisation is Organisation.STARTUP
    assert found.total_ai_bill_usd_month == 77.0
    assert (found.local_infrastructure, found.hosted_allowed) == (False, False)
    assert (found.gate, found.gate_hosted) == (GateResult.PASS, GateResult.FAIL)
    assert (found.history_days, found.calls_per_day) == (90, 8000.0)
    assert found.predictability is Predictability.VARIABLE
    assert (found.hosted_model, found.hosted_provider) == ("h", "cheap")
    assert (found.voted, found.tested, found.outdated) == ("", "", ())
    assert found.machine_absent == "no machine is known"
    none = replace(work, buy=Purchase(consider=False))
    assert facts(none).buy is None
    assert facts(none).buy_absent


def test_that_growth_is_of_a_purchase_and_of_bills_that_follow_it() -> None:
    grows = replace(WORK, volume=replace(WORK.volume, growth_per_month=0.1))
    assert facts(grows).growth > 1
    assert facts(grows).calls_per_day == 8000.0
    assert facts(replace(grows, buy=Purchase(consider=False))).growth == 1.0
    both = {CLOUD, HOSTED}

    def growing(**quotes: Any) -> set[Option]:
        return set(facts(replace(grows, quotes=Quotes(**quotes))).growing)

    assert growing() == both
    assert growing(rent_gpu_usd_month=1.0) == both
    assert growing(cloud_frontier_usd_month=1.0) == {HOSTED}
    assert growing(hosted_open_usd_month=1.0) == {CLOUD}
    assert growing(cloud_frontier_usd_month=1.0, hosted_open_usd_month=1.0) == set()
    assert growing(buy=HostQuotes(tco_usd_month=1.0)) == set()


def test_that_votes_stand_where_nothing_is_stated() -> None:
    pairs = Pairs(local_only=30, cloud_only=5, both=200, neither=5)
    voted = VotedPairs(local=pairs, local_model="small:8b")
    world = replace(WORLD, voted=voted)
    found = facts(world=world)
    assert found.voted == voted.says != ""
    assert found.gate is not GateResult.UNMEASURED
    assert facts(replace(WORK, quality=Quality(gate=GateResult.PASS)), world).voted == ""


# The volume --------------------------------------------------------------------------------------


def test_that_a_series_stands_above_what_is_stated_where_the_file_names_one() -> None:
    named = replace(WORK, volume=Volume(series="days.csv"), tokens=Tokens(output=7.0))
    world = replace(WORLD, series=SERIES)
    load = Assembler(world).load(named)
    assert (load.calls_per_day, load.history_days) == (500.0, 70)
    assert load.predictability is Predictability.PREDICTABLE
    assert (load.input, load.cached, load.output) == (2000.0, 50.0, 7.0)
    assert load.pattern is SERIES.pattern
    assert not load.embedding
    assert Assembler(world).load(WORK).calls_per_day == 8000.0
    assert Assembler(WORLD).load(named).calls_per_day is None
    embeds = replace(named, task=Task.EMBEDDING)
    assert Assembler(world).load(embeds).embedding


def test_that_stated_volumes_have_what_imported_usage_says_of_days() -> None:
    usage = replace(SERIES, outlook=FORECAST)
    world = replace(WORLD, usage=usage)
    load = Assembler(world).load(WORK)
    assert (load.calls_per_day, load.pattern) == (8000.0, SERIES.pattern)
    assert Assembler(WORLD).load(WORK).pattern is None
    unsaid = replace(WORK, volume=Volume(calls_per_day=5.0))
    assert Assembler(WORLD).load(unsaid).predictability is Predictability.UNKNOWN
    grows = replace(
        WORK, volume=replace(WORK.volume, growth_per_month=0.5, hourly_calls=(2.0,) * 24)
    )
    grown = Assembler(WORLD).load(grows)
    assert (grown.calls_per_day, grown.hourly_calls) == (12_000.0, (3.0,) * 24)
    silent = replace(grows, volume=replace(grows.volume, calls_per_day=None))
    assert Assembler(WORLD).load(silent).hourly_calls == (2.0,) * 24
    assert Assembler(WORLD).observed(grows).calls_per_day == 8000.0


def test_that_the_forecast_is_of_the_series_the_usage_or_as_stated() -> None:
    def outlook(workload: Workload, **world: Any) -> Outlook:
        return Assembler(replace(WORLD, **world)).outlook(workload)

    named = replace(WORK, volume=Volume(series="days.csv"))
    assert outlook(named, series=SERIES) is SERIES.outlook
    assert outlook(WORK, series=SERIES).source == "stated"
    bare = replace(SERIES, outlook=None)
    assert outlook(named, series=bare).source == "stated"
    usage = replace(SERIES, outlook=FORECAST)
    assert outlook(WORK, usage=usage) is FORECAST
    unsaid = replace(WORK, volume=Volume(calls_per_day=5.0))
    assert outlook(unsaid, usage=usage) is FORECAST
    other = replace(WORK, volume=replace(WORK.volume, predictability=Predictability.PREDICTABLE))
    assert outlook(other, usage=usage) == stated(Predictability.PREDICTABLE, 90, 0.0)
    assert outlook(WORK, usage=bare).source == "stated"


# Bills -------------------------------------------------------------------------------------------


def test_that_quoted_bills_stand_above_all_else() -> None:
    quotes = Quotes(cloud_frontier_usd_month=1.0, hosted_open_usd_month=2.0, rent_gpu_usd_month=3.0)
    found = facts(replace(WORK, quotes=quotes))
    assert found.frontier == Stated(1.0, "quotes.cloud_frontier_usd_month")
    assert found.hosted == Stated(2.0, "quotes.hosted_open_usd_month")
    assert found.rent == Stated(3.0, "quotes.rent_gpu_usd_month")
    assert (found.rented, found.rent_variants, found.hosted_model) == (None, (), "")
    nobody = facts(world=replace(WORLD, frontier=None))
    assert nobody.frontier == Unknown("today.provider and today.model are not stated")


def test_that_a_hosted_candidate_is_named_priced_or_inside() -> None:
    none = replace(WORK, candidates=replace(WORK.candidates, hosted=()))
    assert facts(WORK).hosted_offered
    assert not facts(none).hosted_offered
    assert facts(replace(none, quotes=Quotes(hosted_open_usd_month=1.0))).hosted_offered
    region = Privacy(privacy_class=PrivacyClass.REGION, in_region=("hosted_open",))
    assert facts(replace(none, privacy=region)).hosted_offered
    elsewhere = Privacy(privacy_class=PrivacyClass.REGION, in_region=("cheap",))
    assert not facts(replace(none, privacy=elsewhere)).hosted_offered
    nobody = facts(none, replace(WORLD, hosted=()))
    assert nobody.hosted == Unknown("no hosted candidate is named (candidates.hosted)")


def test_that_the_hosted_bill_is_of_the_candidate_that_was_judged() -> None:
    dear = Target(provider="dear", model="h")
    judged = replace(WORLD, voted=VotedPairs(hosted_target=dear))
    assert facts(world=judged).hosted_provider == "dear"
    gone = replace(WORLD, voted=VotedPairs(hosted_target=Target(provider="gone", model="h")))
    found = facts(world=gone)
    assert isinstance(found.hosted, Unknown)
    assert "was judged, is not offered inside" in found.hosted.reason
    assert found.hosted_model == ""


def test_that_prices_are_dated_where_they_are_used() -> None:
    quoted = replace(WORK, quotes=Quotes(cloud_frontier_usd_month=1.0))
    assert [what for what, *_ in facts(quoted).price_dates] == ["m at cheap"]
    undated = tuple(
        replace(one, row=one.row and replace(one.row, as_of=None)) for one in WORLD.hosted
    )
    found = facts(world=replace(WORLD, hosted=undated)).price_dates
    assert found == (("m at openai", "a list", "2026-11-09"),)
    dated = replace(WORK, buy=Purchase(consider=True, price_usd=900.0, price_as_of="2026-10-01"))
    assert facts(dated).price_dates[-1] == ("RTX 4090", "buy.price", "2026-10-01")
    unnamed = facts(dated, replace(WORLD, purchase=None))
    assert unnamed.price_dates[-1][0] == "the machine to buy"
    for buy in (
        replace(dated.buy, price_as_of=""),
        replace(dated.buy, price_usd=None),
        replace(dated.buy, consider=False),
    ):
        assert len(facts(replace(dated, buy=buy)).price_dates) == 2
    again = replace(dated, quotes=Quotes(buy=HostQuotes(price_usd=1.0)))
    assert len(facts(again).price_dates) == 2


def test_that_models_that_end_are_told_with_their_day() -> None:
    assert facts().retiring == ()
    ends = replace(row(5.0, 30.0), retired_on=date(2027, 1, 2))
    world = replace(
        WORLD,
        frontier=Priced(provider="openai", model="m", row=ends),
        hosted=(Priced(provider="cheap", model="h", row=replace(ends, provider="cheap")),),
    )
    assert facts(world=world).retiring == (
        (CLOUD, "m at openai", "2027-01-02"),
        (HOSTED, "m at cheap", "2027-01-02"),
    )
    bare = replace(world, frontier=None, hosted=())
    assert facts(world=bare).retiring == ()


# Rent --------------------------------------------------------------------------------------------


def test_that_rent_is_of_the_board_whose_month_is_the_cheapest() -> None:
    def boards(*pairs: tuple[float, float]) -> World:
        rows = tuple(
            Listed(profile=what_if_of("Board", faster), usd=sure(usd)) for faster, usd in pairs
        )
        return replace(WORLD, rentals=rows)

    two = facts(world=boards((1.0, 0.5), (8.0, 0.55)))
    assert two.rented is not None
    assert two.rented.machine in ("Board x 1.0", "Board x 8.0")
    months = [middle(facts(world=boards(one)).rent) for one in ((1.0, 0.5), (8.0, 0.55))]
    assert middle(two.rent) == min(one or 0.0 for one in months)
    # Of those that keep up the first three are compared.
    four = boards((1.0, 0.5), (1.1, 0.51), (1.2, 0.52), (1.3, 0.01))
    assert facts(world=four).rented is not None
    assert facts(world=four).rented.machine != "Board x 1.3"  # type: ignore[union-attr]
    none = facts(world=replace(WORLD, rentals=()))
    assert none.rent == Unknown("no rented GPU with a listed price holds the local candidate")
    assert none.rented is None
    bare = facts(world=replace(WORLD, assumptions=None))
    assert bare.rent == Unknown("nothing is assumed about renting")
    region = Privacy(privacy_class=PrivacyClass.REGION, in_region=("cheap",))
    assert facts(replace(WORK, privacy=region)).rent == Unknown("outside the privacy rule")
    silent = facts(replace(WORK, volume=Volume()))
    assert silent.rent == Unknown("volume.calls_per_day is not stated")
    assert silent.rented is not None


def test_that_a_rented_board_is_as_many_as_the_busiest_hour_needs() -> None:
    most = 8 * 3600 / seconds() * 0.8

    def rented(boards: float) -> Facts:
        return facts(replace(WORK, volume=replace(WORK.volume, calls_per_day=most * boards)))

    few = rented(2.5)
    assert few.rented is not None
    assert few.rented.count == 3
    assert few.rent == few.rent_variants[0].usd_month
    assert few.rented.usd_month == few.rent
    flood = rented(256.5)
    assert isinstance(flood.rent, Unknown)
    assert "257 of RTX 4090" in flood.rent.reason
    assert (flood.rented, flood.rent_variants) == (None, ())
    full = rented(255.9)
    assert full.rented is not None
    assert full.rented.count == 256


def test_that_the_fastest_of_slow_boards_is_told_of() -> None:
    rows = tuple(
        Listed(profile=what_if_of("Board", faster), usd=sure(0.5)) for faster in (1.0, 2.0)
    )
    hurry = replace(WORK, p95_seconds=0.01)
    found = facts(hurry, replace(WORLD, rentals=rows))
    assert found.rented is not None
    assert (found.rented.machine, found.rented.late) == ("Board x 2.0", True)


def test_that_an_hour_is_of_the_named_board_or_the_first() -> None:
    one = Listed(profile=RTX_4090, usd=sure(0.5))
    two = Listed(profile=replace(RTX_4090, name="L40S"), usd=sure(0.9))
    world = replace(WORLD, rentals=(one, two))
    assert hourly("L40S", world) is two
    assert hourly("", world) is one
    assert hourly("nobody", world) is one
    assert hourly("", replace(world, rentals=())) is None


# The assembler -----------------------------------------------------------------------------------


def test_that_an_assembler_travels_without_what_it_computed() -> None:
    assembler = Assembler(WORLD)
    assembler.facts(WORK)
    assert assembler.abilities
    sent = pickle.loads(pickle.dumps(assembler))
    assert (sent.world, sent.abilities) == (WORLD, {})
    dear = replace(WORLD, usd_per_kwh=sure(9.0))
    other = assembler.in_world(dear)
    assert other.world is dear
    assert other.abilities is assembler.abilities
    assert other.plain is not assembler.plain


def test_that_a_search_decides_as_the_table_does() -> None:
    assembler = Assembler(WORLD)
    limits = Thresholds()
    for work in (WORK, PASSED):
        assert assembler.decide(limits)(work) is rule(assembler.facts(work), limits).option
    assert assembler.decide(limits)(PASSED) is not assembler.decide(limits)(WORK)


@pytest.mark.parametrize("option", [CLOUD, HOSTED, RENT])
def test_that_each_remote_option_has_its_bill(option: Option) -> None:
    found = facts()
    expected = {CLOUD: found.frontier, HOSTED: found.hosted, RENT: found.rent}[option]
    assert found.remote(option) is expected
    grown = replace(found, growth=2.0, growing=frozenset({HOSTED}))
    assert grown.over_life(option, 10.0) == (20.0 if option is HOSTED else 10.0)
    assert not found.startup
    assert replace(found, organisation=Organisation.STARTUP).startup
