"""A look at an OpenAI-compatible server: which one it is, its models, what it tells of memory.

What each tells, and that asking loads nothing: llama.cpp (tools/server/README.md and
server-context.cpp of build 10488: `GET /models`, `/props` and `/health` neither load a model nor
keep one from falling asleep; `/v1/models` is open even where a key is set, `/props` is not), LM
Studio (docs: `GET /api/v1/models` since 0.4, `/api/v0/models` since 0.3.6), vLLM
(entrypoints/openai: `/version`, `owned_by` "vllm" and `max_model_len` in `/v1/models`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from landfall.core.hosts.hosts import HostKind, HostModel, HostWarning, Standing
from landfall.core.provenance import Figure, Unknown
from landfall.services.hosts.found import Found, count, print_of, told
from landfall.services.hosts.line import HostProblem, Line
from landfall.services.http_reply import Reply
from landfall.services.ollama.listing import MOST_MODELS

LM_STUDIO, LLAMA_CPP, VLLM = "LM Studio", "llama.cpp", "vLLM"
SOME_SERVER = "an OpenAI-compatible server"

_NO_MEMORY = {
    LM_STUDIO: "LM Studio tells which models are loaded, and not what they take",
    LLAMA_CPP: "llama.cpp tells the size of its weights, and not what they take in memory",
    VLLM: "vLLM holds a share of its GPU from the start, and tells no bytes",
    SOME_SERVER: "the protocol tells nothing of memory",
}


async def list_at(line: Line) -> tuple[Reply, Sequence[Mapping[str, Any]]] | None:
    """The models that such a server lists; None where something else answers.

    Raises:
        HostProblem: nothing answers, or it wants a token.
    """
    reply = await line.ask("/v1/models")
    if reply.status in (401, 403) or 300 <= reply.status < 400 or reply.status >= 429:
        line.check(reply)
    if not 200 <= reply.status < 300:
        return None
    try:
        said = await line.object_of(reply)
    except HostProblem:
        return None
    models = said.get("data")
    if models is None and said.get("object") == "list":
        models = []
    if not isinstance(models, list) or not all(isinstance(one, dict) for one in models):
        return None
    if len(models) > MOST_MODELS:
        raise line.something_else(f"it lists {len(models)} models")
    return reply, models


async def look(
    line: Line,
    listed: tuple[Reply, Sequence[Mapping[str, Any]]],
    *,
    standing: Standing,
    has_token: bool,
) -> Found:
    """Everything that such a server tells.

    Raises:
        HostProblem: it refuses the token.
    """
    reply, rows = listed
    server, version, models = await _known(line, reply, rows)
    no_memory: Figure = Unknown(_NO_MEMORY[server])
    return Found(
        kind=HostKind.OPENAI,
        server=server,
        version=version,
        models=models,
        memory_bytes=no_memory,
        gpu_bytes=no_memory,
        fingerprint=print_of(server, version, sorted((m.name, m.size_bytes or 0) for m in models)),
        warnings=tuple(await _openness(line, server, standing, has_token=has_token)),
    )


async def _known(
    line: Line, reply: Reply, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, str, tuple[HostModel, ...]]:
    """Which server it is, its version, and the models with what this one tells of them."""
    owners = {told(row.get("owned_by")).lower() for row in rows}
    if reply.headers.get("server", "") == LLAMA_CPP or "llamacpp" in owners:
        return await _llama_cpp(line, rows)
    if "vllm" in owners:
        said = await _maybe(line, "/version")
        return VLLM, told(said.get("version"), 40), tuple(map(_vllm_model, rows))
    if (models := await _lm_studio(line)) is not None:
        return LM_STUDIO, "", models
    return SOME_SERVER, "", tuple(_plain_model(row) for row in rows)


async def _maybe(line: Line, path: str) -> Mapping[str, Any]:
    """What a call answers, or nothing where this server has none such."""
    try:
        return await line.json("GET", path)
    except HostProblem as error:
        if error.status in (401, 407):
            raise
        return {}


async def _llama_cpp(
    line: Line, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, str, tuple[HostModel, ...]]:
    # Its list is open to all; that it takes the token only its properties show.
    said = await _maybe(line, "/props")
    asleep = said.get("is_sleeping") is True
    models = tuple(_llama_cpp_model(row, asleep=asleep) for row in rows)
    return LLAMA_CPP, told(said.get("build_info"), 40), models


def _llama_cpp_model(row: Mapping[str, Any], *, asleep: bool) -> HostModel:
    """A server of one model has it in memory; one of several says of each whether it has."""
    meta, status = row.get("meta"), row.get("status")
    told_state = status.get("value") if isinstance(status, dict) else None
    known = meta if isinstance(meta, dict) else {}
    return HostModel(
        name=told(row.get("id")),
        size_bytes=count(known.get("size")),
        loaded=told_state == "loaded" if told_state is not None else not asleep,
        context=count(known.get("n_ctx")) or count(known.get("n_ctx_train")),
    )


def _vllm_model(row: Mapping[str, Any]) -> HostModel:
    """What vLLM serves is in memory: it loads everything at its start."""
    return HostModel(name=told(row.get("id")), loaded=True, context=count(row.get("max_model_len")))


def _plain_model(row: Mapping[str, Any]) -> HostModel:
    return HostModel(name=told(row.get("id")), context=count(row.get("max_model_len")))


async def _lm_studio(line: Line) -> tuple[HostModel, ...] | None:
    """The models as LM Studio's own interface lists them; None where it is none."""
    match await _maybe(line, "/api/v1/models"):
        case {"models": list(rows)} if _all_have("key", rows):
            return tuple(_new_studio_model(row) for row in rows)
    match await _maybe(line, "/api/v0/models"):
        case {"data": list(rows)} if _all_have("state", rows):
            return tuple(_old_studio_model(row) for row in rows)
    return None


def _all_have(key: str, rows: Sequence[object]) -> bool:
    if len(rows) > MOST_MODELS:
        return False
    return all(isinstance(row, dict) and key in row for row in rows)


def _new_studio_model(row: Mapping[str, Any]) -> HostModel:
    instances = row.get("loaded_instances")
    loaded = isinstance(instances, list) and bool(instances)
    context = None
    match instances:
        case [{"config": {"context_length": held}}, *_]:
            context = count(held)
    return HostModel(
        name=told(row.get("key")),
        size_bytes=count(row.get("size_bytes")),
        loaded=loaded,
        context=context or count(row.get("max_context_length")),
    )


def _old_studio_model(row: Mapping[str, Any]) -> HostModel:
    return HostModel(
        name=told(row.get("id")),
        loaded=row.get("state") == "loaded",
        context=count(row.get("loaded_context_length")) or count(row.get("max_context_length")),
    )


async def _openness(
    line: Line, server: str, standing: Standing, *, has_token: bool
) -> list[HostWarning]:
    if standing is Standing.THIS_MACHINE:
        return []
    if has_token:
        path = "/props" if server == LLAMA_CPP else "/v1/models"
        try:
            strangers = 200 <= (await line.ask(path, bare=True)).status < 300
        except HostProblem:
            strangers = False
        if not strangers:
            return []
        text = "It answers without the token too: it does not ask others for one."
    else:
        text = (
            "It answered without a token from another machine: whoever reaches its port can use "
            "its models."
        )
    return [
        HostWarning(
            id="open",
            text=text,
            hint="Start it with a key (--api-key), or let its firewall admit only who needs it.",
        )
    ]
