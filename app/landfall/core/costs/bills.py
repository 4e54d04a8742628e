"""What a workload costs in a month at a provider and on a machine of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.costs import cost
from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.provenance import Estimated, Figure, Stated, Unknown
from landfall.core.verdict.ability import Ability
from landfall.core.verdict.world import Priced, World
from landfall.core.workload.workload import Organisation, Workload


def ops_hours(workload: Workload, world: World) -> Figure:
    """Hours of care a month: stated, else assumed; more where nobody does it today (AP9)."""
    stated, assumptions = workload.organisation.ops_hours_per_month, world.assumptions
    if stated is None and assumptions is None:
        return Unknown("organisation.ops_hours_per_month is not stated")
    hours: Figure = Stated(stated or 0.0, "organisation.ops_hours_per_month")
    if stated is None and assumptions is not None:
        hours = assumptions.ops_hours_per_month
    team = workload.organisation.local_infrastructure is not False
    if stated is None and assumptions is not None and team and _established(workload):
        factor = assumptions.established_factor
        return combined(lambda h, f: h * f, (hours, factor), "operations with a team (S49)")
    if workload.organisation.local_infrastructure is False and assumptions is not None:
        factor = assumptions.no_infrastructure_factor
        return combined(lambda h, f: h * f, (hours, factor), "operations without a team")
    return hours


def _established(workload: Workload) -> bool:
    """S49: people who run machines anyway spend less on one more; the thresholds stay."""
    return workload.organisation.kind is Organisation.ESTABLISHED


def hourly_rate(workload: Workload, world: World) -> float:
    """USD an hour of the people who look after a machine."""
    stated = workload.organisation.hourly_rate_usd
    return world.hourly_rate_usd if stated is None else stated


def ops_usd(workload: Workload, world: World) -> Figure:
    """Care in money a month."""
    rate = hourly_rate(workload, world)
    return combined(lambda hours: hours * rate, (ops_hours(workload, world),), "hours x rate")


@dataclass(frozen=True, slots=True)
class HostBills:
    """The bills of one machine of the user's own.

    Attributes:
        able: What it can do with the local candidate, or None where the machine is not known.
        seconds: A request keeps its slot for so long.
    """

    world: World
    workload: Workload
    load: Load
    able: Ability | None
    seconds: Figure

    def marginal(self) -> Figure:
        """Of an owned machine: electricity above idle and the care that one more workload adds."""
        quoted = self.workload.quotes.machine.marginal_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.machine.marginal_usd_month")
        gap = self.gap()
        if gap is not None:
            return gap
        assumptions = self.world.assumptions
        assert assumptions is not None
        assert self.able is not None
        rate = hourly_rate(self.workload, self.world)
        calls = self.load.calls_per_day or 0.0
        return combined(
            lambda seconds, watts, kwh, hours, share: (
                cost.marginal_local_month(
                    calls_per_day=calls,
                    joules_per_call=watts * seconds,
                    usd_per_kwh=kwh,
                    extra_ops_usd=hours * share * rate,
                ).usd
            ),
            (
                self.seconds,
                self.able.watts,
                self.world.usd_per_kwh,
                ops_hours(self.workload, self.world),
                assumptions.owned_ops_share,
            ),
            "electricity above idle and extra operations",
        )

    def gap(self) -> Unknown | None:
        """What is missing before any bill of a machine can be made out."""
        if self.load.calls_per_day is None:
            return Unknown("volume.calls_per_day is not stated")
        if self.able is None:
            return Unknown("the machine is not known")
        if self.world.assumptions is None:
            return Unknown("nothing is assumed about operations")
        return self.seconds if isinstance(self.seconds, Unknown) else None

    def price(self) -> Figure:
        """Of a purchase: quoted, stated, or listed."""
        quotes, buy = self.workload.quotes.buy, self.workload.buy
        if quotes.price_usd is not None:
            return Stated(quotes.price_usd, "quotes.buy.price")
        if buy.price_usd is not None:
            return Stated(buy.price_usd, "buy.price")
        return self.world.purchase_usd

    def opex(self) -> Figure:
        """Of a purchase: electricity and care, without depreciation."""
        quoted = self.workload.quotes.buy.opex_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.buy.opex_usd_month")
        whole = self.workload.quotes.buy.tco_usd_month
        if whole is not None:
            return combined(
                lambda fall: max(0.0, whole - fall),
                (self.depreciation(),),
                "quotes.buy.tco_usd_month less depreciation",
            )
        return combined(
            lambda power, care: power + care,
            (self.electricity(), ops_usd(self.workload, self.world)),
            "electricity and operations",
        )

    def tco(self) -> Figure:
        """Of a purchase: depreciation, electricity, care, set-up spread over the months."""
        quoted = self.workload.quotes.buy.tco_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.buy.tco_usd_month")
        return combined(
            lambda fall, running, start: fall + running + start,
            (self.depreciation(), self.opex(), self.setup()),
            "depreciation, electricity, operations, set-up",
        )

    def electricity(self) -> Figure:
        """Of a purchase: idle all day, and what work adds."""
        gap = self.gap()
        if gap is not None:
            return gap
        assumptions = self.world.assumptions
        assert assumptions is not None
        assert self.able is not None
        calls = self.load.calls_per_day or 0.0
        return combined(
            lambda seconds, watts, kwh, idle: (
                kwh
                * cost.energy_kwh_month(
                    idle_watts=idle,
                    active_watts=idle + watts,
                    busy_hours_per_day=min(24.0, cost.busy_hours_per_day(calls, seconds)),
                )
            ),
            (
                self.seconds,
                self.able.watts,
                self.world.usd_per_kwh,
                assumptions.idle_watts,
            ),
            "idle and work, at the electricity price",
        )

    def life(self) -> tuple[Figure, Figure]:
        """Months of use and the share that is left of the price."""
        buy, assumptions = self.workload.buy, self.world.assumptions
        unknown = Unknown("not stated")
        months: Figure = assumptions.months if assumptions else unknown
        left: Figure = assumptions.residual_share if assumptions else unknown
        if buy.months is not None:
            months = Stated(float(buy.months), "buy.months")
        if buy.residual_share is not None:
            left = Stated(buy.residual_share, "buy.residual_share")
        return months, left

    def depreciation(self) -> Figure:
        """Straight line from the price to what is left of it."""
        months, left = self.life()
        return combined(
            lambda price, over, rest: cost.depreciation_month(
                price, residual_share=rest, months=over
            ),
            (self.price(), months, left),
            "straight line",
        )

    def setup(self) -> Figure:
        """Hours of set-up in money, spread over the months."""
        months, _ = self.life()
        stated, assumptions = self.workload.buy.setup_hours, self.world.assumptions
        hours: Figure = Unknown("buy.setup_hours is not stated")
        if stated is not None:
            hours = Stated(stated, "buy.setup_hours")
        elif assumptions is not None:
            hours = assumptions.setup_hours
        rate = hourly_rate(self.workload, self.world)
        return combined(lambda h, over: h * rate / over, (hours, months), "set-up spread")


def month_at(priced: Priced, workload: Workload, load: Load) -> Figure:
    """A month of the workload at a provider."""
    if priced.row is None:
        return Unknown(priced.reason or f"no price is known for {priced.model}")
    if load.calls_per_day is None:
        return Unknown("volume.calls_per_day is not stated")
    shape = load.shape()
    if isinstance(shape, Unknown):
        return shape
    row = priced.row
    month = cost.cloud_month(
        row,
        shape,
        calls_per_day=load.calls_per_day,
        batch_share=workload.today.batch_share,
        retry_share=workload.today.retry_share,
    )
    if month.usd is None:
        return Unknown("; ".join(month.notes) or f"the price of {row.model} has a gap")
    dated = f", {row.as_of.isoformat()}" if row.as_of else ""
    formula = f"{row.model} at {row.provider}: calls x price ({row.source}{dated})"
    return Estimated(month.usd, month.usd, month.usd, formula)
