"""What a run is doing when: waiting, loading, reading the prompt, thinking, answering.

While it runs only what arrives here is known: nothing, then pieces of thinking or answer. At its
end the server's own durations split the wait into load and prefill.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent


class PhaseKind(StrEnum):
    """What is going on. The first five are parts of an answer, the others parts of a benchmark."""

    WAITING = "waiting"
    LOAD = "load"
    PREFILL = "prefill"
    THINK = "think"
    DECODE = "decode"
    IDLE = "idle"
    WARM_UP = "warm_up"
    PROMPT = "prompt"
    SUSTAINED = "sustained"
    SWEEP = "sweep"
    EMBED = "embed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One stretch of time, in seconds since the prompt was sent."""

    kind: PhaseKind
    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end_seconds - self.start_seconds


class PhaseLine:
    """The phases of a run under way.

    Args:
        sent_at: When the prompt was sent, on the clock of the stamps.
    """

    def __init__(self, sent_at: float) -> None:
        self._sent_at = sent_at
        self._turns: list[tuple[float, PhaseKind]] = []

    def add(self, pieces: Iterable[Piece]) -> bool:
        """Pieces came, in order; whether a phase began with one of them."""
        before = len(self._turns)
        now = self._turns[-1][1] if self._turns else None
        for piece in pieces:
            kind = PhaseKind.THINK if piece.thinking else PhaseKind.DECODE
            if kind is not now:
                now = kind
                self._turns.append((max(0.0, piece.at - self._sent_at), kind))
        return len(self._turns) > before

    def until(self, at: float, counters: Counters | None = None) -> tuple[Phase, ...]:
        """What was going on up to this time; the last phase lasts until then.

        Args:
            counters: What the server counted, once the answer has ended.
        """
        end = max(0.0, at - self._sent_at)
        first = self._turns[0][0] if self._turns else end
        load = counters.load_seconds if counters else None
        prompt = counters.prompt_seconds if counters else None
        starts = [*self._turns, (end, PhaseKind.DECODE)]
        told = (
            Phase(kind=kind, start_seconds=start, end_seconds=starts[i + 1][0])
            for i, (start, kind) in enumerate(self._turns)
        )
        return _lasting((*_wait(first, load, prompt), *told))


def phases(events: Iterable[RunEvent]) -> tuple[Phase, ...]:
    """The phases of one run out of its events; none before it was sent."""
    line: PhaseLine | None = None
    at, counters = 0.0, None
    for event in events:
        at = event.at
        match event:
            case Sent():
                line = PhaseLine(at)
            case Piece() if line is not None:
                line.add((event,))
            case Ended():
                counters = event.counters
            case Piece() | Aborted():
                pass
    return line.until(at, counters) if line is not None else ()


def kept_phases(
    *,
    load_seconds: float | None,
    prompt_seconds: float | None,
    ttft_seconds: float | None,
    first_answer_seconds: float | None,
    total_seconds: float | None,
) -> tuple[Phase, ...]:
    """The phases of a run in the past, out of the times that are kept of it; none without a total.

    Args:
        prompt_seconds: Prompt tokens over the prefill rate, where that is known.
    """
    if total_seconds is None:
        return ()
    first = total_seconds if ttft_seconds is None else min(ttft_seconds, total_seconds)
    answer = total_seconds if first_answer_seconds is None else first_answer_seconds
    answer = min(max(answer, first), total_seconds)
    told = (
        Phase(kind=PhaseKind.THINK, start_seconds=first, end_seconds=answer),
        Phase(kind=PhaseKind.DECODE, start_seconds=answer, end_seconds=total_seconds),
    )
    return _lasting((*_wait(first, load_seconds, prompt_seconds), *told))


def phase_at(found: Sequence[Phase], seconds: float) -> Phase | None:
    """What was going on then; None before, between and after the phases, which are in order."""
    place = bisect_right(found, seconds, key=_start) - 1
    if place < 0 or seconds > found[place].end_seconds:
        return None
    return found[place]


def _start(phase: Phase) -> float:
    return phase.start_seconds


def _wait(first: float, load: float | None, prompt: float | None) -> tuple[Phase, ...]:
    """The time before the first piece: load at its beginning, prefill at its end, as Ollama does
    it; what neither explains (a queue, the network) stays a wait."""
    prefill_from = first if prompt is None else max(0.0, first - prompt)
    load_until = 0.0 if load is None else min(load, prefill_from)
    return (
        Phase(kind=PhaseKind.LOAD, start_seconds=0.0, end_seconds=load_until),
        Phase(kind=PhaseKind.WAITING, start_seconds=load_until, end_seconds=prefill_from),
        Phase(kind=PhaseKind.PREFILL, start_seconds=prefill_from, end_seconds=first),
    )


def _lasting(given: Iterable[Phase]) -> tuple[Phase, ...]:
    """Without those that have no length."""
    return tuple(phase for phase in given if phase.end_seconds > phase.start_seconds)
