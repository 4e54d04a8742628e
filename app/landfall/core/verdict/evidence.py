"""Puts together, for one workload, everything that the decision looks at.

What the user quotes replaces what would be computed; what can be computed is an estimate with its
formula; the rest is unknown with a reason. Nothing is ever filled in with 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from landfall.core.costs.bills import HostBills, growth_of, month_at, ops_usd
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load, is_late, misses_window
from landfall.core.provenance import Figure, Stated, Unknown, middle, scaled
from landfall.core.quality.measured import with_measured
from landfall.core.quality.votes import with_votes
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import (
    Ability,
    ability,
    context_of,
    holds,
    service_seconds,
    with_rates,
)
from landfall.core.verdict.facts import NOT_STATED, Facts, HostFacts, Variant
from landfall.core.verdict.places import (
    MOST_MACHINES,
    MOST_OFFERS,
    Place,
    price_of,
    quotes_of,
)
from landfall.core.verdict.renting import BUSY_AT_MOST, Rental
from landfall.core.verdict.table import rule
from landfall.core.verdict.world import Listed, Priced, World
from landfall.core.workload.privacy import Option, hosted_inside, leaks, lock_of
from landfall.core.workload.workload import (
    HostQuotes,
    Task,
    Workload,
    gate_of_hosted,
    gate_of_local,
)

_NO_VOLUME = Unknown("volume.calls_per_day is not stated")


@dataclass(frozen=True, slots=True)
class Assembler:
    """Assembles facts in one world; what a machine can do is computed once and kept."""

    world: World
    _abilities: dict[tuple[object, ...], Ability] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Assembler], tuple[World]]:
        """Pickled without what was computed: ten times its size, and soon there again."""
        return Assembler, (self.world,)

    def facts(self, workload: Workload) -> Facts:
        """All that the decision table looks at for this workload."""
        lock = lock_of(workload)
        load = self.load(workload)
        hosted, candidate = self.hosted(workload, load)
        frontier = self.frontier(workload, load)
        today = self.world.frontier
        quoted = workload.quotes.cloud_frontier_usd_month is not None
        dates = [
            None if today is None or quoted else today.row,
            candidate.row if candidate else None,
        ]
        organisation = workload.organisation
        tested = with_measured(workload, self.world.quality)
        judged = with_votes(tested, self.world.voted)
        rent, rented, variants = self.rent(workload, load)
        buy = self.purchase(workload, load)
        growing = frozenset(
            option
            for option, stated in (
                (Option.CLOUD_FRONTIER, workload.quotes.cloud_frontier_usd_month),
                (Option.HOSTED_OPEN, workload.quotes.hosted_open_usd_month),
            )
            if stated is None and workload.quotes.buy.tco_usd_month is None
        )
        named_inside = Option.HOSTED_OPEN.value.lower() in workload.privacy.in_region
        return Facts(
            task=workload.task,
            gate=gate_of_local(judged),
            gate_hosted=gate_of_hosted(judged),
            voted=self.world.voted.says if judged is not tested else "",
            tested=self.world.quality.says if tested is not workload else "",
            outdated=self.world.quality.expired,
            predictability=load.predictability,
            history_days=load.history_days,
            calls_per_day=self.observed(workload).calls_per_day,
            organisation=organisation.kind,
            hosted_allowed=organisation.hosted_allowed,
            hosted_offered=bool(workload.candidates.hosted)
            or workload.quotes.hosted_open_usd_month is not None
            or named_inside,
            lock=lock,
            leaks=leaks(workload),
            frontier=frontier,
            hosted=hosted,
            rent=rent,
            rented=rented,
            rent_variants=variants,
            machine=self.owned(workload, load),
            machine_absent=self.why_no_machine(workload),
            buy=buy,
            growth=growth_of(workload, self.world) if buy else 1.0,
            growing=growing,
            motive=workload.motive,
            critical=workload.critical,
            total_ai_bill_usd_month=organisation.total_ai_bill_usd_month,
            local_infrastructure=organisation.local_infrastructure,
            price_dates=tuple(
                (f"{row.model} at {row.provider}", row.source, row.as_of.isoformat())
                for row in dates
                if row is not None and row.as_of is not None
            ),
        )

    # Volume ----------------------------------------------------------------------------------

    def load(self, workload: Workload) -> Load:
        """How much work there is next month: stated, or out of the series, with its growth."""
        seen, grown = self.observed(workload), 1 + workload.volume.growth_per_month
        if grown == 1 or seen.calls_per_day is None:
            return seen
        return replace(
            seen,
            calls_per_day=seen.calls_per_day * grown,
            hourly_calls=tuple(calls * grown for calls in seen.hourly_calls),
        )

    def observed(self, workload: Workload) -> Load:
        """How much work there is now."""
        volume, tokens, series = workload.volume, workload.tokens, self.world.series
        if series is not None and volume.series:
            return Load(
                calls_per_day=series.calls_per_day,
                history_days=series.history_days,
                predictability=series.predictability,
                hourly_calls=volume.hourly_calls,
                input=_first(tokens.input, series.input),
                cached=_first(tokens.cached_input, series.cached_input),
                output=_first(tokens.output, series.output),
                embedding=workload.task is Task.EMBEDDING,
            )
        return Load(
            calls_per_day=volume.calls_per_day,
            history_days=volume.history_days,
            predictability=volume.predictability or Predictability.UNKNOWN,
            hourly_calls=volume.hourly_calls,
            input=tokens.input,
            cached=tokens.cached_input,
            output=tokens.output,
            embedding=workload.task is Task.EMBEDDING,
        )

    # Remote bills ----------------------------------------------------------------------------

    def frontier(self, workload: Workload, load: Load) -> Figure:
        """What it costs where it runs today."""
        quoted = workload.quotes.cloud_frontier_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.cloud_frontier_usd_month")
        if self.world.frontier is None:
            return Unknown("today.provider and today.model are not stated")
        return month_at(self.world.frontier, workload, load)

    def hosted(self, workload: Workload, load: Load) -> tuple[Figure, Priced | None]:
        """The cheapest hosted candidate inside the lock, and which it is."""
        quoted = workload.quotes.hosted_open_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.hosted_open_usd_month"), None
        inside = [one for one in self.world.hosted if hosted_inside(workload, one.provider)]
        if not inside:
            why = "no hosted candidate is named (candidates.hosted)"
            return Unknown("outside the privacy rule" if self.world.hosted else why), None
        months = [(month_at(one, workload, load), one) for one in inside]
        priced = [pair for pair in months if not isinstance(pair[0], Unknown)]
        return min(priced, key=lambda pair: middle(pair[0]) or 0.0) if priced else months[0]

    def rent(
        self, workload: Workload, load: Load
    ) -> tuple[Figure, HostFacts | None, tuple[Variant, ...]]:
        """The local candidate on a rented GPU, always on or on demand, whichever is cheaper."""
        quoted = workload.quotes.rent_gpu_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.rent_gpu_usd_month"), None, ()
        if Option.RENT_GPU not in lock_of(workload).inside:
            return Unknown("outside the privacy rule"), None, ()
        place = self.to_rent(workload)
        assumed = self.world.assumptions
        if place.profile is None or assumed is None:
            return Unknown(place.absent or "nothing is assumed about renting"), None, ()
        able = self.ability(place, workload)
        seconds = self.seconds(place, workload, load)
        if isinstance(seconds, Unknown) or load.calls_per_day is None:
            gap = seconds if isinstance(seconds, Unknown) else _NO_VOLUME
            return gap, self.host(place, workload, load), ()
        rental = Rental(
            able=able,
            seconds=seconds,
            usd_per_hour=place.usd,
            care_usd=ops_usd(workload, self.world),
            assumed=assumed,
            batch=workload.volume.batch_window_hours is not None,
        )
        place = replace(place, count=rental.gpus(load))
        variants = rental.variants(load)
        host = replace(self.host(place, workload, load), usd_month=variants[0].usd_month)
        return variants[0].usd_month, host, variants

    def to_rent(self, workload: Workload) -> Place:
        """The cheapest board with a listed price an hour that holds the candidate whole."""
        for place in self.listed(Option.RENT_GPU, self.world.rentals):
            if holds(self.ability(place, workload)):
                return place
        absent = "no rented GPU with a listed price holds the local candidate"
        return Place(option=Option.RENT_GPU, which="rented", profile=None, absent=absent)

    def listed(self, option: Option, rows: tuple[Listed, ...]) -> Iterator[Place]:
        """Hardware that is listed, as places, the cheapest first."""
        for row in rows:
            which = f"{option}: {row.profile.name}"
            yield Place(option=option, which=which, profile=row.profile, usd=row.usd)

    # Own machines ----------------------------------------------------------------------------

    def ability(self, place: Place, workload: Workload) -> Ability:
        """What a machine can do with the local candidates; computed once for each question."""
        assert place.profile is not None
        names = self.world.quality.candidates(workload.candidates.local or self.world.candidates)
        wanted = (context_of(workload), workload.candidates.needs, workload.task)
        key = (place.which, names, *wanted)
        if key not in self._abilities:
            able = ability(workload, names, place.profile, self.world.cards)
            here = place.option is Option.LOCAL_THIS_MACHINE
            rates = self.world.measured.get(able.model) if here else None
            self._abilities[key] = with_rates(able, *rates) if rates else able
        return self._abilities[key]

    def decide(self, limits: Thresholds) -> Callable[[Workload], Option]:
        """The whole way from a workload to its verdict, for a search over many workloads."""
        return lambda workload: rule(self.facts(workload), limits).option

    def seconds(self, place: Place, workload: Workload, load: Load) -> Figure:
        """Seconds a request keeps its slot on a machine."""
        if place.profile is None:
            return Unknown(place.absent)
        if load.input is None:
            return Unknown("tokens.input is not stated")
        if load.writes is None:
            return Unknown("tokens.output is not stated")
        return service_seconds(self.ability(place, workload), load.input, load.writes)

    def why_no_machine(self, workload: Workload) -> str:
        """Why no owned machine is considered."""
        if not workload.machine.available:
            return "there is no machine to consider (machine.available = false)"
        return self.world.machine_absent

    def owned(self, workload: Workload, load: Load) -> HostFacts | None:
        """The owned machine, as quoted and estimated; None where there is none."""
        quotes = workload.quotes.machine
        if not workload.machine.available:
            return None
        if self.world.machine is None and quotes == HostQuotes():
            return None
        return self.host(self.at_hand(), workload, load)

    def at_hand(self) -> Place:
        """The owned machine."""
        world = self.world
        return Place(
            option=Option.LOCAL_THIS_MACHINE,
            which="machine",
            profile=world.machine,
            absent=world.machine_absent,
            usd=world.machine_usd,
        )

    def purchase(self, workload: Workload, load: Load) -> HostFacts | None:
        """The machine that might be bought; None where none is considered."""
        if not workload.considers_purchase:
            return None
        return self.host(self.to_buy(workload, load), workload, load)

    def to_buy(self, workload: Workload, load: Load) -> Place:
        """The machine that is named; else the cheapest listed that holds the candidate and keeps
        up, several of it where one does not."""
        world, buy = self.world, workload.buy
        stated = buy.machine or buy.price_usd is not None or workload.quotes.buy != HostQuotes()
        if stated or not world.purchases:
            return Place(
                option=Option.LOCAL_BUY,
                which="buy",
                profile=world.purchase,
                absent=world.purchase_absent,
                usd=world.purchase_usd,
                count=world.purchase_count,
            )
        offers = self.offers(workload, load)
        if offers:
            return min(offers, key=price_of)
        first = next(self.listed(Option.LOCAL_BUY, world.purchases))
        able = self.ability(first, workload)
        if able.fits is None:
            why = dict(able.notes).get("fits", world.purchase_absent)
            return Place(option=Option.LOCAL_BUY, which="buy", profile=None, absent=why)
        why = f"no listed hardware holds {able.model} whole"
        return replace(first, profile=None, absent=why, held=False)

    def offers(self, workload: Workload, load: Load) -> tuple[Place, ...]:
        """Listed hardware that holds the candidate, the cheapest first, as many as keep up."""
        found: list[Place] = []
        for place in self.listed(Option.LOCAL_BUY, self.world.purchases):
            if not holds(self.ability(place, workload)):
                continue
            found.append(self.enough(place, workload, load))
            if len(found) == MOST_OFFERS:
                break
        return tuple(found)

    def enough(self, place: Place, workload: Workload, load: Load) -> Place:
        """As many of a machine as the busiest hour needs, or one where that is not known."""
        slots = self.ability(place, workload).slots
        window = workload.volume.batch_window_hours
        busy = middle(load.utilisation(self.seconds(place, workload, load), window, slots=slots))
        count = 1 if busy is None else max(1, math.ceil(busy / BUSY_AT_MOST - 1e-9))
        if count == 1 or count > MOST_MACHINES:
            return place
        return replace(place, count=count, usd=scaled(place.usd, count))

    def host(self, place: Place, workload: Workload, load: Load) -> HostFacts:
        """One machine, or several: what is quoted of it, else what can be computed."""
        quotes = quotes_of(place.option, workload)
        able = self.ability(place, workload) if place.profile else None
        seconds = self.seconds(place, workload, load)
        slots = place.count * (able.slots if able else 1)
        peak, absorbed = self.strain(place, seconds, load, workload, slots=slots)
        late, misses = (None, None)
        if quotes.peak_utilisation is None:
            late = is_late(seconds, load, workload, slots=slots)
            misses = misses_window(seconds, load, workload, slots=slots)
        owned, bought = (
            place.option is one for one in (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY)
        )
        money = self.bills(place, workload, load)
        absent = (("fits", place.absent), ("context_ok", place.absent), ("H3", place.absent))
        return HostFacts(
            option=place.option,
            machine=place.name,
            model=able.model if able else "",
            fits=_first(quotes.fits, able.fits if able else place.held),
            context_ok=_first(quotes.context_ok, able.context_ok if able else None),
            licence_ok=_first(quotes.licence_ok, able.licence_ok if able else None),
            capability_ok=_first(quotes.capability_ok, able.capability_ok if able else None),
            usd_month=money.marginal() if owned else money.tco() if bought else NOT_STATED,
            opex_usd_month=money.opex() if bought else Unknown("of a purchase only"),
            price_usd=money.price() if bought else Unknown("not bought"),
            peak_utilisation=peak,
            absorbed_share=absorbed,
            service_s=seconds,
            busiest_per_s=load.busiest(),
            slots=slots,
            count=place.count,
            late=late,
            misses_window=misses,
            notes=able.notes if able else absent,
        )

    def bills(self, place: Place, workload: Workload, load: Load) -> HostBills:
        """The bills of a machine; those of a purchase at its mean volume."""
        able = self.ability(place, workload) if place.profile else None
        here = place.option is Option.LOCAL_THIS_MACHINE
        money = HostBills(
            world=self.world,
            workload=workload,
            load=load,
            able=able,
            seconds=self.seconds(place, workload, load),
            listed_usd=place.usd,
            count=place.count,
            energy=self.world.energy.get(able.model) if able and here else None,
        )
        grown = growth_of(workload, self.world) if place.option is Option.LOCAL_BUY else 1.0
        if grown == 1.0 or load.calls_per_day is None:
            return money
        return replace(money, load=replace(load, calls_per_day=load.calls_per_day * grown))

    def strain(
        self, place: Place, seconds: Figure, load: Load, workload: Workload, *, slots: int
    ) -> tuple[Figure, Figure]:
        """Utilisation in the busiest hour, and the share of the calls served before the rest
        overflows."""
        quotes = quotes_of(place.option, workload)
        owned = place.option is Option.LOCAL_THIS_MACHINE
        table = "quotes.machine" if owned else "quotes.buy"
        peak = load.utilisation(seconds, workload.volume.batch_window_hours, slots=slots)
        absorbed = load.absorbed(seconds, slots=slots)
        if quotes.peak_utilisation is not None:
            peak = Stated(quotes.peak_utilisation, f"{table}.peak_utilisation")
            absorbed = load.absorbed_at(quotes.peak_utilisation)
        if quotes.absorbed_share is not None:
            absorbed = Stated(quotes.absorbed_share, f"{table}.absorbed_share")
        return peak, absorbed


_T = TypeVar("_T")


def _first(*values: _T | None) -> _T | None:
    return next((value for value in values if value is not None), None)
