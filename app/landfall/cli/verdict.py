"""`landfall verdict [FILE...]`: where each workload should run, why, and what would change it."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from landfall.cli import ollama_here
from landfall.cli.history import opened
from landfall.cli.session import Command, Session
from landfall.cli.verdict_details import detail_lines, latency
from landfall.core.demand.outlook_words import words
from landfall.core.demand.report import load_line
from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.hardware import HardwareProfile
from landfall.core.provenance import band
from landfall.core.quality.votes import Vote
from landfall.core.verdict.card import card
from landfall.core.verdict.verdict import Verdict, reason_text, to_json
from landfall.core.workload.privacy import Option
from landfall.services import workload_files
from landfall.services.deciding import Decider
from landfall.services.history import History
from landfall.services.known_past import NO_PAST, Past, past_of
from landfall.services.records import RunRecord, SavedWorkload
from landfall.services.workload_files import LoadedWorkload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verdict`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="workload files (TOML)")
    parser.add_argument("--machine", metavar="NAME", help="as if this machine were owned")
    parser.add_argument(
        "--template", action="store_true", help="print a commented workload file and stop"
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the verdicts; 1 where a workload must stay local and cannot.

    Raises:
        BadInput: a file, a key or a machine; says which.
    """
    if args.template:
        if session.json:
            session.document({"template": workload_files.template()})
        else:
            session.line(workload_files.template().rstrip())
        return 0
    now = datetime.now(UTC)
    if args.files:
        loaded = [await asyncio.to_thread(workload_files.read, name) for name in args.files]
        kept = await _past(session)
    else:
        loaded, kept = await _saved(session)
    look = partial(_this_machine, session)
    decider = Decider(
        session.settings,
        now=now,
        runs=kept.runs,
        votes=kept.votes,
        past=kept.past,
        look=look,
    )
    if args.machine:
        decider = Decider.on(
            args.machine, session.settings, now=now, votes=kept.votes, past=kept.past
        )
    verdicts = [one.verdict for one in await decider.decide_all(loaded)]
    if session.json:
        session.document([to_json(verdict) for verdict in verdicts])
    else:
        _show(verdicts, session)
    blocked = any(one.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE for one in verdicts)
    return 1 if blocked else 0


async def _this_machine(session: Session) -> HardwareProfile:
    """As its server leaves it: what loaded models hold is free to others."""
    profile, _, _ = await ollama_here.asked(None, session)
    return profile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the history holds."""

    runs: tuple[RunRecord, ...] = ()
    votes: tuple[Vote, ...] = ()
    past: Past = NO_PAST
    saved: tuple[SavedWorkload, ...] = ()


async def _past(session: Session) -> _Kept:
    """Kept runs, votes and what else is known, without making a history where there is none."""
    if not session.paths.database.exists():
        return _Kept()
    async with opened(session) as history:
        return await _of(history)


async def _of(history: History) -> _Kept:
    return _Kept(
        runs=await history.listed_runs(),
        votes=await history.votes(),
        past=await past_of(history),
        saved=await history.workloads(),
    )


async def _saved(session: Session) -> tuple[list[LoadedWorkload], _Kept]:
    """The saved workloads; the samples where nothing can be kept that could be saved."""
    began = session.paths.database.exists()
    try:
        kept = await _kept(session)
    except (Unavailable, DiskFull) as error:
        if began:
            raise
        session.say(f"{error} These are the samples.")
        return list(workload_files.samples()), _Kept()
    if not kept.saved:
        session.say("No workload is saved: name a file, or begin with `verdict --template`.")
    return [_parsed(one) for one in kept.saved], kept


async def _kept(session: Session) -> _Kept:
    """What the history holds; on the very first start the samples are put into it."""
    async with opened(session) as history:
        await history.seed_samples(workload_files.saved_samples())
        return await _of(history)


def _parsed(saved: SavedWorkload) -> LoadedWorkload:
    try:
        return workload_files.from_text(saved.toml)
    except BadInput as error:
        raise BadInput(
            f"The saved workload {saved.name!r} cannot be read: {error.message}",
            error.hint,
            line=error.line,
            field=error.field,
        ) from error


def _show(verdicts: list[Verdict], session: Session) -> None:
    for number, verdict in enumerate(verdicts):
        if number:
            session.line()
        for line in card(verdict, session.settings.thresholds).lines:
            session.line(line)
        for line in _volume_and_load(verdict):
            session.line(line)
        session.line()
        session.table(
            ("option", "USD a month", "p95", "open", "why not"),
            _rows(verdict),
            right="USD a month",
        )
        session.line()
        for reason in verdict.reasons:
            text = reason_text(reason) if reason.rule else reason.text
            session.line(f"  {reason.rule or '-':<4} {text}")
        for warning in verdict.warnings:
            session.line(f"  {warning.rule:<4} warning: {warning.text}")
        for one in verdict.missing:
            session.line(f"  ?    {one.field}: {one.reason}")
        for text in detail_lines(verdict):
            session.line(f"  -    {text}")


def _volume_and_load(verdict: Verdict) -> list[str]:
    """What the volume will be, and what its busiest hour asks of the machine."""
    lines = []
    if verdict.outlook is not None:
        said = "; ".join(words(verdict.outlook))
        lines.append(f"{said[:1].upper()}{said[1:]}.")
    line = "" if verdict.load is None else load_line(verdict.load)
    return [*lines, line] if line else lines


def _rows(verdict: Verdict) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for line in verdict.options:
        ends = band(line.usd_month)
        money = "not known"
        if ends is not None:
            low, mid, high = ends
            money = f"{mid:,.2f}" if low == high else f"{mid:,.2f} ({low:,.0f} to {high:,.0f})"
        open_ = {True: "yes", False: "no", None: "?"}[line.feasible]
        mark = "→ " if line.option is verdict.option else "  "
        seconds = latency(line.latency_p95_s)
        rows.append((mark + line.option.value, money, seconds, open_, line.why_not))
    return rows


COMMANDS = (
    Command(
        name="verdict",
        help="where each workload should run, why, and what would change it",
        add_arguments=add_arguments,
        run=run,
    ),
)
