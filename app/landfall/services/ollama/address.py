"""Where an Ollama server is: OLLAMA_HOST as Ollama itself reads it, turned into a URL to call.

Rules of v0.32.15 (envconfig.Host): quotes and white space around it go; without a scheme the port
is 11434, with http 80, with https 443; a port that is no port is the default one. An address to
listen on (`0.0.0.0`, `::`, nothing before the colon) is called on loopback.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import is_loopback

DEFAULT_PORT = 11434
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

LOOKS_HINT = "It looks like box.lan:11434."
START_HINT = "Start Ollama, or set OLLAMA_HOST to the address where it runs."

_CALLED = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")

_FOUR_NUMBERS = re.compile(r"\d+(\.\d+){3}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address and who gave it.

    Attributes:
        url: To call, without a slash at its end.
        origin: "settings", "OLLAMA_HOST" or "default". Nothing is started for an address that the
            user gave.
    """

    url: str
    origin: str

    @property
    def given(self) -> bool:
        """Whether the user named it."""
        return self.origin != "default"


def chosen(typed: str, environment: Mapping[str, str]) -> Address:
    """The address in force: typed into the settings, else OLLAMA_HOST, else the default.

    Raises:
        BadInput: what was given is no address.
    """
    for text, origin in ((typed, "settings"), (environment.get("OLLAMA_HOST", ""), "OLLAMA_HOST")):
        if stripped := text.strip().strip("\"'").strip():
            return Address(parsed(stripped, field=origin), origin)
    return Address(DEFAULT_URL, "default")


def without_setting(environment: Mapping[str, str] | None = None) -> str:
    """Where Ollama is sought while the setting is empty; the default where OLLAMA_HOST is wrong."""
    try:
        return chosen("", os.environ if environment is None else environment).url
    except BadInput:
        return DEFAULT_URL


def parsed(text: str, *, field: str) -> str:
    """The URL to call.

    Raises:
        BadInput: it is no address, or carries a password or a query, which belong in no setting.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    hostport, slash, path = rest.partition("/")
    if any(sign in text for sign in "@?#"):
        # Not repeated: it may hold a password, and `doctor` is pasted into reports. One with "/" in
        # it would be taken for a path, and its user for the host.
        raise BadInput(
            "The address carries more than host, port and path.",
            "Leave out user, password, query and fragment; a token goes into the keyring.",
            field=field,
        )
    printable = text.isprintable() and not any(character.isspace() for character in text)
    if scheme not in _PORTS or not printable:
        raise _no_address(text, field)
    default_port = _PORTS[scheme] if separator else DEFAULT_PORT
    host, port = _split(hostport, default_port)
    if not _HOST.fullmatch(host or "-") or not _may_be_numbers(host):
        raise _no_address(text, field)
    called = _CALLED.get(host, host)
    shown = f"[{called}]" if ":" in called else called
    return f"{scheme}://{shown}:{port}{(slash + path).rstrip('/')}"


def _may_be_numbers(host: str) -> bool:
    """Whether what looks like an address in numbers is one; a name is not asked.

    Half of a bracket and a second port leave a colon in what is taken for the host.
    """
    if ":" not in host and not _FOUR_NUMBERS.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _no_address(text: str, field: str) -> BadInput:
    return BadInput(
        f"{text!r} is no address of an Ollama server.",
        "It looks like `192.168.1.5`, `host:11434` or `https://host`.",
        field=field,
    )


def _split(hostport: str, default_port: int) -> tuple[str, int]:
    """Host and port; a bare IPv6 address has no port."""
    try:
        if hostport.startswith("[") and not hostport.endswith("]"):
            # Of "[fe80::1%eth0]:80" all would be taken for the name of the zone.
            raise ValueError(hostport)
        return str(ipaddress.ip_address(hostport.strip("[]"))), default_port
    except ValueError:
        host, colon, port = hostport.rpartition(":")
    if not colon:
        return hostport, default_port
    number = int(port) if port.isascii() and port.isdigit() else -1
    return host.strip("[]"), number if 0 <= number <= 65535 else default_port


def same_server(one: str, other: str) -> bool:
    """Whether two addresses lead to one server: the same host, port and path.

    Case makes no other host, and this machine is one whatever it is called in them.
    """
    parts = [urlsplit(url) for url in (one, other)]
    if len({(part.port, part.path.rstrip("/")) for part in parts}) > 1:
        return False
    return len({part.hostname for part in parts}) == 1 or all(map(is_this_machine, (one, other)))


def is_this_machine(url: str) -> bool:
    """Whether a URL leads to this machine: loopback, its own name, or one of its addresses."""
    host = (urlsplit(url).hostname or "").lower()
    if is_loopback(host) or host == socket.gethostname().lower():
        return True
    own = {
        entry.address.partition("%")[0].lower()
        for entries in import_module("psutil").net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    }
    return host.partition("%")[0] in own
