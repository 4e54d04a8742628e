"""`landfall price --plans`: which subscription holds a volume, beside the bill by the token."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from landfall.cli.price import converted, in_words
from landfall.cli.session import Session
from landfall.core.costs.currency import shown_currency
from landfall.core.costs.subscriptions import PlanMonth
from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.services.pricing import subscriptions
from landfall.services.pricing.prices import Prices
from landfall.services.pricing.subscriptions import PlansFound


def show(args: argparse.Namespace, session: Session, shape: CallShape, *, at: datetime) -> int:
    """Print the plans; 1 where none is known to hold the volume.

    Raises:
        BadInput: the calls a day are missing, or only one of provider and model is named.
    """
    if args.calls_per_day is None:
        raise BadInput(
            "--calls-per-day is missing.", "A plan is judged by a volume.", field="--calls-per-day"
        )
    if args.provider and not args.model:
        raise BadInput("No model is named.", "Name one, or no provider.", field="model")
    found = subscriptions.find(
        session.settings,
        Prices(session.settings),
        shape,
        calls_per_day=args.calls_per_day,
        at=at,
        provider=args.provider or "",
        model=args.model or "",
        users=args.users,
    )
    if session.json:
        session.document(_document(found, session, at=at))
    else:
        _print(found, session, at=at)
    return 0 if found.choice.best is not None else 1


def _document(found: PlansFound, session: Session, *, at: datetime) -> dict[str, Any]:
    choice = found.choice
    document: dict[str, Any] = {
        "at": at.isoformat(),
        "api_usd_month": choice.api_usd_month,
        "api_notes": list(found.quote.notes) if found.quote is not None else [],
        "best": None if choice.best is None else choice.best.plan.id,
        "saving_usd_month": choice.saving_usd_month,
        "plans": [_row(one, found) for one in choice.months],
    }
    currency = shown_currency(session.settings)
    if currency is not None and choice.best is not None:
        document["converted"] = converted(choice.best.usd, currency, today=at.date())
    return document


def _row(one: PlanMonth, found: PlansFound) -> dict[str, Any]:
    plan = one.plan
    return {
        "id": plan.id,
        "seller": plan.seller,
        "name": plan.name,
        "fit": one.fit.value,
        "seats": one.seats,
        "usd_month": one.usd,
        "overage_usd": one.overage_usd,
        "used_share": one.used_share,
        "why": one.why,
        "interface": plan.interface,
        "source": plan.source,
        "as_of": plan.as_of.isoformat() if plan.as_of else None,
        "stale": plan.id in found.stale,
        "notes": list(plan.notes),
    }


def _print(found: PlansFound, session: Session, *, at: datetime) -> None:
    choice = found.choice
    session.table(
        ("plan", "for", "fits", "seats", "USD/month", "as of", "why"),
        (
            (
                one.plan.name,
                "programs" if one.plan.interface else "apps",
                one.fit.value,
                str(one.seats),
                "" if one.usd is None else f"{one.usd:.2f}",
                "stated" if one.plan.as_of is None else one.plan.as_of.isoformat(),
                one.why,
            )
            for one in choice.months
        ),
        right="seats,USD/month",
    )
    if found.quote is not None:
        named = f"{found.quote.model} at {found.quote.provider}"
        usd = choice.api_usd_month
        bill = "price unknown" if usd is None else f"{usd:.2f} USD a month"
        session.line(f"by the token, {named}: {bill}")
    if choice.best is None:
        session.line("No plan is known to hold this volume.")
    else:
        session.line(_verdict(found))
        currency = shown_currency(session.settings)
        other = in_words(choice.best.usd or 0.0, currency, today=at.date(), digits=2)
        if other:
            session.line(f"that plan: {other}")
    if choice.best is not None and not choice.best.plan.interface:
        seller = choice.best.plan.seller
        session.line(f"note: In the apps of {seller} alone, and with the models they offer.")
    if found.stale:
        session.line("note: Some of these prices are old: check them at the seller.")


def _verdict(found: PlansFound) -> str:
    """The cheapest plan that holds the volume against the bill by the token."""
    choice = found.choice
    assert choice.best is not None
    name = choice.best.plan.name
    saving = choice.saving_usd_month
    if saving is None:
        return f"The cheapest plan that holds this volume is {name}."
    if saving > 0:
        return f"{name} holds this volume and saves {saving:.2f} USD a month."
    return f"By the token is cheaper: the cheapest plan, {name}, costs {-saving:.2f} USD more."
