"""A client that hides nothing: status, headers, framing and where a connection broke."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """status is None where the connection broke before any; `whole` is whether the end came."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def chunked(self) -> bool:
        return self.headers.get("transfer-encoding") == "chunked"

    def lines(self) -> list[Any]:
        """The lines of a stream; those of /v1 are events."""
        lines = [line for line in self.body.decode().split("\n") if line]
        return [json.loads(line) if line.startswith("{") else line for line in lines]


async def exchange(
    port: int,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """Send one request and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = {"Host": f"127.0.0.1:{port}", "Connection": "close", **(headers or {})}
    if body:
        sent["Content-Length"] = str(len(body))
    head = f"{method} {target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    writer.write(head.encode() + b"\r\n" + body)
    data = b""
    with suppress(ConnectionError):
        while piece := await reader.read(1 << 16):
            data += piece
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return _parsed(data, method)


def _parsed(data: bytes, method: str) -> RawAnswer:
    head, separator, rest = data.partition(b"\r\n\r\n")
    if not separator:
        return RawAnswer(None, {}, b"", whole=False)
    first, *others = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in others)
    }
    status = int(first.split(" ")[1])
    if headers.get("transfer-encoding") == "chunked" and method != "HEAD":
        body, whole = _dechunked(rest)
        return RawAnswer(status, headers, body, whole)
    length = int(headers.get("content-length", "0"))
    return RawAnswer(status, headers, rest, whole=method == "HEAD" or len(rest) == length)


def _dechunked(rest: bytes) -> tuple[bytes, bool]:
    body = b""
    while True:
        size_text, separator, tail = rest.partition(b"\r\n")
        if not separator:
            return body, False
        size = int(size_text, 16)
        if size == 0:
            return body, True
        body += tail[:size]
        rest = tail[size + 2 :]
