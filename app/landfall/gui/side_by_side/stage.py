"""A comparison on the page: the prompt that is looked at, its columns, how it stands, its vote."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from landfall.gui.format import whole
from landfall.gui.shortcuts import COLUMN_KEYS
from landfall.gui.side_by_side.shown import can_be_voted_on, shown_prompt
from landfall.gui.side_by_side.status_bar import SideStatusBar
from landfall.gui.side_by_side.summary import SummaryTable
from landfall.gui.side_by_side.vote_bar import VoteBar, Voting
from landfall.gui.side_by_side.words import outcome, vote_words
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.layout import Card, column
from landfall.services.side_by_side.blind import BlindView

if TYPE_CHECKING:
    from landfall.gui.side_by_side.columns import AnswerColumns
    from landfall.gui.side_by_side.prompt_bar import PromptBar
    from landfall.gui.side_by_side.session import SideSession
    from landfall.gui.side_by_side.shown import ShownPrompt


class SideStage(QWidget):
    """Shows a session; follows the prompts until the user looks at one of them."""

    def __init__(
        self,
        session: SideSession,
        columns: AnswerColumns,
        prompt_bar: PromptBar,
        *,
        why_no_watts: Callable[[], str],
    ) -> None:
        super().__init__()
        self._session, self._why_no_watts = session, why_no_watts
        self.columns, self.bar = columns, prompt_bar
        self.prompt = 0
        self._follows = True
        self._marking = False
        self._shown: ShownPrompt | None = None
        self.votes = VoteBar(self)
        self.status = SideStatusBar(self.votes)
        self.summary = SummaryTable()
        self._place = QStackedWidget()
        self._place.addWidget(columns)
        framed = Card().bleed()
        framed.body.addWidget(self.summary, 1)
        self._place.addWidget(framed)
        layout = column(prompt_bar, spacing=Space.S)
        layout.addWidget(self._place, 1)
        layout.addWidget(self.status)
        self.setLayout(layout)
        self._connect()

    def _connect(self) -> None:
        self.bar.chosen.connect(self._on_chosen)
        self.bar.summary_wanted.connect(self._on_summary)
        self.columns.stop_asked.connect(self._on_stop)
        self.columns.voted.connect(self._on_column_voted)
        self.columns.placed.connect(self._show_vote)
        self.votes.voted.connect(self._on_voted)
        self.votes.marking.connect(self._on_marking)
        self.votes.next_asked.connect(self._on_next)
        self.status.reveal_asked.connect(self._session.reveal)
        self._session.began.connect(self._on_began)
        self._session.came.connect(self._on_came)
        self._session.prompt_came.connect(self._on_prompt_came)
        self._session.ended.connect(self._on_ended)
        self._session.changed.connect(self._on_changed)

    @property
    def failed(self) -> bool:
        """Whether nobody answered."""
        session = self._session
        if session.order is None or session.running:
            return False
        side = session.kept
        whole_ones = side is not None and any(one.complete for one in side.answers)
        return side is not None and not whole_ones and not session.stopped

    # The prompt that is looked at

    def look_at(self, prompt: int) -> None:
        """Show the answers to this prompt."""
        self.prompt = prompt
        self._marking = False
        self._show_prompt()

    def _show_prompt(self) -> None:
        order = self._session.order
        if order is None:
            return
        self._shown = shown = shown_prompt(self._session, self.prompt)
        prompts = order.plan.prompts
        self.bar.show_prompt(self.prompt, of=len(prompts), text=prompts[self.prompt].text)
        self.columns.show_prompt(
            shown.columns,
            figures=shown.figures,
            veiled=shown.veiled,
            no_watts=self._why_no_watts(),
        )
        self._show_vote()

    @Slot(int)
    def _on_chosen(self, prompt: int) -> None:
        self._follows = False
        self.bar.summary.setChecked(False)
        self.look_at(prompt)

    @Slot(bool)
    def _on_summary(self, wanted: bool) -> None:
        if wanted:
            self._fill_summary()
        self._place.setCurrentIndex(1 if wanted else 0)
        self._show_vote()

    def _fill_summary(self) -> None:
        kept, order = self._session.kept, self._session.order
        if kept is not None and order is not None:
            self.summary.show_kept(kept, order.asked)

    # While it runs

    @Slot()
    def _on_began(self) -> None:
        self._follows = True
        self._place.setCurrentWidget(self.columns)
        self.columns.set_running(True)
        self.look_at(0)
        self._show_status()

    @Slot()
    def _on_came(self) -> None:
        self._follow()
        self.columns.catch_up()
        self._show_status()

    def _follow(self) -> None:
        """On to the next prompt when all answers to this one are over and those have begun."""
        session = self._session
        order = session.order
        if not self._follows or order is None or order.plan.blind:
            return
        beyond = self.prompt + 1
        if beyond >= len(order.plan.prompts):
            return
        if all(one.stage.over for one in session.answers_to(self.prompt)) and any(
            one.parts for one in session.answers_to(beyond)
        ):
            self.look_at(beyond)

    @Slot(int)
    def _on_prompt_came(self, prompt: int) -> None:
        if prompt == self.prompt:
            self._show_prompt()

    @Slot(int)
    def _on_stop(self, position: int) -> None:
        self._session.stop_target(position)

    @Slot()
    def _on_ended(self) -> None:
        self.columns.set_running(False)

    @Slot()
    def _on_changed(self) -> None:
        """It began or ended, or a vote is kept."""
        session = self._session
        if session.order is None:
            return
        before = self._shown
        self.bar.offer(history=session.row > 0, results=session.kept is not None)
        if self.bar.summary.isChecked():
            self._fill_summary()
        # Columns that show what came live go on showing it: only a vote and an end change them.
        fresh = shown_prompt(session, self.prompt)
        if before is None or _looks_other(before, fresh):
            self._show_prompt()
        else:
            self._shown = fresh
            self._show_vote()
        self._show_status()

    # How it stands

    def _show_status(self) -> None:
        session = self._session
        order, view = session.order, session.view
        if order is None:
            return
        if session.running:
            words = self.tr("{0} of {1} answers")
            words = words.format(whole(session.done), whole(order.plan.answers))
            self.status.show_status(State.RUNNING, words, hidden=False)
        elif session.kept is not None:
            self.status.show_status(*outcome(session.kept, order, session), hidden=False)
        elif isinstance(view, BlindView):
            words = self.tr("Waits for your vote")
            if view.waiting > 1:
                words = self.tr("{0} prompts wait for your vote").format(whole(view.waiting))
            self.status.show_status(State.TODO, words, hidden=True)
        else:
            words = self.tr("Ending") if session.row else self.tr("It could not begin")
            state = State.RUNNING if session.row else State.FAILED
            self.status.show_status(state, words, hidden=False)

    # The vote

    @Slot()
    def _show_vote(self) -> None:
        """What can be said of what is shown. Focus stays here, where keys cast votes."""
        now = QApplication.focusWidget()
        inside = now is not None and self.isAncestorOf(now)
        self._put_vote()
        now = QApplication.focusWidget()
        if inside and (now is None or not self.isAncestorOf(now)):
            self.take_focus()

    def take_focus(self) -> bool:
        """Have the focus where keys cast a vote; False where none can be cast."""
        if self.votes.voting is Voting.OFF:
            return False
        self.votes.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _put_vote(self) -> None:
        shown, order = self._shown, self._session.order
        if shown is None or order is None:
            return
        looks = self._place.currentWidget() is self.columns
        voting, words = Voting.OFF, ""
        if looks and shown.can_vote:
            voting = Voting.MARKING if self._marking else Voting.OPEN
            words = self.tr("Which answer is best?")
            if self._marking:
                words = self.tr("Mark those that are equally good, and the best")
        elif looks and shown.vote is not None:
            voting, words = Voting.CAST, vote_words(shown, workload=order.plan.workload)
        ballots = tuple(place is not None for place in shown.places)
        more = self._next_open() is not None
        self.votes.show_vote(voting, ballots=ballots, words=words, more=more)
        for one, key, on in zip(self.columns.columns, COLUMN_KEYS, ballots, strict=False):
            offered = on and voting in (Voting.OPEN, Voting.MARKING)
            place = shown.places[one.position]
            best = shown.vote is not None and place in shown.vote.best
            one.offer_vote(key if offered else "", marking=self._marking, best=best)
        self.columns.catch_up()

    @Slot(int)
    def _on_column_voted(self, position: int) -> None:
        self.votes.mark(position)

    @Slot(tuple)
    def _on_voted(self, positions: tuple[int, ...]) -> None:
        if self._shown is not None and self._shown.can_vote:
            places = [self._shown.places[position] for position in positions]
            self._marking = False
            self._session.vote(self.prompt, [place for place in places if place is not None])

    @Slot(bool)
    def _on_marking(self, marking: bool) -> None:
        self._marking = marking
        self._show_vote()

    def _next_open(self) -> int | None:
        """The next prompt that can be voted on, or None."""
        order = self._session.order
        count = len(order.plan.prompts) if order is not None else 0
        ahead = (*range(self.prompt + 1, count), *range(self.prompt))
        return next((n for n in ahead if can_be_voted_on(self._session, n)), None)

    @Slot()
    def _on_next(self) -> None:
        prompt = self._next_open()
        if prompt is not None:
            self._follows = False
            self.look_at(prompt)


def _looks_other(before: ShownPrompt, fresh: ShownPrompt) -> bool:
    """Whether other columns are to be shown, and not only another vote."""
    return (
        [asked for asked, _ in before.columns] != [asked for asked, _ in fresh.columns]
        or before.figures != fresh.figures
        or before.veiled != fresh.veiled
    )
