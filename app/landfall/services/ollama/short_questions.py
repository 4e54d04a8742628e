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
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from landfall.core.errors import OllamaUnavailable
from landfall.services.ollama import answers, errors
from landfall.services.ollama.address import START_HINT

_MOST_BYTES = 64 << 20
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "landfall", "Connection": "close"}


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

    def __init__(self, url: str, *, answer_seconds: float) -> None:
        self.url = url.rstrip("/")
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
        text = reply.body.decode(errors="replace")
        answers.check(reply.status, reply.headers, text, url=self.url, path=path)
        if not reply.body:
            return {}
        kind = reply.headers.get("content-type", "")
        return answers.as_object(reply.body, kind, url=self.url)

    async def _reply(self, method: str, path: str, headers: Mapping[str, str]) -> _Reply:
        parts = urlsplit(self.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self._seconds)
        asking = asyncio.ensure_future(
            asyncio.to_thread(_ask, line, method, parts.path + path, dict(headers))
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(asking)
        except ConnectionError as error:
            raise errors.cut(self.url) from error
        except TimeoutError as error:
            raise errors.does_not_answer(self.url) from error
        except _NoConnection as error:
            why = error.__cause__ or error
            raise OllamaUnavailable(
                f"No connection to Ollama at {self.url}: {why}.", START_HINT
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.cut(self.url) from error
        finally:
            if not asking.done():
                _hang_up(line)
                await asyncio.wait({asking})
                asking.exception()


class _NoConnection(Exception):
    """Nobody listens."""


def _ask(
    line: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str]
) -> _Reply:
    """On a thread, which `_hang_up` frees."""
    try:
        line.connect()
    except OSError as error:
        raise _NoConnection from error
    try:
        line.request(method, path, headers=_HEADERS | headers)
        answer = line.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return _Reply(answer.status, named, answer.read(_MOST_BYTES))
    finally:
        line.close()


def _hang_up(line: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # it may have no socket yet, or none any more
        line.sock.shutdown(socket.SHUT_RDWR)
