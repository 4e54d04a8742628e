"""Reads what a registry holds without pulling it: manifest, sizes, and the header of the weights.

Speaks the protocol of registry.ollama.ai, which hf.co speaks too; see the notes on each step. Only
called where the user named a model that nothing here knows, or asked for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from landfall.core import json_text
from landfall.core.errors import BadInput, Unavailable
from landfall.core.hosts.host_names import is_loopback, without_port
from landfall.core.models.gguf import (
    FIRST_READ_BYTES,
    MAX_HEADER_BYTES,
    Header,
    NeedMoreBytes,
    read_header,
)
from landfall.services.models.header_cache import (
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
from landfall.services.models.registry_session import (
    MAX_DOCUMENT_BYTES,
    SILENCE_SECONDS,
    Document,
    Session,
    plain_is_possible,
    require_plain_is_possible,
    session,
)

_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_LONGEST_HOST = 253


async def fetch(
    name: str,
    cache: HeaderCache,
    *,
    insecure: bool = False,
    silence_seconds: float = SILENCE_SECONDS,
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
    host = reference.host
    async with session(host, insecure=insecure, silence_seconds=silence_seconds) as asked:
        registry = _Registry(asked, reference, name)
        manifest = await registry.manifest()
        blob = _model_layer(manifest, name, await registry.remote_host(manifest))
        header = await asyncio.to_thread(cache.header, host, blob.digest)
        if header is None:
            header = await registry.header(blob)
            await asyncio.to_thread(cache.keep_header, host, blob.digest, header)
    await asyncio.to_thread(cache.keep_manifest, reference, manifest)
    return manifest, header


async def read_layers(name: str, insecure: bool = False) -> tuple[tuple[str, int], ...]:
    """Digest and size in bytes of everything that a pull of the model transfers.

    Raises:
        BadInput, ModelNotFound, NetworkUnavailable, Unavailable: as `fetch`.
    """
    reference = parse_reference(name)
    async with session(reference.host, insecure=insecure) as asked:
        manifest = await _Registry(asked, reference, name).manifest()
    return tuple((layer.digest, layer.size_bytes) for layer in (*manifest.layers, manifest.config))


async def manifest_digest(name: str) -> str:
    """SHA-256 of the manifest as it is sent, in hex: what Ollama calls the digest of a model.

    Raises:
        BadInput, ModelNotFound, NetworkUnavailable, Unavailable: as `fetch`.
    """
    reference = parse_reference(name)
    async with session(reference.host) as asked:
        document = await _Registry(asked, reference, name).manifest_document()
    return hashlib.sha256(document.body).hexdigest()


def may_be_plain(name: str) -> bool:
    """Whether the name's registry is on loopback or in the own network: plain http may be used.

    Raises:
        BadInput: the name cannot be one.
    """
    return plain_is_possible(parse_reference(name).host)


def require_plain(name: str) -> None:
    """Plain http was asked for.

    Raises:
        BadInput: the name cannot be one, or its registry is not in the own network.
    """
    require_plain_is_possible(parse_reference(name).host)


def on_this_machine(name: str) -> bool:
    """Whether the name's registry is on loopback: such a one speaks plain http.

    Raises:
        BadInput: the name cannot be one.
    """
    return is_loopback(without_port(parse_reference(name).host))


def _model_layer(manifest: Manifest, name: str, remote_host: str) -> Layer:
    """The blob with the weights; says what the name means where there is none.

    Raises:
        BadInput: a model of a cloud, an adapter, or weights that are not GGUF.
    """
    if blobs := manifest.of_type(MODEL):
        return blobs[0]
    if remote_host:
        what, hint = f"runs at {remote_host}, not here", "Choose a name without -cloud."
    elif manifest.of_type(TENSOR):
        what, hint = "has its weights as single tensors, not as GGUF", "Choose a GGUF tag."
    elif manifest.of_type(ADAPTER):
        what, hint = "is an adapter, not a model", "Ask for the model that it adapts."
    else:
        what, hint = "has no weights", "Check the name and its tag."
    raise BadInput(f"{name} {what}.", hint, field="model")


class _Registry:
    """The three questions about one name."""

    def __init__(self, asked: Session, reference: Reference, name: str) -> None:
        self._session, self._name = asked, name
        self._root = f"/v2/{reference.namespace}/{reference.model}"
        self._tag = reference.tag

    async def manifest(self) -> Manifest:
        """`GET /v2/<namespace>/<model>/manifests/<tag>`."""
        document = await self.manifest_document()
        manifest = read_manifest(document.body, self._name)
        return replace(manifest, fetched_at=datetime.now(UTC).isoformat(timespec="seconds"))

    async def manifest_document(self) -> Document:
        """The manifest, byte for byte."""
        url = f"{self._root}/manifests/{self._tag}"
        return await self._session.document(url, self._name, accept=_MANIFEST_TYPE)

    async def remote_host(self, manifest: Manifest) -> str:
        """Where a model without weights runs, by its configuration; "" for one with weights."""
        if manifest.of_type(MODEL) or manifest.config.size_bytes > MAX_DOCUMENT_BYTES:
            return ""
        url = self._blob_url(manifest.config)
        document = await self._session.document(url, self._name, accept="*/*")
        try:
            config = json_text.read_answer(document.body)
        except ValueError:
            return ""
        value = config.get("remote_host") if isinstance(config, dict) else None
        named = isinstance(value, str) and len(value) <= _LONGEST_HOST and value.isprintable()
        return str(value) if named else ""

    async def header(self, blob: Layer) -> Header:
        """The start of the blob by Range, grown until the header is whole.

        Tokenizers make it 5 to 15 MB.
        """
        data = bytearray()
        want = min(FIRST_READ_BYTES, blob.size_bytes)
        while True:
            await self._grow(blob, data, want)
            try:
                return await asyncio.to_thread(read_header, bytes(data), file=self._name)
            except NeedMoreBytes as more:
                if more.at_least > blob.size_bytes or len(data) < want:
                    raise self._ends_early() from more
                want = min(max(more.at_least, 2 * want), MAX_HEADER_BYTES, blob.size_bytes)

    async def _grow(self, blob: Layer, data: bytearray, want: int) -> None:
        """Ask until there are `want` bytes, or nothing more comes.

        A server may send less at once than it was asked for.
        """
        have = -1
        while have < len(data) < want:
            have = len(data)
            await self._session.part(self._blob_url(blob), self._name, data, want)

    def _ends_early(self) -> Unavailable:
        return Unavailable(
            f"The weights of {self._name} end inside their header.",
            "The registry holds a damaged file: choose another tag.",
        )

    def _blob_url(self, layer: Layer) -> str:
        return f"{self._root}/blobs/{layer.digest}"
