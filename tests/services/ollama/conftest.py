"""Servers to test against: the protocol twin in both generations, and what is on PATH."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from landfall.services.ollama.client import Ollama
from tests.fakes import tiny_models
from tests.fakes.ollama_twin import NEW, OLD, Twin
from tests.fakes.tiny_models import TinyModel

# Taken before any test changes the environment.
REAL = shutil.which("ollama")


@dataclass(slots=True)
class Live:
    """A server that answers, with every tiny model on it."""

    url: str
    version: str
    models: Path
    twin: Twin | None

    @property
    def new(self) -> bool:
        """Whether it is of the generation of llama-server."""
        return tuple(int(part) for part in self.version.split(".")[:2]) >= (0, 30)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TinyModel]:
    """Tiny models on disk, by name."""
    return tiny_models.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real program from PATH, alone in a home of its own."""
    if REAL is None:
        pytest.skip("no ollama executable on PATH")
    home = tmp_path_factory.mktemp("ollama")
    models = home / "models"
    kept = {name: value for name, value in os.environ.items() if "OLLAMA" not in name}
    ours = {"OLLAMA_HOST": "127.0.0.1:0", "OLLAMA_MODELS": str(models), "OLLAMA_NO_CLOUD": "1"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [REAL, "serve"],
            env=kept | ours | {"HOME": str(home), "OLLAMA_NOPRUNE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        port, version = _listening(home / "log", process)
        yield Live(f"http://127.0.0.1:{port}", version, models, None)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _listening(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    for _ in range(200):
        found = re.search(r"Listening on \S+?:(\d+) \(version ([^)]+)\)", log.read_text())
        if found:
            return found[1], found[2]
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(f"ollama did not start: {log.read_text()[-500:]}")


async def fill(client: Ollama, tiny: Mapping[str, TinyModel]) -> None:
    """Put the tiny models on a server that lacks them."""
    there = {model.name for model in await client.tags()}
    for model in tiny.values():
        if f"{model.name}:latest" not in there:
            async for _ in client.create(model.name, model.path, fields=dict(model.fields)):
                pass


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
