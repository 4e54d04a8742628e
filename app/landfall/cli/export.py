"""`landfall export WHAT`: finds the module of what is exported; each has its own arguments."""

from __future__ import annotations

import argparse
from types import ModuleType

from landfall.cli import export_history, export_litellm, export_report
from landfall.cli.session import Command, Session

WHAT: dict[str, ModuleType] = {
    "history": export_history,
    "litellm": export_litellm,
    "report": export_report,
}
"""What can be exported, and its module: `HELP`, `add_arguments` and `run` as those of a command."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is exported, and the arguments of each."""
    actions = parser.add_subparsers(dest="what", required=True, metavar="|".join(WHAT))
    for name, module in WHAT.items():
        action = actions.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            formatter_class=parser.formatter_class,
        )
        module.add_arguments(action)


async def run(args: argparse.Namespace, session: Session) -> int:
    """Write it; the exit code is that of what is exported."""
    code: int = await WHAT[args.what].run(args, session)
    return code


COMMANDS = (
    Command(
        name="export",
        add_arguments=add_arguments,
        run=run,
    ),
)
