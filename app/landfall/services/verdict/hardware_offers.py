"""Which hardware is to be had at a listed price, to buy or by the hour, and which holds a model."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from landfall.core.figures import combined
from landfall.core.fit.fit import FitKind, FitRequest
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.catalogue import ModelCard, find
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import (
    Estimated,
    Figure,
    Published,
    Stated,
    Unknown,
    middle,
    published_on,
)
from landfall.core.verdict.ability import DEFAULT_CONTEXT, context_of
from landfall.core.verdict.world import Listed
from landfall.core.workload.workload import Workload
from landfall.services.models import shipped_catalogue
from landfall.services.verdict import rates
from landfall.services.verdict.decided import Offer


def cheapest_that_holds(workload: Workload) -> Offer | None:
    """The cheapest listed hardware with room for the first local candidate that the catalogue
    knows, at the longest context; None where no such model is named or nothing listed holds it."""
    card = _card(workload)
    if card is None:
        return None
    trained = card.architecture.context_trained or DEFAULT_CONTEXT
    request = FitRequest(context=min(context_of(workload), trained))
    for row in purchases():
        profile = row.profile
        if price(card, profile, memory_budget(profile), request).fit.kind is FitKind.GPU:
            return Offer(machine=profile.name, model=card.tag, usd=row.usd)
    return None


def _card(workload: Workload) -> ModelCard | None:
    cards = shipped_catalogue.load().models
    local = (name for name in workload.candidates.local if not is_cloud_name(name))
    return next((card for name in local if (card := find(name, cards))), None)


@lru_cache(maxsize=1)
def purchases() -> tuple[Listed, ...]:
    """Hardware with a listed price, the cheapest first; looked up once."""
    known = shipped_catalogue.load()
    names = sorted({row.hardware for row in rates.load().purchases if row.hardware})
    rows = [Listed(profile=one, usd=listed_usd(one)) for one in map(known.what_if, names)]
    return _sorted(rows)


@lru_cache(maxsize=1)
def rentals() -> tuple[Listed, ...]:
    """Boards with a listed price an hour, the cheapest first; looked up once."""
    known = shipped_catalogue.load()
    names = sorted({row.hardware for row in rates.load().rentals if row.hardware})
    rows = [Listed(profile=known.what_if(one), usd=rates.rent_usd_per_hour(one)) for one in names]
    return _sorted(rows)


def _sorted(rows: list[Listed]) -> tuple[Listed, ...]:
    priced = [row for row in rows if not isinstance(row.usd, Unknown)]
    return tuple(sorted(priced, key=_usd))


def _usd(row: Listed) -> float:
    value = middle(row.usd)
    return math.inf if value is None else value


def listed_usd(profile: HardwareProfile | None) -> Figure:
    """The listed price of a machine, with a computer round it where a bare card is sold."""
    if profile is None or not profile.accelerators:
        return Unknown("not stated (buy.price)")
    if isinstance(profile.price_usd, Stated):
        return profile.price_usd
    counts = Counter(one.catalogue_name or one.name for one in profile.accelerators)
    boards = [rates.purchase_usd(name) for name in counts]
    for name, board in zip(counts, boards, strict=True):
        if isinstance(board, Unknown):
            return Unknown(f"no price is listed for {name} (buy.price)")
    host: Figure = Stated(0.0, "nothing else has to be bought")
    if any(rates.needs_host(name) for name in counts):
        host = rates.assumption("host_usd")
    if isinstance(host, Unknown):
        return Unknown(f"no price is listed for a computer round {profile.name} (buy.price)")

    def together(*usd: float) -> float:
        cards = zip(counts.values(), usd, strict=False)  # the last figure is the computer's
        return sum(count * one for count, one in cards) + usd[-1]

    listed = "; ".join(said for part in (*boards, host) if (said := _listing(part)))
    priced = combined(together, (*boards, host), f"listed: {' + '.join(counts)} ({listed})")
    if not isinstance(priced, Estimated):
        return priced
    # As old as the board whose newest listing is the oldest: a sum is no younger than its parts.
    return replace(priced, as_of=min(published_on(board) for board in boards))


def _listing(figure: Figure) -> str:
    """Who lists it, and of which day."""
    match figure:
        case Published(source=source, date=day):
            return f"{source}, {day}"
        case Estimated(formula=formula):
            return formula
        case _:
            return ""
