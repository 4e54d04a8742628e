"""What the table says on its way: every reason, what each takes out, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.quick_table import lead
from landfall.core.verdict.table_numbers import reading
from landfall.core.verdict.table_words import Ruling
from landfall.core.workload.privacy import NO_LOCK, Leak, Lock, Option
from landfall.core.workload.workload import Organisation, Task
from tests.core.verdict.test_verdict import LOCAL_ONLY, any_facts, bought, case, host, inside, money

LIMITS = Thresholds()
CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE


def said(ruling: Ruling) -> list[str]:
    """Each reason in short: "not" where it does not hold, what it takes out, a word of it."""
    return [
        f"{'' if one.met else 'not '}{one.rule}"
        + (f" out {one.excludes.value}" if one.excludes else "")
        for one in ruling.reasons
    ]


def lacks(ruling: Ruling) -> list[str]:
    return [one.field for one in ruling.missing]


# What the worked decisions (verdict_cases.json) say: option, bar, machine, reasons, what is
# missing, whether a purchase was looked at, whether money was.
WORKED: dict[str, tuple[Any, ...]] = {
    "D1": (HERE, None, HERE, ["H1"], [], False, False),
    "D2": (HERE, None, HERE, ["H1", "H1b"], [], False, False),
    "D3": (BUY, None, BUY, ["H1", "H3 out LOCAL_THIS_MACHINE"], [], False, False),
    "D4": (NOWHERE, None, None, ["H1", "H3 out LOCAL_THIS_MACHINE", "not "], [], False, False),
    "D5": (CLOUD, None, None, ["F1"], ["quality.gate", "quality.gate_hosted"], False, False),
    "D6": (CLOUD, None, None, ["H5 out LOCAL_THIS_MACHINE"], [], False, False),
    "D7": (HOSTED, HOSTED, None, ["S27", "not S7"], [], True, True),
    "D8": (BUY, HOSTED, BUY, ["S27", "S6", "S7", "S8"], [], True, True),
    "D9": (
        SPLIT,
        HOSTED,
        BUY,
        ["S27", "S6", "S7", "S8", "E5"],
        ["quotes.buy.absorbed_share"],
        True,
        True,
    ),
    "D10": (HOSTED, HOSTED, None, ["S27", "not S6", "not S7"], ["volume.history_days"], True, True),
    "D11": (HOSTED, HOSTED, None, ["S27", "not S48"], [], True, True),
    "D12": (HERE, HOSTED, HERE, ["S27", "E2"], [], False, True),
    "D13": (SPLIT, HOSTED, HERE, ["S27", "E5"], [], False, True),
    "D14": (RENT, HOSTED, None, ["S27", "not S6", "E3"], [], True, True),
    "D15": (HOSTED, HOSTED, None, ["S27", "not S6", "S25"], [], True, True),
    "D16": (HERE, None, HERE, ["H2"], [], False, False),
    "D17": (CLOUD, None, None, ["E0"], ["quality.gate", "quality.gate_hosted"], False, False),
    "D18": (HOSTED, HOSTED, None, ["S27", "not S7"], [], True, True),
    "D19": (
        HOSTED,
        HOSTED,
        None,
        ["H5 out LOCAL_THIS_MACHINE", "S27", "not S7", "not "],
        [],
        True,
        True,
    ),
    "D20": (HOSTED, HOSTED, None, ["H1r", "S27", "not S7"], [], True, True),
    "D21": (HERE, None, HERE, ["H1r", "H1"], [], False, False),
    "D22": (SPLIT, HOSTED, HERE, ["S27", "E5"], [], False, True),
    "D23": (NOWHERE, None, None, ["H1", "H5 out LOCAL_THIS_MACHINE", "not "], [], False, False),
}


@pytest.mark.parametrize("name", WORKED)
def test_that_a_worked_decision_is_told_in_full(name: str) -> None:
    ruling = rule(case(name), LIMITS)
    machine = ruling.host.option if ruling.host else None
    assert (
        ruling.option,
        ruling.bar,
        machine,
        said(ruling),
        lacks(ruling),
        ruling.weighed_purchase,
        ruling.economics,
    ) == WORKED[name]
    assert ruling.strained is False


@settings(max_examples=100, deadline=None)
@given(facts=any_facts)
def test_that_the_table_leads_where_its_numbers_lead(facts: Facts) -> None:
    ruling = rule(facts, LIMITS)
    found = lead(*reading(facts), LIMITS)
    assert (found.option, found.bar) == (ruling.option, ruling.bar)
    assert found.on == (ruling.host.option if ruling.host else None)
    assert ruling.economics == (ruling.bar is not None) or "H1" in said(ruling)
    assert len(ruling.reasons) == len(set(ruling.reasons))
    assert len(lacks(ruling)) == len(set(lacks(ruling)))


# Figures in words --------------------------------------------------------------------------------


def text(ruling: Ruling, name: str, *, met: bool = True) -> str:
    return next(one.text for one in ruling.reasons if one.rule == name and one.met is met)


def test_that_reasons_name_the_sums_that_they_compare() -> None:
    owned = rule(case("D12"), LIMITS)
    assert text(owned, "E2").index("$20") < text(owned, "E2").index("$260")
    split = text(rule(case("D13"), LIMITS), "E5")
    # 20, and 22 % of 900.
    assert split.index("$218") < split.index("$900")
    rented = text(rule(case("D14"), LIMITS), "E3")
    assert rented.index("$700") < rented.index("$3,000")
    assert "$2,600" in text(rule(case("D8"), LIMITS), "S7")
    small = text(rule(case("D7"), LIMITS), "S7", met=False)
    assert small.index("$120") < small.index("$1,000")
    assert "130 %" in text(rule(case("D9"), LIMITS), "E5")
    facts = case("D8", rent=Unknown("?"))
    dear = rule(replace(facts, buy=replace(bought(facts), usd_month=money(2200.0))), LIMITS)
    assert text(dear, "E4", met=False).index("$2,200") < text(dear, "E4", met=False).index("$2,600")
    slow = rule(replace(facts, buy=replace(bought(facts), price_usd=money(30_000.0))), LIMITS)
    assert "$30,000" in text(slow, "E4", met=False)
    assert "12 months" in text(slow, "E4", met=False)


def test_that_what_speaks_against_a_forecast_is_said_together() -> None:
    facts = case("D10", history_days=None, calls_per_day=None)
    ruling = rule(facts, LIMITS)
    assert text(ruling, "S6", met=False) == (
        "the volume is unknown; no observed days are stated; the calls a day are not stated"
    )
    assert lacks(ruling) == ["volume.history_days", "volume.calls_per_day"]
    few = rule(case("D10", history_days=27, calls_per_day=50.0), LIMITS)
    assert "27 of 28 days observed" in text(few, "S6", met=False)
    assert "50 calls a day are too few" in text(few, "S6", met=False)
    assert few.missing[0].reason == "27 of 28 days observed"
    enough = rule(
        case("D8", history_days=28, calls_per_day=50.1, predictability=Predictability.PREDICTABLE),
        LIMITS,
    )
    assert said(enough) == ["S27", "S6", "S7", "S8"]
    assert enough.missing == ()


def test_that_a_leak_says_where_it_goes() -> None:
    known = Leak(step="embed", where="cloud", host="api.example.com", why="it runs in the cloud")
    facts = case("D16", leaks=(known, replace(known, step="rank", host="")))
    told = [one.text for one in rule(facts, LIMITS).reasons if one.rule == "H1b"]
    assert "embed (api.example.com) still leaves; it runs in the cloud" in told[0]
    assert "rank still leaves" in told[1]


# Under a lock ------------------------------------------------------------------------------------


def test_that_a_busy_machine_under_a_lock_is_strained() -> None:
    facts = case("D1")

    def strained(**changes: Any) -> bool:
        ruling = rule(replace(facts, machine=replace(host(facts), **changes)), LIMITS)
        assert ruling.option is HERE
        return ruling.strained

    assert not strained(peak_utilisation=money(0.8))
    assert strained(peak_utilisation=money(0.81))
    assert strained(late=True)
    assert strained(misses_window=True)
    assert not strained(late=False, misses_window=False)
    unknown = rule(
        replace(facts, machine=replace(host(facts), peak_utilisation=Unknown("?"))), LIMITS
    )
    assert (unknown.option, unknown.strained) == (HERE, False)
    assert lacks(unknown) == ["quotes.machine.peak_utilisation"]


def test_that_each_absent_machine_is_named_once() -> None:
    facts = case("D4", buy=None)
    ruling = rule(facts, LIMITS)
    assert said(ruling) == ["H1", "H3 out LOCAL_THIS_MACHINE", "not "]
    assert ruling.reasons[-1].text == facts.buy_absent
    only = replace(case("D3"), machine=None)
    assert said(rule(replace(only, buy=replace(bought(only), fits=False)), LIMITS)) == [
        "H1",
        "H3 out LOCAL_BUY",
        "not ",
    ]
    none = case("D1", machine=None, buy=None, gate=GateResult.FAIL)
    assert said(rule(none, LIMITS)) == ["H1", "H5 out LOCAL_THIS_MACHINE", "not ", "not "]
    passed = case("D1", machine=None, buy=None)
    assert said(rule(passed, LIMITS)) == ["H1", "not ", "not "]
    one = case("D1", machine=None, gate=GateResult.FAIL)
    assert said(rule(one, LIMITS)) == ["H1", "H5 out LOCAL_BUY", "not "]


def test_that_what_is_not_known_of_a_machine_is_missing_key_by_key() -> None:
    facts = case("D1")
    keys = ("fits", "context_ok", "licence_ok", "capability_ok")
    open_ = replace(
        host(facts), **dict.fromkeys(keys), notes=(("licence_ok", "confirm that it allows this"),)
    )
    ruling = rule(replace(facts, machine=open_, buy=None), LIMITS)
    assert ruling.option is NOWHERE
    assert lacks(ruling) == [f"quotes.machine.{key}" for key in keys]
    assert [one.reason for one in ruling.missing] == [
        "not known",
        "not known",
        "confirm that it allows this",
        "not known",
    ]
    for key in keys[1:]:
        told = rule(replace(facts, machine=replace(host(facts), **{key: None})), LIMITS)
        assert (told.option, lacks(told)) == (HERE, [f"quotes.machine.{key}"])


def test_that_a_gate_under_a_lock_is_asked_for_unless_it_failed() -> None:
    open_ = rule(case("D1", gate=GateResult.INCONCLUSIVE), LIMITS)
    assert [(one.field, one.reason) for one in open_.missing] == [
        ("quality.gate", "the local candidate is inconclusive")
    ]
    assert rule(case("D1"), LIMITS).missing == ()


def test_that_both_rules_of_a_lock_are_named_with_what_it_says() -> None:
    ruling = rule(case("D1", lock=LOCAL_ONLY), LIMITS)
    assert [(one.rule, one.text) for one in ruling.reasons] == [("H1", "yours")]
    for name in ("H1", "H2"):
        lock = Lock(rules=(name,), inside=frozenset())
        assert rule(case("D8", lock=lock), LIMITS).economics is False
    assert rule(case("D8", lock=NO_LOCK), LIMITS).economics is True


# The defaults ------------------------------------------------------------------------------------


def test_that_an_unproven_default_says_what_to_measure() -> None:
    def told(gate: GateResult, hosted: GateResult, **changes: Any) -> tuple[list[str], list[str]]:
        ruling = rule(case("D17", gate=gate, gate_hosted=hosted, **changes), LIMITS)
        assert ruling.option is CLOUD
        return said(ruling), lacks(ruling)

    fail, open_ = GateResult.FAIL, GateResult.UNMEASURED
    both = ["quality.gate", "quality.gate_hosted"]
    assert told(open_, open_) == (["E0"], both)
    assert told(fail, fail) == (["H5 out LOCAL_THIS_MACHINE"], [])
    assert told(fail, open_) == (["H5 out LOCAL_THIS_MACHINE", "E0"], ["quality.gate_hosted"])
    assert told(open_, fail) == (["H5 out HOSTED_OPEN", "E0"], ["quality.gate"])
    # A hosted candidate that is not allowed, or none, is not spoken of.
    assert told(open_, fail, hosted_allowed=False) == (["E0"], ["quality.gate"])
    assert told(open_, open_, hosted_allowed=False) == (["E0"], ["quality.gate"])
    assert told(open_, open_, hosted_offered=False) == (["E0"], ["quality.gate"])
    assert told(fail, open_, hosted_offered=False) == (["H5 out LOCAL_THIS_MACHINE"], [])
    assert told(fail, GateResult.INCONCLUSIVE) == (
        ["H5 out LOCAL_THIS_MACHINE", "E0"],
        ["quality.gate_hosted"],
    )
    assert told(open_, open_, task=Task.NOVEL) == (["F1"], both)


def test_that_task_words_are_written_as_words() -> None:
    assert text(rule(case("D5"), LIMITS), "F1").startswith("user facing analytic stays")
    assert rule(case("D17"), LIMITS).missing[1].reason == "the hosted candidate is inconclusive"


# Money -------------------------------------------------------------------------------------------


def test_that_a_hosted_bar_is_looked_at_first_and_its_gate_asked_for() -> None:
    unproven = rule(case("D12", gate_hosted=GateResult.UNMEASURED), LIMITS)
    assert (unproven.bar, said(unproven)) == (CLOUD, ["E2"])
    assert lacks(unproven) == ["quality.gate_hosted"]
    failed = rule(case("D12", gate_hosted=GateResult.FAIL), LIMITS)
    assert said(failed) == ["H5 out HOSTED_OPEN", "E2"]
    assert lacks(failed) == []
    forbidden = rule(case("D12", gate_hosted=GateResult.FAIL, hosted_allowed=False), LIMITS)
    assert said(forbidden) == ["E2"]
    unpriced = rule(case("D12", hosted=Unknown("no table has it")), LIMITS)
    assert (unpriced.bar, said(unpriced)) == (CLOUD, ["E2"])
    assert [(one.field, one.reason) for one in unpriced.missing] == [
        ("quotes.hosted_open_usd_month", "no table has it")
    ]
    frontier = rule(case("D12", frontier=Unknown("?")), LIMITS)
    assert (frontier.bar, lacks(frontier)) == (HOSTED, ["quotes.cloud_frontier_usd_month"])


def test_that_at_a_tie_the_bar_is_where_it_runs_today() -> None:
    assert rule(case("D7", frontier=money(120.0)), LIMITS).bar is CLOUD
    assert rule(case("D7", frontier=money(120.01)), LIMITS).bar is HOSTED


def test_that_without_a_cloud_the_bar_is_what_is_left() -> None:
    only = rule(case("D12", lock=inside(HOSTED)), LIMITS)
    assert (only.bar, lacks(only)) == (HOSTED, [])
    rent = rule(case("D14", lock=inside(RENT)), LIMITS)
    assert (rent.option, rent.bar) == (RENT, RENT)
    board = HostFacts(option=RENT, late=True)
    late = rule(case("D14", lock=inside(RENT), rented=board), LIMITS)
    assert late.bar is None
    beside = case("D14", lock=inside(RENT, HOSTED), gate_hosted=GateResult.UNMEASURED)
    unproven = rule(beside, LIMITS)
    assert (unproven.bar, lacks(unproven)) == (RENT, ["quality.gate_hosted"])
    assert rule(replace(beside, rented=board), LIMITS).bar is HOSTED
    assert rule(case("D14", lock=inside(HOSTED), gate=GateResult.UNMEASURED), LIMITS).bar is HOSTED


def test_that_a_full_machine_that_a_split_does_not_help_is_out() -> None:
    facts = case("D13")
    poor = replace(facts, machine=replace(host(facts), absorbed_share=money(0.1)))
    ruling = rule(poor, LIMITS)
    assert "H6 out LOCAL_THIS_MACHINE" in said(ruling)
    # Above the limit, and not full: it stays, and is not named.
    busy = replace(
        facts,
        machine=replace(host(facts), absorbed_share=money(0.1), peak_utilisation=money(0.9)),
    )
    assert not any(one.startswith("H6") for one in said(rule(busy, LIMITS)))
    # A split of exactly a fifth less is taken: 20 and 700 of 900.
    share = money(1 - 700 / 900)
    exact = replace(facts, machine=replace(host(facts), absorbed_share=share))
    assert rule(exact, LIMITS).option is SPLIT


def test_that_a_purchase_that_cannot_keep_up_is_out_where_a_split_saves_too_little() -> None:
    facts = case("D9", rent=Unknown("?"))
    poor = replace(facts, buy=replace(bought(facts), absorbed_share=money(0.2)))
    ruling = rule(poor, LIMITS)
    assert said(ruling) == ["S27", "not E5", "H6 out LOCAL_BUY"]
    # 420 and four fifths of 2,600.
    assert "$2,500" in text(ruling, "E5", met=False)
    busy = replace(
        poor, buy=replace(bought(poor), absorbed_share=money(0.2), peak_utilisation=money(0.9))
    )
    assert said(rule(busy, LIMITS)) == ["S27", "not E5"]


def test_that_what_is_not_known_of_a_purchase_is_missing() -> None:
    facts = case("D8", rent=money(5000.0))
    for field, key in (
        ("usd_month", "tco_usd_month"),
        ("opex_usd_month", "opex_usd_month"),
        ("price_usd", "price"),
        ("peak_utilisation", "peak_utilisation"),
    ):
        gap = replace(facts, buy=replace(bought(facts), **{field: Unknown("nobody said")}))
        ruling = rule(gap, LIMITS)
        assert (ruling.option, lacks(ruling)) == (HOSTED, [f"quotes.buy.{key}"])
        assert ruling.missing[0].reason == "nobody said"
    nothing = rule(replace(facts, buy=None, buy_absent="none is considered"), LIMITS)
    assert text(nothing, "", met=False) == "no hardware option: none is considered"


def test_that_growth_counts_for_bills_that_follow_it() -> None:
    facts = case("D8", rent=Unknown("?"), growth=2.0, growing=frozenset({HOSTED}))
    dear = replace(facts, buy=replace(bought(facts), usd_month=money(4160.0)))
    # A fifth of the 5,200 that it comes to.
    assert rule(dear, LIMITS).option is BUY
    dearer = replace(dear, buy=replace(bought(facts), usd_month=money(4160.1)))
    assert rule(dearer, LIMITS).option is HOSTED
    assert rule(replace(dear, growing=frozenset({CLOUD})), LIMITS).option is HOSTED


def test_that_rent_that_is_too_slow_is_out_and_a_model_that_is_out_is_not_rented() -> None:
    facts = case("D14")
    board = HostFacts(option=RENT, machine="L40S", late=True)
    late = rule(replace(facts, rented=board), LIMITS)
    assert late.option is HOSTED
    assert "H6 out RENT_GPU" in said(late)
    assert "L40S" in text(late, "H6")
    window = rule(replace(facts, rented=replace(board, late=False, misses_window=True)), LIMITS)
    assert "H6 out RENT_GPU" in said(window)
    fine = rule(replace(facts, rented=replace(board, late=False)), LIMITS)
    assert fine.option is RENT
    gap = rule(replace(facts, rent=Unknown("no board")), LIMITS)
    assert (gap.option, lacks(gap)) == (HOSTED, ["quotes.rent_gpu_usd_month"])
    # Where the bar is rent it is not rented against itself.
    assert said(rule(case("D15", lock=inside(RENT)), LIMITS))[-1] != "S25"


def test_that_a_startup_buys_and_rents_nothing() -> None:
    ruling = rule(case("D8", organisation=Organisation.STARTUP), LIMITS)
    assert (ruling.option, said(ruling)) == (HOSTED, ["S27", "not S48"])
    assert rule(case("D14", organisation=Organisation.STARTUP), LIMITS).option is HOSTED
