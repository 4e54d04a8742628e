"""Of which day the listed prices are that are not those of tokens: electricity, an hour of a rented
board, hardware. The prices of tokens are in `Facts.price_dates`."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.dollars import usd
from landfall.core.provenance import (
    Estimated,
    Figure,
    Published,
    Stated,
    Unknown,
    days_old,
    middle,
    origin,
    published_on,
)
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.world import World, hourly
from landfall.core.workload.privacy import Option

_OWN = (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID)


@dataclass(frozen=True, slots=True)
class RateDate:
    """A listed price that an open option of a verdict rests on.

    Attributes:
        what: "a kWh of electricity", "an hour of RTX 4090", "RTX 4090".
        source: Who lists it.
        day: ISO date of the listing, of the newest one where there are several.
    """

    what: str
    source: str
    day: str


def rate_dates(facts: Facts, verdict: Verdict, world: World) -> tuple[RateDate, ...]:
    """Those behind the options that are open and whose bill is reckoned, not stated."""
    found: list[tuple[str, Figure]] = []
    if any(_counts(verdict, option) for option in _OWN):
        found.append(("a kWh of electricity", world.usd_per_kwh))
    rented = hourly(facts.rented.machine if facts.rented else "", world)
    if rented is not None and _counts(verdict, Option.RENT_GPU):
        found.append((f"an hour of {rented.profile.name}", rented.usd))
    bought = facts.buy
    # A price that the workload dates itself is among `Facts.price_dates`.
    if bought is not None and _counts(verdict, Option.LOCAL_BUY):
        listed = isinstance(bought.price_usd, Estimated)
        found += [(bought.machine or "the machine to buy", bought.price_usd)] if listed else []
    return tuple(
        RateDate(what, _source(figure), published_on(figure))
        for what, figure in found
        if published_on(figure)
    )


def costs_each(what: str, figure: Figure) -> tuple[str, ...]:
    """What one of it costs, who says so, and of which day; nothing where it is not known."""
    amount = middle(figure)
    if amount is None:
        return ()
    day, source = published_on(figure), origin(figure)
    dated = f", {day}" if day and day not in source else ""
    return (f"{what} costs {usd(amount)} ({source}{dated})",)


def stale_rates(dates: tuple[RateDate, ...], as_of: str, *, stale_days: int) -> tuple[str, ...]:
    """Those that are older than a price may be, each in words."""
    said = []
    for one in dates:
        age = days_old(one.day, as_of)
        if age is not None and age > stale_days:
            said.append(f"{one.what}: the price is of {one.day}, {age} days old ({one.source})")
    return tuple(said)


def _counts(verdict: Verdict, option: Option) -> bool:
    line = verdict.line(option)
    return (
        line is not None
        and line.feasible is not False
        and not isinstance(line.usd_month, Stated | Unknown)
    )


def _source(figure: Figure) -> str:
    match figure:
        case Published(source=source):
            return source
        case Estimated(formula=formula):
            return formula
        case _:
            return ""
