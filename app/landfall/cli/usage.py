"""`landfall usage`: what was used at a provider, asked of the provider itself, or as it is kept."""

from __future__ import annotations

import argparse
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from landfall.cli import usage_kept, usage_local
from landfall.cli.cloud_here import reached
from landfall.cli.import_answer import Answer, document, keep_workloads, show
from landfall.cli.session import Command, Session
from landfall.core.usage.proposal import Grouping
from landfall.services import cloud
from landfall.services.cloud.provider import ProviderRow
from landfall.services.cloud.usage import fetch_balance, fetch_usage, last_whole_day, source_of
from landfall.services.cloud.usage.balance import Amount, Balance
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import Progress, ReadSource, SourceImport

DAYS = 30
"""So many days are asked for where none are named; OpenRouter tells no more."""
SAID_EVERY_ROWS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `usage`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    usage_kept.add_actions(actions)
    usage_local.add_action(actions)
    text = "ask a provider what was used, with the usage key; a dry run unless it is saved"
    fetch = actions.add_parser("fetch", help=text, description=text)
    fetch.add_argument("provider", metavar="PROVIDER", help="openai, anthropic, openrouter, ...")
    fetch.add_argument(
        "--since", type=usage_kept.day, metavar="DATE", help=f"first day, UTC ({DAYS} ago)"
    )
    fetch.add_argument("--until", type=usage_kept.day, metavar="DATE", help="last day, UTC (today)")
    fetch.add_argument(
        "--by",
        choices=[str(by) for by in Grouping],
        default=str(Grouping.MODEL),
        help="what tells one workload from another (default: %(default)s)",
    )
    fetch.add_argument("--save", action="store_true", help="keep what is new, and the workloads")
    text = "ask a provider what is left of the account"
    balance = actions.add_parser("balance", help=text, description=text)
    balance.add_argument("provider", metavar="PROVIDER", help="deepseek, deepinfra, openrouter")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Ask, and print what it told."""
    if args.action == "local":
        return await usage_local.run(args, session)
    if args.action not in {"fetch", "balance"}:
        return await usage_kept.run(args, session)
    row = cloud.find(args.provider)
    if args.action == "balance":
        return await _balance(session, row)
    return await _fetch(args, session, row)


async def _fetch(args: argparse.Namespace, session: Session, row: ProviderRow) -> int:
    source = source_of(row)
    until = args.until or datetime.now(UTC).date()
    since = args.since or until - timedelta(days=DAYS - 1)
    async with reached(session) as here:
        asked = fetch_usage(here.access, row, since=since, until=until)
        async with aclosing(asked) as reads:
            told = ReadSource(
                name=row.id,
                format=f"{row.name} usage interface",
                reads=reads,
                last_day=last_whole_day(since, until),
            )
            found = await import_usage(
                here.history,
                [told],
                prices=here.access.prices,
                keep=args.save,
                groupings=(Grouping(args.by),),
                local=datetime.astimezone,
                on_progress=_Teller(session),
            )
        proposals = found.proposals[Grouping(args.by)]
        made = await keep_workloads(here.history, proposals if args.save else (), session)
    answer = Answer(
        files=[_source(found.files[0])],
        usage=found,
        proposals=proposals,
        saved=args.save,
        made=made,
    )
    if session.json:
        days = {"from": since.isoformat(), "to": until.isoformat()}
        session.document({"provider": row.id, "asked": days} | document(answer))
        return 0
    session.line(f"{row.name}, {since} to {until} (UTC): {source.tells}\n")
    show(answer, session)
    return 0


class _Teller:
    """Says how many rows came, every thousand."""

    def __init__(self, session: Session) -> None:
        self._session, self._said = session, 0

    def __call__(self, progress: Progress) -> None:
        if progress.rows >= self._said + SAID_EVERY_ROWS:
            self._said = progress.rows
            self._session.say(f"{progress.name}: {progress.rows} rows")


def _source(one: SourceImport) -> dict[str, Any]:
    """As the command line's contract spells a file."""
    return {
        "path": one.name,
        "format": one.format,
        "rows": one.rows,
        "kept": one.kept,
        "skipped": one.skipped,
        "problems": [asdict(problem) for problem in one.problems],
        "problem_count": one.problem_count,
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
        add_arguments=add_arguments,
        run=run,
    ),
)
