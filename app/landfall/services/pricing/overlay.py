"""What the bundled price table does not know: rows, batch discounts, retirements, twins of models.

The facts lie in `resources/prices_overlay.json`, each with source and date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.services import resources

FILE = "prices_overlay.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDiscount:
    """Batch price as a share of the ordinary one; None where the provider has no batch."""

    multiplier: float | None
    source: str
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """When a provider stopped or stops serving a model."""

    on: date
    source: str
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedTwin:
    """The same open weights at a provider."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """All of it, by lower-case names.

    Attributes:
        table_dates: Version of the bundled table to the date of its newest fact.
        providers: Id to name of the providers that only the overlay knows.
        spellings: Other names of providers to their ids.
        rows: (provider, model or alias) to row.
        batch: Provider to discount.
        retirements: (provider, model) to retirement.
        hosted: Ollama tag to its hosted twins.
    """

    table_dates: Mapping[str, date]
    providers: Mapping[str, str]
    spellings: Mapping[str, str]
    rows: Mapping[tuple[str, str], PriceRow]
    batch: Mapping[str, BatchDiscount]
    retirements: Mapping[tuple[str, str], Retirement]
    hosted: Mapping[str, tuple[HostedTwin, ...]]


@cache
def load() -> Overlay:
    """The overlay that ships with the program; read once.

    Raises:
        BadInput: a row misses a field or has a wrong one, which means a broken installation.
    """
    return resources.parsed(FILE, parse)


def parse(document: Mapping[str, Any]) -> Overlay:
    """Read the document of the resource.

    Raises:
        KeyError, TypeError, ValueError: a row misses a field or has a wrong one.
    """
    rows: dict[tuple[str, str], PriceRow] = {}
    for entry in document["rows"]:
        row = _row(entry)
        for name in (row.model, *entry.get("aliases", ())):
            rows[row.provider, name.lower()] = row
    return Overlay(
        table_dates={
            table["version"]: date.fromisoformat(table["as_of"])
            for table in document["price_tables"]
        },
        providers={entry["id"]: entry["name"] for entry in document["providers"]},
        spellings={
            name.lower(): entry["provider"]
            for entry in document["spellings"]
            for name in entry["names"]
        },
        rows=rows,
        batch={
            entry["provider"]: BatchDiscount(
                multiplier=entry["multiplier"],
                source=entry["source"],
                as_of=date.fromisoformat(entry["as_of"]),
            )
            for entry in document["batch"]
        },
        retirements={
            (entry["provider"], entry["model"].lower()): Retirement(
                on=date.fromisoformat(entry["on"]),
                source=entry["source"],
                as_of=date.fromisoformat(entry["as_of"]),
            )
            for entry in document["retirements"]
        },
        hosted={entry["ollama"].lower(): _twins(entry) for entry in document["hosted"]},
    )


def _twins(entry: Mapping[str, Any]) -> tuple[HostedTwin, ...]:
    return tuple(
        HostedTwin(provider=twin["provider"], model=twin["model"]) for twin in entry["hosted"]
    )


def _row(entry: Mapping[str, Any]) -> PriceRow:
    usd = entry["usd_per_mtok"]
    return PriceRow(
        provider=entry["provider"],
        model=entry["model"],
        rates=Rates(
            input=_rate(usd["input"]),
            output=_rate(usd["output"]),
            cached=_rate(usd.get("cached")),
        ),
        source=entry["source"],
        as_of=date.fromisoformat(entry["as_of"]),
        context_tokens=entry.get("context_tokens"),
    )


def _rate(usd_per_mtok: float | None) -> Rate | None:
    return None if usd_per_mtok is None else Rate(float(usd_per_mtok))
