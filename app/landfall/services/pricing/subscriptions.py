"""The plans that are known: dated ones that ship with the program, and the user's own.

The facts lie in `resources/subscriptions.json`, each with source and date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from landfall.core.costs.cost import HOURS_PER_MONTH
from landfall.core.costs.subscriptions import Counted, Limit, Plan, PlanChoice, Volume, choose
from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import Quote
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.pricing.prices import Prices

FILE = "subscriptions.json"


@cache
def published() -> tuple[Plan, ...]:
    """The plans that ship with the program; read once.

    Raises:
        BadInput: a row misses a field or has a wrong one, which means a broken installation.
    """
    return resources.parsed(FILE, parse)


def parse(document: Mapping[str, Any]) -> tuple[Plan, ...]:
    """Read the document of the resource.

    Raises:
        KeyError, TypeError, ValueError: a row misses a field or has a wrong one.
    """
    return tuple(
        Plan(
            id=row["id"],
            seller=row["seller"],
            name=row["name"],
            usd_month=float(row["usd_month"]),
            seats_min=row.get("seats_min", 1),
            seats_max=row.get("seats_max"),
            limits=tuple(
                Limit(
                    counted=Counted(limit["counted"]),
                    amount=float(limit["amount"]),
                    window_hours=float(limit["window_hours"]),
                )
                for limit in row.get("limits", ())
            ),
            all_published=row.get("all_published", True),
            overage_usd=row.get("overage_usd"),
            interface=row.get("interface", False),
            source=row["source"],
            as_of=date.fromisoformat(row["as_of"]),
            notes=tuple(row.get("notes", ())),
        )
        for row in document["plans"]
    )


def of_user(settings: Settings) -> tuple[Plan, ...]:
    """The plans that the user typed in, which may serve programs too.

    Raises:
        BadInput: one counts what no plan counts, or a number cannot be.
    """
    return tuple(_typed(name, values) for name, values in settings.plans.items())


def _typed(name: str, values: Mapping[str, float | str]) -> Plan:
    path = f"plans.{name}"
    counts = str(values.get("counts", Counted.MESSAGES.value))
    known = [counted.value for counted in Counted]
    if counts not in known:
        raise BadInput(
            f"{counts!r} is nothing that a plan counts.",
            f"It counts {', '.join(known)}.",
            field=f"{path}.counts",
        )
    limits: tuple[Limit, ...] = ()
    if "limit" in values:
        limits = (
            Limit(
                counted=Counted(counts),
                amount=float(values["limit"]),
                window_hours=float(values.get("window_hours", HOURS_PER_MONTH)),
            ),
        )
    overage = values.get("overage_usd")
    return Plan(
        id=f"own:{name}",
        seller=str(values.get("seller", "")),
        name=name,
        usd_month=float(values["usd_month"]),
        seats_min=max(1, int(values.get("seats_min", 1))),
        limits=limits,
        overage_usd=None if overage is None else float(overage),
        interface=True,
        source=f"stated: {path}",
        as_of=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansFound:
    """Plans beside a bill by the token.

    Attributes:
        choice: The plans at the volume.
        quote: The price of one call by the token, or None where no model was named.
        stale: Ids of the plans whose price is older than the limit of the settings.
    """

    choice: PlanChoice
    quote: Quote | None
    stale: frozenset[str]


def find(
    settings: Settings,
    prices: Prices,
    shape: CallShape,
    *,
    calls_per_day: float,
    at: datetime,
    provider: str = "",
    model: str = "",
    users: int = 1,
    hourly_calls: tuple[float, ...] = (),
    interface: bool = False,
) -> PlansFound:
    """Which plan fits, what it costs, and what the same calls cost by the token.

    Args:
        settings: Whose `plans` stand beside the published ones.
        prices: Knows what a call costs by the token.
        shape: One mean call.
        calls_per_day: Of all users together.
        at: Prices and ages are those of this moment.
        provider: Whose price by the token is held against the plans; "" for nobody's.
        model: At that provider.
        users: How many people use it.
        hourly_calls: Calls of each hour of a day, 24 values, or none.
        interface: Whether a program must be able to call the plan.

    Raises:
        BadInput: a plan of the user's or a number cannot be.
    """
    quote = prices.quote(provider, model, shape, at=at) if model else None
    volume = Volume(
        calls_per_day=calls_per_day,
        tokens_per_call=shape.total_tokens,
        usd_per_call=quote.usd if quote is not None else None,
        users=users,
        hourly_calls=hourly_calls,
    )
    plans = (*of_user(settings), *published())
    limit = settings.thresholds.price_stale_days
    return PlansFound(
        choice=choose(plans, volume, interface=interface),
        quote=quote,
        stale=frozenset(
            plan.id for plan in plans if plan.as_of and (at.date() - plan.as_of).days > limit
        ),
    )
