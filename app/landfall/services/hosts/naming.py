"""What is meant by `--host`: the name of a kept host, or an address."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services.hosts import addresses
from landfall.services.hosts.keeping import named, same_name


def found(text: str, settings: Settings, *, field: str = "--host") -> Host:
    """The host that is meant: a kept one by its name or its address, else the Ollama there.

    A word that can be both is the name. One without a dot, colon or slash that names no host is
    taken for a mistyped name and never asked of a name server, "localhost" aside.

    Raises:
        BadInput: it is neither.
    """
    typed = text.strip()
    kept = next((one for one in settings.hosts if same_name(one.name, typed)), None)
    if kept is not None:
        return kept
    looks_like_address = any(sign in typed for sign in ".:/") or typed.lower() == "localhost"
    if not looks_like_address and settings.hosts:
        return named(typed, settings, field=field)
    by_kind: dict[HostKind, str] = {}
    for kind in HostKind:
        try:
            by_kind[kind] = addresses.parsed(typed, kind, field=field)
        except BadInput:
            if kind is HostKind.OLLAMA:
                raise
    there = [
        one for one in settings.hosts if addresses.is_one_door(one.url, by_kind.get(one.kind, ""))
    ]
    if there:
        return min(there, key=lambda one: one.url != by_kind[one.kind])
    url = by_kind[HostKind.OLLAMA]
    return Host(name=addresses.origin(url).partition("://")[2], url=url, kind=HostKind.OLLAMA)
