"""Reads one HTTP answer of a server that may say anything, within bounds on every part of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from landfall.services.keys.secret import Secret

MOST_BYTES = 8 << 20
"""A list of a thousand models has half a million."""
MOST_HEADER_BYTES = 1 << 16
MOST_HEADERS = 200
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: |\r?\n)")
_SIZE = re.compile(rb"[0-9A-Fa-f]+")
_MOST_DIGITS = 16
_NO_PIECES = "its answer is in pieces that cannot be put together"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is a web page."""
        return "html" in self.headers.get("content-type", "")


class NoHttp(Exception):
    """What came is no HTTP.

    Attributes:
        what: What it is, with "{}" where what was `said` belongs.
    """

    def __init__(self, what: str, said: str = "") -> None:
        super().__init__(what)
        self.what, self.said = what, said

    def told(self, token: Secret | None) -> str:
        """What it is, in words that may be shown: without the token that was sent to it."""
        said = self.said if token is None else token.redact(self.said)
        return self.what.format(quoted(said))


def quoted(said: str) -> str:
    """What a server said, short and without what a terminal would obey."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() else "·" for sign in said[:60])
    return f"“{plain}”"


async def read_reply(reader: asyncio.StreamReader) -> tuple[Reply, bool, float]:
    """The answer, whether the connection can take another question, and when its head was here.

    The moment is of `time.perf_counter`.

    Raises:
        NoHttp: something else came, or too much.
        OSError, IncompleteReadError: the connection ended before.
    """
    while True:
        minor, status = await _status(reader)
        headers = await _headers(reader)
        if status >= 200:
            break
    head_at = time.perf_counter()
    body, framed = await _body(reader, status, headers)
    closing = "close" in headers.get("connection", "").lower() or minor == 0
    return Reply(status, headers, body), framed and not closing, head_at


async def _status(reader: asyncio.StreamReader) -> tuple[int, int]:
    line = await _line(reader)
    found = _STATUS.match(line + b"\n")
    if not found:
        raise NoHttp("it says {} instead of HTTP", line.decode("latin-1"))
    return int(found[1]), int(found[2])


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\n")).rstrip(b"\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            said = error.partial.decode("latin-1")
            raise NoHttp("it says {} and hangs up", said) from error
        raise
    except asyncio.LimitOverrunError as error:
        raise NoHttp("a line of its answer has no end") from error


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MOST_HEADERS):
        line = await _line(reader)
        if not line:
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    raise NoHttp("the head of its answer has no end")


async def _body(
    reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]
) -> tuple[bytes, bool]:
    """The body, and whether its end was marked other than by hanging up."""
    if status in (204, 304):
        return b"", True
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(reader), True
    length = headers.get("content-length")
    if length is None:
        return await _rest(reader), False
    if not (length.isascii() and length.isdigit()):
        raise NoHttp("it does not say how long its answer is")
    if len(length) > _MOST_DIGITS or int(length) > MOST_BYTES:
        raise NoHttp("its answer is longer than any list of models")
    return await reader.readexactly(int(length)), True


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        digits = (await _line(reader)).partition(b";")[0].strip()
        if not _SIZE.fullmatch(digits):
            raise NoHttp(_NO_PIECES)
        size = int(digits, 16) if len(digits) <= _MOST_DIGITS else MOST_BYTES + 1
        if len(body) + size > MOST_BYTES:
            raise NoHttp("its answer has no end")
        if size == 0:
            await _headers(reader)  # trailers
            return bytes(body)
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise NoHttp(_NO_PIECES)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while piece := await reader.read(1 << 16):
        body += piece
        if len(body) > MOST_BYTES:
            raise NoHttp("its answer has no end")
    return bytes(body)
