"""A model in the place of a person: who it is, and what speaks against it before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.quality.judge import FEWEST_LABELS
from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.quality.consent import ConsentCard
from landfall.gui.quality.who import WhoChooser
from landfall.gui.quality.words import refusal
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, label, row
from landfall.services.quality.judging import warnings_of

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.quality.session import GateSession
    from landfall.gui.tasks import TaskRunner
    from landfall.services.quality.records import QualityRun
    from landfall.services.run.asking import Access


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class JudgeCard(Card):
    """Hands a judge to the session.

    Signals:
        keys_wanted: The user wants to store a key.
    """

    keys_wanted = Signal()

    def __init__(
        self,
        session: GateSession,
        state: AppState,
        tasks: TaskRunner,
        cloud: Access,
        run: QualityRun,
    ) -> None:
        super().__init__(_tr("Let a model judge"))
        self.setObjectName("gate-judge")
        self._session, self._run = session, run
        self._refused: AppError | None = None
        says = self.tr(
            "It reads each pair that differs twice, in both orders; what it says only once counts"
            " as a tie. Its errors are corrected by your labels: {0} of its pairs need one."
        )
        words = label(says.format(whole(FEWEST_LABELS)), tone="text_2", wrap=True)
        self.who = WhoChooser("judge", self.tr("Judge"), state, tasks, cloud, clouds=True)
        sides = (run.plan.local, run.plan.hosted, run.plan.incumbent)
        self.who.propose_unlike(*(one.model for one in sides if one is not None))
        self.warnings = label("", Text.CAPTION, tone="caution", wrap=True)
        self.warnings.setObjectName("gate-judge-warnings")
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("gate-judge-line")
        self.go = button(self.tr("What does it cost?"))
        self.go.setObjectName("gate-judge-quote")
        self.consent = ConsentCard()
        foot = row(spacing=Space.M)
        foot.addWidget(self.line, 1)
        foot.addWidget(self.go)
        self.add(words, self.who, self.warnings, self.consent, foot)
        self.who.changed.connect(self._on_edit)
        self.who.keys_wanted.connect(self.keys_wanted)
        self.go.clicked.connect(self.on_go)
        self.consent.agreed.connect(session.agree)
        self.consent.declined.connect(session.decline)
        session.consent_asked.connect(self._on_consent)
        session.refused.connect(self._on_refused)
        session.changed.connect(self._on_change)
        self._on_change()

    @Slot()
    def _on_edit(self) -> None:
        """Somebody else is chosen: why the last one was refused does not matter any more."""
        self._refused = None
        self._on_change()

    @Slot()
    def _on_change(self) -> None:
        busy = self._session.busy
        judge, why = self.who.target, self.who.problem
        said = all_translated(warnings_of(self._run.plan, judge)) if judge is not None else ()
        self.warnings.setText("\n".join(said))
        asked = self.consent.isVisibleTo(self)
        self.warnings.setVisible(bool(said) and not asked)
        waits = self._session.busy_words(self._run.plan.workload or "") if busy else ""
        allow(self.go, waits or why)
        self.go.setVisible(not asked)
        self.line.setVisible(not asked)
        allow(self.who, waits)
        ready = self.tr("Nothing is asked before you have seen what it costs.")
        if self._refused is not None:
            self.line.show_line(*refusal(self._refused))
        else:
            self.line.show_line(State.TODO, why or ready)

    @Slot()
    def on_go(self) -> None:
        """Ask what it costs."""
        judge = self.who.target
        if judge is not None:
            self._session.judge(self._run, judge)

    @Slot(object)
    def _on_consent(self, consent: object) -> None:
        if self._session.judging and self.isVisible():
            self.consent.ask(consent)  # type: ignore[arg-type]
            self._on_change()

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        self._refused = error
        self._on_change()
