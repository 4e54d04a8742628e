"""The pieces of a card: each line's every case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Estimated, Figure, Unknown
from landfall.core.verdict import card as cards
from landfall.core.verdict.card import NAMES, card, close_call, deciding, flip_text, likely, telling
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Details, known
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.table_words import Missing, Reason
from landfall.core.verdict.verdict import Confidence, Flip, Means, Verdict
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Leak, Option
from tests.core.verdict.test_verdict import money
from tests.core.verdict.test_verdict_card import close, verdict

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE


def line(
    option: Option, usd: float | None, *, feasible: bool | None = True, why: str = ""
) -> OptionLine:
    figure: Figure = Unknown("no price") if usd is None else money(usd)
    return OptionLine(option=option, usd_month=figure, feasible=feasible, why_not=why)


def bare(**changes: Any) -> Verdict:
    values: dict[str, Any] = {"warnings": (), "leaks": (), "missing": (), "flips": ()}
    return replace(verdict("D12"), **(values | changes))


# How sure ----------------------------------------------------------------------------------------


def test_that_a_card_has_its_words_and_its_hosts() -> None:
    for option, words in NAMES.items():
        assert card(bare(option=option)).name == words
    there = card(bare(), ("box", "den"))
    assert there.name == "run it on box, den"
    assert card(bare(option=HOSTED), ("box",)).name == NAMES[HOSTED]
    sure = bare(confidence=Confidence(word="medium", p_best=0.753), provisional=True)
    assert card(sure).sureness == "medium (75 %), provisional"
    assert card(replace(sure, provisional=False)).sureness == "medium (75 %)"
    unsaid = bare(confidence=Confidence(word="low", p_best=None))
    assert card(unsaid).sureness == "low"
    ruled = bare(bar=None)
    assert card(ruled).sureness == "decided by rules, not by cost"
    assert card(bare()).lines[0] == (
        "Triage: run it on this machine [LOCAL_THIS_MACHINE]. Confidence: high (97 %)."
    )
    assert (card(bare()).workload, card(bare()).option) == ("Triage", HERE)


# Why ---------------------------------------------------------------------------------------------


def test_that_the_first_deciding_rule_of_a_verdict_carries_it() -> None:
    def carried(option: Option, *rules: str) -> str:
        found = deciding(bare(option=option, reasons=tuple(Reason(one, "x") for one in rules)))
        return found.rule if found else ""

    assert carried(CLOUD, "AP7", "H5", "F1") == "F1"
    assert carried(HOSTED, "S27", "S7", "S25") == "S25"
    assert carried(RENT, "S27", "E3") == "E3"
    assert carried(HERE, "H1r", "H2", "E2") == "E2"
    assert carried(BUY, "S8", "H1", "S7") == "S7"
    assert carried(SPLIT, "S7", "E5") == "E5"
    assert carried(NOWHERE, "H1", "H6", "H3") == "H3"
    # None of its own: the last one.
    assert carried(RENT, "S27", "S7") == "S7"
    assert deciding(bare(reasons=())) is None


def test_that_a_reason_is_told_with_its_rule() -> None:
    def why(option: Option, reason: Reason, *lines: OptionLine) -> str:
        return card(bare(option=option, reasons=(reason,), options=lines)).reason

    assert why(HERE, Reason("E2", "it saves")) == "Because it saves (E2)."
    assert why(HERE, Reason("", "it saves")) == "Because it saves."
    unmet = Reason("S7", "it is small", met=False)
    assert why(CLOUD, unmet) == "Because no hardware is worth buying: it is small (S7)."
    assert why(HOSTED, unmet) == "Because no hardware is worth buying: it is small (S7)."
    assert why(HOSTED, unmet, line(HOSTED, None)) == why(HOSTED, unmet)
    assert why(HOSTED, unmet, line(HOSTED, 120.0)) == (
        "Because a hosted open-weight model does it for $120 a month, and no hardware is worth"
        " buying: it is small (S7)."
    )
    assert why(CLOUD, unmet, line(CLOUD, 120.0)) == why(CLOUD, unmet)
    assert card(bare(reasons=())).reason == "No rule speaks against where it runs today."


# Money -------------------------------------------------------------------------------------------


def told(option: Option, *lines: OptionLine, saving: Figure | None = None) -> str:
    figure = Unknown("?") if saving is None else saving
    return card(bare(option=option, options=lines, saving=figure)).money


def test_that_money_is_before_and_after_and_the_next_best() -> None:
    lines = (line(CLOUD, 900.0), line(HOSTED, 260.0), line(HERE, 20.0))
    assert told(HERE, *lines, saving=money(880.0)) == (
        "$900 → $20 a month, saving $880; the nearest alternative is HOSTED_OPEN at $260."
    )
    banded = Estimated(700.0, 880.0, 890.0, "x")
    assert "saving $880 ($700 to $890);" in told(HERE, *lines, saving=banded)
    dearer = told(HERE, line(CLOUD, 15.0), line(HERE, 20.0), saving=money(-5.0))
    assert dearer.startswith("$15.00 → $20 a month, $5.00 more;")
    nothing = told(HERE, line(CLOUD, 20.0), line(HERE, 20.0), saving=money(0.0))
    assert ", saving $0.00;" in nothing
    assert told(CLOUD, *lines).startswith("$900 a month; ")
    assert told(HERE, line(HERE, 20.0)) == "$20 a month; no other open option has a known cost."
    assert told(HERE, line(CLOUD, None), line(HERE, 20.0)).startswith("$20 a month; no other")
    assert told(HERE, line(HERE, None)) == "What it costs is not known: no price."
    asks = replace(line(HERE, None), usd_month=Unknown("Nobody knows 'x'. Perhaps y, z?"))
    assert told(HERE, asks) == "What it costs is not known: Nobody knows 'x'. Perhaps y, z."
    assert told(NOWHERE, *lines).startswith("Nothing can run it")


def test_that_a_cheaper_open_option_says_what_speaks_against_it() -> None:
    own, cheap = line(HERE, 20.0), line(HOSTED, 5.0, why="its gate is open")
    assert told(HERE, own, cheap).endswith("HOSTED_OPEN would cost $5.00: its gate is open.")
    unsaid = told(HERE, own, line(HOSTED, 5.0))
    assert unsaid.endswith("the nearest alternative is HOSTED_OPEN at $5.00.")
    same = told(HERE, own, line(HOSTED, 20.0, why="x"))
    assert same.endswith("the nearest alternative is HOSTED_OPEN at $20.")
    # What is out, or not known to be open, is no alternative.
    for feasible in (False, None):
        assert "no other" in told(HERE, own, line(HOSTED, 5.0, feasible=feasible))
    two = told(HERE, own, line(CLOUD, 900.0), line(HOSTED, 30.0))
    assert two.endswith("HOSTED_OPEN at $30.")


# Flips -------------------------------------------------------------------------------------------


def flip(path: str = "buy.price", now: Any = 1.0, at: Any = 2.0, by: float | None = 1.0) -> Flip:
    return Flip(input=path, now=now, at=at, relative=by, verdict_then=BUY)


def test_that_two_flips_are_told_but_those_of_a_rule_that_does_not_hold() -> None:
    assert card(bare()).flips == "Nothing that the file can state would flip it."
    three = tuple(flip(f"path.{at}") for at in range(3))
    assert card(bare(flips=three)).flips == (
        "Flips: path.0 1 → 2 (+100 %) gives LOCAL_BUY; path.1 1 → 2 (+100 %) gives LOCAL_BUY."
    )
    kind, offline = flip("privacy.class", "none", "nda"), flip("privacy.offline", False, True)
    assert likely(bare(flips=(kind, offline))) == ()
    assert card(bare(flips=(kind,))).flips == "No single input but a privacy rule would flip it."
    holds = (flip("privacy.class", "nda", "none"), flip("privacy.offline", True, False))
    assert likely(bare(flips=(*holds, kind))) == holds


def test_that_values_of_a_flip_read_as_they_are_written() -> None:
    assert flip_text(flip(now=1234567.0, at=0.5, by=None)) == (
        "buy.price 1.23457e+06 → 0.5 gives LOCAL_BUY"
    )
    assert flip_text(flip(now=12345.6, at=28, by=0.5)).startswith("buy.price 12,345.6 → 28 (+50 %)")
    assert flip_text(flip(now=None, at=True, by=None)).startswith("buy.price not stated → true")
    assert flip_text(flip(now=True, at=False, by=None)).startswith("buy.price true → false")
    assert flip_text(flip(now="pass", at="fail", by=None)).startswith("buy.price pass → fail gives")


# What next ---------------------------------------------------------------------------------------


def step(**changes: Any) -> str:
    return card(bare(**changes)).next_step


def test_that_the_most_pressing_step_is_told() -> None:
    leaks = tuple(Leak(step=one, where="", host="", why="") for one in ("embed", "rank", "embed"))
    missing = (Missing("volume.history_days", "not stated"), Missing("buy.price", "?"))
    assert step(leaks=leaks, missing=missing) == (
        "Next: not yet private, bring these steps inside: embed, rank."
    )
    assert step(missing=missing) == "Next: find out volume.history_days (not stated)."
    assert step() == (
        "Next: get the local candidate and point the calls at it; look again on 2026-12-23."
    )


def test_that_a_warning_goes_with_the_move_or_stands_before_it() -> None:
    first = Caution("AP8", "it is critical")
    assert step(warnings=(first, Caution("AP9", "x"))).endswith(
        "look again on 2026-12-23; watch out: it is critical (AP8)."
    )
    unpriced = step(warnings=(Caution("AP7", "not priced"),))
    assert unpriced.startswith("Next: name a hosted candidate to look at its price")
    assert unpriced.endswith(": not priced (AP7).")
    assert step(warnings=(Caution("S51", "it is old"),)) == "Next: it is old (S51)."


@pytest.mark.parametrize(
    ("option", "bar", "plain", "named"),
    [
        (HERE, HOSTED, "get the local candidate and", "get small and point"),
        (HOSTED, HOSTED, "set up the hosted candidate and move", "set up h at cheap and move"),
        (SPLIT, HOSTED, "and the hosted candidate what", "let small take the steady part and h at"),
        (SPLIT, CLOUD, "and today's model what", "and today's model what overflows"),
        (RENT, HOSTED, "rent a GPU by the hour with the", "rent L40S by the hour with small"),
        (BUY, HOSTED, "get an offer for the machine and", "get an offer for a box and state"),
        (CLOUD, CLOUD, "nothing to change", "nothing to change"),
    ],
)
def test_that_a_move_is_told_by_the_names_of_what_it_takes(
    option: Option, bar: Option, plain: str, named: str
) -> None:
    means = Means(model="small", bought="a box", rented="L40S", hosted="h", provider="cheap")
    assert plain in step(option=option, bar=bar, means=Means())
    assert named in step(option=option, bar=bar, means=means)


def test_that_a_way_out_is_named_where_nothing_can_run() -> None:
    held = known(Details(would_hold="a box, $9"))
    assert "would do it (a box, $9)" in step(option=NOWHERE, behind=held)
    busy = (Reason("H6", "x"),)
    assert "let the calls wait" in step(option=NOWHERE, reasons=busy)
    assert "find a smaller model" in step(option=NOWHERE, reasons=(Reason("H3", "x"),))


def drawn(regret: float | None = None, measure: str = "", **best: float) -> Worlds:
    told = MeasureNext(path=measure, why="it helps", regret_left_usd_month=0.0)
    return Worlds(
        draws=100,
        p_best={Option[name]: share for name, share in best.items()} or {HERE: 1.0},
        saving_mean=None,
        saving_p05=None,
        saving_p95=None,
        regret_usd_month=regret,
        measure=told if measure else None,
    )


GATES = (Missing("quality.gate", "open"), Missing("quality.gate_hosted", "open"))


def test_that_a_gate_that_is_worth_next_to_nothing_is_not_asked_for() -> None:
    assert step(missing=GATES, worlds=drawn(0.99)) == (
        "Next: nothing to change, a candidate that passed the quality gate would save too little;"
        " look again on 2026-12-23."
    )
    assert "is worth $1.00 a month" in step(missing=GATES, worlds=drawn(1.0))
    assert "is worth $9.99 a month" in step(missing=GATES[:1], worlds=drawn(9.99))
    assert step(missing=GATES, worlds=drawn(10.0)).startswith("Next: find out quality.gate")
    assert step(missing=GATES, worlds=drawn(None)).startswith("Next: find out")
    more = (*GATES, Missing("buy.price", "?"))
    assert step(missing=more, worlds=drawn(0.0)).startswith("Next: find out")
    assert cards.idle_gate_usd_month(bare(worlds=drawn(0.0))) is None
    assert cards.idle_gate_usd_month(bare(missing=GATES)) is None
    assert cards.idle_gate_usd_month(bare(missing=GATES, worlds=drawn(0.0))) == 0.0


def test_that_what_takes_most_doubt_away_is_asked_for_first() -> None:
    missing = (Missing("volume.history_days", "?"), *GATES)

    def asked(worlds: Worlds | None = None, *flips: Flip) -> str:
        return telling(bare(missing=missing, worlds=worlds, flips=flips)).field

    passes = replace(flip("quality.gate", "unmeasured", "pass"), verdict_then=HOSTED)
    assert asked() == "volume.history_days"
    assert asked(drawn(50.0, "quality.gate")) == "quality.gate"
    assert asked(drawn(50.0, "buy.price")) == "volume.history_days"
    assert asked(drawn(50.0, "quality.gate"), passes) == "quality.gate_hosted"
    assert asked(None, passes) == "quality.gate_hosted"
    assert asked(drawn(50.0, "volume.history_days"), passes) == "volume.history_days"
    local = replace(passes, verdict_then=HERE)
    assert asked(drawn(50.0, "quality.gate"), local) == "quality.gate"


def test_that_a_close_call_is_between_the_two_likeliest() -> None:
    low = Confidence(word="low", p_best=0.4)
    lines = (line(CLOUD, 900.0), line(HOSTED, 260.0), line(HERE, 20.0))

    def called(**best: float) -> Any:
        of = bare(confidence=low, worlds=drawn(None, **best), options=lines)
        return close_call(of)

    found = called(LOCAL_BUY=0.1, HOSTED_OPEN=0.4, LOCAL_THIS_MACHINE=0.5)
    assert (found.first, found.second) == (HERE, HOSTED)
    assert (found.both_cheaper, found.keeps_today) == (True, False)
    # A purchase has no known bill here.
    bought = called(LOCAL_BUY=0.6, HOSTED_OPEN=0.4)
    assert (bought.both_cheaper, bought.keeps_today) == (False, False)
    today = called(CLOUD_FRONTIER=0.6, HOSTED_OPEN=0.4)
    assert (today.both_cheaper, today.keeps_today) == (False, True)
    assert called(HOSTED_OPEN=1.0) is None
    assert close_call(bare(confidence=low)) is None
    assert (
        close_call(replace(close(HERE, HOSTED), confidence=Confidence(word="medium", p_best=0.8)))
        is None
    )
