"""What a kept verdict rests on, ground by ground, and how a change of one is told."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from landfall.core.provenance import Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict import staleness
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.staleness import Ground, GroundKind, Kept, grounds, kept_of, stale
from landfall.core.verdict.world import Listed
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_assembling import RTX_4090, sure
from tests.core.verdict.test_staleness import FACTS, LIMITS, WORK, WORLD, found, texts

Kind = GroundKind


def told(kind: GroundKind, **changes: Any) -> list[tuple[str, str]]:
    return [(one.what, one.value) for one in found(**changes) if one.kind is kind]


def test_that_prices_are_grounds_with_their_numbers() -> None:
    assert told(Kind.PRICE) == [
        (
            "m at openai",
            "input $1.25 ($2.5 above 200000), cached $0.125, cache write $1.5,"
            " cache write for an hour $2, output $10, a call $0.01; batch input $0.6, output $5",
        ),
        ("H100 SXM by the hour", "$2.69"),
        ("a kilowatt-hour", "$0.17"),
        ("an hour of work", "$80"),
    ]
    box = HostFacts(option=Option.LOCAL_BUY, machine="a box", price_usd=Unknown("?"))
    bought = replace(FACTS, buy=box)
    assert ("a box", "not known") in told(Kind.PRICE, facts=bought)
    priced = replace(FACTS, buy=replace(box, price_usd=Stated(1234567.8, "t")))
    assert ("a box", "$1.23457e+06") in told(Kind.PRICE, facts=priced)
    unnamed = replace(FACTS, buy=replace(box, machine=""))
    assert told(Kind.PRICE, facts=unnamed) == told(Kind.PRICE)
    board = Listed(profile=RTX_4090, usd=sure(0.5))
    two = replace(WORLD, rentals=(*WORLD.rentals, board))
    rented = replace(FACTS, rented=HostFacts(option=Option.RENT_GPU, machine="RTX 4090"))
    assert ("RTX 4090 by the hour", "$0.5") in told(Kind.PRICE, facts=rented, world=two)
    bare = replace(WORLD, rentals=(), frontier=None)
    assert [what for what, _ in told(Kind.PRICE, world=bare)] == [
        "a kilowatt-hour",
        "an hour of work",
    ]


def test_that_machines_are_their_boards_or_their_memory() -> None:
    assert told(Kind.MACHINE, world=replace(WORLD, machine=RTX_4090)) == [
        ("RTX 4090", f"{RTX_4090.accelerators[0].name} with 24 GiB")
    ]
    none = replace(RTX_4090, accelerators=())
    assert told(Kind.MACHINE, world=replace(WORLD, machine=none, purchase=RTX_4090))[0] == (
        "RTX 4090",
        "no accelerator, 32 GiB",
    )
    dark = replace(RTX_4090.accelerators[0], memory_total_bytes=None)
    unknown = replace(RTX_4090, accelerators=(dark, dark))
    words = f"{dark.name} with unknown memory"
    assert told(Kind.MACHINE, world=replace(WORLD, machine=unknown)) == [
        ("RTX 4090", f"{words}, {words}")
    ]


def test_that_models_speeds_quality_and_thresholds_are_grounds() -> None:
    ((model, words),) = told(Kind.MODEL)
    assert (model, words.partition(", ")[0]) == ("qwen3:8b", "Q4_K_M")
    assert " B, " in words
    assert told(Kind.MEASUREMENT) == [
        ("qwen3:8b reading", "1000 tokens/s"),
        ("qwen3:8b writing", "50 tokens/s"),
    ]
    assert told(Kind.QUALITY) == [
        ("the local candidate", "unmeasured"),
        ("the hosted candidate", "unmeasured"),
    ]
    judged = replace(FACTS, gate=GateResult.PASS, tested="tests", voted="votes")
    assert told(Kind.QUALITY, facts=judged)[0] == (
        "the local candidate",
        "pass (tests; votes)",
    )
    limits = dict(told(Kind.THRESHOLD))
    assert set(limits) == {one.name for one in fields(Thresholds)}
    assert (limits["saving_min_share"], limits["routing_bill_min_usd_month"]) == ("0.2", "10000")
    assert told(Kind.VOLUME) == []
    (work,) = told(Kind.WORKLOAD)
    assert work[0] == "as it is stated"
    assert len(work[1]) == 12
    assert len(staleness.digest(found())) == 16
    both = replace(FACTS, buy=HostFacts(option=Option.LOCAL_BUY, model="qwen3:8b"))
    assert told(Kind.MODEL, facts=both) == told(Kind.MODEL)
    bought = replace(FACTS, machine=None, buy=both.buy)
    assert told(Kind.MODEL, facts=bought) == told(Kind.MODEL)
    strange = replace(FACTS, machine=HostFacts(option=Option.LOCAL_BUY, model="no:1b"))
    assert told(Kind.MODEL, facts=strange) == []


def test_that_a_series_is_a_ground_by_its_volume() -> None:
    series: Any = SeriesSummary
    world = replace(WORLD, series=series)
    assert told(Kind.VOLUME, world=world) == [("volume", "1000 calls a day, unknown")]
    silent = replace(FACTS, calls_per_day=None)
    assert told(Kind.VOLUME, world=world, facts=silent) == []


@pytest.mark.parametrize(
    ("was", "now", "alike"),
    [
        ("100 tokens/s", "110 tokens/s", True),
        ("100 tokens/s", "111 tokens/s", False),
        ("100 tokens/s", "90 tokens/s", True),
        ("100 tokens/s", "89 tokens/s", False),
        ("100 calls a day, x", "100 calls a day, y", False),
    ],
)
def test_that_measurements_are_alike_within_a_tenth(was: str, now: str, alike: bool) -> None:
    for kind in Kind:
        measured = kind in (Kind.MEASUREMENT, Kind.VOLUME)
        assert staleness._alike(kind, was, now) is (alike and measured)
    assert not staleness._alike(Kind.VOLUME, None, now)
    assert not staleness._alike(Kind.VOLUME, was, None)


@pytest.mark.parametrize(
    ("kind", "was", "now", "words"),
    [
        (Kind.PRICE, "1", "2", "the price of a_b changed from 1 to 2"),
        (Kind.PRICE, None, "2", "the price of a_b is 2 now and was not known"),
        (Kind.PRICE, "1", None, "the price of a_b was 1 and is not looked at any more"),
        (Kind.THRESHOLD, "1", "2", "the threshold a b changed from 1 to 2"),
        (Kind.WORKLOAD, "1", "2", "the workload is stated anew"),
        (Kind.MODEL, "1", "2", "the model a_b changed from 1 to 2"),
        (Kind.MACHINE, "1", "2", "the machine a_b changed from 1 to 2"),
    ],
)
def test_that_a_change_is_told_from_what_to_what(
    kind: GroundKind, was: str | None, now: str | None, words: str
) -> None:
    before = () if was is None else (Ground(kind, "a_b", was),)
    after = () if now is None else (Ground(kind, "a_b", now),)
    assert staleness._changes(before, after) == [words]
    assert staleness._changes(after, after) == []


def test_that_age_and_grounds_are_told_of_a_kept_verdict() -> None:
    bare = Kept(as_of="2026-11-20", option="X", grounds=())
    assert texts(found(), kept=bare, today="2026-12-19") == []
    assert len(texts(found(), kept=bare, today="2026-12-20")) == 1
    undated = replace(bare, as_of="one day")
    assert stale(undated, found(), "2026-12-20", LIMITS) == ()
    same = grounds(WORK, FACTS, WORLD, LIMITS)
    assert same == found()


def test_that_a_document_gives_back_what_was_kept() -> None:
    whole = {
        "as_of": "2026-11-20",
        "verdict": "HOSTED_OPEN",
        "rests_on": {
            "grounds": [
                ["price", "a", "b"],
                ["nothing", "a", "b"],
                ["price", "a"],
                ["price", "a", 3],
            ]
        },
    }
    assert kept_of(whole) == Kept(
        as_of="2026-11-20", option="HOSTED_OPEN", grounds=(Ground(Kind.PRICE, "a", "b"),)
    )
    for name in ("as_of", "verdict"):
        assert kept_of({**whole, name: None}) is None
    for rests in (None, [], {"grounds": None}, {}):
        found_again = kept_of({**whole, "rests_on": rests})
        assert found_again is not None
        assert found_again.grounds == ()
