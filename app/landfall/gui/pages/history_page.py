"""History: what ran, what it took, what it cost, and what left the machine."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QWidget

from landfall.core.provenance import Unknown
from landfall.gui.format import Unit, plain, shown, whole
from landfall.gui.history.details import HistoryDetails
from landfall.gui.history.export import HistoryExport
from landfall.gui.history.rows import (
    LATEST,
    Loaded,
    egress_columns,
    load,
    run_columns,
    since,
    sums,
)
from landfall.gui.messages import Action
from landfall.gui.page import Page, PageState
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SearchField, SegmentedControl
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.numbers import FigureLabel, OriginLegend
from landfall.gui.widgets.table_place import TablePlace
from landfall.gui.widgets.tables import DataTable
from landfall.services.history_removal import Removed, put_back, take_out
from landfall.services.run_totals import totals

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history import History
    from landfall.services.records import EgressEntry, RunRecord

PERIOD_DAYS = (7, 30, 90, 0)
PLACES = ("", "local", "network", "cloud")
TABLE_HEIGHT = 28 + 44 * 6


class Tab(IntEnum):
    """What is shown, in the order of the segments."""

    RUNS = 0
    EGRESS = 1


class HistoryPage(Page):
    """The past as it is kept. Reads it anew when the page is shown and when a run ends."""

    def __init__(
        self, state: AppState, tasks: TaskRunner, messages: Messages, *, history: History
    ) -> None:
        super().__init__(self.tr("History"), self.tr("Reading the history"))
        self._app, self._tasks, self._messages = state, tasks, messages
        self._history = history
        self._loaded: Loaded | None = None
        self._reading: Task | None = None
        self._stale = False
        self._since = ""
        self._export = HistoryExport(tasks, messages, self)
        self._build()
        self._connect()
        self.refresh()

    # Building

    def _build(self) -> None:
        self.export = button(self.tr("Export…"), icon="export")
        self.export.setObjectName("export")
        self.add_action(OriginLegend(), self.export)
        self.tabs = SegmentedControl((self.tr("Runs"), self.tr("Egress log")))
        self.tabs.setObjectName("history-tabs")
        self.tabs.setAccessibleName(self.tr("What is shown"))
        self.search = SearchField(self.tr("Search"), width=170)
        self.search.setObjectName("history-search")
        self.place = Choice(
            self.tr("Place"),
            (
                self.tr("All places"),
                self.tr("This machine"),
                self.tr("Network"),
                self.tr("Cloud"),
            ),
            width=130,
        )
        self.place.setObjectName("history-place")
        days = self.tr("{0} days")
        names = [days.format(count) if count else self.tr("All") for count in PERIOD_DAYS]
        self.period = SegmentedControl(names, len(PERIOD_DAYS) - 1)
        self.period.setObjectName("history-period")
        self.period.setAccessibleName(self.tr("Period"))
        self.body.addLayout(
            row(self.tabs, None, self.search, self.place, self.period, spacing=Space.M)
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self._runs())
        self.stack.addWidget(self._egress())
        self.body.addWidget(self.stack, 1)

    def _runs(self) -> QWidget:
        self.sums: dict[str, FigureLabel] = {}
        self.totals = Card()
        line = row(spacing=Space.L)
        for total in sums(totals(())):
            figure = FigureLabel(total.caption, shown(Unknown(self.tr("not read yet")), Unit.COUNT))
            figure.setObjectName(f"total-{total.key}")
            self.sums[total.key] = figure
            line.addWidget(figure, 1)
        self.totals.body.addLayout(line)
        self.delete = button(self.tr("Delete"), "destructive", icon="trash")
        self.delete.setObjectName("delete-runs")
        self.runs = DataTable(run_columns(), self.tr("Runs"), scrolls=True, sortable=True)
        self.runs.setObjectName("runs-table")
        self.runs.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.runs.setMinimumHeight(TABLE_HEIGHT)
        self.runs_place = TablePlace(self.runs)
        self.runs_card = Card(self.tr("Runs"), self.delete, note=" ").bleed()
        self.runs_card.body.addWidget(self.runs_place, 1)
        self.details = HistoryDetails(self._tasks, self._messages, self._history)
        whole_tab = column(self.totals, spacing=Space.L)
        whole_tab.addWidget(self.runs_card, 1)
        whole_tab.addWidget(self.details)
        return holder(whole_tab)

    def _egress(self) -> QWidget:
        self.egress = DataTable(
            egress_columns(), self.tr("Egress log"), scrolls=True, sortable=True
        )
        self.egress.setObjectName("egress-table")
        self.egress.setMinimumHeight(TABLE_HEIGHT)
        self.egress_place = TablePlace(self.egress)
        self.egress_card = Card(self.tr("What left this machine"), note=" ").bleed()
        self.egress_card.body.addWidget(self.egress_place, 1)
        words = label(
            self.tr("Where to, how much and why: never what. Written before anything is sent."),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        return holder(column(self.egress_card, words, spacing=Space.S))

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.on_tab)
        self.search.textChanged.connect(self.on_filter)
        self.place.currentIndexChanged.connect(self.on_filter)
        self.period.chosen.connect(self.on_filter)
        self.export.clicked.connect(self.on_export)
        self.delete.clicked.connect(self.on_delete)
        self.details.run_asked.connect(partial(self.jump.emit, "run"))
        self.runs.selectionModel().selectionChanged.connect(self.on_selection)
        self._app.running_changed.connect(self.on_running)
        self.runs.filter.keep(self._keeps_run)
        self.egress.filter.keep(self._keeps_egress)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.runs)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.on_delete)

    # Reading

    def open_at(self, detail: str) -> None:
        """Another page asks for the egress log, or for the runs of a model or workload."""
        tab = Tab.EGRESS if detail == "egress" else Tab.RUNS
        self.tabs.group.button(tab).setChecked(True)
        self.on_tab()
        self.search.setText("" if detail == "egress" else detail)

    def refresh(self) -> None:
        """Read it anew; what is chosen stays chosen."""
        if self._reading is not None:
            self._stale = True
            return
        self._reading = self._tasks.run(load(self._history))
        self._reading.succeeded.connect(self._on_loaded)
        self._reading.failed.connect(self._on_failed)
        self._reading.finished.connect(self._on_read)

    @Slot()
    def on_running(self) -> None:
        """A run began or ended."""
        if self.isVisible():
            self.refresh()

    @Slot()
    def _on_read(self) -> None:
        self._reading = None
        if self._stale:
            self._stale = False
            self.refresh()

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        chosen = [run.id for run in self._chosen()]
        self._loaded = loaded
        self.runs.set_rows(loaded.run_rows)
        self.egress.set_rows(loaded.egress_rows)
        self._hold_tables(loaded)
        self._select(chosen)
        self.on_filter()

    def _hold_tables(self, loaded: Loaded) -> None:
        for one in (self.totals, self.details, self.delete):
            one.setVisible(bool(loaded.runs))
        if loaded.runs:
            self.runs_place.show_table()
        else:
            again = button(self.tr("Run now"), "primary")
            again.setObjectName("run-now")
            again.clicked.connect(partial(self.jump.emit, "run", ""))
            words = self.tr("Every answer is kept with its text, speed, energy and conditions.")
            self.runs_place.show_instead(
                EmptyState("history", self.tr("Runs appear here"), words, again)
            )
        if loaded.egress:
            self.egress_place.show_table()
        else:
            words = self.tr("Each key check, price look-up and paid answer would stand here.")
            self.egress_place.show_instead(
                EmptyState("lock", self.tr("Nothing has left this machine"), words)
            )

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.fail(error)
        title = self.tr("The history could not be read")
        line = StateLine(State.FAILED, title, str(error), action=self.tr("Try again"))
        line.triggered.connect(self.refresh)
        self.runs_place.show_instead(holder(row(line, margins=(Space.M, 0, Space.M, 0))))
        self.set_state(PageState.FAILED)
        self.say(title)

    # Showing

    @Slot()
    def on_tab(self) -> None:
        """Runs, or what left."""
        self.stack.setCurrentIndex(self.tabs.current)
        self.place.setVisible(self.tabs.current == Tab.RUNS)
        self._refresh_buttons()
        if self._loaded is not None:
            self.say(self._sentence(self._loaded))

    @Slot()
    def on_filter(self) -> None:
        """Search, place or period is another one."""
        self._since = since(PERIOD_DAYS[self.period.current])
        for table in (self.runs, self.egress):
            table.filter.search(self.search.text())
        self._show_totals()
        self._refresh_buttons()
        if self._loaded is not None:
            self.set_state(self._where(self._loaded))
            self.say(self._sentence(self._loaded))

    def _keeps_run(self, index: int) -> bool:
        run = self._loaded.runs[index] if self._loaded is not None else None
        if run is None:
            return False
        place = PLACES[self.place.currentIndex()]
        return run.started_at >= self._since and place in ("", run.place)

    def _keeps_egress(self, index: int) -> bool:
        return self._loaded is not None and self._loaded.egress[index].at >= self._since

    def _shown_runs(self) -> tuple[RunRecord, ...]:
        """The runs that the filters leave, in the order of the table."""
        if self._loaded is None:
            return ()
        return tuple(self._loaded.runs[i] for i in _rows(self.runs))

    def _shown_egress(self) -> tuple[EgressEntry, ...]:
        if self._loaded is None:
            return ()
        return tuple(self._loaded.egress[i] for i in _rows(self.egress))

    def _show_totals(self) -> None:
        for total in sums(totals(self._shown_runs())):
            self.sums[total.key].set_shown(total.shown)

    def _where(self, loaded: Loaded) -> PageState:
        if not loaded.runs and not loaded.egress:
            return PageState.EMPTY
        local = [run for run in loaded.runs if run.place != "cloud" and run.state == "done"]
        unmetered = any(run.gross_joules is None for run in local)
        return PageState.PARTIAL if unmetered else PageState.READY

    def _sentence(self, loaded: Loaded) -> str:
        if self.tabs.current == Tab.EGRESS:
            lines = self.tr("{0} lines, the latest first")
            return lines.format(whole(len(self._shown_egress())))
        runs, of = self._shown_runs(), len(loaded.runs)
        if not of:
            return self.tr("Nothing ran yet")
        latest = self.tr(", the latest {0} of the file").format(whole(of)) if of >= LATEST else ""
        if len(runs) == of:
            count = self.tr("One run") if of == 1 else self.tr("{0} runs").format(whole(of))
            return f"{count}{latest}"
        return self.tr("{0} of {1} runs{2}").format(whole(len(runs)), whole(of), latest)

    def _refresh_buttons(self) -> None:
        chosen = self._chosen()
        running = any(run.state == "running" for run in chosen)
        words = self.tr("Delete {0} runs") if len(chosen) > 1 else self.tr("Delete run")
        self.delete.setText(words.format(len(chosen)))
        self.delete.setEnabled(bool(chosen) and not running)
        why = self.tr("Choose a run first.") if not chosen else ""
        self.delete.setToolTip(self.tr("It still runs.") if running else why)
        rows = self._shown_runs() if self.tabs.current == Tab.RUNS else self._shown_egress()
        self.export.setEnabled(bool(rows))
        self.export.setToolTip("" if rows else self.tr("There is nothing to export."))
        if self.runs_card.note is not None:
            self.runs_card.note.setText(self._note(len(chosen)))
        if self.egress_card.note is not None:
            sent = sum(entry.sent_bytes for entry in self._shown_egress())
            self.egress_card.note.setText(
                self.tr("{0} sent in all").format(plain(sent, Unit.FILE_BYTES))
            )

    def _note(self, chosen: int) -> str:
        if chosen == 1:
            return self.tr("Ctrl and click on another one compares them")
        return self.tr("{0} chosen").format(chosen) if chosen else ""

    # Choosing

    def _chosen(self) -> list[RunRecord]:
        """The selected runs, in the order of the table."""
        if self._loaded is None:
            return []
        indexes = self.runs.selectionModel().selectedRows()
        rows = sorted(self.runs.filter.mapToSource(index).row() for index in indexes)
        return [self._loaded.runs[i] for i in rows if i < len(self._loaded.runs)]

    def _select(self, ids: list[int]) -> None:
        """Choose these runs again, where they are still there."""
        model, selection = self.runs.filter, self.runs.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for i, run in enumerate(self._loaded.runs if self._loaded is not None else ()):
            if run.id in ids:
                index = model.mapFromSource(self.runs.table.index(i, 0))
                selection.select(index, flags.Select | flags.Rows)
        self.on_selection()

    @Slot()
    def on_selection(self) -> None:
        """Other runs are chosen: show one, compare two."""
        self.details.show_runs(self._chosen())
        self._refresh_buttons()

    @Slot()
    def on_delete(self) -> None:
        """Delete what is chosen; a toast offers to undo it."""
        chosen = self._chosen()
        if not self.delete.isEnabled() or not chosen:
            return
        self.delete.setEnabled(False)
        removing = self._tasks.run(take_out(self._history, chosen))
        removing.succeeded.connect(self._on_removed)
        removing.failed.connect(self._messages.fail)
        removing.finished.connect(self.refresh)

    @Slot(object)
    def _on_removed(self, removed: Removed) -> None:
        count = len(removed.runs)
        words = self.tr("Deleted {0} runs") if count > 1 else self.tr("Deleted the run")
        undo = Action(self.tr("Undo"), partial(self._put_back, removed))
        self._messages.toast(words.format(count), undo=undo)

    def _put_back(self, removed: Removed) -> None:
        putting = self._tasks.run(put_back(self._history, removed))
        putting.failed.connect(self._messages.fail)
        putting.finished.connect(self.refresh)

    @Slot()
    def on_export(self) -> None:
        """Export what the filters leave."""
        if self.tabs.current == Tab.RUNS:
            self._export.ask(self._shown_runs(), "landfall-runs")
        else:
            self._export.ask(self._shown_egress(), "landfall-egress")


def _rows(table: DataTable) -> list[int]:
    """The rows of the model that the table shows, in its order."""
    model = table.filter
    return [model.mapToSource(model.index(i, 0)).row() for i in range(model.rowCount())]
