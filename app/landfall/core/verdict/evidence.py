"""Puts together, for one workload, everything that the decision looks at.

What the user quotes replaces what would be computed; what can be computed is an estimate with its
formula; the rest is unknown with a reason. Nothing is ever filled in with 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load, traced
from landfall.core.demand.outlook import Outlook, stated
from landfall.core.demand.serving import UNMEASURED, Service, service
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Figure, Stated, Unknown, middle, scaled
from landfall.core.quality.measured import with_measured
from landfall.core.quality.votes import with_votes
from landfall.core.settings import Thresholds
from landfall.core.side_by_side import Target
from landfall.core.verdict.ability import (
    Ability,
    ability,
    context_of,
    holds,
    service_seconds,
    with_rates,
)
from landfall.core.verdict.bills import HostBills, growth_of, month_at, ops_usd
from landfall.core.verdict.facts import NOT_STATED, Facts, HostFacts, Variant
from landfall.core.verdict.places import (
    MOST_MACHINES,
    MOST_OFFERS,
    MOST_RENTED,
    Place,
    answering_in_time,
    not_quoted,
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

    def in_world(self, world: World) -> Assembler:
        """Assembles in a world of the same machines and models at other prices.

        What a machine can do does not depend on prices, and stays computed.
        """
        return Assembler(world, self._abilities)

    @property
    def abilities(self) -> dict[tuple[object, ...], Ability]:
        """What machines can do, as far as it was computed; an assembler of the same machines may
        share it."""
        return self._abilities

    def facts(self, workload: Workload) -> Facts:
        """All that the decision table looks at for this workload."""
        lock = lock_of(workload)
        seen = self.observed(workload)
        load = _grown(workload, seen)
        hosted, candidate = self.hosted(workload, load)
        frontier = self.frontier(workload, load)
        organisation = workload.organisation
        tested = with_measured(workload, self.world.quality)
        judged = with_votes(tested, self.world.voted)
        rent, rented, variants = self.rent(workload, load)
        buy = self.purchase(workload, load)
        return Facts(
            task=workload.task,
            gate=gate_of_local(judged),
            gate_hosted=gate_of_hosted(judged),
            voted=self.world.voted.says if judged is not tested else "",
            tested=self.world.quality.says if tested is not workload else "",
            outdated=self.world.quality.expired,
            predictability=load.predictability,
            outlook=self.outlook(workload),
            history_days=load.history_days,
            calls_per_day=seen.calls_per_day,
            organisation=organisation.kind,
            hosted_allowed=organisation.hosted_allowed,
            hosted_offered=_offers_hosted(workload),
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
            growing=_growing(workload),
            motive=workload.motive,
            critical=workload.critical,
            total_ai_bill_usd_month=organisation.total_ai_bill_usd_month,
            local_infrastructure=organisation.local_infrastructure,
            price_dates=self.price_dates(workload, candidate) + _dated_purchase(workload, buy),
        )

    # Volume ----------------------------------------------------------------------------------

    def load(self, workload: Workload) -> Load:
        """How much work there is next month: stated, or out of the series, with its growth."""
        return _grown(workload, self.observed(workload))

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
                trace=traced(volume.hourly_calls, series.trace),
            )
        usage = self.world.usage
        return Load(
            calls_per_day=volume.calls_per_day,
            history_days=volume.history_days,
            predictability=volume.predictability or Predictability.UNKNOWN,
            hourly_calls=volume.hourly_calls,
            input=tokens.input,
            cached=tokens.cached_input,
            output=tokens.output,
            embedding=workload.task is Task.EMBEDDING,
            trace=traced(volume.hourly_calls, usage.trace) if usage is not None else None,
        )

    def outlook(self, workload: Workload) -> Outlook:
        """The forecast of the volume: out of the series, of imported usage, or as stated. The class
        is the one that the decision uses."""
        volume, world = workload.volume, self.world
        if world.series is not None and volume.series and world.series.outlook is not None:
            return world.series.outlook
        told = world.usage.outlook if world.usage is not None else None
        if told is not None and volume.predictability in (None, told.predictability):
            return told
        return stated(volume.predictability, volume.history_days, volume.growth_per_month)

    # Remote bills ----------------------------------------------------------------------------

    def price_dates(
        self, workload: Workload, candidate: Priced | None
    ) -> tuple[tuple[str, str, str], ...]:
        """Published prices behind the bills: what, source, ISO date."""
        today = self.world.frontier
        quoted = workload.quotes.cloud_frontier_usd_month is not None
        rows = (
            None if today is None or quoted else today.row,
            candidate.row if candidate else None,
        )
        return tuple(
            (f"{row.model} at {row.provider}", row.source, row.as_of.isoformat())
            for row in rows
            if row is not None and row.as_of is not None
        )

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
        judged = self._judged_hosted()
        if judged is not None:
            named = (Target(provider=one.provider, model=one.model) for one in inside)
            own = [row for row, one in zip(inside, named, strict=True) if one.is_same(judged)]
            if not own:
                return Unknown(f"{judged.name}, which was judged, is not offered inside"), None
            inside = own
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
            window_hours=workload.volume.batch_window_hours,
            in_time=self.in_time(place, workload, load, most=MOST_RENTED),
        )
        gpus = rental.gpus(load)
        if gpus > MOST_RENTED:
            why = f"the busiest hour would need {gpus:,} of {able.machine}"
            return Unknown(why), None, ()
        place = place if place.count == gpus else replace(place, count=gpus)
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
        names = self.candidates(workload)
        wanted = (context_of(workload), workload.candidates.needs, workload.task)
        key = (place.which, names, *wanted)
        if key not in self._abilities:
            here = place.option is Option.LOCAL_THIS_MACHINE
            serves = self.world.serves if here else {}
            slots = {tag: one.slots for tag, one in serves.items()}
            able = ability(workload, names, place.profile, self.world.cards, slots)
            rates = self.world.measured.get(able.model) if here else None
            self._abilities[key] = with_rates(able, *rates) if rates else able
        return self._abilities[key]

    def candidates(self, workload: Workload) -> tuple[str, ...]:
        """The local candidates of which the gate speaks, since a gate is one of a candidate: as
        named, else what is proposed for the machine that is owned."""
        world = self.world
        proposed = world.candidates if workload.machine.available else ()
        named = world.quality.candidates(workload.candidates.local or proposed)
        return named if world.quality.local is not None else world.voted.candidates(named)

    def _judged_hosted(self) -> Target | None:
        """The hosted candidate of which the hosted gate speaks; None: of whichever is taken."""
        measured = self.world.quality.hosted
        return measured.candidate if measured is not None else self.world.voted.hosted_target

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
        """Listed hardware that holds the candidate and keeps up, as many as that takes, the
        cheapest first; the cheapest that holds it where none keeps up."""
        found: list[Place] = []
        slow: list[Place] = []
        for place in self.listed(Option.LOCAL_BUY, self.world.purchases):
            if not holds(self.ability(place, workload)):
                continue
            enough = self.enough(place, workload, load)
            if enough is None:
                slow.append(place)
            else:
                found.append(enough)
            if len(found) == MOST_OFFERS:
                break
        return tuple(found or slow[:1])

    def enough(self, place: Place, workload: Workload, load: Load) -> Place | None:
        """As many of a machine as the busiest hour needs, for its work and to answer in time; one
        where that is not known; None where it is more than anybody buys."""
        slots = self.ability(place, workload).slots
        window = workload.volume.batch_window_hours
        seconds = self.seconds(place, workload, load)
        busy, each = middle(load.utilisation(seconds, window, slots=slots)), middle(seconds)
        count = 1 if busy is None else max(1, math.ceil(busy / BUSY_AT_MOST - 1e-9))
        in_time = self.in_time(place, workload, load, most=MOST_MACHINES)
        if in_time is not None and each is not None:
            count = in_time(each, count)
        if count > MOST_MACHINES:
            return None
        return place if count == 1 else replace(place, count=count, usd=scaled(place.usd, count))

    def in_time(
        self, place: Place, workload: Workload, load: Load, *, most: int
    ) -> Callable[[float, int], int] | None:
        """Of the seconds of a call and the fewest of a machine: how many answer within the target,
        by the same waits as H6; None where no target is stated, or the work waits for its window.
        """
        if workload.p95_seconds is None or workload.volume.batch_window_hours is not None:
            return None
        served = self.service(place, workload, load)
        strain = Strain(load=load, service=served, target_seconds=workload.p95_seconds)
        known: dict[tuple[float, int], int] = {}

        def found(seconds: float, least: int) -> int:
            def late(count: int) -> bool:
                slots = served.slots * count
                one = replace(served, seconds=Stated(seconds, "a call"), slots=slots)
                return (replace(strain, service=one).lateness() or 0.0) > 0

            if (seconds, least) not in known:
                known[seconds, least] = answering_in_time(least, late, most=most)
            return known[seconds, least]

        return found

    def host(self, place: Place, workload: Workload, load: Load) -> HostFacts:
        """One machine, or several: what is quoted of it, else what can be computed."""
        quotes = quotes_of(place.option, workload)
        able = self.ability(place, workload) if place.profile else None
        served = self.service(place, workload, load)
        strain = Strain(
            load=load,
            service=served,
            window_hours=workload.volume.batch_window_hours,
            target_seconds=workload.p95_seconds,
            peak_stated=quotes.peak_utilisation,
            absorbed_stated=quotes.absorbed_share,
            table="quotes.machine" if place.option is Option.LOCAL_THIS_MACHINE else "quotes.buy",
        )
        absorbed = strain.absorbed()
        late_by = strain.lateness()
        owned, bought = (
            place.option is one for one in (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY)
        )
        money = self.bills(place, workload, load, served)
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
            peak_utilisation=strain.peak(),
            absorbed_share=absorbed,
            # Without a trace all calls are mean calls: their tokens are split as they are.
            absorbed_token_share=absorbed if load.trace is None else strain.absorbed_tokens(),
            late=None if late_by is None else late_by > 0,
            lateness=late_by,
            misses_window=strain.misses_window(),
            strain=strain,
            count=place.count,
            notes=not_quoted(quotes, able.notes if able else absent),
        )

    def service(self, place: Place, workload: Workload, load: Load) -> Service:
        """A mean call on a machine while all slots are busy, of several machines those of all."""
        if place.profile is None or load.input is None or load.writes is None:
            return Service(seconds=self.seconds(place, workload, load))
        able = self.ability(place, workload)
        here = place.option is Option.LOCAL_THIS_MACHINE
        serves = self.world.serves.get(able.model, UNMEASURED) if here else UNMEASURED
        one = service(
            prefill=able.prefill_tok_s,
            decode=able.decode_tok_s,
            uncached=load.input,
            output=load.writes,
            serves=serves if serves.slots == able.slots else replace(serves, slots=able.slots),
            where=f"{able.model} on {able.machine}",
        )
        return one if place.count == 1 else replace(one, slots=one.slots * place.count)

    def bills(
        self, place: Place, workload: Workload, load: Load, served: Service | None = None
    ) -> HostBills:
        """The bills of a machine; those of a purchase at its mean volume.

        Args:
            served: A mean call there, where it is known already.
        """
        served = served or self.service(place, workload, load)
        able = self.ability(place, workload) if place.profile else None
        here = place.option is Option.LOCAL_THIS_MACHINE
        money = HostBills(
            world=self.world,
            workload=workload,
            load=load,
            able=able,
            seconds=served.seconds,
            listed_usd=place.usd,
            count=place.count,
            energy=self.world.energy.get(able.model) if able and here else None,
        )
        grown = growth_of(workload, self.world) if place.option is Option.LOCAL_BUY else 1.0
        if grown == 1.0 or load.calls_per_day is None:
            return money
        return replace(money, load=replace(load, calls_per_day=load.calls_per_day * grown))


def _growing(workload: Workload) -> frozenset[Option]:
    """The bills that grow with the volume over the life of a purchase: a quoted one stays."""
    quotes = workload.quotes
    if quotes.buy.tco_usd_month is not None:
        return frozenset()
    bills = (
        (Option.CLOUD_FRONTIER, quotes.cloud_frontier_usd_month),
        (Option.HOSTED_OPEN, quotes.hosted_open_usd_month),
    )
    return frozenset(option for option, stated in bills if stated is None)


def _offers_hosted(workload: Workload) -> bool:
    """Whether a host of open models is named: as a candidate, by its price, or as inside."""
    named_inside = Option.HOSTED_OPEN.value.lower() in workload.privacy.in_region
    quoted = workload.quotes.hosted_open_usd_month is not None
    return bool(workload.candidates.hosted) or quoted or named_inside


def _dated_purchase(workload: Workload, buy: HostFacts | None) -> tuple[tuple[str, str, str], ...]:
    """The date that the user states of the price of a machine, as of `Facts.price_dates`."""
    stated, quoted = workload.buy, workload.quotes.buy.price_usd is not None
    if buy is None or quoted or not stated.price_as_of or stated.price_usd is None:
        return ()
    return ((buy.machine or "the machine to buy", "buy.price", stated.price_as_of),)


_T = TypeVar("_T")


def _first(*values: _T | None) -> _T | None:
    return next((value for value in values if value is not None), None)


def _grown(workload: Workload, seen: Load) -> Load:
    """Next month's load: that of now with its growth."""
    grown = 1 + workload.volume.growth_per_month
    if grown == 1 or seen.calls_per_day is None:
        return seen
    return replace(
        seen,
        calls_per_day=seen.calls_per_day * grown,
        hourly_calls=tuple(calls * grown for calls in seen.hourly_calls),
    )
