"""A quality run or a judge under way: what was agreed to, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.run.long_wait import LongWait
from landfall.gui.app_values import RunningTask
from landfall.gui.quality.words import consent_words
from landfall.services.cloud.budget import Consent
from landfall.services.quality.events import (
    QualityBegun,
    QualityFailed,
    QualityGoesOn,
    QualityLook,
    QualityOver,
    QualityProgress,
    QualityWaits,
)
from landfall.services.quality.judging import JudgeOver, JudgeProgress, judge_run
from landfall.services.quality.quoting import Quote, quote, quote_judge, quote_rest
from landfall.services.quality.running import resume_quality, run_quality

if TYPE_CHECKING:
    from landfall.core.side_by_side.side_by_side import Target
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.quality.gate_report import QualityReport
    from landfall.services.quality.plan import QualityPlan, Side
    from landfall.services.quality.records import QualityRun
    from landfall.services.run.asking import Access
    from landfall.services.run.runs import Runs

TASK_KEY = "quality run"

Begin = Callable[..., AsyncGenerator[Any, None]]
"""Makes the events of what was quoted, from `server_url` and the `consent`."""


class Doing(Enum):
    """What the session does now."""

    NOTHING = "nothing"
    QUOTING = "quoting"
    ASKED = "asked"
    RUNNING = "running"
    STOPPING = "stopping"


class GateSession(QObject):
    """Runs one thing at a time, after what it costs at most was agreed to; lives with the window.

    Attributes:
        doing: What it does now.
        plan: Of the run under way, or that was asked for last.
        uid: Of the run under way, "" before it is in the history.
        workload: The name of the workload that it belongs to.
        judging: Whether a judge is at work, or asked for.
        progress: The latest of a run; judged: (done, of) of a judge.
        looks: What the gate said on the way.
        failure: The latest answer that could not be had.
        long_wait: That nothing of an answer has come for long, until it goes on.

    Signals:
        changed: `doing` is another one now.
        consent_asked: A `words.Consent`; `agree` or `decline` follows.
        refused: An `AppError`: nothing was begun, or it broke off.
        came: How far it is.
        ended: It is over or stopped: the uid of the run, "" where none was stored.
    """

    changed = Signal()
    consent_asked = Signal(object)
    refused = Signal(object)
    came = Signal()
    ended = Signal(str)

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
        self._task: Task | None = None
        self._begin: Begin | None = None
        self._consent = Consent()
        self._needs_server = True
        self.doing = Doing.NOTHING
        self._clear("", None, judging=False)

    def _clear(self, workload: str, plan: QualityPlan | None, *, judging: bool) -> None:
        self.workload, self.plan, self.judging = workload, plan, judging
        self.uid = ""
        self.progress: QualityProgress | None = None
        self.judged = (0, 0)
        self.unread = 0
        self.looks: list[QualityReport] = []
        self.failure: AppError | None = None
        self.long_wait: LongWait | None = None
        self._has_come = False

    @property
    def busy(self) -> bool:
        """Whether nothing else can be asked for now."""
        return self.doing is not Doing.NOTHING

    def busy_words(self, workload: str) -> str:
        """Why nothing else can be asked for now, said to this workload."""
        if self.workload != workload:
            words = self.tr("A quality run of {0} is under way: one at a time.")
            return words.format(self.workload)
        return self.tr("It begins.") if self.running else self.tr("The price is being looked up.")

    @property
    def begun(self) -> bool:
        """Whether something of what is under way has come."""
        return self.running and self._has_come

    @property
    def running(self) -> bool:
        """Whether answers are under way, their clean-up included."""
        return self.doing in (Doing.RUNNING, Doing.STOPPING)

    def done_of(self, side: Side) -> int:
        """Answers that are over on a side."""
        return dict(self.progress.by_side).get(side, 0) if self.progress is not None else 0

    # What is asked for

    def ask(self, plan: QualityPlan) -> None:
        """A new run: what it costs at most is looked up first."""
        self._quote(
            plan.workload or "",
            plan,
            partial(quote, self._runs, self._cloud, plan),
            partial(run_quality, self._runs, self._cloud, plan),
            asked=[one for side in plan.asked if (one := plan.target_of(side)) is not None],
        )

    def resume(self, run: QualityRun) -> None:
        """Go on with a run: what the rest costs at most is looked up first."""
        plan, uid = run.plan, run.record.uid
        lacking = {side for _, side in run.missing()}
        self._quote(
            plan.workload or "",
            plan,
            partial(quote_rest, self._runs, self._cloud, uid),
            partial(resume_quality, self._runs, self._cloud, uid),
            asked=[one for side in lacking if (one := plan.target_of(side)) is not None],
            uid=uid,
        )

    def judge(self, run: QualityRun, judge: Target) -> None:
        """Let a model label what differs: its cost and what speaks against it come first."""
        plan, uid = run.plan, run.record.uid
        self._quote(
            plan.workload or "",
            plan,
            partial(quote_judge, self._runs, self._cloud, uid, judge),
            partial(judge_run, self._runs, self._cloud, uid, judge),
            asked=[judge],
            uid=uid,
            judging=True,
        )

    def _quote(
        self,
        workload: str,
        plan: QualityPlan,
        price: Callable[..., Coroutine[Any, Any, Quote]],
        begin: Begin,
        *,
        asked: Sequence[Target],
        uid: str = "",
        judging: bool = False,
    ) -> None:
        if self.busy:
            return
        self._clear(workload, plan, judging=judging)
        self.uid = uid
        self._begin = begin
        self._needs_server = not all(target.paid for target in asked)
        self._set(Doing.QUOTING)
        task = self._tasks.run(price(server_url=self._url()))
        task.succeeded.connect(self._on_quote)
        task.failed.connect(self._on_refused)

    def _url(self) -> str:
        """Of the server in use; "" where none answers: who needs it says so."""
        try:
            return self._host.client.url
        except AppError:
            return ""

    @Slot(object)
    def _on_quote(self, found: Quote) -> None:
        if self.doing is not Doing.QUOTING:
            return
        most = found.ceiling
        self._consent = Consent(usd_max=most.usd, unpriced=bool(most.unpriced))
        self._set(Doing.ASKED)
        self.consent_asked.emit(consent_words(found))

    @Slot(object)
    def _on_refused(self, error: Exception) -> None:
        if self.doing is Doing.QUOTING:
            self._set(Doing.NOTHING)
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, AppError):
            self.refused.emit(error)
        else:
            self._messages.fail(error)

    @Slot()
    def decline(self) -> None:
        """Nothing is sent."""
        if self.doing is Doing.ASKED:
            self._begin = None
            self._set(Doing.NOTHING)

    @Slot()
    def agree(self) -> None:
        """The user agrees to what was asked."""
        begin, self._begin = self._begin, None
        if self.doing is not Doing.ASKED or begin is None:
            return
        try:
            url = self._host.client.url if self._needs_server else self._url()
        except AppError as error:
            self._set(Doing.NOTHING)
            self.refused.emit(error)
            return
        self._task = self._tasks.stream(begin(server_url=url, consent=self._consent))
        self._task.progressed.connect(self._on_events)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)
        self._tell_running()
        self._set(Doing.RUNNING)

    @Slot()
    def stop(self) -> None:
        """End it now; what came is kept, and it can go on later."""
        if self._task is not None and self.doing is Doing.RUNNING:
            self._set(Doing.STOPPING)
            self._task.cancel()

    # What comes

    @Slot(list)
    def _on_events(self, events: Sequence[object]) -> None:
        self._has_come = True
        for event in events:
            match event:
                case QualityBegun(uid=uid) | QualityOver(uid=uid):
                    self.uid = uid
                case QualityProgress():
                    self.progress, self.long_wait = event, None
                case QualityWaits(waiting=waiting):
                    self.long_wait = waiting
                case QualityGoesOn(model=model):
                    self._take_back(model)
                case QualityFailed(error=error):
                    self.failure = error
                case QualityLook(report=report):
                    self.looks.append(report)
                case JudgeProgress(done=done, of=of, error=error):
                    self.judged, self.long_wait = (done, of), None
                    self.failure = error or self.failure
                case JudgeOver(unread=unread):
                    self.unread = unread
        self.came.emit()

    def _take_back(self, model: str) -> None:
        """An answer of this model goes on; one of another may still be waited for."""
        if self.long_wait is not None and self.long_wait.model == model:
            self.long_wait = None

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, AppError):
            self.failure = error
        self._tell(error)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        self._app.set_running(self._others())
        self._set(Doing.NOTHING)
        self.ended.emit(self.uid)

    def _set(self, doing: Doing) -> None:
        self.doing = doing
        self.changed.emit()

    # What the rest of the window sees

    def _others(self) -> tuple[RunningTask, ...]:
        return tuple(task for task in self._app.running if task.key != TASK_KEY)

    def _tell_running(self) -> None:
        title = self.tr("A judge compares answers") if self.judging else self.tr("Quality run")
        mine = RunningTask(key=TASK_KEY, title=title, detail=self.workload, page="workloads")
        self._app.set_running((*self._others(), mine))
