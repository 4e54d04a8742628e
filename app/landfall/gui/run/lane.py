"""One answer under way: its events become text, curves and meters, and in the end a kept run."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from landfall.core.errors import AppError
from landfall.core.events import Aborted, Ended, Piece, PowerSample, Sent
from landfall.core.provenance import middle
from landfall.core.run.live_curves import PowerCurve, PowerPoint, RateCurve
from landfall.core.run.long_wait import LongWait
from landfall.core.run.phases import PhaseLine
from landfall.gui.format import duration, whole
from landfall.gui.hints import hint_words, waiting_words
from landfall.gui.run.words import (
    ending,
    facts,
    live_meters,
    meters,
    tokens_are_estimated,
)
from landfall.gui.scope_words import scope_words
from landfall.gui.translated import translated
from landfall.services.run.answering import Kept, Turn

if TYPE_CHECKING:
    from landfall.core.run.metrics import RunMetrics
    from landfall.gui.colours import Role
    from landfall.gui.run.chat_view import AnswerBubble
    from landfall.gui.run.live_panel import RunChart
    from landfall.gui.run.meters import RunMeters
    from landfall.gui.tasks import Task

WAIT_MS = 100
WAITED_EVERY = 5
"""The chart shows the waiting twice a second: nothing else happens on it then."""
METERS_AFTER_MS = 16
METERS_EVERY_SECONDS = 1.0
WATTS_AT_ONCE = 3
"""Readings that are drawn together: a frame of the chart costs more than all text of a second."""


class Lane(QObject):
    """A conversation with one target: the answer under way and the turns before it.

    Attributes:
        turns: Questions and answers so far, without the system prompt.
        question: What was asked last.
        kept: The last run, when it came to its end and is stored.
        failed: Why the last answer broke off, or None.

    Signals:
        ended: The answer is over in one way or another, and its clean-up is done.
        bug: An exception that nobody expected.
    """

    ended = Signal()
    bug = Signal(object)

    def __init__(self, key: str, role: Role, *, chart: RunChart, parent: QObject) -> None:
        super().__init__(parent)
        self.key, self.role = key, role
        self.name = ""
        self.turns: list[Turn] = []
        self.bubble: AnswerBubble | None = None
        self.kept: Kept | None = None
        self.failed: Exception | None = None
        self._chart = chart
        self._meters: RunMeters | None = None
        self._task: Task | None = None
        self.question = ""
        self._remembered = False
        self._stopped = False
        self._begin_clocks(0.0)
        self._waiting = QTimer(self)
        self._waiting.setInterval(WAIT_MS)
        self._waiting.timeout.connect(self._on_waiting)

    def _begin_clocks(self, at: float) -> None:
        self._sent_at = at
        self._rate, self._power, self._phases = RateCurve(at), PowerCurve(at), PhaseLine(at)
        self._waits = 0
        self._first_at: float | None = None
        self._meters_at = at
        self._watts: list[PowerPoint] = []

    @property
    def running(self) -> bool:
        """Whether an answer is under way, its clean-up included."""
        return self._task is not None

    @property
    def pieces(self) -> int:
        """Pieces of text that came, about a token each."""
        return self._rate.pieces

    def show_in(self, bubble: AnswerBubble, meters_place: RunMeters) -> None:
        """Where the next answer is shown."""
        self.bubble, self._meters = bubble, meters_place

    def begin(self, name: str, question: str, task: Task) -> None:
        """The question is on its way; `name` is the target's."""
        self.name, self.question, self._task = name, question, task
        self.kept, self.failed, self._stopped = None, None, False
        self._remembered = False
        self._begin_clocks(perf_counter())
        task.progressed.connect(self._on_progressed)
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_finished)
        self._on_waiting()
        self._waiting.start()
        # A frame later: the first one of a conversation is costly enough without its meters. What
        # is due at once comes before the window is painted, and so into the same turn.
        QTimer.singleShot(METERS_AFTER_MS, self._begin_meters)

    @Slot()
    def _begin_meters(self) -> None:
        if self._meters is not None and self.running:
            self._show_live()
            self._meters.show_facts(())

    @Slot()
    def stop(self) -> None:
        """End it now: the connection is closed, what came is kept."""
        if self._task is not None and not self._stopped:
            self._stopped = True
            self._waiting.stop()
            self._task.cancel()

    # What comes

    @Slot(list)
    def _on_progressed(self, updates: list[Any]) -> None:
        answer: list[str] = []
        thinking: list[str] = []
        pieces: list[Piece] = []
        samples: list[PowerSample] = []
        for update in updates:
            match update:
                case Piece(text=text, thinking=is_thinking):
                    (thinking if is_thinking else answer).append(text)
                    pieces.append(update)
                case PowerSample():
                    samples.append(update)
                case Sent(at=at):
                    self._begin_clocks(at)
                case Ended() | Aborted():
                    self._draw(pieces, samples)
                    pieces, samples = [], []
                    self._draw_end(update)
                case LongWait() if self.bubble is not None and not pieces:
                    self.bubble.tell_long_wait(waiting_words(update))
                case Kept():
                    self.kept = update
                    if self.bubble is not None:
                        self.bubble.tell_run(update.record.id)
        self._write(answer, thinking)
        self._draw(pieces, samples)

    def _write(self, answer: list[str], thinking: list[str]) -> None:
        if self.bubble is None or not (answer or thinking):
            return
        self._waiting.stop()
        if thinking:
            self.bubble.add_thinking(thinking)
        if answer:
            self.bubble.add("".join(answer))

    def _draw(self, pieces: list[Piece], samples: list[PowerSample]) -> None:
        stamps = [piece.at for piece in pieces]
        if stamps:
            self._first_at = self._first_at or stamps[0]
            self._phases.add(pieces)
            self._chart.show_phases(self._phases.until(stamps[-1]), key=self.key)
        self._chart.add_rates(self.key, self.name, self._rate.add(stamps), role=self.role)
        self._watts += self._power.add(samples)
        if len(self._watts) >= WATTS_AT_ONCE:
            self._draw_watts()
        if stamps and (
            self._meters_at == self._sent_at or stamps[-1] - self._meters_at >= METERS_EVERY_SECONDS
        ):
            self._meters_at = stamps[-1]
            self._show_live()

    def _draw_end(self, end: Ended | Aborted) -> None:
        counters = end.counters if isinstance(end, Ended) else None
        self._chart.add_rates(self.key, self.name, self._rate.finish(end.at), role=self.role)
        self._chart.show_phases(self._phases.until(end.at, counters), key=self.key)
        self._watts += self._power.finish()
        self._draw_watts()

    def _draw_watts(self) -> None:
        self._chart.add_watts(self._watts, self._scopes())
        self._watts = []

    def _scopes(self) -> str:
        return scope_words(" + ".join(sorted(self._power.scopes)))

    def _show_live(self, *, broken: bool = False) -> None:
        if self._meters is not None:
            first = None if self._first_at is None else self._first_at - self._sent_at
            self._meters.show_meters(
                live_meters(
                    cloud=self.key == "cloud",
                    ttft_seconds=first,
                    tok_s=self._rate.now,
                    pieces=self.pieces,
                    broken=broken,
                )
            )

    @Slot()
    def _on_waiting(self) -> None:
        now = perf_counter()
        if self.bubble is not None:
            self.bubble.show_waiting(now - self._sent_at)
        self._waits += 1
        if self._waits % WAITED_EVERY == 0:
            self._chart.show_phases(self._phases.until(now), key=self.key)

    # How it ended

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.failed = error
        if not isinstance(error, AppError):
            self.bug.emit(error)

    @Slot()
    def _on_finished(self) -> None:
        self._waiting.stop()
        self._draw_watts()
        self._task = None
        idle = None if self.kept is None else middle(self.kept.energy.idle_watts)
        if idle is not None:
            self._chart.set_idle(idle)
        self._chart.finish()
        if self.kept is not None:
            self._show_kept(self.kept)
        elif self.bubble is not None:
            self._show_cut(self.bubble)
        self._remember()
        self.ended.emit()

    def _remember(self) -> None:
        """The conversation goes on from a whole answer, or from one that the user cut."""
        said = self.bubble.text.raw if self.bubble is not None else ""
        if said and (self.kept.metrics.complete if self.kept is not None else self._stopped):
            self.turns += [Turn("user", self.question), Turn("assistant", said)]
            self._remembered = True

    @property
    def turns_without_last(self) -> list[Turn]:
        """What stood before the last question."""
        return self.turns[:-2] if self._remembered else self.turns

    def reset(self) -> None:
        """The conversation begins anew."""
        self.turns, self.question, self._remembered = [], "", False
        self.kept, self.failed, self.bubble, self._meters = None, None, None, None

    def forget_last(self) -> None:
        """The last question is asked again: its answer does not count."""
        if self._remembered:
            del self.turns[-2:]
            self._remembered = False

    def _show_kept(self, kept: Kept) -> None:
        record, metrics = kept.record, kept.metrics
        if self._meters is not None:
            self._meters.show_meters(meters(record, metrics, kept.energy.gross))
            # A frame later: several answers may end at once, and this is half of the work.
            QTimer.singleShot(METERS_AFTER_MS, self._show_facts)
        if self.bubble is None:
            return
        self.bubble.show_thinking(metrics.thinking_tokens, _thought_for(metrics))
        if metrics.complete:
            self.bubble.finish(self._footnote(kept))
        else:
            reason = translated(metrics.reason("done_reason"))
            self.bubble.fail(
                self.tr("The answer did not come to its end: {0}").format(reason),
                self._saved(),
            )

    @Slot()
    def _show_facts(self) -> None:
        if self._meters is not None and self.kept is not None:
            self._meters.show_facts(facts(self.kept.record))

    def _footnote(self, kept: Kept) -> str:
        record = kept.record
        parts = []
        if record.output_tokens is not None:
            words = self.tr("{0} tokens out")
            if tokens_are_estimated(record):
                words = self.tr("~{0} tokens out, estimated: the provider counted none")
            parts.append(words.format(whole(record.output_tokens)))
        if kept.metrics.total_seconds is not None:
            parts.append(duration(kept.metrics.total_seconds))
        if record.done_reason in ("length", "max_tokens"):
            parts.append(ending(record))
        if kept.trouble is not None:
            words = self.tr("not saved yet, tried again every few seconds: {0}")
            parts.append(words.format(translated(kept.trouble.message)))
        return ", ".join(parts)

    def _show_cut(self, bubble: AnswerBubble) -> None:
        bubble.show_thinking(None, None)
        self._show_live(broken=True)
        if self.failed is None:
            bubble.finish(self.tr("Stopped by you. {0}").format(self._saved()))
        elif isinstance(self.failed, AppError):
            hint = hint_words(self.failed)
            bubble.fail(translated(self.failed.message), f"{hint} {self._saved()}".strip())
        else:
            bubble.fail(self.tr("A mistake in Landfall ended the run."), self._saved())

    def _saved(self) -> str:
        if self.pieces:
            words = self.tr("What had come is saved in History, about one token.")
            if self.pieces > 1:
                words = self.tr("What had come is saved in History, about {0} tokens.")
            return words.format(whole(self.pieces))
        return self.tr("No text had come.")


def _thought_for(metrics: RunMetrics) -> float | None:
    """From the first piece of thinking to the first piece of the answer."""
    if metrics.first_answer_seconds is None or metrics.ttft_seconds is None:
        return None
    return metrics.first_answer_seconds - metrics.ttft_seconds
