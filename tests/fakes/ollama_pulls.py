"""How the protocol twin pulls: manifest, layers with part files that survive, digest, manifest."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.ollama_world import MANIFEST, Disk, Name

CHUNK_BYTES = 64 << 10
TICK_SECONDS = 0.06
TRIES = 6


class _Failed(Exception):
    """The text of the error line that ends the pull."""


@dataclass(slots=True)
class Pull:
    """One pull of one model.

    Attributes:
        room: What the disk still takes; None is no limit.
        goes_down: A part fails once and is rolled back: progress goes down.
        ticks: 0.24 tells of every layer at least once; 0.32 says nothing of small ones.
    """

    disk: Disk
    name: Name
    insecure: bool
    room: int | None = None
    goes_down: bool = False
    ticks: bool = False

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The lines of /api/pull."""
        yield _line(status="pulling manifest")
        scheme = "http" if self.insecure else "https"
        base = f"{scheme}://{self.name.host}/v2/{self.name.namespace}/{self.name.model}"
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10.0) as http:
                raw = await _manifest(http, base, self.name.tag)
                manifest = json.loads(raw)
                layers = [*manifest["layers"], manifest["config"]]
                for layer in layers:
                    async with aclosing(self._layer(http, base, layer)) as steps:
                        async for step in steps:
                            yield step
            yield _line(status="verifying sha256 digest")
            for layer in layers:
                _verify(self.disk, layer["digest"])
        except _Failed as failure:
            yield _line(error=str(failure))
            return
        self.disk.write_manifest(self.name, raw)
        yield _line(status="writing manifest")
        yield _line(status="success")

    async def _layer(
        self, http: httpx.AsyncClient, base: str, layer: dict[str, Any]
    ) -> AsyncGenerator[bytes, None]:
        digest, size = layer["digest"], layer["size"]
        part = _Part(self.disk.blob(digest), digest, size)
        if part.blob.exists():
            yield part.event(size)
            return
        part.resume()
        told = time.perf_counter()
        try:
            async with aclosing(_pieces(http, f"{base}/blobs/{digest}", part)) as pieces:
                async for piece in pieces:
                    if self.room is not None and len(piece) > self.room:
                        raise _Failed(f"write {part.file}: no space left on device")
                    part.write(piece)
                    self.room = None if self.room is None else self.room - len(piece)
                    if self.goes_down and part.done > size // 2:
                        self.goes_down = False
                        yield part.event(part.done)
                        yield part.event(part.done // 4)
                    if time.perf_counter() - told >= TICK_SECONDS:
                        told = time.perf_counter()
                        yield part.event(part.done)
        except (asyncio.CancelledError, GeneratorExit):
            part.remember()  # the client has left
            raise
        if self.ticks:
            yield part.event(size)
        part.finish()


@dataclass(slots=True)
class _Part:
    """A layer on its way: the file that grows, and the note of how far it is."""

    blob: Path
    digest: str
    size: int
    done: int = 0

    @property
    def file(self) -> Path:
        return self.blob.with_name(self.blob.name + "-partial")

    @property
    def note(self) -> Path:
        return self.blob.with_name(self.blob.name + "-partial-0")

    def resume(self) -> None:
        if not self.note.exists():
            self.file.write_bytes(b"")
            return
        text = self.note.read_text()
        if not text:
            raise _Failed("EOF")
        try:
            self.done = int(json.loads(text)["Completed"])
        except json.JSONDecodeError as error:
            raise _Failed("unexpected EOF") from error

    def write(self, piece: bytes) -> None:
        with self.file.open("r+b") as file:
            file.seek(self.done)
            file.write(piece)
        self.done += len(piece)

    def remember(self) -> None:
        state = {"N": 0, "Offset": 0, "Size": self.size, "Completed": self.done}
        self.note.write_text(json.dumps(state))

    def finish(self) -> None:
        self.file.rename(self.blob)
        self.note.unlink(missing_ok=True)

    def event(self, completed: int) -> bytes:
        """One line of progress; Go leaves a 0 out."""
        shown = {"status": f"pulling {self.digest.removeprefix('sha256:')[:12]}"}
        counts = {"total": self.size, **({"completed": completed} if completed else {})}
        return _line(**shown, digest=self.digest, **counts)


def _line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


async def _manifest(http: httpx.AsyncClient, base: str, tag: str) -> bytes:
    url = f"{base}/manifests/{tag}"
    try:
        answer = await http.get(url, headers={"Accept": MANIFEST})
    except httpx.TransportError as error:
        raise _Failed(f'pull model manifest: Get "{url}": {_go_words(url, error)}') from error
    if answer.status_code == 404:
        raise _Failed("pull model manifest: file does not exist")
    if answer.status_code == 401:
        host = httpx.URL(url).netloc.decode()
        raise _Failed(f'pull model manifest: realm host "" does not match original host "{host}"')
    if answer.status_code >= 400:
        raise _Failed(f"pull model manifest: {answer.status_code}: {answer.text}")
    return answer.content


def _go_words(url: str, error: httpx.TransportError) -> str:
    if "SSL" in str(error):
        return "http: server gave HTTP response to HTTPS client"
    return f"dial tcp 127.0.0.1:{httpx.URL(url).port}: connect: connection refused"


async def _pieces(http: httpx.AsyncClient, url: str, part: _Part) -> AsyncGenerator[bytes, None]:
    """What of a layer is missing; a connection that breaks is taken up again where it broke."""
    failure: httpx.TransportError | None = None
    for _ in range(TRIES):
        try:
            direct = await _direct(http, url)
            headers = {"Range": f"bytes={part.done}-"}
            async with http.stream("GET", direct, headers=headers) as answer:
                async for piece in answer.aiter_bytes(CHUNK_BYTES):
                    yield piece
        except httpx.TransportError as error:
            failure = error
        if part.done >= part.size:
            return
    raise _Failed(f"max retries exceeded: {failure or 'EOF'}")


async def _direct(http: httpx.AsyncClient, url: str) -> httpx.URL:
    """Where the bytes of a layer lie: a redirect or a Location must say so."""
    async with http.stream("GET", url) as answer:
        if answer.status_code == 404:
            raise _Failed("file does not exist")
        location = answer.headers.get("location")
        if answer.status_code not in (200, 307) or not location:
            raise _Failed("http: no Location header in response")
        return httpx.URL(url).join(location)


def _verify(disk: Disk, digest: str) -> None:
    path = disk.blob(digest)
    have = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    if have != digest:
        path.unlink()
        raise _Failed(f"digest mismatch, file must be downloaded again: want {digest}, got {have}")
