"""What the protocol twin holds: models, their layers on disk, and what is in its memory."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import gguf

from tests.fakes.tiny_models import CHATML, LOOP_KEY, PIECES_KEY

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = "application/vnd.ollama.image."
CONFIG = "application/vnd.docker.container.image.v1+json"

CHATML_TEMPLATE = (
    "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}"
    "<|im_start|>assistant\n"
)
"""The Go template that `create` finds for a file with the chatml chat template."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True)
class Name:
    """A model's full name; compared without case."""

    host: str
    namespace: str
    model: str
    tag: str

    @property
    def short(self) -> str:
        parts = [self.model]
        if self.host.lower() != "registry.ollama.ai":
            parts = [self.host, self.namespace, self.model]
        elif self.namespace.lower() != "library":
            parts = [self.namespace, self.model]
        return f"{'/'.join(parts)}:{self.tag}"

    @property
    def full(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"


def name_of(text: str) -> Name | None:
    """The name that a text means, or None where Ollama says that it is invalid."""
    text = re.sub(r"^https?://", "", text)
    head, colon, tail = text.rpartition(":")
    base, tag = (head, tail) if colon and "/" not in tail else (text, "latest")
    parts = base.split("/")
    if len(parts) > 3:
        return None
    host, namespace, model = [*["registry.ollama.ai", "library"][: 3 - len(parts)], *parts]
    words_are_fine = all(_PART.fullmatch(part) for part in (namespace, model, tag))
    if not words_are_fine or "." in namespace or not re.fullmatch(r"[A-Za-z0-9_.:-]+", host):
        return None
    return Name(host, namespace, model, tag)


@dataclass(slots=True)
class TwinModel:
    """One model as the server shows it.

    Attributes:
        show: The raw answer of /api/show, without what is computed.
        pieces: What it says; where it thinks, `thinking` between its tags comes first.
        ps_size: What /api/ps shows, by version; computed where it is not known.
    """

    name: Name
    digest: str
    size: int
    details: dict[str, Any]
    modified_at: str
    capabilities: tuple[str, ...] = ("completion",)
    show: dict[str, Any] = field(default_factory=dict)
    pieces: tuple[str, ...] = ()
    open_tag: tuple[str, ...] = ()
    thinking: tuple[str, ...] = ()
    close_tag: tuple[str, ...] = ()
    loop: bool = False
    num_predict: int | None = None
    context_length: int = 4096
    embedding_length: int = 256
    remote_host: str = ""
    remote_model: str = ""
    ps_size: int | None = None


@dataclass(slots=True)
class Runner:
    """A model in memory; held by an answer that was left it answers nobody any more."""

    model: TwinModel
    options: Mapping[str, Any]
    context: int
    expires_at: datetime
    prompt: str = ""
    held: bool = False

    @property
    def size(self) -> int:
        return self.model.ps_size or self.model.size + self.context * 256


@dataclass(frozen=True, slots=True)
class Header:
    """What the twin needs of a GGUF file."""

    architecture: str
    fields: Mapping[str, Any]
    tensors: tuple[tuple[str, str, tuple[int, ...]], ...]
    pieces: tuple[str, ...]
    loop: bool

    @property
    def parameters(self) -> int:
        return sum(math.prod(shape) for _, _, shape in self.tensors)


@cache
def header_of(path: Path) -> Header:
    """Read a file. Arrays are None, as /api/show shows them.

    Raises:
        ValueError: it is no GGUF file.
    """
    reader = gguf.GGUFReader(str(path))
    fields = {
        key: None if entry.types[0] == gguf.GGUFValueType.ARRAY else entry.contents()
        for key, entry in reader.fields.items()
        if not key.startswith("GGUF.") and key not in (PIECES_KEY, LOOP_KEY)
    }
    pieces = reader.get_field(PIECES_KEY)
    loop = reader.get_field(LOOP_KEY)
    tensors = tuple(
        (tensor.name, tensor.tensor_type.name, tuple(int(n) for n in tensor.shape))
        for tensor in reader.tensors
    )
    return Header(
        architecture=str(fields["general.architecture"]),
        fields=fields,
        tensors=tensors,
        pieces=tuple(pieces.contents()) if pieces else (),
        loop=bool(loop.contents()) if loop else False,
    )


def human_count(number: int) -> str:
    """Parameters as Ollama writes them: 558K, 1.39M, 8.2B."""
    if number >= 1_000_000_000:
        return f"{number / 1e9:.1f}B"
    if number >= 1_000_000:
        return f"{number / 1e6:.2f}M"
    return f"{number / 1e3:.0f}K"


class Disk:
    """Layers and manifests in the folders that a real server uses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = folder / "blobs"
        self.manifests = folder / "manifests"
        self.blobs.mkdir(parents=True, exist_ok=True)

    def blob(self, digest: str) -> Path:
        return self.blobs / digest.replace(":", "-")

    def keep(self, data: bytes) -> tuple[str, bool]:
        """Store a layer; its digest, and whether it is new."""
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        path = self.blob(digest)
        new = not path.exists()
        if new:
            path.write_bytes(data)
        return digest, new

    def path_of(self, name: Name) -> Path:
        return self.manifests / name.host / name.namespace / name.model / name.tag

    def find(self, name: Name) -> Path | None:
        wanted = name.full.lower()
        return next((path for found, path in self.all() if found.full.lower() == wanted), None)

    def all(self) -> Iterator[tuple[Name, Path]]:
        for path in self.manifests.glob("*/*/*/*"):
            host, namespace, model, tag = path.relative_to(self.manifests).parts
            yield Name(host, namespace, model, tag), path

    def write_manifest(self, name: Name, manifest: bytes) -> None:
        path = self.find(name) or self.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(manifest)

    def delete(self, name: Name) -> None:
        """Remove a manifest and the layers that no other names."""
        path = self.find(name)
        assert path is not None
        gone = set(_digests(path))
        path.unlink()
        kept = {digest for _, other in self.all() for digest in _digests(other)}
        for digest in gone - kept:
            self.blob(digest).unlink(missing_ok=True)

    def model(self, name: Name, path: Path) -> TwinModel:
        """A model as its manifest and layers tell it."""
        raw = path.read_bytes()
        manifest = json.loads(raw)
        layers = [*manifest["layers"], manifest["config"]]
        config = json.loads(self.blob(manifest["config"]["digest"]).read_bytes())
        by_type = {layer["mediaType"].removeprefix(LAYER): layer for layer in manifest["layers"]}
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        model = TwinModel(
            name=name,
            digest=hashlib.sha256(raw).hexdigest(),
            size=sum(layer["size"] for layer in layers),
            details=_details(config),
            modified_at=modified.isoformat().replace("+00:00", "Z"),
            remote_host=config.get("remote_host", ""),
            remote_model=config.get("remote_model", ""),
        )
        if "model" in by_type:
            self._fill(model, by_type)
        return model

    def _fill(self, model: TwinModel, by_type: Mapping[str, Any]) -> None:
        header = header_of(self.blob(by_type["model"]["digest"]))
        template = self._text(by_type, "template") or "{{ .Prompt }}"
        parameters = json.loads(self._text(by_type, "params") or "{}")
        arch = header.architecture
        model.capabilities = _capabilities(header, template)
        _say(model, header.pieces)
        model.loop = header.loop
        model.context_length = int(header.fields[f"{arch}.context_length"])
        model.embedding_length = int(header.fields[f"{arch}.embedding_length"])
        model.num_predict = parameters.get("num_predict")
        model.show = {
            "modelfile": f"FROM {self.blob(by_type['model']['digest'])}\nTEMPLATE {template}\n",
            "parameters": _parameter_lines(parameters),
            "template": template,
            "model_info": {"general.parameter_count": header.parameters, **header.fields},
            "tensors": [
                {"name": name, "type": kind, "shape": list(shape)}
                for name, kind, shape in header.tensors
            ],
        }
        if not parameters:
            del model.show["parameters"]

    def _text(self, by_type: Mapping[str, Any], kind: str) -> str:
        return self.blob(by_type[kind]["digest"]).read_text("utf-8") if kind in by_type else ""


def _digests(manifest: Path) -> list[str]:
    value = json.loads(manifest.read_bytes())
    return [layer["digest"] for layer in [*value["layers"], value["config"]]]


def _details(config: Mapping[str, Any]) -> dict[str, Any]:
    families = config.get("model_families")
    return {
        "parent_model": "",
        "format": config.get("model_format", ""),
        "family": config.get("model_family", ""),
        "families": families or None,
        "parameter_size": config.get("model_type", ""),
        "quantization_level": config.get("file_type", ""),
    }


def _capabilities(header: Header, template: str) -> tuple[str, ...]:
    if f"{header.architecture}.pooling_type" in header.fields:
        return ("embedding",)
    return ("completion", "thinking") if ".Thinking" in template else ("completion",)


def _say(model: TwinModel, pieces: tuple[str, ...]) -> None:
    """What a model says; white space around its thinking belongs to the tags."""
    model.pieces = pieces
    if "thinking" in model.capabilities and "<think>" in pieces:
        end = pieces.index("</think>")
        model.open_tag, model.close_tag = ("<think>",), ("</think>",)
        model.thinking, model.pieces = pieces[1:end], pieces[end + 1 :]


def _parameter_lines(parameters: Mapping[str, Any]) -> str:
    lines = []
    for key, value in sorted(parameters.items()):
        for entry in value if isinstance(value, list) else [value]:
            shown = json.dumps(entry, ensure_ascii=False) if isinstance(entry, str) else entry
            lines.append(f"{key:<30} {shown}")
    return "\n".join(lines)


def layers_of_gguf(
    disk: Disk, gguf_path: Path, body: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
    """The layers that `create` makes of a file, its config, and whether chatml was recognised."""
    header = header_of(gguf_path)
    detected = header.fields.get("tokenizer.chat_template") == CHATML and "template" not in body
    template = CHATML_TEMPLATE if detected else body.get("template", "")
    parameters = dict(body.get("parameters", {}))
    if detected:
        parameters.setdefault("stop", ["<|im_start|>", "<|im_end|>"])
    layers = [layer_of(disk, "model", gguf_path.read_bytes())]
    if template:
        layers.append(layer_of(disk, "template", str(template).encode()))
    if body.get("system"):
        layers.append(layer_of(disk, "system", str(body["system"]).encode()))
    if parameters:
        layers.append(layer_of(disk, "params", json.dumps(parameters).encode()))
    config = {
        "model_format": "gguf",
        "model_family": header.architecture,
        "model_families": [header.architecture],
        "model_type": human_count(header.parameters),
        "file_type": "F16",
    }
    return layers, config, detected


def layer_of(disk: Disk, kind: str, data: bytes) -> dict[str, Any]:
    digest, new = disk.keep(data)
    return {"mediaType": LAYER + kind, "digest": digest, "size": len(data), "new": new}


def manifest_of(disk: Disk, layers: list[dict[str, Any]], config: Mapping[str, Any]) -> bytes:
    data = json.dumps(config).encode()
    digest, _ = disk.keep(data)
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest, "size": len(data)},
            "layers": [{k: v for k, v in layer.items() if k != "new"} for layer in layers],
        }
    ).encode()


def now_text() -> str:
    """RFC 3339 with nine digits of a second, as Go writes it."""
    nanoseconds = time.time_ns()
    whole = datetime.fromtimestamp(nanoseconds // 10**9, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 10**9:09d}Z"


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


FOREVER = timedelta(days=106_751)
"""The longest duration that Go can hold: about 292 years."""

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def keep_alive_of(value: Any) -> timedelta:
    """How long a model stays.

    Raises:
        ValueError: with the text that Go gives.
    """
    if value is None:
        return timedelta(minutes=5)
    if isinstance(value, bool | list | dict):
        raise ValueError("Unsupported type: '[]interface {}'")
    if isinstance(value, int | float):
        return FOREVER if value < 0 else timedelta(seconds=value)
    negative = value.startswith("-")
    parts = re.findall(r"([0-9.]+)([a-zµ]+)", value.lstrip("+-"))
    if "".join(number + unit for number, unit in parts) != value.lstrip("+-") or not parts:
        missing = re.fullmatch(r"[+-]?[0-9.]+", value)
        text = "missing unit in" if missing else "invalid"
        raise ValueError(f'time: {text} duration "{value}"')
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return FOREVER if negative else timedelta(seconds=seconds)
