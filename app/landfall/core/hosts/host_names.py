"""What the name of a host says by itself, without asking a name server."""

from __future__ import annotations

from importlib import import_module


def is_loopback(host: str) -> bool:
    """Whether a host name or literal address is this machine by definition."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if not name.startswith("127.") and ":" not in name:
        return False
    try:
        address = import_module("ipaddress").ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def without_port(host: str) -> str:
    """The name or literal address of `host` or `host:port`; brackets of IPv6 are left."""
    head, colon, tail = host.rpartition(":")
    return head if colon and tail.isdecimal() and not host.endswith("]") else host


def port_is_possible(host: str) -> bool:
    """Whether `host:port` names a port that exists; without a port it does."""
    port = host[len(without_port(host)) + 1 :]
    return not port or int(port) < 1 << 16
