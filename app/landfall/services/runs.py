"""One answer from its beginning to its end: streamed, metered, measured, kept.

Local and cloud targets are run the same way, so that they can be shown side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeVar

from landfall.core.energy import RunEnergy, energy, together, unmetered
from landfall.core.errors import AppError
from landfall.core.events import Aborted, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.metrics import PromptCache, RunMetrics, measure
from landfall.core.power import Meter, outermost
from landfall.core.provenance import Unknown, middle
from landfall.services.egress import EgressLog
from landfall.services.history import History
from landfall.services.records import LoadRecord, RunRecord, new_uid, now_iso

T = TypeVar("T")
Place = Literal["local", "network", "cloud"]
"""Where an answer is made: this machine, another machine of ours, or a provider."""

STOPPED = "stopped by you"
NO_POWER_SOURCE = "no power source can be read on this machine"


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
    """

    turns: tuple[Turn, ...]
    context: int
    num_predict: int | None = None
    workload: str | None = None

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


class PowerWatch(Protocol):
    """The sensors of the machine that a local target runs on."""

    @property
    def meters(self) -> Sequence[Meter]:
        """The sources that can be read."""
        ...

    @property
    def reason(self) -> str:
        """Why there is none, or ""."""
        ...

    def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Readings until it is closed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The run is over and stored: its record, its measurements, its energy."""

    record: RunRecord
    metrics: RunMetrics
    energy: RunEnergy


RunUpdate = RunEvent | PowerSample | Kept


class Runs:
    """Runs targets and keeps what came of it."""

    def __init__(self, history: History, *, power: PowerWatch | None = None) -> None:
        self._history = history
        self._power = power

    @property
    def egress(self) -> EgressLog:
        """Where what leaves the machine is written down."""
        return self._history

    def use_power(self, power: PowerWatch) -> None:
        """The sensors were looked for; runs that begin from now on are metered by them."""
        self._power = power

    async def stream(
        self, target: Target, ask: Ask, *, benchmark: int | None = None, part: str | None = None
    ) -> AsyncGenerator[RunUpdate, None]:
        """Everything as it happens, then `Kept`. What was cut is stored with what had come.

        Args:
            benchmark: Row of the benchmark that the run belongs to; part: which of its parts.

        Raises:
            AppError: as the target does; the run is stored as aborted first.
        """
        begun = RunRecord(
            uid=new_uid(),
            started_at=now_iso(),
            place=target.place,
            host=target.host,
            model=target.model,
            workload=ask.workload,
            prompt=ask.question,
            conditions={"context": ask.context, "num_predict": ask.num_predict},
            benchmark=benchmark,
            part=part,
        )
        begun = replace(begun, id=await self._history.add_run(begun))
        power = self._power if target.place == "local" else None
        log = _Log(power.meters if power else ())
        kept: Kept | None = None
        try:
            async with aclosing(_merged(target.events(ask), power)) as updates:
                async for update in updates:
                    log.take(update)
                    yield update
            kept = await self._keep(target, begun, log, power)
        except AppError as error:
            log.cut(error.message)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            log.cut(STOPPED)
            raise
        finally:
            if kept is None:
                await self._keep(target, begun, log, power)
        yield kept

    async def _keep(
        self, target: Target, begun: RunRecord, log: _Log, power: PowerWatch | None
    ) -> Kept:
        facts = await _facts(target) if log.ended else Facts()
        metrics = measure(log.events, prompt_cache=facts.prompt_cache)
        spent = log.energy(power)
        cost = target.cost(log.ended) if log.ended else Cost(usd=None, note=log.why)
        record = replace(
            begun,
            digest=facts.digest,
            engine=facts.engine,
            state="done" if log.ended else "aborted",
            answer=log.text(thinking=False),
            thinking=log.text(thinking=True),
            done_reason=metrics.done_reason or log.why or None,
            **_measured(metrics),
            gross_joules=middle(spent.gross),
            net_joules=middle(spent.net),
            prefill_joules=middle(spent.prefill),
            decode_joules=middle(spent.decode),
            idle_watts=middle(spent.idle_watts),
            energy_scope=spent.scope or None,
            energy_grade=str(spent.grade),
            energy_error_share=spent.error_share,
            energy_reason=spent.gross.reason if isinstance(spent.gross, Unknown) else None,
            shared_with=spent.shared_with,
            cost_usd=cost.usd,
            cost_note=cost.note,
            conditions={**begun.conditions, **facts.conditions, **_rate_source(metrics)},
        )
        await self._history.finish_run(record, log.samples)
        if facts.load is not None:
            await self._history.add_load(facts.load)
        return Kept(record=record, metrics=metrics, energy=spent)


_KEPT = (
    "prompt_tokens",
    "output_tokens",
    "thinking_tokens",
    "load_seconds",
    "ttft_seconds",
    "first_answer_seconds",
    "total_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "client_decode_tok_s",
    "inter_token_p50_seconds",
    "inter_token_p95_seconds",
    "inter_token_p99_seconds",
)


def _measured(metrics: RunMetrics) -> dict[str, Any]:
    """What is kept of the measurements: the server's counters and the clock here, side by side.

    The decode rate of a provider that counts no time is that of the text as it arrived.
    """
    rate = metrics.decode_tok_s or metrics.client_decode_tok_s
    return {name: getattr(metrics, name) for name in _KEPT} | {"decode_tok_s": rate}


def _rate_source(metrics: RunMetrics) -> dict[str, str]:
    """Whose clock gave the decode rate: the server's counters, or the arrival of the pieces."""
    if metrics.decode_tok_s is not None:
        return {"decode_rate": "server counters"}
    return {} if metrics.client_decode_tok_s is None else {"decode_rate": "arrival of the text"}


async def _facts(target: Target) -> Facts:
    """A server that dies right after its answer costs the facts, not the answer."""
    try:
        return await target.facts()
    except AppError:
        return Facts()


class _Log:
    """What has happened so far."""

    def __init__(self, meters: Sequence[Meter]) -> None:
        self._meters = meters
        self.events: list[RunEvent] = []
        self.samples: list[PowerSample] = []
        self.ended: Ended | None = None
        self.why = ""

    def take(self, update: RunEvent | PowerSample) -> None:
        match update:
            case PowerSample():
                self.samples.append(update)
            case Ended():
                self.ended = update
                self.events.append(update)
            case Aborted(reason=reason):
                self.why = reason
                self.events.append(update)
            case _:
                self.events.append(update)

    def cut(self, why: str) -> None:
        """It ended before its end, and a run that ended already stays ended."""
        if self.ended is None and not self.why:
            self.why = why
            at = self.events[-1].at if self.events else 0.0
            self.events.append(Aborted(at, why))

    def text(self, *, thinking: bool) -> str:
        return "".join(
            e.text for e in self.events if isinstance(e, Piece) and e.thinking is thinking
        )

    def energy(self, power: PowerWatch | None) -> RunEnergy:
        """Between sending and end, and what the joules cover."""
        if power is None:
            return unmetered("the answer came from another machine")
        if not self._meters:
            return unmetered(power.reason or NO_POWER_SOURCE)
        start = next((e.at for e in self.events if isinstance(e, Sent)), None)
        if start is None or self.ended is None:
            return unmetered("the answer did not come to its end")
        parts = [
            energy(self.samples, meter, start=start, end=self.ended.at) for meter in self._meters
        ]
        gross, net = together(parts)
        apart = Unknown("prefill and decode were not told apart")
        return RunEnergy(
            gross=gross,
            net=net,
            prefill=apart,
            decode=apart,
            scope=" + ".join(sorted(outermost(part.scope for part in parts))),
        )


async def _merged(
    events: AsyncGenerator[RunEvent, None], power: PowerWatch | None
) -> AsyncGenerator[RunEvent | PowerSample, None]:
    """Both streams as one, in the order in which they come; the readings end with the events."""
    if power is None or not power.meters:
        async with aclosing(events):
            async for event in events:
                yield event
        return
    arrived: asyncio.Queue[RunEvent | PowerSample | None] = asyncio.Queue()
    answering = asyncio.create_task(_pour(events, arrived, last=None))
    metering = asyncio.create_task(_pour(power.samples(), arrived))
    try:
        while (update := await arrived.get()) is not None:
            yield update
        await answering
    finally:
        for task in (answering, metering):
            task.cancel()
            with suppress(asyncio.CancelledError, AppError):
                await task


_NOTHING: Any = object()


async def _pour(
    source: AsyncIterator[T], into: asyncio.Queue[Any], *, last: Any = _NOTHING
) -> None:
    try:
        async for item in source:
            into.put_nowait(item)
    finally:
        if last is not _NOTHING:
            into.put_nowait(last)
        if isinstance(source, AsyncGenerator):
            await source.aclose()
