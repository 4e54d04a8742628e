"""When a server has really stopped: the twin tells it, of the real one it can be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from landfall.services.ollama.client import Ollama
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import Live

PATIENCE_SECONDS = 5.0


def answers_end(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a twin makes no more of an answer."""
    ended = asyncio.Event()
    answer = Twin._answer

    async def watched(self: Twin, *asked: Any) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(answer(self, *asked)) as lines:
                async for line in lines:
                    yield line
        finally:
            ended.set()

    monkeypatch.setattr(Twin, "_answer", watched)
    return ended


async def server_is_free(live: Live, model: str, ended: asyncio.Event) -> None:
    """Wait until nothing is generated any more."""
    if live.twin is not None:
        await asyncio.wait_for(ended.wait(), PATIENCE_SECONDS)
        return
    async with Ollama(live.url) as client:
        # A model leaves the memory of a real server when its last request has ended.
        assert await client.unload(model, wait_seconds=PATIENCE_SECONDS)
