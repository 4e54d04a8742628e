"""The proxies that the system names, so that nothing written there ends a program.

The HTTP library reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY while a client is made, and
raises an error of its own at what it cannot read: at `[::1]` and `fe80::/10` in NO_PROXY, too,
which curl and Go understand and lists of companies hold.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import getproxies

import httpx

from landfall.core.errors import NetworkUnavailable

HINT = "Name an http proxy in HTTPS_PROXY, or unset ALL_PROXY."

_EXCEPTIONS = ("NO_PROXY", "no_proxy")
_ALL = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def understood(*, used: bool = True) -> Iterator[None]:
    """While a client is made: what NO_PROXY holds stands there as the library reads it.

    Args:
        used: Whether the client may use a proxy at all; else nothing is read.

    Raises:
        NetworkUnavailable: a proxy has no address, or is of a kind that the library cannot use.
    """
    if not used:
        yield
        return
    with _ONE_AT_A_TIME:
        before = {name: os.environ[name] for name in _EXCEPTIONS if name in os.environ}
        os.environ.update({name: readable(value) for name, value in before.items()})
        try:
            _check()
            yield
        except (ImportError, ValueError) as error:  # socks5:// is the one, ftp:// the other
            raise NetworkUnavailable(
                f"The proxy that this system names cannot be used: {str(error).rstrip('.')}.", HINT
            ) from error
        finally:
            os.environ.update(before)


@contextmanager
def unseen() -> Iterator[None]:
    """While a package is imported that makes a client nobody asked for. Holds up all other clients:
    what such a package needs is imported before.
    """
    with _ONE_AT_A_TIME:
        names = [name for name in os.environ if name.upper() in _ALL]
        before = {name: os.environ.pop(name) for name in names}
        os.environ["NO_PROXY"] = "*"  # else Windows and macOS say what their settings hold
        try:
            yield
        finally:
            del os.environ["NO_PROXY"]
            os.environ.update(before)


def readable(exceptions: str) -> str:
    """The hosts of a NO_PROXY that the library can read, in its spelling.

    A range of IPv6 is none: those few hosts would be asked through the proxy.
    """
    found = (_spelt(one.strip()) for one in exceptions.split(","))
    return ",".join(one for one in found if one and _is_read(one))


def _spelt(host: str) -> str:
    """`[::1]` and `[::1]:80` are `::1`."""
    inside, bracket, _port = host.removeprefix("[").partition("]")
    return inside if host.startswith("[") and bracket else host


def _is_read(host: str) -> bool:
    try:
        httpx.URL(host if "://" in host else _pattern(host))
    except httpx.InvalidURL:
        return False
    return True


def _pattern(host: str) -> str:
    """As httpx 0.28 makes one of it (`get_environment_proxies`)."""
    try:
        ipaddress.IPv6Address(host.partition("/")[0])
    except ValueError:
        return f"all://*{host}"
    return f"all://[{host}]"


def _check() -> None:
    named = getproxies()
    for scheme in ("http", "https", "all"):
        url = named.get(scheme, "")
        try:
            httpx.URL(url if "://" in url else f"http://{url}")
        except httpx.InvalidURL as error:
            raise NetworkUnavailable(
                f"The proxy that this system names cannot be used: {scheme.upper()}_PROXY is no"
                f" address: {error}.",
                HINT,
            ) from error
