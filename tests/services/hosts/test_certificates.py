"""Hosts behind https: certificates that are right, and each way of being wrong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.services import certificates
from landfall.services.hosts.line import Line
from landfall.services.hosts.looking import Asking, looked_at
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama
from tests.fakes.odd_listeners import HEAD, listening

made = pytest.importorskip("tests.fakes.certificates", reason="needs the package cryptography")
TOKEN = Secret("sk-local-PLANTED-0123456789")


@pytest.fixture(autouse=True)
def fresh_trust() -> Iterator[None]:
    certificates.trusted.cache_clear()
    yield
    certificates.trusted.cache_clear()


class Server:
    """Answers a version to everybody, and keeps what was sent."""

    def __init__(self) -> None:
        self.heard = b""
        self.said = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b'Connection: close\r\n\r\n{"version": "0.32.15", "models": []}')
        await writer.drain()


async def looked(server: Server, context: ssl.SSLContext, name: str = "127.0.0.1") -> HostState:
    async with listening(server.talk, context=context) as port:
        host = Host(name="a", url=f"https://{name}:{port}", kind=HostKind.OLLAMA)

        async def resolve(_name: str) -> list[str]:
            return ["127.0.0.1"]

        reading = await looked_at(host, Asking(token=TOKEN, resolve=resolve))
    server.said = reading.problem
    return reading.state


async def test_that_an_authority_of_the_office_is_trusted_where_the_system_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    server = Server()
    assert await looked(server, made.context(tmp_path, office)) is HostState.ANSWERS
    assert f"Bearer {TOKEN.reveal()}".encode() in server.heard


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "it has expired"),
        ("early", "it is not valid yet"),
        ("name", "it is for another name"),
        ("self", "it is self-signed"),
        ("stranger", "its issuer is not trusted here"),
    ],
)
async def test_that_a_wrong_certificate_is_said_and_nothing_is_sent(
    kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = made.authority(tmp_path)
    if kind != "stranger":
        monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    days = {"expired": (-9, -3), "early": (3, 9)}.get(kind, (-1, 1))
    name = "other.lan" if kind == "name" else "box.lan"
    context = made.context(tmp_path, None if kind == "self" else office, name=name, days=days)
    server = Server()
    assert await looked(server, context, "box.lan") is HostState.BAD_CERTIFICATE
    assert words in server.said
    assert "Nothing was sent" in server.said
    assert server.heard == b""


async def test_that_a_certificate_for_another_address_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    server = Server()
    context = made.context(tmp_path, office, name="127.0.0.2")
    assert await looked(server, context) is HostState.BAD_CERTIFICATE
    assert "another address" in server.said


async def test_that_the_client_that_runs_models_trusts_the_same_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    server = Server()
    async with listening(server.talk, context=made.context(tmp_path, office)) as port:
        async with Ollama(f"https://127.0.0.1:{port}", token=TOKEN) as client:
            assert await client.version() == "0.32.15"
        line = Line(f"https://127.0.0.1:{port}", ["127.0.0.1"])
        assert (await line.json("GET", "/api/version"))["version"] == "0.32.15"
        await line.aclose()
