"""A protocol twin of Ollama: HTTP on loopback, faithful to 0.24.0 and 0.32.15, faults on demand.

It does nothing that a real server does not do. What it can work out (models, loading, answers,
pulls, errors) it works out; what only a real engine could (a schema that constrains an answer, a
template that is rendered) it answers from recordings of real servers; anything else is a failure
of the test that asks for it.

As a program it stands in for the executable: `python -m tests.fakes.ollama_twin serve`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes import ollama_files as files
from tests.fakes import ollama_recordings as recorded
from tests.fakes import ollama_world as world
from tests.fakes.http_wire import (
    Reply,
    Request,
    WireServer,
    json_reply,
    lines_reply,
    text_reply,
)
from tests.fakes.ollama_answers import Refused, Sayer, Unknown
from tests.fakes.ollama_faults import Fault, spoilt
from tests.fakes.ollama_world import Disk, Name, Runner, TwinModel, name_of

OLD, NEW = recorded.OLD, recorded.NEW


@dataclass(slots=True)
class Pace:
    """How long things take; nothing by default, so that tests are quick."""

    load_seconds: float = 0.0
    token_seconds: float = 0.0


@dataclass(slots=True)
class Twin:
    """One server.

    Attributes:
        version: OLD or NEW: the generation that it is.
        folder: Models and layers, laid out as on a real disk.
        recorded_models: Models known from recordings, which have no files.
        faults: What goes wrong next; each is used once.
        holds: An answer that its client leaves holds its model, which answers nobody from then on
            until it has left the memory. Seen by others of 0.32, and never in recordings.
        replays: Recorded answers for the next requests to their paths, whatever is asked there.
        no_cloud: OLLAMA_NO_CLOUD.
        guards_host: Bound to loopback, a server refuses foreign host names.
        any_origin: OLLAMA_ORIGINS=*.
        free_bytes: What a pull may still write; None is no limit.
        token: Asked of every call, as by a proxy before the server that asks for a bearer token.
    """

    folder: Path
    version: str = NEW
    recorded_models: dict[str, TwinModel] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    replays: list[recorded.Recording] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)
    holds: bool = False
    no_cloud: bool = True
    guards_host: bool = True
    any_origin: bool = False
    free_bytes: int | None = None
    token: str = ""
    runners: dict[str, Runner] = field(default_factory=dict)
    disk: Disk = field(init=False)
    server: WireServer = field(init=False)
    dead: asyncio.Event = field(init=False)

    def __post_init__(self) -> None:
        self.disk = Disk(self.folder)
        self.server = WireServer(self._handle)
        self.dead = asyncio.Event()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def new(self) -> bool:
        return self.version == NEW

    def replay(self, label: str) -> None:
        """Answer the next request to the same path as a real server once did."""
        self.replays.append(next(r for r in recorded.for_version(self.version) if r.label == label))

    async def __aenter__(self) -> Twin:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()

    # Requests

    async def _handle(self, request: Request) -> Reply:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return text_reply("401 Unauthorized", 401)
        if self.replays and self.replays[0].path == request.path:
            return recorded.reply_of(self.replays.pop(0))
        fault = self._next_fault(request.path)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "refuse":
            refused = Refused(fault.status, fault.text)
            return _refusal(refused) if fault.text else Reply(fault.status)
        try:
            reply = await self._route(request, fault)
        except Refused as refused:
            reply = _refusal(refused)
        except Unknown:
            found = recorded.find(
                self.version, request.method, request.path, request.body, request.headers
            )
            if found is None:
                text = f"the twin does not know {request.method} {request.path} {request.body!r}"
                return _refusal(Refused(500, text))
            reply = recorded.reply_of(found)
        if fault and reply.lines is not None:
            reply.lines = spoilt(reply.lines, fault, self.dead)
        return reply

    def _next_fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.path == path:
                self.faults.remove(fault)
                return fault
        return None

    async def _route(self, request: Request, fault: Fault | None) -> Reply:
        if self._is_stranger(request):
            return Reply(403)
        path, method = request.path, request.method
        if path.startswith("/api/blobs/"):
            return files.blob(self, request)
        allowed = _ROUTES.get(path)
        if allowed is None:
            if path.startswith(
                ("/v1/", "/api/experimental", "/api/me", "/api/push", "/api/embedd")
            ):
                raise Unknown
            return _plain("404 page not found", 404)
        if method == "OPTIONS":
            raise Unknown
        if method not in allowed:
            return _plain("405 method not allowed", 405)
        state = self._state(path)
        return state or await self._call(path, _body(request), fault)

    def _state(self, path: str) -> Reply | None:
        """The calls that only read."""
        match path:
            case "/":
                return text_reply("Ollama is running")
            case "/api/version":
                return json_reply({"version": self.version})
            case "/api/status":
                source = "env" if self.no_cloud else "none"
                return json_reply({"cloud": {"disabled": self.no_cloud, "source": source}})
            case "/api/tags":
                return json_reply({"models": [self._listed(model) for model in self.models()]})
            case "/api/ps":
                return json_reply({"models": [_running(runner) for runner in self._alive()]})
            case _:
                return None

    def _is_stranger(self, request: Request) -> bool:
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        foreign_host = not re.fullmatch(
            r"localhost|127\.[\d.]+|\[::1\]|.*\.(localhost|local|internal)", host
        )
        origin = request.headers.get("origin", "")
        foreign_origin = bool(origin) and not re.match(
            r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0)(:|$)", origin
        )
        return (foreign_host and self.guards_host) or (foreign_origin and not self.any_origin)

    async def _call(self, path: str, body: dict[str, Any], fault: Fault | None) -> Reply:
        match path:
            case "/api/show":
                return self._show(body)
            case "/api/generate" | "/api/chat":
                return await self._generate(body, chat=path == "/api/chat")
            case "/api/embed":
                return await self._embed(body)
            case "/api/pull":
                return await files.pull(self, body, fault)
            case "/api/create":
                return await files.create(self, body)
            case "/api/copy":
                return files.copy(self, body)
            case "/api/delete":
                return files.delete(self, body)
        raise Unknown

    # Models

    def models(self) -> list[TwinModel]:
        """All models, newest first."""
        on_disk = [self.disk.model(name, path) for name, path in self.disk.all()]
        found = [*self.recorded_models.values(), *on_disk]
        return sorted(found, key=lambda model: model.modified_at[:19], reverse=True)

    def find(self, name: Name) -> TwinModel | None:
        wanted = name.full.lower()
        for model in self.recorded_models.values():
            if model.name.full.lower() == wanted:
                return model
        path = self.disk.find(name)
        return self.disk.model(name, path) if path else None

    def _listed(self, model: TwinModel) -> dict[str, Any]:
        listed: dict[str, Any] = {"name": model.name.short, "model": model.name.short}
        if model.remote_host:
            listed |= {"remote_model": model.remote_model, "remote_host": model.remote_host}
        details = dict(model.details)
        listed |= {"modified_at": model.modified_at, "size": model.size, "digest": model.digest}
        listed["details"] = details
        if self.new:
            details["context_length"] = model.context_length
            details["embedding_length"] = model.embedding_length
            listed["capabilities"] = list(model.capabilities)
        return listed

    def _named(self, body: Mapping[str, Any], *, quoted: str = "'") -> TwinModel:
        """The model that a request means.

        Raises:
            Refused: there is none.
        """
        text = body.get("model") or body.get("name") or ""
        if not isinstance(text, str):
            raise Unknown
        if not text:
            raise Refused(400, "model is required")
        local = text.lower().endswith(":local")
        bare = text[: -len(":local")] if local else text
        if _means_cloud(bare):
            if local:
                raise Refused(400, f'use either :local or :cloud, not both: "{text}"')
            raise self._remote()
        name = name_of(bare)
        if name is None:
            raise Refused(400, "invalid model name")
        model = self.find(name)
        if model is None or (local and model.remote_host):
            tail = ", try pulling it first" if quoted == '"' else ""
            raise Refused(404, f"model {quoted}{text}{quoted} not found{tail}")
        if model.remote_host:
            raise self._remote()
        return model

    def _remote(self) -> Exception:
        """A model in a cloud: refused, or answered there, which recordings know."""
        if self.no_cloud:
            return Refused(403, "ollama cloud is disabled: remote model is unavailable")
        return Unknown()

    def _show(self, body: dict[str, Any]) -> Reply:
        text = str(body.get("model") or body.get("name") or "")
        if not text:
            raise Refused(400, "model is required")
        if _means_cloud(text):
            if self.no_cloud:
                raise Refused(403, "ollama cloud is disabled: remote model details are unavailable")
            raise Unknown
        name = name_of(text.removesuffix(":local"))
        if name is None:
            raise Refused(400, "invalid model name")
        model = self.find(name)
        if model is None:
            raise Refused(404, f"model '{name.short if self.new else text}' not found")
        shown = dict(model.show)
        if model.remote_host:
            shown |= {"remote_model": model.remote_model, "remote_host": model.remote_host}
        else:
            shown["capabilities"] = list(model.capabilities)
        shown |= {"details": dict(model.details), "modified_at": model.modified_at}
        return json_reply(shown)

    # Memory

    def _alive(self) -> list[Runner]:
        """What is in memory, latest expiry first; what has expired goes."""
        now = datetime.now(UTC)
        self.runners = {key: r for key, r in self.runners.items() if r.expires_at > now}
        return sorted(self.runners.values(), key=lambda r: -int(r.expires_at.timestamp()))

    async def _loaded(self, model: TwinModel, body: Mapping[str, Any]) -> tuple[Runner, float]:
        """The runner of a model, loaded if it must be, and the seconds that took."""
        self._alive()
        options = body.get("options") or {}
        load_time = {key: value for key, value in options.items() if key in _LOAD_OPTIONS}
        key = model.digest
        keep = self._keep_alive(body)
        runner = self.runners.get(key)
        begun = time.perf_counter()
        if runner is None or runner.options != load_time:
            await asyncio.sleep(self.pace.load_seconds)
            context = min(int(options.get("num_ctx", 4096)), model.context_length)
            runner = Runner(model, load_time, max(4, context), datetime.now(UTC))
            self.runners[key] = runner
            self._make_room()
            seconds = max(0.25, time.perf_counter() - begun)
        else:
            seconds = 0.002
        runner.expires_at = datetime.now(UTC) + keep
        return runner, seconds

    def _make_room(self) -> None:
        """Three models on a processor; the one that would expire first goes."""
        while len(self.runners) > 3:
            oldest = min(self.runners, key=lambda key: self.runners[key].expires_at)
            del self.runners[oldest]

    def _keep_alive(self, body: Mapping[str, Any]) -> Any:
        try:
            return world.keep_alive_of(body.get("keep_alive"))
        except ValueError as error:
            raise Refused(400, str(error)) from error

    # Answers

    async def _generate(self, body: dict[str, Any], *, chat: bool) -> Reply:
        asked = {key for key in _ONLY_RECORDED if body.get(key) not in (None, [], "")}
        if asked or body.get("truncate") is False:
            raise Unknown
        if chat and not isinstance(body.get("messages", []), list):
            raise Unknown
        if not isinstance(body.get("options", {}), dict):
            raise Unknown
        model = self._named(body)
        self._keep_alive(body)
        say = Sayer(body, chat=chat, new=self.new)
        say.check(model)
        if say.prompt == "":
            return await self._load_or_unload(model, body, say)
        _check_options(body.get("options", {}))
        runner, load_seconds = await self._loaded(model, body)
        lines = self._answer(runner, say, load_seconds)
        if self.holds:
            lines = _holding(runner, lines)
        if body.get("stream", True):
            return lines_reply(lines)
        return json_reply(await say.whole(lines))

    async def _load_or_unload(self, model: TwinModel, body: Mapping[str, Any], say: Sayer) -> Reply:
        if body.get("keep_alive") == 0:
            self.runners.pop(model.digest, None)
            return json_reply(say.last("unload"))
        await self._loaded(model, body)
        return json_reply(say.last("load"))

    async def _answer(
        self, runner: Runner, say: Sayer, load_seconds: float
    ) -> AsyncGenerator[bytes, None]:
        model = runner.model
        begun = time.perf_counter()
        prompt_tokens = 12 + len(say.prompt.split())
        cached = runner.prompt == say.prompt
        runner.prompt = say.prompt
        limit = say.limit(model, runner.context)
        count = 0
        reason = "stop"
        for thinking, piece in say.pieces(model):
            if count == limit:
                reason = "length"
                break
            await asyncio.sleep(self.pace.token_seconds)
            count += 1
            if (line := say.line(model, piece, thinking=thinking)) is not None:
                yield line
        counted = count + (reason == "stop")
        step = max(1e-4, self.pace.token_seconds)
        counters = {
            "total_duration": _nanoseconds(load_seconds + time.perf_counter() - begun),
            "load_duration": _nanoseconds(load_seconds),
            "prompt_eval_count": prompt_tokens,
            "prompt_eval_duration": _nanoseconds(step * (1 if cached else prompt_tokens)),
            "eval_count": counted,
            "eval_duration": _nanoseconds(
                1e-6 if self.new and counted == 1 else max(step * counted, 1e-6)
            ),
        }
        context = {} if say.chat else {"context": [1, 2, 3]}
        yield json.dumps(say.last(reason) | context | counters, ensure_ascii=False).encode() + b"\n"

    async def _embed(self, body: dict[str, Any]) -> Reply:
        model = self._named(body, quoted='"')
        texts = body.get("input")
        texts = [texts] if isinstance(texts, str) else texts or []
        if not all(isinstance(text, str) for text in texts):
            raise Refused(400, "invalid input type")
        if "embedding" not in model.capabilities:
            if self.new:
                text = "This server does not support embeddings. Start it with `--embeddings`"
                raise Refused(501, text)
            raise Unknown
        if model.name.short in self.recorded_models and any(texts):
            raise Unknown
        _, load_seconds = await self._loaded(model, body)
        if not any(texts):
            return json_reply({"model": body["model"], "embeddings": []})
        width = int(body.get("dimensions") or model.embedding_length)
        counters = {
            "total_duration": _nanoseconds(load_seconds + 0.001),
            "load_duration": _nanoseconds(load_seconds),
            "prompt_eval_count": sum(2 + len(text.split()) for text in texts),
        }
        vectors = [_vector(text, width) for text in texts]
        return json_reply({"model": body["model"], "embeddings": vectors} | counters)


_ROUTES = {
    "/": ("GET", "HEAD"),
    "/api/version": ("GET", "HEAD"),
    "/api/status": ("GET",),
    "/api/tags": ("GET", "HEAD"),
    "/api/ps": ("GET",),
    "/api/show": ("POST",),
    "/api/generate": ("POST",),
    "/api/chat": ("POST", "OPTIONS"),
    "/api/embed": ("POST",),
    "/api/pull": ("POST",),
    "/api/create": ("POST",),
    "/api/copy": ("POST",),
    "/api/delete": ("DELETE",),
}

_LOAD_OPTIONS = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread")
_ONLY_RECORDED = (
    "tools",
    "format",
    "images",
    "suffix",
    "raw",
    "logprobs",
    "_debug_render_only",
    "template",
    "shift",
)
_FLOATS = (
    "temperature",
    "top_p",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
)
_INTEGERS = ("num_ctx", "num_predict", "seed", "top_k", "num_thread", "num_gpu", "repeat_last_n")


def _means_cloud(name: str) -> bool:
    _, colon, tag = name.rpartition(":")
    tag = tag.strip().lower()
    return bool(colon) and (tag == "cloud" or (tag.endswith("-cloud") and "/" not in tag))


def _body(request: Request) -> dict[str, Any]:
    """The object that was sent.

    Raises:
        Refused: nothing was sent. Unknown: it is no object; Go's words for it are recorded.
    """
    if not request.body:
        raise Refused(400, "missing request body")
    try:
        value = request.json()
    except json.JSONDecodeError as error:
        raise Unknown from error
    if not isinstance(value, dict):
        raise Unknown
    return value


def _check_options(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in _FLOATS and not number:
            raise Refused(500, f'option "{name}" must be of type float32')
        if name in _INTEGERS and not number:
            raise Refused(500, f'option "{name}" must be of type integer')


async def _holding(
    runner: Runner, lines: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    if runner.held:
        await asyncio.Event().wait()
    try:
        async with aclosing(lines):
            async for line in lines:
                yield line
    except (GeneratorExit, asyncio.CancelledError):
        runner.held = True
        raise


def _running(runner: Runner) -> dict[str, Any]:
    return {
        "name": runner.model.name.short,
        "model": runner.model.name.short,
        "size": runner.size,
        "digest": runner.model.digest,
        "details": dict(runner.model.details) | {"parent_model": ""},
        "expires_at": world.rfc3339(runner.expires_at),
        "size_vram": 0,
        "context_length": runner.context,
    }


def _refusal(refused: Refused) -> Reply:
    reply = json_reply({"error": refused.text}, refused.status)
    if refused.in_stream:
        reply.headers["Content-Type"] = "application/json"
    return reply


def _plain(text: str, status: int) -> Reply:
    return Reply(status, {"Content-Type": "text/plain"}, text.encode())


def _nanoseconds(seconds: float) -> int:
    return max(1, round(seconds * 1e9))


def _vector(text: str, width: int) -> list[float]:
    """A direction of its own for each text, of length 1."""
    seed = hashlib.sha256(text.encode()).digest()
    raw = [1.0 + byte / 255 for byte in (seed * (width // 32 + 1))[:width]]
    length = sum(value * value for value in raw) ** 0.5
    return [value / length for value in raw]


async def serve(host: str, port: int, twin: Twin) -> None:
    """Run until SIGTERM or SIGINT, like `ollama serve`; on Windows until it is ended."""
    await twin.server.start(host, port)
    shown = f'msg="Listening on {host}:{twin.server.port} (version {twin.version})"'
    print(
        f"time={world.now_text()} level=INFO source=routes.go:1 {shown}",
        file=sys.stderr,
        flush=True,
    )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
    dead = asyncio.create_task(twin.dead.wait())
    done = asyncio.create_task(ended.wait())
    await asyncio.wait({dead, done}, return_when=asyncio.FIRST_COMPLETED)
    for task in (dead, done):
        task.cancel()
    await twin.server.stop()


def main() -> None:
    """`serve`, with the variables of the real program and TWIN_VERSION for the generation."""
    assert sys.argv[1:] == ["serve"], sys.argv
    host, _, port = os.environ.get("OLLAMA_HOST", "127.0.0.1:11434").rpartition(":")
    folder = Path(os.environ.get("OLLAMA_MODELS", Path.home() / ".ollama" / "models"))
    twin = Twin(folder, version=os.environ.get("TWIN_VERSION", NEW))
    twin.pace.token_seconds = float(os.environ.get("TWIN_TOKEN_SECONDS", "0"))
    asyncio.run(serve(host, int(port), twin))


if __name__ == "__main__":
    main()
