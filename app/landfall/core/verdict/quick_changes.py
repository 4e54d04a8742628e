"""Changed workloads in the same world, read quickly: only what a key touches is made out anew.

Bands are left out (every figure stands at its middle, which is all that the table looks at), so
that a bill is one sum and not one for each end of each input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import product
from operator import is_not
from typing import Any

from landfall.core.demand.load import Load
from landfall.core.demand.outlook import Outlook
from landfall.core.demand.serving import Service
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Estimated, Figure, Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import Ability, context_of
from landfall.core.verdict.assembling import Assembler, Board, Gates
from landfall.core.verdict.care import ops_usd
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.parts import ALL, NONE, WITHOUT_BILLS, Part
from landfall.core.verdict.places import Notes, Place
from landfall.core.verdict.quick_table import Lead, lead, unasked
from landfall.core.verdict.renting import Rental
from landfall.core.verdict.table_numbers import (
    EXTREMES,
    RENTS,
    HostNumbers,
    Numbers,
    Reading,
    numbers_of,
    reading,
)
from landfall.core.verdict.world import Listed, World
from landfall.core.workload.privacy import Leak, Lock, Option
from landfall.core.workload.workload import Workload

_SPARED = (frozenset({Part.BUY, Part.RENT}), frozenset({Part.RENT}), frozenset({Part.BUY}))
_NAMES = {Part.OWN: "own", Part.BUY: "buy", Part.RENT: "rent"}
_UNREAD = Unknown("the table does not look at it")


@dataclass(frozen=True, slots=True)
class Plain(Assembler):
    """Assembles facts without bands, and makes out anew only the parts that are said to change.

    Attributes:
        fresh: The parts to make out anew; the others are those of the workload seen first.
        factor: On the volume that is observed.
    """

    fresh: set[Part] = field(default_factory=set)
    _kept: dict[Part, Any] = field(default_factory=dict)
    _served: dict[tuple[Any, ...], Service] = field(default_factory=dict)
    _outlooks: list[Outlook] = field(default_factory=list)
    _able: dict[str, Ability] = field(default_factory=dict)
    _asked: list[object] = field(default_factory=list)
    _rules: list[tuple[tuple[object, ...], Lock, Gates]] = field(default_factory=list)
    _listed: dict[Option, tuple[Place, ...]] = field(default_factory=dict)
    _boards: list[tuple[tuple[object, ...], Board]] = field(default_factory=list)
    factor: float = 1.0

    def observed(self, workload: Workload) -> Load:
        """A multiple of the volume."""
        seen = Assembler.observed(self, workload)
        if self.factor == 1.0 or seen.calls_per_day is None:
            return seen
        return replace(
            seen,
            calls_per_day=seen.calls_per_day * self.factor,
            hourly_calls=tuple(calls * self.factor for calls in seen.hourly_calls),
        )

    def ability(self, place: Place, workload: Workload) -> Ability:
        """Without bands; the same while nothing that it rests on is exchanged in the workload."""
        if not self._asked or self._asked[0] is not workload:
            of, seen = workload, self._asked
            # Of the tokens nothing counts but how long a call gets.
            asked = (workload, context_of(of), of.candidates, of.machine, of.task)
            if not seen or seen[1] != asked[1] or any(map(is_not, seen[2:], asked[2:])):
                self._able.clear()
            seen[:] = asked
        found = self._able.get(place.which)
        if found is None:
            found = self._able[place.which] = self._flat(Assembler.ability(self, place, workload))
        return found

    def _flat(self, able: Ability) -> Ability:
        known = self._plain.get(id(able))
        if known is None:
            # The first of the pair keeps the id from being given away.
            known = self._plain[id(able)] = (able, _without_bands(able))
        return known[1]

    def service(self, place: Place, workload: Workload, load: Load) -> Service:
        """Made once for each machine and mean call: no volume and no money changes it."""
        if place.profile is None:
            return Assembler.service(self, place, workload, load)
        able = self.ability(place, workload)
        key = (id(able), place.option, place.count, load.input, load.writes)
        known = self._served.get(key)
        if known is None:
            known = self._served[key] = Assembler.service(self, place, workload, load)
        return known

    def listed(self, option: Option, rows: tuple[Listed, ...]) -> Iterator[Place]:
        """Without the bands of their prices, and put together once."""
        found = self._listed.get(option)
        if found is None:
            places = Assembler.listed(self, option, rows)
            found = self._listed[option] = tuple([_without_bands(place) for place in places])
        return iter(found)

    def board(self, workload: Workload, load: Load) -> Board:
        """The same while nothing that it rests on is exchanged in the workload, but for the care:
        that counts in the bill, and not in which board it is."""
        of = workload
        called = (of.tokens, of.volume, of.p95_seconds, self.factor)
        rests_on = (*called, of.candidates, of.machine, of.task)
        if not self._boards or any(map(is_not, self._boards[0][0], rests_on)):
            self._boards[:] = [(rests_on, Assembler.board(self, workload, load))]
            return self._boards[0][1]
        place, rental = self._boards[0][1]
        if isinstance(rental, Rental):
            rental = replace(rental, care_usd=ops_usd(workload, self.world))
        return place, rental

    def at_hand(self) -> Place:
        """Put together once."""
        found = self._listed.get(Option.LOCAL_THIS_MACHINE)
        if found is None:
            found = self._listed[Option.LOCAL_THIS_MACHINE] = (Assembler.at_hand(self),)
        return found[0]

    def shares(self, option: Option, strain: Strain) -> tuple[Figure, Figure, Figure]:
        """Of a board that is rented none: the table does not look at them."""
        if option is Option.RENT_GPU:
            return _UNREAD, _UNREAD, _UNREAD
        return Assembler.shares(self, option, strain)

    def outlook(self, workload: Workload) -> Outlook:
        """That of the workload seen first: the table does not look at it."""
        if not self._outlooks:
            self._outlooks.append(Assembler.outlook(self, workload))
        return self._outlooks[0]

    def lock(self, workload: Workload) -> Lock:
        """The same while nothing that it rests on is exchanged in the workload."""
        return self._ruled(workload)[1]

    def gates(self, workload: Workload) -> Gates:
        """In the same way."""
        return self._ruled(workload)[2]

    def _ruled(self, workload: Workload) -> tuple[tuple[object, ...], Lock, Gates]:
        of = workload
        rests_on = (of.privacy, of.today, of.candidates, of.quality, of.task)
        if not self._rules or any(map(is_not, self._rules[0][0], rests_on)):
            made = (Assembler.lock(self, workload), Assembler.gates(self, workload))
            self._rules[:] = [(rests_on, *made)]
        return self._rules[0]

    def leaks(self, *_: Any) -> tuple[Leak, ...]:
        """None: they are for who reads a verdict."""
        return ()

    def notes(self, *_: Any) -> Notes:
        """None, for the same reason."""
        return ()

    def price_dates(self, *_: Any) -> tuple[tuple[str, str, str], ...]:
        """None, for the same reason."""
        return ()

    def frontier(self, *args: Any) -> Any:
        """Kept unless it is to be made anew."""
        return self._kept_or(Part.FRONTIER, Assembler.frontier, args)

    def hosted(self, *args: Any) -> Any:
        """In the same way."""
        return self._kept_or(Part.HOSTED, Assembler.hosted, args)

    def rent(self, *args: Any) -> Any:
        """In the same way."""
        return self._kept_or(Part.RENT, Assembler.rent, args)

    def owned(self, *args: Any) -> Any:
        """In the same way."""
        return self._kept_or(Part.OWN, Assembler.owned, args)

    def purchase(self, *args: Any) -> Any:
        """In the same way."""
        return self._kept_or(Part.BUY, Assembler.purchase, args)

    def _kept_or(self, part: Part, made: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        if part in self._kept and part not in self.fresh:
            return self._kept[part]
        found = made(self, *args)
        self._kept.setdefault(part, found)
        return found


def certain(assembler: Assembler) -> Plain:
    """The same world with every figure at its middle."""
    world = assembler.world
    assumed = world.assumptions
    if assumed is not None:
        listed = {name: _flat(watts) for name, watts in assumed.listed_idle_watts.items()}
        assumed = replace(_without_bands(assumed), listed_idle_watts=listed)
    plain: World = replace(_without_bands(world), assumptions=assumed)
    # What a machine can do is known to both.
    return Plain(plain, assembler.abilities, assembler.plain)


def _without_bands(whole: Any) -> Any:
    """A value whose estimates have no width any more; everything else of it stays."""
    flat = {}
    for one in fields(whole):
        value = getattr(whole, one.name)
        if isinstance(value, Estimated):
            flat[one.name] = _flat(value)
    return replace(whole, **flat) if flat else whole


def _flat(figure: Figure) -> Figure:
    if isinstance(figure, Estimated) and figure.low != figure.high:
        return Estimated(figure.mid, figure.mid, figure.mid, figure.formula)
    return figure


@dataclass(frozen=True, slots=True)
class Probe:
    """One workload in one world, and what the table says of it when something is changed.

    Attributes:
        workload: As it is.
        assembler: Of the world without bands.
        facts: Of the workload, without bands.
        limits: Where the rules turn.
        now: What the table looks at in the facts.
    """

    workload: Workload
    assembler: Plain
    facts: Facts
    limits: Thresholds
    now: Reading
    _fixed: dict[frozenset[Part], bool] = field(default_factory=dict)

    def facts_of(self, changed: Workload, parts: frozenset[Part] = ALL) -> Facts:
        """The facts of a changed workload, of which only these bills and machines can differ."""
        at = self.assembler
        at.fresh.clear()
        at.fresh.update(parts)
        return at.facts(changed)

    def busier(self, factor: float, parts: frozenset[Part] = ALL) -> Numbers:
        """The numbers of a multiple of the volume; what is quoted of bills and load follows it.

        Args:
            factor: On the volume.
            parts: Those that are asked for; what is said of the others does not count.
        """
        if factor == 1.0:
            return self.now.numbers
        at = replace(self.assembler, factor=factor, fresh=set(parts))
        found = numbers_of(at.facts(self.workload), like=(self.facts, self.now.numbers))
        quotes = self.workload.quotes
        own, buy = found.own, found.buy
        if quotes.machine.peak_utilisation is not None and own.peak is not None:
            own = own._replace(peak=own.peak * factor)
        if quotes.buy.peak_utilisation is not None and buy.peak is not None:
            buy = buy._replace(peak=buy.peak * factor)
        return found._replace(
            frontier=_times(found.frontier, factor, quotes.cloud_frontier_usd_month),
            hosted=_times(found.hosted, factor, quotes.hosted_open_usd_month),
            rent=_times(found.rent, factor, quotes.rent_gpu_usd_month),
            own=own,
            buy=buy,
        )

    def read(self, changed: Workload, parts: frozenset[Part] = ALL) -> Reading:
        """The same as plain numbers."""
        return reading(self.facts_of(changed, parts), like=(self.facts, self.now.numbers))

    def fixed(self, parts: frozenset[Part]) -> bool:
        """Whether no numbers at all of these machines and this rent could change the verdict.

        What a machine's numbers can lead to is led to by one that costs nothing and is idle, by one
        that costs nothing and overflows, or by one that is not there; in the same way for rent.
        """
        found = self._fixed.get(parts)
        if found is None:
            found = self._fixed[parts] = self._is_fixed(parts)
        return found

    def _is_fixed(self, parts: frozenset[Part]) -> bool:
        if not parts or not parts <= WITHOUT_BILLS:
            return False
        standing, numbers = self.now
        own = EXTREMES if Part.OWN in parts else (numbers.own,)
        buy = EXTREMES if Part.BUY in parts else (numbers.buy,)
        rent = RENTS if Part.RENT in parts else ((numbers.rent, numbers.rented),)
        found = {
            lead(standing, numbers._replace(own=a, buy=b, rent=c, rented=d), self.limits).option
            for a, b, (c, d) in product(own, buy, rent)
        }
        return len(found) == 1

    def spares(self, found: Reading, parts: frozenset[Part]) -> bool:
        """Whether machines and rent change nothing in a reading, as far as they are among these
        parts: whatever their numbers are, and whether or not they stand."""
        standing, numbers = found
        led = self.lead(found)
        # Whether there is a bar, and which, may hang on rent where nothing else is inside.
        barred = standing.only_local or standing.cloud or standing.hosted_passes
        if barred and unasked(led).issuperset(_NAMES[part] for part in parts):
            return True
        owns: tuple[HostNumbers, ...] = (numbers.own,)
        buys: tuple[HostNumbers, ...] = (numbers.buy,)
        rents: tuple[tuple[float | None, HostNumbers], ...] = ((numbers.rent, numbers.rented),)
        if Part.OWN in parts:
            standing, owns = standing._replace(own=True), EXTREMES
        if Part.BUY in parts:
            standing, buys = standing._replace(buy=True), EXTREMES
        if Part.RENT in parts:
            may = standing.rent and standing.local_passes
            standing, rents = standing._replace(renting=may), RENTS
        worlds = (
            numbers._replace(own=own, buy=buy, rent=usd, rented=board)
            for own, buy, (usd, board) in product(owns, buys, rents)
        )
        return all(lead(standing, one, self.limits).option is led.option for one in worlds)

    def spared(self) -> frozenset[Part]:
        """What of a purchase and rent changes nothing now."""
        return next((parts for parts in _SPARED if self.spares(self.now, parts)), NONE)

    def lead(self, found: Reading) -> Lead:
        """Where the table leads."""
        return lead(found.standing, found.numbers, self.limits)


def probe(workload: Workload, assembler: Assembler, limits: Thresholds) -> Probe:
    """A workload ready to be changed."""
    at = certain(assembler)
    facts = at.facts(workload)
    return Probe(workload, at, facts, limits, reading(facts))


def _times(usd: float | None, factor: float, quoted: float | None) -> float | None:
    return usd if usd is None or quoted is None else usd * factor
