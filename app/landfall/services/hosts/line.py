"""Short questions to one host over one connection, with an end to everything a server may do.

Asked on the loop itself and without the pooled HTTP client: fifty hosts are watched with the time
that it takes for ten. It connects to addresses that were resolved and judged before, so that what
was called "our network" is where the token goes; it follows no redirect and uses no proxy.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from landfall.core.errors import AppError
from landfall.core.hosts.hosts import HostState
from landfall.services import certificates
from landfall.services.http_reply import MOST_HEADER_BYTES, NoHttp, Reply, quoted, read_reply
from landfall.services.keys.secret import Secret
from landfall.services.ollama.answers import NoObject, object_in
from landfall.services.threads import in_thread

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
"""For a whole answer, however it drips."""


_THREAD_FROM_BYTES = 1 << 18
"""Reading so much JSON takes milliseconds, in which no other host would be heard."""


class HungUp(Exception):
    """The connection ended before a whole answer."""


class HostProblem(AppError):
    """Why a host does not answer as it should.

    Attributes:
        state: What that makes of it.
        status: Of the HTTP answer, where there was one.
    """

    kind = "host"
    exit_code = 1

    def __init__(
        self, state: HostState, message: str, hint: str = "", *, status: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.state = state
        self.status = status


class Line:
    """Asks one host; `answers.Asker` with an end to everything.

    Attributes:
        url: The host's address, without a slash at its end.
        seconds: From the last questions to their answers, without making the connection.
    """

    def __init__(
        self,
        url: str,
        addresses: Sequence[str],
        *,
        token: Secret | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.url = url
        self.seconds: deque[float] = deque(maxlen=5)
        self._addresses = tuple(addresses)
        self._token = token
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        parts = urlsplit(url)
        self._parts = parts
        self._base = quote(parts.path, safe="/%")
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def has_token(self) -> bool:
        """Whether it shows one."""
        return self._token is not None

    async def aclose(self) -> None:
        """Close the connection, without a word to who may not listen."""
        if self._open is not None:
            _, writer = self._open
            self._open = None
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def json(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that a call answers.

        Raises:
            HostProblem: unreachable, refused, or no object.
        """
        reply = await self.ask(path, method=method, headers=headers or {})
        if reply.status == 500 and not reply.body:
            # /api/ps of 0.24 can trip over a model that comes or goes
            reply = await self.ask(path, method=method, headers=headers or {})
        self.check(reply)
        return await self.object_of(reply)

    async def object_of(self, reply: Reply) -> dict[str, Any]:
        """The JSON object in an answer.

        Raises:
            HostProblem: it is none.
        """
        kind = reply.headers.get("content-type", "")
        try:
            if len(reply.body) > _THREAD_FROM_BYTES:
                return await in_thread(object_in, reply.body, kind)
            return object_in(reply.body, kind)
        except NoObject as error:
            raise self.something_else(f"{error}") from error

    def check(self, reply: Reply) -> None:
        """Return where an answer is one.

        Raises:
            HostProblem: it is a refusal, a redirect or a failure.
        """
        status = reply.status
        if 200 <= status < 300:
            return
        if status in (401, 403, 407):
            raise self._refused(reply)
        if 300 <= status < 400:
            location = reply.headers.get("location")
            where = quoted(location) if location else "another address"
            raise HostProblem(
                HostState.SOMETHING_ELSE,
                f"What answers at {self.url} redirects to {where}, where nothing was sent.",
                "Give the address to which it redirects, if you trust that one.",
                status=status,
            )
        if status in (429, 502, 503, 504):
            raise HostProblem(
                HostState.GONE,
                f"{self.url} answers with status {status}: what should answer there does not.",
                "It may still be starting, or stand behind a proxy that cannot reach it.",
                status=status,
            )
        if status == 400 and b"HTTPS" in reply.body[:200]:
            # The words of Go's server, which Ollama and most proxies are made of.
            raise self.something_else("it speaks https, and was asked in plain http", status=400)
        what = "it sent a web page" if reply.is_page else "it does not know this call"
        raise self.something_else(f"{what} (status {status})", status=status)

    def something_else(self, what: str, *, status: int | None = None) -> HostProblem:
        """The error that something answers which is no server of models."""
        return HostProblem(
            HostState.SOMETHING_ELSE,
            f"What answers at {self.url} is no server of models: {what}.",
            "Check the port and the path of the address.",
            status=status,
        )

    def _refused(self, reply: Reply) -> HostProblem:
        sent = self._token is not None
        if reply.status == 403 and not reply.body and not sent:
            text = f"{self.url} refuses to be called so (status 403, without a word)."
            hint = (
                "It asks for a token, or it is an Ollama that takes calls by this name only where "
                "OLLAMA_HOST names an address of the network."
            )
        elif sent:
            text = f"{self.url} does not take the token that is stored (status {reply.status})."
            hint = "Store the right one with `landfall hosts token NAME`."
        else:
            text = f"{self.url} asks for a token (status {reply.status})."
            hint = "Store it with `landfall hosts token NAME`, which reads it without echo."
        return HostProblem(HostState.REFUSED, text, hint, status=reply.status)

    # The wire

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        bare: bool = False,
    ) -> Reply:
        """One question, and its answer whatever the status.

        Args:
            bare: Without the token.

        Raises:
            HostProblem: none came, or what came is no HTTP.
        """
        request = self._request(method, path, headers or {}, bare=bare)
        if self._open is not None:
            # A kept connection may have been closed by a server that restarted.
            with suppress(HungUp):
                return await self._exchange(request)
        try:
            return await self._exchange(request)
        except HungUp as error:
            raise self._hung_up() from error

    async def _exchange(self, request: bytes) -> Reply:
        reader, writer = self._open or await self._connected()
        self._open = reader, writer
        whole = False
        try:
            async with asyncio.timeout(self._answer_seconds):
                begun = time.perf_counter()
                writer.write(request)
                reply, whole, head_at = await read_reply(reader)
                self.seconds.append(head_at - begun)
                return self._without_token(reply)
        except TimeoutError as error:
            raise HostProblem(
                HostState.GONE,
                f"{self.url} accepts connections, and has not answered within "
                f"{self._answer_seconds:g} s.",
                "It may be starting, overloaded, or something else listens there.",
            ) from error
        except NoHttp as error:
            raise self.something_else(error.told(self._token)) from None
        except (OSError, asyncio.IncompleteReadError) as error:
            raise HungUp from error
        finally:
            if not whole:
                await self.aclose()

    def _without_token(self, reply: Reply) -> Reply:
        """What a server repeats of the token is neither shown nor kept."""
        if self._token is None:
            return reply
        headers = {name: self._token.redact(value) for name, value in reply.headers.items()}
        body = reply.body.replace(self._token.reveal().encode(), "…".encode())
        return Reply(reply.status, headers, body)

    def _hung_up(self) -> HostProblem:
        return HostProblem(
            HostState.SOMETHING_ELSE,
            f"What listens at {self.url} hangs up instead of answering: it does not speak "
            f"{self._parts.scheme}, or has just ended.",
            "Check the port; another kind of server may have it.",
        )

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        secure = self._parts.scheme == "https"
        context = await in_thread(certificates.trusted) if secure else None
        failures: list[BaseException] = []
        each = max(1.0, self._connect_seconds / max(1, min(len(self._addresses), 3)))
        for address in self._addresses:
            try:
                async with asyncio.timeout(each):
                    return await asyncio.open_connection(
                        address,
                        self._parts.port,
                        ssl=context,
                        server_hostname=self._parts.hostname if secure else None,
                        limit=MOST_HEADER_BYTES,
                    )
            except (OSError, TimeoutError) as error:
                failures.append(error)
        raise self._unreachable(failures)

    def _unreachable(self, failures: Sequence[BaseException]) -> HostProblem:
        for error in failures:
            if isinstance(error, ssl.SSLCertVerificationError):
                return HostProblem(
                    HostState.BAD_CERTIFICATE,
                    f"The certificate of {self.url} is not trusted: "
                    f"{certificates.why_not(error)}. Nothing was sent.",
                    "Give it one for this name; an authority of your own belongs into the "
                    "system's list, or into the file that SSL_CERT_FILE names.",
                )
        for error in failures:
            if isinstance(error, ssl.SSLError):
                return HostProblem(
                    HostState.SOMETHING_ELSE,
                    f"What listens at {self.url} does not speak https.",
                    "Try http://, or check the port.",
                )
        refused = any(isinstance(error, ConnectionRefusedError) for error in failures)
        silent = all(isinstance(error, TimeoutError) for error in failures)
        if refused:
            why = "nobody listens on its port"
        elif silent:
            why = "nothing answers there"
        else:
            why = (
                next(
                    (str(getattr(e, "strerror", "") or "") for e in failures if str(e)), ""
                ).lower()
                or "there is no way to it"
            )
        return HostProblem(
            HostState.GONE,
            f"No connection to {self.url}: {why}.",
            "Is the machine on, the server started, and its port open in the firewall?",
        )

    def _request(self, method: str, path: str, headers: Mapping[str, str], *, bare: bool) -> bytes:
        sent = {
            "Host": self._parts.netloc.rpartition("@")[2],
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "landfall",
            **headers,
        }
        if self._token is not None and not bare:
            sent["Authorization"] = f"Bearer {self._token.reveal()}"
        head = f"{method} {self._base}{path} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        return head.encode("ascii") + b"\r\n"
