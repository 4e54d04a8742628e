"""The clients that run models on a host, each with the host's own token and no other."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import Provider
from landfall.services.cloud.transport import Outgoing, Transport
from landfall.services.egress import EgressLog
from landfall.services.hosts import addresses
from landfall.services.hosts.addresses import Resolver
from landfall.services.hosts.privacy_door import assert_inside_now
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama

MOVED_BY_HOSTS = "hosts"
"""Who said where an OpenAI-compatible host is: the settings' list of hosts."""


def ollama(host: Host, token: Secret | None) -> Ollama:
    """The client of an Ollama; close it.

    Args:
        token: Of `tokens.sendable`.

    Raises:
        BadInput: it is no Ollama.
    """
    if host.kind is not HostKind.OLLAMA:
        raise BadInput(
            f"{host.name} is an OpenAI-compatible server and no Ollama.",
            "Its models run, and are managed with the server's own means.",
            field="--host",
        )
    return Ollama(host.url, token=token)


def way_out(host: Host, log: EgressLog, *, resolve: Resolver = addresses.resolved) -> Transport:
    """The way to an OpenAI-compatible host, which writes the egress log; close it.

    A workload's rule is held against the place where the host stands, looked up before each
    attempt: a lock lets its text go where it lets it go to an Ollama, and nowhere else. A proxy
    that the system names could read plain http, and has no part in it.
    """

    async def inside(outgoing: Outgoing) -> None:
        await assert_inside_now(outgoing.purpose.workload, host.url, resolve)

    return Transport(log, gate=inside, may_use_proxy=host.url.startswith("https:"))


def openai(host: Host, transport: Transport) -> Provider:
    """An OpenAI-compatible host behind the adapter of the protocol; its token goes as the key.

    Args:
        transport: Of `way_out`.

    Raises:
        BadInput: it is no such server.
    """
    if host.kind is not HostKind.OPENAI:
        raise BadInput(f"{host.name} is an Ollama.", "It has a client of its own.", field="--host")
    row = replace(cloud.find(cloud.CUSTOM), name=host.name)
    return adapters.provider(row, Address(f"{host.url}/v1", MOVED_BY_HOSTS), transport)
