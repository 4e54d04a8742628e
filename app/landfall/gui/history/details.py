"""What is chosen in the table of runs: one in full, two compared, or a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.format import when
from landfall.gui.history.rows import compare_columns, compare_rows, differences
from landfall.gui.history.run_details import RunDetails
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import Card, SideBySide, Swap, column, holder, label
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.core.events import PowerSample
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history import History
    from landfall.services.records import RunRecord


class HistoryDetails(Swap):
    """Reads the samples of the runs that it shows.

    Signals:
        run_asked: A model is to be opened on the Run page.
    """

    run_asked = Signal(str)

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__()
        self._tasks, self._messages, self._history = tasks, messages, history
        self._shown: tuple[RunRecord, ...] | None = None
        self._waiting: dict[QObject, RunDetails] = {}
        self.show_runs(())

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Show these; more than two are only counted."""
        chosen = tuple(runs)
        if chosen == self._shown:
            return
        self._shown = chosen
        self._waiting.clear()
        match chosen:
            case (only,):
                self.hold(self._details(only))
            case (first, second):
                self.hold(self._comparison(first, second))
            case ():
                self.hold(_hint(self.tr("Choose a run to read it, or two to compare them.")))
            case _:
                words = self.tr("{0} runs are chosen. Two can be compared.")
                self.hold(_hint(words.format(len(chosen))))

    def _details(self, run: RunRecord, *, compact: bool = False) -> RunDetails:
        card = RunDetails(run, compact=compact)
        card.run_asked.connect(self.run_asked)
        reading = self._tasks.run(self._history.samples(run.id))
        self._waiting[reading] = card
        reading.succeeded.connect(self._on_samples)
        reading.failed.connect(self._messages.fail)
        return card

    @Slot(object)
    def _on_samples(self, samples: tuple[PowerSample, ...]) -> None:
        """The user may have chosen another run meanwhile: then nothing waits for them."""
        card = self._waiting.pop(self.sender(), None)
        if card is not None:
            card.show_samples(samples)

    def _comparison(self, first: RunRecord, second: RunRecord) -> QWidget:
        names = [self.tr("{0}, {1}").format(r.model, when(r.started_at)) for r in (first, second)]
        table = DataTable(compare_columns(*names), self.tr("Two runs compared"), row_height=32)
        table.setObjectName("compare-table")
        table.set_rows(compare_rows(first, second))
        words = label(differences(first, second), Text.CAPTION, tone="text_2", wrap=True)
        words.setObjectName("compare-differences")
        card = Card(self.tr("Two runs compared")).bleed().add(table)
        both = SideBySide(
            self._details(first, compact=True), self._details(second, compact=True), needs=760
        )
        card.body.addLayout(column(words, margins=(12, 4, 12, 4)))
        return holder(column(card, both, spacing=Space.L))


def _hint(words: str) -> Card:
    return Card().add(holder(column(label(words, tone="text_2", wrap=True))))
