"""The panel of a workload's quality runs: a new one, one under way, its labels, its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from landfall.core.errors import AppError
from landfall.gui.quality.consent import ConsentCard
from landfall.gui.quality.judge import JudgeCard
from landfall.gui.quality.labelling import LabelView
from landfall.gui.quality.past_runs import PastRuns
from landfall.gui.quality.progress import ProgressView
from landfall.gui.quality.result import ResultView
from landfall.gui.quality.setup import SetupView
from landfall.gui.quality.words import refusal
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import Swap, button, column, holder, label, row
from landfall.services.quality.showing import ShownRun, show_run

if TYPE_CHECKING:
    from landfall.core.workload.workload import Workload
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.quality.doings import GateDoings
    from landfall.gui.quality.session import GateSession
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.quality.export import Kind
    from landfall.services.quality.records import QualityRecord
    from landfall.services.run.asking import Access


class GatePanel(QWidget):
    """What is shown; runs belong to the session, which stays when the panel goes.

    Attributes:
        judge: The form in which a judge is chosen, while it is shown.

    Signals:
        left: Back to the verdict.
        keys_wanted: The user wants to store a key.
        revealed: A part of it that should be in sight.
        turned: Something else is shown: scroll to the top.
    """

    left = Signal()
    keys_wanted = Signal()
    revealed = Signal(QWidget)
    turned = Signal()

    def __init__(
        self,
        session: GateSession,
        doings: GateDoings,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        history: History,
        cloud: Access,
        name: str,
        title: str,
        workload: Workload,
        looked_at: str,
    ) -> None:
        """Make it.

        Args:
            name: Under which the workload is saved; title: as it is shown.
            looked_at: The local model that its verdict speaks of, or "".
        """
        super().__init__()
        self.setObjectName("gate-panel")
        self.setAccessibleName(self.tr("Quality gate of {0}").format(title))
        self.session, self._doings = session, doings
        self._state, self._tasks, self._messages = state, tasks, messages
        self._history, self._cloud = history, cloud
        self._name, self._title, self._workload = name, title, workload
        self._looked_at = looked_at
        self._shown: ShownRun | None = None
        self.judge: JudgeCard | None = None
        self._wanted = ""
        self._build()
        self._connect()
        if self._is_ours and session.begun:
            self._show_progress()
        else:
            self.show_start()

    def _build(self) -> None:
        self.back = button(self.tr("Verdict"), "quiet", icon="left")
        self.back.setObjectName("gate-back")
        self.back.setAccessibleName(self.tr("Back to the verdict"))
        self.again = button(self.tr("All runs"))
        self.again.setObjectName("gate-all-runs")
        self.says = label("", tone="text_2", wrap=True)
        self.says.setText(
            self.tr("{0}: is another model as good on your own prompts?").format(self._title)
        )
        head = row(self.back, spacing=Space.S)
        title = label(self.tr("Quality gate"), Text.HEADING)
        head.addLayout(column(title, self.says, spacing=0), 1)
        head.addWidget(self.again)
        self.refused = StateLine(State.FAILED, "", padding=0)
        self.refused.setObjectName("gate-refused")
        self.refused.hide()
        self.consent = ConsentCard()
        self.place = Swap()
        layout = column(head, self.refused, self.consent, spacing=Space.M)
        layout.addWidget(self.place, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.again.clicked.connect(self.show_start)
        self.consent.agreed.connect(self.session.agree)
        self.consent.declined.connect(self.session.decline)
        self.session.came.connect(self._on_came)
        self.session.ended.connect(self._on_ended)
        self.session.refused.connect(self._on_refused)
        self.session.consent_asked.connect(self._on_consent)
        self._doings.refused.connect(self._say_refused)
        self._doings.deleted.connect(self.show_start)

    @property
    def _is_ours(self) -> bool:
        """Whether what the session runs belongs to this workload."""
        return self.session.workload == self._name

    def _hold(self, content: QWidget, *, is_start: bool = False) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            # What is shown now comes next with Tab; else Qt gives the focus to any widget.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.place.hold(content)
        self.refused.hide()
        self.again.setVisible(not is_start)
        self.turned.emit()

    # A new run, and earlier ones

    @Slot()
    def show_start(self) -> None:
        """Earlier runs, and the form of a new one."""
        self._shown, self._wanted = None, ""
        self.judge = None
        self.past = PastRuns()
        self.past.show_asked.connect(self.show_run)
        self.setup = SetupView(
            self.session,
            self._state,
            self._tasks,
            self._messages,
            history=self._history,
            cloud=self._cloud,
            name=self._name,
            workload=self._workload,
            looked_at=self._looked_at,
        )
        self.setup.keys_wanted.connect(self.keys_wanted)
        self.setup.revealed.connect(self.revealed)
        start = holder(column(self.past, self.setup, None, spacing=Space.L))
        start.setObjectName("gate-start")
        self._hold(start, is_start=True)
        self._list()

    def _list(self) -> None:
        task = self._tasks.run(self._history.quality.runs(self._name))
        task.succeeded.connect(self._on_records)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_records(self, records: tuple[QualityRecord, ...]) -> None:
        if self._holds("gate-start"):
            running = self.session.uid if self.session.running else ""
            self.past.show_records(records, running=running)

    # Under way

    @Slot()
    def _on_came(self) -> None:
        """The first that comes of a run turns to it; until then its form stays."""
        if self.session.begun and self._is_ours and not self._holds("gate-under-way"):
            self._show_progress()

    def _holds(self, name: str) -> bool:
        content = self.place.content
        return content is not None and content.objectName() == name

    def _show_progress(self) -> None:
        place = holder(column(ProgressView(self.session), None))
        place.setObjectName("gate-under-way")
        self._hold(place)
        self.again.hide()

    @Slot(str)
    def _on_ended(self, uid: str) -> None:
        """Its result; what did not even begin leaves the form as it is, which says why."""
        if self._is_ours and uid:
            self.show_run(uid)

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        """Why a run cannot go on; the forms of a new run and of a judge say it for themselves."""
        asks_itself = self._holds("gate-start") or self.session.judging
        if self._is_ours and not asks_itself:
            self._say_refused(error)

    @Slot(object)
    def _say_refused(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            self._messages.fail(error)
            return
        state, said, hint = refusal(error)
        self.refused.show_line(state, said, hint)
        self.refused.show()
        self.revealed.emit(self.refused)

    @Slot(object)
    def _on_consent(self, consent: object) -> None:
        """Of a run that goes on; a new run and a judge ask in their own forms."""
        if self.isVisible() and self._shown is not None and not self.session.judging:
            self.consent.ask(consent)  # type: ignore[arg-type]
            self.revealed.emit(self.consent)

    # A run

    @Slot(str)
    def show_run(self, uid: str) -> None:
        """Read this run and show what it says."""
        self._wanted = uid
        if self._is_ours and self.session.begun and self.session.uid == uid:
            self._show_progress()
            return
        self.judge = None
        self._hold(holder(column(Skeleton(260, 420, 320, 380), None)))
        task = self._tasks.run(show_run(self._history, uid))
        task.succeeded.connect(self._on_shown)
        task.failed.connect(self._on_gone)

    @Slot(object)
    def _on_gone(self, error: Exception) -> None:
        self._messages.fail(error)
        self.show_start()

    @Slot(object)
    def _on_shown(self, shown: ShownRun) -> None:
        if shown.run.record.uid != self._wanted:
            return
        self._shown = shown
        view = ResultView(shown, self._state)
        view.label_asked.connect(self.on_label)
        view.judge_asked.connect(self.on_judge)
        view.resume_asked.connect(self.on_resume)
        view.use_asked.connect(self.on_use)
        view.export_asked.connect(self.on_export)
        view.delete_asked.connect(self.on_delete)
        failure = self.session.failure if self.session.uid == self._wanted else None
        self._hold(view)
        if failure is not None and shown.missing:
            self._say_refused(failure)

    @Slot()
    def on_label(self) -> None:
        """Label pairs."""
        if self._shown is None:
            return
        uid = self._shown.run.record.uid
        view = LabelView(
            self._tasks, self._messages, self._history, uid, labelled=self._shown.labelled
        )
        view.done.connect(self._on_labelled)
        self._hold(view)

    @Slot()
    def _on_labelled(self) -> None:
        if self._shown is not None:
            self.show_run(self._shown.run.record.uid)

    @Slot()
    def on_judge(self) -> None:
        """Choose a judge, below the result."""
        content = self.place.content
        layout = content.layout() if content is not None else None
        if self._shown is None or layout is None or self.judge is not None:
            return
        self.judge = JudgeCard(self.session, self._state, self._tasks, self._cloud, self._shown.run)
        self.judge.keys_wanted.connect(self.keys_wanted)
        layout.insertWidget(1, self.judge)  # type: ignore[attr-defined]
        # One turn later: before that it has no place to scroll to.
        QTimer.singleShot(0, self._reveal_judge)

    @Slot()
    def _reveal_judge(self) -> None:
        if self.judge is not None:
            self.judge.who.place.group.buttons()[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self.revealed.emit(self.judge)

    @Slot()
    def on_resume(self) -> None:
        """Go on with the run that is shown."""
        if self._shown is not None:
            self.session.resume(self._shown.run)

    # What may be done with a result

    @Slot()
    def on_use(self) -> None:
        """Write it into the workload; the verdict is made anew."""
        if self._shown is not None:
            self._doings.use(self._shown.run, self._title)

    @Slot(str)
    def on_export(self, kind: Kind) -> None:
        """Write it out."""
        if self._shown is not None:
            self._doings.export(self._shown.run, kind, over=self)

    @Slot()
    def on_delete(self) -> None:
        """Delete it; it can be put back."""
        if self._shown is not None:
            self._doings.delete(self._shown.run.record.uid)
