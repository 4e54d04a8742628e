"""What a window at rest asks: the same answers and refusals as through the client."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from landfall.core.errors import AppError, Interrupted, OllamaUnavailable
from landfall.core.settings import Settings
from landfall.services.ollama import answers, listing, probe
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.host import Host
from landfall.services.ollama.short_questions import ShortQuestions
from tests.fakes.http_wire import Cut, Reply, Request, WireServer, json_reply
from tests.fakes.ollama_twin import Twin
from tests.fakes.real_ollama import Live
from tests.services.ollama.test_wrong_server import ANSWERS

SECONDS = 5.0


def asking(url: str, seconds: float = SECONDS) -> ShortQuestions:
    return ShortQuestions(url, answer_seconds=seconds)


async def test_that_they_get_what_the_client_gets(live: Live, client: Ollama) -> None:
    short = asking(live.url)
    assert await answers.version(short, live.url) == await client.version()
    assert await listing.tags(short) == await client.tags()
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
    assert await probe.version(twin.url) == twin.version


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


LOOK = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from landfall.core.settings import Settings
from landfall.services.ollama.host import Host
async def look():
    host = Host()
    await host.look(Settings(ollama_url=sys.argv[2]))
    print(len((await host.models())[0]), "httpx" in sys.modules)
    await host.close()
asyncio.run(look())
"""


async def test_that_looking_brings_no_http_client_in(twin: Twin) -> None:
    app = Path(__file__).parents[3] / "app"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", LOOK, str(app), twin.url],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split()[1] == "False"
