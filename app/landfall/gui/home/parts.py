"""The parts of Home that are filled after the first frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Figure, Measured, band
from landfall.gui.bill import Bill, bill
from landfall.gui.format import Shown, approximately, money, plain, shown, text, whole
from landfall.gui.home.checklist import Checklist, Item
from landfall.gui.machine.memory import accelerator_memory, host_memory
from landfall.gui.theme import Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.bill_bar import BillBar, PlaceKey, bill_parts
from landfall.gui.widgets.cells import Chip, Row, Title
from landfall.gui.widgets.feedback import EmptyState, Skeleton, State, StateLine
from landfall.gui.widgets.layout import (
    BLEED,
    Card,
    Swap,
    button,
    clear,
    column,
    hairline,
    holder,
    label,
    row,
)
from landfall.gui.widgets.memory_bar import MemoryBar
from landfall.gui.widgets.numbers import FigureLabel, OriginLegend
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.gui.widgets.verdict_chip import widest_chip
from landfall.gui.workloads.counted import count_sentence

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import LoadedModel
    from landfall.core.machine.hardware import Accelerator, HardwareProfile
    from landfall.gui.app_state import AppState
    from landfall.gui.app_values import WorkloadSummary

SIDE = 316
BESIDE_FROM = 1120
"""Pixels for both beside each other: with less the names of workloads would be cut."""


class HomeParts(QObject):
    """Machine line, workloads, checklist, bill and next steps; `fill()` shows the state's values.

    Attributes:
        machine: Goes into the first card. rest: goes below it.
    """

    jump = Signal(str, str)
    ollama_start_asked = Signal()

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._state = state
        self._names: list[str] = []
        self.machine = MachineLine()
        self.machine.jump.connect(self.jump)
        self.checklist = Checklist(state)
        self.checklist.jump.connect(self.jump)
        self.checklist.ollama_start_asked.connect(self.ollama_start_asked)
        self._todo = Card(self.tr("Before your own verdict"), note=" ")
        self._todo.body.setSpacing(0)
        self._todo.add(self.checklist)
        self._table = self._make_table()
        self._workloads = Swap(_loading())
        self._workload_card = Card(self.tr("Workloads"), OriginLegend()).bleed()
        self._workload_card.add(self._workloads)
        self._running = LineCard(self.tr("Now"))
        self._running.chosen.connect(self._on_line)
        self._bill = BillCard()
        self._next = LineCard(self.tr("Next steps"))
        self._next.chosen.connect(self._on_line)
        self._main = column(self._workload_card, self._running, self._todo, spacing=Space.L)
        self._side = holder(column(self._bill, self._next, spacing=Space.L))
        self.rest = SideBySide(holder(self._main), self._side, side_width=SIDE, needs=BESIDE_FROM)

    def _make_table(self) -> DataTable:
        columns = (
            Column(self.tr("Workload")),
            Column(self.tr("Verdict"), max(184, widest_chip() + 2 * Space.M)),
            Column(self.tr("Now"), 148, right=True),
            Column(self.tr("After"), 148, right=True),
            Column(self.tr("Saved a month"), 116, right=True),
        )
        table = DataTable(columns, self.tr("Workloads and their verdicts"))
        table.opened.connect(self._on_opened)
        table.hide()
        return table

    def fill(self) -> None:
        """Show what the state holds now."""
        state = self._state
        self.machine.fill(state.profile, state.loaded, error=state.profile_error)
        self._fill_workloads(state.workloads, state.workloads_error)
        items = self.checklist.fill()
        done = sum(item.state is State.DONE for item in items)
        own = any(not w.sample for w in state.workloads or ())
        # Not before it is known whether there are own ones: for whoever has some it would come and
        # go, for others it would move when the samples take their room above it.
        known = state.workloads is not None or bool(state.workloads_error)
        self._todo.setVisible(known and done < len(items) and not own)
        if self._todo.note is not None:
            self._todo.note.setText(
                self.tr("{0} of {1} done").format(whole(done), whole(len(items)))
            )
        now = bill(state.workloads or ())
        self._bill.show_bill(now)
        steps = [_step(w) for w in state.workloads or () if w.next_step and not w.sample]
        if own:
            steps += [item for item in items if item.action]
        self._next.show_lines(steps)
        show = self.tr("Show")
        self._running.show_lines(
            [Item(State.RUNNING, t.title, t.detail, show, t.page) for t in state.running]
        )
        self._side.setVisible(now is not None or bool(steps))

    def sentence(self) -> str:
        """The line below the title."""
        workloads = self._state.workloads
        if self._state.profile is None:
            return self.tr("Finding out what this machine can run. Nothing is sent anywhere.")
        return count_sentence(workloads or ()) or self.tr(
            "What runs here, what runs elsewhere, and what that costs."
        )

    def _fill_workloads(self, workloads: tuple[WorkloadSummary, ...] | None, error: str) -> None:
        if error:
            self._workloads.hold(self._failed(error))
        elif workloads:
            if self._workloads.content is not self._table:
                self._table = self._make_table()
                self._workloads.hold(self._table)
                self._table.show()
            self._names = [w.name for w in workloads]
            self._table.set_rows([_row(w, self._subtitle(w)) for w in workloads])
        elif workloads is not None:
            self._workloads.hold(self._empty())

    def _subtitle(self, workload: WorkloadSummary) -> str:
        parts = [self.tr("sample")] if workload.sample else []
        parts.append(workload.detail)
        if workload.close:
            parts.append(self.tr("too close to call"))
        return ", ".join(parts)

    def _failed(self, error: str) -> QWidget:
        line = StateLine(
            State.FAILED,
            self.tr("The saved workloads could not be read"),
            error,
            action=self.tr("Show history"),
        )
        line.triggered.connect(partial(self.jump.emit, "history", ""))
        return holder(row(line, margins=(BLEED, 0, BLEED, 0)))

    def _empty(self) -> QWidget:
        add = button(self.tr("Describe a workload"))
        add.clicked.connect(partial(self.jump.emit, "workloads", "new"))
        return EmptyState(
            "workloads",
            self.tr("No workload yet"),
            self.tr(
                "A workload is one kind of work you pay a model for. Each gets its own verdict:"
                " here, cloud, rented, bought or split."
            ),
            add,
            footnote=self.tr("Works offline. Verdicts stay provisional until measured."),
        )

    def _on_opened(self, index: int) -> None:
        self.jump.emit("workloads", self._names[index])

    @Slot(object)
    def _on_line(self, item: Item) -> None:
        if item.page:
            self.jump.emit(item.page, item.detail_asked)
        else:
            self.ollama_start_asked.emit()


def _loading() -> QWidget:
    bars = Skeleton(480, 420, 460, 380, 440, bar=16)
    return holder(row(bars, margins=(BLEED, Space.S, BLEED, Space.S)))


def _step(workload: WorkloadSummary) -> Item:
    state = State.PARTIAL if workload.provisional else State.TODO
    action = workload.next_action
    return Item(state, workload.title, workload.next_step, action, "workloads", workload.name)


def _row(w: WorkloadSummary, subtitle: str) -> Row:
    return (
        Title(w.title, subtitle),
        Chip(w.verdict, w.provisional or w.close),
        _noted(w.now_usd_month, w.now_note),
        _noted(w.after_usd_month, w.after_note),
        _saved(w.saving_usd_month),
    )


class LineCard(Card):
    """A card of checklist lines with their buttons; hidden while there is none.

    Signals:
        chosen: The item whose button was pressed.
    """

    chosen = Signal(object)

    def __init__(self, heading: str) -> None:
        super().__init__(heading)
        self.body.setSpacing(Space.XS)
        self._lines = column(spacing=0)
        self._items: tuple[Item, ...] = ()
        self.add(self._lines)
        self.hide()

    def show_lines(self, items: Sequence[Item]) -> None:
        """Show these lines."""
        fresh = tuple(items)
        if fresh != self._items:
            self._items = fresh
            clear(self._lines)
            for item in fresh:
                line = StateLine(item.state, item.title, item.detail, action=item.action)
                line.triggered.connect(partial(self.chosen.emit, item))
                self._lines.addWidget(line)
        self.setVisible(bool(fresh))


class BillCard(Card):
    """The month's bill now and after the verdicts, by place; hidden while nothing is known."""

    def __init__(self) -> None:
        super().__init__(self.tr("Monthly bill"), note=" ")
        self._now = BillBar(self.tr("Now"))
        self._after = BillBar(self.tr("After the verdicts"))
        self._key = PlaceKey()
        self._words = label("", Text.HEADING, wrap=True)
        self._band = label("", Text.CAPTION, tone="text_3")
        self.add(self._now, self._after, self._key, hairline())
        self.add(column(self._words, self._band, spacing=0))
        self.hide()

    def show_bill(self, now: Bill | None) -> None:
        """Show a bill, or nothing."""
        self.setVisible(now is not None)
        if now is None:
            return
        if self.note is not None:
            self.note.setText(
                self.tr("{0} of {1} workloads").format(whole(now.counted), whole(now.total))
            )
        top = max(now.now.mid, now.after.high, now.now.high)
        after = shown(now.after.figure, Unit.USD_MONTH)
        before = approximately(money(now.now.mid))
        self._now.set_bill(bill_parts(now.now_by_place), before, scale_to=top)
        band = (now.after.low, now.after.high) if now.after.high > now.after.low else None
        self._after.set_bill(bill_parts(now.after_by_place), after.value, scale_to=top, band=band)
        self._key.set_parts(bill_parts(now.after_by_place))
        saving = shown(now.saving.figure, Unit.USD_MONTH)
        less = self.tr("{0} less a month").format(saving.value)
        if now.saving.mid < 0:
            less = self.tr("{0} a month: a loss").format(saving.value)
        elif now.saving.low == now.saving.high == 0:
            less = self.tr("No change")
        self._words.setText(less)
        self._band.setText(saving.detail)


class MachineLine(QWidget):
    """The machine in one line: name, facts, memory, and what lies in it."""

    jump = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._name = label("", Text.HEADING)
        self._facts = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._bar = MemoryBar(height=12, columns=4)
        self._loaded = row(spacing=Space.XL)
        words = holder(column(self._name, self._facts, Space.XS, self._bar, spacing=3))
        self._meters = holder(self._loaded)
        self._both = SideBySide(words, self._meters, side_width=SIDE - 2 * Space.L, needs=800)
        self._place = Swap(Skeleton(260, 420, 520))
        self.setLayout(column(self._place))
        self._both.hide()

    def fill(
        self,
        profile: HardwareProfile | None,
        loaded: tuple[LoadedModel, ...] | None,
        *,
        error: str,
    ) -> None:
        """Show the machine, or why it is not known."""
        if profile is None:
            if error:
                self._place.hold(self._failed(error))
            return
        self._place.hold(self._both)
        self._both.show()
        first = profile.accelerators[0] if profile.accelerators else None
        cpu = self.tr("CPU only: {0}").format(profile.cpu.name)
        self._name.setText(first.name if first else cpu)
        self._facts.setText(_facts(profile))
        alone = loaded or () if len(profile.accelerators) == 1 else ()
        memory = accelerator_memory(first, alone) if first else None
        segments, total = memory or host_memory(profile, loaded or ())
        self._bar.set_memory(segments, total_bytes=total)
        self._fill_loaded(loaded or ())

    def _fill_loaded(self, loaded: tuple[LoadedModel, ...]) -> None:
        clear(self._loaded)
        for model in loaded[:2]:
            size = shown(Measured(model.size_bytes, "", "/api/ps"), Unit.MEMORY_BYTES)
            caption = self.tr("{0}, loaded").format(model.name)
            self._loaded.addWidget(FigureLabel(caption, size, style=Text.HEADING))
        self._loaded.addStretch(1)
        self._meters.setVisible(bool(loaded))

    def _failed(self, error: str) -> QWidget:
        title = self.tr("This machine could not be read")
        line = StateLine(State.FAILED, title, error, action=self.tr("Show machine"))
        line.triggered.connect(partial(self.jump.emit, "machine", ""))
        return line


def _facts(profile: HardwareProfile) -> str:
    facts = []
    if profile.accelerators:
        first, *others = profile.accelerators
        facts.append(_memory_words(first))
        facts += [f"{other.name}, {_memory_words(other)}".rstrip(", ") for other in others[:1]]
        if len(others) > 1:
            facts.append(_tr("and {0} more").format(whole(len(others) - 1)))
        facts.append(profile.cpu.name)
    ram = plain(profile.ram.total_bytes, Unit.MEMORY_BYTES)
    facts.append(_tr("{0} RAM").format(ram))
    if profile.disk.free_bytes is not None:
        free = plain(profile.disk.free_bytes, Unit.FILE_BYTES)
        facts.append(_tr("{0} disk free").format(free))
    return "  \u00b7  ".join(fact for fact in facts if fact)


def _memory_words(accelerator: Accelerator) -> str:
    """How much memory, and how fast: "24.0 GiB at 1,008 GB/s"; "" where it is not known."""
    if accelerator.memory_total_bytes is None:
        return ""
    size = plain(accelerator.memory_total_bytes, Unit.MEMORY_BYTES)
    if band(accelerator.bandwidth_bytes_per_s) is None:
        return size
    speed = text(accelerator.bandwidth_bytes_per_s, Unit.BYTES_PER_SECOND)
    return _tr("{0} at {1}").format(size, speed)


def _tr(words: str) -> str:
    return QCoreApplication.translate("HomeParts", words)


def _noted(figure: Figure, note: str) -> Shown:
    """With the date of the price where the figure itself has no band and no date."""
    seen = shown(figure, Unit.USD_MONTH)
    if seen.detail or not note:
        return seen
    return replace(seen, detail=_tr("price of {0}").format(note))


def _saved(saving: Figure) -> Shown:
    """What a month costs less; the same option as today is no change, and not about nothing."""
    seen = shown(saving, Unit.USD_MONTH)
    if band(saving) != (0.0, 0.0, 0.0):
        return seen
    words = _tr("no change")
    return replace(seen, value=money(0.0, digits=0), detail=words, spoken=words)
