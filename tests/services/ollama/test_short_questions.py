"""What a window at rest asks: the same answers and refusals as through the client."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from landfall.core.errors import AppError, Interrupted, OllamaUnavailable
from landfall.core.settings import Settings
from landfall.services.keys.secret import Secret
from landfall.services.ollama import answers, listing, who_listens
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.server_in_use import Host
from landfall.services.ollama.short_questions import ShortQuestions
from tests.fakes.http_wire import Cut, Reply, Request, WireServer, json_reply
from tests.fakes.ollama_twin import Twin
from tests.fakes.real_ollama import Live
from tests.services.ollama.test_wrong_server import ANSWERS

SECONDS = 5.0


def asking(url: str, seconds: float = SECONDS) -> ShortQuestions:
    return ShortQuestions(url, answer_seconds=seconds)


async def test_that_nobody_who_listens_is_told_in_words() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(OllamaUnavailable) as caught:
            await answers.version(asking(url), url)
    assert "Errno" not in caught.value.message


async def test_that_they_get_what_the_client_gets(live: Live, client: Ollama) -> None:
    short = asking(live.url)
    assert await answers.version(short, live.url) == await client.version()
    assert set(await listing.tags(short)) == set(await client.tags())  # newest first, with ties
    assert await listing.ps(short) == await client.ps()


@pytest.mark.parametrize("name", ANSWERS)
async def test_that_they_refuse_as_the_client_refuses(name: str) -> None:
    async def answer(_request: Request) -> Reply:
        return ANSWERS[name]

    async with WireServer(answer) as server, Ollama(server.url) as client:
        with pytest.raises(AppError) as known:
            await client.version()
        with pytest.raises(AppError) as caught:
            await answers.version(asking(server.url), server.url)
    assert type(caught.value) is type(known.value)
    assert str(caught.value) == str(known.value)


async def test_that_an_empty_500_is_asked_again_once() -> None:
    replies = [Reply(500), json_reply({"models": []})]

    async def answer(_request: Request) -> Reply:
        return replies.pop(0)

    async with WireServer(answer) as server:
        assert await listing.ps(asking(server.url)) == ()


@pytest.mark.parametrize("sent", [b"", b'{"models": ['])
async def test_that_a_body_that_was_cut_is_no_answer(sent: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + sent)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Interrupted):
            await listing.tags(asking(f"http://127.0.0.1:{port}"))


async def test_that_a_body_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landfall.services.http_reply.MOST_BYTES", 1000)

    async def answer(_request: Request) -> Reply:
        return json_reply({"models": [{"name": "x" * 2000}]})

    async with WireServer(answer) as server:
        with pytest.raises(OllamaUnavailable, match="longer than any list"):
            await listing.tags(asking(server.url))


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://127.0.0.1:1", False),
        ("http://192.0.2.7:11434", False),
        ("https://ollama.example", False),
    ],
)
async def test_that_encryption_and_proxies_are_for_the_client(url: str, short: bool) -> None:
    http = await who_listens.asker(url)
    assert isinstance(http, ShortQuestions) is short
    await http.aclose()


async def test_that_a_foreign_host_name_and_origin_can_be_shown() -> None:
    async def answer(_request: Request) -> Reply:
        return json_reply({})

    async with WireServer(answer) as server:
        await asking(server.url).json("GET", "/api/version", headers={"Host": "stranger.invalid"})
        assert server.requests[0].headers["host"] == "stranger.invalid"


@contextmanager
def silent() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def test_that_a_port_that_accepts_and_stays_silent_does_not_answer() -> None:
    with silent() as port, pytest.raises(OllamaUnavailable, match="does not answer"):
        await asking(f"http://127.0.0.1:{port}", 0.1).json("GET", "/api/version")


async def test_that_a_server_that_drips_is_left_in_time() -> None:
    async def endless() -> AsyncGenerator[bytes, None]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Type": "application/json"}, lines=endless())

    async with WireServer(answer) as server:
        with pytest.raises(OllamaUnavailable, match="does not answer"):
            await asking(server.url, 0.3).json("GET", "/api/tags")


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
async def test_that_a_server_that_drips_and_will_close_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch, version: bytes
) -> None:
    monkeypatch.setattr("landfall.services.ollama.short_questions.CONNECT_SECONDS", 0.2)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(version + b" 200 OK\r\nConnection: close\r\n\r\n")
        with closing(writer), suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OllamaUnavailable, match="does not answer"):
            async with asyncio.timeout(10):
                await asking(f"http://127.0.0.1:{port}", 0.2).json("GET", "/api/tags")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"models": [' + b"1" * 5000 + b"]}",
        b'{"models": [null]}',
        b'{"models": [{"size": "much"}]}',
        b'{"models": 3}',
    ],
)
async def test_that_a_list_of_models_that_is_none_is_called_so(body: bytes) -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Type": "application/json"}, body)

    async with WireServer(answer) as server:
        with pytest.raises(OllamaUnavailable, match="is not Ollama"):
            await listing.tags(asking(server.url))


async def test_that_a_negative_chunk_is_no_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nxx\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises((OllamaUnavailable, Interrupted)):
            await listing.tags(asking(f"http://127.0.0.1:{port}/\u00e4"))


async def test_that_what_speaks_no_http_is_told_without_the_token() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0 sk-quiet\x1b[2J\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        short = ShortQuestions(
            f"http://127.0.0.1:{port}", answer_seconds=SECONDS, token=Secret("sk-quiet")
        )
        with pytest.raises(OllamaUnavailable, match=r"not Ollama: it says “SSH-2\.0") as caught:
            await short.json("GET", "/api/version")
    assert "sk-quiet" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


async def test_that_a_closed_port_and_a_cut_are_told_apart() -> None:
    with silent() as port:
        pass
    with pytest.raises(OllamaUnavailable, match="No connection") as caught:
        await asking(f"http://127.0.0.1:{port}").json("GET", "/api/version")
    assert "OLLAMA_HOST" in caught.value.hint

    async def answer(_request: Request) -> Reply:
        raise Cut

    async with WireServer(answer) as server:
        with pytest.raises(Interrupted):
            await asking(server.url).json("GET", "/api/version")


async def test_that_a_cancelled_question_hangs_up_and_frees_its_thread() -> None:
    asked = asyncio.Event()

    async def answer(_request: Request) -> Reply:
        asked.set()
        await asyncio.Event().wait()
        raise Cut

    async with WireServer(answer) as server:
        question = asyncio.create_task(asking(server.url, 60).json("GET", "/api/tags"))
        await asked.wait()
        question.cancel()
        async with asyncio.timeout(2):
            with pytest.raises(asyncio.CancelledError):
                await question


async def test_that_no_proxy_is_asked_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, twin: Twin
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert await who_listens.version(twin.url) == twin.version


async def test_that_the_host_makes_a_client_when_one_is_wanted(twin: Twin) -> None:
    host = Host()
    with pytest.raises(OllamaUnavailable):
        await host.models()
    await host.look(Settings(ollama_url=twin.url))
    installed, loaded = await host.models()
    client = host.client
    assert client is host.client
    assert (installed, loaded) == (await client.tags(), await client.ps())
    await host.look(Settings(ollama_url=twin.url))
    assert host.client is client
    await host.look(Settings(ollama_url="http://127.0.0.1:9"))
    with pytest.raises(OllamaUnavailable):
        _ = host.client
    await host.close()


async def test_that_a_client_made_while_another_server_is_found_is_that_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Host()
    await host._turn_to("http://127.0.0.1:1", None)
    begun, go_on = threading.Event(), threading.Event()
    made = Ollama.__init__

    def slow(self: Ollama, url: str, *, token: Secret | None = None) -> None:
        begun.set()
        go_on.wait(5)
        made(self, url, token=token)

    monkeypatch.setattr(Ollama, "__init__", slow)
    asking = asyncio.create_task(asyncio.to_thread(lambda: host.client))
    await asyncio.to_thread(begun.wait, 5)
    turning = asyncio.create_task(
        asyncio.to_thread(asyncio.run, host._turn_to("http://127.0.0.1:2", None))
    )
    go_on.set()
    await asyncio.gather(asking, turning)
    assert host.client.url == "http://127.0.0.1:2"
    await host.close()


LOOK = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from landfall.core.settings import Settings
from landfall.services.ollama.server_in_use import Host
async def look():
    host = Host()
    await host.look(Settings(ollama_url=sys.argv[2]))
    print(len((await host.models())[0]), {"httpx", "http.client", "unicodedata"} & set(sys.modules))
    await host.close()
asyncio.run(look())
"""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_that_looking_brings_neither_an_http_client_nor_unicode_in(
    twin: Twin, name: str
) -> None:
    app = Path(__file__).parents[3] / "app"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", LOOK, str(app), twin.url.replace("127.0.0.1", name)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split()[1] == "set()"
