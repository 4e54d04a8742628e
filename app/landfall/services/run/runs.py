"""What is asked of a target and what comes of it, and who makes the answers.

Local and cloud targets are run the same way, so that they can be shown side by side. How an answer
is made is in `services.run.making`, which comes in at the first one: a window at rest does without.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from landfall.core.events import PowerSample, RunEvent
from landfall.services.late_imports import late
from landfall.services.run.ends_in_turn import EndsInTurn

if TYPE_CHECKING:
    from landfall.core.costs.tariff import Tariff
    from landfall.core.energy.energy import RunEnergy
    from landfall.core.energy.wall import WallCalibration
    from landfall.core.errors import AppError
    from landfall.core.events import Ended
    from landfall.core.run.metrics import PromptCache, RunMetrics
    from landfall.services.egress import EgressLog
    from landfall.services.history.history import History
    from landfall.services.history.records import LoadRecord, RunRecord
    from landfall.services.hosts.opening import OpenAt
    from landfall.services.run.metering import Metering

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


RunUpdate = RunEvent | PowerSample | Kept

Begun = Callable[[str], Awaitable[None]]
"""Told the uid of a run when it begins, whether or not it can be stored yet."""


class Runs:
    """Runs targets and keeps what came of it.

    Attributes:
        history: Where it is kept.
        power: The sensors, once they were looked for.
        tariff: What electricity costs. calibration: of the way to the plug.
        idle_seconds: How long to wait after an answer for a baseline of its net energy.
        open_at: Makes the client of an Ollama at an address, with the token kept for it; None
            shows a token to nobody.
        ends: Where answers that end together wait to be kept.
    """

    def __init__(
        self,
        history: History,
        *,
        power: Metering | None = None,
        tariff: Tariff | None = None,
        calibration: WallCalibration | None = None,
        idle_seconds: float = 0.0,
        open_at: OpenAt | None = None,
    ) -> None:
        """Make it.

        Args:
            power: The sensors of this machine, which measure answers that are made here.
            tariff: What electricity costs; without one no cost is kept. calibration: of the way to
                the plug, where one was made.
            idle_seconds: How long to wait after an answer for a baseline of its net energy, where
                there is none. For a program that ends with the answer.
            open_at: As the attribute.
        """
        self.history = history
        self.power = power
        self.tariff, self.calibration = tariff, calibration
        self.idle_seconds = idle_seconds
        self.open_at = open_at
        self.ends = EndsInTurn()

    @property
    def egress(self) -> EgressLog:
        """Where what leaves the machine is written down."""
        return self.history

    def use_power(self, power: Metering) -> None:
        """The sensors were looked for; runs that begin from now on are metered by them."""
        self.power = power

    def use_tariff(self, tariff: Tariff | None, calibration: WallCalibration | None = None) -> None:
        """What electricity costs from now on, and how the plug is reckoned; what is kept stays."""
        self.tariff, self.calibration = tariff, calibration

    def stream(
        self,
        target: Target,
        ask: Ask,
        *,
        benchmark: int | None = None,
        part: str | None = None,
        begun: Begun | None = None,
    ) -> AsyncGenerator[RunUpdate, None]:
        """Everything as it happens, then `Kept`. What was cut is stored with what had come.

        An answer that came to its end is in the history before the sensors are waited for; its
        energy follows. Readings of the settle time are told too, after the end.

        Args:
            benchmark: Row of the benchmark it belongs to; part: which of its parts.
            begun: Awaited with the uid of the run before anything is asked.

        Raises:
            AppError: as the target does; the run is stored as aborted first.
        """
        making = late("landfall.services.run.making")
        made: AsyncGenerator[RunUpdate, None] = making.stream(
            self, target, ask, benchmark=benchmark, part=part, begun=begun
        )
        return made
