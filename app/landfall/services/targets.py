"""What can be asked: a model on an Ollama server, or a model at a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from landfall.core.events import Ended, RunEvent
from landfall.core.metrics import PromptCache
from landfall.services.cloud.budget import Budget, Consent, Quotes, cost_usd
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.egress import Purpose
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.runs import Ask, Cost, Facts, Place
from landfall.services.secrets import Secret

CLOUD_ANSWER_TOKENS = 1024
"""The longest answer of a paid call where nobody says: what the worst case is reckoned with."""


class OllamaTarget:
    """A model on an Ollama server.

    Attributes:
        place: Whether the server is on this machine: only then do its sensors measure the run.
    """

    def __init__(
        self,
        client: Ollama,
        model: str,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        num_thread: int | None = None,
        allow_remote: bool = False,
    ) -> None:
        self.place: Place = "local" if is_this_machine(client.url) else "network"
        self.host = client.url
        self.model = model
        self._client = client
        self._seed = seed
        self._temperature = temperature
        self._num_thread = num_thread
        self._allow_remote = allow_remote
        self._prompt_cache: PromptCache = "unknown"

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes; see `Ollama.chat` for what is raised."""
        if await self._client.loaded(self.model) is None:
            self._prompt_cache = "cold"
        options = Options(
            num_ctx=ask.context,
            num_predict=ask.num_predict,
            seed=self._seed,
            temperature=self._temperature,
            num_thread=self._num_thread,
        )
        shown = {} if self._allow_remote else await self._client.show(self.model)
        messages = [{"role": turn.role, "content": turn.text} for turn in ask.turns]
        answer = self._client.chat(
            self.model,
            messages,
            options=options,
            model_parameters=str(shown.get("parameters") or ""),
            allow_remote=self._allow_remote,
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def facts(self) -> Facts:
        """What the server says of itself and of the model in its memory, right after the answer."""
        version = await self._client.version()
        loaded = await self._client.loaded(self.model)
        conditions: dict[str, object] = {}
        if loaded is not None:
            conditions["context_given"] = loaded.context
            conditions["memory_bytes"] = loaded.size_bytes
            if loaded.size_bytes:
                conditions["gpu_share"] = round(loaded.gpu_bytes / loaded.size_bytes, 4)
        return Facts(
            digest=loaded.digest if loaded else None,
            engine=f"Ollama {version}",
            prompt_cache=self._prompt_cache,
            conditions=conditions,
        )

    def cost(self, end: Ended) -> Cost:
        """Nobody sends a bill: what it costs is electricity, which stands with the energy."""
        return Cost(usd=None, note="no provider's price: see the energy")


class CloudTarget:
    """A model at a provider. Every answer passes the budget, which holds consent and caps."""

    place: Place = "cloud"

    def __init__(
        self,
        provider: Provider,
        key: Secret | None,
        *,
        model: str,
        budget: Budget,
        quotes: Quotes,
        consent: Consent,
        purpose: Purpose,
    ) -> None:
        self.host = provider.address.host
        self.model = model
        self._provider = provider
        self._key = key
        self._budget = budget
        self._quotes = quotes
        self._consent = consent
        self._purpose = purpose
        self._at = datetime.now(UTC)

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes.

        Raises:
            BudgetExceeded: its worst case is more than was agreed to, or than the day has left.
            AppError: as `Provider.chat` does.
        """
        self._at = datetime.now(UTC)
        answer = self._budget.run(
            self._provider,
            self._key,
            model=self.model,
            messages=messages_of(ask),
            options=ChatOptions(max_tokens=ask.num_predict or CLOUD_ANSWER_TOKENS),
            purpose=self._purpose,
            consent=self._consent,
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def facts(self) -> Facts:
        """A provider shows nothing of its machines."""
        return Facts(engine=self._provider.row.name)

    def cost(self, end: Ended) -> Cost:
        """By the provider's own figure, or by its price for the tokens it counted."""
        usd, note = cost_usd(
            self._quotes,
            self._provider.row.id,
            model=self.model,
            usage=end.usage,
            at=self._at,
        )
        return Cost(usd=usd, note=note)


def messages_of(ask: Ask) -> tuple[Message, ...]:
    """The conversation as a provider takes it."""
    return tuple(Message(turn.role, turn.text) for turn in ask.turns)
