"""What is known apart from a workload: machines, models, prices, rates. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from landfall.core.catalog import ModelCard
from landfall.core.hardware import HardwareProfile
from landfall.core.pricing import PriceRow
from landfall.core.provenance import Figure, Unknown
from landfall.core.quality.measured import NOT_MEASURED, MeasuredQuality
from landfall.core.quality.votes import NO_VOTES, VotedPairs
from landfall.core.usage.series import SeriesSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A model at a provider with its price row, or why it has none."""

    provider: str
    model: str
    row: PriceRow | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Dated assumptions about owning hardware; see resources/purchases.json and thresholds.json.

    Attributes:
        owned_ops_share: Of the operations hours, what one more workload adds on an owned machine.
        no_infrastructure_factor: AP9: hours where nobody runs machines today, over hours where
            somebody does.
        idle_watts: Of a machine that stands by all day.
        rent_start_hours: Start of a rented machine, and idle before it stops, for each day.
    """

    residual_share: Figure
    months: Figure
    ops_hours_per_month: Figure
    setup_hours: Figure
    owned_ops_share: Figure
    no_infrastructure_factor: Figure
    idle_watts: Figure
    rent_start_hours: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is known apart from the workload.

    Attributes:
        machine: The owned machine, or None with `machine_absent`.
        purchase: The machine that might be bought, or None with `purchase_absent`.
        rented: The rented GPU, or None with `rented_absent`.
        cards: The catalogue of models.
        candidates: Local candidates where the workload names none.
        frontier: Today's model.
        hosted: Hosted candidates.
        series: What a usage series says, where there is one.
        voted: What blind votes on the workload's answers say of its candidates.
        quality: What quality runs on the workload's prompts measured of its candidates; it comes
            before votes.
        measured: Catalogue tag to (prefill, decode) rates measured on the owned machine.
    """

    machine: HardwareProfile | None = None
    machine_absent: str = "no machine is known"
    purchase: HardwareProfile | None = None
    purchase_absent: str = "no machine to buy is named (buy.machine)"
    purchase_usd: Figure = field(default_factory=lambda: Unknown("not stated (buy.price)"))
    rented: HardwareProfile | None = None
    rented_absent: str = "no rented GPU with a listed price holds the local candidate"
    rent_usd_per_hour: Figure = field(default_factory=lambda: Unknown("no rental price is listed"))
    cards: tuple[ModelCard, ...] = ()
    candidates: tuple[str, ...] = ()
    frontier: Priced | None = None
    hosted: tuple[Priced, ...] = ()
    usd_per_kwh: Figure = field(default_factory=lambda: Unknown("not stated"))
    hourly_rate_usd: float = 80.0
    assumptions: Assumptions | None = None
    series: SeriesSummary | None = None
    voted: VotedPairs = NO_VOTES
    quality: MeasuredQuality = NOT_MEASURED
    measured: Mapping[str, tuple[Figure, Figure]] = field(default_factory=dict)
