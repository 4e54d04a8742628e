"""One HTTP connection pool to one server: JSON answers, and streams of lines with their times.

Not the `ollama` package: its typed answers drop `remote_host`, `remote_model`, `capabilities` and
ids of tool calls, by which alone a model in a cloud is told from a local one; it has no call for
version, status or blobs, sends OLLAMA_API_KEY to any host, goes through proxies, and importing it
fails where OLLAMA_HOST is malformed or a bare IPv6 address. The tests use it as a second reader of
the same answers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import httpx

from landfall.core.errors import AppError
from landfall.services import certificates, proxies
from landfall.services.keys.secret import Secret
from landfall.services.ollama import answers, errors
from landfall.services.ollama.reaching import bearer, hushed, may_use_proxy, unreachable

Method = Literal["GET", "HEAD", "POST", "DELETE"]

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
"""Calls that only read the server's state answer in milliseconds; this is for a busy disk."""

PATIENCE_SECONDS = 30.0
"""After so long a silence in a stream the server is asked whether it is still there."""

PROBES = 3
"""So many unanswered questions in a row mean that a server is gone."""

WHOLE_SECONDS = 120.0
"""A call that only reads the server's state has been answered by then, byte for byte."""

_LINE_LIMIT_BYTES = 64 << 20
_BODY_LIMIT_BYTES = 64 << 20
"""No list of models and no model that is shown is as long; embeddings of a batch are not."""

T = TypeVar("T")


class _Arrived:
    """What came of an answer: its chunks with their times, then None; `at` is the last of them."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
        self.at = time.perf_counter()

    async def read(self, response: httpx.Response) -> None:
        """Take chunks until there are no more."""
        try:
            async for chunk in response.aiter_raw():
                self.at = time.perf_counter()
                self.queue.put_nowait((self.at, chunk))
        finally:
            self.queue.put_nowait(None)


class Transport:
    """Talks HTTP to one server and raises the program's own errors.

    Attributes:
        url: The server's address, without a slash at its end.
        probe_seconds: How long a server may take to say that it is still there.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        token: Secret | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            token: Shown to this server with every call, as a bearer token (RFC 6750). Whether it
                may travel there is decided before (`services.hosts.tokens.sendable`); it follows
                no redirect.

        Raises:
            BadInput: `url` is no address.
        """
        self.url = url.rstrip("/")
        self.probe_seconds = ANSWER_SECONDS
        self._token = token
        self._patience_seconds = patience_seconds
        self._whole_seconds = max(WHOLE_SECONDS, answer_seconds)
        # Reading has no limit: not even a status line comes while a model loads or a long prompt
        # is worked on. A server that is gone is found by `_still_there` instead.
        self._forever = httpx.Timeout(connect_seconds, read=None, write=None, pool=None)
        self._soon = httpx.Timeout(connect_seconds, read=answer_seconds, write=answer_seconds)
        by_proxy = may_use_proxy(self.url, token)
        # Reading the certificates takes 50 ms, and plain http has none to verify.
        verify = certificates.trusted() if urlsplit(self.url).scheme == "https" else False
        with proxies.understood(used=by_proxy):
            self._http = httpx.AsyncClient(
                base_url=self.url,
                trust_env=by_proxy,
                follow_redirects=False,
                verify=verify,
                headers={"Accept-Encoding": "identity", "User-Agent": "landfall"} | bearer(token),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=4),
            )

    @staticmethod
    def now() -> float:
        """The clock of all events, in seconds."""
        return time.perf_counter()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def json(
        self,
        method: Method,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        forever: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that a call answers; empty for an empty answer.

        Raises:
            AppError: unreachable, refused, or no object. `forever` is for calls that load a model.
        """
        response = await self._answer(
            method, path, body=body, forever=forever, headers=headers or {}
        )
        if not response.content:
            return {}
        kind = response.headers.get("content-type", "")
        return answers.as_object(response.content, kind, url=self.url)

    async def version(self) -> str:
        """What the server says it is: the one question that tells an Ollama from anything else.

        Raises:
            OllamaUnavailable: nothing answers, or something else does.
        """
        return await answers.version(self, self.url)

    async def status_of(self, method: Method, path: str) -> int:
        """The HTTP status of a call whose answer carries no body, a refusal included."""
        try:
            async with asyncio.timeout(self._whole_seconds):
                response = await self._whole(method, path, timeout=self._soon)
        except TimeoutError as error:
            raise errors.does_not_answer(self.url) from error
        except httpx.TransportError as error:
            raise unreachable(error, self.url) from error
        return response.status_code

    async def send(self, path: str, chunks: AsyncIterable[bytes]) -> None:
        """POST a body piece by piece.

        Raises:
            AppError: unreachable or refused; a full disk shows as a connection that breaks.
        """
        try:
            response = await self._whole("POST", path, content=chunks, timeout=self._forever)
        except httpx.TransportError as error:
            raise unreachable(error, self.url) from error
        self._check(response, response.text)

    async def _answer(
        self,
        method: Method,
        path: str,
        *,
        body: Mapping[str, Any] | None,
        forever: bool,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        timeout = self._forever if forever else self._soon
        # A kept connection may have been closed by a server that restarted: reading is repeated.
        for last in (False, True) if method in ("GET", "HEAD") else (True,):
            try:
                asking = asyncio.ensure_future(
                    self._whole(method, path, json=body, timeout=timeout, headers=dict(headers))
                )
                async with asyncio.timeout(None if forever else self._whole_seconds):
                    response = await (self._watched(asking) if forever else asking)
            except TimeoutError as error:
                raise errors.does_not_answer(self.url) from error
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                if last:
                    raise unreachable(error, self.url) from error
                continue
            except httpx.TransportError as error:
                raise unreachable(error, self.url) from error
            if response.status_code == 500 and not response.content and not last:
                continue  # /api/ps of 0.24 can trip over a model that comes or goes
            break
        self._check(response, response.text)
        return response

    async def _whole(self, method: Method, path: str, **how: Any) -> httpx.Response:
        """Ask, and read the answer to its end.

        Raises:
            OllamaUnavailable: it has no end, as far as that can be waited for.
            httpx.TransportError: the connection broke.
        """
        async with self._http.stream(method, path, **how) as response:
            body = await self._body_of(response)
        # Unpacked by now, should it have come packed, though nobody asked for that.
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() != "content-encoding"
        ]
        return httpx.Response(
            response.status_code, headers=headers, content=body, request=response.request
        )

    async def _body_of(self, response: httpx.Response) -> bytes:
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _BODY_LIMIT_BYTES:
                    raise errors.not_ollama(self.url, "its answer has no end")
        except httpx.DecodingError as error:
            raise errors.not_ollama(self.url, "it packs its answer, and wrongly") from error
        return bytes(body)

    async def lines(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[tuple[float, dict[str, Any]], None]:
        """POST, then each line of the answer with the time at which it left the socket.

        Closing the generator, or cancelling the task in it, closes the connection: that is how
        Ollama is told to stop.

        Raises:
            AppError: unreachable, refused, an error inside the stream, or a broken connection.
        """
        async with self._stream(path, body) as response:
            content_type = response.headers.get("content-type", "")
            rest = bytearray()
            try:
                async with aclosing(self._stamped(response)) as chunks:
                    async for at, chunk in chunks:
                        rest += chunk
                        if len(rest) > _LINE_LIMIT_BYTES:
                            raise errors.not_ollama(self.url, "its answer has no end of line")
                        if b"\n" not in chunk:
                            continue  # a long line in small pieces is looked at once
                        *whole, tail = rest.split(b"\n")
                        rest = bytearray(tail)
                        for line in whole:
                            if line.strip():
                                yield at, self._line(bytes(line), content_type)
            except httpx.TransportError as error:
                raise errors.cut(self.url) from error
            if rest.strip():  # `stream: false` and one-object answers end without a line break
                yield self.now(), self._line(bytes(rest), content_type)

    @asynccontextmanager
    async def _stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        request = self._http.build_request("POST", path, json=dict(body), timeout=self._forever)
        sending = asyncio.ensure_future(self._http.send(request, stream=True))
        try:
            response = await self._watched(sending)
        except httpx.TransportError as error:
            raise unreachable(error, self.url) from error
        except asyncio.CancelledError:
            if sending.done() and not sending.cancelled() and sending.exception() is None:
                await sending.result().aclose()
            raise
        try:
            if response.status_code != 200:
                self._check(response, (await self._rest_of(response)).decode(errors="replace"))
            yield response
        finally:
            await response.aclose()

    async def _rest_of(self, response: httpx.Response) -> bytes:
        try:
            return await self._body_of(response)
        except httpx.TransportError as error:
            raise errors.cut(self.url) from error

    async def _stamped(self, response: httpx.Response) -> AsyncGenerator[tuple[float, bytes], None]:
        """The chunks of an answer, each with the time at which it left the socket.

        Raises:
            Interrupted: the server is not there any more.
            httpx.TransportError: the connection broke.
        """
        arrived = _Arrived()
        reading = asyncio.create_task(arrived.read(response))
        guarding = asyncio.create_task(self._guard(arrived, reading))
        try:
            while (stamped := await arrived.queue.get()) is not None:
                yield stamped
            if guarding.done():
                guarding.result()
            await reading
        finally:
            reading.cancel()
            guarding.cancel()
            await asyncio.wait({reading, guarding})

    async def _guard(self, arrived: _Arrived, reading: asyncio.Task[None]) -> None:
        """End the reading when nothing came for long and the server is not there any more.

        One timer for a whole answer: a task or a timeout for each piece of a thousand a second
        would take a third of its time.
        """
        try:
            while True:
                silent_seconds = time.perf_counter() - arrived.at
                if silent_seconds < self._patience_seconds:
                    await asyncio.sleep(self._patience_seconds - silent_seconds)
                else:
                    await self._still_there()
                    arrived.at = time.perf_counter()
        except AppError:
            reading.cancel()
            raise

    async def _watched(self, waiting: asyncio.Future[T]) -> T:
        """Wait as long as it takes, as long as the server is there.

        Raises:
            Interrupted: it is not.
        """
        try:
            while not (await asyncio.wait({waiting}, timeout=self._patience_seconds))[0]:
                await self._still_there()
            return waiting.result()
        finally:
            if not waiting.done():
                waiting.cancel()
                await asyncio.wait({waiting})

    async def _still_there(self) -> None:
        timeout = httpx.Timeout(CONNECT_SECONDS, read=self.probe_seconds)
        for _ in range(PROBES):
            try:
                async with asyncio.timeout(self._whole_seconds):
                    await self._whole("GET", "/api/version", timeout=timeout)
            except (TimeoutError, httpx.TransportError):
                continue
            return
        raise errors.silent(self.url)

    def _line(self, line: bytes, content_type: str) -> dict[str, Any]:
        """A line of a stream, whose status was 200: errors stand in the line itself."""
        value = answers.as_object(line, content_type, url=self.url)
        if error := value.get("error"):
            text = error if isinstance(error, str) else json.dumps(value)
            raise errors.refusal(hushed(text, self._token), status=None, host=self.url)
        return value

    def _check(self, response: httpx.Response, text: str) -> None:
        """Raise what an answer other than 2xx means."""
        path = response.request.url.path
        headers = {name: hushed(value, self._token) for name, value in response.headers.items()}
        text = hushed(text, self._token)
        answers.check(response.status_code, headers, text, url=self.url, path=path)
