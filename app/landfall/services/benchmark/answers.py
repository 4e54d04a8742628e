"""The single runs of a benchmark: what is asked, what came of it, and whether to go on."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from landfall.core.benchmark.benchmark import BenchPlan, BenchPrompt
from landfall.core.benchmark.summary import BenchRun
from landfall.core.energy.energy import unmetered
from landfall.core.errors import (
    AppError,
    Interrupted,
    OllamaUnavailable,
    OutOfMemory,
    ServerRefused,
)
from landfall.core.events import Ended, Piece, Sent
from landfall.core.run.metrics import RunMetrics
from landfall.services.benchmark.events import BenchLane
from landfall.services.benchmark.plan import varied
from landfall.services.benchmark.target import ChatTarget, EmbeddingTarget
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.run.answering import Ask, Facts, Kept, Turn
from landfall.services.run.conditions import ServerLook
from landfall.services.run.runs import Runs

MOST_BROKEN = 3
"""After so many answers in a row that broke off, what is wrong is not one answer."""

HELD_SHARE = 0.1
"""Of a prompt: where a server may hold a larger part already, how fast it reads is not known."""

WAS_CUT = "the prompt was cut to fit the context, and what is left may be held already"

_ROOM_TOKENS = 128
_CUT_FROM_SHARE = 0.45
"""A prompt that is too long is cut to the context (0.24) or to about half of it (0.32)."""

_CUT_BELOW_SHARE = 0.8
_OF_ONE_ANSWER = (Interrupted, ServerRefused, OutOfMemory, OllamaUnavailable)
_NO_END = "the answer did not come to its end"


@dataclass(slots=True, kw_only=True)
class Answers:
    """Runs of one model, all with the same options, so that it is never loaded anew.

    Attributes:
        benchmark: Row of the history that the runs belong to.
        server: What is known of the model in memory, told with every run.
        hello_tokens: What a prompt of one word takes: the template around it.
        rate_tok_s: How fast it writes, as far as is known.
    """

    runs: Runs
    client: Ollama
    model: str
    plan: BenchPlan
    benchmark: int
    parameters: str = ""
    digest: str | None = None
    engine: str | None = None
    server: ServerLook = field(default_factory=ServerLook)
    hello_tokens: int | None = None
    rate_tok_s: float | None = None
    _tokens_per_word: float = 0.0
    _number: int = field(default_factory=lambda: random.SystemRandom().randrange(10**6, 10**8))
    _answered: bool = False
    _broken: int = 0

    @property
    def options(self) -> Options:
        """The same in every request."""
        return Options(
            num_ctx=self.plan.context,
            seed=self.plan.seed,
            temperature=self.plan.temperature,
            repeat_penalty=self.plan.repeat_penalty,
            num_thread=self.plan.num_thread,
        )

    def ask(self, prompt: BenchPrompt, *, longer: bool = False, same: bool = False) -> Ask:
        """A prompt that the server cannot hold already.

        Args:
            longer: With an answer that takes as long as the plan says.
            same: The text as it is.
        """
        self._number += 1
        text = prompt.text if same else varied(prompt.text, self._number)
        tokens = self._long_enough(prompt) if longer else prompt.num_predict
        return Ask(turns=(Turn("user", text),), context=self.plan.context, num_predict=tokens)

    def _long_enough(self, prompt: BenchPrompt) -> int:
        """Tokens of an answer that lasts, as far as the context holds them."""
        if not self.rate_tok_s:
            return prompt.num_predict
        wanted = math.ceil(self.rate_tok_s * self.plan.answer_seconds)
        room = self._context - int(self._expected_tokens(prompt.text)) - _ROOM_TOKENS
        return max(prompt.num_predict, min(wanted, room))

    @property
    def _context(self) -> int:
        return int(self.server.told.get("context_given") or self.plan.context)

    def _expected_tokens(self, text: str) -> float:
        """By the words, which are about a token each at least, and by what was seen of others."""
        return len(text.split()) * max(1.0, self._tokens_per_word)

    def chat(
        self, lane: int, ask: Ask, part: str, into: list[BenchRun]
    ) -> AsyncGenerator[BenchLane, None]:
        """One answer; what came of it is added to `into` at its end."""
        target = ChatTarget(
            self.client, self.model, options=self.options, model_parameters=self.parameters
        )
        return self._run(target, lane, ask, part, into)

    async def vectors(
        self, batch: int, seconds: float, part: str, into: list[BenchRun]
    ) -> AsyncGenerator[BenchLane, None]:
        """Requests of so many texts for so long, as one run."""
        self._number += 1000
        target = EmbeddingTarget(
            self.client,
            self.model,
            options=self.options,
            batch=batch,
            seconds=seconds,
            seed=self._number,
        )
        text = "1 text in each request" if batch == 1 else f"{batch} texts in each request"
        ask = Ask(turns=(Turn("user", text),), context=self.plan.context)
        async with aclosing(self._run(target, 0, ask, part, into)) as updates:
            async for update in updates:
                yield update
        if into[-1].complete:
            into[-1] = replace(into[-1], texts=target.texts, requests=target.requests)

    async def _run(
        self,
        target: ChatTarget | EmbeddingTarget,
        lane: int,
        ask: Ask,
        part: str,
        into: list[BenchRun],
    ) -> AsyncGenerator[BenchLane, None]:
        """One run in its lane. One that breaks off is counted, unless it tells of worse.

        Raises:
            AppError: the server is gone, nothing was ever answered, or answers keep breaking off;
                or the history cannot be written.
        """
        target.facts_now = self._facts()
        times = _Times()
        kept: Kept | None = None
        stream = self.runs.stream(target, ask, benchmark=self.benchmark, part=part)
        try:
            async with aclosing(stream) as updates:
                async for update in updates:
                    times.take(update)
                    kept = update if isinstance(update, Kept) else kept
                    yield BenchLane(lane, update)
        except _OF_ONE_ANSWER as error:
            into.append(_broken_off(error.message))
            await self._go_on(error)
            return
        assert kept is not None, "a run that raises nothing is kept"
        self._answered, self._broken = True, 0
        into.append(self._bench_run(kept, times, ask))

    async def _go_on(self, error: AppError) -> None:
        await self.client.version()  # a server that is gone ends it here
        self._broken += 1
        if not self._answered or self._broken >= MOST_BROKEN:
            raise error

    def _facts(self) -> Facts:
        options = {
            "seed": self.plan.seed,
            "temperature": self.plan.temperature,
            "repeat_penalty": self.plan.repeat_penalty,
        }
        if self.plan.num_thread is not None:
            options["num_thread"] = self.plan.num_thread
        return Facts(
            digest=self.digest,
            engine=self.engine,
            conditions={**options, **self.server.told},
        )

    def _bench_run(self, kept: Kept, times: _Times, ask: Ask) -> BenchRun:
        metrics = kept.metrics
        reasons = dict(metrics.reasons)
        prefill = metrics.prefill_tok_s
        if void := self._void(metrics, ask.question):
            prefill = None
            reasons["prefill_tok_s"] = void
        return BenchRun(
            row=kept.record.id,
            complete=metrics.complete,
            energy=kept.energy,
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

    def _void(self, metrics: RunMetrics, text: str) -> str:
        """Why the rate of reading a prompt means nothing, or ""."""
        tokens = metrics.prompt_tokens
        if not tokens or self.hello_tokens is None:
            return ""
        if self._is_cut(tokens, text):
            return WAS_CUT
        own = max(0, tokens - self.hello_tokens)
        self._tokens_per_word = max(self._tokens_per_word, own / max(1, len(text.split())))
        if self.hello_tokens > HELD_SHARE * tokens:
            return (
                f"up to {self.hello_tokens} of its {tokens:,} tokens are the model's template, "
                "which the server may hold already"
            )
        return ""

    def _is_cut(self, tokens: int, text: str) -> bool:
        """Whether the server left out a part of the prompt, which it does without a word."""
        if tokens < len(text.split()):
            return True
        near = tokens >= _CUT_FROM_SHARE * self._context
        return near and tokens < _CUT_BELOW_SHARE * self._expected_tokens(text)


@dataclass(slots=True)
class _Times:
    """Moments of a run, on the clock of its events."""

    sent: float | None = None
    first: float | None = None
    ended: float | None = None

    def take(self, update: object) -> None:
        match update:
            case Sent(at=at):
                self.sent = at
            case Piece(at=at) if self.first is None:
                self.first = at
            case Ended(at=at):
                self.ended = at


def _broken_off(why: str) -> BenchRun:
    return BenchRun(row=0, complete=False, energy=unmetered(_NO_END), why=why)
