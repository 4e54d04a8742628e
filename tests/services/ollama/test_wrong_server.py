"""Addresses at which no Ollama answers: something else does, or nothing."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncGenerator

import pytest

from landfall.core.errors import BadInput, Interrupted, OllamaUnavailable, ServerRefused
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.ollama.transport import Transport
from tests.fakes.http_wire import Cut, Reply, Request, WireServer, json_reply, text_reply

HTML = Reply(200, {"Content-Type": "text/html"}, b"<html><h1>Welcome</h1></html>")
ANSWERS = {
    "a web page": HTML,
    "a web page with a 404": Reply(404, {"Content-Type": "text/html"}, b"<h1>404</h1>"),
    "a redirect": Reply(302, {"Location": "https://login.example/"}, b""),
    "text": text_reply("hello"),
    "a list": json_reply([1, 2]),
    "another object": json_reply({"status": "ok"}),
    "an error of another program": json_reply({"detail": "Not Found"}, 404),
    "no UTF-8": Reply(200, {"Content-Type": "application/json"}, b'{"version": "\xff"}'),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_that_what_is_no_ollama_is_called_so(name: str) -> None:
    async def answer(_request: Request) -> Reply:
        return ANSWERS[name]

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(OllamaUnavailable, match="is not Ollama") as caught:
            await client.version()
        assert server.url in caught.value.message
        assert caught.value.hint


async def test_that_a_stream_of_a_web_page_is_no_answer() -> None:
    async def answer(_request: Request) -> Reply:
        return HTML

    async with WireServer(answer) as server, Ollama(server.url) as client:
        stream = client.generate("x", "hi", options=Options(num_ctx=8))
        with pytest.raises(OllamaUnavailable, match="web page"):
            [event async for event in stream]


async def test_that_a_line_without_an_end_is_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landfall.services.ollama.transport._LINE_LIMIT_BYTES", 1000)

    async def endless() -> AsyncGenerator[bytes, None]:
        while True:
            yield b"x" * 600

    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Type": "application/x-ndjson"}, lines=endless())

    async with WireServer(answer) as server, Ollama(server.url) as client:
        stream = client.generate("x", "hi", options=Options(num_ctx=8))
        with pytest.raises(OllamaUnavailable, match="no end of line"):
            [event async for event in stream]


async def test_that_the_guard_of_host_names_is_explained() -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(403)

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(ServerRefused, match="refuses this host name"):
            await client.version()


async def test_that_a_call_that_an_old_server_lacks_is_said() -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(404, {"Content-Type": "text/plain"}, b"404 page not found")

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(ServerRefused, match="does not know /api/embed"):
            await client.embed("x", ["y"], options=Options(num_ctx=8))


async def test_that_a_connection_that_breaks_before_the_answer_is_an_interruption() -> None:
    async def answer(_request: Request) -> Reply:
        raise Cut

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(Interrupted):
            await client.copy("a", "b")
        assert len(server.requests) == 1
        with pytest.raises(Interrupted):
            await client.version()
        assert len(server.requests) == 3  # what only reads is tried again once


async def test_that_a_closed_port_is_unavailable_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with Ollama(f"http://127.0.0.1:{port}") as client:
            with pytest.raises(OllamaUnavailable) as caught:
                await client.version()
    assert caught.value.exit_code == 3
    assert "OLLAMA_HOST" in caught.value.hint


async def test_that_a_port_that_accepts_and_stays_silent_is_unavailable() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        http = Transport(f"http://127.0.0.1:{port}", answer_seconds=0.1)
        with pytest.raises(OllamaUnavailable, match="does not answer"):
            await http.version()
        await http.aclose()


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999", "http://a b"])
def test_that_what_is_no_address_is_bad_input(url: str) -> None:
    with pytest.raises(BadInput):
        Ollama(url)


async def test_that_loopback_is_never_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OLLAMA_API_KEY", "secret-of-the-user")

    async def answer(_request: Request) -> Reply:
        return json_reply({"version": "1.2.3"})

    async with WireServer(answer) as server, Ollama(server.url) as client:
        assert await client.version() == "1.2.3"
        assert "authorization" not in server.requests[0].headers


async def endless(pause_seconds: float = 0.0) -> AsyncGenerator[bytes, None]:
    while True:
        yield b" " * 600
        await asyncio.sleep(pause_seconds)


async def test_that_an_answer_without_an_end_is_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landfall.services.ollama.transport._BODY_LIMIT_BYTES", 10_000)

    async def answer(request: Request) -> Reply:
        status = 500 if request.path == "/api/chat" else 200
        return Reply(status, {"Content-Type": "application/json"}, lines=endless())

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(OllamaUnavailable, match="no end"):
            await client.tags()
        stream = client.chat("x", [], options=Options(num_ctx=8))
        with pytest.raises(OllamaUnavailable, match="no end"):
            [event async for event in stream]


async def test_that_an_answer_that_drips_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte comes in time, and the last one never does."""
    monkeypatch.setattr("landfall.services.ollama.transport.WHOLE_SECONDS", 0.5)

    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Type": "application/json"}, lines=endless(0.05))

    async with WireServer(answer) as server:
        transport = Transport(server.url, answer_seconds=0.5)
        with pytest.raises(OllamaUnavailable, match="does not answer"):
            await transport.json("GET", "/api/tags")
        await transport.aclose()


async def test_that_an_answer_that_is_packed_wrongly_is_no_answer() -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Encoding": "gzip"}, b"no gzip")

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(OllamaUnavailable, match="packs its answer"):
            await client.tags()


async def test_that_an_answer_that_was_packed_all_the_same_is_read() -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"version": "0.32.15"}'))

    async with WireServer(answer) as server, Ollama(server.url) as client:
        assert await client.version() == "0.32.15"


async def test_that_what_is_shown_of_a_model_is_of_its_kind_or_left_out() -> None:
    async def answer(_request: Request) -> Reply:
        return json_reply(
            {"model_info": [], "capabilities": ["tools", {}, 5], "parameters": 7, "license": "x"}
        )

    async with WireServer(answer) as server, Ollama(server.url) as client:
        assert await client.show("x") == {"capabilities": ["tools"], "license": "x"}
