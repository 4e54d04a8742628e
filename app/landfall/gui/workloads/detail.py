"""One workload: its verdict card, what may be done with it, and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from landfall.core.verdict.what_if import changed, in_world, knobs
from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import button, column, row
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.widgets.view_choice import ViewChoice
from landfall.gui.workloads.break_even import BreakEvenView
from landfall.gui.workloads.detail_head import DetailHead
from landfall.gui.workloads.evidence import CostsView, FlipsView, PipelineView, RulesView
from landfall.gui.workloads.machine_what_if import MachineWhatIf
from landfall.gui.workloads.next_step import GATE, Move, next_move
from landfall.gui.workloads.view import advice
from landfall.gui.workloads.what_if import WhatIfCard

if TYPE_CHECKING:
    from landfall.core.errors import AppError
    from landfall.core.provenance import Unknown
    from landfall.core.settings import Thresholds
    from landfall.core.verdict.over_volume import BreakEvenCurves
    from landfall.core.verdict.swings import InputSwing
    from landfall.core.workload.privacy_check import PrivacyCheck
    from landfall.services.verdict.decided import Decided, Entry

COSTS, BREAK_EVEN, FLIPS, HOURS, QUALITY, PIPELINE, RULES, MEASURE = range(8)
WIDE = 1150
SETTLED_MS = 350
"""A slider that stood still so long is done: what flips the new verdict may be searched."""


class _View(Protocol):
    def show_decided(self, decided: Decided) -> None: ...


class WorkloadDetail(QWidget):
    """Shows an entry that is decided. A view of the evidence is made when it is first opened.

    Signals:
        moved: The primary button, or one of what to measure next: the Move.
        asked: An action by name: "gate", "edit", "text", "duplicate", "rename", "report", "export",
            "delete".
        kept: A workload with the values of the sliders should be edited.
        flips_wanted: The verdict of the sliders stands: what flips it? `add_flips` answers.
        curves_wanted: The bills over the volume of a verdict; `show_curves` answers.
        swings_wanted: What each input does to the saving; `show_swings` answers.
        machine_wanted: A verdict on another machine: the saved verdict, the machine's name,
            whether it is owned, its price or None, the day of that. `show_machine` answers.
        check_wanted: Where do the steps of a verdict lead now? `show_check` answers.
        names_wanted: Names of machines to choose from; `offer_machines` answers.
    """

    moved = Signal(object)
    asked = Signal(str)
    kept = Signal(object)
    flips_wanted = Signal(object)
    curves_wanted = Signal(object)
    swings_wanted = Signal(object)
    machine_wanted = Signal(object, str, bool, object, str)
    check_wanted = Signal(object)
    names_wanted = Signal()

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
        self._base: Decided | None = None
        self._shown: Decided | None = None
        self._day = ""
        self._move = Move(sentence="")
        self.head = DetailHead()
        self.head.asked.connect(self.asked)
        self.card = VerdictCard()
        self.card.setObjectName("verdict-card")
        self.card.acted.connect(self._on_acted)
        self.card.explained.connect(self._on_explained)
        self._due = self._timer(0, self._decide_again)
        self._settled = self._timer(SETTLED_MS, self._on_settled)
        self._views: dict[int, QWidget] = {}
        self._beside: RulesView | None = None
        self._build()

    def _timer(self, after_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(slot)
        return timer

    def _build(self) -> None:
        names = (
            self.tr("Costs"),
            self.tr("Break-even"),
            self.tr("What flips it"),
            self.tr("Hours"),
            self.tr("Quality"),
            self.tr("Pipeline"),
            self.tr("Rules"),
            self.tr("Measure next"),
        )
        self.segments = ViewChoice(names, title=self.tr("Evidence"))
        self.segments.setObjectName("evidence")
        self.segments.chosen.connect(self._on_segment)
        self._what_if = WhatIfCard()
        self._what_if.hide()
        self._what_if.moved.connect(self._due.start)
        self._what_if.keep_asked.connect(self._on_keep)
        self._what_if.close_asked.connect(self._on_what_if_closed)
        self._machine = MachineWhatIf()
        self._machine.hide()
        self._machine.asked.connect(self._on_machine)
        self._machine.dropped.connect(self._on_own_machine)
        self._machine.names_wanted.connect(self.names_wanted)
        self._both = row(spacing=Space.L)
        self._left = column(spacing=0)
        self._both.addLayout(self._left, 1)
        bar = row(self.segments, self._toggle())
        parts = (self.head, self.card, self._what_if, self._machine, bar, self._both, None)
        self.setLayout(column(*parts, spacing=Space.M))
        self._show_view()

    def _make_view(self, index: int) -> QWidget:
        """A view, when it is first looked at."""
        if index == BREAK_EVEN:
            curves = BreakEvenView()
            curves.wanted.connect(self.curves_wanted)
            return curves
        if index == FLIPS:
            flips = FlipsView()
            flips.wanted.connect(self.swings_wanted)
            return flips
        if index == MEASURE:
            measure: QWidget = late_view("measure_next", "MeasureView")
            measure.moved.connect(self.moved)  # type: ignore[attr-defined]
            return measure
        if index == PIPELINE:
            pipeline = PipelineView()
            pipeline.check_wanted.connect(self.check_wanted)
            return pipeline
        late = {
            HOURS: ("evidence_hours", "HoursView"),
            QUALITY: ("evidence_quality", "QualityView"),
        }
        if index in late:
            view: QWidget = late_view(*late[index])
            return view
        made: dict[int, Callable[[], QWidget]] = {
            COSTS: CostsView,
            RULES: RulesView,
        }
        return made[index]()

    def _toggle(self) -> QWidget:
        self._open = button(self.tr("What if"), icon="settings")
        self._open.setObjectName("what-if")
        self._open.setCheckable(True)
        self._open.toggled.connect(self._on_what_if)
        return self._open

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
        self.head.show_workload(entry.saved, entry.decided)
        if same and self._what_if.values:
            self._decide_again()
            return
        decided = entry.decided
        self._machine.show_none()
        self._take_as_base(decided)

    def _take_as_base(self, decided: Decided) -> None:
        """The sliders start from this verdict."""
        self._base = decided
        self._what_if.set_knobs(knobs(decided.loaded.workload, decided.facts, decided.assembler))
        self.show_decided(decided, what_if=self._asks_another)

    @property
    def _asks_another(self) -> bool:
        """Whether another machine is asked about."""
        return self._entry is not None and self._base is not self._entry.decided

    # What if

    def show_what_if(self, on: bool) -> None:
        """Show or hide the sliders as their button does."""
        self._open.setChecked(on)

    @Slot(bool)
    def _on_what_if(self, on: bool) -> None:
        self._what_if.setVisible(on)
        self._machine.setVisible(on)
        if not on:
            self._what_if.reset()
            if self._asks_another:
                self._machine.show_none()
                self._on_own_machine()

    @Slot()
    def _on_what_if_closed(self) -> None:
        self._open.setFocus(Qt.FocusReason.OtherFocusReason)
        self._open.setChecked(False)

    @Slot()
    def _decide_again(self) -> None:
        """Once for all moves of a turn of the event loop."""
        base = self._base
        if base is None:
            return
        values = self._what_if.values
        self._settled.stop()
        if not values:
            self.show_decided(base, what_if=self._asks_another)
            return
        workload = changed(base.loaded.workload, base.assembler, values)
        there = replace(base, assembler=in_world(base.assembler, values))
        now = there.at_once(workload)
        self.show_decided(now, what_if=True)
        self._what_if.show_difference(base, now)
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
        view = self._views.get(BREAK_EVEN)
        if isinstance(view, BreakEvenView):
            view.show_curves(decided, curves)

    def show_swings(self, decided: Decided, found: Sequence[InputSwing]) -> None:
        """What each input does to the saving is there."""
        view = self._views.get(FLIPS)
        if isinstance(view, FlipsView):
            view.show_swings(decided, found)

    def show_check(self, answer: tuple[Decided, PrivacyCheck] | None) -> None:
        """Where the steps lead is found out; None where it could not be."""
        view = self._views.get(PIPELINE)
        if not isinstance(view, PipelineView):
            return
        if answer is None:
            view.show_unchecked()
        else:
            view.show_check(*answer)

    # Another machine

    @Slot(str, bool, object, str)
    def _on_machine(self, name: str, owned: bool, price: float | None, day: str) -> None:
        decided = self._entry.decided if self._entry else None
        if decided is not None:
            self._day = day
            self.machine_wanted.emit(decided, name, owned, price, day)

    def offer_machines(self, names: Sequence[str]) -> None:
        """Names of machines to choose from."""
        self._machine.offer(names)

    def show_machine(self, asked: Decided, found: Decided) -> None:
        """The verdict on another machine, unless another workload is shown by now."""
        if self._entry is None or asked is not self._entry.decided:
            return
        self._machine.show_answer(found, day=self._day)
        self._take_as_base(found)
        self._settled.start()

    def refuse_machine(self, error: AppError) -> None:
        """It cannot be weighed: why."""
        self._machine.show_error(error)

    @Slot()
    def _on_own_machine(self) -> None:
        if self._entry is not None and self._entry.decided is not None:
            self._take_as_base(self._entry.decided)

    @Slot()
    def _on_keep(self) -> None:
        if self._shown is not None:
            self.kept.emit(self._shown.loaded.workload)

    def show_decided(self, decided: Decided, *, what_if: bool = False) -> None:
        """Show a verdict: the saved one, or one that a slider asks for."""
        self._shown = decided
        offer = self._entry.offer if self._entry else None
        stale = self._entry.stale if self._entry else ()
        self._move = next_move(decided, self._limits(), offer=offer)
        # Where it is the next step its button is on the card already.
        self.head.gate.setVisible(not self._move.detail.startswith(GATE))
        self.card.set_advice(advice(decided, self._move, what_if=what_if, stale=stale))
        self._fill_views()

    def _fill_views(self) -> None:
        """What can be seen follows the verdict; the rest does when it is opened."""
        if self._shown is None:
            return
        for view in (*self._views.values(), self._beside):
            if view is not None and view.isVisibleTo(self):
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
        if current not in self._views:
            self._views[current] = self._make_view(current)
            self._left.addWidget(self._views[current])
        for index, view in self._views.items():
            view.setVisible(index == current)
        wanted = self.width() >= theme.roomy(WIDE) and current != RULES
        if wanted and self._beside is None:
            self._beside = RulesView()
            self._beside.setObjectName("rules-beside")
            self._both.addWidget(self._beside, 1)
        if self._beside is not None:
            self._beside.setVisible(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was = self._beside is not None and self._beside.isVisibleTo(self)
        self._show_view()
        if self._beside is not None and self._beside.isVisibleTo(self) and not was:
            self._fill_views()
        super().resizeEvent(event)

    @Slot()
    def _on_acted(self) -> None:
        self.moved.emit(self._move)

    @Slot()
    def _on_explained(self) -> None:
        self.open_evidence(RULES)


def late_view(module: str, name: str) -> Any:
    """A view of a module that is imported when the view is first opened."""
    return getattr(import_module(f"landfall.gui.workloads.{module}"), name)()
