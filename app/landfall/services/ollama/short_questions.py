"""Short questions to a server on this machine, without an HTTP client that stays.

A connection for each question, on the loop itself: what a window at rest has to know of Ollama. The
pooled client with its streams (`transport`) takes 9 MB, Python's own `http.client` with its parser
of mails one; the pooled one comes in when a model is pulled, run or looked into.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from landfall.core.errors import OllamaUnavailable
from landfall.services.http_reply import NoHttp, Reply, read_reply
from landfall.services.keys.secret import Secret
from landfall.services.ollama import answers, errors
from landfall.services.ollama.address import START_HINT
from landfall.services.ollama.who_listens import CONNECT_SECONDS, connected


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
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that a call answers; empty for an empty answer.

        Raises:
            AppError: unreachable, refused, or no object.
        """
        content = b"" if body is None else json.dumps(body).encode()
        reply = await self._reply(method, path, headers or {}, content)
        if reply.status == 500 and not reply.body:
            # /api/ps of 0.24 can trip over a model that comes or goes
            reply = await self._reply(method, path, headers or {}, content)
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

    async def _reply(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        if content:
            length = str(len(content))
            headers = {"Content-Type": "application/json", "Content-Length": length, **headers}
        request = self._request(method, path, headers) + content
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await connected(self.url)
        except TimeoutError as error:
            raise OllamaUnavailable(f"Nothing answers at {self.url}.", START_HINT) from error
        except (OSError, UnicodeError) as error:
            said = errors.no_connection(self.url, error)
            raise OllamaUnavailable(said, START_HINT) from error
        try:
            async with asyncio.timeout(self._seconds):
                writer.write(request)
                reply, _, _ = await read_reply(reader)
                return reply
        except TimeoutError as error:
            raise errors.does_not_answer(self.url) from error
        except NoHttp as error:
            raise errors.not_ollama(self.url, error.told(self._token)) from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise errors.cut(self.url) from error
        finally:
            # Without a word to who may not listen.
            writer.transport.abort()

    def _request(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        parts = urlsplit(self.url)
        sent = {
            "Host": parts.netloc,
            "Accept-Encoding": "identity",
            "User-Agent": "landfall",
            **headers,
        }
        if self._token is not None:
            sent["Authorization"] = f"Bearer {self._token.reveal()}"
        head = f"{method} {quote(parts.path, safe='/%')}{path} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        return head.encode("ascii") + b"\r\n"
