"""The saved workloads: name, one fact, verdict; samples say that they are samples."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import middle
from landfall.core.workload.draft import half_typed
from landfall.gui import grown
from landfall.gui.app_values import shown_name
from landfall.gui.dates import when
from landfall.gui.no_break import spaced
from landfall.gui.shortcuts import pressed
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SearchField
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import (
    Card,
    Swap,
    button,
    clear,
    column,
    holder,
    icon_button,
    label,
    row,
)
from landfall.gui.widgets.rows import RowButton
from landfall.gui.widgets.verdict_chip import VerdictChip, verdict_spoken, verdict_word

if TYPE_CHECKING:
    from landfall.gui.app_values import WorkloadSummary
    from landfall.services.history.records import WorkloadDraft

MANY = 6
"""From so many workloads on the list has a search and an order."""

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
        below = row(spacing=6)
        below.addWidget(facts, 1)
        if summary.sample:
            # Not beside the verdict: a long one takes the whole width.
            below.addWidget(label(self.tr("Sample"), Text.CAPTION_STRONG, tone="text_3"))
        chip = row(VerdictChip(summary.verdict, provisional=loose), None)
        lines = column(title, below, 3, chip, spacing=1, margins=(10, 9, 8, 10))
        if summary.stale:
            mark = label(self.tr("Re-check"), Text.CAPTION_STRONG, tone="caution")
            mark.setObjectName("stale")
            mark.setToolTip("\n".join(summary.stale))
            lines.addWidget(mark)
        if summary.beside:
            # Why, and what it costs then, stands with the bill of all workloads.
            words = self.tr("No room beside the others")
            crowded = label(words, Text.CAPTION_STRONG, tone="caution", wrap=True)
            crowded.setToolTip(spaced(summary.beside))
            crowded.setObjectName("beside")
            lines.addWidget(crowded)
        self.setLayout(lines)


class DraftRow(QWidget):
    """What was half typed and never saved; it may be taken up or discarded.

    Signals:
        taken: Go on with it.
        discarded: It is not wanted.
    """

    taken = Signal()
    discarded = Signal()

    def __init__(self, draft: WorkloadDraft) -> None:
        super().__init__()
        self.draft = draft
        title = self.name()
        at = when(draft.changed_at)
        self.line = RowButton(self.tr("{0}, draft, not saved, {1}").format(title, at))
        self.line.setObjectName(f"draft-{draft.key.strip()}")
        self.line.clicked.connect(self.taken)
        words = column(
            label(title, Text.MEDIUM, wrap=True),
            label(self.tr("Draft, {0}").format(at), Text.CAPTION, tone="caution", wrap=True),
            spacing=1,
            margins=(10, 7, 8, 7),
        )
        self.line.setLayout(words)
        drop = icon_button("trash", self.tr("Discard the draft of {0}").format(title))
        drop.setObjectName("discard-draft")
        drop.clicked.connect(self.discarded)
        line = row(spacing=0)
        line.addWidget(self.line, 1)
        line.addWidget(drop)
        self.setLayout(line)

    def name(self) -> str:
        """As it is called by now, or what it would replace."""
        half = half_typed(self.draft.toml)
        typed = str(half.values.get("workload.name", "")).strip() if half is not None else ""
        fallback = self.tr("New workload") if self.draft.is_new else self.draft.key
        return typed or fallback


class Order(StrEnum):
    """How the list is sorted."""

    SAVED = "saved"
    NAME = "name"
    VERDICT = "verdict"
    SAVING = "saving"
    STALE = "stale"


class WorkloadList(Card):
    """The list; arrow keys go from one to the next.

    Signals:
        chosen: The name of the workload that the user wants to see.
        samples_removal_asked: The samples are not wanted any more.
        portfolio_asked: The sample portfolio should be shown too.
        draft_taken, draft_discarded: What becomes of a draft, a `WorkloadDraft`.
        removal_asked: The name of a workload that is not wanted any more.
    """

    chosen = Signal(str)
    samples_removal_asked = Signal()
    portfolio_asked = Signal()
    draft_taken = Signal(object)
    draft_discarded = Signal(object)
    removal_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(padding=6)
        self.setAccessibleName(self.tr("Saved workloads"))
        self.body.setContentsMargins(6, 6, 6, 6)
        self.body.setSpacing(2)
        self._place = Swap(_loading())
        self._summaries: tuple[WorkloadSummary, ...] | None = None
        self._rows: dict[str, WorkloadRow] = {}
        self._selected = self._awaited = ""
        self._remove = button(self.tr("Remove the samples"), "link")
        self._remove.setObjectName("remove-samples")
        self._remove.clicked.connect(self.samples_removal_asked)
        self._remove.hide()
        self._portfolio = button(self.tr("Show a sample portfolio"), "link")
        self._portfolio.setObjectName("sample-portfolio")
        self._portfolio.clicked.connect(self.portfolio_asked)
        self._portfolio.hide()
        self._lines = column(spacing=2)
        self._drafts = column(spacing=2)
        self._draft_rows: list[DraftRow] = []
        self._order = Order.SAVED
        self.add(self._finder(), self._drafts, self._place, self._nothing_found())
        self.add(self._portfolio, self._remove)

    def _finder(self) -> QWidget:
        """Search and order; shown where there is something to look through."""
        self.search = SearchField(self.tr("Search"), width=0)
        grown.least_width(self.search, 96)
        self.search.setObjectName("search-workloads")
        self.search.textChanged.connect(self._on_searched)
        self.search.returnPressed.connect(self._on_first)
        words = (
            self.tr("As saved"),
            self.tr("Name"),
            self.tr("Verdict"),
            self.tr("Saving"),
            self.tr("Re-check first"),
        )
        self.order = Choice(self.tr("Order"), words, width=96)
        self.order.setObjectName("order-workloads")
        self.order.activated.connect(self._on_ordered)
        line = row(spacing=Space.XS)
        line.addWidget(self.search, 1)
        line.addWidget(self.order)
        self._finding = holder(line)
        self._finding.hide()
        return self._finding

    def _nothing_found(self) -> QWidget:
        words = self.tr("No workload has this in its name, its verdict or its facts.")
        self._none = label(words, Text.CAPTION, tone="text_2", wrap=True)
        self._none.setObjectName("nothing-found")
        self._none.hide()
        return self._none

    @Slot(str)
    def _on_searched(self, _text: str) -> None:
        self._list()

    @Slot(int)
    def _on_ordered(self, index: int) -> None:
        self._order = tuple(Order)[index]
        self._list()

    @Slot()
    def _on_first(self) -> None:
        """Enter in the search goes to the first that was found."""
        if self._rows:
            name, line = next(iter(self._rows.items()))
            line.setFocus()
            self.chosen.emit(name)

    def focus_search(self) -> None:
        """Search, also among few."""
        self._finding.show()
        self.search.setFocus()

    def set_drafts(self, drafts: Sequence[WorkloadDraft]) -> None:
        """Show what was half typed and never saved, above the saved ones."""
        clear(self._drafts)
        self._draft_rows = []
        for draft in drafts:
            line = DraftRow(draft)
            line.taken.connect(partial(self.draft_taken.emit, draft))
            line.discarded.connect(partial(self.draft_discarded.emit, draft))
            self._draft_rows.append(line)
            self._drafts.addWidget(line)

    @property
    def has_drafts(self) -> bool:
        """Whether something is half typed."""
        return bool(self._draft_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The workloads in their order."""
        return tuple(self._rows)

    def set_workloads(self, summaries: Sequence[WorkloadSummary]) -> None:
        """Show these; the selection stays on its name."""
        fresh = tuple(summaries)
        if fresh == self._summaries:
            return
        self._summaries = fresh
        self._finding.setVisible(len(fresh) >= MANY or bool(self.search.text()))
        self._list()
        self._remove.setVisible(any(summary.sample for summary in fresh))
        self._portfolio.setVisible(
            bool(fresh)
            and all(summary.sample for summary in fresh)
            and not any(summary.name.startswith(SAMPLE_PORTFOLIO) for summary in fresh)
        )

    def _list(self) -> None:
        """The rows that are looked for, in their order; the focus stays on its name."""
        focused = next((name for name, one in self._rows.items() if keyboard_is_at(one)), "")
        summaries = self._summaries or ()
        shown = found(in_order(summaries, self._order), self.search.text())
        if self._place.content is None or not self._rows:
            self._lines = column(spacing=2)
            self._place.hold(holder(self._lines))
        if focused:
            self.go_on_at(focused, later=True)
        clear(self._lines)
        self._rows = {summary.name: self._row(summary) for summary in shown}
        self._none.setVisible(bool(summaries) and not shown)
        self.select(self._selected)
        if self._awaited in self._rows and keyboard_is_at(self):
            self.go_on_at(self._awaited)

    def go_on_at(self, name: str, *, later: bool = False) -> None:
        """The keyboard goes on at this workload, or once it is listed, unless it is elsewhere then.

        Qt gives it to whatever comes next where what had it goes: to a button that removes.

        Args:
            later: Its line is about to be another one.
        """
        line = None if later else self._rows.get(name)
        self._awaited = name if line is None else ""
        if line is None:
            self.setFocus()
            return
        line.show()  # the layout would show it a moment later, and what is hidden takes no focus
        line.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete on a line removes its workload, with a way back."""
        name = next((name for name, one in self._rows.items() if one.hasFocus()), "")
        if name and pressed("remove-workload", event):
            self.removal_asked.emit(name)
            return
        super().keyPressEvent(event)

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


def in_order(summaries: Sequence[WorkloadSummary], order: Order) -> list[WorkloadSummary]:
    """The workloads in another order; those that are equal in it stay as they were saved."""
    if order is Order.SAVED:
        return list(summaries)

    def key(one: WorkloadSummary) -> tuple[bool, float, str]:
        match order:
            case Order.VERDICT:
                return not one.verdict, 0.0, verdict_word(one.verdict).casefold()
            case Order.SAVING:
                saving = middle(one.saving_usd_month)
                return saving is None, -(saving or 0.0), ""
            case Order.STALE:
                return not one.stale, 0.0, ""
        return False, 0.0, one.title.casefold()

    return sorted(summaries, key=key)


def found(summaries: Sequence[WorkloadSummary], text: str) -> list[WorkloadSummary]:
    """Those that have every word of a search in their name, verdict or facts."""
    words = text.casefold().split()
    return [one for one in summaries if all(word in _searched(one) for word in words)]


def _searched(one: WorkloadSummary) -> str:
    said = (one.title, one.detail, one.verdict, verdict_word(one.verdict), *one.stale)
    return " ".join(said).casefold()


def _loading() -> QWidget:
    bars = Skeleton(150, 110, 170, 120, 140, bar=16)
    return holder(row(bars, margins=(10, Space.S, 10, Space.S)))
