"""Hosts and readings for tests."""

from __future__ import annotations

from landfall.core.hosts.hosts import (
    Host,
    HostKind,
    HostModel,
    HostReading,
    HostState,
    Stand,
    Standing,
)


def host(name: str, url: str, kind: HostKind = HostKind.OLLAMA) -> Host:
    return Host(name=name, url=url, kind=kind)


def reading(
    name: str,
    url: str,
    *,
    addresses: tuple[str, ...] = ("192.168.1.5",),
    standing: Standing = Standing.OUR_NETWORK,
    state: HostState = HostState.ANSWERS,
    models: tuple[HostModel, ...] = (),
    fingerprint: str = "the same",
    kind: HostKind = HostKind.OLLAMA,
) -> HostReading:
    return HostReading(
        host=host(name, url, kind),
        state=state,
        stand=Stand(standing=standing, addresses=addresses, words=""),
        models=models,
        fingerprint=fingerprint,
    )
