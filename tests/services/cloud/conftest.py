from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.events import RunEvent
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.egress_log import MemoryLog

ANSWER = Purpose(why="answer")
CHECK = Purpose(why="key check")


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def pauses() -> list[float]:
    """How long each retry waited, had it really waited."""
    return []


@pytest.fixture
async def transport(log: MemoryLog, pauses: list[float]) -> AsyncIterator[Transport]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with aclosing(Transport(log, sleep=sleep)) as opened:
        yield opened


@pytest.fixture
async def openai() -> AsyncIterator[CloudApi]:
    async with serving("openai") as api:
        yield api


@pytest.fixture
async def anthropic() -> AsyncIterator[CloudApi]:
    async with serving("anthropic", "sk-ant-api03-fake-0123456789") as api:
        yield api


@pytest.fixture
def at(transport: Transport) -> Callable[..., Provider]:
    """A provider whose address is a test's server; keyword arguments change its row."""

    def make(name: str, api: CloudApi, **quirks: Any) -> Provider:
        row = replace(cloud.find(name), **quirks)
        return adapters.provider(row, Address(api.url, "--base-url"), transport)

    return make


async def ask(
    provider: Provider, key: str, *, model: str = "m-1", max_tokens: int = 100, **more: Any
) -> list[RunEvent]:
    """Every event of one answer."""
    answer = provider.chat(
        Secret(key),
        model=model,
        messages=more.pop("messages", [Message("user", "Say hello")]),
        options=ChatOptions(max_tokens=max_tokens, **more.pop("options", {})),
        purpose=more.pop("purpose", ANSWER),
    )
    async with aclosing(answer) as events:
        return [event async for event in events]
