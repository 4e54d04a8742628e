"""`landfall price PROVIDER MODEL`: what one call costs, and which price row says so."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.pricing import MOST_TOKENS, CallShape, Quote, parse_moment
from landfall.services.prices import Prices


def _tokens(text: str) -> int:
    try:
        tokens = int(text)
    except ValueError:
        tokens = -1
    if not 0 <= tokens <= MOST_TOKENS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens of a call")
    return tokens


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `price`."""
    parser.add_argument("provider", metavar="PROVIDER", help="openai, together, deepinfra, ...")
    parser.add_argument("model", metavar="MODEL", help="as the provider names it")
    parser.add_argument("--input", type=_tokens, required=True, help="prompt tokens, not cached")
    parser.add_argument("--cached", type=_tokens, default=0, help="cached prompt tokens, on top")
    parser.add_argument("--output", type=_tokens, required=True, help="answer tokens")
    parser.add_argument("--batch", action="store_true", help="on the provider's batch interface")
    parser.add_argument("--at", default="", help="a date (noon UTC) or a time; now by default")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the price; 1 where it is not known.

    Raises:
        BadInput: the provider is not known, or the date is none.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    at = parse_moment(args.at, field="--at") if args.at else now
    shape = CallShape(
        uncached_tokens=args.input,
        cached_tokens=args.cached,
        output_tokens=args.output,
        batch=args.batch,
    )
    prices = Prices(session.settings)
    found = prices.quote(args.provider, args.model, shape, at=at)
    if not found.provider_known:
        names = ", ".join(known.id for known in prices.providers())
        raise BadInput(found.notes[0], f"Known are {names}.", field="provider")
    if session.json:
        session.document(as_document(found))
    else:
        _show(found, session)
    return 0 if found.usd is not None else 1


def as_document(found: Quote) -> dict[str, Any]:
    """The quote as the command line's contract spells it."""
    return {
        "provider": found.provider,
        "model": found.model,
        "at": found.at.isoformat(),
        "usd": found.usd,
        "parts": [
            {
                "what": part.what,
                "tokens": part.tokens,
                "usd_per_mtok": part.usd_per_mtok,
                "usd": part.usd,
            }
            for part in found.parts
        ],
        "source": found.source,
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "age_days": found.age_days,
        "notes": list(found.notes),
    }


def _show(found: Quote, session: Session) -> None:
    session.line(f"{found.provider} {found.model}, {found.at:%Y-%m-%d %H:%M} UTC")
    if found.parts:
        session.table(
            ("what", "tokens", "USD/Mtok", "USD"),
            (
                (
                    part.what,
                    f"{part.tokens:g}" if part.tokens % 1 else f"{part.tokens:.0f}",
                    "" if part.usd_per_mtok is None else f"{part.usd_per_mtok:g}",
                    f"{part.usd:.6f}",
                )
                for part in found.parts
            ),
            right="tokens,USD/Mtok,USD",
        )
    session.line("price unknown" if found.usd is None else f"{found.usd:.6f} USD")
    if found.source is not None:
        age = "" if found.age_days is None else f", {found.as_of} ({found.age_days} days old)"
        session.line(f"source: {found.source}{age}")
    for note in found.notes:
        session.line(f"note: {note}")


COMMANDS = (
    Command(
        name="price",
        help="what a call costs at a provider, and which price says so",
        add_arguments=add_arguments,
        run=run,
    ),
)
