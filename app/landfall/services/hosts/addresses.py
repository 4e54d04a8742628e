"""Addresses of hosts: as typed, as resolved, and which of them are this machine's own."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Collection, Sequence
from importlib import import_module
from urllib.parse import urlsplit

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import HostKind, Stand
from landfall.core.hosts.whose_machine import plain, stand_of
from landfall.services.ollama import address

RESOLVE_SECONDS = 5.0
PORTS = "LM Studio listens on 1234, llama.cpp on 8080, vLLM on 8000"

_SHAPE = re.compile(
    r"(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])(?::[^:\[\]]*)?"
    r"|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?"
)
"""Name, IPv4 or IPv6 in brackets, each with or without a port; IPv6 without both."""

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""The literal addresses of a host name; none where it has none."""


def parsed(text: str, kind: HostKind, *, field: str = "url") -> str:
    """The address of a host as it is kept: without a slash at its end, and without "/v1".

    Raises:
        BadInput: it is no address, has a port that does not exist, or carries more than host and
            path.
    """
    typed = text.strip()
    _, scheme, rest = typed.rpartition("://")
    hostport = rest.partition("/")[0]
    if any(sign in typed for sign in "@?#"):
        raise BadInput(
            "The address carries more than host, port and path.",
            "Leave out user, password, query and fragment; a token goes into the keyring.",
            field=field,
        )
    if not hostport:
        raise BadInput("The address is empty.", "It looks like box.lan:11434.", field=field)
    if not _SHAPE.fullmatch(hostport) or (_is_bare_v6(hostport) and plain(hostport) is None):
        raise BadInput(
            f"{typed!r} is no address of a server.",
            "It looks like box.lan:11434, 192.168.1.5:1234, [fd00::5]:8000 or https://host; a name "
            "with other letters is written as the DNS has it (xn--…).",
            field=field,
        )
    port = _typed_port(hostport)
    if port == "":
        raise BadInput(f"{typed} says no port after its colon.", f"{PORTS}.", field=field)
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise BadInput(f"There is no port {port}.", "Ports are 1 to 65535.", field=field)
    if kind is HostKind.OPENAI and not scheme and port is None:
        bare = hostport.strip("[]")
        example = f"[{bare}]" if ":" in bare else typed
        raise BadInput(f"{typed} says no port.", f"{PORTS}: {example}:1234.", field=field)
    # What is copied out of another client ends with the path of its calls, also of an Ollama.
    return _lower_host(address.parsed(typed, field=field).removesuffix("/v1"))


def _typed_port(hostport: str) -> str | None:
    if hostport.endswith("]") or _is_bare_v6(hostport):
        return None
    _, colon, port = hostport.rpartition(":")
    return port if colon and not port.endswith("]") else None


def _is_bare_v6(hostport: str) -> bool:
    """Whether it is meant as IPv6 without brackets, which leave no place for a port."""
    return hostport.count(":") > 1 and not hostport.startswith("[")


def _lower_host(url: str) -> str:
    """The same with its host in lower case: names are equal in any (RFC 4343)."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.lower()}{slash}{path}"


def origin(url: str) -> str:
    """Scheme, host and port, "https://box.lan:443": what a token is bound to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host_of(url: str) -> str:
    """The bare name or literal address."""
    return urlsplit(url).hostname or ""


async def resolved(name: str) -> Sequence[str]:
    """The addresses of a host name, as this system resolves it (its hosts file included).

    A name server that is silent keeps a thread of its own waiting, never one that others need.
    """
    if plain(name) is not None:
        return (name,)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def ask() -> None:
        found: tuple[str, ...] = ()
        with contextlib.suppress(OSError, UnicodeError):
            entries = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            found = tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_hand_over, done, found)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        return await asyncio.wait_for(done, RESOLVE_SECONDS)
    except TimeoutError:
        return ()


def _hand_over(done: asyncio.Future[tuple[str, ...]], found: tuple[str, ...]) -> None:
    if not done.done():
        done.set_result(found)


def own_addresses() -> Collection[str]:
    """The literal addresses of this machine's interfaces."""
    psutil = import_module("psutil")  # settings are read without it
    return {
        entry.address.partition("%")[0].lower()
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    }


async def standing(url: str, resolve: Resolver = resolved) -> Stand:
    """Where a host stands, by the addresses that its name resolves to now."""
    return stand_of(await resolve(host_of(url)), own_addresses())


def is_one_door(one: str, other: str) -> bool:
    """Whether what is kept for one address, its name and its token, holds for another: the same
    scheme, port and host, by whichever of the three names of loopback. What else leads to this
    machine, such as 127.0.0.2 or its address in the network, may be a tunnel to somebody else's.
    """
    try:
        doors = [_door(url) for url in (one, other)]
    except ValueError:
        return one == other
    return doors[0] == doors[1]


def _door(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = "localhost" if host in ("127.0.0.1", "::1") else host
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, host, port, parts.path.rstrip("/")
