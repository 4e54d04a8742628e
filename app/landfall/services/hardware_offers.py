"""Which hardware of the catalogue would hold a model, and what it costs."""

from __future__ import annotations

from landfall.core.catalog import ModelCard, find
from landfall.core.fit import FitKind, FitRequest
from landfall.core.hardware import memory_budget
from landfall.core.model_names import is_cloud_name
from landfall.core.provenance import middle
from landfall.core.recommend import price
from landfall.core.verdict.ability import DEFAULT_CONTEXT, context_of
from landfall.core.workload.workload import Workload
from landfall.services import catalogue, rates
from landfall.services.decided import Offer
from landfall.services.deciding import listed_usd


def cheapest_that_holds(workload: Workload) -> Offer | None:
    """The cheapest listed hardware with room for the first local candidate that the catalogue
    knows, at the longest context; None where no such model is named or nothing listed holds it."""
    card = _card(workload)
    if card is None:
        return None
    trained = card.architecture.context_trained or DEFAULT_CONTEXT
    request = FitRequest(context=min(context_of(workload), trained))
    best: tuple[float, Offer] | None = None
    for name in sorted({row.hardware for row in rates.load().purchases if row.hardware}):
        profile = catalogue.load().what_if(name)
        usd = listed_usd(profile)
        cost = middle(usd)
        if cost is None or (best is not None and cost >= best[0]):
            continue
        if price(card, profile, memory_budget(profile), request).fit.kind is FitKind.GPU:
            best = (cost, Offer(machine=name, model=card.tag, usd=usd))
    return None if best is None else best[1]


def _card(workload: Workload) -> ModelCard | None:
    cards = catalogue.load().models
    local = (name for name in workload.candidates.local if not is_cloud_name(name))
    return next((card for name in local if (card := find(name, cards))), None)
