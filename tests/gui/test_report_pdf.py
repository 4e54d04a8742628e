"""A report on paper: its pages, what fits on one sheet, and text that stays text."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QPageSize, QPainter
from PySide6.QtSvg import QSvgRenderer

from landfall.core.reporting.blocks import (
    CardBlock,
    Cell,
    Column,
    Items,
    Mark,
    Page,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
)
from landfall.core.reporting.charts import CostBar, CostChart, Place
from landfall.core.reporting.svg.canvas import PAPER, Ink
from landfall.core.reporting.svg.drawing import drawn as svg_of
from landfall.gui.reports import paper, paper_blocks, pdf
from landfall.gui.reports.pdf import drawn, pdf_of

A4, LETTER = QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter
BARS = CostChart(
    (
        CostBar(name="Here", place=Place.HERE, chosen=True, low=10, mid=20, high=40, amount="~$20"),
        CostBar(name="Cloud", place=Place.FRONTIER, chosen=False, out="outside the rule"),
    )
)
PICTURE = Picture(name="costs", title="Costs", says="Here $20.", chart=BARS)


def pages_of(data: bytes) -> int:
    found = re.search(rb"/Type\s*/Pages.*?/Count\s+(\d+)", data, re.DOTALL)
    assert found is not None
    return int(found[1])


def boxes_of(data: bytes) -> set[bytes]:
    return set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", data))


def images_of(data: bytes) -> int:
    return data.count(b"/Subtype /Image")


def report_of(*pages: Page) -> Report:
    return Report(title="Paper", as_of="2026-11-26", made_by="Landfall 0", pages=pages)


def page(*blocks: object, name: str = "one", one_sheet: bool = False) -> Page:
    section = Section("Section", blocks)  # type: ignore[arg-type]
    return Page(
        name=name, title="A page", subtitle="Its facts", sections=(section,), one_sheet=one_sheet
    )


def table(rows: int, *, text: str = "value") -> Table:
    columns = (Column("Name"), Column("Value", right=True), Column("Source", share=2))
    marks = tuple(Mark)
    made = tuple(
        (
            Cell(f"Row {n}", strong=n == 0),
            Cell(text, marks[n % len(marks)], "with a detail"),
            Cell(text, marks[n % len(marks)]),
        )
        for n in range(rows)
    )
    return Table(caption="A table", columns=columns, rows=made)


def test_that_each_page_of_a_report_begins_on_its_own_sheet() -> None:
    data = drawn(report_of(page(Paragraph("one")), page(Paragraph("two"), name="two")), A4)
    assert data.startswith(b"%PDF-")
    assert pages_of(data) == 2


@pytest.mark.parametrize(("size", "wide"), [(A4, 595), (LETTER, 612)])
def test_that_the_paper_is_that_of_the_country(size: QPageSize.PageSizeId, wide: int) -> None:
    (box,) = boxes_of(drawn(report_of(page(Paragraph("one"))), size))
    assert round(float(box.split()[2])) == wide
    assert pdf.paper() in (A4, LETTER)


def test_that_a_long_table_and_a_text_longer_than_a_page_go_on_overleaf() -> None:
    long = Table(
        caption="Prompts",
        columns=(Column("No."), Column("Prompt", share=9)),
        rows=((Cell("1"), Cell("word " * 6000)), (Cell("2"), Cell("short"))),
    )
    assert pages_of(drawn(report_of(page(table(90))), A4)) > 2
    assert pages_of(drawn(report_of(page(long)), A4)) > 4
    assert pages_of(drawn(report_of(page(Paragraph("word " * 6000))), A4)) > 3


def test_that_every_block_is_drawn_and_charts_are_lines_not_pictures() -> None:
    card = CardBlock(
        option="HYBRID",
        sureness="high",
        provisional=True,
        lines=(("Verdict", "Split"), ("Next", "Go")),
    )
    blocks = (
        card,
        Items(("heed",), warning=True),
        Items(("a", "b")),
        PICTURE,
        table(3),
        Paragraph("q", quiet=True),
    )
    data = drawn(report_of(page(*blocks)), A4)
    assert pages_of(data) == 1
    assert images_of(data) == 0
    bare = drawn(report_of(page(Paragraph("q"))), A4)
    assert len(data) > len(bare)


def test_that_boxes_longer_than_a_page_are_told_without_the_box() -> None:
    warned = Items(tuple(f"warning {n} " + "word " * 40 for n in range(60)), warning=True)
    card = CardBlock(
        option="HYBRID", sureness="low", provisional=False, lines=(("Verdict", "word " * 6000),)
    )
    assert pages_of(drawn(report_of(page(warned)), A4)) > 2
    assert pages_of(drawn(report_of(page(card)), A4)) > 3


def test_that_a_page_that_is_to_fit_is_made_smaller_and_the_next_is_not() -> None:
    tight = page(table(31), one_sheet=True)
    assert pages_of(drawn(report_of(replace(tight, one_sheet=False)), A4)) == 2
    assert pages_of(drawn(report_of(tight), A4)) == 1
    both = drawn(report_of(tight, replace(tight, one_sheet=False, name="two")), A4)
    assert pages_of(both) == 3
    far_too_much = page(table(150), one_sheet=True)
    assert pages_of(drawn(report_of(far_too_much), A4)) > 1


@pytest.mark.parametrize(
    "text", ["<script>", "سير العمل", "👩‍🔬 日本語", "a\u0007b", "x" * 900, ""], ids=repr
)
def test_that_text_of_any_make_is_drawn(text: str) -> None:
    found = report_of(page(Paragraph(text), Items((text,)), table(2, text=text)))
    assert pages_of(drawn(replace(found, title=text or "t"), A4)) >= 1


def test_that_text_can_be_searched_in_the_file() -> None:
    data = drawn(report_of(page(Paragraph("searchable"))), A4)
    assert data.count(b"/ToUnicode") >= 2
    assert data.count(b"/FontFile2") >= 2


def test_that_the_whole_is_made_as_the_other_process_makes_it() -> None:
    found = report_of(page(PICTURE, table(4)))
    assert pages_of(pdf_of(found)) == 1


def test_that_qt_reads_each_chart_as_it_is_written(qtbot: object) -> None:
    svg = svg_of(PICTURE, Ink(PAPER), name="costs")
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    assert renderer.isValid()
    image = QImage(720, int(renderer.viewBoxF().height()), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    colours = {image.pixelColor(x, y).name() for x in range(0, 720, 3) for y in range(0, 60, 3)}
    assert "#0b6b78" in colours


def test_that_a_heading_goes_over_with_the_whole_text_below_it() -> None:
    """Wherever the page ends, at no place does a heading stand last on it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    long = Items(("word " * 60, "more"))
    with pdf._begun(report_of(), A4, buffer) as sheet:
        least = paper_blocks._least(sheet, long)
        item = paper.Laid(sheet, long.items[0], sheet.width - paper.pt(10), paper.BODY).height
        assert item > paper.pt(26)
        assert least > item
        said = Paragraph("word " * 60)
        whole = paper.Laid(sheet, said.text, sheet.width, paper.BODY).height
        assert paper_blocks._least(sheet, said) >= whole > paper.pt(26)


def test_that_a_footer_begins_with_the_day_so_that_no_name_turns_it_round() -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    with pdf._begun(replace(report_of(), title="\u05d0\u05d1"), A4, buffer) as sheet:
        assert sheet._footer == "2026-11-26 · Landfall 0 · \u05d0\u05d1"


@pytest.mark.parametrize(("system", "asked"), [("win32", None), ("linux", "offscreen")])
def test_that_without_an_application_fonts_are_those_of_the_system(
    monkeypatch: pytest.MonkeyPatch, system: str, asked: str | None
) -> None:
    surroundings: dict[str, str] = {}
    seen: list[str | None] = []

    class Application:
        @staticmethod
        def instance() -> None:
            return None

        def __init__(self, words: list[str]) -> None:
            assert words == ["landfall"]
            seen.append(surroundings.get("QT_QPA_PLATFORM"))

    monkeypatch.setattr(os, "environ", surroundings)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(pdf, "QGuiApplication", Application)
    assert pdf_of(report_of(page())).startswith(b"%PDF-")
    assert seen == [asked]
