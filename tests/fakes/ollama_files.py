"""What of the protocol twin changes files: layers, create, copy, delete, pull."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes import ollama_recordings as recorded
from tests.fakes import ollama_world as world
from tests.fakes.http_wire import Reply, Request, json_reply, lines_reply
from tests.fakes.ollama_answers import Refused, Unknown
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_pulls import Pull
from tests.fakes.ollama_world import Name, name_of

if TYPE_CHECKING:
    from tests.fakes.ollama_twin import Twin


def copy(twin: Twin, body: dict[str, Any]) -> Reply:
    source, target = str(body.get("source", "")), str(body.get("destination", ""))
    from_name, to_name = name_of(source), name_of(target)
    if from_name is None or not source:
        raise Refused(400, f'source "{source}" is invalid')
    if to_name is None or not target:
        raise Refused(400, f'destination "{target}" is invalid')
    model = twin.find(from_name)
    if model is None:
        raise Refused(404, f'model "{source}" not found')
    path = twin.disk.find(from_name)
    if path:
        twin.disk.write_manifest(to_name, path.read_bytes())
    else:
        twin.recorded_models[to_name.short] = replace(model, name=to_name)
    return Reply(200)


def delete(twin: Twin, body: dict[str, Any]) -> Reply:
    text = str(body.get("model") or body.get("name") or "")
    if not text:
        raise Refused(400, "model is required")
    name = name_of(text)
    if name is None:
        raise Refused(400, f'name "{text}" is invalid')
    if twin.find(name) is None:
        raise Refused(404, f"model '{text}' not found")
    if twin.disk.find(name):
        twin.disk.delete(name)
    else:
        del twin.recorded_models[name.short]
    return Reply(200)  # its runner stays in memory, as that of a real server does


def blob(twin: Twin, request: Request) -> Reply:
    digest = request.path.removeprefix("/api/blobs/")
    if not re.fullmatch(r"sha256[:-][0-9a-f]{64}", digest):
        return json_reply({"error": "invalid digest format"}, 400)
    path = twin.disk.blob(digest)
    if request.method == "HEAD":
        return Reply(200) if path.exists() else json_reply({}, 404)
    if path.exists():
        return Reply(200)
    have = "sha256:" + hashlib.sha256(request.body).hexdigest()
    if have != digest:
        text = f'digest mismatch, expected "{digest}", got "{have}"'
        return json_reply({"error": text}, 400)
    path.write_bytes(request.body)
    return Reply(201)


async def create(twin: Twin, body: dict[str, Any]) -> Reply:
    text = str(body.get("model") or "")
    name = name_of(text)
    if not text or name is None:
        raise Refused(400, "invalid model name")
    files = body.get("files") or {}
    if not files and not body.get("from"):
        raise Refused(400, "neither 'from' or 'files' was specified", in_stream=True)
    if body.get("from") or body.get("quantize"):
        raise Unknown
    for file in files:
        if file.startswith("/") or ".." in file.split("/"):
            raise Refused(400, "file path must be relative")
    file, digest = next(iter(files.items()))
    if not file.endswith(".gguf"):
        raise Refused(400, "unknown type", in_stream=True)
    if not twin.disk.blob(digest).exists() or "{{ .Nope" in str(body.get("template", "")):
        raise Unknown  # recordings know how each broken file fails
    steps = created(twin, name, twin.disk.blob(digest), body)
    if body.get("stream", True):
        return lines_reply(steps)
    return await _one_object(steps)


async def created(
    twin: Twin, name: Name, file: Path, body: Mapping[str, Any]
) -> AsyncGenerator[bytes, None]:
    def step(status: str) -> bytes:
        return json.dumps({"status": status}).encode() + b"\n"

    yield step("parsing GGUF")
    layers, config, detected = world.layers_of_gguf(twin.disk, file, body)
    model, *others = layers
    if twin.new:
        yield step("verifying conversion")
        yield step(f"creating new layer {model['digest']}")
    else:
        yield step(f"using existing layer {model['digest']}")
    if detected:
        yield step("using autodetected template chatml")
    for layer in others:
        if detected and layer["mediaType"].endswith(".template"):
            continue  # said already
        verb = "creating new" if layer["new"] else "using existing"
        yield step(f"{verb} layer {layer['digest']}")
    twin.disk.write_manifest(name, world.manifest_of(twin.disk, layers, config))
    yield step("writing manifest")
    yield step("success")


async def pull(twin: Twin, body: dict[str, Any], fault: Fault | None) -> Reply:
    text = body.get("model") or body.get("name") or ""
    name = name_of(str(text))
    if not text or name is None:
        raise Refused(400, "invalid model name")
    if recorded.find(twin.version, "POST", "/api/pull", json.dumps(body).encode(), {}):
        raise Unknown  # from a registry of which only the recordings know
    lines = Pull(
        twin.disk,
        name,
        insecure=bool(body.get("insecure")),
        room=twin.free_bytes,
        goes_down=bool(fault and fault.kind == "down"),
        ticks=not twin.new,
    ).lines()
    if body.get("stream", True):
        return lines_reply(lines)
    return await _one_object(lines)


async def _one_object(lines: AsyncGenerator[bytes, None]) -> Reply:
    """What `stream: false` answers where the stream has lines of status: the last one."""
    last = b""
    async for line in lines:
        last = line
    return Reply(200, {"Content-Type": "application/json"}, last)
