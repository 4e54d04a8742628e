"""A machine of which a part overflows: its month by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Stated, Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.quick_changes import Probe, probe
from landfall.core.verdict.sensitivity import flips
from landfall.core.verdict.splitting import split_part, unquoted
from landfall.core.verdict.swings import swings
from landfall.core.verdict.table_numbers import split_usd
from landfall.core.verdict.what_if import changed, knobs
from landfall.core.verdict.world import World
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    HostQuotes,
    OrganisationFacts,
    Purchase,
    Quotes,
    Workload,
)
from tests.core.verdict.test_assembling import RTX_4090, WORK, WORLD, sure
from tests.core.verdict.test_bills import DAYS, POWER, made
from tests.core.verdict.test_details import PASSED
from tests.core.verdict.test_machines import FULL, volume


def test_that_a_split_does_not_pay_the_electricity_of_what_is_sent_away() -> None:
    month = made().marginal()
    whole = POWER + 24
    kept = split_part(made(), month, Stated(0.25, "kept"))
    assert kept * whole == pytest.approx(POWER / 4 + 24)
    assert split_part(made(), month, Stated(1.0, "kept")) == pytest.approx(1.0)
    # Of 24 s only 7,200 of 8,000 calls are worked on: a quarter of 8,000 are 2,000 of these.
    slow = made(seconds=sure(24.0))
    worked = 7200 * 200 * 24 / 3.6e6 * 0.2 * DAYS
    part = split_part(slow, slow.marginal(), Stated(0.25, "kept"))
    assert part * (worked + 24) == pytest.approx(worked * 2000 / 7200 + 24)
    room = replace(WORK, organisation=OrganisationFacts(pue=1.5))
    part = split_part(made(room), made(room).marginal(), Stated(0.25, "kept"))
    assert part * (1.5 * POWER + 24) == pytest.approx(1.5 * POWER / 4 + 24)


def test_that_a_quoted_month_spares_the_share_that_a_computed_one_spares() -> None:
    kept = Stated(0.25, "kept")
    quotes = Quotes(
        machine=HostQuotes(marginal_usd_month=3.0, fits=True),
        buy=HostQuotes(tco_usd_month=4.0, opex_usd_month=5.0, price_usd=900.0),
    )
    bills = made(replace(WORK, quotes=quotes))
    plain = unquoted(bills)
    assert plain.marginal() == made().marginal()
    assert split_part(plain, plain.marginal(), kept) == pytest.approx(
        split_part(made(), made().marginal(), kept)
    )
    # What else is quoted stays.
    assert plain.workload.quotes == Quotes(
        machine=HostQuotes(fits=True), buy=HostQuotes(price_usd=900.0)
    )
    assert unquoted(plain) is plain
    for one in (
        Quotes(machine=HostQuotes(marginal_usd_month=0.0)),
        Quotes(buy=HostQuotes(tco_usd_month=0.0)),
        Quotes(buy=HostQuotes(opex_usd_month=0.0)),
    ):
        assert unquoted(made(replace(WORK, quotes=one))).workload.quotes == Quotes()


def test_that_all_is_left_of_a_month_where_nothing_can_be_computed() -> None:
    kept = Stated(0.25, "kept")
    for unknown in ({"seconds": Unknown("?")}, {"able": None}):
        assert split_part(made(**unknown), sure(20.0), kept) == 1.0
    assert split_part(made(), Unknown("?"), kept) == 1.0
    assert split_part(made(), sure(20.0), Unknown("?")) == 1.0


# A quote in place of what is computed ---------------------------------------------------------

SPLIT = replace(
    volume(1.3 * FULL),
    quotes=Quotes(cloud_frontier_usd_month=205.0),
    candidates=replace(PASSED.candidates, hosted=()),
)
"""The owned machine takes 43 % of it for 33.91 USD a month."""
MARGINAL = "quotes.machine.marginal_usd_month"


def probed(work: Workload, world: World = WORLD) -> Probe:
    return probe(work, Assembler(world), Thresholds())


def test_that_a_month_quoted_at_what_it_is_changes_nothing() -> None:
    now = probed(SPLIT)
    led = now.lead(now.now)
    assert led.option is Option.HYBRID
    quoted = probed(put(SPLIT, BY_PATH[MARGINAL], now.now.numbers.own.usd))
    assert quoted.lead(quoted.now).usd == pytest.approx(led.usd, rel=1e-12)
    world = replace(WORLD, purchase=RTX_4090)
    both = probed(replace(SPLIT, buy=Purchase(consider=True, price_usd=2000.0)), world)
    buy = both.now.numbers.buy
    assert buy.part < 1
    for path, usd in (
        ("quotes.buy.tco_usd_month", buy.usd),
        ("quotes.buy.opex_usd_month", buy.opex),
    ):
        found = both.read(put(both.workload, BY_PATH[path], usd)).numbers.buy
        assert split_usd(found, 1000.0) == pytest.approx(split_usd(buy, 1000.0), rel=1e-12)


def test_that_a_split_is_told_at_which_month_of_the_machine_it_ends() -> None:
    now = probed(SPLIT)
    told = next(flip for flip in flips(now, now.facts) if flip.input == MARGINAL)
    assert told.verdict_then is Option.CLOUD_FRONTIER
    for factor, option in ((1.0, Option.CLOUD_FRONTIER), (1 - 1e-6, Option.HYBRID)):
        there = probed(put(SPLIT, BY_PATH[MARGINAL], float(told.at) * factor))
        assert there.lead(there.now).option is option


def test_that_a_split_is_moved_from_what_it_costs_now() -> None:
    at, facts = Assembler(WORLD), Assembler(WORLD).facts(SPLIT)
    knob = next(one for one in knobs(SPLIT, facts, at) if one.path == MARGINAL)
    now, still = probed(SPLIT), probed(changed(SPLIT, at, {knob: knob.now}))
    assert still.lead(still.now).usd == pytest.approx(now.lead(now.now).usd, rel=1e-12)
    bars = swings(SPLIT, at, Thresholds(), Option.HYBRID)
    bar = next(one for one in bars if one.path == MARGINAL)
    saved = 205.0 - (now.lead(now.now).usd or 0.0)
    assert bar.saving_low - saved == pytest.approx(saved - bar.saving_high, rel=1e-9)
