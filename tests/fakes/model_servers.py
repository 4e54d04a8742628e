"""Stand-ins of OpenAI-compatible servers: what each answers to calls that only read.

The shapes are those of their sources and documentation: llama.cpp build 10488
(tools/server/server-context.cpp, server-models.cpp), LM Studio's REST API v1 and v0, vLLM's
`/v1/models` and `/version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.http_wire import Reply, Request, WireServer, json_reply

TOKEN = "sk-local-PLANTED-0123456789-token"

Answers = Mapping[str, Any]


@dataclass(slots=True)
class ModelServer:
    """Answers GET of the paths that it knows.

    Attributes:
        answers: Path to JSON. unknown: what it says of other paths, with `unknown_status`.
        token: Asked of every path that is not in `open_paths`.
        headers: Of every answer.
    """

    answers: dict[str, Any]
    unknown: Any = field(default_factory=lambda: {"detail": "Not Found"})
    unknown_status: int = 404
    token: str = ""
    open_paths: frozenset[str] = frozenset()
    headers: dict[str, str] = field(default_factory=dict)
    server: WireServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = WireServer(self._handle)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def asked(self) -> list[str]:
        """The paths of all requests."""
        return [one.path for one in self.server.requests]

    async def __aenter__(self) -> ModelServer:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()

    async def _handle(self, request: Request) -> Reply:
        shown = request.headers.get("authorization") == f"Bearer {self.token}"
        if self.token and not shown and request.path not in self.open_paths:
            reply = json_reply({"error": {"message": "Invalid API Key"}}, 401)
        elif request.path in self.answers:
            reply = json_reply(self.answers[request.path])
        else:
            reply = json_reply(self.unknown, self.unknown_status)
        reply.headers.update(self.headers)
        return reply


def llama_cpp(*, asleep: bool = False, token: str = "") -> ModelServer:
    """llama-server with one model; its list is open to all even where a key is set."""
    model = {
        "id": "tiny.gguf",
        "object": "model",
        "owned_by": "llamacpp",
        "meta": {"n_vocab": 400, "n_ctx": 4096, "n_ctx_train": 8192, "size": 1_300_000},
    }
    models = {"object": "list", "models": [{"name": "tiny.gguf", "size": ""}], "data": [model]}
    props = {"build_info": "b10488-abc", "is_sleeping": asleep, "total_slots": 1}
    return ModelServer(
        {"/v1/models": models, "/models": models, "/props": props},
        token=token,
        open_paths=frozenset({"/v1/models", "/models", "/health"}),
        headers={"Server": "llama.cpp"},
    )


def llama_cpp_router() -> ModelServer:
    """llama-server with several models that come and go."""
    rows = [
        {"id": "a", "owned_by": "llamacpp", "status": {"value": "loaded"}},
        {"id": "b", "owned_by": "llamacpp", "status": {"value": "unloaded"}},
    ]
    props = {"role": "router", "build_info": "b10488-abc"}
    return ModelServer({"/v1/models": {"object": "list", "data": rows}, "/props": props})


def vllm(*, token: str = "") -> ModelServer:
    """vLLM, whose key guards what lies below /v1."""
    row = {"id": "org/m", "object": "model", "owned_by": "vllm", "max_model_len": 32768}
    return ModelServer(
        {"/v1/models": {"object": "list", "data": [row]}, "/version": {"version": "0.11.0"}},
        token=token,
        open_paths=frozenset({"/version", "/health"}),
    )


_STUDIO_LIST = {
    "object": "list",
    "data": [{"id": "gemma", "object": "model", "owned_by": "organization_owner"}],
}
_UNEXPECTED = {"error": "Unexpected endpoint or method. (GET /there)"}


def lm_studio() -> ModelServer:
    """LM Studio from 0.4 on; it answers with status 200 what it does not know."""
    rows = [
        {
            "type": "llm",
            "key": "gemma",
            "size_bytes": 241_410_208,
            "loaded_instances": [{"id": "gemma", "config": {"context_length": 4096}}],
            "max_context_length": 32768,
        },
        {"type": "embedding", "key": "nomic", "size_bytes": 274_290_560, "loaded_instances": []},
    ]
    return ModelServer(
        {"/v1/models": _STUDIO_LIST, "/api/v1/models": {"models": rows}},
        unknown=_UNEXPECTED,
        unknown_status=200,
    )


def old_lm_studio() -> ModelServer:
    """LM Studio before 0.4."""
    rows = [
        {"id": "gemma", "state": "loaded", "max_context_length": 32768},
        {"id": "other", "state": "not-loaded", "max_context_length": 8192},
    ]
    return ModelServer(
        {"/v1/models": _STUDIO_LIST, "/api/v0/models": {"object": "list", "data": rows}},
        unknown=_UNEXPECTED,
        unknown_status=200,
    )


def some_server(rows: object = None) -> ModelServer:
    """A server that knows the protocol alone."""
    data = [{"id": "m"}] if rows is None else rows
    return ModelServer({"/v1/models": {"object": "list", "data": data}})
