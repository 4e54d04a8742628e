"""The lines side by side: money, whether each is open, and why it was not chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Estimated, Figure, Published, Stated, Unknown, band
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict import options
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.options import OptionLine, difference, host_out, option_lines
from landfall.core.verdict.table_words import Reason, Ruling
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Organisation
from tests.core.verdict.test_verdict import LOCAL_ONLY, bought, case, host, inside, money

LIMITS = Thresholds()
CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID


def lines(facts: Facts, ruling: Ruling | None = None) -> dict[Option, OptionLine]:
    found = option_lines(facts, ruling or rule(facts, LIMITS), LIMITS)
    assert [one.option for one in found] == [CLOUD, HOSTED, RENT, HERE, BUY, SPLIT]
    return {one.option: one for one in found}


def told(line: OptionLine) -> tuple[float | None, bool | None, str, str]:
    ends = band(line.usd_month)
    return None if ends is None else ends[1], line.feasible, line.why_not, line.rule


def test_that_an_owned_machine_that_wins_leaves_the_others_dearer() -> None:
    found = lines(case("D12", buy=bought(case("D8")), rent=money(25.0)))
    assert told(found[CLOUD]) == (900.0, True, "$880 a month more", "")
    assert told(found[HOSTED]) == (260.0, True, "$240 a month more", "")
    assert told(found[RENT]) == (25.0, True, "$5.00 a month more", "")
    assert told(found[HERE]) == (20.0, True, "", "")
    assert told(found[BUY]) == (420.0, True, "the machine at hand does it", "")
    assert told(found[SPLIT]) == (
        None,
        False,
        "nothing overflows",
        "",
    )
    assert found[SPLIT].usd_month == Unknown("nothing overflows")


def test_that_a_purchase_that_wins_leaves_the_others_dearer() -> None:
    found = lines(case("D8"))
    assert told(found[BUY]) == (420.0, True, "", "")
    assert told(found[CLOUD]) == (21_000.0, True, "$20,580 a month more", "")
    absent = case("D8").machine_absent
    assert told(found[HERE]) == (None, False, absent, "")
    assert found[HERE].usd_month == Unknown(absent)
    cheap = lines(case("D8", rent=money(400.0)))
    assert told(cheap[RENT]) == (400.0, True, "$20 a month less, not enough to change", "")
    same = lines(case("D8", rent=money(420.0)))
    assert same[RENT].why_not == "$0.00 a month more"


def test_that_a_hosted_verdict_says_what_a_purchase_lacks() -> None:
    found = lines(case("D7"))
    assert told(found[HOSTED]) == (120.0, True, "", "")
    unmet = "S7: $120 a month is below $1,000, too little for hardware"
    assert told(found[BUY]) == (420.0, True, unmet, "")
    # A remark without a rule is no condition.
    none = lines(case("D19"))
    assert none[BUY].rule == "H5"
    ruling = Ruling(
        option=HOSTED,
        bar=HOSTED,
        weighed_purchase=True,
        economics=True,
        reasons=(Reason("", "a remark", met=False), Reason("S6", "it varies", met=False)),
    )
    assert lines(case("D7"), ruling)[BUY].why_not == "S6: it varies"
    met = replace(ruling, reasons=(Reason("S6", "it varies"),))
    assert lines(case("D7"), met)[BUY].why_not == "$300 a month more"
    unweighed = replace(ruling, weighed_purchase=False)
    assert lines(case("D7"), unweighed)[BUY].why_not == "$300 a month more"


@pytest.mark.parametrize(
    ("changes", "option", "expected"),
    [
        ({"hosted_allowed": False}, HOSTED, (False, "your rule allows no hosted", "")),
        ({"hosted_offered": False}, HOSTED, (False, "no hosted candidate is named", "")),
        ({"gate_hosted": GateResult.FAIL}, HOSTED, (False, "H5: the hosted", "H5")),
        ({"gate_hosted": GateResult.UNMEASURED}, HOSTED, (True, "its gate is unmeasured", "")),
        ({"gate": GateResult.FAIL}, RENT, (False, "H5: the local candidate", "H5")),
        ({"gate": GateResult.INCONCLUSIVE}, RENT, (True, "its gate is inconclusive", "")),
        ({"organisation": Organisation.STARTUP}, RENT, (True, "S48: startups", "")),
        (
            {"rented": HostFacts(option=RENT, machine="L40S", late=True)},
            RENT,
            (False, "H6: the slowest", "H6"),
        ),
        ({"rented": HostFacts(option=RENT, late=False)}, RENT, (True, "$2,064", "")),
        ({"lock": inside(CLOUD)}, HOSTED, (False, "H1r: outside the privacy rule", "H1r")),
        ({"lock": inside(HOSTED)}, CLOUD, (False, "H1r: outside the privacy rule", "H1r")),
        ({"lock": LOCAL_ONLY}, RENT, (False, "H1: outside the privacy rule", "H1")),
    ],
)
def test_that_a_remote_option_says_what_is_against_it(
    changes: dict[str, Any], option: Option, expected: tuple[bool, str, str]
) -> None:
    line = lines(case("D7", **changes))[option]
    feasible, starts, name = expected
    assert (line.feasible, line.rule) == (feasible, name)
    assert line.why_not.startswith(starts)


def test_that_what_is_not_known_is_said_beside_what_is_against_it() -> None:
    gap = Unknown("no table has it")
    chosen = lines(case("D12", frontier=gap, hosted=gap, machine=None))[CLOUD]
    assert chosen.why_not == "cost not known: no table has it"
    other = lines(case("D12", hosted=gap))[HOSTED]
    assert other.why_not == "cost not known: no table has it"
    both = lines(case("D12", hosted=gap, gate_hosted=GateResult.FAIL))[HOSTED]
    assert both.why_not == (
        "H5: the hosted candidate failed its gate; cost not known: no table has it"
    )
    said = Unknown("the hosted candidate failed")
    assert lines(case("D12", hosted=said, gate_hosted=GateResult.FAIL))[HOSTED].why_not == (
        "H5: the hosted candidate failed its gate"
    )


# Machines ----------------------------------------------------------------------------------------


def test_that_a_machine_that_is_out_names_every_rule() -> None:
    facts = case("D12")
    bad = replace(host(facts), fits=False, licence_ok=False, peak_utilisation=money(1.2))
    line = lines(replace(facts, machine=bad))[HERE]
    assert (line.feasible, line.rule) == (False, "H3")
    assert [part[:2] for part in line.why_not.split("; ")] == ["H3", "H8", "H6"]
    full = replace(host(facts), peak_utilisation=money(1.0))
    assert host_out(facts, full) == (
        ("H6", "the busiest hour needs 100 % of what the machine serves"),
    )
    assert host_out(facts, full, chosen=True) == ()
    assert host_out(facts, replace(full, peak_utilisation=money(0.99))) == ()
    late = replace(host(facts), peak_utilisation=Unknown("?"), late=True)
    assert host_out(facts, late)[0][1].startswith("the slowest of twenty answers")


def test_that_a_machine_that_was_passed_over_says_why() -> None:
    facts = case("D12")

    def why(which: Option, of: Facts, **ruling: Any) -> str:
        values: dict[str, Any] = {"option": HOSTED, "reasons": (), "bar": HOSTED}
        return lines(of, Ruling(**(values | {"economics": True} | ruling)))[which].why_not

    assert why(HERE, facts) == "$240 a month less, not enough to change"
    assert why(HERE, facts, economics=False) == "no candidate is proven"
    open_ = replace(facts, gate=GateResult.UNMEASURED)
    assert why(HERE, open_) == "the gate of the local candidate is unmeasured"
    idle = replace(facts, machine=replace(host(facts), peak_utilisation=Unknown("?")))
    assert why(HERE, idle) == "how busy it would be is not known"
    unsure = replace(facts, machine=replace(host(facts), fits=None))
    assert why(HERE, unsure) == "whether it fits is not known"
    assert lines(unsure)[HERE].feasible is None
    assert why(HERE, replace(facts, hosted=Unknown("?"))) == ""
    both = replace(facts, buy=bought(case("D8")))
    split = {"option": SPLIT, "host": both.machine}
    assert why(BUY, both, **split) == "the machine at hand does it"
    assert why(HERE, both, option=SPLIT, host=both.buy) == "its peak overflows"
    assert why(BUY, both, option=HERE, host=None, weighed_purchase=False) == ""
    assert why(HERE, both, option=BUY, host=both.buy) == "$400 a month less, not enough to change"


# A split -----------------------------------------------------------------------------------------


def test_that_a_split_costs_the_machine_and_what_overflows() -> None:
    found = lines(case("D13"))
    # 20, and 22 % of 900.
    assert told(found[SPLIT]) == (pytest.approx(218.0), True, "", "")
    assert told(found[HERE])[1:] == (
        False,
        "H6: the busiest hour needs 140 % of what the machine serves",
        "H6",
    )
    # Others are held against the split.
    assert found[HOSTED].why_not == "$682 a month more"
    bought_split = lines(case("D9", buy=replace(bought(case("D9")), absorbed_share=money(0.7))))
    assert told(bought_split[SPLIT])[0] == pytest.approx(420 + 0.3 * 2600)
    assert bought_split[HOSTED].why_not == "$1,400 a month more"


def test_that_a_band_of_a_split_has_its_worst_and_its_best() -> None:
    one = HostFacts(
        option=HERE,
        usd_month=Estimated(10.0, 20.0, 40.0, "power"),
        absorbed_share=Estimated(0.5, 0.7, 0.9, "load"),
    )
    figure = options._hybrid_figure(one, Estimated(80.0, 100.0, 150.0, "price"))
    assert isinstance(figure, Estimated)
    assert (figure.low, figure.mid, figure.high) == pytest.approx((18.0, 50.0, 115.0))
    assert figure.formula == "power and 30 % of price"
    less = options._hybrid_figure(replace(one, split_part=0.5), Estimated(80, 100, 150, "price"))
    assert isinstance(less, Estimated)
    assert (less.low, less.mid, less.high) == pytest.approx((13.0, 40.0, 95.0))
    gap = Unknown("?")
    assert options._hybrid_figure(replace(one, usd_month=gap), money(1.0)) is gap
    assert options._hybrid_figure(one, gap) is gap
    assert options._hybrid_figure(replace(one, absorbed_share=gap), money(1.0)) is gap


def test_that_a_split_that_was_not_chosen_says_why() -> None:
    facts = case("D13", machine=replace(host(case("D13")), absorbed_share=money(0.1)))
    assert told(lines(facts)[SPLIT])[1:] == (True, "the split saves too little", "")
    unknown = replace(facts, machine=replace(host(facts), absorbed_share=Unknown("no hours")))
    assert lines(unknown)[SPLIT].why_not == (
        "how much it takes is not known; cost not known: no hours"
    )
    open_ = replace(facts, gate=GateResult.INCONCLUSIVE)
    assert lines(open_)[SPLIT].why_not == "the gate of the local candidate is inconclusive"
    out = replace(facts, machine=replace(host(facts), fits=False))
    line = lines(out)[SPLIT]
    assert (line.feasible, line.rule) == (False, "H3")
    assert line.why_not.startswith("H3: ")
    locked = lines(case("D1"))[SPLIT]
    assert told(locked) == (None, False, "H1: nothing may overflow", "H1")
    assert lines(case("D6"))[SPLIT].why_not == "money was not looked at"
    region = lines(case("D13", lock=inside(HOSTED)))[SPLIT]
    assert region.feasible is True
    big = case("D9", history_days=3, rent=money(9e6))
    assert lines(big)[SPLIT].why_not.startswith("S6: 3 of 28 days observed")


# Sums --------------------------------------------------------------------------------------------


def test_that_a_difference_of_the_same_is_nothing() -> None:
    same: Figure = Estimated(1.0, 2.0, 4.0, "a")
    assert difference(same, same) == Estimated(0.0, 0.0, 0.0, "a less a")
    other = Estimated(1.0, 2.0, 4.0, "b")
    assert difference(same, other) == Estimated(-3.0, 0.0, 3.0, "a less b")
    told_of = difference(Stated(5.0, "here"), Published(3.0, "a page", "2026-01-01"))
    assert told_of == Estimated(2.0, 2.0, 2.0, "here less a page")
