"""Where the text goes: which steps stay, which leave, and by whose rule."""

from __future__ import annotations

from landfall.core.reporting.blocks import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Picture,
    Section,
    Table,
)
from landfall.core.reporting.charts import PipelineChart, Step
from landfall.core.reporting.subject import Around, Subject
from landfall.core.reporting.words import provider_name, sentence, step_name
from landfall.core.workload.privacy import (
    CLASS_WORDS,
    REMOTE,
    Destination,
    Option,
    host_name,
    pipeline,
)
from landfall.core.workload.privacy_check import DISCLAIMER
from landfall.core.workload.workload import Where


def privacy_section(subject: Subject, around: Around) -> Section:
    """The pipeline with its leaving edges, the rule in words, and what leaks under it."""
    chart = pipeline_chart(subject, around)
    stays = [one.name for one in chart.steps if not one.leaves]
    leaves = [
        f"{one.name} (to {one.host or 'a host that is not stated'})"
        for one in chart.steps
        if one.leaves
    ]
    says = f"Stays inside: {_listed(stays)}. Leaves: {_listed(leaves)}."
    lock = subject.facts.lock
    rule = f"The rule: {sentence(lock.says or 'something is forbidden')} {DISCLAIMER}"
    if not lock.locked:
        rule = f"No privacy rule is stated for it. {DISCLAIMER}"
    blocks: list[Block] = [Paragraph(rule), Paragraph(says)]
    if subject.verdict.leaks:
        found = (
            f"{step_name(one.step)} leaves all the same: {host_name(one.host) or one.where}"
            f" ({one.why})."
            for one in subject.verdict.leaks
        )
        blocks.append(Items(tuple(dict.fromkeys(found)), warning=True))
    blocks.append(
        Picture(
            name="pipeline",
            title="Where each step runs",
            says=says,
            chart=chart,
            note="Dashed and labelled: leaves your network. As stated; no host was asked.",
        )
    )
    blocks.append(_table(chart))
    return Section("Where the text goes", tuple(blocks))


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"


def _table(chart: PipelineChart) -> Table:
    return Table(
        caption="Steps and where their text goes",
        columns=(
            Column("Step"),
            Column("Model", share=1.6),
            Column("Where", share=1.4),
            Column("Leaves to", share=1.4),
        ),
        rows=tuple(
            (
                Cell(one.name),
                Cell(one.model or "–"),
                Cell("cannot run here" if one.stuck else one.place),
                Cell((one.host or "not stated") if one.leaves else "stays", strong=one.leaves),
            )
            for one in chart.steps
        ),
    )


def pipeline_chart(subject: Subject, around: Around) -> PipelineChart:
    """The steps as they run under the verdict; of a split also what overflows."""
    workload, verdict = subject.workload, subject.verdict
    outside = verdict.option in REMOTE
    leaking = {leak.step: leak.host for leak in verdict.leaks}
    steps = []
    for one in pipeline(workload):
        stuck = one.where is Where.VERDICT and verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
        leaves = (outside if one.leaves is None else one.leaves) or one.step in leaking
        place = "cannot run here" if stuck else _place(subject, around, one)
        host = host_name(one.host) or host_name(leaking.get(one.step, ""))
        if not host and one.where is Where.VERDICT:
            host = place
        steps.append(
            Step(
                name=step_name(one.step),
                model=_model(subject, one.step),
                place=place,
                leaves=leaves,
                host=host if leaves else "",
                stuck=stuck,
            )
        )
    if verdict.option is Option.HYBRID:
        steps.append(_overflow(subject, around))
    return PipelineChart(tuple(steps), _lock(subject))


def _lock(subject: Subject) -> str:
    privacy = subject.workload.privacy
    if privacy.offline:
        return "offline"
    return CLASS_WORDS[privacy.privacy_class] if subject.facts.lock.locked else ""


def _model(subject: Subject, step: str) -> str:
    if step != "generate":
        return ""
    option, workload = subject.verdict.option, subject.workload
    if option is Option.CLOUD_FRONTIER:
        return workload.today.model
    if option is Option.HOSTED_OPEN:
        return _hosted_model(subject)
    host = subject.facts.machine or subject.facts.buy
    if option is Option.LOCAL_BUY:
        host = subject.facts.buy or host
    return host.model if host else ""


def _hosted_model(subject: Subject) -> str:
    row = subject.hosted.row if subject.hosted else None
    return row.model.rpartition("/")[2] if row else ""


def _hosted_at(subject: Subject, around: Around) -> str:
    if subject.hosted is not None:
        return provider_name(subject.hosted.provider, around.providers)
    hosted = subject.workload.candidates.hosted
    return provider_name(hosted[0].provider, around.providers) if hosted else "a host"


def _place(subject: Subject, around: Around, one: Destination) -> str:
    if one.host:
        return host_name(one.host)
    if one.where is not Where.VERDICT:
        return {Where.LOCAL: "here", Where.NETWORK: "your network"}.get(one.where, "in the cloud")
    match subject.verdict.option:
        case Option.CLOUD_FRONTIER:
            return (
                provider_name(subject.workload.today.provider, around.providers) or "in the cloud"
            )
        case Option.HOSTED_OPEN:
            return _hosted_at(subject, around)
        case Option.RENT_GPU:
            return "rented GPU"
        case Option.HYBRID:
            return "here, overflow outside"
        case Option.LOCAL_BUY:
            return "bought machine"
        case _:
            return "here"


def _overflow(subject: Subject, around: Around) -> Step:
    """The calls that find no slot here go to the option that had to be beaten."""
    bar, today = subject.verdict.bar or Option.HOSTED_OPEN, subject.workload.today
    if bar is Option.CLOUD_FRONTIER:
        model, place = today.model, provider_name(today.provider, around.providers)
    elif bar is Option.RENT_GPU:
        model, place = "", "rented GPU"
    else:
        model, place = _hosted_model(subject), _hosted_at(subject, around)
    where = place or "in the cloud"
    return Step(name="Overflow", model=model, place=where, leaves=True, host=where)
