"""What is chosen in the table of runs: one in full, two compared, or a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.history.reading import RunInFull, TwoInFull, read_in_full, read_two
from landfall.gui.history.run_comparison import RunComparison
from landfall.gui.history.run_details import RunDetails
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card, Swap, column, holder, label
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord


class HistoryDetails(Swap):
    """Reads the rest of the runs that it shows; what was shown stays until that is there.

    Signals:
        run_asked: A model is to be opened on the Run page.
        workload_asked: A workload is to be made of a run.
    """

    run_asked = Signal(str)
    workload_asked = Signal(int)

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__()
        self._tasks, self._messages, self._history = tasks, messages, history
        self._shown: tuple[RunRecord, ...] | None = None
        self._reading: Task | None = None
        self.show_runs((), ())

    def show_runs(self, runs: Sequence[RunRecord], listed: Sequence[RunRecord]) -> None:
        """Show these; more than two are only counted. `listed` may tell how runs differ."""
        chosen = tuple(runs)
        if chosen == self._shown:
            return
        self._shown = chosen
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        match chosen:
            case (only,):
                self._read(self._tasks.run(read_in_full(self._history, only)))
            case (first, second):
                self._read(self._tasks.run(read_two(self._history, first, second, listed)))
            case ():
                self.hold(_hint(self.tr("Choose a run to read it, or two to compare them.")))
            case _:
                words = self.tr("{0} runs are chosen. Two can be compared.")
                self.hold(_hint(words.format(len(chosen))))

    def _read(self, reading: Task) -> None:
        self._reading = reading
        reading.succeeded.connect(self._on_read)
        reading.failed.connect(self._on_failed)
        if not isinstance(self.content, RunDetails):
            self.hold(Card().add(Skeleton(420, 380, 300)))

    @Slot(object)
    def _on_read(self, read: RunInFull | TwoInFull) -> None:
        """The user may have chosen another run meanwhile: then nothing waits for this one."""
        if self.sender() is not self._reading:
            return
        self._reading = None
        match read:
            case RunInFull():
                self.hold(self._details(read))
            case TwoInFull():
                self.hold(self._comparison(read))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.fail(error)
        if self.sender() is self._reading:
            self._reading = self._shown = None
            words = self.tr("The run could not be read: {0} Choose it again to try once more.")
            self.hold(_hint(words.format(error)))

    def _details(self, full: RunInFull, *, compact: bool = False) -> RunDetails:
        card = RunDetails(full, compact=compact)
        card.run_asked.connect(self.run_asked)
        card.workload_asked.connect(self.workload_asked)
        return card

    def _comparison(self, two: TwoInFull) -> QWidget:
        card = RunComparison(two.first.run, two.second.run, two.comparison)
        card.show_rates(two.first.rates, two.second.rates)
        both = SideBySide(
            self._details(two.first, compact=True),
            self._details(two.second, compact=True),
            needs=760,
        )
        return holder(column(card, both, spacing=Space.L))


def _hint(words: str) -> Card:
    return Card().add(holder(column(label(words, tone="text_2", wrap=True))))
