"""The machine and the context that a command is asked about."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from landfall.cli.session import Session
from landfall.cli.tokens import MOST_TOKENS, UNITS
from landfall.core.errors import BadInput
from landfall.core.machine.hardware import HardwareProfile
from landfall.services.late_imports import late
from landfall.services.models import shipped_catalogue

_CONTEXT = re.compile(r"(\d{1,12})\s*([km]?)", re.IGNORECASE)
_UNITS = {"": 1, **UNITS}


def add_machine(parser: argparse.ArgumentParser) -> None:
    """`--machine NAME`."""
    parser.add_argument(
        "--machine",
        metavar="NAME",
        help='a machine in place of this one: "RTX 4090", "2x RTX 3090", "RTX 4090 + RTX 3090", '
        "or one of your own; see `machines`",
    )


def add_context(parser: argparse.ArgumentParser) -> None:
    """`--context N`."""
    parser.add_argument(
        "--context", metavar="N", help="tokens of context of one sequence, such as 8192 or 32k"
    )


async def profile_of(name: str | None, session: Session) -> HardwareProfile:
    """The machine of that name, or this one.

    Raises:
        BadInput: no machine has that name.
    """
    if name is not None:
        asked: HardwareProfile = late("landfall.services.machine.known_machines").what_if(name)
        return asked
    # What looks at this machine costs as much as all the rest: another one is answered without.
    detected: HardwareProfile = await late("landfall.services.hardware").detect(session.settings)
    return calibrated(shipped_catalogue.load().enriched(detected), session)


def calibrated(
    profile: HardwareProfile, session: Session, engine: str | None = None
) -> HardwareProfile:
    """This machine with the calibration that holds for an engine.

    Args:
        engine: "Ollama 0.32.15", or None where none answers: then that of the newest run.
    """
    if not session.paths.database.is_file():
        return profile
    calibration = late("landfall.services.speed.calibration")
    points = calibration.read(session.paths.database)
    attached: HardwareProfile = calibration.attached(profile, points, engine)
    return attached


def models_path(profile: HardwareProfile) -> Path | None:
    """Ollama's store, where the profile is of this machine."""
    return Path(profile.disk.models_path) if profile.disk.models_path else None


def tokens(text: str | None, field: str, default: int, *, least: int = 1) -> int:
    """A number of tokens: `8192`, `32k`, `1m`.

    Raises:
        BadInput: it is no whole number, below `least`, or longer than twelve digits.
    """
    if text is None:
        return default
    found = _CONTEXT.fullmatch(text.strip())
    value = int(found[1]) * _UNITS[found[2].lower()] if found else -1
    if value < least:
        raise BadInput(
            f"{field} is {text!r}.",
            f"Give a whole number of tokens from {least} to {MOST_TOKENS}, such as 8192 or 32k.",
            field=field,
        )
    return value


def whole(text: str, field: str) -> int:
    """A whole number.

    Raises:
        BadInput: it is not one.
    """
    try:
        return int(text)
    except ValueError as error:
        raise BadInput(f"{field} is {text!r}.", "Give a whole number.", field=field) from error
