"""What is warned of beside a verdict: when, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.cautions import expires_on, warnings_of
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.table_words import Reason, Ruling
from landfall.core.workload.privacy import Leak, Option
from landfall.core.workload.workload import Motive, Organisation
from tests.core.verdict.test_verdict import case

LIMITS = Thresholds()
CLOUD, HOSTED = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN
HERE, SPLIT = Option.LOCAL_THIS_MACHINE, Option.HYBRID


def warned(facts: Facts | None = None, *, option: Option = HOSTED, **ruling: Any) -> list[str]:
    """The warnings, of a ruling that is not made out of the facts."""
    values: dict[str, Any] = {"reasons": ()} | ruling
    found = warnings_of(facts or case("D8"), Ruling(option=option, **values), LIMITS, "2026-11-23")
    return [f"{one.rule} {one.text}" for one in found]


def rules(facts: Facts | None = None, **ruling: Any) -> list[str]:
    return [one.partition(" ")[0] for one in warned(facts, **ruling)]


def test_that_a_quiet_verdict_has_no_warning() -> None:
    assert warned() == []


def test_that_leaks_and_queues_are_warned_of() -> None:
    first = Leak(step="embed", where="cloud", host="", why="")
    second = Leak(step="rank", where="vendor", host="", why="")
    told = warned(case("D8", leaks=(first, second)))
    assert told == ["AP6 steps leave the machine: embed:cloud, rank:vendor"]
    assert rules(strained=True) == ["H6"]


def test_that_unproven_outdated_and_voted_quality_is_warned_of() -> None:
    assert rules(reasons=(Reason("E0", "x"),)) == ["S39"]
    assert rules(reasons=(Reason("F1", "x"),)) == []
    assert warned(case("D8", outdated=("it is old", "another model"))) == [
        "S51 a quality run no longer counts: it is old",
        "S51 a quality run no longer counts: another model",
    ]
    told = warned(case("D8", voted="12 blind votes on m"))
    assert told[0].endswith(": 12 blind votes on m")
    # The same words are said once.
    assert len(warned(case("D8", outdated=("it is old", "it is old")))) == 1


@pytest.mark.parametrize(
    ("calls", "days", "expected"),
    [
        (20_000.0, 90, []),
        (50.0, 90, ["volume does not justify hardware"]),
        (50.1, 90, []),
        (20_000.0, 28, []),
        (20_000.0, 27, ["volume not yet observed"]),
        (20_000.0, None, ["volume not yet observed"]),
        (None, 90, ["volume not yet observed"]),
        (10.0, 5, ["volume does not justify hardware", "volume not yet observed"]),
    ],
)
def test_that_a_weighed_purchase_asks_for_an_observed_volume(
    calls: float | None, days: int | None, expected: list[str]
) -> None:
    facts = case("D8", calls_per_day=calls, history_days=days)
    told = warned(facts, weighed_purchase=True)
    assert told == [f"AP1 {text}" for text in expected]
    assert warned(facts) == []


def test_that_a_startup_is_told_wherever_a_cloud_may_be_taken() -> None:
    facts = case("D8", organisation=Organisation.STARTUP)
    assert rules(facts) == ["AP5"]
    for name in ("H1", "H2"):
        assert rules(facts, reasons=(Reason(name, "x"),)) == []
        assert rules(facts, reasons=(Reason(name, "x"),), economics=True) == ["AP5"]
    assert rules(facts, reasons=(Reason("H1r", "x"),)) == ["AP5"]


def test_that_a_hosted_price_is_asked_for_where_money_is_looked_at() -> None:
    facts = case("D8", hosted=Unknown("?"))
    assert rules(facts, economics=True) == ["AP7"]
    assert rules(facts) == []
    assert rules(replace(facts, gate_hosted=GateResult.FAIL), economics=True) == []


def test_that_motives_and_circumstances_are_warned_of() -> None:
    assert rules(case("D8", motive=Motive.COMMODITISE)) == ["AP2"]
    assert rules(case("D8", motive=Motive.OWN_AI)) == ["AP3"]
    assert rules(case("D8", motive=Motive.NONE)) == []
    assert rules(case("D8", local_infrastructure=False)) == ["AP9"]
    assert rules(case("D8", local_infrastructure=True)) == []
    assert rules(case("D8", local_infrastructure=None)) == []


def test_that_only_a_split_below_the_bill_of_a_routing_layer_is_warned() -> None:
    for bill, expected in ((9999.0, ["AP4"]), (10_000.0, []), (None, [])):
        facts = case("D8", total_ai_bill_usd_month=bill)
        assert rules(facts, option=SPLIT) == expected
        assert rules(facts, option=HERE) == []


def test_that_critical_work_is_not_moved_at_once() -> None:
    facts = case("D8", critical=True)
    for option in Option:
        stays = option in (CLOUD, Option.LOCAL_REQUIRED_NOT_FEASIBLE)
        assert rules(facts, option=option) == ([] if stays else ["AP8"])


@pytest.mark.parametrize(
    ("day", "warns"),
    [
        ("2026-11-22", False),
        ("2026-11-23", True),
        # Ninety days after the 23rd of November.
        ("2027-02-21", True),
        ("2027-02-22", False),
        ("some day", False),
    ],
)
def test_that_a_model_that_ends_within_a_quarter_is_warned_of(day: str, warns: bool) -> None:
    facts = case("D8", retiring=((HOSTED, "m at p", day),))
    assert rules(facts) == (["R1"] if warns else [])
    assert rules(facts, option=CLOUD) == []
    # Of a split what it overflows to counts.
    assert rules(facts, option=SPLIT, bar=HOSTED) == (["R1"] if warns else [])
    assert rules(facts, option=SPLIT, bar=CLOUD) == []
    assert rules(facts, option=CLOUD, bar=HOSTED) == []
    if warns:
        assert warned(facts)[0].startswith(f"R1 m at p is not served after {day}")


def test_that_a_price_is_old_after_forty_five_days() -> None:
    fresh = case("D8", price_dates=(("m", "a table", "2026-10-09"),))
    assert warned(fresh) == []
    old = case("D8", price_dates=(("m", "a table", "2026-10-08"), ("n", "b", "never")))
    assert warned(old) == ["S51 m: the price is 46 days old (a table)"]


def test_that_the_most_pressing_comes_first() -> None:
    facts = case(
        "D8",
        leaks=(Leak(step="embed", where="cloud", host="", why=""),),
        voted="votes",
        organisation=Organisation.STARTUP,
        motive=Motive.OWN_AI,
        retiring=((HOSTED, "m", "2026-12-01"),),
        price_dates=(("m", "t", "2026-01-01"),),
    )
    assert rules(facts) == ["AP6", "S39", "AP5", "AP3", "R1", "S51"]


def test_that_a_verdict_expires_after_thirty_days() -> None:
    assert expires_on("2026-11-23", LIMITS) == "2026-12-23"
    assert expires_on("2026-11-23T10:00:00", replace(LIMITS, verdict_stale_days=1)) == "2026-11-24"
