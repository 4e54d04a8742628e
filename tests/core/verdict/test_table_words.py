"""The language of the table: sums that are the same, rules that take a machine out, its words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.table_words import (
    Missing,
    Ruling,
    at_least,
    below,
    busiest,
    called,
    cannot_alone,
    exclusions,
    hybrid_usd,
    model_out,
    rent_out,
    strained,
    too_slow_rented,
    unpriced_hosted,
)
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_verdict import bought, case, host, inside, money

LIMITS = Thresholds()
RENT, HERE = Option.RENT_GPU, Option.LOCAL_THIS_MACHINE


def test_that_sums_that_differ_by_rounding_are_the_same() -> None:
    assert at_least(100.0, 100.0)
    assert at_least(100.0 * (1 - 1e-13), 100.0)
    assert not at_least(100.0 * (1 - 1e-11), 100.0)
    assert at_least(-100.0 * (1 + 1e-13), -100.0)
    assert not at_least(-100.0 * (1 + 1e-11), -100.0)
    assert not below(100.0, 100.0)
    assert not below(100.0 * (1 - 1e-13), 100.0)
    assert below(100.0 * (1 - 1e-11), 100.0)
    assert not below(-100.0 * (1 + 1e-13), -100.0)
    assert below(-100.0 * (1 + 1e-11), -100.0)
    # What is endless is at least endless, and not below itself.
    assert at_least(math.inf, math.inf)
    assert not below(math.inf, math.inf)
    # Next to nothing the larger of both counts.
    assert not at_least(0.0, 1e-3)
    assert below(0.0, 1e-3)
    assert at_least(0.0, -5.0)
    assert not below(5.0, 0.0)


def test_that_a_ruling_is_provisional_while_anything_is_missing() -> None:
    ruling = Ruling(option=HERE, reasons=())
    assert not ruling.provisional
    assert replace(ruling, missing=(Missing("quality.gate", "?"),)).provisional


def test_that_a_machine_is_called_by_its_name_inside_a_sentence() -> None:
    one = HostFacts(option=HERE)
    assert called(one) == "the machine"
    assert called(replace(one, machine="This machine")) == "this machine"
    assert called(replace(one, machine="RTX 4090")) == "RTX 4090"


def test_that_each_rule_takes_a_machine_out_with_what_was_found() -> None:
    facts = case("D12")
    one = host(facts)
    assert exclusions(facts, one) == ()
    assert exclusions(facts, replace(one, fits=None, context_ok=None)) == ()
    flags = ("fits", "context_ok", "capability_ok", "licence_ok")
    bad = replace(one, **dict.fromkeys(flags, False), model="small", machine="RTX 4090")
    failed = replace(facts, gate=GateResult.FAIL)
    assert exclusions(failed, bad) == (
        ("H5", "small failed the quality gate"),
        ("H3", "small does not fit the memory of RTX 4090"),
        ("H4", "the longest calls exceed the context of small"),
        ("H7", "small lacks a capability that is needed"),
        ("H8", "the licence of small excludes this use"),
    )
    noted = replace(bad, notes=tuple((f"H{at}", f"note {at}") for at in (3, 4, 7, 8)))
    assert [text for _, text in exclusions(facts, noted)] == [
        "note 3",
        "note 4",
        "note 7",
        "note 8",
    ]
    for flag, name in zip(flags, ("H3", "H4", "H7", "H8"), strict=True):
        assert [rule for rule, _ in exclusions(facts, replace(one, **{flag: False}))] == [name]
    assert exclusions(failed, one) == (("H5", "the local model failed the quality gate"),)


def test_that_a_model_is_out_where_every_machine_says_so() -> None:
    facts = case("D12", buy=bought(case("D8")))
    forbidden: dict[str, Any] = {"licence_ok": False, "model": "small"}
    assert model_out(facts) == ""
    one = replace(facts, machine=replace(host(facts), **forbidden))
    assert model_out(one) == ""
    both = replace(one, buy=replace(bought(one), capability_ok=False, model="small"))
    assert model_out(both) == "H8: the licence of small excludes this use"
    assert model_out(replace(one, buy=None)) == "H8: the licence of small excludes this use"
    bought_only = replace(both, machine=None)
    assert model_out(bought_only) == "H7: small lacks a capability that is needed"
    assert model_out(replace(facts, machine=None, buy=None)) == ""
    # What does not fit here may be rented.
    small = replace(facts, machine=replace(host(facts), fits=False, context_ok=False), buy=None)
    assert model_out(small) == ""
    assert rent_out(both) == ("H8", "the licence of small excludes this use")
    assert rent_out(facts) == ("", "")


def test_that_a_board_that_is_too_slow_is_not_rented() -> None:
    board = HostFacts(option=RENT, machine="L40S")
    facts = case("D14", rented=board)
    assert too_slow_rented(facts) == ""
    assert too_slow_rented(case("D14")) == ""
    for changes in ({"late": True}, {"misses_window": True}):
        slow = replace(facts, rented=replace(board, **changes))
        assert "L40S" in too_slow_rented(slow)
        assert rent_out(slow) == ("H6", too_slow_rented(slow))
    fine = replace(facts, rented=replace(board, late=False, misses_window=False))
    assert too_slow_rented(fine) == ""


@pytest.mark.parametrize(
    ("changes", "alone", "words"),
    [
        ({}, False, "the busiest hour needs 40 % of what the machine serves"),
        ({"peak_utilisation": money(0.999)}, False, "100 % of"),
        ({"peak_utilisation": money(1.0)}, True, "100 % of"),
        ({"peak_utilisation": money(1.99)}, True, "199 % of"),
        ({"peak_utilisation": money(2.0)}, True, "needs 2.0 times what"),
        ({"late": True}, True, "the slowest of twenty answers"),
        ({"late": True, "peak_utilisation": money(1.0)}, True, "the busiest hour needs 100 %"),
        ({"misses_window": True}, True, "does not clear the batch window"),
        ({"misses_window": True, "notes": (("H6", "told"),)}, True, "told"),
        ({"late": True, "notes": (("H6", "told"),)}, True, "told"),
        ({"notes": (("H6", "told"),)}, False, "told"),
    ],
)
def test_that_what_a_machine_cannot_do_alone_is_said(
    changes: dict[str, Any], alone: bool, words: str
) -> None:
    one = replace(host(case("D12")), **changes)
    assert cannot_alone(one) is alone
    peak = one.peak_utilisation
    assert not isinstance(peak, Unknown)
    assert words in busiest(one, peak.value)  # type: ignore[union-attr]
    unknown = replace(one, peak_utilisation=Unknown("?"))
    assert cannot_alone(unknown) is bool(one.late or one.misses_window)


def test_that_the_first_machine_that_is_too_busy_is_strained() -> None:
    facts = case("D12", buy=bought(case("D9")))
    assert strained(facts, LIMITS) is facts.buy
    busy = replace(facts, machine=replace(host(facts), peak_utilisation=money(0.81)))
    assert strained(busy, LIMITS) is busy.machine
    limit = replace(facts, machine=replace(host(facts), peak_utilisation=money(0.8)))
    assert strained(limit, LIMITS) is facts.buy
    late = replace(facts, machine=replace(host(facts), late=True))
    assert strained(late, LIMITS) is late.machine
    unknown = replace(facts, machine=replace(host(facts), peak_utilisation=Unknown("?")), buy=None)
    assert strained(unknown, LIMITS) is None
    assert strained(replace(facts, machine=None), LIMITS) is facts.buy


def test_that_a_split_is_billed_by_what_stays_of_the_tokens() -> None:
    one = replace(host(case("D13")), absorbed_token_share=money(0.9))
    assert hybrid_usd(one, 900.0) == pytest.approx(20 + 90)
    assert hybrid_usd(host(case("D13")), 900.0) == pytest.approx(20 + 198)
    assert hybrid_usd(replace(one, split_part=0.5), 900.0) == pytest.approx(10 + 90)
    assert hybrid_usd(one, None) is None
    assert hybrid_usd(replace(one, usd_month=Unknown("?")), 900.0) is None
    gap = Unknown("?")
    blind = replace(one, absorbed_token_share=gap, absorbed_share=gap)
    assert hybrid_usd(blind, 900.0) is None


def test_that_a_hosted_price_that_nobody_looked_at_is_told() -> None:
    facts = case("D12", hosted=Unknown("?"))
    assert unpriced_hosted(facts)
    assert not unpriced_hosted(case("D12"))
    assert not unpriced_hosted(replace(facts, hosted_allowed=False))
    assert not unpriced_hosted(replace(facts, gate_hosted=GateResult.FAIL))
    assert not unpriced_hosted(replace(facts, lock=inside(Option.CLOUD_FRONTIER)))
    assert unpriced_hosted(replace(facts, gate_hosted=GateResult.UNMEASURED))
