"""Options of a verdict as deployments of a router."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from landfall.core.costs.energy_cost import JOULES_PER_KWH
from landfall.core.demand.strain import Strain
from landfall.core.figures import combined
from landfall.core.hosts.hosts import HostKind
from landfall.core.models.model_names import is_cloud_name, local_only
from landfall.core.percent import percent
from landfall.core.pricing.pricing import Rate
from landfall.core.provenance import Figure, Published, Stated, Unknown, band
from landfall.core.routing.plan import NO_COST, Deployment, Place
from landfall.core.routing.subjects import Engine, ServingHost, Subject
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.world import Priced
from landfall.core.workload.privacy import Option

RENTED_BASE = "LANDFALL_RENTED_API_BASE"
RENTED_KEY = "LANDFALL_RENTED_API_KEY"
BUDGET_DAYS = 30
_BUDGET_TIMES = 2.0
"""A soft cap is twice the upper end of what is expected: it stops a loop, not a busy week."""
_LEAST_BUDGET_USD = 1.0
_PATIENCE_SECONDS = 120.0
"""A model that is not loaded yet answers late: loading 40 GB from a disk of 500 MB/s takes 80 s."""
_TIMES_P95 = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """Deployments, or why there is none; and what the user should know of them."""

    deployments: tuple[Deployment, ...] = ()
    why_not: str = ""
    notes: tuple[str, ...] = ()


def timeout_of(subject: Subject) -> float:
    """Seconds after which a call counts as failed: a cold model is waited for."""
    return max(_PATIENCE_SECONDS, _TIMES_P95 * (subject.workload.p95_seconds or 0.0))


# The user's own machines -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A model to put on the user's own servers.

    Attributes:
        machine: The machine of the verdict: its slots are those of the present server.
        locked: A privacy rule binds the alias: a server is told not to forward its calls.
        embedding: The model makes vectors.
    """

    alias: str
    model: str
    subject: Subject
    machine: HostFacts | None = None
    locked: bool = False
    embedding: bool = False


def own(asked: Asked, hosts: Sequence[ServingHost]) -> Deployed:
    """The model on every server of the user's own that serves it; only servers in the own network
    are."""
    model = asked.model
    if not model:
        return Deployed(why_not="no local model is named (candidates.local)")
    if is_cloud_name(model):
        why = f"{model} is a cloud model under a local name: Ollama would send every call away"
        return Deployed(why_not=why)
    taken, notes = _chosen(asked, hosts)
    found = tuple(_on(one, number, asked) for number, one in enumerate(taken, 1))
    if not found:
        return Deployed(why_not=" ".join(notes) or "no server of models is known", notes=notes)
    return Deployed(deployments=found, notes=notes)


def _chosen(
    asked: Asked, hosts: Sequence[ServingHost]
) -> tuple[tuple[ServingHost, ...], tuple[str, ...]]:
    """The servers that are taken, and a sentence for each that deserves one.

    A server that was not asked, or does not answer now, is taken only where it is the present one:
    of the others nobody knows that they hold the model.
    """
    taken, notes = [], []
    model = asked.model
    for one in hosts:
        name, serves = one.host.name, one.serves(model)
        if not one.inside:
            where = one.words or "an address that is not known"
            notes.append(f"{name} is left out: it stands outside your network, at {where}.")
        elif serves:
            taken.append(one)
            if asked.locked and one.host.kind is HostKind.OLLAMA and not one.pins:
                notes.append(
                    f"{name} does not say that it is Ollama 0.18.0 or later, which could be told"
                    " not to forward a call: update it."
                )
        elif one.present and not one.forwards(model):
            taken.append(one)
            state = f"does not list {model}" if one.answers else "did not answer"
            notes.append(f"{name} {state}: see that it runs and holds {model} (`pull {model}`).")
        else:
            state = f"does not serve {model} itself" if one.answers else "did not answer"
            notes.append(f"{name} is left out: it {state}.")
    return tuple(taken), tuple(notes)


def _on(one: ServingHost, number: int, asked: Asked) -> Deployment:
    host = one.host
    ollama = host.kind is HostKind.OLLAMA
    slots, says = _slots(one, asked.machine)
    reads: Figure = NO_COST
    writes: Figure = NO_COST
    if one.present and not asked.embedding:
        reads, writes = _energy(asked.subject)
    route = ("ollama" if asked.embedding else "ollama_chat") if ollama else "openai"
    return Deployment(
        id=f"{asked.alias}-own-{number}",
        place=Place.OWN,
        route=route,
        # Pinned, a server answers 404 rather than ask a cloud for a model of that name.
        model=local_only(asked.model) if ollama and asked.locked and one.pins else asked.model,
        host=host.name,
        api_base=host.url if ollama else f"{host.url}/v1",
        key_variable=token_variable(host.name) if one.token or not ollama else "",
        slots=slots,
        slots_says=says,
        timeout_seconds=timeout_of(asked.subject),
        input_usd_per_token=reads,
        output_usd_per_token=writes,
        confirmed=bool(one.serves(asked.model)),
    )


def token_variable(name: str) -> str:
    """The variable of the environment that holds the token of a host of the user's."""
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())
    return f"LANDFALL_HOST_{letters}_TOKEN"


def _slots(one: ServingHost, machine: HostFacts | None) -> tuple[int | None, str]:
    if one.host.kind is HostKind.OPENAI:
        return None, "it batches calls itself: how many at once is not known here"
    if one.present and machine is not None and machine.strain is not None:
        service = machine.strain.service
        return max(1, service.slots // max(1, machine.count)), service.says
    return 1, "not known of this host: one, as Ollama serves unless OLLAMA_NUM_PARALLEL is set"


def _energy(subject: Subject) -> tuple[Figure, Figure]:
    """Marginal electricity of a prompt's and of an answer's token, as measured here."""
    energy = subject.energy
    if energy is None:
        return NO_COST, NO_COST
    return tuple(  # type: ignore[return-value]
        combined(
            lambda joules, usd_kwh: joules * usd_kwh / JOULES_PER_KWH,
            (joules, subject.usd_per_kwh),
            f"measured J/token ({energy.scope}) x price of electricity",
        )
        for joules in (energy.prefill_joules, energy.decode_joules)
    )


def share_of(machine: HostFacts | None, deployments: Iterable[Deployment]) -> Figure:
    """The share of the calls that own machines take where the rest overflows at once: pooled, what
    finds one of all their slots free (Erlang's loss formula, or a replay of the trace)."""
    if machine is None:
        return Unknown("no machine of the user's own is known")
    slots = sum(one.slots or 0 for one in deployments)
    strain: Strain | None = machine.strain
    if strain is None or not slots or strain.service.slots == slots:
        return machine.absorbed_share
    if strain.absorbed_stated is not None or strain.peak_stated is not None:
        return machine.absorbed_share
    return replace(strain, service=replace(strain.service, slots=slots)).absorbed()


# Others' machines ------------------------------------------------------------------------------


def elsewhere(
    option: Option, alias: str, subject: Subject, engine: Engine, *, share: float = 1.0
) -> Deployed:
    """A remote option: a provider's model, or a rented machine.

    Args:
        share: Of the work that goes there, for the soft cap.
    """
    match option:
        case Option.RENT_GPU:
            return _rented(alias, subject)
        case Option.CLOUD_FRONTIER:
            today = subject.workload.today
            if not today.provider or not today.model:
                why = "the workload does not say which model it runs on now (today.provider, model)"
                return Deployed(why_not=why)
            priced = subject.frontier or Priced(
                provider=today.provider, model=today.model, row=None
            )
            return _at_provider(option, alias, priced, subject, engine, share=share)
        case Option.HOSTED_OPEN if subject.hosted is not None:
            return _at_provider(option, alias, subject.hosted, subject, engine, share=share)
        case _:
            return Deployed(why_not="no hosted model is named (candidates.hosted)")


def _at_provider(
    option: Option, alias: str, priced: Priced, subject: Subject, engine: Engine, *, share: float
) -> Deployed:
    route = engine.routes.get(priced.provider.strip().lower())
    if route is None:
        why = f"{engine.name} has no route to {priced.provider} that is known here"
        return Deployed(why_not=why)
    if priced.row is None and ("retired" in priced.reason or "not to be had" in priced.reason):
        return Deployed(why_not=priced.reason)
    model = priced.model
    budget, says = _budget(subject.facts.remote(option), share)
    reads, writes = _prices(priced)
    return Deployed(
        deployments=(
            Deployment(
                id=f"{alias}-{route.provider}",
                place=Place.CLOUD,
                route=route.route,
                model=model.removeprefix(f"{route.route}/"),
                provider=route.provider,
                api_base_variable=route.base_variable,
                key_variable=route.key_variable,
                timeout_seconds=timeout_of(subject),
                input_usd_per_token=reads,
                output_usd_per_token=writes,
                budget_usd=budget,
                budget_says=says,
            ),
        )
    )


def _rented(alias: str, subject: Subject) -> Deployed:
    model = (subject.facts.rented.model if subject.facts.rented else "") or local_model(
        subject, None
    )
    if not model:
        return Deployed(why_not="no model to run on a rented GPU is named (candidates.local)")
    note = (
        f"Write the rented machine's address into {RENTED_BASE} and, if your server calls the model"
        f" otherwise than {model}, its name into the file."
    )
    return Deployed(
        deployments=(
            Deployment(
                id=f"{alias}-rented",
                place=Place.RENTED,
                route="openai",
                model=model,
                api_base_variable=RENTED_BASE,
                key_variable=RENTED_KEY,
                timeout_seconds=timeout_of(subject),
            ),
        ),
        notes=(note,),
    )


def local_model(subject: Subject, machine: HostFacts | None) -> str:
    """The model that own machines run: that of the verdict's machine, else the first named."""
    if machine is not None and machine.model:
        return machine.model
    return next(iter(subject.workload.candidates.local), "")


def _budget(usd_month: Figure, share: float) -> tuple[float | None, str]:
    ends = band(usd_month)
    if ends is None or ends[2] <= 0:
        return None, ""
    usd = max(_LEAST_BUDGET_USD, _BUDGET_TIMES * ends[2] * share)
    part = f", {percent(share)} of it" if share < 1 else ""
    says = f"twice the upper end of the expected {ends[2]:,.2f} USD a month{part}"
    return float(math.ceil(usd)), says


def _prices(priced: Priced) -> tuple[Figure, Figure]:
    """What the provider's row says a token costs; a mean over tiers would be no price."""
    row = priced.row
    if row is None:
        none = Unknown(priced.reason or "no price is known")
        return none, none
    day = row.as_of.isoformat() if row.as_of else ""
    source = row.source

    def of(rate: Rate | None) -> Figure:
        if rate is None:
            return Unknown("no such price is listed")
        usd = rate.usd_per_mtok / 1e6
        return Published(usd, source, day) if day else Stated(usd, source)

    return of(row.rates.input), of(row.rates.output)
