"""One message over a WebSocket (RFC 6455), by hand: the tests need no more of it."""

from __future__ import annotations

import os
import socket
import struct
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from tests.litellm_proxy.engine import MASTER_KEY

WAIT_SECONDS = 3.0
OPENED = 101
SHORT_BYTES = 125


def sent(url: str, path: str, text: str, headers: Mapping[str, str]) -> int:
    """Open a WebSocket, say something and listen a while; the status of the answer to its opening.

    What is on the other side may send the text on only then, so what it says is waited for.
    """
    where = urlsplit(url)
    assert where.hostname is not None
    told = {
        "Host": where.netloc,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Bearer {MASTER_KEY}",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection((where.hostname, where.port or 80), WAIT_SECONDS) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        status = int(line.recv(65536).split(b" ", 2)[1])
        if status == OPENED:
            line.sendall(_frame(text.encode()))
            with suppress(TimeoutError):
                while line.recv(65536):
                    pass
    return status


def _frame(message: bytes) -> bytes:
    """A text message as clients send it, under a mask that changes nothing."""
    size = len(message)
    head = struct.pack("!BB", 0x81, 0x80 | size)
    if size > SHORT_BYTES:
        head = struct.pack("!BBH", 0x81, 0x80 | 126, size)
    return head + bytes(4) + message
