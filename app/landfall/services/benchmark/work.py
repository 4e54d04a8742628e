"""The steps of a benchmark of one model, in their order: idle, load, warm-up, what is measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from landfall.core.benchmark import summary
from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchPlan,
    BenchPrompt,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Sustained,
    Sweep,
)
from landfall.core.benchmark.summary import BenchRun
from landfall.core.energy.idle import IdleDraw
from landfall.core.provenance import Unknown
from landfall.services.benchmark.answers import Answers
from landfall.services.benchmark.events import BenchEvent, BenchPart, BenchStep, Doing
from landfall.services.benchmark.lanes import lanes
from landfall.services.benchmark.target import KEEP_ALIVE
from landfall.services.run.conditions import Lookout, MachineLook, of_server, throttling
from landfall.services.run.metering import Metering

WARM_UP_TOKENS = 64
WARM_UP_SECONDS = 1.0
LOOK_EVERY_SECONDS = 5.0
IDLE_SECONDS = 10.0

_HELLO = BenchPrompt(name="hello", text="Hi", num_predict=1)
_IN_CACHE = "the file may have been in the system's cache, and takes longer after a restart"
_HELD = "another program keeps the model in memory: it could not be unloaded"
_NOT_COLD = "the model was not taken out of memory first"


@dataclass(slots=True, kw_only=True)
class Work:
    """One model being measured, and what came of it so far.

    Attributes:
        power: The sensors, where the model runs on this machine and there are any.
        before: This machine before anything was asked. looks: while something was.
        idle: What the machine draws with nothing to do, without the model and with it.
        parts, embeddings: As far as their repetitions have ended, the one under way included.
        level_under_way: So many at once are asked now; no figure before they all ended.
    """

    answers: Answers
    kind: BenchKind
    plan: BenchPlan
    lookout: Lookout
    power: Metering | None = None
    before: MachineLook = field(default_factory=MachineLook)
    looks: list[MachineLook] = field(default_factory=list)
    idle: dict[str, IdleDraw | Unknown] = field(default_factory=dict)
    parts: list[PartResult] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    embeddings: list[EmbeddingResult] = field(default_factory=list)
    loads: Loads | None = None
    sustained: Sustained | None = None
    level_under_way: int | None = None
    _step: int = 0
    _gone: bool = False

    @property
    def sweep(self) -> Sweep | None:
        """What the levels come to; None where there was none."""
        if not self.levels:
            return None
        return summary.sweep(
            self.levels,
            ttft_target_seconds=self.plan.ttft_target_seconds,
            parallel=self.answers.server.parallel,
        )

    async def all(self) -> AsyncGenerator[BenchEvent, None]:
        """Everything in its order.

        Raises:
            AppError: as `Answers` does, or the model cannot be loaded.
        """
        self.before = await self.lookout.at_rest()
        for step in (self._prepared(), self._warmed(), self._measured()):
            async with aclosing(step) as events:
                async for event in events:
                    yield event

    # Before anything is measured

    async def _prepared(self) -> AsyncGenerator[BenchEvent, None]:
        """Idle draw without the model, its load, idle draw with it."""
        gone = self._gone = self.plan.cold_load and await self._unloaded()
        if self.power is not None and gone:
            yield self._begin("idle", "unloaded")
            await self._rest("unloaded", self.power)
        yield self._begin("load", "cold" if gone else "warm")
        first, again = await self._load(), await self._load()
        reason = _IN_CACHE if gone else _HELD if self.plan.cold_load else _NOT_COLD
        self.loads = Loads(cold_seconds=first if gone else None, warm_seconds=again, reason=reason)
        yield BenchPart(self.loads)
        answers = self.answers
        answers.server = await of_server(
            answers.client, answers.model, asked_context=self.plan.context
        )
        if self.power is not None:
            yield self._begin("idle", "loaded")
            await self._rest("loaded", self.power, answers.model)

    async def _unloaded(self) -> bool:
        """Whether the model is out of memory now."""
        client, model = self.answers.client, self.answers.model
        return await client.loaded(model) is None or await client.unload(model)

    async def _load(self) -> float:
        begun = time.perf_counter()
        await self.answers.client.load(
            self.answers.model, options=self.answers.options, keep_alive=KEEP_ALIVE
        )
        return time.perf_counter() - begun

    async def _rest(self, name: str, power: Metering, *model: str) -> None:
        """Measure what is drawn while nothing is asked."""
        loaded = {one.name for one in await self.answers.client.ps()}
        self.idle[name] = await power.measure_idle(IDLE_SECONDS, models={*loaded, *model})

    async def _warmed(self) -> AsyncGenerator[BenchEvent, None]:
        """Answers that are thrown away; they tell how long the others must be."""
        if not self.plan.warm_up:
            return
        yield self._begin("warm_up", "")
        answers, thrown = self.answers, list[BenchRun]()
        if self.kind is BenchKind.EMBEDDING:
            runs = [answers.vectors(self.plan.batches[0], WARM_UP_SECONDS, "warm_up", thrown)]
        else:
            prompt = self.plan.usual
            short = replace(prompt, num_predict=min(WARM_UP_TOKENS, prompt.num_predict))
            runs = [
                answers.chat(0, answers.ask(_HELLO, same=True), "warm_up", thrown),
                answers.chat(0, answers.ask(short), "warm_up", thrown),
            ]
        for run in runs:
            async with aclosing(run) as updates:
                async for update in updates:
                    yield update
            if self.kind is BenchKind.CHAT and answers.hello_tokens is None:
                answers.hello_tokens = thrown[-1].prompt_tokens or 0
        answers.rate_tok_s = thrown[-1].decode_tok_s

    # What is measured

    async def _measured(self) -> AsyncGenerator[BenchEvent, None]:
        """Everything that counts; meanwhile the machine is looked at now and then."""
        if self.kind is BenchKind.EMBEDDING:
            steps = [self._embedded(batch) for batch in self.plan.batches]
        else:
            steps = [self._asked(prompt) for prompt in self.plan.prompts]
            if self.plan.sustained_seconds > 0:
                steps.append(self._without_pause())
            steps += [self._at_once(count) for count in self.plan.concurrency]
        watching = asyncio.create_task(self._watch())
        try:
            for step in steps:
                async with aclosing(step) as events:
                    async for event in events:
                        yield event
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        while True:
            self.looks.append(await self.lookout.now())
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _asked(self, prompt: BenchPrompt) -> AsyncGenerator[BenchEvent, None]:
        done, here = list[BenchRun](), len(self.parts)
        for _ in range(self.plan.repetitions):
            yield self._begin("prompt", prompt.name)
            ask = self.answers.ask(prompt, longer=True)
            async with aclosing(self.answers.chat(0, ask, prompt.name, done)) as updates:
                async for update in updates:
                    yield update
            if any(run.complete for run in done):
                self.parts[here:] = [summary.part(prompt.name, done)]
        self.parts[here:] = [summary.part(prompt.name, done)]
        yield BenchPart(self.parts[here])

    async def _without_pause(self) -> AsyncGenerator[BenchEvent, None]:
        yield self._begin("sustained", "")
        prompt, done, answers = self.plan.usual, list[BenchRun](), self.answers
        seen, begun = len(self.looks), time.perf_counter()
        stream = lanes(
            1,
            lambda lane: answers.chat(lane, answers.ask(prompt), "sustained", done),
            seconds=self.plan.sustained_seconds,
        )
        try:
            async with aclosing(stream) as updates:
                async for update in updates:
                    yield update
            self.looks.append(await self.lookout.now())
        finally:  # also of one that is cut: it lasted as long as it did
            throttled, reasons = throttling([self.before, *self.looks[seen:]])
            lasted = summary.sustained(
                _points(done, begun),
                noise_share=self._noise(prompt.name),
                throttled=throttled,
                reasons=reasons,
            )
            self.sustained = lasted if lasted.points else None
        self.sustained = lasted
        yield BenchPart(lasted)

    def _noise(self, name: str) -> float | None:
        """How far apart the repetitions of a prompt were."""
        found = next((part.decode_tok_s for part in self.parts if part.name == name), None)
        return found.noise_share if found else None

    async def _at_once(self, count: int) -> AsyncGenerator[BenchEvent, None]:
        yield self._begin("sweep", str(count))
        prompt, done, answers = self.plan.usual, list[BenchRun](), self.answers
        self.level_under_way = count
        stream = lanes(
            count,
            lambda lane: answers.chat(lane, answers.ask(prompt), f"sweep {count}", done),
            seconds=self.plan.level_seconds,
        )
        async with aclosing(stream) as updates:
            async for update in updates:
                yield update
        self.level_under_way = None
        self.levels.append(summary.level(count, done))
        yield BenchPart(self.levels[-1])

    async def _embedded(self, batch: int) -> AsyncGenerator[BenchEvent, None]:
        done, here = list[BenchRun](), len(self.embeddings)
        seconds = self.plan.batch_seconds
        for _ in range(self.plan.repetitions):
            yield self._begin("embed", str(batch))
            run = self.answers.vectors(batch, seconds, f"embed {batch}", done)
            async with aclosing(run) as updates:
                async for update in updates:
                    yield update
            if any(run.complete for run in done):
                self.embeddings[here:] = [summary.embedding(batch, done)]
        self.embeddings[here:] = [summary.embedding(batch, done)]
        yield BenchPart(self.embeddings[here])

    # Steps

    def _begin(self, doing: Doing, name: str) -> BenchStep:
        self._step += 1
        answers = self.answers
        return BenchStep(
            answers.model, doing, name, self._step, self._steps(), row=answers.benchmark
        )

    def _steps(self) -> int:
        """How many there are in all, as far as that is known by now."""
        plan = self.plan
        before = 1 + plan.warm_up
        if self.power is not None:
            before += 1 + self._gone
        if self.kind is BenchKind.EMBEDDING:
            return before + plan.repetitions * len(plan.batches)
        asked = plan.repetitions * len(plan.prompts)
        return before + asked + (plan.sustained_seconds > 0) + len(plan.concurrency)


def _points(runs: list[BenchRun], begun: float) -> list[tuple[float, float]]:
    """When each answer ended, and how fast it was written."""
    return sorted(
        (run.ended_at - begun, run.decode_tok_s)
        for run in runs
        if run.complete and run.ended_at is not None and run.decode_tok_s is not None
    )
