"""The address of a smart plug as its user types it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module

from landfall.core.errors import BadInput

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\]")
_LOOKS_LIKE = "It looks like 192.168.1.50, http://192.168.1.50 or shelly.local."


@dataclass(frozen=True, slots=True)
class PlugAddress:
    """Where a plug answers: plain HTTP on a host and port."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As it is stored and shown."""
        return f"http://{self.host}" + ("" if self.port == 80 else f":{self.port}")


def plug_address(text: str, *, field: str = "plug_url") -> PlugAddress:
    """The address in what was typed: a host or its plain URL, nothing more.

    Raises:
        BadInput: it is no address, or carries a path, a name or a password.
    """
    typed = text.strip()
    if any(mark in typed for mark in "@?#"):
        raise _more(field)
    scheme, separator, rest = typed.partition("://")
    if separator and scheme.lower() != "http":
        raise BadInput(f"A plug is asked by http, not by {scheme!r}.", _LOOKS_LIKE, field=field)
    host = (rest if separator else typed).removesuffix("/")
    if "/" in host:
        raise _more(field)
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"
    name, colon, digits = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    name, port = (name, digits) if colon else (host, "80")
    known_port = port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16
    if not _HOST.fullmatch(name) or not known_port:
        raise BadInput(f"{typed!r} is no address of a plug.", _LOOKS_LIKE, field=field)
    return PlugAddress(name.lower(), int(port))


def _more(field: str) -> BadInput:
    """It is not repeated: it may hold a password."""
    return BadInput("The address carries more than host and port.", _LOOKS_LIKE, field=field)


def in_own_network(address: str) -> bool:
    """Whether a literal address belongs to this machine or to a private network."""
    whose_machine = import_module("landfall.core.hosts.whose_machine")
    literal = whose_machine.plain(address)
    if literal is None or literal.is_unspecified:
        return False
    return bool(whose_machine.is_inside(address))
