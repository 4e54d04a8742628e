"""The bills over the volume: where lines cross, end, and are full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Stated, Unknown
from landfall.core.reporting import (
    doubt,
)
from landfall.core.reporting.blocks import (
    Cell,
    Mark,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.charts import (
    BreakEvenChart,
    CostLine,
    Place,
)
from landfall.core.reporting.subject import (
    Subject,
)
from landfall.core.verdict.over_volume import BreakEvenCurves, Curve
from landfall.core.workload.privacy import Option
from tests.core.reporting.cases import texts, typed

CURVES = BreakEvenCurves(
    calls_per_day=(10.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0),
    now=390.0,
    local=Curve(
        option=Option.LOCAL_THIS_MACHINE, usd_month=tuple(float(100 + n) for n in range(7))
    ),
    low=tuple(float(90 + n) for n in range(7)),
    high=tuple(float(110 + n) for n in range(7)),
    others=(
        Curve(option=Option.HOSTED_OPEN, usd_month=(50.0, 90.0, 130.0, 170.0, 210.0, 250.0, 290.0)),
        Curve(
            option=Option.CLOUD_FRONTIER,
            usd_month=(50.0, 500.0, 900.0, 1200.0, 1500.0, 1600.0, 1740.0),
        ),
        Curve(
            option=Option.RENT_GPU, usd_month=(50.0, 500.0, 900.0, 1200.0, 1500.0, 1600.0, 1741.0)
        ),
    ),
    crossing=255.0,
    crossing_low=144.0,
    crossing_high=1234.0,
    always=False,
)


def with_curves(split: Subject, curves: BreakEvenCurves = CURVES, busy: float = 0.5) -> Subject:
    host = split.facts.machine
    assert host is not None
    host = replace(host, usd_month=typed(9.0), peak_utilisation=typed(busy))
    facts = replace(split.facts, machine=host, buy=replace(host, peak_utilisation=typed(0.1)))
    return replace(split, curves=curves, facts=facts)


def test_that_the_bills_over_the_volume_are_drawn_told_and_listed(split: Subject) -> None:
    told = with_curves(split)
    section = doubt.volume_section(told)
    assert section.title == "Break-even"
    said, picture, table = section.blocks
    # Two significant digits: 255 is 260, 144 is 140, 1,234 is 1,200; 390 over a half is 780.
    words = "Break-even at 260 calls a day (140 to 1,200)."
    beyond = (
        "This machine serves up to 780 calls a day: with more, its line says what it would draw,"
        " not that it could do the work."
    )
    assert said == Paragraph(f"{words} {beyond}")
    assert isinstance(picture, Picture)
    assert (picture.name, picture.title) == ("break-even", "Cost a month over the volume")
    assert picture.says == f"{words} Now: 390 calls a day, $130 a month. {beyond}"
    hosted, frontier = CURVES.others[:2]
    # What ends above six times 290 dwarfs the picture: 1,740 does not, 1,741 does.
    assert picture.chart == BreakEvenChart(
        volume=CURVES.calls_per_day,
        local=CostLine(name="This machine", place=Place.HERE, usd_month=CURVES.local.usd_month),
        low=CURVES.low,
        high=CURVES.high,
        others=(
            CostLine(name="Hosted open model", place=Place.HOSTED, usd_month=hosted.usd_month),
            CostLine(
                name="Cloud, today's model", place=Place.FRONTIER, usd_month=frontier.usd_month
            ),
        ),
        now=390.0,
        now_usd=130.0,
        crossing=255.0,
        crossing_text="break-even at 260 calls a day (140 to 1,200)",
    )
    assert isinstance(table, Table)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["200", "$101", "~$90", "~$500", "~$500"],
        ["400", "$102", "~$130", "~$900", "~$900"],
        ["600", "$103", "~$170", "~$1,200", "~$1,200"],
        ["800", "$104", "~$210", "~$1,500", "~$1,500"],
        ["1,000", "$105", "~$250", "~$1,600", "~$1,600"],
        ["1,200", "$106", "~$290", "~$1,740", "~$1,741"],
    ]
    assert [row[1].detail for row in table.rows] == [
        "$91 to $111",
        "$92 to $112",
        "$93 to $113",
        "$94 to $114; more than it serves",
        "$95 to $115; more than it serves",
        "$96 to $116; more than it serves",
    ]
    assert {row[1].mark for row in table.rows} == {Mark.STATED}


def test_that_a_line_ends_where_the_machine_is_full_and_not_before(split: Subject) -> None:
    full = with_curves(split, busy=390 / 1200)
    assert doubt.calls_served(full, CURVES) == pytest.approx(1200.0)
    exact = doubt._volumes(CURVES, full, 1200.0)
    assert exact.rows[-1][1].detail == "$96 to $116"
    idle = with_curves(split, busy=0.0)
    assert doubt.calls_served(idle, CURVES) is None
    assert "serves up to" not in repr(doubt.volume_section(idle))
    bought = replace(CURVES, local=replace(CURVES.local, option=Option.LOCAL_BUY))
    assert doubt.calls_served(full, bought) == pytest.approx(3900.0)
    nobody = replace(full, facts=replace(full.facts, machine=None))
    assert doubt.calls_served(nobody, CURVES) is None
    (row, *_) = doubt._volumes(CURVES, nobody, None).rows
    assert row[1] == Cell("~$101", Mark.ESTIMATED, "$91 to $111")


@pytest.mark.parametrize(
    ("crossing", "low", "high", "always", "said"),
    [
        (255.0, 144.0, None, False, "break-even at 260 calls a day"),
        (255.0, None, 1234.0, False, "break-even at 260 calls a day"),
        (255.0, 1234.0, 144.0, False, "break-even at 260 calls a day (140 to 1,200)"),
        (None, 144.0, 1234.0, True, "cheaper here at any volume"),
        (None, 144.0, 1234.0, False, ""),
    ],
)
def test_that_a_crossing_has_its_range_where_both_ends_are_known(
    crossing: float | None, low: float | None, high: float | None, always: bool, said: str
) -> None:
    curves = replace(CURVES, crossing=crossing, crossing_low=low, crossing_high=high, always=always)
    assert doubt.crossing_words(curves) == said


def test_that_where_curves_cross_or_never_do_is_said(split: Subject) -> None:
    assert not isinstance(split.curves, Unknown)
    always = replace(
        split.curves, crossing=None, crossing_low=None, crossing_high=None, always=True
    )
    assert doubt.crossing_words(always) == "cheaper here at any volume"
    never = replace(always, always=False)
    assert "never gets cheaper" in texts(doubt.volume_section(replace(split, curves=never)))
    one_end = replace(split.curves, crossing=1234.0, crossing_low=None, crossing_high=None)
    assert doubt.crossing_words(one_end) == "break-even at 1,200 calls a day"
    assert doubt.break_even(never).crossing is None


def test_that_a_machine_is_said_to_serve_less_than_its_line_reaches(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    full = replace(host, peak_utilisation=Stated(2.0, "x"))
    told = replace(split, facts=replace(split.facts, machine=full))
    curves = told.curves
    assert not isinstance(curves, Unknown)
    most = doubt.calls_served(told, curves)
    assert most == curves.now / 2
    section = doubt.volume_section(told)
    assert "This machine serves up to" in texts(section)
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    for row in table.rows:
        beyond = float(row[0].text.replace(",", "")) > most
        assert ("more than it serves" in row[1].detail) == beyond
        assert all(cell.mark is not None for cell in row[1:])
        assert all(cell.text.startswith("~") for cell in row[1:] if cell.mark is Mark.ESTIMATED)


def test_that_each_chart_of_the_volume_leaves_out_bills_that_dwarf_it(split: Subject) -> None:
    curves = split.curves
    assert not isinstance(curves, Unknown)
    first = curves.others[0]
    top = max(*first.usd_month, *curves.local.usd_month)
    ends = [top * share for share in (doubt._ROOM, doubt._ROOM + 0.01)]
    more = tuple(
        replace(first, option=option, usd_month=(*first.usd_month[:-1], end))
        for option, end in zip((Option.RENT_GPU, Option.HOSTED_OPEN), ends, strict=True)
    )
    chart = doubt.break_even(replace(curves, others=(first, *more)))
    assert [one.name for one in chart.others[1:]] == ["Rented GPU"]
    near = min(curves.calls_per_day, key=lambda one: abs(one - curves.now))
    assert chart.now_usd == first.usd_month[curves.calls_per_day.index(near)]
    beyond = replace(curves, crossing=curves.calls_per_day[-1] + 1)
    assert doubt.break_even(beyond).crossing is None
    at_end = replace(curves, crossing=curves.calls_per_day[-1])
    assert doubt.break_even(at_end).crossing == curves.calls_per_day[-1]


def test_that_a_machine_that_serves_all_of_the_picture_is_not_said_to_end(split: Subject) -> None:
    curves, host = split.curves, split.facts.machine
    assert not isinstance(curves, Unknown)
    assert host is not None
    whole = Stated(curves.now / curves.calls_per_day[-1], "x")
    told = replace(split, facts=replace(split.facts, machine=replace(host, peak_utilisation=whole)))
    assert "serves up to" not in texts(doubt.volume_section(told))
