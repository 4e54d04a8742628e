"""The report as HTML: valid, alone, complete, and true to the verdicts that it tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import pytest

from landfall.core.provenance import Measured, Unknown, band
from landfall.core.reporting.blocks import Picture, Report, Table
from landfall.core.reporting.charts import PipelineChart, Step
from landfall.core.reporting.numbers import money
from landfall.core.reporting.subject import Undecided
from landfall.core.reporting.svg.canvas import ON_SCREEN
from landfall.core.reporting.svg.drawing import drawn
from landfall.core.settings import Settings, Thresholds
from landfall.core.workload.privacy import Option
from landfall.services.reports import style
from landfall.services.reports.html import to_html
from landfall.services.reports.writing import made
from landfall.services.verdict.decided import Decided
from tests.fakes.html_checker import checked
from tests.services.reports.conftest import DATA, asked_of, decide

NAMES = {
    "script": "<script>alert(1)</script>",
    "cdata": "a ]]> b <![CDATA[ c",
    "comment": "a <!-- b --> </svg></style></title>",
    "quotes": "\"'`&amp;&",
    "rtl": "سير العمل \u202e evil \u2066 x",
    "emoji": "👩‍🔬🧪 lab 日本語",
    "long": "x" * 300,
    "words": " ".join(["word"] * 60),
    "controls": "a\u0007b\u009bc\ufffed",
}


async def document(decided: Sequence[Decided], **rest: object) -> tuple[Report, str]:
    found = await made(asked_of(decided, **rest))  # type: ignore[arg-type]
    return found, to_html(found)


async def test_that_a_report_of_every_kind_of_verdict_is_valid_and_asks_for_nothing(
    every_kind: list[Decided],
) -> None:
    assert {one.verdict.option for one in every_kind} == set(Option)
    found, html = await document(every_kind)
    seen = checked(html)
    assert seen.faults == []
    assert seen.language == "en"
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(seen.tags)
    assert seen.pictures == sum(isinstance(one, Picture) for one in found.blocks())
    assert seen.tables == sum(isinstance(one, Table) for one in found.blocks())
    assert "default-src 'none'" in html


async def test_that_a_foreign_reader_of_html_finds_no_fault_either(
    every_kind: list[Decided],
) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    _, html = await document(every_kind)
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(html)
    assert parser.errors == []


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_that_a_name_of_any_make_is_text_and_nothing_else(name: str) -> None:
    text = (DATA / "verdicts/hybrid.toml").read_text(encoding="utf-8")
    (decided,) = decide([text])
    workload = replace(decided.loaded.workload, name=name)
    renamed = decided.again(workload, with_flips=True)
    found, html = await document([renamed])
    seen = checked(html)
    assert seen.faults == []
    shown = re.sub(r"[\x07\x9b\ufffe\u202e]", "", name)
    assert shown in "".join(seen.texts)
    assert found.title == name


async def test_that_the_first_page_says_the_verdict_in_five_lines(
    every_kind: list[Decided],
) -> None:
    for decided in every_kind:
        _, html = await document([decided])
        card = html.partition("<dl")[2].partition("</dl>")[0]
        assert re.findall(r"<dt>(.*?)</dt>", card) == [
            "Verdict",
            "Because",
            "Money",
            "Flips if",
            "Next",
        ]
        assert f'data-verdict="{decided.verdict.option.value}"' in card
        assert ("provisional" in card) == decided.verdict.provisional


async def test_that_every_option_stands_there_with_its_money_and_every_reason_with_its_rule(
    every_kind: list[Decided],
) -> None:
    for decided in every_kind:
        found, _ = await document([decided])
        tables = {one.caption: one for one in found.blocks() if isinstance(one, Table)}
        options = tables["Every option, USD a month"]
        assert len(options.rows) == len(decided.verdict.options)
        said = [row[1].text for row in options.rows]
        for line in decided.verdict.options:
            ends = band(line.usd_month)
            assert any(money(ends[1]) in one for one in said) if ends else "not known" in said
        rules = [
            row[0].text for row in tables["Rules in the order in which they were looked at"].rows
        ]
        assert [one.rule or "–" for one in decided.verdict.reasons] == rules[
            : len(decided.verdict.reasons)
        ]
        met = [
            row[1].text for row in tables["Rules in the order in which they were looked at"].rows
        ]
        for reason, word in zip(decided.verdict.reasons, met, strict=False):
            assert (word == "not met") == (not reason.met)


async def test_that_no_two_origins_look_alike_and_unknown_is_never_a_number(
    every_kind: list[Decided],
) -> None:
    found, html = await document(every_kind)
    looks = set(re.findall(r'<i class="m (\w+)">(\w+)</i>', html))
    assert looks >= {
        ("est", "estimated"),
        ("pub", "published"),
        ("sta", "stated"),
        ("unk", "unknown"),
    }
    assert len({name for name, _ in looks}) == len(looks)
    for block in found.blocks():
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    if cell.mark is not None and cell.mark.value == "unknown":
                        assert not re.match(r"[~−$\d]", cell.text), cell


async def test_that_a_changed_threshold_is_said_to_be_changed(every_kind: list[Decided]) -> None:
    limits = Thresholds(payback_max_months=18.0)
    found, _ = await document(every_kind[:1], settings=Settings(thresholds=limits))
    (table,) = [
        one
        for one in found.blocks()
        if isinstance(one, Table) and one.caption == "Where the rules turned"
    ]
    rows = {row[0].text: row for row in table.rows}
    assert rows["Hardware pays back within"][1].text == "18 months"
    assert rows["Hardware pays back within"][1].detail == "changed, default 12 months"
    assert rows["Busiest hour, at most"][1].detail == "default"


async def test_that_a_workload_without_a_verdict_is_named_with_what_to_do(
    every_kind: list[Decided],
) -> None:
    lost = Undecided(name="Broken <b>", problem="Line 3 is wrong.", hint="Mend it.")
    found, html = await document(every_kind[:2], undecided=[lost])
    assert "Broken &lt;b&gt;: Line 3 is wrong. Mend it." in html
    assert checked(html).faults == []
    assert [one.status for one in found.records] == [
        *("Provisional" if one.verdict.provisional else "Decided" for one in every_kind[:2]),
        "Not decided",
    ]


async def test_that_a_loss_is_called_a_loss(every_kind: list[Decided]) -> None:
    decided = next(one for one in every_kind if one.verdict.option is Option.LOCAL_THIS_MACHINE)
    worse = replace(decided.verdict, saving=Measured(-120.0, "", "a meter"))
    _, html = await document([replace(decided, verdict=worse), decided])
    assert "−$120" in html
    assert "a loss" in unescape(html)


async def test_that_a_bill_that_nobody_knows_is_not_drawn(every_kind: list[Decided]) -> None:
    decided = every_kind[0]
    lines = tuple(
        replace(one, usd_month=Unknown("no price is listed")) for one in decided.verdict.options
    )
    bare = replace(decided, verdict=replace(decided.verdict, options=lines))
    _, html = await document([bare])
    assert "No option that is open has a bill that is known." in html
    assert checked(html).faults == []


async def test_that_every_worked_decision_makes_a_valid_report() -> None:
    texts = [one.read_text(encoding="utf-8") for one in sorted((DATA / "decisions").glob("*.toml"))]
    _, html = await document(decide(texts))
    assert checked(html).faults == []
    assert html.count("<article") == 2 + 2 * len(texts)


async def test_that_what_is_wider_than_a_screen_can_be_scrolled_by_keys(
    every_kind: list[Decided],
) -> None:
    _, html = await document(every_kind[:1])
    wide = re.findall(r'<div class="[tg]"([^>]*)>', html)
    assert len(wide) == html.count("<table>") + html.count("<svg ")
    assert all('tabindex="0"' in one and 'aria-label="' in one for one in wide)


@pytest.mark.parametrize("scheme", [style._LIGHT, style._DARK, style._PAPER])
def test_that_words_and_shapes_can_be_told_from_what_is_behind_them(
    scheme: dict[str, str],
) -> None:
    """4.5 to 1 for words and 3 to 1 for shapes (WCAG 2.2, 1.4.3 and 1.4.11)."""
    for role in ("text", "text-2", "text-3", "accent", "caution", "danger"):
        for behind in ("surface", "window", "sunken"):
            assert contrast(scheme[role], scheme[behind]) >= 4.5, (role, behind)
    for role in ("edge", "leave", "here", "frontier", "hosted", "rent", "buy"):
        assert contrast(scheme[role], scheme["surface"]) >= 3, role


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_that_words_that_leave_are_written_in_a_colour_for_words() -> None:
    steps = (Step(name="Generate", model="m", place="there", leaves=True, host="there"),)
    picture = Picture(name="p", title="t", says="s", chart=PipelineChart(steps, ""))
    svg = drawn(picture, ON_SCREEN, name="p")
    assert re.search(r'<text [^>]*class="f-danger">leaves to there<', svg)


async def test_that_a_name_cannot_turn_the_words_behind_it_round(
    every_kind: list[Decided],
) -> None:
    lost = Undecided(name="a \u202e b", problem="Line 3 is wrong.", hint="Mend it.")
    _, html = await document(every_kind[:1], undecided=[lost])
    assert "a  b: Line 3 is wrong." in html
