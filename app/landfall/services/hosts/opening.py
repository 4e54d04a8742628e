"""A client of the Ollama at an address, with the token that is kept for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services.egress import EgressLog
from landfall.services.hosts import addresses, tokens
from landfall.services.hosts.openai_target import OpenAiServer
from landfall.services.keys.key_store import KeyStore
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama

Server = Ollama | OpenAiServer
OpenAt = Callable[[str], Awaitable[Server]]
"""Makes the client of the server at an address; whoever asks closes it."""


async def without_token(url: str) -> Server:
    """The client of an Ollama that shows no token."""
    return Ollama(url)


def kept_at(url: str, settings: Settings, kind: HostKind = HostKind.OLLAMA) -> Host | None:
    """The kept host of this kind at an address, or None; its token may go there."""
    there = [
        one for one in settings.hosts if one.kind is kind and addresses.is_one_door(one.url, url)
    ]
    return min(there, key=lambda one: one.url != url, default=None)


async def server_at(
    url: str, settings: Settings, keys: Callable[[], KeyStore], log: EgressLog
) -> Server:
    """The client of a server that is asked, with the token that is kept for it and no other.

    An address at which hosts of both kinds are kept is an Ollama.

    Raises:
        BadInput: the token would travel unencrypted, and nobody agreed to that.
    """
    other = kept_at(url, settings, HostKind.OPENAI)
    if other is None or kept_at(url, settings) is not None:
        return Ollama(url, token=await token_at(url, settings, keys))
    token, _ = await tokens.at_hand(other, settings, keys())
    return OpenAiServer(other, token, log)


async def token_at(url: str, settings: Settings, keys: Callable[[], KeyStore]) -> Secret | None:
    """The token kept for the host at this address; the keyring stays closed for any other.

    None too where the keyring cannot be asked: a host that wants one says so.

    Raises:
        BadInput: the token would travel unencrypted, and nobody agreed to that.
    """
    host = kept_at(url, settings)
    if host is None:
        return None
    token, _ = await tokens.at_hand(host, settings, keys())
    return token


def assert_ollama(host: Host, *, field: str = "--host") -> None:
    """Return for an Ollama.

    Raises:
        BadInput: it is another kind of server, whose models are not ours to manage.
    """
    if host.kind is not HostKind.OLLAMA:
        raise BadInput(
            f"{host.name} is an OpenAI-compatible server: its models are listed and run, and"
            " managed with the server's own means.",
            "Name an Ollama host for this, or an address such as box.lan:11434.",
            field=field,
        )
