"""Keeps what a release leaves on a user's disk, for later versions to open: a whole home folder.

    PYTHONPATH=app:. .venv/bin/python packaging/release_fixture.py NAME [--source FOLDER]

The program in FOLDER/app (this one without it) is used through its own command line and its own
window, with stand-ins of this repository for Ollama, a provider, a smart plug and the keyring; then
its home is packed as tests/data/homes/NAME.tar.xz. A command that a release does not have is left
out. Run it once when a version is released, before its number changes; the file never changes
after that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.cloud_api import serving
from tests.fakes.ollama_twin import Twin
from tests.fakes.plug import FakePlug, running
from tests.fakes.real_ollama import fill
from tests.fakes.tiny_models import make as make_models

from landfall.services.ollama.client import Ollama

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = Path(__file__).with_name("release_settings.py")
HOMES = ROOT / "tests" / "data" / "homes"
KEPT_SUFFIXES = (".db", ".db-wal", ".db-shm", ".toml", ".json", ".ini", ".bak")
"""Of the home's files; logs and locks are no business of a later version."""

WINDOW_SECONDS = 12.0
"""In which a window under load has opened, decided and stored."""

KILLED_AFTER_SECONDS = 4.0
"""By then a command that takes a minute has begun to write."""

USAGE = """date,model,input_tokens,output_tokens,cost
2026-06-01T09:30:00Z,gpt-5-mini,900,200,0.01
2026-06-02T10:30:00Z,gpt-5-mini,1900,300,0.02
"""
OWN_USAGE = """zeit;modell;ein;aus
2026-07-01T09:30:00Z;gpt-5-mini;700;100
"""
MACHINES = """[[machine]]
name = "Under the desk"
vendor = "nvidia"
kind = "discrete"
memory_gib = 24.0
bandwidth_gb_s = 672.0
"""
PROMPTS = """{"prompt": "Is it spam?", "expected": "yes"}
{"prompt": "And this?", "expected": "no"}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One home, and the program that uses it."""

    home: Path
    source: Path
    variables: Mapping[str, str]

    async def use(self, *words: str, stdin: str = "") -> int:
        """Run one command; prints how it ended."""
        process = await self._start(*words, stdin=asyncio.subprocess.PIPE)
        out, err = await process.communicate(stdin.encode())
        said = (err.decode() or out.decode()).strip().splitlines()
        print(f"{process.returncode}  landfall {' '.join(words)}   {said[0][:100] if said else ''}")
        return process.returncode or 0

    async def look(self) -> None:
        """Open the window for a while and end it as the session does."""
        process = await self._start(stdin=asyncio.subprocess.DEVNULL)
        await asyncio.sleep(WINDOW_SECONDS)
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
        print(f"{process.returncode}  the window   {err.decode()[:200]}")

    async def crash(self, *words: str) -> None:
        """Start a command and kill it: what it wrote last is in SQLite's log alone."""
        process = await self._start(*words, stdin=asyncio.subprocess.DEVNULL)
        await asyncio.sleep(KILLED_AFTER_SECONDS)
        process.kill()
        await process.communicate()
        print(f"{process.returncode}  landfall {' '.join(words)}")

    async def settings(self, **addresses: str) -> None:
        """Have the program write settings in which nothing is a default."""
        words = [f"{name}={value}" for name, value in addresses.items()]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SETTINGS),
            *words,
            env=dict(self.variables),
            cwd=self.home,
        )
        if await process.wait():
            raise SystemExit("The settings could not be written.")

    async def _start(self, *words: str, stdin: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "landfall",
            *words,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(self.variables),
            cwd=self.home,
        )


@contextlib.asynccontextmanager
async def stand_ins(folder: Path) -> AsyncIterator[tuple[dict[str, str], Twin]]:
    """A server of models, a provider with its key and a plug: their addresses, and the first."""
    twin = Twin(folder / "models")
    plug = FakePlug()
    plug.says()
    with running(plug), counting(plug):
        async with twin, serving("openai") as api:
            made = folder / "tiny"
            made.mkdir()
            async with Ollama(twin.url) as client:
                await fill(client, make_models(made))
            addresses = {"ollama": twin.url, "provider": api.url, "key": api.key}
            yield addresses | {"plug": f"http://127.0.0.1:{plug.port}"}, twin


@contextlib.contextmanager
def counting(plug: FakePlug) -> Iterator[None]:
    """The plug's counter goes on, for as long as the block lasts."""

    async def count() -> None:
        for ticks in itertools.count():
            plug.says(180.0 + ticks % 50, 1000.0 + ticks / 100)
            await asyncio.sleep(0.25)

    task = asyncio.ensure_future(count())
    try:
        yield
    finally:
        task.cancel()


async def use_everything(place: Place, addresses: Mapping[str, str], twin: Twin) -> None:
    """What a user does with the program, as far as the release can."""
    files = place.home.parent
    for name, text in (("usage.csv", USAGE), ("own.csv", OWN_USAGE), ("prompts.jsonl", PROMPTS)):
        (files / name).write_text(text, encoding="utf-8")
    (place.home / "machines.toml").write_text(MACHINES, encoding="utf-8")
    paid = ("--yes", "--max-usd", "1")
    await place.use("key", "set", "openai", stdin=addresses["key"])
    await place.use("machines", "--json")
    await place.use("run", "tiny-story", "Tell me\nmore of it.", "--context", "2048")
    await place.use("run", "tiny-thinker", "Why?", "--json")
    await place.use("bench", "tiny-story", "--repeat", "2", "--context", "2048")
    await place.use("calibrate", "tiny-story", "--seconds", "5")
    await place.use("import", str(files / "usage.csv"), "--save")
    columns = ("time=zeit", "model=modell", "input_tokens=ein", "output_tokens=aus")
    mapping = [word for one in (*columns, "every_provider=openai") for word in ("--mapping", one)]
    await place.use("import", str(files / "own.csv"), *mapping, "--save")
    targets = ("--target", "tiny-story", "--target", "openai:m-1")
    await place.use("compare", "Which?", *targets, *paid, "--workload", "gpt-5-mini")
    await place.use("probe", "openai", "m-1", "-n", "2", *paid)
    gate = ("--local", "tiny-story", "--against", "openai:m-1", "--metric", "exact")
    await place.use("gate", str(files / "prompts.jsonl"), *gate, *paid)
    await place.use("hosts", "add", "box", addresses["ollama"])
    await place.use("hosts", "check", "box")
    await place.look()
    await place.use("verdict", "--json")
    routes = ("--machine", "RTX 4090", "--out", str(files / "routes"))
    await place.use("export", "litellm", *routes)
    twin.pace.token_seconds = 0.5
    await place.crash("run", "tiny-story", "Once more", "--context", "2048")


def pack(home: Path, name: str) -> Path:
    """The home as one file; times and owners of its files are no part of it."""
    HOMES.mkdir(parents=True, exist_ok=True)
    target = HOMES / f"{name}.tar.xz"
    with tarfile.open(target, "w:xz") as out:
        for path in sorted(home.rglob("*")):
            if path.is_file() and path.suffix in KEPT_SUFFIXES:
                entry = out.gettarinfo(path, str(path.relative_to(home)))
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                entry.mtime = 0
                with path.open("rb") as file:
                    out.addfile(entry, file)
    return target


async def make(name: str, source: Path) -> None:
    """One home, from the first command to the file."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        home = folder / "home"
        home.mkdir()
        async with stand_ins(folder) as (addresses, twin):
            variables = {
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "PYTHONPATH": os.pathsep.join((str(source / "app"), str(ROOT))),
                "LANDFALL_HOME": str(home),
                "LANDFALL_TEST_KEYRING": str(folder / "keyring.json"),
                "PYTHON_KEYRING_BACKEND": "tests.fakes.keyrings.FileKeyring",
                "OLLAMA_HOST": addresses["ollama"],
                "QT_QPA_PLATFORM": "offscreen",
            }
            place = Place(home=home, source=source, variables=variables)
            await place.settings(**addresses)
            await use_everything(place, addresses, twin)
        print(pack(home, name))


def main(words: list[str]) -> int:
    """Make one."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("name", help="of the release: 0.2.0")
    parser.add_argument("--source", type=Path, default=ROOT, help="where its code stands")
    args = parser.parse_args(words)
    asyncio.run(make(args.name, args.source.resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
