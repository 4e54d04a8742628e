"""A conversation on the Run page: who is asked, what was agreed to, what is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError
from landfall.gui.app_values import RunningTask
from landfall.gui.dates import when
from landfall.gui.format import duration, whole
from landfall.gui.run.chat_view import AnswerBubble
from landfall.gui.run.lane import Lane
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.order import Order, as_ask
from landfall.gui.run.words import at_most, heading
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.layout import label
from landfall.services.cloud.budget import Consent
from landfall.services.run.answering import Turn
from landfall.services.run.asking import (
    Access,
    Sampling,
    ask_kept,
    ask_ollama,
    ask_provider,
    most_it_costs,
)

if TYPE_CHECKING:
    from landfall.core.pricing.pricing import Quote
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.run.chat_view import ChatView
    from landfall.gui.run.measured import Measured
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.cloud.budget import Ceiling
    from landfall.services.ollama.client import Ollama
    from landfall.services.ollama.server_in_use import Host as OllamaHost
    from landfall.services.run.runs import Runs

TASK_KEY = "run"


class RunSession(QObject):
    """Sends orders, paid ones after consent, and keeps both lanes of the conversation.

    Signals:
        changed: Something began or ended.
        consent_asked: Title, text and the words of the button that agrees: `agree` or `decline`.
        began: An order is on its way: its question can be cleared.
        ended: No answer is under way any more; whether a local one was among them.
    """

    changed = Signal()
    consent_asked = Signal(str, str, str)
    began = Signal()
    ended = Signal(bool)
    workload_asked = Signal(int)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: OllamaHost,
        runs: Runs,
        cloud: Access,
        chat: ChatView,
        measured: Measured,
        order_of: Callable[[str], Order],
        parent: QObject,
    ) -> None:
        """Begin empty.

        Args:
            order_of: What the page would order now for a question: for asking again.
        """
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._host, self._runs, self._cloud = host, runs, cloud
        self._chat, self._measured, self._order_of = chat, measured, order_of
        self.here = Lane("here", "here", chart=measured.chart, parent=self)
        self.there = Lane("cloud", "frontier", chart=measured.chart, parent=self)
        self._current: tuple[Lane, ...] = ()
        self._wanted: tuple[Order, Lane | None] | None = None
        self._consent = Consent()
        self._quoting: Task | None = None
        for lane in (self.here, self.there):
            lane.ended.connect(self._on_ended)
            lane.bug.connect(messages.report_bug)
        self._empty_meters()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Who was asked last."""
        return self._current

    @property
    def running(self) -> bool:
        """Whether any answer is under way."""
        return self.here.running or self.there.running

    @property
    def failed(self) -> bool:
        """Whether an answer broke off."""
        return any(lane.failed is not None for lane in self.lanes)

    @property
    def sentence(self) -> str:
        """What the page says of it."""
        if self.running:
            return self.tr("Running. Escape stops it")
        if self.failed:
            return self.tr("The last run broke off")
        kept = [lane.kept.metrics for lane in self.lanes if lane.kept is not None]
        seconds = [metrics.total_seconds or 0.0 for metrics in kept if metrics.complete]
        if seconds and len(seconds) == len(self.lanes):
            return self.tr("Done in {0}, saved in History").format(duration(max(seconds)))
        return self.tr("Each answer is measured and kept in History")

    @property
    def busy(self) -> str:
        """Why nothing else can be sent now, or ""."""
        if self.running:
            return self.tr("An answer is under way.")
        return self.tr("The price is being looked up.") if self._quoting is not None else ""

    # Sending

    def send(self, order: Order) -> None:
        """Ask; what costs money asks for consent first."""
        self._want(order, None)

    def again(self, lane: Lane) -> None:
        """Ask one lane the last question again, in the place of its answer.

        Nothing is asked where the page would ask somebody else by now.
        """
        order = self._order_of(lane.question)
        alone = replace(order, hosted=None) if lane is self.here else replace(order, local=None)
        self._want(alone, lane)

    def _want(self, order: Order, again: Lane | None) -> None:
        if self.busy or (order.local is None and order.hosted is None):
            return
        self._wanted = order, again
        if order.hosted is None:
            self._go(Consent())
            return
        before = self._longest() if again is None else again.turns_without_last
        hosted, ask = order.hosted, as_ask(order, before)
        quoting = most_it_costs(self._cloud, hosted.row, model=hosted.model, ask=ask)
        self._quoting = self._tasks.run(quoting)
        self._quoting.succeeded.connect(self._on_ceiling)
        self._quoting.failed.connect(self._messages.fail)
        self._quoting.finished.connect(self._on_quoted)
        self.changed.emit()

    @Slot(object)
    def _on_ceiling(self, ceiling: Ceiling) -> None:
        if self._wanted is None or self._wanted[0].hosted is None:
            return
        name = self._wanted[0].hosted.row.name
        tokens = self.tr("{0}: at most {1} tokens in and {2} out").format(
            ceiling.quote.model, whole(ceiling.prompt_tokens), whole(ceiling.output_tokens)
        )
        if ceiling.usd is None:
            self._consent = Consent(unpriced=True)
            self.consent_asked.emit(
                self.tr("What it costs at {0} is not known").format(name),
                f"{tokens}. {' '.join(all_translated(ceiling.quote.notes))}",
                self.tr("Send without a known price"),
            )
            return
        self._consent = Consent(usd_max=ceiling.usd)
        self.consent_asked.emit(
            self.tr("It costs at most {0} at {1}").format(at_most(ceiling.usd), name),
            f"{tokens}. {self._source(ceiling.quote)}",
            self.tr("Pay up to {0}").format(at_most(ceiling.usd)),
        )

    def _source(self, quote: Quote) -> str:
        """Whose price it is, and how old."""
        parts = [translated(quote.source or "")]
        if quote.as_of is not None:
            parts.append(when(quote.as_of.isoformat()))
        if quote.stale:
            parts.append(self.tr("which is old"))
        return self.tr("Price: {0}.").format(", ".join(part for part in parts if part))

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

    @Slot()
    def stop(self) -> None:
        """End every answer now."""
        for lane in (self.here, self.there):
            lane.stop()

    @Slot()
    def start_over(self) -> None:
        """Forget the conversation here; its runs stay in History."""
        for lane in (self.here, self.there):
            lane.reset()
        self._current, self._wanted = (), None
        self._chat.start_over()
        self._measured.chart.start_over()
        self._empty_meters()
        self.changed.emit()

    def _go(self, consent: Consent) -> None:
        if self._wanted is None:
            return
        (order, again), self._wanted = self._wanted, None
        try:
            ollama = order.local is not None and order.local.host is None
            client = self._host.client if ollama else None
        except AppError as error:
            self._messages.tell(error)
            return
        lane = self.here if order.local is not None else self.there
        if again is None:
            self._open_exchange(order, lane)
        else:
            again.forget_last()
            self._reopen(again)
        lane.begin(*self._begin(lane, order, client=client, consent=consent))
        self._tell_running(order)
        self._allow_again()
        self.began.emit()
        self.changed.emit()

    def _begin(
        self, lane: Lane, order: Order, *, client: Ollama | None, consent: Consent
    ) -> tuple[str, str, Task]:
        """What a lane begins with: the name of its target, the question, the task."""
        ask = as_ask(order, lane.turns)
        if lane is self.here and order.local is not None and order.local.host is not None:
            drawn = replace(
                ask, temperature=order.parameters.temperature, seed=order.parameters.seed
            )
            events = ask_kept(self._runs, order.local.host.url, order.local.model, ask=drawn)
            return order.local.model, order.question, self._tasks.stream(events)
        if lane is self.here and order.local is not None and client is not None:
            sampling = Sampling(
                temperature=order.parameters.temperature, seed=order.parameters.seed
            )
            events = ask_ollama(
                self._runs,
                client,
                order.local.model,
                ask=ask,
                sampling=sampling,
                allow_remote=order.local.allow_remote,
            )
            return order.local.model, order.question, self._tasks.stream(events)
        assert order.hosted is not None, "a lane is only asked where there is a target"
        hosted = order.hosted
        events = ask_provider(
            self._runs, self._cloud, hosted.row, model=hosted.model, ask=ask, consent=consent
        )
        return hosted.model, order.question, self._tasks.stream(events)

    def _longest(self) -> list[Turn]:
        return max((self.here.turns, self.there.turns), key=len)

    # Showing

    def _open_exchange(self, order: Order, lane: Lane) -> None:
        """A new question: its place in the conversation, an empty chart, empty meters."""
        turns = self._longest()
        for one in (self.here, self.there):
            if len(one.turns) < len(turns):
                one.turns = list(turns)
            one.kept = one.failed = None
        self._current = (lane,)
        bubble = AnswerBubble(order.model, lane.role)
        bubble.again_asked.connect(self._on_again)
        bubble.workload_asked.connect(self.workload_asked)
        gauge = RunMeters()
        gauge.setObjectName(f"meters-{lane.key}")
        lane.show_in(bubble, gauge)
        self._chat.ask(order.question, [bubble])
        self._measured.chart.begin([(lane.key, bubble.who, lane.role)])
        self._measured.note("")
        self._measured.meters.hold(gauge)

    def _reopen(self, lane: Lane) -> None:
        if lane.bubble is not None:
            lane.bubble.restart()
        self._measured.chart.restart(lane.key)
        self._measured.note("")

    def _empty_meters(self) -> None:
        self._measured.note("")
        words = self.tr(
            "Load, first token, prefill, decode, energy and cost of an answer stand here, each"
            " with how it was measured."
        )
        place: QWidget = label(words, tone="text_2", wrap=True)
        self._measured.meters.hold(place)

    @Slot()
    def _on_again(self) -> None:
        asked = self.sender()
        lane = next((lane for lane in self._current if lane.bubble is asked), None)
        if lane is not None:
            self.again(lane)

    @Slot()
    def _on_ended(self) -> None:
        if self.running:
            self.changed.emit()
            return
        self._tell_running(None)
        self._allow_again()
        kept = [lane.kept for lane in self._current if lane.kept is not None]
        if kept:
            self._measured.note(heading(kept[0].record))
        self.ended.emit(self.here in self._current)
        self.changed.emit()

    def _allow_again(self) -> None:
        """Only the last answers can be asked for again, and only while nothing runs."""
        current = [lane.bubble for lane in self._current]
        for bubble in self._chat.answers:
            if bubble not in current:
                bubble.forbid_again(self.tr("The conversation went on from here."))
            else:
                bubble.forbid_again(self.busy)

    def _tell_running(self, order: Order | None) -> None:
        others = tuple(task for task in self._app.running if task.key != TASK_KEY)
        if order is None:
            self._app.set_running(others)
            return
        mine = RunningTask(key=TASK_KEY, title=order.model, detail=order.question[:80], page="run")
        self._app.set_running((*others, mine))
