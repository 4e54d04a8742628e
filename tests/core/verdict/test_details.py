"""Behind the verdict: what options assume, how late they are, variants, what is missing."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from landfall.core.costs import cost
from landfall.core.provenance import Estimated, Measured, Unknown, band, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.detailing import details
from landfall.core.verdict.details import Behind, Details
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.latency import of_host, of_probe, of_split
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.verdict.verdict_json import to_json
from landfall.core.verdict.world import Listed, MeasuredEnergy, Probed, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    Candidates,
    HostQuotes,
    Machine,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Quotes,
    Task,
    Tokens,
    Workload,
)
from tests.core.verdict.test_assembling import (
    RTX_4090,
    WORK,
    WORLD,
    bought,
    card,
    facts,
    owned,
    seconds,
    sure,
)

LIMITS = Thresholds()
PASSED = replace(
    WORK, quality=Quality(gate=GateResult.PASS), buy=Purchase(consider=True, machine="RTX 4090")
)
LOCKED = replace(PASSED, privacy=Privacy(privacy_class=PrivacyClass.NDA))
PROBED = Probed(at="2026-11-20T10:00:00+00:00", calls=((0.5, 50.0), (1.0, 100.0), (2.0, 25.0)))


def verdict(workload: Workload = PASSED, world: World = WORLD) -> Verdict:
    assembler = Assembler(world)
    found = assembler.facts(workload)
    return decide(
        workload.name,
        found,
        limits=LIMITS,
        as_of="2026-11-26",
        detail=lambda ruling: details(workload, found, assembler, ruling, LIMITS),
    )


def behind(workload: Workload = PASSED, world: World = WORLD) -> Details:
    return verdict(workload, world).details


def said(option: Option, workload: Workload = PASSED, world: World = WORLD) -> str:
    return "; ".join(verdict(workload, world).detail(option).assumes)


# Latency -----------------------------------------------------------------------------------------


def test_that_a_probe_tells_how_soon_a_provider_answers() -> None:
    found = of_probe(PROBED, "m", 100.0)
    # 2.5, 2 and 6 seconds.
    assert band(found) == (2.5, pytest.approx(5.65), 6.0)
    assert "too few" in str(found)
    many = of_probe(replace(PROBED, calls=PROBED.calls * 7), "m", 100.0)
    assert "too few" not in str(many)
    assert "never probed" in str(of_probe(None, "m", 100.0))
    assert of_probe(PROBED, "m", None) == Unknown("tokens.output is not stated")
    assert "window" in str(of_probe(PROBED, "m", 100.0, batch=True))
    assert "no answer" in str(of_probe(replace(PROBED, calls=()), "m", 100.0))


def test_that_kept_probes_reach_the_lines_of_the_cloud() -> None:
    world = replace(WORLD, probes={("openai", "m"): PROBED, ("cheap", "h"): PROBED})
    found = verdict(world=world)
    for option in (Option.CLOUD_FRONTIER, Option.HOSTED_OPEN):
        assert middle(found.detail(option).latency_p95_s) == pytest.approx(5.65)
    unprobed = verdict().detail(Option.HOSTED_OPEN)
    assert "h at cheap was never probed" in str(unprobed.latency_p95_s)
    nobody = replace(PASSED, today=replace(PASSED.today, model=""))
    today = verdict(nobody).detail(Option.CLOUD_FRONTIER)
    assert "today.model" in str(today.latency_p95_s)


def test_that_machines_answer_as_their_queue_says() -> None:
    found = verdict()
    for option in (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.RENT_GPU):
        ends = band(found.detail(option).latency_p95_s)
        assert ends is not None
        assert ends[1] > seconds()
    assert "not known" in str(of_host(HostFacts(option=Option.LOCAL_BUY)))


def test_that_a_split_is_as_late_as_the_later_way() -> None:
    host = owned(PASSED)
    slow = Estimated(20.0, 30.0, 40.0, "a probe")
    assert middle(of_split(host, slow)) == 30.0
    assert middle(of_split(host, Estimated(0.1, 0.2, 0.3, "a probe"))) == pytest.approx(seconds())
    assert "overflow" in str(of_split(host, Unknown("never probed")))
    assert isinstance(of_split(HostFacts(option=Option.LOCAL_BUY), slow), Unknown)
    batch = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=8.0))
    assert "window" in str(of_split(owned(batch), slow))


# What is assumed ---------------------------------------------------------------------------------


def test_that_every_line_says_what_its_figures_rest_on() -> None:
    assert "8,000 calls a day" in said(Option.CLOUD_FRONTIER)
    assert "a quarter more" in said(Option.CLOUD_FRONTIER)
    assert "stopped" in said(Option.RENT_GPU)
    assert "predicted" in said(Option.LOCAL_THIS_MACHINE)
    assert "it is on anyway" in said(Option.LOCAL_THIS_MACHINE)
    assert "36 months" in said(Option.LOCAL_BUY)
    spoken = replace(
        PASSED,
        today=replace(PASSED.today, batch_share=0.4, retry_share=0.02, token_ratio=1.25),
        tokens=replace(PASSED.tokens, cached_input=300.0),
        machine=Machine(on_anyway=False, resale_usd=900.0),
        buy=replace(PASSED.buy, yearly_rate=0.08),
    )
    assert "1.25 tokens" in said(Option.CLOUD_FRONTIER, spoken)
    for words in ("40 %", "2 %", "cached"):
        assert words in said(Option.CLOUD_FRONTIER, spoken)
    assert "would be off" in said(Option.LOCAL_THIS_MACHINE, spoken)
    assert "selling" in said(Option.LOCAL_THIS_MACHINE, spoken)
    assert "annuity" in said(Option.LOCAL_BUY, spoken)


def test_that_what_is_quoted_is_said_to_be_the_users() -> None:
    quotes = Quotes(
        cloud_frontier_usd_month=5000.0,
        hosted_open_usd_month=900.0,
        rent_gpu_usd_month=800.0,
        machine=HostQuotes(marginal_usd_month=20.0),
        buy=HostQuotes(tco_usd_month=400.0),
    )
    quoted = replace(PASSED, quotes=quotes)
    for option in (
        Option.CLOUD_FRONTIER,
        Option.HOSTED_OPEN,
        Option.RENT_GPU,
        Option.LOCAL_THIS_MACHINE,
        Option.LOCAL_BUY,
    ):
        assert "as you state it" in said(option, quoted)
    bare = replace(quoted, candidates=Candidates(local=("small:8b",)))
    assert "as you state it" in said(Option.HOSTED_OPEN, bare, replace(WORLD, hosted=()))


def test_that_nothing_is_said_of_options_that_are_not_there() -> None:
    lone = replace(
        PASSED,
        machine=Machine(available=False),
        buy=Purchase(consider=False),
        candidates=Candidates(local=("small:8b",)),
    )
    found = verdict(lone, replace(WORLD, hosted=(), rentals=()))
    for option in (
        Option.HOSTED_OPEN,
        Option.RENT_GPU,
        Option.LOCAL_THIS_MACHINE,
        Option.LOCAL_BUY,
        Option.HYBRID,
    ):
        detail = found.detail(option)
        assert isinstance(detail.latency_p95_s, Unknown)
        assert detail.assumes == ()
    assert found.details.purchase is None
    assert isinstance(found.details.average_usd_month, Unknown)
    assert isinstance(found.details.marginal_usd_month, Unknown)
    silent = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=None))
    assert "calls a day" not in said(Option.CLOUD_FRONTIER, silent)


# Growth ------------------------------------------------------------------------------------------


def test_that_growth_raises_next_months_bills_and_a_purchases_mean() -> None:
    grows = replace(PASSED, volume=replace(PASSED.volume, growth_per_month=0.1))
    now, then = facts(PASSED), facts(grows)
    assert middle(then.frontier) == pytest.approx(1.1 * (middle(now.frontier) or 0))
    assert then.calls_per_day == 8000
    assert middle(owned(grows).peak_utilisation) == pytest.approx(
        1.1 * (middle(owned(PASSED).peak_utilisation) or 0)
    )
    assert then.growth == pytest.approx((sum(1.1**k for k in range(12)) + 24 * 1.1**11) / 36)
    assert then.over_life(Option.CLOUD_FRONTIER, 100.0) == pytest.approx(100 * then.growth)
    assert then.over_life(Option.RENT_GPU, 100.0) == 100
    quoted = replace(grows, quotes=Quotes(cloud_frontier_usd_month=100.0))
    assert facts(quoted).over_life(Option.CLOUD_FRONTIER, 100.0) == 100
    assert middle(bought(grows).opex_usd_month) > middle(bought(PASSED).opex_usd_month)  # type: ignore[operator]
    assert "+10 % on now" in said(Option.CLOUD_FRONTIER, grows)
    assert "times next month's calls" in said(Option.LOCAL_BUY, grows)
    hours = replace(grows, volume=replace(grows.volume, hourly_calls=(100.0,) * 24))
    assert middle(owned(hours).peak_utilisation) == pytest.approx(110 / 3600 * seconds())


# Energy and money of the owned machine -----------------------------------------------------------

ENERGY = MeasuredEnergy(
    prefill_joules=Measured(0.35, "2026-11-20", "runs"),
    decode_joules=Measured(2.8, "2026-11-20", "runs"),
    scope="GPU board",
)


def electricity(workload: Workload, world: World) -> float:
    found = middle(owned(workload, world).usd_month)
    assert found is not None
    return found - 3.0 * 0.1 * 80


def test_that_measured_joules_stand_above_the_boards_watts() -> None:
    calls = 8000 * cost.DAYS_PER_MONTH
    measured = replace(WORLD, energy={"small:8b": ENERGY})
    expected = calls * (0.35 * 1000 + 2.8 * 100) / 3.6e6 * 0.2
    assert electricity(PASSED, measured) == pytest.approx(expected)
    assert "GPU board" in said(Option.LOCAL_THIS_MACHINE, world=measured)
    no_prompt = replace(ENERGY, prefill_joules=Unknown("too short"))
    partly = replace(WORLD, energy={"small:8b": no_prompt})
    assert electricity(PASSED, partly) > calls * 2.8 * 100 / 3.6e6 * 0.2
    nothing = replace(no_prompt, decode_joules=Unknown("too short"))
    board = replace(WORLD, energy={"small:8b": nothing})
    assert electricity(PASSED, board) == pytest.approx(electricity(PASSED, WORLD))
    # What was measured on the owned machine says nothing of another one.
    assert bought(PASSED, measured).usd_month == bought(PASSED).usd_month


def test_that_an_embedding_costs_its_prompts_alone() -> None:
    work = replace(
        PASSED,
        task=Task.EMBEDDING,
        tokens=Tokens(input=500.0),
        candidates=replace(PASSED.candidates, local=("embed",)),
    )
    only = replace(ENERGY, decode_joules=Unknown("it writes nothing"))
    found = electricity(work, replace(WORLD, energy={"embed": only}))
    assert found == pytest.approx(8000 * cost.DAYS_PER_MONTH * 0.35 * 500 / 3.6e6 * 0.2)


def test_that_the_rooms_power_idle_draw_and_resale_count_where_they_are_stated() -> None:
    plain = electricity(PASSED, WORLD)
    room = replace(PASSED, organisation=OrganisationFacts(pue=1.5))
    assert electricity(room, WORLD) == pytest.approx(1.5 * plain)
    off = replace(PASSED, machine=Machine(on_anyway=False))
    idle = 55 * 24 * cost.DAYS_PER_MONTH / 1000 * 0.2
    assert electricity(off, WORLD) == pytest.approx(plain + idle)
    both = replace(off, organisation=OrganisationFacts(pue=1.5))
    assert electricity(both, WORLD) == pytest.approx(1.5 * (plain + idle))
    sold = replace(PASSED, machine=Machine(resale_usd=900.0, resale_later_usd=540.0))
    assert electricity(sold, WORLD) == pytest.approx(plain + 30)
    guessed = replace(PASSED, machine=Machine(resale_usd=900.0))
    assert electricity(guessed, WORLD) == pytest.approx(plain + 900 * 0.35 / 12)
    assert "resale forgone" in str(owned(guessed).usd_month)


def test_that_marginal_and_average_cost_of_an_owned_machine_stand_side_by_side() -> None:
    world = replace(WORLD, machine_usd=sure(3600.0))
    found = behind(world=world)
    marginal, average = middle(found.marginal_usd_month), middle(found.average_usd_month)
    assert marginal is not None
    assert average is not None
    power = 3600 * 0.75 / 36 + 3.0 * 80
    idle = 55 * 24 * cost.DAYS_PER_MONTH / 1000 * 0.2
    assert average == pytest.approx(power + idle + electricity(PASSED, WORLD))
    assert marginal < average
    assert isinstance(behind().average_usd_month, Unknown)
    assert isinstance(behind(world=replace(WORLD, assumptions=None)).average_usd_month, Unknown)


def test_that_a_machine_is_never_billed_for_more_than_all_day() -> None:
    flood = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=10_000_000.0))
    most = 450 * 0.8 * 24 * cost.DAYS_PER_MONTH / 1000 * 0.2
    assert electricity(flood, WORLD) == pytest.approx(most)


def test_that_a_tokenizers_ratio_raises_the_bill() -> None:
    dearer = replace(WORLD.frontier, token_ratio=1.25) if WORLD.frontier else None
    world = replace(WORLD, frontier=dearer)
    before, after = middle(facts(PASSED).frontier), middle(facts(PASSED, world).frontier)
    assert after == pytest.approx(1.25 * (before or 0))


# Purchases ---------------------------------------------------------------------------------------

OPEN = replace(PASSED, buy=Purchase(consider=True))
LISTED = replace(
    WORLD,
    purchase=None,
    purchases=(
        Listed(profile=replace(RTX_4090, name="Tiny", accelerators=()), usd=sure(100.0)),
        Listed(profile=RTX_4090, usd=sure(3000.0)),
        Listed(profile=replace(RTX_4090, name="Dear 4090"), usd=sure(9000.0)),
    ),
)


def test_that_the_cheapest_listed_that_holds_the_candidate_is_bought_where_none_is_named() -> None:
    found = bought(OPEN, LISTED)
    assert (found.machine, found.fits, found.count) == ("RTX 4090", True, 1)
    assert middle(found.price_usd) == 3000
    made = verdict(OPEN, LISTED)
    line, variants = made.line(Option.LOCAL_BUY), made.detail(Option.LOCAL_BUY).variants
    assert line is not None
    assert [one.name for one in variants] == ["RTX 4090", "Dear 4090"]
    assert variants[0].usd_month == line.usd_month
    assert all(one.feasible for one in variants)


def test_that_three_listed_machines_are_compared_and_no_more() -> None:
    more = tuple(
        Listed(profile=replace(RTX_4090, name=f"Number {at}"), usd=sure(10_000.0 + at))
        for at in range(3)
    )
    world = replace(LISTED, purchases=(*LISTED.purchases, *more))
    variants = verdict(OPEN, world).detail(Option.LOCAL_BUY).variants
    assert [one.name for one in variants] == ["RTX 4090", "Dear 4090", "Number 0"]


def test_that_several_are_taken_where_one_does_not_keep_up() -> None:
    much = replace(OPEN, volume=replace(OPEN.volume, calls_per_day=30_000.0))
    one = bought(replace(much, buy=Purchase(machine="RTX 4090")), WORLD)
    peak = middle(one.peak_utilisation)
    assert peak is not None
    assert peak > 0.8
    found = bought(much, LISTED)
    assert found.machine == f"{found.count} boxes of RTX 4090"
    assert found.count > 1
    assert middle(found.price_usd) == 3000 * found.count
    assert middle(found.peak_utilisation) == pytest.approx(peak / found.count)
    assert "machines: each" in said(Option.LOCAL_BUY, much, LISTED)
    named = replace(much, buy=Purchase(consider=True, machine="RTX 4090"))
    variants = verdict(named, WORLD).detail(Option.LOCAL_BUY).variants
    assert [one.name for one in variants] == ["RTX 4090", found.machine]
    flood = replace(OPEN, volume=replace(OPEN.volume, calls_per_day=3_000_000.0))
    assert bought(flood, LISTED).count == 1
    locked = replace(named, privacy=Privacy(privacy_class=PrivacyClass.NDA))
    assert verdict(locked, WORLD).line(Option.LOCAL_BUY) is not None


def test_that_nothing_listed_may_hold_a_candidate_or_know_it() -> None:
    huge = card("huge:400b", size_bytes=240_000_000_000)
    world = replace(LISTED, cards=(huge,))
    work = replace(OPEN, candidates=replace(OPEN.candidates, local=("huge:400b",)))
    found = bought(work, world)
    assert found.fits is False
    assert "no listed hardware holds huge:400b" in found.note("H3", "")
    strange = replace(OPEN, candidates=replace(OPEN.candidates, local=("strange:1b",)))
    assert bought(strange, world).fits is None
    assert "not in the catalogue" in bought(strange, world).note("fits", "")


def test_that_a_purchase_is_held_against_every_bill_inside_the_rule() -> None:
    found = behind().purchase
    assert found is not None
    assert [one.option for one in found.against] == [
        Option.CLOUD_FRONTIER,
        Option.HOSTED_OPEN,
        Option.RENT_GPU,
    ]
    first = found.against[0]
    host = bought(PASSED)
    saving = (middle(first.bill_usd_month) or 0) - (middle(host.opex_usd_month) or 0)
    assert middle(first.payback_months.at) == pytest.approx(3000 / saving)
    volume = middle(first.breakeven_calls_per_day.at)
    assert volume is not None
    work = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=volume))
    assert middle(bought(work).usd_month) == pytest.approx(middle(facts(work).frontier), rel=1e-6)
    assert middle(found.outlay.most_calls_per_day) == pytest.approx(8 * 3600 / seconds())
    assert middle(found.outlay.yearly_decline) == 0.25
    fallen = replace(PASSED, buy=replace(PASSED.buy, price_decline=0.6))
    other = behind(fallen).purchase
    assert other is not None
    assert middle(other.outlay.yearly_decline) == 0.6
    assert behind(LOCKED).purchase is not None
    assert behind(LOCKED).purchase.against == ()  # type: ignore[union-attr]
    assert "privacy" in str(behind(LOCKED).purchase.rent_or_buy_hours.at)  # type: ignore[union-attr]


def test_that_a_purchase_that_nobody_knows_has_no_figures() -> None:
    found = behind(world=replace(WORLD, purchase=None, purchase_usd=Unknown("not listed"))).purchase
    assert found is not None
    assert isinstance(found.rent_or_buy_hours.at, Unknown)
    assert all(isinstance(one.npv_usd, Unknown) for one in found.against)


def test_that_quotes_of_a_purchase_are_taken_as_they_are() -> None:
    quotes = Quotes(buy=HostQuotes(tco_usd_month=420.0, peak_utilisation=0.5))
    found = behind(replace(PASSED, quotes=quotes)).purchase
    assert found is not None
    assert middle(found.outlay.fixed_usd_month) == 420
    assert middle(found.outlay.usd_per_call) == 0
    assert middle(found.outlay.most_calls_per_day) == 16_000
    silent = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=None))
    unknown = behind(silent).purchase
    assert unknown is not None
    assert isinstance(unknown.outlay.most_calls_per_day, Unknown)
    nowhere = behind(world=replace(WORLD, rentals=())).purchase
    assert nowhere is not None
    assert isinstance(nowhere.rent_or_buy_hours.at, Unknown)
    bare = behind(world=replace(WORLD, assumptions=None)).purchase
    assert bare is not None
    assert isinstance(bare.outlay.yearly_decline, Unknown)
    batch = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=4.0))
    window = behind(batch).purchase
    assert window is not None
    assert middle(window.outlay.most_calls_per_day) == pytest.approx(4 * 3600 / seconds())


# Rent --------------------------------------------------------------------------------------------


def test_that_a_rented_gpu_that_answers_too_late_is_out_and_says_so() -> None:
    slow = replace(
        PASSED,
        p95_seconds=0.2,
        machine=Machine(available=False),
        buy=Purchase(consider=False),
        quotes=Quotes(cloud_frontier_usd_month=9000.0),
    )
    world = replace(WORLD, hosted=())
    found = verdict(slow, world)
    assert found.option is Option.CLOUD_FRONTIER
    assert ("H6", Option.RENT_GPU) in {(one.rule, one.excludes) for one in found.reasons}
    line = found.line(Option.RENT_GPU)
    assert line is not None
    assert (line.feasible, line.rule) == (False, "H6")
    assert verdict(replace(slow, p95_seconds=60.0), world).option is Option.RENT_GPU


def test_that_unknown_tokens_leave_a_board_without_a_bill() -> None:
    silent = facts(replace(PASSED, tokens=Tokens(output=5.0)))
    assert silent.rented is not None
    assert silent.rent_variants == ()
    assert isinstance(silent.rent, Unknown)


# A split -----------------------------------------------------------------------------------------


def test_that_a_split_says_how_the_tokens_are_split() -> None:
    hourly = (200.0,) * 23 + (4000.0,)
    busy = replace(
        PASSED,
        volume=replace(PASSED.volume, calls_per_day=8600.0, hourly_calls=hourly),
        buy=Purchase(consider=False),
    )
    world = replace(WORLD, hosted=(), probes={("openai", "m"): PROBED})
    found = verdict(busy, world)
    assert found.option is Option.HYBRID
    split = found.detail(Option.HYBRID)
    assert "of the tokens stay here" in "; ".join(split.assumes)
    assert "CLOUD_FRONTIER" in "; ".join(split.assumes)
    assert middle(split.latency_p95_s) == pytest.approx(5.65)


# What is missing ---------------------------------------------------------------------------------


def blocked(world: World = LISTED, **change: object) -> Verdict:
    huge = card("huge:70b", size_bytes=40_000_000_000)
    work = replace(LOCKED, candidates=replace(LOCKED.candidates, local=("huge:70b",)))
    return verdict(replace(work, **change), replace(world, cards=(huge,)))  # type: ignore[arg-type]


def test_that_work_that_must_stay_and_cannot_says_what_is_missing() -> None:
    failed = replace(LOCKED, quality=Quality(gate=GateResult.FAIL))
    found = verdict(failed)
    assert found.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert {(one.option, one.rule) for one in found.details.gap} == {
        (Option.LOCAL_THIS_MACHINE, "H5"),
        (Option.LOCAL_BUY, "H5"),
    }
    unknown = verdict(replace(LOCKED, candidates=Candidates(local=("strange:1b",))))
    assert unknown.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert unknown.details.gap[0].rule == "H3"
    none = blocked(
        replace(LISTED, machine=None),
        machine=Machine(available=False),
        buy=Purchase(consider=False),
    )
    assert none.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert [one.machine for one in none.details.gap] == ["", ""]
    assert none.details.would_hold == ""
    small = verdict(
        replace(LOCKED, machine=Machine(available=False), buy=Purchase(consider=False)), LISTED
    )
    assert small.details.would_hold == "RTX 4090, $3,000"


def test_that_the_document_carries_it_beside_the_contract() -> None:
    document = to_json(verdict(LOCKED))
    json.dumps(document, allow_nan=False)
    assert set(document["options"][0]) == {"kind", "usd_month", "feasible", "why_not"}
    by_kind = {one["kind"]: one for one in document["option_details"]}
    assert by_kind["CLOUD_FRONTIER"]["rule"] == "H1"
    assert by_kind["LOCAL_THIS_MACHINE"]["latency_p95_s"]["mid"] > 0
    assert document["owned"]["marginal_usd_month"]["mid"] > 0
    assert document["purchase"]["machine"] == "RTX 4090"
    plain = to_json(verdict(replace(PASSED, buy=Purchase(consider=False))))
    assert plain["purchase"] is None
    variants = {one["kind"]: one["variants"] for one in plain["option_details"]}
    assert [one["name"].partition(":")[0] for one in variants["RENT_GPU"]] == [
        "on demand",
        "always on",
    ]


# When they are made ------------------------------------------------------------------------------


def test_that_nothing_is_made_out_before_it_is_asked_for_and_then_only_once() -> None:
    asked: list[int] = []

    def made() -> Details:
        asked.append(1)
        return Details(would_hold="a box")

    late = Behind(made)
    assert not asked
    assert late.details is late.details
    assert len(asked) == 1


def test_that_details_that_are_sent_away_are_made_out_before() -> None:
    found = verdict()
    there = pickle.loads(pickle.dumps(found.behind))
    assert there.details == found.details
