"""Bills of machines and providers: each sum by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.costs import cost
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Estimated, Measured, Stated, Unknown, band, middle
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.bills import HostBills, growth_of, life_of, measured_joules, month_at
from landfall.core.verdict.care import hourly_rate, ops_hours, ops_usd
from landfall.core.verdict.world import MeasuredEnergy, Priced, World
from landfall.core.workload.workload import (
    HostQuotes,
    Machine,
    Organisation,
    OrganisationFacts,
    Purchase,
    Quotes,
    Tokens,
    Workload,
)
from tests.core.verdict.test_ability import able
from tests.core.verdict.test_assembling import ASSUMPTIONS, RTX_4090, WORK, WORLD, row, sure

DAYS = cost.DAYS_PER_MONTH
TEAM = replace(WORLD, assumptions=replace(ASSUMPTIONS, established_factor=sure(0.5)))


def made(workload: Workload = WORK, world: World = WORLD, **changes: Any) -> HostBills:
    """A machine of 400 W with two slots, on which a call takes 9 s."""
    values: dict[str, Any] = {
        "world": world,
        "workload": workload,
        "load": Assembler(world).load(workload),
        "able": replace(able(), slots=2, watts=sure(400.0)),
        "seconds": sure(9.0),
        "listed_usd": sure(3600.0),
    }
    return HostBills(**(values | changes))


# Care --------------------------------------------------------------------------------------------


def test_that_care_is_stated_or_assumed_and_more_or_less_with_who_is_there() -> None:
    def hours(world: World = TEAM, machines: int = 1, **changes: Any) -> float | None:
        work = replace(WORK, organisation=OrganisationFacts(**changes))
        return middle(ops_hours(work, world, machines=machines))

    assert hours() == 3.0
    assert hours(machines=4) == 12.0
    assert ops_hours(WORK, TEAM) is ASSUMPTIONS.ops_hours_per_month
    assert hours(ops_hours_per_month=5.0) == 5.0
    # Stated hours are those of one machine, as assumed ones are.
    assert hours(ops_hours_per_month=5.0, machines=4) == 20.0
    assert hours(ops_hours_per_month=0.0) == 0.0
    # Half of them with a team, twice as many without one.
    assert hours(kind=Organisation.ESTABLISHED) == 1.5
    assert hours(kind=Organisation.ESTABLISHED, machines=2) == 3.0
    assert hours(kind=Organisation.STARTUP) == 3.0
    assert hours(kind=Organisation.ESTABLISHED, local_infrastructure=False) == 6.0
    assert hours(local_infrastructure=False) == 6.0
    assert hours(local_infrastructure=True) == 3.0
    assert hours(kind=Organisation.ESTABLISHED, ops_hours_per_month=5.0) == 5.0
    assert hours(local_infrastructure=False, ops_hours_per_month=5.0) == 10.0
    nobody = replace(WORLD, assumptions=None)
    assert hours(nobody) is None
    assert hours(nobody, ops_hours_per_month=5.0) == 5.0
    assert hours(nobody, ops_hours_per_month=5.0, local_infrastructure=False) == 5.0


def test_that_care_costs_its_hours() -> None:
    assert hourly_rate(WORK, WORLD) == 80.0
    assert middle(ops_usd(WORK, WORLD)) == 240.0
    assert middle(ops_usd(WORK, WORLD, machines=3)) == 720.0
    dear = replace(WORK, organisation=OrganisationFacts(hourly_rate_usd=100.0))
    assert hourly_rate(dear, WORLD) == 100.0
    assert middle(ops_usd(dear, WORLD)) == 300.0
    free = replace(WORK, organisation=OrganisationFacts(hourly_rate_usd=0.0))
    assert hourly_rate(free, WORLD) == 0.0


# An owned machine --------------------------------------------------------------------------------

# 8,000 calls of 9 s at 400 W, two at once: 200 W for each of them, at 0.20 USD a kWh.
POWER = 8000 * DAYS * 9 * 200 / 3.6e6 * 0.2


def test_that_an_owned_machine_adds_power_and_a_tenth_of_the_care() -> None:
    assert middle(made().marginal()) == pytest.approx(POWER + 24)
    off = replace(WORK, machine=Machine(on_anyway=False))
    idle = 55 * 24 * DAYS / 1000 * 0.2
    assert middle(made(off).marginal()) == pytest.approx(POWER + 24 + idle)
    room = replace(off, organisation=OrganisationFacts(pue=1.5))
    assert middle(made(room).marginal()) == pytest.approx(1.5 * (POWER + idle) + 24)
    sold = replace(WORK, machine=Machine(resale_usd=1200.0, resale_later_usd=600.0))
    assert middle(made(sold).marginal()) == pytest.approx(POWER + 24 + 50)
    # What it gains is no merit of this work.
    gains = replace(WORK, machine=Machine(resale_usd=1200.0, resale_later_usd=2000.0))
    assert middle(made(gains).marginal()) == pytest.approx(POWER + 24)
    quoted = replace(WORK, quotes=Quotes(machine=HostQuotes(marginal_usd_month=7.0)))
    assert made(quoted).marginal() == Stated(7.0, "quotes.machine.marginal_usd_month")


def test_that_hosts_that_would_be_off_draw_idle_each_and_are_looked_after() -> None:
    off = replace(WORK, machine=Machine(on_anyway=False))
    idle = 55 * 24 * DAYS / 1000 * 0.2
    assert middle(made(off, count=2).marginal()) == pytest.approx(POWER + 48 + 2 * idle)


def test_that_each_of_several_hosts_is_looked_after() -> None:
    # A tenth of the care of one, for each of them, as their whole care is counted on average.
    assert middle(made(count=3).marginal()) == pytest.approx(POWER + 3 * 24)
    stated = replace(WORK, organisation=OrganisationFacts(ops_hours_per_month=5.0))
    assert middle(made(stated, count=2).marginal()) == pytest.approx(POWER + 2 * 40)


def test_that_a_machine_whose_draw_at_rest_is_listed_is_counted_with_it() -> None:
    (board,) = RTX_4090.accelerators
    spark = replace(RTX_4090, accelerators=(replace(board, catalogue_name="Small box"),))
    assumed = replace(ASSUMPTIONS, listed_idle_watts={"Small box": sure(5.0)})
    world = replace(WORLD, assumptions=assumed)
    work = 400 * 10 * DAYS / 1000 * 0.2

    def stands_by(profile: HardwareProfile | None, count: int = 1) -> float | None:
        return middle(made(world=world, profile=profile, count=count).electricity())

    each = 24 * DAYS / 1000 * 0.2
    assert stands_by(spark) == pytest.approx(5 * each + work)
    assert stands_by(spark, 3) == pytest.approx(3 * 5 * each + work)
    assert stands_by(RTX_4090) == pytest.approx(55 * each + work)
    assert stands_by(None) == pytest.approx(55 * each + work)
    # Two cards in one computer are no box of the list.
    assert stands_by(replace(spark, accelerators=spark.accelerators * 2)) == pytest.approx(
        55 * each + work
    )
    off = replace(WORK, machine=Machine(on_anyway=False))
    assert middle(made(off, world, profile=spark).marginal()) == pytest.approx(
        POWER + 24 + 5 * each
    )


def test_that_what_it_rests_on_is_said() -> None:
    def says(**machine: Any) -> str:
        found = made(replace(WORK, machine=Machine(**machine))).marginal()
        assert isinstance(found, Estimated)
        return found.formula

    assert says() == "electricity above idle and extra operations"
    assert says(on_anyway=False) == "electricity above idle, idle draw and extra operations"
    assert says(resale_usd=1.0) == "electricity above idle, extra operations and resale forgone"


def test_that_a_sale_is_guessed_at_three_fifths_to_four_fifths() -> None:
    assert band(made().resale_later(1000.0)) == pytest.approx((600.0, 650.0, 800.0))
    told = replace(WORK, machine=Machine(resale_later_usd=700.0))
    assert made(told).resale_later(1000.0) == Stated(700.0, "machine.resale_later")
    assert made(told).resale_later(500.0) == Stated(500.0, "machine.resale_later")
    guessed = replace(WORK, machine=Machine(resale_usd=1200.0))
    assert middle(made(guessed).marginal()) == pytest.approx(POWER + 24 + 1200 * 0.35 / 12)


def test_that_nobody_works_more_than_all_day() -> None:
    # Two slots of 9 s are 19,200 calls a day.
    assert made().served(9.0) == 8000.0
    assert made().served(21.6) == pytest.approx(8000.0)
    assert made().served(24.0) == pytest.approx(7200.0)
    assert made(count=3).served(72.0) == pytest.approx(7200.0)
    assert made().served(0.0) == 8000.0
    assert made(load=replace(made().load, calls_per_day=None)).served(9.0) == 0.0
    assert made(able=None).slots_each == 1
    assert made(able=None).served(9.0) == 8000.0
    assert made(able=None).served(21.6) == pytest.approx(4000.0)


def test_that_several_that_stand_by_draw_idle_and_what_work_adds() -> None:
    one = 55 * 24 * DAYS / 1000 * 0.2
    # Busy 8,000 x 9 s / 2 slots: ten hours of 400 W.
    work = 400 * 10 * DAYS / 1000 * 0.2
    assert middle(made().electricity()) == pytest.approx(one + work)
    # Of three each is busy for a third of that.
    assert middle(made(count=3).electricity()) == pytest.approx(3 * one + work)
    room = replace(WORK, organisation=OrganisationFacts(pue=1.5))
    assert middle(made(room).electricity()) == pytest.approx(1.5 * (one + work))
    assert middle(made().usd_per_call()) == pytest.approx(200 * 9 / 3.6e6 * 0.2)
    assert middle(made(room).usd_per_call()) == pytest.approx(1.5 * 200 * 9 / 3.6e6 * 0.2)
    # On average: 3,600 over 36 months less a quarter, and all of the care.
    assert middle(made().average()) == pytest.approx(75 + one + work + 240)
    assert middle(made(count=3).average()) == pytest.approx(75 + 3 * one + work + 720)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"able": None}, "the machine is not known"),
        ({"seconds": Unknown("no rate is known")}, "no rate is known"),
        ({"world": replace(WORLD, assumptions=None)}, "nothing is assumed about operations"),
    ],
)
def test_that_a_gap_leaves_no_bill(changes: dict[str, Any], says: str) -> None:
    found = made(**changes)
    gap = Unknown(says)
    assert found.gap() == gap
    assert found.marginal() == gap
    assert found.average() == gap
    assert found.electricity() == gap
    assert made().gap() is None
    silent = made(load=replace(made().load, calls_per_day=None), able=None)
    assert silent.gap() == Unknown("volume.calls_per_day is not stated")


# Energy ------------------------------------------------------------------------------------------


def joules(prefill: Any, decode: Any) -> MeasuredEnergy:
    return MeasuredEnergy(prefill_joules=prefill, decode_joules=decode, scope="wall")


def test_that_measured_joules_become_watts_of_all_slots() -> None:
    energy = joules(Measured(0.5, "", "runs"), Measured(4.0, "", "runs"))
    # 1,000 x 0.5 and 100 x 4: 900 J in 9 s, twice at once.
    assert middle(made(energy=energy).watts()) == pytest.approx(200.0)
    assert "(wall)" in str(made(energy=energy).watts())
    assert made().watts() == sure(400.0)
    assert made(able=None, energy=energy).watts() == Unknown("the machine is not known")
    assert made(energy=energy, seconds=sure(0.0)).watts() == sure(400.0)
    assert made(energy=joules(Unknown("?"), Unknown("?"))).watts() == sure(400.0)


def test_that_prompts_that_were_too_short_draw_the_watts_of_answers() -> None:
    rates = replace(able(), prefill_tok_s=sure(1000.0), decode_tok_s=sure(50.0))
    load = made().load

    def of(energy: MeasuredEnergy, **changes: Any) -> Any:
        return middle(measured_joules(energy, rates, replace(load, **changes)))

    both = joules(Measured(0.5, "", "runs"), Measured(4.0, "", "runs"))
    assert of(both) == pytest.approx(900.0)
    answers = joules(Unknown("too short"), Measured(4.0, "", "runs"))
    # 1,000 tokens at a twentieth of the time: 4 x (100 + 50).
    assert of(answers) == pytest.approx(600.0)
    still = replace(rates, prefill_tok_s=sure(0.0))
    assert middle(measured_joules(answers, still, load)) == pytest.approx(400.0)
    # What writes nothing asks for no joules of answers.
    prompts = joules(Measured(0.5, "", "runs"), Unknown("?"))
    assert of(prompts, output=0.0) == pytest.approx(500.0)
    assert of(prompts) is None
    assert of(both, input=None) == pytest.approx(400.0)
    assert of(both, output=None) == pytest.approx(500.0)


# A purchase --------------------------------------------------------------------------------------


def test_that_a_price_is_quoted_stated_or_listed() -> None:
    assert made().price() == sure(3600.0)
    stated = replace(WORK, buy=Purchase(price_usd=3000.0, price_as_of="2026-11-01"))
    assert made(stated).price() == Stated(3000.0, "buy.price", "2026-11-01")
    quoted = replace(stated, quotes=Quotes(buy=HostQuotes(price_usd=2000.0)))
    assert made(quoted).price() == Stated(2000.0, "quotes.buy.price")


def test_that_opex_and_tco_are_quoted_or_summed() -> None:
    whole = made()
    power = middle(whole.electricity())
    assert power is not None
    opex = whole.opex()
    assert middle(opex) == pytest.approx(power + 240)
    assert middle(made(count=2).opex()) == pytest.approx(
        (middle(made(count=2).electricity()) or 0.0) + 480
    )
    # 3,600 less a quarter over 36 months, and twelve hours of setting up.
    assert middle(whole.tco(opex)) == pytest.approx(power + 240 + 75 + 12 * 80 / 36)
    assert middle(made(count=2).tco(sure(0.0))) == pytest.approx(75 + 24 * 80 / 36)
    quoted = replace(WORK, quotes=Quotes(buy=HostQuotes(tco_usd_month=300.0)))
    assert made(quoted).tco(sure(1.0)) == Stated(300.0, "quotes.buy.tco_usd_month")
    # No quoted month holds a set-up, whatever is known of its hours.
    assert middle(made(quoted).opex()) == pytest.approx(225.0)
    slow = replace(quoted, buy=replace(quoted.buy, setup_hours=100.0))
    assert middle(made(slow).opex()) == pytest.approx(225.0)
    low = replace(WORK, quotes=Quotes(buy=HostQuotes(tco_usd_month=50.0)))
    assert middle(made(low).opex()) == 0.0
    told = replace(WORK, quotes=Quotes(buy=HostQuotes(tco_usd_month=50.0, opex_usd_month=9.0)))
    assert made(told).opex() == Stated(9.0, "quotes.buy.opex_usd_month")
    priced = replace(WORK, quotes=Quotes(buy=HostQuotes(tco_usd_month=300.0, price_usd=7200.0)))
    # What is quoted is written off too: 150 a month.
    assert middle(made(priced).opex()) == pytest.approx(150.0)


def test_that_depreciation_has_interest_where_it_is_stated() -> None:
    assert middle(made().depreciation()) == pytest.approx(75.0)
    assert middle(made().depreciation(sure(7200.0))) == pytest.approx(150.0)
    assert "straight line" in str(made().depreciation())
    lent = replace(WORK, buy=replace(WORK.buy, yearly_rate=0.12))
    # An annuity on 3,600 less what 900 in three years are worth now, at 1.12 a year.
    now = 3600 - 900 / 1.12**3
    each = 1.12 ** (1 / 12) - 1
    annuity = now * each / (1 - (1 + each) ** -36)
    assert middle(made(lent).depreciation()) == pytest.approx(annuity)
    assert "12.0 %" in str(made(lent).depreciation())
    assert middle(made(lent).tco(sure(0.0))) == pytest.approx(annuity + 12 * 80 / 36)


def test_that_setting_up_is_done_for_each_machine() -> None:
    assert middle(made().setup_hours()) == 12.0
    assert middle(made(count=3).setup_hours()) == 36.0
    stated = replace(WORK, buy=replace(WORK.buy, setup_hours=5.0))
    assert made(stated).setup_hours() == Stated(5.0, "buy.setup_hours")
    assert made(stated, count=3).setup_hours() == Stated(15.0, "buy.setup_hours")
    none = made(world=replace(WORLD, assumptions=None)).setup_hours()
    assert none == Unknown("buy.setup_hours is not stated")


def test_that_a_life_is_stated_or_assumed() -> None:
    months, left = life_of(WORK, WORLD)
    assert (middle(months), middle(left)) == (36.0, 0.25)
    stated = replace(WORK, buy=Purchase(months=48, residual_share=0.1))
    assert life_of(stated, WORLD) == (
        Stated(48.0, "buy.months"),
        Stated(0.1, "buy.residual_share"),
    )
    none = replace(WORLD, assumptions=None)
    assert life_of(WORK, none) == (Unknown("not stated"), Unknown("not stated"))
    assert growth_of(WORK, WORLD) == 1.0
    grows = replace(WORK, volume=replace(WORK.volume, growth_per_month=0.1))
    mean = (sum(1.1**month for month in range(12)) + 24 * 1.1**11) / 36
    assert growth_of(grows, WORLD) == pytest.approx(mean)
    assert growth_of(grows, none) == 1.0


# Providers ---------------------------------------------------------------------------------------


def test_that_a_month_at_a_provider_is_calls_times_price() -> None:
    load = made().load
    priced = Priced(provider="p", model="m", row=row(5.0, 30.0, "p"))
    calls = 8000 * DAYS
    usd = calls * (1000 * 5 + 100 * 30) / 1e6
    found = month_at(priced, WORK, load)
    assert isinstance(found, Estimated)
    assert (found.low, found.mid, found.high) == pytest.approx((usd,) * 3)
    assert found.formula == "m at p: calls x price (a list, 2026-11-09)"
    more = month_at(replace(priced, token_ratio=1.2), WORK, load)
    assert middle(more) == pytest.approx(1.2 * usd)
    again = replace(WORK, today=replace(WORK.today, retry_share=0.1))
    assert middle(month_at(priced, again, load)) == pytest.approx(1.1 * usd)
    undated = replace(priced, row=replace(row(5.0, 30.0, "p"), as_of=None))
    assert "(a list)" in str(month_at(undated, WORK, load))
    assert month_at(replace(priced, row=None), WORK, load) == Unknown("no price is known for m")
    why = replace(priced, row=None, reason="no table knows it")
    assert month_at(why, WORK, load) == Unknown("no table knows it")
    silent = replace(load, calls_per_day=None)
    assert month_at(priced, WORK, silent) == Unknown("volume.calls_per_day is not stated")
    bare = Assembler(WORLD).load(replace(WORK, tokens=Tokens()))
    assert month_at(priced, WORK, bare) == Unknown("tokens.input is not stated")
    gap = month_at(replace(priced, row=row(5.0, None)), WORK, load)
    assert isinstance(gap, Unknown)
    assert gap.reason
