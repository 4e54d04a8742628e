"""A model registry on loopback: the part of the protocol that pulls and header reads use.

Blobs answer 200 with a Location header, which Ollama insists on, and honour Range. What goes wrong
with real registries is switched on by `Faults`. A repository is listed as the Hugging Face Hub
lists its own, in pages.

    async with serving(Registry()) as registry:
        name = registry.add("tiny", header, ...)      # "127.0.0.1:PORT/library/tiny:latest"
        name = registry.add_repository("user/repo", {"m-Q4_K_M.gguf": (header, 2_000_000_000)})
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
MODEL = "application/vnd.ollama.image.model"
PROJECTOR = "application/vnd.ollama.image.projector"
TEMPLATE_TYPE = "application/vnd.ollama.image.template"
PARAMS_TYPE = "application/vnd.ollama.image.params"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"

CHATML = (
    b"{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}"
    b"<|im_start|>assistant\n"
)

_STEP = 64 << 10


@dataclass
class Faults:
    """What goes wrong. Byte counts are of one answer's body, of blobs alone.

    Attributes:
        rate_bytes_per_s: Blobs come no faster than this; 0 is no limit.
        cut_after_bytes: The connection ends there.
        stall_after_bytes: Nothing more comes after that, the connection stays.
        status: Every answer has this status.
        html: Manifests are a login page.
        redirect_loop: Every answer sends back to its own address.
        ignore_range: Blobs come whole whatever is asked for.
        no_location: Blobs lack the Location header.
        silent: Nothing is answered at all.
        redirect_to: Every answer sends to this address.
        wrong_part: Parts begin one byte later than was asked for.
        part_limit_bytes: A part is never longer than this.
        pack: Documents, or blobs too, come packed with gzip: "documents", "everything", "damaged".
        refusal: The body of an answer with a status.
        next_page: The address of the next page of every list of files.
    """

    rate_bytes_per_s: int = 0
    cut_after_bytes: int | None = None
    stall_after_bytes: int | None = None
    status: int | None = None
    html: bool = False
    redirect_loop: bool = False
    ignore_range: bool = False
    no_location: bool = False
    silent: bool = False
    redirect_to: str = ""
    wrong_part: bool = False
    part_limit_bytes: int = 0
    pack: str = ""
    refusal: bytes = b""
    next_page: str = ""


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Registry:
    """What is in the registry, what goes wrong, and what was asked.

    Attributes:
        address: "127.0.0.1:PORT" while it serves.
        sent_bytes: Of bodies of blobs.
        claimed_bytes: Of blobs that end with zeros which are not kept, by digest.
        listings: Entries of every repository. page_size: how many of them come at once.
    """

    faults: Faults = field(default_factory=Faults)
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    address: str = ""
    sent_bytes: int = 0
    claimed_bytes: dict[str, int] = field(default_factory=dict)
    listings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_size: int = 1000

    def add(
        self,
        name: str,
        weights: bytes | None,
        *,
        tag: str = "latest",
        namespace: str = "library",
        family: str = "llama",
        chat: bool = True,
        projector: bytes | None = None,
        config: Mapping[str, Any] | None = None,
        extra_layers: tuple[tuple[str, bytes], ...] = (),
    ) -> str:
        """Put a model in; its whole name is returned."""
        layers = [] if weights is None else [self.blob(MODEL, weights)]
        if projector is not None:
            layers.append(self.blob(PROJECTOR, projector))
        if chat:
            stop = json.dumps({"stop": ["<|im_start|>", "<|im_end|>"]}).encode()
            layers += [self.blob(TEMPLATE_TYPE, CHATML), self.blob(PARAMS_TYPE, stop)]
        layers += [self.blob(kind, data) for kind, data in extra_layers]
        document = {
            "model_format": "gguf",
            "model_family": family,
            "model_families": [family],
            "model_type": "1.4M",
            "file_type": "F16",
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
            **(config or {}),
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": self.blob(CONFIG_TYPE, json.dumps(document).encode()),
            "layers": layers,
        }
        self.manifests[f"{namespace}/{name}:{tag}"] = json.dumps(manifest).encode()
        return f"{self.address}/{namespace}/{name}:{tag}"

    def add_repository(
        self,
        repository: str,
        files: Mapping[str, tuple[bytes, int]],
        *,
        default: str = "",
        tags: Mapping[str, str] | None = None,
        projector_bytes: int = 0,
    ) -> str:
        """Put a repository in as the Hub shows it; its name is returned.

        Args:
            files: Path to the file's beginning and its size.
            default: The path that `latest` means; "" answers 400 as for parts of a split file.
            tags: Other tags, and the path that each of them means.
        """
        self.listings[repository] = [
            {"type": "directory", "oid": "0" * 40, "size": 0, "path": "folder"},
            {"type": "file", "oid": "1" * 40, "size": 1500, "path": "README.md"},
        ]
        for path, (data, size) in files.items():
            layer = self.sparse_blob(MODEL, data, size)
            stored = {"oid": layer["digest"].partition(":")[2], "size": size, "pointerSize": 135}
            entry = {"type": "file", "oid": "2" * 40, "size": size, "path": path, "lfs": stored}
            self.listings[repository].append(entry)
            named = [tag for tag, meant in (tags or {}).items() if meant == path]
            for tag in (*named, *(["latest"] if path == default else [])):
                layers = [layer]
                if projector_bytes:
                    layers.append(self.sparse_blob(PROJECTOR, b"mmproj", projector_bytes))
                manifest = {
                    "schemaVersion": 2,
                    "config": self.blob(CONFIG_TYPE, b'{"model_format": "gguf"}'),
                    "layers": layers,
                }
                self.manifests[f"{repository}:{tag}"] = json.dumps(manifest).encode()
        return f"{self.address}/{repository}"

    def sparse_blob(self, media_type: str, data: bytes, size: int) -> dict[str, Any]:
        """Keep a blob of which only the beginning is kept; the rest are zeros."""
        digest = f"sha256:{hashlib.sha256(data + str(size).encode()).hexdigest()}"
        self.blobs[digest], self.claimed_bytes[digest] = data, size
        return {"mediaType": media_type, "digest": digest, "size": size}

    def blob(self, media_type: str, data: bytes) -> dict[str, Any]:
        """Keep a blob; its entry in a manifest."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def asked_for(self, part: str) -> list[Asked]:
        """Requests whose path holds this."""
        return [request for request in self.asked if part in request.path]


@contextlib.asynccontextmanager
async def serving(registry: Registry, port: int = 0) -> AsyncIterator[Registry]:
    """Serve it on loopback until the block ends."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await _Connection(registry, reader, writer).serve()
        except asyncio.CancelledError:
            pass  # the test is over; the connection ends here
        finally:
            tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    registry.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield registry
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@contextlib.contextmanager
def serving_in_thread(registry: Registry) -> Iterator[Registry]:
    """The same on a thread of its own, for tests that run a whole command."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="model-registry")
    thread.start()
    stack = contextlib.AsyncExitStack()
    try:
        opened = stack.enter_async_context(serving(registry))
        yield asyncio.run_coroutine_threadsafe(opened, loop).result(timeout=30)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Connection:
    """One connection: requests one after another."""

    def __init__(
        self, registry: Registry, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.registry, self.reader, self.writer = registry, reader, writer

    async def serve(self) -> None:
        while True:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines if line)
            }
            asked = Asked(method, path, headers)
            self.registry.asked.append(asked)
            if self.registry.faults.silent:
                await asyncio.Event().wait()
            if not await self._answer(asked):
                return

    async def _answer(self, asked: Asked) -> bool:
        """False where the connection ends with this answer."""
        faults = self.registry.faults
        if faults.redirect_loop or faults.redirect_to:
            target = faults.redirect_to or asked.path
            return await self._send(asked, 307, b"", {"Location": target})
        if faults.status is not None and faults.refusal:
            return await self._send(asked, faults.status, faults.refusal)
        if faults.status is not None:
            return await self._error(asked, faults.status, "DENIED")
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/main\?(.*)", asked.path):
            return await self._listing(asked, found[1], found[2])
        if asked.path.rstrip("/") == "/v2":
            return await self._send(asked, 200, b"{}")
        if found := re.fullmatch(r"/v2/([^/]+/[^/]+)/manifests/([^/?]+)", asked.path):
            return await self._manifest(asked, f"{found[1]}:{found[2]}")
        if found := re.fullmatch(r"/v2/[^/]+/[^/]+/blobs/(sha256:[0-9a-f]{64})", asked.path):
            return await self._blob(asked, found[1])
        return await self._error(asked, 404, "NAME_UNKNOWN")

    async def _listing(self, asked: Asked, repository: str, query: str) -> bool:
        if self.registry.faults.html:
            return await self._page(asked)
        entries = self.registry.listings.get(repository)
        if entries is None:
            return await self._error(asked, 401, "Invalid username or password.")
        cursor = re.search(r"cursor=(\d+)", query)
        begin = int(cursor[1]) if cursor else 0
        end = begin + self.registry.page_size
        headers = {}
        target = self.registry.faults.next_page
        if not target and end < len(entries):
            root = f"http://{self.registry.address}/api/models/{repository}/tree/main"
            target = f"{root}?recursive=true&cursor={end}"
        if target:
            headers["Link"] = f'<{target}>; rel="next"'
        return await self._send(asked, 200, json.dumps(entries[begin:end]).encode(), headers)

    async def _page(self, asked: Asked) -> bool:
        page = b"<!doctype html><title>Sign in</title>"
        return await self._send(asked, 200, page, {"Content-Type": "text/html; charset=utf-8"})

    async def _manifest(self, asked: Asked, name: str) -> bool:
        if self.registry.faults.html:
            return await self._page(asked)
        body = self.registry.manifests.get(name)
        if body is None and name.partition(":")[0] in self.registry.listings:
            words = b'{"error":"The specified tag is a sharded GGUF."}'
            return await self._send(asked, 400, words)
        if body is None:
            return await self._error(asked, 404, "MANIFEST_UNKNOWN")
        return await self._send(asked, 200, body, {"Content-Type": MANIFEST_TYPE})

    async def _blob(self, asked: Asked, digest: str) -> bool:
        faults = self.registry.faults
        body = self.registry.blobs.get(digest)
        if body is None:
            return await self._error(asked, 404, "BLOB_UNKNOWN")
        headers = {
            "Content-Type": "application/octet-stream",
            "Accept-Ranges": "bytes",
            "Docker-Content-Digest": digest,
        }
        if not faults.no_location:
            headers["Location"] = asked.path
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
        if wanted and not faults.ignore_range:
            whole = self.registry.claimed_bytes.get(digest, len(body))
            begin = int(wanted[1]) + faults.wrong_part
            end = min(int(wanted[2]) if wanted[2] else whole - 1, whole - 1)
            if faults.part_limit_bytes:
                end = min(end, begin + faults.part_limit_bytes - 1)
            if begin >= whole:
                return await self._error(asked, 416, "RANGE_INVALID")
            headers["Content-Range"] = f"bytes {begin}-{end}/{whole}"
            part = body[begin : end + 1].ljust(end + 1 - begin, b"\0")
            return await self._send(asked, 206, part, headers, blob=True)
        return await self._send(asked, 200, body, headers, blob=True)

    async def _error(self, asked: Asked, status: int, code: str) -> bool:
        body = json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode()
        return await self._send(asked, status, body)

    async def _send(
        self,
        asked: Asked,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        blob: bool = False,
    ) -> bool:
        fields = {"Content-Type": "application/json", **(headers or {})}
        if self.registry.faults.pack and not (blob and self.registry.faults.pack == "documents"):
            damaged = self.registry.faults.pack == "damaged"
            body = b"no gzip" if damaged else gzip.compress(body)
            fields["Content-Encoding"] = "gzip"
        fields["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1"))
        await self.writer.drain()
        if asked.method == "HEAD":
            return True
        if not blob:
            self.writer.write(body)
            await self.writer.drain()
            return True
        return await self._send_blob(body)

    async def _send_blob(self, body: bytes) -> bool:
        faults = self.registry.faults
        limits = [n for n in (faults.cut_after_bytes, faults.stall_after_bytes) if n is not None]
        stop = min([len(body), *limits])
        sent = 0
        while sent < stop:
            part = body[sent : min(sent + _STEP, stop)]
            self.writer.write(part)
            await self.writer.drain()
            sent += len(part)
            self.registry.sent_bytes += len(part)
            if faults.rate_bytes_per_s:
                await asyncio.sleep(len(part) / faults.rate_bytes_per_s)
        if sent == len(body):
            return True
        if faults.stall_after_bytes is not None and sent == faults.stall_after_bytes:
            await asyncio.Event().wait()
        self.writer.transport.abort()
        return False
