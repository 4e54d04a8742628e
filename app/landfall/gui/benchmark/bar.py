"""The bar of a benchmark: what is being done and Stop, or how it ended and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from landfall.gui.benchmark.outcome import Ending
from landfall.gui.benchmark.session import BenchmarkSession
from landfall.gui.benchmark.words import doing_words
from landfall.gui.format import whole
from landfall.gui.hints import waiting_words
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, holder, row


class BenchmarkBar(Card):
    """Above what is measured.

    Signals:
        stop_asked: Stop; what was measured stays.
        copy_asked, export_asked, history_asked: What to do with what was measured.
        again_asked: The same once more. change_asked: Something else.
    """

    stop_asked = Signal()
    copy_asked = Signal()
    export_asked = Signal()
    history_asked = Signal()
    again_asked = Signal()
    change_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("benchmark-bar")
        self.line = StateLine(State.RUNNING, "", padding=0)
        self.line.setObjectName("benchmark-line")
        self.stop = button(self.tr("Stop"), icon="stop")
        self.stop.setToolTip(self.tr("What is measured so far is kept"))
        self.copy = button(self.tr("Copy as text"), icon="copy")
        self.export = button(self.tr("Export\u2026"), icon="export")
        self.history = button(self.tr("Open in History"))
        self.again = button(self.tr("Run again"), icon="retry")
        self.change = button(self.tr("New benchmark"), "primary")
        head, doings = row(spacing=Space.S), row(spacing=Space.S)
        head.addWidget(self.line, 1)
        for made, name, signal in (
            (self.copy, "copy", self.copy_asked),
            (self.export, "export", self.export_asked),
            (self.history, "history", self.history_asked),
            (self.again, "again", self.again_asked),
            (self.change, "change", self.change_asked),
            (self.stop, "stop", self.stop_asked),
        ):
            made.setObjectName(f"benchmark-{name}")
            made.clicked.connect(signal)
            (head if made is self.stop else doings).addWidget(made)
        doings.insertStretch(3, 1)
        self._place = holder(doings)
        self.add(head, self._place)

    def show_session(self, session: BenchmarkSession) -> None:
        """Show how it stands."""
        running = session.running
        measured = any(outcome.measured for outcome in session.outcomes)
        for made in (self.copy, self.export, self.history):
            made.setVisible(measured)
        comes, goes = (self.stop, self._place) if running else (self._place, self.stop)
        holds = self.focusWidget() in (self.stop, self.again)
        comes.show()
        if holds:
            # Hidden first, it would give the focus to whatever stands next.
            (self.stop if running else self.change).setFocus(Qt.FocusReason.OtherFocusReason)
        goes.hide()
        if running:
            self._show_running(session)
        else:
            self._show_ended(session, measured=measured)

    def _show_running(self, session: BenchmarkSession) -> None:
        if session.stopping:
            words = self.tr("What is measured so far is kept.")
            self.line.show_line(State.RUNNING, self.tr("Stopping"), words)
            return
        step, count = session.step, len(session.outcomes)
        model = session.outcomes[session.number].model
        title = model
        if count > 1:
            title = self.tr("{0}, model {1} of {2}").format(
                model, whole(session.number + 1), whole(count)
            )
        if step is None:
            self.line.show_line(State.RUNNING, title, self.tr("It begins"))
            return
        number = self.tr("Step {0} of {1}").format(whole(step.number), whole(step.of))
        doing = f"{number}: {doing_words(step)}"
        if session.long_wait is not None:
            doing = f"{doing}. {waiting_words(session.long_wait)}"
        self.line.show_line(State.RUNNING, title, doing)

    def _show_ended(self, session: BenchmarkSession, *, measured: bool) -> None:
        endings = {outcome.ending for outcome in session.outcomes}
        kept = self.tr("What was measured is kept in History.") if measured else ""
        nothing = self.tr("Nothing was measured.")
        if Ending.STOPPED in endings:
            self.line.show_line(State.PARTIAL, self.tr("Stopped by you"), kept or nothing)
        elif Ending.FAILED in endings:
            why = next(o.why for o in session.outcomes if o.ending is Ending.FAILED)
            self.line.show_line(State.FAILED, self.tr("It broke off"), f"{why} {kept}".strip())
        else:
            self.line.show_line(State.DONE, self.tr("Measured"), kept)
