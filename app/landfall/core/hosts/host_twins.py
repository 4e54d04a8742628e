"""Which of the kept hosts are the same server, so that none is counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState, Standing


def twins(hosts: Iterable[Host], readings: Mapping[str, HostReading]) -> Mapping[str, HostReading]:
    """The readings, each that is of the same server as one before it saying of which.

    Said, never refused: the same server may well be kept by two names. Two readings are of one
    server where they tell the same (kind, version, models by digest and the moment they were
    written) and either lead to the same place and port, or tell of at least one model by its
    digest. Two machines that were copied from one image whole look the same too: that is said as
    what it is, and `same_why` says by what.

    Args:
        hosts: In the user's order: the first of several is the one that counts.
        readings: By name, of those that were read.
    """
    seen: list[HostReading] = []
    told: dict[str, HostReading] = {}
    for host in hosts:
        reading = readings.get(host.name)
        if reading is None:
            continue
        first, why = _first_of(reading, seen)
        told[host.name] = replace(reading, same_as=first, same_why=why)
        if not first:
            seen.append(reading)
    return told


def _first_of(reading: HostReading, seen: Iterable[HostReading]) -> tuple[str, str]:
    if reading.state is not HostState.ANSWERS or not reading.fingerprint:
        return "", ""
    for other in seen:
        if other.state is not HostState.ANSWERS or other.fingerprint != reading.fingerprint:
            continue
        if _same_place(reading, other):
            return other.host.name, "it has the same address and port, and tells the same"
        digests = any(one.digest for one in reading.models)
        if reading.host.kind is HostKind.OLLAMA and digests:
            return (
                other.host.name,
                "it has the same version and the same models, written at the same moments",
            )
    return "", ""


def _same_place(one: HostReading, other: HostReading) -> bool:
    if _port(one.host) != _port(other.host):
        return False
    if {*one.stand.addresses} & {*other.stand.addresses}:
        return True
    return one.standing is Standing.THIS_MACHINE and other.standing is Standing.THIS_MACHINE


def _port(host: Host) -> str:
    """As it stands in the address, which always names one."""
    return host.url.partition("://")[2].partition("/")[0].rpartition(":")[2]
