"""A model on an OpenAI-compatible host as something that answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType
from typing import Self

from landfall.core.events import Ended, Piece, RunEvent
from landfall.core.hosts.hosts import Host
from landfall.core.run.token_estimate import completed
from landfall.services.cloud.provider import ChatOptions
from landfall.services.cloud.transport import Transport
from landfall.services.egress import EgressLog, Purpose
from landfall.services.hosts import addresses, clients, privacy_door
from landfall.services.hosts.addresses import Resolver
from landfall.services.keys.secret import Secret
from landfall.services.run.answering import Ask, Cost, Facts, Place
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS, messages_of

NO_BILL = "no provider's price: it is a server of your own"


class OpenAiTarget:
    """A model on an OpenAI-compatible host.

    Attributes:
        place: "network" until somebody has looked where the server stands: see `places.place_of`.
            Only what is made on this machine is measured by its sensors.
    """

    place: Place = "network"

    def __init__(
        self,
        host: Host,
        token: Secret | None,
        transport: Transport,
        *,
        model: str,
        purpose: Purpose,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> None:
        self.host = host.url
        self.model = model
        self._provider = clients.openai(host, transport)
        self._name = host.name
        self._token = token
        self._purpose = purpose
        self._temperature = temperature
        self._seed = seed

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        """The answer as it comes; see `Provider.chat` for what is raised."""
        answer = self._provider.chat(
            self._token,
            model=self.model,
            messages=messages_of(ask),
            options=ChatOptions(
                max_tokens=ask.num_predict or CLOUD_ANSWER_TOKENS,
                temperature=self._temperature if ask.temperature is None else ask.temperature,
                seed=self._seed if ask.seed is None else ask.seed,
            ),
            purpose=self._purpose,
        )
        pieces: list[Piece] = []
        async with aclosing(answer) as events:
            async for event in events:
                if isinstance(event, Piece):
                    pieces.append(event)
                elif isinstance(event, Ended):
                    prompt = [turn.text for turn in ask.turns]
                    told = completed(event.usage, prompt=prompt, pieces=pieces)
                    yield replace(event, usage=told)
                    continue
                yield event

    async def facts(self) -> Facts:
        """The protocol tells nothing of the machine or the model's file."""
        return Facts(engine=f"OpenAI-compatible server {self._name}")

    async def in_memory(self) -> bool | None:
        """The protocol does not tell."""
        return None

    def cost(self, end: Ended) -> Cost:
        """Nobody sends a bill: what it costs is electricity, which stands with the energy."""
        return Cost(usd=None, note=NO_BILL)


class OpenAiServer:
    """An OpenAI-compatible host with its token and a way out of its own; close it.

    Attributes:
        url: Its address. name: what the user calls it.
    """

    def __init__(
        self,
        host: Host,
        token: Secret | None,
        log: EgressLog,
        *,
        resolve: Resolver = addresses.resolved,
    ) -> None:
        """Open nothing yet.

        Args:
            token: Of `tokens.sendable`.
            log: Every request is in it before it leaves.
            resolve: The addresses of its name, asked before each call.
        """
        self.url, self.name = host.url, host.name
        self._host, self._token, self._resolve = host, token, resolve
        self._transport = clients.way_out(host, log, resolve=resolve)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def target(self, model: str, *, purpose: Purpose) -> OpenAiTarget:
        """A model on it, with the place where it stands now.

        Raises:
            PrivacyBlocked: the workload's rule forbids that place.
        """
        await privacy_door.assert_inside_now(purpose.workload, self.url, self._resolve)
        target = OpenAiTarget(
            self._host, self._token, self._transport, model=model, purpose=purpose
        )
        target.place = await privacy_door.place_of(self.url, self._resolve)
        return target
