"""Servers to test against: the protocol twin in both generations, and what is on PATH."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from landfall.services.ollama.client import Ollama
from tests.fakes import tiny_models
from tests.fakes.ollama_twin import NEW, OLD, Twin
from tests.fakes.real_ollama import REAL, Live, fill, serving_real
from tests.fakes.tiny_models import TinyModel


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TinyModel]:
    """Tiny models on disk, by name."""
    return tiny_models.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real program from PATH, alone in a home of its own."""
    if REAL is None:
        pytest.skip("no ollama executable on PATH")
    with serving_real(tmp_path_factory.mktemp("ollama")) as live:
        yield live


@pytest.fixture(
    params=[
        pytest.param(OLD, id="twin-0.24"),
        pytest.param(NEW, id="twin-0.32"),
        pytest.param("real", marks=pytest.mark.real_ollama),
    ]
)
async def live(
    request: pytest.FixtureRequest, tmp_path: Path, tiny: Mapping[str, TinyModel]
) -> AsyncIterator[Live]:
    """Each server in turn, with the tiny models on it."""
    if request.param == "real":
        server: Live = request.getfixturevalue("real_server")
        async with Ollama(server.url) as client:
            await fill(client, tiny)
        yield server
        return
    twin = Twin(tmp_path / "models", version=request.param)
    async with twin:
        async with Ollama(twin.url) as client:
            await fill(client, tiny)
        yield Live(twin.url, twin.version, twin.folder, twin)


@pytest.fixture
async def client(live: Live) -> AsyncIterator[Ollama]:
    """A client of the server."""
    async with Ollama(live.url) as opened:
        yield opened


@pytest.fixture(params=[OLD, NEW], ids=["0.24", "0.32"])
async def twin(
    request: pytest.FixtureRequest, tmp_path: Path, tiny: Mapping[str, TinyModel]
) -> AsyncIterator[Twin]:
    """A twin alone, for what goes wrong on demand."""
    made = Twin(tmp_path / "models", version=request.param)
    async with made:
        async with Ollama(made.url) as client:
            await fill(client, tiny)
        made.server.requests.clear()
        yield made
