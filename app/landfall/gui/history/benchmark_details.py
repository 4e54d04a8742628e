"""What is chosen in the table of benchmarks: one with all its parts, two compared, or a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.benchmark.data import plan_of
from landfall.core.errors import BadInput
from landfall.gui.benchmark.outcome import Ending, Outcome
from landfall.gui.benchmark.result import BenchmarkResultCard
from landfall.gui.dates import when
from landfall.gui.hints import failure_words
from landfall.gui.history.benchmark_rows import ReadBenchmark, comparison_rows
from landfall.gui.history.comparison_words import (
    comparison_columns,
    conditions_words,
    names_words,
)
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import BLEED, Card, Swap, column, holder, label, row
from landfall.gui.widgets.tables import DataTable
from landfall.services.benchmark.comparison import BenchmarkComparison, Side, compare_benchmarks
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import BenchmarkResult
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


class BenchmarkDetails(Swap):
    """Shows one benchmark, or compares two, the earlier one first."""

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__()
        self._tasks, self._messages, self._history = tasks, messages, history
        self._shown: tuple[ReadBenchmark, ...] | None = None
        self._comparing: Task | None = None
        self.show_benchmarks(())

    def show_benchmarks(self, chosen: Sequence[ReadBenchmark]) -> None:
        """Show these; more than two are only counted."""
        given = tuple(sorted(chosen, key=_begun))
        if given == self._shown:
            return
        self._shown = given
        if self._comparing is not None:
            self._comparing.cancel()
            self._comparing = None
        match given:
            case (only,):
                self.hold(_card(only))
            case (first, second):
                self._compare(first, second)
            case ():
                words = self.tr("Choose a benchmark to read it, or two to compare them.")
                self.hold(_hint(words))
            case _:
                words = self.tr("{0} benchmarks are chosen. Two can be compared.")
                self.hold(_hint(words.format(len(given))))

    def _compare(self, first: ReadBenchmark, second: ReadBenchmark) -> None:
        empty = next((one for one in (first, second) if one.result is None), None)
        if empty is not None:
            words = self.tr("Nothing can be compared with {0}, {1}: {2}.")
            at = when(empty.record.started_at)
            self.hold(_hint(words.format(empty.record.model, at, empty.why)))
            return
        self.hold(Card().add(Skeleton(420, 380, 300)))
        self._comparing = self._tasks.run(compare_two(self._history, first, second))
        self._comparing.succeeded.connect(self._on_compared)
        self._comparing.failed.connect(self._on_failed)

    @Slot(object)
    def _on_compared(self, found: BenchmarkComparison) -> None:
        if self.sender() is self._comparing and self._shown is not None:
            self._comparing = None
            first, second = self._shown
            self.hold(_comparison(first, second, found))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.fail(error)
        if self.sender() is self._comparing:
            self._comparing = self._shown = None
            words = self.tr("They could not be compared: {0} Choose them again to try once more.")
            self.hold(_hint(words.format(error)))


async def compare_two(
    history: History, first: ReadBenchmark, second: ReadBenchmark
) -> BenchmarkComparison:
    """Read the repetitions of both and compare them off the GUI thread.

    Raises:
        AppError: the file cannot be read.
    """
    sides = []
    for one in (first, second):
        assert one.result is not None
        runs = await history.runs_with_texts(_run_ids(one.result))
        sides.append(Side(one.record, one.result, {run.id: run for run in runs}))
    return await in_thread(compare_benchmarks, sides[0], sides[1])


def _run_ids(result: BenchmarkResult) -> tuple[int, ...]:
    """The repetitions; what the sweep and the sustained run asked is summed up by itself."""
    parts = [run for part in result.parts for run in part.runs]
    return (*parts, *(run for one in result.embedding for run in one.runs))


def _begun(one: ReadBenchmark) -> tuple[str, int]:
    return one.record.started_at, one.record.id


def _card(one: ReadBenchmark) -> QWidget:
    """All parts of one, as the Run page shows them."""
    record = one.record
    if one.result is None:
        card = Card(record.model, note=when(record.started_at))
        title = _tr("There is nothing to show of it")
        card.add(holder(row(StateLine(State.PARTIAL, title, one.why, padding=0))))
        return card
    try:
        plan = plan_of(record.plan)
    except BadInput as error:
        card = Card(record.model, note=when(record.started_at))
        title = _tr("Its plan cannot be read")
        card.add(holder(row(StateLine(State.FAILED, title, failure_words(error), padding=0))))
        return card
    endings = {"done": Ending.DONE, "running": Ending.RUNNING, "aborted": Ending.STOPPED}
    cut = _tr("The program ended before the benchmark did.")
    ending = endings.get(record.state, Ending.FAILED)
    return BenchmarkResultCard(
        Outcome(
            model=record.model,
            result=one.result,
            plan=plan,
            ending=ending,
            record=record,
            why=cut if ending is Ending.FAILED else "",
            row=record.id,
        )
    )


def _comparison(first: ReadBenchmark, second: ReadBenchmark, found: BenchmarkComparison) -> QWidget:
    title = _tr("Two benchmarks compared")
    made = Card(title, note=names_words(first.record, second.record)).bleed()
    made.setObjectName("benchmark-comparison")
    table = DataTable(comparison_columns(), title, row_height=40)
    table.setObjectName("compare-benchmarks-table")
    table.set_rows(comparison_rows(found))
    alike = _tr("Same model, place, engine, context, options and prompts.")
    differs = label(
        conditions_words(all_translated(found.differing), all_translated(found.untold), alike),
        wrap=True,
    )
    differs.setObjectName("compare-benchmarks-differences")
    words = _tr(
        "More than noise: repetitions that chance parts so far in one of ten cases at most, by a"
        " rank-sum test over at least three of each; energy must also differ by more than the"
        " meters err. What is measured once in a benchmark has no noise to be judged by."
    )
    method = label(words, Text.CAPTION, tone="text_3", wrap=True)
    below = column(differs, method, spacing=Space.XS)
    below.setContentsMargins(BLEED, Space.XS, BLEED, Space.XS)
    made.add(table)
    made.body.addLayout(below)
    return made


def _hint(words: str) -> Card:
    return Card().add(holder(column(label(words, tone="text_2", wrap=True))))
