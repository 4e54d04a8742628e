"""GGUF headers on disk: of files, of models that Ollama holds, and those read from a registry.

A header in the cache is keyed by the digest of its blob, so it never goes stale; which digest a
name means is kept beside it with its date. The digest of a blob of which only the start was read
is what its registry claims: one registry's headers are never taken for another's.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import port_is_possible
from landfall.core.models.gguf import (
    FIRST_READ_BYTES,
    Header,
    NeedMoreBytes,
    Tensor,
    Value,
    read_header,
    tensor_of,
)
from landfall.core.models.model_names import (
    DEFAULT_NAMESPACE,
    DEFAULT_REGISTRY,
    DEFAULT_TAG,
    split_tag,
)
from landfall.services import whole_file

MODEL = "application/vnd.ollama.image.model"
PROJECTOR = "application/vnd.ollama.image.projector"
ADAPTER = "application/vnd.ollama.image.adapter"
TENSOR = "application/vnd.ollama.image.tensor"

_MAX_MANIFEST_BYTES = 4 << 20
_PARTS = (
    r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?",
    r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}",
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}",
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}",
)
"""Host with its port, namespace, model, tag."""
CACHE_SCHEMA = 1
"""Of what is kept here; a file of another one is as good as not there, and is written anew."""

_KEPT_TEXTS = ("general.architecture", "general.name", "general.type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A model's name, taken apart as Ollama does: `host/namespace/model:tag`."""

    host: str
    namespace: str
    model: str
    tag: str

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """As the folders of Ollama's manifests."""
        return self.host, self.namespace, self.model, self.tag


def parse_reference(name: str) -> Reference:
    """Take a name apart; what is missing is Ollama's default.

    Source: Ollama, types/model/name.go.

    Raises:
        BadInput: it cannot be a model's name.
    """
    text = name.strip()
    for scheme in ("http://", "https://"):
        text = text.removeprefix(scheme)
    base, tag = split_tag(text)
    *before, model = base.split("/")
    reference = Reference(
        host=before[0] if len(before) == 2 else DEFAULT_REGISTRY,
        namespace=before[-1] if before else DEFAULT_NAMESPACE,
        model=model,
        tag=tag or DEFAULT_TAG,
    )
    known = len(before) <= 2 and all(map(re.fullmatch, _PARTS, reference.parts))
    if not known or not port_is_possible(reference.host):
        raise BadInput(
            f"{name[:200]!r} cannot be a model's name.",
            "Names look like qwen3:8b, user/model:tag or hf.co/user/repo:Q4_K_M.",
            field="model",
        )
    return reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One blob of a model."""

    media_type: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a name means: its layers and its configuration.

    Attributes:
        fetched_at: ISO 8601 time at which a registry said so, or "" for a model on disk.
    """

    layers: tuple[Layer, ...]
    config: Layer
    fetched_at: str = ""

    @property
    def download_bytes(self) -> int:
        """What a pull into an empty store transfers."""
        return self.config.size_bytes + sum(layer.size_bytes for layer in self.layers)

    def of_type(self, media_type: str) -> tuple[Layer, ...]:
        """Layers of one kind."""
        return tuple(layer for layer in self.layers if layer.media_type == media_type)


def read_manifest(text: str | bytes, name: str, *, fetched_at: str = "") -> Manifest:
    """A manifest as registries and Ollama's store write it.

    Raises:
        BadInput: it is not one.
    """
    try:
        document = json_text.read(text)
        layers = tuple(_layer(layer) for layer in document["layers"])
        config = _layer(document["config"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"The manifest of {name} is not one.",
            "Try again later, or pull the model with Ollama and ask again.",
            field="model",
        ) from error
    return Manifest(layers=layers, config=config, fetched_at=fetched_at)


def _layer(value: Any) -> Layer:
    digest, size, kind = value["digest"], value["size"], value["mediaType"]
    if not isinstance(digest, str) or not isinstance(kind, str):
        raise TypeError("a digest or a type is no text")
    algorithm, _, code = digest.partition(":")
    if algorithm != "sha256" or len(code) != 64 or not set(code) <= set("0123456789abcdef"):
        raise ValueError("a digest is not sha256")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 1 << 50:
        raise ValueError("a size is not one")
    return Layer(media_type=kind, digest=digest, size_bytes=size)


# ---------------------------------------------------------------- files


def read_file(path: Path, shown: str) -> Header:
    """The header of a GGUF file; a file that holds the header alone is enough.

    Raises:
        BadInput: there is no such file, it cannot be read, or it is no whole GGUF header.
    """
    want = FIRST_READ_BYTES
    try:
        if path.exists() and not path.is_file():
            raise _not_readable(shown, "it is no file")  # a pipe would wait for ever
        with path.open("rb") as file:
            data = file.read(want)
            while True:
                try:
                    return read_header(data, file=shown)
                except NeedMoreBytes as more:
                    want = max(more.at_least, 2 * want)
                    rest = file.read(want - len(data))
                    if not rest:
                        raise _ends_early(shown, len(data)) from more
                    data += rest
    except OSError as error:
        raise _not_readable(shown, error.strerror or str(error)) from error
    except ValueError as error:
        raise _not_readable(shown, "it has a zero in its name") from error


def _not_readable(shown: str, why: str) -> BadInput:
    return BadInput(
        f"The file {shown} cannot be read: {why}.", "Check the path.", file=shown, field="model"
    )


def _ends_early(shown: str, size_bytes: int) -> BadInput:
    return BadInput(
        f"The file {shown} ends after {size_bytes} bytes, inside its header.",
        "It was not downloaded whole: download it again.",
        file=shown,
        field="model",
    )


def installed_manifest(reference: Reference, models_path: Path) -> Manifest | None:
    """The manifest in Ollama's own store on this machine, or None where it is not there."""
    path = models_path.joinpath("manifests", *reference.parts)
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            return None
        return read_manifest(path.read_bytes(), reference.model)
    except (OSError, ValueError, BadInput):
        return None  # as good as not there: the catalogue or the registry answers instead


def blob_path(models_path: Path, digest: str) -> Path:
    """Where Ollama's store keeps a blob."""
    return models_path / "blobs" / digest.replace(":", "-")


# ---------------------------------------------------------------- cache


@dataclass(frozen=True, slots=True)
class HeaderCache:
    """Headers and manifests that were read from registries, in the program's cache folder."""

    folder: Path

    def header(self, host: str, digest: str) -> Header | None:
        """The header of a registry's blob, or None where it was never read."""
        document = _read_json(self._header_path(host, digest))
        try:
            return _header(document) if _is_ours(document) else None
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            return None  # damaged: as good as never read

    def keep_header(self, host: str, digest: str, header: Header) -> None:
        """Remember a header without its texts. A cache that cannot be written is not an error."""
        _write_json(self._header_path(host, digest), _header_document(header))

    def manifest(self, reference: Reference) -> Manifest | None:
        """What the name meant when it was last looked up, or None."""
        document = _read_json(self._manifest_path(reference))
        if not _is_ours(document):
            return None
        try:
            return read_manifest(
                json.dumps(document.get("manifest")),
                reference.model,
                fetched_at=str(document.get("fetched_at", "")),
            )
        except BadInput:
            return None

    def keep_manifest(self, reference: Reference, manifest: Manifest) -> None:
        """Remember what a name means now."""
        document = {
            "schema": CACHE_SCHEMA,
            "fetched_at": manifest.fetched_at,
            "manifest": {
                "config": _layer_document(manifest.config),
                "layers": [_layer_document(layer) for layer in manifest.layers],
            },
        }
        _write_json(self._manifest_path(reference), document)

    def _header_path(self, host: str, digest: str) -> Path:
        return self.folder / "headers" / host.replace(":", "+") / f"{digest.replace(':', '-')}.json"

    def _manifest_path(self, reference: Reference) -> Path:
        # A colon, as in a registry's port, cannot stand in a file's name on Windows.
        *folders, tag = (part.replace(":", "+") for part in reference.parts)
        return self.folder.joinpath("manifests", *folders, f"{tag}.json")


def _is_ours(document: Any) -> bool:
    """Whether this version wrote such a document; the first ones did not say their schema."""
    return isinstance(document, dict) and document.get("schema", 1) == CACHE_SCHEMA


def _layer_document(layer: Layer) -> dict[str, Any]:
    return {"mediaType": layer.media_type, "digest": layer.digest, "size": layer.size_bytes}


def _header_document(header: Header) -> dict[str, Any]:
    return {
        "schema": CACHE_SCHEMA,
        "version": header.version,
        "metadata": {
            key: value
            for key, value in header.metadata.items()
            if not isinstance(value, str) or key in _KEPT_TEXTS
        },
        "array_lengths": dict(header.array_lengths),
        "tensors": [[t.name, list(t.shape), t.type] for t in header.tensors],
        "data_offset": header.data_offset,
    }


def _header(document: Any) -> Header:
    return Header(
        version=int(document["version"]),
        metadata=MappingProxyType(
            {str(key): _value(value) for key, value in document["metadata"].items()}
        ),
        array_lengths=MappingProxyType(
            {str(key): int(value) for key, value in document["array_lengths"].items()}
        ),
        tensors=tuple(_tensor(entry) for entry in document["tensors"]),
        data_offset=int(document["data_offset"]),
    )


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(v for v in value if isinstance(v, int | float | bool | str))
    if value is None or isinstance(value, int | float | bool | str):
        return value
    raise ValueError("a value of a kind that no header has")


def _tensor(entry: Sequence[Any]) -> Tensor:
    name, shape, kind = entry
    return tensor_of(str(name), tuple(int(n) for n in shape), int(kind))


def _read_json(path: Path) -> Any:
    try:
        return json_text.read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_json(path: Path, document: Any) -> None:
    """Write beside it and rename: a reader never sees half of it."""
    with contextlib.suppress(OSError, ValueError):
        whole_file.put(whole_file.beside(path, json.dumps(document)), path)
