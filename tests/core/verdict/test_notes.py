"""What the guide says beside a verdict: each note at the boundary where it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from landfall.core.costs.horizon import Horizon, Point
from landfall.core.machine.hardware import AcceleratorKind, Vendor
from landfall.core.provenance import Estimated, Figure, Published, Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict import notes
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Detail, Details, known
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.rate_dates import RateDate, rate_dates, stale_rates
from landfall.core.verdict.starting import fits, of_setup, of_start, starter
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.verdict.world import Listed, World
from landfall.core.workload.privacy import Lock, Option
from landfall.core.workload.workload import (
    HostQuotes,
    Motive,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quotes,
    Step,
    StepName,
    Task,
    Tokens,
    Where,
    Workload,
)
from tests.core.demand.test_strain import strain
from tests.core.verdict.test_assembling import RTX_4090, WORK, WORLD, card, row, sure
from tests.core.verdict.test_verdict import bought, case, host, money

LIMITS = Thresholds()
CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
MONTH = 365.25 / 12


def decided(facts: Facts, **changes: Any) -> Verdict:
    found = decide("A", facts, limits=LIMITS, as_of="2026-11-23")
    return replace(found, **changes)


def said(rule: str, *parts: list[Caution]) -> str:
    """The words of the one note with this rule; "" where there is none."""
    found = [one.text for part in parts for one in part]
    assert len(found) <= 1
    assert all(one.rule == rule for part in parts for one in part)
    return found[0] if found else ""


def test_that_all_notes_come_in_the_order_of_the_guide() -> None:
    facts = case(
        "D12",
        buy=replace(bought(case("D8")), price_usd=money(1000.0)),
        motive=Motive.OWN_AI,
        tested="everything",
    )
    work = replace(
        WORK,
        privacy=Privacy(privacy_class=PrivacyClass.CLASSIFIED),
        tokens=Tokens(input=1000.0, context_p99=500),
        organisation=OrganisationFacts(ops_hours_per_month=0.0),
    )
    found = notes_of(work, facts, decided(facts), WORLD, LIMITS)
    assert [one.rule for one in found] == [
        "S11",
        "H4",
        "S8",
        "S18",
        "S19",
        "S20",
        "S21",
        "S37",
        "S26",
    ]


def test_that_only_classified_text_asks_for_an_accredited_system() -> None:
    for kind in PrivacyClass:
        told = notes._of_class(replace(WORK, privacy=Privacy(privacy_class=kind)))
        assert bool(told) is (kind is PrivacyClass.CLASSIFIED)


def test_that_the_longest_calls_are_no_shorter_than_the_mean_one() -> None:
    def told(**tokens: Any) -> str:
        return said("H4", notes._of_tokens(replace(WORK, tokens=Tokens(**tokens))))

    assert told(input=1000.0, output=500.0, context_p99=1500) == ""
    words = told(input=1000.0, output=500.0, context_p99=1499)
    assert words.index("1,499") < words.index("1,500")
    assert told(input=1000.0) == ""
    embedding = replace(WORK, task=Task.EMBEDDING, tokens=Tokens(input=9.0, cached_input=1.0))
    assert [one.rule for one in notes._of_tokens(embedding)] == ["S3"]
    assert notes._of_tokens(replace(embedding, tokens=Tokens(input=9.0, cached_input=0.0))) == []
    assert notes._of_tokens(replace(embedding, task=Task.CLASSIFICATION)) == []


def test_that_what_was_tested_stands_before_what_is_believed() -> None:
    open_ = case("D17", gate=GateResult.UNMEASURED, task=Task.CLASSIFICATION)
    assert notes._of_quality(open_)[0].rule == "S40"
    assert notes._of_quality(open_)[0].text.endswith("; a belief is no pass")
    assert notes._of_quality(replace(open_, gate=GateResult.PASS)) == []
    tested = replace(open_, tested="m +1 points")
    assert said("S8", notes._of_quality(tested)) == "measured on your prompts: m +1 points"


# What a call costs -------------------------------------------------------------------------------


def call(frontier: float | None, *, calls: float | None = 1000.0, hosted: float = 120.0) -> str:
    facts = case(
        "D7",
        frontier=Unknown("?") if frontier is None else money(frontier * 1000 * MONTH),
        hosted=money(hosted),
        calls_per_day=calls,
    )
    return said("S18", notes._of_calls(facts, decided(facts)))


def test_that_a_call_is_told_with_what_it_costs_now_and_then() -> None:
    # 120 a month over 30,437.5 calls.
    assert call(0.02) == "a call costs $0.02 today and $0.0039 then"
    assert call(None) == ""
    assert call(0.02, calls=None) == ""
    assert call(0.02, calls=0.0) == ""
    stays = case("D6", frontier=money(0.02 * 1000 * MONTH), calls_per_day=1000.0)
    assert said("S18", notes._of_calls(stays, decided(stays))) == "a call costs $0.02 today"


@pytest.mark.parametrize(
    ("usd", "where"),
    [
        (0.000101, ""),
        (0.000099, "below the usual $0.0001 to $0.05"),
        (0.0499, ""),
        (0.0501, "above the usual $0.0001 to $0.05"),
    ],
)
def test_that_a_call_far_from_the_usual_is_to_be_checked(usd: float, where: str) -> None:
    told = call(usd, hosted=9e9)
    assert ("check tokens" in told) is bool(where)
    assert where in told
    free = case("D6", frontier=money(0.0), calls_per_day=1000.0)
    assert "check" not in said("S18", notes._of_calls(free, decided(free)))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "$0.00"),
        (1.0, "$1.00"),
        (0.999, "$1.00"),
        (0.5, "$0.50"),
        (0.25, "$0.25"),
        (0.0123, "$0.012"),
        (0.00039, "$0.00039"),
        (0.0001, "$0.0001"),
        (0.000002, "$0.000002"),
    ],
)
def test_that_small_money_has_two_digits(amount: float, text: str) -> None:
    assert notes._small(amount) == text


def test_that_work_that_may_wait_is_told_of_the_batch_price() -> None:
    rates = row(5.0, 30.0)
    half = replace(rates, batch=row(2.5, 15.0).rates)
    assert WORLD.frontier is not None
    world = replace(WORLD, frontier=replace(WORLD.frontier, row=half))
    work = replace(WORK, volume=replace(WORK.volume, batch_window_hours=24.0))
    # 8,000 calls of 0.8 cents: 1,948 a month, and half of it.
    facts = case("D7", frontier=money(1948.0))

    def told(of: Workload = work, at: World = world, seen: Facts = facts) -> str:
        return said("S3", notes._of_waiting(of, seen, at))

    words = told()
    assert words.index("$974") < words.index("$1,948")
    assert "openai" in words
    assert told(replace(work, volume=WORK.volume)) == ""
    assert told(replace(work, today=replace(work.today, batch_share=0.5))) == ""
    assert told(at=WORLD) == ""
    assert told(at=replace(world, frontier=None)) == ""
    assert told(at=replace(world, frontier=replace(WORLD.frontier, row=None))) == ""
    inside = Lock(rules=("H1r",), inside=frozenset({HOSTED}))
    assert told(seen=replace(facts, lock=inside)) == ""
    assert told(seen=replace(facts, frontier=money(974.0))) == ""
    assert told(seen=replace(facts, frontier=money(975.0))) != ""
    assert told(seen=replace(facts, frontier=Unknown("?"))) == ""
    assert told(replace(work, tokens=Tokens())) == ""


def test_that_who_waits_for_a_minute_is_told() -> None:
    def told(seconds: float | None, work: Workload = WORK, **changes: Any) -> str:
        work = replace(work, task=changes.pop("task", Task.CHAT))
        facts = case("D12")
        facts = replace(facts, machine=replace(host(facts), **changes))
        figure: Figure = Unknown("?") if seconds is None else sure(seconds)
        behind = known(Details(of={HERE: Detail(latency_p95_s=figure)}))
        return said("S23", notes._of_slow_answers(work, facts, decided(facts, behind=behind)))

    assert told(59.9) == ""
    assert "longer than 1 min" in told(60.0)
    assert "longer than 5 min" in told(300.0)
    assert told(None) == ""
    assert told(300.0, replace(WORK, p95_seconds=5.0)) == ""
    waits = replace(WORK, volume=replace(WORK.volume, batch_window_hours=8.0))
    assert told(300.0, waits) == ""
    assert told(300.0, fits=None) == ""
    assert told(300.0, fits=False) == ""
    awaited = {Task.CHAT, Task.CODE, Task.LONG_AGENTIC, Task.USER_FACING_ANALYTIC}
    for task in Task:
        assert bool(told(300.0, task=task)) is (task in awaited)
    nobody = case("D7")
    assert notes._of_slow_answers(replace(WORK, task=Task.CHAT), nobody, decided(nobody)) == []


# Machines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (1500.0, ""),
        (1499.0, "less than a workstation"),
        (400_000.0, ""),
        (400_001.0, "four servers of $100,000"),
    ],
)
def test_that_a_price_far_from_such_machines_is_to_be_checked(price: float, words: str) -> None:
    facts = case("D8", buy=replace(bought(case("D8")), price_usd=money(price)))
    told = said("S19", notes._of_price(facts))
    assert bool(told) is bool(words)
    assert words in told
    assert notes._of_price(case("D8", buy=None)) == []
    gap = case("D8", buy=replace(bought(case("D8")), price_usd=Unknown("?")))
    assert notes._of_price(gap) == []


def test_that_no_care_at_all_is_doubted_of_machines() -> None:
    none = replace(WORK, organisation=OrganisationFacts(ops_hours_per_month=0.0))
    some = replace(WORK, organisation=OrganisationFacts(ops_hours_per_month=1.0))
    for option in Option:
        verdict = decided(case("D12"), option=option)
        asks = option in (HERE, BUY, SPLIT, RENT)
        assert bool(notes._of_care(none, verdict)) is asks
        assert notes._of_care(some, verdict) == []
        assert notes._of_care(WORK, verdict) == []


def growth(facts: Facts, **changes: Any) -> str:
    return said("S21", notes._of_growth(facts, decided(facts, **changes), LIMITS))


def test_that_ten_times_the_load_is_told_of_the_machine() -> None:
    facts = case("D12")

    def peak(value: float, **more: Any) -> Facts:
        return replace(facts, machine=replace(host(facts), peak_utilisation=money(value), **more))

    assert growth(peak(0.08)) == (
        "ten times the load still fits: the busiest hour needs 80 % of the machine"
    )
    # 0.81 x 10 over 0.8: eleven of them; at 8.1 erlangs one slot turns nine of ten away.
    told = growth(peak(0.81), option=HERE)
    assert "needs 8.1 times one machine: 11 of them" in told
    assert told.endswith("or 89 % of its calls overflow")
    locked = replace(peak(0.81), lock=Lock(rules=("H1",), inside=frozenset()))
    assert growth(locked, option=HERE).endswith("11 of them")
    window = peak(0.5, strain=strain(1.0, window=8.0))
    assert "the window needs" in growth(window)
    assert "overflow" not in growth(window)
    unknown = replace(facts, machine=replace(host(facts), peak_utilisation=Unknown("?")))
    assert growth(unknown, option=HERE) == ""
    for option in (CLOUD, HOSTED, RENT):
        assert growth(peak(0.5), option=option) == ""
    both = replace(peak(0.02), buy=replace(bought(case("D8")), peak_utilisation=money(0.05)))
    assert "20 %" in growth(both)
    assert "50 %" in growth(both, option=BUY)
    assert "50 %" in growth(replace(both, machine=None), option=SPLIT)
    assert growth(replace(both, buy=None), option=BUY) == ""


def test_that_what_is_not_worth_a_machine_is_looked_at_again() -> None:
    facts = case("D10")
    told = said("S35", notes._of_later(facts, decided(facts), LIMITS))
    assert "more than 50 calls a day (now 50) were seen for 28 days" in told
    unknown = replace(facts, calls_per_day=None)
    assert "(now not known)" in said("S35", notes._of_later(unknown, decided(unknown), LIMITS))
    assert notes._of_later(case("D7"), decided(case("D7")), LIMITS) == []


def test_that_a_rented_hour_and_a_purchase_are_told() -> None:
    def told(option: Option, world: World = WORLD, **facts: Any) -> list[Caution]:
        seen = case("D12", **facts)
        return notes._of_renting(seen, decided(seen, option=option), world)

    assert told(HERE) == []
    assert "RTX 4090 is listed at $0.50 an hour" in said("S42", told(RENT))
    assert told(RENT, replace(WORLD, rentals=())) == []
    board = replace(RTX_4090, name="L40S")
    both = replace(WORLD, rentals=(*WORLD.rentals, Listed(profile=board, usd=sure(0.9))))
    named = said("S42", told(RENT, both, rented=HostFacts(option=RENT, machine="L40S")))
    assert "L40S is listed at $0.90" in named
    free = replace(WORLD, rentals=(Listed(profile=board, usd=Unknown("?")),))
    assert told(RENT, free) == []
    assert "($0.20 a kWh counted)" in said("S43", told(BUY))
    assert "kWh" not in said("S43", told(BUY, replace(WORLD, usd_per_kwh=Unknown("?"))))
    assert told(SPLIT) == []
    assert said("S43", told(SPLIT, machine=None)) != ""


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (Point(sure(123.4)), " It is cheaper than renting at $0.50 an hour from 123 busy hours"),
        (Point(Unknown("?"), never=True), " Renting at $0.50 an hour is cheaper however busy"),
        (Point(Unknown("?")), ""),
    ],
)
def test_that_the_hours_from_which_a_purchase_pays_are_told(point: Point, words: str) -> None:
    facts = case("D8")
    horizon = Horizon(outlay=cast("Any", None), against=(), rent_or_buy_hours=point)
    verdict = decided(facts, behind=known(Details(purchase=horizon)))
    found = notes._hours(verdict, 0.5)
    assert found.startswith(words)
    assert bool(found) is bool(words)
    assert notes._hours(verdict, None) == ""
    assert notes._hours(decided(facts), 0.5) == ""
    assert words in said("S43", notes._of_renting(facts, verdict, WORLD))


def test_that_a_machine_pays_back_against_each_bill() -> None:
    facts = case("D8", rent=money(300.0))
    # 3,800 over 20,700, and over 2,300; 300 is what it costs to run.
    assert said("S26", notes._of_break_even(facts)) == (
        "the machine pays back in 0.2 months against today's model, in 1.7 months against a hosted"
        " open-weight model, never against a rented GPU"
    )
    gaps = replace(facts, frontier=Unknown("?"), hosted=Unknown("?"), rent=Unknown("?"))
    assert notes._of_break_even(gaps) == []
    assert notes._of_break_even(replace(facts, buy=None)) == []
    for name in ("price_usd", "opex_usd_month"):
        gap = replace(facts, buy=replace(bought(facts), **{name: Unknown("?")}))
        assert notes._of_break_even(gap) == []


def test_that_a_mac_is_measured_before_it_is_counted_on() -> None:
    (board,) = RTX_4090.accelerators
    chip = replace(board, vendor=Vendor.APPLE, kind=AcceleratorKind.UNIFIED)
    mac = replace(RTX_4090, name="M4 Max", accelerators=(chip,))

    def told(machine: Any, peak: float | None, work: Workload = WORK) -> list[Caution]:
        facts = case("D12")
        busy: Figure = Unknown("?") if peak is None else money(peak)
        facts = replace(facts, machine=replace(host(facts), peak_utilisation=busy))
        return notes._of_apple(work, facts, World(machine=machine))

    assert said("S45", told(mac, 0.5)).startswith("M4 Max gives away throughput")
    assert told(mac, 0.49) == []
    assert told(mac, None) == []
    assert told(RTX_4090, 0.9) == []
    assert told(None, 0.9) == []
    other = replace(chip, vendor=Vendor.NVIDIA)
    assert told(replace(mac, accelerators=(other,)), 0.9) == []
    discrete = replace(chip, kind=AcceleratorKind.DISCRETE)
    assert told(replace(mac, accelerators=(discrete,)), 0.9) == []
    assert told(replace(mac, accelerators=(board, chip)), 0.9) != []
    waits = replace(WORK, volume=replace(WORK.volume, batch_window_hours=8.0))
    assert told(mac, 0.9, waits) == []
    facts = case("D8", buy=replace(bought(case("D8")), peak_utilisation=money(0.9)))
    assert notes._of_apple(WORK, facts, World(purchase=mac)) != []


def test_that_an_embedding_step_is_told_to_run_here() -> None:
    def told(work: Workload, world: World = WORLD) -> list[Caution]:
        return notes._of_embedding(work, world)

    def step(name: StepName, where: Where, at: str = "") -> Workload:
        return replace(WORK, steps=(Step(name=name, where=where, host=at),))

    assert told(WORK) == []
    assert told(step(StepName.EMBED, Where.CLOUD))[0].rule == "S46"
    assert told(step(StepName.EMBED, Where.LOCAL)) == []
    assert told(step(StepName.EMBED, Where.LOCAL, "api.example.com"))[0].rule == "S46"
    assert told(step(StepName.GENERATE, Where.CLOUD)) == []
    embedding = replace(WORK, task=Task.EMBEDDING, candidates=replace(WORK.candidates, local=()))
    assert told(embedding)[0].rule == "S47"
    assert told(replace(WORK, task=Task.EMBEDDING)) == []
    small = card("bge-m3", capabilities=frozenset({"embedding"}), size_bytes=1_200_000_000)
    huge = card("bge-large", size_bytes=900_000_000_000)
    both = replace(WORLD, cards=(small, huge))
    assert "run here: bge-m3. The" in said("S47", told(embedding, both))
    nowhere = said("S47", told(embedding, replace(both, machine=None)))
    assert "run here: bge-large, bge-m3. The" in nowhere


# First steps -------------------------------------------------------------------------------------


def test_that_the_first_call_takes_hours_on_what_is_got() -> None:
    facts = case("D12")

    def told(
        option: Option, work: Workload = WORK, world: World = WORLD, seen: Facts = facts
    ) -> str:
        return said("S17", of_setup(work, seen, decided(facts, option=option), world))

    assert "12 hours of set-up" in told(BUY)
    assert told(RENT) != ""
    assert "set-up" not in told(RENT)
    for option in (CLOUD, HOSTED, HERE, SPLIT):
        assert told(option) == ""
    stated = replace(WORK, buy=Purchase(consider=True, setup_hours=5.0))
    assert "5 hours of set-up" in told(BUY, stated)
    bare = replace(WORLD, assumptions=None)
    assert "set-up" not in told(BUY, world=bare)
    assert "5 hours" in told(BUY, stated, bare)
    one = replace(WORK, buy=Purchase(consider=True, setup_hours=1.0))
    assert told(BUY, one).endswith("; 1 hour of set-up is counted")
    # Of each of several, as the bill has them; a month that is quoted whole holds none.
    whole = replace(WORK, quotes=Quotes(buy=HostQuotes(tco_usd_month=400.0)))
    assert "set-up" not in told(BUY, whole)
    three = replace(facts, buy=HostFacts(option=BUY, count=3))
    assert "36 hours of set-up" in told(BUY, seen=three)
    assert "15 hours of set-up" in told(BUY, stated, seen=three)


def test_that_a_trial_is_proposed_where_nothing_is_proven() -> None:
    eight = card("qwen3:8b")
    world = replace(WORLD, cards=(eight,))
    open_ = replace(WORK, candidates=replace(WORK.candidates, local=()))
    facts = case("D17")

    def told(work: Workload = open_, seen: Facts = facts, at: World = world) -> list[str]:
        return [one.rule for one in of_start(work, seen, decided(facts), at)]

    assert told() == ["S39", "S38"]
    assert told(WORK) == ["S39"]
    assert told(at=replace(world, machine=None)) == []
    locked = replace(facts, lock=Lock(rules=("H1",), inside=frozenset()))
    assert told(seen=locked) == []
    assert told(at=replace(world, cards=())) == ["S39"]
    passed = decided(case("D7"))
    assert of_start(open_, facts, passed, world) == []
    frontier = decided(case("D5"))
    assert [one.rule for one in of_start(open_, facts, frontier, world)] == ["S39", "S38"]


def test_that_the_largest_starter_that_fits_is_named() -> None:
    cards = (card("qwen3:8b"), card("qwen3:4b", size_bytes=2_500_000_000))
    world = replace(WORLD, cards=cards)
    assert starter(world).startswith("qwen3:8b fits the RTX 4090")
    none = replace(RTX_4090, accelerators=())
    # On a processor alone the smaller ones are looked at.
    assert starter(replace(world, machine=none)).startswith("qwen3:4b fits")
    scout = card("llama4:scout", size_bytes=67_000_000_000)
    words = starter(replace(world, cards=(*cards, scout)))
    assert "; the guide's other starter, Llama 4 Scout (67 GB), does not" in words
    small = replace(scout, size_bytes=5_200_000_000)
    assert "Scout" not in starter(replace(world, cards=(*cards, small)))
    assert starter(replace(world, machine=None)) == ""
    assert starter(replace(world, cards=())) == ""
    assert fits("qwen3:8b", world, RTX_4090)
    assert not fits("llama4:scout", replace(world, cards=(scout,)), RTX_4090)
    assert not fits("strange:1b", world, RTX_4090)


# Dates of rates ----------------------------------------------------------------------------------


def test_that_listed_rates_behind_open_options_have_a_day() -> None:
    def listed(value: float, day: str) -> Estimated:
        return Estimated(value, value, value, "a list", day)

    board = replace(RTX_4090, name="L40S")
    world = replace(
        WORLD,
        usd_per_kwh=Published(0.2, "a statistic", "2026-01-01"),
        rentals=(Listed(profile=board, usd=listed(0.9, "2026-02-02")),),
    )
    one = replace(
        bought(case("D8")),
        machine="a box",
        usd_month=listed(420.0, ""),
        price_usd=listed(3800.0, "2026-03-03"),
    )
    facts = case("D8", buy=one, rent=listed(500.0, ""))
    verdict = decided(facts)
    assert rate_dates(facts, verdict, world) == (
        RateDate("a kWh of electricity", "a statistic", "2026-01-01"),
        RateDate("an hour of L40S", "a list", "2026-02-02"),
        RateDate("a box", "a list", "2026-03-03"),
    )
    unnamed = replace(facts, buy=replace(one, machine=""))
    assert rate_dates(unnamed, verdict, world)[-1].what == "the machine to buy"
    # What is stated rests on no list; what is out rests on nothing.
    stated = replace(facts, buy=replace(one, usd_month=money(420.0)), rent=money(500.0))
    assert rate_dates(stated, decided(stated), world) == ()
    out = replace(facts, buy=replace(one, fits=False), rent=Unknown("?"))
    assert rate_dates(out, decided(out), world) == ()
    own_price = replace(facts, buy=replace(one, price_usd=Stated(1.0, "buy.price", "2026-03-03")))
    assert len(rate_dates(own_price, decided(own_price), world)) == 2
    undated = replace(world, usd_per_kwh=sure(0.2))
    assert len(rate_dates(facts, verdict, undated)) == 2
    none = replace(world, rentals=())
    assert [one.what for one in rate_dates(facts, verdict, none)] == [
        "a kWh of electricity",
        "a box",
    ]


def test_that_a_rate_is_old_after_so_many_days() -> None:
    dates = (RateDate("a kWh", "a list", "2026-11-01"), RateDate("a box", "b", "no day"))
    assert stale_rates(dates, "2026-12-16", stale_days=45) == ()
    assert stale_rates(dates, "2026-12-17", stale_days=45) == (
        "a kWh: the price is of 2026-11-01, 46 days old (a list)",
    )
