"""Journeys run against the same servers as the client's own tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files
from tests.fakes.model_registry import Registry, serving
from tests.services.ollama.conftest import live, real_server, tiny, twin

__all__ = ["home", "live", "real_server", "registry", "tiny", "twin"]

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a user who starts the program for the first time."""
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def filled(home: Path) -> Path:
    """A home in which every page has something to say."""
    shutil.copy(DATA / "history_v6.db", home / "history.db")
    asyncio.run(_store(home / "history.db"))
    return home


async def _store(database: Path) -> None:
    history = History(database)
    await history.open()
    for path in sorted((DATA / "verdicts").glob("*.toml")):
        loaded = workload_files.read(path)
        await history.save_workload(SavedWorkload(name=loaded.workload.name, toml=loaded.text))
    await history.close()


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    """A registry on loopback."""
    async with serving(Registry()) as opened:
        yield opened


@pytest.fixture
def screen() -> Iterator[str]:
    """The name of a virtual screen."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(timeout=10)
