"""What the answers of this machine would have cost at a host, from the runs that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import parse_moment
from landfall.core.pricing.row_pricer import RowPricer
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.core.usage.counterfactual import Counterfactual, LocalRequest, counterfactual
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.pricing.prices import Prices
from landfall.services.threads import in_thread

PAGE_RUNS = 2000
"""So many runs are read in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A model at a provider."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """The answers of one model of this machine, and the same at a host.

    Attributes:
        hosted: At whose price; None where no host serves the weights.
    """

    model: str
    hosted: Hosted | None
    found: Counterfactual


async def local_models(
    history: History,
    prices: Prices,
    settings: Settings,
    *,
    at: datetime,
    against: Hosted | None = None,
    wanted: Callable[[RunRecord], bool] | None = None,
) -> tuple[LocalModel, ...]:
    """Each model that answered on this machine, by name, with what its answers would have cost.

    Each answer is priced by its own tokens on its own day. Answers that did not come to their end
    are left out.

    Args:
        history: Where the runs are.
        prices: Knows what calls cost.
        settings: In whose currency electricity is paid.
        at: At this moment a host is the cheapest.
        against: At this price; without it at that of the cheapest host of the same weights.
        wanted: Which runs count; without it all of them.

    Raises:
        BadInput: no price table knows the provider of `against`.
    """
    if against is not None and prices.provider_id(against.provider) is None:
        raise BadInput(
            f"No price table knows {against.provider!r}.",
            "Name a provider and a model, as in deepinfra:Qwen/Qwen3-14B.",
            field="--against",
        )
    by_model: dict[str, list[RunRecord]] = defaultdict(list)
    before: int | None = None
    while page := await history.listed_runs(limit=PAGE_RUNS, before=before):
        before = page[-1].id
        for run in page:
            if run.place == "local" and run.state == "done" and (wanted is None or wanted(run)):
                by_model[run.model].append(run)
    return await in_thread(_priced, by_model, prices, settings, at, against)


def _priced(
    by_model: Mapping[str, Sequence[RunRecord]],
    prices: Prices,
    settings: Settings,
    at: datetime,
    against: Hosted | None,
) -> tuple[LocalModel, ...]:
    """Each model by name. Of many runs this takes seconds, in which nothing else may wait."""
    found = []
    for model, runs in sorted(by_model.items()):
        hosted = against or _cheapest(prices, model, runs, at=at)
        requests = [_request(run, settings) for run in runs]
        priced = counterfactual(requests, _price_of(prices, hosted))
        found.append(LocalModel(model=model, hosted=hosted, found=priced))
    return tuple(found)


def _cheapest(
    prices: Prices, model: str, runs: Sequence[RunRecord], *, at: datetime
) -> Hosted | None:
    """The host that is cheapest for the mean answer."""
    mean = CallShape(
        uncached_tokens=sum(run.prompt_tokens or 0 for run in runs) / len(runs),
        output_tokens=sum(run.output_tokens or 0 for run in runs) / len(runs),
    )
    twin = prices.cheapest_twin(model, mean, at=at)
    return None if twin is None else Hosted(provider=twin.provider, model=twin.model)


def _price_of(prices: Prices, hosted: Hosted | None) -> Callable[[str], RowPricer | Unknown]:
    lookup = PriceLookup(prices)

    def price(at: str) -> RowPricer | Unknown:
        if hosted is None:
            return Unknown("no host of the same weights is known")
        return lookup.find(hosted.provider, hosted.model, at=at)

    return price


def _request(run: RunRecord, settings: Settings) -> LocalRequest:
    return LocalRequest(
        at=f"{parse_moment(run.started_at):%Y-%m-%dT%H:%M:%SZ}",
        input_tokens=run.prompt_tokens,
        output_tokens=run.output_tokens,
        electricity_usd=_electricity_usd(run, settings),
    )


def _electricity_usd(run: RunRecord, settings: Settings) -> float | None:
    """None where it was not measured, or where nobody said what its currency is in USD."""
    if run.electricity_cost is None or run.electricity_currency == "USD":
        return run.electricity_cost
    tariff = settings.electricity
    same = tariff is not None and tariff.currency == run.electricity_currency
    if not same or settings.currency_usd_rate is None:
        return None
    return run.electricity_cost * settings.currency_usd_rate
