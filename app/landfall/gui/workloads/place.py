"""The place beside the list of workloads: the verdict of one, or what stands there instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.gui.page import PageState
from landfall.gui.widgets.layout import Swap, column, holder
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.workloads.detail import WorkloadDetail
from landfall.gui.workloads.states import Broken, Failed, NothingYet

if TYPE_CHECKING:
    from landfall.core.settings import Thresholds
    from landfall.gui.workloads.doings import Doings
    from landfall.gui.workloads.worked_out import WorkedOut
    from landfall.services.verdict.decided import Entry


class WorkloadPlace(Swap):
    """Holds a detail as long as verdicts are shown; whatever else is held ends it.

    Each `show_…` answers with the state that the page is in then.

    Signals:
        moved: The Move of a next step.
        asked: An action on the workload that is shown, by its name.
        kept: A Workload with the values of the sliders.
        new_asked, usage_asked: Ways to begin.
        again_asked: The workloads should be read again.
    """

    moved = Signal(object)
    asked = Signal(str)
    kept = Signal(object)
    new_asked = Signal()
    usage_asked = Signal()
    again_asked = Signal()

    def __init__(
        self, doings: Doings, worked_out: WorkedOut, *, limits: Callable[[], Thresholds]
    ) -> None:
        """Begin while the workloads are read.

        Args:
            doings: Bring what a user begins with.
            worked_out: Answers what a detail asks for.
            limits: The limits of the rules, as they are set now.
        """
        super().__init__()
        self._doings, self._worked_out, self._limits = doings, worked_out, limits
        self._detail: WorkloadDetail | None = None
        self.hold(_loading())

    @property
    def has_verdict(self) -> bool:
        """Whether the verdict of a workload is shown."""
        return self._detail is not None

    @property
    def has_gate(self) -> bool:
        """Whether the quality gate of a workload is shown."""
        return self.content is not None and self.content.objectName() == "gate-panel"

    def hold(self, content: QWidget) -> None:
        if content is not self._detail:
            self._detail = None
            self._worked_out.forget()
        super().hold(content)

    def show_loading(self) -> PageState:
        """Workloads, or the verdict of one, are on their way."""
        self.hold(_loading())
        return PageState.LOADING

    def show_failed(self, reason: str) -> PageState:
        """The workloads cannot be read."""
        failed = Failed(reason)
        failed.triggered.connect(self.again_asked)
        self.hold(failed)
        return PageState.FAILED

    def show_nothing(self) -> PageState:
        """No workload is saved: the ways to begin."""
        empty = NothingYet()
        empty.define_asked.connect(self.new_asked)
        empty.import_asked.connect(self._doings.choose_file)
        empty.usage_asked.connect(self.usage_asked)
        empty.samples_asked.connect(self._doings.bring_samples)
        empty.portfolio_asked.connect(self._doings.bring_sample_portfolio)
        self.hold(empty)
        return PageState.EMPTY

    def show_broken(self, entry: Entry) -> PageState:
        """A workload of which nothing can be decided."""
        broken = Broken(entry)
        broken.edit_asked.connect(partial(self.asked.emit, "text"))
        broken.delete_asked.connect(partial(self.asked.emit, "delete"))
        broken.again_asked.connect(self.again_asked)
        self.hold(broken)
        return PageState.PARTIAL

    def show_verdict(self, entry: Entry) -> PageState:
        """The verdict of a workload that is decided, with its evidence."""
        if self._detail is None:
            detail = WorkloadDetail(self._limits)
            detail.moved.connect(self.moved)
            detail.asked.connect(self.asked)
            detail.kept.connect(self.kept)
            self._worked_out.serve(detail)
            self._detail = detail
            self.hold(detail)
        self._detail.show_entry(entry)
        provisional = entry.decided is not None and entry.decided.verdict.provisional
        return PageState.PARTIAL if provisional else PageState.READY


def _loading() -> QWidget:
    return holder(column(VerdictCard(), None))
