"""The saved workloads: name, one fact, verdict; samples say that they are samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.app_values import shown_name
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card, Swap, button, clear, column, holder, label, row
from landfall.gui.widgets.rows import RowButton
from landfall.gui.widgets.verdict_chip import VerdictChip, verdict_spoken

if TYPE_CHECKING:
    from landfall.gui.app_values import WorkloadSummary


SAMPLE_PORTFOLIO = "Sample portfolio: "
"""How the names of the sample portfolio's workloads begin (resources/samples)."""


class WorkloadRow(RowButton):
    """One workload of the list."""

    def __init__(self, summary: WorkloadSummary) -> None:
        name = shown_name(summary.name, sample=summary.sample)
        loose = summary.provisional or summary.close
        spoken = verdict_spoken(summary.verdict, provisional=loose)
        sample = self.tr("sample, ") if summary.sample else ""
        again = self.tr(", to be checked again") if summary.stale else ""
        beside = f", {summary.beside}" if summary.beside else ""
        super().__init__(f"{name}, {sample}{spoken}{again}, {summary.detail}{beside}")
        self.setObjectName(f"workload-{summary.name}")
        title = label(name, Text.MEDIUM, wrap=True)
        facts = label(summary.detail, Text.CAPTION, tone="text_2", wrap=True)
        chip = row(VerdictChip(summary.verdict, provisional=loose))
        if summary.sample:
            chip.addWidget(label(self.tr("Sample"), Text.CAPTION_STRONG, tone="text_3"))
        chip.addStretch(1)
        lines = column(title, facts, 3, chip, spacing=1, margins=(10, 9, 8, 10))
        if summary.stale:
            mark = label(self.tr("Re-check"), Text.CAPTION_STRONG, tone="caution")
            mark.setObjectName("stale")
            mark.setToolTip("\n".join(summary.stale))
            lines.addWidget(mark)
        if summary.beside:
            crowded = label(
                self.tr("Not beside the others: {0}").format(summary.beside),
                Text.CAPTION,
                tone="caution",
                wrap=True,
            )
            crowded.setObjectName("beside")
            lines.addWidget(crowded)
        self.setLayout(lines)


class WorkloadList(Card):
    """The list; arrow keys go from one to the next.

    Signals:
        chosen: The name of the workload that the user wants to see.
        samples_removal_asked: The samples are not wanted any more.
        portfolio_asked: The sample portfolio should be shown too.
    """

    chosen = Signal(str)
    samples_removal_asked = Signal()
    portfolio_asked = Signal()

    def __init__(self) -> None:
        super().__init__(padding=6)
        self.setAccessibleName(self.tr("Saved workloads"))
        self.body.setContentsMargins(6, 6, 6, 6)
        self.body.setSpacing(2)
        self._place = Swap(_loading())
        self._summaries: tuple[WorkloadSummary, ...] | None = None
        self._rows: dict[str, WorkloadRow] = {}
        self._selected = ""
        self._remove = button(self.tr("Remove the samples"), "link")
        self._remove.setObjectName("remove-samples")
        self._remove.clicked.connect(self.samples_removal_asked)
        self._remove.hide()
        self._portfolio = button(self.tr("Show a sample portfolio"), "link")
        self._portfolio.setObjectName("sample-portfolio")
        self._portfolio.clicked.connect(self.portfolio_asked)
        self._portfolio.hide()
        self._lines = column(spacing=2)
        self.add(self._place, self._portfolio, self._remove)

    @property
    def names(self) -> tuple[str, ...]:
        """The workloads in their order."""
        return tuple(self._rows)

    def set_workloads(self, summaries: Sequence[WorkloadSummary]) -> None:
        """Show these; the selection stays on its name."""
        fresh = tuple(summaries)
        if fresh == self._summaries:
            return
        focused = next((name for name, one in self._rows.items() if one.hasFocus()), "")
        self._summaries = fresh
        if self._place.content is None or not self._rows:
            self._lines = column(spacing=2)
            self._place.hold(holder(self._lines))
        clear(self._lines)
        self._rows = {summary.name: self._row(summary) for summary in fresh}
        self._remove.setVisible(any(summary.sample for summary in fresh))
        self._portfolio.setVisible(
            bool(fresh)
            and all(summary.sample for summary in fresh)
            and not any(summary.name.startswith(SAMPLE_PORTFOLIO) for summary in fresh)
        )
        self.select(self._selected)
        if focused in self._rows:
            self._rows[focused].setFocus()

    def _row(self, summary: WorkloadSummary) -> WorkloadRow:
        line = WorkloadRow(summary)
        line.clicked.connect(partial(self.chosen.emit, summary.name))
        self._lines.addWidget(line)
        return line

    @Slot(str)
    def select(self, name: str) -> None:
        """Mark the workload whose detail is shown."""
        self._selected = name
        for other, line in self._rows.items():
            line.set_selected(other == name)


def _loading() -> QWidget:
    bars = Skeleton(150, 110, 170, 120, 140, bar=16)
    return holder(row(bars, margins=(10, Space.S, 10, Space.S)))
