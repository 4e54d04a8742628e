"""Reads what a registry holds without pulling it: manifest, sizes, and the header of the weights.

Speaks the protocol of registry.ollama.ai, which hf.co speaks too; see the notes on each step. Only
called where the user named a model that nothing here knows, or asked for it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx

from landfall.core.errors import AppError, BadInput, ModelNotFound, NetworkUnavailable, Unavailable
from landfall.core.gguf import (
    FIRST_READ_BYTES,
    MAX_HEADER_BYTES,
    Header,
    NeedMoreBytes,
    read_header,
)
from landfall.core.host_names import is_loopback
from landfall.services.header_cache import (
    ADAPTER,
    MODEL,
    TENSOR,
    HeaderCache,
    Layer,
    Manifest,
    Reference,
    parse_reference,
    read_manifest,
)

_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_MAX_DOCUMENT_BYTES = 4 << 20
_CONNECT_SECONDS = 4.0
_SILENCE_SECONDS = 15.0
_WHOLE_SECONDS = 90.0
_MAX_REDIRECTS = 5


async def fetch(
    name: str,
    cache: HeaderCache,
    *,
    insecure: bool = False,
    silence_seconds: float = _SILENCE_SECONDS,
) -> tuple[Manifest, Header]:
    """The manifest and the header of a model, and both kept in the cache.

    Args:
        name: `qwen3:8b`, `hf.co/user/repo:Q4_K_M`, `localhost:5050/library/x:latest`.
        insecure: Plain http, for a registry in the own network; loopback is always asked so.
        silence_seconds: How long the registry may say nothing.

    Raises:
        BadInput: the name cannot be one, or what it means is no GGUF model.
        ModelNotFound: the registry has no such model.
        NetworkUnavailable: it cannot be reached, falls silent, or leads in a circle.
        Unavailable: it answers something else than a registry does.
    """
    reference = parse_reference(name)
    async with _session(reference, insecure=insecure, silence_seconds=silence_seconds) as registry:
        manifest = await registry.manifest(reference, name)
        blob = _model_layer(manifest, name, await registry.remote_host(reference, manifest))
        header = await asyncio.to_thread(cache.header, blob.digest)
        if header is None:
            header = await registry.header(reference, blob, name)
            await asyncio.to_thread(cache.keep_header, blob.digest, header)
    await asyncio.to_thread(cache.keep_manifest, reference, manifest)
    return manifest, header


async def read_layers(name: str, insecure: bool = False) -> tuple[tuple[str, int], ...]:
    """Digest and size in bytes of everything that a pull of the model transfers.

    Raises:
        BadInput, ModelNotFound, NetworkUnavailable, Unavailable: as `fetch`.
    """
    reference = parse_reference(name)
    async with _session(reference, insecure=insecure) as registry:
        manifest = await registry.manifest(reference, name)
    return tuple((layer.digest, layer.size_bytes) for layer in (*manifest.layers, manifest.config))


def may_be_plain(name: str) -> bool:
    """Whether the name's registry is on loopback or in the own network: plain http may be used.

    Raises:
        BadInput: the name cannot be one.
    """
    host = httpx.URL(f"http://{parse_reference(name).host}").host
    return is_loopback(host) or _in_own_network(host)


def on_this_machine(name: str) -> bool:
    """Whether the name's registry is on loopback: such a one speaks plain http.

    Raises:
        BadInput: the name cannot be one.
    """
    return is_loopback(httpx.URL(f"http://{parse_reference(name).host}").host)


def _model_layer(manifest: Manifest, name: str, remote_host: str) -> Layer:
    """The blob with the weights; says what the name means where there is none.

    Raises:
        BadInput: a model of a cloud, an adapter, or weights that are not GGUF.
    """
    if blobs := manifest.of_type(MODEL):
        return blobs[0]
    if remote_host:
        what, hint = f"runs at {remote_host}, not here", "Choose a tag without -cloud."
    elif manifest.of_type(TENSOR):
        what, hint = "has its weights as single tensors, not as GGUF", "Choose a GGUF tag."
    elif manifest.of_type(ADAPTER):
        what, hint = "is an adapter, not a model", "Ask for the model that it adapts."
    else:
        what, hint = "has no weights", "Check the name and its tag."
    raise BadInput(f"{name} {what}.", hint, field="model")


@asynccontextmanager
async def _session(
    reference: Reference, *, insecure: bool, silence_seconds: float = _SILENCE_SECONDS
) -> AsyncIterator[_Registry]:
    """One connection pool for one question, with an end to its patience."""
    host = httpx.URL(f"http://{reference.host}").host
    plain = is_loopback(host) or (insecure and _in_own_network(host))
    if insecure and not plain:
        raise BadInput(
            f"{host} is not in your own network: plain http is not used for it.",
            "Leave out --insecure.",
            field="insecure",
        )
    client = httpx.AsyncClient(
        base_url=f"{'http' if plain else 'https'}://{reference.host}",
        timeout=httpx.Timeout(silence_seconds, connect=min(silence_seconds, _CONNECT_SECONDS)),
        follow_redirects=True,
        max_redirects=_MAX_REDIRECTS,
        trust_env=not is_loopback(host),
    )
    async with client:
        try:
            async with asyncio.timeout(_WHOLE_SECONDS):
                yield _Registry(client, reference.host, plain=plain)
        except httpx.TooManyRedirects as error:
            raise NetworkUnavailable(
                f"{reference.host} sends from one address to the next without end.",
                "Try again later.",
            ) from error
        except (httpx.TransportError, httpx.InvalidURL, TimeoutError) as error:
            raise NetworkUnavailable(
                f"{reference.host} does not answer: {str(error) or type(error).__name__}.",
                "Check the network, or name a model of the catalogue: `landfall recommend`.",
            ) from error


def _in_own_network(host: str) -> bool:
    """Whether plain http may be used: a private address, or a name without a domain."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".home", ".internal"))
    return address.is_private or address.is_link_local


class _Registry:
    """The three questions."""

    def __init__(self, client: httpx.AsyncClient, host: str, *, plain: bool) -> None:
        self._client = client
        self._host = host
        self._plain = plain

    async def manifest(self, reference: Reference, name: str) -> Manifest:
        """`GET /v2/<namespace>/<model>/manifests/<tag>`."""
        url = f"/v2/{reference.namespace}/{reference.model}/manifests/{reference.tag}"
        body = await self._document(url, name, accept=_MANIFEST_TYPE)
        manifest = read_manifest(body, name)
        return replace(manifest, fetched_at=datetime.now(UTC).isoformat(timespec="seconds"))

    async def remote_host(self, reference: Reference, manifest: Manifest) -> str:
        """Where a model without weights runs, by its configuration; "" for one with weights."""
        if manifest.of_type(MODEL) or manifest.config.size_bytes > _MAX_DOCUMENT_BYTES:
            return ""
        url = self._blob_url(reference, manifest.config)
        body = await self._document(url, reference.model, accept="*/*")
        try:
            config = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        value = config.get("remote_host") if isinstance(config, dict) else None
        return value if isinstance(value, str) else ""

    async def header(self, reference: Reference, blob: Layer, name: str) -> Header:
        """The start of the blob by Range, grown until the header is whole.

        Tokenizers make it 5 to 15 MB. A registry that ignores Range sends the whole file: it is
        read as far as needed and then hung up on.
        """
        data = bytearray()
        want = FIRST_READ_BYTES
        while True:
            url = self._blob_url(reference, blob)
            await self._grow(url, data, min(want, blob.size_bytes), name)
            try:
                return await asyncio.to_thread(read_header, bytes(data), file=name)
            except NeedMoreBytes as more:
                if more.at_least > blob.size_bytes or len(data) < min(want, blob.size_bytes):
                    raise Unavailable(
                        f"The weights of {name} end inside their header.",
                        "The registry holds a damaged file: choose another tag.",
                    ) from more
                want = min(max(more.at_least, 2 * want), MAX_HEADER_BYTES)

    async def _grow(self, url: str, data: bytearray, want: int, name: str) -> None:
        """Append until there are `want` bytes, or the answer ends."""
        have = len(data)
        if have >= want:
            return
        wanted = {"Range": f"bytes={have}-{want - 1}", "Accept-Encoding": "identity"}
        async with self._client.stream("GET", url, headers=wanted) as answer:
            self._check(answer, name)
            skip = have if answer.status_code == 200 else 0
            async for chunk in answer.aiter_bytes():
                data += chunk[skip:]
                skip = max(0, skip - len(chunk))
                if len(data) >= want:
                    del data[want:]
                    return

    async def _document(self, url: str, name: str, *, accept: str) -> bytes:
        """A small answer, whole."""
        body = bytearray()
        async with self._client.stream("GET", url, headers={"Accept": accept}) as answer:
            self._check(answer, name)
            if answer.headers.get("content-type", "").startswith("text/html"):
                raise self._no_registry("with a web page")
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _MAX_DOCUMENT_BYTES:
                    raise self._no_registry("with more than a manifest can hold")
        return bytes(body)

    def _check(self, answer: httpx.Response, name: str) -> None:
        """Statuses, and that no redirect led from https to plain http."""
        if not self._plain and answer.url.scheme != "https":
            raise self._no_registry("with an address that is not encrypted")
        status = answer.status_code
        if status not in (200, 206):
            raise _refused(status, self._host, name)

    def _no_registry(self, how: str) -> Unavailable:
        return Unavailable(
            f"{self._host} answers {how}, not as a registry.",
            "Check the name, or a proxy or login page in between.",
        )

    @staticmethod
    def _blob_url(reference: Reference, layer: Layer) -> str:
        return f"/v2/{reference.namespace}/{reference.model}/blobs/{layer.digest}"


def _refused(status: int, host: str, name: str) -> AppError:
    if status in (400, 401, 403, 404):
        # hf.co answers 401 for a repository that does not exist, 400 for a tag that does not.
        private = " or does not show it to everybody" if status in (401, 403) else ""
        return ModelNotFound(f"{host} has no model {name}{private}.", "Check the name and its tag.")
    if status == 412:
        return Unavailable(f"{host} wants a newer Ollama for {name}.", "Update Ollama.")
    if status == 429:
        return Unavailable(
            f"{host} has had too many questions from this address.", "Try again in some minutes."
        )
    return Unavailable(f"{host} answers with status {status}.", "Try again later.")
