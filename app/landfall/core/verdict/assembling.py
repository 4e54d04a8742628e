"""Puts together, for one workload, everything that the decision looks at.

What the user quotes replaces what would be computed; what can be computed is an estimate with its
formula; the rest is unknown with a reason. Nothing is ever filled in with 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load, traced
from landfall.core.demand.outlook import Outlook, stated
from landfall.core.provenance import Figure, Stated, Unknown, middle
from landfall.core.quality.measured import with_measured
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.votes import with_votes
from landfall.core.settings import Thresholds
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.verdict.ability import Ability, holds
from landfall.core.verdict.bills import growth_of, month_at
from landfall.core.verdict.care import ops_usd
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts, Variant
from landfall.core.verdict.machines import Machines, first_known
from landfall.core.verdict.places import MOST_OFFERS, MOST_RENTED, Place
from landfall.core.verdict.renting import Hours, Rental, hours_of_day
from landfall.core.verdict.world import Priced, World
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.privacy import Leak, Lock, Option, hosted_inside, leaks, lock_of
from landfall.core.workload.workload import Quotes, Task, Workload

_NO_VOLUME = Unknown("volume.calls_per_day is not stated")


class Gates(NamedTuple):
    """As the fields of `Facts`: `gate`, `gate_hosted`, `voted` and `tested`."""

    local: GateResult
    hosted: GateResult
    voted: str
    tested: str


Board = tuple[Place, Rental | Unknown | None]
"""What is rented, with a month of it, or what of that is not known; None where there is no board,
or nothing is assumed about renting."""


@dataclass(frozen=True, slots=True)
class Assembler(Machines):
    """Assembles facts in one world."""

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

    @property
    def plain(self) -> dict[int, tuple[Ability, Ability]]:
        """The same by identity, each with itself without bands."""
        return self._plain

    def facts(self, workload: Workload) -> Facts:
        """All that the decision table looks at for this workload."""
        lock = self.lock(workload)
        seen = self.observed(workload)
        load = _grown(workload, seen)
        hosted, candidate = self.hosted(workload, load)
        frontier = self.frontier(workload, load)
        organisation = workload.organisation
        gates = self.gates(workload)
        rent, rented, variants = self.rent(workload, load)
        buy = self.purchase(workload, load)
        return Facts(
            task=workload.task,
            gate=gates.local,
            gate_hosted=gates.hosted,
            voted=gates.voted,
            tested=gates.tested,
            outdated=self.world.quality.expired,
            predictability=load.predictability,
            outlook=self.outlook(workload),
            history_days=load.history_days,
            calls_per_day=seen.calls_per_day,
            organisation=organisation.kind,
            hosted_allowed=organisation.hosted_allowed,
            hosted_offered=_offers_hosted(workload),
            hosted_model=candidate.model if candidate else "",
            hosted_provider=candidate.provider if candidate else "",
            lock=lock,
            leaks=self.leaks(workload),
            frontier=frontier,
            hosted=hosted,
            rent=rent,
            rented=rented,
            rent_variants=variants,
            machine=self.owned(workload, load),
            machine_absent=self.why_no_machine(workload),
            buy=buy,
            growth=growth_of(workload, self.world) if buy else 1.0,
            growing=_growing(workload.quotes),
            motive=workload.motive,
            critical=workload.critical,
            total_ai_bill_usd_month=organisation.total_ai_bill_usd_month,
            local_infrastructure=organisation.local_infrastructure,
            price_dates=self.price_dates(workload, candidate) + _dated_purchase(workload, buy),
            retiring=_retiring(self.world.frontier, candidate),
        )

    def lock(self, workload: Workload) -> Lock:
        """What the privacy rules leave."""
        return lock_of(workload)

    def gates(self, workload: Workload) -> Gates:
        """What is known of the candidates: stated, measured, or voted."""
        tested = with_measured(workload, self.world.quality)
        judged = with_votes(tested, self.world.voted)
        return Gates(
            local=gate_of_local(judged),
            hosted=gate_of_hosted(judged),
            voted=self.world.voted.says if judged is not tested else "",
            tested=self.world.quality.says if tested is not workload else "",
        )

    def leaks(self, workload: Workload) -> tuple[Leak, ...]:
        """Steps that leave under the lock."""
        return leaks(workload)

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
                input=first_known(tokens.input, series.input),
                cached=first_known(tokens.cached_input, series.cached_input),
                output=first_known(tokens.output, series.output),
                embedding=workload.task is Task.EMBEDDING,
                trace=traced(volume.hourly_calls, series.trace),
                pattern=series.pattern,
                cache_write=tokens.cache_write or 0.0,
                cache_write_1h=tokens.cache_write_1h or 0.0,
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
            pattern=usage.pattern if usage is not None else None,
            cache_write=tokens.cache_write or 0.0,
            cache_write_1h=tokens.cache_write_1h or 0.0,
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
        if Option.RENT_GPU not in self.lock(workload).inside:
            return Unknown("outside the privacy rule"), None, ()
        place, rental = self.board(workload, load)
        if rental is None:
            return Unknown(place.absent or "nothing is assumed about renting"), None, ()
        if isinstance(rental, Unknown):
            return rental, self.host(place, workload, load), ()
        if place.count > MOST_RENTED:
            why = f"the busiest hour would need {place.count:,} of {rental.able.machine}"
            return Unknown(why), None, ()
        variants = rental.variants()
        usd_month = variants[0].usd_month
        return usd_month, self.host(place, workload, load, rent=usd_month), variants

    def _rental(
        self, place: Place, workload: Workload, load: Load, *, care: Figure, hours: Hours
    ) -> Rental | Unknown | None:
        """A month of a board, or what of it is not known; None where nothing is assumed.

        Args:
            care, hours: As of `Rental`; the same for all boards.
        """
        assumed = self.world.assumptions
        if assumed is None:
            return None
        seconds = self.seconds(place, workload, load)
        if isinstance(seconds, Unknown) or load.calls_per_day is None:
            return seconds if isinstance(seconds, Unknown) else _NO_VOLUME
        return Rental(
            load=load,
            able=self.ability(place, workload),
            seconds=seconds,
            usd_per_hour=place.usd,
            care_usd=care,
            assumed=assumed,
            window_hours=workload.volume.batch_window_hours,
            in_time=self.in_time(place, workload, load, most=MOST_RENTED),
            hours=hours,
        )

    def to_rent(self, workload: Workload, load: Load) -> Place:
        """The board, as many of it as the busiest hour needs, whose month is the cheapest among
        those with a listed price an hour that hold the candidate whole and answer in time.

        The dearer of two an hour is often the cheaper of two a month: it is done sooner. Of those
        that keep up the first few are compared; where none does the fastest is told of.
        """
        return self.board(workload, load)[0]

    def board(self, workload: Workload, load: Load) -> Board:
        """What `to_rent` finds, with a month of it."""
        found: list[tuple[float, Place, Rental]] = []
        slow: list[tuple[float, Place, Rental]] = []
        care, hours = ops_usd(workload, self.world), hours_of_day(load)
        for place in self.listed(Option.RENT_GPU, self.world.rentals):
            if not holds(self.ability(place, workload)):
                continue
            rental = self._rental(place, workload, load, care=care, hours=hours)
            if rental is None or isinstance(rental, Unknown):
                return place, rental
            gpus = rental.gpus()
            several = place if gpus == 1 else replace(place, count=gpus)
            if gpus > MOST_RENTED or self.falls_behind(several, workload, load, rental.in_time):
                slow.append((middle(rental.seconds) or 0.0, several, rental))
                continue
            found.append((rental.month(), several, rental))
            if len(found) == MOST_OFFERS:
                break
        if found or slow:
            return min(found or slow, key=_first)[1:]
        absent = "no rented GPU with a listed price holds the local candidate"
        return Place(option=Option.RENT_GPU, which="rented", profile=None, absent=absent), None

    def _judged_hosted(self) -> Target | None:
        """The hosted candidate of which the hosted gate speaks; None: of whichever is taken."""
        measured = self.world.quality.hosted
        return measured.candidate if measured is not None else self.world.voted.hosted_target

    def decide(self, limits: Thresholds) -> Callable[[Workload], Option]:
        """The whole way from a workload to its verdict, for a search over many workloads."""
        return lambda workload: rule(self.facts(workload), limits).option


def _first(found: tuple[float, Place, Rental]) -> float:
    return found[0]


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


def _retiring(
    today: Priced | None, candidate: Priced | None
) -> tuple[tuple[Option, str, str], ...]:
    """Models with a day from which on they are not served, as of `Facts.retiring`."""
    rows = (
        (Option.CLOUD_FRONTIER, today.row if today else None),
        (Option.HOSTED_OPEN, candidate.row if candidate else None),
    )
    return tuple(
        (option, f"{row.model} at {row.provider}", row.retired_on.isoformat())
        for option, row in rows
        if row is not None and row.retired_on is not None
    )


_BOTH = frozenset({Option.CLOUD_FRONTIER, Option.HOSTED_OPEN})


def _growing(quotes: Quotes) -> frozenset[Option]:
    """Remote options whose bills follow the volume, as of `Facts.growing`."""
    if quotes.buy.tco_usd_month is not None:
        return frozenset()
    if quotes.cloud_frontier_usd_month is None and quotes.hosted_open_usd_month is None:
        return _BOTH
    stated = (
        (Option.CLOUD_FRONTIER, quotes.cloud_frontier_usd_month),
        (Option.HOSTED_OPEN, quotes.hosted_open_usd_month),
    )
    return frozenset(option for option, usd_month in stated if usd_month is None)


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
