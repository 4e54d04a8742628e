"""`landfall export report`: verdicts with all that stands behind them, as one file to hand over."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from landfall.cli import decided_here
from landfall.cli.decided_here import Kept
from landfall.cli.history import opened_to_read
from landfall.cli.session import Session
from landfall.cli.stated import stated_path
from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.core.reporting.subject import Undecided
from landfall.services.history.records import KeptVerdict, meant
from landfall.services.reports import writing
from landfall.services.reports.subjects import Evidence, Told, prompts_of, told
from landfall.services.reports.writing import Asked, WrittenReport
from landfall.services.threads import in_thread
from landfall.services.verdict import workload_files
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.workload_files import LoadedWorkload

HELP = "verdicts with all that stands behind them, as .html, .pdf or .md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workloads, the file, and what goes into it."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="workload files (TOML)")
    parser.add_argument(
        "--out",
        type=stated_path,
        required=True,
        metavar="FILE",
        help="a .html file that needs nothing else, a .pdf, or .md as decision records",
    )
    parser.add_argument(
        "--workload",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one; may be said several times",
    )
    parser.add_argument("--machine", metavar="NAME", help="as if this machine were owned")
    parser.add_argument(
        "--with-prompts",
        action="store_true",
        help="also the prompts of the quality runs that count; without it no text of yours",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it is there")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Write it; exit code 0.

    Raises:
        BadInput: the name of the file or of a workload; a workload file.
        Unavailable: there is no workload, or no Qt for a PDF.
    """
    await in_thread(_checked, args)
    now = datetime.now(UTC)
    named, kept = await _named(args, session)
    chosen = _chosen(named, args.workload)
    if not chosen:
        raise Unavailable("There is no workload to report on.", "Name a file, or save one first.")
    decider = decided_here.decider(args.machine, kept, session)
    found = [await _told(one, decider, kept, args.machine) for one in chosen]
    asked = Asked(
        told=[one for one in found if isinstance(one, Told)],
        undecided=[one for one in found if isinstance(one, Undecided)],
        settings=session.settings,
        as_of=now.date().isoformat(),
        evidence=await _evidence(found, kept, session, with_prompts=args.with_prompts),
        with_prompts=args.with_prompts,
    )
    written = await writing.write(args.out, asked, overwrite=args.overwrite)
    _show(written, asked, session)
    return 0


def _checked(args: argparse.Namespace) -> None:
    """Before any work is done.

    Raises:
        BadInput: nothing may be written there; also where it is one of the files that are read.
    """
    out: Path = args.out
    if any(_is_same(out, one) for one in args.files):
        raise BadInput(
            f"{out} is one of the workload files.",
            "Name another file: the report would take its place.",
            file=str(out),
            field="--out",
        )
    writing.check(out, overwrite=args.overwrite)


def _is_same(out: Path, name: str) -> bool:
    try:
        return out.samefile(name)
    except OSError:
        return False  # one of them is not there, or has a name that no file can have


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A workload before it is decided; `problem` is why it cannot be read."""

    name: str
    loaded: LoadedWorkload | None = None
    sample: bool = False
    problem: AppError | None = None


async def _named(args: argparse.Namespace, session: Session) -> tuple[list[_Named], Kept]:
    """Those of files, where one that is wrong ends all; else the saved ones, where it ends none."""
    if args.files:
        loaded = [await in_thread(workload_files.read, name) for name in args.files]
        kept = await decided_here.past(session)
        return [_Named(name=one.workload.name, loaded=one) for one in loaded], kept
    kept = await decided_here.listed(session)
    found = []
    # A sample is told where it is named, or where there is nothing else.
    for one in kept.saved if args.workload else meant(kept.saved):
        try:
            parsed = await in_thread(workload_files.from_text, one.toml)
            found.append(_Named(name=one.name, loaded=parsed, sample=one.sample))
        except BadInput as error:
            found.append(_Named(name=one.name, sample=one.sample, problem=error))
    return found, kept


def _chosen(named: Sequence[_Named], wanted: Sequence[str]) -> list[_Named]:
    if not wanted:
        return list(named)
    known = {one.name for one in named}
    for name in wanted:
        if name not in known:
            listed = ", ".join(repr(one.name) for one in named) or "none"
            raise BadInput(
                f"There is no workload named {name!r}.", f"There are: {listed}.", field="--workload"
            )
    return [one for one in named if one.name in wanted]


async def _told(one: _Named, decider: Decider, kept: Kept, machine: str | None) -> Told | Undecided:
    if one.loaded is None:
        problem = one.problem
        said = (
            (problem.message, problem.hint) if problem is not None else ("It cannot be read.", "")
        )
        return Undecided(name=one.name, problem=said[0], hint=said[1])
    try:
        decided = await decider.decide(one.loaded)
    except BadInput as error:
        if one.loaded.file:
            raise
        return Undecided(name=one.name, problem=error.message, hint=error.hint)
    last: KeptVerdict | None = None if machine else kept.verdicts.get(one.name)
    return told(decided, last, sample=one.sample)


async def _evidence(
    found: Sequence[Told | Undecided], kept: Kept, session: Session, *, with_prompts: bool
) -> Evidence:
    evidence = Evidence(runs=kept.runs, benchmarks=kept.past.benchmarks, loads=kept.past.loads)
    decided = [one.decided for one in found if isinstance(one, Told)]
    if not with_prompts or not session.paths.database.exists():
        return evidence
    async with opened_to_read(session) as (history, _):
        return await prompts_of(decided, evidence, history)


def _show(written: WrittenReport, asked: Asked, session: Session) -> None:
    if session.json:
        session.document(
            {
                "file": str(written.path),
                "format": written.format,
                "size_bytes": written.size_bytes,
                "as_of": asked.as_of,
                "workloads": list(written.workloads),
                "undecided": [
                    {"workload": one.name, "problem": one.problem} for one in asked.undecided
                ],
            }
        )
        return
    for one in asked.undecided:
        session.say(f"No verdict on {one.name}: {one.problem} {one.hint}".rstrip())
    count = len(written.workloads)
    of = f"{count} workload{'' if count == 1 else 's'}"
    session.line(f"{written.path}: {written.size_bytes / 1000:,.0f} kB, {of}.")
