"""The models of a provider with their prices, and which of them a key may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from landfall.core.pricing.generation import Place, place
from landfall.core.pricing.pricing import PriceRow
from landfall.services.cloud.provider import HostedModel
from landfall.services.pricing.prices import Prices

_OWN_FAMILY = {"google": "gemini", "mistral": "mistral"}
"""How the own models are called where a provider sells those of others too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """A model that a price table or the provider itself lists.

    Attributes:
        name: As the price table has it, else as the provider has it.
        row: Its prices, or None where no table knows the model.
        offered: Whether the provider lists it for the stored key; None where it was not asked.
        retires: The day on which the provider says it stops serving it, or "".
        retired: Whether it is no longer served on the date asked for, by table or provider.
    """

    name: str
    row: PriceRow | None
    offered: bool | None = None
    retires: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAge:
    """How old the prices of a provider are: the oldest of those with a date decides.

    Attributes:
        mixed: Whether others are younger.
    """

    as_of: date
    days: int
    mixed: bool


def listed(
    prices: Prices,
    provider: str,
    *,
    at: datetime,
    hosted: Sequence[HostedModel] | None = None,
) -> tuple[ListedModel, ...]:
    """The models of a provider, first what is looked for today: its own of the newest generation.

    Those that retire come after the others, and the retired last.

    Args:
        prices: The tables.
        provider: Its id.
        at: Prices and retirements are those of this moment.
        hosted: What the provider itself lists for the stored key; None where it was not asked.
    """
    rows = {name: prices.row(provider, name, at=at) for name in prices.models(provider)}
    offers: dict[str, HostedModel] = {}
    for model in hosted or ():
        row = prices.row(provider, model.id, at=at)
        # The provider lists dated names that the table counts as one model; its own name wins.
        name = model.id if model.id in rows or row is None else row.model
        rows.setdefault(name, row)
        if name not in offers or model.id == name:
            offers[name] = model
    found = [
        _listed(name, row, offers.get(name), asked=hosted is not None, today=at.date())
        for name, row in rows.items()
    ]
    return tuple(sorted(found, key=partial(_standing, provider)))


def _standing(provider: str, model: ListedModel) -> tuple[bool, bool, bool, bool, Place]:
    """Nobody who looks for a price begins with a model that ends or may not be used."""
    foreign = not model.name.lower().startswith(_OWN_FAMILY.get(provider, ""))
    barred = model.offered is False
    return model.retired, bool(model.retires), barred, foreign, place(model.name)


def _listed(
    name: str, row: PriceRow | None, offer: HostedModel | None, *, asked: bool, today: date
) -> ListedModel:
    by_table = row.retired_on.isoformat() if row is not None and row.retired_on else ""
    retires = (offer.retires if offer is not None else None) or by_table
    return ListedModel(
        name=name,
        row=row,
        offered=offer is not None if asked else None,
        retires=retires,
        # A provider that still lists the model serves it, whatever the table says.
        retired=offer is None and by_table != "" and by_table <= today.isoformat(),
    )


def age(models: Iterable[ListedModel], *, today: date) -> PriceAge | None:
    """How old they are; None where none has a date. Models no longer served do not count."""
    dates = {
        model.row.as_of
        for model in models
        if model.row is not None and model.row.as_of is not None and not model.retired
    }
    if not dates:
        return None
    oldest = min(dates)
    return PriceAge(as_of=oldest, days=max(0, (today - oldest).days), mixed=len(dates) > 1)
