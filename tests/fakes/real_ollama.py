"""The real program from PATH, alone in a home of its own, and a server that answers as a value."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from landfall.services.ollama.client import Ollama
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import TinyModel

# Taken before any test changes the environment.
REAL = shutil.which("ollama")

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Live:
    """A server that answers; `twin` is None where it is a real one."""

    url: str
    version: str
    models: Path
    twin: Twin | None

    @property
    def new(self) -> bool:
        """Whether it is of the generation of llama-server."""
        return tuple(int(part) for part in self.version.split(".")[:2]) >= (0, 30)


@contextmanager
def serving_real(
    home: Path, *, executable: str | None = None, environment: Mapping[str, str] = NO_SETTINGS
) -> Iterator[Live]:
    """Run `ollama serve` for as long as the block lasts; its models stay in the home."""
    program = executable or REAL
    assert program is not None
    models = home / "models"
    kept = {name: value for name, value in os.environ.items() if "OLLAMA" not in name}
    ours = {"OLLAMA_HOST": "127.0.0.1:0", "OLLAMA_MODELS": str(models), "OLLAMA_NO_CLOUD": "1"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve"],
            env=kept | ours | {"HOME": str(home), "OLLAMA_NOPRUNE": "1"} | dict(environment),
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
