"""The five lines of a verdict."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Estimated, Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.card import Card, card, deciding, flip_text, next_best
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.verdict import Confidence, Flip, Verdict, decide
from landfall.core.workload.privacy import Leak, Option
from tests.core.test_verdict import DECISIONS
from tests.core.worked.decisions import facts_of

LIMITS = Thresholds()


def verdict(name: str, **changes: object) -> Verdict:
    facts: Facts = replace(facts_of(DECISIONS[name]), **changes)  # type: ignore[arg-type]
    sure = Confidence(word="high", p_best=0.97)
    return decide("Triage", facts, limits=LIMITS, as_of="2026-11-23", confidence=sure)


def lines(name: str, **changes: object) -> Card:
    return card(verdict(name, **changes), LIMITS)


def test_that_the_first_line_names_the_verdict_as_json_does_and_how_sure_it_is() -> None:
    first = lines("D12").lines[0]
    assert "[LOCAL_THIS_MACHINE]" in first
    assert "high (97%)" in first
    assert "provisional" not in first
    assert "provisional" in lines("D17").lines[0]
    assert len(lines("D12").lines) == 5


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
    assert "$10 more" in lines("D21", frontier=Estimated(10.0, 10.0, 10.0, "x")).money
    assert lines("D6").money.startswith("$6,400 a month; ")


def test_that_a_band_and_a_lack_of_alternatives_are_said() -> None:
    banded = verdict("D12", frontier=Estimated(800.0, 900.0, 1000.0, "x"))
    assert "($780 to $980)" in card(banded, LIMITS).money
    alone = verdict("D16")
    assert next_best(alone) is not None
    assert "no other open option" in lines("D21", buy=None).money


def test_that_unknown_money_says_why() -> None:
    assert "not known: no price" in lines("D6", frontier=Unknown("no price")).money
    hosted = replace(verdict("D7"), saving=Unknown("no price"))
    assert card(hosted, LIMITS).money.startswith("$6,400 → $120 a month; ")
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
    assert text == "quotes.hosted_open_usd_month 120 → 1,000 (+733%) gives LOCAL_BUY"
    assert "(−50%)" in flip_text(replace(found, relative=-0.5))
    chosen = replace(found, now=False, at=True, relative=None)
    assert "false → true gives" in flip_text(chosen)
    assert "not stated → pass" in flip_text(replace(chosen, now=None, at="pass"))
    assert "Flips: " in card(replace(verdict("D7"), flips=(found,)), LIMITS).flips
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
    assert "No rule" in card(bare, LIMITS).reason
    remark = replace(verdict("D7"), option=Option.RENT_GPU)
    assert "no hardware is worth buying" in card(remark, LIMITS).reason
