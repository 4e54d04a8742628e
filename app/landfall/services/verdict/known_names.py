"""Names to choose from when a workload is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from landfall.core.settings import Settings
from landfall.services.models import shipped_catalogue
from landfall.services.pricing.prices import Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Providers with their models, local models, machines."""

    models: Mapping[str, tuple[str, ...]]
    local: tuple[str, ...]
    machines: tuple[str, ...]


def known(settings: Settings) -> Known:
    """Every name that a price table or the catalogue has. Reads them: on a thread."""
    prices, listed = Prices(settings), shipped_catalogue.load()
    return Known(
        models={one.id: prices.models(one.id) for one in prices.providers()},
        local=tuple(card.tag for card in listed.models),
        machines=tuple(machine.name for machine in listed.machines),
    )
