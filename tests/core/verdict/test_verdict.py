"""The decision table: the worked decisions, its fine print, and what must never happen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.demand.forecast import Predictability
from landfall.core.dollars import usd
from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown, band, origin
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.options import difference
from landfall.core.verdict.table_words import Ruling
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.verdict.verdict_json import to_json
from landfall.core.workload.privacy import NO_LOCK, REMOTE, Leak, Lock, Option
from landfall.core.workload.workload import Motive, Organisation, Task
from tests.core.worked.decisions import facts_of

CASES = json.loads(
    (Path(__file__).parents[2] / "data" / "verdict_cases.json").read_text(encoding="utf-8")
)["cases"]
DECISIONS = {case["id"]: case["inputs"] for case in CASES if case["id"].startswith("D")}
LIMITS = Thresholds()
LOCAL = {
    Option.LOCAL_THIS_MACHINE,
    Option.LOCAL_BUY,
    Option.LOCAL_REQUIRED_NOT_FEASIBLE,
}


def case(name: str, **changes: Any) -> Facts:
    return replace(facts_of(DECISIONS[name]), **changes)


def money(value: float) -> Stated:
    return Stated(value, "test")


def inside(*options: Option) -> Lock:
    return Lock(rules=("H1r",) if options else ("H1r", "H1"), inside=frozenset(options))


LOCAL_ONLY = Lock(rules=("H1",), inside=frozenset(), says="yours")


def host(facts: Facts) -> HostFacts:
    assert facts.machine is not None
    return facts.machine


def bought(facts: Facts) -> HostFacts:
    assert facts.buy is not None
    return facts.buy


def named(ruling: Ruling) -> list[str]:
    return [reason.rule if reason.met else f"not {reason.rule}" for reason in ruling.reasons]


def ruled(facts: Facts, limits: Thresholds = LIMITS) -> tuple[Option, list[str]]:
    ruling = rule(facts, limits)
    return ruling.option, [name for name in named(ruling) if name != "not "]


def decided(facts: Facts) -> Verdict:
    return decide("A", facts, limits=LIMITS, as_of="2026-11-23")


def warned(facts: Facts) -> list[str]:
    return [one.rule for one in decided(facts).warnings]


# Under a lock ------------------------------------------------------------------------------------


def test_that_a_lock_takes_the_owned_machine_before_a_purchase() -> None:
    assert ruled(case("D1")) == (Option.LOCAL_THIS_MACHINE, ["H1"])
    facts = case("D1")
    full = replace(facts, machine=replace(host(facts), fits=False))
    assert ruled(full) == (Option.LOCAL_BUY, ["H1", "H3"])


@pytest.mark.parametrize(
    ("peak", "option", "warns"),
    [
        (0.8, Option.LOCAL_THIS_MACHINE, False),
        (0.81, Option.LOCAL_THIS_MACHINE, True),
        (0.999, Option.LOCAL_THIS_MACHINE, True),
        (1.0, Option.LOCAL_BUY, False),
        (3.0, Option.LOCAL_BUY, False),
    ],
)
def test_that_under_a_lock_a_busy_machine_queues_and_a_full_one_is_out(
    peak: float, option: Option, warns: bool
) -> None:
    facts = case("D1")
    facts = replace(facts, machine=replace(host(facts), peak_utilisation=money(peak)))
    ruling = rule(facts, LIMITS)
    assert ruling.option is option
    assert ("H6" in warned(facts)) is warns
    assert ("H6" in named(ruling)) is (option is Option.LOCAL_BUY)


def test_that_under_a_lock_both_machines_full_is_not_feasible_and_never_hybrid() -> None:
    facts = case("D1")
    facts = replace(
        facts,
        machine=replace(host(facts), peak_utilisation=money(1.4)),
        buy=replace(bought(facts), peak_utilisation=money(1.0)),
    )
    assert ruled(facts) == (Option.LOCAL_REQUIRED_NOT_FEASIBLE, ["H1", "H6", "H6"])


@pytest.mark.parametrize(
    ("flaw", "name"),
    [
        ("fits", "H3"),
        ("context_ok", "H4"),
        ("capability_ok", "H7"),
        ("licence_ok", "H8"),
    ],
)
def test_that_each_hard_rule_takes_a_machine_out_whatever_it_saves(flaw: str, name: str) -> None:
    locked = case("D1", buy=None)
    locked = replace(locked, machine=replace(host(locked), **{flaw: False}))
    assert ruled(locked) == (Option.LOCAL_REQUIRED_NOT_FEASIBLE, ["H1", name])
    free = case("D12")
    free = replace(free, machine=replace(host(free), **{flaw: False}))
    option, rules = ruled(free)
    assert option is Option.HOSTED_OPEN
    assert name in rules
    line = decided(free).line(Option.LOCAL_THIS_MACHINE)
    assert line is not None
    assert line.feasible is False
    assert name in line.why_not


@pytest.mark.parametrize("gate", [GateResult.UNMEASURED, GateResult.INCONCLUSIVE])
def test_that_under_a_lock_an_unmeasured_gate_makes_it_provisional_not_cloud(
    gate: GateResult,
) -> None:
    ruling = rule(case("D1", gate=gate), LIMITS)
    assert ruling.option is Option.LOCAL_THIS_MACHINE
    assert [one.field for one in ruling.missing] == ["quality.gate"]


def test_that_under_a_lock_an_unknown_fit_is_no_fit_and_names_the_key() -> None:
    facts = case("D1", buy=None)
    facts = replace(facts, machine=replace(host(facts), fits=None))
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert ruling.missing[0].field == "quotes.machine.fits"
    line = decided(facts).line(Option.LOCAL_THIS_MACHINE)
    assert line is not None
    assert line.feasible is None


def test_that_under_a_lock_without_any_machine_the_gap_is_shown() -> None:
    facts = case("D1", machine=None, buy=None)
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert [one.text for one in ruling.reasons[1:]] == [facts.machine_absent, facts.buy_absent]
    failed = replace(facts, gate=GateResult.FAIL)
    assert ruled(failed) == (Option.LOCAL_REQUIRED_NOT_FEASIBLE, ["H1", "H5"])


def test_that_offline_and_a_local_class_are_both_named() -> None:
    both = Lock(rules=("H1", "H2"), inside=frozenset())
    assert ruled(case("D1", lock=both)) == (Option.LOCAL_THIS_MACHINE, ["H1", "H2"])
    assert ruled(case("D16")) == (Option.LOCAL_THIS_MACHINE, ["H2"])


def test_that_a_leak_is_named_in_reasons_warnings_and_json() -> None:
    leak = Leak(step="embed", where="cloud", host="api.example.com", why="it runs in the cloud")
    facts = case("D16", leaks=(leak,))
    assert ruled(facts) == (Option.LOCAL_THIS_MACHINE, ["H2", "H1b"])
    document = to_json(decided(facts))
    assert document["leaks"] == ["embed"]
    assert [one["rule"] for one in document["warnings"]] == ["AP6"]


def test_that_a_startup_under_a_lock_may_buy() -> None:
    facts = case("D3", organisation=Organisation.STARTUP)
    assert ruled(facts)[0] is Option.LOCAL_BUY
    assert warned(facts) == []


def test_that_a_startup_is_warned_wherever_a_cloud_is_inside() -> None:
    unproven = {"gate": GateResult.UNMEASURED, "gate_hosted": GateResult.UNMEASURED}
    facts = case("D21", organisation=Organisation.STARTUP, **unproven)
    facts = replace(facts, lock=inside(Option.CLOUD_FRONTIER))
    assert ruled(facts) == (Option.CLOUD_FRONTIER, ["H1r", "E0"])
    assert "AP5" in warned(facts)
    assert "AP5" not in warned(replace(facts, lock=inside(Option.RENT_GPU)))


def test_that_a_lock_asks_for_no_price_and_no_history() -> None:
    facts = case("D1", frontier=Unknown("?"), hosted=Unknown("?"), history_days=None)
    ruling = rule(facts, LIMITS)
    assert (ruling.option, ruling.missing) == (Option.LOCAL_THIS_MACHINE, ())


# A region or approved vendors --------------------------------------------------------------------


def test_that_a_region_with_nothing_inside_is_local() -> None:
    assert ruled(case("D21")) == (Option.LOCAL_THIS_MACHINE, ["H1r", "H1"])


@pytest.mark.parametrize("task", [Task.NOVEL, Task.CLASSIFICATION])
def test_that_the_default_inside_a_region_is_the_frontier_if_it_is_inside(task: Task) -> None:
    facts = case("D21", task=task, gate=GateResult.UNMEASURED, gate_hosted=GateResult.UNMEASURED)
    default = "F1" if task is Task.NOVEL else "E0"
    facts = replace(facts, lock=inside(Option.CLOUD_FRONTIER, Option.HOSTED_OPEN))
    assert ruled(facts) == (Option.CLOUD_FRONTIER, ["H1r", default])
    facts = replace(facts, lock=inside(Option.HOSTED_OPEN))
    assert ruled(facts) == (Option.HOSTED_OPEN, ["H1r", default])
    failed = replace(facts, gate_hosted=GateResult.FAIL)
    option, rules = ruled(failed)
    assert option is Option.LOCAL_THIS_MACHINE
    assert {"H1r", "H1", "H5", default} == set(rules)
    facts = replace(facts, lock=inside(Option.RENT_GPU))
    assert ruled(facts) == (Option.LOCAL_THIS_MACHINE, ["H1r", default, "H1"])


def test_that_with_only_rent_inside_rent_is_the_bar() -> None:
    facts = case("D15", lock=inside(Option.RENT_GPU), buy=None)
    option, rules = ruled(facts)
    assert option is Option.RENT_GPU
    assert "S27" not in rules
    assert "E3" not in rules
    owned = case("D1", lock=inside(Option.RENT_GPU))
    assert ruled(owned) == (Option.LOCAL_THIS_MACHINE, ["H1r", "E2"])


def test_that_a_hosted_price_outside_the_region_is_not_looked_at() -> None:
    facts = case("D8", lock=inside(Option.CLOUD_FRONTIER))
    option, rules = ruled(facts)
    assert option is Option.LOCAL_BUY
    assert rules == ["H1r", "S6", "S7", "S8"]
    assert "AP7" not in warned(replace(facts, hosted=Unknown("?")))
    line = decided(facts).line(Option.HOSTED_OPEN)
    assert line is not None
    assert line.feasible is False


def test_that_a_hybrid_inside_a_region_overflows_to_what_is_inside() -> None:
    facts = case("D13", lock=inside(Option.HOSTED_OPEN))
    ruling = rule(facts, LIMITS)
    assert (ruling.option, ruling.bar) == (Option.HYBRID, Option.HOSTED_OPEN)


def test_that_an_unproven_hosted_candidate_alone_inside_is_the_default_bar() -> None:
    facts = case("D13", lock=inside(Option.HOSTED_OPEN), gate_hosted=GateResult.INCONCLUSIVE)
    facts = replace(facts, machine=replace(host(facts), fits=False))
    option, rules = ruled(facts)
    assert option is Option.HOSTED_OPEN
    assert "S27" not in rules


def test_that_a_failed_hosted_candidate_alone_inside_leaves_local() -> None:
    facts = case("D1", lock=inside(Option.HOSTED_OPEN), gate_hosted=GateResult.FAIL)
    assert ruled(facts) == (Option.LOCAL_THIS_MACHINE, ["H1r", "H5", "H1"])
    forbidden = case("D1", lock=inside(Option.HOSTED_OPEN), hosted_allowed=False)
    assert ruled(forbidden) == (Option.LOCAL_THIS_MACHINE, ["H1r", "H1"])


# Defaults ----------------------------------------------------------------------------------------


def test_that_a_frontier_task_stays_until_any_candidate_passes() -> None:
    facts = case("D5")
    assert ruled(facts) == (Option.CLOUD_FRONTIER, ["F1"])
    passed = replace(facts, gate_hosted=GateResult.PASS)
    assert ruled(passed)[0] is Option.HOSTED_OPEN
    failed = replace(facts, gate=GateResult.FAIL, gate_hosted=GateResult.FAIL)
    assert ruled(failed) == (Option.CLOUD_FRONTIER, ["H5", "F1"])


def test_that_a_failed_gate_alone_is_no_reason_to_measure() -> None:
    assert ruled(case("D6")) == (Option.CLOUD_FRONTIER, ["H5"])
    assert not rule(case("D6"), LIMITS).provisional
    half = case("D6", gate_hosted=GateResult.UNMEASURED)
    assert ruled(half) == (Option.CLOUD_FRONTIER, ["H5", "E0"])
    assert warned(half) == ["S39"]


def test_that_a_hosted_pass_does_not_count_where_hosted_is_not_allowed() -> None:
    facts = case("D19", hosted_allowed=False)
    assert ruled(facts) == (Option.CLOUD_FRONTIER, ["H5"])


def test_that_an_unmeasured_local_model_leaves_the_economics_to_the_hosted_one() -> None:
    ruling = rule(case("D8", gate=GateResult.UNMEASURED, gate_hosted=GateResult.PASS), LIMITS)
    assert ruling.option is Option.HOSTED_OPEN
    assert named(ruling)[:2] == ["H5", "S27"]
    assert ruling.provisional


# Owned machine -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar", "marginal", "option"),
    [
        (260.0, 208.0, Option.LOCAL_THIS_MACHINE),
        (260.0, 208.01, Option.HOSTED_OPEN),
        (100.0, 50.0, Option.LOCAL_THIS_MACHINE),
        (100.0, 50.01, Option.HOSTED_OPEN),
        (0.3 * 700, 0.8 * 0.3 * 700, Option.HOSTED_OPEN),
        (0.1 * 3000, 0.8 * 0.1 * 3000, Option.LOCAL_THIS_MACHINE),
    ],
)
def test_that_an_owned_machine_must_save_fifty_dollars_and_a_fifth(
    bar: float, marginal: float, option: Option
) -> None:
    facts = case("D12", hosted=money(bar))
    facts = replace(facts, machine=replace(host(facts), usd_month=money(marginal)))
    assert ruled(facts)[0] is option


def test_that_an_owned_machine_counts_for_a_startup_and_a_short_history() -> None:
    facts = case("D12", organisation=Organisation.STARTUP, history_days=3, calls_per_day=40.0)
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.LOCAL_THIS_MACHINE
    assert [one.field for one in ruling.missing] == ["volume.history_days"]
    assert warned(facts) == ["AP5"]


def test_that_a_split_is_taken_only_where_it_still_saves() -> None:
    facts = case("D13")
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.HYBRID
    assert decided(facts).local_share == 0.78
    poor = replace(facts, machine=replace(host(facts), absorbed_share=money(0.1)))
    option, rules = ruled(poor)
    assert option is Option.HOSTED_OPEN
    assert "H6" in rules
    unknown = replace(facts, machine=replace(host(facts), absorbed_share=Unknown("?")))
    found = rule(unknown, LIMITS)
    assert found.option is Option.HOSTED_OPEN
    assert "quotes.machine.absorbed_share" in {one.field for one in found.missing}


@pytest.mark.parametrize("flag", ["late", "misses_window"])
def test_that_a_late_machine_overflows_instead_of_serving_alone(flag: str) -> None:
    facts = case("D12")
    late = replace(host(facts), **{flag: True})
    assert ruled(replace(facts, machine=late))[0] is Option.HYBRID
    locked = case("D1", machine=replace(host(case("D1")), **{flag: True}))
    assert ruled(locked)[0] is Option.LOCAL_THIS_MACHINE
    assert warned(locked) == ["H6"]


@pytest.mark.parametrize("part", ["usd_month", "peak_utilisation"])
def test_that_an_unknown_bill_or_load_of_the_owned_machine_is_named(part: str) -> None:
    facts = case("D12")
    facts = replace(facts, machine=replace(host(facts), **{part: Unknown("not measured")}))
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.HOSTED_OPEN
    assert any(one.field.startswith("quotes.machine.") for one in ruling.missing)
    assert to_json(decided(facts))["provisional"] is True


# Purchase ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        ({"history_days": 27}, "not S6"),
        ({"history_days": None}, "not S6"),
        ({"calls_per_day": 50.0}, "not S6"),
        ({"calls_per_day": None}, "not S6"),
        ({"predictability": Predictability.VARIABLE}, "not S6"),
        ({"hosted": money(999.99)}, "not S7"),
        ({"organisation": Organisation.STARTUP}, "not S48"),
    ],
)
def test_that_each_condition_of_a_purchase_blocks_it_alone(
    changes: dict[str, Any], unmet: str
) -> None:
    facts = case("D8", **changes)
    option, rules = ruled(facts)
    assert option is Option.HOSTED_OPEN
    assert [name for name in rules if name.startswith("not ")] == [unmet]


@pytest.mark.parametrize(
    ("changes", "buys"),
    [
        ({"usd_month": money(2080.0)}, True),
        ({"usd_month": money(2080.01)}, False),
        ({"price_usd": money(27_600.0)}, True),
        ({"price_usd": money(27_600.01)}, False),
        ({"opex_usd_month": money(2600.0)}, False),
        ({"opex_usd_month": Unknown("?")}, False),
        ({"peak_utilisation": Unknown("?")}, False),
        ({"fits": None}, False),
        ({"fits": False}, False),
    ],
)
def test_that_a_purchase_saves_a_fifth_and_pays_back_in_a_year(
    changes: dict[str, Any], buys: bool
) -> None:
    facts = case("D8", rent=Unknown("?"))
    facts = replace(facts, buy=replace(bought(facts), **changes))
    option, _ = ruled(facts)
    assert option is (Option.LOCAL_BUY if buys else Option.HOSTED_OPEN)


def test_that_an_unpriced_hosted_model_blocks_a_purchase_and_says_so() -> None:
    facts = case("D8", hosted=Unknown("nobody looked"), rent=Unknown("?"))
    ruling = rule(facts, LIMITS)
    assert ruling.option is Option.CLOUD_FRONTIER
    assert "not AP7" in named(ruling)
    assert "AP7" in warned(facts)
    assert ruling.provisional
    line = decided(facts).line(Option.HOSTED_OPEN)
    assert line is not None
    assert isinstance(line.usd_month, Unknown)
    assert "nobody looked" in line.why_not


@pytest.mark.parametrize("changes", [{"hosted_allowed": False}, {"gate_hosted": GateResult.FAIL}])
def test_that_a_purchase_needs_no_hosted_price_where_hosted_is_out(
    changes: dict[str, Any],
) -> None:
    facts = case("D8", hosted=Unknown("?"), **changes)
    option, rules = ruled(facts)
    assert option is Option.LOCAL_BUY
    assert "S27" not in rules
    assert "AP7" not in warned(facts)


def test_that_a_purchase_above_its_peak_is_a_hybrid_unless_the_split_saves_nothing() -> None:
    facts = case("D9")
    assert ruled(facts) == (Option.HYBRID, ["S27", "S6", "S7", "S8", "E5"])
    assert decided(facts).local_share is None
    dark = replace(facts, buy=replace(bought(facts), absorbed_share=Unknown("no hours")))
    assert decided(dark).local_share_reason == (
        "which share of the calls it takes is not known (absorbed_share): no hours"
    )
    good = replace(facts, buy=replace(bought(facts), absorbed_share=money(0.7)))
    assert (decided(good).local_share, decided(good).local_share_reason) == (0.7, "")
    poor = replace(facts, buy=replace(bought(facts), absorbed_share=money(0.2)))
    option, rules = ruled(poor)
    assert option is Option.HOSTED_OPEN
    assert {"not E5", "H6"} <= set(rules)


def test_that_the_thresholds_are_the_users() -> None:
    lower = replace(LIMITS, local_bill_min_usd_month=100.0, saving_min_share=0.1)
    facts = case("D20", buy=replace(bought(case("D20")), usd_month=money(200.0)))
    assert ruled(facts)[0] is Option.HOSTED_OPEN
    cheap = replace(
        facts, buy=replace(bought(facts), opex_usd_month=money(10.0), price_usd=money(900))
    )
    assert ruled(cheap, lower)[0] is Option.LOCAL_BUY


# Rent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar", "rent", "option"),
    [
        (3000.0, 2399.99, Option.RENT_GPU),
        (3000.0, 2400.0, Option.HOSTED_OPEN),
        (700.0, 0.8 * 700.0, Option.HOSTED_OPEN),
        (100.0, 50.0, Option.RENT_GPU),
        (100.0, 50.01, Option.HOSTED_OPEN),
    ],
)
def test_that_rent_must_be_strictly_below_four_fifths_and_save_fifty(
    bar: float, rent: float, option: Option
) -> None:
    facts = case("D14", hosted=money(bar), rent=money(rent))
    assert ruled(facts)[0] is option


def test_that_rent_needs_the_local_gate_and_no_startup() -> None:
    assert ruled(case("D14"))[0] is Option.RENT_GPU
    unproven = case("D14", gate=GateResult.UNMEASURED, gate_hosted=GateResult.PASS)
    assert ruled(unproven)[0] is Option.HOSTED_OPEN
    assert ruled(case("D14", organisation=Organisation.STARTUP))[0] is Option.HOSTED_OPEN
    assert ruled(case("D14", lock=inside(Option.HOSTED_OPEN)))[0] is Option.HOSTED_OPEN


def test_that_a_model_whose_licence_forbids_the_use_is_not_rented_either() -> None:
    facts = case("D14")
    facts = replace(facts, buy=replace(bought(facts), licence_ok=False))
    option, rules = ruled(facts)
    assert option is Option.HOSTED_OPEN
    assert "H8" in rules
    line = decided(facts).line(Option.RENT_GPU)
    assert line is not None
    assert line.feasible is False
    assert line.why_not.startswith("H8: ")


@pytest.mark.parametrize("flaw", ["licence_ok", "capability_ok"])
def test_that_a_model_that_is_out_is_not_rented_where_only_rent_is_inside(flaw: str) -> None:
    facts = case("D15", lock=inside(Option.RENT_GPU))
    facts = replace(facts, buy=replace(bought(facts), **{flaw: False}))
    option, rules = ruled(facts)
    assert option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert rules[:2] == ["H1r", "H1"]


def test_that_only_the_unpredictable_is_told_to_stay_for_that() -> None:
    assert "S25" in ruled(case("D15"))[1]
    for other in (Predictability.PREDICTABLE, Predictability.UNKNOWN):
        assert "S25" not in ruled(case("D15", predictability=other))[1]


# The bar -----------------------------------------------------------------------------------------


def test_that_the_bar_is_the_cheaper_and_the_incumbent_at_a_tie() -> None:
    assert rule(case("D7"), LIMITS).bar is Option.HOSTED_OPEN
    assert ruled(case("D7", frontier=money(100.0)))[0] is Option.CLOUD_FRONTIER
    assert ruled(case("D7", frontier=money(120.0)))[0] is Option.CLOUD_FRONTIER


def test_that_an_unknown_frontier_price_is_named_and_hosted_stands_in() -> None:
    ruling = rule(case("D7", frontier=Unknown("?")), LIMITS)
    assert ruling.option is Option.HOSTED_OPEN
    assert "quotes.cloud_frontier_usd_month" in {one.field for one in ruling.missing}


def test_that_without_any_price_it_stays_where_it_is_and_nothing_is_zero() -> None:
    facts = case("D12", frontier=Unknown("no price"), hosted=Unknown("no price"))
    verdict = decided(facts)
    assert verdict.option is Option.CLOUD_FRONTIER
    assert verdict.provisional
    document = to_json(verdict)
    by_kind = {one["kind"]: one for one in document["options"]}
    assert by_kind["CLOUD_FRONTIER"]["usd_month"] is None
    assert "no price" in by_kind["CLOUD_FRONTIER"]["why_not"]
    assert document["saving_usd_month"] is None
    assert "no price" in document["saving_reason"]


# Warnings ----------------------------------------------------------------------------------------


def test_that_a_trickle_and_a_guess_are_both_warned_of() -> None:
    assert warned(case("D10")) == ["AP1", "AP1"]
    assert warned(case("D10", history_days=90)) == ["AP1"]
    assert warned(case("D10", calls_per_day=51.0, history_days=90)) == []


def test_that_motives_and_circumstances_are_warned_of() -> None:
    assert warned(case("D7", motive=Motive.COMMODITISE)) == ["AP2"]
    assert warned(case("D7", motive=Motive.OWN_AI)) == ["AP3"]
    assert warned(case("D7", local_infrastructure=False)) == ["AP9"]
    assert warned(case("D7", local_infrastructure=True)) == []
    assert warned(case("D7", critical=True)) == ["AP8"]
    assert warned(case("D6", critical=True)) == []


def test_that_only_a_hybrid_below_the_routing_bill_is_told_not_to_build() -> None:
    assert warned(case("D22")) == ["AP4"]
    assert warned(case("D22", total_ai_bill_usd_month=10_000.0)) == []
    assert warned(case("D12", total_ai_bill_usd_month=100.0)) == []


def test_that_an_old_price_is_flagged_with_its_age() -> None:
    facts = case("D7", price_dates=(("m at p", "a table", "2026-10-08"),))
    assert warned(facts) == ["S51"]
    assert "46 days" in decided(facts).warnings[0].text
    assert warned(case("D7", price_dates=(("m", "t", "2026-10-09"),))) == []
    assert warned(case("D7", price_dates=(("m", "t", "some day"),))) == []


# Money -------------------------------------------------------------------------------------------


def test_that_savings_are_against_todays_bill_and_may_be_negative() -> None:
    saving = decided(case("D12")).saving
    assert band(saving) == (880.0, 880.0, 880.0)
    dear = case("D1", frontier=money(5.0))
    assert band(decided(dear).saving) == (-15.0, -15.0, -15.0)
    assert band(decided(case("D6")).saving) == (0.0, 0.0, 0.0)
    assert isinstance(decided(case("D4")).saving, Unknown)


def test_that_a_difference_keeps_the_widest_band_and_the_first_reason() -> None:
    left = Estimated(8.0, 10.0, 12.0, "a")
    right = Estimated(1.0, 2.0, 4.0, "b")
    assert band(difference(left, right)) == (4.0, 8.0, 11.0)
    assert difference(left, Unknown("no b")) == Unknown("no b")
    assert difference(Unknown("no a"), Unknown("no b")) == Unknown("no a")
    assert origin(Measured(1.0, "", "a meter")) == "a meter"
    assert origin(Published(1.0, "a page", "2026-01-01")) == "a page"
    assert origin(Unknown("why")) == "why"


def test_that_a_machine_that_overflows_is_no_option_alone() -> None:
    for facts, why in (
        (case("D13"), "140 %"),
        (case("D12", machine=replace(host(case("D12")), late=True)), "later than the target"),
        (case("D12", machine=replace(host(case("D12")), misses_window=True)), "batch window"),
    ):
        line = decided(facts).line(Option.LOCAL_THIS_MACHINE)
        assert line is not None
        assert line.feasible is False
        assert line.why_not.startswith("H6")
        assert why in line.why_not


def test_that_a_hybrid_costs_the_machine_and_the_overflow() -> None:
    line = decided(case("D13")).line(Option.HYBRID)
    assert line is not None
    ends = band(line.usd_month)
    assert ends is not None
    assert ends[1] == pytest.approx(20 + 0.22 * 900)


def test_that_json_has_the_keys_of_the_contract() -> None:
    document = to_json(decided(case("D13")))
    for key in [
        "workload",
        "verdict",
        "provisional",
        "confidence",
        "reasons",
        "warnings",
        "options",
        "local_share",
        "saving_usd_month",
        "flips",
        "leaks",
        "as_of",
    ]:
        assert key in document
    assert {one["kind"] for one in document["options"]} == {
        "CLOUD_FRONTIER",
        "HOSTED_OPEN",
        "RENT_GPU",
        "LOCAL_THIS_MACHINE",
        "LOCAL_BUY",
        "HYBRID",
    }
    for one in document["options"]:
        assert set(one) == {"kind", "usd_month", "feasible", "why_not"}
        assert one["usd_month"] is not None or one["why_not"]
    json.dumps(document, allow_nan=False)


def test_that_every_remark_without_a_rule_stays_out_of_json() -> None:
    document = to_json(decided(case("D19")))
    assert {one["rule"] for one in document["reasons"]} == {"H5", "S27", "S7"}


@pytest.mark.parametrize(
    ("amount", "text"), [(1234.5, "$1,235"), (9.5, "$9.50"), (-20.0, "−$20"), (0.0, "$0.00")]
)
def test_that_money_reads_as_money(amount: float, text: str) -> None:
    assert usd(amount) == text


# What must never happen --------------------------------------------------------------------------

amounts = st.sampled_from([0.0, 20.0, 120.0, 260.0, 420.0, 900.0, 2600.0, 21_000.0])
figures = amounts.map(money) | st.just(Unknown("not known"))
loads = st.sampled_from([0.2, 0.8, 0.9, 1.0, 1.4]).map(money) | st.just(Unknown("not known"))
shares = st.sampled_from([0.0, 0.3, 0.78, 1.0]).map(money) | st.just(Unknown("not known"))
flags = st.sampled_from([True, True, True, False, None])


def hosts(option: Option) -> st.SearchStrategy[HostFacts | None]:
    return st.none() | st.builds(
        HostFacts,
        option=st.just(option),
        fits=flags,
        context_ok=flags,
        licence_ok=flags,
        capability_ok=flags,
        usd_month=figures,
        opex_usd_month=figures,
        price_usd=figures,
        peak_utilisation=loads,
        absorbed_share=shares,
        late=st.sampled_from([None, False, True]),
    )


locks = st.one_of(
    st.just(NO_LOCK),
    st.just(LOCAL_ONLY),
    st.just(Lock(rules=("H2",), inside=frozenset())),
    st.frozensets(st.sampled_from(REMOTE)).map(lambda options: inside(*options)),
)
any_facts = st.builds(
    Facts,
    task=st.sampled_from([Task.CLASSIFICATION, Task.NOVEL]),
    gate=st.sampled_from(GateResult),
    gate_hosted=st.sampled_from(GateResult),
    predictability=st.sampled_from(Predictability),
    history_days=st.sampled_from([None, 0, 27, 28, 90]),
    calls_per_day=st.sampled_from([None, 10.0, 50.0, 51.0, 20_000.0]),
    organisation=st.sampled_from([None, *Organisation]),
    hosted_allowed=st.booleans(),
    hosted_offered=st.booleans(),
    lock=locks,
    frontier=figures,
    hosted=figures,
    rent=figures,
    machine=hosts(Option.LOCAL_THIS_MACHINE),
    buy=hosts(Option.LOCAL_BUY),
)


@settings(max_examples=400)
@given(any_facts)
def test_that_nothing_outside_a_lock_is_ever_the_verdict(facts: Facts) -> None:
    ruling = rule(facts, LIMITS)
    if ruling.option in REMOTE:
        assert ruling.option in facts.lock.inside
    if ruling.option is Option.HYBRID:
        assert ruling.bar in facts.lock.inside
    if facts.lock.locked and not facts.lock.inside:
        assert ruling.option in LOCAL
    if ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        assert facts.lock.locked


@settings(max_examples=400)
@given(any_facts)
def test_that_a_verdict_is_never_an_option_that_is_out(facts: Facts) -> None:
    verdict = decided(facts)
    line = verdict.line(verdict.option)
    if verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        assert line is None
    else:
        assert line is not None
        assert line.feasible is True
    for one in verdict.options:
        assert not isinstance(one.usd_month, Unknown) or one.why_not
    if verdict.option in (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID):
        assert facts.gate is not GateResult.FAIL
    json.dumps(to_json(verdict), allow_nan=False)


@settings(max_examples=400)
@given(any_facts)
def test_that_hardware_is_bought_only_as_the_guide_allows(facts: Facts) -> None:
    ruling = rule(facts, LIMITS)
    bought_now = ruling.host is not None and ruling.host.option is Option.LOCAL_BUY
    if not bought_now or not ruling.economics or facts.lock.rules[-1:] == ("H1",):
        return
    if "H1" in named(ruling):
        return
    assert facts.organisation is not Organisation.STARTUP
    assert facts.predictability is Predictability.PREDICTABLE
    assert facts.history_days is not None
    assert facts.history_days >= 28
    assert facts.gate is GateResult.PASS


@settings(max_examples=300)
@given(any_facts, amounts, amounts)
def test_that_a_cheaper_hosted_model_never_makes_a_purchase_appear(
    facts: Facts, first: float, second: float
) -> None:
    facts = replace(facts, machine=None, lock=NO_LOCK)
    dear = rule(replace(facts, hosted=money(max(first, second))), LIMITS).option
    cheap = rule(replace(facts, hosted=money(min(first, second))), LIMITS).option
    if cheap in (Option.LOCAL_BUY, Option.HYBRID):
        assert dear in (Option.LOCAL_BUY, Option.HYBRID)


@settings(max_examples=200)
@given(any_facts)
def test_that_what_is_not_known_is_said(facts: Facts) -> None:
    """An unknown price of an open remote option never passes in silence once money is looked at."""
    ruling = rule(facts, LIMITS)
    if ruling.bar is not None and isinstance(facts.remote(ruling.bar), Unknown):
        assert ruling.provisional
