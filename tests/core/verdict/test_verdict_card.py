"""The five lines of a verdict."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Estimated, Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.card import (
    Card,
    card,
    close_call,
    deciding,
    flip_text,
    may_flip_once_known,
    next_best,
    telling,
)
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.table_words import Missing
from landfall.core.verdict.verdict import Confidence, Flip, Means, Verdict, decide
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Leak, Option
from landfall.core.workload.workload import Organisation
from tests.core.verdict.test_verdict import DECISIONS
from tests.core.worked.decisions import facts_of

LIMITS = Thresholds()


def verdict(name: str, **changes: object) -> Verdict:
    facts: Facts = replace(facts_of(DECISIONS[name]), **changes)  # type: ignore[arg-type]
    sure = Confidence(word="high", p_best=0.97)
    return decide("Triage", facts, limits=LIMITS, as_of="2026-11-23", confidence=sure)


def lines(name: str, **changes: object) -> Card:
    return card(verdict(name, **changes))


def test_that_the_first_line_names_the_verdict_as_json_does_and_how_sure_it_is() -> None:
    first = lines("D12").lines[0]
    assert "[LOCAL_THIS_MACHINE]" in first
    assert "high (97 %)" in first
    assert "provisional" not in first
    assert "provisional" in lines("D17").lines[0]
    assert len(lines("D12").lines) == 5


def test_that_a_verdict_of_rules_has_no_share_of_worlds_beside_it() -> None:
    ruled = lines("D5")
    assert verdict("D5").bar is None
    assert ruled.sureness.startswith("decided by rules, not by cost")
    assert "97 %" not in ruled.lines[0]


def test_that_the_deciding_rule_stands_in_the_second_line() -> None:
    expected = {
        "D1": "(H1)",
        "D4": "(H3)",
        "D5": "(F1)",
        "D6": "(H5)",
        "D7": "(S7)",
        "D8": "(S7)",
        "D9": "(E5)",
        "D11": "(S48)",
        "D12": "(E2)",
        "D14": "(E3)",
        "D15": "(S25)",
        "D17": "(E0)",
        "D23": "(H5)",
    }
    assert {name: lines(name).reason[-5:-1].split("(")[-1] for name in expected} == {
        name: rule.strip("(")[:4] for name, rule in expected.items()
    }


def test_that_money_is_before_after_and_the_next_best() -> None:
    text = lines("D12").money
    assert text == (
        "$900 → $20 a month, saving $880; the nearest alternative is HOSTED_OPEN at $260."
    )
    assert "$10.00 more" in lines("D21", frontier=Estimated(10.0, 10.0, 10.0, "x")).money
    assert lines("D6").money.startswith("$6,400 a month; ")


def test_that_a_band_and_a_lack_of_alternatives_are_said() -> None:
    banded = verdict("D12", frontier=Estimated(800.0, 900.0, 1000.0, "x"))
    assert "($780 to $980)" in card(banded).money
    alone = verdict("D16")
    assert next_best(alone) is not None
    assert "no other open option" in lines("D21", buy=None).money


def test_that_unknown_money_says_why() -> None:
    assert "not known: no price" in lines("D6", frontier=Unknown("no price")).money
    hosted = replace(verdict("D7"), saving=Unknown("no price"))
    assert card(hosted).money.startswith("$6,400 → $120 a month; ")
    assert lines("D4").money.startswith("Nothing can run it")


def test_that_flips_are_shown_in_words() -> None:
    found = Flip(
        input="quotes.hosted_open_usd_month",
        now=120.0,
        at=1000.0,
        relative=7.333,
        verdict_then=Option.LOCAL_BUY,
    )
    text = flip_text(found)
    assert text == "quotes.hosted_open_usd_month 120 → 1,000 (+733 %) gives LOCAL_BUY"
    assert "(−50 %)" in flip_text(replace(found, relative=-0.5))
    chosen = replace(found, now=False, at=True, relative=None)
    assert "false → true gives" in flip_text(chosen)
    assert "not stated → pass" in flip_text(replace(chosen, now=None, at="pass"))
    assert "Flips: " in card(replace(verdict("D7"), flips=(found,))).flips
    assert "Nothing" in lines("D7").flips


def test_that_the_next_step_is_the_most_pressing_one() -> None:
    leak = Leak(step="embed", where="cloud", host="", why="")
    assert "bring these steps inside: embed" in lines("D1", leaks=(leak,)).next_step
    assert "quality.gate" in lines("D17").next_step
    assert "(AP5)" in lines("D11").next_step
    assert "2026-12-23" in lines("D7").next_step


def test_that_a_verdict_without_any_rule_stays_where_it_is() -> None:
    bare = replace(verdict("D7"), reasons=())
    assert deciding(bare) is None
    assert "No rule" in card(bare).reason
    remark = replace(verdict("D7"), option=Option.RENT_GPU)
    assert "no hardware is worth buying" in card(remark).reason


def close(first: Option, second: Option, measure: MeasureNext | None = None) -> Verdict:
    drawn = Worlds(
        draws=100,
        p_best={second: 0.45, first: 0.55},
        saving_mean=None,
        saving_p05=None,
        saving_p95=None,
        regret_usd_month=None,
        measure=measure,
    )
    found = replace(verdict("D12"), worlds=drawn, missing=(), leaks=(), provisional=False)
    return replace(found, confidence=Confidence(word="low", p_best=0.55))


def test_that_two_close_options_that_both_save_do_not_argue_for_what_runs_today() -> None:
    why = MeasureNext(path="tokens.output", why="it moves the bill", regret_left_usd_month=1.0)
    both = close(Option.LOCAL_THIS_MACHINE, Option.HOSTED_OPEN, why)
    found = close_call(both)
    assert found is not None
    assert (found.first, found.second) == (Option.LOCAL_THIS_MACHINE, Option.HOSTED_OPEN)
    assert (found.both_cheaper, found.keeps_today) == (True, False)
    said = card(both).next_step
    assert "LOCAL_THIS_MACHINE and HOSTED_OPEN, and both cost less than today" in said
    assert said.endswith("find out tokens.output first (it moves the bill).")
    assert "keep" not in said


def test_that_what_runs_today_is_kept_while_it_is_one_of_two_close_options() -> None:
    said = card(close(Option.CLOUD_FRONTIER, Option.HOSTED_OPEN)).next_step
    assert said.endswith("keep what runs today until more is known.")
    sure = Confidence(word="high", p_best=0.95)
    both = close(Option.CLOUD_FRONTIER, Option.HOSTED_OPEN)
    assert close_call(replace(both, confidence=sure)) is None


def test_that_of_close_options_without_a_known_bill_neither_is_favoured() -> None:
    unknown = close(Option.LOCAL_REQUIRED_NOT_FEASIBLE, Option.LOCAL_THIS_MACHINE)
    found = close_call(unknown)
    assert found is not None
    assert not found.both_cheaper
    assert not found.keeps_today
    assert "today" not in card(unknown).next_step


def test_that_the_share_of_worlds_is_told_where_money_decides() -> None:
    assert lines("D17").sureness == "decided by rules, not by cost, provisional"
    assert lines("D12").sureness == "high (97 %)"


def named(name: str, **changes: object) -> str:
    means = Means(
        model="qwen3:8b", bought="RTX 4090", rented="L40S", hosted="big", provider="together"
    )
    return card(replace(verdict(name), means=means, missing=(), warnings=(), **changes)).next_step  # type: ignore[arg-type]


def test_that_the_next_step_names_what_it_takes() -> None:
    assert "get qwen3:8b and point the calls at it; look again on" in named("D12")
    assert "set up big at together and move the calls there" in named("D7")
    assert "let qwen3:8b take the steady part and big at together what overflows" in named("D13")
    assert "rent L40S by the hour with qwen3:8b" in named("D14")
    assert "get an offer for RTX 4090" in named("D8")
    assert "smaller model" in named("D4")
    assert "nothing to change" in named("D6")


def open_gates(regret: float | None, *fields: str) -> Verdict:
    worlds = Worlds(
        draws=10,
        p_best={Option.CLOUD_FRONTIER: 1.0},
        saving_mean=0.0,
        saving_p05=0.0,
        saving_p95=0.0,
        regret_usd_month=regret,
        measure=None,
    )
    missing = tuple(Missing(field, "unmeasured") for field in fields)
    return replace(verdict("D17"), worlds=worlds, missing=missing)


def test_that_a_gate_that_could_save_nothing_is_not_asked_for() -> None:
    step = card(open_gates(0.2, "quality.gate")).next_step
    assert "nothing to change, a candidate that passed the quality gate would save too" in step
    assert "worth $4.00 a month" in card(open_gates(4.0, "quality.gate")).next_step
    assert "find out quality.gate" in card(open_gates(400.0, "quality.gate")).next_step
    assert "find out quality.gate" in card(open_gates(None, "quality.gate")).next_step
    other = open_gates(0.2, "quality.gate", "volume.history_days")
    assert "find out quality.gate" in card(other).next_step


def test_that_where_the_hosted_candidate_would_win_its_gate_is_asked_for() -> None:
    flip = Flip(
        input="quality.gate",
        now="unmeasured",
        at="pass",
        relative=None,
        verdict_then=Option.HOSTED_OPEN,
    )
    both = open_gates(400.0, "quality.gate", "quality.gate_hosted")
    assert telling(both).field == "quality.gate"
    assert telling(replace(both, flips=(flip,))).field == "quality.gate_hosted"


def test_that_a_privacy_rule_that_does_not_hold_is_no_flip_of_a_card() -> None:
    rule = Flip(
        input="privacy.class",
        now="none",
        at="local_only",
        relative=None,
        verdict_then=Option.LOCAL_THIS_MACHINE,
    )
    told = replace(verdict("D7"), flips=(rule,))
    assert card(told).flips == "No single input but a privacy rule would flip it."
    dropped = replace(rule, now="phi", at="none")
    assert "privacy.class phi" in card(replace(told, flips=(dropped,))).flips


def test_that_a_cheaper_option_says_why_it_is_not_the_verdict() -> None:
    found = verdict("D17")
    cheaper = next_best(found)
    assert cheaper is not None
    assert cheaper.why_not in card(found).money


def test_that_a_split_with_hardware_that_may_not_be_bought_says_what_forbids_it() -> None:
    found = verdict("D9", organisation=Organisation.STARTUP).line(Option.HYBRID)
    assert found is not None
    assert "S48" in found.why_not
    assert "too little" not in found.why_not


def test_that_a_model_that_is_soon_gone_is_said_of_the_option_that_uses_it() -> None:
    retiring = (
        (Option.CLOUD_FRONTIER, "old at openai", "2026-12-11"),
        (Option.HOSTED_OPEN, "h at cheap", "2028-01-01"),
    )
    stays = verdict("D6", retiring=retiring)
    assert [one.text for one in stays.warnings if one.rule == "R1"] == [
        "old at openai is not served after 2026-12-11: name its successor, its price will differ"
    ]
    assert not [one for one in verdict("D7", retiring=retiring).warnings if one.rule == "R1"]
    assert "S51" not in card(stays).next_step


def test_that_what_nobody_knows_yet_is_not_denied_as_a_reason_to_change() -> None:
    unproven = verdict("D17")
    assert unproven.missing
    told = card(unproven).flips
    assert "not known yet: quality.gate" in told
    assert "Nothing but" not in told
    assert may_flip_once_known(verdict("D7")) == ()


def test_that_a_gate_that_would_save_too_little_is_not_said_to_change_anything() -> None:
    gate = Missing(field="quality.gate", reason="unmeasured")
    drawn = close(Option.CLOUD_FRONTIER, Option.HOSTED_OPEN).worlds
    assert drawn is not None
    worlds = replace(drawn, regret_usd_month=0.4)
    idle = replace(verdict("D17"), missing=(gate,), worlds=worlds)
    assert "too little" in card(idle).next_step
    assert may_flip_once_known(idle) == ()
    assert "not known yet" not in card(idle).flips
