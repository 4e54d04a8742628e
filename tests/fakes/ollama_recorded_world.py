"""The world in which the exchanges were recorded, as far as the recordings themselves tell it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.fakes.ollama_recordings import OLD, Recording, for_version, recordings
from tests.fakes.ollama_twin import Twin
from tests.fakes.ollama_world import Runner, TwinModel, name_of
from tests.fakes.tiny_models import TinyModel

TINY_LLAMA_FILE = "sha256:de74d183c0b5a041fb32370a913a80981f7b94ebe8f779b1fe4be82f80d2981e"
_LONG_AGO = "2026-11-25T21:22:00.000000000Z"


@cache
def _labelled(version: str) -> Mapping[str, Recording]:
    """The first exchange of each label, newer generation first."""
    found: dict[str, Recording] = {}
    for recording in for_version(version):
        found.setdefault(recording.label, recording)
    return found


def _texts(recording: Recording, key: str = "content") -> tuple[str, ...]:
    parts = (line.get("message", line).get(key, "") for line in recording.lines)
    return tuple(part for part in parts if part)


def _speakers(version: str) -> dict[str, dict[str, Any]]:
    """What each model says, out of what it said."""
    known = _labelled(version)
    thinking = known["thinking stream"]
    counting = [f"{n} " for n in range(10, 100)]
    tool = known["tools other name"].raw["body"]["message"]["content"]
    return {
        "tiny-llama": {"pieces": _texts(known["chat tiny-llama warm"])},
        "tiny-think": {
            "open_tag": ("<think", ">\n"),
            "thinking": _texts(thinking, "thinking"),
            "close_tag": ("</think", ">\n\n"),
            "pieces": _texts(thinking),
        },
        "tiny-tool": {"pieces": (tool,)},
        "tiny-loop": {
            "pieces": ("1 2", " 3 ", "4 5", " 6 ", "7 8", " 9 ", *counting),
            "loop": True,
        },
        "tiny-slow": {
            "pieces": ("1 2", " 3 ", "4 5", " 6 ", "7 8", " 9 ", *counting),
            "loop": True,
        },
        "tiny-bert": {},
        "tiny-qwen3": {},
        "smollm2": {"context_length": 8192},
        "gemma3-270m": {"context_length": 32768},
    }


def models(version: str) -> dict[str, TwinModel]:
    """The models that were on the server."""
    return {f"{name}:latest": _model(version, name) for name in _speakers(version)}


def _model(version: str, name: str) -> TwinModel:
    shown: dict[str, Any] = {}
    if recording := _labelled(version).get(f"show {name}"):
        shown = dict(recording.raw["body"])
    parsed = name_of(name)
    assert parsed is not None
    return TwinModel(
        name=parsed,
        digest=f"{abs(hash(name)):064x}"[-64:],
        size=2_800_000,
        details=shown.pop("details", {}),
        modified_at=shown.pop("modified_at", _LONG_AGO),
        capabilities=tuple(shown.pop("capabilities", ("completion",))),
        show=shown,
        **_speakers(version)[name],
    )


def _from_list(entry: Mapping[str, Any]) -> TwinModel:
    name = name_of(entry["name"])
    assert name is not None
    details = dict(entry["details"])
    return TwinModel(
        name=name,
        digest=entry["digest"],
        size=entry["size"],
        context_length=details.pop("context_length", 4096),
        embedding_length=details.pop("embedding_length", 256),
        details=details,
        modified_at=entry.get("modified_at", _LONG_AGO),
        capabilities=tuple(entry.get("capabilities", ("completion",))),
        remote_host=entry.get("remote_host", ""),
        remote_model=entry.get("remote_model", ""),
    )


CIRCUMSTANCES = (
    "SIGKILL",
    "SIGTERM",
    "disk full",
    "registry",
    "cancel",
    "resumed",
    "part file",
    "queue full",
    "needs more memory",
    "kv bogus",
    "token repeat limit",
    "invalid byte",
    "jinja",
    "real weights",
    "context shift",
    "too long",
    "images",
    "bad template",
    "bad parameter in model",
    "chat cloud name",
    "tool args",
    "reloads",
    "loop past",
    "idle runner was killed",
    "pull 127.0.0.1",
    "pull cached",
    "show derived",
    "show tiny-jk",
    "kills the 0.24 server",
)
"""Labels with these words tell of what happened to the server, or of a model that only a real
engine can run: the twin can only say again what was said."""


def prepare(twin: Twin, recording: Recording, tiny: Mapping[str, TinyModel]) -> None:
    """Bring the twin to where the real server was when it got this request."""
    if any(word in recording.label for word in CIRCUMSTANCES):
        twin.replays.append(recording)
    twin.recorded_models = models(twin.version)
    environment = str(recording.raw.get("server_env", ""))
    twin.no_cloud = "cloud enabled" not in environment
    _files(twin, recording, tiny)
    match (recording.method, recording.path):
        case ("GET", "/api/tags"):
            _listed(twin, recording.raw["body"]["models"])
        case ("GET", "/api/ps"):
            _in_memory(twin, recording.raw["body"]["models"])
        case _:
            _by_label(twin, recording.label)


def _listed(twin: Twin, entries: list[Any]) -> None:
    found = [_from_list(entry) for entry in entries if isinstance(entry, dict)]
    twin.recorded_models = {model.name.short: model for model in found}


def _in_memory(twin: Twin, entries: list[Any]) -> None:
    for entry in entries:
        model = _from_list(entry)
        model.ps_size = entry["size"]
        twin.runners[model.digest] = Runner(
            model, {}, entry["context_length"], _later(entry["expires_at"])
        )


def _later(text: str) -> datetime:
    """The same order of expiry, in the future of today."""
    recorded = datetime.fromisoformat(text)
    if recorded.year > 2200:
        return recorded
    since = recorded - datetime(2026, 11, 25, tzinfo=UTC)
    return datetime.now(UTC).replace(microsecond=0) + since + timedelta(days=1)


def _files(twin: Twin, recording: Recording, tiny: Mapping[str, TinyModel]) -> None:
    """Layers that were uploaded before: any file of the same kind under the recorded digest."""
    body = recording.raw["request"].get("body") or {}
    files = body.get("files", {}) if isinstance(body, dict) else {}
    if recording.label in {"blob post again", "blob head there"}:
        twin.disk.blob(recording.path.rpartition("/")[2]).write_bytes(b"there already")
    kinds = {"tiny-bert": "tiny-embedder", "tiny-think": "tiny-thinker"}
    if recording.label.startswith(("create", "create:")) and body.get("model") in (
        "tiny-llama",
        "tiny-think",
        "tiny-bert",
    ):
        for digest in files.values():
            source = tiny[kinds.get(body["model"], "tiny-story")].path
            shutil.copyfile(source, twin.disk.blob(digest))


def _by_label(twin: Twin, label: str) -> None:
    known = twin.recorded_models
    for alias, original in (
        ("t-copy", "tiny-llama"),
        ("t-del", "tiny-llama"),
        ("m-badpar", "tiny-llama"),
    ):
        if label in _WITH_ALIAS[alias]:
            name = name_of(alias)
            assert name is not None
            known[name.short] = _renamed(known[f"{original}:latest"], alias)
    if label in _WITH_REMOTE:
        stub = next(
            r for r in recordings() if r.label == "tags with remote stub" and r.version == OLD
        )
        entry = stub.raw["body"]["models"][0]
        show = next(r for r in recordings() if r.label == "show remote stub").raw["body"]
        model = _from_list(entry)
        model.show = {
            key: value
            for key, value in show.items()
            if key not in ("details", "modified_at", "remote_host", "remote_model", "capabilities")
        }
        model.modified_at = show["modified_at"]
        known[model.name.short] = model


def _renamed(model: TwinModel, name: str) -> TwinModel:
    parsed = name_of(name)
    assert parsed is not None
    return TwinModel(
        name=parsed,
        digest=model.digest,
        size=model.size,
        details=model.details,
        modified_at=model.modified_at,
        show=model.show,
        pieces=model.pieces,
    )


_WITH_ALIAS = {
    "t-copy": ("delete loaded",),
    "t-del": ("delete loaded (forever)",),
    "m-badpar": (),
}
_WITH_REMOTE = ("show remote stub", "chat remote stub", "chat remote stub :local", "NO_CLOUD stub")
