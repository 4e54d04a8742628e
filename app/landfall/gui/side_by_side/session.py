"""A comparison side by side under way: what was agreed to, what came, what was voted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from landfall.core.errors import AppError
from landfall.gui.app_values import RunningTask
from landfall.gui.format import whole
from landfall.gui.side_by_side.answer import Answer
from landfall.gui.side_by_side.consent import consent_words
from landfall.services.cloud.budget import Consent
from landfall.services.side_by_side.blind import BlindView, reveal, view, vote
from landfall.services.side_by_side.kept import SideBySide
from landfall.services.side_by_side.running import (
    SideBegun,
    SideBlind,
    SideFailed,
    SideKept,
    SideLane,
    SideProgress,
    most_it_costs,
    run_side_by_side,
)
from landfall.services.side_by_side.stops import Stops

if TYPE_CHECKING:
    from landfall.core.side_by_side.side_by_side import Plan, PlanCeiling
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.side_by_side.targets import Asked
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.run.asking import Access
    from landfall.services.run.runs import Runs
    from landfall.services.side_by_side.blind import BlindPrompt, View
    from landfall.services.side_by_side.running import SideEvent

TASK_KEY = "side by side"

START_AFTER_MS = 40
"""From showing the places of the answers to asking for them: each takes most of a frame."""


@dataclass(frozen=True, slots=True)
class SideOrder:
    """What is asked, and how those who are asked are named; in the order of the plan's targets."""

    plan: Plan
    asked: tuple[Asked, ...]


class SideSession(QObject):
    """Runs one order at a time, a paid one after consent; what came stays, however it ends.

    Attributes:
        order: What was asked last, or None.
        answers: By prompt and target; of a blind comparison they stay empty.
        blind: By prompt, the answers of a blind comparison that are all there, without names.
        view: What is kept of it, once it is over; None before.
        row: Of the comparison in the history, 0 before it is there.
        done: How many answers are over.

    Signals:
        changed: Something began, ended or was voted.
        consent_asked: Title, text and the words of the button that agrees.
        began: An order is on its way.
        came: Something came of answers under way.
        prompt_came: All blind answers to this prompt are there, or its vote is.
        ended: It is over; whether a local model was among those asked.
    """

    changed = Signal()
    consent_asked = Signal(str, str, str)
    began = Signal()
    came = Signal()
    prompt_came = Signal(int)
    ended = Signal(bool)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: Host,
        runs: Runs,
        cloud: Access,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._host, self._runs, self._cloud = host, runs, cloud
        self._wanted: SideOrder | None = None
        self._consent = Consent()
        self._quoting: Task | None = None
        self._task: Task | None = None
        self._voting: Task | None = None
        self._stops = Stops()
        self._stopped = False
        self._events: AsyncGenerator[SideEvent, None] | None = None
        self._starting = QTimer(self)
        self._starting.setSingleShot(True)
        self._starting.setInterval(START_AFTER_MS)
        self._starting.timeout.connect(self._start)
        self._clear(None)

    def _clear(self, order: SideOrder | None) -> None:
        self.order = order
        self.answers: dict[tuple[int, int], Answer] = {}
        self.blind: dict[int, BlindPrompt] = {}
        self.view: View | None = None
        self.row = self.done = 0
        self.failed: Exception | None = None
        self._stopped = False

    # What is known

    @property
    def running(self) -> bool:
        """Whether answers are under way, their clean-up included."""
        return self._task is not None or self._events is not None

    @property
    def busy(self) -> str:
        """Why nothing else can be asked now, or ""."""
        if self.running:
            return self.tr("Answers are under way.")
        if self._quoting is not None:
            return self.tr("The price is being looked up.")
        return ""

    @property
    def stopped(self) -> bool:
        """Whether the user stopped it."""
        return self._stopped

    @property
    def kept(self) -> SideBySide | None:
        """All that is kept, with names: once it is over and nothing of it is hidden."""
        return self.view if isinstance(self.view, SideBySide) else None

    def answers_to(self, prompt: int) -> list[Answer]:
        """One for each target, in the order of the plan; never of a blind comparison."""
        count = len(self.order.asked) if self.order is not None else 0
        return [self.answers[prompt, target] for target in range(count)]

    # Asking

    def ask(self, order: SideOrder) -> None:
        """Ask; what costs money or leaves this machine asks for consent first."""
        if self.busy:
            return
        self._wanted = order
        if not any(one.leaves for one in order.asked):
            self._go(Consent())
            return
        self._quoting = self._tasks.run(most_it_costs(self._cloud, order.plan))
        self._quoting.succeeded.connect(self._on_ceiling)
        self._quoting.failed.connect(self._messages.fail)
        self._quoting.finished.connect(self._on_quoted)
        self.changed.emit()

    @Slot(object)
    def _on_ceiling(self, most: PlanCeiling) -> None:
        if self._wanted is None:
            return
        self._consent = Consent(usd_max=most.usd, unpriced=bool(most.unpriced))
        words = consent_words(most, self._wanted.plan, self._wanted.asked)
        self.consent_asked.emit(words.title, words.text, words.agree)

    @Slot()
    def _on_quoted(self) -> None:
        self._quoting = None
        self.changed.emit()

    @Slot()
    def agree(self) -> None:
        """The user agrees to what was asked."""
        self._go(self._consent)

    @Slot()
    def decline(self) -> None:
        """Or not: nothing is sent."""
        self._wanted = None

    def _go(self, consent: Consent) -> None:
        order, self._wanted = self._wanted, None
        if order is None:
            return
        url = ""
        if any(not target.paid and not target.url for target in order.plan.targets):
            try:
                url = self._host.client.url
            except AppError as error:
                self._messages.tell(error)
                return
        self._clear(order)
        self._stops = Stops()
        self.answers = {
            (prompt, target): Answer()
            for prompt in range(len(order.plan.prompts))
            for target in range(len(order.asked))
        }
        self._events = run_side_by_side(
            self._runs,
            self._cloud,
            order.plan,
            server_url=url,
            consent=consent,
            stops=self._stops,
        )
        self._starting.start()
        self._tell_running()
        self.began.emit()
        self.changed.emit()

    @Slot()
    def _start(self) -> None:
        events, self._events = self._events, None
        if events is None:
            return
        self._task = self._tasks.stream(events)
        self._task.progressed.connect(self._on_events)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    @Slot()
    def stop(self) -> None:
        """End every answer now; what came is kept."""
        self._start()
        if self._task is not None and not self._stopped:
            self._stopped = True
            self._task.cancel()
            self.changed.emit()

    def stop_target(self, target: int) -> None:
        """Ask this one no more; what came of it is kept and the others go on."""
        if self._task is not None:
            self._tasks.run(self._stops.stop(target))

    # What comes

    @Slot(list)
    def _on_events(self, events: Sequence[SideEvent]) -> None:
        blind: list[int] = []
        for event in events:
            match event:
                case SideLane(target=target, prompt=prompt, update=update):
                    self.answers[prompt, target].take(update)
                case SideFailed(target=target, prompt=prompt, error=error):
                    self.answers[prompt, target].fail(error)
                case SideBlind(prompt=came):
                    self.blind[came.prompt] = came
                    blind.append(came.prompt)
                case SideProgress(done=done):
                    self.done = done
                case SideBegun(row=row):
                    self.row = row
                case SideKept(view=whole):
                    self._take_view(whole)
        for prompt in blind:
            self.prompt_came.emit(prompt)
        self.came.emit()

    def _take_view(self, kept: View) -> None:
        self.view = kept
        if isinstance(kept, BlindView):
            self.blind = {one.prompt: one for one in kept.prompts}

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.failed = error
        self._messages.fail(error)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        for answer in self.answers.values():
            answer.stop()
        self._app.set_running(self._others())
        self.came.emit()
        if self.view is None and self.row:
            # A task that was cancelled tells nothing more, and what came is kept all the same.
            self._read(self._tasks.run(view(self._runs.history, self.row)))
        here = self.order is not None and not all(one.leaves for one in self.order.asked)
        self.ended.emit(here)
        self.changed.emit()

    # Votes

    def vote(self, prompt: int, best: Sequence[int]) -> None:
        """Keep a judgement on the answers to a prompt: their places in the order shown."""
        if self._voting is None and not self.running and self.row:
            self._read(
                self._tasks.run(vote(self._runs.history, self.row, prompt=prompt, best=best))
            )

    def reveal(self) -> None:
        """Show the names although not every prompt has its vote."""
        if self._voting is None and not self.running and self.row:
            self._read(self._tasks.run(reveal(self._runs.history, self.row)))

    def _read(self, task: Task) -> None:
        self._voting = task
        task.succeeded.connect(self._on_view)
        task.failed.connect(self._messages.fail)
        task.finished.connect(self._on_voted)

    @Slot(object)
    def _on_view(self, kept: View | None) -> None:
        if kept is not None:
            self._take_view(kept)

    @Slot()
    def _on_voted(self) -> None:
        self._voting = None
        self.changed.emit()

    # What the rest of the window sees

    def _others(self) -> tuple[RunningTask, ...]:
        return tuple(task for task in self._app.running if task.key != TASK_KEY)

    def _tell_running(self) -> None:
        if self.order is None:
            return
        title = self.tr("Side by side: {0}").format(whole(len(self.order.asked)))
        detail = self.order.plan.title[:80]
        mine = RunningTask(key=TASK_KEY, title=title, detail=detail, page="run")
        self._app.set_running((*self._others(), mine))
