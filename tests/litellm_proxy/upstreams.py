"""Stand-ins for what the proxy talks to: Ollama hosts with slots, and a cloud that keeps all bytes.

They serve on a thread of their own, so that a test may wait for the proxy.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, TypeVar

from tests.fakes.http_wire import Cut, Reply, Request, WireServer, json_reply, lines_reply

T = TypeVar("T")

REFUSED = "refused"
MOST_SECONDS = 30.0
HANG_SECONDS = 2.0
"""After which a host that never answers breaks the connection: the exported timeout is longer."""


class HostState(StrEnum):
    """What a host does with what it is asked."""

    ANSWERS = "answers"
    DOWN = "down"
    BROKEN = "answers 500"
    BUSY = "answers 429"
    TOO_LONG = "says the context is exceeded"
    UNSEEMLY = "says the content breaks a policy"
    HANGS = "breaks off without an answer"
    HALF = "breaks off in its answer"


@dataclass(slots=True)
class Host:
    """An Ollama host.

    Attributes:
        service_seconds: How long it takes over an answer.
        served: Answers that it gave; busiest: the most at once; busy_seconds: spent on them.
    """

    state: HostState = HostState.ANSWERS
    service_seconds: Callable[[], float] = float
    served: int = 0
    busy_seconds: float = 0.0
    at_once: int = 0
    busiest: int = 0
    server: WireServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = WireServer(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    async def _answer(self, request: Request) -> Reply:
        match self.state:
            case HostState.BROKEN:
                return json_reply({"error": "llama runner process has terminated"}, 500)
            case HostState.BUSY:
                return json_reply({"error": "server busy, please try again"}, 429)
            case HostState.TOO_LONG:
                text = "input length exceeds maximum context length of 4096 tokens"
                return json_reply({"error": f"This model's maximum context length: {text}"}, 400)
            case HostState.UNSEEMLY:
                return json_reply({"error": "content_policy_violation: content_filter"}, 400)
            case HostState.HANGS:
                await asyncio.sleep(HANG_SECONDS)
                raise Cut
        asked = request.path.rpartition("/")[2]
        if asked in {"chat", "generate", "embed", "embeddings"} and request.method == "POST":
            return await self._serve(asked, request)
        if asked == "show":
            return json_reply({"model_info": {}, "template": "", "capabilities": ["completion"]})
        return json_reply({"version": "0.32.15", "models": []})

    async def _serve(self, asked: str, request: Request) -> Reply:
        self.at_once += 1
        self.busiest = max(self.busiest, self.at_once)
        seconds = self.service_seconds()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.at_once -= 1
        self.busy_seconds += seconds
        self.served += 1
        if self.state is HostState.HALF:
            return _half()
        return _answer_of(asked, request.json())


def _half() -> Reply:
    async def lines() -> AsyncGenerator[bytes, None]:
        said = {"message": {"role": "assistant", "content": "from the"}, "done": False}
        yield json.dumps({"model": "m", **said}).encode() + b"\n"
        await asyncio.sleep(0.1)
        raise Cut

    return lines_reply(lines())


def _answer_of(asked: str, body: dict[str, Any]) -> Reply:
    counts = {"prompt_eval_count": 12, "eval_count": 7, "total_duration": 1, "eval_duration": 1}
    whole = {
        "model": body.get("model", ""),
        "created_at": "2026-11-26T10:00:00.000000Z",
        "done": True,
        "done_reason": "stop",
        **counts,
    }
    if asked.startswith("embed"):
        inputs = body.get("input", body.get("prompt", ""))
        many = len(inputs) if isinstance(inputs, list) else 1
        return json_reply({**whole, "embeddings": [[0.1, 0.2, 0.3]] * many, "embedding": [0.1]})
    words = (
        {"message": {"role": "assistant", "content": "from the host"}}
        if asked == "chat"
        else {"response": "from the host"}
    )
    if not body.get("stream", True):
        return json_reply({**whole, **words})

    async def lines() -> AsyncGenerator[bytes, None]:
        yield json.dumps({**whole, **words, "done": False}).encode() + b"\n"
        last = {"message": {"role": "assistant", "content": ""}} if asked == "chat" else {}
        yield json.dumps({**whole, "response": "", **last}).encode() + b"\n"

    return lines_reply(lines())


class Cloud:
    """Everything outside: answers in the protocols of providers, and is the only way out.

    A client that is told to use it as its way to other addresses asks for them with CONNECT: that
    is written down like all else, and refused.
    """

    def __init__(self) -> None:
        self.server = WireServer(self._answer)
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def requests(self) -> list[Request]:
        return self.server.requests

    @staticmethod
    def bytes_of(request: Request) -> bytes:
        """A request as one text, its first line and headers with it."""
        head = f"{request.method} {request.path}?{request.query}\n"
        head += "".join(f"{name}: {value}\n" for name, value in request.headers.items())
        return head.encode() + request.body

    async def _answer(self, request: Request) -> Reply:
        if request.method == "CONNECT":
            return json_reply({"error": REFUSED}, 403)
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            body = {}
        if not isinstance(body, dict):
            body = {}
        number = next(self._numbers)
        made = {"id": f"cloud-{number}", "model": body.get("model", "m"), "created": 1}
        if request.path.endswith("/messages"):
            return _anthropic(made, stream=bool(body.get("stream")))
        if request.path.endswith("/embeddings"):
            usage = {"prompt_tokens": 12, "total_tokens": 12}
            data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
            return json_reply({**made, "object": "list", "data": data, "usage": usage})
        if request.path.endswith("/completions"):
            return _openai(made, chat="/chat/" in request.path, stream=bool(body.get("stream")))
        return json_reply({**made, "object": "thing", "status": "completed", "output": []})


def _openai(made: dict[str, Any], *, chat: bool, stream: bool) -> Reply:
    usage = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}
    said = {"message": {"role": "assistant", "content": "from the cloud"}}
    choice = {"index": 0, "finish_reason": "stop", **(said if chat else {"text": "from the cloud"})}
    whole = {**made, "object": "chat.completion", "choices": [choice], "usage": usage}
    if not stream:
        return json_reply(whole)
    delta = {"index": 0, "delta": {"role": "assistant", "content": "from the cloud"}}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return _events(
        [{**made, "object": "chat.completion.chunk", "choices": [one]} for one in (delta, last)],
        end=b"data: [DONE]\n\n",
    )


def _anthropic(made: dict[str, Any], *, stream: bool) -> Reply:
    usage = {"input_tokens": 12, "output_tokens": 7}
    whole = {
        **made,
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": "from the cloud"}],
        "stop_reason": "end_turn",
        "usage": usage,
    }
    if not stream:
        return json_reply(whole)
    text = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": "from the cloud"}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    return _events(
        [
            {"type": "message_start", "message": {**whole, "content": []}},
            {"type": "content_block_start", "index": 0, "content_block": text},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            ended,
            {"type": "message_stop"},
        ]
    )


def _events(events: list[dict[str, Any]], *, end: bytes = b"") -> Reply:
    async def lines() -> AsyncGenerator[bytes, None]:
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            yield f"{name}data: {json.dumps(event)}\n\n".encode()
        if end:
            yield end

    return Reply(200, {"Content-Type": "text/event-stream"}, lines=lines())


@dataclass(slots=True)
class World:
    """The hosts and the cloud, on their thread."""

    hosts: tuple[Host, ...]
    cloud: Cloud
    loop: asyncio.AbstractEventLoop
    ports: list[int] = field(default_factory=list)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where they serve."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(MOST_SECONDS)

    def set(self, state: HostState) -> None:
        """All hosts do this from now on."""
        self.call(self._set(state))

    async def _set(self, state: HostState) -> None:
        for host, port in zip(self.hosts, self.ports, strict=True):
            if HostState.DOWN in (state, host.state) and state is not host.state:
                if state is HostState.DOWN:
                    await host.server.stop()
                else:
                    await host.server.start(port=port)
            host.state = state


async def _start_where_nobody_dials_from(server: WireServer) -> None:
    """On a port that no system gives to a caller: a host that is down keeps it for its return."""
    for port in random.sample(range(20_000, 32_000), 100):
        try:
            await server.start(port=port)
        except OSError:
            continue
        return
    raise AssertionError("no port is free")


@contextmanager
def serving(hosts: int = 2) -> Iterator[World]:
    """A world of that many hosts and a cloud, for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="upstreams")
    thread.start()
    world = World(tuple(Host() for _ in range(hosts)), Cloud(), loop)
    try:
        for host in world.hosts:
            world.call(_start_where_nobody_dials_from(host.server))
        world.call(world.cloud.server.start())
        world.ports = [host.server.port for host in world.hosts]
        yield world
    finally:
        for server in (*(host.server for host in world.hosts), world.cloud.server):
            world.call(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
