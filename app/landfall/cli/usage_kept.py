"""`landfall usage list | remove | workloads`: the usage that is kept, and taking an import back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from landfall.cli.history import opened, opened_to_read
from landfall.cli.import_answer import count, money, of_days, told, usd, workload
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.routing.reading_back import says
from landfall.core.routing.reading_back import to_json as split_json
from landfall.core.usage.bill import UsageBill, bill_of, reasons
from landfall.core.usage.buckets import UsageTotals, totals
from landfall.core.usage.proposal import Grouping, series_csv, series_of
from landfall.services.usage.kept import KeptImport

_NONE = "No usage is kept. `landfall import FILE --save` keeps some."


def day(text: str) -> date:
    """A day as it is typed.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-30") from None


def add_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What may be done with what is kept."""
    listed = actions.add_parser("list", help="imports, and what they come to by model")
    listed.add_argument("--since", type=day, metavar="DATE", help="from this day on, UTC")
    listed.add_argument("--until", type=day, metavar="DATE", help="before this day, UTC")
    removed = actions.add_parser("remove", help="take an import back whole")
    removed.add_argument("id", type=int, metavar="ID", help="its number in the list")
    grouped = actions.add_parser("workloads", help="what all kept usage suggests")
    grouped.add_argument("--by", choices=[str(by) for by in Grouping], default=str(Grouping.MODEL))

    series = actions.add_parser(
        "series", help="the days of a workload, as a file for volume.series"
    )
    series.add_argument("workload", metavar="NAME", help="of a workload that usage was made into")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Do what was asked; exit code 0.

    Raises:
        BadInput: there is no import of that number, or no usage of that workload.
    """
    match args.action:
        case "remove":
            return await _remove(args.id, session)
        case "series":
            return await _series(args.workload, session)
        case "workloads":
            return await _workloads(Grouping(args.by), session)
        case _:
            since, until = (str(one or "") for one in (args.since, args.until))
            return await _list(session, since, until)


async def _remove(import_id: int, session: Session) -> int:
    async with opened(session) as history:
        if not await history.usage.delete(import_id):
            raise BadInput(
                f"There is no import {import_id}.", "`landfall usage list` lists them.", field="id"
            )
    if session.json:
        session.document({"removed": import_id})
    else:
        session.line(f"Import {import_id} was taken back.")
    return 0


async def _series(name: str, session: Session) -> int:
    async with opened_to_read(session) as (history, _):
        days = await history.usage.days(name)
    if not days:
        raise BadInput(
            f"No usage belongs to a workload {name!r}.",
            "`landfall import FILE --save` makes workloads of usage.",
            field="workload",
        )
    series = series_of(days)
    if series is None:
        raise BadInput(
            f"The usage of {name!r} counts no calls, which a series needs.",
            "Import a source that counts requests.",
            field="workload",
        )
    if session.json:
        session.document([asdict(day) for day in series])
    else:
        session.piece(series_csv(series))
    return 0


async def _workloads(by: Grouping, session: Session) -> int:
    async with opened_to_read(session) as (history, _):
        found = await history.usage.proposals(by)
    if session.json:
        session.document([workload(one) for one in found])
        return 0
    if not found:
        session.line(_NONE)
        return 0
    session.table(
        ("name", "days", "calls/day", "volume"),
        [
            (
                one.name,
                of_days((said := one.said()).history_days, said.missing_days),
                told(said.calls_per_day),
                str(said.predictability),
            )
            for one in found
        ],
        right="days,calls/day",
    )
    return 0


async def _list(session: Session, since: str, until: str) -> int:
    async with opened_to_read(session) as (history, _):
        imports = await history.usage.imports()
        buckets = await history.usage.buckets(since=since, until=until)
        costs = await history.usage.costs(since=since, until=until)
        routed = [one for each in (await history.routed_splits()).values() for one in each]
    bill = bill_of(buckets, costs)
    if session.json:
        document = _document(imports, totals(buckets, costs), bill)
        session.document(document | {"routed": [split_json(one) for one in routed]})
    elif imports:
        _show(imports, bill, session)
        for one in routed:
            session.prose(f"note: {says(one)}", hanging=6)
    else:
        session.line(_NONE)
    return 0


def _document(imports: Sequence[KeptImport], whole: UsageTotals, bill: UsageBill) -> dict[str, Any]:
    return {
        "imports": [_import(one) for one in imports],
        "calls": count(whole.calls),
        "input_tokens": count(whole.input_tokens),
        "cached_input_tokens": count(whole.cached_input_tokens),
        "cache_write_tokens": count(whole.cache_write_tokens),
        "output_tokens": count(whole.output_tokens),
        "billed_usd": usd(whole.billed_usd),
        "recomputed_usd": usd(whole.recomputed_usd),
        "difference_usd": usd(whole.difference_usd),
        "reasons": list(reasons(bill)),
        "models": [
            {
                "provider": one.provider or None,
                "model": one.model or None,
                "rows": one.rows,
                "billed_usd": usd(one.billed_usd),
                "recomputed_usd": usd(one.recomputed_usd),
                "difference_usd": usd(one.difference_usd),
            }
            for one in bill.models
        ],
    }


def _show(imports: Sequence[KeptImport], bill: UsageBill, session: Session) -> None:
    session.table(
        ("id", "kept", "from", "to", "format", "of"),
        [
            (
                str(one.id),
                str(one.kept),
                (one.first_at or "")[:10],
                (one.last_at or "")[:10],
                one.format,
                one.name,
            )
            for one in imports
        ],
        right="id,kept",
    )
    session.line()
    session.table(
        ("model", "provider", "billed", "by tokens", "difference"),
        [
            (
                one.model or "no model",
                one.provider or "not told",
                money(one.billed_usd),
                money(one.recomputed_usd),
                money(one.difference_usd),
            )
            for one in bill.models
        ],
        right="billed,by tokens,difference",
    )
    for reason in reasons(bill):
        session.line(f"note: {reason}")


def _import(one: KeptImport) -> dict[str, Any]:
    return {
        "id": one.id,
        "imported_at": one.imported_at,
        "source": one.source,
        "name": one.name,
        "format": one.format,
        "rows": one.rows,
        "kept": one.kept,
        "skipped": one.skipped,
        "problem_count": one.problem_count,
        "from": one.first_at,
        "to": one.last_at,
        "billed_usd": usd(one.billed_usd),
        "recomputed_usd": usd(one.recomputed_usd),
    }
