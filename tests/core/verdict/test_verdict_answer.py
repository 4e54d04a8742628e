"""The answer for one workload: what each of its fields is taken from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Unknown, band, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.details import NOTHING_BEHIND, Detail, Details
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.verdict import (
    UNDECIDED,
    Confidence,
    Flip,
    Means,
    Verdict,
    decide,
)
from landfall.core.verdict.worlds import MeasureNext, Worlds, worlds_json, worlds_text
from landfall.core.workload.privacy import Leak, Option
from tests.core.demand.test_strain import strain
from tests.core.verdict.test_verdict import bought, case, host, money

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
LIMITS = Thresholds()


def decided(facts: Facts, **more: Any) -> Verdict:
    return decide("A", facts, limits=LIMITS, as_of="2026-11-23", **more)


def test_that_a_verdict_has_what_it_was_made_of() -> None:
    facts = case("D12")
    flips = (Flip(input="x", now=1.0, at=2.0, relative=1.0, verdict_then=BUY),)
    sure = Confidence(word="high", p_best=0.9)
    found = decided(facts, confidence=sure, flips=flips)
    assert (found.workload, found.option, found.bar) == ("A", HERE, HOSTED)
    assert (found.confidence, found.flips) == (sure, flips)
    assert (found.provisional, found.missing, found.leaks) == (False, (), ())
    assert (found.as_of, found.expires_on) == ("2026-11-23", "2026-12-23")
    assert (found.worlds, found.behind) == (None, NOTHING_BEHIND)
    assert decided(facts).confidence == UNDECIDED == Confidence(word="low", p_best=None)
    assert found.local_share == 1.0
    assert band(found.saving) == (880.0, 880.0, 880.0)
    assert found.line(SPLIT) is not None
    assert replace(found, options=()).line(SPLIT) is None
    assert found.detail(HERE) == Detail()
    open_ = decided(case("D17"))
    assert open_.provisional
    leak = Leak(step="embed", where="cloud", host="", why="")
    assert decided(case("D16", leaks=(leak,))).leaks == (leak,)


def test_that_details_are_made_of_where_the_table_leads() -> None:
    seen: list[Option] = []

    def detail(ruling: Any) -> Details:
        seen.append(ruling.option)
        return Details(of={HERE: Detail(assumes=("x",))}, would_hold="a box")

    found = decided(case("D12"), detail=detail)
    assert seen == []
    assert found.details.would_hold == "a box"
    assert found.detail(HERE).assumes == ("x",)
    assert found.detail(BUY) == Detail()
    assert seen == [HERE]


@pytest.mark.parametrize(
    ("name", "share"),
    [("D12", 1.0), ("D8", 1.0), ("D13", 0.78), ("D9", None), ("D4", None), ("D7", 0.0)],
)
def test_that_the_local_share_is_of_the_calls(name: str, share: float | None) -> None:
    assert decided(case(name)).local_share == share
    assert decided(case("D14")).local_share == 0.0
    assert decided(case("D6")).local_share == 0.0


def test_that_means_are_named_of_the_option_and_of_what_was_looked_at() -> None:
    def called(one: HostFacts, name: str) -> HostFacts:
        return replace(one, model=f"model of {name}", machine=name)

    board = HostFacts(option=RENT, machine="L40S", model="model of L40S")
    own, box = called(host(case("D12")), "mine"), called(bought(case("D8")), "box")
    facts = case("D12", machine=own, buy=box, rented=board, hosted_model="h", hosted_provider="p")
    assert decided(facts).means == Means(
        model="model of mine", bought="box", rented="L40S", hosted="h", provider="p"
    )
    rents = case("D14", buy=box, rented=replace(board, late=False))
    assert decided(rents).option is RENT
    assert decided(rents).means.model == "model of L40S"
    hosted = case("D7", buy=box, rented=board)
    assert decided(hosted).means.model == "model of box"
    assert decided(replace(hosted, buy=None)).means == Means(model="model of L40S", rented="L40S")
    assert decided(replace(hosted, buy=None, rented=None)).means == Means()
    bought_one = case("D8", buy=box, machine=replace(own, fits=False))
    assert decided(bought_one).means.model == "model of box"


def test_that_the_load_is_of_the_machine_of_the_verdict_or_at_hand() -> None:
    one, two = strain(1.0), strain(2.0)
    own = replace(host(case("D12")), strain=one, machine="mine", model="m")
    box = replace(bought(case("D8")), strain=two, machine="box")
    here = decided(case("D12", machine=own, buy=box)).load
    assert here is not None
    assert (here.machine, here.model, here.strain, here.most_busy) == ("mine", "m", one, 0.8)
    out = decided(case("D8", machine=replace(own, fits=False), buy=box)).load
    assert out is not None
    assert out.machine == "box"
    hosted = decided(case("D7", machine=replace(own, fits=False), buy=box)).load
    assert hosted is not None
    assert hosted.machine == "mine"
    only = decided(case("D7", buy=box)).load
    assert only is not None
    assert only.machine == "box"
    assert decided(case("D12")).load is None
    assert decided(case("D7", buy=None)).load is None


def test_that_what_was_beaten_is_told_nearest_first() -> None:
    found = decided(case("D12", buy=bought(case("D8")), rent=money(25.0)))
    told = [(one.option, middle(one.more_usd_month)) for one in found.beat]
    assert told == [(RENT, 5.0), (HOSTED, 240.0), (BUY, 400.0), (CLOUD, 880.0)]
    assert found.beat[0].why == "$5.00 a month more"
    gap = decided(case("D12", rent=Unknown("?"))).beat[-1]
    assert (gap.option, gap.more_usd_month) == (RENT, Unknown("?"))


WORLDS = Worlds(
    draws=100,
    p_best={HERE: 0.6, HOSTED: 0.4},
    saving_mean=5.0,
    saving_p05=1.0,
    saving_p95=9.0,
    regret_usd_month=3.0,
    measure=MeasureNext(path="buy.price", why="get a quote", regret_left_usd_month=2.0),
)


def test_that_drawn_worlds_are_told_from_a_dollar_on() -> None:
    told = worlds_text(WORLDS)
    assert told == (
        "being wrong costs about $3 a month in the mean; get a quote (buy.price): that leaves $2"
        " of it"
    )
    assert worlds_text(replace(WORLDS, measure=None)) == (
        "being wrong costs about $3 a month in the mean"
    )
    assert worlds_text(replace(WORLDS, regret_usd_month=0.99)) == ""
    assert worlds_text(replace(WORLDS, regret_usd_month=1.0)) != ""
    assert worlds_text(replace(WORLDS, regret_usd_month=None)) == ""
    assert worlds_json(WORLDS) == {
        "draws": 100,
        "p_best": {"LOCAL_THIS_MACHINE": 0.6, "HOSTED_OPEN": 0.4},
        "saving_usd_month": {"mean": 5.0, "p05": 1.0, "p95": 9.0},
        "regret_usd_month": 3.0,
        "measure": {"input": "buy.price", "why": "get a quote", "regret_left_usd_month": 2.0},
    }
    none = worlds_json(replace(WORLDS, saving_mean=None, measure=None))
    assert (none["saving_usd_month"], none["measure"]) == (None, None)
