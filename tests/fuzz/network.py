"""Answers over a network, of servers, providers and plugs that say anything."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx

from landfall.core.errors import AppError
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud import transport as cloud_transport
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.cloud.usage import BALANCES, SOURCES
from landfall.services.cloud.usage.source import Asking, Stretch
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret
from landfall.services.ollama import generation, listing, pulls
from landfall.services.ollama import transport as ollama_transport
from landfall.services.power import plug
from tests.fakes.egress_log import MemoryLog

HOST = "http://127.0.0.1:9"
KEY = Secret("sk-fake-0123456789abcdef")
STATUSES = (200, 200, 200, 200, 400, 401, 404, 500, 302)
TYPES = ("application/x-ndjson", "application/json", "text/event-stream", "text/html", "")


def _reply(data: bytes) -> httpx.Response:
    """An answer whose first bytes say its status, its type and how it is cut into pieces."""
    status, kind, cut = (*data[:3], 0, 0, 0)[:3]
    body = data[3:]
    size = cut % 32 * 7 or len(body) or 1

    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), size):
            yield body[begin : begin + size]

    return httpx.Response(
        STATUSES[status % len(STATUSES)],
        headers={"content-type": TYPES[kind % len(TYPES)], "location": "http://127.0.0.1:1/x"},
        content=pieces(),
    )


def _client(data: bytes) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: _reply(data)), base_url=HOST
    )


@contextlib.asynccontextmanager
async def _ollama(data: bytes) -> AsyncIterator[ollama_transport.Transport]:
    transport = ollama_transport.Transport(HOST)
    await transport.aclose()
    transport._http = _client(data)
    async with aclosing(transport):
        yield transport


async def ollama_answer(data: bytes) -> None:
    """A chat, which a server answers as it likes."""
    async with _ollama(data) as transport:
        stream = generation.chat(transport, "tiny", messages=[{"role": "user", "content": "x"}])
        async for _ in stream:
            pass


async def ollama_pull(data: bytes) -> None:
    """A pull, likewise; what it tells can be added up and shown."""
    async with _ollama(data) as transport:
        async for step in pulls.pull(transport, "tiny"):
            for told in (step.completed_bytes, step.total_bytes, step.whole_completed_bytes):
                assert told is None or (type(told) is int and told >= 0)


async def ollama_state(data: bytes) -> None:
    """What is on its disk and in its memory."""
    for ask in (listing.tags, listing.ps):
        async with _ollama(data) as transport:
            with contextlib.suppress(AppError):
                await ask(transport)


async def _no_pause(_seconds: float) -> None:
    return


@contextlib.asynccontextmanager
async def _provider(data: bytes) -> AsyncIterator[cloud_transport.Transport]:
    async with AsyncExitStack() as stack:
        transport = cloud_transport.Transport(MemoryLog(), sleep=_no_pause)
        client = await stack.enter_async_context(_client(data))
        transport._clients = {True: client, False: client}
        yield transport


def hosted(provider: str) -> Callable[[bytes], Coroutine[Any, Any, None]]:
    """A chat, a list of models and a check of the key at a provider."""

    async def read(data: bytes) -> None:
        row = replace(cloud.find(provider), base_url=HOST)
        async with _provider(data) as transport:
            api: Provider = adapters.provider(row, Address(HOST), transport)
            stream = api.chat(
                KEY,
                model="m",
                messages=[Message("user", "x")],
                options=ChatOptions(max_tokens=9),
                purpose=Purpose(why="answer"),
            )
            with contextlib.suppress(AppError):
                async for _ in stream:
                    pass
            with contextlib.suppress(AppError):
                await api.list_models(KEY, purpose=Purpose(why="models"))
            with contextlib.suppress(AppError):
                await api.check(KEY, purpose=Purpose(why="check"))

    return read


async def usage_answer(data: bytes) -> None:
    """What providers' interfaces tell of usage and of balances."""
    stretch = Stretch.of_days(
        date(2026, 3, 1), date(2026, 3, 2), now=datetime(2026, 11, 1, tzinfo=UTC)
    )
    for provider in {**SOURCES, **BALANCES}:
        row = replace(cloud.find(provider), base_url=HOST)
        async with _provider(data) as transport:
            asking = Asking(row=row, address=Address(HOST), transport=transport, secret=KEY)
            with contextlib.suppress(AppError):
                if provider in BALANCES:
                    await BALANCES[provider].ask(asking)
            with contextlib.suppress(AppError):
                if provider in SOURCES:
                    async with aclosing(SOURCES[provider].rows(asking, stretch)) as rows:
                        async for _ in rows:
                            pass


def plug_answer(data: bytes) -> None:
    """A plug's answer, head and all."""
    status, body = plug._parsed(data)
    if status == 200:
        plug._reading(body)
