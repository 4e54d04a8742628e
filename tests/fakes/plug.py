"""A smart plug on a real loopback port, which answers as told: well, slowly, with nonsense."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from landfall.core.energy.plug_address import PlugAddress


def status(watts: Any = 231.5, watt_hours: Any = 1000.0) -> bytes:
    """What a plug's switch says of itself, by the maker's documentation."""
    said = {
        "id": 0,
        "source": "init",
        "output": True,
        "apower": watts,
        "voltage": 231.1,
        "current": 1.01,
        "aenergy": {"total": watt_hours, "by_minute": [0.0, 0.0, 0.0], "minute_ts": 1},
        "temperature": {"tC": 38.2, "tF": 100.7},
    }
    return json.dumps(said).encode()


def answer(body: bytes, *, code: int = 200, head: str = "", length: bool = True) -> bytes:
    """One whole answer."""
    lines = f"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\n{head}"
    lines += f"Content-Length: {len(body)}\r\n" if length else ""
    return lines.encode() + b"\r\n" + body


@dataclass(kw_only=True)
class FakePlug:
    """Answers by path; `drip_seconds` waits before each byte, `silent` never answers.

    Attributes:
        asked: The request lines, in order. headers: the whole heads.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    drip_seconds: float = 0.0
    silent: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    @property
    def address(self) -> PlugAddress:
        """Where it listens."""
        return PlugAddress("127.0.0.1", self.port)

    def says(self, watts: Any = 231.5, watt_hours: Any = 1000.0) -> None:
        """What its switch answers from now on."""
        self.answers["/rpc/Switch.GetStatus?id=0"] = answer(status(watts, watt_hours))

    def serve(self, connection: socket.socket, stop: threading.Event) -> None:
        """One connection."""
        with connection, suppress(OSError):
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            first, *_ = head.decode().split("\r\n")
            self.asked.append(first)
            self.heads.append(head.decode())
            if self.silent:
                stop.wait(5)
                return
            whole = self.answers.get(
                first.split(" ")[1],
                answer(b'{"code":404,"message":"No handler for it"}', code=404),
            )
            if not self.drip_seconds:
                connection.sendall(whole)
                return
            for byte in whole:
                if stop.wait(self.drip_seconds):
                    return
                connection.sendall(bytes([byte]))


@contextmanager
def running(plug: FakePlug) -> Iterator[FakePlug]:
    """The plug on the network for as long as the block lasts."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        plug.port = server.getsockname()[1]
        threads: list[threading.Thread] = []

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                thread = threading.Thread(target=plug.serve, args=(connection, stop), daemon=True)
                thread.start()
                threads.append(thread)

        listener = threading.Thread(target=accept, daemon=True)
        listener.start()
        try:
            yield plug
        finally:
            stop.set()
            listener.join(timeout=5)
            for thread in threads:
                thread.join(timeout=5)
