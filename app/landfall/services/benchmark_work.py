"""The steps of a benchmark of one model, in their order: idle, load, warm-up, what is measured."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from landfall.core import benchmark_summary as summary
from landfall.core.benchmark import (
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
from landfall.core.benchmark_summary import BenchRun
from landfall.core.errors import (
    AppError,
    Interrupted,
    OllamaUnavailable,
    OutOfMemory,
    ServerRefused,
)
from landfall.core.events import Ended, Piece, Sent
from landfall.core.provenance import Unknown
from landfall.services.benchmark_events import BenchEvent, BenchLane, BenchPart, BenchStep, Doing
from landfall.services.benchmark_lanes import lanes
from landfall.services.benchmark_plan import varied
from landfall.services.benchmark_target import KEEP_ALIVE, ChatTarget, EmbeddingTarget
from landfall.services.conditions import Lookout, MachineLook, ServerLook, of_server, throttling
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.runs import Ask, Facts, Kept, Runs, Turn

Idle = Callable[[Collection[str]], Awaitable[Unknown | object]]
"""Measures what the machine draws now, with these models in memory."""

WARM_UP_TOKENS = 64
WARM_UP_SECONDS = 1.0
LOOK_EVERY_SECONDS = 5.0
MOST_BROKEN = 3
"""After so many answers in a row that broke off, what is wrong is not one answer."""

HELD_SHARE = 0.1
"""Of a prompt: where a server may hold a larger part already, how fast it reads is not known."""

_ROOM_TOKENS = 128
_HELLO = "Hi"
_OF_ONE_ANSWER = (Interrupted, ServerRefused, OutOfMemory, OllamaUnavailable)
_ON_DISK = (
    "cold is out of the server's memory, with the file perhaps still in the system's cache: after "
    "a restart it takes longer"
)


@dataclass(slots=True, kw_only=True)
class Work:
    """One model being measured, and what came of it so far.

    Attributes:
        benchmark: Row of the history that its runs belong to.
        before: This machine before anything was asked. looks: while something was.
    """

    runs: Runs
    client: Ollama
    model: str
    kind: BenchKind
    plan: BenchPlan
    benchmark: int
    parameters: str
    lookout: Lookout
    idle: Idle | None = None
    digest: str | None = None
    engine: str | None = None
    before: MachineLook = field(default_factory=MachineLook)
    server: ServerLook = field(default_factory=ServerLook)
    looks: list[MachineLook] = field(default_factory=list)
    parts: list[PartResult] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    embeddings: list[EmbeddingResult] = field(default_factory=list)
    loads: Loads | None = None
    sustained: Sustained | None = None
    measured: list[BenchRun] = field(default_factory=list)
    _step: int = 0
    _number: int = field(default_factory=lambda: random.SystemRandom().randrange(10**6, 10**8))
    _answered: bool = False
    _broken: int = 0
    _warm: BenchRun | None = None
    _hello_tokens: int = 0

    @property
    def sweep(self) -> Sweep | None:
        """What the levels come to; None where there was none."""
        if not self.levels:
            return None
        return summary.sweep(
            self.levels,
            ttft_target_seconds=self.plan.ttft_target_seconds,
            parallel=self.server.parallel,
        )

    async def all(self) -> AsyncGenerator[BenchEvent, None]:
        """Everything in its order.

        Raises:
            AppError: the server is gone, nothing was ever answered, or answers keep breaking off.
        """
        self.before = await self.lookout.now()
        steps = (self._prepared(), self._warmed(), self._under_watch())
        for step in steps:
            async with aclosing(step) as events:
                async for event in events:
                    yield event

    async def _under_watch(self) -> AsyncGenerator[BenchEvent, None]:
        """What is measured; meanwhile the machine is looked at now and then."""
        measured = self._embedded() if self.kind is BenchKind.EMBEDDING else self._asked()
        watching = asyncio.create_task(self._watch())
        try:
            async with aclosing(measured) as events:
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

    # Before anything is measured

    async def _prepared(self) -> AsyncGenerator[BenchEvent, None]:
        """Idle draw without the model, its load, idle draw with it."""
        cold = self.plan.cold_load
        gone = await self._unloaded() if cold else False
        if self.idle is not None and gone:
            yield self._begin("idle", "unloaded")
            await self.idle([loaded.name for loaded in await self.client.ps()])
        yield self._begin("load", "cold" if gone else "warm")
        first, again = await self._load(), await self._load()
        if gone:
            reason = _ON_DISK
        elif cold:
            reason = "another program keeps the model in memory: it could not be unloaded"
        else:
            reason = "the model was not taken out of memory first"
        self.loads = Loads(cold_seconds=first if gone else None, warm_seconds=again, reason=reason)
        yield BenchPart(self.loads)
        self.server = await of_server(self.client, self.model, asked_context=self.plan.context)
        if self.idle is not None:
            yield self._begin("idle", "loaded")
            await self.idle([loaded.name for loaded in await self.client.ps()])

    async def _unloaded(self) -> bool:
        """Whether the model is out of memory now."""
        if await self.client.loaded(self.model) is None:
            return True
        return await self.client.unload(self.model)

    async def _load(self) -> float:
        begun = time.perf_counter()
        await self.client.load(self.model, options=self._options(), keep_alive=KEEP_ALIVE)
        return time.perf_counter() - begun

    def _options(self) -> Options:
        return Options(
            num_ctx=self.plan.context,
            seed=self.plan.seed,
            temperature=self.plan.temperature,
            repeat_penalty=self.plan.repeat_penalty,
            num_thread=self.plan.num_thread,
        )

    async def _warmed(self) -> AsyncGenerator[BenchEvent, None]:
        """Answers that are thrown away; they tell how long the others must be."""
        if not self.plan.warm_up:
            return
        yield self._begin("warm_up", "")
        thrown: list[BenchRun] = []
        if self.kind is BenchKind.EMBEDDING:
            answers = [self._vectors(self.plan.batches[0], WARM_UP_SECONDS, "warm_up", thrown)]
        else:
            middle = self.plan.prompts[len(self.plan.prompts) // 2]
            hello = BenchPrompt(name="warm_up", text=_HELLO, num_predict=1)
            short = replace(middle, num_predict=min(WARM_UP_TOKENS, middle.num_predict))
            answers = [
                self._one(0, ask, "warm_up", thrown)
                for ask in (self._ask(hello, same=True), self._ask(short))
            ]
        for answer in answers:
            async with aclosing(answer) as updates:
                async for update in updates:
                    yield update
        if self.kind is BenchKind.CHAT and len(thrown) == len(answers):
            self._hello_tokens = thrown[0].prompt_tokens or 0
            self._warm = thrown[-1]

    # Answers

    async def _asked(self) -> AsyncGenerator[BenchEvent, None]:
        for prompt in self.plan.prompts:
            done: list[BenchRun] = []
            for _ in range(self.plan.repetitions):
                yield self._begin("prompt", prompt.name)
                answer = self._one(0, self._ask(prompt, longer=True), prompt.name, done)
                async with aclosing(answer) as updates:
                    async for update in updates:
                        yield update
            self.measured += done
            self.parts.append(summary.part(prompt.name, done))
            yield BenchPart(self.parts[-1])
        if self.plan.sustained_seconds > 0:
            async with aclosing(self._without_pause()) as events:
                async for event in events:
                    yield event
        for count in self.plan.concurrency:
            async with aclosing(self._at_once(count)) as events:
                async for event in events:
                    yield event

    async def _without_pause(self) -> AsyncGenerator[BenchEvent, None]:
        yield self._begin("sustained", "")
        prompt, seen, done = self._middle(), len(self.looks), list[BenchRun]()
        begun = time.perf_counter()
        seconds = self.plan.sustained_seconds
        stream = lanes(
            1, lambda lane: self._one(lane, self._ask(prompt), "sustained", done), seconds=seconds
        )
        async with aclosing(stream) as updates:
            async for update in updates:
                yield update
        self.measured += done
        self.looks.append(await self.lookout.now())
        throttled, reasons = throttling([*self.looks[max(0, seen - 1) :]])
        like = next((part for part in self.parts if part.name == prompt.name), None)
        self.sustained = summary.sustained(
            [
                (run.ended_at - begun, run.decode_tok_s)
                for run in sorted(done, key=_ended_at)
                if run.complete and run.ended_at is not None and run.decode_tok_s is not None
            ],
            noise_share=like.decode_tok_s.noise_share if like and like.decode_tok_s else None,
            throttled=throttled,
            reasons=reasons,
        )
        yield BenchPart(self.sustained)

    async def _at_once(self, count: int) -> AsyncGenerator[BenchEvent, None]:
        yield self._begin("sweep", str(count))
        prompt, done = self._middle(), list[BenchRun]()
        name = f"sweep {count}"
        stream = lanes(
            count,
            lambda lane: self._one(lane, self._ask(prompt), name, done),
            seconds=self.plan.level_seconds,
        )
        async with aclosing(stream) as updates:
            async for update in updates:
                yield update
        self.measured += done
        self.levels.append(summary.level(count, done))
        yield BenchPart(self.levels[-1])

    def _middle(self) -> BenchPrompt:
        return self.plan.prompts[(len(self.plan.prompts) - 1) // 2]

    def _ask(self, prompt: BenchPrompt, *, longer: bool = False, same: bool = False) -> Ask:
        """A prompt that the server cannot hold, with an answer that lasts long enough."""
        self._number += 1
        text = prompt.text if same else varied(prompt.text, self._number)
        tokens = self._tokens(prompt) if longer else prompt.num_predict
        return Ask(turns=(Turn("user", text),), context=self.plan.context, num_predict=tokens)

    def _tokens(self, prompt: BenchPrompt) -> int:
        """How long an answer must be to last, as far as the context holds it."""
        warm = self._warm
        if warm is None or not warm.decode_tok_s or not warm.prompt_tokens:
            return prompt.num_predict
        wanted = math.ceil(warm.decode_tok_s * self.plan.answer_seconds)
        middle = self.plan.prompts[len(self.plan.prompts) // 2]
        per_word = warm.prompt_tokens / max(1, len(middle.text.split()))
        taken = int(per_word * len(prompt.text.split())) + _ROOM_TOKENS
        room = int(self.server.told.get("context_given") or self.plan.context) - taken
        return max(prompt.num_predict, min(wanted, room))

    # Vectors

    async def _embedded(self) -> AsyncGenerator[BenchEvent, None]:
        for batch in self.plan.batches:
            done: list[BenchRun] = []
            for _ in range(self.plan.repetitions):
                yield self._begin("embed", str(batch))
                answer = self._vectors(batch, self.plan.batch_seconds, f"embed {batch}", done)
                async with aclosing(answer) as updates:
                    async for update in updates:
                        yield update
            self.measured += done
            self.embeddings.append(summary.embedding(batch, done))
            yield BenchPart(self.embeddings[-1])

    async def _vectors(
        self, batch: int, seconds: float, part: str, into: list[BenchRun]
    ) -> AsyncGenerator[BenchLane, None]:
        self._number += batch * 10
        target = EmbeddingTarget(
            self.client,
            self.model,
            options=self._options(),
            batch=batch,
            seconds=seconds,
            seed=self._number,
        )
        ask = Ask(
            turns=(Turn("user", f"{batch} texts in each request"),), context=self.plan.context
        )
        async with aclosing(self._run(target, 0, ask, part, into)) as updates:
            async for update in updates:
                yield update
        if into and into[-1].complete:
            into[-1] = replace(into[-1], texts=target.texts, requests=target.requests)

    # One run

    def _one(
        self, lane: int, ask: Ask, part: str, into: list[BenchRun]
    ) -> AsyncGenerator[BenchLane, None]:
        target = ChatTarget(
            self.client, self.model, options=self._options(), model_parameters=self.parameters
        )
        return self._run(target, lane, ask, part, into)

    async def _run(
        self,
        target: ChatTarget | EmbeddingTarget,
        lane: int,
        ask: Ask,
        part: str,
        into: list[BenchRun],
    ) -> AsyncGenerator[BenchLane, None]:
        """One run in its lane. One that breaks off is counted, unless the server is gone."""
        target.facts_now = self._facts()
        times = _Times()
        kept: Kept | None = None
        stream = self.runs.stream(target, ask, benchmark=self.benchmark, part=part)
        try:
            async with aclosing(stream) as updates:
                async for update in updates:
                    match update:
                        case Sent(at=at):
                            times.sent = at
                        case Piece(at=at):
                            times.first = at if times.first is None else times.first
                        case Ended(at=at):
                            times.ended = at
                        case Kept():
                            kept = update
                    yield BenchLane(lane, update)
        except _OF_ONE_ANSWER as error:
            into.append(_broken_off(error.message))
            await self._after(error)
            return
        assert kept is not None, "a run that raises nothing is kept"
        into.append(self._bench_run(kept, times))
        await self._after(None)

    async def _after(self, error: AppError | None) -> None:
        """Goes on, or not.

        Raises:
            AppError: the server is gone, nothing was ever answered, or answers keep breaking off.
        """
        if error is None:
            self._answered, self._broken = True, 0
            return
        await self.client.version()  # a server that is gone ends it here
        self._broken += 1
        if not self._answered or self._broken >= MOST_BROKEN:
            raise error

    def _facts(self) -> Facts:
        options = {
            name: value
            for name, value in (
                ("seed", self.plan.seed),
                ("temperature", self.plan.temperature),
                ("repeat_penalty", self.plan.repeat_penalty),
                ("num_thread", self.plan.num_thread),
            )
            if value is not None
        }
        return Facts(
            digest=self.digest,
            engine=self.engine,
            conditions={**options, **dict(self.server.told)},
        )

    def _bench_run(self, kept: Kept, times: _Times) -> BenchRun:
        metrics = kept.metrics
        reasons = dict(metrics.reasons)
        prefill = metrics.prefill_tok_s
        held = self._hello_tokens / metrics.prompt_tokens if metrics.prompt_tokens else 0.0
        if prefill is not None and held > HELD_SHARE and self._warm is not None:
            prefill = None
            reasons["prefill_tok_s"] = (
                f"about {self._hello_tokens} of its {metrics.prompt_tokens} tokens are the "
                "model's template, which the server may hold already"
            )
        return BenchRun(
            row=kept.record.id,
            complete=metrics.complete,
            gross=kept.energy.gross,
            net=kept.energy.net,
            sent_at=times.sent,
            first_at=times.first,
            ended_at=times.ended,
            load_seconds=metrics.load_seconds,
            ttft_seconds=metrics.ttft_seconds,
            prefill_tok_s=prefill,
            decode_tok_s=metrics.decode_tok_s,
            inter_token_p95_seconds=metrics.inter_token_p95_seconds,
            prompt_tokens=metrics.prompt_tokens,
            output_tokens=metrics.output_tokens,
            why="" if metrics.complete else metrics.reason("done_reason"),
            reasons=reasons,
        )

    # Steps

    def _begin(self, doing: Doing, name: str) -> BenchStep:
        self._step += 1
        return BenchStep(self.model, doing, name, self._step, self._steps())

    def _steps(self) -> int:
        plan = self.plan
        before = 1 + plan.warm_up
        if self.idle is not None:
            before += 1 + (self.loads is None or self.loads.cold_seconds is not None)
        if self.kind is BenchKind.EMBEDDING:
            return before + plan.repetitions * len(plan.batches)
        asked = plan.repetitions * len(plan.prompts)
        return before + asked + (plan.sustained_seconds > 0) + len(plan.concurrency)


@dataclass(slots=True)
class _Times:
    sent: float | None = None
    first: float | None = None
    ended: float | None = None


def _broken_off(why: str) -> BenchRun:
    nothing = Unknown("the answer did not come to its end")
    return BenchRun(row=0, complete=False, gross=nothing, net=nothing, why=why)


def _ended_at(run: BenchRun) -> float:
    return run.ended_at or 0.0
