"""The list of hosts in the settings: adding, removing, renaming."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.hosts.whose_machine import plain
from landfall.core.settings import Settings
from landfall.services.hosts import addresses
from landfall.services.ollama import address

NAME_MOST = 60


def checked_name(text: str, others: Iterable[Host]) -> str:
    """A name as it is kept: one line, no address, and unlike every other in any case.

    Raises:
        BadInput: it is none.
    """
    name = text.strip()
    if not name:
        raise BadInput("The host has no name.", "Call it office, or rack-1.", field="name")
    if len(name) > NAME_MOST or not name.isprintable():
        raise BadInput(
            f"{text[:NAME_MOST]!r}{'…' if len(text) > NAME_MOST else ''} is no name of a host.",
            f"A name has 1 to {NAME_MOST} characters on one line.",
            field="name",
        )
    if ":" in name or "/" in name or plain(name) is not None or is_loopback(name):
        raise BadInput(
            f"{name} is an address and no name: it might belong to another machine.",
            "Call it what you call the machine: office, rack-1.",
            field="name",
        )
    if any(same_name(name, one.name) for one in others):
        raise BadInput(
            f"There is a host {name} already.", "Choose another name, or remove it.", field="name"
        )
    return name


def free_address(url: str, others: Iterable[Host]) -> str:
    """An address as it was parsed, which no other host has: two names of one address would be two
    lines for one server, asked twice and chosen as if they were two.

    Raises:
        BadInput: another host has it; says which.
    """
    double = next((one for one in others if address.same_server(one.url, url)), None)
    if double is not None:
        raise BadInput(
            f"{double.name} has this address already.",
            "Change that one, or choose another address.",
            field="url",
        )
    return url


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: case and white space around do not matter."""
    return one.strip().casefold() == other.strip().casefold()


def named(name: str, settings: Settings, *, field: str = "name") -> Host:
    """The kept host of that name.

    Raises:
        BadInput: there is none; says which there are.
    """
    found = next((one for one in settings.hosts if same_name(one.name, name)), None)
    if found is not None:
        return found
    names = [one.name for one in settings.hosts]
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        hint = f"Did you mean {close[0]}?"
    elif names:
        hint = f"The hosts are {', '.join(names)}."
    else:
        hint = "None is kept yet: `landfall hosts add NAME URL`."
    raise BadInput(f"There is no host {name!r}.", hint, field=field)


def with_host(settings: Settings, name: str, url: str, kind: HostKind) -> Settings:
    """The settings with one more host, at the end.

    Raises:
        BadInput: the name or the address is taken or none.
    """
    named = checked_name(name, settings.hosts)
    parsed = free_address(addresses.parsed(url, kind), settings.hosts)
    host = Host(name=named, url=parsed, kind=kind)
    return replace(settings, hosts=(*settings.hosts, host))


def without_host(settings: Settings, host: Host) -> Settings:
    """The settings without a host."""
    return replace(settings, hosts=tuple(one for one in settings.hosts if one.name != host.name))


def with_changed(
    settings: Settings,
    host: Host,
    *,
    name: str | None = None,
    url: str | None = None,
    kind: HostKind | None = None,
) -> Settings:
    """The settings with another name, address or kind of a host; its place stays.

    Its token stays with the address for which it was stored. Two that have one address since
    before that was refused keep it, and each can get another name.

    Raises:
        BadInput: the name or the address is taken or none.
    """
    others = [one for one in settings.hosts if one.name != host.name]
    kind = kind or host.kind
    parsed = addresses.parsed(host.url if url is None else url, kind)
    changed = Host(
        name=host.name if name is None else checked_name(name, others),
        url=parsed if parsed == host.url else free_address(parsed, others),
        kind=kind,
    )
    hosts = tuple(changed if one.name == host.name else one for one in settings.hosts)
    return replace(settings, hosts=hosts)
