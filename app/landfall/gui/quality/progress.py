"""A run under way: how many answers each side has, what they cost so far, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.hints import failure_words, waiting_words
from landfall.gui.models.pull_row import ProgressBar
from landfall.gui.quality.session import Doing
from landfall.gui.quality.words import cost_words, side_name
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, Label, button, clear, column, label, row

if TYPE_CHECKING:
    from landfall.gui.quality.session import GateSession
    from landfall.services.quality.plan import Side


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class ProgressView(Card):
    """Follows the session; Stop keeps what came."""

    def __init__(self, session: GateSession) -> None:
        super().__init__(_tr("Under way"))
        self.setObjectName("gate-progress")
        self._session = session
        self._bars: dict[Side | str, tuple[Label, ProgressBar]] = {}
        self.line = StateLine(State.RUNNING, "", padding=0)
        self.line.setObjectName("gate-progress-line")
        self.stop = button(self.tr("Stop"), icon="stop")
        self.stop.setObjectName("gate-stop")
        self.stop.setAccessibleDescription(self.tr("What came is kept; the run can go on later"))
        self._sides = column(spacing=Space.S)
        self.cost = label("", tone="text_2", wrap=True)
        self.cost.setObjectName("gate-cost")
        self.failure = label("", Text.CAPTION, tone="caution", wrap=True)
        self.failure.setObjectName("gate-failure")
        self.looks = label("", tone="text_2", wrap=True)
        self.looks.setObjectName("gate-looks-so-far")
        head = row(spacing=Space.M)
        head.addWidget(self.line, 1)
        head.addWidget(self.stop)
        self.add(head, self._sides, self.cost, self.failure, self.looks)
        self.stop.clicked.connect(session.stop)
        session.changed.connect(self.on_came)
        session.came.connect(self.on_came)
        self.on_came()

    def _bar(self, key: Side | str, name: str) -> tuple[Label, ProgressBar]:
        if key not in self._bars:
            words, bar = label("", Text.MEDIUM), ProgressBar()
            words.setObjectName(f"gate-side-{key}")
            place = QWidget()
            place.setLayout(column(words, bar, spacing=3))
            self._sides.addWidget(place)
            self._bars[key] = words, bar
        words, bar = self._bars[key]
        words.setProperty("side", name)
        return words, bar

    @Slot()
    def on_came(self) -> None:
        """How far it is now."""
        session = self._session
        stopping = session.doing is Doing.STOPPING
        title = self.tr("A judge compares answers") if session.judging else self._title()
        detail = self.tr("You can leave this page: it goes on, and every answer is kept at once.")
        if stopping:
            title, detail = self.tr("Stopping"), self.tr("What came is kept.")
        self.line.show_line(State.RUNNING, title, detail)
        over = "" if session.running else self.tr("Nothing is under way.")
        allow(self.stop, self.tr("It is being stopped.") if stopping else over)
        if session.judging:
            done, of = session.judged
            self._show("judge", self.tr("Judgements"), done, of)
        elif session.plan is not None:
            for side in session.plan.asked:
                name, of = side_name(session.plan, side), len(session.plan.prompts)
                self._show(side, name, session.done_of(side), of)
        progress = session.progress
        usd, errors = (progress.usd, progress.errors) if progress is not None else (0.0, 0)
        self.cost.setText(cost_words(usd, errors))
        paid = session.plan is not None and any(
            target.paid
            for side in session.plan.asked
            if (target := session.plan.target_of(side)) is not None
        )
        self.cost.setVisible(not session.judging and (paid or errors > 0))
        wrong = failure_words(session.failure) if session.failure is not None else ""
        if session.long_wait is not None:
            wrong = f"{wrong} {waiting_words(session.long_wait)}".strip()
        self.failure.setText(wrong)
        self.failure.setVisible(bool(wrong))
        said = [
            self.tr("After {0}: {1}").format(whole(report.prompts), translated(one.reading.says))
            for report in session.looks
            for one in report.candidates
        ]
        self.looks.setText("\n".join(said))
        self.looks.setVisible(bool(said))

    def _title(self) -> str:
        plan = self._session.plan
        return self.tr("{0} is asked").format(plan.title if plan is not None else "")

    def _show(self, key: Side | str, name: str, done: int, of: int) -> None:
        words, bar = self._bar(key, name)
        said = self.tr("{0}: {1} of {2}").format(name, whole(done), whole(of))
        words.setText(said)
        bar.set_progress(min(1.0, done / of) if of else None)
        bar.setAccessibleName(said)

    def forget(self) -> None:
        """Another run is shown from now on."""
        clear(self._sides)
        self._bars.clear()
