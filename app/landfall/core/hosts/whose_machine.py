"""Where a host stands, decided by what its name resolves to and never by the name.

A name may be anything: "localhost.example.com" is no loopback, and a hosts file may lead
"localhost" elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence

from landfall.core.hosts.hosts import Stand, Standing

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""RFC 6598: behind a carrier's translation; tailnets use it for their machines."""

_OURS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",  # RFC 3927, link-local
        "fc00::/7",  # RFC 4193, unique local
        "fe80::/10",  # RFC 4291, link-local
        "fec0::/10",  # RFC 3879, site-local, deprecated and still inside
    )
)
"""What is never routed in the public internet. Everything that is not named here is outside."""

_WORDS = {
    Standing.THIS_MACHINE: "this machine",
    Standing.OUR_NETWORK: "our network",
    Standing.THIRD_PARTY: "a third party",
    Standing.UNKNOWN: "not known",
}

_FARTHEST = (Standing.THIRD_PARTY, Standing.OUR_NETWORK, Standing.THIS_MACHINE)


def stand_of(addresses: Sequence[str], own: Collection[str]) -> Stand:
    """Where these addresses are, together: the farthest of them counts.

    Args:
        addresses: Literal; whatever one name resolved to. Text that is no address is outside.
        own: Literal addresses of this machine's interfaces.
    """
    found = {address: _standing(address, own) for address in dict.fromkeys(addresses)}
    farthest = next((one for one in _FARTHEST if one in found.values()), Standing.UNKNOWN)
    deciding = [address for address, one in found.items() if one is farthest]
    return Stand(
        standing=farthest, addresses=tuple(found), words=_words(farthest, deciding, len(found))
    )


def _standing(text: str, own: Collection[str]) -> Standing:
    address = plain(text)
    if address is None:
        return Standing.THIRD_PARTY
    if address.is_loopback or address.is_unspecified or address in {plain(one) for one in own}:
        return Standing.THIS_MACHINE
    return Standing.OUR_NETWORK if is_inside(text) else Standing.THIRD_PARTY


def is_inside(text: str) -> bool:
    """Whether a literal address is of this machine or of a network of one's own.

    The one rule for all who ask: what is merely not public (ranges for tests and examples, which a
    proxy may answer with) is outside, and so is text that is no address.
    """
    address = plain(text)
    if address is None:
        return False
    if address.is_loopback or address.is_unspecified:
        return True
    return any(address.version == one.version and address in one for one in (*_OURS, _SHARED))


def plain(text: str) -> _Address | None:
    """The address in a literal, without a zone; IPv4 that is written as IPv6 as what it is."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _words(standing: Standing, deciding: Sequence[str], found: int) -> str:
    """ "our network (100.64.0.9, ...)": by which address, and what is special about it."""
    if not deciding:
        return f"{_WORDS[standing]}: its name has no address now"
    address = plain(deciding[0])
    by = deciding[0]
    if address is not None and address.version == _SHARED.version and address in _SHARED:
        by += ", an address of a tailnet or behind a carrier's translation"
    elif address is not None and address.is_link_local:
        by += ", reachable on this link alone"
    if found > len(deciding):
        by += "; the name also leads nearer"
    return f"{_WORDS[standing]} ({by})"
