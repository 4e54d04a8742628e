"""Tokens of hosts: bound to their address, shown to it alone, and to no reader of texts."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import (
    AppError,
    BadInput,
    KeyRefused,
    KeyringUnavailable,
    ModelNotFound,
    ServerRefused,
)
from landfall.core.hosts.hosts import Host, HostKind, Stand, Standing
from landfall.core.settings import Settings
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.hosts import addresses, clients, tokens
from landfall.services.hosts.opening import token_at
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret
from landfall.services.ollama import server, who_listens
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.ollama.reaching import may_use_proxy
from landfall.services.ollama.serving import serving
from tests.fakes.cloud_api import serving as serving_api
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.model_servers import TOKEN
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker

OFFICE = Host(name="office", url="http://box.lan:11434", kind=HostKind.OLLAMA)
OPTIONS = Options(num_ctx=2048)
FAR = Stand(standing=Standing.OUR_NETWORK, addresses=("192.168.1.5",), words="our network")


async def test_that_a_token_is_bound_to_scheme_host_and_port() -> None:
    keys = SessionKeys()
    await tokens.store(OFFICE, f" {TOKEN}\n", keys)
    assert await tokens.of(OFFICE, keys) == Secret(TOKEN)
    for url in ("https://box.lan:11434", "http://box.lan:11435", "http://other.lan:11434"):
        moved = Host(name="office", url=url, kind=HostKind.OLLAMA)
        assert await tokens.of(moved, keys) is None
    below = Host(name="office", url="http://box.lan:11434/ollama", kind=HostKind.OLLAMA)
    assert await tokens.of(below, keys) == Secret(TOKEN)


async def test_that_what_is_no_token_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadInput) as caught:
        await tokens.store(OFFICE, "two words-PLANTED", SessionKeys())
    assert "PLANTED" not in str(caught.value)


async def test_that_a_token_stays_while_another_host_has_the_same_address() -> None:
    keys = SessionKeys()
    await tokens.store(OFFICE, TOKEN, keys)
    twin = Host(name="twin", url=OFFICE.url + "/path", kind=HostKind.OPENAI)
    assert not await tokens.remove(OFFICE, Settings(hosts=(OFFICE, twin)), keys)
    assert await tokens.of(twin, keys) is not None
    assert await tokens.remove(twin, Settings(hosts=(twin,)), keys)
    assert not await tokens.remove(OFFICE, Settings(), keys)


async def test_that_a_token_goes_only_where_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = SessionKeys()
    assert await tokens.sendable(OFFICE, Settings(), keys) is None

    async def far(_url: str) -> Stand:
        return FAR

    monkeypatch.setattr(addresses, "standing", far)
    await tokens.store(OFFICE, TOKEN, keys)
    with pytest.raises(BadInput, match="unencrypted to our network"):
        await tokens.sendable(OFFICE, Settings(), keys)
    agreed = tokens.with_agreed(Settings(), OFFICE)
    assert agreed.plain_http_hosts == ("box.lan:11434",)
    assert tokens.with_agreed(agreed, OFFICE) is agreed
    assert await tokens.sendable(OFFICE, agreed, keys) == Secret(TOKEN)
    secure = Host(name="s", url="https://box.lan:443", kind=HostKind.OLLAMA)
    await tokens.store(secure, TOKEN, keys)
    assert await tokens.sendable(secure, Settings(), keys) == Secret(TOKEN)
    assert tokens.with_agreed(Settings(), secure) == Settings()


class Locked(SessionKeys):
    asked = 0

    async def get(self, entry: str) -> Secret | None:
        self.asked += 1
        raise KeyringUnavailable("It is locked.")


async def test_that_a_host_is_spoken_with_without_a_token_where_no_keyring_can_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await tokens.at_hand(OFFICE, Settings(), Locked()) == (None, "It is locked.")
    settings = Settings(hosts=(OFFICE,))
    assert await token_at(OFFICE.url, settings, Locked) is None

    async def far(_url: str) -> Stand:
        return FAR

    monkeypatch.setattr(addresses, "standing", far)
    keys = SessionKeys()
    await tokens.store(OFFICE, TOKEN, keys)
    with pytest.raises(BadInput, match="unencrypted"):
        await tokens.at_hand(OFFICE, settings, keys)


async def test_that_a_keyring_that_cannot_be_asked_is_said_once_and_asked_once() -> None:
    keys = Locked()
    other = Host(name="b", url="http://b:1", kind=HostKind.OLLAMA)
    found, problem = await tokens.askings(
        (OFFICE, other), Settings(), keys, locked={"b": ("Letters",)}
    )
    assert problem == "It is locked."
    assert keys.asked == 1
    assert (found["office"].token, found["b"].locked) == (None, ("Letters",))


# ---------------------------------------------------------------- the clients


async def test_that_the_ollama_client_shows_the_token_with_every_kind_of_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "sk-of-the-environment-0123456789")
    twin = Twin(tmp_path, token=TOKEN)
    model = speaker("small:latest", ("Small", " says"))
    twin.recorded_models[model.name.short] = model
    async with twin:
        host = Host(name="office", url=twin.url, kind=HostKind.OLLAMA)
        async with clients.ollama(host, Secret(TOKEN)) as client:
            assert [one.name for one in await client.tags()] == ["small:latest"]
            assert not await client.has_blob("sha256:" + "0" * 64)
            await client.load("small:latest", options=OPTIONS)
            said = [event async for event in client.chat("small:latest", [], options=OPTIONS)]
        shown = {one.headers.get("authorization") for one in twin.server.requests}
    assert said
    assert shown == {f"Bearer {TOKEN}"}


async def test_that_a_copy_shows_the_token_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "sk-of-the-environment-0123456789")
    async with Twin(tmp_path, token=TOKEN) as twin, Ollama(twin.url, token=Secret(TOKEN)) as one:
        with pytest.raises(ModelNotFound, match="not found"):
            await one.copy("absent", "other")
        shown = [one.headers.get("authorization") for one in twin.server.requests]
    assert shown == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize("token", [None, Secret("sk-wrong-0123456789-token")])
async def test_that_a_client_without_the_right_token_is_told_what_is_missing(
    tmp_path: Path, token: Secret | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", TOKEN)
    async with Twin(tmp_path, token=TOKEN) as twin, Ollama(twin.url, token=token) as client:
        with pytest.raises(ServerRefused, match="asks for a token") as caught:
            await client.tags()
    assert "landfall hosts" in caught.value.hint


async def test_that_a_server_behind_a_token_is_found_with_it(tmp_path: Path) -> None:
    async with Twin(tmp_path, token=TOKEN) as twin:
        settings = Settings(ollama_url=twin.url)
        closed = await server.find(settings)
        found = await server.find(settings, token=Secret(TOKEN))
        async with serving(settings, token=Secret(TOKEN)) as runtime:
            assert runtime.version == twin.version
    assert "asks for a token" in closed.warnings[0]
    assert found.version == twin.version
    assert found.warnings == ()


async def test_that_the_adapter_of_the_protocol_shows_a_hosts_token_and_no_other(
    tmp_path: Path,
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    async with serving_api("openai", TOKEN) as api, aclosing(Transport(history)) as transport:
        url = addresses.parsed(api.url, HostKind.OPENAI)
        host = Host(name="rack", url=url, kind=HostKind.OPENAI)
        provider = clients.openai(host, transport)
        assert (provider.row.name, provider.address.url) == ("rack", api.url)
        listed = await provider.list_models(Secret(TOKEN), purpose=Purpose(why="model list"))
        assert [one.id for one in listed] == ["m-1", "m-2"]
        with pytest.raises(KeyRefused):
            await provider.list_models(Secret("wrong-0123456789"), purpose=Purpose(why="x"))
    assert [one.host for one in await history.egress()] == [url.partition("://")[2]] * 2
    await history.close()


def test_that_no_proxy_reads_a_token() -> None:
    token = Secret(TOKEN)
    assert may_use_proxy("http://box.lan:11434", None)
    assert may_use_proxy("https://box.lan:443", token)
    assert not may_use_proxy("http://box.lan:11434", token)
    assert not may_use_proxy("http://127.0.0.1:11434", None)


async def test_that_each_kind_has_its_own_client(tmp_path: Path) -> None:
    other = Host(name="rack", url="http://box:8000", kind=HostKind.OPENAI)
    with pytest.raises(BadInput, match="no Ollama"):
        clients.ollama(other, None)
    with pytest.raises(BadInput, match="is an Ollama"):
        clients.openai(OFFICE, Transport(History(tmp_path / "history.db")))


@pytest.mark.parametrize("how", ["error", "page", "redirect", "line"])
async def test_that_no_failure_repeats_the_token_that_a_server_repeats(how: str) -> None:
    async def answer(request: Request) -> Reply:
        said = request.headers.get("authorization", "")
        match how:
            case "redirect":
                return Reply(302, {"Location": f"http://127.0.0.1:9/?{said}"})
            case "page":
                return Reply(404, {"Content-Type": "text/plain"}, said.encode())
            case "line":
                return json_reply({"error": f"cannot: {said}"})
        return json_reply({"error": f"bad token {said}"}, 403)

    failures = []
    async with WireServer(answer) as wire, Ollama(wire.url, token=Secret(TOKEN)) as client:
        with pytest.raises(AppError) as long:
            async for _ in client.chat("m", [], options=OPTIONS):
                pass
        failures.append(long.value)
        if how != "line":  # which a short question takes for its answer
            asker = await who_listens.asker(wire.url, token=Secret(TOKEN))
            with pytest.raises(AppError) as short:
                await asker.json("GET", "/api/tags")
            failures.append(short.value)
        sent = {one.headers.get("authorization") for one in wire.requests}
    assert sent == {f"Bearer {TOKEN}"}
    assert not [error for error in failures if TOKEN in f"{error} {error.hint}"]
