"""`landfall export litellm`: verdicts as routes of a LiteLLM proxy, and a check of such files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from landfall.cli.decided_here import decider, past, saved_each
from landfall.cli.history import opened
from landfall.cli.session import Session, error_document
from landfall.cli.stated import stated_path
from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.percent import percent
from landfall.core.provenance import middle
from landfall.core.routing.findings import Finding, Severity
from landfall.core.routing.plan import LeftOut, RoutedAlias, RoutingPlan
from landfall.core.routing.plan_document import to_json
from landfall.services.routing import exporting, kept, linting, writing
from landfall.services.routing.writing import RoutesRefused, Written
from landfall.services.threads import in_thread
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided

HELP = "verdicts as the routes of a LiteLLM proxy, with what keeps private work private"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workloads, the folder, or a folder to check."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="workload files (TOML)")
    parser.add_argument(
        "--out", type=stated_path, metavar="DIR", help="a new or empty folder for the files"
    )
    parser.add_argument(
        "--check",
        type=stated_path,
        metavar="DIR",
        help="say what is wrong with the routes in a folder, also where they were changed by hand",
    )
    parser.add_argument("--machine", metavar="NAME", help="as if this machine were owned")
    parser.add_argument(
        "--no-look",
        action="store_true",
        help="ask no host what it serves; an export names the present address alone then",
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Write the routes, or check some; 1 where there is nothing to route, or a check finds a leak
    or what does not work."""
    if (args.out is None) == (args.check is None):
        raise BadInput(
            "Say where the files go, or which are checked.",
            "`landfall export litellm --out DIR`, or `--check DIR`.",
            field="--out",
        )
    if args.check is not None:
        return await _check(args, session)
    return await _export(args, session)


# Checking --------------------------------------------------------------------------------------


async def _check(args: argparse.Namespace, session: Session) -> int:
    if args.files:
        raise BadInput("--check takes no workload files.", "Leave them out.", field="--check")
    findings = await linting.lint_folder(args.check, look=not args.no_look)
    wrong = any(one.severity is not Severity.NOTE for one in findings)
    if session.json:
        document = {"directory": str(args.check), "passed": not wrong}
        session.document(document | {"findings": [_finding_json(one) for one in findings]})
    else:
        _show_findings(findings, session)
    return 1 if wrong else 0


def _show_findings(
    findings: Sequence[Finding], session: Session, *, unconfirmed: Sequence[str] = ()
) -> None:
    for one in findings:
        where = f"{one.file}:{one.line}" if one.line else one.file
        session.prose(f"{one.severity.value:<6}  {where}  {one.text}", hanging=8)
        if one.hint and one.severity is not Severity.NOTE:
            session.prose(f"        {one.hint}", hanging=8)
    if any(one.severity is not Severity.NOTE for one in findings):
        return
    if unconfirmed:
        names = ", ".join(unconfirmed)
        session.prose(f"The check found nothing that leaks; not seen to work yet: {names}.")
    else:
        session.line("The check found nothing that leaks or does not work.")


def _finding_json(one: Finding) -> dict[str, Any]:
    return {
        "id": one.id,
        "severity": one.severity.value,
        "file": one.file,
        "line": one.line,
        "path": one.path,
        "text": one.text,
        "hint": one.hint,
    }


# Exporting -------------------------------------------------------------------------------------


async def _export(args: argparse.Namespace, session: Session) -> int:
    await in_thread(writing.assert_free, args.out)
    decided, left = await _decided(args, session)
    plan = await exporting.planned(decided, session.settings, look=not args.no_look)
    plan = replace(plan, left_out=(*plan.left_out, *left))
    try:
        written = await writing.write(plan, args.out)
    except RoutesRefused as refused:
        _show_refused(refused, plan, session)
        return refused.exit_code
    await _remember(plan, written.directory, session)
    if session.json:
        session.document(_document(plan, written))
    else:
        _show(plan, written, session)
    return 0


async def _remember(plan: RoutingPlan, directory: Path, session: Session) -> None:
    """So that the router's log can be read back against it; the files stand without it too."""
    try:
        async with opened(session) as history:
            await kept.keep(history, plan, directory)
    except (Unavailable, DiskFull) as error:
        session.say(f"The export is not remembered: {error}")


async def _decided(
    args: argparse.Namespace, session: Session
) -> tuple[list[Decided], list[LeftOut]]:
    """Of files that are named, each must have a verdict; of saved workloads one that has none is
    left out, and why is said."""
    if args.files:
        loaded = [await in_thread(workload_files.read, name) for name in args.files]
        judge = decider(args.machine, await past(session), session)
        return list(await judge.decide_all(loaded)), []
    listed, known = await saved_each(session)
    judge = decider(args.machine, known, session)
    decided, left = [], []
    for name, one in listed:
        try:
            if isinstance(one, BadInput):
                raise one
            decided.append(await judge.decide(one))
        except BadInput as error:
            left.append(LeftOut(workload=name, reason=f"it has no verdict. {error}".rstrip(".")))
    return decided, left


def _show_refused(refused: RoutesRefused, plan: RoutingPlan, session: Session) -> None:
    if session.json:
        findings = [_finding_json(one) for one in refused.findings]
        session.document(
            {
                "error": error_document(refused),
                "directory": None,
                "files": [],
                "plan": to_json(plan),
                "findings": findings,
            }
        )
        return
    session.say(f"{refused.message} {refused.hint}".strip())
    if refused.findings:
        _show_findings(refused.findings, session)


def _document(plan: RoutingPlan, written: Written) -> dict[str, Any]:
    return {
        "directory": str(written.directory),
        "files": [str(written.directory / name) for name in written.names],
        "plan": to_json(plan),
        "findings": [_finding_json(one) for one in written.findings],
    }


def _show(plan: RoutingPlan, written: Written, session: Session) -> None:
    head = ("alias", "verdict", "goes to", "overflow", "stays here")
    session.table(head, [_row(one) for one in plan.aliases])
    for left in plan.left_out:
        step = f", step {left.step}" if left.step else ""
        session.prose(f"No alias for {left.workload}{step}: {left.reason}.", hanging=2)
    for one in plan.aliases:
        for note in one.notes:
            session.prose(f"{one.alias}: {note}", hanging=2)
    session.line()
    _show_findings(written.findings, session, unconfirmed=plan.unconfirmed)
    session.line()
    session.line(f"{len(written.names)} files in {written.directory}; begin with its README.md.")


def _row(one: RoutedAlias) -> tuple[str, str, str, str, str]:
    goes = ", ".join(f"{d.target} on {d.host}" if d.host else d.target for d in one.deployments)
    over = ", ".join(d.target for d in one.overflow)
    share = middle(one.local_share)
    return (
        one.alias,
        one.option.value,
        goes,
        over or ("no way out" if one.private else "-"),
        "not known" if share is None else percent(share),
    )
