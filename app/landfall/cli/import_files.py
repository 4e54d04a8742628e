"""`landfall import`: files into what is kept. A dry run unless it is told to save."""

from __future__ import annotations

import argparse
from pathlib import Path

from landfall.cli.history import opened
from landfall.cli.session import Command, Session
from landfall.services.history_import import Imported, import_files

FORMATS = ("landfall",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, their format, and whether they are kept."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="what `landfall export history` or the History page wrote, .json or .csv",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="landfall",
        help="landfall: runs and benchmarks of a history (default)",
    )
    parser.add_argument(
        "--save",
        action="store_true",
        help="keep what is new; without it this only looks",
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Read, tell, and keep where that is asked; exit code 0."""
    async with opened(session) as history:
        files = await import_files(history, args.files, keep=args.save)
    if session.json:
        session.document({"files": [_document(one) for one in files], "saved": args.save})
        return 0
    session.table(
        ("rows", "new", "there already", "file"),
        [(str(f.rows), str(f.new), str(f.rows - f.new), str(f.path)) for f in files],
        right="rows,new,there already",
    )
    if not args.save:
        session.say("Nothing was kept: --save keeps what is new.")
    return 0


def _document(file: Imported) -> dict[str, object]:
    return {
        "path": str(file.path),
        "format": "landfall",
        "rows": file.rows,
        "kept": file.new,
        "skipped": file.rows - file.new,
        "problems": [],
    }


COMMANDS = (
    Command(
        name="import",
        help="files into what is kept: an exported history",
        add_arguments=add_arguments,
        run=run,
    ),
)
