"""Whether a registry has another model under a name: said without loading it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.services.ollama import newer
from landfall.services.ollama import registry as registry_client
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.newer import Newness, look
from tests.fakes.model_registry import Registry, serving
from tests.fakes.tiny_models import cut, write_speaker
from tests.services.ollama.conftest import Live


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with serving(Registry()) as opened:
        yield opened


def weights(folder: Path, text: str) -> bytes:
    """A model that says this."""
    path = folder / "speaker.gguf"
    write_speaker(path, pieces=cut(text))
    return path.read_bytes()


async def answers(client: Ollama, *names: str) -> list[Newness]:
    async with aclosing(look(client, names, read_layers=registry_client.read_layers)) as looked:
        return [one async for one in looked]


@pytest.mark.parametrize("store", ["readable", "elsewhere"])
async def test_that_a_registry_is_held_against_what_is_installed_and_nothing_is_loaded(
    live: Live,
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: str,
) -> None:
    first = weights(tmp_path, f"Words of {tmp_path.name}, the first of them.")
    second = weights(tmp_path, f"Words of {tmp_path.name}, and some that are newer.")
    name = registry.add("tiny-newer", first)
    async with Ollama(live.url) as client:
        async with aclosing(client.pull(name, insecure=True)) as steps:
            async for _ in steps:
                pass
        if store == "elsewhere":

            async def untold() -> None:
                return None

            monkeypatch.setattr(client, "models_folder", untold)
        (same,) = await answers(client, name)
        assert (same.is_newer, same.download_bytes) == (False, None)

        registry.add("tiny-newer", second)
        sent = registry.sent_bytes
        (found,) = await answers(client, name)
        assert found.is_newer
        assert found.download_bytes is not None
        assert len(second) <= found.download_bytes < len(second) + 10_000
        assert registry.sent_bytes - sent < 10_000, "the weights stay where they are"


async def test_that_another_template_is_seen_where_the_store_cannot_be_read(
    live: Live, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = weights(tmp_path, f"Words of {tmp_path.name}, with one template and then another.")
    name = registry.add("tiny-template", model)
    async with Ollama(live.url) as client:
        async with aclosing(client.pull(name, insecure=True)) as steps:
            async for _ in steps:
                pass

        async def untold() -> None:
            return None

        monkeypatch.setattr(client, "models_folder", untold)
        registry.add("tiny-template", model, chat=False)
        (found,) = await answers(client, name)
    assert found.is_newer
    assert found.download_bytes is not None
    assert found.download_bytes < 10_000


async def test_that_another_machine_is_not_held_against_the_store_of_this_one(
    live: Live, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = registry.add("tiny-elsewhere", weights(tmp_path, f"Words of {tmp_path.name} alone."))
    async with Ollama(live.url) as client:
        async with aclosing(client.pull(name, insecure=True)) as steps:
            async for _ in steps:
                pass

        async def of_this_machine() -> Path:
            raise AssertionError("its folder is no folder of this machine")

        monkeypatch.setattr(client, "models_folder", of_this_machine)
        monkeypatch.setattr(newer, "is_this_machine", lambda _url: False)
        (same,) = await answers(client, name)
    assert same.is_newer is False


async def test_that_a_name_without_a_registry_is_not_known_and_ends_no_other(
    live: Live, registry: Registry
) -> None:
    missing = f"{registry.address}/library/nobody:latest"
    async with Ollama(live.url) as client:
        first, second = await answers(client, missing, missing)
    assert first.is_newer is second.is_newer is None
    assert first.reason
