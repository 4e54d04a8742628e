"""What can be asked: a model on an Ollama server, or a model at a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from landfall.core.events import Ended, Piece, RunEvent
from landfall.core.hosts.runtime import LoadedModel, gpu_share
from landfall.core.models.model_names import shortest
from landfall.core.run.metrics import PromptCache
from landfall.core.run.token_estimate import ESTIMATED, completed
from landfall.services.cloud.budget import STATED, Budget, Consent, Quotes, cost_usd
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.egress import Purpose
from landfall.services.history.records import LoadRecord
from landfall.services.keys.secret import Secret
from landfall.services.models import load_check
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.run.answering import Ask, Cost, Facts, Place

CLOUD_ANSWER_TOKENS = 1024
"""The longest answer of a paid call where nobody says: what the worst case is reckoned with."""


class OllamaTarget:
    """A model on an Ollama server.

    Attributes:
        place: Whether the server is on this machine: only then do its sensors measure the run.
        model: Its name as the server lists it, so that a run asked for without a tag is kept as
            the same model as one with it.
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
        self.model = shortest(model)
        self._client = client
        self._seed = seed
        self._temperature = temperature
        self._num_thread = num_thread
        self._allow_remote = allow_remote
        self._prompt_cache: PromptCache = "unknown"
        self._before: LoadedModel | None = None
        self._context: int | None = None
        self._prompt_tokens: int | None = None
        self._trained: int | None = None

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes; see `Ollama.chat` for what is raised."""
        self._before = await self._client.loaded(self.model)
        self._context = ask.context
        if self._before is None:
            self._prompt_cache = "cold"
        elif any(turn.role == "assistant" for turn in ask.turns):
            # What was said before stands in the server's cache: only the rest is read.
            self._prompt_cache = "hit"
        options = Options(
            num_ctx=ask.context,
            num_predict=ask.num_predict,
            seed=self._seed,
            temperature=self._temperature,
            num_thread=self._num_thread,
        )
        shown = {} if self._allow_remote else await self._client.show(self.model)
        self._trained = _trained_context(shown)
        messages = [{"role": turn.role, "content": turn.text} for turn in ask.turns]
        answer = self._client.chat(
            self.model,
            messages,
            options=options,
            model_parameters=str(shown.get("parameters") or ""),
            allow_remote=self._allow_remote,
            **_thinking(ask, shown),
        )
        async with aclosing(answer) as events:
            async for event in events:
                if isinstance(event, Ended) and event.counters is not None:
                    self._prompt_tokens = event.counters.prompt_tokens
                yield event

    async def facts(self) -> Facts:
        """What the server says of itself and of the model in its memory, right after the answer.

        A load that the run brought about is looked at once.
        """
        version = await self._client.version()
        loaded = await self._client.loaded(self.model)
        load: LoadRecord | None = None
        conditions: dict[str, object] = {}
        if loaded is not None:
            conditions["context_given"] = loaded.context
            if self._trained is not None:
                conditions["context_trained"] = self._trained
            conditions["memory_bytes"] = loaded.size_bytes
            share = gpu_share(loaded)
            if share is not None:
                conditions["gpu_share"] = round(share, 4)
            if _is_new(loaded, self._before):
                check = await load_check.look(
                    self._client,
                    loaded,
                    prompt_tokens=self._prompt_tokens,
                    asked_context=self._context,
                )
                load = load_check.record_of(check, self.host)
                conditions |= _of_load(load)
        return Facts(
            digest=loaded.digest if loaded else None,
            engine=f"Ollama {version}",
            prompt_cache=self._prompt_cache,
            conditions=conditions,
            load=load,
        )

    async def in_memory(self) -> bool | None:
        """As the server tells it; of a model that it forwards to a cloud it tells nothing."""
        if self._allow_remote:
            return None
        return await self._client.loaded(self.model) is not None

    def cost(self, end: Ended) -> Cost:
        """Nobody sends a bill: what it costs is electricity, which stands with the energy."""
        return Cost(usd=None, note="no provider's price: see the energy")


def _is_new(loaded: LoadedModel, before: LoadedModel | None) -> bool:
    """Whether the run loaded it: it was not there, or not like that."""
    if before is None:
        return True
    return (loaded.context, loaded.size_bytes) != (before.context, before.size_bytes)


def _thinking(ask: Ask, shown: Mapping[str, Any]) -> dict[str, bool]:
    """The field that turns thinking on or off, for a model that can: others refuse to be told."""
    can = "thinking" in (shown.get("capabilities") or ())
    return {} if ask.think is None or not can else {"think": ask.think}


def _trained_context(shown: Mapping[str, Any]) -> int | None:
    """Tokens that the model was trained for, as the server reads them from its file."""
    info = shown.get("model_info") or {}
    value = info.get(f"{info.get('general.architecture')}.context_length")
    return value if isinstance(value, int) else None


def _of_load(load: LoadRecord) -> dict[str, object]:
    """What is kept with the run itself; what is not known is left out."""
    found = {
        "memory_predicted_bytes": load.predicted_ps_bytes,
        "process_bytes": load.process_bytes,
        "process_predicted_bytes": load.predicted_process_bytes,
    }
    return {name: value for name, value in found.items() if value is not None}


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
            options=ChatOptions(
                max_tokens=ask.num_predict or CLOUD_ANSWER_TOKENS,
                temperature=ask.temperature,
                seed=ask.seed,
            ),
            purpose=self._purpose,
            consent=self._consent,
        )
        pieces: list[Piece] = []
        async with aclosing(answer) as events:
            async for event in events:
                match event:
                    case Piece():
                        pieces.append(event)
                    case Ended(usage=usage):
                        prompt = [turn.text for turn in ask.turns]
                        told = completed(usage, prompt=prompt, pieces=pieces)
                        yield replace(event, usage=told)
                        continue
                    case _:
                        pass
                yield event

    async def facts(self) -> Facts:
        """A provider shows nothing of its machines."""
        return Facts(engine=self._provider.row.name)

    async def in_memory(self) -> bool | None:
        """Nor of what they hold."""
        return None

    def cost(self, end: Ended) -> Cost:
        """By the provider's own figure, or by its price for the tokens it counted."""
        usd, note = cost_usd(
            self._quotes,
            self._provider.row.id,
            model=self.model,
            usage=end.usage,
            at=self._at,
        )
        estimated = end.usage is not None and end.usage.estimated and note != STATED
        return Cost(usd=usd, note=f"{ESTIMATED} tokens, {note}" if estimated else note)


def messages_of(ask: Ask) -> tuple[Message, ...]:
    """The conversation as a provider takes it."""
    return tuple(Message(turn.role, turn.text) for turn in ask.turns)
