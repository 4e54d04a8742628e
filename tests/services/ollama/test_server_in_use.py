"""What a silent address is that is also kept as a host: something to start here, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from landfall.core.hosts.hosts import Host as Kept
from landfall.core.hosts.hosts import HostKind
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import server, server_in_use

URL = "http://127.0.0.1:11500"
KEPT = Settings(hosts=(Kept(name="second", url=URL, kind=HostKind.OLLAMA),))


class Child:
    """A server that Landfall started."""

    alive = True
    url = "http://127.0.0.1:40123"
    version = "0.32.15"

    async def stop(self) -> None:
        """Nothing to stop."""


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Nobody answers; whether Ollama is installed here is told by "executable"."""
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    told: dict[str, Any] = {"executable": "/usr/bin/ollama"}

    async def find(settings: Settings, **_more: Mapping[str, str]) -> Runtime:
        executable = told["executable"]
        state = RuntimeState.STOPPED if executable else RuntimeState.ABSENT
        url = settings.ollama_url
        return Runtime(kind="ollama", state=state, url=url, executable=executable)

    monkeypatch.setattr(server, "find", find)
    return told


async def test_that_a_stopped_address_of_the_settings_can_be_started_though_it_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def start(_executable: str) -> Child:
        return Child()

    monkeypatch.setattr(server_in_use, "_start", start)
    host = server_in_use.Host()
    typed = Settings(hosts=KEPT.hosts, ollama_url=URL)
    assert (await host.look(typed)).state is RuntimeState.STOPPED
    assert (await host.look(typed, own="127.0.0.1:11500")).state is RuntimeState.STOPPED
    started = await host.start(typed)
    assert (started.state, started.url) == (RuntimeState.RUNNING, Child.url)
    # It is the server of this machine, and not the kept host at whose address nobody answers.
    assert started.name == ""


async def test_that_a_silent_host_that_was_chosen_is_started_by_somebody_else() -> None:
    host = server_in_use.Host()
    chosen = Settings(hosts=KEPT.hosts, ollama_url=URL)
    found = await host.look(chosen, own="")
    assert (found.state, found.name) == (RuntimeState.REMOTE, "second")
    found = await host.look(chosen, own="127.0.0.1:11600")
    assert found.state is RuntimeState.REMOTE


async def test_that_a_kept_host_is_known_by_another_name_of_the_same_machine() -> None:
    chosen = Settings(hosts=KEPT.hosts, ollama_url="http://localhost:11500")
    found = await server_in_use.Host().look(chosen, own="")
    assert (found.state, found.name) == (RuntimeState.REMOTE, "second")


async def test_that_a_kept_address_of_the_settings_is_no_ollama_to_be_installed(
    silent: dict[str, Any],
) -> None:
    silent["executable"] = None
    typed = Settings(hosts=KEPT.hosts, ollama_url=URL)
    assert (await server_in_use.Host().look(typed)).state is RuntimeState.REMOTE
