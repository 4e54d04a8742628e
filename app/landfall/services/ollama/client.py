"""An Ollama server: what it is, what it holds, what it runs."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from landfall.core.errors import BadInput, ServerRefused
from landfall.core.events import PullProgress, RunEvent
from landfall.core.hosts.runtime import InstalledModel, LoadedModel
from landfall.core.models.model_names import same
from landfall.services.keys.secret import Secret
from landfall.services.ollama import answers, generation, listing, package, pulls
from landfall.services.ollama.generation import Options
from landfall.services.ollama.transport import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    PATIENCE_SECONDS,
    Transport,
)

UPLOAD_CHUNK_BYTES = 1 << 20
UNLOAD_SECONDS = 10.0

_SHOWN: Mapping[str, type] = MappingProxyType(
    {"capabilities": list, "details": dict, "model_info": dict, "modelfile": str, "parameters": str}
)
"""The kinds of what is read of a model that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """Vectors in the order of the texts; tokens and seconds as the server counts them."""

    vectors: tuple[tuple[float, ...], ...]
    prompt_tokens: int | None
    total_seconds: float | None


class Ollama:
    """One server. Every call raises `AppError` kinds only; close it, or use it as `async with`.

    Attributes:
        url: The server's address.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        token: Secret | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            url: "http://127.0.0.1:11434".
            connect_seconds: How long a connection may take.
            patience_seconds: How long a stream may be silent before the server is probed.
            token: For a server that asks for one; of `services.hosts.tokens.sendable`, never of
                the environment.
        """
        self._http = Transport(
            url,
            connect_seconds=connect_seconds,
            patience_seconds=patience_seconds,
            token=token,
        )
        self._token = token
        self.url = self._http.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; what streams then stops."""
        await self._http.aclose()

    # What it is

    async def version(self) -> str:
        """As the server says it: "0.24.0", or "0.0.0" for a build without a stamp."""
        return await self._http.version()

    # What it holds

    async def tags(self) -> tuple[InstalledModel, ...]:
        """The models on its disk, newest first. Shared layers count for each model."""
        return await listing.tags(self._http)

    async def show(self, model: str) -> dict[str, Any]:
        """Everything about one model, raw, but for the arrays of `model_info`, which are null.

        What is read of it is of its kind, or is left out.

        Never asked for a cloud name: the server would pass the question on.

        Raises:
            PrivacyBlocked: the name is a cloud's.
            ModelNotFound: it is not there.
        """
        generation.refuse_cloud_name(model)
        body = {"model": model, "verbose": False}
        shown = await self._http.json("POST", "/api/show", body=body)
        return _of_their_kind(shown)

    async def models_folder(self) -> Path | None:
        """Where its models lie, if that is a folder of this machine; only a model can tell."""
        return await listing.models_folder(self._http)

    async def ps(self) -> tuple[LoadedModel, ...]:
        """The models in its memory. Ask rarely: 0.24 can fail under heavy polling."""
        return await listing.ps(self._http)

    async def loaded(self, model: str) -> LoadedModel | None:
        """The model in memory, or None. Another name of the same files may stand for it."""
        return next((entry for entry in await self.ps() if same(entry.name, model)), None)

    # What it runs

    def chat(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Options,
        model_parameters: str = "",
        allow_remote: bool = False,
        **fields: Any,
    ) -> AsyncGenerator[RunEvent, None]:
        """One answer as a stream of events; see `generation.streamed`.

        Args:
            model: Its name.
            messages: `{"role", "content"}` each, the last being the question.
            options: How the answer is made.
            model_parameters: `parameters` of `show`, so that the model's own values stand.
            allow_remote: Let a model in a cloud answer.
            fields: Further fields of the request: think, format, keep_alive, truncate, shift.
        """
        sent = options.as_json(model_parameters)
        return generation.chat(
            self._http, model, messages=messages, allow_remote=allow_remote, options=sent, **fields
        )

    def generate(
        self,
        model: str,
        prompt: str,
        *,
        options: Options,
        model_parameters: str = "",
        allow_remote: bool = False,
        **fields: Any,
    ) -> AsyncGenerator[RunEvent, None]:
        """One completion as a stream of events; arguments as in `chat`."""
        sent = options.as_json(model_parameters)
        return generation.generate(
            self._http, model, prompt=prompt, allow_remote=allow_remote, options=sent, **fields
        )

    async def embed(
        self,
        model: str,
        texts: Sequence[str],
        *,
        options: Options,
        **fields: Any,
    ) -> Embeddings:
        """A vector for each text, of length 1.

        Args:
            model: An embedding model.
            texts: At least one; empty texts get no vector of their own on a server.
            options: How it is loaded: the context length always goes with it.
            fields: dimensions, truncate, keep_alive.

        Raises:
            BadInput: there is no text, or the only one is empty.
            PrivacyBlocked: another machine would answer for the model.
            ServerRefused: the model cannot embed, or a text is too long.
        """
        if not any(texts):
            raise BadInput("There is no text to embed.", field="texts")
        generation.refuse_cloud_name(model)
        sent = options.as_json()
        body = {"model": model, "input": list(texts), "options": sent, **fields}
        answer = await self._http.json("POST", "/api/embed", body=body, forever=True)
        generation.refuse_remote(answer, model)
        total = generation.counters(answer)
        return Embeddings(
            vectors=_vectors(answer.get("embeddings")),
            prompt_tokens=total.prompt_tokens,
            total_seconds=total.total_seconds,
        )

    async def load(self, model: str, *, options: Options, keep_alive: str | int = "5m") -> None:
        """Load a model and keep it: seconds, a Go duration ("30m"), or -1 for ever.

        The same options must go with every later call, or the model is loaded anew.

        Raises:
            OutOfMemory: it does not fit now.
        """
        generation.refuse_cloud_name(model)
        body = {"model": model, "options": options.as_json(), "keep_alive": keep_alive}
        await self._load_call(model, body)

    async def unload(self, model: str, *, wait_seconds: float = UNLOAD_SECONDS) -> bool:
        """Take a model out of memory once its last request ends.

        Returns:
            Whether it is gone after `wait_seconds`; a request that still runs holds it.
        """
        generation.refuse_cloud_name(model)
        await self._load_call(model, {"model": model, "keep_alive": 0})
        deadline = asyncio.get_running_loop().time() + wait_seconds
        pause = 0.05
        while await self.loaded(model) is not None:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)
        return True

    async def _load_call(self, model: str, body: Mapping[str, Any]) -> None:
        """Load or unload by an empty prompt; embedding models know only /api/embed for it."""
        try:
            answer = await self._http.json(
                "POST", "/api/generate", body={**body, "stream": False}, forever=True
            )
        except ServerRefused as error:
            if "does not support generate" not in error.message:
                raise
            answer = await self._http.json(
                "POST", "/api/embed", body={**body, "input": []}, forever=True
            )
        generation.refuse_remote(answer, model)

    # What changes it

    def pull(
        self, model: str, *, insecure: bool = False, whole_total_bytes: int | None = None
    ) -> AsyncGenerator[PullProgress, None]:
        """Load a model from its registry; see `pulls.pull`."""
        return pulls.pull(self._http, model, insecure=insecure, whole_total_bytes=whole_total_bytes)

    async def delete(self, model: str) -> None:
        """Delete a model, out of memory first: else its runner would stay and could not be stopped.

        Raises:
            ModelNotFound: it is not there.
        """
        if await self.loaded(model) is not None:
            await self.unload(model)
        await self._http.json("DELETE", "/api/delete", body={"model": model})

    async def copy(self, source: str, destination: str) -> None:
        """Give a model a second name; its files are shared."""
        await package.copy(
            self.url, source, destination, timeout_seconds=ANSWER_SECONDS, token=self._token
        )

    async def has_blob(self, digest: str) -> bool:
        """Whether the layer `sha256:<64 hex>` is on its disk."""
        return await self._http.status_of("HEAD", f"/api/blobs/{digest}") == 200

    async def create(
        self, model: str, gguf: Path, *, fields: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[str, None]:
        """Make a model of a GGUF file: upload it where it is not there, then create.

        Args:
            model: The new name.
            gguf: The file.
            fields: template, system, parameters, license, quantize.

        Yields:
            What the server says it does; the last is "success".

        Raises:
            BadInput: the file cannot be read.
            AppError: refused, or ended without success.
        """
        digest = await asyncio.to_thread(_digest, gguf)
        if not await self.has_blob(digest):
            yield "uploading"
            await self._http.send(f"/api/blobs/{digest}", _chunks(gguf))
        body = {"model": model, "files": {gguf.name: digest}, **(fields or {})}
        async with aclosing(self._http.lines("/api/create", body)) as lines:
            status = ""
            async for _, line in lines:
                status = str(line.get("status", ""))
                yield status
        if status != "success":
            raise ServerRefused(f"{model} was not created: the server stopped at {status!r}.")


def _of_their_kind(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a model, without what is of another kind than it has to be."""
    kept = {
        name: value
        for name, value in shown.items()
        if value is None or isinstance(value, _SHOWN.get(name, object))
    }
    if "capabilities" in kept:
        kept["capabilities"] = list(answers.texts(kept["capabilities"]))
    return kept


def _vectors(told: Any) -> tuple[tuple[float, ...], ...]:
    """The vectors of an answer; what is no list of numbers is none."""
    rows = told if isinstance(told, list) else []
    return tuple(
        tuple(row)
        for row in rows
        if isinstance(row, list) and all(isinstance(one, int | float) for one in row)
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read: {error.strerror}.",
            "Check its name and its permissions.",
            file=str(path),
        ) from error


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, UPLOAD_CHUNK_BYTES):
            yield chunk
