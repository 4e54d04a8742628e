"""`landfall price`: what one call costs and which row says so; fetching prices anew; plans."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from landfall.cli.session import Command, Session, error_document
from landfall.core.costs.currency import Currency, shown_currency
from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import MOST_TOKENS, CallShape
from landfall.core.pricing.pricing import Quote, parse_moment
from landfall.core.provenance import Unknown
from landfall.services.late_imports import late
from landfall.services.pricing.prices import Prices

if TYPE_CHECKING:
    from landfall.services.pricing.refresh import Refreshed
    from landfall.services.pricing.second_opinion import Opinion


def _tokens(text: str) -> int:
    try:
        tokens = int(text)
    except ValueError:
        tokens = -1
    if not 0 <= tokens <= MOST_TOKENS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens of a call")
    return tokens


def _count(text: str) -> float:
    try:
        count = float(text)
    except ValueError:
        count = -1.0
    if not 0 <= count <= MOST_TOKENS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of calls")
    return count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `price`."""
    _add_call(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="ask the provider, with your stored key, whether it still serves the model",
    )
    parser.add_argument(
        "--second-opinion",
        action="store_true",
        help="ask OpenRouter's public list what the same open weights cost there",
    )
    parser.add_argument("--plans", action="store_true", help="which subscription fits instead")
    parser.add_argument(
        "--calls-per-day", type=_count, metavar="N", help="of all users, for --plans"
    )
    parser.add_argument(
        "--users", type=int, default=1, metavar="N", help="who need a seat, for --plans"
    )
    parser.add_argument(
        "--refresh", action="store_true", help="fetch the price table anew, once, and use it"
    )
    parser.add_argument(
        "--bundled", action="store_true", help="go back to the table that came with Landfall"
    )


def _add_call(parser: argparse.ArgumentParser) -> None:
    """Which call, of which model, when."""
    parser.add_argument(
        "provider", nargs="?", metavar="PROVIDER", help="openai, together, deepinfra, ..."
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="as the provider names it")
    parser.add_argument("--input", type=_tokens, metavar="N", help="prompt tokens, not cached")
    parser.add_argument(
        "--cached", type=_tokens, default=0, metavar="N", help="cached prompt tokens, on top"
    )
    parser.add_argument(
        "--cache-write",
        type=_tokens,
        metavar="N",
        default=0,
        help="prompt tokens written to the cache for five minutes, on top",
    )
    parser.add_argument(
        "--cache-write-1h",
        type=_tokens,
        metavar="N",
        default=0,
        help="prompt tokens written to the cache for an hour, on top",
    )
    parser.add_argument(
        "--output", type=_tokens, metavar="N", help="answer tokens, reasoning included"
    )
    parser.add_argument("--batch", action="store_true", help="on the provider's batch interface")
    parser.add_argument("--service", metavar="TIER", help="service tier: flex, priority, fast")
    parser.add_argument("--at", metavar="WHEN", help="a date (noon UTC) or a time; now by default")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the price; 1 where it is not known.

    Raises:
        BadInput: the provider is not known, an argument is missing, or the date is none.
    """
    if args.refresh or args.bundled:
        return await _table(args, session)
    _check_present(args)
    now = datetime.now(UTC).replace(microsecond=0)
    at = parse_moment(args.at, field="--at") if args.at else now
    shape = _shape(args)
    if args.plans:
        plans = late("landfall.cli.price_plans")
        code: int = plans.show(args, session, shape, at=at)
        return code
    if args.check:
        await _ask_provider(args.provider, session)
    prices = Prices(session.settings)
    found = prices.quote(args.provider, args.model, shape, at=at)
    if not found.provider_known:
        names = ", ".join(known.id for known in prices.providers())
        raise BadInput(found.notes[0], f"Known are {names}.", field="provider")
    currency = shown_currency(session.settings)
    opinion = await _second_opinion(prices, args, session) if args.second_opinion else None
    if session.json:
        document = as_document(found, currency=currency, today=now.date())
        if opinion is not None:
            document["second_opinion"] = asdict(opinion)
        session.document(document)
    else:
        _show(found, session, currency=currency, today=now.date())
        if opinion is not None:
            session.line(_opinion_words(opinion))
    return 0 if found.usd is not None else 1


def _shape(args: argparse.Namespace) -> CallShape:
    return CallShape(
        uncached_tokens=args.input,
        cached_tokens=args.cached,
        cache_write_tokens=args.cache_write,
        cache_write_1h_tokens=args.cache_write_1h,
        output_tokens=args.output,
        batch=args.batch,
        service=args.service or "",
    )


async def _second_opinion(prices: Prices, args: argparse.Namespace, session: Session) -> Opinion:
    async with late("landfall.cli.cloud_here").way_out(session) as transport:
        opinions = late("landfall.services.pricing.second_opinion")
        found: Opinion = await opinions.ask(transport, prices, args.provider, args.model)
        return found


def _opinion_words(opinion: Opinion) -> str:
    if opinion.why_not:
        return f"second opinion: none, {opinion.why_not}"
    usd = [opinion.input_usd_per_mtok, opinion.output_usd_per_mtok]
    both = " / ".join("unknown" if one is None else f"{one:g}" for one in usd)
    return f"second opinion: OpenRouter lists {opinion.model} at {both} USD/Mtok (input / output)"


async def _ask_provider(name: str, session: Session) -> None:
    """Have the provider list its models; prices are held against that list from then on.

    Raises:
        BadInput: it is none that can be called, or it is reached elsewhere than at its own address.
        KeyMissing, KeyRefused, NetworkUnavailable: it cannot be asked.
    """
    cloud = late("landfall.services.cloud")
    row = cloud.find(Prices(session.settings).provider_id(name) or name)
    async with late("landfall.cli.cloud_here").reached(session) as here:
        where = here.access.address(row)
        if where.moved:
            raise BadInput(
                f"{row.name} is reached at {where.host}, whose list is not its.",
                "Ask without --check, or at the provider's own address.",
                field="--check",
            )
        await here.access.models(row)


def _check_present(args: argparse.Namespace) -> None:
    """What a price needs, which neither a refresh nor a list of plans needs.

    Raises:
        BadInput: something is missing.
    """
    needed = {"--input": args.input, "--output": args.output}
    if not args.plans:
        needed = {"provider": args.provider, "model": args.model, **needed}
    for field, value in needed.items():
        if value is None:
            raise BadInput(f"{field} is missing.", "See `landfall price --help`.", field=field)


async def _table(args: argparse.Namespace, session: Session) -> int:
    """Another table from now on: one that is fetched, or the one of the installation."""
    if args.provider or args.plans or (args.refresh and args.bundled):
        raise BadInput(
            "--refresh and --bundled stand alone.",
            "Ask for a price in another command.",
            field="--refresh" if args.refresh else "--bundled",
        )
    refreshing = late("landfall.services.pricing.refresh")
    file = session.paths.prices
    if args.bundled:
        removed: bool = await refreshing.go_back(file)
        table = Prices(session.settings).table
        if session.json:
            session.document({"fetched": False, "as_of": _iso(table.as_of), "removed": removed})
        else:
            session.line(f"Prices are those of {table.name}, of {table.as_of}.")
        return 0
    async with late("landfall.cli.cloud_here").way_out(session) as transport:
        done: Refreshed = await refreshing.refresh(transport, file)
    if session.json:
        session.document(_refresh_document(done))
    else:
        (session.line if done.error is None else session.say)(done.said)
        if done.error is not None and done.error.hint:
            session.say(f"  {done.error.hint}")
    return 0 if done.error is None else done.error.exit_code


def _refresh_document(done: Refreshed) -> dict[str, Any]:
    return {
        "fetched": done.error is None,
        "as_of": _iso(done.table.as_of),
        "models": done.table.models(),
        "changed": done.changed,
        "added": done.added,
        "gone": done.gone,
        "error": None if done.error is None else error_document(done.error),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def as_document(
    found: Quote, *, currency: Currency | Unknown | None, today: date
) -> dict[str, Any]:
    """The quote as the command line's contract spells it, and in the user's currency beyond it."""
    document: dict[str, Any] = {
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
        "as_of": _iso(found.as_of),
        "age_days": found.age_days,
        "notes": list(found.notes),
    }
    if currency is not None:
        document["converted"] = converted(found.usd, currency, today=today)
    return document


def converted(usd: float | None, currency: Currency | Unknown, *, today: date) -> dict[str, Any]:
    """An amount in the user's currency for JSON: null with the reason where there is none."""
    if isinstance(currency, Unknown):
        return {"amount": None, "currency": None, "note": currency.reason}
    return {
        "amount": None if usd is None else currency.amount(usd),
        "currency": currency.code,
        "note": currency.note(today),
    }


def in_words(
    usd: float, currency: Currency | Unknown | None, *, today: date, digits: int = 6
) -> str:
    """An amount in the user's currency as a line for people, or "" where that is USD.

    Args:
        digits: After the point, as many as the amount in USD is printed with.
    """
    if currency is None:
        return ""
    if isinstance(currency, Unknown):
        return f"not converted: {currency.reason}"
    return f"{currency.amount(usd):.{digits}f} {currency.code} ({currency.note(today)})"


def _show(
    found: Quote, session: Session, *, currency: Currency | Unknown | None, today: date
) -> None:
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
    other = "" if found.usd is None else in_words(found.usd, currency, today=today)
    if other:
        session.line(other)
    if found.source is not None:
        age = "" if found.age_days is None else f", {found.as_of} ({found.age_days} days old)"
        session.line(f"source: {found.source}{age}")
    for note in found.notes:
        session.line(f"note: {note}")


COMMANDS = (
    Command(
        name="price",
        add_arguments=add_arguments,
        run=run,
    ),
)
