"""A comparison side by side as a file: CSV for a spreadsheet, JSON for a program, Markdown to read.

What is not known is an empty cell or null, never 0, and why is said beside it. Prompts and answers
are texts of others: no spreadsheet runs them, and in Markdown they stand in fences of their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.quality.votes import Tally, Vote, blind_ones, tally
from landfall.core.side_by_side.figures import Amount, AnswerFigures, TargetSummary
from landfall.services.history.export import NewFile, csv_of, guarded
from landfall.services.history.records import now_iso
from landfall.services.side_by_side.kept import SideAnswer, SideBySide
from landfall.services.threads import in_thread

SCHEMA = 1
ENDINGS = (".csv", ".json", ".md")

_FIGURES = tuple(
    field.name
    for field in fields(AnswerFigures)
    if field.name not in ("target", "prompt", "complete", "reasons", "estimated")
)
_COLUMNS = (
    "prompt",
    "prompt_text",
    "target",
    "started_at",
    "complete",
    "why_not",
    *_FIGURES,
    "estimated",
    "blind_votes",
    "named_votes",
    "answer",
    "run_uid",
)


async def export_side_by_side(path: Path, side: SideBySide) -> int:
    """Write a comparison; the ending of the name says how. Returns how many answers.

    The file is the old one or the whole new one, whatever happens meanwhile.

    Raises:
        BadInput: the name ends in none of `ENDINGS`, or names are still hidden.
        DiskFull, Unavailable: it cannot be written.
    """
    ways = {".csv": as_csv, ".json": as_json, ".md": as_markdown}
    way = ways.get(path.suffix.lower())
    if way is None:
        raise BadInput(
            f"{path.name} is no CSV, JSON or Markdown file.",
            "Let the name end in .csv, .json or .md.",
            file=str(path),
        )
    if not side.is_open:
        raise BadInput(
            "Not every prompt has its vote, and the file would show the names.",
            "Vote first, or show the names.",
        )
    text = await in_thread(way, side)
    async with NewFile(path) as out:
        await out.add(text)
    return len(side.answers)


# JSON


def as_document(side: SideBySide) -> dict[str, Any]:
    """A comparison as plain data: the plan, every answer, sums, and what was voted."""
    record, plan = side.record, side.plan
    blind, named = blind_ones(side.votes)
    return {
        "uid": record.uid,
        "started_at": record.started_at,
        "state": record.state,
        "plan": plan.as_json(),
        "targets": [target.name for target in plan.targets],
        "answers": [
            _answer(side, answer, figures)
            for answer, figures in zip(side.answers, side.figures(), strict=True)
        ],
        "summary": [_summary(side, one) for one in side.summaries()],
        "votes": [_vote(one) for one in side.votes],
        "tally": {"blind": _tally(tally(blind)), "named": _tally(tally(named))},
    }


def as_json(side: SideBySide) -> str:
    """An object with the comparison in it."""
    document = {
        "schema": SCHEMA,
        "exported_at": now_iso(),
        "side_by_side": as_document(side),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _answer(side: SideBySide, answer: SideAnswer, figures: AnswerFigures) -> dict[str, Any]:
    run = answer.run
    known = {name: getattr(figures, name) for name in _FIGURES}
    return {
        "prompt": answer.prompt,
        "target": answer.target,
        "name": side.plan.targets[answer.target].name,
        "complete": answer.complete,
        "why_not": answer.why_not or None,
        "run_uid": run.uid if run else None,
        "started_at": run.started_at if run else None,
        "text": run.answer if run else None,
        "thinking": run.thinking if run else None,
        **known,
        "reasons": {name: figures.reasons[name] for name, value in known.items() if value is None},
        "estimated": sorted(figures.estimated),
    }


def _summary(side: SideBySide, one: TargetSummary) -> dict[str, Any]:
    return {"name": side.plan.targets[one.target].name, **asdict(one)}


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "uid": vote.uid,
        "voted_at": vote.voted_at,
        "prompt": vote.prompt,
        "workload": vote.workload,
        "blind": vote.blind,
        "targets": [target.name for target in vote.targets],
        "best": [vote.targets[place].name for place in vote.best],
    }


def _tally(found: Tally) -> dict[str, Any]:
    return {
        "votes": found.votes,
        "ties": found.ties,
        "none_good": found.none_good,
        "standings": [{**asdict(one), "target": one.target.name} for one in found.standings],
        "duels": [
            {**asdict(one), "first": one.first.name, "second": one.second.name}
            for one in found.duels
        ],
    }


# CSV


def as_csv(side: SideBySide) -> str:
    """A heading and a line an answer."""
    lines = [
        [_cell(value) for value in _line(side, answer, figures)]
        for answer, figures in zip(side.answers, side.figures(), strict=True)
    ]
    return csv_of(_COLUMNS, lines)


def _line(side: SideBySide, answer: SideAnswer, figures: AnswerFigures) -> Sequence[object]:
    run = answer.run
    target = side.plan.targets[answer.target]
    for_it = [v for v in side.votes if v.prompt == answer.prompt and v.place_of(target) in v.best]
    blind, named = blind_ones(for_it)
    return (
        answer.prompt + 1,
        side.plan.prompts[answer.prompt].text,
        target.name,
        run and run.started_at,
        "yes" if answer.complete else "no",
        answer.why_not,
        *(getattr(figures, name) for name in _FIGURES),
        " ".join(sorted(figures.estimated)),
        len(blind),
        len(named),
        run and run.answer,
        run and run.uid,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return guarded(value) if isinstance(value, str) else str(value)


# Markdown


_TABLE = (
    ("TTFT p50 (s)", "ttft_p50_seconds", "{:.2f}"),
    ("TTFT p95 (s)", "ttft_p95_seconds", "{:.2f}"),
    ("tok/s", "decode_tok_s", "{:.1f}"),
    ("tokens in", "prompt_tokens", "{:.0f}"),
    ("tokens out", "output_tokens", "{:.0f}"),
    ("cost (USD)", "cost_usd", "{:.4g}"),
    ("energy (J)", "gross_joules", "{:.1f}"),
)


def as_markdown(side: SideBySide) -> str:
    """The sums in a table, then every prompt with its answers."""
    lines = [f"# Side by side, {side.record.started_at}", "", *_sums(side), ""]
    for number, prompt in enumerate(side.plan.prompts):
        lines += [f"## Prompt {number + 1}", "", *_fenced(prompt.text), ""]
        for answer in side.of_prompt(number):
            lines += [f"### {_inline(side.plan.targets[answer.target].name)}", ""]
            if not answer.complete:
                lines += [f"No whole answer: {_inline(answer.why_not)}", ""]
            if answer.run is not None and answer.run.answer:
                lines += [*_fenced(answer.run.answer), ""]
        lines += _verdicts(side, number)
    return "\n".join(lines).rstrip("\n") + "\n"


def _sums(side: SideBySide) -> list[str]:
    names = ("target", "answers", *(title for title, _, _ in _TABLE))
    lines = [_row(names), _row(("---",) + ("---:",) * (len(names) - 1))]
    for one in side.summaries():
        name = side.plan.targets[one.target].name
        amounts = [(title, getattr(one, field), form) for title, field, form in _TABLE]
        cells = [shown(amount, form) for _, amount, form in amounts]
        whole = f"{one.answers} of {one.answers + one.failed}"
        lines.append(_row((_inline(name), whole, *cells)))
    table = tuple((title, field) for title, field, _ in _TABLE)
    return [*lines, "", *(f"- {_inline(note)}" for note in why_unknown(side, table))]


def why_unknown(side: SideBySide, columns: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each target and reason why a figure of the table is not known, or not wholly.

    Args:
        columns: Title and field of `TargetSummary`.
    """
    notes = []
    for one in side.summaries():
        why: dict[str, list[str]] = {}
        for title, field in columns:
            amount: Amount = getattr(one, field)
            if amount.reason:
                why.setdefault(amount.reason, []).append(title)
        name = side.plan.targets[one.target].name
        notes += [f"{name}, {', '.join(titles)}: {reason}" for reason, titles in why.items()]
    return notes


def shown(amount: Amount, form: str) -> str:
    """A figure over answers: "?" where it is not known, "+" behind one that lacks some answers,
    "~" before one that rests on estimated tokens."""
    if amount.value is None:
        return "?"
    before, behind = "~" if amount.estimated else "", "+" if amount.missing else ""
    return f"{before}{form.format(amount.value)}{behind}"


def _verdicts(side: SideBySide, prompt: int) -> list[str]:
    lines = []
    for vote in side.votes:
        if vote.prompt == prompt:
            names = ", ".join(_inline(vote.targets[place].name) for place in vote.best)
            how = "blind" if vote.blind else "with the names shown"
            lines += [f"Voted best ({how}): {names or 'none is good'}", ""]
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fenced(text: str) -> list[str]:
    """A text that no reader of Markdown takes for markup: its fence is longer than any in it."""
    longest = max((len(part) for part in _runs_of_ticks(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.splitlines(), fence]


def _runs_of_ticks(text: str) -> list[str]:
    return "".join(c if c == "`" else " " for c in text).split()


def _inline(text: str) -> str:
    """A short text in a line or a cell, without markup of its own."""
    plain = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in plain)
