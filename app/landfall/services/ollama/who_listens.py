"""Asks whoever listens at an address what it is, and whether it lets strangers in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.services.http_reply import MOST_HEADER_BYTES
from landfall.services.keys.secret import Secret
from landfall.services.late_imports import late
from landfall.services.ollama import answers
from landfall.services.ollama.answers import Asker, Poster
from landfall.services.threads import in_thread

PROBE_SECONDS = 2.0
CONNECT_SECONDS = 3.0
"""Windows takes two to say that a port of loopback is closed."""

PROBES = 2
"""A server listens before it serves: one that accepts and stays silent is asked again."""

_STRANGER = "stranger.invalid"
"""A host name that no server has: one that answers to it does not check who calls."""


def is_short(url: str) -> bool:
    """Whether a server can be asked without an HTTP client: encryption and proxies are for that."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


async def connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to where a URL leads, to each of its addresses in turn.

    Raises:
        OSError, UnicodeError: nobody accepts it, or the name has no address.
    """
    parts = urlsplit(url)
    name = parts.hostname or ""
    failure = OSError(f"{name} has no address")
    for place in await _addresses(name):
        try:
            return await asyncio.open_connection(place, parts.port, limit=MOST_HEADER_BYTES)
        except OSError as error:
            failure = error
    raise failure


async def _addresses(name: str) -> list[str]:
    if not name.isascii():
        return [name]
    with suppress(ValueError):
        return [str(ip_address(name))]
    # As text, a name brings the tables of Unicode in.
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name.encode(), None, type=socket.SOCK_STREAM)
    return [str(place[0]) for _, _, _, _, place in found]


async def asker(
    url: str, *, answer_seconds: float = PROBE_SECONDS, token: Secret | None = None
) -> Poster:
    """What asks short questions, without an HTTP client where none is needed."""
    return await in_thread(_asker, url, answer_seconds, token)


def _asker(url: str, answer_seconds: float, token: Secret | None) -> Poster:
    """On a thread: modules come in, and certificates are read."""
    if is_short(url):
        short = late("landfall.services.ollama.short_questions")
        questions: Poster = short.ShortQuestions(url, answer_seconds=answer_seconds, token=token)
        return questions
    client: Poster = late("landfall.services.ollama.transport").Transport(
        url, connect_seconds=PROBE_SECONDS, answer_seconds=answer_seconds, token=token
    )
    return client


async def version(url: str, *, token: Secret | None = None) -> str:
    """The version that a server says.

    Raises:
        AppError: none answers, or what answers is no Ollama.
    """
    http = await asker(url, token=token)
    try:
        for _ in range(PROBES - 1):
            try:
                return await answers.version(http, url)
            except OllamaUnavailable:
                continue
        return await answers.version(http, url)
    finally:
        await http.aclose()


OPEN_TEXT = (
    "The server does not check who calls: it listens beyond this machine, or runs in a container. "
    "Whoever reaches its port can use, change and delete its models."
)
OPEN_ORIGINS_TEXT = "Every web page may use this server (OLLAMA_ORIGINS=*)."


async def openness(url: str) -> list[str]:
    """Whether the server lets strangers in, asked without leaving this machine.

    Without a token: strangers have none.
    """
    http = await asker(url)
    warnings = []
    try:
        if await open_to_names(http):
            warnings.append(OPEN_TEXT)
        if await open_to_pages(http):
            warnings.append(OPEN_ORIGINS_TEXT)
    finally:
        await http.aclose()
    return warnings


async def open_to_names(http: Asker) -> bool:
    """Whether a server on this machine listens beyond it.

    Bound to loopback, Ollama refuses a foreign host name (403); bound to every interface it does
    not look.
    """
    return await _answers(http, {"Host": _STRANGER})


async def open_to_pages(http: Asker) -> bool:
    """Whether OLLAMA_ORIGINS lets every web page in: else a foreign origin is refused."""
    return await _answers(http, {"Origin": f"https://{_STRANGER}"})


async def _answers(http: Asker, headers: Mapping[str, str]) -> bool:
    try:
        await http.json("GET", "/api/version", headers=headers)
    except AppError:
        return False
    return True
