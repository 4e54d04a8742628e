"""Rounds of decisions on all saved workloads: asked for by the window, made elsewhere, kept here.

Light on purpose: what decides (`decision_round`) brings catalogue, price tables and the whole
engine, and comes in only where a round is made in this process.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from landfall.core.machine.hardware import HardwareProfile
from landfall.core.settings import Settings
from landfall.services import apart
from landfall.services.history.history import History
from landfall.services.history.records import KeptVerdict, RunRecord, SavedWorkload
from landfall.services.late_imports import late
from landfall.services.threads import in_thread
from landfall.services.verdict.known_past import NO_PAST, Past, past_of

if TYPE_CHECKING:
    from landfall.core.quality.measured import QualityResult
    from landfall.core.quality.votes import Vote
    from landfall.services.verdict.decided import Entry, Sums

logger = logging.getLogger(__name__)

FEW = 8
"""So many workloads are decided while somebody looks; more are shown at a glance first."""
_MAKER = "landfall.services.verdict.decision_round"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that a round is made from. Values only: it may cross to another process.

    Attributes:
        now: The time of the decisions, with a time zone.
        machine: This machine as it was detected, or None to detect it where it matters.
        runs: Kept runs; their rates replace predicted ones of the same model on this machine.
        votes: Kept votes; those cast blind are quality evidence of the workload they belong to.
        results: Of kept quality runs; they come before votes.
        past: What else the history knows.
        saved: The workloads, in the user's order.
        kept: The latest kept verdict of each workload.
        checked: Names of workloads whose verdict somebody looked at and lets stand.
        with_samples: Whether the samples follow them: at the very first time.
        glance: Without how sure the verdicts are and what would flip them.
        line: "module:function" of what makes a line for a list from an entry, the thresholds and
            the language; who asks for the round says it, since services know no words for people.
        language: What the line is to speak: another process cannot see what the window does.
    """

    settings: Settings
    now: datetime
    machine: HardwareProfile | None
    runs: Sequence[RunRecord]
    saved: Sequence[SavedWorkload]
    votes: Sequence[Vote] = ()
    results: Sequence[QualityResult] = ()
    kept: Sequence[KeptVerdict] = ()
    checked: frozenset[str] = frozenset()
    past: Past = NO_PAST
    with_samples: bool = False
    glance: bool = False
    line: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a round came to.

    Attributes:
        saved: The workloads that were decided.
        lines: What `Question.line` made of each.
        verdicts: To be kept.
        sealed_sums: The workloads together, sealed for the same reason.
        sealed: The entries, compressed, which only who looks at one unpacks: they hold the world
            in which a slider decides again, and with them the engine comes in.
    """

    saved: tuple[SavedWorkload, ...]
    lines: tuple[Any, ...]
    verdicts: tuple[KeptVerdict, ...]
    sealed: bytes
    sealed_sums: bytes

    def unsealed(self) -> tuple[Entry, ...]:
        """The workloads with the whole of their verdicts."""
        entries: tuple[Entry, ...] = apart.unpacked(zlib.decompress(self.sealed))
        return entries

    def summed(self) -> Sums:
        """The workloads together: as they share machines and a bill."""
        sums: Sums = apart.unpacked(self.sealed_sums)
        return sums


async def made_here(question: Question) -> Round:
    """Decide in this process; what decides comes in with it, and stays."""
    maker = await in_thread(late, _MAKER)
    made: Round = await maker.make(question)
    return made


async def made_apart(question: Question) -> Round:
    """Decide in a process of its own that ends with its answer; here where none can be had.

    The price tables take 20 MB and half a second, and what would flip a verdict is searched for
    many milliseconds a workload: the window has neither the memory nor the interpreter to spare.
    """
    try:
        made: Round = await apart.call(f"{_MAKER}:make", question)
    except apart.Failed as error:
        logger.warning("deciding in this process: %s", error)
        return await made_here(question)
    return made


class Rounds:
    """Asks for rounds on what the history holds, and keeps what changed.

    Args:
        history: Holds the workloads; gets the samples at the very first time, and each verdict that
            differs from the one before.
        line, language: See `Question`.
        make: `made_here` or `made_apart`.
    """

    def __init__(
        self,
        history: History,
        *,
        line: str,
        make: Callable[[Question], Awaitable[Round]],
        language: str = "",
    ) -> None:
        self._history = history
        self._line = line
        self._language = language
        self._make = make

    async def decide(
        self,
        settings: Settings,
        *,
        machine: HardwareProfile | None = None,
        checked: frozenset[str] = frozenset(),
    ) -> Round:
        """Every workload with its verdict under these settings.

        Args:
            settings: Thresholds, electricity price, hourly rate, typed prices.
            machine: This machine as it was detected, or None to detect it where it matters.
            checked: Names of workloads whose verdict somebody looked at and lets stand: what is
                decided now is kept, and counts from now on.
        """
        *_, made = [one async for one in self.as_they_come(settings, machine, checked)]
        return made

    async def as_they_come(
        self,
        settings: Settings,
        machine: HardwareProfile | None = None,
        checked: frozenset[str] = frozenset(),
        *,
        glance: bool = False,
    ) -> AsyncGenerator[Round]:
        """The same; where many workloads wait and `glance` is asked for, they come at a glance
        first, and whole after it."""
        question, first = await self._question(settings, machine, checked)
        if glance and len(question.saved) > FEW:
            yield await self._make(replace(question, glance=True))
        made = await self._make(question)
        if first and not await self._history.seed_samples(s for s in made.saved if s.sample):
            # Another program was faster: what is there now counts.
            made = await self.decide(settings, machine=machine, checked=checked)
        else:
            await self._history.keep_verdicts(made.verdicts)
        yield made

    async def _question(
        self, settings: Settings, machine: HardwareProfile | None, checked: frozenset[str]
    ) -> tuple[Question, bool]:
        """What a round is made from now, and whether samples come with it."""
        first = not await self._history.has_had_samples()
        question = Question(
            settings=settings,
            now=datetime.now(UTC),
            machine=machine,
            runs=await self._history.runs_to_decide(),
            saved=await self._history.workloads(),
            votes=await self._history.votes(),
            results=await self._history.quality_results(),
            kept=await self._history.last_verdicts(),
            checked=checked,
            past=await past_of(self._history),
            with_samples=first,
            line=self._line,
            language=self._language,
        )
        return question, first
