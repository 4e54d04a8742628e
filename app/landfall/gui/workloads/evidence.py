"""The evidence behind a verdict, one view at a time: costs, flips, pipeline, rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.core.provenance import middle
from landfall.gui.theme import Space
from landfall.gui.widgets.cost_bars import CostBars
from landfall.gui.widgets.layout import Card, Swap, column, label
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.pipeline_map import PipelineMap
from landfall.gui.widgets.tables import Chip, Column, DataTable, Plain, Row
from landfall.gui.widgets.tornado_chart import Tornado
from landfall.gui.widgets.verdict_card import RuleTrace
from landfall.gui.workloads.evidence_view import (
    FlipRow,
    cost_options,
    flip_rows,
    pipeline_of,
    rule_lines,
    swing_bars,
)

if TYPE_CHECKING:
    from landfall.core.settings import Thresholds
    from landfall.services.decided import Decided


class CostsView(Card):
    """What every option costs a month, the excluded ones with why."""

    def __init__(self) -> None:
        bars = CostBars()
        note = self.tr("bar: middle estimate, whisker: its band")
        save = picture_button(bars, "costs")
        super().__init__(self.tr("Cost a month, every option"), save, note=note)
        self.setObjectName("evidence-costs")
        self.bars = bars
        self.add(bars).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's costs."""
        self.bars.set_options(cost_options(decided))


class FlipsView(QWidget):
    """What moves the saving, and what would turn the verdict."""

    def __init__(self, limits: Callable[[], Thresholds]) -> None:
        super().__init__()
        self.setObjectName("evidence-flips")
        self._limits = limits
        self._tornado = Tornado()
        note = self.tr("bar: usual doubt of each input, diamond: the verdict flips")
        save = picture_button(self._tornado, "saving")
        self._saving = Card(self.tr("Saving a month, one input at a time"), save, note=note)
        self._saving.add(self._tornado)
        self.table = self._make_table()
        self._none = label("", tone="text_2", wrap=True)
        self._none.setContentsMargins(Space.M, 0, Space.M, Space.S)
        note = self.tr("one input at a time, all else as it is; the likeliest first")
        flips = Card(self.tr("What flips it"), note=note).bleed().add(self._none, self.table)
        self.setLayout(column(self._saving, flips, None, spacing=Space.L))

    def _make_table(self) -> DataTable:
        columns = (
            Column(self.tr("Input")),
            Column(self.tr("Now"), 136, right=True),
            Column(self.tr("Flips at"), 124, right=True),
            Column(self.tr("Verdict then"), 200),
        )
        return DataTable(columns, self.tr("What would flip the verdict"), row_height=40)

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's flips."""
        saving = middle(decided.verdict.saving)
        bars = swing_bars(decided, self._limits()) if saving is not None else ()
        self._saving.setVisible(bool(bars))
        if saving is not None and bars:
            self._tornado.set_swings(bars, saving_now=saving)
        rows = flip_rows(decided.verdict)
        self.table.set_rows([_flip_cells(one) for one in rows])
        self.table.setVisible(bool(rows))
        self._none.setText(self.tr("No input that a workload states would turn this verdict."))
        self._none.setVisible(not rows)


def _flip_cells(one: FlipRow) -> Row:
    return (
        Plain(one.name),
        Plain(one.now, tone="text_2", right=True),
        Plain(one.at, one.relative, right=True),
        Chip(one.verdict),
    )


class PipelineView(Card):
    """Where each step runs, and what leaves."""

    def __init__(self) -> None:
        steps = PipelineMap()
        heading = self.tr("Where each step runs")
        super().__init__(heading, picture_button(steps, "pipeline"), note=" ")
        self.setObjectName("evidence-pipeline")
        self.map = steps
        self.add(steps).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's pipeline."""
        pipeline = pipeline_of(decided)
        self.map.set_steps(pipeline.steps, lock=pipeline.lock)
        if self.note is not None:
            self.note.setText(pipeline.note)


class RulesView(Card):
    """Every rule that was looked at, with its numbers."""

    def __init__(self) -> None:
        super().__init__(self.tr("Rules, in the order they ran"))
        self.setObjectName("evidence-rules")
        self._place = Swap()
        self.add(self._place).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's rules."""
        self._place.hold(RuleTrace(rule_lines(decided.verdict)))
