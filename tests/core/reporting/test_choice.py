"""The card of a verdict, its reasons and the rules that were asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Unknown
from landfall.core.reporting import (
    bills,
    choice,
    doubt,
    record,
)
from landfall.core.reporting.blocks import (
    Cell,
    Items,
    Mark,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.subject import (
    RuleText,
    Subject,
)
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.verdict import Confidence, Flip, Missing, Verdict
from landfall.core.verdict.worlds import Worlds
from landfall.core.workload.privacy import Option
from tests.core.reporting.cases import AROUND, WORLDS, head, texts


def reasons(verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        reasons=(
            Reason(rule="E5", text="a split is cheaper", met=True, excludes=False),
            Reason(rule="H6", text="too slow", met=True, excludes=True),
            Reason(rule="S6", text="not steady", met=False, excludes=False),
            Reason(rule="", text="nothing else", met=True, excludes=False),
        ),
        missing=(Missing(field="tokens.input", reason="it is not stated"),),
    )


def test_that_each_rule_is_told_with_what_it_did(split: Subject) -> None:
    told = replace(split, verdict=reasons(split.verdict))
    around = replace(
        AROUND,
        rules={"E5": RuleText(says="s", turns="the bill"), "H6": RuleText(says="s", turns="")},
    )
    (table, quiet) = choice.reasons_section(told, around).blocks
    assert isinstance(table, Table)
    assert head(table) == [
        ("Rule", False, 0.5),
        ("Outcome", False, 0.8),
        ("What was found", False, 5),
    ]
    assert table.rows == (
        (
            Cell("E5", strong=True),
            Cell("met", strong=True),
            Cell("A split is cheaper.", detail="Turns with: the bill."),
        ),
        (Cell("H6", strong=True), Cell("takes out", strong=True), Cell("Too slow.")),
        (Cell("S6", strong=True), Cell("not met"), Cell("Not steady.")),
        (Cell("–", strong=True), Cell("met", strong=True), Cell("Nothing else.")),
        (
            Cell("?"),
            Cell("Missing", strong=True),
            Cell("It is not stated.", Mark.UNKNOWN, "Tokens in"),
        ),
    )
    assert isinstance(quiet, Paragraph)
    assert quiet.text.endswith("H1, H2, H3, H4, H5, H7, H8, F1, E0, E2, E3, E4, S7, S25, S27, S48.")
    (short,) = choice.reasons_in_short(told).blocks
    assert short == Items(("E5: A split is cheaper.", "H6: Too slow.", "S6, not met: not steady."))


def test_that_the_first_page_tells_six_reasons_and_four_warnings(split: Subject) -> None:
    many = tuple(Reason(rule=f"H{n}", text="t", met=True, excludes=False) for n in range(1, 9))
    told = replace(split, verdict=replace(split.verdict, reasons=many))
    (short,) = choice.reasons_in_short(told).blocks
    assert isinstance(short, Items)
    assert len(short.items) == 6
    for count, shown in ((4, 4), (5, 5), (6, 5)):
        stale = tuple(Caution("S51", f"reason {n}") for n in range(count))
        bare = replace(told, stale=stale, verdict=replace(told.verdict, warnings=()))
        (_, listed) = choice.verdict_section(bare).blocks
        assert isinstance(listed, Items)
        assert len(listed.items) == shown
        assert listed.items[0] == "Reason 0. (S51)"
    assert listed.items[-1] == "2 more among the evidence."
    calm = replace(told, stale=(), verdict=replace(told.verdict, warnings=()))
    assert len(choice.verdict_section(calm).blocks) == 1


@pytest.mark.parametrize(
    ("bar", "share", "worlds", "provisional", "said"),
    [
        (None, 0.9, WORLDS, False, "Decided by rules, not by cost"),
        (None, 0.9, WORLDS, True, "Decided by rules, not by cost; provisional"),
        (Option.RENT_GPU, None, WORLDS, False, "Confidence low"),
        (Option.RENT_GPU, 0.9, None, False, "Confidence low"),
        (
            Option.RENT_GPU,
            0.915,
            WORLDS,
            True,
            "Confidence low: the same in 92 % of 2,000 simulations; provisional",
        ),
    ],
)
def test_that_a_verdict_says_how_sure_it_is(
    split: Subject,
    bar: Option | None,
    share: float | None,
    worlds: Worlds | None,
    provisional: bool,
    said: str,
) -> None:
    verdict = replace(
        split.verdict,
        bar=bar,
        worlds=worlds,
        provisional=provisional,
        confidence=Confidence(word="low", p_best=share),
    )
    assert choice.sureness(verdict) == said


def test_that_the_card_tells_five_lines(split: Subject) -> None:
    block = choice.card_block(replace(split, verdict=replace(split.verdict, provisional=True)))
    assert (block.option, block.provisional) == ("HYBRID", True)
    assert block.sureness == choice.sureness(replace(split.verdict, provisional=True))
    assert [label for label, _ in block.lines] == [
        "Verdict",
        "Because",
        "Money",
        "Flips if",
        "Next",
    ]
    told = dict(block.lines)
    assert told["Verdict"].startswith("Split: 49 % of the calls here, the rest outside. Conf")
    assert told["Because"].startswith("Steady work here")
    assert not told["Next"].startswith("Next")
    none = replace(split, verdict=replace(split.verdict, flips=()))
    assert dict(choice.card_block(none).lines)["Flips if"] == (
        "nothing that a workload states would flip it"
    )
    whole = choice.headline(
        replace(split, verdict=replace(split.verdict, option=Option.CLOUD_FRONTIER))
    )
    assert whole == "Stay with gpt-5.5"


def test_that_nothing_known_is_said_in_each_section(split: Subject) -> None:
    verdict = replace(split.verdict, reasons=(), flips=(), worlds=None, missing=())
    bare = replace(split, verdict=verdict, swings=(), curves=Unknown("nothing follows it"))
    assert "No rule speaks against" in texts(choice.reasons_in_short(bare))
    assert "No input that a workload states" in texts(doubt.flips_in_short(bare))
    assert "No input that a workload states" in texts(doubt.flips_section(bare))
    assert "No break-even: Nothing follows it." in texts(doubt.volume_section(bare))
    unsure = replace(verdict, confidence=Confidence(word="low", p_best=None))
    assert choice.sureness(unsure) == "Confidence low"
    assert "Nothing that a workload states" in texts(record.record(bare, AROUND).would_change)


def test_that_many_warnings_are_cut_on_the_first_page_and_whole_among_the_evidence(
    split: Subject,
) -> None:
    stale = tuple(Caution("S51", f"re-check: reason {n}") for n in range(9))
    heeded = replace(split, stale=stale)
    (_, listed) = choice.verdict_section(heeded).blocks
    assert isinstance(listed, Items)
    assert listed.warning
    assert listed.items[-1] == f"{len(choice.warnings(heeded)) - 4} more among the evidence."
    assert len(choice.warnings(heeded)) >= 9


def test_that_paragraphs_of_a_section_are_told_plainly(split: Subject) -> None:
    section = bills.costs_section(split)
    assert isinstance(section.blocks[0], Picture)
    quiet = choice.reasons_section(split, AROUND).blocks[-1]
    assert isinstance(quiet, Paragraph)
    assert quiet.quiet


def flip(path: str, now: object, at: object, relative: float | None) -> Flip:
    return Flip(input=path, now=now, at=at, relative=relative, verdict_then=Option.HOSTED_OPEN)  # type: ignore[arg-type]


def test_that_a_flip_says_which_way_how_far_and_to_what() -> None:
    up = flip("volume.calls_per_day", 100.0, 150.0, 0.5)
    assert choice.flip_clause(up) == "calls a day goes up to 150 (+50 %) → a hosted open model"
    down = flip("quotes.buy.price", 1000.0, 750.0, -0.25)
    assert choice.flip_clause(down) == (
        "price of the machine goes down to $750 (−25 %) → a hosted open model"
    )
    word = flip("organisation.kind", "established", "startup", None)
    assert choice.flip_clause(word) == (
        "organisation is startup instead of established → a hosted open model"
    )


def test_that_each_input_flips_once_on_the_first_page_and_no_more_than_asked(
    split: Subject,
) -> None:
    flips = tuple(flip(f"tokens.{n % 3}", 1.0, float(n), 0.1 * n) for n in range(1, 8))
    verdict = replace(split.verdict, flips=flips)
    assert [one.at for one in choice.first_flips(verdict, 2)] == [1.0, 2.0]
    assert [one.at for one in choice.first_flips(verdict, 9)] == [1.0, 2.0, 3.0]
    (card_block, *_) = choice.verdict_section(replace(split, verdict=verdict)).blocks
    assert len(dict(card_block.lines)["Flips if"].split("; ")) == 3  # type: ignore[union-attr]
    table = doubt._flips_table(replace(split, verdict=verdict), 2)
    assert [row[2].text for row in table.rows] == ["1 tokens", "2 tokens"]
    assert [row[1].text for row in table.rows] == ["1 tokens", "1 tokens"]
    assert [row[3].text for row in table.rows] == ["+10 %", "+20 %"]
    assert {row[4].text for row in table.rows} == {"Hosted open model"}
