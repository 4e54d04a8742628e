"""What a workload costs in a month at a provider and on a machine of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.costs import cost
from landfall.core.costs.horizon import mean_growth
from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.percent import percent
from landfall.core.provenance import Estimated, Figure, Stated, Unknown, middle, scaled
from landfall.core.verdict.ability import Ability
from landfall.core.verdict.care import hourly_rate, ops_hours, ops_usd
from landfall.core.verdict.world import MeasuredEnergy, Priced, World
from landfall.core.workload.workload import Workload

RESALE_MONTHS = 12.0
"""Over which what a sale would lose is spread: `machine.resale_later` is its price in a year."""
_NOTHING: Figure = Stated(0.0, "nothing")
"""Idle draw and resale where they are not asked for."""
_RESALE_IN_A_YEAR = Estimated(
    0.6, 0.65, 0.8, "60 to 70 % after a year (resale guides), 80 % seen in 2026"
)
"""Share of today's price. Source: resale guides, and used RTX 4090 in August 2026, as in
resources/purchases.json."""


@dataclass(frozen=True, slots=True)
class HostBills:
    """The bills of one machine of the user's own, or of several that are the same.

    Attributes:
        able: What one can do with the local candidate, or None where the machine is not known.
        profile: Of one, or None in the same way.
        seconds: A request keeps its slot for so long.
        listed_usd: Listed price of all of them.
        count: How many.
        energy: Joules a token measured on it, or None.
    """

    world: World
    workload: Workload
    load: Load
    able: Ability | None
    seconds: Figure
    listed_usd: Figure
    count: int = 1
    energy: MeasuredEnergy | None = None
    profile: HardwareProfile | None = None

    # An owned machine ------------------------------------------------------------------------

    def marginal(self) -> Figure:
        """Of an owned machine, or of several that share the calls: electricity above idle and the
        care that one more workload adds to each.

        Idle draw counts only where the machine would be off without it, resale only where selling
        is real. The price that was once paid never enters.
        """
        quoted = self.workload.quotes.machine.marginal_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.machine.marginal_usd_month")
        gap = self.gap()
        if gap is not None:
            return gap
        assumptions = self.world.assumptions
        assert assumptions is not None
        owned = self.workload.machine
        says = ["electricity above idle", "extra operations"]
        idle = later = _NOTHING
        if not owned.on_anyway:
            idle = assumptions.idle_of(self.profile)
            says.insert(1, "idle draw")
        if owned.resale_usd is not None:
            later = self.resale_later(owned.resale_usd)
            says.append("resale forgone")
        figures = (
            self.seconds,
            self.watts(),
            self.world.usd_per_kwh,
            ops_hours(self.workload, self.world, machines=self.count),
            assumptions.owned_ops_share,
            idle,
            later,
        )
        return combined(self._marginal, figures, _listed(says))

    def _marginal(  # noqa: PLR0917 -- one argument for each figure that is combined
        self,
        seconds: float,
        watts: float,
        kwh: float,
        hours: float,
        share: float,
        idle: float,
        later: float,
    ) -> float | None:
        pue = self.workload.organisation.pue or 1.0
        month = cost.marginal_local_month(
            calls_per_day=self.served(seconds),
            joules_per_call=watts * seconds / self.slots_each,
            usd_per_kwh=kwh,
            pue=pue,
            extra_ops_usd=hours * share * hourly_rate(self.workload, self.world),
            resale_now_usd=self.workload.machine.resale_usd,
            resale_later_usd=later,
            resale_months=RESALE_MONTHS,
        ).usd
        standing = cost.energy_kwh_month(idle_watts=idle, active_watts=idle, busy_hours_per_day=0.0)
        return None if month is None else month + standing * self.count * kwh * pue

    def resale_later(self, now: float) -> Figure:
        """What an owned machine would fetch in a year: what it gains is no merit of this work."""
        stated = self.workload.machine.resale_later_usd
        if stated is not None:
            return Stated(min(stated, now), "machine.resale_later")
        return combined(lambda share: now * share, (_RESALE_IN_A_YEAR,), _RESALE_IN_A_YEAR.formula)

    def average(self) -> Figure:
        """Of an owned machine, as if it were bought for this work alone at its listed price.

        It says what the machine costs on average; it never decides, since most of it is spent.
        """
        gap = self.gap()
        if gap is not None:
            return gap
        return combined(
            lambda fall, power, care: fall + power + care,
            (
                self.depreciation(),
                self.electricity(),
                ops_usd(self.workload, self.world, machines=self.count),
            ),
            "depreciation of its listed price, electricity, operations",
        )

    # Energy ----------------------------------------------------------------------------------

    def gap(self) -> Unknown | None:
        """What is missing before any bill of a machine can be made out."""
        if self.load.calls_per_day is None:
            return Unknown("volume.calls_per_day is not stated")
        if self.able is None:
            return Unknown("the machine is not known")
        if self.world.assumptions is None:
            return Unknown("nothing is assumed about operations")
        return self.seconds if isinstance(self.seconds, Unknown) else None

    @property
    def slots_each(self) -> int:
        """Requests at once on one of them."""
        return self.able.slots if self.able else 1

    def served(self, seconds: float) -> float:
        """Calls a day that are worked on here: nobody works more than all day."""
        calls = self.load.calls_per_day or 0.0
        most = 86_400.0 * self.count * self.slots_each / seconds if seconds > 0 else calls
        return min(calls, most)

    def watts(self) -> Figure:
        """Draw above idle while all slots are busy: out of measured J/token, else the board's."""
        able = self.able
        if able is None:
            return Unknown("the machine is not known")
        if self.energy is None:
            return able.watts
        joules = measured_joules(self.energy, able, self.load)
        each = middle(self.seconds)
        if isinstance(joules, Unknown) or not each:
            return able.watts
        says = f"J/token measured of {able.model} on {able.machine} ({self.energy.scope})"
        return combined(lambda j: j / each * self.slots_each, (joules,), says)

    def usd_per_call(self) -> Figure:
        """What a call adds to the electricity bill."""
        pue = self.workload.organisation.pue or 1.0
        return combined(
            lambda seconds, watts, kwh: cost.energy_usd(
                watts * seconds / self.slots_each, kwh, pue=pue
            ),
            (self.seconds, self.watts(), self.world.usd_per_kwh),
            "electricity above idle of one call",
        )

    def electricity(self) -> Figure:
        """Of a machine that stands by all day for this: idle, and what work adds."""
        gap = self.gap()
        if gap is not None:
            return gap
        assumptions = self.world.assumptions
        assert assumptions is not None
        pue = self.workload.organisation.pue or 1.0
        return combined(
            lambda seconds, watts, kwh, idle: (
                kwh
                * pue
                * self.count
                * cost.energy_kwh_month(
                    idle_watts=idle,
                    active_watts=idle + watts,
                    busy_hours_per_day=cost.busy_hours_per_day(
                        self.served(seconds), seconds, slots=self.slots_each * self.count
                    ),
                )
            ),
            (self.seconds, self.watts(), self.world.usd_per_kwh, assumptions.idle_of(self.profile)),
            "idle and work, at the electricity price",
        )

    # A purchase ------------------------------------------------------------------------------

    def price(self) -> Figure:
        """Of a purchase: quoted, stated, or listed."""
        quotes, buy = self.workload.quotes.buy, self.workload.buy
        if quotes.price_usd is not None:
            return Stated(quotes.price_usd, "quotes.buy.price")
        if buy.price_usd is not None:
            return Stated(buy.price_usd, "buy.price", buy.price_as_of)
        return self.listed_usd

    def opex(self) -> Figure:
        """Of a purchase: electricity and care, without depreciation.

        A month that is quoted whole holds depreciation, energy and operations and no set-up: what
        it runs for is the rest of it without depreciation.
        """
        quoted = self.workload.quotes.buy.opex_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.buy.opex_usd_month")
        whole = self.workload.quotes.buy.tco_usd_month
        if whole is not None:
            return combined(
                lambda fall: max(0.0, whole - fall),
                (self.depreciation(self.price()),),
                "quotes.buy.tco_usd_month less depreciation",
            )
        return combined(
            lambda power, care: power + care,
            (self.electricity(), ops_usd(self.workload, self.world, machines=self.count)),
            "electricity and operations",
        )

    def tco(self, opex: Figure) -> Figure:
        """Of a purchase: depreciation, electricity, care, set-up spread over the months; as it is
        quoted where it is, and then no set-up is added.

        Args:
            opex: What `opex` says.
        """
        quoted = self.workload.quotes.buy.tco_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.buy.tco_usd_month")
        months, left = life_of(self.workload, self.world)
        rate = hourly_rate(self.workload, self.world)
        interest = self.workload.buy.yearly_rate or 0.0
        return combined(
            lambda price, rest, over, running, hours: (
                cost.purchase_tco_month(
                    price_usd=price,
                    residual_share=rest,
                    months=over,
                    other_usd=running,
                    setup_hours=hours,
                    hourly_rate_usd=rate,
                    yearly_rate=interest,
                ).usd
            ),
            (self.price(), left, months, opex, self.setup_hours()),
            "depreciation, electricity, operations, set-up",
        )

    def depreciation(self, price: Figure | None = None) -> Figure:
        """From the price to what is left of it: a straight line, or an annuity with interest."""
        months, left = life_of(self.workload, self.world)
        rate = self.workload.buy.yearly_rate or 0.0
        return combined(
            lambda paid, over, rest: cost.annuity_month(
                paid, residual_share=rest, months=over, yearly_rate=rate
            ),
            (self.listed_usd if price is None else price, months, left),
            f"annuity at {percent(rate, 1)} a year" if rate else "straight line",
        )

    def setup_hours(self) -> Figure:
        """Hours once, to make a machine ready; of each of several."""
        hours = setup_of_one(self.workload, self.world)
        return hours if self.count == 1 else scaled(hours, self.count)


def setup_of_one(workload: Workload, world: World) -> Figure:
    """Hours once, to make one machine ready: stated, else assumed."""
    stated, assumptions = workload.buy.setup_hours, world.assumptions
    if stated is not None:
        return Stated(stated, "buy.setup_hours")
    if assumptions is None:
        return Unknown("buy.setup_hours is not stated")
    return assumptions.setup_hours


def life_of(workload: Workload, world: World) -> tuple[Figure, Figure]:
    """Months of use of a purchase, and the share that is left of its price."""
    buy, assumptions = workload.buy, world.assumptions
    unknown = Unknown("not stated")
    months: Figure = assumptions.months if assumptions else unknown
    left: Figure = assumptions.residual_share if assumptions else unknown
    if buy.months is not None:
        months = Stated(float(buy.months), "buy.months")
    if buy.residual_share is not None:
        left = Stated(buy.residual_share, "buy.residual_share")
    return months, left


def growth_of(workload: Workload, world: World) -> float:
    """Mean volume over the life of a purchase, over next month's."""
    per_month = workload.volume.growth_per_month
    months = middle(life_of(workload, world)[0]) if per_month else None
    return mean_growth(per_month, months) if months else 1.0


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def measured_joules(energy: MeasuredEnergy, able: Ability, load: Load) -> Figure:
    """Energy of one mean call above idle, out of measured J/token.

    Where no prompt's part was measured, a prompt is taken to draw as many watts as an answer does.
    """
    reads, writes = load.input or 0.0, load.writes or 0.0
    answers = energy.decode_joules if writes else _NOTHING
    if not isinstance(energy.prefill_joules, Unknown):
        return combined(
            lambda prefill, decode: cost.call_joules(
                input_tokens=reads,
                output_tokens=writes,
                prefill_joules_per_token=prefill,
                decode_joules_per_token=decode,
            ),
            (energy.prefill_joules, answers),
            "measured J/token x tokens",
        )
    return combined(
        lambda decode, fast, slow: decode * (writes + (reads * slow / fast if fast else 0.0)),
        (energy.decode_joules, able.prefill_tok_s, able.decode_tok_s),
        "measured J/token of answers; prompts at the same watts",
    )


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
        token_ratio=priced.token_ratio or 1.0,
    )
    if month.usd is None:
        return Unknown("; ".join(month.notes) or f"the price of {row.model} has a gap")
    dated = f", {row.as_of.isoformat()}" if row.as_of else ""
    formula = f"{row.model} at {row.provider}: calls x price ({row.source}{dated})"
    return Estimated(month.usd, month.usd, month.usd, formula)
