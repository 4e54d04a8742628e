"""The page of all workloads, the bill of all, and thresholds that were changed."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.reporting import (
    choice,
    numbers,
    portfolio,
)
from landfall.core.reporting.blocks import Cell, Items, Mark, Page, Paragraph, Table
from landfall.core.reporting.subject import (
    Subject,
    Threshold,
    Undecided,
)
from landfall.core.settings import Thresholds
from landfall.core.verdict.together import together
from landfall.core.workload.privacy import Option
from landfall.services.verdict.standing_verdicts import routing_cost
from tests.core.reporting.cases import AROUND, head, tables, with_options


def test_that_the_page_of_all_workloads_counts_and_lists_them(split: Subject) -> None:
    lost = Undecided(name="Lost", problem="It has no volume.", hint="State one.")
    bare = Undecided(name="Bare", problem="It is broken.")
    page = portfolio.overview([split], [lost, bare], AROUND)
    assert (page.name, page.title) == ("portfolio", "All workloads")
    assert page.subtitle == "3 workloads, 1 with a verdict to which nothing is missing."
    assert [one.title for one in page.sections] == ["Workloads", "Without a verdict"]
    (table,) = tables(page.sections[0])
    assert head(table) == [
        ("Workload", False, 1.7),
        ("Verdict", False, 2.4),
        ("Today", True, 1.0),
        ("After", True, 1.3),
        ("Saved", True, 1.4),
    ]
    assert page.sections[1].blocks == (
        Items(("Lost: It has no volume. State one.", "Bare: It is broken."), warning=True),
    )
    unsure = replace(split, verdict=replace(split.verdict, provisional=True))
    alone = portfolio.overview([unsure], [], AROUND)
    assert alone.subtitle == "1 workload, 0 with a verdict to which nothing is missing."
    nothing = portfolio.overview([], [lost], AROUND)
    assert [one.title for one in nothing.sections] == ["Without a verdict"]


def test_that_a_workload_has_its_bills_in_a_row(split: Subject) -> None:
    told = with_options(split)
    told = replace(
        told,
        sample=True,
        facts=replace(told.facts, frontier=Stated(300.0, "typed")),
        verdict=replace(told.verdict, saving=Estimated(-60.0, -20.0, 10.0, "f")),
    )
    row = portfolio._row(told)
    assert row[0] == Cell(
        "Site search answers", detail="a sample: its numbers are invented", strong=True
    )
    assert row[1].text == "Split: 40 % of the calls here, the rest outside"
    assert row[1].detail == choice.sureness(told.verdict)
    assert row[2:] == (
        Cell("$300", Mark.STATED),
        Cell("~$120", Mark.ESTIMATED, "$90 to $160"),
        Cell("~−$20", Mark.ESTIMATED, "a loss, −$60 to $10.00"),
    )
    sure = replace(told, verdict=replace(told.verdict, saving=Stated(-5.0, "typed")))
    assert portfolio._row(sure)[4] == Cell("−$5.00", Mark.STATED, "a loss")
    nothing = replace(told, verdict=replace(told.verdict, options=()))
    assert portfolio._row(nothing)[3] == Cell("not known", Mark.UNKNOWN, "nothing can run it")


def test_that_the_bill_of_all_is_told_before_and_after(split: Subject) -> None:
    from landfall.core.verdict.together import together

    found = together([], Thresholds(), routing_cost())
    found = replace(
        found,
        bill_before=Stated(400.0, "typed"),
        bill_after=Stated(300.0, "typed"),
        saving=Stated(100.0, "typed"),
        split=((Option.HYBRID, 2), (Option.RENT_GPU, 1)),
    )
    table, verdicts, _ = portfolio._together(found)
    assert isinstance(table, Table)
    assert head(table) == [("Bill", False, 2), ("A month", True, 2)]
    assert [row[0] for row in table.rows] == [
        Cell("Now"),
        Cell("With the verdicts followed"),
        Cell("Saved", detail="25 % of the bill"),
    ]
    assert [row[1].text for row in table.rows[:2]] == ["$400", "$300"]
    assert table.rows[2][1] == Cell("$100", Mark.STATED)
    assert verdicts == Paragraph("Verdicts: 2 × Split, here and outside; 1 × Rented GPU.")
    page = portfolio.overview([], [], replace(AROUND, together=found))
    assert [one.title for one in page.sections] == ["Together"]
    level = replace(found, bill_after=Stated(400.0, "typed"))
    assert portfolio._share(level) == "0 % of the bill"


def threshold(value: float, unit: str, name: str = "payback_max_months") -> Threshold:
    return Threshold(
        name=name,
        value=value,
        default=12.0,
        unit=unit,
        rules="S7",
        reason="a year is what people wait",
        source="a survey",
        date="2026-11",
    )


def test_that_thresholds_are_told_with_what_they_were_changed_from() -> None:
    listed = (
        threshold(12.0, "months"),
        threshold(6.0, "USD a month", "local_bill_min_usd_month"),
        threshold(0.5, "share of the bar", "another_name"),
    )
    page = portfolio.made(replace(AROUND, thresholds=listed, dated=(("Prices", "2026-11-01"),)))
    assert isinstance(page, Page)
    assert page.name == "how-it-was-made"
    assert page.subtitle == "By Landfall 0, with verdicts of 2026-11-26."
    assert [one.title for one in page.sections] == ["Marks", "Thresholds", "Data", "Limits"]
    marks, limits, data = (tables(one)[0] for one in page.sections[:3])
    assert head(marks) == [("Mark", False, 1), ("What it says", False, 5)]
    assert [row[0].mark for row in marks.rows] == list(Mark)
    assert head(limits) == [
        ("Threshold", False, 1.7),
        ("Used", True, 1.3),
        ("Rules", False, 0.8),
        ("Why, and who says so", False, 4),
    ]
    why = Cell("A year is what people wait.", detail="a survey, 2026-11")
    assert limits.rows == (
        (Cell("Hardware pays back within"), Cell("12 months", detail="default"), Cell("S7"), why),
        (
            Cell("Hardware from a bill of"),
            Cell("$6.00 a month", detail="changed, default $12.00 a month", strong=True),
            Cell("S7"),
            why,
        ),
        (
            Cell("Another name"),
            Cell("50 % of the bar", detail="changed, default 1,200 % of the bar", strong=True),
            Cell("S7"),
            why,
        ),
    )
    assert head(data) == [("Data", False, 4), ("Of", False, 1)]
    assert data.rows == ((Cell("Prices"), Cell("2026-11-01")),)
    assert [one.title for one in portfolio.tail(AROUND)] == ["Marks", "Limits"]


def test_that_a_loss_of_all_together_is_called_one() -> None:
    found = together([], Thresholds(), routing_cost())
    before = replace(found, bill_before=Stated(100.0, "typed"))
    for after, said in ((125.0, "a loss of 25 %"), (50.0, "50 % of the bill")):
        assert portfolio._share(replace(before, bill_after=Stated(after, "typed"))) == said
    assert portfolio._share(replace(before, bill_after=Unknown("nobody knows"))) == ""


def test_that_a_saving_of_nothing_is_no_loss(split: Subject) -> None:
    for usd, loss in ((0.0, False), (-1.0, True), (5.0, False)):
        one = replace(split, verdict=replace(split.verdict, saving=Stated(usd, "x")))
        row = portfolio._row(one)
        assert ("a loss" in row[4].detail) == loss
        assert row[4].text == numbers.money(usd)
    missing = replace(split.verdict, saving=Unknown("nobody knows"))
    assert portfolio._row(replace(split, verdict=missing))[4].text == "not known"
