"""A publisher of news of versions: keys, signed files, and an https host on loopback that has them.

The host answers each connection with the next of its answers, the last one again and again, and
keeps what was asked of it.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nacl.signing import SigningKey

from landfall.core.announcement import Announcement, Signature, key_name, sealed, written
from landfall.services.installation.updates import Channel

PAGE = "https://landfall.example/1.2.0"
RELEASES = "https://landfall.example/releases"


def news(version: str = "1.2.0", **more: Any) -> Announcement:
    """An announcement that holds for long."""
    values: dict[str, Any] = {
        "released": date(2026, 11, 20),
        "page": PAGE,
        "notes": "Faster starts.",
        "expires": date(2999, 12, 31),
    }
    return Announcement(version=version, **(values | more))


def signed(payload: bytes, *keys: SigningKey) -> bytes:
    """The file for a payload."""
    return sealed(
        payload,
        [
            Signature(key=key_name(bytes(key.verify_key)), value=key.sign(payload).signature)
            for key in keys
        ],
    )


def file_of(key: SigningKey, version: str = "1.2.0", **more: Any) -> bytes:
    """The file for an announcement."""
    return signed(written(news(version, **more)), key)


def odd(key: SigningKey, **changes: Any) -> bytes:
    """A file, rightly signed, whose payload has other values than the program would write."""
    table = json.loads(written(news()))
    return signed(json.dumps(table | changes).encode(), key)


def as_base64(key: SigningKey) -> str:
    """The public key as it stands in a channel."""
    return base64.b64encode(bytes(key.verify_key)).decode("ascii")


def answer(
    body: bytes, *, status: str = "200 OK", kind: str = "text/plain", more: str = ""
) -> bytes:
    """A whole answer of HTTP/1.1."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n{more}\r\n"
    )
    return head.encode() + body


def redirect(address: str) -> bytes:
    """An answer that leads elsewhere."""
    return answer(b"", status="302 Found", more=f"Location: {address}\r\nSet-Cookie: id=7\r\n")


@dataclass(slots=True)
class NewsHost:
    """What it was asked, and what it says.

    Attributes:
        holds: Set by a test to let go of connections that are kept waiting.
    """

    port: int
    answers: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    waits: bool = False
    holds: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/news.txt"

    def channel(self, *keys: SigningKey, **more: Any) -> Channel:
        """A build that asks this host and knows these keys."""
        public = tuple(bytes(key.verify_key) for key in keys)
        return Channel(address=self.url, page=RELEASES, keys=public, **more)

    def talk(self, plain: socket.socket, context: ssl.SSLContext) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (more := line.recv(4096)):
                    return
                asked += more
            self.heard.append(asked.decode("latin-1"))
            if self.waits:
                self.holds.wait(20)
            line.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@contextmanager
def publishing(context: ssl.SSLContext, *answers: bytes) -> Iterator[NewsHost]:
    """Listens until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = NewsHost(listener.getsockname()[1], list(answers))
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                with suppress(TimeoutError):
                    plain, _ = listener.accept()
                    plain.settimeout(10)
                    host.talk(plain, context)
                    plain.close()

        listener.settimeout(0.05)
        thread = threading.Thread(target=serve, name="news host")
        thread.start()
        try:
            yield host
        finally:
            closing.set()
            host.holds.set()
            thread.join(10)
