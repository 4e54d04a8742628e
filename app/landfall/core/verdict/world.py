"""What is known apart from a workload: machines, models, prices, rates. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from landfall.core.demand.serving import Serves
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.models.catalogue import ModelCard
from landfall.core.pricing.pricing import PriceRow
from landfall.core.provenance import Figure, Stated, Unknown
from landfall.core.quality.measured import NOT_MEASURED, MeasuredQuality
from landfall.core.quality.votes import NO_VOTES, VotedPairs
from landfall.core.usage.series import SeriesSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A model at a provider with its price row, or why it has none.

    Attributes:
        token_ratio: Tokens that the provider counts for one of the workload; None is not stated.
    """

    provider: str
    model: str
    row: PriceRow | None
    reason: str = ""
    token_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Hardware with its listed price: to buy, or of an hour."""

    profile: HardwareProfile
    usd: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredEnergy:
    """Joules a token above idle, measured on the owned machine.

    Attributes:
        prefill_joules: Unknown where no prompt was long enough for its part to be told apart.
        decode_joules: Of an answer's token.
        scope: What the sensor sees: "GPU board", "wall".
    """

    prefill_joules: Figure
    decode_joules: Figure
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A kept probe of a model of a provider.

    Attributes:
        at: ISO time of the probe, UTC.
        calls: (seconds to the first text, tokens a second after it) of each call that counts.
    """

    at: str
    calls: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Dated assumptions about owning hardware; see resources/purchases.json and thresholds.json.

    Attributes:
        owned_ops_share: Of the operations hours, what one more workload adds on an owned machine.
        no_infrastructure_factor: AP9: hours where nobody runs machines today, over hours where
            somebody does.
        established_factor: S49: hours where a team runs machines anyway, over the usual hours.
        idle_watts: Of a machine that stands by all day; see `idle_of`.
        listed_idle_watts: The same of hardware of which it is listed, by its name in the catalogue.
        yearly_price_decline: Of the prices of hosted models.
        rent_start_hours: From the order to the first answer of a rented machine that was off.
        rent_idle_hours: How long a rented machine waits for more work before it is stopped.
        rent_billed_hours: The step in which rented time is billed.
        rent_storage_usd_gb_month: What keeping the model costs while no machine runs.
    """

    residual_share: Figure
    months: Figure
    ops_hours_per_month: Figure
    setup_hours: Figure
    owned_ops_share: Figure
    no_infrastructure_factor: Figure
    idle_watts: Figure
    yearly_price_decline: Figure
    rent_start_hours: Figure
    established_factor: Figure = field(default_factory=lambda: Stated(1.0, "nothing is assumed"))
    rent_idle_hours: Figure
    rent_billed_hours: Figure
    rent_storage_usd_gb_month: Figure
    listed_idle_watts: Mapping[str, Figure] = field(default_factory=dict)

    def idle_of(self, profile: HardwareProfile | None) -> Figure:
        """Watts that one machine draws at rest: as it is listed, else what is assumed of any."""
        boards = profile.accelerators if profile is not None else ()
        if len(boards) != 1:
            return self.idle_watts
        return self.listed_idle_watts.get(boards[0].catalogue_name or "", self.idle_watts)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHosts:
    """The hosts on which a workload runs, in place of the server of this machine.

    Attributes:
        names: As people call them, one or several that share the calls.
        described: Whether it is known what machine they are.
        elsewhere: Whether they are other machines: then no sensor here measures their watts.
        slots: Catalogue tag to calls at once on all of them together, where that is known.
        network_seconds: From here to there and back, on the median of kept runs.
    """

    names: tuple[str, ...]
    described: bool
    elsewhere: bool = True
    slots: Mapping[str, int] = field(default_factory=dict)
    network_seconds: Figure = field(default_factory=lambda: Unknown("no run there tells it"))

    @property
    def count(self) -> int:
        """How many."""
        return len(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is known apart from the workload.

    Attributes:
        machine: The owned machine, or None with `machine_absent`. machine_usd: its listed price.
        purchase: The machine that is named to be bought, or None with `purchase_absent`.
        purchase_usd: Listed price of all that is bought. purchase_count: how many of the machine.
        purchases: Listed hardware, the cheapest first: looked through where none is named.
        rentals: Boards with a listed price an hour, the cheapest first.
        cards: The catalogue of models.
        candidates: Local candidates where the workload names none.
        frontier: Today's model.
        hosted: Hosted candidates.
        series: What a usage series says, where there is one.
        usage: What imported usage says that was assigned to the workload: its forecast, and the
            hours in which the stated volume comes.
        voted: What blind votes on the workload's answers say of its candidates.
        quality: What quality runs on the workload's prompts measured of its candidates; it comes
            before votes.
        on: The hosts on which it runs; None for the server of this machine.
        measured: Catalogue tag to (prefill, decode) rates measured on the owned machine.
        serves: Catalogue tag to how many calls its server answers at once, and how fast.
        energy: Catalogue tag to joules a token measured there.
        probes: (provider, model) in lower case to its newest probe.
    """

    machine: HardwareProfile | None = None
    machine_absent: str = "no machine is known"
    machine_usd: Figure = field(default_factory=lambda: Unknown("no price is listed for it"))
    purchase: HardwareProfile | None = None
    purchase_absent: str = "no machine to buy is named (buy.machine)"
    purchase_usd: Figure = field(default_factory=lambda: Unknown("not stated (buy.price)"))
    purchase_count: int = 1
    purchases: tuple[Listed, ...] = ()
    rentals: tuple[Listed, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    candidates: tuple[str, ...] = ()
    frontier: Priced | None = None
    hosted: tuple[Priced, ...] = ()
    usd_per_kwh: Figure = field(default_factory=lambda: Unknown("not stated"))
    hourly_rate_usd: float = 80.0
    assumptions: Assumptions | None = None
    series: SeriesSummary | None = None
    usage: SeriesSummary | None = None
    voted: VotedPairs = NO_VOTES
    quality: MeasuredQuality = NOT_MEASURED
    on: OnHosts | None = None
    measured: Mapping[str, tuple[Figure, Figure]] = field(default_factory=dict)
    serves: Mapping[str, Serves] = field(default_factory=dict)
    energy: Mapping[str, MeasuredEnergy] = field(default_factory=dict)
    probes: Mapping[tuple[str, str], Probed] = field(default_factory=dict)


def hourly(rented: str, world: World) -> Listed | None:
    """The board of that name with its price an hour, else the cheapest that is listed, or None."""
    named = (one for one in world.rentals if one.profile.name == rented)
    return next(named, world.rentals[0] if world.rentals else None)
