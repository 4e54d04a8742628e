"""Benchmarks on the Run page: what is chosen, what runs, what came of it, one below the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from landfall.gui.benchmark.bar import BenchmarkBar
from landfall.gui.benchmark.live import BenchmarkLive
from landfall.gui.benchmark.result import BenchmarkResultCard
from landfall.gui.benchmark.session import BenchmarkSession, Progress
from landfall.gui.benchmark.setup import BenchmarkSetup
from landfall.gui.benchmark.text import as_text
from landfall.gui.history.export import HistoryExport
from landfall.gui.run.reasons import no_watts
from landfall.gui.shortcuts import bind
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import clear, column, holder
from landfall.services.benchmark.past import runs_of

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.benchmark.outcome import BenchOrder
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord
    from landfall.services.ollama.client import Ollama
    from landfall.services.run.runs import Runs


class BenchmarkView(QWidget):
    """Stands in the place of the conversation while the user looks at it; runs on without.

    Signals:
        jump: Another page is wanted: its name, and what to show there.
        changed: A benchmark began or ended.
        people_asked: How many people this model serves.
        ended: All models were run, or it was stopped: others may be in memory now.
        left: The user is done with benchmarks.
    """

    jump = Signal(str, str)
    changed = Signal()
    people_asked = Signal(str)
    ended = Signal()
    left = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        client: Callable[[], Ollama],
        runs: Runs,
        history: History,
        cache: Path,
    ) -> None:
        super().__init__()
        self.setObjectName("benchmark-view")
        self._app, self._tasks, self._messages = state, tasks, messages
        self._history = history
        self._cards: list[BenchmarkResultCard] = []
        self.session = BenchmarkSession(
            state, tasks, messages, client=client, runs=runs, history=history, parent=self
        )
        self._export = HistoryExport(tasks, messages, self)
        self.setup = BenchmarkSetup(state, tasks, messages, history=history, cache=cache)
        self.bar = BenchmarkBar()
        self.live = BenchmarkLive()
        self.live.chart.allow_export(tasks, messages)
        self._results = column(spacing=Space.L)
        layout = column(self.setup, self.bar, self.live, holder(self._results), spacing=Space.L)
        layout.addStretch(1)
        self.setLayout(layout)
        self._connect()
        bind("leave-benchmark", self, self.on_escape)
        self._show()

    def _connect(self) -> None:
        self.setup.start_asked.connect(self._on_start)
        self.bar.stop_asked.connect(self.session.stop)
        self.bar.copy_asked.connect(self._on_copy)
        self.bar.export_asked.connect(self._on_export)
        self.bar.history_asked.connect(self._on_history)
        self.bar.again_asked.connect(self._on_again)
        self.bar.change_asked.connect(self._on_change)
        self.session.fresh.connect(self._make_cards)
        self.session.changed.connect(self._on_session)
        self.session.model_begun.connect(self.live.restart)
        self.session.stepped.connect(self._on_step)
        self.session.lanes_told.connect(self.live.take)
        self.session.measured.connect(self._on_measured)
        for changed in (
            self._app.runtimes_changed,
            self._app.models_changed,
            self._app.profile_changed,
        ):
            changed.connect(self._on_world)

    # What the page tells

    def open_for(self, *, model: str, prompt: str) -> None:
        """It is shown: with the model that is chosen on the page and the prompt typed there."""
        self.setup.open_for(model=model, prompt=prompt)
        self.live.load()
        self.refresh()

    def refresh(self) -> None:
        """The server, its models or the sensors may be others now."""
        self.setup.refresh()
        runtime = self._app.runtimes[0] if self._app.runtimes else None
        self.live.tell_no_power(no_watts(runtime, self._app.power_sources))

    @property
    def sentence(self) -> str:
        """What the page says of it."""
        if self.session.running:
            return self.tr("A benchmark is under way. Escape stops it")
        return self.tr("The same prompts for every model, on every machine")

    @Slot()
    def _on_world(self) -> None:
        if self.isVisible():
            self.refresh()

    # Running

    @Slot(object)
    def _on_start(self, order: BenchOrder) -> None:
        self.session.begin(order)
        self.bar.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def on_escape(self) -> None:
        """Escape: stop what runs; where nothing runs, back to where it was called from."""
        if self.session.running:
            self.session.stop()
        else:
            self.left.emit()

    @Slot()
    def _on_again(self) -> None:
        if self.session.order is not None:
            self.session.begin(self.session.order)

    @Slot()
    def _on_change(self) -> None:
        self.session.put_away()
        self.setup.start.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_session(self) -> None:
        for number in range(len(self._cards)):
            self._on_measured(number)
        self._show()
        self.changed.emit()
        if self.session.progress is Progress.DONE:
            self.ended.emit()

    @Slot()
    def _make_cards(self) -> None:
        clear(self._results)
        self._cards = [BenchmarkResultCard(outcome) for outcome in self.session.outcomes]
        for card in self._cards:
            card.people_asked.connect(self.people_asked)
            self._results.addWidget(card)

    @Slot()
    def _on_step(self) -> None:
        if self.session.step is not None:
            self.live.begin(self.session.step)
        self.bar.show_session(self.session)

    @Slot(int)
    def _on_measured(self, number: int) -> None:
        self._cards[number].show_outcome(self.session.outcomes[number])

    def _show(self) -> None:
        progress = self.session.progress
        self.setup.setVisible(progress is Progress.READY)
        self.bar.setVisible(progress is not Progress.READY)
        self.live.setVisible(progress is Progress.RUNNING)
        if progress is not Progress.READY:
            self.bar.show_session(self.session)

    # What is done with it

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self.session.outcomes))
        self._messages.toast(self.tr("The benchmark is on the clipboard"))

    @Slot()
    def _on_export(self) -> None:
        rows = {outcome.row for outcome in self.session.outcomes if outcome.row}
        reading = self._tasks.run(runs_of(self._history, rows))
        reading.succeeded.connect(self._on_rows)
        reading.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_rows(self, runs: tuple[RunRecord, ...]) -> None:
        self._export.ask(runs, "landfall-benchmark")

    @Slot()
    def _on_history(self) -> None:
        self.jump.emit("history", "benchmarks")
