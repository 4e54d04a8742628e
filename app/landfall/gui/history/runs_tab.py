"""Every run: a table that is searched and filtered, and what is chosen in full below it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.history.details import HistoryDetails
from landfall.gui.history.listing import SortedTable, in_order
from landfall.gui.history.run_rows import RUN_KEYS, run_columns, run_row, searched_text
from landfall.gui.history.tab import Controls, HistoryTab
from landfall.gui.messages import Action
from landfall.gui.page import PageState
from landfall.gui.shortcuts import bind
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
    from landfall.services.history.records import RunRecord
    from landfall.services.history.runs_kept import WholeRun

LATEST = 20_000
"""Runs that are listed; older ones stay in the file."""

FIRST = 100
"""So many are listed at once where nothing was, before the others are read."""


@dataclass(frozen=True, slots=True)
class RunsRead:
    """The list, newest first, and what a search looks at of each; more may come."""

    runs: tuple[RunRecord, ...]
    texts: tuple[str, ...]
    complete: bool = True


async def read_runs(history: History, limit: int) -> RunsRead:
    """Read the list, at most so many; the texts are made off the GUI thread.

    Raises:
        AppError: the file cannot be read.
    """
    runs = await history.listed_runs(limit=limit)
    more = limit < LATEST and len(runs) == limit
    return RunsRead(runs, await in_thread(_texts, runs), complete=not more)


def _texts(runs: tuple[RunRecord, ...]) -> tuple[str, ...]:
    return tuple(map(searched_text, runs))


class RunsTab(HistoryTab):
    """Keeps what is chosen by its id: runs come and go above it."""

    file_name = "landfall-runs"

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__(tasks, messages, history)
        self._read = RunsRead((), ())
        self._shown: tuple[RunRecord, ...] = ()
        self._chosen: tuple[RunRecord, ...] = ()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.delete = button(self.tr("Delete"), "destructive", icon="trash")
        self.delete.setObjectName("delete-runs")
        self.delete.hide()
        self.table = SortedTable(run_columns(), self.tr("Runs"))
        self.table.setObjectName("runs-table")
        self.table.allow_several()
        self.place = TablePlace(self.table)
        self.card = Card(self.tr("Runs"), self.delete, note=" ").bleed()
        self.card.body.addWidget(self.place, 1)
        self.details = HistoryDetails(self._tasks, self._messages, self._history)
        layout = column(spacing=Space.L)
        layout.addWidget(self.card, 1)
        layout.addWidget(self.details)
        # It would move when the table takes the height of its rows.
        self.details.hide()
        layout.addStretch(0)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.table.order_changed.connect(self.list_asked)
        self.delete.clicked.connect(self.on_delete)
        self.details.run_asked.connect(partial(self.jump.emit, "run"))
        self.details.workload_asked.connect(self._on_workload)
        self.table.selected.connect(self.on_selection)
        only_there = Qt.ShortcutContext.WidgetShortcut
        bind("delete-run", self.table, self.on_delete, context=only_there)

    # Reading

    @property
    def controls(self) -> Controls:
        runs = self._read.runs
        return Controls(
            models={run.model for run in runs}, workloads={run.workload or "" for run in runs}
        )

    async def reading(self) -> AsyncIterator[Any]:
        yield await read_runs(self._history, LATEST if self.is_read else FIRST)

    def take(self, read: RunsRead) -> None:
        self._read = read
        known = {run.id: run for run in read.runs}
        self._chosen = tuple(known[run.id] for run in self._chosen if run.id in known)
        self.details.setVisible(bool(read.runs))
        self.delete.setVisible(bool(read.runs))
        if not read.complete:
            # After these were painted: reading thousands would hold that up.
            QTimer.singleShot(0, self.refresh)
        if read.runs:
            self.place.show_table()
            return
        again = button(self.tr("Run now"), "primary")
        again.setObjectName("run-now")
        again.clicked.connect(partial(self.jump.emit, "run", ""))
        words = self.tr("Every answer is kept with its text, speed, energy and conditions.")
        title = self.tr("Runs appear here")
        self.place.show_instead(EmptyState("history", title, words, again))

    def show_instead(self, line: QWidget) -> None:
        self.place.show_instead(line)

    def standing(self) -> PageState:
        if not self._read.runs:
            return PageState.EMPTY
        unmetered = any(
            run.gross_joules is None and run.place != "cloud" and run.state == "done"
            for run in self._read.runs
        )
        return PageState.PARTIAL if unmetered else PageState.READY

    # Listing

    def list_asked(self) -> None:
        asked, read = self.asked, self._read
        kept = (
            run
            for run, text in zip(read.runs, read.texts, strict=True)
            if asked.holds(run.started_at)
            and asked.belongs(place=run.place, model=run.model, workload=run.workload)
            and asked.finds(text)
        )
        self._shown = in_order(kept, RUN_KEYS, *self.table.order)
        chosen = {run.id for run in self._chosen}
        places = [i for i, run in enumerate(self._shown) if run.id in chosen]
        self.table.list_rows(self.card, MadeRows(len(self._shown), self._row), places)
        self.on_selection()

    def _row(self, index: int) -> Row:
        return run_row(self._shown[index])

    def sentence(self) -> str:
        runs, of = len(self._shown), len(self._read.runs)
        if not of:
            return self.tr("Nothing ran yet")
        if not self._read.complete:
            return self.tr("The latest {0} runs, reading the others").format(whole(of))
        latest = self.tr(", the latest {0} of the file").format(whole(of)) if of >= LATEST else ""
        if runs == of:
            count = self.tr("One run") if of == 1 else self.tr("{0} runs").format(whole(of))
            return f"{count}{latest}"
        return self.tr("{0} of {1} runs{2}").format(whole(runs), whole(of), latest)

    def exported(self) -> tuple[RunRecord, ...]:
        return self._shown

    # Choosing

    @property
    def chosen(self) -> tuple[RunRecord, ...]:
        """The selected runs, in the order of the table."""
        return self._chosen

    @Slot(int)
    def _on_workload(self, run_id: int) -> None:
        self.jump.emit("workloads", f"run:{run_id}")

    @Slot()
    def on_selection(self) -> None:
        """Other runs are chosen: show one, compare two."""
        self._chosen = tuple(
            self._shown[i] for i in self.table.selected_rows if i < len(self._shown)
        )
        self.details.show_runs(self._chosen, self._read.runs)
        self._refresh_delete()

    def _refresh_delete(self) -> None:
        chosen = self._chosen
        running = any(run.state == "running" for run in chosen)
        words = self.tr("Delete {0} runs") if len(chosen) > 1 else self.tr("Delete run")
        self.delete.setText(words.format(len(chosen)))
        why = self.tr("Choose a run first.") if not chosen else ""
        allow(self.delete, self.tr("It still runs.") if running else why)
        if self.card.note is not None:
            self.card.note.setText(self._note(len(chosen)))

    def _note(self, chosen: int) -> str:
        if chosen == 1:
            return self.tr("Ctrl and click, or Ctrl and Space, on another one compares them")
        return self.tr("{0} chosen").format(whole(chosen)) if chosen else ""

    # Deleting

    @Slot()
    def on_delete(self) -> None:
        """Delete what is chosen; a toast offers to undo it."""
        if not self.delete.isEnabled() or not self._chosen:
            return
        allow(self.delete, self.tr("Being deleted\u2026"))
        removing = self._tasks.run(self._history.take_out(run.id for run in self._chosen))
        removing.succeeded.connect(self._on_removed)
        removing.failed.connect(self._messages.fail)
        removing.finished.connect(self.refresh)

    @Slot(object)
    def _on_removed(self, removed: tuple[WholeRun, ...]) -> None:
        count = len(removed)
        words = self.tr("Deleted {0} runs") if count > 1 else self.tr("Deleted the run")
        undo = Action(self.tr("Undo"), partial(self._put_back, removed))
        self._messages.toast(words.format(whole(count)), undo=undo)

    def _put_back(self, removed: tuple[WholeRun, ...]) -> None:
        putting = self._tasks.run(self._history.put_back(removed))
        putting.failed.connect(self._messages.fail)
        putting.finished.connect(self.refresh)
