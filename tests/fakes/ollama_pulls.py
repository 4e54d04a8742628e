"""How the protocol twin pulls: manifest, layers with part files that survive, digest, manifest."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx

from tests.fakes.ollama_world import MANIFEST, Disk, Name

CHUNK_BYTES = 64 << 10
TICK_SECONDS = 0.06


class _Failed(Exception):
    """The text of the error line that ends the pull."""


async def pulled(
    disk: Disk,
    name: Name,
    *,
    insecure: bool,
    bytes_per_second: float = 0.0,
    free_bytes: int | None = None,
    goes_down: bool = False,
    ticks: bool = False,
) -> AsyncGenerator[bytes, None]:
    """The lines of /api/pull, while the layers come from the registry that the name says.

    Args:
        bytes_per_second: 0 is as fast as it goes.
        free_bytes: What the disk takes before it is full; None is no limit.
        goes_down: A part fails once and is rolled back.
        ticks: 0.24 tells of every layer at least once; 0.32 says nothing of small ones.
    """
    yield _line(status="pulling manifest")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10.0) as http:
            base = (
                f"{'http' if insecure else 'https'}://{name.host}/v2/{name.namespace}/{name.model}"
            )
            raw = await _manifest(http, base, name.tag)
            manifest = json.loads(raw)
            room = free_bytes
            for layer in [*manifest["layers"], manifest["config"]]:
                steps = _layer(http, base, disk, layer, bytes_per_second, room, goes_down, ticks)
                async for step in steps:
                    yield step
                room = None if room is None else room - layer["size"]
            yield _line(status="verifying sha256 digest")
            for layer in [*manifest["layers"], manifest["config"]]:
                _verify(disk, layer["digest"])
    except _Failed as failure:
        yield _line(error=str(failure))
        return
    disk.write_manifest(name, raw)
    yield _line(status="writing manifest")
    yield _line(status="success")


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
    address = httpx.URL(url)
    if "SSL" in str(error) or "WRONG_VERSION" in str(error):
        return "tls: first record does not look like a TLS handshake"
    return f"dial tcp 127.0.0.1:{address.port}: connect: connection refused"


async def _layer(
    http: httpx.AsyncClient,
    base: str,
    disk: Disk,
    layer: dict[str, Any],
    bytes_per_second: float,
    room: int | None,
    goes_down: bool,
    ticks: bool,
) -> AsyncGenerator[bytes, None]:
    digest, size = layer["digest"], layer["size"]
    shown = {"status": f"pulling {digest.removeprefix('sha256:')[:12]}", "digest": digest}
    blob = disk.blob(digest)
    if blob.exists():
        yield _line(**shown, total=size, completed=size)
        return
    part = blob.with_name(blob.name + "-partial")
    note = blob.with_name(blob.name + "-partial-0")
    done = _resumed(note)
    body = await _body(http, f"{base}/blobs/{digest}")
    last = 0.0
    loop = asyncio.get_running_loop()
    try:
        with part.open("r+b" if part.exists() else "wb") as file:
            while done < size:
                piece = body[done : done + CHUNK_BYTES]
                if room is not None and done + len(piece) > room:
                    raise _Failed(f"write {part}: no space left on device")
                file.seek(done)
                file.write(piece)
                done += len(piece)
                if goes_down and done > size // 2:
                    goes_down = False
                    yield _progress(shown, size, done)
                    done = 0
                    yield _progress(shown, size, done)
                if bytes_per_second:
                    await asyncio.sleep(len(piece) / bytes_per_second)
                if loop.time() - last >= TICK_SECONDS and (ticks or last or bytes_per_second):
                    last = loop.time()
                    yield _progress(shown, size, done)
                last = last or loop.time()
        if ticks:
            yield _progress(shown, size, done)
    except (asyncio.CancelledError, GeneratorExit):
        # The client has left: the part remembers where it is.
        _remember(note, size, done)
        raise
    part.rename(blob)
    note.unlink(missing_ok=True)


def _progress(shown: dict[str, Any], size: int, done: int) -> bytes:
    """One event; Go leaves a 0 out."""
    return _line(**shown, total=size, **({"completed": done} if done else {}))


def _resumed(note: Any) -> int:
    if not note.exists():
        return 0
    text = note.read_text()
    if not text:
        raise _Failed("EOF")
    try:
        return int(json.loads(text)["Completed"])
    except json.JSONDecodeError as error:
        raise _Failed("unexpected EOF") from error


def _remember(note: Any, size: int, done: int) -> None:
    note.write_text(json.dumps({"N": 0, "Offset": 0, "Size": size, "Completed": done}))


async def _body(http: httpx.AsyncClient, url: str) -> bytes:
    """A layer's bytes, found as a real server finds them: by a redirect or a Location."""
    try:
        first = await http.get(url)
        if first.status_code == 404:
            raise _Failed("file does not exist")
        location = first.headers.get("location")
        if first.status_code not in (200, 307) or not location:
            raise _Failed("http: no Location header in response")
        answer = await http.get(httpx.URL(url).join(location))
    except httpx.TransportError as error:
        raise _Failed(f"max retries exceeded: {error}") from error
    return answer.content


def _verify(disk: Disk, digest: str) -> None:
    path = disk.blob(digest)
    have = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    if have != digest:
        path.unlink()
        raise _Failed(f"digest mismatch, file must be downloaded again: want {digest}, got {have}")
