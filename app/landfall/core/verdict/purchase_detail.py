"""A purchase behind its line: what it rests on, what else is to be had, its worth over its life."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from landfall.core.costs import cost, payback
from landfall.core.costs.horizon import Horizon, Outlay, Point, against, rent_or_buy
from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Stated, Unknown, middle, origin, published_on
from landfall.core.verdict import latency
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.bills import HostBills, life_of
from landfall.core.verdict.care import ops_usd
from landfall.core.verdict.details import Detail, quoted
from landfall.core.verdict.facts import Facts, HostFacts, Variant
from landfall.core.verdict.options import host_out
from landfall.core.verdict.places import Place
from landfall.core.verdict.rate_dates import costs_each
from landfall.core.workload.privacy import REMOTE, Option
from landfall.core.workload.workload import Workload


def bought_of(workload: Workload, facts: Facts, assembler: Assembler, load: Load) -> Bought | None:
    """What stands behind the purchase of these facts; None where none is considered."""
    if facts.buy is None:
        return None
    return Bought(workload, facts, assembler, load, facts.buy, assembler.to_buy(workload, load))


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase that is considered.

    Attributes:
        load: The work.
        host: The purchase as the table sees it.
        place: What is bought, and how many of it.
    """

    workload: Workload
    facts: Facts
    assembler: Assembler
    load: Load
    host: HostFacts
    place: Place

    def detail(self, volume: tuple[str, ...]) -> Detail:
        """Of its line.

        Args:
            volume: What is said of the calls.
        """
        return Detail(
            latency_p95_s=latency.of_host(self.host),
            assumes=self.assumes(volume),
            variants=self.offers(),
        )

    def assumes(self, volume: tuple[str, ...]) -> tuple[str, ...]:
        """What its figures rest on."""
        host = self.host
        if isinstance(host.usd_month, Stated):
            return quoted(host.usd_month)
        months, left = (middle(figure) for figure in life_of(self.workload, self.assembler.world))
        said = [*volume]
        if self.facts.growth != 1:
            said.append(
                f"over its life {self.facts.growth:.2g} times next month's calls on the mean:"
                " growth counts for a year, and at most tenfold"
            )
        if months is not None and left is not None:
            rate = self.workload.buy.yearly_rate
            how = f"an annuity at {percent(rate, 1)} a year" if rate else "a straight line"
            said.append(f"{months:.0f} months of use, {percent(left)} of the price left, by {how}")
        said.append("it stands by all day for this work")
        said += _at_rest(host.idle_watts)
        said += costs_each("a kWh of electricity", self.assembler.world.usd_per_kwh)
        if host.count > 1:
            said.append(f"{host.count} machines: each with its price, idle draw and care")
        return tuple(said)

    def offers(self) -> tuple[Variant, ...]:
        """The line's own machine, more of it where one is too slow, and what else is listed."""
        world, host, own = self.assembler.world, self.host, self.place
        places = [own] if own.profile else []
        if own.profile and own.count == 1 and not isinstance(host.usd_month, Stated):
            more = self.assembler.enough(own, self.workload, self.load)
            places += [more] if more is not None and more.count > 1 else []
        places += self.assembler.offers(self.workload, self.load) if world.purchases else ()
        found: dict[str, Variant] = {}
        for place in places:
            if place.name in found:
                continue
            found[place.name] = self.offer(place, chosen=place.name == own.name)
        return tuple(found.values())

    def offer(self, place: Place, *, chosen: bool) -> Variant:
        """One way to have it; `chosen` is the line's own."""
        if chosen:
            one = self.host
        else:
            # What is quoted and stated is said of the machine that is named, not of others.
            plain = _without_named(self.workload)
            one = self.assembler.host(place, plain, self.load)
        out = host_out(self.facts, one)
        feasible = False if out else None if one.fits is None else True
        why = "; ".join(f"{name}: {text}" for name, text in out)
        return Variant(
            name=place.name,
            usd_month=one.usd_month,
            feasible=feasible,
            why_not=why,
        )

    # Over its life ---------------------------------------------------------------------------

    def horizon(self) -> Horizon:
        """What it is worth over its life, against every bill inside the rule."""
        money = self.assembler.bills(self.place, self.workload, self.load)
        outlay = self.outlay(money)
        bills = [(option, self.facts.remote(option)) for option in REMOTE]
        return Horizon(
            outlay=outlay,
            against=tuple(
                against(outlay, option, figure)
                for option, figure in bills
                if not isinstance(figure, Unknown) and option in self.facts.lock.inside
            ),
            rent_or_buy_hours=self.rent_or_buy(outlay, money),
        )

    def outlay(self, money: HostBills) -> Outlay:
        """As it is held against a bill."""
        world, workload, host = self.assembler.world, self.workload, self.host
        months, left = life_of(workload, world)
        decline: Figure = Unknown("nothing is assumed about the fall of prices")
        if world.assumptions is not None:
            decline = world.assumptions.yearly_price_decline
        if workload.buy.price_decline is not None:
            decline = Stated(workload.buy.price_decline, "buy.price_decline")
        calls = money.load.calls_per_day
        each = money.usd_per_call()
        quoted = workload.quotes.buy.tco_usd_month is not None
        fixed = host.usd_month
        if not quoted:
            fixed = combined(
                lambda whole, one: whole - one * (calls or 0.0) * cost.DAYS_PER_MONTH,
                (host.usd_month, each),
                "depreciation, care, set-up and idle draw",
            )
        return Outlay(
            machine=host.machine or workload.buy.machine,
            price_usd=host.price_usd,
            residual_share=left,
            months=months,
            opex_usd_month=host.opex_usd_month,
            fixed_usd_month=fixed,
            usd_per_call=Stated(0.0, "quotes.buy.tco_usd_month") if quoted else each,
            calls_per_day=self.load.calls_per_day,
            most_calls_per_day=self.most_calls(),
            yearly_rate=workload.buy.yearly_rate or 0.0,
            yearly_decline=decline,
            growth_per_month=workload.volume.growth_per_month,
        )

    def most_calls(self) -> Figure:
        """What it serves in a day whose busiest hour is full, the day keeping its shape."""
        host = self.host
        calls, rate, strain = self.load.calls_per_day, self.load.busiest(), host.strain
        peak = middle(host.peak_utilisation)
        if not calls or not rate or strain is None:
            return Unknown("volume.calls_per_day is not stated")
        if isinstance(host.peak_utilisation, Stated) and peak:
            return combined(lambda busy: calls / busy, (host.peak_utilisation,), "calls / peak")
        window = self.workload.volume.batch_window_hours
        busy = self.load.pattern.busy if self.load.pattern is not None else 1.0
        hours = window / busy if window is not None else calls / (rate * 3600)
        return combined(
            lambda each: (
                payback.capacity_tokens_day(
                    tokens_per_call=1.0,
                    seconds_per_call=each / strain.service.slots,
                    hours_per_day=hours,
                )
                if each > 0
                else math.inf
            ),
            (strain.service.seconds,),
            f"{hours:.1f} full hours a day, the day keeping its shape",
        )

    def rent_or_buy(self, outlay: Outlay, money: HostBills) -> Point:
        """From how many busy hours on it is cheaper than renting the same."""
        if Option.RENT_GPU not in self.facts.lock.inside:
            return Point(Unknown("renting is outside the privacy rule"))
        place = self.assembler.to_rent(self.workload, self.load)
        if place.profile is None:
            return Point(Unknown(place.absent))
        world = self.assembler.world
        return rent_or_buy(
            outlay,
            usd_per_hour=place.usd,
            rent_care_usd=ops_usd(self.workload, world),
            watts=money.watts(),
            usd_per_kwh=world.usd_per_kwh,
        )


def _at_rest(watts: Figure) -> tuple[str, ...]:
    """What it draws while it stands by, and who says so."""
    drawn = middle(watts)
    if drawn is None:
        return ()
    day, source = published_on(watts), origin(watts)
    dated = f", {day}" if day and day not in source else ""
    return (f"at rest it draws {drawn:g} W ({source}{dated})",)


def _without_named(workload: Workload) -> Workload:
    """The workload as it speaks of any machine: without what is said of the one that is named."""
    buy = replace(workload.buy, machine="", price_usd=None)
    bare = replace(workload.quotes, buy=type(workload.quotes.buy)())
    return replace(workload, buy=buy, quotes=bare)
