"""The evidence behind a verdict, one view at a time: costs, flips, pipeline, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import middle
from landfall.gui.allowed import allow
from landfall.gui.format import money
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.cells import Chip, Plain, Row
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.cost_bars import CostBars, CostOption
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import BLEED, Card, Swap, button, clear, column, holder, label, row
from landfall.gui.widgets.pipeline_map import PipelineMap
from landfall.gui.widgets.rule_trace import RuleTrace
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.tornado_chart import Swing, Tornado
from landfall.gui.workloads.evidence_view import (
    FlipRow,
    check_words,
    cost_options,
    flip_rows,
    option_notes,
    pipeline_of,
    swing_bars,
)
from landfall.gui.workloads.latest import Latest
from landfall.gui.workloads.rule_trace_view import rule_lines
from landfall.gui.workloads.worlds_words import worlds_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landfall.core.verdict.swings import InputSwing
    from landfall.core.workload.privacy_check import PrivacyCheck
    from landfall.services.verdict.decided import Decided


class CostsView(ChartCard):
    """What every option costs a month, the excluded ones with why; how else each could be had."""

    def __init__(self) -> None:
        bars = CostBars()
        note = self.tr("bar: middle estimate, whisker: its band")
        super().__init__(self.tr("Cost a month, every option"), bars, name="costs", note=note)
        self.bars = bars
        self._decided: Decided | None = None
        self._notes: DataTable | None = None
        self._more = Disclosure(self.tr("Variants and assumptions"), "", self._make_notes)
        self._more.setObjectName("cost-variants")
        self._more.opened.connect(self._fill_notes)
        self.add(self._more).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's costs."""
        self._decided = decided
        options = cost_options(decided)
        self.bars.set_options(options)
        columns = (self.tr("Option"), self.tr("A month"), self.tr("Band or date"), self.tr("Why"))
        self.set_values(columns, [_cost_words(one) for one in options])
        if self._more.is_open:
            self._fill_notes()

    def _make_notes(self) -> QWidget:
        columns = (
            Column(self.tr("Option")),
            Column(self.tr("A month"), 130, right=True),
            Column(self.tr("Slowest of twenty"), 150, right=True),
        )
        self._notes = DataTable(columns, self.tr("Variants and assumptions"), marks=False)
        return self._notes

    def _fill_notes(self) -> None:
        if self._notes is not None and self._decided is not None:
            self._notes.set_rows(
                [
                    (
                        Plain(one.name, one.note),
                        Plain(one.usd_month, right=True),
                        Plain(one.seconds, right=True),
                    )
                    for one in option_notes(self._decided)
                ]
            )


def _cost_words(one: CostOption) -> tuple[str, str, str, str]:
    if one.blocked:
        return one.name, "", "", f"{one.blocked} ({one.rule})" if one.rule else one.blocked
    return one.name, one.amount, one.note, one.aside


class FlipsView(QWidget):
    """What moves the saving, what would turn the verdict, and how sure it is.

    Signals:
        wanted: The swings of this verdict are needed: answer with `show_swings`.
    """

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("evidence-flips")
        self._asked = Latest(self)
        self._asked.wanted.connect(self.wanted)
        self._tornado = Tornado()
        note = self.tr("bar: usual doubt of each input, diamond: the verdict flips")
        title = self.tr("Saving a month, one input at a time")
        self._saving = ChartCard(title, self._tornado, name="saving", note=note)
        self._saving.hide()
        self._worlds = Card(self.tr("How sure"))
        self._worlds.setObjectName("evidence-worlds")
        self._worlds_lines = column(spacing=Space.XS)
        self._worlds.add(self._worlds_lines)
        self.table = self._make_table()
        self._none = label("", tone="text_2", wrap=True)
        self._none.setContentsMargins(BLEED, 0, BLEED, Space.S)
        note = self.tr("one input at a time, all else as it is; the likeliest first")
        flips = Card(self.tr("What flips it"), note=note).bleed().add(self._none, self.table)
        self.setLayout(column(self._saving, flips, self._worlds, None, spacing=Space.L))

    def _make_table(self) -> DataTable:
        columns = (
            Column(self.tr("Input")),
            Column(self.tr("Flips at"), 112, right=True),
            Column(self.tr("Verdict then"), 204),
        )
        return DataTable(columns, self.tr("What would flip the verdict"), row_height=40)

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's flips; the swings are worked out elsewhere and come later."""
        rows = flip_rows(decided.verdict)
        self.table.set_rows([self._cells(one) for one in rows])
        self.table.setVisible(bool(rows))
        none = self.tr("No input that a workload states would turn this verdict.")
        waits = decided.verdict.worlds is None
        self._none.setText(self.tr("being worked out\u2026") if waits else none)
        self._none.setVisible(not rows)
        self._show_worlds(decided)
        self._asked.ask(decided)

    def _cells(self, one: FlipRow) -> Row:
        return (
            Plain(one.name, self.tr("now {0}").format(one.now)),
            Plain(one.at, one.relative, right=True),
            Chip(one.verdict),
        )

    def show_swings(self, decided: Decided, found: Sequence[InputSwing]) -> None:
        """Draw the tornado, unless another verdict is shown by now."""
        if not self._asked.answered(decided):
            return
        saving = middle(decided.verdict.saving)
        bars = swing_bars(found) if saving is not None else ()
        self._saving.setVisible(bool(bars))
        if saving is not None and bars:
            self._tornado.set_swings(bars, saving_now=saving)
            columns = (
                self.tr("Input"),
                self.tr("Now"),
                self.tr("From"),
                self.tr("Saving there"),
                self.tr("To"),
                self.tr("Saving there"),
                self.tr("Flips"),
            )
            self._saving.set_values(columns, [_swing_words(one) for one in bars])

    def _show_worlds(self, decided: Decided) -> None:
        lines = worlds_lines(decided.verdict)
        self._worlds.setVisible(bool(lines))
        clear(self._worlds_lines)
        for place, line in enumerate(lines):
            style = Text.STRONG if place == 0 else Text.BODY
            self._worlds_lines.addWidget(label(line, style, wrap=True))


def _swing_words(one: Swing) -> tuple[str, ...]:
    return (
        one.name,
        one.now,
        one.low_label,
        money(one.low),
        one.high_label,
        money(one.high),
        one.flip_label,
    )


class PipelineView(ChartCard):
    """Where each step runs, and what leaves; where it really leads, once that is asked for.

    Signals:
        check_wanted: Look where the steps of this verdict lead now: answer with `show_check`, or
            with `show_unchecked`.
    """

    check_wanted = Signal(object)

    def __init__(self) -> None:
        steps = PipelineMap()
        super().__init__(self.tr("Where each step runs"), steps, name="pipeline")
        self.map = steps
        self._decided: Decided | None = None
        self.check = button(self.tr("Check now"))
        self.check.setObjectName("check-privacy")
        self.check.setAccessibleDescription(
            self.tr("Resolve the hosts of the steps and ask the model server what it forwards")
        )
        self.check.clicked.connect(self._on_check)
        self._said = label("", tone="text_2", wrap=True)
        self._said.setObjectName("privacy-said")
        self._steps = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._steps.setObjectName("privacy-steps")
        line = row(self.check, spacing=Space.M)
        line.addWidget(self._said, 1)
        self.add(holder(column(line, self._steps, spacing=Space.XS))).fill()
        self._steps.hide()

    @Slot()
    def _on_check(self) -> None:
        allow(self.check, self.tr("Being checked\u2026"))
        self._said.setText(self.tr("Being checked\u2026"))
        self.check_wanted.emit(self._decided)

    def show_check(self, decided: Decided, found: PrivacyCheck) -> None:
        """What was found out, unless another verdict is shown by now."""
        if decided is not self._decided:
            return
        allow(self.check)
        told = check_words(found)
        self._said.setText(told.said)
        self._steps.setText("\n".join(told.lines))
        self._steps.show()

    def show_unchecked(self) -> None:
        """It could not be found out."""
        allow(self.check)
        self._said.setText(self.tr("It could not be checked."))
        self._steps.hide()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's pipeline; what was checked of another one goes."""
        if decided is not self._decided:
            self._decided = decided
            allow(self.check)
            self._said.setText(
                self.tr("Not checked yet: what stands above is what the workload states.")
            )
            self._steps.hide()
        pipeline = pipeline_of(decided)
        self.map.set_steps(pipeline.steps, lock=pipeline.lock)
        columns = (self.tr("Step"), self.tr("Model"), self.tr("Where"), self.tr("Leaves to"))
        stays, unnamed = self.tr("stays"), self.tr("no host is stated")
        self.set_values(
            columns,
            [
                (
                    step.name,
                    step.model,
                    step.place,
                    (step.host or unnamed) if step.leaves else stays,
                )
                for step in pipeline.steps
            ],
        )
        if self.note is not None:
            self.note.setText(pipeline.note)


class RulesView(Card):
    """Every rule in its order: met with its numbers, not met, not looked at."""

    def __init__(self) -> None:
        super().__init__(self.tr("Rules, in the order they ran"))
        self.setObjectName("evidence-rules")
        self._place = Swap()
        self.add(self._place).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show this verdict's rules."""
        lines = rule_lines(decided)
        shown = self._place.content
        if isinstance(shown, RuleTrace) and shown.fits(lines):
            shown.rewrite(lines)
        else:
            self._place.hold(RuleTrace(lines))
