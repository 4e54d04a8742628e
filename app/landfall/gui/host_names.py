"""What a server is called in the window: the name of the kept host at its address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host

_names: dict[str, str] = {}


def keep_names(hosts: Iterable[Host]) -> None:
    """These are kept now: the settings were read or changed."""
    _names.clear()
    _names.update({host.url.lower(): host.name for host in hosts})


def kept_name(url: str) -> str:
    """The name of the kept host at an address, or "" where none is kept there."""
    return _names.get(url.rstrip("/").lower(), "")


def host_words(url: str) -> str:
    """The name of the kept host at an address, else its host and port: "box.lan:11434"."""
    return kept_name(url) or urlsplit(url).netloc or url
