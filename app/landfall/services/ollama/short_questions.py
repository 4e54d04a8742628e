"""Short questions to a server on this machine, without an HTTP client that stays.

Python's own `http.client` on a thread, a connection for each question: what a window at rest has
to know of Ollama. The pooled client with its streams (`transport`) takes 9 MB, and comes in when a
model is pulled, run or looked into.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from landfall.core.errors import OllamaUnavailable
from landfall.services.ollama import answers, errors
from landfall.services.ollama.address import START_HINT
from landfall.services.ollama.who_listens import CONNECT_SECONDS
from landfall.services.secrets import Secret

_MOST_BYTES = 64 << 20
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "landfall"}


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class ShortQuestions:
    """Asks one server over plain HTTP; no proxy has a part in it.

    Attributes:
        url: The server's address, without a slash at its end.
    """

    def __init__(self, url: str, *, answer_seconds: float, token: Secret | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._seconds = answer_seconds

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def json(
        self, method: Literal["GET"], path: str, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that a call answers; empty for an empty answer.

        Raises:
            AppError: unreachable, refused, or no object.
        """
        reply = await self._reply(method, path, headers or {})
        if reply.status == 500 and not reply.body:
            # /api/ps of 0.24 can trip over a model that comes or goes
            reply = await self._reply(method, path, headers or {})
        text, head = reply.body.decode(errors="replace"), reply.headers
        if self._token is not None:
            # It may be repeated, by who refuses it above all.
            text = self._token.redact(text)
            head = {name: self._token.redact(value) for name, value in head.items()}
        answers.check(reply.status, head, text, url=self.url, path=path)
        if not reply.body:
            return {}
        kind = reply.headers.get("content-type", "")
        return answers.as_object(reply.body, kind, url=self.url)

    async def _reply(self, method: str, path: str, headers: Mapping[str, str]) -> _Reply:
        parts = urlsplit(self.url)
        if self._token is not None:
            headers = {**headers, "Authorization": f"Bearer {self._token.reveal()}"}
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        # Kept apart: a connection forgets its socket while the body still comes through it.
        sockets: list[socket.socket] = []

        def ask() -> _Reply:
            """On a thread, which `_hang_up` frees."""
            with closing(line):
                sockets.append(_connected(line, answer_seconds=self._seconds))
                return _asked(line, method, quote(parts.path, safe="/%") + path, headers)

        asking = asyncio.ensure_future(asyncio.to_thread(ask))
        try:
            async with asyncio.timeout(CONNECT_SECONDS + self._seconds):
                return await asyncio.shield(asking)
        except _NoConnection as error:
            raise self._unreachable(error.__cause__) from error
        except TimeoutError as error:
            raise errors.does_not_answer(self.url) from error
        except _Endless as error:
            raise errors.not_ollama(self.url, "its answer has no end") from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.cut(self.url) from error
        except ValueError as error:
            raise errors.not_ollama(self.url, f"its answer cannot be read ({error})") from error
        finally:
            if not asking.done():
                _hang_up(sockets)
                await asyncio.wait({asking})
                asking.exception()

    def _unreachable(self, error: BaseException | None) -> OllamaUnavailable:
        if isinstance(error, TimeoutError):
            return OllamaUnavailable(f"Nothing answers at {self.url}.", START_HINT)
        return OllamaUnavailable(f"No connection to Ollama at {self.url}: {error}.", START_HINT)


class _NoConnection(Exception):
    """Nobody listens."""


class _Endless(Exception):
    """The body is longer than any list of models."""


def _connected(line: http.client.HTTPConnection, *, answer_seconds: float) -> socket.socket:
    try:
        connected = socket.create_connection((_plain(line.host), line.port), CONNECT_SECONDS)
    except OSError as error:
        raise _NoConnection from error
    line.sock = connected
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.settimeout(answer_seconds)
    return connected


def _plain(host: str) -> Any:
    """A host's name as bytes where it is ASCII: as text it brings the tables of Unicode in."""
    return host.encode() if host.isascii() else host


def _asked(
    line: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str]
) -> _Reply:
    line.request(method, path, headers=_HEADERS | dict(headers))
    with closing(line.getresponse()) as answer:
        named = {name.lower(): value for name, value in answer.getheaders()}
        return _Reply(answer.status, named, _body(answer))


def _body(answer: http.client.HTTPResponse) -> bytes:
    """All of it. Only `read` without a number notices that a body of known length was cut."""
    if answer.length is not None and answer.length <= _MOST_BYTES:
        return answer.read()
    body = answer.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise _Endless
    return body


def _hang_up(sockets: list[socket.socket]) -> None:
    for connected in sockets:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
