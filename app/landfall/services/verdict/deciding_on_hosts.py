"""What is known of the hosts on which a workload runs: theirs alone, never of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from landfall.core.demand.serving import Serves
from landfall.core.hosts.hosts import Host
from landfall.core.models.catalogue import ModelCard
from landfall.core.provenance import Figure
from landfall.core.settings import Settings
from landfall.core.verdict.world import MeasuredEnergy, OnHosts
from landfall.core.workload.workload import Workload
from landfall.services.history.records import RunRecord
from landfall.services.late_imports import late
from landfall.services.ollama.address import is_this_machine
from landfall.services.run import measured_here
from landfall.services.verdict.known_past import Past


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownThere:
    """The fields of `World` that say what was measured on the owned machine."""

    on: OnHosts | None = None
    measured: Mapping[str, tuple[Figure, Figure]] = field(default_factory=dict)
    energy: Mapping[str, MeasuredEnergy] = field(default_factory=dict)
    serves: Mapping[str, Serves] = field(default_factory=dict)


def hosts_of(workload: Workload, settings: Settings) -> tuple[Host, ...]:
    """The hosts that a workload names, each server once.

    Raises:
        BadInput: one is no kept host and no address.
    """
    found = late("landfall.services.hosts.naming").found
    hosts = [found(one, settings, field="machine.host") for one in workload.machine.named_hosts]
    return tuple({host.url: host for host in hosts}.values())


def known_there(
    hosts: Sequence[Host],
    runs: Sequence[RunRecord],
    past: Past,
    cards: Sequence[ModelCard],
    *,
    described: bool,
) -> KnownThere:
    """What runs and benchmarks on these hosts tell.

    Energy is known of a host on this machine alone: sensors here measure no other.

    Args:
        described: Whether it is known what machine they are.
    """
    elsewhere = any(not is_this_machine(host.url) for host in hosts)
    theirs = [run for run in runs if any(measured_here.ran_on(run, host) for host in hosts)]
    serves: Mapping[str, Serves] = {}
    pooled: Mapping[str, int] = {}
    if past.benchmarks or past.loads:
        serves, pooled = late("landfall.services.benchmark.serves").serves_on(past, cards, hosts)
    on = OnHosts(
        names=tuple(host.name for host in hosts),
        described=described,
        elsewhere=elsewhere,
        slots=pooled if len(hosts) > 1 else {},
        network_seconds=measured_here.network_seconds(theirs, hosts),
    )
    return KnownThere(
        on=on,
        measured=measured_here.speeds_on(theirs, cards, hosts),
        energy={} if elsewhere else measured_here.energy(theirs, cards),
        serves=serves,
    )
