"""Fixtures of commands that ask a server and a paid provider, both on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.keyrings import MemoryKeyring
from tests.services.ollama.conftest import Live

KEY = "sk-proj-PLANTED-0123456789-abcdef"


@pytest.fixture
def here(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setenv("OLLAMA_HOST", live.url)
    return live


@pytest.fixture
def memory(memory: MemoryKeyring) -> MemoryKeyring:
    memory.entries["Landfall", "openai"] = KEY
    return memory


@pytest.fixture
async def openai(memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CloudApi]:
    async with serving("openai", KEY) as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        yield api
