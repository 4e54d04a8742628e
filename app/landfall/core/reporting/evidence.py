"""What a verdict rests on: the load hour by hour, quality against the margin, measurements."""

from __future__ import annotations

from landfall.core.demand.hours import HourLoad
from landfall.core.demand.outlook_words import words as outlook_words
from landfall.core.demand.report import load_line
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Unknown, provenance
from landfall.core.quality.evidence import Ground, QualityEvidence, evidence_of
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.priors import prior_of
from landfall.core.reporting.blocks import (
    Block,
    Cell,
    Column,
    Mark,
    Paragraph,
    Picture,
    Section,
    Table,
)
from landfall.core.reporting.charts import HoursChart, Interval, MarginChart
from landfall.core.reporting.numbers import number, percent, points, seconds
from landfall.core.reporting.subject import Around, Measurement, Subject
from landfall.core.reporting.words import in_sentence, provider_name, sentence
from landfall.core.verdict.facts import HostFacts
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

_SHOWN_HOURS = 8


# Load --------------------------------------------------------------------------------------------


def load_section(subject: Subject) -> Section:
    """What the volume will be, and what its hours ask of the machine."""
    verdict = subject.verdict
    blocks: list[Block] = []
    if verdict.outlook is not None:
        blocks.append(Paragraph(" ".join(sentence(one) for one in outlook_words(verdict.outlook))))
    line = "" if verdict.load is None else load_line(verdict.load)
    if line:
        blocks.append(Paragraph(sentence(line)))
    host = host_of(subject)
    gap = hours_gap(subject, host)
    if gap is not None or host is None or host.strain is None:
        reason = gap.reason if gap is not None else subject.facts.machine_absent
        blocks.append(Paragraph(f"No hours to show: {sentence(reason)}"))
        return Section("Volume and load", tuple(blocks))
    blocks += _hours(subject, host, host.strain)
    return Section("Volume and load", tuple(blocks))


def host_of(subject: Subject) -> HostFacts | None:
    """The machine that the hours are asked of: the bought one where the verdict is to buy."""
    facts = subject.facts
    if subject.verdict.option is Option.LOCAL_BUY and facts.buy is not None:
        return facts.buy
    return facts.machine or facts.buy


def hours_gap(subject: Subject, host: HostFacts | None) -> Unknown | None:
    """Why there is no picture of the hours; None where there is one."""
    if host is None:
        return Unknown(subject.facts.machine_absent)
    strain = host.strain
    if strain is None or not any(one.calls > 0 for one in strain.hours()):
        return Unknown(provenance(host.peak_utilisation).removeprefix("unknown: "))
    if strain.window_hours is not None:
        return Unknown("the work may wait and runs in its batch window, not as it comes")
    return None


def _hours(subject: Subject, host: HostFacts, strain: Strain) -> list[Block]:
    hours, limit = strain.hours(), subject.limits.utilisation_max
    most = max(hours, key=_busy)
    assumed = not strain.load.knows_hours
    name = in_sentence(host.machine)
    says = f"Busiest hour of {name}, {most.hour}:00: {_hour_words(most)}."
    if assumed:
        says += " When the calls come is not stated: eight even hours are assumed."
    growth, people = strain.growth(most_busy=limit), strain.people(most_busy=limit)
    if growth is not None and growth.machines is not None:
        held = (
            "would still fit"
            if growth.machines == 1
            else f"would ask for {growth.machines} such machines"
        )
        says += f" Ten times the work {held}."
    if people:
        crowd = "one person who asks" if people == 1 else f"{number(people)} people who each ask"
        says += f" One serves about {crowd} once a minute."
    chart = HoursChart(
        loads=tuple(one.utilisation for one in hours),
        limit=limit,
        slots=strain.service.slots,
        assumed=assumed,
    )
    picture = Picture(
        name="hours",
        title="Load in each hour of a day, as a share of what the machine serves",
        says=says,
        chart=chart,
        note="Hatched: above what is comfortable.",
    )
    return [Paragraph(says), picture, _hours_table(hours)]


def _busy(hour: HourLoad) -> float:
    return hour.utilisation


def _hour_words(one: HourLoad) -> str:
    said = f"{percent(one.utilisation)} busy"
    if one.p95_seconds is not None:
        return f"{said}, nineteen of twenty answers within {seconds(one.p95_seconds)}"
    return f"{said}, it cannot keep up" if one.utilisation >= 1 else said


def _hours_table(hours: tuple[HourLoad, ...]) -> Table:
    busiest = sorted(hours, key=_busy, reverse=True)[:_SHOWN_HOURS]
    rows = tuple(
        (
            Cell(f"{one.hour}:00"),
            Cell(number(one.calls)),
            Cell(percent(one.utilisation)),
            Cell("never" if one.p95_seconds is None else seconds(one.p95_seconds)),
            Cell(percent(one.overflow_share)),
        )
        for one in sorted(busiest, key=_hour)
        if one.calls > 0
    )
    return Table(
        caption="The busiest hours",
        columns=(
            Column("Hour", share=0.8),
            Column("Calls", right=True),
            Column("Busy", right=True),
            Column("Slowest of twenty", right=True),
            Column("Finds no slot", right=True),
        ),
        rows=rows,
    )


def _hour(hour: HourLoad) -> int:
    return hour.hour


# Quality -----------------------------------------------------------------------------------------


def quality_section(subject: Subject, around: Around) -> Section:
    """Each candidate's interval against the margin, and what it rests on."""
    workload = subject.workload
    found = intervals(subject, around)
    margin = f"{100 * workload.margin:g}"
    today = workload.today.model or "today's model"
    said = f"A candidate may be at most {margin} points worse than {today}."
    prior = prior_of(workload.task)
    if not isinstance(prior, Unknown) and any(one.expected for one in found):
        said += f" Dashed is what is believed of such models: {prior.metric} ({prior.evidence})."
    blocks: list[Block] = [Paragraph(said)]
    if any(one.low is not None for one in found):
        blocks.append(
            Picture(
                name="quality",
                title="Quality against today's model, in points",
                says="; ".join(f"{one.name}: {one.result}, {one.words}" for one in found) + ".",
                chart=MarginChart(found, 100 * workload.margin),
                note="Hatched: too much worse. Dashed: expected, not measured.",
            )
        )
    rows = tuple(
        (Cell(one.name), Cell(one.result, strong=True), Cell(sentence(one.words), _mark(one)))
        for one in found
    )
    columns = (
        Column("Candidate", share=1.6),
        Column("Gate", share=0.8),
        Column("Difference", share=3),
    )
    blocks.append(Table(caption="Quality gate of each candidate", columns=columns, rows=rows))
    if subject.prompts:
        blocks.append(_prompts(subject.prompts))
    elif around.with_prompts:
        blocks.append(
            Paragraph("No quality run of this workload counts, so it has no prompts.", quiet=True)
        )
    return Section("Quality", tuple(blocks))


def _prompts(prompts: tuple[str, ...]) -> Table:
    return Table(
        caption="Prompts of the quality run",
        columns=(Column("No.", right=True, share=0.3), Column("Prompt", share=6)),
        rows=tuple((Cell(str(place)), Cell(text)) for place, text in enumerate(prompts, 1)),
    )


def _mark(one: Interval) -> Mark:
    if one.low is None:
        return Mark.STATED if one.result != "not measured" else Mark.UNKNOWN
    return Mark.ESTIMATED if one.expected else Mark.MEASURED


_GATES = {
    GateResult.PASS: "passed",
    GateResult.FAIL: "failed",
    GateResult.INCONCLUSIVE: "not decided",
    GateResult.UNMEASURED: "not measured",
}


def intervals(subject: Subject, around: Around) -> tuple[Interval, ...]:
    """The local candidate, and the hosted one where there is one."""
    world, facts = subject.world, subject.facts
    hosted = facts.hosted_offered and facts.hosted_allowed
    found = evidence_of(subject.workload, world.quality, world.voted, hosted=hosted)
    return tuple(_interval(one, subject, around) for one in found)


def _interval(one: QualityEvidence, subject: Subject, around: Around) -> Interval:
    low, middle, high = (
        None if end is None else 100 * end for end in (one.low, one.middle, one.high)
    )
    name = _candidate(one, subject, around)
    return Interval(
        name=f"{name}, as stated" if one.beside_stated and one.run is None else name,
        result=_GATES[one.result],
        words=_words(one, subject.workload),
        low=low,
        middle=middle,
        high=high,
        expected=one.ground is Ground.BELIEVED,
    )


def _candidate(one: QualityEvidence, subject: Subject, around: Around) -> str:
    if one.run is not None:
        return one.run.candidate.name
    candidates, facts = subject.workload.candidates, subject.facts
    if not one.hosted:
        host = facts.machine or facts.buy
        named = candidates.local
        return (host.model if host else "") or (named[0] if named else "") or "Local candidate"
    if not candidates.hosted:
        return "Hosted open model"
    first = candidates.hosted[0]
    return f"{first.model.rpartition('/')[2]} at {provider_name(first.provider, around.providers)}"


def _words(one: QualityEvidence, workload: Workload) -> str:
    """The interval in words, and what it rests on."""
    if one.low is None or one.middle is None or one.high is None:
        if one.ground is Ground.STATED:
            return "stated in the workload, without counts: no interval"
        return f"nothing published stands for {workload.task.value.replace('_', ' ')}"
    low, middle, high = map(points, (one.low, one.middle, one.high))
    if one.ground is Ground.BELIEVED:
        return f"expected {middle} points ({low} to {high}), never enough to pass"
    words = f"{middle} points ({low} to {high}) on {one.prompts:,} of your prompts"
    if one.run is not None:
        words = (
            f"{low} to {high} points on {one.prompts:,} prompts by {one.run.metric}, measured"
            f" {one.run.measured_at[:10]}"
        )
    if one.more_prompts:
        words += f"; about {one.more_prompts:,} more would decide"
    if one.unlabelled:
        words += f"; {one.unlabelled:,} without a label"
    if one.run is not None and one.beside_stated:
        words += "; the verdict rests on what the workload states"
    return words


# Measurements ------------------------------------------------------------------------------------


def measurements_section(subject: Subject) -> Section:
    """What was measured and counts, each with what held while it was."""
    if not subject.measured:
        said = "Nothing here was measured: all figures are stated, published or estimated."
        return Section("Measurements", (Paragraph(said),))
    rows = tuple(_measurement(one) for one in subject.measured)
    columns = (
        Column("What", share=1.6),
        Column("Value", share=1.9),
        Column("Conditions", share=3.2),
        Column("When", share=0.9),
    )
    caption = "What was measured, and what held while it was"
    return Section("Measurements", (Table(caption=caption, columns=columns, rows=rows),))


def _measurement(one: Measurement) -> tuple[Cell, ...]:
    values = "; ".join(f"{name} {value}" for name, value in one.values)
    held = "; ".join(f"{name} {value}" for name, value in one.conditions)
    day = one.at[:10] or "not told"
    return (
        Cell(one.what),
        Cell(values, Mark.MEASURED, strong=True),
        Cell(held or "not told"),
        Cell(day),
    )
