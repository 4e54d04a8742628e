"""Where a server has its models: what a look at the machine and a pull go by."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull
from landfall.core.settings import Settings
from landfall.services import hardware
from landfall.services.history.history import History
from landfall.services.ollama import downloads, store
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.downloads import Downloads, Layers
from tests.fakes.closed_folder import closed
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.odd_listeners import listening, silent
from tests.services.ollama.conftest import Live

NOBODY: dict[str, str] = {}


async def test_that_the_disk_is_that_of_the_server_and_not_of_this_user(live: Live) -> None:
    told = await store.folder(Settings(ollama_url=live.url), environment=NOBODY)
    assert told == live.models
    profile = await hardware.detect(Settings(), told)
    assert profile.disk.models_path == str(live.models)


@asynccontextmanager
async def with_a_broken_model(folder: Path, status: int = 500) -> AsyncIterator[Ollama]:
    """A client of a server that has two models in the folder and cannot show the first."""

    async def answered(request: Request) -> Reply:
        if request.path == "/api/tags":
            return json_reply({"models": [{"name": "broken:1b"}, {"name": "sound:1b"}]})
        if b"broken" in request.body:
            return json_reply({"error": "unexpected EOF"}, status)
        return json_reply({"modelfile": f"FROM {folder}/blobs/sha256-{'a' * 64}\n"})

    server = WireServer(answered)
    await server.start()
    try:
        async with Ollama(server.url) as client:
            yield client
    finally:
        await server.stop()


@pytest.mark.parametrize("status", [404, 500])
async def test_that_a_broken_model_leaves_the_folder_to_the_next_to_tell(
    tmp_path: Path, status: int
) -> None:
    async with with_a_broken_model(tmp_path, status) as client:
        assert await client.models_folder() == tmp_path


async def test_that_the_store_of_a_service_whose_home_is_closed_is_as_good_as_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tmp_path / "service"
    (service / "models").mkdir(parents=True)
    async with with_a_broken_model(service / "models") as client:
        closed(monkeypatch, service)
        assert await client.models_folder() is None


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
