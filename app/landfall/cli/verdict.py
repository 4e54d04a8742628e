"""`landfall verdict [FILE...]`: where each workload should run, why, and what would change it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from landfall.cli import verdict_guide
from landfall.cli import verdict_privacy as private
from landfall.cli.decided_here import Kept, decider, past, saved
from landfall.cli.history import opened
from landfall.cli.session import Command, Session
from landfall.cli.verdict_details import detail_lines, latency
from landfall.core.demand.outlook_words import words
from landfall.core.demand.report import load_line
from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.provenance import band
from landfall.core.routing.reading_back import Split
from landfall.core.routing.reading_back import to_json as to_document
from landfall.core.verdict import staleness, together_words
from landfall.core.verdict.card import card
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.verdict import Verdict, reason_text
from landfall.core.verdict.verdict_json import to_json
from landfall.core.verdict.worlds import worlds_text
from landfall.core.workload.privacy import Option
from landfall.core.workload.privacy_check import PrivacyCheck
from landfall.services.verdict import guide, standing_verdicts, workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.privacy_checks import check_decided


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verdict`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="workload files (TOML)")
    parser.add_argument("--machine", metavar="NAME", help="as if this machine were owned")
    parser.add_argument(
        "--sample-portfolio",
        action="store_true",
        help="the four workloads of the sample portfolio; nothing is stored",
    )
    parser.add_argument(
        "--together",
        action="store_true",
        help="with --json: one document with the list and the sum of all workloads",
    )
    parser.add_argument(
        "--check-privacy",
        action="store_true",
        help="find out where each step of a locked workload leads now: resolves the names of hosts",
    )
    parser.add_argument(
        "--checked",
        action="store_true",
        help="the verdicts of the saved workloads were looked at: they count from now on",
    )
    parser.add_argument(
        "--thresholds",
        action="store_true",
        help="where the rules turn, each with its source and date, and stop",
    )
    parser.add_argument(
        "--guide",
        action="store_true",
        help="the items of the decision guide behind the rules, and where they are dated, and stop",
    )
    parser.add_argument(
        "--template", action="store_true", help="print a commented workload file and stop"
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the verdicts; 1 where a workload must stay local and cannot.

    Raises:
        BadInput: a file, a key or a machine; says which.
    """
    _check_alone(args)
    if args.template:
        if session.json:
            session.document({"template": workload_files.template()})
        else:
            session.line(workload_files.template().rstrip())
        return 0
    if args.thresholds:
        return verdict_guide.show_thresholds(session)
    if args.guide:
        return verdict_guide.show_guide(session)
    kept = Kept()
    if args.files:
        loaded = [await asyncio.to_thread(workload_files.read, name) for name in args.files]
        kept = await past(session)
    elif args.sample_portfolio:
        loaded = list(await asyncio.to_thread(workload_files.sample_portfolio))
    else:
        loaded, kept = await saved(session)
    decided = await decider(args.machine, kept, session).decide_all(loaded)
    answers = await _answers(decided, kept, args, session)
    if kept.listed and not args.machine:
        await _keep(answers, kept, session, checked=args.checked)
    _tell(answers, args, session)
    blocked = any(
        one.decided.verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE for one in answers
    )
    return 1 if blocked else 0


def _check_alone(args: argparse.Namespace) -> None:
    """What prints something and stops decides no file: one that is named was meant for something.

    Raises:
        BadInput: both are asked for.
    """
    for name in ("template", "thresholds", "guide"):
        if args.files and getattr(args, name):
            raise BadInput(
                f"--{name} prints and stops: {args.files[0]} would not be read.",
                "Leave one of them out.",
                field=f"--{name}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A verdict with what is said beside it."""

    decided: Decided
    stale: tuple[Caution, ...]
    notes: tuple[Caution, ...]
    routed: tuple[Split, ...]
    privacy: PrivacyCheck | None


async def _answers(
    decided: Sequence[Decided], kept: Kept, args: argparse.Namespace, session: Session
) -> list[_Answer]:
    found = []
    for one in decided:
        last = None if args.machine else kept.verdicts.get(one.verdict.workload)
        routed = kept.past.routed.get(one.verdict.workload, ())
        asked = args.check_privacy and one.facts.lock.locked
        found.append(
            _Answer(
                decided=one,
                stale=() if args.checked else standing_verdicts.stale_of(one, last),
                notes=(*standing_verdicts.splits_of(routed), *standing_verdicts.notes(one)),
                routed=tuple(routed),
                privacy=await check_decided(one, session.settings) if asked else None,
            )
        )
    return found


async def _keep(answers: Sequence[_Answer], kept: Kept, session: Session, *, checked: bool) -> None:
    """As the window keeps them: what changed, what was stated anew, what somebody checked."""
    verdicts = [
        standing_verdicts.to_keep(
            one.decided.verdict.workload,
            one.decided,
            kept.verdicts.get(one.decided.verdict.workload),
            checked=checked,
        )
        for one in answers
    ]
    try:
        async with opened(session) as history:
            await history.keep_verdicts(verdicts)
    except (Unavailable, DiskFull) as error:
        session.say(f"The verdicts could not be kept: {error}")


def _tell(answers: Sequence[_Answer], args: argparse.Namespace, session: Session) -> None:
    sum_of_all = None
    if len(answers) > 1 or args.together:
        limits = session.settings.thresholds
        sum_of_all = standing_verdicts.all_together([one.decided for one in answers], limits)
    if not session.json:
        _show(answers, session)
        if sum_of_all is not None and len(answers) > 1:
            session.line()
            for line in together_words.lines(sum_of_all):
                session.prose(line, hanging=2)
        return
    listed = [_document(one) for one in answers]
    if args.together and sum_of_all is not None:
        session.document({"workloads": listed, "together": together_words.to_json(sum_of_all)})
    else:
        session.document(listed)


def _document(answer: _Answer) -> dict[str, Any]:
    """The contract's keys, and beside them what is said of the verdict."""
    document = to_json(answer.decided.verdict)
    document["notes"] = [{"rule": one.rule, "text": one.text} for one in answer.notes]
    document["stale"] = [one.text for one in answer.stale]
    document["rests_on"] = staleness.to_json(standing_verdicts.grounds_of(answer.decided))
    if answer.routed:
        document["routed"] = [to_document(one) for one in answer.routed]
    if answer.privacy is not None:
        document["privacy_check"] = private.document(answer.privacy)
    return document


def _show(answers: Sequence[_Answer], session: Session) -> None:
    for number, answer in enumerate(answers):
        verdict = answer.decided.verdict
        if number:
            session.line()
        for leak in standing_verdicts.leaks_of(answer.routed):
            session.prose(leak.text, hanging=2)
        for line in card(verdict, answer.decided.hosts).lines:
            session.prose(line, hanging=2)
        for line in _volume_and_load(verdict):
            session.prose(line, hanging=2)
        session.line()
        session.table(
            ("option", "USD a month", "p95", "open"),
            [one[:-1] for one in _rows(verdict)],
            right="USD a month",
        )
        for option, *_, why_not in _rows(verdict):
            if why_not:
                session.prose(f"  {option.strip('→ ')}: {why_not}", hanging=4)
        session.line()
        _show_trace(answer, session)


def _show_trace(answer: _Answer, session: Session) -> None:
    verdict, rules = answer.decided.verdict, guide.rules()
    for reason in verdict.reasons:
        text = reason_text(reason) if reason.rule else reason.text
        turns = rules[reason.rule].turns if reason.rule in rules else ""
        rest = f" [turns with: {turns}]" if turns else ""
        session.prose(f"  {reason.rule or '-':<4} {text}{rest}", hanging=7)
    for warning in (*answer.stale, *verdict.warnings):
        session.prose(f"  {warning.rule:<4} warning: {warning.text}", hanging=7)
    for note in answer.notes:
        session.prose(f"  {note.rule or '-':<4} note: {note.text}", hanging=7)
    for one in verdict.missing:
        session.prose(f"  ?    {one.field}: {one.reason}", hanging=7)
    told = "" if verdict.worlds is None else worlds_text(verdict.worlds)
    if told:
        session.prose(f"  $    {told}", hanging=7)
    for text in detail_lines(verdict):
        session.prose(f"  -    {text}", hanging=7)
    session.line(f"  S51  decided {verdict.as_of}; look again on {verdict.expires_on}")
    if answer.privacy is not None:
        for line in private.lines(answer.privacy):
            session.prose(f"  {line}", hanging=4)


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
        seconds = latency(verdict.detail(line.option).latency_p95_s)
        rows.append((mark + line.option.value, money, seconds, open_, line.why_not))
    return rows


COMMANDS = (
    Command(
        name="verdict",
        add_arguments=add_arguments,
        run=run,
    ),
)
