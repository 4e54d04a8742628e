"""The user's providers, for as long as a command needs them, and consent to what they may cost."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

from landfall.cli.history import opened
from landfall.cli.session import Session
from landfall.core.errors import BadInput, BudgetExceeded
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.history import History
from landfall.services.system_keyring import SystemKeyring


@dataclass(frozen=True, slots=True)
class CloudHere:
    """What reaches providers, and where what comes of it is kept."""

    access: CloudAccess
    history: History


@asynccontextmanager
async def reached(session: Session) -> AsyncIterator[CloudHere]:
    """Keys, prices and the way out; every request is in the egress log of the history."""
    with closing(SystemKeyring()) as keys:
        async with opened(session) as history, aclosing(Transport(history)) as transport:
            access = CloudAccess(session.settings, keys=keys, transport=transport, history=history)
            yield CloudHere(access, history)


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


def consent(args: argparse.Namespace, session: Session, *, most_usd: float | None) -> Consent:
    """What is agreed to: by option, or in the terminal once the most was told.

    Args:
        args: With the options of `add_consent`.
        session: Where the most is told.
        most_usd: What it costs at most; None where nobody knows.

    Raises:
        BadInput: nobody agreed and nobody can be asked. BudgetExceeded: the answer is no.
    """
    if most_usd is None:
        if args.unpriced:
            return Consent(unpriced=True)
        raise BudgetExceeded(
            "No price is known for it, so no cap can hold it.",
            "Type its price into the settings, or allow it with --unpriced.",
        )
    if args.max_usd is not None:
        if most_usd > args.max_usd:
            raise BudgetExceeded(
                f"It may cost up to {most_usd:.4g} USD; --max-usd agrees to {args.max_usd:.4g}.",
                "Agree to more, or ask for fewer or shorter answers.",
            )
        return Consent(usd_max=args.max_usd)
    session.say(f"It costs at most {most_usd:.4g} USD.")
    if args.yes or _says_yes(session):
        return Consent(usd_max=most_usd)
    raise BudgetExceeded("Nothing was sent: you did not agree.")


def _says_yes(session: Session) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput(
            "Nobody can be asked whether it may cost that.",
            "Say --yes, or --max-usd with the most you agree to.",
            field="--yes",
        )
    session.say("Run it? [y/N]")
    with _interruptible():
        return sys.stdin.readline().strip().lower() in ("y", "yes")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl+C ends the question at once: the loop's own handler waits for the loop, which waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
