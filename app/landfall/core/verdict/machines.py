"""What a machine is to a workload: the owned one, one that may be bought, and what is listed.

What the user quotes replaces what would be computed; what can be computed is an estimate with its
formula; the rest is unknown with a reason. Nothing is ever filled in with 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from landfall.core.demand.load import Load
from landfall.core.demand.serving import UNMEASURED, Service, service
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Figure, Unknown, middle, scaled
from landfall.core.verdict.ability import (
    Ability,
    ability,
    ability_there,
    context_of,
    holds,
    service_seconds,
    with_rates,
)
from landfall.core.verdict.bills import HostBills, growth_of
from landfall.core.verdict.facts import NOT_STATED, HostFacts
from landfall.core.verdict.places import (
    MOST_MACHINES,
    MOST_OFFERS,
    InTime,
    Notes,
    Place,
    not_quoted,
    price_of,
    quotes_of,
)
from landfall.core.verdict.renting import BUSY_AT_MOST
from landfall.core.verdict.splitting import split_part, unquoted
from landfall.core.verdict.world import Listed, World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import NO_QUOTES, HostQuotes, Workload


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of one world; what each can do is computed once and kept."""

    world: World
    _abilities: dict[tuple[object, ...], Ability] = field(default_factory=dict)
    _plain: dict[int, tuple[Ability, Ability]] = field(default_factory=dict)

    # Owned --------------------------------------------------------------------------------------

    def owned(self, workload: Workload, load: Load) -> HostFacts | None:
        """The owned machine, as quoted and estimated; None where there is none."""
        quotes = workload.quotes.machine
        if not workload.machine.available:
            return None
        if self.world.machine is None and quotes == NO_QUOTES:
            return None
        return self.host(self.at_hand(), workload, load)

    def at_hand(self) -> Place:
        """The owned machine, or the hosts that share the calls."""
        world = self.world
        count = world.on.count if world.on is not None else 1
        usd = world.machine_usd if count == 1 else scaled(world.machine_usd, count)
        return Place(
            option=Option.LOCAL_THIS_MACHINE,
            which="machine",
            profile=world.machine,
            absent=world.machine_absent,
            usd=usd,
            count=count,
        )

    def why_no_machine(self, workload: Workload) -> str:
        """Why no owned machine is considered."""
        if not workload.machine.available:
            return "there is no machine to consider (machine.available = false)"
        return self.world.machine_absent

    # To buy -------------------------------------------------------------------------------------

    def purchase(self, workload: Workload, load: Load) -> HostFacts | None:
        """The machine that might be bought; None where none is considered."""
        if not workload.considers_purchase:
            return None
        return self.host(self.to_buy(workload, load), workload, load)

    def to_buy(self, workload: Workload, load: Load) -> Place:
        """The machine that is named; else the cheapest listed that holds the candidate and keeps
        up, several of it where one does not."""
        world = self.world
        if workload.says_what_is_bought or not world.purchases:
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

    def listed(self, option: Option, rows: tuple[Listed, ...]) -> Iterator[Place]:
        """Hardware that is listed, as places, the cheapest first."""
        for row in rows:
            which = f"{option}: {row.profile.name}"
            yield Place(option=option, which=which, profile=row.profile, usd=row.usd)

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

    def in_time(self, place: Place, workload: Workload, load: Load, *, most: int) -> InTime | None:
        """How many of a machine answer within the target; None where no target is stated, or the
        work waits for its window.

        Args:
            place: One of them, or several: it is counted from one.
            most: More are not looked at.
        """
        if workload.p95_seconds is None or workload.volume.batch_window_hours is not None:
            return None
        one = place if place.count == 1 else replace(place, count=1)
        served = self.service(one, workload, load)
        return InTime(Strain(load=load, service=served, target_seconds=workload.p95_seconds), most)

    # Any machine --------------------------------------------------------------------------------

    def host(
        self, place: Place, workload: Workload, load: Load, *, rent: Figure = NOT_STATED
    ) -> HostFacts:
        """One machine, or several: what is quoted of it, else what can be computed.

        Args:
            rent: USD a month of a rented one.
        """
        quotes = quotes_of(place.option, workload)
        able = self.ability(place, workload) if place.profile else None
        served = self.service(place, workload, load)
        strain = self._strain(place, workload, load, served)
        peak, absorbed, absorbed_tokens = self.shares(place.option, strain)
        late_by = strain.lateness()
        part = 1.0
        if place.option is Option.RENT_GPU:
            money = _Money(rent, _OF_A_PURCHASE, _NOT_BOUGHT)
        else:
            bills = self.bills(place, workload, load, served)
            money = _bills_of(place, bills)
            kept = absorbed if isinstance(absorbed_tokens, Unknown) else absorbed_tokens
            plain = unquoted(bills)
            month = money.usd_month if plain is bills else _bills_of(place, plain).usd_month
            part = split_part(plain, month, kept)
        notes = able.notes if able else tuple((key, place.absent) for key in _ABSENT)
        return HostFacts(
            option=place.option,
            machine=place.name,
            model=able.model if able else "",
            fits=first_known(quotes.fits, able.fits if able else place.held),
            context_ok=first_known(quotes.context_ok, able.context_ok if able else None),
            licence_ok=first_known(quotes.licence_ok, able.licence_ok if able else None),
            capability_ok=first_known(quotes.capability_ok, able.capability_ok if able else None),
            usd_month=money.usd_month,
            opex_usd_month=money.opex_usd_month,
            price_usd=money.price_usd,
            peak_utilisation=peak,
            absorbed_share=absorbed,
            absorbed_token_share=absorbed_tokens,
            split_part=part,
            idle_watts=self._idle_of(place),
            late=None if late_by is None else late_by > 0,
            lateness=late_by,
            misses_window=strain.misses_window(),
            strain=strain,
            count=place.count,
            notes=self.notes(quotes, notes),
        )

    def _idle_of(self, place: Place) -> Figure:
        assumed = self.world.assumptions
        if place.option is not Option.LOCAL_BUY or assumed is None:
            return NOT_STATED
        return assumed.idle_of(place.profile)

    def _strain(self, place: Place, workload: Workload, load: Load, served: Service) -> Strain:
        quotes = quotes_of(place.option, workload)
        return Strain(
            load=load,
            service=served,
            window_hours=workload.volume.batch_window_hours,
            target_seconds=workload.p95_seconds,
            network_seconds=self._network(place),
            peak_stated=quotes.peak_utilisation,
            absorbed_stated=quotes.absorbed_share,
            table="quotes.machine" if place.option is Option.LOCAL_THIS_MACHINE else "quotes.buy",
        )

    def falls_behind(
        self, place: Place, workload: Workload, load: Load, in_time: InTime | None = None
    ) -> bool:
        """H6: whether it answers later than the target, or is not done in its window.

        Args:
            in_time: What `in_time` says of it, where that is known already.
        """
        if in_time is not None:
            return in_time.late(place.count)
        strain = self._strain(place, workload, load, self.service(place, workload, load))
        return (strain.lateness() or 0.0) > 0 or bool(strain.misses_window())

    def notes(self, quotes: HostQuotes, found: Notes) -> Notes:
        """What was found of a machine, in words."""
        return not_quoted(quotes, found)

    def shares(self, _option: Option, strain: Strain) -> tuple[Figure, Figure, Figure]:
        """How busy a machine is at the peak; the shares of the calls and of the tokens it takes."""
        absorbed = strain.absorbed()
        # Without a trace all calls are mean calls: their tokens are split as they are.
        tokens = absorbed if strain.load.trace is None else strain.absorbed_tokens()
        return strain.peak(), absorbed, tokens

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
        if place.count == 1:
            return one
        on = self.world.on if here else None
        pooled = on.slots.get(able.model) if on is not None else None
        return replace(one, slots=pooled or one.slots * place.count)

    def _network(self, place: Place) -> float:
        """Seconds that an answer from a host is on its way; none from this machine."""
        on = self.world.on if place.option is Option.LOCAL_THIS_MACHINE else None
        return 0.0 if on is None else middle(on.network_seconds) or 0.0

    def seconds(self, place: Place, workload: Workload, load: Load) -> Figure:
        """Seconds a request keeps its slot on a machine."""
        if place.profile is None:
            return Unknown(place.absent)
        if load.input is None:
            return Unknown("tokens.input is not stated")
        if load.writes is None:
            return Unknown("tokens.output is not stated")
        return service_seconds(self.ability(place, workload), load.input, load.writes)

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
            profile=place.profile,
        )
        grown = growth_of(workload, self.world) if place.option is Option.LOCAL_BUY else 1.0
        if grown == 1.0 or load.calls_per_day is None:
            return money
        return replace(money, load=replace(load, calls_per_day=load.calls_per_day * grown))

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
            on = self.world.on if here else None
            if on is not None and not on.described:
                self._abilities[key] = ability_there(
                    workload,
                    names,
                    machine=place.name,
                    cards=self.world.cards,
                    measured=self.world.measured,
                    slots=slots,
                )
                return self._abilities[key]
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


class _Money(NamedTuple):
    usd_month: Figure
    opex_usd_month: Figure
    price_usd: Figure


_ABSENT = ("fits", "context_ok", "H3")
"""What an absent machine is noted under."""
_OF_A_PURCHASE = Unknown("of a purchase only")
_NOT_BOUGHT = Unknown("not bought")


def _bills_of(place: Place, money: HostBills) -> _Money:
    """What an owned machine adds, or what one that is bought costs."""
    if place.option is Option.LOCAL_BUY:
        opex = money.opex()
        return _Money(money.tco(opex), opex, money.price())
    return _Money(money.marginal(), _OF_A_PURCHASE, _NOT_BOUGHT)


_T = TypeVar("_T")


def first_known(*values: _T | None) -> _T | None:
    """The first value that is there."""
    for value in values:
        if value is not None:
            return value
    return None
