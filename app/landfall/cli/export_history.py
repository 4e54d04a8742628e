"""`landfall export history`: runs, benchmarks and totals by day, as files."""

from __future__ import annotations

import argparse
import asyncio

from landfall.cli.history import opened_to_read
from landfall.cli.session import Session
from landfall.cli.stated import stated_path
from landfall.core.errors import Unavailable
from landfall.services.history.whole_export import export_history

HELP = "runs, benchmarks and totals by day, as CSV or JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how much of it."""
    parser.add_argument(
        "--out",
        type=stated_path,
        required=True,
        metavar="FILE",
        help="a .json file that holds all, or a .csv file of the runs, other tables beside it",
    )
    parser.add_argument(
        "--samples",
        action="store_true",
        help="with the power samples and the curve of the speed of each run",
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Write it; exit code 0."""
    if not await asyncio.to_thread(session.paths.database.exists):
        raise Unavailable("There is no history yet.", "Run something first: `landfall run MODEL`.")
    async with opened_to_read(session) as (history, _):
        written = await export_history(args.out, history, samples=args.samples)
    if session.json:
        files = [{"path": str(w.path), "kind": w.kind, "rows": w.rows} for w in written]
        session.document({"files": files})
    else:
        session.table(
            ("rows", "of", "in"),
            [(str(w.rows), w.kind, str(w.path)) for w in written],
            right="rows",
        )
    return 0
