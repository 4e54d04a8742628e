"""The first minute without a display: the machine, models that fit, the sample verdicts."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence

from landfall.cli.session import Command, Session
from landfall.core.errors import AppError

_STEPS = (("detect", "detect", ()), ("recommend", "recommend", ()), ("verdict", "verdict", ()))
"""Module, command and arguments of what is shown, in order."""


async def show(problem: str, files: Sequence[str], session: Session) -> int:
    """Say why there is no window, then show the same first minute; 0 whatever it finds.

    Args:
        files: Workload files that the window was to open: their verdicts are shown in its place,
            and what becomes of them is the exit code.
    """
    session.say(problem)
    if files:
        session.say("The verdicts on these files are shown instead, as `landfall verdict` does.")
        return await _run("verdict", "verdict", files, session)
    session.say("Landfall shows its first minute here instead; `landfall --help` lists the rest.")
    for number, (module, name, words) in enumerate(_STEPS):
        if number:
            session.line()
        try:
            await _run(module, name, words, session)
        except AppError as error:
            session.line(f"{name}: {error}")
    return 0


async def _run(module: str, name: str, words: Sequence[str], session: Session) -> int:
    commands: tuple[Command, ...] = importlib.import_module(f"landfall.cli.{module}").COMMANDS
    command = next(command for command in commands if command.name == name)
    parser = argparse.ArgumentParser(prog=f"landfall {name}")
    command.add_arguments(parser)
    return await command.run(parser.parse_args(words), session)
