"""Benchmarks under way: one model after the other, with what is measured as it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError, Unavailable
from landfall.core.events import Ended, Piece
from landfall.core.run.long_wait import LongWait
from landfall.gui.app_values import RunningTask
from landfall.gui.benchmark.outcome import BenchOrder, Ending, Outcome, begun, with_part
from landfall.gui.benchmark.words import breakable, step_words
from landfall.gui.hints import failure_words
from landfall.services.benchmark.past import kept_benchmark
from landfall.services.benchmark.running import (
    BenchEvent,
    BenchKept,
    BenchLane,
    BenchPart,
    BenchStep,
    run_benchmark,
)

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import BenchmarkRecord
    from landfall.services.ollama.client import Ollama
    from landfall.services.run.runs import Runs

TASK_KEY = "benchmark"


class Progress(Enum):
    """Where it stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"


class BenchmarkSession(QObject):
    """Runs an order; what was measured stays, however it ends.

    Attributes:
        outcomes: One of each model of the order, in its order.
        step: What is being done now, or None.

    Signals:
        changed: It began, is being stopped or ended, or another model is on.
        fresh: `outcomes` are those of another order now.
        model_begun: The first event of a model follows.
        stepped: `step` or `long_wait` is another one.
        lanes_told: What came of answers under way, as BenchLane values.
        measured: The number of the outcome that has a part more.
    """

    changed = Signal()
    fresh = Signal()
    model_begun = Signal()
    stepped = Signal()
    lanes_told = Signal(list)
    measured = Signal(int)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        client: Callable[[], Ollama],
        runs: Runs,
        history: History,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._client, self._runs, self._history = client, runs, history
        self._order: BenchOrder | None = None
        self._task: Task | None = None
        self._now = -1
        self._stopped = False
        self._gone = ""
        self.outcomes: list[Outcome] = []
        self.step: BenchStep | None = None
        self.long_wait: LongWait | None = None
        self.progress = Progress.READY

    @property
    def running(self) -> bool:
        """Whether anything is under way, its clean-up included."""
        return self.progress is Progress.RUNNING

    @property
    def busy(self) -> str:
        """Why nothing else can be asked now, or ""."""
        if self.running:
            return self.tr("A benchmark is under way: an answer now would disturb it.")
        return ""

    @property
    def stopping(self) -> bool:
        """Whether the user asked to stop and the clean-up is not over."""
        return self.running and self._stopped

    @property
    def number(self) -> int:
        """Which outcome is on, from 0."""
        return self._now

    @property
    def order(self) -> BenchOrder | None:
        """What was asked for last."""
        return self._order

    def begin(self, order: BenchOrder) -> None:
        """Run this order; nothing happens while another one is under way."""
        if self.running:
            return
        self._order, self._now = order, -1
        self._stopped, self._gone = False, ""
        self.outcomes = [begun(order, model, kind) for model, kind in order.models]
        self.progress, self.step, self.long_wait = Progress.RUNNING, None, None
        self.fresh.emit()
        self._next()

    def put_away(self) -> None:
        """Something else is to be measured: nothing is shown of what was."""
        if not self.running:
            self.outcomes = []
            self.progress = Progress.READY
            self.fresh.emit()
            self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """End it; what was measured so far is kept."""
        if self._task is not None and not self._stopped:
            self._stopped = True
            self._task.cancel()
            self.changed.emit()

    # One model after the other

    @Slot()
    def _next(self) -> None:
        order = self._order
        self._now += 1
        if order is None or self._now >= len(order.models) or self._stopped or self._gone:
            self._end()
            return
        model, kind = order.models[self._now]
        try:
            client = self._client()
        except AppError as error:
            self._gone = breakable(failure_words(error))
            self._current = replace(self._current, ending=Ending.FAILED, why=self._gone)
            self._end()
            return
        self._current = replace(self._current, ending=Ending.RUNNING)
        self._task = self._tasks.stream(self._events(client, model, kind, order))
        self._task.progressed.connect(self._on_events)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)
        self.step = None
        self._tell_running(model, self.tr("begins"))
        self.model_begun.emit()
        self.changed.emit()

    def _events(
        self, client: Ollama, model: str, kind: BenchKind, order: BenchOrder
    ) -> AsyncGenerator[BenchEvent, None]:
        return run_benchmark(self._runs, self._history, client, model, plan=order.plan, kind=kind)

    def _end(self) -> None:
        """All models were run, or what is left is not."""
        why = self._gone or self.tr("stopped before it began")
        for i, outcome in enumerate(self.outcomes):
            if outcome.ending is Ending.WAITING:
                self.outcomes[i] = replace(outcome, ending=Ending.SKIPPED, why=why)
        self.progress, self.step = Progress.DONE, None
        self._app.set_running(self._others())
        self.changed.emit()

    # What comes

    @Slot(list)
    def _on_events(self, events: list[BenchEvent]) -> None:
        lanes: list[BenchLane] = []
        for event in events:
            match event:
                case BenchLane(update=LongWait() as waiting):
                    self._tell_wait(waiting)
                case BenchLane():
                    lanes.append(event)
                    if self.long_wait is not None and isinstance(event.update, Piece | Ended):
                        self._tell_wait(None)
                case BenchStep():
                    # What came before belongs to the step before.
                    self._tell_lanes(lanes)
                    lanes = []
                    self._on_step(event)
                case BenchPart(part=part):
                    reason = self.tr("the sweep did not come to its end")
                    self._current = with_part(self._current, part, reason)
                    self.measured.emit(self._now)
                case BenchKept(record=record, result=result):
                    self._current = replace(
                        self._current, record=record, result=result, row=record.id
                    )
                    self.measured.emit(self._now)
        self._tell_lanes(lanes)

    def _tell_lanes(self, lanes: list[BenchLane]) -> None:
        if lanes:
            self.lanes_told.emit(lanes)

    def _tell_wait(self, waiting: LongWait | None) -> None:
        self.long_wait = waiting
        self.stepped.emit()

    def _on_step(self, step: BenchStep) -> None:
        self.step, self.long_wait = step, None
        # Its own record comes only at its end, and never to one that is cut.
        self._current = replace(self._current, row=step.row)
        self._tell_running(step.model, step_words(step))
        self.stepped.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, AppError):
            why = breakable(failure_words(error))
        else:
            self._messages.report_bug(error)
            why = self.tr("A mistake in Landfall ended it.")
        if isinstance(error, Unavailable) or not isinstance(error, AppError):
            self._gone = why  # the next model would fare no better
        self._current = replace(self._current, ending=Ending.FAILED, why=why)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        outcome = self._current
        if outcome.ending is Ending.RUNNING:
            cut = self._stopped and outcome.record is None
            why = self.tr("stopped by you") if cut else ""
            ending = Ending.STOPPED if cut else Ending.DONE
            self._current = replace(outcome, ending=ending, why=why)
        if outcome.record is None and outcome.row:
            # Stored before its generator ended, but told to nobody: a task that is cancelled says
            # nothing more.
            reading = self._tasks.run(kept_benchmark(self._history, outcome.row))
            reading.succeeded.connect(self._on_kept)
            reading.failed.connect(self._messages.fail)
            reading.finished.connect(self._next)
            return
        self.measured.emit(self._now)
        self._next()

    @Slot(object)
    def _on_kept(self, kept: tuple[BenchmarkRecord, BenchmarkResult] | None) -> None:
        if kept is not None:
            record, result = kept
            self._current = replace(self._current, record=record, result=result)
        self.measured.emit(self._now)

    @property
    def _current(self) -> Outcome:
        return self.outcomes[self._now]

    @_current.setter
    def _current(self, outcome: Outcome) -> None:
        self.outcomes[self._now] = outcome

    # What the rest of the window sees

    def _others(self) -> tuple[RunningTask, ...]:
        return tuple(task for task in self._app.running if task.key != TASK_KEY)

    def _tell_running(self, model: str, detail: str) -> None:
        title = self.tr("Benchmark of {0}").format(model)
        mine = RunningTask(key=TASK_KEY, title=title, detail=detail, page="run")
        self._app.set_running((*self._others(), mine))
