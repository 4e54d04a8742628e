"""Dated prices of what is not a token: electricity, rented GPUs, hardware, and what is assumed.

Each comes as a figure with its origin: stated by the user, published with a date, estimated where
several listings disagree, or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from statistics import median
from typing import Any

from landfall.core.costs.tariff import Tariff
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, Published, Stated, Unknown
from landfall.core.settings import Settings
from landfall.services import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Electricity:
    """What a household pays in a region, taxes included, in the currency named."""

    region: str
    currency: str
    per_kwh: float
    period: str
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rental:
    """A listing of a rented GPU.

    Attributes:
        hardware: Name in the hardware catalogue; None where the listing does not tell.
        terms: "on_demand", "community", "reserved" or "spot".
    """

    provider: str
    gpu: str
    hardware: str | None
    terms: str
    usd_per_gpu_hour: float
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A price of hardware.

    Attributes:
        hardware: Name in the hardware catalogue; None where the item is not one row of it.
        whole_machine: Whether nothing else has to be bought with it.
        condition: "new" or "used".
        usd_low: Lowest price seen; equal to `usd_high` where one was seen.
        idle_watts: Draw at rest as `source` has it; None where it does not say.
    """

    item: str
    hardware: str | None
    whole_machine: bool
    condition: str
    usd_low: float
    usd_high: float
    as_of: date
    source: str
    idle_watts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """All dated rates; `assumptions` by name: residual_share, months, ops_hours_per_month,
    setup_hours, host_usd, yearly_price_decline."""

    electricity: tuple[Electricity, ...]
    default_region: str
    rentals: tuple[Rental, ...]
    purchases: tuple[Purchase, ...]
    assumptions: Mapping[str, Figure]


@cache
def load() -> Rates:
    """The rates that ship with the program; read once.

    Raises:
        BadInput: a row misses a field or has a wrong one, which means a broken installation.
    """
    try:
        return parse(
            electricity=resources.read_json("electricity.json"),
            rentals=resources.read_json("rentals.json"),
            purchases=resources.read_json("purchases.json"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"A resource of prices has a broken row: {error!r}.",
            "Install Landfall again.",
            file=str(resources.folder()),
        ) from error


def parse(
    *, electricity: Mapping[str, Any], rentals: Mapping[str, Any], purchases: Mapping[str, Any]
) -> Rates:
    """Read the documents of the three resources.

    Raises:
        KeyError, TypeError, ValueError: a row misses a field or has a wrong one.
    """
    return Rates(
        electricity=tuple(_electricity(row) for row in electricity["rows"]),
        default_region=electricity["default_region"],
        rentals=tuple(_rental(row) for row in rentals["rows"]),
        purchases=tuple(_purchase(row) for row in purchases["rows"]),
        assumptions={row["name"]: _assumption(row) for row in purchases["assumptions"]},
    )


def _electricity(row: Mapping[str, Any]) -> Electricity:
    return Electricity(
        region=row["region"],
        currency=row["currency"],
        per_kwh=float(row["per_kwh"]),
        period=row["period"],
        as_of=date.fromisoformat(row["as_of"]),
        source=row["source"],
    )


def _rental(row: Mapping[str, Any]) -> Rental:
    return Rental(
        provider=row["provider"],
        gpu=row["gpu"],
        hardware=row["hardware"],
        terms=row["terms"],
        usd_per_gpu_hour=float(row["usd_per_gpu_hour"]),
        as_of=date.fromisoformat(row["as_of"]),
        source=row["source"],
    )


def _purchase(row: Mapping[str, Any]) -> Purchase:
    return Purchase(
        item=row["item"],
        hardware=row["hardware"],
        whole_machine=row["whole_machine"],
        condition=row["condition"],
        usd_low=float(row["usd_low"]),
        usd_high=float(row["usd_high"]),
        as_of=date.fromisoformat(row["as_of"]),
        source=row["source"],
        idle_watts=_watts(row.get("idle_watts")),
    )


def _watts(value: float | None) -> float | None:
    return None if value is None else float(value)


def _assumption(row: Mapping[str, Any]) -> Figure:
    return Estimated(row["low"], row["mid"], row["high"], f"{row['source']} ({row['as_of']})")


def electricity(settings: Settings, *, region: str = "") -> Figure:
    """USD per kWh: what the user says, else the dated price of a region, else that of the default.

    A tariff by the hour counts with the mean of its week. One in another currency needs the rate
    that the user typed; without it, and for a region whose price is known in another currency only,
    the figure is unknown: no exchange rate is guessed.
    """
    if settings.electricity is not None:
        return _stated(settings.electricity, settings)
    rates = load()
    wanted = region or rates.default_region
    rows = [row for row in rates.electricity if row.region == wanted]
    in_usd = [row for row in rows if row.currency == "USD"]
    if in_usd:
        newest = max(in_usd, key=lambda row: row.as_of)
        source = f"{newest.source}, {newest.region}, {newest.period}"
        return Published(newest.per_kwh, source, newest.as_of.isoformat())
    if rows:
        row = max(rows, key=lambda row: row.as_of)
        return Unknown(f"{row.per_kwh:g} {row.currency} per kWh in {wanted}: say it in USD")
    return Unknown(f"no electricity price is listed for {wanted}")


def _stated(tariff: Tariff, settings: Settings) -> Figure:
    per_kwh = tariff.mean()
    what = "electricity, mean of a week" if tariff.windows else "electricity"
    if tariff.currency == "USD":
        return Stated(per_kwh, what)
    rate, as_of = settings.currency_usd_rate, settings.currency_usd_date
    if rate is None or not as_of:
        return Unknown(
            f"electricity is priced in {tariff.currency}, and what that is in USD was not said"
        )
    where = f"{what}: {per_kwh:g} {tariff.currency} x {rate:g} USD as of {as_of}"
    return Stated(per_kwh * rate, where)


def rent_usd_per_hour(
    hardware: str, *, terms: tuple[str, ...] = ("on_demand", "community")
) -> Figure:
    """USD per GPU and hour of a catalogue board, over all listings on the given terms."""
    found = [row for row in load().rentals if row.hardware == hardware and row.terms in terms]
    if not found:
        return Unknown(f"no rental price is listed for {hardware}")
    prices = [row.usd_per_gpu_hour for row in found]
    first, last = min(row.as_of for row in found), max(row.as_of for row in found)
    if len(found) == 1:
        source = f"{found[0].provider}: {found[0].source}"
        return Published(prices[0], source, last.isoformat())
    hosts = ", ".join(sorted({row.provider for row in found}))
    formula = f"median of {len(found)} listings from {first} to {last} ({hosts})"
    return Estimated(min(prices), median(prices), max(prices), formula, last.isoformat())


def purchase_usd(hardware: str, *, condition: str = "") -> Figure:
    """USD for a catalogue board or machine; used and new together where no condition is asked for.

    A bare board needs a host: see `needs_host`.
    """
    found = [
        row
        for row in load().purchases
        if row.hardware == hardware and condition in {"", row.condition}
    ]
    if not found:
        return Unknown(f"no price is listed for {hardware}")
    low, high = min(row.usd_low for row in found), max(row.usd_high for row in found)
    newest = max(found, key=lambda row: row.as_of)
    if low == high:
        return Published(low, f"{newest.item}: {newest.source}", newest.as_of.isoformat())
    middle = median([(row.usd_low + row.usd_high) / 2 for row in found])
    items = "; ".join(f"{row.item}, {row.as_of}: {row.source}" for row in found)
    return Estimated(low, middle, high, items, newest.as_of.isoformat())


def idle_watts(hardware: str) -> Figure | None:
    """Watts at rest of a whole machine, as the listings of its hardware have it; None where none
    says it. A bare board draws what the computer round it draws too, and that nobody lists."""
    found = [
        (row.idle_watts, row)
        for row in load().purchases
        if row.hardware == hardware and row.whole_machine and row.idle_watts is not None
    ]
    if not found:
        return None
    watts = [drawn for drawn, _ in found]
    newest = max((row for _, row in found), key=lambda row: row.as_of)
    if min(watts) == max(watts):
        return Published(watts[0], f"{newest.item}: {newest.source}", newest.as_of.isoformat())
    items = "; ".join(f"{row.item}, {row.as_of}: {row.source}" for _, row in found)
    day = newest.as_of.isoformat()
    return Estimated(min(watts), median(watts), max(watts), items, day)


def needs_host(hardware: str) -> bool | None:
    """Whether a computer round the board has to be bought too; None where no price is listed."""
    found = [row for row in load().purchases if row.hardware == hardware]
    return not any(row.whole_machine for row in found) if found else None


def assumption(name: str) -> Figure:
    """A dated assumption about owning hardware, as a figure with its band."""
    return load().assumptions.get(name, Unknown(f"nothing is assumed about {name}"))
