"""Consent to what a command may cost: by option, or in the terminal once the most was told."""

from __future__ import annotations

import argparse
import math
import sys

from landfall.cli.piped import typed_line
from landfall.cli.session import Session
from landfall.core.errors import BadInput, BudgetExceeded
from landfall.services.cloud.budget import Consent


def add_consent(parser: argparse.ArgumentParser) -> None:
    """The options that agree to a cost without being asked."""
    parser.add_argument("--yes", action="store_true", help="agree to the most it may cost")
    parser.add_argument(
        "--max-usd", type=_usd, metavar="USD", help="agree to so much; it does not run for more"
    )
    parser.add_argument(
        "--unpriced", action="store_true", help="run it although nobody knows its price"
    )


def _usd(text: str) -> float:
    try:
        usd = float(text)
    except ValueError:
        usd = -1.0
    if not 0 <= usd < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of USD")
    return usd


async def consent(
    args: argparse.Namespace, session: Session, *, most_usd: float | None, unpriced: bool
) -> Consent:
    """What is agreed to. What it costs at most was told before.

    Args:
        args: With the options of `add_consent`.
        session: Where the question is put.
        most_usd: The most of all that has a price; None where nothing has one.
        unpriced: Whether something has none.

    Raises:
        BadInput: nobody agreed and nobody can be asked. BudgetExceeded: the answer is no.
    """
    if unpriced and not args.unpriced:
        raise BudgetExceeded(
            "No price is known for it, so no cap can hold it.",
            "Type its price into the settings, or allow it with --unpriced.",
        )
    if most_usd is None:
        return Consent(unpriced=unpriced)
    if args.max_usd is not None and most_usd > args.max_usd:
        raise BudgetExceeded(
            f"It may cost up to {most_usd:.4g} USD; --max-usd agrees to {args.max_usd:.4g}.",
            "Agree to more, or ask for fewer or shorter answers.",
        )
    if args.max_usd is None and not args.yes and not await _says_yes(session):
        raise BudgetExceeded("Nothing was sent: you did not agree.")
    return Consent(usd_max=most_usd, unpriced=unpriced)


async def _says_yes(session: Session) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput(
            "Nobody can be asked whether it may cost that.",
            "Say --yes, or --max-usd with the most you agree to.",
            field="--yes",
        )
    session.say("Run it? [y/N]")
    return (await typed_line(sys.stdin)).lower() in ("y", "yes")
