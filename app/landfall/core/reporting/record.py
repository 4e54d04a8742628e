"""A verdict in the shape of a decision record."""

from __future__ import annotations

from landfall.core.reporting.bills import options_table
from landfall.core.reporting.blocks import Items, Paragraph, Record
from landfall.core.reporting.choice import card_block, first_flips, flip_clause, headline
from landfall.core.reporting.doubt import unmeasured_section
from landfall.core.reporting.evidence import intervals
from landfall.core.reporting.numbers import counted, money, of_day, percent, with_band
from landfall.core.reporting.privacy import pipeline_chart
from landfall.core.reporting.subject import Around, Subject, Undecided
from landfall.core.reporting.words import VERDICTS, capital, input_name, plain, priced, sentence
from landfall.core.verdict.card import may_flip_once_known
from landfall.core.verdict.rate_dates import rate_dates
from landfall.core.verdict.verdict import reason_text

_MOST_FLIPS = 8


def _rates(subject: Subject) -> list[tuple[str, str, str]]:
    found = rate_dates(subject.facts, subject.verdict, subject.world)
    return [(one.what, one.source, one.day) for one in found]


def _day(subject: Subject, day: str) -> str:
    return of_day(day, subject.verdict.as_of, stale_days=subject.limits.price_stale_days)


def record(subject: Subject, around: Around) -> Record:
    """One decision with its context, what follows from it, and what would change it."""
    verdict = subject.verdict
    return Record(
        title=verdict.workload,
        status="Provisional" if verdict.provisional else "Decided",
        context=tuple(_context(subject, around)),
        decision=(
            f"{headline(subject)} ({verdict.option.value}).",
            *(f"{label}: {text}" for label, text in card_block(subject).lines[1:3]),
        ),
        consequences=tuple(_consequences(subject, around)),
        options=options_table(subject),
        evidence=tuple(_evidence(subject, around)),
        would_change=tuple(_would_change(subject)),
        review_by=verdict.expires_on,
    )


def undecided_record(one: Undecided) -> Record:
    """A workload without a verdict."""
    why = f"{one.problem} {one.hint}".strip()
    return Record(
        title=one.name,
        status="Not decided",
        context=(why,),
        decision=("There is no verdict.",),
        consequences=("It stays where it runs today until this is put right.",),
        options=None,
        evidence=(),
        would_change=(),
        review_by="",
    )


def _context(subject: Subject, around: Around) -> list[str]:
    workload, facts = subject.workload, subject.facts
    said = [f"Kind of work: {workload.task.value.replace('_', ' ')}."]
    if subject.sample:
        said.append("A sample that came with the program: its numbers are invented.")
    if facts.calls_per_day is not None:
        said.append(f"Volume: {counted(round(facts.calls_per_day), 'call', 'calls')} a day.")
    if workload.today.model:
        provider = around.providers.get(workload.today.provider.lower(), workload.today.provider)
        bill = with_band(facts.frontier, money)
        said.append(
            f"Today: {workload.today.model}{f' at {provider}' if provider else ''}, {bill} a month."
        )
    rule = sentence(facts.lock.says)
    said.append(f"Privacy: {rule or 'no rule is stated.'} Your rule, not a legal finding.")
    said.append(f"Largest loss of quality allowed: {percent(workload.margin)}.")
    return said


def _consequences(subject: Subject, around: Around) -> list[str]:
    verdict = subject.verdict
    said = [f"Saving a month: {with_band(verdict.saving, money)}."]
    leaving = [one.name for one in pipeline_chart(subject, around).steps if one.leaves]
    said.append(f"Steps that leave the network: {', '.join(leaving) or 'none'}.")
    said += [f"{sentence(one.text)} ({one.rule})" for one in (*subject.stale, *verdict.warnings)]
    said += [sentence(one.text) for one in subject.notes]
    return said


def _evidence(subject: Subject, around: Around) -> list[str]:
    said = [
        f"{f'{one.rule}: ' if one.rule else ''}{sentence(plain(reason_text(one)))}"
        for one in subject.verdict.reasons
    ]
    said += [
        f"Quality of {one.name}: {one.result}, {one.words}." for one in intervals(subject, around)
    ]
    for one in subject.measured:
        values = ", ".join(f"{name} {value}" for name, value in one.values)
        held = ", ".join(f"{name} {value}" for name, value in one.conditions)
        said.append(f"Measured {one.at[:10]}: {one.what}: {values} ({held}).")
    said += [
        f"Price of {priced(what, around.providers)}: {source}, {_day(subject, day)}."
        for what, source, day in (*subject.facts.price_dates, *_rates(subject))
    ]
    for block in unmeasured_section(subject).blocks:
        if isinstance(block, Items):
            said += [f"Not measured: {one}" for one in block.items]
        elif isinstance(block, Paragraph):
            said.append(block.text)
    return said


def _would_change(subject: Subject) -> list[str]:
    flips = first_flips(subject.verdict, _MOST_FLIPS)
    said = [sentence(flip_clause(one)) for one in flips]
    may = may_flip_once_known(subject.verdict)
    said += [
        f"{capital(input_name(one.field))}, once it is known: {sentence(one.reason)}"
        for one in subject.verdict.missing
        if one.field in may
    ]
    return said or [
        f"Nothing that a workload states: {VERDICTS[subject.verdict.option].lower()} in any case."
    ]
