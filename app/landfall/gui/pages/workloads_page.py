"""Workloads: the list with its bill, the verdict of one with the evidence, and the editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent

from landfall.core.workload.writer import to_toml
from landfall.gui.page import Page, PageState
from landfall.gui.shortcuts import bind
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import column
from landfall.gui.widgets.unfolded import ScrollsTo
from landfall.gui.workloads.columns import ListAndDetail
from landfall.gui.workloads.counted import list_sentence
from landfall.gui.workloads.desk import EditorDesk
from landfall.gui.workloads.doings import Doings
from landfall.gui.workloads.listing import WorkloadList
from landfall.gui.workloads.notes_card import NotesCard
from landfall.gui.workloads.place import WorkloadPlace
from landfall.gui.workloads.portfolio_card import PortfolioCard
from landfall.gui.workloads.recheck import RecheckCard
from landfall.gui.workloads.routed_card import RoutedCard
from landfall.gui.workloads.toolbar import WorkloadsToolbar
from landfall.gui.workloads.wanted import Wanted
from landfall.gui.workloads.worked_out import WorkedOut

if TYPE_CHECKING:
    from landfall.core.settings import Thresholds
    from landfall.core.workload.workload import Workload
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.quality.panel import GatePanel
    from landfall.gui.tasks import TaskRunner
    from landfall.gui.workloads.editor import WorkloadEditor
    from landfall.gui.workloads.gate_door import GateDoor
    from landfall.gui.workloads.next_step import Move
    from landfall.services.history.records import SavedWorkload, WorkloadDraft
    from landfall.services.verdict.decided import Entry
    from landfall.services.verdict.portfolio import Portfolio


class WorkloadsPage(Page):
    """Why the program exists: each kind of work, and where it should run.

    Signals:
        routing_asked: The entries of the workloads, and the name of the one that is shown or "".
    """

    routing_asked = Signal(object, str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        portfolio: Portfolio,
        gate: GateDoor,
    ) -> None:
        super().__init__(self.tr("Workloads"))
        self._state, self._tasks, self._messages = state, tasks, messages
        self._lookout, self._portfolio, self._gate = lookout, portfolio, gate
        gate.setParent(self)
        self._wanted = Wanted()
        self._later: Callable[[], None] | None = None
        self._scrolls = ScrollsTo(self)
        self._list = WorkloadList()
        self._bill = PortfolioCard()
        self._routed, self._recheck = RoutedCard(), RecheckCard()
        self._notes = NotesCard()
        self._doings = Doings(portfolio, tasks=tasks, messages=messages, lookout=lookout, over=self)
        self._desk = EditorDesk(self._doings, self)
        worked_out = WorkedOut(portfolio, state=state, tasks=tasks, messages=messages, parent=self)
        self._place = WorkloadPlace(self._doings, worked_out, limits=self._limits)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.say(list_sentence(()))
        # The stretch is below all of it: beside a long list the notes stay under the evidence.
        detail = (self._routed, self._recheck, self._gate.offer, self._place, self._notes, None)
        self._columns = ListAndDetail(self._list, self._bill, column(*detail, spacing=Space.L))
        self._side = self._columns.side
        self.body.addWidget(self._columns, 1)

    def _connect(self) -> None:
        self._list.chosen.connect(self.show_workload)
        self._list.samples_removal_asked.connect(self.on_remove_samples)
        self._list.draft_taken.connect(self.on_draft)
        self._list.draft_discarded.connect(self._doings.discard_draft)
        self._list.removal_asked.connect(self._on_removal)
        self._doings.drafts_told.connect(self._on_drafts)
        self._list.portfolio_asked.connect(self._doings.bring_sample_portfolio)
        self._recheck.checked.connect(self._lookout.checked)
        self._recheck.all_checked.connect(self._lookout.checked_all)
        self._doings.stored.connect(self._on_stored)
        self._place.moved.connect(self.on_move)
        self._place.asked.connect(self.on_asked)
        self._place.kept.connect(self._on_kept)
        self._place.new_asked.connect(self.on_new)
        self._place.usage_asked.connect(self.on_usage)
        self._place.again_asked.connect(self._lookout.workloads)
        self._desk.opened.connect(self._on_editor)
        self._desk.revealed.connect(self._scrolls.reveal)
        self._desk.stored.connect(self._await)
        self._desk.left.connect(self._on_left)
        self._desk.window_kept.connect(partial(self.jump.emit, "workloads", ""))
        self._lookout.decided.connect(self.on_changed)
        self._state.workloads_changed.connect(self.on_changed)
        self._gate.opened.connect(self._on_gate)
        self._gate.offer.asked.connect(self.on_gate)

    def after_first_paint(self) -> None:
        """Bring the buttons, and what was asked for before."""
        bar = WorkloadsToolbar(self)
        self.add_action(*bar.in_order)
        bar.new_asked.connect(self.on_new)
        bar.file_asked.connect(self._doings.choose_file)
        bar.usage_asked.connect(self.on_usage)
        bar.report_asked.connect(self.on_report)
        bar.routing_asked.connect(self.on_routing)
        bind("new-workload", self, self.on_new)
        bind("find-workload", self, self._list.focus_search)
        self._doings.read_drafts()
        self._show_known()
        later, self._later = self._later, None
        if later is not None:
            later()

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
        if self.settled or self._later is not None:
            self._show_known()

    def _show_known(self) -> None:
        workloads = self._state.workloads
        if workloads is None:
            return
        self._list.set_workloads(workloads)
        self._bill.set_workloads(workloads)
        self._bill.set_sums(self._lookout.sums)
        self.say(list_sentence(workloads))
        if self._desk.editor is None and not self._place.has_gate:
            self._show()

    def open_at(self, detail: str) -> None:
        """Show a workload by its name, or its quality gate; other words begin one.

        Those are "new", "import", "run:ROW" and "benchmark:ROW"; "stored:NAME" is one whose first
        verdict is on its way.
        """
        detail = self._wanted.read(detail)
        wanted: dict[str, Callable[[], None]] = {
            "new": self.on_new,
            "import": self._doings.choose_file,
        }
        kind, _, at = detail.partition(":")
        if kind in ("run", "benchmark") and at.isdigit():
            wanted[detail] = partial(self._doings.begin_with, kind, int(at))
        if kind == "stored":
            wanted[detail] = partial(self._on_stored, at)
        self._when_settled(wanted.get(detail) or partial(self.show_workload, detail))

    def _when_settled(self, do: Callable[[], None]) -> None:
        """What is asked for before the first frame waits for it."""
        if self.settled:
            do()
        else:
            self._later = do

    @Slot(str)
    def show_workload(self, name: str) -> None:
        """Show this one, once the editor has nothing to lose."""
        self._desk.leave(partial(self._want, name))

    def _want(self, name: str) -> None:
        if name != self._wanted.name:
            self._gate.forget()
            self._to_top()
        self._wanted.show(name)
        self._show()

    @Slot()
    def _show(self) -> None:
        entry = self._wanted.find(self._entries)
        self._list.select(self._wanted.name)
        if self._state.workloads_error:
            self._stand(self._place.show_failed(self._state.workloads_error))
        elif entry is not None and entry.decided is not None:
            self._wanted.arrived()
            self.set_state(self._place.show_verdict(entry))
        elif entry is not None:
            self._stand(self._place.show_broken(entry))
        elif self._lookout.entries is None or self._wanted.name:
            self._stand(self._place.show_loading())
        else:
            self._stand(self._place.show_nothing())
        self._show_beside(entry)
        if self._place.has_verdict and self._wanted.as_gate:
            self.on_gate()
        self._show_side()

    def _show_beside(self, entry: Entry | None) -> None:
        """What stands above and below a verdict: what to check, what was cut, what was noted."""
        self._routed.show_entry(entry)
        self._recheck.show_entry(entry)
        self._notes.show_entry(entry)
        self._gate.look(self._wanted.name if self._place.has_verdict else "")

    def _show_side(self) -> None:
        known = bool(self._entries) or self._list.has_drafts
        self._side.setVisible(known or self._lookout.entries is None)

    @Slot(object)
    def _on_drafts(self, drafts: tuple[WorkloadDraft, ...]) -> None:
        """What was half typed stands above the list, also where nothing is saved yet."""
        self._list.set_drafts(drafts)
        self._show_side()

    @Slot(object)
    def on_draft(self, draft: WorkloadDraft) -> None:
        """Go on with what was typed and never saved."""
        entries = (one.saved for one in self._entries if not draft.is_new)
        self._desk.take_up(draft, next((one for one in entries if one.name == draft.key), None))

    @Slot(str)
    def _on_removal(self, name: str) -> None:
        self._doings.remove([one.saved for one in self._entries if one.saved.name == name])

    def _stand(self, state: PageState) -> None:
        """No verdict stands there: a gate that is on its way would come too late."""
        self._gate.forget()
        self.set_state(state)

    def _limits(self) -> Thresholds:
        return self._state.settings.thresholds

    # What may be done

    @Slot(object)
    def on_move(self, move: Move) -> None:
        """The next step: to another page, or into the editor."""
        saved = self._saved()
        if move.page:
            self.jump.emit(move.page, move.detail)
        elif saved is not None:
            self._desk.edit(saved, path=move.field)
            if move.fill and self._desk.editor is not None:
                self._desk.editor.fill(move.field, move.fill)

    @Slot(str)
    def on_asked(self, name: str) -> None:
        """An action on the workload that is shown."""
        saved = self._saved()
        if saved is None:
            return
        if name == "gate":
            self.on_gate()
        elif name in ("edit", "text"):
            self._desk.edit(saved, as_text=name == "text")
        elif name == "delete":
            self._doings.remove((saved,))
        elif name == "report":
            self._doings.report(self._entries, saved.name, self._state.settings)
        else:
            act = {
                "rename": self._doings.rename,
                "duplicate": self._doings.duplicate,
                "export": self._doings.export,
            }[name]
            act(saved)

    def _saved(self) -> SavedWorkload | None:
        entry = self._wanted.saved_as(self._entries)
        return entry.saved if entry is not None else None

    @Slot()
    def on_report(self) -> None:
        """A report of all workloads, or of those that are ticked."""
        self._doings.report(self._entries, "", self._state.settings)

    @Slot()
    def on_new(self) -> None:
        """Begin a workload."""
        self._desk.begin_new()

    @Slot()
    def on_routing(self) -> None:
        """The verdicts as routes: of the user's own workloads, else of the samples."""
        own = [one for one in self._entries if not one.saved.sample]
        shown = self._wanted.saved_as(self._entries)
        name = shown.saved.name if shown is not None else ""
        self.routing_asked.emit(tuple(own or self._entries), name)

    @Slot()
    def on_usage(self) -> None:
        """What was really used becomes workloads on the Cloud page."""
        self.jump.emit("cloud", "import")

    @Slot()
    def on_remove_samples(self) -> None:
        """All that came with the program."""
        self._doings.remove([one.saved for one in self._entries if one.saved.sample])

    def open_files(self, paths: Sequence[str]) -> None:
        """Bring workload files and show the verdict of the last."""
        self._doings.bring_each(paths)

    @Slot(str)
    def _on_stored(self, name: str) -> None:
        """It is on its way: what was decided of it comes with the next set of verdicts."""
        self._desk.leave(partial(self._await, name))

    @Slot()
    def _on_left(self) -> None:
        self._show()
        self._list.go_on_at(self._wanted.name)

    @Slot(str)
    def _await(self, name: str) -> None:
        self._wanted.expect(name)
        self._list.go_on_at(name)
        self._stand(self._place.show_loading())
        self._show_beside(None)

    # The quality gate

    @Slot()
    def on_gate(self) -> None:
        """The quality gate of the workload that is shown."""
        self._wanted.gate_opened()
        entry = self._wanted.saved_as(self._entries)
        if entry is not None and entry.decided is not None:
            self._stand(self._place.show_loading())
            self._gate.open(entry)

    @Slot(object)
    def _on_gate(self, panel: GatePanel) -> None:
        self._place.hold(panel)
        self._show_beside(None)
        panel.left.connect(self._show)
        panel.keys_wanted.connect(partial(self.jump.emit, "cloud", ""))
        panel.revealed.connect(self._scrolls.reveal)
        panel.turned.connect(self._to_top)
        self.set_state(PageState.READY)
        self._to_top()

    @Slot()
    def _to_top(self) -> None:
        """Of the detail; where it stands below the list that is where a choice is seen."""
        top = self._columns.y() + self._columns.top_of_detail - Space.L
        self.verticalScrollBar().setValue(top if self._columns.is_stacked else 0)

    # The editor

    @Slot(object)
    def _on_kept(self, workload: Workload) -> None:
        """The values of the sliders go into the editor, where saving is up to the user."""
        saved = self._saved()
        if saved is not None:
            self._desk.edit(saved)
            if self._desk.editor is not None:
                self._desk.editor.replace(to_toml(workload))

    @Slot(object)
    def _on_editor(self, editor: WorkloadEditor) -> None:
        self._place.hold(editor)
        self._gate.forget()
        self._show_beside(None)
        self._list.select(editor.was or "")
        self._show_side()
        self.set_state(PageState.READY)
        self._to_top()
        task = self._tasks.run(self._portfolio.known(self._state.settings))
        task.succeeded.connect(self._desk.offer)
        task.failed.connect(self._messages.fail)

    def showEvent(self, event: QShowEvent) -> None:
        self._desk.watch(self.window())
        super().showEvent(event)
