"""Every benchmark: a row each, one in full with all its parts, two compared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.format import whole
from landfall.gui.history.benchmark_details import BenchmarkDetails
from landfall.gui.history.benchmark_rows import (
    BENCHMARK_KEYS,
    ReadBenchmark,
    benchmark_columns,
    benchmark_row,
    benchmark_text,
    read_benchmark,
)
from landfall.gui.history.listing import SortedTable, in_order
from landfall.gui.history.tab import Controls, HistoryTab
from landfall.gui.page import PageState
from landfall.gui.theme import Space
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.layout import Card, button, column
from landfall.gui.widgets.table_model import MadeRows
from landfall.gui.widgets.table_place import TablePlace
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import BenchmarkRecord

_PREFILL, _WIDE = 3, 900

LATEST = 2000
"""Benchmarks that are listed; older ones stay in the file."""


@dataclass(frozen=True, slots=True)
class BenchmarksRead:
    """The list, newest first, and what a search looks at of each."""

    benchmarks: tuple[ReadBenchmark, ...]
    texts: tuple[str, ...]


async def read_benchmarks(history: History) -> BenchmarksRead:
    """Read the list; results are made into values off the GUI thread.

    Raises:
        AppError: the file cannot be read.
    """
    return await in_thread(_made, await history.benchmarks(limit=LATEST))


def _made(records: Sequence[BenchmarkRecord]) -> BenchmarksRead:
    return BenchmarksRead(tuple(map(read_benchmark, records)), tuple(map(benchmark_text, records)))


class BenchmarksTab(HistoryTab):
    """Keeps what is chosen by its id."""

    file_name = "landfall-benchmarks"

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__(tasks, messages, history)
        self._read = BenchmarksRead((), ())
        self._shown: tuple[ReadBenchmark, ...] = ()
        self._chosen: tuple[ReadBenchmark, ...] = ()
        self.table = SortedTable(benchmark_columns(), self.tr("Benchmarks"))
        self.table.setObjectName("benchmarks-table")
        self.table.allow_several()
        self.place = TablePlace(self.table)
        self.workload = button(self.tr("Make a workload of this"), "link")
        self.workload.setObjectName("workload-of-benchmark")
        self.workload.clicked.connect(self._on_workload)
        self.workload.hide()
        self.card = Card(self.tr("Benchmarks"), self.workload, note=" ").bleed()
        self.card.body.addWidget(self.place, 1)
        self.details = BenchmarkDetails(tasks, messages, history)
        layout = column(spacing=Space.L)
        layout.addWidget(self.card, 1)
        layout.addWidget(self.details)
        # It would move when the table takes the height of its rows.
        self.details.hide()
        layout.addStretch(0)
        self.setLayout(layout)
        self.table.order_changed.connect(self.list_asked)
        self.table.selected.connect(self.on_selection)

    # Reading

    @property
    def controls(self) -> Controls:
        known = self._read.benchmarks
        return Controls(workload=False, models={one.record.model for one in known})

    async def reading(self) -> AsyncIterator[Any]:
        yield await read_benchmarks(self._history)

    def take(self, read: BenchmarksRead) -> None:
        self._read = read
        known = {one.record.id: one for one in read.benchmarks}
        ids = [one.record.id for one in self._chosen]
        self._chosen = tuple(known[i] for i in ids if i in known)
        self.details.setVisible(bool(read.benchmarks))
        if read.benchmarks:
            self.place.show_table()
            return
        begin = button(self.tr("Benchmark a model"), "primary")
        begin.setObjectName("benchmark-now")
        begin.clicked.connect(partial(self.jump.emit, "run", ""))
        words = self.tr("A benchmark repeats fixed prompts, so that its figures can be compared.")
        title = self.tr("Benchmarks appear here")
        self.place.show_instead(EmptyState("history", title, words, begin))

    def show_instead(self, line: QWidget) -> None:
        self.place.show_instead(line)

    def standing(self) -> PageState:
        if not self._read.benchmarks:
            return PageState.EMPTY
        whole_ones = all(
            one.result is not None and one.record.state == "done" for one in self._read.benchmarks
        )
        return PageState.READY if whole_ones else PageState.PARTIAL

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setColumnHidden(_PREFILL, self.width() < theme.roomy(_WIDE))

    # Listing

    def list_asked(self) -> None:
        asked, read = self.asked, self._read
        kept = (
            one
            for one, text in zip(read.benchmarks, read.texts, strict=True)
            if asked.holds(one.record.started_at)
            and asked.belongs(place=one.record.place, model=one.record.model, workload=None)
            and asked.finds(text)
        )
        self._shown = in_order(kept, BENCHMARK_KEYS, *self.table.order)
        chosen = {one.record.id for one in self._chosen}
        places = [i for i, one in enumerate(self._shown) if one.record.id in chosen]
        self.table.list_rows(self.card, MadeRows(len(self._shown), self._row), places)
        self.on_selection()

    def _row(self, index: int) -> Row:
        return benchmark_row(self._shown[index])

    @Slot()
    def on_selection(self) -> None:
        """Other benchmarks are chosen: show one, compare two."""
        self._chosen = tuple(
            self._shown[i] for i in self.table.selected_rows if i < len(self._shown)
        )
        self.details.show_benchmarks(self._chosen)
        self.workload.setVisible(len(self._chosen) == 1)
        if self.card.note is not None:
            hint = self.tr("Ctrl and click, or Ctrl and Space, on another one compares them")
            self.card.note.setText(hint if len(self._chosen) == 1 else "")

    @Slot()
    def _on_workload(self) -> None:
        self.jump.emit("workloads", f"benchmark:{self._chosen[0].record.id}")

    def sentence(self) -> str:
        shown, of = len(self._shown), len(self._read.benchmarks)
        if not of:
            return self.tr("No benchmark yet")
        if shown == of:
            many = self.tr("{0} benchmarks").format(whole(of))
            return self.tr("One benchmark") if of == 1 else many
        return self.tr("{0} of {1} benchmarks").format(whole(shown), whole(of))

    def exported(self) -> tuple[BenchmarkRecord, ...]:
        return tuple(one.record for one in self._shown)
