"""From Stop in the window to a server that makes no more of the answer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.services.ollama.client import Ollama
from tests.benchmarks.goals import Goals
from tests.end_to_end.stopping import answers_end, server_is_free
from tests.end_to_end.window import landfall_window
from tests.fakes.ollama_twin import NEW, OLD, Twin
from tests.services.ollama.conftest import Live, fill

ROUNDS = 5
MOST_SECONDS = 0.5
MODEL = "tiny-count"
TOKEN_SECONDS = 0.01


@asynccontextmanager
async def twin_server(folder: Path, version: str) -> AsyncIterator[Live]:
    twin = Twin(folder, version=version)
    twin.pace.token_seconds = TOKEN_SECONDS
    async with twin:
        yield Live(twin.url, twin.version, twin.folder, twin)


@asynccontextmanager
async def as_it_is(server: Live) -> AsyncIterator[Live]:
    yield server


async def stops(server: Live, home: Path, ended: asyncio.Event) -> list[float]:
    """How long each of some Stops took to have its effect."""
    taken = []
    async with landfall_window(home, OLLAMA_HOST=server.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text=f"^{MODEL}")
        for _ in range(ROUNDS):
            ended.clear()
            await window.type("prompt", "Count")
            await window.click("send")
            await window.see("answer-text", r"\w", seconds=30)
            clicked = time.perf_counter()
            await window.click("stop")
            await server_is_free(server, MODEL, ended)
            taken.append(time.perf_counter() - clicked)
            await window.see("send")
            await window.click("new-chat")
        await window.close()
    return taken


@pytest.mark.parametrize("which", [OLD, NEW, pytest.param("real", marks=pytest.mark.real_ollama)])
def test_stop_reaches_the_server_at_once(
    which: str,
    benchmark: BenchmarkFixture,
    goals: Goals,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny = request.getfixturevalue("tiny")
    real = request.getfixturevalue("real_server") if which == "real" else None
    home = tmp_path / "home"
    home.mkdir()

    async def measured() -> list[float]:
        ended = answers_end(monkeypatch)
        serving = as_it_is(real) if real else twin_server(tmp_path / "models", which)
        async with serving as server:
            async with Ollama(server.url) as client:
                await fill(client, tiny)
            return await stops(server, home, ended)

    taken: list[float] = []
    benchmark.pedantic(lambda: taken.extend(asyncio.run(measured())), rounds=1)
    benchmark.extra_info |= {"median_seconds": statistics.median(taken), "longest": max(taken)}
    goals.most(f"longest of {ROUNDS} Stops, s", max(taken), MOST_SECONDS)
