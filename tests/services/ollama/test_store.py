"""Where a server has its models: what a look at the machine and a pull go by."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull
from landfall.core.settings import Settings
from landfall.services import hardware
from landfall.services.history.history import History
from landfall.services.ollama import downloads, store
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.downloads import Downloads, Layers
from tests.fakes.odd_listeners import listening, silent
from tests.services.ollama.conftest import Live

NOBODY: dict[str, str] = {}


async def test_that_the_disk_is_that_of_the_server_and_not_of_this_user(live: Live) -> None:
    told = await store.folder(Settings(ollama_url=live.url), environment=NOBODY)
    assert told == live.models
    profile = await hardware.detect(Settings(), told)
    assert profile.disk.models_path == str(live.models)


async def test_that_a_server_elsewhere_is_not_asked_for_its_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def asked(*_args: object, **_more: object) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr("landfall.services.ollama.server.look", asked)
    there = Settings(ollama_url="http://192.168.1.20:11434")
    assert await store.folder(there, environment=NOBODY) is None


async def test_that_a_server_that_is_silent_holds_no_look_at_the_machine_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "ANSWER_SECONDS", 0.2)
    async with listening(silent) as port:
        url = f"http://127.0.0.1:{port}"
        begun = time.monotonic()
        assert await store.folder(Settings(ollama_url=url), environment=NOBODY) is None
        assert time.monotonic() - begun < 2


async def test_that_a_pull_is_held_against_the_disk_that_the_server_names(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Path] = []

    async def room(_layers: Layers, folder: Path) -> None:
        looked_at.append(folder)
        raise DiskFull("There is no room.")

    async def layers(_model: str, _insecure: bool) -> Layers:
        return (("sha256:1", 10**9),)

    monkeypatch.setattr(downloads, "require_room", room)
    history = History(tmp_path / "history.db")
    await history.open()
    async with Ollama(live.url) as client:
        for guess in (tmp_path / "of-this-user", None):
            queue = Downloads(client, history, read_layers=layers, models_path=guess)
            with pytest.raises(DiskFull):
                async for _ in queue.pull("other"):
                    pass
    await history.close()
    assert looked_at == [live.models / "blobs"] * 2
