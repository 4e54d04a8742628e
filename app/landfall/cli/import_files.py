"""`landfall import`: usage files into workloads, or an exported history into what is kept.

A dry run unless it is told to save.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import get_args

from landfall.cli.history import opened, opened_to_read
from landfall.cli.import_answer import Answer, document, keep_workloads, show
from landfall.cli.session import Command, Session
from landfall.cli.stated import stated_path
from landfall.core.errors import BadInput
from landfall.core.percent import percent
from landfall.core.usage.proposal import Grouping, Proposal
from landfall.core.usage.workloads import merged
from landfall.services import usage_files
from landfall.services.history.files import is_export
from landfall.services.history.history import History
from landfall.services.history.importing import Imported, import_files
from landfall.services.pricing.prices import Prices
from landfall.services.routing.reading_back import exported_rows
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import FileSource, Progress, SourceImport, UsageImport
from landfall.services.usage_files.cells import DateOrder, Decimal
from landfall.services.usage_files.mapping import MEANINGS, ColumnMapping

LANDFALL = "landfall"
PROGRESS_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, their format, what becomes of them."""
    parser.add_argument(
        "files",
        nargs="+",
        type=stated_path,
        metavar="FILE",
        help="usage of a provider or a tool, a folder of Claude Code, or an exported history",
    )
    names = (*usage_files.FORMATS, LANDFALL)
    parser.add_argument(
        "--format",
        choices=names,
        metavar="F",
        help=f"instead of what the content says: {', '.join(names)}",
    )
    parser.add_argument(
        "--workload",
        metavar="NAME",
        help="all of it into one workload; of one that is kept, volume and tokens change",
    )
    parser.add_argument(
        "--by",
        choices=[str(by) for by in Grouping],
        default=str(Grouping.MODEL),
        help="what tells one workload from another (default: %(default)s)",
    )
    parser.add_argument(
        "--mapping",
        action="append",
        default=[],
        metavar="MEANING=COLUMN",
        help="what a column of another CSV file means, once for each: "
        + ", ".join(MEANINGS)
        + "; and decimal=. or , date_order=dmy, mdy or ymd, time_zone=ZONE, every_provider=NAME,"
        " input_includes_cached=yes. --save remembers it for files with the same columns",
    )
    parser.add_argument(
        "--save",
        action="store_true",
        help="keep what is new and the workloads; without it this only looks",
    )


@asynccontextmanager
async def _history(args: argparse.Namespace, session: Session) -> AsyncIterator[History]:
    """To look needs no file that can be written."""
    if args.save:
        async with opened(session) as history:
            yield history
    else:
        async with opened_to_read(session) as (history, _):
            yield history


async def run(args: argparse.Namespace, session: Session) -> int:
    """Read, tell, and keep where that is asked; exit code 0.

    Raises:
        BadInput: a file has no known format. Unavailable: it cannot be read.
    """
    mapping = read_mapping(args.mapping)
    exports, usage = await asyncio.to_thread(_told_apart, args.files, args.format)
    async with _history(args, session) as history:
        imported = await import_files(history, exports, keep=args.save) if exports else ()
        found = await _usage(args, usage, mapping, session, history)
        proposals = _proposals(found, args)
        made = await keep_workloads(history, proposals if args.save else (), session)
        exported = await exported_rows(history, found.aliases if found is not None else {})
    answer = Answer(
        files=_in_order(args.files, imported, found),
        usage=found,
        proposals=proposals,
        saved=args.save,
        made=made,
        exported=exported,
    )
    if session.json:
        session.document(document(answer))
    else:
        show(answer, session)
    return 0


def read_mapping(words: Sequence[str]) -> ColumnMapping | None:
    """What columns mean, as it was typed; None where nothing was.

    Raises:
        BadInput: a word says nothing that is known.
    """
    if not words:
        return None
    columns: dict[str, str] = {}
    settings: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and value and name in MEANINGS:
            columns[name] = value
        elif equals and value in _SETTINGS.get(name, (value,)) and name in _NAMES:
            settings[_NAMES[name]] = value == "yes" if name == "input_includes_cached" else value
        else:
            raise BadInput(
                f"{word!r} does not say what a column means.",
                f"Write MEANING=COLUMN; the meanings are {', '.join(MEANINGS)}.",
                field="--mapping",
            )
    if not columns and settings.get("input_includes_cached") is False:
        raise BadInput(
            "input_includes_cached=no speaks of a column that is not named.",
            "Name the columns too: --mapping input_tokens=COLUMN, time=COLUMN, ...",
            field="--mapping",
        )
    return ColumnMapping(columns=columns, **settings)  # type: ignore[arg-type]


_NAMES = {
    "decimal": "decimal",
    "date_order": "date_order",
    "time_zone": "time_zone",
    "every_provider": "provider",
    "input_includes_cached": "input_includes_cached",
}
_SETTINGS: dict[str, tuple[str, ...]] = {
    "decimal": get_args(Decimal),
    "date_order": get_args(DateOrder),
    "input_includes_cached": ("yes", "no"),
}
"""What some of them may be."""


def _told_apart(paths: Sequence[Path], format: str | None) -> tuple[list[Path], list[Path]]:
    """Exports of a history, and the rest."""
    exports = [path for path in paths if format == LANDFALL or (format is None and is_export(path))]
    return exports, [path for path in paths if path not in exports]


async def _usage(
    args: argparse.Namespace,
    paths: Sequence[Path],
    mapping: ColumnMapping | None,
    session: Session,
    history: History,
) -> UsageImport | None:
    if not paths:
        return None
    return await import_usage(
        history,
        [FileSource(path=path, format=args.format, mapping=mapping) for path in paths],
        prices=Prices(session.settings),
        keep=args.save,
        groupings=(Grouping(args.by),),
        local=datetime.astimezone,
        on_progress=_Teller(session),
    )


def _proposals(found: UsageImport | None, args: argparse.Namespace) -> tuple[Proposal, ...]:
    proposals = found.proposals[Grouping(args.by)] if found is not None else ()
    if proposals and args.workload:
        return (merged(proposals, name=args.workload),)
    return proposals


class _Teller:
    """Says how far a long import is, once a second, where a person reads along."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_SECONDS:
            return
        self._last = now
        share = ""
        if progress.total_bytes and progress.bytes_read is not None:
            share = f", {percent(min(1.0, progress.bytes_read / progress.total_bytes))}"
        self._session.say(f"{progress.name}: {progress.rows} rows{share}")


def _in_order(
    paths: Sequence[Path], imported: Sequence[Imported], found: UsageImport | None
) -> list[dict[str, object]]:
    """What came of each file, in the order in which they were named."""
    exports = {one.path: one for one in imported}
    usage = iter(found.files if found is not None else ())
    files: list[dict[str, object]] = []
    for path in paths:
        export = exports.get(path)
        if export is not None:
            files.append(
                {
                    "path": str(path),
                    "format": LANDFALL,
                    "rows": export.rows,
                    "kept": export.new,
                    "skipped": export.rows - export.new,
                    "problems": [],
                }
            )
            continue
        files.append(_of_usage(path, next(usage)))
    return files


def _of_usage(path: Path, one: SourceImport) -> dict[str, object]:
    told: dict[str, object] = {
        "path": str(path),
        "format": one.format,
        "rows": one.rows,
        "kept": one.kept,
        "skipped": one.skipped,
        "problems": [
            {"line": p.line or None, "column": p.column or None, "reason": p.reason}
            for p in one.problems
        ],
    }
    if one.problem_count > len(one.problems):
        told["problem_count"] = one.problem_count
    return told


COMMANDS = (
    Command(
        name="import",
        add_arguments=add_arguments,
        run=run,
    ),
)
