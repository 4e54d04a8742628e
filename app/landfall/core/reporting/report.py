"""Puts a report together out of decided workloads. Pure: no clock, no file, no format."""

from __future__ import annotations

from collections.abc import Sequence

from landfall.core.reporting.bills import costs_section, money_section
from landfall.core.reporting.blocks import Items, Page, Report, Section
from landfall.core.reporting.choice import (
    reasons_in_short,
    reasons_section,
    verdict_section,
    warnings,
)
from landfall.core.reporting.doubt import (
    flips_in_short,
    flips_section,
    unmeasured_section,
    volume_section,
)
from landfall.core.reporting.evidence import load_section, measurements_section, quality_section
from landfall.core.reporting.inputs import inputs_in_short, inputs_section
from landfall.core.reporting.numbers import counted
from landfall.core.reporting.portfolio import made, overview, tail
from landfall.core.reporting.privacy import privacy_section
from landfall.core.reporting.record import record, undecided_record
from landfall.core.reporting.subject import Around, Subject, Undecided
from landfall.core.reporting.words import capital, sentence


def report(subjects: Sequence[Subject], undecided: Sequence[Undecided], around: Around) -> Report:
    """The whole report.

    Args:
        subjects: Decided workloads, in the order in which they are told.
        undecided: Those without a verdict: they are named, never left out.
        around: What all share.
    """
    single = len(subjects) == 1 and not undecided
    pages = [] if single else [overview(subjects, undecided, around)]
    pages += [workload_page(one, around, place) for place, one in enumerate(subjects, 1)]
    pages += [evidence_page(one, around, place) for place, one in enumerate(subjects, 1)]
    pages.append(made(around))
    title = subjects[0].verdict.workload if single else "Where each workload should run"
    return Report(
        title=title,
        as_of=around.as_of,
        made_by=f"Landfall {around.version}",
        pages=tuple(pages),
        records=(
            *(record(one, around) for one in subjects),
            *(undecided_record(one) for one in undecided),
        ),
        tail=tail(around),
    )


def workload_page(subject: Subject, around: Around, place: int) -> Page:
    """One workload on one sheet: what, why, how much, what would change it, inputs with dates.

    Args:
        place: Among the workloads, the first being 1: its name in the report.
    """
    return Page(
        name=f"workload-{place}",
        one_sheet=True,
        title=subject.verdict.workload,
        subtitle=_subtitle(subject),
        sections=(
            verdict_section(subject),
            costs_section(subject),
            reasons_in_short(subject),
            flips_in_short(subject),
            inputs_in_short(subject, around),
        ),
    )


def evidence_page(subject: Subject, around: Around, place: int) -> Page:
    """Everything that stands behind the verdict of a workload."""
    sections = [
        money_section(subject),
        reasons_section(subject, around),
        flips_section(subject),
        volume_section(subject),
        load_section(subject),
        quality_section(subject, around),
        privacy_section(subject, around),
        measurements_section(subject),
        unmeasured_section(subject),
        inputs_section(subject, around),
    ]
    heeded = warnings(subject)
    if heeded:
        sections.append(Section("Warnings", (Items(heeded, warning=True),)))
    if subject.notes:
        said = tuple(sentence(one.text) for one in subject.notes)
        sections.append(Section("What else is worth knowing", (Items(said),)))
    return Page(
        name=f"evidence-{place}",
        title=f"Evidence: {subject.verdict.workload}",
        subtitle=_subtitle(subject),
        sections=tuple(sections),
    )


def _subtitle(subject: Subject) -> str:
    parts = [capital(subject.workload.task.value.replace("_", " "))]
    calls = subject.facts.calls_per_day
    if calls is not None:
        parts.append(counted(round(calls), "call", "calls") + " a day")
    if subject.workload.today.model:
        parts.append(f"{subject.workload.today.model} today")
    if subject.sample:
        parts.append("a sample: its numbers are invented")
    verdict = subject.verdict
    parts.append(f"decided {verdict.as_of}, look again on {verdict.expires_on}")
    return " · ".join(parts)
