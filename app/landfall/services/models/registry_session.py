"""One question to a registry or a hub: where it may lead, how long it may take, what is said of it.

What answers may be a stranger's machine, or a hotel's login page: sizes, redirects, encodings and
silence are bounded here for everything that asks.
"""

from __future__ import annotations

import ipaddress
import zlib
from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from landfall.core.errors import AppError, BadInput, ModelNotFound, NetworkUnavailable, Unavailable
from landfall.core.hosts.host_names import is_loopback, without_port
from landfall.core.models.repository import split_refusal
from landfall.services import proxies

SILENCE_SECONDS = 15.0
MAX_DOCUMENT_BYTES = 4 << 20

_CONNECT_SECONDS = 4.0
_WHOLE_SECONDS = 90.0
_MAX_REDIRECTS = 5
_MAX_REFUSAL_BYTES = 4096
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A small answer, whole.

    Attributes:
        following: The address of the page that goes on with it, or "".
    """

    body: bytes
    following: str = ""


def plain_is_possible(host: str) -> bool:
    """Whether a host is on loopback or in the own network: plain http may be used for it.

    Args:
        host: With or without a port.
    """
    name = without_port(host)
    return is_loopback(name) or _in_own_network(name)


def require_plain_is_possible(host: str) -> None:
    """Plain http was asked for.

    Raises:
        BadInput: the host is not in the own network, so that what is loaded could be changed on its
            way by anybody.
    """
    if not plain_is_possible(host):
        raise BadInput(
            f"{without_port(host)} is not in your own network: plain http is not used for it.",
            "Leave out --insecure.",
            field="insecure",
        )


@asynccontextmanager
async def session(
    host: str, *, insecure: bool = False, silence_seconds: float = SILENCE_SECONDS
) -> AsyncIterator[Session]:
    """One connection pool for one question, with an end to its patience.

    Args:
        host: With its port where it is not the usual one.
        insecure: Plain http, for a registry in the own network; loopback is always asked so.
        silence_seconds: How long nothing may come.

    Raises:
        BadInput: plain http was asked for, and the host is not in the own network.
        NetworkUnavailable: it cannot be reached, falls silent, breaks off, or leads in a circle.
        Unavailable: it leads where it must not.
    """
    name = without_port(host)
    if insecure:
        require_plain_is_possible(host)
    plain = is_loopback(name) or insecure
    asked = Session(host, plain=plain)
    asked.client = client = _client(asked, silence_seconds)
    async with client:
        try:
            async with timeout(_WHOLE_SECONDS):
                yield asked
        except (httpx.RequestError, httpx.InvalidURL, TimeoutError) as error:
            raise _outage(host, error, silence_seconds) from error


def _client(asked: Session, silence_seconds: float) -> httpx.AsyncClient:
    by_proxy = not is_loopback(without_port(asked.host))
    silence = httpx.Timeout(silence_seconds, connect=min(silence_seconds, _CONNECT_SECONDS))
    try:
        with proxies.understood(used=by_proxy):
            return httpx.AsyncClient(
                base_url=f"{'http' if asked.plain else 'https'}://{asked.host}",
                timeout=silence,
                follow_redirects=True,
                max_redirects=_MAX_REDIRECTS,
                trust_env=by_proxy,
                # A header's digest is that of the bytes as they are; nothing here is worth packing.
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [asked.refuse_way_out]},
            )
    except httpx.InvalidURL as error:
        raise BadInput(
            f"{asked.host} cannot be the name of a registry.",
            "Names look like qwen3:8b, user/model:tag or hf.co/user/repo:Q4_K_M.",
            field="model",
        ) from error


def _outage(host: str, error: Exception, silence_seconds: float) -> NetworkUnavailable:
    match error:
        case httpx.TooManyRedirects():
            return NetworkUnavailable(
                f"{host} sends from one address to the next without end.", "Try again later."
            )
        case httpx.ConnectError() | httpx.ConnectTimeout():
            what = "cannot be reached"
        case httpx.TimeoutException():
            what = f"does not answer: it has been silent for {silence_seconds:g} seconds"
        case TimeoutError():
            what = f"is too slow: it was not done after {_WHOLE_SECONDS:g} seconds"
        case _:
            what = "broke off in the middle of its answer"
    return NetworkUnavailable(
        f"{host} {what}.",
        "Check the network, or name a model of the catalogue: `landfall recommend`.",
    )


def _in_own_network(host: str) -> bool:
    """A private address, or a name without a domain."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".home", ".internal"))
    return address.is_private or address.is_link_local


class Session:
    """Asks one host, and says what is wrong with its answers.

    Attributes:
        host: As it was named.
        plain: Whether it is asked by plain http.
    """

    client: httpx.AsyncClient

    def __init__(self, host: str, *, plain: bool) -> None:
        self.host = host
        self.plain = plain

    async def refuse_way_out(self, answer: httpx.Response) -> None:
        """Look where a redirect leads before it is followed.

        A registry hands its blobs to other hosts, which is as it should be; but not without
        encryption, and never from outside to an address in the own network.
        """
        if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
            return
        target = answer.url.join(answer.headers["location"])
        inside = is_loopback(target.host) or _in_own_network(target.host)
        if target.scheme == "http" and not (self.plain and inside):
            raise self.no_registry("with an address that is not encrypted")
        if target.scheme not in ("http", "https") or (target.port or 0) >= 1 << 16:
            raise self.no_registry("with an address that is none")
        if inside and not self.plain:
            raise self.no_registry("with an address inside your own network")

    async def document(self, url: str, name: str, *, accept: str) -> Document:
        """A small answer, whole.

        Args:
            name: The model, for messages.

        Raises:
            BadInput, ModelNotFound, Unavailable: see `check`; or it is a page, or too long.
        """
        async with self.client.stream("GET", url, headers={"Accept": accept}) as answer:
            await self.check(answer, name)
            if answer.headers.get("content-type", "").startswith("text/html"):
                raise self.no_registry("with a web page")
            packed = self._is_packed(answer)
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > MAX_DOCUMENT_BYTES:
                    raise self._too_long()
            following = answer.links.get("next", {}).get("url", "")
        return Document(body=self._unpacked(body) if packed else bytes(body), following=following)

    async def part(self, url: str, name: str, data: bytearray, want: int) -> None:
        """Append what lies at the address until there are `want` bytes, or the answer ends.

        A server that ignores Range sends everything: it is read as far as needed and hung up on.

        Raises:
            BadInput, ModelNotFound, Unavailable: see `check`; or it is another part, or packed.
        """
        have = len(data)
        wanted = {"Range": f"bytes={have}-{want - 1}"}
        async with self.client.stream("GET", url, headers=wanted) as answer:
            if answer.status_code == 416:
                return  # there is no more
            await self.check(answer, name)
            if self._is_packed(answer):
                raise self.no_registry("with a packed file, of which no part can be read")
            skip = have if answer.status_code == 200 else 0
            if answer.status_code == 206 and not _begins_at(answer, have):
                raise self.no_registry("with another part of the file than was asked for")
            async for chunk in answer.aiter_raw():
                data += chunk[skip:]
                skip = max(0, skip - len(chunk))
                if len(data) >= want:
                    del data[want:]
                    return

    async def check(self, answer: httpx.Response, name: str) -> None:
        """Whether the answer is one.

        Raises:
            BadInput: the name means a file that Ollama cannot pull.
            ModelNotFound: there is nothing of that name.
            Unavailable: the host has other reasons.
        """
        if answer.status_code in (200, 206):
            return
        words = bytearray()
        if answer.status_code == 400:
            async for chunk in answer.aiter_raw():
                words += chunk
                if len(words) > _MAX_REFUSAL_BYTES:
                    break
        raise _refused(answer.status_code, self.host, name, bytes(words))

    def no_registry(self, how: str) -> Unavailable:
        """It answers, but not as a registry does."""
        return Unavailable(
            f"{self.host} answers {how}, not as a registry.",
            "Check the name, or a proxy or login page in between.",
        )

    def _too_long(self) -> Unavailable:
        return self.no_registry("with more than a manifest can hold")

    def _is_packed(self, answer: httpx.Response) -> bool:
        encoding: str = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise self.no_registry("in an encoding that was not asked for")
        return encoding == "gzip"

    def _unpacked(self, body: bytearray) -> bytes:
        """Some proxies pack what was asked for unpacked."""
        unpacker = zlib.decompressobj(wbits=31)
        try:
            unpacked = unpacker.decompress(bytes(body), MAX_DOCUMENT_BYTES + 1)
        except zlib.error as error:
            raise self.no_registry("with damaged data") from error
        if len(unpacked) > MAX_DOCUMENT_BYTES:
            raise self._too_long()
        return unpacked


def _begins_at(answer: httpx.Response, begin: int) -> bool:
    """Whether a part is the one that was asked for; one that does not say is taken as such."""
    said: str = answer.headers.get("content-range", "")
    return not said or said.replace(" ", "").lower().startswith(f"bytes{begin}-")


def _refused(status: int, host: str, name: str, words: bytes) -> AppError:
    if status == 400 and b"sharded" in words.lower():
        return split_refusal(name)
    if status in (401, 403):
        return ModelNotFound(
            f"{host} has no model {name} or does not show it to everybody.",
            "Check the name and its tag; a private or gated one can be judged once Ollama has it.",
        )
    if status in (400, 404):
        # hf.co answers 400 for a tag that does not exist, 401 for a repository that does not.
        return ModelNotFound(f"{host} has no model {name}.", "Check the name and its tag.")
    if status == 412:
        return Unavailable(f"{host} wants a newer Ollama for {name}.", "Update Ollama.")
    if status == 429:
        return Unavailable(
            f"{host} has had too many questions from this address.", "Try again in some minutes."
        )
    return Unavailable(f"{host} answers with status {status}.", "Try again later.")
