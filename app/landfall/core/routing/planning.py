"""Decided workloads and the servers at hand as a plan of routes.

Under a lock nothing is guessed: what is not known to be inside is left out, and the reason said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, middle
from landfall.core.routing.deploying import Asked, Deployed, elsewhere, local_model, own, share_of
from landfall.core.routing.naming import alias_of, clashes, is_sendable
from landfall.core.routing.plan import (
    NO_COST,
    Deployment,
    LeftOut,
    Place,
    RoutedAlias,
    RoutingPlan,
)
from landfall.core.routing.subjects import Engine, ServingHost, Subject
from landfall.core.verdict.facts import HostFacts
from landfall.core.workload.on_hosts import means
from landfall.core.workload.privacy import REMOTE, Option, hosted_inside, provider_inside
from landfall.core.workload.workload import Step, StepName, Task, Where

MODEL_STEPS = (
    StepName.EMBED,
    StepName.OCR,
    StepName.TRANSCRIBE,
    StepName.RERANK,
    StepName.JUDGE,
)
"""Steps that call another model than the workload's own."""

_ALL = Estimated(1.0, 1.0, 1.0, "it has no other deployment")
_NONE = Estimated(0.0, 0.0, 0.0, "it has no deployment on own machines")
_Found = RoutedAlias | LeftOut


def plan(
    subjects: Sequence[Subject], hosts: Sequence[ServingHost], engine: Engine, *, made_at: str
) -> RoutingPlan:
    """Where each workload goes.

    Args:
        hosts: The servers at hand, the present one first.
        made_at: ISO time, UTC.

    Raises:
        BadInput: two names come to one alias: a router would mix their calls.
    """
    found = [one for subject in subjects for one in _of(subject, hosts, engine)]
    aliases = tuple(one for one in found if isinstance(one, RoutedAlias))
    _refuse_clashes(aliases)
    return RoutingPlan(
        made_at=made_at,
        aliases=aliases,
        left_out=tuple(one for one in found if isinstance(one, LeftOut)),
        engine=engine.name,
        engine_version=engine.version,
    )


def _refuse_clashes(aliases: Sequence[RoutedAlias]) -> None:
    names = [(one.alias, _owner(one)) for one in aliases]
    names += [
        (one.overflow_alias, f"the overflow of {_owner(one)}") for one in aliases if one.overflow
    ]
    for alias, owners in clashes(names).items():
        raise BadInput(
            f"{' and '.join(owners)} would both be called {alias!r}: a router would mix their"
            " calls.",
            "Rename one of them.",
            field="workload.name",
        )


def _owner(one: RoutedAlias) -> str:
    return repr(one.workload) + (f", step {one.step}" if one.step else "")


def _of(subject: Subject, hosts: Sequence[ServingHost], engine: Engine) -> Iterator[_Found]:
    name, verdict = subject.workload.name, subject.verdict
    alias = alias_of(name)
    if not alias:
        yield LeftOut(workload=name, reason="its name has no letter or digit to call it by")
        return
    if not is_sendable(alias):
        why = f"{engine.name} cannot answer under {alias!r}: name it in letters of western Europe"
        yield LeftOut(workload=name, reason=why)
        return
    if verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        why = "it must stay local and nothing here can run it: there is nowhere to send it"
        yield LeftOut(workload=name, reason=why)
        return
    named = subject.workload.machine.named_hosts
    if named:
        hosts = [one for one in hosts if _is_named(one, named)]
    if named and not hosts and verdict.option is Option.LOCAL_THIS_MACHINE:
        why = f"it runs on {', '.join(named)}, which is none of the servers at hand"
        yield LeftOut(workload=name, reason=why)
        return
    main = _main(alias, subject, hosts, engine)
    yield main
    if isinstance(main, RoutedAlias):
        yield from _steps(main, subject, hosts)


def _is_named(one: ServingHost, named: Sequence[str]) -> bool:
    """Whether a workload names this server, by whichever of its names."""
    return any(means(text, host) for text in named for host in (one.host, *one.twins))


# The workload's own model ----------------------------------------------------------------------


def _main(alias: str, subject: Subject, hosts: Sequence[ServingHost], engine: Engine) -> _Found:
    match subject.verdict.option:
        case Option.LOCAL_THIS_MACHINE | Option.LOCAL_BUY:
            return _local(alias, subject, hosts)
        case Option.HYBRID:
            return _hybrid(alias, subject, hosts, engine)
        case option:
            return _remote(alias, option, subject, engine)


def _local(alias: str, subject: Subject, hosts: Sequence[ServingHost]) -> _Found:
    bought = subject.verdict.option is Option.LOCAL_BUY
    machine = subject.facts.buy if bought else subject.facts.machine
    found = _here(alias, subject, hosts, machine)
    if not found.deployments:
        return LeftOut(workload=subject.workload.name, reason=found.why_not)
    notes = found.notes
    if bought:
        notes = (
            "The machine that the verdict buys is not here yet: until it is, the servers that serve"
            " the model now are named. Keep the new one as a host and export again.",
            *notes,
        )
    return _routed(alias, subject, found.deployments, share=_ALL, notes=notes)


def _here(
    alias: str, subject: Subject, hosts: Sequence[ServingHost], machine: HostFacts | None
) -> Deployed:
    asked = Asked(
        alias=alias,
        model=local_model(subject, machine),
        subject=subject,
        machine=machine,
        locked=subject.facts.lock.locked,
        embedding=subject.workload.task is Task.EMBEDDING,
    )
    return own(asked, hosts)


def _hybrid(alias: str, subject: Subject, hosts: Sequence[ServingHost], engine: Engine) -> _Found:
    machine = _hybrid_machine(subject)
    here = _here(alias, subject, hosts, machine)
    bar = _bar(subject)
    name = subject.workload.name
    if not here.deployments:
        return LeftOut(workload=name, reason=here.why_not)
    share = share_of(machine, here.deployments)
    mid = middle(share)
    rest = Deployed(why_not="no option outside is open to it")
    if bar is not None:
        left = 1.0 - mid if mid is not None else 1.0
        rest = _inside(elsewhere(bar, f"{alias}-overflow", subject, engine, share=left), subject)
    if not rest.deployments:
        why = f"the steady part could stay here, but not what overflows: {rest.why_not}"
        return LeftOut(workload=name, reason=why)
    return _routed(
        alias,
        subject,
        here.deployments,
        overflow=rest.deployments,
        share=share,
        notes=(*here.notes, *rest.notes),
    )


def _hybrid_machine(subject: Subject) -> HostFacts | None:
    """The machine at hand; a bought one only where that came after it and was named (S6)."""
    bought = any(one.rule == "S6" and one.met for one in subject.verdict.reasons)
    return subject.facts.buy if bought else subject.facts.machine


def _bar(subject: Subject) -> Option | None:
    """Where the rest goes: to the option that had to be beaten, else to the cheapest open one."""
    verdict = subject.verdict
    if verdict.bar is not None:
        return verdict.bar
    open_ = [line for line in verdict.options if line.option in REMOTE and line.feasible]
    priced = [line for line in open_ if middle(line.usd_month) is not None]
    if priced:
        return min(priced, key=lambda line: middle(line.usd_month) or 0.0).option
    return open_[0].option if open_ else None


def _remote(alias: str, option: Option, subject: Subject, engine: Engine) -> _Found:
    found = _inside(elsewhere(option, alias, subject, engine), subject)
    if not found.deployments:
        return LeftOut(workload=subject.workload.name, reason=found.why_not)
    return _routed(alias, subject, found.deployments, share=_NONE, notes=found.notes)


def _inside(found: Deployed, subject: Subject) -> Deployed:
    """Under a lock, only what it names as inside."""
    if not subject.facts.lock.locked:
        return found
    outside = [one for one in found.deployments if not _is_inside(one, subject)]
    if not outside:
        return found
    where = outside[0].provider or "a rented machine"
    return Deployed(why_not=f"{where} is outside its privacy rule")


def _is_inside(one: Deployment, subject: Subject) -> bool:
    workload, inside = subject.workload, subject.facts.lock.inside
    if one.place is Place.RENTED:
        return Option.RENT_GPU in inside
    hosted = Option.HOSTED_OPEN in inside and hosted_inside(workload, one.provider)
    frontier = Option.CLOUD_FRONTIER in inside and (
        provider_inside(workload, one.provider)
        or Option.CLOUD_FRONTIER.value.lower() in workload.privacy.in_region
    )
    return hosted or frontier


def _routed(
    alias: str,
    subject: Subject,
    deployments: tuple[Deployment, ...],
    *,
    share: Figure,
    overflow: tuple[Deployment, ...] = (),
    notes: tuple[str, ...] = (),
) -> RoutedAlias:
    workload, lock, verdict = subject.workload, subject.facts.lock, subject.verdict
    away = [one for one in (*deployments, *overflow) if one.place is not Place.OWN]
    line = verdict.line(verdict.option)
    if verdict.provisional:
        missing = "; ".join(f"{one.reason} ({one.field})" for one in verdict.missing)
        notes = (f"The verdict is provisional: {missing or 'something is not known'}.", *notes)
    return RoutedAlias(
        alias=alias,
        workload=workload.name,
        option=verdict.option,
        private=lock.locked,
        allowed=tuple(dict.fromkeys(one.provider or "rented" for one in away))
        if lock.locked
        else (),
        lock=lock.says,
        embedding=workload.task is Task.EMBEDDING,
        deployments=deployments,
        overflow=overflow,
        local_share=share,
        calls_per_day=subject.facts.calls_per_day,
        usd_month=line.usd_month if line else NO_COST,
        notes=notes,
    )


# Steps that call another model -----------------------------------------------------------------


def _steps(main: RoutedAlias, subject: Subject, hosts: Sequence[ServingHost]) -> Iterator[_Found]:
    seen: set[StepName] = set()
    for step in subject.workload.steps:
        if step.name not in MODEL_STEPS or step.name in seen:
            continue
        if step.name is StepName.EMBED and main.embedding:
            continue  # that is the workload's own model
        seen.add(step.name)
        yield _step(main, step, subject, hosts)


def _step(main: RoutedAlias, step: Step, subject: Subject, hosts: Sequence[ServingHost]) -> _Found:
    name = step.name.value

    def out(why: str) -> LeftOut:
        return LeftOut(workload=main.workload, step=name, reason=why)

    if not main.private and _away(main, step):
        where = step.host or "the cloud"
        return out(f"it goes to {where}: its model there is not named")
    model, notes = _step_model(step, subject)
    if not model:
        return out(_no_model(step))
    if main.private and step.where is Where.CLOUD:
        notes += ("The workload's file sends this step to the cloud; its rule keeps it here.",)
    alias = alias_of(main.workload, name)
    embedding = step.name is StepName.EMBED
    asked = Asked(
        alias=alias, model=model, subject=subject, locked=main.private, embedding=embedding
    )
    found = own(asked, hosts)
    if not found.deployments:
        return out(found.why_not)
    return replace(
        main,
        alias=alias,
        step=name,
        option=Option.LOCAL_THIS_MACHINE,
        allowed=(),
        embedding=embedding,
        deployments=found.deployments,
        overflow=(),
        local_share=_ALL,
        usd_month=NO_COST,
        notes=(*notes, *found.notes),
    )


def _away(main: RoutedAlias, step: Step) -> bool:
    follows = step.where is Where.VERDICT
    return step.where is Where.CLOUD or (follows and main.option in REMOTE)


def _step_model(step: Step, subject: Subject) -> tuple[str, tuple[str, ...]]:
    match step.name:
        case StepName.EMBED:
            model = subject.embedding_model
            if model and not subject.embedding_named:
                said = (
                    f"The workload names no model for this step; {model} is a proposal. Vectors of"
                    " two models do not mix: if you have an index, write the model that made it."
                )
                return model, (said,)
            return model, ()
        case StepName.OCR:
            return subject.vision_model, ()
        case _:
            return "", ()


def _no_model(step: Step) -> str:
    match step.name:
        case StepName.TRANSCRIBE | StepName.RERANK:
            return f"Ollama serves no model that can {step.name.value}"
        case StepName.OCR:
            return "no local model that reads pictures is named (candidates.local)"
        case _:
            return "no model is named for it (candidates.local)"
