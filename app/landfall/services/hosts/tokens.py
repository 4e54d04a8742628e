"""Tokens of hosts: in the keyring, bound to scheme, host and port, and shown to nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from landfall.core.errors import BadInput, KeyringUnavailable
from landfall.core.hosts.hosts import Host, Stand
from landfall.core.settings import Settings
from landfall.services.hosts import addresses
from landfall.services.hosts.looking import Asking, token_may_go
from landfall.services.keys.key_store import KeyStore
from landfall.services.keys.secret import Secret, clean


def entry_of(url: str) -> str:
    """The keyring's entry of the token for an address: another port or scheme has another."""
    return f"host {addresses.origin(url)}"


async def of(host: Host, keys: KeyStore) -> Secret | None:
    """The token of a host, or None where none is stored.

    Raises:
        KeyringUnavailable: the keyring cannot be asked.
    """
    return await keys.get(entry_of(host.url))


async def store(host: Host, typed: str, keys: KeyStore) -> Secret:
    """Keep a token.

    Raises:
        BadInput: it can be none. KeyringUnavailable: there is no keyring that keeps it.
    """
    secret = clean(typed)
    await keys.store(entry_of(host.url), secret)
    return secret


async def remove(host: Host, settings: Settings, keys: KeyStore) -> bool:
    """Forget the token of a host, unless another one at the same address needs it still.

    Returns:
        Whether one was removed.
    """
    entry = entry_of(host.url)
    others = [one for one in settings.hosts if one.name != host.name]
    if any(entry_of(one.url) == entry for one in others):
        return False
    return await keys.remove(entry)


async def askings(
    hosts: Iterable[Host],
    settings: Settings,
    keys: KeyStore,
    *,
    locked: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Mapping[str, Asking], str]:
    """How each host is asked, by its name, and why the keyring could not be asked, or "".

    A host whose token cannot be read is asked without: most have none. A keyring may wait for its
    user: see `without_tokens`.

    Args:
        locked: Names of workloads under a lock that run on a host, by its name.
    """
    told, problem = {}, ""
    for host in hosts:
        token = None
        if not problem:
            try:
                token = await of(host, keys)
            except KeyringUnavailable as error:
                problem = str(error)
        told[host.name] = Asking(
            token=token,
            plain_http_hosts=settings.plain_http_hosts,
            locked=(locked or {}).get(host.name, ()),
        )
    return told, problem


def without_tokens(
    hosts: Iterable[Host], settings: Settings, *, locked: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Asking]:
    """As `askings`, of hosts that are asked while the keyring has not answered yet."""
    return {
        host.name: Asking(
            plain_http_hosts=settings.plain_http_hosts, locked=locked.get(host.name, ())
        )
        for host in hosts
    }


async def sendable(host: Host, settings: Settings, keys: KeyStore) -> Secret | None:
    """The token for a client that sends more than short questions; None where none is stored.

    Raises:
        BadInput: it would travel unencrypted to another machine, and nobody agreed to that.
        KeyringUnavailable: the keyring cannot be asked.
    """
    token = await of(host, keys)
    if token is None:
        return None
    assert_sendable(host, await addresses.standing(host.url), settings)
    return token


async def at_hand(host: Host, settings: Settings, keys: KeyStore) -> tuple[Secret | None, str]:
    """As `sendable`; without a token, and why, where the keyring cannot be asked: most hosts need
    none, and a server without a desktop has no keyring.

    Raises:
        BadInput: see `sendable`.
    """
    try:
        return await sendable(host, settings, keys), ""
    except KeyringUnavailable as error:
        return None, error.message


def assert_sendable(host: Host, stand: Stand, settings: Settings) -> None:
    """Return where a token may travel to a host.

    Raises:
        BadInput: it would be readable on the way, and nobody agreed to that.
    """
    asking = Asking(plain_http_hosts=settings.plain_http_hosts)
    if not token_may_go(host.url, stand, asking):
        raise BadInput(
            f"The token of {host.name} would travel unencrypted to {stand.words} (http).",
            "Use https there, or agree with `landfall hosts token NAME --insecure`.",
            field="--token",
        )


def with_agreed(settings: Settings, host: Host) -> Settings:
    """The settings with the user's agreement that this host's token may go unencrypted."""
    netloc = addresses.origin(host.url).partition("://")[2]
    if host.url.startswith("https:") or netloc in settings.plain_http_hosts:
        return settings
    return replace(settings, plain_http_hosts=(*settings.plain_http_hosts, netloc))
