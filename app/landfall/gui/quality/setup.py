"""A new quality run: the file, who answers, what counts; then what it costs, to be agreed to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError
from landfall.core.quality.sets import sample
from landfall.gui.allowed import allow
from landfall.gui.quality.consent import ConsentCard
from landfall.gui.quality.measure import MeasureCard
from landfall.gui.quality.prompts import PromptsCard
from landfall.gui.quality.who import Place, WhoChooser
from landfall.gui.quality.words import refusal
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, hairline, row
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.quality.plan import QualityPlan

if TYPE_CHECKING:
    from landfall.core.workload.workload import Workload
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.quality.session import GateSession
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.run.asking import Access

SIDE_BY_SIDE_FROM = 760
"""Width in px from which who answers stands beside what counts."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class SetupView(QWidget):
    """Hands a plan to the session; says beside its button what is still missing.

    Signals:
        keys_wanted: The user wants to store a key.
        revealed: A part of it that should be in sight.
    """

    keys_wanted = Signal()
    revealed = Signal(QWidget)

    def __init__(
        self,
        session: GateSession,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        history: History,
        cloud: Access,
        name: str,
        workload: Workload,
        looked_at: str,
    ) -> None:
        """Make it.

        Args:
            name: Under which the workload is saved.
            looked_at: The local model that its verdict speaks of, or "".
        """
        super().__init__()
        self._session, self._messages = session, messages
        self._name, self._workload = name, workload
        self._refused: AppError | None = None
        self._asked: QualityPlan | None = None
        self.prompts = PromptsCard(tasks, messages, history)
        self.measure = MeasureCard(tasks, workload)
        self.candidate = WhoChooser(
            "candidate", self.tr("Candidate"), state, tasks, cloud, clouds=False
        )
        self.against = WhoChooser(
            "against", self.tr("Against today\u2019s model"), state, tasks, cloud, recorded=True
        )
        self.consent = ConsentCard()
        self._build()
        self._connect()
        self._propose(looked_at)
        self._on_candidate()
        self._on_change()

    def _build(self) -> None:
        who = Card(_tr("Who answers")).add(self.candidate, hairline(), self.against).fill()
        both = SideBySide(who, self.measure.fill(), needs=SIDE_BY_SIDE_FROM, level=True)
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("gate-setup-line")
        self.go = button(self.tr("What does it cost?"), "primary")
        self.go.setObjectName("gate-quote")
        foot = row(spacing=Space.M)
        foot.addWidget(self.line, 1)
        foot.addWidget(self.go)
        self.setLayout(column(self.prompts, both, self.consent, foot, spacing=Space.L))

    def _connect(self) -> None:
        self.prompts.changed.connect(self._on_set)
        self.measure.changed.connect(self._on_edit)
        for chooser in (self.candidate, self.against):
            chooser.changed.connect(self._on_edit)
            chooser.keys_wanted.connect(self.keys_wanted)
        self.candidate.changed.connect(self._on_candidate)
        self.go.clicked.connect(self.on_go)
        self.consent.agreed.connect(self._session.agree)
        self.consent.declined.connect(self._session.decline)
        self._session.consent_asked.connect(self._on_consent)
        self._session.refused.connect(self._on_refused)
        self._session.changed.connect(self._on_change)

    def _propose(self, looked_at: str) -> None:
        """What the workload names, else its verdict: a candidate, and the model of today."""
        candidates, today = self._workload.candidates, self._workload.today
        if candidates.local:
            self.candidate.want(candidates.local[0])
        elif candidates.hosted:
            first = candidates.hosted[0]
            self.candidate.want_provider(first.provider, first.model)
            self.candidate.choose(Place.PROVIDER)
        elif looked_at:
            self.candidate.want(looked_at)
        if today.provider:
            self.against.want_provider(today.provider, today.model)
            self.against.choose(Place.PROVIDER)

    @Slot()
    def _on_set(self) -> None:
        opened = self.prompts.opened
        found = opened.found if opened is not None else None
        self.measure.show_set(found)
        recorded = found is not None and found.has_incumbent
        self.against.set_recorded(recorded)
        if recorded and self.against.chosen is not Place.RECORDED:
            self.against.choose(Place.RECORDED)
        self._on_edit()

    # What is missing

    @property
    def problem(self) -> str:
        """Why nothing can be asked yet, or ""."""
        opened = self.prompts.opened
        if opened is None:
            return self.tr("Choose a file of prompts first.")
        if not opened.found.prompts:
            return self.tr("The file has no prompt that can be used: name its columns.")
        if self.candidate.problem:
            return self.tr("Candidate: {0}").format(self.candidate.problem)
        if self.against.problem:
            return self.tr("Today\u2019s model: {0}").format(self.against.problem)
        return self._against_itself() or self.measure.problem

    def _against_itself(self) -> str:
        """Why the two sides are one model, or ""."""
        target = self.candidate.target
        today = self.against.target
        if target is None or today is None or not target.is_same(today):
            return ""
        if self.candidate.is_only_one and self.candidate.chosen is Place.HERE:
            return self.tr(
                "{0} is the only model here, and is not held against itself: pull another one, or"
                " choose a provider or recorded answers."
            ).format(target.model)
        return self.tr("{0} is on both sides: choose another one for one of them.").format(
            target.model
        )

    @Slot()
    def _on_candidate(self) -> None:
        """The other side proposes another model."""
        here = self.candidate.target if self.candidate.chosen is Place.HERE else None
        self.against.propose_unlike(*([here.model] if here is not None else ()))

    @Slot()
    def _on_edit(self) -> None:
        """Something is stated."""
        if self._asked is None:
            self._refused = None
        self._on_change()

    def _why_refused(self) -> AppError | None:
        """Why what is stated was refused; None where it is something else. It comes back with what
        was refused: lists of models that come in choose another one for a moment."""
        if self._refused is None or self._asked is None:
            return self._refused
        try:
            return self._refused if self.plan() == self._asked else None
        except AppError:
            return None

    @Slot()
    def _on_change(self) -> None:
        if self.consent.isVisible() and not self._session.busy:
            self.consent.hide()
        busy = self._session.busy
        why = self.problem
        self.go.setVisible(not self.consent.isVisibleTo(self))
        if busy:
            why = self._session.busy_words(self._name)
            self.line.show_line(State.RUNNING, why)
        elif (refused := self._why_refused()) is not None:
            self.line.show_line(*refusal(refused))
        else:
            ready = self.tr("Nothing is asked before you have seen what it costs.")
            self.line.show_line(State.TODO, why or ready)
        allow(self.go, why)
        self.line.setVisible(not self.consent.isVisibleTo(self))
        for part in (self.prompts, self.candidate, self.against, self.measure):
            allow(part, why if busy else "")

    @Slot()
    def on_go(self) -> None:
        """Make the plan and ask what it costs."""
        self._asked = None
        try:
            plan = self._asked = self.plan()
        except AppError as error:
            self._refused = error
            self._on_change()
            return
        self._refused = None
        self._session.ask(plan)

    def plan(self) -> QualityPlan:
        """What is asked of whom.

        Raises:
            BadInput: nothing is chosen, or it cannot be run like this.
        """
        opened = self.prompts.opened
        measure = self.measure
        candidate = self.candidate.target
        is_paid = candidate is not None and candidate.paid
        seed = int(measure.seed.value or 0)
        prompts = (
            sample(opened.found, max(1, measure.count), seed).prompts if opened is not None else ()
        )
        return QualityPlan(
            prompts=prompts,
            metric=measure.chosen.id,
            margin=measure.margin_share,
            local=None if is_paid else candidate,
            hosted=candidate if is_paid else None,
            incumbent=self.against.target,
            options=measure.options,
            title=opened.path.name if opened is not None else "",
            workload=self._name,
            system=measure.system.toPlainText().strip(),
            context=int(measure.context.value or 0),
            num_predict=int(measure.longest.value or 0),
            seed=seed,
            looks=measure.look_places,
        )

    @Slot(object)
    def _on_consent(self, consent: object) -> None:
        if not self.isVisible() or self._session.workload != self._name:
            return
        self.consent.ask(consent)  # type: ignore[arg-type]
        self._on_change()
        self.revealed.emit(self.consent)

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        """Why nothing was begun, until something changes."""
        if self._session.workload in ("", self._name):
            self._refused = error
            self._on_change()
            self.revealed.emit(self.line)

    def read(self, path: Path) -> None:
        """Read this file of prompts."""
        self.prompts.read(str(path))
