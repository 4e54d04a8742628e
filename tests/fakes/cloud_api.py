"""Hosts of models on loopback: they speak the two protocols, and misbehave when asked to.

Runs in the test's own event loop. Requests are kept as they came; answers are the protocol's own
unless a test queues others in `script`.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

CUT = "cut"
"""In a body: the connection dies here."""

Chunk = bytes | float | Literal["cut"]
"""Bytes to send, seconds to wait, or the cut."""


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer: a status, headers and the pieces of its body; all that after so many seconds."""

    status: int = 200
    body: Sequence[Chunk] = ()
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, [json.dumps(value).encode()], {"content-type": "application/json"} | named)


def page(status: int = 200) -> Reply:
    """What a hotel's log-in or a proxy answers."""
    return Reply(status, [b"<!doctype html><title>Log in</title>"], {"content-type": "text/html"})


def refuse(status: int, message: str, *, code: str = "", **headers: str) -> Reply:
    return as_json({"error": {"message": message, "code": code or None}}, status, **headers)


def redirect(to: str) -> Reply:
    return Reply(307, [], {"location": to})


def stream(chunks: Sequence[Chunk]) -> Reply:
    return Reply(200, chunks, {"content-type": "text/event-stream"})


def data(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def openai_chunk(**delta: Any) -> bytes:
    return data({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def openai_end(reason: str = "stop") -> bytes:
    return data({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


def openai_usage(prompt: int = 9, completion: int = 3, **more: Any) -> bytes:
    """The chunk that stream_options asks for: no choices, only the usage."""
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return data({"choices": [], "usage": usage | more})


def openai_answer(*words: str) -> list[Chunk]:
    return [
        openai_chunk(role="assistant", content=""),
        *(openai_chunk(content=word) for word in words),
        openai_end(),
        openai_usage(completion=len(words)),
        DONE,
    ]


def event(kind: str, **value: Any) -> bytes:
    return f"event: {kind}\n".encode() + data({"type": kind, **value})


def anthropic_answer(*words: str, thinking: Sequence[str] = ()) -> list[Chunk]:
    usage = {"input_tokens": 7, "cache_read_input_tokens": 2, "output_tokens": 1}
    block = "content_block_delta"
    return [
        event("message_start", message={"role": "assistant", "usage": usage}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        *(event(block, index=0, delta={"type": "thinking_delta", "thinking": t}) for t in thinking),
        event(block, index=0, delta={"type": "signature_delta", "signature": "c2ln"}),
        *(event(block, index=1, delta={"type": "text_delta", "text": word}) for word in words),
        event("content_block_stop", index=1),
        event(
            "message_delta",
            delta={"stop_reason": "end_turn"},
            usage={"output_tokens": len(words) + len(thinking)},
        ),
        event("message_stop"),
    ]


class CloudApi:
    """One host. `key` is the one it takes; `script` holds answers for the next requests, `default`
    the one for all others, where it is not the protocol's own."""

    def __init__(self, protocol: Literal["openai", "anthropic"], key: str) -> None:
        self.protocol = protocol
        self.key = key
        self.requests: list[Received] = []
        self.script: deque[Reply] = deque()
        self.default: Reply | None = None
        self.asked = asyncio.Event()
        self.closed_by_client = asyncio.Event()
        self.url = ""
        self.writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                self.asked.set()
                reply = self.script.popleft() if self.script else None
                reply = reply or self.default or self._answer(request)
                if not await self._send(reply, reader, writer):
                    break
        writer.close()
        self.writers.discard(writer)

    async def _send(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if reply.after_seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), reply.after_seconds)
                self.closed_by_client.set()
                return False
        head = [f"HTTP/1.1 {reply.status} X", "transfer-encoding: chunked"]
        head += [f"{name}: {text}" for name, text in reply.headers.items()]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        for chunk in reply.body:
            if chunk == CUT:
                await writer.drain()
                writer.transport.abort()
                return False
            if isinstance(chunk, float):
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), chunk)
                    self.closed_by_client.set()
                    return False
            elif isinstance(chunk, bytes):
                writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    def _answer(self, request: Received) -> Reply:
        sent = request.headers.get("x-api-key") or request.headers.get("x-goog-api-key")
        sent = sent or request.headers.get("authorization", "").removeprefix("Bearer ")
        if sent != self.key:
            return refuse(401, f"Incorrect API key provided: {sent}.", code="invalid_api_key")
        path = request.path.partition("?")[0]
        match self.protocol, request.method, path:
            case "openai", "GET", "/v1/models":
                return as_json({"object": "list", "data": [{"id": "m-1"}, {"id": "m-2"}]})
            case "openai", "POST", "/v1/chat/completions":
                return stream(openai_answer("Hel", "lo"))
            case "anthropic", "GET", "/v1/models":
                return as_json({"data": [{"id": "c-1", "display_name": "C 1"}], "has_more": False})
            case "anthropic", "POST", "/v1/messages":
                return stream(anthropic_answer("Hel", "lo"))
            case _:
                return refuse(404, "Not found")


async def _read(reader: asyncio.StreamReader) -> Received | None:
    line = await reader.readline()
    if not line:
        return None
    method, path, _ = line.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (header := (await reader.readline()).decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body)


@asynccontextmanager
async def serving(
    protocol: Literal["openai", "anthropic"], key: str = "sk-fake-0123456789abcdef"
) -> AsyncIterator[CloudApi]:
    """A host that answers while the block runs."""
    api = CloudApi(protocol, key)
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield api
    finally:
        server.close()
        for writer in tuple(api.writers):
            writer.close()
        await server.wait_closed()
