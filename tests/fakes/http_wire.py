"""HTTP/1.1 on loopback by hand, for fakes that must cut, stall and dribble like real servers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

REASONS = {200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content", 307: "Redirect"}


class Cut(Exception):
    """Break the connection here and now, in the middle of whatever is being sent."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Reply:
    """A whole body, or lines that are sent as chunks while they come."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lines: AsyncGenerator[bytes, None] | None = None


def json_reply(value: Any, status: int = 200) -> Reply:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(status, headers, json.dumps(value, ensure_ascii=False).encode())


def text_reply(text: str, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


def lines_reply(lines: AsyncGenerator[bytes, None]) -> Reply:
    return Reply(200, {"Content-Type": "application/x-ndjson"}, lines=lines)


Handler = Callable[[Request], Awaitable[Reply]]


class WireServer:
    """Serves a handler on a port that the system picks.

    Attributes:
        departures: Path and time of every request whose client left before its answer was whole.
        requests: Every request, in order.
    """

    def __init__(self, handler: Handler) -> None:
        self.departures: list[tuple[str, float]] = []
        self.requests: list[Request] = []
        self.departed = asyncio.Event()
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._connected, host, port)

    async def stop(self) -> None:
        """Like a process that is killed: every connection breaks at once."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> WireServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (request := await _read_request(reader)) is not None:
                self.requests.append(request)
                if not await self._answer(request, reader, writer):
                    break
        except (Cut, ConnectionError, asyncio.IncompleteReadError):
            # The last one: who asked was gone before the whole request was here.
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether the connection stays open."""
        work = asyncio.create_task(self._send(request, writer))
        left = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.departures.append((request.path, time.perf_counter()))
                self.departed.set()
                return False
            work.result()
            return request.headers.get("connection", "").lower() != "close"
        finally:
            for task in (work, left):
                task.cancel()
            await asyncio.gather(work, left, return_exceptions=True)

    async def _send(self, request: Request, writer: asyncio.StreamWriter) -> None:
        reply = await self._handler(request)
        headers = dict(reply.headers)
        if reply.lines is not None:
            headers["Transfer-Encoding"] = "chunked"
        elif reply.status != 204:
            headers.setdefault("Content-Length", str(len(reply.body)))
        head = f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Answer')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if reply.lines is None:
            body = b"" if request.method == "HEAD" else reply.body
            writer.write(head.encode() + b"\r\n" + body)
            await writer.drain()
            return
        async with aclosing(reply.lines) as lines:
            await _send_chunks(head.encode() + b"\r\n", lines, writer)


async def _send_chunks(
    head: bytes, lines: AsyncIterator[bytes], writer: asyncio.StreamWriter
) -> None:
    """The head goes with the first chunk: a real server sends no status line before it."""
    unsent = head
    async for line in lines:
        writer.write(unsent + f"{len(line):x}\r\n".encode() + line + b"\r\n")
        unsent = b""
        await writer.drain()
    writer.write(unsent + b"0\r\n\r\n")
    await writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in rest if line)
    }
    parts = urlsplit(target)
    return Request(method, parts.path, parts.query, headers, await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = bytearray()
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)
