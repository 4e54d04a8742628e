"""A block says nothing that it was not told."""

from __future__ import annotations

from landfall.core.reporting.blocks import (
    Cell,
    Column,
    Items,
    Page,
    Paragraph,
    Picture,
)
from landfall.core.reporting.charts import (
    CostBar,
    Interval,
    Place,
    Step,
    TornadoChart,
)


def test_that_a_block_says_nothing_that_it_was_not_told() -> None:
    assert (Paragraph("x").quiet, Items(("x",)).warning) == (False, False)
    cell = Cell("x")
    assert (cell.mark, cell.detail, cell.strong) == (None, "", False)
    column = Column("x")
    assert (column.right, column.share) == (False, 1.0)
    page = Page(name="n", title="t")
    assert (page.subtitle, page.sections, page.one_sheet) == ("", (), False)
    bar = CostBar(name="n", place=Place.HERE, chosen=False)
    assert (bar.low, bar.mid, bar.high, bar.kept) == (0.0, 0.0, 0.0, 1.0)
    assert (bar.amount, bar.out, bar.overflow) == ("", "", None)
    found = Interval(name="n", result="r", words="w")
    assert (found.low, found.middle, found.high, found.expected) == (None, None, None, False)
    step = Step(name="n", model="m", place="p", leaves=False)
    assert (step.host, step.stuck) == ("", False)
    assert Picture(name="n", title="t", says="s", chart=TornadoChart((), 0.0)).note == ""
