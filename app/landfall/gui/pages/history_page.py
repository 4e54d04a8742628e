"""History: what ran, what was benchmarked, what it came to, and what left the machine."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from landfall.gui.allowed import allow
from landfall.gui.history.asked import HistoryFilters
from landfall.gui.history.benchmarks_tab import BenchmarksTab
from landfall.gui.history.egress_tab import EgressTab
from landfall.gui.history.export import HistoryExport
from landfall.gui.history.importing import HistoryImport
from landfall.gui.history.runs_tab import RunsTab
from landfall.gui.history.totals_tab import TotalsTab
from landfall.gui.page import Page
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button
from landfall.gui.widgets.numbers import OriginLegend

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.history.tab import HistoryTab
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History


class Tab(IntEnum):
    """What is shown, in the order of the segments."""

    RUNS = 0
    BENCHMARKS = 1
    TOTALS = 2
    EGRESS = 3


class HistoryPage(Page):
    """The past as it is kept. Reads what is looked at anew when it is shown and when a run ends."""

    def __init__(
        self, state: AppState, tasks: TaskRunner, messages: Messages, *, history: History
    ) -> None:
        super().__init__(self.tr("History"), self.tr("Reading the history"))
        self._app = state
        self._export = HistoryExport(tasks, messages, self, history=history)
        self._import = HistoryImport(tasks, messages, history, self)
        self.runs = RunsTab(tasks, messages, history)
        self.benchmarks = BenchmarksTab(tasks, messages, history)
        self.totals = TotalsTab(tasks, messages, history, self._settings_now)
        self.egress = EgressTab(tasks, messages, history)
        self._tabs: tuple[HistoryTab, ...] = (
            self.runs,
            self.benchmarks,
            self.totals,
            self.egress,
        )
        self._build()
        self._connect()
        self.on_tab()

    def _build(self) -> None:
        self.export = button(self.tr("Export…"), icon="export")
        self.export.setObjectName("export")
        self.import_back = button(self.tr("Import…"), icon="download")
        self.import_back.setObjectName("import")
        self.add_action(OriginLegend(), self.import_back, self.export)
        self.tabs = SegmentedControl(
            (
                self.tr("Runs"),
                self.tr("Benchmarks"),
                self.tr("Totals"),
                self.tr("What left this machine"),
            ),
            wraps=True,
        )
        self.tabs.setObjectName("history-tabs")
        self.tabs.setAccessibleName(self.tr("What is shown"))
        self.filters = HistoryFilters()
        self.body.addWidget(Apart(self.tabs, self.filters.period))
        self.body.addWidget(self.filters)
        # No stack: that is as tall as the tallest of its pages, also of those that are not seen.
        for tab in self._tabs:
            self.body.addWidget(tab, 1)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.on_tab)
        self.filters.changed.connect(self.on_filter)
        self.export.clicked.connect(self.on_export)
        self.import_back.clicked.connect(self._import.ask)
        self._import.imported.connect(self.refresh)
        self._import.busy_changed.connect(self.on_importing)
        self._app.running_changed.connect(self.on_running)
        for tab in self._tabs:
            tab.changed.connect(self.on_changed)
            tab.jump.connect(self.jump)

    def _settings_now(self) -> Settings:
        return self._app.settings

    @property
    def tab(self) -> HistoryTab:
        """What is looked at."""
        return self._tabs[self.tabs.current]

    # Reading

    def open_at(self, detail: str) -> None:
        """Another page asks for a tab by its name, or for the runs of a model or workload."""
        named = {"egress": Tab.EGRESS, "totals": Tab.TOTALS, "benchmarks": Tab.BENCHMARKS}
        tab = named.get(detail, Tab.RUNS)
        self.tabs.group.button(tab).setChecked(True)
        self.filters.search.setText("" if detail in named else detail)
        self.on_tab()

    @Slot()
    def refresh(self) -> None:
        """Read what is looked at anew; what is chosen stays chosen."""
        self.tab.refresh()

    @Slot()
    def on_running(self) -> None:
        """A run began or ended."""
        if self.isVisible():
            self.refresh()

    # Showing

    @Slot()
    def on_tab(self) -> None:
        """Another tab is looked at: it reads what changed since."""
        for tab in self._tabs:
            tab.setVisible(tab is self.tab)
        self._show_controls()
        self.on_filter()
        self.refresh()

    @Slot()
    def on_filter(self) -> None:
        """Something else is asked for."""
        self.tab.ask(self.filters.asked)
        self._show_standing()

    @Slot()
    def on_changed(self) -> None:
        """A tab was read or lists something else."""
        if self.sender() is self.tab:
            self._show_controls()
            self._show_standing()

    def _show_controls(self) -> None:
        controls = self.tab.controls
        self.filters.show_for(
            search=controls.search,
            place=controls.place,
            model=controls.model,
            workload=controls.workload,
        )
        self.filters.offer(controls.models, controls.workloads)

    def _show_standing(self) -> None:
        self.set_state(self.tab.state)
        self.say(self.tab.words)
        rows = self.tab.exported() if self.tab.is_read else ()
        allow(self.export, "" if rows else self.tr("There is nothing to export."))

    @Slot(bool)
    def on_importing(self, busy: bool) -> None:
        """Files are taken in, one import at a time."""
        allow(self.import_back, self.tr("Files are being imported.") if busy else "")

    @Slot()
    def on_export(self) -> None:
        """Export what the filters leave."""
        self._export.ask(self.tab.exported(), self.tab.file_name)
