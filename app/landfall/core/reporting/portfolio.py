"""All workloads on one page, and how the report was made."""

from __future__ import annotations

from collections.abc import Sequence

from landfall.core.provenance import Unknown, middle
from landfall.core.reporting.blocks import (
    MARKS,
    Block,
    Cell,
    Column,
    Items,
    Page,
    Paragraph,
    Section,
    Table,
)
from landfall.core.reporting.choice import headline, sureness
from landfall.core.reporting.numbers import cell, money, number, percent
from landfall.core.reporting.subject import Around, Subject, Threshold, Undecided
from landfall.core.reporting.words import OPTION_NAMES, THRESHOLDS, capital, plain, sentence
from landfall.core.verdict.together import Together
from landfall.core.verdict.together_words import lines as sum_lines


def overview(subjects: Sequence[Subject], undecided: Sequence[Undecided], around: Around) -> Page:
    """The bill now and after, each workload in a line, what machines make of them together."""
    sections = []
    if around.together is not None:
        sections.append(Section("Together", tuple(_together(around.together))))
    rows = tuple(_row(one) for one in subjects)
    columns = (
        Column("Workload", share=1.7),
        Column("Verdict", share=2.4),
        Column("Today", right=True),
        Column("After", right=True, share=1.3),
        Column("Saved", right=True, share=1.4),
    )
    if rows:
        table = Table(caption="Each workload, USD a month", columns=columns, rows=rows)
        sections.append(Section("Workloads", (table,)))
    if undecided:
        sections.append(
            Section(
                "Without a verdict",
                (Items(tuple(_problem(one) for one in undecided), warning=True),),
            )
        )
    count = len(subjects) + len(undecided)
    firm = sum(not one.verdict.provisional for one in subjects)
    subtitle = f"{_counted(count, 'workload')}, {firm} with a verdict to which nothing is missing."
    return Page(
        name="portfolio", title="All workloads", subtitle=subtitle, sections=tuple(sections)
    )


def _problem(one: Undecided) -> str:
    return f"{one.name}: {one.problem} {one.hint}".strip()


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _row(subject: Subject) -> tuple[Cell, ...]:
    verdict = subject.verdict
    chosen = verdict.line(verdict.option)
    cost = Unknown("nothing can run it") if chosen is None else chosen.usd_month
    sample = "a sample: its numbers are invented" if subject.sample else ""
    saving = middle(verdict.saving)
    saved = cell(verdict.saving, money)
    if saving is not None and saving < 0:
        saved = Cell(saved.text, saved.mark, f"a loss{', ' if saved.detail else ''}{saved.detail}")
    return (
        Cell(verdict.workload, detail=sample, strong=True),
        Cell(headline(subject), detail=sureness(verdict)),
        cell(subject.facts.frontier, money),
        cell(cost, money),
        saved,
    )


def _together(found: Together) -> list[Block]:
    before, saving = found.bill_before, found.saving
    table = Table(
        caption="The bill of all of them, USD a month",
        columns=(Column("Bill", share=2), Column("A month", right=True, share=2)),
        rows=(
            (Cell("Now"), cell(before, money)),
            (Cell("With the verdicts followed"), cell(found.bill_after, money)),
            (Cell("Saved", detail=_share(found)), cell(saving, money)),
        ),
    )
    split = "; ".join(f"{count} × {OPTION_NAMES[option]}" for option, count in found.split)
    said = [sentence(plain(one)) for one in sum_lines(found)[2:]]
    return [table, Paragraph(f"Verdicts: {split}."), Items(tuple(said))]


def _share(found: Together) -> str:
    share = found.saving_share
    if share is None:
        return ""
    return f"a loss of {percent(-share)}" if share < 0 else f"{percent(share)} of the bill"


# How it was made ---------------------------------------------------------------------------------


def made(around: Around) -> Page:
    """Thresholds, what the marks say, which data of which day, by which program."""
    return Page(
        name="how-it-was-made",
        title="How this was made",
        subtitle=f"By Landfall {around.version}, with verdicts of {around.as_of}.",
        sections=tail(around),
    )


def tail(around: Around) -> tuple[Section, ...]:
    """The sections that all workloads share."""
    marks = Table(
        caption="Where a value comes from",
        columns=(Column("Mark", share=1), Column("What it says", share=5)),
        rows=tuple((Cell("a value", mark), Cell(capital(says))) for mark, says in MARKS.items()),
    )
    sections = [Section("Marks", (marks,))]
    if around.thresholds:
        sections.append(Section("Thresholds", (_thresholds(around.thresholds),)))
    if around.dated:
        rows = tuple((Cell(what), Cell(day)) for what, day in around.dated)
        columns = (Column("Data", share=4), Column("Of", share=1))
        data = Table(
            caption="Data that the program came with or fetched", columns=columns, rows=rows
        )
        sections.append(Section("Data", (data,)))
    said = (
        "Made on the machine of whoever asked for it, out of what is stored there. Nothing was sent"
        " anywhere for it, and this file asks for nothing when it is opened.",
        "Privacy rules are those of the user, applied to the letter: no legal finding.",
        "Names such as H6 or AP7 are those of rules: `landfall verdict --guide` prints them all.",
        "A verdict may say no: savings may be negative, and unknown is shown as unknown.",
        "Each figure is rounded by itself: what is shown may add up to one more or less in its last"
        " digit.",
    )
    sections.append(Section("Limits", (Items(said),)))
    return tuple(sections)


def _thresholds(listed: tuple[Threshold, ...]) -> Table:
    return Table(
        caption="Where the rules turned",
        columns=(
            Column("Threshold", share=1.7),
            Column("Used", right=True, share=1.3),
            Column("Rules", share=0.8),
            Column("Why, and who says so", share=4),
        ),
        rows=tuple(
            (
                Cell(THRESHOLDS.get(one.name) or capital(one.name.replace("_", " "))),
                Cell(
                    _in_unit(one, one.value), detail=_default(one), strong=one.value != one.default
                ),
                Cell(one.rules),
                Cell(sentence(one.reason), detail=f"{one.source}, {one.date}"),
            )
            for one in listed
        ),
    )


def _default(one: Threshold) -> str:
    unchanged = one.value == one.default
    return "default" if unchanged else f"changed, default {_in_unit(one, one.default)}"


def _in_unit(one: Threshold, value: float) -> str:
    if one.unit.startswith("USD"):
        return f"{money(value)}{one.unit.removeprefix('USD')}"
    if one.unit.startswith("share"):
        return f"{percent(value)}{one.unit.removeprefix('share')}"
    return f"{number(value)} {one.unit}"
