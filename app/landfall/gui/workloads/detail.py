"""One workload: its verdict card, what may be done with it, and the evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from landfall.core.verdict.what_if import changed, knobs
from landfall.gui.app_values import shown_name
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button, column, holder, icon_button, label, row
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.workloads.break_even import BreakEvenView
from landfall.gui.workloads.evidence import CostsView, FlipsView, PipelineView, RulesView
from landfall.gui.workloads.next_step import Move, next_move
from landfall.gui.workloads.view import advice, facts_line
from landfall.gui.workloads.what_if import WhatIfCard

if TYPE_CHECKING:
    from landfall.core.costs.over_volume import BreakEvenCurves
    from landfall.core.provenance import Unknown
    from landfall.core.settings import Thresholds
    from landfall.services.decided import Decided, Entry

COSTS, BREAK_EVEN, FLIPS, PIPELINE, RULES = range(5)
WIDE = 1150
SETTLED_MS = 350
"""A slider that stood still so long is done: what flips the new verdict may be searched."""


class _View(Protocol):
    def show_decided(self, decided: Decided) -> None: ...


class WorkloadDetail(QWidget):
    """Shows an entry that is decided.

    Signals:
        moved: The primary button: the Move.
        asked: An action by name: "gate", "edit", "text", "duplicate", "rename", "export", "delete".
        kept: A workload with the values of the sliders should be edited.
        flips_wanted: The verdict of the sliders stands: what flips it? `add_flips` answers.
        curves_wanted: The bills over the volume of a verdict; `show_curves` answers.
    """

    moved = Signal(object)
    asked = Signal(str)
    kept = Signal(object)
    flips_wanted = Signal(object)
    curves_wanted = Signal(object)

    def __init__(
        self,
        limits: Callable[[], Thresholds],
    ) -> None:
        """Make it.

        Args:
            limits: Where the rules turn, now.
        """
        super().__init__()
        self._limits = limits
        self._entry: Entry | None = None
        self._shown: Decided | None = None
        self._move = Move(sentence="")
        self._name = label("", Text.HEADING, wrap=True)
        self._name.setObjectName("workload-name")
        self._facts = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.card = VerdictCard()
        self.card.setObjectName("verdict-card")
        self.card.acted.connect(self._on_acted)
        self.card.explained.connect(self._on_explained)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self._decide_again)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._on_settled)
        self._build()

    def _build(self) -> None:
        names = (
            self.tr("Costs"),
            self.tr("Break-even"),
            self.tr("What flips it"),
            self.tr("Pipeline"),
            self.tr("Rules"),
        )
        self.segments = SegmentedControl(names)
        self.segments.setObjectName("evidence")
        self.segments.chosen.connect(self._on_segment)
        self._break_even = BreakEvenView()
        self._break_even.wanted.connect(self.curves_wanted)
        self._views: tuple[QWidget, ...] = (
            CostsView(),
            self._break_even,
            FlipsView(self._limits),
            PipelineView(),
            RulesView(),
        )
        self._beside = RulesView()
        self._beside.setObjectName("rules-beside")
        self._what_if = WhatIfCard()
        self._what_if.hide()
        self._what_if.moved.connect(self._due.start)
        self._what_if.keep_asked.connect(self._on_keep)
        both = row(spacing=Space.L)
        both.addLayout(column(*self._views, spacing=0), 1)
        both.addWidget(self._beside, 1)
        bar = row(self.segments, None, self._toggle())
        parts = (self._title(), self.card, self._what_if, bar, both, None)
        self.setLayout(column(*parts, spacing=Space.M))
        self._show_view()

    def _title(self) -> QWidget:
        words = column(self._name, self._facts, spacing=0)
        layout = row(spacing=Space.S)
        layout.addLayout(words, 1)
        for action in self._actions():
            layout.addWidget(action)
        return holder(layout)

    def _toggle(self) -> QWidget:
        self._open = button(self.tr("What if"), icon="settings")
        self._open.setObjectName("what-if")
        self._open.setCheckable(True)
        self._open.toggled.connect(self._on_what_if)
        return self._open

    def _actions(self) -> tuple[QWidget, ...]:
        gate = button(self.tr("Run the quality gate\u2026"))
        gate.setObjectName("gate")
        gate.clicked.connect(partial(self.asked.emit, "gate"))
        edit = button(self.tr("Edit"))
        edit.setObjectName("edit")
        edit.clicked.connect(partial(self.asked.emit, "edit"))
        self._more = icon_button("more", self.tr("More actions"))
        self._more.setObjectName("more")
        self._more.clicked.connect(self._on_more)
        self.menu = QMenu(self._more)
        for name, words in (
            ("text", self.tr("Edit as text")),
            ("rename", self.tr("Rename\u2026")),
            ("duplicate", self.tr("Duplicate")),
            ("export", self.tr("Export as TOML\u2026")),
            ("delete", self.tr("Delete")),
        ):
            action = self.menu.addAction(words)
            action.setObjectName(f"do-{name}")
            action.triggered.connect(partial(self.asked.emit, name))
        return gate, edit, self._more

    @Slot()
    def _on_more(self) -> None:
        self.menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    @property
    def entry(self) -> Entry | None:
        """What is shown."""
        return self._entry

    @property
    def shown(self) -> Decided | None:
        """The verdict that is shown now."""
        return self._shown

    def show_entry(self, entry: Entry) -> None:
        """Show a decided workload; sliders that were moved on it stay where they are."""
        if entry is self._entry or entry.decided is None:
            return
        same = self._entry is not None and self._entry.saved == entry.saved
        self._entry = entry
        self._name.setText(shown_name(entry.saved.name, sample=entry.saved.sample))
        self._facts.setText(facts_line(entry.decided, sample=entry.saved.sample))
        if same and self._what_if.values:
            self._decide_again()
            return
        decided = entry.decided
        found = knobs(decided.loaded.workload, decided.facts, decided.assembler)
        self._what_if.set_knobs(found)
        self._open.setEnabled(bool(found))
        why = self.tr("Nothing is known of this workload that could be moved.")
        self._open.setToolTip("" if found else why)
        self.show_decided(decided)

    # What if

    @Slot(bool)
    def _on_what_if(self, on: bool) -> None:
        self._what_if.setVisible(on)
        if not on:
            self._what_if.reset()

    @Slot()
    def _decide_again(self) -> None:
        """Once for all moves of a turn of the event loop."""
        decided = self._entry.decided if self._entry else None
        if decided is None:
            return
        values = self._what_if.values
        self._settled.stop()
        if not values:
            self.show_decided(decided)
            return
        workload = changed(decided.loaded.workload, decided.assembler, values)
        self.show_decided(decided.again(workload), what_if=True)
        self._settled.start()

    @Slot()
    def _on_settled(self) -> None:
        self.flips_wanted.emit(self._shown)

    def add_flips(self, asked: Decided, found: Decided) -> None:
        """What flips the verdict of the sliders, unless they moved on."""
        if asked is self._shown:
            self.show_decided(found, what_if=True)

    def show_curves(self, decided: Decided, curves: BreakEvenCurves | Unknown) -> None:
        """The bills over the volume are there."""
        self._break_even.show_curves(decided, curves)

    @Slot()
    def _on_keep(self) -> None:
        if self._shown is not None:
            self.kept.emit(self._shown.loaded.workload)

    def show_decided(self, decided: Decided, *, what_if: bool = False) -> None:
        """Show a verdict: the saved one, or one that a slider asks for."""
        self._shown = decided
        offer = self._entry.offer if self._entry else None
        self._move = next_move(decided, self._limits(), offer=offer)
        self.card.set_advice(advice(decided, self._move, what_if=what_if))
        self._fill_views()

    def _fill_views(self) -> None:
        if self._shown is None:
            return
        for view in (*self._views, self._beside):
            if view.isVisibleTo(self):
                filled: _View = view  # type: ignore[assignment]
                filled.show_decided(self._shown)

    def open_evidence(self, index: int) -> None:
        """Show one of the views."""
        self.segments.choose(index)

    @Slot(int)
    def _on_segment(self, _index: int) -> None:
        self._show_view()
        self._fill_views()

    def _show_view(self) -> None:
        current = self.segments.current
        for index, view in enumerate(self._views):
            view.setVisible(index == current)
        self._beside.setVisible(self.width() >= WIDE and current != RULES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was = self._beside.isVisibleTo(self)
        self._show_view()
        if self._beside.isVisibleTo(self) and not was:
            self._fill_views()
        super().resizeEvent(event)

    @Slot()
    def _on_acted(self) -> None:
        self.moved.emit(self._move)

    @Slot()
    def _on_explained(self) -> None:
        self.open_evidence(RULES)
