"""What `landfall import` prints: one document, or tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landfall.cli.session import Session
from landfall.core.demand.outlook_words import gap_words
from landfall.core.dollars import in_usd
from landfall.core.usage.buckets import UsageTotals
from landfall.core.usage.proposal import Proposal, weekdays_off
from landfall.services.routing.reading_back import ExportedRows
from landfall.services.usage.imports import UsageImport
from landfall.services.usage.workloads import KeptWorkloads, keep_able

if TYPE_CHECKING:
    from landfall.services.history.history import History

MOST_PROBLEMS_SHOWN = 10
USD_DIGITS = 12
"""That are told of an amount of a dollar or more; of less, so many behind the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call.

    Attributes:
        files: As the contract spells them, in the order in which they were named.
        usage: None where only exports of a history were named.
        made: What became of the proposals.
        exported: Rows of workloads that were exported to a router.
    """

    files: Sequence[dict[str, Any]]
    usage: UsageImport | None
    proposals: tuple[Proposal, ...]
    saved: bool
    made: KeptWorkloads
    exported: tuple[ExportedRows, ...] = ()


async def keep_workloads(
    history: History, proposals: Sequence[Proposal], session: Session
) -> KeptWorkloads:
    """Keep what can be a workload; say of each that cannot which it is, and why."""
    made = await keep_able(history, proposals)
    for name, why in made.refused:
        session.say(f"{name} was not made a workload: {why}")
    return made


def document(answer: Answer) -> dict[str, Any]:
    """The answer as the command line's contract spells it."""
    usage = answer.usage
    total = usage.totals if usage is not None else UsageTotals()
    return {
        "files": list(answer.files),
        "period": {
            "from": usage.first_day if usage is not None else None,
            "to": usage.last_day if usage is not None else None,
        },
        "calls": count(total.calls),
        "input_tokens": count(total.input_tokens),
        "cached_input_tokens": count(total.cached_input_tokens),
        "cache_write_tokens": count(total.cache_write_tokens),
        "output_tokens": count(total.output_tokens),
        "billed_usd": usd(total.billed_usd),
        "recomputed_usd": usd(total.recomputed_usd),
        "difference_usd": usd(total.difference_usd),
        "reasons": list(usage.reasons) if usage is not None else [],
        "workloads": [workload(one) for one in answer.proposals],
        "workloads_refused": [
            {"name": name, "reason": reason} for name, reason in answer.made.refused
        ],
        "exported": [
            {
                "alias": one.alias,
                "workload": one.workload,
                "exported_at": one.exported_at,
                "calls": count(one.calls),
            }
            for one in answer.exported
        ],
        "saved": answer.saved,
    }


def workload(proposal: Proposal) -> dict[str, Any]:
    """A proposed workload, in the words of a workload file."""
    said, main = proposal.said(), proposal.main
    return {
        "name": proposal.name,
        "grouped_by": str(proposal.grouped_by),
        "task": str(proposal.task),
        "served": str(proposal.served),
        "provider": main.provider or None,
        "model": main.model or None,
        "from": proposal.days[0].date,
        "to": proposal.days[-1].date,
        "history_days": said.history_days,
        "missing_days": said.missing_days,
        "calls": count(proposal.calls),
        "calls_per_day": said.calls_per_day,
        "predictability": str(said.predictability),
        "growth_per_month": proposal.growth_per_month,
        "hourly_calls": list(proposal.hourly_calls) or None,
        "input": said.input,
        "cached_input": said.cached_input,
        "output": said.output,
        "context_p99": proposal.context_p99,
        "batch_share": proposal.batch_share,
        "billed_usd": usd(proposal.billed_usd),
        "recomputed_usd": usd(proposal.recomputed_usd),
        "reasons": list(said.reasons),
    }


def count(value: float | None) -> float | int | None:
    """Counts are whole where nothing was averaged."""
    return int(value) if value is not None and float(value).is_integer() else value


def usd(value: float | None) -> float | None:
    """Without the dust of adding up; never -0.0."""
    if value is None:
        return None
    before_point = len(f"{abs(value):.0f}") if abs(value) >= 1 else 0
    return round(value, max(0, USD_DIGITS - before_point)) + 0.0


def show(answer: Answer, session: Session) -> None:
    """Tables for people."""
    session.table(
        ("rows", "new", "there already", "problems", "format", "file"),
        [
            (
                str(one["rows"]),
                str(one["kept"]),
                str(one["skipped"]),
                str(one.get("problem_count", len(one["problems"]))),
                one["format"],
                one["path"],
            )
            for one in answer.files
        ],
        right="rows,new,there already,problems",
    )
    for one in answer.files:
        _show_problems(one, session)
    if answer.usage is not None and answer.usage.first_day is not None:
        _show_usage(answer.usage, session)
        _show_proposals(answer.proposals, session)
    for rows in answer.exported:
        session.line(f"note: {rows.words}")
    if answer.made.names:
        session.line(f"\nKept as workloads: {', '.join(answer.made.names)}.")
        session.line("`landfall verdict` says where each should run.")
    if not answer.saved:
        session.say("Nothing was kept: --save keeps what is new.")


def _show_problems(file: dict[str, Any], session: Session) -> None:
    problems = file["problems"]
    for problem in problems[:MOST_PROBLEMS_SHOWN]:
        line = f":{problem['line']}" if problem["line"] else ""
        column = f" {problem['column']}:" if problem["column"] else ""
        session.line(f"  {file['path']}{line}:{column} {problem['reason']}")
    more = file.get("problem_count", len(problems)) - MOST_PROBLEMS_SHOWN
    if more > 0:
        session.line(f"  {file['path']}: {more} more problems")


def _show_usage(usage: UsageImport, session: Session) -> None:
    total = usage.totals
    rows = (
        ("calls", told(total.calls)),
        ("input tokens", told(total.input_tokens)),
        ("cached input tokens", told(total.cached_input_tokens)),
        ("cache write tokens", told(total.cache_write_tokens)),
        ("output tokens", told(total.output_tokens)),
        ("billed", money(total.billed_usd)),
        ("by tokens and prices", money(total.recomputed_usd)),
        ("difference", money(total.difference_usd)),
    )
    session.line(f"\n{usage.first_day} to {usage.last_day} (UTC)")
    session.table(("what is new", ""), rows)
    for reason in usage.reasons:
        session.line(f"note: {reason}")


def _show_proposals(proposals: Sequence[Proposal], session: Session) -> None:
    if not proposals:
        return
    session.line(f"\nWorkloads by {proposals[0].grouped_by}:")
    rows, gaps = [], []
    for one in proposals:
        said = one.said()
        if gap := gap_words(said.history_days, said.missing_days):
            gaps.append(f"note: {one.name}: {gap}.")
        rows.append(
            (
                one.name,
                of_days(said.history_days, said.missing_days),
                told(said.calls_per_day),
                told(said.input),
                told(said.cached_input),
                told(said.output),
                str(said.predictability),
                money(one.billed_usd),
                money(one.recomputed_usd),
            )
        )
    session.table(
        ("name", "days", "calls/day", "input", "cached", "output", "volume", "billed", "by tokens"),
        rows,
        right="days,calls/day,input,cached,output,billed,by tokens",
    )
    for gap in gaps:
        session.prose(gap, hanging=2)
    off = [_WEEK[at] for at in sorted({at for one in proposals for at in weekdays_off(one.days)})]
    if off:
        session.line(
            f"note: no row on any {' or '.join(off)}: these days count as days without work."
        )


_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def of_days(observed: int, missing: int) -> str:
    """Days with a log, and of how many."""
    return f"{observed} of {observed + missing}" if missing else str(observed)


def told(value: float | None) -> str:
    """A count for people."""
    if value is None:
        return "not told"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.1f}"


def money(value: float | None) -> str:
    """An amount for people: cents, and two significant digits below a cent."""
    return "not known" if value is None else in_usd(value)
