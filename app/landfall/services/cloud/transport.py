"""One way out to every provider: gate, egress log, TLS, no redirects, retries before byte one."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal

import httpx

from landfall import __version__
from landfall.core import json_text
from landfall.core.errors import KeyMissing, NetworkUnavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.services import proxies
from landfall.services.cloud.address import Address
from landfall.services.cloud.privacy_door import assert_may_send
from landfall.services.cloud.provider import Auth, KeyKind, ProviderRow
from landfall.services.cloud.refusals import (
    TRANSIENT,
    refusal,
    retry_after_seconds,
    says_no_credit,
    unreachable,
)
from landfall.services.egress import EgressLog, Exchange, Purpose, recorded
from landfall.services.keys.secret import Secret, fault
from landfall.services.threads import in_thread

# At its lowest level it writes the headers of answers, in which a provider may repeat the key.
logging.getLogger("httpcore").setLevel(logging.WARNING)

ATTEMPTS = 3
WAIT_MAX_SECONDS = 20.0
"""A longer Retry-After is told to the user instead of waited for."""

BODY_MAX_BYTES = 16 * 1024 * 1024
QUICK = httpx.Timeout(15.0, connect=10.0)
WHOLE_SECONDS = 120.0
"""A whole answer that is no stream has come by then, though each byte of it came in time."""
PATIENT = httpx.Timeout(60.0, connect=10.0, read=300.0)
"""A reasoning model may be silent for minutes before its first token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request to one provider. The key stays wrapped until its header is written.

    Attributes:
        path: Resolved against the address as a link is.
        auth: The header for the key.
        body: Sent as JSON; a request without one is a GET.
        patient: Whether minutes may pass before the first byte.
        model: What is asked for, so that a 404 can be told from a wrong address.
        accepted: Statuses that are an answer here although they are refusals elsewhere.
        kind: Which of the provider's keys it carries, so that a refusal names the right one.
    """

    row: ProviderRow
    address: Address
    path: str
    purpose: Purpose
    secret: Secret | None
    auth: Auth
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    patient: bool = False
    model: str = ""
    accepted: frozenset[int] = frozenset()
    kind: KeyKind = "inference"

    @property
    def method(self) -> Literal["GET", "POST"]:
        """POST where there is a body."""
        return "GET" if self.body is None else "POST"


@dataclass(slots=True)
class Answer:
    """An open answer. `sent_at` is `time.perf_counter()` just before its request."""

    response: httpx.Response
    exchange: Exchange
    sent_at: float
    host: str
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        value: str = self.response.headers.get("content-type", "")
        return value.partition(";")[0].strip().lower()

    async def chunks(self) -> AsyncIterator[tuple[float, bytes]]:
        """The body as it leaves the socket, each piece with its `time.perf_counter()`.

        Raises:
            httpx.HTTPError: the connection broke.
        """
        async for chunk in self.response.aiter_bytes():
            at = time.perf_counter()
            self.exchange.received_bytes += len(chunk)
            yield at, chunk

    async def text(self) -> str:
        """The whole body.

        Raises:
            NetworkUnavailable: it broke off, or is larger than any answer should be.
        """
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                async for _, chunk in self.chunks():
                    parts.append(chunk)
                    size += len(chunk)
                    if size > BODY_MAX_BYTES:
                        raise NetworkUnavailable(f"{self.host} answers without end.")
        except TimeoutError as error:
            raise _too_slow(self.host) from error
        except httpx.HTTPError as error:
            raise unreachable(self.host, error) from error
        return b"".join(parts).decode("utf-8", errors="replace")


Gate = Callable[[Outgoing], Awaitable[None]]
"""Returns only where the workload's rule allows a request; raises PrivacyBlocked otherwise."""


async def provider_gate(outgoing: Outgoing) -> None:
    """The gate of providers: see `gate.assert_may_send`."""
    assert_may_send(
        outgoing.purpose.workload, outgoing.row.id, outgoing.address, model=outgoing.model
    )


class Transport:
    """The HTTP clients of the program for the cloud; made once, closed at its end."""

    def __init__(
        self,
        log: EgressLog,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        gate: Gate = provider_gate,
        may_use_proxy: bool = True,
    ) -> None:
        """Open nothing yet.

        Args:
            gate: Asked before each attempt, also before one that is repeated.
            may_use_proxy: Whether a proxy that the system names may stand between.
        """
        self._log = log
        self._sleep = sleep
        self._gate, self._may_use_proxy = gate, may_use_proxy
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._making = asyncio.Lock()

    async def aclose(self) -> None:
        """Close every connection."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    @asynccontextmanager
    async def open(self, outgoing: Outgoing) -> AsyncIterator[Answer]:
        """Send, and hand out the answer while it is open. Leaving closes the connection.

        Transient refusals are retried with growing pauses, or as Retry-After says, as long as no
        answer has begun; a request that broke off is not sent again, for it may have been billed.

        Raises:
            PrivacyBlocked, KeyRefused, ModelNotFound, ServerRefused, NetworkUnavailable.
        """
        answer = await self._persist(outgoing)
        async with answer.closing:
            yield answer

    async def fetch(self, outgoing: Outgoing) -> Any:
        """The JSON value of an answer.

        Raises:
            NetworkUnavailable: also where the answer is not JSON, as of a hotel's log-in page.
        """
        async with self.open(outgoing) as answer:
            text = await answer.text()
            try:
                return json_text.read_answer(text)
            except ValueError as error:
                raise not_an_api(answer) from error

    async def _persist(self, outgoing: Outgoing) -> Answer:
        attempt = 1
        while True:
            answer = await self._attempt(outgoing)
            if answer.response.is_success or answer.status in outgoing.accepted:
                return answer
            async with answer.closing:
                if answer.response.is_redirect:
                    raise _redirected(answer)
                body = await answer.text()
            asked = retry_after_seconds(answer.response.headers)
            no = refusal(
                outgoing.row,
                status=answer.status,
                body=body,
                secret=outgoing.secret,
                model=outgoing.model,
                wait_seconds=asked,
                kind=outgoing.kind,
            )
            pause = 0.5 * 2 ** (attempt - 1) * random.uniform(0.8, 1.2) if asked is None else asked
            if not _worth_another(answer.status, body, attempt, pause):
                raise no
            await self._sleep(pause)
            attempt += 1

    async def _attempt(self, outgoing: Outgoing) -> Answer:
        _assert_sendable(outgoing)
        await self._gate(outgoing)
        host = outgoing.address.host
        client = await self._client(host)
        request = _request(client, outgoing)
        async with AsyncExitStack() as stack:
            exchange = await stack.enter_async_context(
                recorded(self._log, host=host, sent_bytes=_size(request), purpose=outgoing.purpose)
            )
            sent_at = time.perf_counter()
            try:
                async with asyncio.timeout(None if outgoing.patient else WHOLE_SECONDS):
                    response = await client.send(request, stream=True)
            except TimeoutError as error:
                exchange.outcome = type(error).__name__
                raise _too_slow(host) from error
            except httpx.HTTPError as error:
                exchange.outcome = type(error).__name__
                raise unreachable(host, error) from error
            stack.push_async_callback(response.aclose)
            exchange.outcome = str(response.status_code)
            return Answer(response, exchange, sent_at, host, stack.pop_all())

    async def _client(self, host: str) -> httpx.AsyncClient:
        """The client for a host. Made on a thread: reading the trusted certificates takes 20 ms,
        in which no other answer would be read."""
        local = not self._may_use_proxy or is_loopback(httpx.URL(f"//{host}").host)
        async with self._making:
            if local not in self._clients:
                self._clients[local] = await in_thread(_new_client, local=local)
        return self._clients[local]


def _new_client(*, local: bool) -> httpx.AsyncClient:
    """A client that follows nothing, keeps no cookies, and uses no proxy for what is `local`."""
    with proxies.understood(used=not local):
        return httpx.AsyncClient(
            trust_env=not local,
            follow_redirects=False,
            headers={"User-Agent": f"Landfall/{__version__}"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )


def _assert_sendable(outgoing: Outgoing) -> None:
    """A header that cannot be written is refused here: HTTP libraries repeat it in their error.

    Raises:
        KeyMissing: what the keyring holds is no key; another program may have put it there.
    """
    secret = outgoing.secret
    problem = fault(secret.reveal()) if secret is not None else ""
    if problem:
        flag = " --usage" if outgoing.kind == "usage" else ""
        raise KeyMissing(
            f"What is stored as the key of {outgoing.row.name} cannot be one: {problem}",
            f"Store it again with `landfall key set {outgoing.row.id}{flag}`.",
        )


def _request(client: httpx.AsyncClient, outgoing: Outgoing) -> httpx.Request:
    headers = dict(outgoing.headers)
    if outgoing.secret is not None:
        headers[outgoing.auth.header] = outgoing.auth.prefix + outgoing.secret.reveal()
    return client.build_request(
        outgoing.method,
        outgoing.address.join(outgoing.path),
        headers=headers,
        json=outgoing.body,
        timeout=PATIENT if outgoing.patient else QUICK,
    )


def _size(request: httpx.Request) -> int:
    """Bytes of the request as HTTP/1.1 writes it."""
    line = len(request.method) + len(request.url.raw_path) + len(b"  HTTP/1.1\r\n")
    headers = sum(len(name) + len(value) + len(b": \r\n") for name, value in request.headers.raw)
    return line + headers + len(b"\r\n") + len(request.content)


def _worth_another(status: int, body: str, attempt: int, pause: float) -> bool:
    """Whether the same request may succeed soon."""
    return (
        status in TRANSIENT
        and attempt < ATTEMPTS
        and pause <= WAIT_MAX_SECONDS
        and not says_no_credit(body)
    )


def _too_slow(host: str) -> NetworkUnavailable:
    return NetworkUnavailable(
        f"{host} is too slow: its answer was not whole after {WHOLE_SECONDS:g} seconds.",
        "Try again later.",
    )


def _redirected(answer: Answer) -> NetworkUnavailable:
    where = httpx.URL(answer.response.headers.get("location", "")).host or "another address"
    return NetworkUnavailable(
        f"{answer.host} points to {where}; the key was not sent there.",
        "Correct the base address if the provider has moved.",
    )


def not_an_api(answer: Answer) -> NetworkUnavailable:
    """The error for a success that is no answer of a provider."""
    what = "a web page" if "html" in answer.content_type else "something else than its protocol"
    return NetworkUnavailable(
        f"{answer.host} answers with {what}.",
        "Check the base address, and whether the network wants a log-in first.",
    )
