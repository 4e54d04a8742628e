"""Workloads: the list with its bill, the verdict of one with the evidence, and the editor."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import BadInput
from landfall.gui.format import whole
from landfall.gui.page import Page, PageState
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.layout import Card, Swap, button, column, holder, row
from landfall.gui.widgets.portfolio_card import PortfolioCard
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.widgets.workload_detail import WorkloadDetail
from landfall.gui.widgets.workload_list import WorkloadList

if TYPE_CHECKING:
    from landfall.core.cost_over_volume import BreakEvenCurves
    from landfall.core.provenance import Unknown
    from landfall.core.settings import Thresholds
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.gui.workload_next import Move
    from landfall.services.deciding import Decided
    from landfall.services.portfolio import Entry, Portfolio

SIDE = 240


class WorkloadsPage(Page):
    """Why the program exists: each kind of work, and where it should run."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        portfolio: Portfolio,
    ) -> None:
        super().__init__("Workloads")
        self._state, self._tasks, self._messages = state, tasks, messages
        self._lookout, self._portfolio = lookout, portfolio
        self._wanted = ""
        self._detail: WorkloadDetail | None = None
        self.header.title.setText(self.tr("Workloads"))
        self.setAccessibleName(self.tr("Workloads"))
        self._list = WorkloadList()
        self._bill = PortfolioCard()
        self._place = Swap(holder(column(VerdictCard(), None)))
        self._build()

    def _build(self) -> None:
        self.say(self.tr("Each kind of work gets its own verdict."))
        self._side = holder(column(self._list, self._bill, None, spacing=Space.L))
        self._side.setFixedWidth(SIDE)
        columns = row(spacing=Space.L)
        columns.addWidget(self._side)
        columns.addWidget(self._place, 1)
        self.body.addLayout(columns, 1)

    def after_first_paint(self) -> None:
        """Bring what has tables and buttons, and follow what changes."""
        self._list.chosen.connect(self.show_workload)
        self._lookout.decided.connect(self.on_changed)
        self._state.workloads_changed.connect(self.on_changed)
        self.refresh()

    # What is shown

    @property
    def _entries(self) -> tuple[Entry, ...]:
        return self._lookout.entries or ()

    @Slot()
    def on_changed(self) -> None:
        """Another set of verdicts."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what is known."""
        workloads = self._state.workloads
        if not self.settled or workloads is None:
            return
        self._list.set_workloads(workloads)
        self._bill.set_workloads(workloads)
        self.say(self._sentence())
        self._show()

    def open_at(self, detail: str) -> None:
        """Show a workload by its name."""
        self.show_workload(detail)

    @Slot(str)
    def show_workload(self, name: str) -> None:
        """Show this one."""
        self._wanted = name
        self._show()

    def _show(self) -> None:
        entry = self._find()
        if self._state.workloads_error:
            self._hold(self._failed(self._state.workloads_error), PageState.FAILED)
        elif entry is None:
            empty = not self._entries and self._lookout.entries is not None
            self._hold(
                self._empty() if empty else holder(column(VerdictCard(), None)),
                PageState.EMPTY if empty else PageState.LOADING,
            )
        elif entry.decided is None:
            self._hold(self._broken(entry), PageState.PARTIAL)
        else:
            self._show_detail(entry)
        self._side.setVisible(bool(self._entries) or self._lookout.entries is None)

    def _find(self) -> Entry | None:
        """The wanted one; else the first of the user's own, else the first."""
        entries = self._entries
        found = next((one for one in entries if one.saved.name == self._wanted), None)
        if found is None and entries:
            own = (one for one in entries if not one.saved.sample)
            found = next(own, entries[0])
            self._wanted = found.saved.name
        self._list.select(found.saved.name if found else "")
        return found

    def _hold(self, content: QWidget, state: PageState) -> None:
        self._detail = None
        self._place.hold(content)
        self.set_state(state)

    def _show_detail(self, entry: Entry) -> None:
        if self._detail is None:
            self._detail = WorkloadDetail(self._limits, self._portfolio.again)
            self._detail.moved.connect(self.on_move)
            self._detail.flips_wanted.connect(self._find_flips)
            self._detail.curves_wanted.connect(self._find_curves)
            self._place.hold(self._detail)
        self._detail.show_entry(entry)
        provisional = entry.decided is not None and entry.decided.verdict.provisional
        self.set_state(PageState.PARTIAL if provisional else PageState.READY)

    def _limits(self) -> Thresholds:
        return self._state.settings.thresholds

    def _sentence(self) -> str:
        workloads = self._state.workloads or ()
        if not workloads:
            return self.tr("Each kind of work gets its own verdict.")
        firm = sum(bool(w.verdict) and not w.provisional for w in workloads)
        said = self.tr("{0} workloads, {1} with a firm verdict.")
        return said.format(whole(len(workloads)), whole(firm))

    # What is worked out on a thread

    @Slot(object)
    def _find_flips(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.flips_of(decided, decided.loaded.workload))
        task.succeeded.connect(partial(self._on_flips, decided))
        task.failed.connect(self._messages.fail)

    def _on_flips(self, asked: Decided, found: Decided) -> None:
        if self._detail is not None:
            self._detail.add_flips(asked, found)

    @Slot(object)
    def _find_curves(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.break_even(decided))
        task.succeeded.connect(partial(self._on_curves, decided))
        task.failed.connect(self._messages.fail)

    def _on_curves(self, decided: Decided, curves: BreakEvenCurves | Unknown) -> None:
        if self._detail is not None:
            self._detail.show_curves(decided, curves)

    # States without a verdict

    def _failed(self, error: str) -> QWidget:
        line = StateLine(
            State.FAILED,
            self.tr("The saved workloads could not be read"),
            error,
            action=self.tr("Try again"),
        )
        line.setObjectName("failed")
        line.triggered.connect(self._lookout.workloads)
        return holder(column(Card().add(line), None))

    def _broken(self, entry: Entry) -> QWidget:
        problem = entry.problem
        where = ""
        if isinstance(problem, BadInput) and problem.line is not None:
            where = self.tr(" (line {0})").format(problem.line)
        said = f"{problem.message}{where} {problem.hint}" if problem else ""
        line = StateLine(
            State.FAILED,
            self.tr("{0} cannot be decided").format(entry.saved.name),
            said,
            action=self.tr("Edit as text"),
        )
        line.setObjectName("broken")
        return holder(column(Card().add(line), None))

    def _empty(self) -> QWidget:
        add = button(self.tr("Define a workload"), "primary", icon="plus")
        add.setObjectName("define")
        return Card().add(
            EmptyState(
                "workloads",
                self.tr("No workload yet"),
                self.tr(
                    "A workload is one kind of work you pay a model for. Each gets its own verdict:"
                    " here, cloud, rented, bought or split."
                ),
                add,
                footnote=self.tr("Works offline. Verdicts stay provisional until measured."),
            )
        )

    # What may be done

    @Slot(object)
    def on_move(self, move: Move) -> None:
        """The next step: to another page, or into the editor."""
        if move.page:
            self.jump.emit(move.page, move.detail)

    def open_file(self, path: str) -> None:
        """Bring a workload file and show its verdict."""
        task = self._tasks.run(self._portfolio.bring(Path(path)))
        task.succeeded.connect(self._on_saved)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_saved(self, saved: object) -> None:
        self._wanted = getattr(saved, "name", "")
        self._lookout.workloads()
