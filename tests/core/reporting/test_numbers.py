"""Figures in cells, bands that are open, and ages of prices."""

from __future__ import annotations

from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown
from landfall.core.reporting import (
    doubt,
    numbers,
)
from landfall.core.reporting.blocks import (
    Cell,
    Mark,
)
from landfall.core.reporting.subject import (
    Subject,
)
from tests.core.reporting.cases import BAND


def test_that_a_figure_in_a_cell_has_its_band_its_reason_or_what_is_said_instead() -> None:
    write = numbers.money
    assert numbers.cell(BAND, write) == Cell("~$120", Mark.ESTIMATED, "$90 to $160")
    assert numbers.cell(BAND, write, says="") == Cell("~$120", Mark.ESTIMATED, "")
    assert numbers.cell(Stated(5.0, "x"), write) == Cell("$5.00", Mark.STATED, "")
    assert numbers.cell(Unknown("no"), write, says="why") == Cell("not known", Mark.UNKNOWN, "why")
    measured = Measured(2.0, "2026-11-20", "NVML")
    assert numbers.cell(measured, write) == Cell("$2.00", Mark.MEASURED)
    assert numbers.short(BAND, write) == "~$120"
    assert numbers.short(Unknown("no"), write) == "not known"
    assert numbers.with_band(Unknown("no"), write) == "not known"
    flat = Estimated(7.0, 7.0, 7.0, "f")
    assert numbers.with_band(flat, write) == "~$7.00"
    assert numbers.cell(flat, write) == Cell("~$7.00", Mark.ESTIMATED, "")
    assert numbers.spread(1.0, 2.0, write) == "$1.00 to $2.00"


def test_that_the_age_of_a_price_is_told_where_it_is_more_than_it_may_be() -> None:
    # From 1 to 26 November are 25 days.
    assert numbers.of_day("2026-11-01", "2026-11-26", stale_days=25) == "2026-11-01"
    assert numbers.of_day("2026-11-01", "2026-11-26", stale_days=24) == "2026-11-01, 25 days old"
    assert numbers.of_day("some day", "2026-11-26", stale_days=0) == "some day"


def test_that_numbers_are_whole_from_ten_up() -> None:
    assert [numbers.number(one) for one in (9.996, 10.0, 10.4, 3.0, 0.5, -0.04, -9.0)] == [
        "10", "10", "10", "3", "0.5", "−0.04", "−9",
    ]  # fmt: skip
    assert [numbers.number(one) for one in (1234.6, -0.0, float("nan"))] == ["1,235", "0", "never"]
    assert [numbers.percent(one) for one in (0.1, 0.0999, 0.03, -0.1, 0.096, 0.0)] == [
        "10 %", "10.0 %", "3 %", "−10 %", "9.6 %", "0 %",
    ]  # fmt: skip
    assert [numbers.points(one) for one in (0.0004, 0.0006, -0.0006, -0.0004, 1.0)] == [
        "0.0", "+0.1", "−0.1", "0.0", "+100.0",
    ]  # fmt: skip
    assert numbers.origin(Stated(1.0, "quotes.x", as_of="2026-01-02")) == "quotes.x, 2026-01-02"


def test_that_a_band_that_is_open_on_one_side_is_told() -> None:
    up, down = Estimated(5.0, 5.0, 9.0, "f"), Estimated(1.0, 5.0, 5.0, "f")
    assert numbers.with_band(up, numbers.money) == "~$5.00 ($5.00 to $9.00)"
    assert numbers.with_band(down, numbers.money) == "~$5.00 ($1.00 to $5.00)"
    assert numbers.cell(up, numbers.money).detail == "$5.00 to $9.00"
    assert numbers.cell(down, numbers.money).detail == "$1.00 to $5.00"
    assert numbers.number(9.5) == "9.5"


BILLS = (0, 5e-14, 1.23e-5, 0.0004, 3.456, 19.99, 20, -1234.4, -0.001)


def test_that_numbers_are_written_with_a_true_minus_and_their_unit() -> None:
    assert [numbers.money(one) for one in BILLS] == [
        "$0.00", "$0.00", "$0.000012", "$0.00040", "$3.46", "$19.99", "$20", "−$1,234", "−$0.0010",
    ]  # fmt: skip
    assert [numbers.number(one) for one in (0.0, 3.14159, -12.6, 4.0, float("inf"))] == [
        "0", "3.14", "−13", "4", "never",
    ]  # fmt: skip
    assert [numbers.percent(one) for one in (0.5, 98.55, 0.083, -0.2, 1.0, -0.0001)] == [
        "50 %", "9,855 %", "8.3 %", "−20 %", "100 %", "0.0 %",
    ]  # fmt: skip
    assert [numbers.points(one) for one in (0.012, -0.03, 0.0)] == ["+1.2", "−3.0", "0.0"]
    assert [numbers.seconds(one) for one in (0.25, 3.21, 45, 600, 9000, float("inf"))] == [
        "250 ms", "3.2 s", "45 s", "10 min", "2 h 30 min", "never",
    ]  # fmt: skip


def test_that_each_origin_has_its_mark_and_its_source() -> None:
    figures = (
        Measured(1.0, "2026-11-20T10:00:00Z", "NVML"),
        Measured(1.0, "", "live"),
        Estimated(1.0, 2.0, 3.0, "a formula"),
        Published(1.0, "a page", "2026-11-01"),
        Stated(1.0, "quotes.x"),
        Unknown("nobody asked"),
    )
    assert [numbers.mark_of(one) for one in figures] == [
        Mark.MEASURED, Mark.MEASURED, Mark.ESTIMATED, Mark.PUBLISHED, Mark.STATED, Mark.UNKNOWN,
    ]  # fmt: skip
    assert [numbers.origin(one) for one in figures] == [
        "NVML, 2026-11-20", "live", "a formula", "a page, 2026-11-01", "quotes.x", "nobody asked",
    ]  # fmt: skip
    assert numbers.with_band(figures[2], numbers.money) == "~$2.00 ($1.00 to $3.00)"
    assert numbers.cell(figures[5], numbers.money) == Cell(
        "not known", Mark.UNKNOWN, "nobody asked"
    )


def test_that_the_table_of_volumes_reaches_to_the_end_and_tells_each_band(split: Subject) -> None:
    curves = split.curves
    assert not isinstance(curves, Unknown)
    table = doubt._volumes(curves, split, None)
    assert len(table.rows) == doubt._VOLUMES
    assert table.rows[-1][0].text == numbers.number(round(curves.calls_per_day[-1]))
    assert table.rows[-1][1].detail == (
        f"{numbers.money(curves.low[-1])} to {numbers.money(curves.high[-1])}"
    )
    volumes = [float(row[0].text.replace(",", "")) for row in table.rows]
    assert volumes == sorted(set(volumes))
    for cell, curve in zip(table.rows[-1][2:], curves.others, strict=True):
        assert cell.text.removeprefix("~") == numbers.money(curve.usd_month[-1])


def test_that_one_of_something_is_not_several() -> None:
    assert numbers.counted(1, "call", "calls") == "1 call"
    assert numbers.counted(0, "call", "calls") == "0 calls"
    assert numbers.counted(1200, "call", "calls") == "1,200 calls"
