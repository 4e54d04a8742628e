"""What is asked of a target and what comes of it, which is the same for all of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from landfall.core.events import PowerSample, RunEvent
from landfall.core.run.long_wait import LongWait

if TYPE_CHECKING:
    from landfall.core.energy.energy import RunEnergy
    from landfall.core.errors import AppError
    from landfall.core.events import Ended
    from landfall.core.run.metrics import PromptCache, RunMetrics
    from landfall.services.history.records import LoadRecord, RunRecord


Place = Literal["local", "network", "cloud"]
"""Where an answer is made: this machine, another machine of ours, or a provider."""

STOPPED = "stopped by you"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; role is "system", "user" or "assistant"."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of a target.

    Attributes:
        turns: The conversation, the question last.
        context: Context length in tokens; a cloud target has its own.
        num_predict: At most so many tokens of answer; None leaves it to the target.
        workload: The workload it belongs to, or None.
        temperature, seed: How the answer is drawn; None leaves a value to the target.
        think: Whether a local model that can think does so before it answers; None leaves it to the
            model. One that cannot is not told.
    """

    turns: tuple[Turn, ...]
    context: int
    num_predict: int | None = None
    workload: str | None = None
    temperature: float | None = None
    seed: int | None = None
    think: bool | None = None

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run cost at a provider, and by which price; None is unknown and `note` says why."""

    usd: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Who really served a run, found out beside it.

    Attributes:
        digest: Of the model, as its server says it. engine: "Ollama 0.24.0".
        prompt_cache: Whether the server may have held the prompt already.
        conditions: GPU share, context length really given, and the like.
        load: What was seen of the load that the run brought about; None where it was loaded before.
    """

    digest: str | None = None
    engine: str | None = None
    prompt_cache: PromptCache = "unknown"
    conditions: Mapping[str, Any] = field(default_factory=dict)
    load: LoadRecord | None = None


class Target(Protocol):
    """Something that answers."""

    place: Place
    host: str
    model: str

    def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes."""
        ...

    async def facts(self) -> Facts:
        """Who served it, asked after the answer."""
        ...

    async def in_memory(self) -> bool | None:
        """Whether the server has the model in memory, while an answer is waited for; None where
        it does not tell."""
        ...

    def cost(self, end: Ended) -> Cost:
        """What the answer cost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The run is over and stored: its record, its measurements, its energy.

    `trouble` says why it is not in the history yet; None where it is.
    """

    record: RunRecord
    metrics: RunMetrics
    energy: RunEnergy
    trouble: AppError | None = None


RunUpdate = RunEvent | PowerSample | LongWait | Kept

Begun = Callable[[str], Awaitable[None]]
"""Told the uid of a run when it begins, whether or not it can be stored yet."""
