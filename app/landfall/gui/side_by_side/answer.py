"""One answer of one target to one prompt, as far as it has come: no widgets, so that it stays
whole whichever prompt is looked at.
"""

from __future__ import annotations

from enum import Enum
from time import perf_counter
from typing import TYPE_CHECKING

from landfall.core.events import Aborted, Ended, Piece, PowerSample, Sent
from landfall.core.run.live_curves import PowerCurve, RateCurve
from landfall.core.run.long_wait import LongWait
from landfall.gui.hints import hint_words, message_words
from landfall.gui.translated import translated
from landfall.services.run.answering import Kept

if TYPE_CHECKING:
    from landfall.core.energy.energy import RunEnergy
    from landfall.core.errors import AppError
    from landfall.core.run.metrics import RunMetrics
    from landfall.services.history.records import RunRecord
    from landfall.services.run.answering import RunUpdate
    from landfall.services.side_by_side.kept import SideAnswer


class Stage(Enum):
    """Where an answer stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self not in (Stage.WAITING, Stage.RUNNING)


class Answer:
    """Takes what comes and knows what can be told of it.

    Attributes:
        parts: The text in pieces, as it came. thinking: what was thought before.
        record: The run, when it is over and stored; metrics and energy where it was run just now.
        cause: Why it broke off, in words of the service, and hint: what to do about it; or "".
        long_wait: That nothing has come for long, until something comes.
        watts: Of the last reading of the sensors, while it runs here; None without one.
        version: Goes up with everything that can be seen.
    """

    def __init__(self) -> None:
        self.stage = Stage.WAITING
        self.parts: list[str] = []
        self.thinking: list[str] = []
        self.record: RunRecord | None = None
        self.metrics: RunMetrics | None = None
        self.energy: RunEnergy | None = None
        self.trouble = ""
        self.cause = self.hint = ""
        self.long_wait: LongWait | None = None
        self.watts: float | None = None
        self.version = 0
        self._begin_clocks(perf_counter())

    def _begin_clocks(self, at: float) -> None:
        self.sent_at = at
        self.first_at: float | None = None
        self._rate, self._power = RateCurve(at), PowerCurve(at)

    @property
    def text(self) -> str:
        """The answer as far as it came."""
        return "".join(self.parts)

    @property
    def pieces(self) -> int:
        """Pieces of text that came, about a token each."""
        return self._rate.pieces

    @property
    def tok_s(self) -> float | None:
        """Pieces of the last second, as they arrive here."""
        return self._rate.now

    @property
    def ttft_seconds(self) -> float | None:
        """To the first piece, as it arrived here."""
        return None if self.first_at is None else self.first_at - self.sent_at

    @property
    def scopes(self) -> str:
        """What the watts include."""
        return " + ".join(sorted(self._power.scopes))

    def take(self, update: RunUpdate) -> None:
        """Something came of it."""
        self.version += 1
        match update:
            case LongWait():
                self.long_wait = update
            case Piece(at=at, text=text, thinking=is_thinking):
                self.stage = Stage.RUNNING
                self.long_wait = None
                self.first_at = self.first_at or at
                (self.thinking if is_thinking else self.parts).append(text)
                self._rate.add((at,))
            case PowerSample():
                points = self._power.add((update,))
                self.watts = points[-1][1] if points else self.watts
            case Sent(at=at):
                self.stage = Stage.RUNNING
                self._begin_clocks(at)
            case Ended(at=at) | Aborted(at=at):
                self._rate.finish(at)
            case Kept(record=record, metrics=metrics, energy=energy, trouble=trouble):
                self.record, self.metrics, self.energy = record, metrics, energy
                self.trouble = translated(trouble.message) if trouble is not None else ""
                self.stage = Stage.DONE if metrics.complete else Stage.STOPPED

    def fail(self, error: AppError) -> None:
        """It broke off."""
        self.version += 1
        self.cause, self.hint = message_words(error), hint_words(error)
        self.stage = Stage.FAILED

    def stop(self) -> None:
        """Nothing more will come of it: it was stopped, or never began."""
        if not self.stage.over:
            self.version += 1
            self.stage = Stage.STOPPED

    @property
    def complete(self) -> bool:
        """Whether it came to its end."""
        return self.stage is Stage.DONE


def answer_of(kept: SideAnswer | None) -> Answer:
    """An answer as the history has it; None where it was never begun, or is deleted."""
    made = Answer()
    made.stage = Stage.STOPPED
    if kept is None:
        return made
    made.record = kept.run
    if kept.run is not None:
        made.parts = [kept.run.answer] if kept.run.answer else []
        made.thinking = [kept.run.thinking] if kept.run.thinking else []
    if kept.complete:
        made.stage = Stage.DONE
    elif kept.run is None:
        made.stage, made.cause = Stage.FAILED, translated(kept.error)
    return made
