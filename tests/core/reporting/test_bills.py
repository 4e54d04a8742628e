"""What every option costs, the ways to have it, and a purchase held against each bill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.costs.horizon import Point
from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.reporting import (
    bills,
    choice,
    inputs,
)
from landfall.core.reporting.blocks import Cell, Items, Mark, Paragraph, Picture
from landfall.core.reporting.charts import (
    CostBar,
    CostChart,
    Place,
)
from landfall.core.reporting.subject import (
    Subject,
)
from landfall.core.verdict.details import Behind, Detail, Details, Gap
from landfall.core.verdict.facts import Variant
from landfall.core.workload.privacy import Option
from landfall.services.reports.subjects import Evidence, Told, subject
from tests.core.reporting.cases import AROUND, head, horizon, line, tables, texts, with_options
from tests.services.reports.conftest import DATA, decide


def test_that_every_option_is_told_with_its_bill_its_wait_and_its_reason(split: Subject) -> None:
    table = bills.options_table(with_options(split))
    assert head(table) == [
        ("Option", False, 1.7),
        ("A month", True, 1.5),
        ("Slowest of twenty", True, 1.5),
        ("Open", False, 0.5),
        ("Why not, or what it assumes", False, 3.1),
    ]
    dash, yes, no = Cell("–"), Cell("yes"), Cell("no")
    costs = Cell("~$120", Mark.ESTIMATED, "$90 to $160")
    # The verdict, then what is open by its bill, what is not known behind, then what is out.
    assert table.rows == (
        (
            Cell("Split, here and outside", detail="the verdict", strong=True),
            costs,
            dash,
            yes,
            Cell("It waits. One shift."),
        ),
        (
            Cell("Qwen3-235B-A22B-Instruct-2507"),
            Cell("$200", Mark.STATED),
            Cell("~3.0 s", Mark.ESTIMATED, "2.0 s to 4.0 s"),
            yes,
            Cell("$80 more."),
        ),
        (
            Cell("gpt-5.5, today"),
            Cell("$300", Mark.PUBLISHED),
            Cell("not known", Mark.UNKNOWN, "never probed"),
            yes,
            Cell("$180 more.", detail="X."),
        ),
        (
            Cell("Rented RTX 4090"),
            Cell("not known", Mark.UNKNOWN),
            dash,
            Cell("not known"),
            Cell("Cost not known: no price."),
        ),
        (Cell("RTX 4090, qwen3:8b"), costs, dash, no, Cell("It cannot keep up. (H6)")),
        (
            Cell("Bought machine"),
            Cell("not known", Mark.UNKNOWN, "nothing to buy"),
            dash,
            no,
            Cell(""),
        ),
    )


def test_that_the_bars_tell_each_bill_with_its_band_and_what_keeps_the_others_out(
    split: Subject,
) -> None:
    told = with_options(split)
    assert bills.cost_bars(told) == (
        CostBar(
            name="Split, here and outside",
            place=Place.HERE,
            chosen=True,
            low=90.0,
            mid=120.0,
            high=160.0,
            amount="~$120 ($90 to $160)",
            kept=0.4,
            overflow=Place.HOSTED,
        ),
        CostBar(
            name="Qwen3-235B-A22B-Instruct-2507",
            place=Place.HOSTED,
            chosen=False,
            low=200.0,
            mid=200.0,
            high=200.0,
            amount="$200",
        ),
        CostBar(
            name="gpt-5.5, today",
            place=Place.FRONTIER,
            chosen=False,
            low=300.0,
            mid=300.0,
            high=300.0,
            amount="$300",
        ),
        CostBar(
            name="Rented RTX 4090",
            place=Place.RENT,
            chosen=False,
            out="cost not known: no price",
        ),
        CostBar(
            name="RTX 4090, qwen3:8b",
            place=Place.HERE,
            chosen=False,
            out="it cannot keep up (would cost ~$120)",
        ),
        CostBar(name="Bought machine", place=Place.BUY, chosen=False, out="not known"),
    )
    section = bills.costs_section(told)
    assert section.title == "Money"
    (picture,) = section.blocks
    assert isinstance(picture, Picture)
    assert picture.chart == CostChart(bills.cost_bars(told))
    assert picture.says == (
        "Split, here and outside: ~$120 ($90 to $160); Qwen3-235B-A22B-Instruct-2507: $200;"
        " gpt-5.5, today: $300; Rented RTX 4090: cost not known: no price;"
        " RTX 4090, qwen3:8b: it cannot keep up (would cost ~$120); Bought machine: not known."
    )


def test_that_a_split_keeps_what_the_machine_takes_where_it_is_not_the_verdict(
    split: Subject,
) -> None:
    told = with_options(split)
    host = told.facts.machine
    assert host is not None
    host = replace(host, absorbed_share=Stated(0.25, "typed"))
    other = replace(
        told,
        verdict=replace(told.verdict, option=Option.HOSTED_OPEN, bar=None),
        facts=replace(told.facts, machine=host),
    )
    (bar,) = [one for one in bills.cost_bars(other) if one.name == "Split, here and outside"]
    assert (bar.kept, bar.overflow) == (0.25, Place.HOSTED)
    nobody = replace(other, facts=replace(other.facts, machine=None))
    (bar,) = [one for one in bills.cost_bars(nobody) if one.name == "Split, here and outside"]
    assert (bar.kept, bar.overflow) == (1.0, None)
    unknown = replace(told, verdict=replace(told.verdict, local_share=None))
    unknown = replace(unknown, facts=replace(told.facts, machine=host))
    assert bills.cost_bars(unknown)[0].kept == 0.25


def test_that_bills_of_nothing_draw_no_bars(split: Subject) -> None:
    free = (line(Option.CLOUD_FRONTIER, Stated(0.0, "typed")),)
    told = replace(split, verdict=replace(split.verdict, options=free))
    (said,) = bills.costs_section(told).blocks
    assert said == Paragraph("No option that is open has a bill that is known.")
    cent = (line(Option.CLOUD_FRONTIER, Estimated(0.0, 0.0, 0.01, "f")),)
    told = replace(split, verdict=replace(split.verdict, options=cent))
    assert isinstance(bills.costs_section(told).blocks[0], Picture)


def variant(name: str, usd: float, why: str = "") -> Variant:
    return Variant(name=name, usd_month=Stated(usd, "typed"), feasible=not why, why_not=why)


def test_that_ways_to_have_an_option_are_told_where_there_are_several(split: Subject) -> None:
    one = Detail(variants=(variant("as it is", 9.0),))
    two = Detail(variants=(variant("on demand", 5.0), variant("always on", 7.0)))
    told = with_options(split, Details(of={Option.HOSTED_OPEN: one, Option.RENT_GPU: two}))
    (table,) = tables(bills.money_section(told))[1:]
    assert head(table) == [
        ("Option", False, 1.6),
        ("Way to have it", False, 2),
        ("A month", True, 1.3),
    ]
    name = Cell("Rented RTX 4090")
    assert table.rows == (
        (name, Cell("on demand"), Cell("$5.00", Mark.STATED)),
        (name, Cell("always on"), Cell("$7.00", Mark.STATED)),
    )
    out = Detail(variants=(variant("on demand", 5.0), variant("always on", 7.0, "too dear")))
    told = with_options(split, Details(of={Option.RENT_GPU: out}))
    (table,) = tables(bills.money_section(told))[1:]
    assert head(table)[3] == ("Why not this way", False, 2.5)
    assert [row[3] for row in table.rows] == [Cell("–"), Cell("Too dear.")]
    alone = with_options(split, Details(of={Option.HOSTED_OPEN: one}))
    assert len(tables(bills.money_section(alone))) == 1


def test_that_a_purchase_is_held_against_each_bill(split: Subject) -> None:
    hours = Point(Stated(50.0, "typed"))
    told = with_options(split, Details(purchase=horizon(hours)))
    (_, table) = tables(bills.money_section(told))
    assert table.caption == "A box at $3,000, against each bill"
    assert head(table) == [
        ("Against", False, 1.6),
        ("Paid back", True, 1.4),
        ("With falling prices", True, 1.4),
        ("Present value", True, 1.3),
        ("Cheaper from", True, 1.8),
    ]
    paid, loss = Cell("4 months", Mark.STATED), Cell("−$500", Mark.STATED)
    never, dash = Cell("never", None, "it falls too fast"), Cell("–")
    calls = "1 calls a day to 3 calls a day"
    assert table.rows == (
        (
            Cell("Today's cloud model"),
            paid,
            never,
            loss,
            Cell("~2 calls a day", Mark.ESTIMATED, calls),
        ),
        (
            Cell("A hosted open model"),
            paid,
            never,
            loss,
            Cell("~2 calls a day", Mark.ESTIMATED, "more than it serves"),
        ),
        (Cell("A rented GPU"), paid, never, loss, Cell("never", None, "at no volume")),
        (
            Cell("Renting by the hour"),
            dash,
            dash,
            dash,
            Cell("50 busy hours a month", Mark.STATED),
        ),
    )


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (Point(Unknown("never: rent is cheaper"), never=True), True),
        (Point(Unknown("no price of an hour")), False),
    ],
)
def test_that_renting_by_the_hour_is_told_where_it_is_known(
    split: Subject, hours: Point, told: bool
) -> None:
    found = with_options(split, Details(purchase=horizon(hours)))
    (_, table) = tables(bills.money_section(found))
    assert (table.rows[-1][0] == Cell("Renting by the hour")) == told


def test_that_what_is_missing_of_a_machine_and_what_it_adds_is_said(split: Subject) -> None:
    details = Details(
        marginal_usd_month=Stated(20.0, "typed"),
        average_usd_month=Stated(90.0, "typed"),
        gap=(
            Gap(option=Option.LOCAL_THIS_MACHINE, machine="my box", rule="H3", text="8 GB short"),
            Gap(option=Option.LOCAL_BUY, machine="", rule="", text="nothing is named"),
        ),
        would_hold="two boxes at $4,000",
    )
    section = bills.money_section(with_options(split, details))
    (_, owned, gaps) = section.blocks
    assert owned == Paragraph(
        "To the owned machine the work adds $20 a month, which decides; bought for this alone it"
        " would cost $90 in all."
    )
    assert gaps == Items(
        (
            "My box: 8 GB short.",
            "Bought machine: nothing is named.",
            "The cheapest listed that would do it: two boxes at $4,000.",
        )
    )
    bare = bills.money_section(with_options(split, Details()))
    assert bare.title == "Money"
    assert bare.blocks == (bills.options_table(with_options(split, Details())),)


def test_that_an_option_without_a_name_has_one(split: Subject) -> None:
    facts = replace(split.facts, machine=None, buy=None, rented=None)
    workload = replace(split.workload, today=replace(split.workload.today, model=""))
    bare = replace(split, facts=facts, hosted=None, workload=workload)
    names = [bills.option_name(bare, option) for option in Option]
    assert names[:3] == ["Cloud, today's model", "Hosted open model", "Rented GPU"]
    assert choice.headline(
        replace(bare, verdict=replace(bare.verdict, local_share=None))
    ).startswith("Run the steady part")


def test_that_a_machine_that_cannot_serve_its_break_even_is_said_so() -> None:
    (decided,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=decided), Evidence())
    purchase = told.verdict.details.purchase
    assert purchase is not None
    against = tuple(
        replace(one, within_reach=False, breakeven_calls_per_day=Point(Stated(900.0, "x")))
        for one in purchase.against
    )
    details = replace(told.verdict.details, purchase=replace(purchase, against=against))
    far = replace(told, verdict=replace(told.verdict, behind=Behind(lambda: details)))
    assert "more than it serves" in texts(bills.money_section(far))
    assert "Power of a machine at rest" in texts(inputs.inputs_section(told, AROUND))


def test_that_the_reason_of_an_unknown_bill_is_told_once_in_a_row(split: Subject) -> None:
    nobody = Unknown("no table knows it")
    lines = tuple(
        replace(one, usd_month=nobody, why_not=f"cost not known: {nobody.reason}")
        if one.option is Option.HOSTED_OPEN
        else one
        for one in split.verdict.options
    )
    told = replace(split, verdict=replace(split.verdict, options=lines))
    row = next(row for row in bills.options_table(told).rows if row[4].text.startswith("Cost not"))
    assert row[1].detail == ""
    assert "no table knows it" in row[4].text.lower()


def test_that_the_verdict_leads_its_table_and_what_is_out_ends_it(split: Subject) -> None:
    table = bills.options_table(split)
    chosen = [row for row in table.rows if row[0].detail == "the verdict"]
    assert chosen == [table.rows[0]]
    assert table.rows[0][0].strong
    assert not any(row[0].strong for row in table.rows[1:])
    assert [row[3].text for row in table.rows[1:]] == sorted(
        (row[3].text for row in table.rows[1:]), key=lambda text: text == "no"
    )
    lines = bills.ordered(split.verdict)
    assert lines[0].option is split.verdict.option
    open_ = [bills._cost(one.usd_month) for one in lines[1:] if one.feasible is not False]
    assert open_ == sorted(open_)
    assert table.rows[0][0].text == bills.option_name(split, Option.HYBRID)
