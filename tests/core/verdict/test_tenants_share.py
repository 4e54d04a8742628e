"""What a workload asks of the machine that it shares: memory, hours, money, field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.fit.fit import FitRequest
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import memory_budget
from landfall.core.machine.machines import nothing_known
from landfall.core.provenance import Estimated, Stated, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.tenants import busy_hours, tenant
from landfall.core.verdict.together import Tenant
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.verdict.world import OnHosts, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import HostQuotes, Purchase, Quotes, Workload
from tests.core.verdict.test_assembling import RTX_4090, WORLD, seconds
from tests.core.verdict.test_details import LISTED, LOCKED, OPEN, PASSED

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID


def made(
    option: Option,
    workload: Workload = PASSED,
    world: World = WORLD,
    *,
    bar: Option | None = HOSTED,
    **changes: Any,
) -> Tenant:
    """A tenant of a verdict that is led to an option, whatever the facts say."""
    assembler = Assembler(world)
    facts = replace(assembler.facts(workload), **changes.pop("facts", {}))
    verdict: Verdict = decide("A", facts, limits=Thresholds(), as_of="2026-11-23")
    verdict = replace(verdict, option=option, bar=bar, reasons=(), **changes)
    return tenant(workload, facts, verdict, assembler)


def test_that_an_owned_machine_is_asked_for_memory_and_hours() -> None:
    found = made(HERE)
    facts = Assembler(WORLD).facts(PASSED)
    assert facts.machine is not None
    budget = memory_budget(RTX_4090)
    need = price(WORLD.cards[0], RTX_4090, budget, FitRequest(context=8192, parallel=1)).fit.need
    assert found == Tenant(
        workload="A",
        option=HERE,
        machine="RTX 4090",
        model="small:8b",
        need_bytes=need.total_bytes,
        weights_bytes=need.weights_bytes,
        budget_bytes=budget.total_bytes,
        busy=found.busy,
        waits=False,
        locked=False,
        before=facts.frontier,
        after=facts.machine.usd_month,
        elsewhere=facts.hosted,
        capital=Stated(0.0, "owned already"),
    )
    # A thousand calls in each of eight hours.
    share = 1000 * seconds() / 3600
    assert sorted(found.busy) == pytest.approx([0.0] * 16 + [share] * 8)


def test_that_a_purchase_is_asked_for_what_is_paid_once() -> None:
    found = made(BUY)
    facts = Assembler(WORLD).facts(PASSED)
    assert facts.buy is not None
    # 3,000 less a quarter and twelve hours of setting up, over 36 months.
    assert middle(found.capital) == pytest.approx(2250 / 36 + 12 * 80 / 36)
    assert (found.machine, found.after) == ("RTX 4090", facts.buy.usd_month)
    # A month that is quoted holds no set-up.
    quoted = replace(PASSED, quotes=Quotes(buy=HostQuotes(tco_usd_month=400.0)))
    assert middle(made(BUY, quoted).capital) == pytest.approx(2250 / 36)
    losing = replace(facts.buy, usd_month=Stated(5.0, "t"), opex_usd_month=Stated(9.0, "t"))
    assert middle(made(BUY, facts={"buy": losing}).capital) == 0.0
    unnamed = replace(facts.buy, machine="", model="")
    told = made(BUY, facts={"buy": unnamed})
    assert (told.machine, told.model) == ("RTX 4090", "small:8b")
    two = replace(PASSED, candidates=replace(PASSED.candidates, local=("small:8b", "embed")))
    assert made(BUY, two, facts={"buy": unnamed}).model == "small:8b"
    assert facts.machine is not None
    here = made(HERE, facts={"machine": replace(facts.machine, machine="", model="")})
    assert (here.machine, here.model) == ("the machine", "small:8b")


def test_that_several_share_what_they_hold() -> None:
    much = replace(OPEN, volume=replace(OPEN.volume, calls_per_day=66_000.0))
    found = made(BUY, much, LISTED)
    one = memory_budget(RTX_4090)
    assert found.machine == "3 boxes of RTX 4090"
    assert found.budget_bytes == 3 * one.total_bytes
    # Each answers one call at a time.
    assert found.need_bytes == made(BUY).need_bytes
    hosts = replace(WORLD, on=OnHosts(names=("a", "b"), described=True, slots={"small:8b": 8}))
    shared = made(HERE, world=hosts)
    need = price(WORLD.cards[0], RTX_4090, one, FitRequest(context=8192, parallel=4)).fit.need
    assert shared.need_bytes == need.total_bytes
    assert shared.budget_bytes == 2 * one.total_bytes


def test_that_memory_is_not_known_without_a_model_or_a_machine() -> None:
    strange = replace(PASSED, candidates=replace(PASSED.candidates, local=("strange:1b",)))
    for found in (
        made(HERE, strange),
        made(HERE, world=replace(WORLD, machine=nothing_known("box"))),
        made(BUY, world=replace(WORLD, purchase=None)),
    ):
        assert (found.need_bytes, found.weights_bytes, found.budget_bytes) == (None, 0, None)
    # A processor alone has its main memory.
    alone = made(HERE, world=replace(WORLD, machine=replace(RTX_4090, accelerators=())))
    assert alone.budget_bytes is not None
    long = replace(PASSED, tokens=replace(PASSED.tokens, context_p99=90_000))
    trained = price(
        WORLD.cards[0], RTX_4090, memory_budget(RTX_4090), FitRequest(context=40_960)
    ).fit.need
    # A context beyond what the model was trained for is not held.
    assert made(HERE, long).need_bytes == trained.total_bytes


def test_that_each_verdict_takes_its_own_machine() -> None:
    for option in (CLOUD, HOSTED, RENT, Option.LOCAL_REQUIRED_NOT_FEASIBLE):
        found = made(option)
        assert (found.machine, found.busy, found.budget_bytes) == ("", (), None)
        assert found.before == Assembler(WORLD).facts(PASSED).frontier
    assert made(Option.LOCAL_REQUIRED_NOT_FEASIBLE).after == Unknown("nothing can run it")
    assert middle(made(SPLIT).capital) == 0.0
    assembler = Assembler(WORLD)
    facts = assembler.facts(PASSED)
    verdict = decide("A", facts, limits=Thresholds(), as_of="2026-11-23")
    for met, capital in ((True, True), (False, False)):
        reasons = (Reason("S6", "x", met=met),)
        split = replace(verdict, option=SPLIT, reasons=reasons)
        found = tenant(PASSED, facts, split, assembler)
        assert bool(middle(found.capital)) is capital
    other = replace(verdict, option=SPLIT, reasons=(Reason("S7", "x"),))
    assert middle(tenant(PASSED, facts, other, assembler).capital) == 0.0


def test_that_a_lock_without_a_bar_has_nowhere_to_go() -> None:
    locked = made(HERE, LOCKED, bar=None)
    assert locked.locked
    assert locked.elsewhere == Unknown("no other option is open to it")
    assert not made(HERE, LOCKED, bar=HOSTED).locked
    assert not made(HERE, bar=None).locked
    assert made(HERE, bar=CLOUD).elsewhere == Assembler(WORLD).facts(PASSED).frontier


def test_that_hours_follow_the_profile_the_window_and_what_is_stated() -> None:
    def hours(workload: Workload = PASSED, **host: Any) -> tuple[float, ...]:
        assembler = Assembler(WORLD)
        found = assembler.facts(workload).machine
        assert found is not None
        return busy_hours(workload, assembler.load(workload), replace(found, **host))

    hourly = (3600.0, 1800.0, *(0.0,) * 22)
    work = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=5400.0, hourly_calls=hourly))
    half = {"peak_utilisation": Stated(0.5, "t")}
    assert hours(work, **half)[:3] == pytest.approx((0.5, 0.25, 0.0))
    # An estimate of the peak changes nothing.
    assert hours(PASSED, peak_utilisation=Estimated(0.5, 0.5, 0.5, "t")) == hours()
    # Above what it serves only what is absorbed is its work.
    twice = {"peak_utilisation": Stated(2.0, "t")}
    assert hours(work, **twice, absorbed_share=Stated(0.7, "t"))[:3] == pytest.approx(
        (0.7, 1.0, 0.0)
    )
    assert hours(work, **twice, absorbed_share=Unknown("?"))[0] == 1.0
    assert hours(work, peak_utilisation=Stated(1.0, "t"), absorbed_share=Stated(0.7, "t"))[0] == 1.0
    waits = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=6.0))
    assert hours(waits) == pytest.approx([8000 * seconds() / 86_400] * 24)
    # Of a window of six hours the peak is a quarter of the day.
    assert hours(waits, **half) == pytest.approx([0.125] * 24)
    long = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=48.0))
    assert hours(long, **half) == pytest.approx([0.5] * 24)
    assert hours(PASSED, strain=None, peak_utilisation=Unknown("?")) == ()
    assert hours(work, strain=None, **half)[0] == 0.5
    nothing = replace(PASSED, volume=replace(PASSED.volume, calls_per_day=0.0))
    assert hours(nothing) == ()


def test_that_work_that_may_wait_says_so() -> None:
    waits = replace(PASSED, volume=replace(PASSED.volume, batch_window_hours=6.0))
    assert made(HERE, waits).waits
    quoted = replace(PASSED, quotes=Quotes(machine=HostQuotes(peak_utilisation=0.5)))
    assert max(made(HERE, quoted).busy) == 0.5
    none = replace(PASSED, buy=Purchase(consider=False))
    assert made(HERE, none).machine == "RTX 4090"
