"""Real servers on several loopback ports, one of which stops while it is watched."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path

import pytest

from landfall.core.hosts.host_twins import twins
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState, Standing
from landfall.core.provenance import middle
from landfall.services.history.history import History
from landfall.services.hosts.looking import Asking, looked_at
from landfall.services.hosts.seen import HostsSeen
from landfall.services.hosts.watching import Rhythm, looked_at_all, watched
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes import tiny_models
from tests.fakes.real_ollama import REAL, Live, fill, serving_real

pytestmark = [
    pytest.mark.real_ollama,
    pytest.mark.skipif(REAL is None, reason="no ollama executable is on PATH"),
]

KEY = "sk-local-PLANTED-0123456789"
FAST = Rhythm(period_seconds=0.3, silent_most_seconds=0.6)


def host(name: str, live: Live) -> Host:
    return Host(name=name, url=live.url, kind=HostKind.OLLAMA)


async def test_that_three_real_servers_are_read_and_one_that_stops_is_gone(
    tmp_path: Path,
) -> None:
    tiny = tiny_models.make(tmp_path)
    history = History(tmp_path / "history.db")
    await history.open()
    with ExitStack() as servers:
        lives = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            lives.append(servers.enter_context(serving_real(tmp_path / name)))
        (tmp_path / "three").mkdir()
        stopping = servers.enter_context(ExitStack())
        third = stopping.enter_context(serving_real(tmp_path / "three"))
        async with Ollama(lives[0].url) as client:
            await fill(client, {"tiny-story": tiny["tiny-story"]})
            await client.load("tiny-story", options=Options(num_ctx=512))
        hosts = [host("one", lives[0]), host("two", lives[1]), host("three", third)]
        seen = await HostsSeen.opened(history)
        latest: dict[str, HostReading] = {}
        stopped = False
        async with aclosing(watched(hosts, seen=seen, rhythm=FAST)) as readings:
            async for reading in readings:
                latest[reading.host.name] = reading
                if len(latest) == 3 and not stopped:
                    stopped = True
                    stopping.close()
                if stopped and latest["three"].state is HostState.GONE:
                    break
        assert latest["one"].state is latest["two"].state is HostState.ANSWERS
        (model,) = latest["one"].models
        assert (model.name, model.loaded, model.context) == ("tiny-story:latest", True, 512)
        assert middle(latest["one"].memory_bytes) == model.memory_bytes
        assert latest["one"].standing is Standing.THIS_MACHINE
        assert latest["one"].version == lives[0].version
        assert latest["three"].gone_since
        assert latest["three"].answered_at
        assert "nobody listens" in latest["three"].problem
    await history.close()


async def test_that_one_real_server_by_two_names_is_counted_once(tmp_path: Path) -> None:
    with serving_real(tmp_path) as live:
        port = live.url.rpartition(":")[2]
        hosts = [
            host("a", live),
            Host(name="b", url=f"http://localhost:{port}", kind=HostKind.OLLAMA),
            Host(name="c", url=live.url, kind=HostKind.OPENAI),
        ]
        found = {one.host.name: one async for one in looked_at_all(hosts)}
    told = twins(hosts, found)
    assert (told["a"].same_as, told["b"].same_as) == ("", "a")
    assert told["c"].state is HostState.SOMETHING_ELSE
    assert f"Ollama {live.version} answers" in told["c"].problem


async def test_that_a_real_server_open_to_all_is_warned_of(tmp_path: Path) -> None:
    open_to_all = {"OLLAMA_HOST": "0.0.0.0:0", "OLLAMA_ORIGINS": "*", "OLLAMA_NO_CLOUD": "0"}
    with serving_real(tmp_path, environment=open_to_all) as live:
        (reading,) = [one async for one in looked_at_all([host("a", live)])]
    assert [one.id for one in reading.warnings] == ["open", "open_origins", "cloud_models"]


@pytest.fixture
def llama_server(tmp_path: Path) -> Iterator[str]:
    """The llama-server that Ollama brings from 0.30 on, alone, with a key."""
    program = Path(str(REAL)).resolve().parent.parent / "lib" / "ollama" / "llama-server"
    if not program.is_file():
        pytest.skip("this Ollama brings no llama-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = tiny_models.make(tmp_path)["tiny-story"].path
    words = ["-m", str(model), "--port", str(port), "--host", "127.0.0.1", "-c", "512", "-t", "1"]
    process = subprocess.Popen(
        [str(program), *words, "--api-key", KEY],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"LD_LIBRARY_PATH": str(program.parent)},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


async def test_that_a_real_llama_server_is_known_and_proves_its_key(llama_server: str) -> None:
    there = Host(name="a", url=llama_server, kind=HostKind.OPENAI)
    reading = await looked_at(there)
    until = time.monotonic() + 30
    while reading.state is HostState.GONE and time.monotonic() < until:
        await asyncio.sleep(0.2)  # it loads its model
        reading = await looked_at(there)
    right = await looked_at(there, Asking(token=Secret(KEY)))
    wrong = await looked_at(there, Asking(token=Secret("sk-local-wrong-0123456789")))
    assert reading.state is wrong.state is HostState.REFUSED
    assert (right.state, right.server) == (HostState.ANSWERS, "llama.cpp")
    (model,) = right.models
    assert (model.loaded, model.context) == (True, 512)
    assert model.size_bytes
