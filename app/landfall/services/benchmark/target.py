"""What a benchmark asks: one model on one server, with the same options in every request.

Unlike the target of a single answer these ask the server nothing beside the answer itself: what
is true of the model was found out once, before.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from landfall.core.events import Counters, Ended, RunEvent, Sent
from landfall.services.benchmark.plan import texts_of
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.run.answering import Ask, Cost, Facts, Place

KEEP_ALIVE = "5m"
"""Sent with every request: a server that is set to let go of a model at once would load it anew
for each answer."""

_POOL_BATCHES = 4
_NO_BILL = "no provider's price: see the energy"


def place_of(client: Ollama) -> Place:
    """Whether the server is on this machine."""
    return "local" if is_this_machine(client.url) else "network"


class ChatTarget:
    """Answers.

    Attributes:
        facts_now: What is true of the model, told with every run.
    """

    def __init__(
        self, client: Ollama, model: str, *, options: Options, model_parameters: str
    ) -> None:
        self.place: Place = place_of(client)
        self.host = client.url
        self.model = model
        self.facts_now = Facts()
        self._client = client
        self._options = options
        self._model_parameters = model_parameters

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes; see `Ollama.chat` for what is raised."""
        answer = self._client.chat(
            self.model,
            [{"role": turn.role, "content": turn.text} for turn in ask.turns],
            options=replace(self._options, num_ctx=ask.context, num_predict=ask.num_predict),
            model_parameters=self._model_parameters,
            keep_alive=KEEP_ALIVE,
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def facts(self) -> Facts:
        """What was found out before."""
        return self.facts_now

    async def in_memory(self) -> bool | None:
        """As the server tells it."""
        return await self._client.loaded(self.model) is not None

    def cost(self, end: Ended) -> Cost:
        """Nobody sends a bill."""
        return Cost(usd=None, note=_NO_BILL)


class EmbeddingTarget:
    """Vectors: one run is as many requests, one after the other, as fit into a time.

    A single request is over in milliseconds, which no sensor of power can see.

    Attributes:
        texts, requests: Of the run that ended last.
        facts_now: What is true of the model, told with every run.
    """

    def __init__(
        self,
        client: Ollama,
        model: str,
        *,
        options: Options,
        batch: int,
        seconds: float,
        seed: int,
    ) -> None:
        self.place: Place = place_of(client)
        self.host = client.url
        self.model = model
        self.facts_now = Facts()
        self.texts = 0
        self.requests = 0
        self._client = client
        self._options = options
        self._batch = batch
        self._seconds = seconds
        self._pool = texts_of(batch * _POOL_BATCHES, seed=seed)

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """`Sent` at the first request, `Ended` with the tokens of all of them.

        Raises:
            AppError: as `Ollama.embed` does.
        """
        self.texts = self.requests = 0
        tokens: int | None = 0
        begun = now = time.perf_counter()
        yield Sent(begun)
        while self.requests == 0 or now - begun < self._seconds:
            first = self.requests % _POOL_BATCHES * self._batch
            found = await self._client.embed(
                self.model,
                self._pool[first : first + self._batch],
                options=replace(self._options, num_ctx=ask.context),
                keep_alive=KEEP_ALIVE,
            )
            now = time.perf_counter()
            self.requests += 1
            self.texts += len(found.vectors)
            counted = found.prompt_tokens
            tokens = None if tokens is None or counted is None else tokens + counted
        # Vectors are no tokens: that none came out is known.
        counters = Counters(total_seconds=now - begun, prompt_tokens=tokens, output_tokens=0)
        yield Ended(now, "stop", counters)

    async def facts(self) -> Facts:
        """What was found out before, and how much was done in this run."""
        done = {"batch": self._batch, "texts": self.texts, "requests": self.requests}
        return replace(self.facts_now, conditions={**self.facts_now.conditions, **done})

    async def in_memory(self) -> bool | None:
        """As the server tells it."""
        return await self._client.loaded(self.model) is not None

    def cost(self, end: Ended) -> Cost:
        """Nobody sends a bill."""
        return Cost(usd=None, note=_NO_BILL)
