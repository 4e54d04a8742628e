"""Kept verdicts: what they rest on, and which of it changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Measured, Stated, Unknown
from landfall.core.settings import Thresholds
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.staleness import (
    Ground,
    GroundKind,
    Kept,
    changed_workload,
    digest,
    grounds,
    kept_of,
    stale,
    to_json,
)
from landfall.core.verdict.world import Listed, Priced, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Candidates, Need, Task, Volume, Workload
from landfall.services.models import shipped_catalogue

LIMITS = Thresholds()
CATALOGUE = shipped_catalogue.load()
ROW = PriceRow(
    provider="openai",
    model="m",
    rates=Rates(
        input=Rate(1.25, ((200_000, 2.5),)),
        output=Rate(10.0),
        cached=Rate(0.125),
        cache_write=Rate(1.5),
        cache_write_1h=Rate(2.0),
        per_call_usd=0.01,
    ),
    batch=Rates(input=Rate(0.6), output=Rate(5.0)),
    source="a list",
    as_of=date(2026, 11, 1),
)
WORK = Workload(
    name="A", task=Task.CHAT, candidates=Candidates(needs=frozenset({Need.JSON, Need.TOOLS}))
)
HOST = HostFacts(option=Option.LOCAL_THIS_MACHINE, machine="RTX 4090", model="qwen3:8b")
FACTS = Facts(task=Task.CHAT, calls_per_day=1000.0, machine=HOST)


def rate(value: float) -> Measured:
    return Measured(value, "2026-11-20", "a run")


WORLD = World(
    machine=CATALOGUE.what_if("RTX 4090"),
    cards=CATALOGUE.models,
    frontier=Priced(provider="openai", model="m", row=ROW),
    rentals=(Listed(profile=CATALOGUE.what_if("H100 SXM"), usd=Stated(2.69, "t")),),
    usd_per_kwh=Stated(0.17, "t"),
    measured={"qwen3:8b": (rate(1000.0), rate(50.0))},
)


def found(
    facts: Facts = FACTS,
    world: World = WORLD,
    limits: Thresholds = LIMITS,
    work: Workload = WORK,
) -> tuple[Ground, ...]:
    return grounds(work, facts, world, limits)


KEPT = Kept(as_of="2026-11-20", option="HOSTED_OPEN", grounds=found())


def texts(now: tuple[Ground, ...], *, today: str = "2026-11-25", kept: Kept = KEPT) -> list[str]:
    return [one.text for one in stale(kept, now, today, LIMITS)]


def test_that_nothing_changed_says_nothing() -> None:
    assert texts(found()) == []
    assert digest(found()) == digest(tuple(reversed(found())))


def test_that_it_expires_by_age_alone() -> None:
    assert texts(found(), today="2026-12-19") == []
    assert texts(found(), today="2026-12-20") == [
        "re-check: it is 30 days old, and 30 are the most"
    ]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (
            found(
                world=replace(
                    WORLD,
                    frontier=Priced(
                        provider="openai",
                        model="m",
                        row=replace(ROW, rates=Rates(input=Rate(2.0)), batch=None),
                    ),
                )
            ),
            "the price of m at openai changed from input $1.25 ($2.50 above 200000), cached $0.125,"
            " cache write $1.50, cache write for an hour $2, output $10, a call $0.01;"
            " batch input $0.60, output $5 to input $2",
        ),
        (
            found(world=replace(WORLD, usd_per_kwh=Stated(0.3, "t"))),
            "the price of a kilowatt-hour changed from $0.17 to $0.30",
        ),
        (
            found(world=replace(WORLD, usd_per_kwh=Unknown("?"))),
            "the price of a kilowatt-hour changed from $0.17 to not known",
        ),
        (
            found(world=replace(WORLD, rentals=())),
            "the price of H100 SXM by the hour was $2.69 and is not looked at any more",
        ),
        (
            found(limits=replace(LIMITS, saving_min_share=0.1)),
            "the threshold saving min share changed from 0.2 to 0.1",
        ),
        (
            found(world=replace(WORLD, measured={"qwen3:8b": (rate(1000.0), rate(30.0))})),
            "the measured speed of qwen3:8b writing changed from 50 tokens/s to 30 tokens/s",
        ),
    ],
)
def test_that_it_says_which_ground_changed_and_from_what_to_what(
    now: tuple[Ground, ...], says: str
) -> None:
    assert texts(now) == [f"re-check: {says}"]


def test_that_another_machine_and_another_model_are_named() -> None:
    here = replace(WORLD, machine=CATALOGUE.what_if("RTX 3090"))
    said = texts(found(world=here))
    assert said[0].startswith("re-check: the machine RTX 4090 was RTX 4090 with 24 GiB")
    assert said[1].startswith("re-check: the machine RTX 3090 is RTX 3090 with 24 GiB now")
    other = replace(FACTS, machine=replace(HOST, model="qwen3:4b"))
    assert any("the model qwen3:4b is Q4_K_M" in text for text in texts(found(facts=other)))
    bare = CATALOGUE.what_if("RTX 3090")
    plain = replace(WORLD, machine=replace(bare, accelerators=()))
    assert any("no accelerator" in text for text in texts(found(world=plain)))
    blind = replace(bare.accelerators[0], memory_total_bytes=None)
    dark = replace(WORLD, machine=replace(bare, accelerators=(blind,)))
    assert any("unknown memory" in text for text in texts(found(world=dark)))


def test_that_a_purchase_is_a_price_too() -> None:
    buy = HostFacts(
        option=Option.LOCAL_BUY, machine="RTX 5090", model="qwen3:8b", price_usd=Stated(4000.0, "t")
    )
    said = texts(found(facts=replace(FACTS, buy=buy)))
    assert said == ["re-check: the price of RTX 5090 is $4,000 now and was not known"]


@pytest.mark.parametrize(("writes", "alike"), [(54.9, True), (45.1, True), (55.1, False)])
def test_that_a_run_that_varies_as_runs_do_is_no_change(writes: float, *, alike: bool) -> None:
    now = found(world=replace(WORLD, measured={"qwen3:8b": (rate(1000.0), rate(writes))}))
    assert (texts(now) == []) is alike


def test_that_a_rate_that_was_never_measured_is_no_ground() -> None:
    world = replace(WORLD, measured={"qwen3:8b": (Unknown("no"), rate(50.0))})
    kinds = [one.what for one in found(world=world) if one.kind is GroundKind.MEASUREMENT]
    assert kinds == ["qwen3:8b writing"]


def test_that_a_series_counts_by_its_volume_and_class(monkeypatch: pytest.MonkeyPatch) -> None:
    world = replace(WORLD, series=_series())
    kept = replace(KEPT, grounds=found(world=world))
    more = replace(FACTS, calls_per_day=1050.0)
    assert texts(found(facts=more, world=world), kept=kept) == []
    much = replace(FACTS, calls_per_day=2000.0)
    assert texts(found(facts=much, world=world), kept=kept) == [
        "re-check: the observed volume changed from 1000 calls a day, unknown to"
        " 2000 calls a day, unknown"
    ]


def _series() -> Any:
    return SeriesSummary.__new__(SeriesSummary)


def test_that_what_the_user_states_anew_is_a_new_verdict_however_it_is_written() -> None:
    other = replace(WORK, volume=Volume(calls_per_day=5.0))
    assert changed_workload(KEPT, found(work=other))
    again = replace(WORK, candidates=Candidates(needs=frozenset([Need.TOOLS, Need.JSON])))
    assert not changed_workload(KEPT, found(work=again))
    assert "re-check: the workload is stated anew" in texts(found(work=other))


def test_that_a_verdict_of_a_day_to_come_is_to_be_checked_again() -> None:
    ahead = replace(KEPT, as_of="2027-11-25")
    (text,) = texts(found(), kept=ahead)
    assert text == "re-check: it is of 2027-11-25, which is not yet: a clock was wrong"
    assert texts(found(), today="2027-11-25", kept=ahead) == []


def test_that_a_kept_document_comes_back_and_an_old_one_has_only_its_day() -> None:
    document = {"as_of": "2026-11-20", "verdict": "HOSTED_OPEN", "rests_on": to_json(found())}
    assert kept_of(document) == KEPT
    assert document["rests_on"]["digest"] == digest(found())  # type: ignore[index]
    old = kept_of({"as_of": "2026-10-01", "verdict": "HYBRID"})
    assert old == Kept(as_of="2026-10-01", option="HYBRID", grounds=())
    assert texts(found(), kept=old) == ["re-check: it is 55 days old, and 30 are the most"]
    odd = {**document, "rests_on": {"grounds": [["nonsense", "a", "b"], "x", ["price", 1, 2]]}}
    assert kept_of(odd) == Kept(as_of="2026-11-20", option="HOSTED_OPEN", grounds=())
    assert kept_of({"verdict": "HYBRID"}) is None
    assert kept_of({"as_of": "2026-10-01"}) is None
    broken = replace(KEPT, as_of="someday")
    assert texts(found(), kept=broken) == []
