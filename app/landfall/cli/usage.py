"""`landfall usage`: what was used at a provider, asked of the provider itself."""

from __future__ import annotations

import argparse
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from landfall.cli.cloud_here import reached
from landfall.cli.session import Command, Session
from landfall.core.usage import Problem
from landfall.services import cloud
from landfall.services.cloud.provider import ProviderRow
from landfall.services.cloud.usage import fetch_balance, fetch_usage, source_of
from landfall.services.cloud.usage.balance import Amount, Balance
from landfall.services.usage_import import Progress, ReadSource, UsageImport, import_usage

DAYS = 30
"""So many days are asked for where none are named; OpenRouter tells no more."""
SAID_EVERY_ROWS = 1000


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-30") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `usage`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="fetch|balance")
    text = "ask a provider what was used, with the usage key; a dry run unless it is saved"
    fetch = actions.add_parser("fetch", help=text, description=text)
    fetch.add_argument("provider", metavar="PROVIDER", help="openai, anthropic, openrouter, ...")
    fetch.add_argument("--since", type=_day, metavar="DATE", help=f"first day, UTC ({DAYS} ago)")
    fetch.add_argument("--until", type=_day, metavar="DATE", help="last day, UTC (today)")
    fetch.add_argument("--save", action="store_true", help="keep what is new")
    text = "ask a provider what is left of the account"
    balance = actions.add_parser("balance", help=text, description=text)
    balance.add_argument("provider", metavar="PROVIDER", help="deepseek, deepinfra, openrouter")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Ask, and print what it told."""
    row = cloud.find(args.provider)
    if args.action == "balance":
        return await _balance(session, row)
    return await _fetch(args, session, row)


async def _fetch(args: argparse.Namespace, session: Session, row: ProviderRow) -> int:
    source = source_of(row)
    until = args.until or datetime.now(UTC).date()
    since = args.since or until - timedelta(days=DAYS - 1)
    said = 0

    def tell(progress: Progress) -> None:
        nonlocal said
        if progress.rows >= said + SAID_EVERY_ROWS:
            said = progress.rows
            session.say(f"{progress.rows} rows")

    async with reached(session) as here:
        asked = fetch_usage(here.access, row, since=since, until=until)
        async with aclosing(asked) as reads:
            found = await import_usage(
                here.history,
                [ReadSource(name=row.id, format=f"{row.id} usage", reads=reads)],
                prices=here.access.prices,
                keep=args.save,
                on_progress=tell,
            )
    if session.json:
        session.document(_document(found, since=since, until=until))
        return 0
    session.line(f"{row.name}, {since} to {until} UTC: {source.tells}")
    _show(found, session)
    return 0


def _show(found: UsageImport, session: Session) -> None:
    (one,) = found.files
    totals = found.totals
    session.table(
        ("", "new"),
        (
            ("rows", f"{one.kept} of {one.rows}"),
            ("calls", _count(totals.calls)),
            ("input tokens", _count(totals.input_tokens)),
            ("read from a cache", _count(totals.cached_input_tokens)),
            ("written to a cache", _count(totals.cache_write_tokens)),
            ("output tokens", _count(totals.output_tokens)),
            ("billed", _usd(totals.billed_usd)),
            ("by the tokens", _usd(totals.recomputed_usd)),
        ),
        right="new",
    )
    for reason in found.reasons:
        session.line(f"note: {reason}")
    for problem in one.problems:
        session.say(_problem(problem))
    if not found.saved:
        session.say("Nothing was kept: --save keeps what is new.")


def _problem(problem: Problem) -> str:
    return f"{problem.column}: {problem.reason}" if problem.column else problem.reason


def _count(value: float | None) -> str:
    return "not told" if value is None else f"{value:,.0f}"


def _usd(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f} USD"


def _document(found: UsageImport, *, since: date, until: date) -> dict[str, Any]:
    """As the document of `import`, with the days that were asked for."""
    (one,) = found.files
    totals = found.totals
    return {
        "provider": one.name,
        "asked": {"from": since.isoformat(), "to": until.isoformat()},
        "rows": one.rows,
        "kept": one.kept,
        "skipped": one.skipped,
        "problems": [asdict(problem) for problem in one.problems],
        "period": {"from": found.first_day, "to": found.last_day},
        "calls": totals.calls,
        "input_tokens": totals.input_tokens,
        "cached_input_tokens": totals.cached_input_tokens,
        "cache_write_tokens": totals.cache_write_tokens,
        "output_tokens": totals.output_tokens,
        "billed_usd": totals.billed_usd,
        "recomputed_usd": totals.recomputed_usd,
        "difference_usd": totals.difference_usd,
        "saved": found.saved,
    }


async def _balance(session: Session, row: ProviderRow) -> int:
    async with reached(session) as here:
        balance = await fetch_balance(here.access, row)
    if session.json:
        session.document(_balance_document(balance))
        return 0
    left = ", ".join(_amount(amount) for amount in balance.left) or "not told"
    session.line(f"{row.name}: {left} left")
    if balance.spent_month is not None:
        session.line(f"spent in this month: {_amount(balance.spent_month)}")
    if balance.note:
        session.line(f"note: {balance.note}")
    return 0


def _amount(amount: Amount) -> str:
    return f"{amount.value:.2f} {amount.currency}"


def _balance_document(balance: Balance) -> dict[str, Any]:
    spent = balance.spent_month
    return {
        "provider": balance.provider,
        "at": balance.at,
        "left": [{"value": one.value, "currency": one.currency} for one in balance.left],
        "spent_month": None
        if spent is None
        else {"value": spent.value, "currency": spent.currency},
        "note": balance.note or None,
    }


COMMANDS = (
    Command(
        name="usage",
        help="what was used at a provider, and what is left, asked of the provider",
        add_arguments=add_arguments,
        run=run,
    ),
)
