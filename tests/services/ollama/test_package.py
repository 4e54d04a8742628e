"""The official package: its habits do not reach the user."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from landfall.core.errors import ModelNotFound, OllamaUnavailable
from landfall.services.ollama import package
from landfall.services.ollama.client import Ollama
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import Live


async def test_that_a_copy_is_there_under_both_names(live: Live, client: Ollama) -> None:
    await package.copy(live.url, "tiny-story", "tiny-second", timeout_seconds=10)
    names = {model.name for model in await client.tags()}
    assert {"tiny-story:latest", "tiny-second:latest"} <= names
    await client.delete("tiny-second")


async def test_that_a_missing_model_is_named(live: Live) -> None:
    with pytest.raises(ModelNotFound):
        await package.copy(live.url, "nobody", "else", timeout_seconds=10)


async def test_that_no_server_is_said() -> None:
    with pytest.raises(OllamaUnavailable):
        await package.copy("http://127.0.0.1:9", "a", "b", timeout_seconds=2)


async def test_that_a_malformed_address_in_the_environment_does_no_harm_and_no_key_is_sent(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "::1")
    monkeypatch.setenv("OLLAMA_API_KEY", "planted-key")
    await package.copy(twin.url, "tiny-story", "tiny-second", timeout_seconds=10)
    await asyncio.sleep(0)
    said = [str(request) for request in twin.server.requests]
    assert said
    assert not [text for text in said if "planted-key" in text]


@pytest.mark.parametrize(
    "named",
    [
        {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "[::1],fe80::/10"},
        {"ALL_PROXY": "socks://h"},
    ],
)
def test_that_no_proxy_ends_a_copy_at_the_first_import(named: dict[str, str]) -> None:
    """In a program of its own: the package is imported once."""
    code = (
        "import asyncio\n"
        "from landfall.services.ollama import package\n"
        "asyncio.run(package.copy('http://127.0.0.1:9', 'a', 'b', timeout_seconds=2))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **named},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "OllamaUnavailable" in done.stderr
