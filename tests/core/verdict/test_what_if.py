"""Inputs that are moved: the workload that results, the swing of the saving, the crossing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Stated, Unknown, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.over_volume import BreakEvenCurves, break_even_curves
from landfall.core.verdict.swings import swings
from landfall.core.verdict.what_if import (
    ELECTRICITY,
    REACH,
    STEPS,
    Knob,
    changed,
    in_world,
    knobs,
)
from landfall.core.verdict.world import Assumptions, Priced, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    HostQuotes,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Quotes,
    Task,
    Today,
    Tokens,
    Volume,
    Workload,
)

ROW = PriceRow(
    provider="openai",
    model="m",
    rates=Rates(input=Rate(2.0), output=Rate(8.0), cached=None),
    source="a list",
    as_of=date(2026, 11, 1),
)
WORLD = World(frontier=Priced(provider="openai", model="m", row=ROW))
WORK = Workload(
    name="w",
    task=Task.CLASSIFICATION,
    volume=Volume(calls_per_day=1000.0, history_days=60),
    tokens=Tokens(input=1000.0, output=100.0),
    today=Today(provider="openai", model="m"),
    quality=Quality(gate=GateResult.PASS),
    quotes=Quotes(
        machine=HostQuotes(
            fits=True,
            context_ok=True,
            licence_ok=True,
            capability_ok=True,
            marginal_usd_month=20.0,
            peak_utilisation=0.2,
            absorbed_share=1.0,
        )
    ),
)


def known(work: Workload) -> tuple[Assembler, dict[str, Knob]]:
    assembler = Assembler(WORLD)
    found = knobs(work, assembler.facts(work), assembler)
    return assembler, {knob.path: knob for knob in found}


@given(now=st.floats(1e-3, 1e6), position=st.integers(-STEPS, STEPS))
def test_that_a_knob_reaches_a_twentieth_and_twenty_times_and_returns_exactly(
    now: float, position: int
) -> None:
    knob = Knob(path="volume.calls_per_day", now=now)
    value = knob.value(position)
    assert now / REACH * 0.99 <= value <= now * REACH * 1.01
    assert knob.value(0) == now
    assert (value > now) == (position > 0) or value == pytest.approx(now, rel=0.05)


def test_that_hours_of_nothing_can_be_moved_up_and_never_below_nothing() -> None:
    knob = Knob(path="organisation.ops_hours_per_month", now=0.0)
    assert knob.value(STEPS) == 40.0
    assert knob.value(-STEPS) == 0.0


def test_that_a_share_stops_at_the_end_of_its_key() -> None:
    assert Knob(path="buy.residual_share", now=0.5).value(STEPS) == 1.0


def test_that_knobs_are_what_is_known_and_looked_at() -> None:
    _, found = known(WORK)
    assert found["volume.calls_per_day"].now == 1000.0
    assert found["quotes.cloud_frontier_usd_month"].follows
    assert "quotes.hosted_open_usd_month" not in found
    assert "buy.price" not in found
    series = replace(WORK, volume=Volume(series="usage.csv"))
    assert "volume.calls_per_day" not in known(series)[1]


def test_that_a_moved_bill_still_follows_the_volume() -> None:
    assembler, found = known(WORK)
    bill, calls = found["quotes.cloud_frontier_usd_month"], found["volume.calls_per_day"]
    half = changed(WORK, assembler, {bill: bill.now / 2, calls: 3000.0})
    assert half.volume.calls_per_day == 3000.0
    assert half.quotes.cloud_frontier_usd_month == pytest.approx(bill.now * 3 / 2)
    assert changed(WORK, assembler, {}) == WORK


def test_that_the_volume_swings_the_saving_as_the_bill_does() -> None:
    assembler, _ = known(WORK)
    bars = {
        one.path: one for one in swings(WORK, assembler, Thresholds(), Option.LOCAL_THIS_MACHINE)
    }
    volume = bars["volume.calls_per_day"]
    frontier = middle(assembler.facts(WORK).frontier)
    assert frontier is not None
    # Its class is unknown, so that it may be half or twice as much.
    assert (volume.low, volume.high) == (pytest.approx(500.0), pytest.approx(2000.0))
    assert volume.saving_low == pytest.approx(frontier / 2 - 20)
    assert volume.saving_high == pytest.approx(frontier * 2 - 20)
    assert "organisation.ops_hours_per_month" not in bars


def test_that_swings_of_an_option_without_a_bill_are_none() -> None:
    assembler, _ = known(WORK)
    assert swings(WORK, assembler, Thresholds(), Option.LOCAL_BUY) == ()


def curves(work: Workload) -> BreakEvenCurves | Unknown:
    assembler = Assembler(WORLD)
    return break_even_curves(work, assembler.facts(work), assembler)


def test_that_the_crossing_is_where_the_bills_are_equal() -> None:
    found = curves(WORK)
    assert isinstance(found, BreakEvenCurves)
    bill = middle(Assembler(WORLD).facts(WORK).frontier)
    assert bill is not None
    assert found.crossing == pytest.approx(1000 * 20 / bill, rel=2e-3)
    assert found.others[0].option is Option.CLOUD_FRONTIER
    assert not found.always
    assert list(found.calls_per_day) == sorted(found.calls_per_day)
    assert found.calls_per_day[-1] >= 2000


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (replace(WORK, volume=Volume()), "not stated"),
        (replace(WORK, volume=Volume(series="a.csv")), "series"),
        (replace(WORK, privacy=Privacy(privacy_class=PrivacyClass.PHI)), "privacy rule"),
        (
            replace(WORK, quotes=replace(WORK.quotes, cloud_frontier_usd_month=900.0)),
            "follows the volume",
        ),
        (
            replace(WORK, quotes=replace(WORK.quotes, machine=HostQuotes(fits=False))),
            "does not fit",
        ),
        (replace(WORK, quotes=Quotes()), "no machine"),
    ],
)
def test_that_where_no_break_even_is_defined_the_reason_is_said(work: Workload, why: str) -> None:
    found = curves(work)
    assert isinstance(found, Unknown)
    assert why in found.reason


def test_that_a_machine_dearer_than_every_bill_never_crosses() -> None:
    dear = replace(WORK.quotes.machine, marginal_usd_month=1e8)
    found = curves(replace(WORK, quotes=Quotes(machine=dear)))
    assert isinstance(found, BreakEvenCurves)
    assert found.crossing is None
    assert not found.always


def test_that_a_machine_that_costs_nothing_is_always_cheaper() -> None:
    free = replace(WORK.quotes.machine, marginal_usd_month=0.0)
    found = curves(replace(WORK, quotes=Quotes(machine=free)))
    assert isinstance(found, BreakEvenCurves)
    assert found.always
    assert found.crossing is None


def test_that_growth_is_moved_by_adding_and_may_shrink() -> None:
    knob = Knob(path="volume.growth_per_month", now=0.05)
    assert knob.value(STEPS) == pytest.approx(0.25)
    assert knob.value(-STEPS) == pytest.approx(-0.15)


def test_that_whole_numbers_stay_whole_on_a_slider_and_in_the_workload() -> None:
    work = replace(WORK, tokens=replace(WORK.tokens, context_p99=4096))
    assembler, found = known(work)
    knob = found["tokens.context_p99"]
    value = knob.value(7)
    assert value == int(value)
    moved = changed(work, assembler, {knob: value}).tokens.context_p99
    assert isinstance(moved, int)


def test_that_electricity_is_moved_in_the_world_and_not_in_the_workload() -> None:
    world = replace(WORLD, usd_per_kwh=Stated(0.3, "settings"))
    assembler = Assembler(world)
    knob = {k.path: k for k in knobs(WORK, assembler.facts(WORK), assembler)}[ELECTRICITY]
    assert knob.value(STEPS) == pytest.approx(5.0)
    assert changed(WORK, assembler, {knob: 1.0}) == WORK
    assert middle(in_world(assembler, {knob: 1.0}).world.usd_per_kwh) == 1.0
    assert in_world(assembler, {}) is assembler


def test_that_assumptions_that_are_nothing_can_be_moved_up() -> None:
    _, found = known(WORK)
    assert found["today.batch_share"].value(STEPS) == 1.0
    assert found["today.batch_share"].value(-STEPS) == 0.0
    quoted = replace(WORK, quotes=replace(WORK.quotes, cloud_frontier_usd_month=100.0))
    assert "today.batch_share" not in known(quoted)[1]


def test_that_what_a_purchase_rests_on_can_be_moved() -> None:
    assumed = Assumptions(
        residual_share=Stated(0.25, "usual"),
        months=Stated(36, "usual"),
        ops_hours_per_month=Stated(3, "usual"),
        setup_hours=Stated(8, "usual"),
        owned_ops_share=Stated(0.2, "usual"),
        no_infrastructure_factor=Stated(1.5, "usual"),
        idle_watts=Stated(60, "usual"),
        rent_start_hours=Stated(0.2, "usual"),
        yearly_price_decline=Stated(0.3, "usual"),
        rent_idle_hours=Stated(0.2, "usual"),
        rent_billed_hours=Stated(0.1, "usual"),
        rent_storage_usd_gb_month=Stated(0.1, "usual"),
    )
    work = replace(WORK, buy=Purchase(consider=True, price_usd=3800.0, months=48))
    assembler = Assembler(replace(WORLD, assumptions=assumed))
    found = {k.path: k.now for k in knobs(work, assembler.facts(work), assembler)}
    assert found["buy.price"] == 3800.0
    assert (found["buy.months"], found["buy.residual_share"]) == (48, 0.25)
    assert found["buy.setup_hours"] == 8
    assert found["organisation.ops_hours_per_month"] == 3
    tco = HostQuotes(price_usd=3000.0, tco_usd_month=300.0)
    quoted = replace(work, quotes=replace(work.quotes, buy=tco))
    stated = {k.path for k in knobs(quoted, assembler.facts(quoted), assembler)}
    assert "quotes.buy.price" in stated
    assert "buy.months" not in stated


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("organisation.ops_hours_per_month", 40.0),
        ("today.batch_share", 1.0),
        ("today.retry_share", 0.5),
        ("tokens.cached_input", 10_000.0),
        ("buy.residual_share", 1.0),
        ("buy.setup_hours", 100.0),
        # What no table names is moved up to one.
        ("tokens.output", 1.0),
    ],
)
def test_that_from_nothing_a_slider_reaches_what_is_usual(path: str, most: float) -> None:
    knob = Knob(path=path, now=0.0)
    assert knob.value(STEPS) == most
    assert knob.value(STEPS // 2) == pytest.approx(most / 2)
    assert knob.value(-STEPS // 2) == 0.0
    assert knob.value(-1) == 0.0


def test_that_a_slider_has_three_digits_and_a_hundred_positions_to_each_side() -> None:
    knob = Knob(path="tokens.input", now=1234.5)
    assert (REACH, STEPS) == (20.0, 100)
    assert knob.value(0) == 1234.5
    # 20 ** 0.01 is 1.0304.
    assert knob.value(1) == 1270.0
    assert knob.value(-1) == 1200.0
    assert knob.value(100) == 24_700.0
    assert knob.value(-100) == 61.7
    shrinks = Knob(path="volume.growth_per_month", now=-0.9)
    assert shrinks.value(-STEPS) == -0.99
    assert Knob(path=ELECTRICITY, now=0.3).value(-STEPS) == 0.015
    assert Knob(path=ELECTRICITY, now=3.0).value(STEPS) == 5.0
    assert Knob(path="buy.months", now=36.0).value(-STEPS) == 2.0


def test_that_a_knob_that_is_nothing_stands_only_where_it_can_be_moved_up() -> None:
    bare = replace(WORK, tokens=Tokens(input=0.0, output=0.0, cached_input=0.0))
    _, found = known(bare)
    assert "tokens.input" not in found
    assert "tokens.output" not in found
    assert found["tokens.cached_input"].now == 0.0
    assert found["volume.growth_per_month"].now == 0.0
    assert [path for path, knob in found.items() if knob.follows] == [
        "quotes.machine.marginal_usd_month"
    ]


def test_that_knobs_come_in_the_order_in_which_they_are_thought_of() -> None:
    work = replace(
        WORK,
        p95_seconds=5.0,
        volume=replace(WORK.volume, batch_window_hours=8.0),
        tokens=Tokens(input=1000.0, output=100.0, cached_input=10.0, context_p99=4096),
    )
    _, found = known(work)
    assert list(found) == [
        "volume.calls_per_day",
        "tokens.input",
        "tokens.output",
        "quotes.cloud_frontier_usd_month",
        "quotes.machine.marginal_usd_month",
        "organisation.hourly_rate",
        "tokens.cached_input",
        "tokens.context_p99",
        "latency.p95_seconds",
        "volume.batch_window_hours",
        "quotes.machine.peak_utilisation",
        "quotes.machine.absorbed_share",
        "volume.growth_per_month",
        "today.batch_share",
        "today.retry_share",
    ]
    assert found["organisation.hourly_rate"].now == 80.0
    hours = replace(work, organisation=OrganisationFacts(ops_hours_per_month=2.0))
    assert known(hours)[1]["organisation.ops_hours_per_month"].now == 2.0


def test_that_bills_alone_are_moved_from_what_is_known_of_them() -> None:
    assembler, found = known(WORK)
    bill = found["quotes.cloud_frontier_usd_month"]
    facts = replace(assembler.facts(WORK), frontier=Stated(600.0, "told"))
    moved = changed(WORK, assembler, {bill: bill.now * 2}, facts=facts)
    assert moved.quotes.cloud_frontier_usd_month == pytest.approx(1200.0)
    # With anything else moved they are made out anew.
    both = changed(WORK, assembler, {bill: bill.now, found["tokens.input"]: 2000.0}, facts=facts)
    assert both.quotes.cloud_frontier_usd_month == pytest.approx(bill.now * 4.8 / 2.8)
    most = changed(WORK, assembler, {bill: 1e12}, facts=facts)
    assert most.quotes.cloud_frontier_usd_month == 1e9
    unknown = replace(facts, frontier=Unknown("?"))
    same = changed(WORK, assembler, {bill: bill.now * 2}, facts=unknown)
    assert same.quotes.cloud_frontier_usd_month is None


def test_that_rent_and_the_hosted_bill_have_a_knob_where_they_are_known() -> None:
    quotes = replace(WORK.quotes, hosted_open_usd_month=30.0, rent_gpu_usd_month=40.0)
    _, found = known(replace(WORK, quotes=quotes))
    assert found["quotes.hosted_open_usd_month"] == Knob(
        path="quotes.hosted_open_usd_month", now=30.0, follows=True
    )
    assert found["quotes.rent_gpu_usd_month"] == Knob(
        path="quotes.rent_gpu_usd_month", now=40.0, follows=True
    )
    locked = replace(WORK, quotes=quotes, privacy=Privacy(privacy_class=PrivacyClass.PHI))
    assert "quotes.rent_gpu_usd_month" not in known(locked)[1]
