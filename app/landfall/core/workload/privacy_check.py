"""What was really checked of a pipeline, step by step, and the one sentence that may be said of it.

The sentence repeats what was looked at and no more. It is the user's own rule, applied to the
letter; it never judges by law, and of classified text it says nothing good at all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.models.model_names import is_cloud_name
from landfall.core.workload.privacy import host_name, is_public_host
from landfall.core.workload.workload import (
    PrivacyClass,
    Step,
    StepName,
    Where,
    Workload,
)


class Place(StrEnum):
    """Where an address leads."""

    HERE = "this machine"
    NETWORK = "your network"
    PUBLIC = "outside your network"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCheck:
    """One step and where its text really goes.

    Attributes:
        host: As stated, or "".
        place: What its addresses say; without a host what is stated.
        why: What it was judged by.
    """

    step: str
    host: str
    place: Place
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found out, by whoever may ask the world.

    Attributes:
        at: Local time of the check, "14:02".
        addresses: Host name to the addresses that it resolves to; empty where it does not.
        server: Host of the model server that would answer, or "" where none is used.
        remote_models: Local candidates that the server itself forwards, to where.
        absent_models: Local candidates that the server does not hold.
        server_asked: Whether it answered.
        cloud_off: Whether the server's cloud is switched off; None where that is not known.
        keys: Names of environment variables that hold keys of cloud services.
        telemetry: Switches that are not set, in words.
    """

    at: str
    addresses: Mapping[str, Sequence[str]]
    server: str = ""
    remote_models: Mapping[str, str]
    absent_models: Sequence[str] = ()
    server_asked: bool = False
    cloud_off: bool | None = None
    keys: Sequence[str] = ()
    telemetry: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyCheck:
    """The answer for one workload.

    Attributes:
        steps: Each with its destination.
        inside: No step leaves the user's own network, as far as was checked.
        here: No step leaves this machine, as far as was checked.
        sentence: What may be said, with the checks that were made.
        findings: What speaks against it, or could: a step that leaves, a forwarded model.
        notes: What is worth knowing: keys in the environment, telemetry switches.
    """

    steps: tuple[StepCheck, ...]
    inside: bool
    here: bool
    sentence: str
    findings: tuple[str, ...]
    notes: tuple[str, ...]


DISCLAIMER = "Your rule, not a legal finding."


def place_of(addresses: Sequence[str]) -> Place:
    """Where addresses lead, together: the farthest of them counts (a lock fails closed)."""
    if not addresses:
        return Place.UNKNOWN
    places = [_place(text) for text in addresses]
    for place in (Place.PUBLIC, Place.NETWORK):
        if place in places:
            return place
    return Place.HERE


def _place(text: str) -> Place:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified:
        return Place.HERE
    return Place.PUBLIC if is_public_host(str(address)) else Place.NETWORK


def check(workload: Workload, seen: Seen, *, local: bool) -> PrivacyCheck:
    """What may be said of a workload's pipeline after a check.

    Args:
        workload: Its steps and candidates.
        seen: What was found out.
        local: Whether the verdict keeps it on a machine of the user's own: where the steps go that
            go where the verdict says.
    """
    steps = tuple(
        _step(workload, step, seen, local=local)
        for step in workload.steps or (Step(name=StepName.GENERATE),)
    )
    findings = [
        f"{one.step} leads outside your network: {one.why}"
        for one in steps
        if one.place is Place.PUBLIC
    ]
    findings += [
        f"where {one.step} leads is not known: {one.why}"
        for one in steps
        if one.place is Place.UNKNOWN
    ]
    inside = all(one.place in (Place.HERE, Place.NETWORK) for one in steps)
    here = all(one.place is Place.HERE for one in steps)
    return PrivacyCheck(
        steps=steps,
        inside=inside,
        here=here,
        sentence=_sentence(workload, steps, seen, inside=inside, here=here),
        findings=tuple(findings),
        notes=(*_notes(workload, seen),),
    )


def _step(workload: Workload, step: Step, seen: Seen, *, local: bool) -> StepCheck:
    def found(place: Place, why: str) -> StepCheck:
        return StepCheck(step=step.name.value, host=step.host, place=place, why=why)

    if step.where is Where.CLOUD:
        return found(Place.PUBLIC, f"it runs in the cloud{_at(step.host)}")
    follows = step.where is Where.VERDICT
    if follows and not local:
        return found(Place.PUBLIC, "the verdict does not keep it here")
    if step.host:
        return found(*_resolved(step.host, seen))
    if not follows and step.name is not StepName.GENERATE:
        stated = Place.HERE if step.where is Where.LOCAL else Place.NETWORK
        return found(stated, f"as stated ({step.where.value})")
    return found(*_model_server(workload, seen))


def _at(host: str) -> str:
    return f" at {host}" if host else ""


def _resolved(host: str, seen: Seen) -> tuple[Place, str]:
    """By its addresses; a name that does not resolve is what it looks like, and never here."""
    name = host_name(host)
    addresses = tuple(seen.addresses.get(name, ()))
    if addresses:
        return place_of(addresses), f"{name} is {', '.join(addresses[:3])}"
    if is_public_host(host):
        return Place.PUBLIC, f"{name} has no address now, and its name is a public one"
    return Place.UNKNOWN, f"{name} has no address now"


def _model_server(workload: Workload, seen: Seen) -> tuple[Place, str]:
    """The local candidates at the server that would answer: names alone prove nothing."""
    names = workload.candidates.local
    by_name = [name for name in names if is_cloud_name(name)]
    if names and len(by_name) == len(names):
        return Place.PUBLIC, f"{names[0]} is a cloud model by its name"
    for name in names:
        if name not in by_name and name in seen.remote_models:
            return Place.PUBLIC, f"the server forwards {name} to {seen.remote_models[name]}"
    if not seen.server:
        return Place.UNKNOWN, "no model server was found"
    place, why = _resolved(seen.server, seen)
    if place is Place.HERE and not seen.server_asked:
        return Place.UNKNOWN, "the model server does not answer: what it forwards is not known"
    return place, why


def _sentence(
    workload: Workload,
    steps: tuple[StepCheck, ...],
    seen: Seen,
    *,
    inside: bool,
    here: bool,
) -> str:
    if workload.privacy.privacy_class is PrivacyClass.CLASSIFIED:
        return (
            "Nothing is said of classified text: it belongs on systems accredited for it, and this"
            f" program cannot tell whether this is one (checked {seen.at}). {DISCLAIMER}"
        )
    if not inside:
        away = [one.step for one in steps if one.place in (Place.PUBLIC, Place.UNKNOWN)]
        return (
            f"Not kept inside, as far as could be checked ({seen.at}): {', '.join(away)}."
            f" {DISCLAIMER}"
        )
    local = sum(one.place is Place.HERE for one in steps)
    made = [f"{local} of {len(steps)} steps local"]
    if seen.cloud_off:
        made.append("cloud models disabled")
    if seen.server_asked and workload.candidates.local:
        made.append("no candidate is forwarded by the server")
    bounds = "this machine" if here else "your network"
    return (
        f"By your settings nothing in this pipeline is sent outside {bounds}"
        f" (checked {seen.at}: {', '.join(made)}). {DISCLAIMER}"
    )


def _notes(workload: Workload, seen: Seen) -> list[str]:
    found = []
    if seen.server_asked and seen.cloud_off is None:
        found.append(
            "whether this server may use its cloud is not known: OLLAMA_NO_CLOUD=1, or"
            " disable_ollama_cloud in ~/.ollama/server.json, switches it off"
        )
    if seen.cloud_off is False:
        found.append("this server may use its cloud: OLLAMA_NO_CLOUD=1 switches that off")
    for name in workload.candidates.local:
        if seen.server_asked and name in seen.absent_models and not is_cloud_name(name):
            found.append(f"{name} is not on the server yet: check again when it is")
    if seen.keys:
        found.append(f"keys of cloud services in the environment: {', '.join(seen.keys)}")
    found += seen.telemetry
    return found
