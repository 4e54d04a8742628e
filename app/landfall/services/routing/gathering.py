"""What a plan is made of: decided workloads as subjects, and the servers of models at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from landfall.core.hosts.host_twins import twins
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.core.models import catalogue
from landfall.core.provenance import Stated
from landfall.core.routing.plan import RoutingPlan
from landfall.core.routing.planning import plan
from landfall.core.routing.subjects import ServingHost, Subject
from landfall.core.settings import Settings
from landfall.core.verdict.world import MeasuredEnergy, Priced
from landfall.core.workload.privacy import hosted_inside
from landfall.services.history.records import now_iso
from landfall.services.hosts import addresses, tokens
from landfall.services.hosts.looking import Asking, looked_at
from landfall.services.keys.key_store import KeyStore
from landfall.services.ollama import address
from landfall.services.routing.engine import engine
from landfall.services.verdict.decided import Decided

PRESENT = "Ollama"
PINS_FROM = (0, 18)
"""Ollama 0.18.0 is the first that knows `:local`; see `core.models.model_names.local_only`."""

Look = Callable[[Host, Asking], Awaitable[HostReading]]
"""One look at a host, asked in this way."""


async def planned(
    decided: Sequence[Decided], hosts: Sequence[ServingHost], *, made_at: str = ""
) -> RoutingPlan:
    """The plan of decided workloads.

    Raises:
        BadInput: two names come to one alias.
    """
    subjects = [subject_of(one) for one in decided]
    known = await asyncio.to_thread(engine)
    return plan(subjects, hosts, known, made_at=made_at or now_iso())


# Workloads -------------------------------------------------------------------------------------


def subject_of(one: Decided) -> Subject:
    """A decided workload with what its routes need of its world."""
    workload, world = one.loaded.workload, one.assembler.world
    embeds = _candidate(one, "embedding")
    return Subject(
        workload=workload,
        facts=one.facts,
        verdict=one.verdict,
        frontier=world.frontier,
        hosted=_hosted(one),
        energy=_energy(one),
        usd_per_kwh=world.usd_per_kwh,
        embedding_model=embeds or _smallest_embedding(one),
        embedding_named=bool(embeds),
        vision_model=_candidate(one, "vision"),
    )


def _candidate(one: Decided, capability: str) -> str:
    """The first local candidate that the catalogue says can do it, as the workload spells it."""
    for name in one.loaded.workload.candidates.local:
        card = catalogue.find(name, one.assembler.world.cards)
        if card is not None and capability in card.capabilities:
            return name
    return ""


def _smallest_embedding(one: Decided) -> str:
    cards = [card for card in one.assembler.world.cards if "embedding" in card.capabilities]
    return cards[0].tag if cards else ""


def _hosted(one: Decided) -> Priced | None:
    """The hosted candidate of which the bill speaks: the cheapest inside the lock; where that is
    quoted, the first inside."""
    workload, assembler = one.loaded.workload, one.assembler
    if not isinstance(one.facts.hosted, Stated):
        return assembler.hosted(workload, assembler.load(workload))[1]
    inside = (p for p in assembler.world.hosted if hosted_inside(workload, p.provider))
    return next(inside, None)


def _energy(one: Decided) -> MeasuredEnergy | None:
    """What was measured of the local model on the present machine."""
    subject_model = one.facts.machine.model if one.facts.machine else ""
    world = one.assembler.world
    card = catalogue.find(subject_model, world.cards) if subject_model else None
    return world.energy.get(card.tag) if card is not None else None


# Hosts -----------------------------------------------------------------------------------------


def present_host(settings: Settings, environment: Mapping[str, str]) -> Host:
    """The server that this program itself uses, whether or not it is kept by name.

    Raises:
        BadInput: the address in the settings or in OLLAMA_HOST is none.
    """
    url = address.chosen(settings.ollama_url, environment).url.rstrip("/")
    kept = next((one for one in settings.hosts if address.same_server(one.url, url)), None)
    return kept or Host(name=PRESENT, url=url, kind=HostKind.OLLAMA)


async def hosts_at_hand(
    settings: Settings, environment: Mapping[str, str], keys: KeyStore, *, look: Look = looked_at
) -> tuple[ServingHost, ...]:
    """The present server and the kept ones, asked at once what they serve, each with its own token;
    two names of one server count once. A host that is slow or dead keeps no other waiting.

    Raises:
        BadInput: the address in the settings or in OLLAMA_HOST is none.
    """
    present = present_host(settings, environment)
    others = [one for one in settings.hosts if not address.same_server(one.url, present.url)]
    kept = any(one.url == present.url for one in settings.hosts)
    # The keyring may prompt: it is asked for nothing but tokens of hosts that are kept.
    named = (*((present,) if kept else ()), *others)
    askings, _ = await tokens.askings(named, settings, keys)
    hosts = (present, *others)
    asked = [askings.get(one.name, Asking()) for one in hosts]
    looks = [look(one, asking) for one, asking in zip(hosts, asked, strict=True)]
    readings = await asyncio.gather(*looks)
    told = twins(hosts, {one.host.name: one for one in readings})
    doubles = {
        one.name: tuple(other for other in hosts if told[other.name].same_as == one.name)
        for one in hosts
    }
    return tuple(
        replace(
            serving(told[one.name], present=one is present, token=asking.token is not None),
            twins=doubles[one.name],
        )
        for one, asking in zip(hosts, asked, strict=True)
        if not told[one.name].same_as
    )


async def unasked(settings: Settings, environment: Mapping[str, str]) -> tuple[ServingHost, ...]:
    """The present server alone, without asking it: where it stands is looked up all the same."""
    host = present_host(settings, environment)
    stand = await addresses.standing(host.url)
    return (ServingHost(host=host, standing=stand.standing, words=stand.words, present=True),)


def serving(reading: HostReading, *, present: bool = False, token: bool = False) -> ServingHost:
    """A look at a host as what a route needs of it."""
    answers = reading.state is HostState.ANSWERS
    return ServingHost(
        host=reading.host,
        standing=reading.stand.standing,
        words=reading.stand.words,
        present=present,
        answers=answers,
        models=tuple(one.name for one in reading.models),
        remote_models=tuple(one.name for one in reading.models if one.remote),
        pins=answers and _version(reading.version) >= PINS_FROM,
        token=token or reading.state is HostState.REFUSED,
    )


def _version(text: str) -> tuple[int, ...]:
    parts = text.strip().removeprefix("v").split("-")[0].split(".")
    return tuple(int(part) for part in parts[:2] if part.isdecimal())
