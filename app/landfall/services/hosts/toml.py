"""Hosts in `settings.toml`: `[[hosts]]` with name, url and kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.services.hosts import addresses
from landfall.services.hosts.keeping import checked_name

KEYS = ("name", "url", "kind")


class Bad(Protocol):
    """Makes the error of a key, with its line."""

    def __call__(self, path: str, what: str, *, near: list[str] | None = None) -> BadInput:
        """The error."""
        ...


def hosts(value: Any, bad: Bad) -> tuple[Host, ...]:
    """The kept hosts.

    Raises:
        BadInput: a key is missing, unknown or wrong, or a name is there twice.
    """
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad("hosts", "tables [[hosts]] with name, url and kind are expected")
    found: list[Host] = []
    for number, row in enumerate(value):
        found.append(_host(f"hosts[{number}]", row, found, bad))
    return tuple(found)


def _host(path: str, row: dict[str, Any], before: Sequence[Host], bad: Bad) -> Host:
    for key in row:
        if key not in KEYS:
            raise bad(f"{path}.{key}", "a host has no such value", near=list(KEYS))
    for key in KEYS:
        if not isinstance(row.get(key), str):
            what = "is missing" if key not in row else "text is expected"
            raise bad(f"{path}.{key}", what)
    if row["kind"] not in list(HostKind):
        raise bad(f"{path}.kind", f"{row['kind']!r} is none of {', '.join(HostKind)}")
    kind = HostKind(row["kind"])
    try:
        name = checked_name(row["name"], before)
    except BadInput as error:
        raise bad(f"{path}.name", error.message.rstrip(".")) from error
    try:
        url = addresses.parsed(row["url"], kind)
    except BadInput as error:
        raise bad(f"{path}.url", error.message.rstrip(".")) from error
    return Host(name=name, url=url, kind=kind)


def plain(kept: Sequence[Host]) -> list[dict[str, str]]:
    """As it is written; there is no place for a token."""
    return [{"name": one.name, "url": one.url, "kind": one.kind.value} for one in kept]
