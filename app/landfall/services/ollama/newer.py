"""Whether a registry has another model under a name than the server: asked when somebody asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from landfall.core.errors import AppError
from landfall.core.models.model_names import shortest
from landfall.services.models.header_cache import installed_manifest, parse_reference
from landfall.services.ollama import registry
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama

Layers = Sequence[tuple[str, int]]
ReadLayers = Callable[[str], Awaitable[Layers]]
"""Digest and size in bytes of each layer that a registry has under a name."""

_WEIGHTS = re.compile(r"^FROM .*[/\\]blobs[/\\]sha256-([0-9a-f]{64})", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newness:
    """What a registry says of one model on a server.

    Attributes:
        is_newer: Whether it has something else under the name; None where that is not known.
        download_bytes: What a pull would transfer at most, or None.
        reason: Why it is not known, or "".
    """

    name: str
    is_newer: bool | None
    download_bytes: int | None = None
    reason: str = ""


async def look(
    client: Ollama, names: Iterable[str], *, read_layers: ReadLayers
) -> AsyncGenerator[Newness, None]:
    """One answer for each name, in their order; a name that its registry lacks ends no other.

    Only the names are sent, each to its own registry. Where the server's store can be read its
    layers are compared, all of them; elsewhere the digest that it tells of the model with that of
    the registry's manifest.

    Raises:
        AppError: the server itself does not answer.
    """
    folder = await client.models_folder() if is_this_machine(client.url) else None
    digests = {shortest(one.name).lower(): one.digest for one in await client.tags()}
    for name in names:
        told = digests.get(shortest(name).lower(), "")
        yield await _of(client, name, folder, told, read_layers)


async def _of(
    client: Ollama, name: str, folder: Path | None, told: str, read_layers: ReadLayers
) -> Newness:
    try:
        there = dict(await read_layers(name))
        here = await _layers_here(client, name, folder)
        if here.is_whole:
            same = here.digests == set(there)
        else:
            same = here.digests <= set(there) and bool(told)
            # Another template or other parameters leave the weights as they are.
            same = same and told == await registry.manifest_digest(name)
    except AppError as error:
        return Newness(name=name, is_newer=None, reason=error.message)
    if not here or not (here.is_whole or told):
        return Newness(name=name, is_newer=None, reason="the server does not tell its layers")
    missing = sum(size for digest, size in there.items() if digest not in here.digests)
    return Newness(name=name, is_newer=not same, download_bytes=None if same else missing)


@dataclass(frozen=True, slots=True)
class _Here:
    """Layers on the server: all of them, or those of the weights."""

    digests: frozenset[str]
    is_whole: bool

    def __bool__(self) -> bool:
        return bool(self.digests)


async def _layers_here(client: Ollama, name: str, folder: Path | None) -> _Here:
    if folder is not None:
        manifest = await asyncio.to_thread(installed_manifest, parse_reference(name), folder)
        if manifest is not None:
            layers = (*manifest.layers, manifest.config)
            return _Here(frozenset(layer.digest for layer in layers), is_whole=True)
    shown = await client.show(name)
    found = _WEIGHTS.findall(str(shown.get("modelfile", "")))
    return _Here(frozenset(f"sha256:{digest}" for digest in found), is_whole=False)
