"""What the adapters add to the time to the first token, against plain httpx, in the same run.

A server in a process of its own streams an answer over loopback, its first token after a wait, as a
provider's would be. Both sides ask it by turns, in changing order, over connections that stay open
(a first question to each is not counted). The clock of both stops at the first text that they could
show: plain httpx reads lines and takes the text out of the chunk, which is the least that anyone
must do. A hundred pairs by default, LANDFALL_BENCH_PAIRS for another number. Run with
`python -m pytest tests/benchmarks/test_cloud_ttft.py --benchmark-only`.

"seen" is what `Sent` and the first `Piece` tell, which is what a run keeps; "waited" is from the
call to the piece, with the line of the egress log in a real history on the way.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.events import Piece, Sent
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.keys.secret import Secret
from tests.benchmarks.goals import Goals

ROOT = Path(__file__).parents[2]
PAIRS = int(os.environ.get("LANDFALL_BENCH_PAIRS", "100"))
OVERHEAD_MAX_SECONDS = 0.005
WAIT_SECONDS = 0.02
KEY = "sk-ant-api03-fake-0123456789"
ASKED = "Say hello"

SERVER = f"""
import asyncio
from tests.fakes.cloud_api import anthropic_answer, openai_answer, serving, stream

async def main():
    answers = {{"openai": openai_answer, "anthropic": anthropic_answer}}
    async with serving("openai", {KEY!r}) as one, serving("anthropic", {KEY!r}) as two:
        for api in (one, two):
            words = answers[api.protocol](*["word "] * 20)
            api.default = stream([{WAIT_SECONDS}, *words])
        print(one.url, two.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, input)

asyncio.run(main())
"""


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """The address of each protocol, while the block runs."""
    path = os.pathsep.join((str(ROOT / "app"), str(ROOT)))
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        openai, anthropic = child.stdout.readline().split()
        try:
            yield {"openai": openai, "anthropic": anthropic}
        finally:
            child.communicate("\n")


@dataclass(frozen=True)
class Wait:
    """Seconds to the first text, as the events tell it and as the caller felt it."""

    seen: float
    waited: float


async def by_adapter(provider: Provider) -> Wait:
    began = time.perf_counter()
    answer = provider.chat(
        Secret(KEY),
        model="m-1",
        messages=[Message("user", ASKED)],
        options=ChatOptions(max_tokens=64),
        purpose=Purpose(why="answer"),
    )
    sent = first = felt = None
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Sent):
                sent = event.at
            elif isinstance(event, Piece) and first is None:
                first, felt = event.at, time.perf_counter()
    assert sent is not None
    assert first is not None
    assert felt is not None
    return Wait(first - sent, felt - began)


async def by_httpx(client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> float:
    began = time.perf_counter()
    first = None
    async with client.stream("POST", url, json=body) as response:
        async for line in response.aiter_lines():
            if first is None and _text(line):
                first = time.perf_counter() - began
    assert first is not None
    return first


def _text(line: str) -> str:
    if not line.startswith("data: {"):
        return ""
    value = json.loads(line[6:])
    choices = value.get("choices") or [{}]
    found = choices[0].get("delta", {}).get("content") or value.get("delta", {}).get("text")
    return str(found or "")


@asynccontextmanager
async def both(
    name: str, url: str, folder: Path
) -> AsyncIterator[tuple[Provider, httpx.AsyncClient]]:
    history = History(folder / "history.db")
    await history.open()
    async with aclosing(Transport(history)) as transport, httpx.AsyncClient(timeout=30) as client:
        client.headers.update({"authorization": f"Bearer {KEY}", "x-api-key": KEY})
        yield adapters.provider(cloud.find(name), Address(url, "--base-url"), transport), client
    await history.close()


async def pairs(name: str, url: str, folder: Path) -> list[tuple[Wait, float]]:
    path = "/messages" if name == "anthropic" else "/chat/completions"
    found = []
    async with both(name, url, folder) as (provider, client):
        body = {"model": "m-1", "messages": [{"role": "user", "content": ASKED}], "stream": True}
        for pair in range(PAIRS + 1):
            if pair % 2:
                ours = await by_adapter(provider)
                plain = await by_httpx(client, url + path, body)
            else:
                plain = await by_httpx(client, url + path, body)
                ours = await by_adapter(provider)
            found.append((ours, plain))
    return found[1:]


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_the_first_token_is_seen_within_five_milliseconds_of_plain_httpx(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, name: str
) -> None:
    with server() as urls:
        found = benchmark.pedantic(
            lambda: asyncio.run(pairs(name, urls[name], tmp_path)), rounds=1, iterations=1
        )
    seen = [ours.seen - plain for ours, plain in found]
    waited = [ours.waited - plain for ours, plain in found]
    assert all(plain >= WAIT_SECONDS for _, plain in found), "the server did not wait"
    benchmark.extra_info |= {
        "pairs": len(found),
        "httpx_ttft_ms": round(median(plain for _, plain in found) * 1000, 3),
        "overhead_seen_ms": round(median(seen) * 1000, 3),
        "overhead_seen_p95_ms": round(quantiles(seen, n=20)[-1] * 1000, 3),
        "overhead_waited_ms": round(median(waited) * 1000, 3),
        "overhead_waited_p95_ms": round(quantiles(waited, n=20)[-1] * 1000, 3),
    }
    goals.most(
        "median added to TTFT, ms",
        1000 * median(seen),
        1000 * OVERHEAD_MAX_SECONDS,
        peer=("TTFT of plain httpx, ms", 1000 * median(plain for _, plain in found)),
    )
